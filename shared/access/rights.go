package access

import (
	"profiles/shared/problem"
	"profiles/shared/tenancy"
)

// Caller is a verified caller: its token, and the account the token acts for.
type Caller struct {
	Token   tenancy.Token
	Account tenancy.Account
}

// Rights are what a verified caller may do on a profile that it may see.
type Rights struct {
	Token   tenancy.Token
	Profile tenancy.Profile
	// Right is what the token may do, within what its account may do on the
	// profile.
	Right tenancy.Permission
	// Granted is what the account may do on the profile, whatever the token.
	Granted tenancy.Permission
	Epoch   int64 // of the account's grant on the profile
}

// Owned reports whether the caller owns the profile.
func (r Rights) Owned() bool { return r.Profile.Owner == r.Token.Account }

// RequireOwner refuses (CodeForbidden) everybody but the profile's owner.
func (r Rights) RequireOwner() error {
	if !r.Owned() {
		return problem.Forbidden("Only the owner of the profile may do this").
			For(problem.ReasonOwnerOnly)
	}
	return nil
}

// RequirePermission refuses (CodeForbidden) a right that does not allow what is
// needed.
func RequirePermission(right, need tenancy.Permission) error {
	if right.Allows(need) {
		return nil
	}
	return problem.Forbidden(
		"Authorization Denied: this needs %s permission, and the token has %s", need, right).
		For(problem.ReasonNeedsPermission).
		With("needs", need.String()).With("has", right.String())
}
