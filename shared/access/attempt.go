package access

import (
	"context"
	"time"

	"profiles/shared/flow"
	"profiles/shared/problem"
	"profiles/shared/store"
	"profiles/shared/tenancy"
)

// Limits of passwords that are tried, by the source of the request and by the
// account or address that it is about: a person mistypes a few times, and an
// office shares an address. The original publishes no such limits. An attempt
// that cannot be counted is refused.
const (
	attemptSpan        = 15 * time.Minute
	attemptsPerSource  = 30
	attemptsPerAccount = 20
)

// refusedAudits is how many refusals after the limit try to write that into the
// log of the account. The first that succeeds is the last.
const refusedAudits = 3

// passwordAttempt is one try to prove a password. An anonymous client who uses
// up an account's attempts locks out unknown sources only: known addresses keep
// their own. The attempt is counted before the password is looked at, and
// refunded unless the password or the pin behind it was wrong (see
// RetryAttempt).
type passwordAttempt struct {
	access                *Access
	id                    string
	client                Client
	source                string // fingerprint of the client
	bySource, bySubject   store.RateWindow
	fromSource, onSubject int
	end                   time.Time
	wrong                 bool // a guess that was looked at, and failed
	unknownSource         bool // nobody has signed in to the account from there before
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

// countSource and countSubject are the two halves of counting, to run beside
// the reads that they do not depend on.
func (a *passwordAttempt) countSource(ctx context.Context) (err error) {
	a.fromSource, err = a.access.config.Store.CountOnce(ctx, a.bySource, a.id, attemptsPerSource)
	return err
}

func (a *passwordAttempt) countSubject(ctx context.Context) (err error) {
	const most = attemptsPerAccount + refusedAudits
	a.onSubject, err = a.access.config.Store.CountOnce(ctx, a.bySubject, a.id, most)
	return err
}

// checkLimit refuses (CodeTooMany) an attempt over a limit, and notes whether
// it comes from an unknown source. The zero account stands for an address
// without an account, and is refused alike.
func (a *passwordAttempt) checkLimit(account tenancy.Account, now time.Time) error {
	a.unknownSource = !account.KnowsSource(a.source)
	if a.fromSource > attemptsPerSource || a.onSubject > attemptsPerAccount && a.unknownSource {
		return problem.TooMany(a.end.Sub(now)).
			Because("too many wrong passwords for this account, or from where you are").
			For(problem.ReasonTooManyAttempts)
	}
	return nil
}

// verify reports whether a password is the one that hash is of.
func (a *passwordAttempt) verify(hash, password string) bool {
	a.wrong = !a.access.config.Passwords.Verify(hash, password)
	return !a.wrong
}

// refundBeside refunds the attempt while the commit that follows a right
// password is under way. The refund is no step of that transaction, which would
// conflict with each attempt that is counted at the same moment.
func (a *passwordAttempt) refundBeside(ctx context.Context, tx *store.Tx) {
	tx.Beside(func() { a.refund(ctx) })
}

// refundTime bounds how long an answer waits for the refund of its attempt.
const refundTime = time.Second

// refund takes the attempt back, once, even when the time of ctx is over.
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
		a.access.config.Log.Warn("an attempt that was no wrong guess stays counted",
			"error", err.Error())
	}
}

// Attempt is a SignIn or a Reauthentication: it looks at a password.
type Attempt interface{ attempted() *passwordAttempt }

// RetryAttempt is flow.RetryOnConflict for an operation that looks at a
// password. The attempt is refunded in the end unless the password or the pin
// was wrong: a request that fails for another reason is no guess.
func RetryAttempt[T any](ctx context.Context, g Attempt, do func() (T, error)) (T, error) {
	defer func() {
		if a := g.attempted(); a != nil && !a.wrong {
			a.refund(ctx)
		}
	}()
	return flow.RetryOnConflict(ctx, do)
}
