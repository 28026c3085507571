package tenancy_test

import (
	"testing"

	"profiles/shared/tenancy"
)

func TestRatesAreThoseOfTheOriginal(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		group                tenancy.RateGroup
		free, starter, scale int
	}{
		{tenancy.RateAccount, 50, 100, 500},
		{tenancy.RateProfile, 60, 100, 200},
		{tenancy.RateNotification, 60, 100, 1000},
		{tenancy.RateTokenInfo, 60, 5000, 10_000},
		{tenancy.RateDesk, 300, 300, 300},
		{tenancy.RateSource, 30, 30, 30},
	} {
		for chosen, want := range map[tenancy.Plan]int{
			tenancy.PlanFree: test.free, tenancy.PlanStarter: test.starter, tenancy.PlanScale: test.scale, "": test.free, "gold": test.free,
		} {
			if got := test.group.PerMinute(chosen); got != want {
				t.Errorf("group %d on the plan %q: got %d, want %d", test.group, chosen, got, want)
			}
		}
	}
}
