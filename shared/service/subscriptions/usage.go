package subscriptions

import (
	"context"
	"time"

	"profiles/shared/access"
	"profiles/shared/billing"
	"profiles/shared/flow"
	"profiles/shared/problem"
	"profiles/shared/service/core"
	"profiles/shared/store"
	"profiles/shared/tenancy"
	"profiles/shared/value"
)

// Usage are the operations on what profiles use: data planes report it, people
// read it.
type Usage struct {
	*core.Base
	billing Service
}

// NewUsage returns the operations on use.
func NewUsage(on *core.Base, billing Service) Usage { return Usage{on, billing} }

// Metered is what a profile may use and has used, as things stand.
type Metered struct {
	Profile tenancy.Profile
	Usage   billing.Usage
	Reset   time.Time // when counters begin again
}

// Check returns what a profile has used and what of it is blocked, for a data
// plane. Errors: ErrNoToken, ErrInvalidToken; CodeForbidden for customers'
// tokens; CodeNotFound for a profile that does not exist.
func (s Usage) Check(ctx context.Context, c access.Client, id value.ProfileID) (Metered, error) {
	batch := s.Store.Batch()
	profile, usage := batch.Profile(id), batch.Usage(id)
	if err := s.beside(ctx, c, batch.Get); err != nil {
		return Metered{}, err
	}
	if !profile.OK {
		return Metered{}, problem.NotFound("Profile")
	}
	now := s.Instant()
	quota := profile.Value.Quota()
	return Metered{profile.Value, usage.Value.Now(quota, now), quota.Cycle(now).End}, nil
}

// beside authorizes a data plane, and reads at the same time.
func (s Usage) beside(
	ctx context.Context, c access.Client, reads ...func(context.Context) error,
) error {
	return flow.Parallel(ctx, append(reads, func(ctx context.Context) error {
		return s.Access.AuthorizeService(ctx, c)
	})...)
}

// Statistics returns what a profile had used at the end of each bucket of a
// span: running totals of the cycle for counters, levels as they were. Errors:
// those of every request to a profile; CodeInvalid naming the parameter.
func (s Usage) Statistics(
	ctx context.Context,
	c access.Client,
	ref access.ProfileRef,
	q billing.StatisticsQuery,
) ([]billing.Statistic, error) {
	now := s.Instant()
	buckets, err := q.Buckets(now)
	if err != nil {
		return nil, err
	}
	var hours []billing.Usage
	var usage *store.Found[billing.Usage]
	history := func(id value.ProfileID) func(context.Context) error {
		return func(ctx context.Context) (err error) {
			hours, err = s.hours(ctx, id, buckets, now)
			return err
		}
	}
	var r access.Rights
	reads := []func(context.Context) error{func(ctx context.Context) (err error) {
		r, err = s.Access.AuthorizeProfile(
			ctx,
			c,
			ref,
			func(b *store.Batch) {
				if !ref.Current {
					usage = b.Usage(ref.ID)
				}
			},
		)
		return err
	}}
	// Read beside the authorization, and dropped if that fails.
	if !ref.Current {
		reads = append(reads, history(ref.ID))
	}
	if err := flow.Parallel(ctx, reads...); err != nil {
		return nil, err
	}
	if ref.Current {
		batch := s.Store.Batch()
		usage = batch.Usage(r.Profile.ID)
		if err := flow.Parallel(ctx, batch.Get, history(r.Profile.ID)); err != nil {
			return nil, err
		}
	}
	if usage.OK {
		hours = append(hours, usage.Value)
	}
	return billing.Statistics(r.Profile.Quota(), hours, buckets, now), nil
}
