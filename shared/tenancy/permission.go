package tenancy

import "profiles/shared/problem"

// Permission says what a token, or a member of a team, may do. A larger
// permission includes the smaller ones.
type Permission int

const (
	PermissionNone  Permission = iota
	PermissionRead             // read
	PermissionWrite            // read, create and update
	PermissionFull             // read, create, update and delete
)

var permissionNames = [...]string{"none", "read", "write", "full"}

func (p Permission) String() string {
	if p < 0 || int(p) >= len(permissionNames) {
		return "none"
	}
	return permissionNames[p]
}

// ParsePermission accepts read, write and full; anything else is CodeInvalid.
func ParsePermission(s string) (Permission, error) {
	for p := PermissionRead; p <= PermissionFull; p++ {
		if s == p.String() {
			return p, nil
		}
	}
	return PermissionNone, problem.InvalidField(
		"permission",
		problem.FieldChoice,
		"must be full, write or read",
	)
}

// Allows reports whether p includes need.
func (p Permission) Allows(need Permission) bool { return p >= need && need > PermissionNone }

// Within returns the smaller of p and q. A token of a member has the smaller of
// its own permission and the member's.
func (p Permission) Within(q Permission) Permission { return min(p, q) }
