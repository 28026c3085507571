package tokens

import (
	"context"
	"strings"
	"time"

	"profiles/shared/access"
	"profiles/shared/flow"
	"profiles/shared/metric"
	"profiles/shared/problem"
	"profiles/shared/service/core"
	"profiles/shared/store"
	"profiles/shared/tenancy"
	"profiles/shared/value"
)

// NewToken is what a person gives to make a token.
type NewToken struct {
	access.Credentials
	Profile    access.ProfileRef
	Email      string
	Name       string
	Permission string // empty: full
	Expires    string // see tenancy.ParseExpiry
	tenancy.TokenLimits
}

// Made is a new token with its text, which is shown this once.
type Made struct {
	tenancy.Token
	Text string
}

func (s Service) mint(
	n NewToken,
	now time.Time,
	expiry func(string, time.Time) (time.Time, error),
) (Made, error) {
	key := s.NewKey()
	t := tenancy.Token{
		ID:         value.TokenID(key.ID),
		Hash:       key.Hash(),
		Permission: tenancy.PermissionFull,
		Created:    now,
	}
	var err error
	if t.Name, err = value.ParseName("name", n.Name); err != nil {
		return Made{}, err
	}
	if n.Permission != "" {
		if t.Permission, err = tenancy.ParsePermission(n.Permission); err != nil {
			return Made{}, err
		}
	}
	// Where the person is, is not known yet: a date alone is not over before it
	// is over everywhere.
	if t.Expires, err = expiry(n.Expires, now.In(core.LastZone)); err != nil {
		return Made{}, err
	}
	if t, err = t.Limited(n.TokenLimits); err != nil {
		return Made{}, err
	}
	return Made{t, key.Token()}, nil
}

// CreateAtLogin makes a token for a person who has none yet: the password takes
// its place. The token has full permission, as far as the person has it on the
// profile, and lives three months unless told otherwise. Errors: CodeInvalid
// naming the field, those of Accounts.Login; CodeNotFound for a profile the
// person cannot open.
func (s Service) CreateAtLogin(ctx context.Context, c access.Client, n NewToken) (Made, error) {
	now := s.Instant()
	email, err := value.ParseEmail(n.Email)
	if err != nil {
		return Made{}, err
	}
	made, err := s.mint(n, now, tenancy.SignInExpiry)
	if err != nil {
		return Made{}, err
	}
	made.SignIn = true
	entry := s.Access.SignIn(c, email, now)
	return access.RetryAttempt(ctx, entry, func() (Made, error) {
		now := s.Instant()
		holder, err := entry.Reservation(ctx, now)
		if err != nil {
			return Made{}, err
		}
		batch := s.Store.Batch()
		account, factors := batch.Account(holder), batch.SecondFactors(holder)
		grant, profile := batch.Grant(holder, n.Profile.ID), batch.Profile(n.Profile.ID)
		if err := batch.Get(ctx); err != nil {
			return Made{}, err
		}
		person, err := entry.CheckPassword(ctx, account.Value, n.Password, now)
		if err != nil {
			return Made{}, err
		}
		if err := entry.CheckPin(
			ctx,
			person,
			factors.Value,
			n.Credentials,
			tenancy.ForToken,
			now,
		); err != nil {
			return Made{}, err
		}
		if !grant.OK || !profile.OK || !grant.Value.Lasts(now) {
			return Made{}, problem.NotFound("Profile")
		}
		made := made
		tx := s.Store.Begin()
		tx.SignIn(person, problem.ErrInvalidCredentials)
		if err := s.create(tx, &made, n, person, grant.Value, profile.Value); err != nil {
			return Made{}, err
		}
		e := s.AccountEntry(person.ID, "Signed in, with a new token", now)
		e.Token = made.ID
		tx.Audit(e)
		entry.Succeeded(ctx, tx)
		return made, tx.Commit(ctx, c.Origin())
	})
}

// create adds the token for the account's right on the profile. That, and the
// profile's policy, must still stand when it commits. A date without a time as
// the end is that day where the person is. A token whose end nobody asked for
// ends as early as the policy wants. Errors: CodeInvalid for a day that is over
// there; CodeForbidden for an end that was asked for and is too late.
func (s Service) create(
	tx *store.Tx,
	made *Made,
	n NewToken,
	account tenancy.Account,
	grant tenancy.Grant,
	profile tenancy.Profile,
) error {
	expiry := tenancy.TokenExpiry
	if made.SignIn {
		expiry = tenancy.SignInExpiry
	}
	var err error
	if made.Expires, err = expiry(n.Expires, made.Created.In(account.Zone())); err != nil {
		return err
	}
	if strings.TrimSpace(n.Expires) == "" {
		made.Expires = profile.TokenPolicy.Shortened(made.Expires, made.Created)
	}
	if err := profile.TokenPolicy.Admits(made.Expires, made.Created); err != nil {
		return err
	}
	made.Token = made.By(account, grant)
	tx.CheckGrant(grant, problem.NotFound("Profile"))
	tx.CheckTokenPolicy(profile, problem.ErrConflict)
	tx.CreateToken(made.Token)
	tx.Measure(metric.TokensMade, 1)
	tx.Audit(
		core.Changing(
			s.AuditEntry(
				string(made.Profile),
				made.Token,
				"token",
				string(made.ID),
				"Token created",
				made.Created,
			),
			tokenMade(made.Token)...),
	)
	return nil
}

// Create makes a token of a profile, for a signed-in person who proves the
// password again. It lives a month unless told otherwise, and has no wider
// scope or allow-list than the token in use. Errors: those of every request to
// a profile, CodeInvalid naming the field, ErrInvalidPassword, CodeTooMany,
// CodeForbidden for a life that the profile's policy refuses.
func (s Service) Create(ctx context.Context, c access.Client, n NewToken) (Made, error) {
	proven := s.Access.Reauthenticate(c, n.Credentials)
	return access.RetryAttempt(ctx, proven, func() (Made, error) {
		r, err := s.Access.AuthorizeProfile(ctx, c, n.Profile, nil)
		if err != nil {
			return Made{}, err
		}
		now := s.Instant()
		made, err := s.mint(n, now, tenancy.TokenExpiry)
		if err != nil {
			return Made{}, err
		}
		email, err := value.ParseEmail(n.Email)
		if err != nil {
			return Made{}, err
		}
		if err := proven.Require("making a token"); err != nil {
			return Made{}, err
		}
		batch := s.Store.Batch()
		account, grant := batch.Account(r.Token.Account), batch.Grant(r.Token.Account, r.Profile.ID)
		proven.Reads(batch, r.Token.Account)
		if err := flow.Parallel(
			ctx,
			proven.Counts(r.Token.Account, now, batch.Get)...); err != nil {
			return Made{}, err
		}
		if err := proven.Check(ctx, account.Value, now); err != nil {
			return Made{}, err
		}
		if account.Value.Email != email {
			return Made{}, problem.InvalidField(
				"email",
				problem.FieldContradicts,
				"must be the address of the account that the token in use belongs to",
			)
		}
		if !grant.OK || !grant.Value.Lasts(now) {
			return Made{}, problem.NotFound("Profile")
		}
		made.Profile = r.Profile.ID
		if made.Token, err = made.MadeWith(r.Token, n.TokenLimits); err != nil {
			return Made{}, err
		}
		tx := s.Store.Begin()
		tx.CheckAccount(account.Value, problem.ErrInvalidToken)
		if err := s.create(tx, &made, n, account.Value, grant.Value, r.Profile); err != nil {
			return Made{}, err
		}
		proven.Succeeded(ctx, tx)
		return made, tx.Commit(ctx, c.Origin())
	})
}
