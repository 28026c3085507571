package service

import (
	"context"
	"time"

	"profiles/shared/secret"
	"profiles/shared/store"
	"profiles/shared/tenancy"
)

// Guessing passwords is limited per source address and per account, in fixed spans. A stranger who uses up an account's
// attempts locks out strangers only: addresses that signed in to the account before keep their own.
const (
	attemptSpan        = 15 * time.Minute
	attemptsPerSource  = 30
	attemptsPerAccount = 20
)

// attempt is one try to prove a password. It is counted before the password is looked at, and taken back when it was right.
type attempt struct {
	source                string // fingerprint
	bySource, bySubject   store.Window
	fromSource, onSubject int
	end                   time.Time
}

// tryPassword prepares an attempt on subject, an account's id or the fingerprint of an address.
func tryPassword(c Client, subject string, now time.Time) *attempt {
	end := windowEnd(now, attemptSpan)
	source := c.source()
	return &attempt{
		source:    source,
		bySource:  store.Window{Subject: "password#source#" + source, End: end},
		bySubject: store.Window{Subject: "password#" + subject, End: end},
		end:       end,
	}
}

func windowEnd(now time.Time, span time.Duration) time.Time { return now.Truncate(span).Add(span) }

// countSource and countSubject are the two halves of counting, to run beside the reads they do not depend on.
func (a *attempt) countSource(s *store.Store) func(context.Context) error {
	return func(ctx context.Context) (err error) {
		a.fromSource, err = s.Count(ctx, a.bySource)
		return err
	}
}

func (a *attempt) countSubject(s *store.Store) func(context.Context) error {
	return func(ctx context.Context) (err error) {
		a.onSubject, err = s.Count(ctx, a.bySubject)
		return err
	}
}

// admitted refuses (CodeTooMany) an attempt over a limit. The zero account stands for an address without one, and is
// refused alike.
func (a *attempt) admitted(account tenancy.Account, now time.Time) error {
	if a.fromSource > attemptsPerSource || a.onSubject > attemptsPerAccount && !account.KnowsSource(a.source) {
		return tenancy.TooMany(a.end.Sub(now))
	}
	return nil
}

// succeeded takes the attempt back in the transaction that follows a right password.
func (a *attempt) succeeded(tx *store.Tx) {
	tx.Uncount(a.bySource)
	tx.Uncount(a.bySubject)
}

// proof is the password that a signed-in person gives again for an action that needs it. However often the action is decided anew, it
// counts as one attempt and is checked once.
type proof struct {
	client   Client
	password string
	attempt  *attempt
	proven   bool
}

// given refuses (CodeInvalid) an action without a password.
func (p *proof) given(action string) error {
	if p.password == "" {
		return tenancy.Invalid("password is required: %s asks for the password of the account", action)
	}
	return nil
}

// counts adds the counting of the attempt to reads that it does not depend on.
func (p *proof) counts(s *store.Store, a tenancy.AccountID, now time.Time, reads ...func(context.Context) error) []func(context.Context) error {
	if p.attempt == nil {
		p.attempt = tryPassword(p.client, string(a), now)
		reads = append(reads, p.attempt.countSource(s), p.attempt.countSubject(s))
	}
	return reads
}

// check refuses (ErrInvalidPassword, CodeTooMany) a password that is not the account's.
func (p *proof) check(a tenancy.Account, now time.Time) error {
	if p.proven {
		return nil
	}
	if err := p.attempt.admitted(a, now); err != nil {
		return err
	}
	if !secret.VerifyPassword(a.PasswordHash, p.password) {
		return tenancy.ErrInvalidPassword
	}
	p.proven = true
	return nil
}

func (p *proof) succeeded(tx *store.Tx) { p.attempt.succeeded(tx) }
