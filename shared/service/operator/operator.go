// Package operator has what operators do with commands, without a caller.
package operator

import (
	"cmp"
	"context"
	"slices"
	"time"

	"profiles/shared/flow"
	"profiles/shared/mailing"
	"profiles/shared/plan"
	"profiles/shared/problem"
	"profiles/shared/service/core"
	"profiles/shared/store"
	"profiles/shared/tenancy"
	"profiles/shared/value"
)

// Service has operations for whoever runs the service, and for its tests: they
// have no route.
type Service struct {
	*core.Base
	act Act
}

// New returns what operators do.
func New(on *core.Base) Service { return Service{Base: on} }

// Seed is an account to be made without a mail: confirmed, with a first profile
// that has all the account's services.
type Seed struct {
	Type     tenancy.AccountType // empty: AccountUser
	Name     string
	Email    string
	Password string
	Plan     plan.Plan // empty: plan.Free
}

// CreateAccount makes a confirmed account with its first profile. Errors:
// CodeInvalid naming the field, CodeConflict when the address is taken.
func (s Service) CreateAccount(
	ctx context.Context,
	seed Seed,
) (tenancy.Account, tenancy.Profile, error) {
	now := s.Instant()
	email, err := value.ParseNewEmail(seed.Email)
	if err != nil {
		return tenancy.Account{}, tenancy.Profile{}, err
	}
	name, err := value.ParseName("name", seed.Name)
	if err != nil {
		return tenancy.Account{}, tenancy.Profile{}, err
	}
	if err := value.CheckPassword(seed.Password, seed.Email); err != nil {
		return tenancy.Account{}, tenancy.Profile{}, err
	}
	account, profile, err := tenancy.SignUp{
		Account:      value.AccountID(s.NewID(now)),
		Name:         name,
		Timezone:     "UTC",
		PasswordHash: s.Passwords.Hash(seed.Password),
		Created:      now,
	}.Confirm(email, value.ProfileID(s.NewID(now)), now)
	if err != nil {
		return account, profile, err
	}
	if seed.Type != "" {
		account = account.WithRole(seed.Type, s.act.Who, now)
	}
	if seed.Plan != "" && seed.Plan != plan.Free {
		account.Plan, account.PaidUntil = seed.Plan, account.Cycle(now).End
		profile = profile.Of(account)
	}
	tx := s.Store.Begin()
	tx.ReserveEmail(
		tenancy.EmailReservation{Email: email, Account: account.ID},
		now,
		problem.Conflict("%s has an account already", email),
	)
	tx.CreateAccount(account, now)
	tx.CreateProfile(profile)
	tx.Snapshot(account, now)
	e := s.entry(account.ID, "Account created by the operator", now)
	of := s.AuditEntry(
		string(profile.ID),
		tenancy.Token{},
		"profile",
		string(profile.ID),
		"Profile created",
		now,
	)
	of.Who = "operator"
	tx.Audit(e)
	tx.Audit(of)
	return account, profile, tx.CommitAside(ctx, store.Origin{})
}

// AddMember shares a profile with an account at once, without an invitation.
// Errors: CodeNotFound, CodeConflict when the account is a member already,
// CodeForbidden past the team size of the owner's plan.
func (s Service) AddMember(
	ctx context.Context,
	id value.ProfileID,
	account value.AccountID,
	p tenancy.Permission,
) error {
	_, err := flow.RetryOnConflict(ctx, func() (struct{}, error) {
		profile, team, err := s.Store.ProfileWithMembers(ctx, id)
		if err != nil {
			return struct{}{}, err
		}
		batch := s.Store.Batch()
		person := batch.Account(account)
		if err := batch.Get(ctx); err != nil {
			return struct{}{}, err
		}
		now := s.Instant()
		switch {
		case profile.ID == "":
			return struct{}{}, problem.NotFound("Profile")
		case !person.OK || account == profile.Owner:
			return struct{}{}, problem.NotFound("Account")
		case len(team.Open(now)) >= profile.Plan.Limits().Members:
			return struct{}{}, plan.LimitReached("team members", profile.Plan.Limits().Members).
				For(problem.ReasonTeamFull)
		}
		if _, ok := team.Active(account); ok {
			return struct{}{}, problem.Conflict("The account is a member already")
		}
		tx := s.Store.Begin()
		tx.AddMember(profile, tenancy.Member{
			Profile: id, Account: account, Permission: p, Epoch: now.UnixMilli(), Active: true,
			Name: person.Value.Name, Email: person.Value.Email, Created: now,
		})
		tx.CheckAccount(person.Value, problem.ErrConflict)
		e := s.AuditEntry(
			string(id),
			tenancy.Token{},
			"profile",
			string(account),
			"Member added by the operator",
			now,
		)
		e.Who = "operator"
		tx.Audit(e)
		return struct{}{}, tx.CommitAside(ctx, store.Origin{})
	})
	return err
}

// Outcome is an account as an operator's command left it.
type Outcome struct {
	tenancy.Account
	Changed bool // false: it was as it should be already
}

// SetType makes an account one of the support desk or of a data plane, or a
// customer's again. Errors: CodeInvalid for a text that is no address,
// CodeNotFound for an address without a confirmed account, CodeConflict for one
// that has another role.
func (s Service) SetType(
	ctx context.Context,
	address string,
	to tenancy.AccountType,
) (Outcome, error) {
	return s.change(
		ctx,
		address,
		func(
			tx *store.Tx, account tenancy.Account, now time.Time,
		) (tenancy.Account, string, error) {
			if account.Type == to {
				return account, "", nil
			}
			if account.Type != tenancy.AccountUser && to != tenancy.AccountUser {
				return account, "", problem.Conflict(
					"%s is an account of the type %s: revoke that first",
					account.Email,
					account.Type,
				)
			}
			account = account.WithRole(to, s.act.Who, now)
			tx.UpdateAccount(account)
			return account, "Account type set to " + string(to) + " by the operator", nil
		},
	)
}

// RevokeType makes an account that has a role a customer's again. Errors: as
// SetType, CodeConflict for one that has another role.
func (s Service) RevokeType(
	ctx context.Context,
	address string,
	from tenancy.AccountType,
) (Outcome, error) {
	return s.change(
		ctx,
		address,
		func(
			tx *store.Tx, account tenancy.Account, now time.Time,
		) (tenancy.Account, string, error) {
			switch account.Type {
			case tenancy.AccountUser:
				return account, "", nil
			case from:
				account = account.WithRole(tenancy.AccountUser, s.act.Who, now)
				tx.UpdateAccount(account)
				message := "Account type set to " + string(tenancy.AccountUser) + " by the operator"
				return account, message, nil
			}
			return account, "", problem.Conflict(
				"%s is an account of the type %s, not %s: nothing was changed",
				account.Email,
				account.Type,
				from,
			)
		},
	)
}

// Roles returns the accounts with a role of the operator, those of support
// first, and within a role by their addresses.
func (s Service) Roles(ctx context.Context) ([]tenancy.Account, error) {
	found, err := s.Store.Roles(ctx)
	slices.SortFunc(found, func(a, b tenancy.Account) int {
		return cmp.Or(-cmp.Compare(a.Type, b.Type), cmp.Compare(a.Email, b.Email))
	})
	return found, err
}

// SignOut kills all tokens of an account, however they were made, for a person
// who has lost control of it. Errors: as SetType.
func (s Service) SignOut(ctx context.Context, address string) (Outcome, error) {
	return s.change(
		ctx,
		address,
		func(
			tx *store.Tx, account tenancy.Account, now time.Time,
		) (tenancy.Account, string, error) {
			account = account.Revoked()
			account.Updated = now
			tx.Revoke(account, now)
			return account, "All tokens revoked by the operator", nil
		},
	)
}

// ResetFactors takes all second factors from an account, for a person who has
// lost them and the recovery codes; who asks must have shown that the account
// is theirs. The person is told. Errors: as SetType.
func (s Service) ResetFactors(ctx context.Context, address string) (Outcome, error) {
	return s.change(
		ctx,
		address,
		func(
			tx *store.Tx, account tenancy.Account, now time.Time,
		) (tenancy.Account, string, error) {
			if len(account.Factors) == 0 {
				return account, "", nil
			}
			// The item of the factors stays but opens nothing: a factor that
			// is enabled later replaces it.
			account.Factors, account.CredentialsChanged, account.Updated = nil, now, now
			tx.UpdateAccount(account)
			s.NotifyFactors(
				tx,
				account,
				mailing.FactorsTaken, "",
				"The operator has taken all second factors from your account, as somebody asked support to. If this was not you, choose a new password now, and write to support.",
				now,
			)
			return account, "Second factors taken by the operator", nil
		},
	)
}

// ResumeMail ends the stop of mails to an address, whether it has an account or
// not; the account of the outcome has the address alone if it has none. Errors:
// CodeInvalid for a text that is no address.
func (s Service) ResumeMail(ctx context.Context, address string) (Outcome, error) {
	email, err := value.ParseEmail(address)
	if err != nil {
		return Outcome{}, err
	}
	now := s.Instant()
	stored, err := s.account(ctx, email, now)
	if err != nil {
		return Outcome{}, err
	}
	batch := s.Store.Batch()
	stop := batch.MailStop(email)
	if err := batch.Get(ctx); err != nil {
		return Outcome{}, err
	}
	account := stored.At(email)
	account.Email = email
	if !now.Before(stop.Value.Ends()) {
		return Outcome{Account: account}, nil
	}
	tx := s.Store.Begin()
	tx.ResumeMail(email)
	if account.Active {
		tx.Audit(s.entry(account.ID, "Mails to the address resumed by the operator", now))
	}
	return Outcome{account, true}, tx.CommitAside(ctx, store.Origin{})
}

// account reads the account that has an address. It returns the zero account if
// none has it.
func (s Service) account(
	ctx context.Context, email value.Email, now time.Time,
) (tenancy.Account, error) {
	batch := s.Store.Batch()
	reservation := batch.EmailReservation(email)
	if err := batch.Get(ctx); err != nil {
		return tenancy.Account{}, err
	}
	batch = s.Store.Batch()
	found := batch.Account(s.Access.Holder(reservation, now))
	err := batch.Get(ctx)
	return found.Value, err
}

// change changes the confirmed account with an address. An empty entry of the
// log says that there is nothing to change.
func (s Service) change(
	ctx context.Context,
	address string,
	do func(*store.Tx, tenancy.Account, time.Time) (tenancy.Account, string, error),
) (Outcome, error) {
	email, err := value.ParseEmail(address)
	if err != nil {
		return Outcome{}, err
	}
	return flow.RetryOnConflict(ctx, func() (Outcome, error) {
		now := s.Instant()
		stored, err := s.account(ctx, email, now)
		if err != nil {
			return Outcome{}, err
		}
		account := stored.At(email)
		if !account.Active {
			return Outcome{}, problem.NotFound("Account")
		}
		tx := s.Store.Begin()
		account, message, err := do(tx, account, now)
		if err != nil || message == "" {
			return Outcome{Account: account}, err
		}
		tx.Audit(s.entry(account.ID, message, now, account.Differences(stored)...))
		return Outcome{account, true}, tx.CommitAside(ctx, store.Origin{})
	})
}
