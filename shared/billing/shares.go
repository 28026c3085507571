package billing

import (
	"maps"
	"slices"
	"time"

	"profiles/shared/plan"
	"profiles/shared/problem"
	"profiles/shared/value"
)

// Profiles returns how many profiles the account owns.
func (sub Subscription) Profiles() int { return len(sub.Shares) }

// ProfileIDs lists the account's profiles, oldest first.
func (sub Subscription) ProfileIDs() []value.ProfileID {
	return slices.Sorted(maps.Keys(sub.Shares))
}

// withShares returns the subscription with new shares: a copy of the old ones,
// which the function change has modified.
func (sub Subscription) withShares(change func(map[value.ProfileID]Share)) Subscription {
	shares := maps.Clone(sub.Shares)
	if shares == nil {
		shares = map[value.ProfileID]Share{}
	}
	change(shares)
	sub.Shares = shares
	return sub
}

// AddProfile returns the subscription with one more profile, whose allocation
// is taken from what is free. Errors: CodeForbidden for more profiles than the
// plan admits, and for an allocation of more than is free.
func (sub Subscription) AddProfile(
	id value.ProfileID,
	share Share,
	now time.Time,
) (Subscription, error) {
	if limit := sub.Plan.Limits().Profiles; sub.Profiles() >= limit {
		return sub, plan.LimitReached("profiles", limit).
			For(problem.ReasonProfilesFull).
			With("used", sub.Profiles()).
			With("plan", sub.Plan)
	}
	for _, s := range plan.Services() {
		if n := share.Allocation[s]; !share.Allocation.Valid() || !sub.CanAllocate(s, n, now) {
			return sub, problem.Forbidden("The allocation exceeds what the account has left").
				For(problem.ReasonAllocationLacks)
		}
	}
	share.Updated = now
	sub = sub.withShares(func(shares map[value.ProfileID]Share) { shares[id] = share })
	return sub, nil
}

// RemoveProfile returns the subscription without one of its profiles, whose
// allocation becomes free. The counters that it has used in this cycle stay
// charged. Errors: CodeForbidden for the last profile.
func (sub Subscription) RemoveProfile(
	id value.ProfileID,
	use Usage,
	now time.Time,
) (Subscription, error) {
	if sub.Profiles() <= 1 {
		return sub, problem.Forbidden("This is the account's last profile and cannot be deleted: create another one first").
			For(problem.ReasonOnlyProfile)
	}
	sub = sub.withShares(func(shares map[value.ProfileID]Share) { delete(shares, id) }).
		charging(use.Counted(sub, now), now)
	return sub, nil
}

// WithSpare returns the subscription with one more profile, without an
// allocation. The plan's limit is not checked, because the profile replaces one
// that leaves.
func (sub Subscription) WithSpare(id value.ProfileID, now time.Time) Subscription {
	return sub.withShares(func(shares map[value.ProfileID]Share) {
		shares[id] = Share{Updated: now}
	})
}

// Starting returns the allocation of a new profile: all that is free, or of
// each service what is free, up to what every plan includes.
func (sub Subscription) Starting(all bool, now time.Time) plan.Amounts {
	starting, most := sub.Free(now), plan.Included()
	for s := range starting {
		starting[s] = max(starting[s], 0)
		if !all {
			starting[s] = min(starting[s], most[s])
		}
	}
	return starting
}

// Allocated returns the sum of the allocations of the account's profiles.
func (sub Subscription) Allocated() (sum plan.Amounts) {
	for _, share := range sub.Shares {
		sum = sum.Plus(share.Allocation)
	}
	return sum
}

// Divisible returns what the account can allocate in this cycle: its limits
// minus what former profiles have used.
func (sub Subscription) Divisible(now time.Time) plan.Amounts {
	return sub.Limits.Minus(sub.spent(now))
}

// charged returns the sum, over the account's profiles, of the allocation, or
// of the held level where that is more.
func (sub Subscription) charged() (sum plan.Amounts) {
	for _, share := range sub.Shares {
		for s, n := range share.Allocation {
			sum[s] += max(n, share.Held[s])
		}
	}
	return sum
}

// CanAllocate reports whether n of a service can be given to a new profile.
// Levels that other profiles hold above their allocations count against n, but
// an n of 0 is not refused because of them.
func (sub Subscription) CanAllocate(s plan.Service, n int64, now time.Time) bool {
	has := sub.Divisible(now)[s]
	return n+sub.Allocated()[s] <= has && (n == 0 || n+sub.charged()[s] <= has)
}

// Free returns what can still be allocated: the limits, minus what profiles
// have allocated or hold, minus what former profiles have used in this cycle.
// It is negative where profiles hold more than the account has.
func (sub Subscription) Free(now time.Time) plan.Amounts {
	return sub.Divisible(now).Minus(sub.charged())
}
