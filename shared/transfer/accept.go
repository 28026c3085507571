package transfer

import (
	"maps"
	"slices"
	"time"

	"profiles/shared/billing"
	"profiles/shared/plan"
	"profiles/shared/problem"
	"profiles/shared/tenancy"
	"profiles/shared/value"
)

// Terms are what becomes of a profile when it moves: the receiving side chooses
// them, and nothing is chosen for it. Whatever costs or binds the new owner is
// here, as it was agreed to: what is added to the profile afterwards ends with
// the move.
type Terms struct {
	Name       string // empty: as it is
	Allocation plan.Amounts
	Addons     billing.Addons // that come along, if the profile still has them
	// how long its tokens may live; nil, in what was agreed to before there was
	// this: as it is
	TokenPolicy *tenancy.TokenPolicy
	Members     map[value.AccountID]tenancy.Permission // who stays; everybody else leaves
	// of the previous owner, who becomes a member; PermissionNone: leaves
	Owner tenancy.Permission
}

func (t Terms) equal(other Terms) bool {
	samePolicy := t.TokenPolicy == other.TokenPolicy ||
		t.TokenPolicy != nil && other.TokenPolicy != nil && *t.TokenPolicy == *other.TokenPolicy
	return t.Name == other.Name && t.Allocation == other.Allocation && t.Addons == other.Addons &&
		samePolicy &&
		t.Owner == other.Owner &&
		maps.Equal(t.Members, other.Members)
}

// answerable refuses (ErrVoidCode) whoever the profile is not offered
// to.
func (t Transfer) answerable(by tenancy.Account, hash []byte) error {
	if t.Reverts != "" || !knows(t.AnswerCodes, hash) ||
		t.Destination != "" && t.Destination != by.ID ||
		t.Destination == "" && (!by.Active || by.Email != t.Email || by.ID == t.Source) {
		return ErrVoidCode
	}
	return nil
}

// Acceptance is what the receiving side chooses; a nil field stays as it is,
// and a person who is not named leaves.
type Acceptance struct {
	Name *string
	// a lower one, but room for what is stored; of services that are left out
	// it keeps what it has, or holds
	Allocation map[plan.Service]int64
	// of those that the profile has; nil: those that it had when it was offered
	Addons  *billing.Addons
	Members map[value.AccountID]tenancy.Permission
	Owner   tenancy.Permission
}

// Accept records that the receiving side agrees, and to what. Until the
// transfer completes it may agree anew to other terms. Errors: ErrDone;
// CodeConflict for a transfer that has ended; ErrVoidCode for anybody
// else; CodeInvalid naming the choice that is wrong.
func (t Transfer) Accept(
	by tenancy.Account,
	hash []byte,
	a Acceptance,
	p tenancy.Profile,
	use billing.Usage,
	team tenancy.Team,
	now time.Time,
) (Transfer, error) {
	if err := t.answerable(by, hash); err != nil {
		return t, err
	}
	if t.State == Completed {
		return t, problem.ErrDone
	}
	if err := t.open(now); err != nil {
		return t, err
	}
	terms, err := a.terms(p, use, t.Offered, team)
	if err != nil {
		return t, err
	}
	if !t.Accepted.IsZero() && terms.equal(t.Terms) {
		return t, problem.ErrDone
	}
	t.Destination, t.Accepted, t.DestinationEpoch, t.Terms = by.ID, now, &by.Epoch, terms
	// Whoever accepts again and again must not fill the ticket: the desk writes
	// into it too. The audit log has every one.
	t.Timeline = slices.DeleteFunc(
		slices.Clone(t.Timeline),
		func(e Event) bool { return e.What == EventAccepted },
	)
	return t.with(EventAccepted, PartyDestination, "", "", now), nil
}

func (a Acceptance) terms(
	p tenancy.Profile,
	use billing.Usage,
	offered billing.Addons,
	team tenancy.Team,
) (Terms, error) {
	moving, stored := use.Moving(p.Quota()), use.Heights()
	terms := Terms{
		Allocation:  moving,
		Addons:      p.Addons.And(offered),
		TokenPolicy: &p.TokenPolicy,
		Members:     map[value.AccountID]tenancy.Permission{},
		Owner:       a.Owner,
	}
	if a.Addons != nil {
		if terms.Addons = *a.Addons; terms.Addons != terms.Addons.And(p.Addons) {
			return terms, problem.InvalidField(
				"addons",
				problem.FieldChoice,
				"must name add-ons that the profile has, which are: %s",
				p.Addons,
			)
		}
	}
	if a.Name != nil {
		var err error
		if terms.Name, err = value.ParseName("name", *a.Name); err != nil {
			return terms, err
		}
	}
	for s, n := range a.Allocation {
		if n < 0 || n > moving[s] {
			return terms, problem.InvalidField(
				"allocation."+s.String(),
				problem.FieldRange,
				"must be a number from 0 to the %d that the profile has",
				moving[s],
			)
		}
		if n < stored[s] {
			return terms, problem.InvalidField("allocation."+s.String(), problem.FieldRange, "must be at least %d, as the profile holds that many %s", stored[s], s.Unit()).
				For(problem.ReasonAllocationUnder).
				With("service", s.String()).
				With("limit", stored[s])
		}
		terms.Allocation[s] = n
	}
	for id, right := range a.Members {
		if _, ok := team.Active(id); !ok {
			return terms, problem.InvalidField(
				"members",
				problem.FieldChoice,
				"must name accounts of the profile's team, and %s is none",
				problem.Quoted(id),
			)
		}
		terms.Members[id] = right
	}
	return terms, nil
}

// Decline ends the transfer for the receiving side. Errors: as Confirm.
func (t Transfer) Decline(by tenancy.Account, hash []byte, now time.Time) (Transfer, error) {
	if err := t.answerable(by, hash); err != nil {
		return t, err
	}
	if t.State == Declined {
		return t, problem.ErrDone
	}
	if err := t.open(now); err != nil {
		return t, err
	}
	t.Destination = by.ID
	return t.end(Declined, PartyDestination, "", "", now), nil
}
