package profiles

import (
	"context"
	"slices"

	"profiles/shared/access"
	"profiles/shared/billing"
	"profiles/shared/flow"
	"profiles/shared/problem"
	"profiles/shared/service/core"
	"profiles/shared/store"
	"profiles/shared/tenancy"
	"profiles/shared/value"
)

// Deleted returns the deleted profiles that the caller's account can restore,
// in the order of their creation. Errors: those of every request with a token;
// tenancy.ErrOneProfile; CodeInvalid for a position that no answer has given.
func (s Service) Deleted(
	ctx context.Context, c access.Client, p core.Paging,
) (core.List[tenancy.ProfileDeletion], error) {
	var none core.List[tenancy.ProfileDeletion]
	if err := p.Check(value.IsID); err != nil {
		return none, err
	}
	who, err := s.Access.AuthorizeAccount(ctx, c, nil)
	if err != nil {
		return none, err
	}
	now := s.Instant()
	return core.ReadList(p, false,
		func(pageSize int) func(func(tenancy.ProfileDeletion, error) bool) {
			return s.Store.Restorables(
				ctx, who.Account.ID, store.Walk{PageSize: pageSize, After: p.After})
		},
		func(d tenancy.ProfileDeletion) bool { return now.Before(d.Ends()) },
		func(d tenancy.ProfileDeletion) string { return string(d.Profile.ID) },
	)
}

// Restore brings a deleted profile of the caller's account back, in one commit:
// with its id, its team, its add-ons, its usage and its tokens, as
// tenancy.ProfileDeletion.Undo has it. Members whose accounts are gone are
// left out. Errors: those of every request with a token;
// tenancy.ErrOneProfile; those of Undo.
func (s Service) Restore(ctx context.Context, c access.Client, id value.ProfileID) error {
	_, err := flow.RetryOnConflict(ctx, func() (struct{}, error) {
		var found *store.Found[tenancy.ProfileDeletion]
		who, err := s.Access.AuthorizeAccount(
			ctx,
			c,
			func(b *store.Batch, a value.AccountID) { found = b.Restorable(a, id) },
		)
		if err != nil {
			return struct{}{}, err
		}
		now := s.Instant()
		kept := found.Value
		team, use, err := s.beside(ctx, who.Account, kept)
		if err != nil {
			return struct{}{}, err
		}
		owner, err := core.StillHeld(ctx, s.Store, who.Account)
		if err != nil {
			return struct{}{}, err
		}
		r, err := kept.Undo(owner, use, now)
		if err != nil {
			return struct{}{}, err
		}
		others := slices.DeleteFunc(
			core.Changed(who.Account, r.Owner),
			func(other value.ProfileID) bool { return other == id },
		)
		members := make(tenancy.Team, len(team))
		tx := s.Store.Begin()
		tx.Reallocate(who.Account, r.Owner, use, now, others...)
		for i, m := range team {
			members[i] = m.Member
			tx.CheckAccount(m.account, problem.ErrConflict)
		}
		tx.RestoreProfile(kept, r, members)
		for _, charge := range r.Charges {
			charge.ID = s.NewID(now)
			tx.Charge(charge)
		}
		e := s.AuditEntry(
			string(r.Owner.ID), who.Token, "profile", string(id), "Profile restored", now)
		tx.Audit(core.Changing(e, r.Profile.Differences(tenancy.Profile{})...))
		return struct{}{}, tx.Commit(ctx, c.Origin())
	})
	return err
}

// standing is a member of a deleted profile whose account still exists.
type standing struct {
	tenancy.Member
	account tenancy.Account
}

// beside reads what the restoration of a profile depends on beside its owner:
// the accounts of its team, and what the owner's only other profile has used.
func (s Service) beside(
	ctx context.Context, owner tenancy.Account, d tenancy.ProfileDeletion,
) (team []standing, use map[value.ProfileID]billing.Usage, err error) {
	batch := s.Store.Batch()
	var accounts []*store.Found[tenancy.Account]
	for _, m := range d.Team {
		accounts = append(accounts, batch.Account(m.Account))
	}
	found := map[value.ProfileID]*store.Found[billing.Usage]{}
	if owner.Profiles() == 1 {
		for _, id := range owner.ProfileIDs() {
			found[id] = batch.Usage(id)
		}
	}
	if err := batch.Get(ctx); err != nil {
		return nil, nil, err
	}
	for i, m := range d.Team {
		if accounts[i].OK {
			team = append(team, standing{m, accounts[i].Value})
		}
	}
	use = map[value.ProfileID]billing.Usage{}
	for id, u := range found {
		use[id] = u.Value
	}
	return team, use, nil
}
