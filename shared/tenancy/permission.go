package tenancy

import "profiles/shared/problem"

// Permission says what a token, or a member of a team, may do: it is the set of
// its parts. A permission includes another one if it has all parts of it.
// Billing and read include each other neither way.
type Permission uint8

// The parts of permissions.
const (
	partUsage  Permission = 1 << iota // see the limits, the usage and the statistics
	partCost                          // see cost, allocation, add-ons and subscription
	partSpend                         // change allocation and add-ons
	partRead                          // see everything else, such as tokens and the team
	partWrite                         // create and update
	partDelete                        // delete
)

const (
	PermissionNone    Permission = 0
	PermissionUsage              = partUsage
	PermissionBilling            = PermissionUsage | partCost | partSpend
	PermissionRead               = PermissionUsage | partCost | partRead
	PermissionWrite              = PermissionRead | PermissionBilling | partWrite
	PermissionFull               = PermissionWrite | partDelete

	// permissionCost is what billing and read have in common. It is needed, but
	// never given.
	permissionCost = PermissionBilling & PermissionRead
)

// Permissions returns the permissions that can be given, from the one that
// allows most.
func Permissions() []Permission {
	return []Permission{
		PermissionFull, PermissionWrite, PermissionRead, PermissionBilling, PermissionUsage,
	}
}

func (p Permission) String() string {
	switch p {
	case PermissionUsage:
		return "usage"
	case PermissionBilling:
		return "billing"
	case PermissionRead:
		return "read"
	case PermissionWrite:
		return "write"
	case PermissionFull:
		return "full"
	case permissionCost:
		return "read or billing"
	}
	return "none"
}

// ParsePermission accepts the names of Permissions; anything else is
// CodeInvalid.
func ParsePermission(s string) (Permission, error) {
	for _, p := range Permissions() {
		if s == p.String() {
			return p, nil
		}
	}
	return PermissionNone, problem.InvalidField(
		"permission",
		problem.FieldChoice,
		"must be full, write, read, billing or usage",
	)
}

// Allows reports whether p includes need. Nothing includes PermissionNone.
func (p Permission) Allows(need Permission) bool { return p&need == need && need != PermissionNone }

// Within returns what p and q have in common. A token of a member has what its
// own permission and the member's have in common.
func (p Permission) Within(q Permission) Permission { return p & q }

// Access says which callers an operation admits. The catalogue has it for each
// operation, and package access enforces it. The zero value admits nobody.
type Access string

const (
	AccessAnonymous Access = "anonymous" // anybody
	AccessUsage     Access = "usage"     // any token that works
	AccessRead      Access = "read"      // a token with read permission or more
	AccessWrite     Access = "write"     // a token with write or full permission
	AccessFull      Access = "full"      // a token with full permission
	// AccessBillingRead is a token with billing or read permission, or more.
	// AccessBilling is a token with billing permission or more.
	AccessBillingRead Access = "billing, read"
	AccessBilling     Access = "billing"
	// AccessOwner is the owner of the profile, with full permission.
	AccessOwner     Access = "owner"
	AccessOwnerRead Access = "owner, read"
	// AccessOwnerBillingRead and AccessOwnerBilling admit the owner of the
	// profile, and a member that has the permission billing on it. Their
	// permissions must be as for AccessBillingRead and AccessBilling.
	AccessOwnerBillingRead Access = "owner or billing member, read"
	AccessOwnerBilling     Access = "owner or billing member"
	// AccessOwnerOrSelf is the owner of the profile with full permission, or a
	// member with write permission for a change of its own membership.
	AccessOwnerOrSelf Access = "owner, or member for itself"
	// AccessOwnerOrAccount is the owner of the profile that the path names, or
	// the account itself if it names none, with full permission.
	AccessOwnerOrAccount Access = "owner, or account for itself"
	// AccessAgent is a support account with full permission. For other callers
	// the operation does not exist.
	AccessAgent     Access = "agent"
	AccessAgentRead Access = "agent, read"
	// AccessBrowser is a session; tokens are refused.
	AccessBrowser Access = "session"
	// AccessDataPlane is a data plane: a service account's token with write or
	// full permission, or a caller that the gateway has verified.
	AccessDataPlane     Access = "reporter"
	AccessDataPlaneRead Access = "reporter, read"
)

// Needs returns the permission that the caller must have: on the profile, for a
// request to one, or else by its token. It returns PermissionNone for
// operations that read no token; no permission allows PermissionNone.
func (a Access) Needs() Permission {
	switch a {
	case AccessUsage, AccessOwnerOrSelf: // access.Rights.RequireOwnerOrSelf has the rest
		return PermissionUsage
	case AccessBillingRead, AccessOwnerBillingRead:
		return permissionCost
	case AccessBilling, AccessOwnerBilling:
		return PermissionBilling
	case AccessRead, AccessOwnerRead, AccessAgentRead, AccessBrowser, AccessDataPlaneRead:
		return PermissionRead
	case AccessWrite, AccessDataPlane:
		return PermissionWrite
	case AccessFull, AccessOwner, AccessOwnerOrAccount, AccessAgent:
		return PermissionFull
	}
	return PermissionNone
}

// OwnerOnly reports whether only the owner of the profile is admitted.
func (a Access) OwnerOnly() bool {
	return a == AccessOwner || a == AccessOwnerRead || a == AccessOwnerOrAccount
}

// OwnerOrBilling reports whether only the owner of the profile and members that
// have the permission billing on it are admitted.
func (a Access) OwnerOrBilling() bool {
	return a == AccessOwnerBilling || a == AccessOwnerBillingRead
}

// Agents reports whether only support accounts are admitted.
func (a Access) Agents() bool { return a == AccessAgent || a == AccessAgentRead }

// DataPlanes reports whether only data planes are admitted.
func (a Access) DataPlanes() bool { return a == AccessDataPlane || a == AccessDataPlaneRead }

// OfProfile reports whether admission depends on the caller's right on a
// profile. A decision about the account alone cannot enforce it.
func (a Access) OfProfile() bool {
	return a.OwnerOnly() && a != AccessOwnerOrAccount || a.OwnerOrBilling() ||
		a == AccessOwnerOrSelf
}

// OfCaller reports whether admission depends on the type of the account or of
// the credential. A decision about a profile cannot enforce it.
func (a Access) OfCaller() bool { return a.Agents() || a.DataPlanes() || a == AccessBrowser }
