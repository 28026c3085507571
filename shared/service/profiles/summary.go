package profiles

import (
	"context"
	"time"

	"profiles/shared/access"
	"profiles/shared/billing"
	"profiles/shared/plan"
	"profiles/shared/store"
	"profiles/shared/tenancy"
)

// Summary is what a profile may use and what it has used.
type Summary struct {
	Profile tenancy.Profile
	Used    plan.Amounts // in parts of a unit, see plan.Service.Parts
	Over    plan.Amounts // above the limit of soft services, in parts
	Blocked []plan.Service
	Stopped billing.Services // by alerts
	Reset   time.Time        // when counters begin again
}

// Summary returns a profile's limits and use. Errors: those of Get.
func (s Service) Summary(
	ctx context.Context, c access.Client, ref access.ProfileRef,
) (Summary, error) {
	now := s.Instant()
	var used *store.Found[billing.Usage]
	r, err := s.Access.AuthorizeProfile(ctx, c, ref, func(b *store.Batch) {
		if !ref.Current {
			used = b.Usage(ref.ID)
		}
	})
	if err != nil {
		return Summary{}, err
	}
	if ref.Current {
		batch := s.Store.Batch()
		used = batch.Usage(r.Profile.ID)
		if err := batch.Get(ctx); err != nil {
			return Summary{}, err
		}
	}
	return summaryOf(r.Profile, used.Value, now), nil
}

// summaryOf returns what a profile may use and has used. A service with no
// limit and no use is not reported as blocked: the profile does not have it.
func summaryOf(p tenancy.Profile, u billing.Usage, now time.Time) Summary {
	quota := p.Quota()
	u = u.Now(quota, now)
	out := Summary{
		Profile: p, Used: u.Used, Over: u.Over, Stopped: u.Stopped(quota),
		Reset: p.UsageCycle(now).End,
	}
	for _, one := range plan.Services() {
		if (p.Allocation[one] > 0 || out.Stopped[one]) && u.Blocked(one, quota) {
			out.Blocked = append(out.Blocked, one)
		}
	}
	return out
}
