package access

import (
	"context"
	"time"

	"profiles/shared/flow"
	"profiles/shared/problem"
	"profiles/shared/store"
	"profiles/shared/tenancy"
	"profiles/shared/value"
)

// Reauthentication is the check of the credentials that an action asks for
// besides the token. If the action is retried, it still counts as one attempt,
// and the password is checked once.
type Reauthentication struct {
	access  *Access
	given   Credentials
	client  Client
	attempt *passwordAttempt
	factors *store.Found[tenancy.SecondFactors]
	proven  bool      // the password
	spent   *spentPin // nil: the account has no second factor
}

// Reauthenticate prepares the check of credentials that a client has given.
func (x *Access) Reauthenticate(c Client, given Credentials) *Reauthentication {
	return &Reauthentication{access: x, given: given, client: c}
}

func (p *Reauthentication) attempted() *passwordAttempt { return p.attempt }

// Require refuses (CodeInvalid) an action without a password.
func (p *Reauthentication) Require(action string) error {
	if p.given.Password != "" {
		return nil
	}
	return problem.InvalidField("password", problem.FieldRequired,
		"is required: %s asks for the password of the account", action).
		For(problem.ReasonPasswordRequired)
}

// Reads adds the reads for Check to a batch.
func (p *Reauthentication) Reads(batch *store.Batch, a value.AccountID) {
	p.factors = batch.SecondFactors(a)
}

// Counts adds the counting of the attempt to reads, to run at the same time.
func (p *Reauthentication) Counts(
	a value.AccountID, now time.Time, reads ...func(context.Context) error,
) []func(context.Context) error {
	if p.attempt == nil {
		p.attempt = p.access.newPasswordAttempt(p.client, string(a), now)
		reads = append(reads, p.attempt.countSource, p.attempt.countSubject)
	}
	return reads
}

// Check compares the credentials with the account, after Reads and Counts have
// run. Errors: ErrInvalidPassword, ErrInvalidPin, CodeTooMany;
// tenancy.Account.NeedsFactor for a password without a pin if the account has a
// second factor.
func (p *Reauthentication) Check(ctx context.Context, a tenancy.Account, now time.Time) error {
	if !p.proven {
		if err := p.attempt.checkLimit(ctx, a, now); err != nil {
			return err
		}
		if !p.attempt.verify(a.PasswordHash, p.given.Password) {
			subject := "failed#" + p.attempt.bySubject.Subject
			p.access.auditFailure(ctx, p.client, subject, a, failedAction, now)
			return problem.ErrInvalidPassword
		}
		p.proven = true
	}
	var err error
	p.spent, err = p.access.checkPin(
		ctx, a, p.factors.Value, p.given, tenancy.ForAction, p.attempt, now)
	return err
}

// Factors returns the second factors as they were read.
func (p *Reauthentication) Factors() tenancy.SecondFactors { return p.factors.Value }

// FactorsAfter returns the second factors with the given pin used; KeepFactors
// commits them.
func (p *Reauthentication) FactorsAfter() tenancy.SecondFactors {
	if p.spent != nil {
		return p.spent.factors
	}
	return p.factors.Value
}

// KeepFactors adds changed second factors to a commit, which also uses up the
// pin.
func (p *Reauthentication) KeepFactors(tx *store.Tx, k tenancy.SecondFactors) {
	if p.spent == nil {
		tx.UpdateFactors(k)
		return
	}
	spent := *p.spent
	spent.factors = k
	p.access.spend(tx, &spent)
}

// RefundBeside refunds the attempt at the same time as the commit of an action
// that writes the second factors itself.
func (p *Reauthentication) RefundBeside(ctx context.Context, tx *store.Tx) {
	p.attempt.refundBeside(ctx, tx)
}

// Succeeded adds the use of the pin to the commit of the action, and refunds
// the attempt at the same time.
func (p *Reauthentication) Succeeded(ctx context.Context, tx *store.Tx) {
	p.RefundBeside(ctx, tx)
	p.access.spend(tx, p.spent)
}

// Prove does Reads, Counts and Check for an action that has authorized its
// account already and reads nothing else. It adds to the commit the condition
// that the account's tokens were not revoked meanwhile. Errors: those of
// Require and Check.
func (p *Reauthentication) Prove(
	ctx context.Context, tx *store.Tx, a value.AccountID, action string, now time.Time,
) error {
	if err := p.Require(action); err != nil {
		return err
	}
	batch := p.access.config.Store.Batch()
	account := batch.Account(a)
	p.Reads(batch, a)
	if err := flow.Parallel(ctx, p.Counts(a, now, batch.Get)...); err != nil {
		return err
	}
	if err := p.Check(ctx, account.Value, now); err != nil {
		return err
	}
	tx.CheckAccount(account.Value, problem.ErrInvalidToken)
	p.Succeeded(ctx, tx)
	return nil
}
