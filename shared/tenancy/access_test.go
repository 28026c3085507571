package tenancy_test

import (
	"testing"

	"profiles/shared/tenancy"
)

func TestAccess(t *testing.T) {
	t.Parallel()
	const none, read, write, full = tenancy.PermissionNone, tenancy.PermissionRead,
		tenancy.PermissionWrite, tenancy.PermissionFull
	for access, want := range map[tenancy.Access]struct {
		needs                     tenancy.Permission
		owner, agents, dataPlanes bool
		profile, caller           bool // what it depends on
	}{
		"":                          {needs: none},
		"everybody":                 {needs: none},
		tenancy.AccessAnonymous:     {needs: none},
		tenancy.AccessRead:          {needs: read},
		tenancy.AccessWrite:         {needs: write},
		tenancy.AccessFull:          {needs: full},
		tenancy.AccessOwner:         {needs: full, owner: true, profile: true},
		tenancy.AccessOwnerRead:     {needs: read, owner: true, profile: true},
		tenancy.AccessOwnerWrite:    {needs: write, owner: true, profile: true},
		tenancy.AccessOwnerOrSelf:   {needs: read, profile: true},
		tenancy.AccessAgent:         {needs: full, agents: true, caller: true},
		tenancy.AccessAgentRead:     {needs: read, agents: true, caller: true},
		tenancy.AccessBrowser:       {needs: read, caller: true},
		tenancy.AccessDataPlane:     {needs: write, dataPlanes: true, caller: true},
		tenancy.AccessDataPlaneRead: {needs: read, dataPlanes: true, caller: true},
	} {
		if access.Needs() != want.needs || access.OwnerOnly() != want.owner ||
			access.Agents() != want.agents || access.DataPlanes() != want.dataPlanes {
			t.Errorf("%q: got %s, %v, %v and %v, want %+v", access, access.Needs(),
				access.OwnerOnly(), access.Agents(), access.DataPlanes(), want)
		}
		if access.OfProfile() != want.profile || access.OfCaller() != want.caller {
			t.Errorf("%q depends on a profile: %v, on the caller: %v, want %+v", access,
				access.OfProfile(), access.OfCaller(), want)
		}
		// For an operation that reads no token, no permission is enough.
		if want.needs == none && full.Allows(access.Needs()) {
			t.Errorf("%q admits a token", access)
		}
	}
}
