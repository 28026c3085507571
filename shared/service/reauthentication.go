package service

import (
	"context"
	"errors"
	"time"

	"profiles/shared/auditlog"
	"profiles/shared/problem"
	"profiles/shared/store"
	"profiles/shared/tenancy"
	"profiles/shared/value"
)

// passwordAttempt is one try to prove a password. A stranger who uses up an account's attempts locks out strangers only: addresses that signed in to
// the account before keep their own. It is counted before the password is looked at, and taken back unless the password or the pin behind it
// was wrong (see proving).
type passwordAttempt struct {
	base                  *base
	id                    string
	source                string // fingerprint
	bySource, bySubject   store.RateWindow
	fromSource, onSubject int
	end                   time.Time
	wrong                 bool // a guess that was looked at, and failed
	unknownSource         bool // from where nobody has signed in to the account before
	refunded              bool
}

// newPasswordAttempt prepares an attempt on subject, an account's id or the fingerprint of an address.
func (b *base) newPasswordAttempt(c Client, subject string, now time.Time) *passwordAttempt {
	end := rateWindowEnd(now, attemptSpan)
	source := c.source()
	return &passwordAttempt{
		base:      b,
		id:        b.NewID(now),
		source:    source,
		bySource:  store.RateWindow{Subject: "password#source#" + source, End: end},
		bySubject: store.RateWindow{Subject: "password#" + subject, End: end},
		end:       end,
	}
}

func rateWindowEnd(now time.Time, span time.Duration) time.Time { return now.Truncate(span).Add(span) }

// countSource and countSubject are the two halves of counting, to run beside the reads they do not depend on.
func (a *passwordAttempt) countSource(ctx context.Context) (err error) {
	a.fromSource, err = a.base.Store.CountOnce(ctx, a.bySource, a.id, attemptsPerSource)
	return err
}

func (a *passwordAttempt) countSubject(ctx context.Context) (err error) {
	a.onSubject, err = a.base.Store.CountOnce(ctx, a.bySubject, a.id, attemptsPerAccount+refusedAudits)
	return err
}

// checkLimit refuses (CodeTooMany) an attempt over a limit, and notes whether it is a stranger's. The zero account stands for an address without
// one, and is refused alike.
func (a *passwordAttempt) checkLimit(account tenancy.Account, now time.Time) error {
	a.unknownSource = !account.KnowsSource(a.source)
	if a.fromSource > attemptsPerSource || a.onSubject > attemptsPerAccount && a.unknownSource {
		return problem.TooMany(a.end.Sub(now)).Because("too many wrong passwords for this account, or from where you are").For(problem.ReasonTooManyAttempts)
	}
	return nil
}

// auditRefused writes into the log of an account, once in a span, that strangers use up its attempts. For an address without an account it
// costs as much.
func (b *base) auditRefused(ctx context.Context, a *passwordAttempt, account tenancy.Account, now time.Time) {
	if a.onSubject <= attemptsPerAccount || a.onSubject > attemptsPerAccount+refusedAudits {
		return
	}
	b.auditFailure(ctx, "refused#"+a.bySubject.Subject, account, tracedRefused, now)
}

// The kinds of failed proof that the log of an account has, each once in a span: who reads it sees that somebody tries, and nobody can fill it.
const (
	tracedRefused  = "Sign-ins refused: too many wrong passwords"
	tracedPassword = "Sign-in failed: wrong password"
	tracedAction   = "Action refused: wrong password"
	tracedBlocked  = "Sign-in refused: the account may not sign in"
	tracedPin      = "Wrong pin given"
	tracedPause    = "Pin not looked at, after too many wrong ones"
	tracedFactor   = "Right password without a pin, from where nobody has signed in before"
)

// auditFailure writes into the log of an account that somebody failed to prove to be its person, once in a span for each subject. For an address
// without an account it costs as much. The request is refused whether or not it can be written.
func (b *base) auditFailure(ctx context.Context, subject string, account tenancy.Account, what string, now time.Time) {
	tx := b.Store.Begin()
	tx.Count(store.RateWindow{Subject: subject, End: rateWindowEnd(now, attemptSpan)}, 1, errAlreadyAudited)
	if account.ID != "" {
		tx.Audit(b.failureEntry(account.ID, what, now))
	}
	if err := tx.Commit(store.WithoutRecord(ctx)); err != nil && !errors.Is(err, errAlreadyAudited) {
		b.Log.Warn("a failed sign-in is not in the log of the account", "account", account.ID, "what", what, "error", err.Error())
	}
}

// failureEntry is an entry of an account's log about somebody who failed to prove to be its person.
func (b *base) failureEntry(id value.AccountID, what string, now time.Time) auditlog.Entry {
	e := b.accountEntry(id, what, now)
	e.Who = "whoever tried"
	return e
}

// refusedAudits is how many refusals after the limit try to tell of it; the first that does is the last.
const refusedAudits = 3

var errAlreadyAudited = errors.New("the log of the account says so already")

// verify reports whether a password is the one that hash is of.
func (a *passwordAttempt) verify(hash, password string) bool {
	a.wrong = !a.base.Passwords.Verify(hash, password)
	return !a.wrong
}

// succeeded takes the attempt back while the commit that follows a right password is under way. It is no part of that: a transaction over the
// windows would refuse each attempt that is counted at the same moment.
func (a *passwordAttempt) succeeded(ctx context.Context, tx *store.Tx) {
	tx.Beside(func() { a.refund(ctx) })
}

// refundTime bounds how long an answer waits for its attempt to be taken back.
const refundTime = time.Second

// refund takes the attempt back, once. It does so as well when the time of ctx is over.
func (a *passwordAttempt) refund(ctx context.Context) {
	if a.refunded {
		return
	}
	a.refunded = true
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), refundTime)
	defer cancel()
	back := func(w store.RateWindow) func(context.Context) error {
		return func(ctx context.Context) error { return a.base.Store.Refund(ctx, w, a.id) }
	}
	if err := parallel(ctx, back(a.bySource), back(a.bySubject)); err != nil {
		a.base.Log.Warn("an attempt that was no wrong guess stays counted", "error", err.Error())
	}
}

// attempting is what looks at a password.
type attempting interface{ attempted() *passwordAttempt }

// retryAttempt is again for an operation that looks at a password. Whatever becomes of it, the attempt is taken back in the end, unless the
// password or the pin was wrong: a request that fails for want of anything else is no guess.
func retryAttempt[T any](ctx context.Context, g attempting, do func() (T, error)) (T, error) {
	defer func() {
		if a := g.attempted(); a != nil && !a.wrong {
			a.refund(ctx)
		}
	}()
	return retryOnConflict(ctx, do)
}

// Credentials is what a person proves with that they are who signed in: the password and, when the account asks for one, a second factor.
type Credentials struct {
	Password string
	Pin      string // a pin, or a recovery code in its place
	Factor   string // the kind of second factor that shows the pin; empty: any
}

// proof is a Proof for an action that needs it fresh. However often the action is decided anew, it counts as one attempt and the password is
// checked once.
type reauthentication struct {
	Credentials
	base    *base
	client  Client
	attempt *passwordAttempt
	factors *store.Found[tenancy.SecondFactors]
	proven  bool      // the password
	spent   *spentPin // nil when the account asks for none
}

func (b *base) reauthenticate(c Client, given Credentials) *reauthentication {
	return &reauthentication{Credentials: given, base: b, client: c}
}

// require refuses (CodeInvalid) an action without a password.
func (p *reauthentication) require(action string) error {
	if p.Password == "" {
		return problem.InvalidField("password", problem.FieldRequired, "is required: %s asks for the password of the account", action).For(problem.ReasonPasswordRequired)
	}
	return nil
}

// reads adds to a batch what the proof is checked against.
func (p *reauthentication) reads(batch *store.Batch, a value.AccountID) {
	p.factors = batch.SecondFactors(a)
}

// counts adds the counting of the attempt to reads that it does not depend on.
func (p *reauthentication) counts(a value.AccountID, now time.Time, reads ...func(context.Context) error) []func(context.Context) error {
	if p.attempt == nil {
		p.attempt = p.base.newPasswordAttempt(p.client, string(a), now)
		reads = append(reads, p.attempt.countSource, p.attempt.countSubject)
	}
	return reads
}

// check refuses (ErrInvalidPassword, ErrInvalidPin, CodeTooMany) what does not prove the account, and a password alone where the account
// asks for a second factor (tenancy.Account.NeedsFactor).
func (p *reauthentication) check(ctx context.Context, a tenancy.Account, now time.Time) error {
	if !p.proven {
		if err := p.attempt.checkLimit(a, now); err != nil {
			return err
		}
		if !p.attempt.verify(a.PasswordHash, p.Password) {
			p.base.auditFailure(ctx, "failed#"+p.attempt.bySubject.Subject, a, tracedAction, now)
			return problem.ErrInvalidPassword
		}
		p.proven = true
	}
	var err error
	p.spent, err = p.base.checkPin(ctx, a, p.factors.Value, p.Credentials, tenancy.ForAction, p.attempt, now)
	return err
}

func (p *reauthentication) attempted() *passwordAttempt { return p.attempt }

// succeeded uses the pin up in the commit of the action, and takes the attempt back beside it.
func (p *reauthentication) succeeded(ctx context.Context, tx *store.Tx) {
	p.attempt.succeeded(ctx, tx)
	p.base.spend(tx, p.spent)
}

// of asks an account for the proof of an action and adds to its commit that the account still stands for its tokens: reading, counting and
// checking together, for actions that know the account already and read nothing else beside it.
func (p *reauthentication) of(ctx context.Context, tx *store.Tx, a value.AccountID, action string, now time.Time) error {
	if err := p.require(action); err != nil {
		return err
	}
	batch := p.base.Store.Batch()
	account := batch.Account(a)
	p.reads(batch, a)
	if err := parallel(ctx, p.counts(a, now, batch.Get)...); err != nil {
		return err
	}
	if err := p.check(ctx, account.Value, now); err != nil {
		return err
	}
	tx.CheckAccount(account.Value, problem.ErrInvalidToken)
	p.succeeded(ctx, tx)
	return nil
}
