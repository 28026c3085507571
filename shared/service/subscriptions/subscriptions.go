// Package subscriptions has the use cases of subscriptions, allocations, cost
// and use.
package subscriptions

import (
	"context"
	"maps"
	"slices"
	"time"

	"profiles/shared/access"
	"profiles/shared/billing"
	"profiles/shared/flow"
	"profiles/shared/plan"
	"profiles/shared/problem"
	"profiles/shared/service/core"
	"profiles/shared/store"
	"profiles/shared/tenancy"
	"profiles/shared/value"
)

// Service has the operations on subscriptions, allocations and cost. They
// concern the account of the calling token, or of the owner of a profile.
type Service struct{ *core.Base }

// New returns the operations on subscriptions and cost.
func New(on *core.Base) Service { return Service{on} }

// Account returns the caller's account, with its subscription. Errors:
// ErrNoToken, ErrInvalidToken.
func (s Service) Account(ctx context.Context, c access.Client) (tenancy.Account, error) {
	who, err := s.Access.AuthorizeAccount(ctx, c, nil)
	account, _ := who.Account.Current(s.Instant())
	return account, err
}

// Subscription is an account's subscription as things stand.
type Subscription struct {
	Account  tenancy.Account
	Cycle    billing.Cycle
	Upcoming int64 // what the next renewal will be charged, in cents
	// Prorated is what something of a price would cost from now to the end of
	// the cycle, in cents.
	Prorated func(price int64, consumable bool) int64
}

// Subscription returns the caller's subscription. Errors: those of every
// request with a token.
func (s Service) Subscription(ctx context.Context, c access.Client) (Subscription, error) {
	a, err := s.Account(ctx, c)
	if err != nil {
		return Subscription{}, err
	}
	now := s.Instant()
	out := Subscription{
		Account: a,
		Cycle:   a.Cycle(now),
		Prorated: func(price int64, consumable bool) int64 {
			return a.Prorated(price, consumable, now)
		},
	}
	_, upcoming := a.Upcoming()
	for _, charge := range upcoming {
		out.Upcoming += charge.Amount
	}
	return out, nil
}

// MayChange refuses whoever may not change the subscription. Errors: those of
// every request with a token; CodeForbidden for a read token.
func (s Service) MayChange(ctx context.Context, c access.Client) error {
	_, err := s.Access.AuthorizeAccount(ctx, c, nil)
	return err
}

// change decides about the caller's account and commits what follows: the
// account, its snapshot and its profiles when its limits or shares have
// changed, and what is charged.
func (s Service) change(
	ctx context.Context,
	c access.Client,
	audit string,
	decide func(tenancy.Account, time.Time) (tenancy.Account, []billing.Charge, error),
) error {
	return s.changeUsed(ctx, c, s.caller(c), audit, nil, unused(decide))
}

// decision decides about an account and what some profiles have used.
type decision = func(
	tenancy.Account, map[value.ProfileID]billing.Usage, time.Time,
) (tenancy.Account, []billing.Charge, error)

// unused is a decision that does not depend on what profiles have used.
func unused(
	decide func(tenancy.Account, time.Time) (tenancy.Account, []billing.Charge, error),
) decision {
	return func(
		a tenancy.Account, _ map[value.ProfileID]billing.Usage, now time.Time,
	) (tenancy.Account, []billing.Charge, error) {
		return decide(a, now)
	}
}

// changeUsed is change for a decision that depends on what some profiles have
// used. Those that are not of the account are read in vain. pays returns whose
// account it is.
func (s Service) changeUsed(
	ctx context.Context,
	c access.Client,
	pays payer,
	audit string,
	profiles []value.ProfileID,
	decide decision,
) error {
	_, err := flow.RetryOnConflict(ctx, func() (struct{}, error) {
		found := map[value.ProfileID]*store.Found[billing.Usage]{}
		who, also, err := pays(ctx, func(b *store.Batch, _ value.AccountID) {
			for _, id := range profiles {
				found[id] = b.Usage(id)
			}
		})
		if err != nil {
			return struct{}{}, err
		}
		now := s.Instant()
		// A renewal that is due comes first, also when the sweep has not done
		// it yet.
		if at := who.Account.RenewsAt(); !at.IsZero() && !now.Before(at) {
			if err := s.renewDue(ctx, c.Origin(), who.Account.ID, now); err != nil {
				return struct{}{}, err
			}
			return struct{}{}, problem.ErrConflict
		}
		use := map[value.ProfileID]billing.Usage{}
		for id, u := range found {
			use[id] = u.Value
		}
		held, err := core.StillHeld(ctx, s.Store, who.Account)
		if err != nil {
			return struct{}{}, err
		}
		account, charges, err := decide(held, use, now)
		if err != nil {
			return struct{}{}, err
		}
		tx := s.Store.Begin()
		s.put(tx, who.Account, account, use, charges, now)
		e := s.AuditEntry(string(account.ID), who.Token, "account", string(account.ID), audit, now)
		e.Changes = account.Differences(who.Account)
		tx.Audit(e)
		if also != nil {
			also(tx, audit, now)
		}
		if err := tx.Commit(ctx, c.Origin()); err != nil {
			return struct{}{}, err
		}
		s.notifyCost(ctx, c.Origin(), costly(who.Account, account, false))
		return struct{}{}, nil
	})
	return err
}

// put adds a changed account to a commit, with everything that has to change
// with it. use is what the profiles have used of which it lowers an allocation.
func (s Service) put(
	tx *store.Tx,
	was, is tenancy.Account,
	use map[value.ProfileID]billing.Usage,
	charges []billing.Charge,
	now time.Time,
) {
	profiles := core.Changed(was, is)
	if is.Limits == was.Limits && maps.Equal(is.Shares, was.Shares) {
		tx.SyncCopies(is, now, profiles...)
	} else {
		tx.Reallocate(was, is, use, now, profiles...)
	}
	for _, charge := range charges {
		charge.ID = s.NewID(now)
		tx.Charge(charge)
	}
}

// Edit changes the subscription: see tenancy.Account.EditSubscription. There is
// no payment provider: what is charged is a line of the statement. Errors:
// those of every request with a token; CodeForbidden for a read token; those of
// EditSubscription.
func (s Service) Edit(ctx context.Context, c access.Client, e billing.SubscriptionEdit) error {
	return s.change(
		ctx,
		c,
		"Subscription changed",
		func(a tenancy.Account, now time.Time) (tenancy.Account, []billing.Charge, error) {
			return a.EditSubscription(e, now)
		},
	)
}

// CancelSchedule takes back what is scheduled for the renewal. Errors: as Edit;
// billing.ErrNothingScheduled.
func (s Service) CancelSchedule(ctx context.Context, c access.Client) error {
	return s.change(
		ctx,
		c,
		"Scheduled change of the subscription canceled",
		func(a tenancy.Account, now time.Time) (tenancy.Account, []billing.Charge, error) {
			a, err := a.CancelSchedule(now)
			return a, nil, err
		},
	)
}

// Allocate divides the subscription over the account's profiles: see
// tenancy.Account.Allocate. Errors: as Edit; those of Account.Allocate.
func (s Service) Allocate(
	ctx context.Context,
	c access.Client,
	changes map[value.ProfileID]map[plan.Service]int64,
) error {
	return s.AllocateSeen(ctx, c, changes, nil)
}

// AllocateSeen is Allocate for a client that saw these allocations before it
// changed them. Errors: as Allocate; those of Account.Saw, in the same commit.
func (s Service) AllocateSeen(
	ctx context.Context,
	c access.Client,
	changes, seen map[value.ProfileID]map[plan.Service]int64,
) error {
	profiles := slices.Sorted(maps.Keys(changes))
	return s.changeUsed(ctx, c, s.caller(c), allocated, profiles, func(
		a tenancy.Account, use map[value.ProfileID]billing.Usage, now time.Time,
	) (tenancy.Account, []billing.Charge, error) {
		if err := a.Saw(seen); err != nil {
			return a, nil, err
		}
		a, err := a.Allocate(changes, use, now)
		return a, nil, err
	})
}

const allocated = "Allocation changed"

// AllocateOne is Allocate for one profile of the caller, or one on which the
// caller has the permission billing. Errors: those of every request to a
// profile; CodeForbidden for other members; those of Account.Allocate.
func (s Service) AllocateOne(
	ctx context.Context,
	c access.Client,
	ref access.ProfileRef,
	amounts map[plan.Service]int64,
) error {
	p, pays, err := s.payerOf(ctx, c, ref)
	if err != nil {
		return err
	}
	changes := map[value.ProfileID]map[plan.Service]int64{p.ID: amounts}
	return s.changeUsed(ctx, c, pays, allocated, []value.ProfileID{p.ID}, func(
		a tenancy.Account, use map[value.ProfileID]billing.Usage, now time.Time,
	) (tenancy.Account, []billing.Charge, error) {
		a, err := a.Allocate(changes, use, now)
		return a, nil, err
	})
}

// Addons returns the add-ons of a profile. Errors: those of every request to a
// profile.
func (s Service) Addons(
	ctx context.Context, c access.Client, ref access.ProfileRef,
) (billing.Addons, error) {
	r, err := s.Access.AuthorizeProfile(ctx, c, ref, nil)
	return r.Profile.Addons, err
}

// EditAddons changes which add-ons a profile has, for those that AllocateOne is
// for: one that is new is charged and there at once, one that is not wanted any
// more ends with the cycle. Errors: as AllocateOne; those of EditSubscription.
func (s Service) EditAddons(
	ctx context.Context,
	c access.Client,
	ref access.ProfileRef,
	wanted map[plan.Addon]bool,
) error {
	p, pays, err := s.payerOf(ctx, c, ref)
	if err != nil {
		return err
	}
	return s.changeUsed(ctx, c, pays, "Add-ons of a profile changed", nil, unused(
		func(a tenancy.Account, now time.Time) (tenancy.Account, []billing.Charge, error) {
			return a.EditSubscription(a.AddonEdit(p.ID, wanted), now)
		},
	))
}

// RemoveAddon ends an add-on of a profile with the cycle, for those that
// AllocateOne is for. Errors: as EditAddons; CodeNotFound when the profile does
// not have it.
func (s Service) RemoveAddon(
	ctx context.Context, c access.Client, ref access.ProfileRef, one plan.Addon,
) error {
	p, pays, err := s.payerOf(ctx, c, ref)
	if err == nil && !p.Addons.Has(one) {
		err = problem.NotFound("Addon")
	}
	if err != nil {
		return err
	}
	return s.changeUsed(ctx, c, pays, "Add-on of a profile ended", nil, unused(
		func(a tenancy.Account, now time.Time) (tenancy.Account, []billing.Charge, error) {
			return a.EditSubscription(a.AddonEdit(p.ID, map[plan.Addon]bool{one: false}), now)
		},
	))
}

// EditAddress changes where invoices go. Errors: as Edit; CodeInvalid naming
// the field.
func (s Service) EditAddress(ctx context.Context, c access.Client, e billing.AddressEdit) error {
	return s.change(
		ctx,
		c,
		"Billing address changed",
		func(a tenancy.Account, now time.Time) (tenancy.Account, []billing.Charge, error) {
			var err error
			a.Billing, err = a.Billing.Edit(e, now)
			return a, nil, err
		},
	)
}

// usages reads what profiles have used.
func usages(
	ctx context.Context,
	in *store.Store,
	profiles ...value.ProfileID,
) (map[value.ProfileID]billing.Usage, error) {
	batch := in.Batch()
	found := map[value.ProfileID]*store.Found[billing.Usage]{}
	for _, id := range profiles {
		found[id] = batch.Usage(id)
	}
	if err := batch.Get(ctx); err != nil {
		return nil, err
	}
	use := map[value.ProfileID]billing.Usage{}
	for id, u := range found {
		use[id] = u.Value
	}
	return use, nil
}
