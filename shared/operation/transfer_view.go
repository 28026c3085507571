package operation

import (
	"cmp"
	"fmt"
	"slices"

	"profiles/shared/plan"
	"profiles/shared/service/transfers"
	"profiles/shared/tenancy"
	"profiles/shared/transfer"
	"profiles/shared/value"
)

// transferStep is the answer to whoever did something to a transfer.
type transferStep struct {
	Ticket  transfer.ID    `json:"ticket"`            // the number of the ticket
	State   transfer.State `json:"state"`             // the state of the transfer
	Message string         `json:"message" is:"text"` // what was done, for people
	// when it ends if not all have agreed
	Expires string `json:"expires_at" is:"time"`
}

func stepOf(t transfer.Transfer, message string) transferStep {
	switch {
	case t.State == transfer.Completed:
		message += ": the profile has changed its owner"
	case t.Waiting != "":
		message += fmt.Sprintf(": everybody agrees, but %s; it is tried again by itself", t.Waiting)
	}
	return transferStep{t.ID, t.State, message, isoTime(t.Expires)}
}

// transferRow is a transfer as lists show it.
type transferRow struct {
	Ticket  transfer.ID    `json:"ticket"`  // the number of the ticket
	State   transfer.State `json:"state"`   // the state of the transfer
	Role    transfer.Party `json:"role"`    // as whom the caller sees it
	Profile profileName    `json:"profile"` // the profile
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

func rowOf(t transfer.Transfer, role transfer.Party) transferRow {
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
	Waiting *string          `json:"waiting,omitempty" is:"text"`
	Gates   *gatesView       `json:"gates,omitempty"` // who has agreed
	Turn    []transfer.Party `json:"turn"`            // who owes the next step
	Checks  []checkView      `json:"checks"`          // the prerequisites
	// the profile as it is offered; absent for its owner
	Offer *offerView `json:"offer,omitempty"`
	// what the receiving side has agreed to; absent before
	Terms    *termsView  `json:"terms,omitempty"`
	Timeline []eventView `json:"timeline"` // what happened
	// the sides whose latest mail came back; a side sees its own, and the owner
	// and support see both
	Returned []sideReturnView `json:"returned"`
	// until when it can be taken back; absent for others
	RevertUntil *string `json:"revert_until,omitempty" is:"time"`
	// the account that gives; for the desk only
	Source *accountFacts `json:"source,omitempty"`
	// the account that receives; for the desk only
	Destination *accountFacts `json:"destination,omitempty"`
}

// sideReturnView says that the latest mail to a side came back.
type sideReturnView struct {
	Side transfer.Party `json:"side"` // the side that the mail went to
	mailReturnView
}

type gatesView struct {
	Source        bool `json:"source"`        // whether the owner has confirmed
	Destination   bool `json:"destination"`   // whether the receiving side has accepted
	Support       bool `json:"support"`       // whether the support desk has agreed
	Prerequisites bool `json:"prerequisites"` // whether everything that is needed is there
}

type checkView struct {
	Code transfer.CheckCode `json:"code"` // which prerequisite it is
	Side transfer.Party     `json:"side"` // who can put it right
	// the service that it is about; absent for others
	Service  string `json:"service,omitempty" is:"service"`
	OK       bool   `json:"ok"`                          // whether it holds
	Expected string `json:"expected"          is:"text"` // what is needed
	Actual   string `json:"actual"            is:"text"` // what there is
	// what puts it right; empty when it holds
	Fix string `json:"fix" is:"text"`
	// what it counts, for programs that say before a choice whether there is
	// room for it; absent where nothing is counted
	Room *roomView `json:"room,omitempty"`
}

// roomView are the numbers of a prerequisite: profiles or people of a team
// beside what the plan admits, or what the transfer takes of a service beside
// what is free of it; for destination-stored, what the profile holds beside
// what the transfer takes.
type roomView struct {
	Count int64 `json:"count"` // how much there is, or would be
	Limit int64 `json:"limit"` // how much there may be
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
	Time  string             `json:"time"  is:"time"` // when it was
	Event transfer.EventKind `json:"event"`           // what happened
	By    transfer.Party     `json:"by"`              // who did it
	// the account; absent where a side is not told of the other
	Who  value.AccountID `json:"who,omitempty"`
	Text string          `json:"text,omitempty" is:"text"` // the words; absent without any
}

// accountFacts are the facts of an account that support sees.
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

func transferOf(v transfers.View) transferView {
	out := transferView{
		Turn:     append([]transfer.Party{}, v.WaitingOn...),
		Checks:   make([]checkView, len(v.Checks)),
		Timeline: []eventView{},
		Returned: []sideReturnView{},
	}
	for i, c := range v.Checks {
		out.Checks[i] = checkView{
			c.Code, c.Side, c.Service, c.OK, c.Expected, c.Actual, c.Fix, (*roomView)(c.Room),
		}
	}
	t := v.Transfer
	if t.ID == "" {
		return out
	}
	row := rowOf(t, v.Party)
	out.transferRow = &row
	out.Message = t.Message
	out.Reason = orNull(t.Reason)
	out.Waiting = orNull(t.Waiting)
	gates := gatesView(v.Gates)
	out.Gates = &gates
	for _, e := range t.Timeline {
		out.Timeline = append(out.Timeline, eventView{isoTime(e.Time), e.What, e.By, e.Who, e.Text})
	}
	for _, r := range t.Returns(v.Party) {
		out.Returned = append(
			out.Returned, sideReturnView{r.To, *mailReturnOf(r.MailReturn)},
		)
	}
	if !t.Accepted.IsZero() || t.Reverts != "" {
		terms := termsOf(t.Terms)
		out.Terms = &terms
	}
	if t.State == transfer.Completed && t.Reverts == "" {
		out.RevertUntil = timeOrNull(t.RevertUntil())
	}
	if v.Party == transfer.PartySupport {
		out.Source, out.Destination = factsOf(v.Source), factsOf(v.Destination)
	}
	if v.Party != transfer.PartySource && t.State == transfer.Requested {
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

func termsOf(t transfer.Terms) termsView {
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
