package tenancy_test

import (
	"slices"
	"testing"

	"profiles/shared/problem/problemtest"
	"profiles/shared/tenancy"
)

const (
	none         = tenancy.PermissionNone
	usage, money = tenancy.PermissionUsage, tenancy.PermissionBilling
	read, write  = tenancy.PermissionRead, tenancy.PermissionWrite
	full         = tenancy.PermissionFull
)

var permissions = append([]tenancy.Permission{none}, tenancy.Permissions()...)

func TestPermissionsIncludeOthers(t *testing.T) {
	t.Parallel()
	for have, includes := range map[tenancy.Permission][]tenancy.Permission{
		// An operation that names no permission must admit nobody, so that none
		// is never allowed.
		none:  nil,
		usage: {usage},
		money: {usage, money},
		read:  {usage, read},
		write: {usage, money, read, write},
		full:  {usage, money, read, write, full},
	} {
		for _, need := range permissions {
			if got, want := have.Allows(need), slices.Contains(includes, need); got != want {
				t.Errorf("%v allows %v: got %v, want %v", have, need, got, want)
			}
		}
	}
}

// A token has what its own permission and the member's have in common.
func TestATokenHasNoMoreThanItsMember(t *testing.T) {
	t.Parallel()
	for _, p := range permissions {
		for _, q := range permissions {
			both := p.Within(q)
			if both != q.Within(p) {
				t.Errorf("%v within %v: got %v, and the other way %v", p, q, both, q.Within(p))
			}
			for _, need := range permissions {
				if got, want := both.Allows(need), p.Allows(need) && q.Allows(need); got != want {
					t.Errorf("%v within %v allows %v: got %v, want %v", p, q, need, got, want)
				}
			}
		}
	}
	// To see cost is less than to spend.
	both := money.Within(read)
	if both.Allows(money) || both.Allows(read) || !money.Allows(both) || !read.Allows(both) {
		t.Errorf("billing within read: got %v", both)
	}
}

func TestParsePermission(t *testing.T) {
	t.Parallel()
	for _, p := range tenancy.Permissions() {
		if got, err := tenancy.ParsePermission(p.String()); err != nil || got != p {
			t.Errorf("ParsePermission(%q): got %v, %v, want %v", p, got, err, p)
		}
	}
	for _, text := range []string{
		"", "none", "deny", "Full", "READ", " read", "write ", "admin", "full,read", "3",
		money.Within(read).String(),
	} {
		got, err := tenancy.ParsePermission(text)
		if want := "invalid: permission must be full, write, read, billing or usage"; got !=
			tenancy.PermissionNone || problemtest.Text(err) != want {
			t.Errorf(
				"ParsePermission(%q): got %v, %q, want none, %q",
				text,
				got,
				problemtest.Text(err),
				want,
			)
		}
	}
}

func TestAPermissionOutsideTheListIsNone(t *testing.T) {
	t.Parallel()
	for _, p := range []tenancy.Permission{255, 4} {
		if got := p.String(); got != "none" {
			t.Errorf("permission %d: got %q, want none", int(p), got)
		}
	}
}
