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

// transferStep is the answer to a request that changed a transfer.
type transferStep struct {
	Ticket  transfer.ID    `json:"ticket"`            // the ticket of the transfer
	State   transfer.State `json:"state"`             // the state of the transfer
	Message string         `json:"message" is:"text"` // a text for people that says what was done
	// when the transfer ends unless everybody has agreed
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
	Ticket  transfer.ID    `json:"ticket"`  // the ticket of the transfer
	State   transfer.State `json:"state"`   // the state of the transfer
	Role    transfer.Party `json:"role"`    // the side for which the caller sees the transfer
	Profile profileName    `json:"profile"` // the profile that is transferred
	// the address that the profile is offered to
	Email value.Email `json:"email"`
	// the ticket of the transfer that this one takes back; null for an ordinary
	// one
	Reverts *string `json:"reverts"    is:"ticket"`
	Created string  `json:"created_at" is:"time"` // when the transfer was requested
	// when the transfer ends unless everybody has agreed
	Expires string  `json:"expires_at" is:"time"`
	Ended   *string `json:"ended_at" is:"time"` // when the transfer ended; null for an open one
}

type profileName struct {
	ID   value.ProfileID `json:"id"`             // the id of the profile
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

// transferView is a transfer with everything that one party may see. Without a
// transfer, it has the prerequisites of one only.
type transferView struct {
	*transferRow
	// the message of the owner to the receiving side
	Message string `json:"message,omitempty" is:"text"`
	// why the transfer was rejected; null if it was not
	Reason *string `json:"reason,omitempty" is:"text"`
	// what an agreed transfer waits for; null if it waits for nothing
	Waiting *string          `json:"waiting,omitempty" is:"text"`
	Gates   *gatesView       `json:"gates,omitempty"` // which parties have agreed
	Turn    []transfer.Party `json:"turn"`            // the sides that must act next
	Checks  []checkView      `json:"checks"`          // the prerequisites
	// the profile as it is offered; absent for its owner
	Offer *offerView `json:"offer,omitempty"`
	// the terms that the receiving side has accepted; absent before
	Terms    *termsView  `json:"terms,omitempty"`
	Timeline []eventView `json:"timeline"` // the events of the transfer
	// the sides whose latest mail came back; a side sees its own, and the owner
	// and support see both
	Returned []sideReturnView `json:"returned"`
	// until when the transfer can be taken back; absent for a transfer that is
	// not completed
	RevertUntil *string `json:"revert_until,omitempty" is:"time"`
	// the account that gives the profile away; for support only
	Source *accountFacts `json:"source,omitempty"`
	// the account that receives the profile; for support only
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
	Support       bool `json:"support"`       // whether support has approved
	Prerequisites bool `json:"prerequisites"` // whether all prerequisites are met
}

type checkView struct {
	Code transfer.CheckCode `json:"code"` // the code of the prerequisite
	Side transfer.Party     `json:"side"` // the side that can meet the prerequisite
	// the service that the prerequisite is about; absent for others
	Service  string `json:"service,omitempty" is:"service"`
	OK       bool   `json:"ok"`                          // whether the prerequisite is met
	Expected string `json:"expected"          is:"text"` // the state that is needed
	Actual   string `json:"actual"            is:"text"` // the present state
	Fix      string `json:"fix" is:"text"`               // how to meet the prerequisite; empty if it is met
	// what it counts, for programs that say before a choice whether there is
	// room for it; absent where nothing is counted
	Room *roomView `json:"room,omitempty"`
}

// roomView has the two numbers of a prerequisite that counts something. They
// are the number of profiles or members and the limit of the plan; or the limit
// that the transfer needs of a service and the amount that is free; or, for
// destination-stored, the amount that is stored and the limit of the transfer.
type roomView struct {
	Count int64 `json:"count"` // the number that there is, or that there would be
	Limit int64 `json:"limit"` // the highest number that is allowed
}

// offerView is the profile that is offered. It has no addresses of members:
// only the owner of a profile sees them, and the receiving side is not yet the
// owner.
type offerView struct {
	Name       string           `json:"name"         is:"text"` // the name of the profile
	Owner      string           `json:"owner"        is:"text"` // the name of the owner
	OwnerEmail value.Email      `json:"owner_email"`            // the address of the owner
	Allocation map[string]int64 `json:"allocation"`             // the limit of the profile for each service
	Addons     addonsView       `json:"addons"`                 // the add-ons of the profile
	Policy     tokenPolicyView  `json:"token_policy"`           // how long tokens of the profile may work
	// the members of the team, without addresses
	Team []memberChoice `json:"team"`
}

type memberChoice struct {
	ID value.AccountID `json:"id"` // the id of the member's account
	// the name of the member; absent in terms
	Name string `json:"name,omitempty" is:"text"`
	// what the member may do in the profile
	Permission string `json:"permission"     is:"permission"`
}

// addonChoice are the add-ons that come with a profile.
type addonChoice struct {
	CustomDNS bool `json:"custom_dns"` // whether the profile has a domain of its own
	Mobile    bool `json:"mobile"`     // whether the profile has its own mobile app
}

type termsView struct {
	Name       *string          `json:"name" is:"text"` // the new name of the profile; null if the name stays
	Allocation map[string]int64 `json:"allocation"`     // the limit of the profile for each service
	Addons     addonsView       `json:"addons"`         // the add-ons that the profile keeps
	// how long tokens of the profile may work; null if that does not change
	Policy  *tokenPolicyView `json:"token_policy"`
	Members []memberChoice   `json:"members"` // the permission that each member gets
	// the permission that the previous owner keeps; null for none
	KeepOwner *string `json:"keep_owner" is:"permission"`
}

type eventView struct {
	Time  string             `json:"time"  is:"time"` // when the event happened
	Event transfer.EventKind `json:"event"`           // the kind of the event
	By    transfer.Party     `json:"by"`              // the party that acted
	// the id of the account that acted; absent if the caller may not see the
	// account of the other side
	Who value.AccountID `json:"who,omitempty"`
	// the text of the message; absent if there is none
	Text string `json:"text,omitempty" is:"text"`
}

// accountFacts are the facts of an account that support sees.
type accountFacts struct {
	ID    value.AccountID `json:"id"`              // the id of the account
	Name  string          `json:"name"  is:"text"` // the name of the person
	Email value.Email     `json:"email"`           // the e-mail address of the account
	Plan  plan.Plan       `json:"plan"`            // the plan
	// whether the operator has blocked the account
	Blocked  bool             `json:"blocked"`
	Profiles int              `json:"profiles"` // how many profiles the account has
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
