package access

import (
	"context"
	"time"

	"profiles/shared/flow"
	"profiles/shared/problem"
	"profiles/shared/store"
	"profiles/shared/tenancy"
)

// Limits of password attempts, by the source of the request and by the account
// or address that it is for. They allow for a person who mistypes a few times,
// and for an office that shares a network address. The original publishes no
// such limits. An attempt that cannot be counted is refused.
const (
	attemptSpan        = 15 * time.Minute
	attemptsPerSource  = 30
	attemptsPerAccount = 20
)

// refusedAudits is how many refusals after the limit try to write an audit
// entry. After one has succeeded, no more try.
const refusedAudits = 3

// passwordAttempt is one attempt with a password. An anonymous client that uses
// up an account's attempts locks out unknown sources only; known addresses have
// attempts of their own. The attempt is counted before the password is checked,
// and refunded unless the password or the pin was wrong (see RetryAttempt).
type passwordAttempt struct {
	access                *Access
	id                    string
	client                Client
	source                string // fingerprint of the client
	bySource, bySubject   store.RateWindow
	fromSource, onSubject int
	end                   time.Time
	wrong                 bool // the password or the pin was checked and wrong
	unknownSource         bool // not among the account's known addresses
	refunded              bool
}

// newPasswordAttempt prepares an attempt on subject, an account's id or the
// fingerprint of an address.
func (x *Access) newPasswordAttempt(c Client, subject string, now time.Time) *passwordAttempt {
	end := store.WindowEnd(now, attemptSpan)
	source := c.Fingerprint()
	return &passwordAttempt{
		access:    x,
		id:        x.config.NewID(now),
		client:    c,
		source:    source,
		bySource:  store.RateWindow{Subject: "password#source#" + source, End: end},
		bySubject: store.RateWindow{Subject: "password#" + subject, End: end},
		end:       end,
	}
}

// countSource and countSubject count the attempt. They can run at the same time
// as the reads, which they do not depend on.
func (a *passwordAttempt) countSource(ctx context.Context) (err error) {
	a.fromSource, err = a.access.config.Store.CountOnce(ctx, a.bySource, a.id, attemptsPerSource)
	return err
}

func (a *passwordAttempt) countSubject(ctx context.Context) (err error) {
	const most = attemptsPerAccount + refusedAudits
	a.onSubject, err = a.access.config.Store.CountOnce(ctx, a.bySubject, a.id, most)
	return err
}

// checkLimit refuses (CodeTooMany) an attempt over a limit, and sets
// unknownSource. The zero account stands for an address without an account, and
// has the same limits.
func (a *passwordAttempt) checkLimit(account tenancy.Account, now time.Time) error {
	a.unknownSource = !account.KnowsSource(a.source)
	if a.fromSource > attemptsPerSource || a.onSubject > attemptsPerAccount && a.unknownSource {
		return problem.TooMany(a.end.Sub(now)).
			Because("too many wrong passwords for this account, or from where you are").
			For(problem.ReasonTooManyAttempts)
	}
	return nil
}

// verify reports whether hash is that of the password.
func (a *passwordAttempt) verify(hash, password string) bool {
	a.wrong = !a.access.config.Passwords.Verify(hash, password)
	return !a.wrong
}

// refundBeside refunds the attempt at the same time as the commit that follows
// a right password. The refund is no step of that transaction, because the
// transaction would then conflict with each attempt that is counted at the same
// time.
func (a *passwordAttempt) refundBeside(ctx context.Context, tx *store.Tx) {
	tx.Beside(func() { a.refund(ctx) })
}

// refundTime is how long an answer waits for the refund at most.
const refundTime = 3 * time.Second

// refund refunds the attempt, once, also if ctx has ended.
func (a *passwordAttempt) refund(ctx context.Context) {
	if a.refunded {
		return
	}
	a.refunded = true
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), refundTime)
	defer cancel()
	back := func(w store.RateWindow) func(context.Context) error {
		return func(ctx context.Context) error {
			return a.access.config.Store.Refund(ctx, w, a.id)
		}
	}
	if err := flow.Parallel(ctx, back(a.bySource), back(a.bySubject)); err != nil {
		a.access.config.Log.WarnContext(ctx, "an attempt that was no wrong guess stays counted",
			"error", err.Error())
	}
}

// Attempt is a SignIn or a Reauthentication, which check a password.
type Attempt interface{ attempted() *passwordAttempt }

// RetryAttempt is flow.RetryOnConflict for an operation that checks a password.
// At the end the attempt is refunded unless the password or the pin was wrong,
// because a request that fails for another reason is no guess.
func RetryAttempt[T any](ctx context.Context, g Attempt, do func() (T, error)) (T, error) {
	defer func() {
		if a := g.attempted(); a != nil && !a.wrong {
			a.refund(ctx)
		}
	}()
	return flow.RetryOnConflict(ctx, do)
}
