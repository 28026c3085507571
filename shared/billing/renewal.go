package billing

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

// Empty reports whether nothing changes.
func (s *Schedule) Empty() bool {
	return s == nil || s.Plan == nil && len(s.Services) == 0 && len(s.Addons) == 0
}

// Clone returns a copy to work on.
func (s *Schedule) Clone() *Schedule {
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

// CancelSchedule returns the subscription with nothing scheduled. Errors:
// ErrNothingScheduled.
func (sub Subscription) CancelSchedule() (Subscription, error) {
	if sub.Schedule.Empty() {
		return sub, ErrNothingScheduled
	}
	sub.Schedule = nil
	return sub, nil
}

// scheduled returns the subscription as its schedule makes it.
func (sub Subscription) scheduled(now time.Time) Subscription {
	s := sub.Schedule.Clone()
	sub.Schedule = nil
	for service, limit := range s.Services {
		sub.Limits[service] = limit
	}
	for one, ids := range s.Addons {
		for _, id := range ids {
			sub = sub.withAddon(id, one, false)
		}
	}
	if s.Plan != nil {
		sub.Plan = *s.Plan
	}
	if sub.Plan == plan.Free {
		sub.Limits = plan.Included()
		sub = sub.withShares(func(shares map[value.ProfileID]Share) {
			for id, share := range shares {
				share.Addons = Addons{}
				shares[id] = share
			}
		})
	}
	return sub.fitted(now).Alone(now)
}

// fitted lowers what the profiles have, in proportion, where they have more
// than the account.
func (sub Subscription) fitted(now time.Time) Subscription {
	had, has := sub.Allocated(), sub.Divisible(now)
	return sub.withShares(func(shares map[value.ProfileID]Share) {
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

// RenewsAt is when the subscription changes by itself: at the end of the cycle
// that is paid, or with the plan free at the end of one in which profiles used
// something up that are gone, as that is free again then. Zero: never, as
// things stand.
func (sub Subscription) RenewsAt() time.Time {
	if sub.PaidUntil.IsZero() && sub.Spent.Used != (plan.Amounts{}) {
		return sub.Cycle(sub.Spent.Cycle).End
	}
	return sub.PaidUntil
}

// Renew returns a subscription whose cycle is over with the next one, as
// scheduled, and what that is charged: with the plan free nothing. A renewal
// that is late begins when the cycle before ended; several that are late are
// renewed one after the other. Errors: ErrDone before the end of the cycle.
func (sub Subscription) Renew(now time.Time) (Subscription, []Charge, error) {
	start := sub.RenewsAt()
	if !sub.Due(now) {
		return sub, nil, problem.ErrDone
	}
	if sub.Spent.Cycle.Before(start) {
		sub.Spent = Spent{}
	}
	sub = sub.scheduled(start)
	if sub.Plan == plan.Free {
		sub.PaidUntil = time.Time{}
		return sub, nil, nil
	}
	sub.PaidUntil = sub.Cycle(start).End
	return sub, sub.renewal(start), nil
}

// Current returns the subscription as all renewals leave it that are due by
// now, whether or not they were written down, and what they are charged.
func (sub Subscription) Current(now time.Time) (Subscription, []Charge) {
	var all []Charge
	for {
		next, charges, err := sub.Renew(now)
		if err != nil {
			return sub, all
		}
		sub, all = next, append(all, charges...)
	}
}

// renewal is what a cycle that begins at start is charged.
func (sub Subscription) renewal(start time.Time) []Charge {
	charges := []Charge{
		sub.charge(Charge{Kind: ChargePlan, Plan: sub.Plan, Amount: sub.Plan.Price()}, start),
	}
	for _, s := range plan.Services() {
		if price := s.Price(sub.Limits[s]); price > 0 {
			charges = append(
				charges,
				sub.charge(
					Charge{Kind: ChargeService, Service: s, Limit: sub.Limits[s], Amount: price},
					start,
				),
			)
		}
	}
	for _, one := range plan.AllAddons() {
		for _, id := range sub.ProfilesWith(one) {
			charges = append(
				charges,
				sub.charge(
					Charge{Kind: ChargeAddon, Addon: one, Profile: id, Amount: one.Price()},
					start,
				),
			)
		}
	}
	return charges
}

// Due reports whether a renewal is due that was not written down yet.
func (sub Subscription) Due(now time.Time) bool {
	start := sub.RenewsAt()
	return !start.IsZero() && !now.Before(start)
}
