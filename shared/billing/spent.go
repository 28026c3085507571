package billing

import (
	"fmt"
	"time"

	"profiles/shared/plan"
	"profiles/shared/problem"
	"profiles/shared/value"
)

// Spent is what an account used of counters, in one cycle, through profiles
// that it no longer has. It stays charged against the account's limits until
// that cycle ends: otherwise a limit could be used again by whoever gets the
// allocation next. Levels have no part in it: they stand for what is stored,
// which goes with the profile.
type Spent struct {
	Cycle time.Time    // when the cycle began
	Used  plan.Amounts // in parts of a unit
}

// spent returns what is charged against the cycle of now, in whole units,
// rounded up.
func (sub Subscription) spent(now time.Time) plan.Amounts {
	if sub.Spent.Cycle.Before(sub.Cycle(now).Start) {
		return plan.Amounts{}
	}
	return sub.Spent.Used.WholeUnits()
}

// charging returns the subscription with use of counters charged against its
// present cycle.
func (sub Subscription) charging(used plan.Amounts, now time.Time) Subscription {
	if used == (plan.Amounts{}) {
		return sub
	}
	// A cycle that is later than this one is that of a clock which is ahead:
	// both are charged to it.
	if cycle := sub.Cycle(now).Start; sub.Spent.Cycle.Before(cycle) {
		sub.Spent = Spent{Cycle: cycle}
	}
	sub.Spent.Used = sub.Spent.Used.Plus(used)
	return sub
}

// Resuming returns the subscription without a charge for a profile that comes
// back and goes on counting where it was, and what that is: nothing when the
// cycle of the charge is over.
func (sub Subscription) Resuming(s Spent, now time.Time) (Subscription, plan.Amounts) {
	if s.Cycle.IsZero() || !s.Cycle.Equal(sub.Cycle(now).Start) ||
		!s.Cycle.Equal(sub.Spent.Cycle) ||
		!s.Used.Within(sub.Spent.Used) {
		return sub, plan.Amounts{}
	}
	sub.Spent.Used = sub.Spent.Used.Minus(s.Used)
	return sub, s.Used
}

// Counted returns what is used of counters since the cycle of the owner began,
// in parts of a unit. Levels are zero.
func (u Usage) Counted(owner Subscription, now time.Time) (used plan.Amounts) {
	if u.Cycle.Before(owner.Cycle(now).Start) {
		return plan.Amounts{}
	}
	for _, s := range plan.Services() {
		if s.Counting() == plan.CountingMonthly {
			used[s] = u.Used[s]
		}
	}
	return used
}

// Moved returns the use of a profile that has a new owner: counters begin at
// what it goes on from.
func (u Usage) Moved(q Quota, resumed plan.Amounts, now time.Time) Usage {
	u = u.Now(q, now)
	for _, s := range plan.Services() {
		if s.Counting() == plan.CountingMonthly {
			u.Used[s] = resumed[s]
		}
	}
	u.Alerts, u.Updated, u.Coarse, u.Suspended = [plan.ServiceCount]Alert{}, now, false, time.Time{}
	u.Version++
	return u
}

// Heights returns the levels, in whole units, rounded up. Counters are zero.
func (u Usage) Heights() (levels plan.Amounts) {
	for _, s := range plan.Services() {
		if s.Counting() == plan.CountingLevel {
			levels[s] = u.Used[s]
		}
	}
	return levels.WholeUnits()
}

// Floor is what an allocation must not be lowered below, in whole units: what
// was used of a counter in this cycle is not there to be used again, and what
// is stored takes its place.
func (u Usage) Floor(owner Subscription, now time.Time) plan.Amounts {
	return u.Counted(owner, now).WholeUnits().Plus(u.Heights())
}

// Moving is what a profile takes along to another account: its allocation, or
// what it holds of a level where that is more, as after a renewal that lowered
// the allocation. Whoever receives it pays for what is stored before anything
// new is admitted.
func (u Usage) Moving(q Quota) plan.Amounts {
	out := q.Allocation
	for s, n := range u.Heights() {
		out[s] = max(out[s], n)
	}
	return out
}

// belowFloor is the refusal of an allocation that is too low.
func belowFloor(
	id value.ProfileID,
	s plan.Service,
	floor int64,
	owner Subscription,
	now time.Time,
) error {
	why := fmt.Sprintf(
		"has used that many %s in this cycle: lower it further after %s",
		s.Unit(),
		owner.Cycle(now).End.Format(value.TimeFormat),
	)
	if s.Counting() == plan.CountingLevel {
		why = fmt.Sprintf("holds that many %s: remove some of them first", s.Unit())
	}
	return problem.Invalid("%s of profile %s must be at least %d, as it %s", s, id, floor, why).
		For(problem.ReasonAllocationUnder).
		With("service", s.String()).With("profile", id).With("limit", floor)
}

// Covering returns a subscription whose allocations were lowered in proportion
// with those raised again that hold more of a level, as far as was allows. The
// others pay for that with what they have and do not use: what is stored is
// charged before anything new is admitted. Where the profiles hold more than
// the account has, nothing is left for any of them to add.
func (sub Subscription) Covering(
	was Subscription,
	use map[value.ProfileID]Usage,
	now time.Time,
) Subscription {
	return sub.withShares(func(shares map[value.ProfileID]Share) {
		for _, s := range plan.Services() {
			if s.Counting() == plan.CountingLevel {
				cover(s, sub, was, use, shares, now)
			}
		}
		for id, share := range shares {
			shares[id] = share.Holding(use[id])
		}
	})
}

// Holders are the profiles that held more of a level than they are allocated
// when that was last looked at.
func (sub Subscription) Holders() (ids []value.ProfileID) {
	for _, id := range sub.ProfileIDs() {
		if sub.Shares[id].Held != (plan.Amounts{}) {
			ids = append(ids, id)
		}
	}
	return ids
}

// StillHolding returns the subscription with what its profiles hold above their
// allocations, for those whose use is given. That can only have become less
// since it was last looked at: reports admit nothing above an allocation. The
// account does not know, as they do not touch it.
func (sub Subscription) StillHolding(use map[value.ProfileID]Usage) Subscription {
	return sub.withShares(func(shares map[value.ProfileID]Share) {
		for id, u := range use {
			if share, own := shares[id]; own {
				shares[id] = share.Holding(u)
			}
		}
	})
}

// Holding returns the share with what the profile holds above its allocation.
func (s Share) Holding(u Usage) Share {
	s.Held = plan.Amounts{}
	for level, n := range u.Heights() {
		if n > s.Allocation[level] {
			s.Held[level] = n
		}
	}
	return s
}

func cover(
	s plan.Service,
	sub, was Subscription,
	use map[value.ProfileID]Usage,
	shares map[value.ProfileID]Share,
	now time.Time,
) {
	short := map[value.ProfileID]int64{}
	var missing, spare int64
	free := sub.Limits[s]
	for id, share := range shares {
		n, height := share.Allocation[s], use[id].Heights()[s]
		free -= n
		spare += max(n-height, 0)
		if need := min(height, was.Shares[id].Allocation[s]); n < need {
			short[id] = need - n
			missing += short[id]
		}
	}
	free = max(free, 0)
	if missing == 0 {
		return
	}
	taken := min(max(missing-free, 0), spare)
	give := min(missing, free+taken)
	for _, id := range sub.ProfileIDs() {
		share := shares[id]
		height := use[id].Heights()[s]
		n := share.Allocation[s]
		switch {
		case short[id] > 0:
			more := min(short[id], give)
			n, give = n+more, give-more
		case taken > 0 && n > height:
			n = height + portion(n-height, spare-taken, spare)
		}
		if n != share.Allocation[s] {
			share.Allocation[s], share.Updated = n, now
			shares[id] = share
		}
	}
}

// Holds are the profiles that have less of a service than they had in was, with
// what each may have used of it for that to be right, in parts of a unit: use
// was read before, and goes on while the account is written.
func (sub Subscription) Holds(
	was Subscription,
	use map[value.ProfileID]Usage,
) map[value.ProfileID]map[plan.Service]int64 {
	holds := map[value.ProfileID]map[plan.Service]int64{}
	for id, share := range sub.Shares {
		for _, s := range plan.Services() {
			if n := share.Allocation[s]; n < was.Shares[id].Allocation[s] {
				if holds[id] == nil {
					holds[id] = map[plan.Service]int64{}
				}
				holds[id][s] = max(n*s.Parts(), use[id].Used[s])
			}
		}
	}
	return holds
}
