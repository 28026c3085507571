package tenancy

import (
	"slices"
	"time"

	"profiles/shared/problem"
	"profiles/shared/topic"
	"profiles/shared/value"
)

// CodePurpose is the one action that a security code is for.
type CodePurpose string

const (
	CodePassword  CodePurpose = "password"   // sets a new password
	CodeEmail     CodePurpose = "email"      // makes an address that of an account
	CodeEmailUndo CodePurpose = "email-undo" // gives an account its former address back
)

// The life of security codes. Sources: NIST SP 800-63B for PasswordCodeLife;
// for EmailUndoCodeLife, the time in which most people read their mail.
const (
	PasswordCodeLife  = time.Hour
	EmailCodeLife     = 24 * time.Hour
	EmailUndoCodeLife = 7 * 24 * time.Hour
)

// SecurityCode is a one-time code that changes an account's password or
// address. Only its hash is stored; the code itself is in the mail.
type SecurityCode struct {
	ID      value.CodeID
	Hash    []byte
	Purpose CodePurpose
	Account value.AccountID
	Email   value.Email // the address that the code sets: a new one, or a former one
	// CredentialsChanged is that of the account when the code was made. The
	// code is void once it has changed, except for an undo (see Good).
	CredentialsChanged time.Time
	Expires            time.Time
}

// ErrVoidCode refuses a security code that is unknown, used, void or expired.
// It does not say which of these it is.
var ErrVoidCode = problem.Invalid("This link is not valid any more: ask for a new one, or write to support").
	For(problem.ReasonLinkVoid)

// ErrVoidCredential refuses to set a password with a token, or a code in its
// place, that is not valid for this.
var ErrVoidCredential = problem.Unauthenticated("Authorization Denied: the code or token is not valid any more; ask for a new link, or sign in again").
	For(problem.ReasonTokenInvalid)

// Good reports whether the code is valid for a purpose and an account at now.
func (c SecurityCode) Good(purpose CodePurpose, a Account, now time.Time) bool {
	unchanged := c.CredentialsChanged.Equal(a.CredentialsChanged)
	if purpose == CodeEmailUndo {
		// An undo stays valid after later changes, because it is meant to take
		// them back. It is void once an earlier change was undone.
		unchanged = a.undoable(c.ID)
	}
	return c.Purpose == purpose && now.Before(c.Expires) && a.ID == c.Account && a.Active &&
		unchanged
}

// Undo is a change of address that can be undone by the code in a mail to the
// former address.
type Undo struct {
	Code    value.CodeID
	Email   value.Email // the former address, which the undo restores
	Expires time.Time
	Proved  time.Time // Account.Proved, as it was for the former address
}

// AskedEmail is a requested change of address, which the code in a mail to the
// new address confirms.
type AskedEmail struct {
	Email   value.Email
	Expires time.Time
	// CredentialsChanged is that of the account at the request. The request is
	// void once it has changed.
	CredentialsChanged time.Time
}

// AskEmail returns the account with a requested change to another address.
func (a Account) AskEmail(e value.Email, now time.Time) Account {
	a.Asked = AskedEmail{e, now.Add(EmailCodeLife), a.CredentialsChanged}
	return a
}

// OpenChanges returns the account without changes of address that can no longer
// be confirmed or undone.
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

// maxUndos is the most changes of address that can be undone at a time. More
// changes are refused. The oldest is not dropped in their place, because
// somebody who takes over an account could make many changes.
const maxUndos = 10

// NewEmail returns the account with another address, and with undo, which
// restores the former one. Errors: CodeTooMany for more changes than maxUndos.
func (a Account) NewEmail(e value.Email, undo Undo, now time.Time) (Account, error) {
	a.Undos = slices.DeleteFunc(
		slices.Clone(a.Undos),
		func(u Undo) bool { return !now.Before(u.Expires) },
	)
	// The account is back at a former address: undos of the change from it and
	// of later changes are dropped.
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

// at returns the account with an address that was confirmed by a code from its
// mail.
func (a Account) at(e value.Email, now time.Time) Account {
	a.Email, a.CredentialsChanged, a.Updated, a.Proved, a.Unproven = e, now, now, now, false
	return a
}

// ProveAgain returns the account after a code from a mail to its address was
// used, which it had before.
func (a Account) ProveAgain(now time.Time) Account {
	a.Proved, a.Updated = now, now
	return a
}

// RestoreEmail returns the account with a former address. All its tokens are
// revoked, and its password is removed, because the person who made the change
// knew it; the caller mails a code for a new one. The undone change and all
// later ones can no longer be undone: otherwise the person who made them could
// take the account back. Second factors that were enabled after the owner of
// the address last proved it (see LastProved) are removed, because that person
// may have enabled them, even before the change.
func (a Account) RestoreEmail(e value.Email, code value.CodeID, now time.Time) Account {
	at := slices.IndexFunc(a.Undos, func(u Undo) bool { return u.Code == code })
	a = a.recovered(a.LastProved(code)).at(e, now)
	a.Undos = slices.Clone(a.Undos[:max(at, 0)])
	a.PasswordHash = ""
	return a
}

// LastProved returns when the owner of the former address that code restores
// last used a code from its mail; zero: never.
func (a Account) LastProved(code value.CodeID) time.Time {
	for _, u := range a.Undos {
		if u.Code == code {
			return u.Proved
		}
	}
	return time.Time{}
}

// recovered returns the account without second factors enabled since a time,
// without known addresses, with all tokens revoked, and notified of
// everything: a thief may have switched off what would have shown the theft.
func (a Account) recovered(since time.Time) Account {
	a.Factors = slices.DeleteFunc(
		slices.Clone(a.Factors),
		func(e EnabledFactor) bool { return !e.Since.Before(since) },
	)
	a.KnownSources, a.Unproven, a.Asked = nil, false, AskedEmail{}
	a.Preferences = topic.Preferences{}
	return a.Revoked()
}

func (a Account) undoable(code value.CodeID) bool {
	return slices.ContainsFunc(a.Undos, func(u Undo) bool { return u.Code == code })
}
