package service

import (
	"context"
	"time"

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
