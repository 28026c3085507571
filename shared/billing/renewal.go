package billing

import (
	"maps"
	"slices"
	"time"

	"profiles/shared/plan"
	"profiles/shared/problem"
	"profiles/shared/value"
)

// Schedule has the changes of a subscription at its renewal. A part that is nil
// or left out stays as it is.
type Schedule struct {
	Plan     *plan.Plan
	Services map[plan.Service]int64           // the limits from then on
	Addons   map[plan.Addon][]value.ProfileID // the profiles whose add-on ends then
}

// Empty reports whether nothing changes.
func (s *Schedule) Empty() bool {
	return s == nil || s.Plan == nil && len(s.Services) == 0 && len(s.Addons) == 0
}

// Clone returns a copy that can be changed, and an empty schedule for nil.
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

// scheduled returns the subscription with its schedule applied. On the plan
// free the limits are then the included ones, and no profile has an add-on.
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

// fitted lowers allocations in proportion, for each service of which they add
// up to more than the account has.
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

// RenewsAt returns when the subscription is next renewed: at the end of the
// paid cycle. With the plan free it is the end of a cycle in which former
// profiles used counters, because that use is charged only until then. Zero: it
// is not renewed.
func (sub Subscription) RenewsAt() time.Time {
	if sub.PaidUntil.IsZero() && sub.Spent.Used != (plan.Amounts{}) {
		return sub.Cycle(sub.Spent.Cycle).End
	}
	return sub.PaidUntil
}

// Renew returns the subscription in its next cycle, with its schedule applied,
// and the charges of that cycle: none with the plan free. A late renewal takes
// effect at the end of the cycle before. When several renewals are due, each
// call does one. Errors: problem.ErrDone when none is due.
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

// Current returns the subscription after all renewals that are due at now and
// not stored yet, and their charges.
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

// renewal returns the charges of a cycle that begins at start.
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

// Due reports whether a renewal is due that has not been stored yet.
func (sub Subscription) Due(now time.Time) bool {
	start := sub.RenewsAt()
	return !start.IsZero() && !now.Before(start)
}
