package billing_test

import (
	"testing"
	"time"

	"profiles/shared/billing"
	"profiles/shared/plan"
	"profiles/shared/problem"
	"profiles/shared/tenancy"
	"profiles/shared/testkit/rules"
	"profiles/shared/value"
)

// leave removes profiles one after the other, as their owner deletes them.
func leave(
	t *testing.T, a tenancy.Account, ids ...value.ProfileID,
) (tenancy.Account, map[value.ProfileID]billing.Departure) {
	t.Helper()
	left := map[value.ProfileID]billing.Departure{}
	for _, id := range ids {
		left[id] = a.Departing(id, billing.Usage{}, halfway)
		var err error
		if a, err = a.RemoveProfile(id, billing.Usage{}, halfway); err != nil {
			t.Fatal(err)
		}
		a = a.Alone(halfway)
	}
	return a, left
}

// Whatever the order in which profiles go and come back, they have the same in
// the end.
func TestProfilesComeBackInAnyOrder(t *testing.T) {
	t.Parallel()
	all := []value.ProfileID{"home", "plant", "barn"}
	for _, gone := range [][]value.ProfileID{{"plant", "barn"}, {"barn", "plant"}} {
		for _, back := range [][]value.ProfileID{{"plant", "barn"}, {"barn", "plant"}} {
			a, left := leave(t, owning(3, all...), gone...)
			if got := a.Shares["home"].Allocation; got != rules.Each(10) {
				t.Fatalf("the only profile has %v", got)
			}
			for _, id := range back {
				var err error
				if a, _, _, err = a.Return(id, left[id], nil, halfway); err != nil {
					t.Fatalf("%v gone, %v back: %v", gone, back, err)
				}
			}
			for _, id := range all {
				if got := a.Shares[id].Allocation; got != rules.Each(3) {
					t.Errorf("%v gone, %v back: %s has %v", gone, back, id, got)
				}
			}
		}
	}
}

// If the limits have changed, the only profile keeps all that the other one
// does not need.
func TestTheOnlyProfileKeepsWhatIsNotNeeded(t *testing.T) {
	t.Parallel()
	a, left := leave(t, owning(3, "home", "plant"), "plant")
	a.Limits = rules.Each(20)
	a = a.Alone(halfway)
	a, _, _, err := a.Return("plant", left["plant"], nil, halfway)
	if err != nil {
		t.Fatal(err)
	}
	if got := a.Shares["home"].Allocation; got != rules.Each(17) {
		t.Errorf("it has %v, want 17 of each", got)
	}
}

// A level above the allocation needs room too, and lower limits have none.
func TestAProfileDoesNotComeBackWithoutRoom(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		use    billing.Usage
		limits plan.Amounts
	}{
		"a level above its allocation": {
			usedUp(plan.Amounts{plan.ServiceFileStorage: 1001}), rules.Each(10),
		},
		"lower limits": {billing.Usage{}, rules.Each(2)},
	} {
		a, left := leave(t, owning(3, "home", "plant"), "plant")
		a.Limits = c.limits
		a = a.Alone(halfway)
		_, _, _, err := a.Return(
			"plant", left["plant"], map[value.ProfileID]billing.Usage{"plant": c.use}, halfway)
		if got := problem.ReasonOf(err); got != problem.ReasonAllocationLacks {
			t.Errorf("%s: got %v", name, err)
		}
	}
}

// Add-ons come back as they were, and those that were to end at the renewal end
// then, whether the profile is back before it or after.
func TestAddonsComeBack(t *testing.T) {
	t.Parallel()
	both := billing.Addons{CustomDNS: true, Mobile: true}
	for name, c := range map[string]struct {
		meanwhile func(*tenancy.Account)
		want      billing.Addons
		charged   []plan.Addon
		ending    int // how many end at the next renewal
	}{
		"in the same cycle": {func(*tenancy.Account) {}, both, nil, 1},
		"when the schedule was taken back": {
			func(a *tenancy.Account) { a.Schedule = nil }, both, nil, 1,
		},
		"after the renewal": {func(a *tenancy.Account) {
			a.Schedule, a.PaidUntil = nil, a.PaidUntil.AddDate(0, 1, 0)
		}, billing.Addons{Mobile: true}, []plan.Addon{plan.AddonMobile}, 0},
		"with the plan free": {func(a *tenancy.Account) {
			a.Schedule, a.PaidUntil = nil, time.Time{}
			a.Plan = plan.Free
			a.Shares = map[value.ProfileID]billing.Share{}
		}, billing.Addons{}, nil, 0},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			a := owning(3, "home", "plant")
			a.PaidUntil = a.Cycle(halfway).End
			share := a.Shares["plant"]
			share.Addons = both
			a.Shares["plant"] = share
			a.Schedule = a.Schedule.Clone()
			a.Schedule.Addons[plan.AddonCustomDNS] = []value.ProfileID{"plant"}
			a, left := leave(t, a, "plant")
			c.meanwhile(&a)
			a, _, charges, err := a.Return("plant", left["plant"], nil, halfway)
			if err != nil {
				t.Fatal(err)
			}
			if got := a.Shares["plant"].Addons; got != c.want {
				t.Errorf("it has %v, want %v", got, c.want)
			}
			var charged []plan.Addon
			for _, one := range charges {
				charged = append(charged, one.Addon)
				if one.Amount <= 0 || one.Profile != "plant" || one.Account != a.ID {
					t.Errorf("the charge is %+v", one)
				}
			}
			if len(charged) != len(c.charged) || len(charged) > 0 && charged[0] != c.charged[0] {
				t.Errorf("charged are %v, want %v", charged, c.charged)
			}
			ending := 0
			if a.Schedule != nil {
				ending = len(a.Schedule.Addons[plan.AddonCustomDNS])
			}
			if ending != c.ending {
				t.Errorf("%d add-ons are to end, want %d", ending, c.ending)
			}
		})
	}
}
