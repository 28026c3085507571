package service

import (
	"context"
	"time"

	"profiles/shared/access"
	"profiles/shared/flow"
	"profiles/shared/problem"
	"profiles/shared/store"
	"profiles/shared/tenancy"
)

// TransferView is a transfer as one party sees it.
type TransferView struct {
	tenancy.TransferContext
	Party     tenancy.Party
	Checks    tenancy.Checks
	Gates     tenancy.Gates
	WaitingOn []tenancy.Party
}

func view(c tenancy.TransferContext, to tenancy.Party, now time.Time) TransferView {
	t := c.Transfer
	// What the view says as a whole is made of what the party may see: else it
	// would tell one side about the account of the other.
	checks := c.Checks(now).Visible(to, t)
	v := TransferView{
		TransferContext: c,
		Party:           to,
		Checks:          checks,
		Gates:           t.Gates(checks),
		WaitingOn:       t.WaitingOn(checks, now),
	}
	if t.State != tenancy.TransferRequested {
		// What was needed matters no more, and the accounts have gone on.
		v.Checks = nil
	}
	v.Transfer.Timeline = t.Visible(to)
	return v
}

// Check returns the open transfer of one of the caller's own profiles as its
// owner sees it, or, when there is none, what only the owner can put right
// before a request. Errors: those of every request to a profile; CodeForbidden
// for members.
func (s Transfers) Check(ctx context.Context, c Client, ref ProfileRef) (TransferView, error) {
	r, open, err := s.openTransfer(ctx, c, ref, tenancy.PermissionRead)
	if err != nil {
		return TransferView{}, err
	}
	now := s.now()
	if open.OK {
		batch := s.Store.Batch()
		t := batch.Transfer(open.Value)
		if err := batch.Get(ctx); err != nil {
			return TransferView{}, err
		}
		if t.Value.Open(now) {
			given, err := s.load(ctx, t.Value, true)
			return view(given, tenancy.PartySource, now), err
		}
	}
	batch := s.Store.Batch()
	source := batch.Account(r.Profile.Owner)
	if err := batch.Get(ctx); err != nil {
		return TransferView{}, err
	}
	given := tenancy.TransferContext{Profile: r.Profile, Source: source.Value}
	return TransferView{
		TransferContext: given,
		Party:           tenancy.PartySource,
		Checks:          given.Checks(now),
	}, nil
}

// openTransfer authorises an owner's request and finds the open transfer of the
// profile.
func (s Transfers) openTransfer(
	ctx context.Context,
	c Client,
	ref ProfileRef,
	need tenancy.Permission,
) (access.Rights, *store.Found[tenancy.TransferID], error) {
	var open *store.Found[tenancy.TransferID]
	r, err := s.access.AuthorizeProfile(ctx, c, ref, need, func(b *store.Batch) {
		if !ref.Current {
			open = b.OpenTransfer(ref.ID)
		}
	})
	if err == nil {
		err = r.RequireOwner()
	}
	if err == nil && ref.Current {
		batch := s.Store.Batch()
		open = batch.OpenTransfer(r.Profile.ID)
		err = batch.Get(ctx)
	}
	return r, open, err
}

// Get returns a transfer to one of its sides. Errors: those of every request
// with a token; CodeNotFound for strangers.
func (s Transfers) Get(ctx context.Context, c Client, id tenancy.TransferID) (TransferView, error) {
	who, t, err := authorizeTransfer(ctx, s.access, c, id, tenancy.PermissionRead, nil)
	if err != nil {
		return TransferView{}, err
	}
	party := t.PartyOf(who.Account)
	if party == "" {
		return TransferView{}, problem.NotFound("Transfer")
	}
	given, err := s.loadFor(ctx, t, party)
	return view(given, party, s.now()), err
}

// loadFor is load for the view of a party, with the names of the team for
// whoever chooses among it.
func (s Transfers) loadFor(
	ctx context.Context,
	t tenancy.Transfer,
	party tenancy.Party,
) (tenancy.TransferContext, error) {
	given, err := s.load(ctx, t, true)
	if err == nil && party != tenancy.PartySource && t.State == tenancy.TransferRequested {
		given.Team, err = withNames(ctx, s.Store, given.Team)
	}
	return given, err
}

// ListedTransfer is a transfer in the list of one of its sides.
type ListedTransfer struct {
	tenancy.Transfer
	Party tenancy.Party
}

// maxListed is how many offers to an address are looked at.
const maxListed = 100

// List returns the caller's transfers: those that wait for its answer, then its
// own and those it has answered, newest first. amount is at most 100. Errors:
// those of every request with a token.
func (s Transfers) List(ctx context.Context, c Client, page, amount int) ([]ListedTransfer, error) {
	who, err := s.access.AuthorizeAccount(ctx, c, tenancy.PermissionRead, nil)
	if err != nil {
		return nil, err
	}
	amount = min(amount, maxListed)
	most := page * amount
	var offered, own []tenancy.TransferID
	err = flow.Parallel(ctx, func(ctx context.Context) (err error) {
		offered, err = first(
			s.Store.TransfersOffered(ctx, who.Account.Email, maxListed),
			min(most, maxListed),
		)
		return err
	}, func(ctx context.Context) (err error) {
		own, err = first(s.Store.TransfersOf(ctx, who.Account.ID, most), most)
		return err
	})
	if err != nil {
		return nil, err
	}
	ids := append(offered, own...)
	ids = ids[min(most-amount, len(ids)):]
	ids = ids[:min(amount, len(ids))]
	transfers, err := readTransfers(ctx, s.Store, ids)
	var out []ListedTransfer
	for _, t := range transfers {
		if party := t.PartyOf(who.Account); party != "" {
			out = append(out, ListedTransfer{t, party})
		}
	}
	return out, err
}

// readTransfers reads transfers in the order of their tickets; those that are
// gone are left out.
func readTransfers(
	ctx context.Context,
	in *store.Store,
	ids []tenancy.TransferID,
) ([]tenancy.Transfer, error) {
	batch := in.Batch()
	found := make([]*store.Found[tenancy.Transfer], len(ids))
	for i, id := range ids {
		found[i] = batch.Transfer(id)
	}
	if err := batch.Get(ctx); err != nil {
		return nil, err
	}
	var out []tenancy.Transfer
	for _, f := range found {
		if f.OK {
			out = append(out, f.Value)
		}
	}
	return out, nil
}

// first returns at most n of what a walk finds.
func first[T any](walk func(func(T, error) bool), n int) (out []T, err error) {
	for v, err := range walk {
		if err != nil {
			return nil, err
		}
		if out = append(out, v); len(out) >= n {
			break
		}
	}
	return out, nil
}
