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

// Factor is a kind of second factor: what a person proves beside the password.
type Factor string

const (
	// an app that shows a pin of six digits for each half minute (TOTP, RFC
	// 6238)
	FactorAuthenticator Factor = "authenticator"
	FactorEmail         Factor = "email" // a pin by mail, with the plans starter and scale
)

// ParseFactor reads the kind of a second factor as clients name it. Errors:
// CodeInvalid, which says what there is.
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

// EnabledFactor is a second factor that an account asks for.
type EnabledFactor struct {
	Factor Factor
	Since  time.Time
}

// Has reports whether the account asks for a second factor of a kind.
func (a Account) Has(f Factor) bool {
	return slices.ContainsFunc(a.Factors, func(e EnabledFactor) bool { return e.Factor == f })
}

// CanEnable refuses (CodeForbidden) a kind of second factor that the account's
// plan does not have. Source: the original's page on two-factor authentication.
func (a Account) CanEnable(f Factor) error {
	if f == FactorEmail && a.Plan == plan.Free {
		return a.Plan.Lacks(
			"Pins by mail are for the plans starter and scale: use authenticator, or choose one of them",
		)
	}
	return nil
}

// Enable returns the account which asks for a second factor from now on. One
// that it asked for already begins anew.
func (a Account) Enable(f Factor, now time.Time) Account {
	a = a.Disable(f, now)
	a.Factors = append(a.Factors, EnabledFactor{f, now})
	return a
}

// Disable returns the account which does not ask for a second factor any more.
func (a Account) Disable(f Factor, now time.Time) Account {
	a.Factors = slices.DeleteFunc(
		slices.Clone(a.Factors),
		func(e EnabledFactor) bool { return e.Factor == f },
	)
	a.CredentialsChanged, a.Updated = now, now
	return a
}

// NeedsFactor is the refusal of a right password without a second factor:
// CodeUnauthenticated, with a message that is JSON, as the clients of the
// original API read it to ask the person for a pin.
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

// ErrInvalidPin: a wrong, used or lapsed pin or recovery code. Which of these
// is never said.
var ErrInvalidPin = problem.Unauthenticated("Invalid PIN code: send the newest one, or a recovery code that you have not used yet").
	For(problem.ReasonInvalidPin)

// How pins work. Sources: RFC 6238, NIST SP 800-63B for the steps, the life of
// pins and the bound on wrong ones in a row.
const (
	PinStep = 30 * time.Second // an authenticator's pin changes so often
	// so many steps before and after the present one are taken, for clocks that
	// differ
	PinSkew = 1
	// of a pin by mail, and of the pass that signing in leaves for the token
	// that follows
	PinLife = 10 * time.Minute
	// how long an authenticator that is set up waits for its first pin
	SetupLife = time.Hour
	// wrong ones in a row, after which pins are not looked at for a while
	WrongPins         = 10
	WrongPinsToNotify = 3 // in a row, which the person hears of
	wrongPinsCooldown = 24 * time.Hour
	RecoveryCodes     = 10 // that a person gets at once
	RecoveryMails     = 12 // of a recovery code, from an alphabet of 32: 60 bits
)

// Pin is a pin by mail. Only its MAC is kept.
type Pin struct {
	MAC     []byte
	Expires time.Time
}

// open reports whether the pin may still be given.
func (p Pin) open(now time.Time) bool { return len(p.MAC) > 0 && now.Before(p.Expires) }

// SecondFactors is what an account proves itself with beside the password, and
// what became of the latest proofs. It is a thing of its own, so that using it
// up does not contend with changes of the account.
type SecondFactors struct {
	Account value.AccountID
	// Authenticator is the sealed secret of the app; Setup is one that has not
	// given its first pin yet, until SetupEnds.
	Authenticator []byte
	Setup         []byte
	SetupEnds     time.Time
	// Account.Secured when Setup or First was begun: a change of that ends them
	SetupFor time.Time
	// the latest step of the authenticator whose pin was used: earlier ones are
	// used up too
	Step   int64
	Mailed Pin // the newest pin by mail
	First  Pin // the first pin by mail, which enables mail as a second factor
	// SignInPin is the pin that opened the latest sign-in. It makes one token,
	// and does nothing else any more.
	SignInPin Pin
	Recovery  [][]byte // MACs of the recovery codes that are left
	// RecoveryMade is when the recovery codes were made.
	RecoveryMade time.Time
	// Wrong is how many wrong pins came in a row, the latest at WrongAt.
	Wrong   int
	WrongAt time.Time
	Version int64
}

// Admits refuses (CodeTooMany) to look at pins after too many wrong ones in a
// row. It ends by itself after a day, and by nothing that takes no pin: whoever
// reads the mailbox could set one password after the other, and guess ten pins
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

// Recovered returns the factors of an account that was recovered: without what
// waits, without a factor that the account has no longer, and without recovery
// codes that were made since a time.
func (k SecondFactors) Recovered(a Account, since time.Time) SecondFactors {
	for _, f := range []Factor{FactorAuthenticator, FactorEmail} {
		if !a.Has(f) {
			k = k.Forget(a, f)
		}
	}
	k.Setup, k.SetupEnds, k.SetupFor, k.Mailed, k.First, k.SignInPin = nil, time.Time{}, time.Time{}, Pin{}, Pin{}, Pin{}
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

// PinUse says what a pin is given for.
type PinUse int

const (
	ForAction PinUse = iota // an action that needs fresh proof
	ForSignIn               // signing in, after which the pin makes one token
	ForToken                // the token that follows signing in
)

// Checker compares what a person gives with what is kept. It is given by
// whoever has the keys.
type Checker struct {
	MAC []byte // of what was given
	// whether a MAC is one of what was given, whichever key it was made under
	Matches func(mac []byte) bool
	// the first step of a span at which an authenticator shows what was given
	Step func(sealed []byte, from, to int64) (int64, bool)
}

// Prove returns the factors after a pin, or a recovery code in its place,
// proved the person, and whether it was a recovery code. A pin proves one
// thing; the one of a sign-in makes one token besides. Errors: ErrInvalidPin.
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

// step finds the step of a pin that has not been used up.
func (k SecondFactors) step(sealed []byte, c Checker, now time.Time) (int64, bool) {
	present := now.Unix() / int64(PinStep/time.Second)
	return c.Step(sealed, max(present-PinSkew, k.Step+1), present+PinSkew)
}

// opened leaves the pass of a sign-in.
func (k SecondFactors) opened(use PinUse, c Checker, now time.Time) SecondFactors {
	if k.SignInPin = (Pin{}); use == ForSignIn {
		k.SignInPin = Pin{c.MAC, now.Add(PinLife)}
	}
	return k
}

// Begin returns the factors of an account with an authenticator that waits for
// its first pin.
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

// settingUp returns the factors without what was begun before the account was
// secured last: whoever began it may have been shut out by that.
func (k SecondFactors) settingUp(a Account) SecondFactors {
	if !k.SetupFor.Equal(a.CredentialsChanged) {
		k.Setup, k.SetupEnds, k.First = nil, time.Time{}, Pin{}
	}
	k.SetupFor = a.CredentialsChanged
	return k
}

// Confirm returns the factors after the first pin of a second factor that is
// set up. Errors: CodeInvalid when none is, ErrInvalidPin.
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

// Forget returns the factors without a second factor. The recovery codes go
// with the last one.
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

// RecoveryAlphabet are the letters of recovery codes: none that looks like
// another.
const RecoveryAlphabet = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ"
