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

// Rights is what a verified caller may do on a profile.
type Rights struct {
	Token   tenancy.Token
	Profile tenancy.Profile
	// Right is what the token's permission and Granted have in common.
	Right tenancy.Permission
	// Granted is the permission of the account on the profile.
	Granted tenancy.Permission
	Epoch   int64 // of the account's grant on the profile
	access  tenancy.Access
}

// Owned reports whether the caller owns the profile.
func (r Rights) Owned() bool { return r.Profile.Owner == r.Token.Account }

var (
	errOwnerOnly = problem.Forbidden("Only the owner of the profile may do this").
			For(problem.ReasonOwnerOnly)
	errOwnerOrBilling = problem.Forbidden("Only the owner of the profile, and members " +
		"with billing permission, may do this").
		For(problem.ReasonOwnerOnly)
)

// checkOwner refuses (CodeForbidden) a member if only the owner of the profile
// is admitted, or only the owner and members with billing permission. A larger
// permission of a member does not include the owner's money.
func (r Rights) checkOwner() error {
	switch {
	case r.Owned():
		return nil
	case r.access.OwnerOnly():
		return errOwnerOnly
	case r.access.OwnerOrBilling() && r.Granted != tenancy.PermissionBilling:
		return errOwnerOrBilling
	}
	return nil
}

// checkRight refuses (CodeForbidden) a caller without the permission that the
// operation needs. The refusal names the permission of the token if that is too
// small, and otherwise that of the member.
func (r Rights) checkRight() error {
	need := r.access.Needs()
	if err := requirePermission(r.Token.Permission, need); err != nil {
		return err
	}
	return requirePermission(r.Granted, need)
}

// On returns the rights on the profile as read again, p. Errors: CodeForbidden
// if only its owner is admitted and the caller no longer is the owner.
func (r Rights) On(p tenancy.Profile) (Rights, error) {
	r.Profile = p
	return r, r.checkOwner()
}

// RequireOwnerOrSelf refuses (CodeForbidden) a caller that
// tenancy.AccessOwnerOrSelf does not admit for a change of a member, and
// reports whether the member is the caller itself. A member with any permission
// on the profile can leave it; only the token must have write permission.
func (r Rights) RequireOwnerOrSelf(member string) (self bool, err error) {
	switch {
	case r.Owned():
		return false, requirePermission(r.Right, tenancy.PermissionFull)
	case member == string(r.Token.Account):
		return true, requirePermission(r.Token.Permission, tenancy.PermissionWrite)
	}
	return false, errOwnerOnly
}

// RequireAuditor refuses (CodeForbidden) a member whose permission on the
// profile does not include its audit log, whatever the token's permission.
func (r Rights) RequireAuditor() error {
	if r.Owned() || r.Granted.Allows(tenancy.PermissionFull) {
		return nil
	}
	return errNotAuditor
}

var (
	errNotAuditor = problem.Forbidden("Only the owner of the profile, and members " +
		"with full permission, may see its audit log")
	errNoDesk = problem.NotFound("Desk")
	// errNotService refuses the token of another account where only data planes
	// are admitted.
	errNotService = problem.Forbidden("Use is reported by the data plane, with an account " +
		"that the operator has made one of a service").
		For(problem.ReasonServiceOnly)
)

// requireAgent refuses (CodeNotFound) all but support accounts.
func (c Caller) requireAgent() error {
	if c.Account.Type != tenancy.AccountSupport {
		return errNoDesk
	}
	return nil
}

// requireService refuses (CodeForbidden) all but data-plane accounts.
func (c Caller) requireService() error {
	if c.Account.Type != tenancy.AccountService {
		return errNotService
	}
	return nil
}

// requirePermission refuses (CodeForbidden) a permission that does not include
// need.
func requirePermission(right, need tenancy.Permission) error {
	if right.Allows(need) {
		return nil
	}
	return problem.Forbidden(
		"Authorization Denied: this needs %s permission, and the token has %s", need, right).
		For(problem.ReasonNeedsPermission).
		With("needs", need.String()).With("has", right.String())
}
