package tenancy

import (
	"slices"
	"time"

	"profiles/shared/plan"
	"profiles/shared/problem"
	"profiles/shared/value"
)

// Share is what a profile has of its account's subscription.
type Share struct {
	Allocation plan.Amounts
	// Held are levels that were above the allocation when that was last looked
	// at: after a lower limit, or a return. They are charged against the
	// account in the place of the allocation.
	Held    plan.Amounts
	Addons  Addons
	Updated time.Time
}

// SubscriptionEdit is a change of a subscription: exactly one of its fields is
// set.
type SubscriptionEdit struct {
	Plan     *plan.Plan
	Services map[plan.Service]int64 // limits; services that are left out stay
	// who has an add-on from now on; those that are left out stay
	Addons map[plan.Addon][]value.ProfileID
}

// ErrNothingScheduled answers a request to cancel when there is nothing to
// cancel.
var ErrNothingScheduled = problem.Invalid("Nothing is scheduled: the subscription is renewed as it is").
	For(problem.ReasonNothingScheduled)

// EditSubscription returns the account after a change of its subscription, and
// what it is charged for that. What costs more holds at once and is charged for
// the rest of the cycle, minus what was paid; what costs less is scheduled for
// the renewal. The first paid plan is charged in full and begins a cycle.
// Errors: CodeInvalid for none or several of plan, services and add-ons, a
// limit that is no tier, and a profile that is not the account's; CodeForbidden
// for services and add-ons with the plan free.
func (a Account) EditSubscription(e SubscriptionEdit, now time.Time) (Account, []Charge, error) {
	parts := 0
	for _, set := range []bool{e.Plan != nil, e.Services != nil, e.Addons != nil} {
		if set {
			parts++
		}
	}
	if parts != 1 {
		return a, nil, problem.Invalid("send exactly one of plan, services and addons").
			At("plan", "services", "addons")
	}
	if e.Plan == nil && a.Plan == plan.Free {
		return a, nil, a.Plan.Lacks(
			"The plan free has no further services and no add-ons: choose the plan starter or scale first",
		)
	}
	// A renewal that is due comes first, though nobody has written it down yet.
	a, due := a.Current(now)
	a.Schedule = a.Schedule.clone()
	var charges []Charge
	var err error
	switch {
	case e.Plan != nil:
		a, charges = a.changePlan(*e.Plan, now)
	case e.Services != nil:
		a, charges, err = a.changeServices(e.Services, now)
	default:
		a, charges, err = a.changeAddons(e.Addons, now)
	}
	if err != nil {
		return a, nil, err
	}
	if a.Schedule.empty() {
		a.Schedule = nil
	}
	a.Updated = now
	return a, append(due, charges...), nil
}

func (a Account) changePlan(to plan.Plan, now time.Time) (Account, []Charge) {
	a.Schedule.Plan = nil
	switch {
	case to == a.Plan:
		return a, nil
	case to.Price() < a.Plan.Price():
		a.Schedule.Plan = &to
		return a, nil
	case a.Plan == plan.Free:
		a.Anchor = now
		a.PaidUntil = a.Cycle(now).End
		a.Plan = to
		return a, []Charge{a.charge(Charge{Kind: ChargePlan, Plan: to, Amount: to.Price()}, now)}
	}
	amount := a.Prorated(to.Price(), false, now) - a.Prorated(a.Plan.Price(), false, now)
	a.Plan = to
	return a, []Charge{a.charge(Charge{Kind: ChargePlan, Plan: to, Amount: amount}, now)}
}

func (a Account) changeServices(
	limits map[plan.Service]int64,
	now time.Time,
) (Account, []Charge, error) {
	var charges []Charge
	for _, s := range plan.Services() {
		limit, ok := limits[s]
		if !ok {
			continue
		}
		if !slices.ContainsFunc(s.Tiers(), func(t plan.Tier) bool { return t.Amount == limit }) {
			return a, nil, problem.InvalidField("services."+s.String()+".limit", problem.FieldChoice, "must be one of %s", problem.List(tierAmounts(s))).
				For(problem.ReasonTierUnknown).
				With("tiers", tierAmounts(s))
		}
		delete(a.Schedule.Services, s)
		switch was := a.Limits[s]; {
		case limit < was:
			a.Schedule.Services[s] = limit
		case limit > was:
			amount := a.Prorated(
				s.Price(limit),
				s.Consumable(),
				now,
			) - a.Prorated(
				s.Price(was),
				s.Consumable(),
				now,
			)
			charges = append(
				charges,
				a.charge(
					Charge{Kind: ChargeService, Service: s, Limit: limit, Amount: amount},
					now,
				),
			)
			a.Limits[s] = limit
		}
	}
	return a.Alone(now), charges, nil
}

func tierAmounts(s plan.Service) (amounts []int64) {
	for _, t := range s.Tiers() {
		amounts = append(amounts, t.Amount)
	}
	return amounts
}

// Alone gives everything to an account's only profile that is left of this
// cycle. One that is left over by a transfer keeps what it had, so that the
// other one can come back.
func (a Account) Alone(now time.Time) Account {
	if a.Profiles() != 1 {
		return a
	}
	all := a.Divisible(now)
	return a.withShares(func(shares map[value.ProfileID]Share) {
		for id, share := range shares {
			if share.Allocation != all {
				share.Allocation, share.Updated = all, now
				shares[id] = share
			}
		}
	})
}

func (a Account) changeAddons(
	lists map[plan.Addon][]value.ProfileID,
	now time.Time,
) (Account, []Charge, error) {
	var charges []Charge
	for _, one := range plan.AllAddons() {
		ids, ok := lists[one]
		if !ok {
			continue
		}
		for _, id := range ids {
			if _, own := a.Shares[id]; !own {
				return a, nil, problem.InvalidField(
					"addons."+string(one),
					problem.FieldChoice,
					"must list profiles of the account, and %s is none",
					problem.Quoted(id),
				)
			}
		}
		delete(a.Schedule.Addons, one)
		for _, id := range a.ProfileIDs() {
			wants, has := slices.Contains(ids, id), a.Shares[id].Addons.Has(one)
			switch {
			case has && !wants:
				a.Schedule.Addons[one] = append(a.Schedule.Addons[one], id)
			case wants && !has:
				charges = append(
					charges,
					a.charge(
						Charge{
							Kind:    ChargeAddon,
							Addon:   one,
							Profile: id,
							Amount:  a.Prorated(one.Price(), false, now),
						},
						now,
					),
				)
				a = a.withAddon(id, one, true)
			}
		}
	}
	return a, charges, nil
}

func (a Account) withAddon(id value.ProfileID, one plan.Addon, has bool) Account {
	return a.withShares(func(shares map[value.ProfileID]Share) {
		if share, ok := shares[id]; ok {
			share.Addons = share.Addons.With(one, has)
			shares[id] = share
		}
	})
}

// ProfilesWith lists the account's profiles that have an add-on, oldest first.
func (a Account) ProfilesWith(one plan.Addon) []value.ProfileID {
	ids := []value.ProfileID{}
	for _, id := range a.ProfileIDs() {
		if a.Shares[id].Addons.Has(one) {
			ids = append(ids, id)
		}
	}
	return ids
}

// Keeping lists the account's profiles that have an add-on and are to keep it,
// oldest first.
func (a Account) Keeping(one plan.Addon) []value.ProfileID {
	ids := a.ProfilesWith(one)
	if a.Schedule == nil {
		return ids
	}
	return slices.DeleteFunc(
		ids,
		func(id value.ProfileID) bool { return slices.Contains(a.Schedule.Addons[one], id) },
	)
}
