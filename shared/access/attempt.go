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

// attemptPatience is how long an attempt waits at most for those that fill a
// window and are still under way.
const attemptPatience = 2 * time.Second

// passwordAttempt is one attempt with a password. An anonymous client that uses
// up an account's attempts locks out unknown sources only; known addresses have
// attempts of their own. The attempt is counted before the password is checked,
// and refunded unless the password or the pin was wrong (see RetryAttempt).
//
// Attempts under way count as wrong ones, so that guesses at once are as many
// as guesses one after the other. An attempt that meets a full window is
// refused at once if wrong guesses fill it. Otherwise it waits until attempts
// before it are refunded, and its password is not checked before it is counted
// within the limit.
type passwordAttempt struct {
	access                *Access
	id                    string
	client                Client
	source                string // fingerprint of the client
	bySource, bySubject   store.RateWindow
	fromSource, onSubject store.Attempts
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
	const most = attemptsPerAccount
	a.onSubject, err = a.access.config.Store.CountOnce(ctx, a.bySubject, a.id, most)
	return err
}

// checkLimit refuses (CodeTooMany) an attempt over a limit, after it has waited
// for those under way, and sets unknownSource. The zero account stands for an
// address without an account, and has the same limits. Errors: also those of
// the counting.
func (a *passwordAttempt) checkLimit(
	ctx context.Context, account tenancy.Account, now time.Time,
) error {
	a.unknownSource = !account.KnowsSource(a.source)
	for begun, n := time.Now(), 1; ; n++ {
		var again []func(context.Context) error
		wrong := false
		if a.fromSource.Counted > attemptsPerSource {
			again = append(again, a.countSource)
			wrong = a.fromSource.Wrong >= attemptsPerSource
		}
		if a.onSubject.Counted > attemptsPerAccount && a.unknownSource {
			again = append(again, a.countSubject)
			wrong = wrong || a.onSubject.Wrong >= attemptsPerAccount
		}
		if len(again) == 0 {
			return nil
		}
		if wrong || time.Since(begun) >= attemptPatience || !pauseAttempt(ctx, n) {
			return problem.TooMany(a.end.Sub(now)).
				Because("too many wrong passwords for this account, or from where you are").
				For(problem.ReasonTooManyAttempts)
		}
		if err := flow.Parallel(ctx, again...); err != nil {
			return err
		}
	}
}

// pauseAttempt waits before an attempt is counted for the n-th time again. It
// returns false if ctx has no time left.
func pauseAttempt(ctx context.Context, n int) bool {
	most := time.Duration(min(n, 4)) * 100 * time.Millisecond
	return flow.Pause(ctx, most) == nil && !flow.TimeUp(ctx)
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
	if err := a.inBoth(ctx, a.access.config.Store.Refund); err != nil {
		a.access.config.Log.WarnContext(ctx, "an attempt that was no wrong guess stays counted",
			"error", err.Error())
	}
}

// markWrong notes that the attempt stays counted, also if ctx has ended. If
// that fails, others wait for the attempt in vain, and are then refused.
func (a *passwordAttempt) markWrong(ctx context.Context) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), refundTime)
	defer cancel()
	if err := a.inBoth(ctx, a.access.config.Store.MarkWrong); err != nil {
		a.access.config.Log.WarnContext(ctx, "a wrong guess counts as one under way",
			"error", err.Error())
	}
}

// inBoth changes the attempt in its two windows at the same time.
func (a *passwordAttempt) inBoth(
	ctx context.Context, change func(context.Context, store.RateWindow, string) error,
) error {
	in := func(w store.RateWindow) func(context.Context) error {
		return func(ctx context.Context) error { return change(ctx, w, a.id) }
	}
	return flow.Parallel(ctx, in(a.bySource), in(a.bySubject))
}

// Attempt is a SignIn or a Reauthentication, which check a password.
type Attempt interface{ attempted() *passwordAttempt }

// RetryAttempt is flow.RetryOnConflict for an operation that checks a password.
// At the end the attempt is refunded unless the password or the pin was wrong,
// because a request that fails for another reason is no guess.
func RetryAttempt[T any](ctx context.Context, g Attempt, do func() (T, error)) (T, error) {
	defer func() {
		switch a := g.attempted(); {
		case a == nil:
		case a.wrong:
			a.markWrong(ctx)
		default:
			a.refund(ctx)
		}
	}()
	return flow.RetryOnConflict(ctx, do)
}
