package tenancy

import (
	"maps"
	"slices"
	"time"

	"profiles/shared/plan"
	"profiles/shared/problem"
	"profiles/shared/value"
)

// Schedule is what changes when a subscription is renewed. A nil part stays as
// it is.
type Schedule struct {
	Plan     *plan.Plan
	Services map[plan.Service]int64           // the limits from then on
	Addons   map[plan.Addon][]value.ProfileID // what ends then
}

// empty reports whether nothing changes.
func (s *Schedule) empty() bool {
	return s == nil || s.Plan == nil && len(s.Services) == 0 && len(s.Addons) == 0
}

// clone returns a copy to work on.
func (s *Schedule) clone() *Schedule {
	c := &Schedule{Services: map[plan.Service]int64{}, Addons: map[plan.Addon][]value.ProfileID{}}
	if s != nil {
		c.Plan = s.Plan
		maps.Copy(c.Services, s.Services)
		for one, ids := range s.Addons {
			c.Addons[one] = slices.Clone(ids)
		}
	}
	return c
}

// CancelSchedule returns the account with nothing scheduled. Errors:
// ErrNothingScheduled.
func (a Account) CancelSchedule(now time.Time) (Account, error) {
	if a.Schedule.empty() {
		return a, ErrNothingScheduled
	}
	a.Schedule, a.Updated = nil, now
	return a, nil
}

// scheduled returns the account as its schedule makes it.
func (a Account) scheduled(now time.Time) Account {
	s := a.Schedule.clone()
	a.Schedule = nil
	for service, limit := range s.Services {
		a.Limits[service] = limit
	}
	for one, ids := range s.Addons {
		for _, id := range ids {
			a = a.withAddon(id, one, false)
		}
	}
	if s.Plan != nil {
		a.Plan = *s.Plan
	}
	if a.Plan == plan.Free {
		a.Limits = plan.Included()
		a = a.withShares(func(shares map[value.ProfileID]Share) {
			for id, share := range shares {
				share.Addons = Addons{}
				shares[id] = share
			}
		})
	}
	return a.fitted(now).Alone(now)
}

// fitted lowers what the profiles have, in proportion, where they have more
// than the account.
func (a Account) fitted(now time.Time) Account {
	had, has := a.Allocated(), a.Divisible(now)
	return a.withShares(func(shares map[value.ProfileID]Share) {
		for id, share := range shares {
			for s := range share.Allocation {
				if had[s] > has[s] {
					share.Allocation[s] = portion(share.Allocation[s], has[s], had[s])
					share.Updated = now
				}
			}
			shares[id] = share
		}
	})
}

// RenewsAt is when the account changes by itself: at the end of the cycle that
// is paid, or with the plan free at the end of one in which profiles used
// something up that are gone, as that is free again then. Zero: never, as
// things stand.
func (a Account) RenewsAt() time.Time {
	if a.PaidUntil.IsZero() && a.Spent.Used != (plan.Amounts{}) {
		return a.Cycle(a.Spent.Cycle).End
	}
	return a.PaidUntil
}

// Renew returns an account whose cycle is over with the next one, as scheduled,
// and what that is charged: with the plan free nothing. A renewal that is late
// begins when the cycle before ended; several that are late are renewed one
// after the other. Errors: ErrDone before the end of the cycle.
func (a Account) Renew(now time.Time) (Account, []Charge, error) {
	start := a.RenewsAt()
	if start.IsZero() || now.Before(start) {
		return a, nil, problem.ErrDone
	}
	if a.Spent.Cycle.Before(start) {
		a.Spent = Spent{}
	}
	a = a.scheduled(start)
	a.Updated = now
	if a.Plan == plan.Free {
		a.PaidUntil = time.Time{}
		return a, nil, nil
	}
	a.PaidUntil = a.Cycle(start).End
	return a, a.renewal(start), nil
}

// Current returns the account as all renewals leave it that are due by now,
// whether or not they were written down, and what they are charged.
func (a Account) Current(now time.Time) (Account, []Charge) {
	var all []Charge
	for {
		next, charges, err := a.Renew(now)
		if err != nil {
			return a, all
		}
		a, all = next, append(all, charges...)
	}
}

// renewal is what a cycle that begins at start is charged.
func (a Account) renewal(start time.Time) []Charge {
	charges := []Charge{
		a.charge(Charge{Kind: ChargePlan, Plan: a.Plan, Amount: a.Plan.Price()}, start),
	}
	for _, s := range plan.Services() {
		if price := s.Price(a.Limits[s]); price > 0 {
			charges = append(
				charges,
				a.charge(
					Charge{Kind: ChargeService, Service: s, Limit: a.Limits[s], Amount: price},
					start,
				),
			)
		}
	}
	for _, one := range plan.AllAddons() {
		for _, id := range a.ProfilesWith(one) {
			charges = append(
				charges,
				a.charge(
					Charge{Kind: ChargeAddon, Addon: one, Profile: id, Amount: one.Price()},
					start,
				),
			)
		}
	}
	return charges
}

// Upcoming returns the account as the next renewal will leave it, as things
// stand, and what that will be charged; nothing with the plan free.
func (a Account) Upcoming() (Account, []Charge) {
	next, charges, err := a.Renew(a.PaidUntil)
	if err != nil {
		return a, nil
	}
	return next, charges
}
