package operation

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"time"

	"profiles/shared/service"
	"profiles/shared/tenancy"
)

var TransferRequest = Operation{
	Name: "transfer-request", Tag: "Transfers", Summary: "Offers an own profile to another account and opens a ticket at the support desk; asks for the password.",
	Routes: []Route{{"POST", "/profile/{id}/transfer"}}, Access: Owner, Hashes: true, Policy: true, answer: transferRequest,
	Example: Example{Path: "/profile/current/transfer", Body: `{"email": "ben@example.com", "password": "demo lantern otter", "message": "The plant is yours from now on."}`},
}

func transferRequest(ctx context.Context, s *service.Services, r *request) (any, error) {
	ref, err := r.profile()
	if err != nil {
		return nil, err
	}
	var b struct {
		proofBody
		Email   string `json:"email"`
		Message string `json:"message"`
	}
	if err := r.decodeKnown(&b); err != nil {
		return nil, err
	}
	t, err := s.Transfers.Request(ctx, r.client, ref, service.TransferRequest{Proof: b.proof(), Email: b.Email, Message: b.Message})
	return stepOf(t, "Transfer requested: confirm it with the link in the mail that you get now"), err
}

var TransferCheck = Operation{
	Name: "transfer-check", Tag: "Transfers", Summary: "Returns the open transfer of an own profile, or whether one could be requested and what is missing.",
	Routes: []Route{{"GET", "/profile/{id}/transfer"}}, Access: OwnerRead, answer: transferCheck,
	Example: Example{Path: "/profile/current/transfer"},
}

func transferCheck(ctx context.Context, s *service.Services, r *request) (any, error) {
	ref, err := r.profile()
	if err != nil {
		return nil, err
	}
	v, err := s.Transfers.Check(ctx, r.client, ref)
	return transferOf(v), err
}

var TransferCancel = Operation{
	Name: "transfer-cancel", Tag: "Transfers", Summary: "Cancels the open transfer of an own profile.",
	Routes: []Route{{"DELETE", "/profile/{id}/transfer"}}, Access: Owner, Remedy: true, answer: transferCancel,
	Example: Example{Path: "/profile/current/transfer"},
}

func transferCancel(ctx context.Context, s *service.Services, r *request) (any, error) {
	ref, err := r.profile()
	if err != nil {
		return nil, err
	}
	if err := r.decodeNothing(); err != nil {
		return nil, err
	}
	t, err := s.Transfers.Cancel(ctx, r.client, ref)
	return stepOf(t, "Transfer canceled"), err
}

var TransferList = Operation{
	Name: "transfer-list", Tag: "Transfers", Summary: "Lists the transfers that the account gives, receives or is offered, newest first.",
	Routes: []Route{{"GET", "/transfer"}}, Access: Read, params: []string{"page", "amount"}, answer: transferList,
	Example: Example{Path: "/transfer"},
}

func transferList(ctx context.Context, s *service.Services, r *request) (any, error) {
	list, err := parseList(r.URL.RawQuery)
	if err != nil {
		return nil, err
	}
	transfers, err := s.Transfers.List(ctx, r.client, list.Page, list.Amount)
	rows := make([]transferRow, len(transfers))
	for i, t := range transfers {
		rows[i] = rowOf(t.Transfer, t.Party)
	}
	return rows, err
}

var TransferGet = Operation{
	Name: "transfer-get", Tag: "Transfers", Summary: "Returns a transfer as one of its sides sees it: prerequisites, gates, timeline, and whose turn it is.",
	Routes: []Route{{"GET", "/transfer/{ticket}"}}, Access: Read, answer: transferGet,
	Example: Example{Path: "/transfer/TR-7K3M-92QD"},
}

func transferGet(ctx context.Context, s *service.Services, r *request) (any, error) {
	id, err := r.ticket()
	if err != nil {
		return nil, err
	}
	v, err := s.Transfers.Get(ctx, r.client, id)
	return transferOf(v), err
}

func (r *request) ticket() (tenancy.TransferID, error) {
	return tenancy.ParseTransferID(r.PathValue("ticket"))
}

// sideBody is what a side proves itself with: the code from its mail, and its account's password and pin.
type sideBody struct {
	proofBody
	Code string `json:"code"`
}

// side reads which transfer a request is about, and what one of its sides proves itself with.
func (r *request) side() (tenancy.TransferID, sideBody, error) {
	var b sideBody
	id, err := r.ticket()
	if err == nil {
		err = r.decodeKnown(&b)
	}
	return id, b, err
}

var TransferConfirm = Operation{
	Name: "transfer-confirm", Tag: "Transfers", Summary: "Confirms a request with the code from the owner's mail; asks for the password.",
	Routes: []Route{{"POST", "/transfer/{ticket}/confirm"}}, Access: Full, Hashes: true, answer: transferConfirm,
	Example: Example{Path: "/transfer/TR-7K3M-92QD/confirm", Body: `{"code": "Sample00ThisCodeConfirmsNobody5aUJ", "password": "demo lantern otter"}`},
}

func transferConfirm(ctx context.Context, s *service.Services, r *request) (any, error) {
	id, b, err := r.side()
	if err != nil {
		return nil, err
	}
	t, err := s.Transfers.Confirm(ctx, r.client, id, b.Code, b.proof())
	return stepOf(t, "Transfer confirmed"), err
}

var TransferAccept = Operation{
	Name: "transfer-accept", Tag: "Transfers", Summary: "Accepts an offered profile with the code from the mail, on the terms that are sent; asks for the password.",
	Routes: []Route{{"POST", "/transfer/{ticket}/accept"}}, Access: Full, Hashes: true, answer: transferAccept,
	Example: Example{Path: "/transfer/TR-7K3M-92QD/accept", Body: `{"code": "Sample00ThisCodeConfirmsNobody5aUJ", "password": "demo lantern otter", "name": "Plant", "members": [], "keep_owner": "read"}`},
}

func transferAccept(ctx context.Context, s *service.Services, r *request) (any, error) {
	id, err := r.ticket()
	if err != nil {
		return nil, err
	}
	var b struct {
		sideBody
		Name       *string          `json:"name"`
		Allocation map[string]int64 `json:"allocation"`
		Members    []struct {
			ID         string `json:"id"`
			Permission string `json:"permission"`
		} `json:"members"`
		KeepOwner string       `json:"keep_owner"`
		Addons    *addonChoice `json:"addons"`
	}
	if err := r.decodeKnown(&b); err != nil {
		return nil, err
	}
	a := tenancy.Acceptance{Name: b.Name, Members: map[tenancy.AccountID]tenancy.Permission{}}
	if a.Allocation, err = tenancy.ParseAmounts("allocation", b.Allocation); err != nil {
		return nil, err
	}
	if b.Addons != nil {
		chosen := tenancy.Addons(*b.Addons)
		a.Addons = &chosen
	}
	for i, m := range b.Members {
		if a.Members[tenancy.AccountID(m.ID)], err = tenancy.ParsePermission(m.Permission); err != nil {
			return nil, tenancy.Invalid("members: the %v", err).Within(fmt.Sprintf("members[%d]", i), err)
		}
	}
	if b.KeepOwner != "" {
		if a.Owner, err = tenancy.ParsePermission(b.KeepOwner); err != nil {
			return nil, tenancy.InvalidField("keep_owner", "must be full, write or read, or be left out for a previous owner who leaves")
		}
	}
	t, err := s.Transfers.Accept(ctx, r.client, id, b.Code, b.proof(), a)
	return stepOf(t, "Transfer accepted"), err
}

var TransferDecline = Operation{
	Name: "transfer-decline", Tag: "Transfers", Summary: "Declines an offered profile with the code from the mail; asks for the password.",
	Routes: []Route{{"POST", "/transfer/{ticket}/decline"}}, Access: Full, Hashes: true, Remedy: true, answer: transferDecline,
	Example: Example{Path: "/transfer/TR-7K3M-92QD/decline", Body: `{"code": "Sample00ThisCodeConfirmsNobody5aUJ", "password": "demo lantern otter"}`},
}

func transferDecline(ctx context.Context, s *service.Services, r *request) (any, error) {
	id, b, err := r.side()
	if err != nil {
		return nil, err
	}
	t, err := s.Transfers.Decline(ctx, r.client, id, b.Code, b.proof())
	return stepOf(t, "Transfer declined"), err
}

var TransferRevert = Operation{
	Name: "transfer-revert", Tag: "Transfers", Summary: "Asks for a completed transfer back, or agrees to that; asks for the password.",
	Routes: []Route{{"POST", "/transfer/{ticket}/revert"}}, Access: Full, Hashes: true, Remedy: true, answer: transferRevert,
	Example: Example{Path: "/transfer/TR-7K3M-92QD/revert", Body: `{"password": "demo lantern otter"}`},
}

func transferRevert(ctx context.Context, s *service.Services, r *request) (any, error) {
	id, err := r.ticket()
	if err != nil {
		return nil, err
	}
	var b proofBody
	if err := r.decodeKnown(&b); err != nil {
		return nil, err
	}
	t, err := s.Transfers.Revert(ctx, r.client, id, b.proof())
	return stepOf(t, "You agree to taking the transfer back"), err
}

var TransferExpire = Operation{
	Name: "transfer-expire", Tag: "Transfers", Summary: "Reminds of open transfers, completes those that waited, and ends those whose time has come.",
	Trigger: Schedule, Every: 5 * time.Minute, Seals: true, sweep: transferExpire,
}

func transferExpire(ctx context.Context, s *service.Services) (int, error) {
	return s.Transfers.Expire(ctx)
}

// transferStep is the answer to whoever did something to a transfer.
type transferStep struct {
	Ticket  tenancy.TransferID    `json:"ticket"`
	State   tenancy.TransferState `json:"state"`
	Message string                `json:"message"`
	Expires string                `json:"expires_at"`
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
	Ticket  tenancy.TransferID    `json:"ticket"`
	State   tenancy.TransferState `json:"state"`
	Role    tenancy.Party         `json:"role"`
	Profile profileName           `json:"profile"`
	Email   tenancy.Email         `json:"email"`
	Reverts *string               `json:"reverts"`
	Created string                `json:"created_at"`
	Expires string                `json:"expires_at"`
	Ended   *string               `json:"ended_at"`
}

type profileName struct {
	ID   tenancy.ProfileID `json:"id"`
	Name string            `json:"name"`
}

func rowOf(t tenancy.Transfer, role tenancy.Party) transferRow {
	return transferRow{
		Ticket: t.ID, State: t.State, Role: role, Profile: profileName{t.Profile, t.ProfileName}, Email: t.Email, Reverts: orNull(string(t.Reverts)),
		Created: isoTime(t.Created), Expires: isoTime(t.Expires), Ended: timeOrNull(t.Ended),
	}
}

// transferView is a transfer with everything that concerns one party. Before there is one, only the prerequisites are there.
type transferView struct {
	*transferRow
	Message     string          `json:"message,omitempty"`
	Reason      *string         `json:"reason,omitempty"`
	Waiting     *string         `json:"waiting,omitempty"`
	Gates       *gatesView      `json:"gates,omitempty"`
	Turn        []tenancy.Party `json:"turn"` // who owes the next step
	Checks      []checkView     `json:"checks"`
	Offer       *offerView      `json:"offer,omitempty"`
	Terms       *termsView      `json:"terms,omitempty"`
	Timeline    []eventView     `json:"timeline"`
	RevertUntil *string         `json:"revert_until,omitempty"`
	Source      *accountFacts   `json:"source,omitempty"`
	Destination *accountFacts   `json:"destination,omitempty"`
}

type gatesView struct {
	Source        bool `json:"source"`
	Destination   bool `json:"destination"`
	Support       bool `json:"support"`
	Prerequisites bool `json:"prerequisites"`
}

type checkView struct {
	Code     tenancy.CheckCode `json:"code"`
	Side     tenancy.Party     `json:"side"`
	Service  string            `json:"service,omitempty"`
	OK       bool              `json:"ok"`
	Expected string            `json:"expected"`
	Actual   string            `json:"actual"`
	Fix      string            `json:"fix"`
}

// offerView is the profile as it is offered. Members have no address: until the receiving side is the owner, that is theirs to tell.
type offerView struct {
	Name       string           `json:"name"`
	Owner      string           `json:"owner"`
	OwnerEmail tenancy.Email    `json:"owner_email"`
	Allocation map[string]int64 `json:"allocation"`
	Addons     addonsView       `json:"addons"`
	Policy     tokenPolicyView  `json:"token_policy"`
	Team       []memberChoice   `json:"team"`
}

type memberChoice struct {
	ID         tenancy.AccountID `json:"id"`
	Name       string            `json:"name,omitempty"`
	Permission string            `json:"permission"`
}

// addonChoice are the add-ons that come with a profile.
type addonChoice struct {
	CustomDNS bool `json:"custom_dns"`
	Mobile    bool `json:"mobile"`
}

type termsView struct {
	Name       *string          `json:"name"`
	Allocation map[string]int64 `json:"allocation"`
	Addons     addonChoice      `json:"addons"`
	Policy     *tokenPolicyView `json:"token_policy"`
	Members    []memberChoice   `json:"members"`
	KeepOwner  *string          `json:"keep_owner"`
}

type eventView struct {
	Time  string            `json:"time"`
	Event tenancy.EventKind `json:"event"`
	By    tenancy.Party     `json:"by"`
	Who   tenancy.AccountID `json:"who,omitempty"`
	Text  string            `json:"text,omitempty"`
}

// accountFacts are what the desk sees of an account.
type accountFacts struct {
	ID        tenancy.AccountID `json:"id"`
	Name      string            `json:"name"`
	Email     tenancy.Email     `json:"email"`
	Plan      tenancy.Plan      `json:"plan"`
	Blocked   bool              `json:"blocked"`
	Profiles  int               `json:"profiles"`
	Limits    map[string]int64  `json:"limits"`
	Allocated map[string]int64  `json:"allocated"`
	Created   string            `json:"created_at"`
}

func factsOf(a tenancy.Account) *accountFacts {
	if a.ID == "" || !a.Active {
		return nil
	}
	return &accountFacts{a.ID, a.Name, a.Email, a.Plan, a.Blocked, a.Profiles(), a.Limits.Map(), a.Allocated().Map(), isoTime(a.Created)}
}

func transferOf(v service.TransferView) transferView {
	out := transferView{Turn: append([]tenancy.Party{}, v.Owes...), Checks: make([]checkView, len(v.Checks)), Timeline: []eventView{}}
	for i, c := range v.Checks {
		out.Checks[i] = checkView{c.Code, c.Side, c.Service, c.OK, c.Expected, c.Actual, c.Fix}
	}
	t := v.Transfer
	if t.ID == "" {
		return out
	}
	row := rowOf(t, v.Party)
	out.transferRow, out.Message, out.Reason, out.Waiting = &row, t.Message, orNull(t.Reason), orNull(t.Waiting)
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
		out.Offer = &offerView{Name: p.Name, Owner: v.Source.Name, OwnerEmail: v.Source.Email, Allocation: p.Allocation.Map(), Addons: addons(p), Policy: tokenPolicy(p.TokenPolicy), Team: []memberChoice{}}
		for _, m := range v.Team.ByAge() {
			if m.Active {
				out.Offer.Team = append(out.Offer.Team, memberChoice{m.Account, m.Name, m.Permission.String()})
			}
		}
	}
	return out
}

func termsOf(t tenancy.Terms) termsView {
	v := termsView{Name: orNull(t.Name), Allocation: t.Allocation.Map(), Addons: addonChoice(t.Addons), Members: []memberChoice{}}
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
