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
	}{
		"":                          {needs: none},
		"everybody":                 {needs: none},
		tenancy.AccessAnonymous:     {needs: none},
		tenancy.AccessRead:          {needs: read},
		tenancy.AccessWrite:         {needs: write},
		tenancy.AccessFull:          {needs: full},
		tenancy.AccessOwner:         {needs: full, owner: true},
		tenancy.AccessOwnerRead:     {needs: read, owner: true},
		tenancy.AccessOwnerWrite:    {needs: write, owner: true},
		tenancy.AccessOwnerOrSelf:   {needs: read},
		tenancy.AccessAgent:         {needs: full, agents: true},
		tenancy.AccessAgentRead:     {needs: read, agents: true},
		tenancy.AccessBrowser:       {needs: read},
		tenancy.AccessDataPlane:     {needs: write, dataPlanes: true},
		tenancy.AccessDataPlaneRead: {needs: read, dataPlanes: true},
	} {
		if access.Needs() != want.needs || access.OwnerOnly() != want.owner ||
			access.Agents() != want.agents || access.DataPlanes() != want.dataPlanes {
			t.Errorf("%q: got %s, %v, %v and %v, want %+v", access, access.Needs(),
				access.OwnerOnly(), access.Agents(), access.DataPlanes(), want)
		}
		// For an operation that reads no token, no permission is enough.
		if want.needs == none && full.Allows(access.Needs()) {
			t.Errorf("%q admits a token", access)
		}
	}
}
