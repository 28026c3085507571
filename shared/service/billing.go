package service

import (
	"context"
	"maps"
	"slices"
	"time"

	"profiles/shared/flow"
	"profiles/shared/plan"
	"profiles/shared/problem"
	"profiles/shared/store"
	"profiles/shared/tenancy"
	"profiles/shared/value"
)

// Billing are the operations on subscriptions, allocations and cost. They
// concern the account of the calling token.
type Billing struct{ *base }

// Account returns the caller's account, with its subscription. Errors:
// ErrNoToken, ErrInvalidToken.
func (s Billing) Account(ctx context.Context, c Client) (tenancy.Account, error) {
	who, err := s.access.AuthorizeAccount(ctx, c, tenancy.PermissionRead, nil)
	account, _ := who.Account.Current(s.now())
	return account, err
}

// Subscription is an account's subscription as things stand.
type Subscription struct {
	Account  tenancy.Account
	Cycle    tenancy.Cycle
	Upcoming int64 // what the next renewal will be charged, in cents
	// Prorated is what something of a price would cost from now to the end of
	// the cycle, in cents.
	Prorated func(price int64, consumable bool) int64
}

// Subscription returns the caller's subscription. Errors: those of every
// request with a token.
func (s Billing) Subscription(ctx context.Context, c Client) (Subscription, error) {
	a, err := s.Account(ctx, c)
	if err != nil {
		return Subscription{}, err
	}
	now := s.now()
	out := Subscription{
		Account:  a,
		Cycle:    a.Cycle(now),
		Prorated: func(price int64, consumable bool) int64 { return a.Prorated(price, consumable, now) },
	}
	_, upcoming := a.Upcoming()
	for _, charge := range upcoming {
		out.Upcoming += charge.Amount
	}
	return out, nil
}

// MayChange refuses whoever may not change the subscription. Errors: those of
// every request with a token; CodeForbidden for a read token.
func (s Billing) MayChange(ctx context.Context, c Client) error {
	_, err := s.access.AuthorizeAccount(ctx, c, tenancy.PermissionWrite, nil)
	return err
}

// change decides about the caller's account and commits what follows: the
// account, its snapshot and its profiles when its limits or shares have
// changed, and what is charged.
func (s Billing) change(
	ctx context.Context,
	c Client,
	audit string,
	decide func(tenancy.Account, time.Time) (tenancy.Account, []tenancy.Charge, error),
) error {
	return s.changeUsed(
		ctx,
		c,
		audit,
		nil,
		func(a tenancy.Account, _ map[value.ProfileID]tenancy.Usage, now time.Time) (tenancy.Account, []tenancy.Charge, error) {
			return decide(a, now)
		},
	)
}

// changeUsed is change for a decision that depends on what some profiles have
// used. Those that are not the caller's are read in vain.
func (s Billing) changeUsed(
	ctx context.Context,
	c Client,
	audit string,
	profiles []value.ProfileID,
	decide func(tenancy.Account, map[value.ProfileID]tenancy.Usage, time.Time) (tenancy.Account, []tenancy.Charge, error),
) error {
	_, err := flow.RetryOnConflict(ctx, func() (struct{}, error) {
		found := map[value.ProfileID]*store.Found[tenancy.Usage]{}
		who, err := s.access.AuthorizeAccount(
			ctx,
			c,
			tenancy.PermissionWrite,
			func(b *store.Batch, _ value.AccountID) {
				for _, id := range profiles {
					found[id] = b.Usage(id)
				}
			},
		)
		if err != nil {
			return struct{}{}, err
		}
		now := s.now()
		// A renewal that is due comes first, though the sweep has not come yet.
		if at := who.Account.RenewsAt(); !at.IsZero() && !now.Before(at) {
			if err := s.renewDue(store.WithoutRecord(ctx), who.Account.ID, now); err != nil {
				return struct{}{}, err
			}
			return struct{}{}, problem.ErrConflict
		}
		use := map[value.ProfileID]tenancy.Usage{}
		for id, u := range found {
			use[id] = u.Value
		}
		held, err := s.stillHeld(ctx, who.Account)
		if err != nil {
			return struct{}{}, err
		}
		account, charges, err := decide(held, use, now)
		if err != nil {
			return struct{}{}, err
		}
		tx := s.Store.Begin()
		s.put(tx, who.Account, account, use, charges, now)
		e := s.auditEntry(string(account.ID), who.Token, "account", string(account.ID), audit, now)
		e.Changes = account.Differences(who.Account)
		tx.Audit(e)
		return struct{}{}, tx.Commit(ctx)
	})
	return err
}

// stillHeld returns the account with what its profiles hold above their
// allocations now, which may be less than it was.
func (b *base) stillHeld(ctx context.Context, a tenancy.Account) (tenancy.Account, error) {
	holders := a.Holders()
	if len(holders) == 0 {
		return a, nil
	}
	batch := b.Store.Batch()
	found := map[value.ProfileID]*store.Found[tenancy.Usage]{}
	for _, id := range holders {
		found[id] = batch.Usage(id)
	}
	err := batch.Get(ctx)
	use := map[value.ProfileID]tenancy.Usage{}
	for id, u := range found {
		use[id] = u.Value
	}
	return a.StillHolding(use), err
}

// put adds a changed account to a commit, with everything that has to change
// with it. use is what the profiles have used of which it lowers an allocation.
func (s Billing) put(
	tx *store.Tx,
	was, is tenancy.Account,
	use map[value.ProfileID]tenancy.Usage,
	charges []tenancy.Charge,
	now time.Time,
) {
	if profiles := changed(was, is); is.Limits == was.Limits && maps.Equal(is.Shares, was.Shares) {
		tx.SyncCopies(is, now, profiles...)
	} else {
		tx.Reallocate(is, now, profiles...)
	}
	cycle := is.Cycle(now).Start
	for id, limits := range is.Holds(was, use) {
		tx.HoldUse(id, cycle, limits)
	}
	for _, charge := range charges {
		charge.ID = s.NewID(now)
		tx.Charge(charge)
	}
}

// changed are the profiles whose copies of their account, or whose shares, are
// not as they were.
func changed(was, is tenancy.Account) (ids []value.ProfileID) {
	for _, id := range is.ProfileIDs() {
		p := tenancy.Profile{ID: id}
		if is.Shares[id] != was.Shares[id] || p.Of(was) != p.Of(is) {
			ids = append(ids, id)
		}
	}
	return ids
}

// Edit changes the subscription: see tenancy.Account.EditSubscription. There is
// no payment provider: what is charged is a line of the statement. Errors:
// those of every request with a token; CodeForbidden for a read token; those of
// EditSubscription.
func (s Billing) Edit(ctx context.Context, c Client, e tenancy.SubscriptionEdit) error {
	return s.change(
		ctx,
		c,
		"Subscription changed",
		func(a tenancy.Account, now time.Time) (tenancy.Account, []tenancy.Charge, error) {
			return a.EditSubscription(e, now)
		},
	)
}

// CancelSchedule takes back what is scheduled for the renewal. Errors: as Edit;
// tenancy.ErrNothingScheduled.
func (s Billing) CancelSchedule(ctx context.Context, c Client) error {
	return s.change(
		ctx,
		c,
		"Scheduled change of the subscription canceled",
		func(a tenancy.Account, now time.Time) (tenancy.Account, []tenancy.Charge, error) {
			a, err := a.CancelSchedule(now)
			return a, nil, err
		},
	)
}

// Allocate divides the subscription over the account's profiles: see
// tenancy.Account.Allocate. Errors: as Edit; those of Account.Allocate.
func (s Billing) Allocate(
	ctx context.Context,
	c Client,
	changes map[value.ProfileID]map[plan.Service]int64,
) error {
	profiles := slices.Sorted(maps.Keys(changes))
	return s.changeUsed(
		ctx,
		c,
		"Allocation changed",
		profiles,
		func(a tenancy.Account, use map[value.ProfileID]tenancy.Usage, now time.Time) (tenancy.Account, []tenancy.Charge, error) {
			a, err := a.Allocate(changes, use, now)
			return a, nil, err
		},
	)
}

// AllocateOne is Allocate for one of the caller's own profiles. Errors: those
// of every request to a profile; CodeForbidden for members; those of
// Account.Allocate.
func (s Billing) AllocateOne(
	ctx context.Context,
	c Client,
	ref ProfileRef,
	amounts map[plan.Service]int64,
) error {
	p, err := s.own(ctx, c, ref, tenancy.PermissionWrite)
	if err != nil {
		return err
	}
	return s.Allocate(ctx, c, map[value.ProfileID]map[plan.Service]int64{p.ID: amounts})
}

// own authorises an owner's request to a profile and returns that.
func (s Billing) own(
	ctx context.Context,
	c Client,
	ref ProfileRef,
	need tenancy.Permission,
) (tenancy.Profile, error) {
	r, err := s.access.AuthorizeProfile(ctx, c, ref, need, nil)
	if err == nil {
		err = r.RequireOwner()
	}
	return r.Profile, err
}

// Addons returns the add-ons of a profile. Errors: those of every request to a
// profile.
func (s Billing) Addons(ctx context.Context, c Client, ref ProfileRef) (tenancy.Addons, error) {
	r, err := s.access.AuthorizeProfile(ctx, c, ref, tenancy.PermissionRead, nil)
	return r.Profile.Addons, err
}

// EditAddons changes which add-ons one of the caller's own profiles has: one
// that is new is charged and there at once, one that is not wanted any more
// ends with the cycle. Errors: as AllocateOne; those of EditSubscription.
func (s Billing) EditAddons(
	ctx context.Context,
	c Client,
	ref ProfileRef,
	wanted map[plan.Addon]bool,
) error {
	p, err := s.own(ctx, c, ref, tenancy.PermissionWrite)
	if err != nil {
		return err
	}
	return s.change(
		ctx,
		c,
		"Add-ons of a profile changed",
		func(a tenancy.Account, now time.Time) (tenancy.Account, []tenancy.Charge, error) {
			lists := map[plan.Addon][]value.ProfileID{}
			for one, want := range wanted {
				lists[one] = without(a.Keeping(one), p.ID)
				if want {
					lists[one] = append(lists[one], p.ID)
				}
			}
			return a.EditSubscription(tenancy.SubscriptionEdit{Addons: lists}, now)
		},
	)
}

// RemoveAddon ends an add-on of one of the caller's own profiles with the
// cycle. Errors: as EditAddons; CodeNotFound when the profile does not have it.
func (s Billing) RemoveAddon(ctx context.Context, c Client, ref ProfileRef, one plan.Addon) error {
	p, err := s.own(ctx, c, ref, tenancy.PermissionWrite)
	if err == nil && !p.Addons.Has(one) {
		err = problem.NotFound("Addon")
	}
	if err != nil {
		return err
	}
	return s.change(
		ctx,
		c,
		"Add-on of a profile ended",
		func(a tenancy.Account, now time.Time) (tenancy.Account, []tenancy.Charge, error) {
			return a.EditSubscription(
				tenancy.SubscriptionEdit{
					Addons: map[plan.Addon][]value.ProfileID{one: without(a.Keeping(one), p.ID)},
				},
				now,
			)
		},
	)
}

func without(ids []value.ProfileID, id value.ProfileID) []value.ProfileID {
	out := []value.ProfileID{}
	for _, other := range ids {
		if other != id {
			out = append(out, other)
		}
	}
	return out
}

// EditAddress changes where invoices go. Errors: as Edit; CodeInvalid naming
// the field.
func (s Billing) EditAddress(ctx context.Context, c Client, e tenancy.BillingAddressEdit) error {
	return s.change(
		ctx,
		c,
		"Billing address changed",
		func(a tenancy.Account, now time.Time) (tenancy.Account, []tenancy.Charge, error) {
			var err error
			a.Billing, err = a.Billing.Edit(e, now)
			return a, nil, err
		},
	)
}

// Payments returns charges of the caller's account, newest first: amount of
// them, from after the one named last on, or from the newest. Errors: those of
// every request with a token.
func (s Billing) Payments(
	ctx context.Context,
	c Client,
	amount int,
	last string,
) ([]tenancy.Charge, error) {
	who, err := s.access.AuthorizeAccount(ctx, c, tenancy.PermissionRead, nil)
	if err != nil {
		return nil, err
	}
	var out []tenancy.Charge
	found := last == ""
	for charge, err := range s.Store.LastCharges(ctx, who.Account.ID, amount) {
		if err != nil {
			return nil, err
		}
		if !found {
			found = charge.ID == last
			continue
		}
		if out = append(out, charge); len(out) == amount {
			break
		}
	}
	if !found {
		return nil, problem.InvalidField(
			"last_id",
			problem.FieldChoice,
			"must be the stripe_id of one of the account's charges",
		)
	}
	return out, nil
}

// Cost is what an account costs in a month, with the names of its profiles, and
// what its next renewal will cost.
type Cost struct {
	tenancy.Cost
	Names    map[value.ProfileID]string // of profiles that the account still has
	Renewal  time.Time                  // zero: there is none
	Zone     *time.Location             // where the account is
	Upcoming tenancy.Cost
}

// Cost divides what the caller's account was charged in a month over its
// profiles and services; the lines add up to the statement to the cent, also
// for profiles that are gone. month is as tenancy.ParseMonth reads it. Errors:
// those of every request with a token; CodeInvalid for the month.
func (s Billing) Cost(ctx context.Context, c Client, month string) (Cost, error) {
	who, err := s.access.AuthorizeAccount(ctx, c, tenancy.PermissionRead, nil)
	if err != nil {
		return Cost{}, err
	}
	return s.cost(ctx, who.Account.ID, month)
}

// ProfileCost is the part of its owner's cost that is a profile's. Errors:
// those of every request to a profile; CodeForbidden for members; CodeInvalid
// for the month.
func (s Billing) ProfileCost(
	ctx context.Context,
	c Client,
	ref ProfileRef,
	month string,
) (Cost, error) {
	p, err := s.own(ctx, c, ref, tenancy.PermissionRead)
	if err != nil {
		return Cost{}, err
	}
	cost, err := s.cost(ctx, p.Owner, month)
	cost.Cost, cost.Upcoming = cost.Of(p.ID), cost.Upcoming.Of(p.ID)
	return cost, err
}

// Overview is an account with the names of its profiles.
type Overview struct {
	Account tenancy.Account
	Names   map[value.ProfileID]string
}

// Overview returns the caller's account with the names of its profiles. Errors:
// those of every request with a token.
func (s Billing) Overview(ctx context.Context, c Client) (Overview, error) {
	a, err := s.Account(ctx, c)
	if err != nil {
		return Overview{}, err
	}
	_, names, err := s.named(ctx, a.ID)
	return Overview{a, names}, err
}

// named reads an account, and the names of the profiles that it can open.
func (s Billing) named(
	ctx context.Context,
	id value.AccountID,
) (tenancy.Account, map[value.ProfileID]string, error) {
	names := map[value.ProfileID]string{}
	account, grants, err := s.Store.AccountWithGrants(ctx, id)
	for _, g := range grants {
		names[g.Profile] = g.Name
	}
	return account, names, err
}

func (s Billing) cost(ctx context.Context, id value.AccountID, text string) (Cost, error) {
	now := s.now()
	month, err := tenancy.ParseMonth(text, now)
	if err != nil {
		return Cost{}, err
	}
	end := month.AddDate(0, 1, 0)
	var cost Cost
	var a tenancy.Account
	var charges []tenancy.Charge
	var history []tenancy.Snapshot
	// What is charged in a month may be for up to a month more.
	err = flow.Parallel(ctx, func(ctx context.Context) (err error) {
		charges, err = first(s.Store.Charges(ctx, id, month, end), maxCharges)
		return err
	}, func(ctx context.Context) (err error) {
		history, err = s.Store.Snapshots(ctx, id, month, end.AddDate(0, 1, 0))
		return err
	}, func(ctx context.Context) (err error) {
		a, cost.Names, err = s.named(ctx, id)
		return err
	})
	if err != nil {
		return Cost{}, err
	}
	cost.Cost = tenancy.CostOf(month, charges, history)
	cost.Zone = a.Zone()
	a, _ = a.Current(now)
	next, upcoming := a.Upcoming()
	cost.Renewal = a.PaidUntil
	cost.Upcoming = tenancy.CostOf(
		a.PaidUntil,
		upcoming,
		[]tenancy.Snapshot{next.Snapshot(a.PaidUntil)},
	)
	return cost, nil
}

// maxCharges is how many charges of a month are looked at: far more than a
// person can cause.
const maxCharges = 10_000

// Renew renews the subscriptions whose paid cycle is over, with what was
// scheduled for that. One that is late is renewed for each cycle that has begun
// since. It goes as far as the time of ctx allows, may run twice at once, and
// returns how many cycles it renewed.
func (s Billing) Renew(ctx context.Context) (int, error) {
	now := s.now()
	return s.sweep(
		ctx,
		one(store.DueRenewal, func(ctx context.Context, due store.DueEntry) (int, bool, error) {
			renewed, err := s.renew(ctx, value.AccountID(due.ID), now)
			return oneIf(renewed), renewed, err
		}),
	)
}

// renewDue renews a subscription for each cycle that is over, before something
// else that depends on it. Errors: CodeConflict when somebody else does so too.
func (s Billing) renewDue(ctx context.Context, id value.AccountID, now time.Time) error {
	for {
		if renewed, err := s.renew(ctx, id, now); err != nil || !renewed {
			return err
		}
	}
}

// renew renews a subscription for one cycle, and reports whether it did.
func (s Billing) renew(ctx context.Context, id value.AccountID, now time.Time) (bool, error) {
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
	var use map[value.ProfileID]tenancy.Usage
	if len(account.Holds(was, nil)) > 0 {
		if use, err = s.usages(ctx, account.ProfileIDs()...); err != nil {
			return false, err
		}
		account = account.Covering(was, use, now)
	}
	tx := s.Store.Begin()
	s.put(tx, was, account, use, charges, now)
	e := s.auditEntry(
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
	tx.Audit(changing(e, account.Differences(was)...))
	err = tx.Commit(ctx)
	return err == nil, err
}

// usages reads what profiles have used.
func (b *base) usages(
	ctx context.Context,
	profiles ...value.ProfileID,
) (map[value.ProfileID]tenancy.Usage, error) {
	batch := b.Store.Batch()
	found := map[value.ProfileID]*store.Found[tenancy.Usage]{}
	for _, id := range profiles {
		found[id] = batch.Usage(id)
	}
	if err := batch.Get(ctx); err != nil {
		return nil, err
	}
	use := map[value.ProfileID]tenancy.Usage{}
	for id, u := range found {
		use[id] = u.Value
	}
	return use, nil
}
