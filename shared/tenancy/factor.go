package tenancy

import (
	"encoding/json"
	"slices"
	"strings"
	"time"

	"profiles/shared/plan"
	"profiles/shared/problem"
	"profiles/shared/value"
)

// Factor is a kind of second factor, which a person needs besides the password.
type Factor string

const (
	// an app that shows a pin of six digits for each half minute (TOTP, RFC
	// 6238)
	FactorAuthenticator Factor = "authenticator"
	FactorEmail         Factor = "email" // a pin by mail, with the plans starter and scale
)

// ParseFactor reads the name of a second factor. Errors: CodeInvalid, which
// lists the factors.
func ParseFactor(s string) (Factor, error) {
	switch f := Factor(s); f {
	case FactorAuthenticator, FactorEmail:
		return f, nil
	case "sms":
		return "", problem.Invalid("sms is not offered as a second factor: use authenticator or email").
			For(problem.ReasonNotOffered)
	}
	return "", problem.Invalid("the second factor must be authenticator or email")
}

// EnabledFactor is a second factor that is enabled for an account.
type EnabledFactor struct {
	Factor Factor
	Since  time.Time
}

// Has reports whether a second factor is enabled for the account.
func (a Account) Has(f Factor) bool {
	return slices.ContainsFunc(a.Factors, func(e EnabledFactor) bool { return e.Factor == f })
}

// CanEnable refuses (CodeForbidden) a second factor that the account's plan
// does not have. Source: the original's page on two-factor authentication.
func (a Account) CanEnable(f Factor) error {
	if f == FactorEmail && a.Plan == plan.Free {
		return a.Plan.Lacks(
			"Pins by mail are for the plans starter and scale: use authenticator, or choose one of them",
		)
	}
	return nil
}

// Enable returns the account with a second factor enabled since now, also if it
// was enabled before.
func (a Account) Enable(f Factor, now time.Time) Account {
	a = a.Disable(f, now)
	a.Factors = append(a.Factors, EnabledFactor{f, now})
	return a
}

// Disable returns the account with a second factor disabled.
func (a Account) Disable(f Factor, now time.Time) Account {
	a.Factors = slices.DeleteFunc(
		slices.Clone(a.Factors),
		func(e EnabledFactor) bool { return e.Factor == f },
	)
	a.CredentialsChanged, a.Updated = now, now
	return a
}

// NeedsFactor returns the refusal (CodeUnauthenticated) of a right password
// without a pin. The account must have a second factor. The message is JSON,
// because clients of the original API read it to ask the person for a pin.
func (a Account) NeedsFactor() *problem.Error {
	asked := struct {
		Enabled []Factor `json:"otp_enabled"`
		First   Factor   `json:"otp_autosend"`
	}{}
	for _, e := range a.Factors {
		asked.Enabled = append(asked.Enabled, e.Factor)
	}
	asked.First = asked.Enabled[0]
	if a.Has(FactorAuthenticator) {
		asked.First = FactorAuthenticator
	}
	message, _ := json.Marshal(asked) // texts always encode
	return problem.Unauthenticated(string(message)).
		For(problem.ReasonSecondFactorRequired).
		With("factors", asked.Enabled).
		With("first", asked.First)
}

// ErrInvalidPin refuses a pin or recovery code that is wrong, used or expired.
// It does not say which of these it is.
var ErrInvalidPin = problem.Unauthenticated("Invalid PIN code: send the newest one, or a recovery code that you have not used yet").
	For(problem.ReasonInvalidPin)

// Bounds of pins. Sources: RFC 6238 for the steps; NIST SP 800-63B for the life
// of pins and the bound on wrong ones in a row.
const (
	PinStep = 30 * time.Second // the time for which an authenticator shows a pin
	// PinSkew is how many steps before and after the present one are accepted,
	// because clocks differ.
	PinSkew = 1
	// PinLife is how long a pin by mail is valid, and how long the pin of a
	// sign-in can still make one token.
	PinLife = 10 * time.Minute
	// SetupLife is how long a new authenticator can be confirmed by its first
	// pin.
	SetupLife = time.Hour
	// WrongPins is how many wrong pins in a row have all pins refused for
	// wrongPinsCooldown.
	WrongPins         = 10
	WrongPinsToNotify = 3 // wrong pins in a row that the person is notified of
	wrongPinsCooldown = 24 * time.Hour
	RecoveryCodes     = 10 // how many a person gets
	RecoveryMails     = 12 // characters of a recovery code
)

// Pin is a pin by mail. Only its MAC is stored.
type Pin struct {
	MAC     []byte
	Expires time.Time
}

// open reports whether the pin is set and has not expired.
func (p Pin) open(now time.Time) bool { return len(p.MAC) > 0 && now.Before(p.Expires) }

// SecondFactors has the secrets of an account's second factors, and the state
// of their latest uses. It is stored apart from the account, so that the use of
// a pin does not conflict with changes of the account.
type SecondFactors struct {
	Account value.AccountID
	// Authenticator is the sealed secret of the app. Setup is that of a new
	// one, which can be confirmed by its first pin until SetupEnds.
	Authenticator []byte
	Setup         []byte
	SetupEnds     time.Time
	// SetupFor is Account.CredentialsChanged when Setup or First was begun.
	// Both are void once that has changed.
	SetupFor time.Time
	// Step is the latest step of the authenticator whose pin was used. Pins of
	// it and of earlier steps are refused.
	Step   int64
	Mailed Pin // the newest pin by mail
	First  Pin // the first pin by mail, which enables mail as a second factor
	// SignInPin is the pin of the latest sign-in. It can still make one token,
	// and nothing else.
	SignInPin Pin
	Recovery  [][]byte // MACs of the unused recovery codes
	// RecoveryMade is when the recovery codes were made.
	RecoveryMade time.Time
	// Wrong is how many wrong pins came in a row, the latest at WrongAt.
	Wrong   int
	WrongAt time.Time
	Version int64
}

// Admits refuses (CodeTooMany) all pins for a day after WrongPins wrong ones in
// a row. A new password does not end this time: otherwise somebody who reads
// the account's mail could set one password after the other and guess ten pins
// with each.
func (k SecondFactors) Admits(now time.Time) error {
	if end := k.WrongAt.Add(wrongPinsCooldown); k.Wrong >= WrongPins && now.Before(end) {
		return problem.TooMany(end.Sub(now)).
			Because("after that many wrong pins in a row none is looked at for a day").
			For(problem.ReasonTooManyAttempts)
	}
	return nil
}

// Failed returns the factors after a wrong pin.
func (k SecondFactors) Failed(now time.Time) SecondFactors {
	if !now.Before(k.WrongAt.Add(wrongPinsCooldown)) {
		k.Wrong = 0
	}
	k.Wrong, k.WrongAt = k.Wrong+1, now
	return k
}

// Recovered returns the factors of an account that was recovered. Pins, setups,
// and the secrets of factors that the account no longer has are removed, as are
// recovery codes made since a time.
func (k SecondFactors) Recovered(a Account, since time.Time) SecondFactors {
	for _, f := range []Factor{FactorAuthenticator, FactorEmail} {
		if !a.Has(f) {
			k = k.Forget(a, f)
		}
	}
	k.Setup, k.SetupEnds, k.SetupFor = nil, time.Time{}, time.Time{}
	k.Mailed, k.First, k.SignInPin = Pin{}, Pin{}, Pin{}
	if k.RecoveryMade.IsZero() || !k.RecoveryMade.Before(since) {
		k.Recovery, k.RecoveryMade = nil, time.Time{}
	}
	return k.proved()
}

// proved returns the factors after a right pin.
func (k SecondFactors) proved() SecondFactors {
	k.Wrong, k.WrongAt = 0, time.Time{}
	return k
}

// PinUse says what a pin is used for.
type PinUse int

const (
	ForAction PinUse = iota // an action that asks for reauthentication
	ForSignIn               // signing in; the same pin can then make one token
	ForToken                // the token that follows signing in
)

// Checker compares the text that a person has sent as a pin or recovery code
// with what is stored. The caller makes it, because this package has no keys.
type Checker struct {
	MAC []byte // of the text
	// Matches reports whether mac is a MAC of the text, under any of the keys.
	Matches func(mac []byte) bool
	// Step returns the first step, from from to to, at which an authenticator
	// shows the text.
	Step func(sealed []byte, from, to int64) (int64, bool)
}

// Prove checks a pin, or a recovery code in its place. It returns the factors
// with the pin used, and whether it was a recovery code. f is the factor that
// the pin is of; empty: any. A pin works once; the one of a sign-in can then
// make one token. Errors: ErrInvalidPin.
func (k SecondFactors) Prove(
	a Account,
	f Factor,
	use PinUse,
	c Checker,
	now time.Time,
) (_ SecondFactors, recovery bool, _ error) {
	if use == ForToken && k.SignInPin.open(now) && c.Matches(k.SignInPin.MAC) {
		k.SignInPin = Pin{}
		return k.proved(), false, nil
	}
	if (f == FactorAuthenticator || f == "") && a.Has(FactorAuthenticator) &&
		k.Authenticator != nil {
		if step, ok := k.step(k.Authenticator, c, now); ok {
			k.Step = step
			return k.opened(use, c, now).proved(), false, nil
		}
	}
	if (f == FactorEmail || f == "") && a.Has(FactorEmail) && k.Mailed.open(now) &&
		c.Matches(k.Mailed.MAC) {
		k.Mailed = Pin{}
		return k.opened(use, c, now).proved(), false, nil
	}
	if at := slices.IndexFunc(k.Recovery, c.Matches); at >= 0 {
		k.Recovery = slices.Delete(slices.Clone(k.Recovery), at, at+1)
		return k.opened(use, c, now).proved(), true, nil
	}
	return k, false, ErrInvalidPin
}

// step finds the step of a pin among those that are accepted now and unused.
func (k SecondFactors) step(sealed []byte, c Checker, now time.Time) (int64, bool) {
	present := now.Unix() / int64(PinStep/time.Second)
	return c.Step(sealed, max(present-PinSkew, k.Step+1), present+PinSkew)
}

// opened sets SignInPin after a sign-in, and clears it after any other use.
func (k SecondFactors) opened(use PinUse, c Checker, now time.Time) SecondFactors {
	if k.SignInPin = (Pin{}); use == ForSignIn {
		k.SignInPin = Pin{c.MAC, now.Add(PinLife)}
	}
	return k
}

// Begin returns the factors with a new authenticator, to be confirmed by its
// first pin.
func (k SecondFactors) Begin(a Account, sealed []byte, now time.Time) SecondFactors {
	k = k.settingUp(a)
	k.Setup, k.SetupEnds = sealed, now.Add(SetupLife)
	return k
}

// BeginMail is Begin for pins by mail.
func (k SecondFactors) BeginMail(a Account, first Pin) SecondFactors {
	k = k.settingUp(a)
	k.First = first
	return k
}

// settingUp removes a setup that was begun before the account's credentials
// last changed: the change may have been made against the person who began it.
func (k SecondFactors) settingUp(a Account) SecondFactors {
	if !k.SetupFor.Equal(a.CredentialsChanged) {
		k.Setup, k.SetupEnds, k.First = nil, time.Time{}, Pin{}
	}
	k.SetupFor = a.CredentialsChanged
	return k
}

// Confirm returns the factors after the first pin of a second factor that is
// being set up. Errors: CodeInvalid if none is being set up, ErrInvalidPin.
func (k SecondFactors) Confirm(
	a Account,
	f Factor,
	c Checker,
	now time.Time,
) (SecondFactors, error) {
	k = k.settingUp(a)
	switch f {
	case FactorAuthenticator:
		if k.Setup == nil || !now.Before(k.SetupEnds) {
			return k, problem.Invalid("No authenticator waits for its first pin: enable it again").
				For(problem.ReasonFactorState)
		}
		fresh := k
		fresh.Step = 0
		step, ok := fresh.step(k.Setup, c, now)
		if !ok {
			return k, ErrInvalidPin
		}
		k.Authenticator, k.Step = k.Setup, step
		k.Setup, k.SetupEnds = nil, time.Time{}
	default:
		if !k.First.open(now) {
			return k, problem.Invalid("No pin by mail waits to be confirmed: enable email again").
				For(problem.ReasonFactorState)
		}
		if !c.Matches(k.First.MAC) {
			return k, ErrInvalidPin
		}
		k.First = Pin{}
	}
	return k.proved(), nil
}

// Forget returns the factors without the secrets of a second factor. If a has
// no second factor left, the recovery codes are removed too.
func (k SecondFactors) Forget(a Account, f Factor) SecondFactors {
	switch f {
	case FactorAuthenticator:
		k.Authenticator, k.Setup, k.SetupEnds = nil, nil, time.Time{}
	default:
		k.Mailed, k.First = Pin{}, Pin{}
	}
	if len(a.Factors) == 0 {
		k.Recovery, k.RecoveryMade, k.SignInPin = nil, time.Time{}, Pin{}
	}
	return k
}

// ParsePin reads a pin of six digits or a recovery code, as a person may have
// typed it. It returns "" for a text that can be neither.
func ParsePin(s string) string {
	s = strings.ToUpper(strings.NewReplacer(" ", "", "-", "").Replace(s))
	if len(s) == 6 && strings.Trim(s, "0123456789") == "" ||
		len(s) == RecoveryMails && strings.Trim(s, RecoveryAlphabet) == "" {
		return s
	}
	return ""
}

// RecoveryAlphabet has the 32 characters of recovery codes. It leaves out 0, 1,
// I and O, which look alike.
const RecoveryAlphabet = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ"
