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
