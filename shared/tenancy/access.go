package tenancy

// Access says whom an operation admits. The catalogue names it once for each
// operation, and package access enforces it; the zero value admits nobody.
type Access string

const (
	AccessAnonymous Access = "anonymous" // anybody
	AccessRead      Access = "read"      // any token that works
	AccessWrite     Access = "write"     // a token with write or full permission
	AccessFull      Access = "full"      // a token with full permission
	// AccessOwner is the owner of the profile, with full permission.
	AccessOwner      Access = "owner"
	AccessOwnerRead  Access = "owner, read"
	AccessOwnerWrite Access = "owner, write"
	// AccessOwnerOrSelf is the owner of the profile, with full permission, and
	// a member for what concerns itself, with a token that may write.
	AccessOwnerOrSelf Access = "owner, or member for itself"
	// AccessAgent is an agent of the support desk, with full permission; for
	// others the operation does not exist.
	AccessAgent     Access = "agent"
	AccessAgentRead Access = "agent, read"
	// AccessBrowser is the session of a browser, and no token.
	AccessBrowser Access = "session"
	// AccessDataPlane is a data plane: a service account's token with write or
	// full permission, or a caller that the gateway has verified.
	AccessDataPlane     Access = "reporter"
	AccessDataPlaneRead Access = "reporter, read"
)

// Needs returns what the caller's right must allow: its right on the profile
// for a request to one, else that of its token. It is PermissionNone, which no
// right allows, where no token is looked at.
func (a Access) Needs() Permission {
	switch a {
	case AccessRead, AccessOwnerRead, AccessAgentRead, AccessBrowser, AccessDataPlaneRead,
		AccessOwnerOrSelf: // access.Rights.RequireOwnerOrSelf has the rest
		return PermissionRead
	case AccessWrite, AccessOwnerWrite, AccessDataPlane:
		return PermissionWrite
	case AccessFull, AccessOwner, AccessAgent:
		return PermissionFull
	}
	return PermissionNone
}

// OwnerOnly reports whether a profile's owner alone is admitted to it.
func (a Access) OwnerOnly() bool {
	return a == AccessOwner || a == AccessOwnerRead || a == AccessOwnerWrite
}

// Agents reports whether agents of the support desk alone are admitted.
func (a Access) Agents() bool { return a == AccessAgent || a == AccessAgentRead }

// DataPlanes reports whether data planes alone are admitted.
func (a Access) DataPlanes() bool { return a == AccessDataPlane || a == AccessDataPlaneRead }
