package plan_test

import (
	"testing"

	"profiles/shared/plan"
)

func TestRatesAreThoseOfTheOriginal(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		group                plan.RateGroup
		free, starter, scale int
	}{
		{plan.RateAccount, 50, 100, 500},
		{plan.RateProfile, 60, 100, 200},
		{plan.RateNotification, 60, 100, 1000},
		{plan.RateTokenInfo, 60, 5000, 10_000},
		{plan.RateDesk, 300, 300, 300},
		{plan.RateSource, 30, 30, 30},
		{plan.RateLogo, 600, 600, 600},
	} {
		for chosen, want := range map[plan.Plan]int{
			plan.Free: test.free, plan.Starter: test.starter, plan.Scale: test.scale, "": test.free, "gold": test.free,
		} {
			if got := test.group.PerMinute(chosen); got != want {
				t.Errorf("group %d on the plan %q: got %d, want %d", test.group, chosen, got, want)
			}
		}
	}
}
