package billing

import (
	"fmt"
	"time"

	"profiles/shared/plan"
	"profiles/shared/problem"
	"profiles/shared/value"
)

// Spent is the counters that former profiles of an account have used in one
// cycle. They stay charged against the account's limits until the cycle ends;
// otherwise the profile that gets the allocation next could use the same limit
// again. Levels are not included, because what they measure goes away with the
// profile.
type Spent struct {
	Cycle time.Time    // when the cycle began
	Used  plan.Amounts // in parts of a unit
}

// spent returns what former profiles have used in the cycle of now, in whole
// units, rounded up.
func (sub Subscription) spent(now time.Time) plan.Amounts {
	if sub.Spent.Cycle.Before(sub.Cycle(now).Start) {
		return plan.Amounts{}
	}
	return sub.Spent.Used.WholeUnits()
}

// charging returns the subscription with used added to Spent, for the cycle of
// now.
func (sub Subscription) charging(used plan.Amounts, now time.Time) Subscription {
	if used == (plan.Amounts{}) {
		return sub
	}
	// Spent has a later cycle if it was written by a process whose clock is
	// ahead. The use is then charged to that cycle.
	if cycle := sub.Cycle(now).Start; sub.Spent.Cycle.Before(cycle) {
		sub.Spent = Spent{Cycle: cycle}
	}
	sub.Spent.Used = sub.Spent.Used.Plus(used)
	return sub
}

// Resuming takes s out of the subscription's Spent for a profile that comes
// back, and returns the counters that the profile continues from. They are
// zero, and nothing is taken out, when the cycle of s is over.
func (sub Subscription) Resuming(s Spent, now time.Time) (Subscription, plan.Amounts) {
	if s.Cycle.IsZero() || !s.Cycle.Equal(sub.Cycle(now).Start) ||
		!s.Cycle.Equal(sub.Spent.Cycle) ||
		!s.Used.Within(sub.Spent.Used) {
		return sub, plan.Amounts{}
	}
	sub.Spent.Used = sub.Spent.Used.Minus(s.Used)
	return sub, s.Used
}

// Counted returns the counters used since the owner's cycle began, in parts of
// a unit. Levels are zero.
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

// Moved returns the usage of a profile that has a new owner. Counters continue
// from resumed, and levels stay. What was notified and stopped, and a
// suspension, are cleared.
func (u Usage) Moved(q Quota, resumed plan.Amounts, now time.Time) Usage {
	u = u.Now(q, now)
	for _, s := range plan.Services() {
		if s.Counting() == plan.CountingMonthly {
			u.Used[s], u.Over[s] = resumed[s], 0
		}
	}
	u.Reached, u.Stops = nil, Services{}
	u.Alerts, u.Updated = [plan.ServiceCount]Passed{}, now
	u.Coarse, u.Suspended, u.Held = false, time.Time{}, time.Time{}
	u.Version++
	u.Quota = q.Version
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

// Floor returns the least that the allocation can be lowered to, in whole
// units: the counters used in this cycle, and the levels held.
func (u Usage) Floor(owner Subscription, now time.Time) plan.Amounts {
	return u.Counted(owner, now).WholeUnits().Plus(u.Heights())
}

// Moving returns what a profile takes along to another account: its allocation,
// or the level it holds where that is more, as after a renewal that lowered the
// allocation. So everything that is stored counts against the recipient's
// limits.
func (u Usage) Moving(q Quota) plan.Amounts {
	out := q.Allocation
	for s, n := range u.Heights() {
		out[s] = max(out[s], n)
	}
	return out
}

// belowFloor returns the refusal (CodeInvalid) of an allocation below
// Usage.Floor.
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

// Covering corrects allocations that were lowered in proportion. A profile that
// holds more of a level than its new allocation has it raised again, to what it
// holds but at most to what it had in was. The raise is taken from what is
// free, and then from what other profiles have allocated and do not use. If the
// profiles hold more than the account has, no profile has anything left to add.
// use is the usage of all profiles.
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

// Holders lists the profiles whose share has a held level above its allocation,
// oldest first.
func (sub Subscription) Holders() (ids []value.ProfileID) {
	for _, id := range sub.ProfileIDs() {
		if sub.Shares[id].Held != (plan.Amounts{}) {
			ids = append(ids, id)
		}
	}
	return ids
}

// StillHolding returns the subscription with Held set anew for the profiles
// whose usage is given. Held can be out of date, because a report writes the
// usage and not the account.
func (sub Subscription) StillHolding(use map[value.ProfileID]Usage) Subscription {
	return sub.withShares(func(shares map[value.ProfileID]Share) {
		for id, u := range use {
			if share, own := shares[id]; own {
				shares[id] = share.Holding(u)
			}
		}
	})
}

// Holding returns the share with Held set to the levels that exceed its
// allocation.
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

// Holds returns, for each allocation that is lower than it was in was, the most
// that the profile may have used of the service for that to be right, in parts
// of a unit. The write of the account must check it, because the profile can go
// on using the service after use was read.
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
