package service

import (
	"context"
	"strconv"
	"time"

	"profiles/shared/problem"
	"profiles/shared/secret"
	"profiles/shared/store"
	"profiles/shared/tenancy"
	"profiles/shared/value"
)

// spentPin is a right pin, which the commit that relies on it uses up.
type spentPin struct {
	account  tenancy.Account
	factors  tenancy.SecondFactors
	recovery bool // it was a recovery code
	now      time.Time
}

const (
	sealAuthenticator = "authenticator" // purposes of secret.Keys
	macPin            = "pin"
)

// checker compares a pin with what an account's factors has.
func (b *base) checker(a value.AccountID, pin string) tenancy.Checker {
	return tenancy.Checker{
		MAC:     b.Keys.MAC(macPin, string(a), pin),
		Matches: func(mac []byte) bool { return b.Keys.MatchesMAC(mac, macPin, string(a), pin) },
		Step: func(sealed []byte, from, to int64) (int64, bool) {
			text, ok := b.Keys.Open(sealAuthenticator, string(a), sealed)
			if !ok {
				return 0, false
			}
			return secret.AuthenticatorStep(string(text), pin, from, to)
		},
	}
}

// checkPin looks at the second factor of an account that asks for one, after the password proved right. It returns nil for an account that
// asks for none. attempt is the password's, which stays counted when the pin is wrong. Errors: tenancy.Account.NeedsFactor without a pin, CodeInvalid for a factor
// that there is not, ErrInvalidPin, CodeTooMany; ErrConflict when somebody else used a pin at the same moment.
func (b *base) checkPin(ctx context.Context, a tenancy.Account, k tenancy.SecondFactors, given Credentials, use tenancy.PinUse, attempt *passwordAttempt, now time.Time) (*spentPin, error) {
	if len(a.Factors) == 0 {
		return nil, nil
	}
	if given.Pin == "" {
		if attempt.unknownSource {
			// Whoever has found a password and tries it gets as far as this.
			b.auditFailure(ctx, "factor#"+string(a.ID), a, tracedFactor, now)
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
	if err := k.Admits(now); err != nil {
		b.auditFailure(ctx, "pause#"+string(a.ID), a, tracedPause, now)
		return nil, err
	}
	pin := tenancy.ParsePin(given.Pin)
	if pin == "" {
		return nil, problem.InvalidField("pin_code", problem.FieldFormat, "must be six digits, or a recovery code")
	}
	proved, recovery, err := k.Prove(a, factor, use, b.checker(a.ID, pin), now)
	if attempt.wrong = err != nil; attempt.wrong {
		return nil, b.wrongPin(ctx, a, k, err, now)
	}
	return &spentPin{a, proved, recovery, now}, nil
}

// wrongPin counts a wrong pin before anybody hears that it was wrong, so that guesses at the same moment count each. The first of a span is in
// the log of the account; the third in a row, and the last one that is looked at, are told to the person: whoever guesses has the password.
func (b *base) wrongPin(ctx context.Context, a tenancy.Account, k tenancy.SecondFactors, wrong error, now time.Time) error {
	failed := k.Failed(now)
	tx := b.Store.Begin()
	tx.UpdateFactors(failed)
	if k.WrongAt.IsZero() || !rateWindowEnd(k.WrongAt, attemptSpan).Equal(rateWindowEnd(now, attemptSpan)) {
		tx.Audit(b.failureEntry(a.ID, tracedPin, now))
	}
	switch failed.Wrong {
	case tenancy.WrongPinsToNotify:
		b.notifyFactors(tx, a, "Three wrong pins in a row were given for your account, by somebody who has its password. "+
			"If this was not you, choose a new password now.", now)
	case tenancy.WrongPins:
		b.notifyFactors(tx, a, "Many wrong pins were given for your account, by somebody who has its password. For a day no pin is looked at. "+
			"If this was not you, choose a new password now, so that nobody else can try again after that day.", now)
		tx.Audit(b.accountEntry(a.ID, "Pins refused for a day, after too many wrong ones", now))
	}
	// The request is refused: an Idempotency-Key of it may be given again.
	if err := tx.Commit(store.WithoutRecord(ctx)); err != nil {
		return err
	}
	return wrong
}

// spend uses a pin up.
func (b *base) spend(tx *store.Tx, p *spentPin) {
	if p == nil {
		return
	}
	tx.UpdateFactors(p.factors)
	if p.recovery {
		b.notifyFactors(tx, p.account, "A recovery code of your account was used in place of a pin. "+
			strconv.Itoa(len(p.factors.Recovery))+" are left. If this was not you, choose a new password, and make new recovery codes.", p.now)
	}
}

// notifyFactors adds a mail and a notification about second factors.
func (b *base) notifyFactors(tx *store.Tx, a tenancy.Account, what string, now time.Time) {
	b.send(tx, b.newMail(tenancy.MessageFactors, a.Email, now, map[string]string{"name": a.Name, "what": what, "when": now.Format(time.RFC3339)}).In(a.Timezone))
	tx.Notify(b.notice(a.ID, "Two-factor authentication", what, now))
}
