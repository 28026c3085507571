package subscriptions

import (
	"context"
	"time"

	"profiles/shared/billing"
	"profiles/shared/service/core"
	"profiles/shared/store"
	"profiles/shared/tenancy"
	"profiles/shared/value"
)

// Renew renews the subscriptions whose paid cycle is over, with what was
// scheduled for that. One that is late is renewed for each cycle that has begun
// since. It goes as far as the time of ctx allows, may run twice at once, and
// returns how many cycles it renewed.
func (s Service) Renew(ctx context.Context) (int, error) {
	now := s.Instant()
	return core.Sweep(
		ctx,
		s.Config,
		core.One(store.DueRenewal, func(
			ctx context.Context, due store.DueEntry,
		) (int, bool, error) {
			renewed, err := s.renew(ctx, store.Origin{}, value.AccountID(due.ID), now)
			return core.OneIf(renewed), renewed, err
		}),
	)
}

// renewDue renews a subscription for each cycle that is over, before something
// else that depends on it. Errors: CodeConflict when somebody else does so too.
func (s Service) renewDue(
	ctx context.Context,
	from store.Origin,
	id value.AccountID,
	now time.Time,
) error {
	for {
		if renewed, err := s.renew(ctx, from, id, now); err != nil || !renewed {
			return err
		}
	}
}

// renew renews a subscription for one cycle, and reports whether it did.
func (s Service) renew(
	ctx context.Context,
	from store.Origin,
	id value.AccountID,
	now time.Time,
) (bool, error) {
	batch := s.Store.Batch()
	found := batch.Account(id)
	if err := batch.Get(ctx); err != nil {
		return false, err
	}
	was := found.Value
	account, charges, err := was.Renew(now)
	if !found.OK || err != nil {
		return false, nil
	}
	var use map[value.ProfileID]billing.Usage
	if len(account.Holds(was.Subscription, nil)) > 0 {
		if use, err = usages(ctx, s.Store, account.ProfileIDs()...); err != nil {
			return false, err
		}
		account = account.Covering(was, use, now)
	}
	tx := s.Store.Begin()
	s.put(tx, was, account, use, charges, now)
	e := s.AuditEntry(
		string(id),
		tenancy.Token{},
		"account",
		string(id),
		"Subscription renewed",
		now,
	)
	if was.PaidUntil.IsZero() {
		e.Message = "Cycle ended: what was used up is free again"
	}
	e.Who = "subscription-renew"
	tx.Audit(core.Changing(e, account.Differences(was)...))
	if err := tx.CommitAside(ctx, from); err != nil {
		return false, err
	}
	s.notifyCost(ctx, from, costly(was, account, true))
	return true, nil
}
