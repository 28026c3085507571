package transfers

import (
	"context"
	"time"

	"profiles/shared/access"
	"profiles/shared/problem"
	"profiles/shared/service/core"
	"profiles/shared/store"
	"profiles/shared/transfer"
)

// View is a transfer as one party sees it.
type View struct {
	transfer.Context
	Party     transfer.Party
	Checks    transfer.Checks
	Gates     transfer.Gates
	WaitingOn []transfer.Party
}

func view(c transfer.Context, to transfer.Party, now time.Time) View {
	t := c.Transfer
	// The summary of the view is made of what the party may see. Otherwise it
	// would reveal the account of the other side.
	checks := c.Checks(now).Visible(to, t)
	v := View{
		Context:   c,
		Party:     to,
		Checks:    checks,
		Gates:     t.Gates(checks),
		WaitingOn: t.WaitingOn(checks, now),
	}
	if t.State != transfer.Requested {
		// The prerequisites do not matter any more, and the accounts have
		// changed.
		v.Checks = nil
	}
	v.Transfer.Timeline = t.Visible(to)
	return v
}

// Check returns the open transfer of one of the caller's own profiles as its
// owner sees it, or, when there is none, what only the owner can put right
// before a request. Errors: those of every request to a profile; CodeForbidden
// for members.
func (s Service) Check(ctx context.Context, c access.Client, ref access.ProfileRef) (View, error) {
	r, open, err := s.openTransfer(ctx, c, ref)
	if err != nil {
		return View{}, err
	}
	now := s.Instant()
	if open.OK {
		batch := s.Store.Batch()
		t := batch.Transfer(open.Value)
		if err := batch.Get(ctx); err != nil {
			return View{}, err
		}
		if t.Value.Open(now) {
			given, err := s.Load(ctx, t.Value, true)
			return view(given, transfer.PartySource, now), err
		}
	}
	batch := s.Store.Batch()
	source := batch.Account(r.Profile.Owner)
	if err := batch.Get(ctx); err != nil {
		return View{}, err
	}
	given := transfer.Context{Profile: r.Profile, Source: source.Value}
	return View{
		Context: given,
		Party:   transfer.PartySource,
		Checks:  given.Checks(now),
	}, nil
}

// openTransfer authorizes an owner's request and finds the open transfer of the
// profile.
func (s Service) openTransfer(
	ctx context.Context,
	c access.Client,
	ref access.ProfileRef,
) (access.Rights, *store.Found[transfer.ID], error) {
	var open *store.Found[transfer.ID]
	r, err := s.Access.AuthorizeProfile(ctx, c, ref, func(b *store.Batch) {
		if !ref.Current {
			open = b.OpenTransfer(ref.ID)
		}
	})
	if err == nil && ref.Current {
		batch := s.Store.Batch()
		open = batch.OpenTransfer(r.Profile.ID)
		err = batch.Get(ctx)
	}
	return r, open, err
}

// Get returns a transfer to one of its sides. Errors: those of every request
// with a token; CodeNotFound for strangers.
func (s Service) Get(ctx context.Context, c access.Client, id transfer.ID) (View, error) {
	who, t, err := authorizeTransfer(ctx, s.Access, c, id, nil)
	if err != nil {
		return View{}, err
	}
	party := t.PartyOf(who.Account)
	if party == "" {
		return View{}, problem.NotFound("Transfer")
	}
	given, err := s.loadFor(ctx, t, party)
	return view(given, party, s.Instant()), err
}

// loadFor is load for the view of a party, with the names of the team for
// whoever chooses among it.
func (s Service) loadFor(
	ctx context.Context,
	t transfer.Transfer,
	party transfer.Party,
) (transfer.Context, error) {
	given, err := s.Load(ctx, t, true)
	if err == nil && party != transfer.PartySource && t.State == transfer.Requested {
		given.Team, err = core.WithNames(ctx, s.Store, given.Team)
	}
	return given, err
}

// Read reads transfers in the order of their tickets; those that are
// gone are left out.
func Read(
	ctx context.Context,
	in *store.Store,
	ids []transfer.ID,
) ([]transfer.Transfer, error) {
	batch := in.Batch()
	found := make([]*store.Found[transfer.Transfer], len(ids))
	for i, id := range ids {
		found[i] = batch.Transfer(id)
	}
	if err := batch.Get(ctx); err != nil {
		return nil, err
	}
	var out []transfer.Transfer
	for _, f := range found {
		if f.OK {
			out = append(out, f.Value)
		}
	}
	return out, nil
}
