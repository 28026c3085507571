package tenancy

import (
	"strconv"
	"time"

	"profiles/shared/auditlog"
	"profiles/shared/problem"
	"profiles/shared/value"
)

// Scope says which profiles a token opens.
type Scope int

const (
	ScopeAccount Scope = iota // all profiles that its account can open, and the account itself
	ScopeProfile              // the one profile that it was made for
)

func (s Scope) String() string {
	if s == ScopeAccount {
		return "account"
	}
	return "profile"
}

// ParseScope accepts account and profile; anything else is CodeInvalid.
func ParseScope(s string) (Scope, error) {
	switch s {
	case ScopeAccount.String():
		return ScopeAccount, nil
	case ScopeProfile.String():
		return ScopeProfile, nil
	}
	return ScopeProfile, problem.InvalidField(
		"scope",
		problem.FieldChoice,
		`must be "account" or "profile"`,
	)
}

// ErrWrongAddress refuses a token that is used from a network address outside
// its allow-list. It does not show the list.
var ErrWrongAddress = problem.Forbidden("Authorization Denied: the token may not be used from this network address").
	For(problem.ReasonTokenWrongAddress)

// ErrOneProfile refuses a token with the scope profile for an operation on the
// account.
var ErrOneProfile = problem.Forbidden("Authorization Denied: this token is for one profile only; use one with the scope account").
	For(problem.ReasonTokenOneProfile)

// errExceeds refuses to make or widen a token beyond the scope and the networks
// of the token in use.
var errExceeds = problem.Forbidden("Authorization Denied: a token cannot give more than it has itself, in scope or in allow_list; use one that has it, or sign in").
	For(problem.ReasonTokenExceeds)

// Disabled reports whether the token is refused until it is enabled again.
func (t Token) Disabled() bool { return t.DisabledBy != "" }

// Opens reports whether the token's scope includes a profile.
func (t Token) Opens(p value.ProfileID) bool { return t.Scope == ScopeAccount || t.Profile == p }

// exceeds reports whether the token has a wider scope, or more networks, than
// another.
func (t Token) exceeds(other Token) bool {
	return other.Scope == ScopeProfile && (t.Scope != ScopeProfile || t.Profile != other.Profile) ||
		!t.Networks.Within(other.Networks)
}

// TokenLimits are the requested limits of a token; a nil field stays as it is.
type TokenLimits struct {
	AllowList *[]string
	Scope     *string
}

// Limited returns the token with the limits applied. Errors: CodeInvalid naming
// the field.
func (t Token) Limited(l TokenLimits) (Token, error) {
	var err error
	if l.AllowList != nil {
		if t.Networks, err = value.ParseNetworks(*l.AllowList); err != nil {
			return t, err
		}
	}
	if l.Scope != nil {
		t.Scope, err = ParseScope(*l.Scope)
	}
	return t, err
}

// MadeWith returns the new token with the limits of by, the token that it is
// made with, where l has none. Errors: CodeForbidden if it would exceed by.
func (t Token) MadeWith(by Token, l TokenLimits) (Token, error) {
	if l.AllowList == nil {
		t.Networks = by.Networks
	}
	if l.Scope == nil {
		t.Scope = by.Scope
	}
	if t.exceeds(by) {
		return t, errExceeds
	}
	return t, nil
}

// TokenEdit is a partial change of a token; a nil field stays as it is.
type TokenEdit struct {
	Name     *string
	Disabled *bool
	TokenLimits
}

// TokenEditor is the caller that changes a token.
type TokenEditor struct {
	Token  Token  // the one that the request carries
	Owner  bool   // whether its account owns the profile of the changed token
	Source string // the network address the request comes from
	Now    time.Time
}

// Edit returns the token with a change applied. gives reports whether the
// change widens or enables the token; the caller must then ask for
// reauthentication.
//
// The account that made a token can change all of it. The owner of its profile
// can rename, narrow and disable it. For other callers the token does not
// exist. A token is enabled by the account that disabled it; the owner can also
// enable one that a former owner disabled. A change cannot give more than the
// token in use has, and the token in use cannot exclude the address it is used
// from.
//
// A rotated token cannot be changed, because the change would not reach the
// token that replaced it.
//
// Errors: CodeInvalid naming the field; CodeNotFound; CodeForbidden;
// CodeConflict for a token that was rotated.
func (t Token) Edit(e TokenEdit, by TokenEditor) (edited Token, gives bool, err error) {
	mine := t.Account == by.Token.Account
	if !mine && !by.Owner {
		return t, false, problem.NotFound("Token")
	}
	if t.Rotated() {
		return t, false, problem.Conflict("The token was rotated: change the one that took its place, or delete this one").
			For(problem.ReasonTokenRotated)
	}
	edited, err = t.Limited(e.TokenLimits)
	if err != nil {
		return t, false, err
	}
	if e.Name != nil {
		if edited.Name, err = value.ParseName("name", *e.Name); err != nil {
			return t, false, err
		}
	}
	widened := edited.exceeds(t)
	if widened && !mine {
		return t, false, problem.Forbidden(
			"Only the account that made the token may give it a wider scope or allow_list",
		)
	}
	enabled := e.Disabled != nil && !*e.Disabled && t.Disabled()
	if enabled {
		if t.DisabledBy != by.Token.Account && (!by.Owner || t.DisabledBy == t.Account) {
			return t, false, problem.Forbidden(
				"Only the account that disabled the token may enable it, or the owner of the profile what an owner disabled",
			)
		}
		edited.DisabledBy = ""
		edited.IdleCheck, edited.IdleTold = by.Now.Add(UnusedAfter), time.Time{}
	}
	// If the owner disables a token that its maker has disabled, the maker can
	// no longer enable it.
	if e.Disabled != nil && *e.Disabled &&
		(!t.Disabled() || by.Owner && t.DisabledBy == t.Account) {
		edited.DisabledBy = by.Token.Account
	}
	if gives = widened || enabled; gives && edited.exceeds(by.Token) {
		return t, false, errExceeds
	}
	if t.ID == by.Token.ID && e.AllowList != nil && !edited.Networks.Admits(by.Source) {
		return t, false, problem.InvalidField(
			"allow_list",
			problem.FieldContradicts,
			"must have the address that this request comes from, %s: the token in use would lock itself out",
			by.Source,
		)
	}
	return edited, gives, nil
}

// Differences lists the fields of the token that differ from was.
func (t Token) Differences(was Token) []auditlog.Change {
	return auditlog.Differences(
		auditlog.Changed(
			"name",
			was.Name,
			t.Name,
		),
		auditlog.Changed("allow_list", was.Networks.String(), t.Networks.String()),
		auditlog.Changed("scope", was.Scope.String(), t.Scope.String()),
		auditlog.Changed(
			"disabled",
			strconv.FormatBool(was.Disabled()),
			strconv.FormatBool(t.Disabled()),
		),
		auditlog.Changed("disabled_by", string(was.DisabledBy), string(t.DisabledBy)),
	)
}
