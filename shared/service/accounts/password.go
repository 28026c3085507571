package accounts

import (
	"context"
	"errors"
	"time"

	"profiles/shared/access"
	"profiles/shared/flow"
	"profiles/shared/mailing"
	"profiles/shared/problem"
	"profiles/shared/secret"
	"profiles/shared/service/core"
	"profiles/shared/store"
	"profiles/shared/tenancy"
	"profiles/shared/value"
)

// RequestPassword mails a code that sets a new password to an address that has
// an account. The answer is the same for every address. Errors: CodeInvalid for
// a text that is no address, CodeTooMany.
func (s Service) RequestPassword(ctx context.Context, c access.Client, address string) error {
	return s.mailTo(
		ctx,
		c,
		address,
		passwordWindow,
		func(tx *store.Tx, email value.Email, holder tenancy.Account, now time.Time) {
			if a := holder.At(email); a.Active {
				code := s.securityCode(
					tx,
					tenancy.CodePassword,
					a,
					email,
					tenancy.PasswordCodeLife,
					now,
				)
				reset := mailing.PasswordReset{
					Code:    code,
					Expires: now.Add(tenancy.PasswordCodeLife),
				}
				s.Send(tx, email, a, reset, now)
			}
		},
	)
}

// passwordWindow counts mails with codes for passwords alone, so that strangers
// who cause other mails keep nobody from these.
func passwordWindow(email value.Email, now time.Time) store.RateWindow {
	return store.RateWindow{
		Subject: "mail#password#" + secret.Fingerprint(string(email)),
		End:     store.WindowEnd(now, mailSpan),
	}
}

// securityCode adds a code to a commit and returns its text.
func (s Service) securityCode(
	tx *store.Tx,
	purpose tenancy.CodePurpose,
	a tenancy.Account,
	e value.Email,
	life time.Duration,
	now time.Time,
) string {
	key := s.NewKey()
	tx.CreateSecurityCode(tenancy.SecurityCode{
		ID:                 value.CodeID(key.ID),
		Hash:               key.Hash(),
		Purpose:            purpose,
		Account:            a.ID,
		Email:              e,
		CredentialsChanged: a.CredentialsChanged,
		Expires:            now.Add(life),
	})
	return key.Code()
}

// SetPassword sets a new password: with a code from the mail in place of the
// token, or with a full token and the current password. All tokens made by
// signing in are dead with it, and the person is told by mail. A code works
// once, within the hour. The code of a sign-up does for it what Confirm does,
// with this password in place of the one that was given then. Errors:
// ErrNoToken, ErrInvalidToken for a token or code that is none; CodeForbidden
// without full permission; CodeInvalid for a password that is too weak, and for
// a missing current one; ErrInvalidPassword; CodeTooMany.
func (s Service) SetPassword(
	ctx context.Context,
	c access.Client,
	password string,
	current access.Credentials,
) error {
	if c.Token.ID == "" {
		return problem.ErrNoToken
	}
	proven := s.Access.Reauthenticate(c, current)
	hash := ""
	_, err := access.RetryAttempt(ctx, proven, func() (struct{}, error) {
		now := s.Instant()
		batch := s.Store.Batch()
		code := batch.SecurityCode(value.CodeID(c.Token.ID))
		signUp := batch.Confirmation(value.CodeID(c.Token.ID))
		// A code and a token look alike: all are looked for at once.
		var who access.Caller
		var refused error
		if err := s.Access.CountBySource(ctx, c, batch.Get, func(ctx context.Context) error {
			who, refused = s.Access.AuthorizeAccount(ctx, c, proven.Reads)
			return nil
		}); err != nil {
			return struct{}{}, err
		}
		hashed := func(a tenancy.Account) error {
			if err := value.CheckPassword(password, string(a.Email), a.Name); err != nil {
				return err
			}
			if hash == "" {
				hash = s.Passwords.Hash(password)
			}
			return nil
		}
		if signUp.OK && c.Token.Matches(signUp.Value.Hash) {
			return struct{}{}, s.confirm(
				ctx,
				c,
				signUp.Value,
				tenancy.ErrVoidCode,
				now,
				func(a *tenancy.Account) error {
					if err := hashed(*a); err != nil {
						return err
					}
					a.PasswordHash, a.Proved = hash, now
					return nil
				},
			)
		}
		tx := s.Store.Begin()
		var account, changed tenancy.Account
		var token tenancy.Token
		if code.OK && c.Token.Matches(code.Value.Hash) {
			batch := s.Store.Batch()
			found := batch.Account(code.Value.Account)
			factors := batch.SecondFactors(code.Value.Account)
			if err := batch.Get(ctx); err != nil {
				return struct{}{}, err
			}
			account = found.Value
			if !code.Value.Good(tenancy.CodePassword, account, now) {
				return struct{}{}, tenancy.ErrVoidCode
			}
			token.Account = account.ID
			if err := hashed(account); err != nil {
				return struct{}{}, err
			}
			tx.UseSecurityCode(code.Value, tenancy.ErrVoidCode)
			if changed = account.PasswordByMail(hash, now); account.Unproven {
				if err := s.recover(ctx, tx, changed, factors.Value, time.Time{}, now); err != nil {
					return struct{}{}, err
				}
			} else {
				tx.Revoke(changed, now)
			}
		} else {
			if errors.Is(refused, problem.ErrInvalidToken) {
				refused = tenancy.ErrVoidCredential
			}
			if refused != nil {
				return struct{}{}, refused
			}
			if current.Password == "" {
				return struct{}{}, problem.InvalidField("current_password", problem.FieldRequired, "is required: changing the password asks for the one you have").
					For(problem.ReasonPasswordRequired)
			}
			account, token = who.Account, who.Token
			if err := flow.Parallel(ctx, proven.Counts(account.ID, now)...); err != nil {
				return struct{}{}, err
			}
			if err := proven.Check(ctx, account, now); err != nil {
				return struct{}{}, err
			}
			proven.Succeeded(ctx, tx)
			if err := hashed(account); err != nil {
				return struct{}{}, err
			}
			changed = account.NewPassword(hash, now)
			tx.Revoke(changed, now)
		}
		tx.Audit(
			core.Changing(
				s.AuditEntry(
					string(account.ID),
					token,
					"account",
					string(account.ID),
					"Password changed",
					now,
				),
				changed.Differences(account)...),
		)
		s.SendTo(tx, account, mailing.PasswordChanged{Name: account.Name, When: now}, now)
		tx.Notify(
			s.Notice(
				account.ID,
				"Your password was changed",
				"Whoever was signed in has to sign in again. If this was not you, ask for a new password at once, and write to support.",
				now,
			),
		)
		return struct{}{}, tx.Commit(ctx, c.Origin())
	})
	return err
}

// coded is what a security code opens.
type coded struct {
	code    tenancy.SecurityCode
	account tenancy.Account
	factors tenancy.SecondFactors
	// holds the address to be by a sign-up that nobody has confirmed; empty:
	// none does
	waiting value.AccountID
}

// byCode runs what a security code is for, and spends it.
func (s Service) byCode(
	ctx context.Context,
	c access.Client,
	code string,
	purpose tenancy.CodePurpose,
	do func(*store.Tx, coded, time.Time) error,
) error {
	key, ok := secret.Parse(code)
	if !ok {
		return tenancy.ErrVoidCode
	}
	_, err := flow.RetryOnConflict(ctx, func() (struct{}, error) {
		now := s.Instant()
		batch := s.Store.Batch()
		found := batch.SecurityCode(value.CodeID(key.ID))
		if err := s.Access.CountBySource(ctx, c, batch.Get); err != nil {
			return struct{}{}, err
		}
		if !found.OK || !key.Matches(found.Value.Hash) {
			return struct{}{}, tenancy.ErrVoidCode
		}
		by := coded{code: found.Value}
		reads := []func(context.Context) error{func(ctx context.Context) error {
			p, err := s.Store.AccountWithFactors(ctx, by.code.Account)
			by.account, by.factors = p.Account, p.Factors
			return err
		}}
		if purpose == tenancy.CodeEmail {
			reads = append(reads, func(ctx context.Context) (err error) {
				by.waiting, err = s.waiting(ctx, by.code.Email, now)
				return err
			})
		}
		if err := flow.Parallel(ctx, reads...); err != nil {
			return struct{}{}, err
		}
		if !by.code.Good(purpose, by.account, now) {
			return struct{}{}, tenancy.ErrVoidCode
		}
		tx := s.Store.Begin()
		tx.UseSecurityCode(by.code, tenancy.ErrVoidCode)
		if err := do(tx, by, now); err != nil {
			return struct{}{}, err
		}
		return struct{}{}, tx.Commit(ctx, c.Origin())
	})
	return err
}

// waiting is the account that holds an address by a sign-up which nobody has
// confirmed, empty when none does.
func (s Service) waiting(
	ctx context.Context,
	email value.Email,
	now time.Time,
) (value.AccountID, error) {
	batch := s.Store.Batch()
	reservation := batch.EmailReservation(email)
	if err := batch.Get(ctx); err != nil || !reservation.OK || !reservation.Value.Holds(now) ||
		reservation.Value.Expires.IsZero() {
		return "", err
	}
	batch = s.Store.Batch()
	holder := batch.Account(reservation.Value.Account)
	if err := batch.Get(ctx); err != nil || !holder.OK || holder.Value.Active {
		return "", err
	}
	return holder.Value.ID, nil
}
