package tokens

import (
	"context"
	"slices"
	"time"

	"profiles/shared/flow"
	"profiles/shared/mailing"
	"profiles/shared/problem"
	"profiles/shared/service/core"
	"profiles/shared/store"
	"profiles/shared/tenancy"
	"profiles/shared/value"
)

// expirePage is how many tokens one transaction of the sweep removes, three
// actions each.
const expirePage = 30

// Expire removes tokens whose end has come, with an audit entry each, takes
// rotated ones whose grace is over out of the lists, reminds of ends that are
// near, looks whether tokens are used, and tells of networks that they are used
// from for the first time, as far as the time of ctx allows; the index keeps
// the rest for the next run. Tokens stop working by the clock, not by this. Two
// runs at once do each thing once. It returns how many it did.
func (s Service) Expire(ctx context.Context) (int, error) {
	now := s.Instant()
	return core.Sweep(
		ctx,
		s.Config,
		core.SweepWork{
			Kind:  store.DueToken,
			Batch: expirePage,
			Do: func(ctx context.Context, due []store.DueEntry) (int, bool, error) {
				done, err := s.attend(ctx, due, now)
				return done, false, err
			},
		},
	)
}

// attend does what is due for one page of tokens. A token can have two entries:
// its own, and that of its uses.
func (s Service) attend(ctx context.Context, page []store.DueEntry, now time.Time) (int, error) {
	ids := make([]value.TokenID, len(page))
	for i, due := range page {
		ids[i] = value.TokenID(due.ID)
	}
	slices.Sort(ids)
	ids = slices.Compact(ids)
	batch := s.Store.Batch()
	tokens := make([]*store.Found[tenancy.Token], len(ids))
	uses := make([]*store.Found[tenancy.Use], len(ids))
	for i, id := range ids {
		tokens[i], uses[i] = batch.Token(id), batch.Use(id)
	}
	if err := batch.Get(ctx); err != nil {
		return 0, err
	}
	var ended []tenancy.Token
	var near []func() error
	for i, found := range tokens {
		t, u := found.Value, uses[i].Value
		if found.OK && !t.Live(now) {
			ended = append(ended, t)
			t = tenancy.Token{}
		}
		if len(u.Untold) > 0 {
			near = append(near, func() error { return s.tellNetworks(ctx, t, u, now) })
		}
		switch {
		case t.ID == "" || t.Due().After(now):
		case !t.IdleDue().IsZero() && !t.IdleDue().After(now):
			near = append(near, func() error { return s.lookAtUse(ctx, t, u, now) })
		default:
			near = append(near, func() error { return s.remind(ctx, t, now) })
		}
	}
	done := 0
	if len(ended) > 0 {
		if err := s.expireTokens(ctx, ended, now); err != nil {
			return 0, err
		}
		done = len(ended)
	}
	for _, do := range near {
		if flow.TimeUp(ctx) {
			return done, core.ErrTimeUp
		}
		if err := do(); err != nil {
			return done, err
		}
		done++
	}
	return done, nil
}

func (s Service) expireTokens(ctx context.Context, ended []tenancy.Token, now time.Time) error {
	tx := s.Store.Begin()
	for _, t := range ended {
		if !t.Expired(now) {
			// It was rotated and its grace is over. It is kept so that a later
			// use is recognised.
			tx.RetireToken(t, t.Retires, problem.ErrConflict)
			continue
		}
		tx.ExpireToken(t, now, problem.ErrConflict)
		e := s.AuditEntry(string(t.Profile), t, "token", string(t.ID), "Token expired", now)
		e.Who = "token-expire"
		tx.Audit(core.Changing(e, tokenGone(t)...))
	}
	return tx.CommitAside(ctx, store.Origin{})
}

// remind notifies the account of a token that the token expires soon, unless it
// is revoked by then. Errors: problem.ErrConflict if another run was faster or
// the token has been rotated.
func (s Service) remind(ctx context.Context, t tenancy.Token, now time.Time) error {
	batch := s.Store.Batch()
	account := batch.Account(t.Account)
	profile := batch.Profile(t.Profile)
	grant := batch.Grant(t.Account, t.Profile)
	if err := batch.Get(ctx); err != nil {
		return err
	}
	tx := s.Store.Begin()
	reminded := t
	reminded.Reminded = now
	tx.AttendToken(t, reminded, problem.ErrConflict)
	if t.AdmittedBy(account.Value, grant.Value) {
		s.SendTo(tx, account.Value, mailing.TokenEnds{
			Name:    account.Value.Name,
			Profile: profile.Value.Name,
			Token:   t.Name,
			Expires: t.Expires,
		}, now)
	}
	return tx.CommitAside(ctx, store.Origin{})
}
