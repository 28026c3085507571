package billing

import (
	"slices"
	"time"

	"profiles/shared/plan"
	"profiles/shared/problem"
	"profiles/shared/value"
)

// Departure is what a subscription was when one of its profiles was deleted, as
// far as the profile needs it to come back.
type Departure struct {
	Shares    map[value.ProfileID]Share // of all profiles, the deleted one included
	Limits    plan.Amounts
	Spent     Spent  // the counters of the profile, which stay charged
	Ending    Addons // the profile's add-ons that were to end at the renewal
	PaidUntil time.Time
}

// Departing returns the departure of a profile. use is what it has used.
func (sub Subscription) Departing(id value.ProfileID, use Usage, now time.Time) Departure {
	d := Departure{Shares: sub.Shares, Limits: sub.Limits, PaidUntil: sub.PaidUntil}
	for _, one := range plan.AllAddons() {
		ends := sub.Schedule != nil && slices.Contains(sub.Schedule.Addons[one], id)
		d.Ending = d.Ending.With(one, ends)
	}
	if used := use.Counted(sub, now); used != (plan.Amounts{}) {
		d.Spent = Spent{Cycle: sub.Cycle(now).Start, Used: used}
	}
	return d
}

// Return returns the subscription with a profile that was deleted, as the
// profile was in d, and the charges. It also returns the counters from which
// the profile continues; see Resuming. use is what the profile had used and, if
// the account has one other profile, what that has used.
//
// The only profile of an account has everything. It gives back what the other
// one had: it has again what it had then, or as much as it may if the limits
// have changed, but not less than it has used. Add-ons that are paid for come
// back without a charge. After a renewal, those that were not to end then are
// charged for the rest of the cycle. With the plan free there are none. Errors:
// those of AddProfile; ReasonAllocationLacks also for levels above the
// allocation.
func (sub Subscription) Return(
	id value.ProfileID,
	d Departure,
	use map[value.ProfileID]Usage,
	now time.Time,
) (Subscription, plan.Amounts, []Charge, error) {
	sub, resumed := sub.Resuming(d.Spent, now)
	share := d.Shares[id]
	takes := use[id].Moving(Quota{Allocation: share.Allocation})
	if ids := sub.ProfileIDs(); len(ids) == 1 {
		sub = sub.makingWay(ids[0], takes, d, use[ids[0]], now)
	}
	for _, s := range plan.Services() {
		if sub.Profiles() >= sub.Plan.Limits().Profiles {
			break // AddProfile refuses it
		}
		if n := takes[s]; !sub.CanAllocate(s, n, now) {
			left := max(sub.Free(now)[s], 0)
			return sub, resumed, nil, problem.Forbidden(
				"The profile had %d of %s, and the account has %d left: lower that of another profile or raise the limit, and restore it then",
				n, s, left,
			).
				For(problem.ReasonAllocationLacks).
				With("service", s.String()).With("used", n).With("limit", left)
		}
	}
	addons, charges := sub.returning(id, share.Addons, d, now)
	share.Addons = addons
	added, err := sub.AddProfile(id, share, now)
	if err != nil {
		return sub, resumed, nil, err
	}
	sub = added.withShares(func(shares map[value.ProfileID]Share) {
		shares[id] = share.Holding(use[id])
	})
	if sub.PaidUntil.Equal(d.PaidUntil) {
		sub = sub.ending(id, d.Ending)
	}
	return sub, resumed, charges, nil
}

// makingWay lowers the allocation of the only profile for one that takes a part
// of it.
func (sub Subscription) makingWay(
	id value.ProfileID, takes plan.Amounts, d Departure, use Usage, now time.Time,
) Subscription {
	has, floor, before := sub.Divisible(now), use.Floor(sub, now), d.Shares[id]
	return sub.withShares(func(shares map[value.ProfileID]Share) {
		share := shares[id]
		was := share
		for s := range share.Allocation {
			n := has[s] - takes[s]
			if _, known := d.Shares[id]; known && d.Limits[s] == sub.Limits[s] {
				n = min(n, before.Allocation[s])
			}
			share.Allocation[s] = min(was.Allocation[s], max(n, floor[s]))
		}
		if share.Allocation != was.Allocation {
			share.Updated = now
			if share.Allocation == before.Allocation {
				share.Updated = before.Updated
			}
		}
		shares[id] = share.Holding(use)
	})
}

// returning returns the add-ons that a profile comes back with, and what they
// are charged.
func (sub Subscription) returning(
	id value.ProfileID, had Addons, d Departure, now time.Time,
) (Addons, []Charge) {
	if sub.Plan == plan.Free {
		return Addons{}, nil
	}
	if sub.PaidUntil.Equal(d.PaidUntil) {
		return had, nil
	}
	var charges []Charge
	for _, one := range plan.AllAddons() {
		if !had.Has(one) {
			continue
		}
		if d.Ending.Has(one) {
			had = had.With(one, false)
			continue
		}
		charges = append(charges, sub.charge(Charge{
			Kind: ChargeAddon, Addon: one, Profile: id,
			Amount: sub.Prorated(one.Price(), false, now),
		}, now))
	}
	return had, charges
}

// ending returns the subscription with the end of add-ons of a profile
// scheduled for the renewal.
func (sub Subscription) ending(id value.ProfileID, addons Addons) Subscription {
	for _, one := range plan.AllAddons() {
		next := sub.Schedule.Clone()
		if addons.Has(one) && !slices.Contains(next.Addons[one], id) {
			next.Addons[one] = append(next.Addons[one], id)
			sub.Schedule = next
		}
	}
	return sub
}

// Restored returns the usage of a profile that comes back, as it was stored.
// Counters of the present cycle continue from resumed.
func (u Usage) Restored(q Quota, resumed plan.Amounts, now time.Time) Usage {
	if !u.Cycle.Before(q.Cycle(now).Start) {
		for _, s := range plan.Services() {
			if s.Counting() == plan.CountingMonthly {
				u.Used[s] = resumed[s]
			}
		}
	}
	u.Suspended, u.Held, u.Quota = time.Time{}, time.Time{}, q.Version
	u.Version++
	return u
}
