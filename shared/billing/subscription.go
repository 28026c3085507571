package billing

import (
	"slices"
	"time"

	"profiles/shared/plan"
	"profiles/shared/problem"
	"profiles/shared/value"
)

// Subscription is what an account has bought, how its profiles divide that, and
// until when it is paid. An account with the plan free has one, too.
type Subscription struct {
	Plan   plan.Plan
	Limits plan.Amounts // what the account may use of each service
	// Shares is what each of the account's profiles has; the allocations add up
	// to at most Limits.
	Shares map[value.ProfileID]Share
	// Anchor is when the first billing cycle began; see CycleAt.
	Anchor time.Time
	// PaidUntil is the end of the cycle that is paid, when the subscription is
	// renewed; zero with the plan free.
	PaidUntil time.Time
	Schedule  *Schedule // what changes at the renewal; nil: nothing
	Spent     Spent     // the counters that former profiles have used in this cycle
}

// Share is what a profile has of its account's subscription.
type Share struct {
	Allocation plan.Amounts
	// Held has the levels that were above the allocation when the share was
	// last compared with the usage, as after a limit was lowered or a
	// transferred profile came back. The account is charged the held level
	// instead of the allocation.
	Held   plan.Amounts
	Addons Addons
	// CostAlert is whether the profile has an alert on its cost, and so a copy
	// of that.
	CostAlert bool
	Updated   time.Time
}

// WithCostAlert returns the subscription with CostAlert set for a profile.
func (sub Subscription) WithCostAlert(id value.ProfileID, has bool) Subscription {
	return sub.withShares(func(shares map[value.ProfileID]Share) {
		share := shares[id]
		share.CostAlert = has
		shares[id] = share
	})
}

// SubscriptionEdit is a change of a subscription: exactly one of its fields is
// set.
type SubscriptionEdit struct {
	Plan     *plan.Plan
	Services map[plan.Service]int64 // limits; services that are left out stay
	// Addons has the profiles that have each add-on from now on; add-ons that
	// are left out stay as they are.
	Addons map[plan.Addon][]value.ProfileID
}

// ErrNothingScheduled refuses to cancel a schedule that is empty.
var ErrNothingScheduled = problem.Invalid("Nothing is scheduled: the subscription is renewed as it is").
	For(problem.ReasonNothingScheduled)

// Edit returns the subscription after a change, and the charges. A change that
// costs more applies at once and is charged for the rest of the cycle, minus
// what was paid. A change that costs less is scheduled for the renewal.
// Renewals that are due are applied first, and their charges come first. The
// first paid plan is charged in full and begins a cycle. Errors: CodeInvalid
// for none or several of plan, services and add-ons, a limit that is no tier,
// and a profile that is not the account's; CodeForbidden for services and
// add-ons with the plan free.
func (sub Subscription) Edit(
	e SubscriptionEdit,
	now time.Time,
) (Subscription, []Charge, error) {
	parts := 0
	for _, set := range []bool{e.Plan != nil, e.Services != nil, e.Addons != nil} {
		if set {
			parts++
		}
	}
	if parts != 1 {
		return sub, nil, problem.Invalid("send exactly one of plan, services and addons").
			At("plan", "services", "addons")
	}
	if e.Plan == nil && sub.Plan == plan.Free {
		return sub, nil, sub.Plan.Lacks(
			"The plan free has no further services and no add-ons: choose the plan starter or scale first",
		)
	}
	// Renewals that are due may not have been stored yet.
	sub, due := sub.Current(now)
	sub.Schedule = sub.Schedule.Clone()
	var charges []Charge
	var err error
	switch {
	case e.Plan != nil:
		sub, charges = sub.changePlan(*e.Plan, now)
	case e.Services != nil:
		sub, charges, err = sub.changeServices(e.Services, now)
	default:
		sub, charges, err = sub.changeAddons(e.Addons, now)
	}
	if err != nil {
		return sub, nil, err
	}
	if sub.Schedule.Empty() {
		sub.Schedule = nil
	}
	return sub, append(due, charges...), nil
}

func (sub Subscription) changePlan(to plan.Plan, now time.Time) (Subscription, []Charge) {
	sub.Schedule.Plan = nil
	switch {
	case to == sub.Plan:
		return sub, nil
	case to.Price() < sub.Plan.Price():
		sub.Schedule.Plan = &to
		return sub, nil
	case sub.Plan == plan.Free:
		sub.Anchor = now
		sub.PaidUntil = sub.Cycle(now).End
		sub.Plan = to
		return sub, []Charge{
			sub.charge(Charge{Kind: ChargePlan, Plan: to, Amount: to.Price()}, now),
		}
	}
	amount := sub.Prorated(to.Price(), false, now) - sub.Prorated(sub.Plan.Price(), false, now)
	sub.Plan = to
	return sub, []Charge{sub.charge(Charge{Kind: ChargePlan, Plan: to, Amount: amount}, now)}
}

func (sub Subscription) changeServices(
	limits map[plan.Service]int64,
	now time.Time,
) (Subscription, []Charge, error) {
	var charges []Charge
	for _, s := range plan.Services() {
		limit, ok := limits[s]
		if !ok {
			continue
		}
		if !slices.ContainsFunc(s.Tiers(), func(t plan.Tier) bool { return t.Amount == limit }) {
			tiers := tierAmounts(s)
			return sub, nil, problem.InvalidField(
				"services."+s.String()+".limit",
				problem.FieldChoice,
				"must be one of %s", problem.List(tiers),
			).For(problem.ReasonTierUnknown).With("tiers", tiers)
		}
		delete(sub.Schedule.Services, s)
		switch was := sub.Limits[s]; {
		case limit < was:
			sub.Schedule.Services[s] = limit
		case limit > was:
			amount := sub.Prorated(
				s.Price(limit),
				s.Consumable(),
				now,
			) - sub.Prorated(
				s.Price(was),
				s.Consumable(),
				now,
			)
			charges = append(
				charges,
				sub.charge(
					Charge{Kind: ChargeService, Service: s, Limit: limit, Amount: amount},
					now,
				),
			)
			sub.Limits[s] = limit
		}
	}
	return sub.Alone(now), charges, nil
}

func tierAmounts(s plan.Service) (amounts []int64) {
	for _, t := range s.Tiers() {
		amounts = append(amounts, t.Amount)
	}
	return amounts
}

// Alone allocates to an account's only profile everything that the account can
// allocate in this cycle. With several profiles it changes nothing.
func (sub Subscription) Alone(now time.Time) Subscription {
	if sub.Profiles() != 1 {
		return sub
	}
	all := sub.Divisible(now)
	return sub.withShares(func(shares map[value.ProfileID]Share) {
		for id, share := range shares {
			if share.Allocation != all {
				share.Allocation, share.Updated = all, now
				shares[id] = share
			}
		}
	})
}

func (sub Subscription) changeAddons(
	lists map[plan.Addon][]value.ProfileID,
	now time.Time,
) (Subscription, []Charge, error) {
	var charges []Charge
	for _, one := range plan.AllAddons() {
		ids, ok := lists[one]
		if !ok {
			continue
		}
		for _, id := range ids {
			if _, own := sub.Shares[id]; !own {
				return sub, nil, problem.InvalidField(
					"addons."+string(one),
					problem.FieldChoice,
					"must list profiles of the account, and %s is none",
					problem.Quoted(id),
				)
			}
		}
		delete(sub.Schedule.Addons, one)
		for _, id := range sub.ProfileIDs() {
			wants, has := slices.Contains(ids, id), sub.Shares[id].Addons.Has(one)
			switch {
			case has && !wants:
				sub.Schedule.Addons[one] = append(sub.Schedule.Addons[one], id)
			case wants && !has:
				charges = append(
					charges,
					sub.charge(
						Charge{
							Kind:    ChargeAddon,
							Addon:   one,
							Profile: id,
							Amount:  sub.Prorated(one.Price(), false, now),
						},
						now,
					),
				)
				sub = sub.withAddon(id, one, true)
			}
		}
	}
	return sub, charges, nil
}

func (sub Subscription) withAddon(id value.ProfileID, one plan.Addon, has bool) Subscription {
	return sub.withShares(func(shares map[value.ProfileID]Share) {
		if share, ok := shares[id]; ok {
			share.Addons = share.Addons.With(one, has)
			shares[id] = share
		}
	})
}

// ProfilesWith lists the account's profiles that have an add-on, oldest first.
func (sub Subscription) ProfilesWith(one plan.Addon) []value.ProfileID {
	ids := []value.ProfileID{}
	for _, id := range sub.ProfileIDs() {
		if sub.Shares[id].Addons.Has(one) {
			ids = append(ids, id)
		}
	}
	return ids
}

// Keeping lists the account's profiles that have an add-on and keep it after
// the renewal, oldest first.
func (sub Subscription) Keeping(one plan.Addon) []value.ProfileID {
	ids := sub.ProfilesWith(one)
	if sub.Schedule == nil {
		return ids
	}
	return slices.DeleteFunc(
		ids,
		func(id value.ProfileID) bool { return slices.Contains(sub.Schedule.Addons[one], id) },
	)
}

// AddonEdit is the edit that gives a profile add-ons, or ends them with the
// cycle, and leaves every other profile what it keeps.
func (sub Subscription) AddonEdit(
	id value.ProfileID, wanted map[plan.Addon]bool,
) SubscriptionEdit {
	lists := map[plan.Addon][]value.ProfileID{}
	for one, want := range wanted {
		lists[one] = slices.DeleteFunc(
			sub.Keeping(one), func(other value.ProfileID) bool { return other == id })
		if want {
			lists[one] = append(lists[one], id)
		}
	}
	return SubscriptionEdit{Addons: lists}
}
