package billing

import (
	"maps"
	"slices"
	"time"

	"profiles/shared/plan"
	"profiles/shared/problem"
	"profiles/shared/value"
)

// over returns the refusal (CodeInvalid) of allocations that add up to more of
// a service than the account has.
func over(s plan.Service, used, limit int64, format string, args ...any) *problem.Error {
	return problem.Invalid(format, args...).
		For(problem.ReasonAllocationOver).
		With("service", s.String()).
		With("used", used).
		With("limit", limit)
}

// Saw refuses a change if an allocation has changed since the caller read it,
// because the change would undo that. seen has the allocations that the caller
// read. Errors: CodeConflict naming the first profile and service that differ.
func (sub Subscription) Saw(seen map[value.ProfileID]map[plan.Service]int64) error {
	for _, id := range slices.Sorted(maps.Keys(seen)) {
		share, own := sub.Shares[id]
		for _, s := range plan.Services() {
			if n, ok := seen[id][s]; ok && (!own || n != share.Allocation[s]) {
				return problem.Conflict(
					"%s of profile %s was %d when you saw it, and was changed in the meantime: "+
						"read the allocations again",
					s, problem.Quoted(id), n,
				).
					For(problem.ReasonAllocationStale).
					With("service", s.String()).With("profile", id).With("seen", n)
			}
		}
	}
	return nil
}

// Allocate returns the subscription with the changed allocations. Services and
// profiles that changes leaves out stay as they are. use is the usage of the
// profiles in changes. Errors: CodeForbidden for an account whose only profile
// has everything; CodeInvalid for a profile that is not the account's, a
// negative amount, more of a service than the account has, and an allocation
// lowered below what the profile has used (see Usage.Floor).
func (sub Subscription) Allocate(
	changes map[value.ProfileID]map[plan.Service]int64,
	use map[value.ProfileID]Usage,
	now time.Time,
) (Subscription, error) {
	if sub.Profiles() == 1 && sub.Free(now) == (plan.Amounts{}) {
		return sub, problem.Forbidden("The account's only profile has everything that the account has: create another profile to divide it").
			For(problem.ReasonOnlyProfile)
	}
	var bad error
	was := sub
	sub = sub.withShares(func(shares map[value.ProfileID]Share) {
		for _, id := range slices.Sorted(maps.Keys(changes)) {
			share, own := shares[id]
			if !own {
				bad = problem.Invalid("profile %s is not one of the account's own profiles", problem.Quoted(id))
				return
			}
			for _, s := range plan.Services() {
				n, ok := changes[id][s]
				if !ok {
					continue
				}
				if n < 0 || n > sub.Limits[s] {
					bad = problem.Invalid(
						"%s of profile %s must be from 0 to the %d that the account has",
						s,
						id,
						sub.Limits[s],
					)
					return
				}
				if floor := use[id].Floor(sub, now)[s]; n < floor && n < share.Allocation[s] {
					bad = belowFloor(id, s, floor, sub, now)
					return
				}
				share.Allocation[s] = n
			}
			share.Updated = now
			shares[id] = share.Holding(use[id])
		}
	})
	if bad != nil {
		return sub, bad
	}
	sum, charged, before, spent := sub.Allocated(), sub.charged(), was.charged(), sub.spent(now)
	for _, s := range plan.Services() {
		switch has := sub.Limits[s] - spent[s]; {
		case sum[s] <= has && (charged[s] <= has || charged[s] <= before[s]):
		case sum[s] <= has:
			return sub, over(
				s,
				charged[s],
				has,
				"%s adds up to %d over the profiles with what they hold above their allocations, and the account has %d: remove some of it first, or raise the limit",
				s,
				charged[s],
				has,
			)
		case spent[s] > 0:
			return sub, over(
				s,
				sum[s],
				has,
				"%s adds up to %d over the profiles, and of the %d that the account has %d are used up until %s, by a profile that is gone: lower it for one of them, or raise the limit",
				s,
				sum[s],
				sub.Limits[s],
				spent[s],
				sub.Cycle(now).End.Format(value.TimeFormat),
			)
		default:
			return sub, over(
				s,
				sum[s],
				has,
				"%s adds up to %d over the profiles, and the account has %d: lower it for one of them, or raise the limit",
				s,
				sum[s],
				has,
			)
		}
	}
	return sub, nil
}
