package tenancy

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
