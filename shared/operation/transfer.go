package operation

import (
	"context"
	"fmt"
	"time"

	"profiles/shared/billing"
	"profiles/shared/httpapi"
	"profiles/shared/plan"
	"profiles/shared/problem"
	"profiles/shared/service"
	"profiles/shared/service/transfers"
	"profiles/shared/tenancy"
	"profiles/shared/transfer"
	"profiles/shared/value"
)

var TransferRequest = Operation{
	Name:    "transfer-request",
	Tag:     "Transfers",
	Summary: "Offers an own profile to another account and opens a ticket for support; asks for the password.",
	Routes:  []Route{{"POST", "/profile/{id}/transfer"}},
	Access:  Owner,
	Hashes:  true,
	Policy:  true,
	Call:    strict[transferRequestBody, transferStep](transferRequest),
	Refuses: []problem.Reason{problem.ReasonTransferOpen, problem.ReasonPrerequisitesMissing},
	Example: Example{
		Path: "/profile/current/transfer",
		Body: `{"email": "ben@example.com", "password": "demo lantern otter", "message": "The plant is yours from now on."}`,
	},
}

type transferRequestBody struct {
	credentialsBody
	// the address of the account that is to receive the profile
	Email   string `json:"email"   is:"email,required"`
	Message string `json:"message" is:"long_text"` // a message to the receiving side
}

func transferRequest(
	ctx context.Context,
	s *service.Services,
	r *request,
	b transferRequestBody,
) (transferStep, error) {
	ref, err := r.profile()
	if err != nil {
		return transferStep{}, err
	}
	t, err := s.Transfers.Request(
		ctx,
		r.client,
		ref,
		transfers.Request{Credentials: b.credentials(), Email: b.Email, Message: b.Message},
	)
	return stepOf(
		t,
		"Transfer requested: confirm it with the link in the mail that you get now",
	), err
}

var TransferCheck = Operation{
	Name:    "transfer-check",
	Tag:     "Transfers",
	Summary: "Returns the open transfer of an own profile, or whether one could be requested and what is missing.",
	Routes:  []Route{{"GET", "/profile/{id}/transfer"}},
	Access:  OwnerRead,
	Call:    get[transferView](transferCheck),
	Example: Example{Path: "/profile/current/transfer"},
}

func transferCheck(ctx context.Context, s *service.Services, r *request) (transferView, error) {
	ref, err := r.profile()
	if err != nil {
		return transferView{}, err
	}
	v, err := s.Transfers.Check(ctx, r.client, ref)
	return transferOf(v), err
}

var TransferCancel = Operation{
	Name:    "transfer-cancel",
	Tag:     "Transfers",
	Summary: "Cancels the open transfer of an own profile.",
	Routes:  []Route{{"DELETE", "/profile/{id}/transfer"}},
	Access:  Owner,
	Remedy:  true,
	Call:    bare[transferStep](transferCancel),
	Example: Example{Path: "/profile/current/transfer"},
}

func transferCancel(ctx context.Context, s *service.Services, r *request) (transferStep, error) {
	ref, err := r.profile()
	if err != nil {
		return transferStep{}, err
	}
	t, err := s.Transfers.Cancel(ctx, r.client, ref)
	return stepOf(t, "Transfer canceled"), err
}

var TransferList = Operation{
	Name:    "transfer-list",
	Tag:     "Transfers",
	Summary: "Lists the transfers that the account gives, receives or is offered, newest first.",
	Routes:  []Route{{"GET", "/transfer"}},
	Access:  Read,
	Call:    pages[httpapi.Paging, transferRow](transferList),
	Example: Example{Path: "/transfer"},
}

func transferList(
	ctx context.Context,
	s *service.Services,
	r *request,
	q httpapi.Paging,
) ([]transferRow, string, error) {
	transfers, err := s.Transfers.List(ctx, r.client, paging(q))
	rows := make([]transferRow, len(transfers.Rows))
	for i, t := range transfers.Rows {
		rows[i] = rowOf(t.Transfer, t.Party)
	}
	return rows, transfers.Next, err
}

var TransferGet = Operation{
	Name:    "transfer-get",
	Tag:     "Transfers",
	Summary: "Returns a transfer as one of its sides sees it: prerequisites, gates, timeline, and the side that must act next.",
	Routes:  []Route{{"GET", "/transfer/{ticket}"}},
	Access:  Read,
	Call:    get[transferView](transferGet),
	Example: Example{Path: "/transfer/TR-7K3M-92QD"},
}

func transferGet(ctx context.Context, s *service.Services, r *request) (transferView, error) {
	id, err := r.ticket()
	if err != nil {
		return transferView{}, err
	}
	v, err := s.Transfers.Get(ctx, r.client, id)
	return transferOf(v), err
}

func (r *request) ticket() (transfer.ID, error) {
	return transfer.ParseID(r.PathValue("ticket"))
}

// sideBody has the credentials of a side: the code from its mail, and the
// password and pin of its account.
type sideBody struct {
	credentialsBody
	Code string `json:"code" is:"mail_code,required"` // the code from the mail
}

var TransferConfirm = Operation{
	Name:    "transfer-confirm",
	Tag:     "Transfers",
	Summary: "Confirms a request with the code from the owner's mail; asks for the password.",
	Routes:  []Route{{"POST", "/transfer/{ticket}/confirm"}},
	Access:  Full,
	Hashes:  true,
	Call:    strict[sideBody, transferStep](transferConfirm),
	Refuses: []problem.Reason{problem.ReasonLinkVoid, problem.ReasonTransferOver},
	Example: Example{
		Path: "/transfer/TR-7K3M-92QD/confirm",
		Body: `{"code": "Sample00ThisCodeConfirmsNobody5aUJ", "password": "demo lantern otter"}`,
	},
}

func transferConfirm(
	ctx context.Context,
	s *service.Services,
	r *request,
	b sideBody,
) (transferStep, error) {
	id, err := r.ticket()
	if err != nil {
		return transferStep{}, err
	}
	t, err := s.Transfers.Confirm(ctx, r.client, id, b.Code, b.credentials())
	return stepOf(t, "Transfer confirmed"), err
}

var TransferMail = Operation{
	Name:    "transfer-mail",
	Tag:     "Transfers",
	Summary: "Sends the mail with the code again to the caller's side of a transfer.",
	Routes:  []Route{{"POST", "/transfer/{ticket}/mail"}},
	Access:  Full,
	Call:    bare[acknowledged](transferMail),
	Refuses: []problem.Reason{problem.ReasonTransferOver, problem.ReasonMailLimit},
	Example: Example{Path: "/transfer/TR-7K3M-92QD/mail"},
}

func transferMail(ctx context.Context, s *service.Services, r *request) (acknowledged, error) {
	id, err := r.ticket()
	if err != nil {
		return "", err
	}
	return "Mail sent", s.Transfers.Mail(ctx, r.client, id)
}

var TransferAccept = Operation{
	Name:    "transfer-accept",
	Tag:     "Transfers",
	Summary: "Accepts an offered profile with the code from the mail, on the terms that are sent; asks for the password.",
	Routes:  []Route{{"POST", "/transfer/{ticket}/accept"}},
	Access:  Full,
	Hashes:  true,
	Call:    strict[acceptanceBody, transferStep](transferAccept),
	Example: Example{
		Path: "/transfer/TR-7K3M-92QD/accept",
		Body: `{"code": "Sample00ThisCodeConfirmsNobody5aUJ", "password": "demo lantern otter", "name": "Plant", "members": [], "keep_owner": "read"}`,
	},
}

type acceptanceBody struct {
	sideBody
	// another name for the profile; the name stays if this is left out
	Name *string `json:"name" is:"profile_name"`
	// lower limits of the profile for some services, with room for what is
	// stored; a service that is left out keeps its limit, or at least what is
	// stored
	Allocation map[string]int64 `json:"allocation"`
	// the permission that each member gets; members who are left out leave the
	// team
	Members []memberWish `json:"members"`
	// the permission that the previous owner keeps; none if this is left out
	KeepOwner string `json:"keep_owner" is:"permission"`
	// the add-ons that the profile keeps; those that were offered if this is
	// left out
	Addons *addonChoice `json:"addons"`
}

// memberWish is the permission that a member of the team gets with the
// transfer.
type memberWish struct {
	ID string `json:"id" is:"account_id,required"` // the id of the member's account
	// what the member may do from then on
	Permission string `json:"permission" is:"permission,required"`
}

func transferAccept(
	ctx context.Context,
	s *service.Services,
	r *request,
	b acceptanceBody,
) (transferStep, error) {
	id, err := r.ticket()
	if err != nil {
		return transferStep{}, err
	}
	a := transfer.Acceptance{Name: b.Name, Members: map[value.AccountID]tenancy.Permission{}}
	if a.Allocation, err = plan.ParseAmounts("allocation", b.Allocation); err != nil {
		return transferStep{}, err
	}
	if b.Addons != nil {
		chosen := billing.Addons(*b.Addons)
		a.Addons = &chosen
	}
	for i, m := range b.Members {
		a.Members[value.AccountID(m.ID)], err = tenancy.ParsePermission(m.Permission)
		if err != nil {
			return transferStep{}, problem.Invalid("members: the %v", err).
				Within(fmt.Sprintf("members[%d]", i), err)
		}
	}
	if b.KeepOwner != "" {
		if a.Owner, err = tenancy.ParsePermission(b.KeepOwner); err != nil {
			return transferStep{}, problem.InvalidField(
				"keep_owner",
				problem.FieldChoice,
				"must be full, write or read, or be left out for a previous owner who leaves",
			)
		}
	}
	t, err := s.Transfers.Accept(ctx, r.client, id, b.Code, b.credentials(), a)
	return stepOf(t, "Transfer accepted"), err
}

var TransferDecline = Operation{
	Name:    "transfer-decline",
	Tag:     "Transfers",
	Summary: "Declines an offered profile with the code from the mail; asks for the password.",
	Routes: []Route{
		{"POST", "/transfer/{ticket}/decline"},
	},
	Access: Full,
	Hashes: true,
	Remedy: true,
	Call:   strict[sideBody, transferStep](transferDecline),
	Example: Example{
		Path: "/transfer/TR-7K3M-92QD/decline",
		Body: `{"code": "Sample00ThisCodeConfirmsNobody5aUJ", "password": "demo lantern otter"}`,
	},
}

func transferDecline(
	ctx context.Context,
	s *service.Services,
	r *request,
	b sideBody,
) (transferStep, error) {
	id, err := r.ticket()
	if err != nil {
		return transferStep{}, err
	}
	t, err := s.Transfers.Decline(ctx, r.client, id, b.Code, b.credentials())
	return stepOf(t, "Transfer declined"), err
}

var TransferRevert = Operation{
	Name:    "transfer-revert",
	Tag:     "Transfers",
	Summary: "Asks to take a completed transfer back, or agrees to it; asks for the password.",
	Routes: []Route{
		{"POST", "/transfer/{ticket}/revert"},
	},
	Access:  Full,
	Hashes:  true,
	Remedy:  true,
	Call:    strict[credentialsBody, transferStep](transferRevert),
	Refuses: []problem.Reason{problem.ReasonTransferOpen, problem.ReasonTransferFinal},
	Example: Example{
		Path: "/transfer/TR-7K3M-92QD/revert",
		Body: `{"password": "demo lantern otter"}`,
	},
}

func transferRevert(
	ctx context.Context,
	s *service.Services,
	r *request,
	b credentialsBody,
) (transferStep, error) {
	id, err := r.ticket()
	if err != nil {
		return transferStep{}, err
	}
	t, err := s.Transfers.Revert(ctx, r.client, id, b.credentials())
	return stepOf(t, "You agree to taking the transfer back"), err
}

var TransferExpire = Operation{
	Name:    "transfer-expire",
	Tag:     "Transfers",
	Summary: "Sends reminders of open transfers, completes those that waited, and ends expired ones.",
	Trigger: Schedule,
	Every:   5 * time.Minute,
	Seals:   true,
	sweep:   transferExpire,
}

func transferExpire(ctx context.Context, s *service.Services) (int, error) {
	return s.Transfers.Expire(ctx)
}
