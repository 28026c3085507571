package operation

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"time"

	"profiles/shared/httpapi"
	"profiles/shared/plan"
	"profiles/shared/problem"
	"profiles/shared/service"
	"profiles/shared/tenancy"
	"profiles/shared/value"
)

var TransferRequest = Operation{
	Name:    "transfer-request",
	Tag:     "Transfers",
	Summary: "Offers an own profile to another account and opens a ticket at the support desk; asks for the password.",
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
		service.TransferRequest{Credentials: b.credentials(), Email: b.Email, Message: b.Message},
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
	Call:    list[httpapi.Paging, []transferRow](transferList),
	Example: Example{Path: "/transfer"},
}

func transferList(
	ctx context.Context,
	s *service.Services,
	r *request,
	q httpapi.Paging,
) ([]transferRow, error) {
	transfers, err := s.Transfers.List(ctx, r.client, q.Page, q.Amount)
	rows := make([]transferRow, len(transfers))
	for i, t := range transfers {
		rows[i] = rowOf(t.Transfer, t.Party)
	}
	return rows, err
}

var TransferGet = Operation{
	Name:    "transfer-get",
	Tag:     "Transfers",
	Summary: "Returns a transfer as one of its sides sees it: prerequisites, gates, timeline, and whose turn it is.",
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

func (r *request) ticket() (tenancy.TransferID, error) {
	return tenancy.ParseTransferID(r.PathValue("ticket"))
}

// sideBody is what a side proves itself with: the code from its mail, and its
// account's password and pin.
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
	// another name for the profile; it keeps its own without it
	Name *string `json:"name" is:"profile_name"`
	// a lower allocation of services, with room for what is stored; of those
	// that are left out the profile keeps what it has, or holds
	Allocation map[string]int64 `json:"allocation"`
	// what the members are to have; who is left out leaves the team
	Members []memberWish `json:"members"`
	// what the previous owner keeps; none when it is left out
	KeepOwner string `json:"keep_owner" is:"permission"`
	// which add-ons come along; those that were offered without it
	Addons *addonChoice `json:"addons"`
}

// memberWish is what a member of the team is to have from then on.
type memberWish struct {
	ID string `json:"id" is:"account_id,required"` // the account of the member
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
	a := tenancy.Acceptance{Name: b.Name, Members: map[value.AccountID]tenancy.Permission{}}
	if a.Allocation, err = plan.ParseAmounts("allocation", b.Allocation); err != nil {
		return transferStep{}, err
	}
	if b.Addons != nil {
		chosen := tenancy.Addons(*b.Addons)
		a.Addons = &chosen
	}
	for i, m := range b.Members {
		if a.Members[value.AccountID(m.ID)], err = tenancy.ParsePermission(
			m.Permission,
		); err != nil {
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
	Summary: "Asks for a completed transfer back, or agrees to that; asks for the password.",
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
	Summary: "Reminds of open transfers, completes those that waited, and ends those whose time has come.",
	Trigger: Schedule,
	Every:   5 * time.Minute,
	Seals:   true,
	sweep:   transferExpire,
}

func transferExpire(ctx context.Context, s *service.Services) (int, error) {
	return s.Transfers.Expire(ctx)
}

// transferStep is the answer to whoever did something to a transfer.
type transferStep struct {
	Ticket  tenancy.TransferID    `json:"ticket"`            // the number of the ticket
	State   tenancy.TransferState `json:"state"`             // the state of the transfer
	Message string                `json:"message" is:"text"` // what was done, for people
	// when it ends if not all have agreed
	Expires string `json:"expires_at" is:"time"`
}

func stepOf(t tenancy.Transfer, message string) transferStep {
	switch {
	case t.State == tenancy.TransferCompleted:
		message += ": the profile has changed its owner"
	case t.Waiting != "":
		message += fmt.Sprintf(": everybody agrees, but %s; it is tried again by itself", t.Waiting)
	}
	return transferStep{t.ID, t.State, message, isoTime(t.Expires)}
}

// transferRow is a transfer as lists show it.
type transferRow struct {
	Ticket  tenancy.TransferID    `json:"ticket"`  // the number of the ticket
	State   tenancy.TransferState `json:"state"`   // the state of the transfer
	Role    tenancy.Party         `json:"role"`    // as whom the caller sees it
	Profile profileName           `json:"profile"` // the profile
	// the address that the profile is offered to
	Email value.Email `json:"email"`
	// the transfer that this one takes back; null for others
	Reverts *string `json:"reverts"    is:"ticket"`
	Created string  `json:"created_at" is:"time"` // when it was requested
	// when it ends if not all have agreed
	Expires string `json:"expires_at" is:"time"`
	// when it ended; null for an open one
	Ended *string `json:"ended_at" is:"time"`
}

type profileName struct {
	ID   value.ProfileID `json:"id"`             // the profile
	Name string          `json:"name" is:"text"` // the name of the profile
}

func rowOf(t tenancy.Transfer, role tenancy.Party) transferRow {
	return transferRow{
		Ticket:  t.ID,
		State:   t.State,
		Role:    role,
		Profile: profileName{t.Profile, t.ProfileName},
		Email:   t.Email,
		Reverts: orNull(string(t.Reverts)),
		Created: isoTime(t.Created),
		Expires: isoTime(t.Expires),
		Ended:   timeOrNull(t.Ended),
	}
}

// transferView is a transfer with everything that concerns one party. Before
// there is one, only the prerequisites are there.
type transferView struct {
	*transferRow
	// the message of the owner to the receiving side
	Message string `json:"message,omitempty" is:"text"`
	// why it was rejected; null when it was not
	Reason *string `json:"reason,omitempty" is:"text"`
	// what an agreed transfer waits for; null when it waits for nothing
	Waiting *string         `json:"waiting,omitempty" is:"text"`
	Gates   *gatesView      `json:"gates,omitempty"` // who has agreed
	Turn    []tenancy.Party `json:"turn"`            // who owes the next step
	Checks  []checkView     `json:"checks"`          // the prerequisites
	// the profile as it is offered; absent for its owner
	Offer *offerView `json:"offer,omitempty"`
	// what the receiving side has agreed to; absent before
	Terms    *termsView  `json:"terms,omitempty"`
	Timeline []eventView `json:"timeline"` // what happened
	// until when it can be taken back; absent for others
	RevertUntil *string `json:"revert_until,omitempty" is:"time"`
	// the account that gives; for the desk only
	Source *accountFacts `json:"source,omitempty"`
	// the account that receives; for the desk only
	Destination *accountFacts `json:"destination,omitempty"`
}

type gatesView struct {
	Source        bool `json:"source"`        // whether the owner has confirmed
	Destination   bool `json:"destination"`   // whether the receiving side has accepted
	Support       bool `json:"support"`       // whether the support desk has agreed
	Prerequisites bool `json:"prerequisites"` // whether everything that is needed is there
}

type checkView struct {
	Code tenancy.CheckCode `json:"code"` // which prerequisite it is
	Side tenancy.Party     `json:"side"` // who can put it right
	// the service that it is about; absent for others
	Service  string `json:"service,omitempty" is:"service"`
	OK       bool   `json:"ok"`                          // whether it holds
	Expected string `json:"expected"          is:"text"` // what is needed
	Actual   string `json:"actual"            is:"text"` // what there is
	// what puts it right; empty when it holds
	Fix string `json:"fix" is:"text"`
}

// offerView is the profile as it is offered. Members have no address: until the
// receiving side is the owner, that is theirs to tell.
type offerView struct {
	Name       string      `json:"name"         is:"text"` // the name of the profile
	Owner      string      `json:"owner"        is:"text"` // the name of the owner
	OwnerEmail value.Email `json:"owner_email"`            // the address of the owner
	// what the profile has of each service now
	Allocation map[string]int64 `json:"allocation"`
	Addons     addonsView       `json:"addons"`       // the add-ons
	Policy     tokenPolicyView  `json:"token_policy"` // how long tokens may live
	// the members of the team, without addresses
	Team []memberChoice `json:"team"`
}

type memberChoice struct {
	ID value.AccountID `json:"id"` // the account of the member
	// the name of the member; absent in terms
	Name       string `json:"name,omitempty" is:"text"`
	Permission string `json:"permission"     is:"permission"` // what may be done
}

// addonChoice are the add-ons that come with a profile.
type addonChoice struct {
	CustomDNS bool `json:"custom_dns"` // whether the profile has a domain of its own
	Mobile    bool `json:"mobile"`     // whether the profile has its own mobile app
}

type termsView struct {
	// the name that the profile gets; null for its own
	Name *string `json:"name" is:"text"`
	// what the profile gets of each service
	Allocation map[string]int64 `json:"allocation"`
	Addons     addonsView       `json:"addons"` // the add-ons
	// how long tokens may live; null for as it is
	Policy  *tokenPolicyView `json:"token_policy"`
	Members []memberChoice   `json:"members"` // what the members are to have
	// what the previous owner keeps; null for nothing
	KeepOwner *string `json:"keep_owner" is:"permission"`
}

type eventView struct {
	Time  string            `json:"time"  is:"time"` // when it was
	Event tenancy.EventKind `json:"event"`           // what happened
	By    tenancy.Party     `json:"by"`              // who did it
	// the account; absent where a side is not told of the other
	Who  value.AccountID `json:"who,omitempty"`
	Text string          `json:"text,omitempty" is:"text"` // the words; absent without any
}

// accountFacts are what the desk sees of an account.
type accountFacts struct {
	ID    value.AccountID `json:"id"`              // the account
	Name  string          `json:"name"  is:"text"` // the name of the person
	Email value.Email     `json:"email"`           // the e-mail address of the account
	Plan  plan.Plan       `json:"plan"`            // the plan
	// whether the operator has blocked the account
	Blocked  bool             `json:"blocked"`
	Profiles int              `json:"profiles"` // how many profiles it has
	Limits   map[string]int64 `json:"limits"`   // the limit of each service
	// what the profiles have of each service
	Allocated map[string]int64 `json:"allocated"`
	Created   string           `json:"created_at" is:"time"` // when the person signed up
}

func factsOf(a tenancy.Account) *accountFacts {
	if a.ID == "" || !a.Active {
		return nil
	}
	return &accountFacts{
		a.ID,
		a.Name,
		a.Email,
		a.Plan,
		a.Blocked,
		a.Profiles(),
		a.Limits.Map(),
		a.Allocated().Map(),
		isoTime(a.Created),
	}
}

func transferOf(v service.TransferView) transferView {
	out := transferView{
		Turn:     append([]tenancy.Party{}, v.WaitingOn...),
		Checks:   make([]checkView, len(v.Checks)),
		Timeline: []eventView{},
	}
	for i, c := range v.Checks {
		out.Checks[i] = checkView{c.Code, c.Side, c.Service, c.OK, c.Expected, c.Actual, c.Fix}
	}
	t := v.Transfer
	if t.ID == "" {
		return out
	}
	row := rowOf(t, v.Party)
	out.transferRow, out.Message, out.Reason, out.Waiting = &row, t.Message, orNull(
		t.Reason,
	), orNull(
		t.Waiting,
	)
	gates := gatesView(v.Gates)
	out.Gates = &gates
	for _, e := range t.Timeline {
		out.Timeline = append(out.Timeline, eventView{isoTime(e.Time), e.What, e.By, e.Who, e.Text})
	}
	if !t.Accepted.IsZero() || t.Reverts != "" {
		terms := termsOf(t.Terms)
		out.Terms = &terms
	}
	if t.State == tenancy.TransferCompleted && t.Reverts == "" {
		out.RevertUntil = timeOrNull(t.RevertUntil())
	}
	if v.Party == tenancy.PartySupport {
		out.Source, out.Destination = factsOf(v.Source), factsOf(v.Destination)
	}
	if v.Party != tenancy.PartySource && t.State == tenancy.TransferRequested {
		p := v.Profile
		out.Offer = &offerView{
			Name:       p.Name,
			Owner:      v.Source.Name,
			OwnerEmail: v.Source.Email,
			Allocation: p.Allocation.Map(),
			Addons:     addons(p),
			Policy:     tokenPolicy(p.TokenPolicy),
			Team:       []memberChoice{},
		}
		for _, m := range v.Team.ByAge() {
			if m.Active {
				out.Offer.Team = append(
					out.Offer.Team,
					memberChoice{m.Account, m.Name, m.Permission.String()},
				)
			}
		}
	}
	return out
}

func termsOf(t tenancy.Terms) termsView {
	v := termsView{
		Name:       orNull(t.Name),
		Allocation: t.Allocation.Map(),
		Addons:     addonsView(t.Addons),
		Members:    []memberChoice{},
	}
	if t.TokenPolicy != nil {
		policy := tokenPolicy(*t.TokenPolicy)
		v.Policy = &policy
	}
	for id, right := range t.Members {
		v.Members = append(v.Members, memberChoice{ID: id, Permission: right.String()})
	}
	slices.SortFunc(v.Members, func(a, b memberChoice) int { return cmp.Compare(a.ID, b.ID) })
	if t.Owner != tenancy.PermissionNone {
		v.KeepOwner = orNull(t.Owner.String())
	}
	return v
}
