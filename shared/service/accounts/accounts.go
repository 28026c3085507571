// Package accounts has the use cases of accounts: signing up and in, sessions,
// passwords, addresses, second factors, and deletion.
package accounts

import (
	"context"
	"time"

	"profiles/shared/access"
	"profiles/shared/flow"
	"profiles/shared/problem"
	"profiles/shared/service/core"
	"profiles/shared/service/teams"
	"profiles/shared/service/transfers"
	"profiles/shared/store"
	"profiles/shared/tenancy"
	"profiles/shared/value"
)

// Service has the operations on accounts and on signing in.
type Service struct {
	*core.Base
	teams     teams.Service
	transfers transfers.Service
}

// New returns the operations on accounts.
func New(on *core.Base, teams teams.Service, transfers transfers.Service) Service {
	return Service{on, teams, transfers}
}

// SignIn is a person who has signed in, with the profiles that they can open.
type SignIn struct {
	Account tenancy.Account
	Grants  []tenancy.Grant
}

// Login checks a person's password, and the pin of a second factor when the
// account asks for one, and returns the account with the profiles it can open.
// It makes no token: see Tokens.CreateAtLogin, which takes the same pin once
// more. Errors: ErrInvalidCredentials; CodeForbidden for an account that is
// blocked or unconfirmed; tenancy.Account.NeedsFactor for a right password
// without a pin; ErrInvalidPin; CodeInvalid for a pin or a factor that is none;
// CodeTooMany.
func (s Service) Login(
	ctx context.Context,
	c access.Client,
	address string,
	given access.Credentials,
) (SignIn, error) {
	seen, err := s.signIn(ctx, c, address, given, entrance{
		(*access.SignIn).Authenticate, tenancy.ForSignIn,
		func(tx *store.Tx, seen access.SignedIn, now time.Time) {
			tx.Audit(s.AccountEntry(seen.Account.ID, "Signed in", now))
		},
	})
	return SignIn{seen.Account, seen.Grants}, err
}

// entrance is a way to sign in: how the password is checked, what the pin is
// for, and what the sign-in commits besides.
type entrance struct {
	authenticate func(*access.SignIn, context.Context, string, time.Time) (access.SignedIn, error)
	pin          tenancy.PinUse
	commit       func(tx *store.Tx, seen access.SignedIn, now time.Time)
}

// signIn checks what a person proves themselves with, and commits the sign-in.
// Errors: those of Login.
func (s Service) signIn(
	ctx context.Context,
	c access.Client,
	address string,
	given access.Credentials,
	by entrance,
) (access.SignedIn, error) {
	email, err := value.ParseEmail(address)
	if err != nil {
		return access.SignedIn{}, err
	}
	entry := s.Access.SignIn(c, email, s.Instant())
	return access.RetryAttempt(ctx, entry, func() (access.SignedIn, error) {
		now := s.Instant()
		seen, err := by.authenticate(entry, ctx, given.Password, now)
		if err != nil {
			return access.SignedIn{}, err
		}
		if err := entry.CheckPin(
			ctx,
			seen.Account,
			seen.Factors,
			given,
			by.pin,
			now,
		); err != nil {
			return access.SignedIn{}, err
		}
		tx := s.Store.Begin()
		tx.SignIn(seen.Account, problem.ErrInvalidCredentials)
		by.commit(tx, seen, now)
		entry.Succeeded(ctx, tx)
		return seen, tx.Commit(ctx, c.Origin())
	})
}

// Get returns the caller's account, and what of it the token may see: a token
// of one profile, or without read permission, sees the part that is no secret
// among the people who share a profile (View.Whole is false). Errors:
// ErrNoToken, ErrInvalidToken.
func (s Service) Get(ctx context.Context, c access.Client) (View, error) {
	var factors *store.Found[tenancy.SecondFactors]
	who, err := s.Access.AuthorizeToken(
		ctx,
		c,
		func(b *store.Batch, a value.AccountID) { factors = b.SecondFactors(a) },
	)
	if err != nil {
		return View{}, err
	}
	view := View{
		Account: who.Account.OpenChanges(s.Instant()),
		Whole: who.Token.Scope == tenancy.ScopeAccount &&
			who.Token.Permission.Allows(tenancy.PermissionRead),
	}
	if len(who.Account.Factors) > 0 {
		n := len(factors.Value.Recovery)
		view.RecoveryCodes = &n
	}
	return view, nil
}

// View is an account as a token sees it.
type View struct {
	tenancy.Account
	Whole         bool
	RecoveryCodes *int // how many are left; nil for an account without a second factor
}

// Edit changes the caller's account. Errors: those of Get; CodeForbidden for a
// read token; CodeInvalid naming the field.
func (s Service) Edit(ctx context.Context, c access.Client, e tenancy.AccountEdit) error {
	_, err := flow.RetryOnConflict(ctx, func() (struct{}, error) {
		who, err := s.Access.AuthorizeAccount(ctx, c, nil)
		if err != nil {
			return struct{}{}, err
		}
		now := s.Instant()
		account, err := who.Account.Edit(e, now)
		if err != nil {
			return struct{}{}, err
		}
		tx := s.Store.Begin()
		tx.UpdateAccount(account)
		e := s.AuditEntry(
			string(account.ID),
			who.Token,
			"account",
			string(account.ID),
			"Account updated",
			now,
		)
		e.Changes = account.Differences(who.Account)
		tx.Audit(e)
		return struct{}{}, tx.Commit(ctx, c.Origin())
	})
	return err
}
