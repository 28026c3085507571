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

// Terms are the terms on which the receiving side accepts the profile. They
// have everything that costs or binds the new owner. Additions to the profile
// after the acceptance end with the move.
type Terms struct {
	Name       string // empty: the name stays
	Allocation plan.Amounts
	Addons     billing.Addons // those that the profile keeps, if it still has them at the move
	// TokenPolicy is how long the profile's tokens may live; nil, in terms from
	// before this field existed: it stays.
	TokenPolicy *tenancy.TokenPolicy
	Members     map[value.AccountID]tenancy.Permission // the members who stay; all others leave
	// Owner is the permission of the previous owner as a member;
	// PermissionNone: it leaves.
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

// answerable refuses (ErrVoidCode) a caller or a code to which the profile is
// not offered, and a transfer that takes another back.
func (t Transfer) answerable(by tenancy.Account, hash []byte) error {
	if t.Reverts != "" || !knows(t.AnswerCodes, hash) ||
		t.Destination != "" && t.Destination != by.ID ||
		t.Destination == "" && (!by.Active || by.Email != t.Email || by.ID == t.Source) {
		return ErrVoidCode
	}
	return nil
}

// Acceptance is what the receiving side chooses. A nil field stays as it is,
// and a member who is not in Members leaves.
type Acceptance struct {
	Name *string
	// Allocation may be lower than the profile's, but not lower than the levels
	// it holds. A service that is left out keeps its allocation, or the level
	// held if that is more.
	Allocation map[plan.Service]int64
	// Addons must be among those that the profile has; nil: those that it has
	// now and had when it was offered.
	Addons  *billing.Addons
	Members map[value.AccountID]tenancy.Permission
	Owner   tenancy.Permission
}

// Accept records that the receiving side accepts, and its terms. Until the
// transfer completes it can accept again with other terms. Errors:
// problem.ErrDone for the same terms, or a transfer that has completed;
// CodeConflict for one that has ended otherwise; ErrVoidCode for another caller
// or code; CodeInvalid naming the wrong choice.
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
	t = t.Reached(PartyDestination)
	t.Destination, t.Accepted, t.DestinationEpoch, t.Terms = by.ID, now, &by.Epoch, terms
	// Only the latest acceptance stays in the timeline, so that repeated ones
	// do not fill it. The audit log has each of them.
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
			return terms, problem.InvalidField(
				"allocation."+s.String(),
				problem.FieldRange,
				"must be at least %d, as the profile holds that many %s",
				stored[s],
				s.Unit(),
			).
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

// Decline ends the transfer for the receiving side. Errors: problem.ErrDone if
// it was declined before; otherwise as Confirm.
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
