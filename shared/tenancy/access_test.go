package tenancy_test

import (
	"testing"

	"profiles/shared/tenancy"
)

func TestAccess(t *testing.T) {
	t.Parallel()
	for access, want := range map[tenancy.Access]struct {
		needs                     tenancy.Permission
		owner, agents, dataPlanes bool
		billing                   bool // beside the owner
		profile, caller           bool // what it depends on
	}{
		"":                        {needs: none},
		"everybody":               {needs: none},
		tenancy.AccessAnonymous:   {needs: none},
		tenancy.AccessRead:        {needs: read},
		tenancy.AccessWrite:       {needs: write},
		tenancy.AccessFull:        {needs: full},
		tenancy.AccessOwner:       {needs: full, owner: true, profile: true},
		tenancy.AccessOwnerRead:   {needs: read, owner: true, profile: true},
		tenancy.AccessOwnerOrSelf: {needs: usage, profile: true},
		// The owner is asked for where there is a profile.
		tenancy.AccessOwnerOrAccount: {needs: full, owner: true},
		tenancy.AccessUsage:          {needs: usage},
		tenancy.AccessBilling:        {needs: money},
		tenancy.AccessBillingRead:    {needs: money.Within(read)},
		tenancy.AccessOwnerBilling:   {needs: money, billing: true, profile: true},
		tenancy.AccessOwnerBillingRead: {
			needs: money.Within(read), billing: true, profile: true,
		},
		tenancy.AccessAgent:         {needs: full, agents: true, caller: true},
		tenancy.AccessAgentRead:     {needs: read, agents: true, caller: true},
		tenancy.AccessBrowser:       {needs: read, caller: true},
		tenancy.AccessDataPlane:     {needs: write, dataPlanes: true, caller: true},
		tenancy.AccessDataPlaneRead: {needs: read, dataPlanes: true, caller: true},
	} {
		if access.Needs() != want.needs || access.OwnerOnly() != want.owner ||
			access.Agents() != want.agents || access.DataPlanes() != want.dataPlanes ||
			access.OwnerOrBilling() != want.billing {
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
