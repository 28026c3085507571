package access

import (
	"context"
	"strconv"
	"time"

	"profiles/shared/mailing"
	"profiles/shared/problem"
	"profiles/shared/secret"
	"profiles/shared/store"
	"profiles/shared/tenancy"
	"profiles/shared/value"
)

// spentPin is a right pin, to be used up by the commit that relies on it.
type spentPin struct {
	account  tenancy.Account
	factors  tenancy.SecondFactors
	recovery bool // it was a recovery code
	now      time.Time
}

// Purposes of secret.Keys.
const (
	sealAuthenticator = "authenticator"
	macPin            = "pin"
)

// PinMAC returns the MAC of a pin or a recovery code, which is stored in its
// place.
func (x *Access) PinMAC(a value.AccountID, pin string) []byte {
	return x.config.Keys.MAC(macPin, string(a), pin)
}

// SealAuthenticator seals the key of an authenticator for the table.
func (x *Access) SealAuthenticator(a value.AccountID, key string) []byte {
	return x.config.Keys.Seal(sealAuthenticator, string(a), []byte(key))
}

// checker compares a pin with the second factors of an account.
func (x *Access) checker(a value.AccountID, pin string) tenancy.Checker {
	keys := x.config.Keys
	return tenancy.Checker{
		MAC:     x.PinMAC(a, pin),
		Matches: func(mac []byte) bool { return keys.MatchesMAC(mac, macPin, string(a), pin) },
		Step: func(sealed []byte, from, to int64) (int64, bool) {
			text, ok := keys.Open(sealAuthenticator, string(a), sealed)
			if !ok {
				return 0, false
			}
			return secret.AuthenticatorStep(string(text), pin, from, to)
		},
	}
}

// checkPin checks the pin of an account with a second factor, after the
// password was found right. It returns nil for an account without one. attempt
// is that of the password, which stays counted if the pin is wrong. Errors: as
// SignIn.CheckPin.
func (x *Access) checkPin(
	ctx context.Context, a tenancy.Account, k tenancy.SecondFactors, given Credentials,
	use tenancy.PinUse, attempt *passwordAttempt, now time.Time,
) (*spentPin, error) {
	if len(a.Factors) == 0 {
		return nil, nil
	}
	if given.Pin == "" {
		if attempt.unknownSource {
			// A client that has guessed a password reaches this point.
			subject := "factor#" + string(a.ID)
			x.auditFailure(ctx, attempt.client, subject, a, failedFactor, now)
		}
		return nil, a.NeedsFactor()
	}
	factor := tenancy.Factor("")
	if given.Factor != "" {
		var err error
		if factor, err = tenancy.ParseFactor(given.Factor); err != nil {
			return nil, err
		}
	}
	if err := x.admits(ctx, attempt.client, a, k, now); err != nil {
		return nil, err
	}
	pin := tenancy.ParsePin(given.Pin)
	if pin == "" {
		return nil, problem.InvalidField("pin_code", problem.FieldFormat,
			"must be six digits, or a recovery code")
	}
	proved, recovery, err := k.Prove(a, factor, use, x.checker(a.ID, pin), now)
	if attempt.wrong = err != nil; attempt.wrong {
		return nil, x.wrongPin(ctx, attempt.client, a, k, err, now)
	}
	return &spentPin{a, proved, recovery, now}, nil
}

// ConfirmFactor checks the first pin of a second factor that is being set up,
// and returns the second factors with it confirmed. Errors: CodeInvalid if none
// is being set up; ErrInvalidPin; CodeTooMany after too many wrong pins.
func (x *Access) ConfirmFactor(
	ctx context.Context, c Client, a tenancy.Account, k tenancy.SecondFactors,
	factor tenancy.Factor, pin string, now time.Time,
) (tenancy.SecondFactors, error) {
	if err := x.admits(ctx, c, a, k, now); err != nil {
		return tenancy.SecondFactors{}, err
	}
	confirmed, err := k.Confirm(a, factor, x.checker(a.ID, pin), now)
	if problem.CodeOf(err) == problem.CodeUnauthenticated {
		err = x.wrongPin(ctx, c, a, k, err, now)
	}
	return confirmed, err
}

// admits refuses (CodeTooMany) all pins after too many wrong ones.
func (x *Access) admits(
	ctx context.Context, c Client, a tenancy.Account, k tenancy.SecondFactors, now time.Time,
) error {
	err := k.Admits(now)
	if err != nil {
		x.auditFailure(ctx, c, "pause#"+string(a.ID), a, failedPause, now)
	}
	return err
}

// wrongPin counts a wrong pin before the answer is sent, so that concurrent
// guesses all count. The first one in a span is written into the audit log of
// the account. At the third in a row, and at the last one that is checked, the
// person is notified, because the client that guesses knows the password.
func (x *Access) wrongPin(
	ctx context.Context, c Client, a tenancy.Account, k tenancy.SecondFactors, wrong error,
	now time.Time,
) error {
	failed := k.Failed(now)
	tx := x.config.Store.Begin()
	tx.UpdateFactors(failed)
	last, current := store.WindowEnd(k.WrongAt, attemptSpan), store.WindowEnd(now, attemptSpan)
	if k.WrongAt.IsZero() || !last.Equal(current) {
		tx.Audit(x.failureEntry(a.ID, failedPin, now))
	}
	switch failed.Wrong {
	case tenancy.WrongPinsToNotify:
		x.config.Notify(tx, a, mailing.FactorsWrong, "", "Three wrong pins in a row were given for your account, "+
			"by somebody who has its password. "+
			"If this was not you, choose a new password now.", now)
	case tenancy.WrongPins:
		x.config.Notify(tx, a, mailing.FactorsManyWrong, "", "Many wrong pins were given for your account, "+
			"by somebody who has its password. For a day no pin is looked at. "+
			"If this was not you, choose a new password now, "+
			"so that nobody else can try again after that day.", now)
		tx.Audit(x.accountEntry(a.ID, "Pins refused for a day, after too many wrong ones", now))
	}
	// This commit must not store the idempotency record, because the request is
	// refused and its key can be used again.
	if err := tx.CommitAside(ctx, c.Origin()); err != nil {
		return err
	}
	return wrong
}

// spend adds the use of a pin to a commit.
func (x *Access) spend(tx *store.Tx, p *spentPin) {
	if p == nil {
		return
	}
	tx.UpdateFactors(p.factors)
	if p.recovery {
		left := strconv.Itoa(len(p.factors.Recovery))
		x.config.Notify(tx, p.account, mailing.FactorsCodeUsed, left,
			"A recovery code of your account was used in place of a pin. "+left+" are left. "+
				"If this was not you, choose a new password, and make new recovery codes.", p.now)
	}
}
