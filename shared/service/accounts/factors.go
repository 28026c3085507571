package accounts

import (
	"context"
	"time"

	"profiles/shared/access"
	"profiles/shared/flow"
	"profiles/shared/mailing"
	"profiles/shared/problem"
	"profiles/shared/secret"
	"profiles/shared/store"
	"profiles/shared/tenancy"
	"profiles/shared/value"
)

// issuer is what an authenticator shows for the accounts of this service.
const issuer = "Profiles"

// RequestPin mails a pin to a person who signs in, or is to prove something
// again, and whose account has mail as a second factor. The password comes
// first: nobody else causes such mails. Errors: ErrInvalidCredentials,
// CodeForbidden for an account that is blocked or unconfirmed, CodeInvalid for
// a factor that sends nothing or is not enabled, CodeTooMany.
func (s Service) RequestPin(
	ctx context.Context, c access.Client, address, password, kind string,
) error {
	email, err := value.ParseEmail(address)
	if err != nil {
		return err
	}
	factor, err := tenancy.ParseFactor(kind)
	if err != nil {
		return err
	}
	entry := s.Access.SignIn(c, email, s.Instant())
	pin := secret.NewPin()
	_, err = access.RetryAttempt(ctx, entry, func() (struct{}, error) {
		now := s.Instant()
		seen, err := entry.Authenticate(ctx, password, now)
		if err != nil {
			return struct{}{}, err
		}
		a := seen.Account
		if factor == tenancy.FactorAuthenticator {
			return struct{}{}, problem.Invalid(
				"An authenticator shows its pins itself: take the one it shows now",
			)
		}
		if !a.Has(factor) {
			return struct{}{}, problem.Invalid("Pins by mail are not enabled for this account").
				For(problem.ReasonFactorState)
		}
		tx := s.Store.Begin()
		entry.Succeeded(ctx, tx)
		s.mailPin(tx, a, pin, now)
		k := seen.Factors
		k.Mailed = tenancy.Pin{MAC: s.Access.PinMAC(a.ID, pin), Expires: now.Add(tenancy.PinLife)}
		tx.UpdateFactors(k)
		return struct{}{}, tx.Commit(ctx, c.Origin())
	})
	return err
}

// pinsByMail is how many pins an account is mailed in an hour.
const pinsByMail = 10

func (s Service) mailPin(tx *store.Tx, a tenancy.Account, pin string, now time.Time) {
	end := store.WindowEnd(now, mailSpan)
	tx.Count(
		store.RateWindow{Subject: "mail#pin#" + string(a.ID), End: end},
		pinsByMail,
		problem.TooMany(end.Sub(now)).
			Because("no more pins are mailed to this account for now").
			For(problem.ReasonMailLimit),
	)
	s.SendTo(tx, a, mailing.Pin{Pin: pin, Expires: now.Add(tenancy.PinLife)}, now)
}

// Setup is a second factor that waits for its first pin.
type Setup struct {
	URL string // of an authenticator: what its app reads from a QR code; empty for a pin by mail
}

// EnableFactor begins to set up a second factor: it is asked for as soon as its
// first pin has come (ConfirmFactor). Enabling an authenticator that is enabled
// replaces it then. Errors: those of every request with a token; CodeForbidden
// without full permission, and for mail with the plan free; CodeInvalid naming
// what is wrong; those of a fresh proof.
func (s Service) EnableFactor(
	ctx context.Context,
	c access.Client,
	kind, address string,
	given access.Credentials,
) (Setup, error) {
	factor, err := tenancy.ParseFactor(kind)
	if err != nil {
		return Setup{}, err
	}
	var setup Setup
	err = s.withCredentials(
		ctx,
		c,
		address,
		given,
		"a second factor",
		func(tx *store.Tx, p *access.Reauthentication, who access.Caller, now time.Time) error {
			a := who.Account
			if err := a.CanEnable(factor); err != nil {
				return err
			}
			k := p.FactorsAfter()
			switch factor {
			case tenancy.FactorAuthenticator:
				key, url := secret.NewAuthenticator(issuer, string(a.Email))
				setup.URL = url
				k = k.Begin(a, s.Access.SealAuthenticator(a.ID, key), now)
			default:
				if a.Has(factor) {
					return problem.Invalid("Pins by mail are enabled already").
						For(problem.ReasonFactorState)
				}
				pin := secret.NewPin()
				s.mailPin(tx, a, pin, now)
				k = k.BeginMail(
					a,
					tenancy.Pin{MAC: s.Access.PinMAC(a.ID, pin), Expires: now.Add(tenancy.PinLife)},
				)
			}
			p.KeepFactors(tx, k)
			tx.CheckAccount(a, problem.ErrInvalidToken)
			tx.Audit(
				s.AuditEntry(
					string(a.ID),
					who.Token,
					"account",
					string(a.ID),
					"Second factor set up: "+string(factor),
					now,
				),
			)
			return nil
		},
	)
	return setup, err
}

// ConfirmFactor enables the second factor that waits for its first pin. With
// the first factor of an account come its recovery codes, which are shown this
// once: nil otherwise. Errors: those of every request with a token;
// CodeForbidden without full permission; CodeInvalid when no such factor waits;
// ErrInvalidPin; CodeTooMany.
func (s Service) ConfirmFactor(
	ctx context.Context,
	c access.Client,
	kind, text string,
) ([]string, error) {
	factor, err := tenancy.ParseFactor(kind)
	if err != nil {
		return nil, err
	}
	return flow.RetryOnConflict(ctx, func() ([]string, error) {
		var found *store.Found[tenancy.SecondFactors]
		who, err := s.Access.AuthorizeAccount(
			ctx,
			c,
			func(b *store.Batch, a value.AccountID) { found = b.SecondFactors(a) },
		)
		if err != nil {
			return nil, err
		}
		pin := tenancy.ParsePin(text)
		if pin == "" {
			return nil, problem.InvalidField("pin_code", problem.FieldFormat, "must be six digits")
		}
		now := s.Instant()
		a, k := who.Account, found.Value
		confirmed, err := s.Access.ConfirmFactor(ctx, c, a, k, factor, pin, now)
		if err != nil {
			return nil, err
		}
		var codes []string
		if len(a.Factors) == 0 {
			codes, confirmed.Recovery = s.recoveryCodes(a.ID)
			confirmed.RecoveryMade = now
		}
		tx := s.Store.Begin()
		s.changeFactors(
			tx,
			who,
			a.Enable(factor, now),
			mailing.FactorEnabled, string(factor),
			"Second factor enabled",
			factorData[factor]+" is a second factor of your account now: signing in and whatever asks for your password asks for a pin too.",
			now,
		)
		tx.UpdateFactors(confirmed)
		return codes, tx.Commit(ctx, c.Origin())
	})
}

var factorData = map[tenancy.Factor]string{
	tenancy.FactorAuthenticator: "An authenticator",
	tenancy.FactorEmail:         "A pin by mail",
}

// changeFactors adds the account after a change of its factors, the entry in
// its log, and what the person is told.
func (s Service) changeFactors(
	tx *store.Tx,
	who access.Caller,
	a tenancy.Account,
	event mailing.FactorEvent,
	about, audit, what string,
	now time.Time,
) {
	tx.UpdateAccount(a)
	e := s.AuditEntry(string(a.ID), who.Token, "account", string(a.ID), audit, now)
	e.Changes = a.Differences(who.Account)
	tx.Audit(e)
	s.NotifyFactors(tx, a, event, about, what, now)
}

// DisableFactor ends a second factor. The recovery codes end with the last one.
// Errors: those of every request with a token; CodeForbidden without full
// permission; CodeInvalid naming what is wrong; those of a fresh proof.
func (s Service) DisableFactor(
	ctx context.Context,
	c access.Client,
	kind, address string,
	given access.Credentials,
) error {
	factor, err := tenancy.ParseFactor(kind)
	if err != nil {
		return err
	}
	return s.withCredentials(
		ctx,
		c,
		address,
		given,
		"a second factor",
		func(tx *store.Tx, p *access.Reauthentication, who access.Caller, now time.Time) error {
			if !who.Account.Has(factor) {
				return problem.Invalid("%s is not enabled as a second factor of this account", factor).
					For(problem.ReasonFactorState)
			}
			a := who.Account.Disable(factor, now)
			p.KeepFactors(tx, p.FactorsAfter().Forget(a, factor))
			s.changeFactors(
				tx,
				who,
				a,
				mailing.FactorDisabled, string(factor),
				"Second factor disabled",
				factorData[factor]+" is no second factor of your account any more. If this was not you, choose a new password now, and write to support.",
				now,
			)
			return nil
		},
	)
}

// RenewRecovery makes new recovery codes, which are shown this once; those
// before are void. Errors: those of every request with a token; CodeForbidden
// without full permission; CodeInvalid without a second factor; those of a
// fresh proof.
func (s Service) RenewRecovery(
	ctx context.Context,
	c access.Client,
	address string,
	given access.Credentials,
) ([]string, error) {
	var codes []string
	err := s.withCredentials(
		ctx,
		c,
		address,
		given,
		"recovery codes",
		func(tx *store.Tx, p *access.Reauthentication, who access.Caller, now time.Time) error {
			a := who.Account
			if len(a.Factors) == 0 {
				return problem.Invalid("This account has no second factor: enable one, which also makes recovery codes").
					For(problem.ReasonFactorState)
			}
			k := p.FactorsAfter()
			codes, k.Recovery = s.recoveryCodes(a.ID)
			k.RecoveryMade = now
			p.KeepFactors(tx, k)
			tx.CheckAccount(a, problem.ErrInvalidToken)
			tx.Audit(
				s.AuditEntry(
					string(a.ID),
					who.Token,
					"account",
					string(a.ID),
					"Recovery codes made anew",
					now,
				),
			)
			s.NotifyFactors(
				tx,
				a,
				mailing.FactorsCodesMade, "",
				"New recovery codes were made for your account, and those before are void. If this was not you, choose a new password now, and write to support.",
				now,
			)
			return nil
		},
	)
	return codes, err
}

// recoveryCodes makes a set of recovery codes, and what is kept of them.
func (s Service) recoveryCodes(a value.AccountID) (codes []string, kept [][]byte) {
	for range tenancy.RecoveryCodes {
		code := secret.NewText(tenancy.RecoveryMails, tenancy.RecoveryAlphabet)
		kept = append(kept, s.Access.PinMAC(a, code))
		codes = append(codes, code[:4]+"-"+code[4:8]+"-"+code[8:])
	}
	return codes, kept
}

// withCredentials runs a change of how the account is entered, by a person who
// proves freshly who they are.
func (s Service) withCredentials(
	ctx context.Context,
	c access.Client,
	address string,
	given access.Credentials,
	action string,
	do func(*store.Tx, *access.Reauthentication, access.Caller, time.Time) error,
) error {
	proven := s.Access.Reauthenticate(c, given)
	_, err := access.RetryAttempt(ctx, proven, func() (struct{}, error) {
		now := s.Instant()
		who, err := s.Access.AuthorizeAccount(ctx, c, proven.Reads)
		if err != nil {
			return struct{}{}, err
		}
		if err := proven.Require(action); err != nil {
			return struct{}{}, err
		}
		email, err := value.ParseEmail(address)
		if err != nil {
			return struct{}{}, err
		}
		if err := flow.Parallel(ctx, proven.Counts(who.Account.ID, now)...); err != nil {
			return struct{}{}, err
		}
		if err := proven.Check(ctx, who.Account, now); err != nil {
			return struct{}{}, err
		}
		if email != who.Account.Email {
			return struct{}{}, problem.InvalidField(
				"email",
				problem.FieldContradicts,
				"must be the address of the account that the token in use belongs to",
			)
		}
		tx := s.Store.Begin()
		if err := do(tx, proven, who, now); err != nil {
			return struct{}{}, err
		}
		proven.RefundBeside(ctx, tx)
		return struct{}{}, tx.Commit(ctx, c.Origin())
	})
	return err
}
