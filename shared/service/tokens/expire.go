package tokens

import (
	"context"
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
// rotated ones whose grace is over out of the lists, and reminds of ends that
// are near, as far as the time of ctx allows; the index keeps the rest for the
// next run. Tokens stop working by the clock, not by this. Two runs at once do
// each thing once. It returns how many it did.
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

// attend does what is due for one page of tokens.
func (s Service) attend(ctx context.Context, page []store.DueEntry, now time.Time) (int, error) {
	batch := s.Store.Batch()
	found := make([]*store.Found[tenancy.Token], len(page))
	for i, due := range page {
		found[i] = batch.Token(value.TokenID(due.ID))
	}
	if err := batch.Get(ctx); err != nil {
		return 0, err
	}
	var ended, near []tenancy.Token
	for _, f := range found {
		switch t := f.Value; {
		case !f.OK:
		case !t.Live(now):
			ended = append(ended, t)
		case !t.Due().After(now):
			near = append(near, t)
		}
	}
	done := 0
	if len(ended) > 0 {
		if err := s.expireTokens(ctx, ended, now); err != nil {
			return 0, err
		}
		done = len(ended)
	}
	for _, t := range near {
		if flow.TimeUp(ctx) {
			return done, core.ErrTimeUp
		}
		if err := s.remind(ctx, t, now); err != nil {
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
	tx.RemindToken(t, now, problem.ErrConflict)
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
