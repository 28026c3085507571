package tenancy_test

import (
	"testing"

	"profiles/shared/problem/problemtest"
	"profiles/shared/tenancy"
)

var permissions = []tenancy.Permission{
	tenancy.PermissionNone, tenancy.PermissionRead, tenancy.PermissionWrite, tenancy.PermissionFull,
}

func TestALargerPermissionIncludesTheSmallerOnes(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		have  tenancy.Permission
		allow [4]bool // none, read, write, full
	}{
		{tenancy.PermissionNone, [4]bool{false, false, false, false}},
		{tenancy.PermissionRead, [4]bool{false, true, false, false}},
		{tenancy.PermissionWrite, [4]bool{false, true, true, false}},
		{tenancy.PermissionFull, [4]bool{false, true, true, true}},
	} {
		for i, need := range permissions {
			// An operation that names no permission must admit nobody, so that
			// none is never allowed.
			if got := test.have.Allows(need); got != test.allow[i] {
				t.Errorf("%v allows %v: got %v, want %v", test.have, need, got, test.allow[i])
			}
		}
	}
}

func TestATokenHasNoMoreThanItsMember(t *testing.T) {
	t.Parallel()
	for i, p := range permissions {
		for j, q := range permissions {
			if got, want := p.Within(q), permissions[min(i, j)]; got != want {
				t.Errorf("%v within %v: got %v, want %v", p, q, got, want)
			}
		}
	}
}

func TestParsePermission(t *testing.T) {
	t.Parallel()
	for _, p := range permissions[1:] {
		if got, err := tenancy.ParsePermission(p.String()); err != nil || got != p {
			t.Errorf("ParsePermission(%q): got %v, %v, want %v", p, got, err, p)
		}
	}
	for _, text := range []string{"", "none", "deny", "Full", "READ", " read", "write ", "admin", "full,read", "3"} {
		got, err := tenancy.ParsePermission(text)
		if want := "invalid: permission must be full, write or read"; got != tenancy.PermissionNone ||
			problemtest.Text(err) != want {
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
	for _, p := range []tenancy.Permission{-1, 4} {
		if got := p.String(); got != "none" {
			t.Errorf("permission %d: got %q, want none", int(p), got)
		}
	}
}
