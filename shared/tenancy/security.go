package tenancy

import (
	"slices"
	"time"

	"profiles/shared/problem"
	"profiles/shared/value"
)

// CodePurpose is what a security code is for, and for nothing else.
type CodePurpose string

const (
	CodePassword  CodePurpose = "password"   // sets a new password
	CodeEmail     CodePurpose = "email"      // makes an address that of an account
	CodeEmailUndo CodePurpose = "email-undo" // gives an account its former address back
)

// How long security codes work. Source: for the first the common practice that
// NIST SP 800-63B describes, for the last the time in which people read their
// mail.
const (
	PasswordCodeLife  = time.Hour
	EmailCodeLife     = 24 * time.Hour
	EmailUndoCodeLife = 7 * 24 * time.Hour
)

// SecurityCode is a one-time code that changes how an account is entered. Only
// its hash is kept; the code itself is in the mail.
type SecurityCode struct {
	ID      value.CodeID
	Hash    []byte
	Purpose CodePurpose
	Account value.AccountID
	Email   value.Email // the address to be: the new one, or the former
	// CredentialsChanged is that of the account when the code was made:
	// whatever changed since makes the code void.
	CredentialsChanged time.Time
	Expires            time.Time
}

// ErrVoidCode is the answer to a security code that is unknown, used, void or
// too old. Which of these is never said.
var ErrVoidCode = problem.Invalid("This link is not valid any more: ask for a new one, or write to support").
	For(problem.ReasonLinkVoid)

// ErrVoidCredential is the answer to a token, or a code in its place, that sets
// no password.
var ErrVoidCredential = problem.Unauthenticated("Authorization Denied: the code or token is not valid any more; ask for a new link, or sign in again").
	For(problem.ReasonTokenInvalid)

// Good reports whether the code still does for an account what it was made for.
func (c SecurityCode) Good(purpose CodePurpose, a Account, now time.Time) bool {
	unchanged := c.CredentialsChanged.Equal(a.CredentialsChanged)
	if purpose == CodeEmailUndo {
		// An undo is for whatever has happened since, which is what it is there
		// for, unless an earlier change was undone.
		unchanged = a.undoable(c.ID)
	}
	return c.Purpose == purpose && now.Before(c.Expires) && a.ID == c.Account && a.Active &&
		unchanged
}

// Undo is a change of address that can be undone, by the code in the mail to
// the address before.
type Undo struct {
	Code    value.CodeID
	Email   value.Email // the address before, which the undo restores
	Expires time.Time
	Proved  time.Time // Account.Proved of that address
}

// AskedEmail is an address that somebody has asked for, and that a code in the
// mail to it makes that of the account.
type AskedEmail struct {
	Email   value.Email
	Expires time.Time
	// CredentialsChanged is that of the code: whatever changed since makes both
	// void.
	CredentialsChanged time.Time
}

// AskEmail returns the account after somebody has asked for another address.
func (a Account) AskEmail(e value.Email, now time.Time) Account {
	a.Asked = AskedEmail{e, now.Add(EmailCodeLife), a.CredentialsChanged}
	return a
}

// OpenChanges returns the account with those changes of address only that can
// still be confirmed or undone.
func (a Account) OpenChanges(now time.Time) Account {
	if !now.Before(a.Asked.Expires) || !a.Asked.CredentialsChanged.Equal(a.CredentialsChanged) {
		a.Asked = AskedEmail{}
	}
	a.Undos = slices.DeleteFunc(
		slices.Clone(a.Undos),
		func(u Undo) bool { return !now.Before(u.Expires) },
	)
	return a
}

// maxUndos bounds how many changes of address can be open to be undone. The
// first must not be forgotten for later ones: whoever takes over an account
// could make them.
const maxUndos = 10

// NewEmail returns the account with another address; undo is what takes that
// back. Errors: CodeTooMany for more changes than can be undone.
func (a Account) NewEmail(e value.Email, undo Undo, now time.Time) (Account, error) {
	a.Undos = slices.DeleteFunc(
		slices.Clone(a.Undos),
		func(u Undo) bool { return !now.Before(u.Expires) },
	)
	// Who is back at a former address has no use for the way to those that came
	// after it.
	if at := slices.IndexFunc(a.Undos, func(u Undo) bool { return u.Email == e }); at >= 0 {
		a.Undos = a.Undos[:at]
		return a.at(e, now), nil
	}
	if len(a.Undos) >= maxUndos {
		return a, problem.TooMany(a.Undos[0].Expires.Sub(now)).
			Because("the address was changed as often in a week as can be undone")
	}
	undo.Proved = a.Proved
	a.Undos = append(a.Undos, undo)
	return a.at(e, now), nil
}

// at returns the account with an address whose mailbox was proved, by somebody
// who had given the password and the second factor.
func (a Account) at(e value.Email, now time.Time) Account {
	a.Email, a.CredentialsChanged, a.Updated, a.Proved, a.Unproven = e, now, now, now, false
	return a
}

// RestoreEmail returns the account with a former address, after which all its
// tokens are dead, and so is its password: whoever asked for the change knew
// that. A code for a new one goes to the address. The change that is undone and
// all later ones cannot be undone any more: else whoever made them could have
// the account back. Of what the account is entered with nothing stays that came
// after the owner of the address last proved it: it may be from whoever changed
// the address, also when it was there before that change.
func (a Account) RestoreEmail(e value.Email, code value.CodeID, now time.Time) Account {
	at := slices.IndexFunc(a.Undos, func(u Undo) bool { return u.Code == code })
	a = a.recovered(a.LastProved(code)).at(e, now)
	a.Undos = slices.Clone(a.Undos[:max(at, 0)])
	a.PasswordHash = ""
	return a
}

// LastProved is when the owner of the address that a code restores last proved
// it; zero: never.
func (a Account) LastProved(code value.CodeID) time.Time {
	for _, u := range a.Undos {
		if u.Code == code {
			return u.Proved
		}
	}
	return time.Time{}
}

// recovered returns the account without what was added since a time, and
// without a token that works.
func (a Account) recovered(since time.Time) Account {
	a.Factors = slices.DeleteFunc(
		slices.Clone(a.Factors),
		func(e EnabledFactor) bool { return !e.Since.Before(since) },
	)
	a.KnownSources, a.Unproven, a.Asked = nil, false, AskedEmail{}
	return a.Revoked()
}

func (a Account) undoable(code value.CodeID) bool {
	return slices.ContainsFunc(a.Undos, func(u Undo) bool { return u.Code == code })
}
