package tenancy_test

import (
	"maps"
	"testing"

	"pgregory.net/rapid"

	"profiles/shared/tenancy"
)

// Names, order and amounts are what clients have stored; the order is also the layout of every stored Amounts.
func TestCatalogueOfServices(t *testing.T) {
	t.Parallel()
	type facts struct {
		name, unit string
		counting   tenancy.Counting
		included   int64
	}
	want := []facts{
		{"input", "variables", tenancy.CountingMonthly, 1000000},
		{"output", "records read", tenancy.CountingMonthly, 3000000},
		{"sms", "messages", tenancy.CountingMonthly, 10},
		{"email", "messages", tenancy.CountingMonthly, 100},
		{"analysis", "minutes", tenancy.CountingMonthly, 3000},
		{"data_records", "records", tenancy.CountingLevel, 800000},
		{"run_users", "users", tenancy.CountingLevel, 10},
		{"push_notification", "messages", tenancy.CountingMonthly, 100},
		{"file_storage", "MB", tenancy.CountingLevel, 200},
	}
	services := tenancy.Services()
	if len(services) != len(want) {
		t.Fatalf("got %d services, want %d", len(services), len(want))
	}
	included := tenancy.Included()
	for i, s := range services {
		if got := (facts{s.String(), s.Unit(), s.Counting(), included[s]}); got != want[i] {
			t.Errorf("service %d: got %+v, want %+v", i, got, want[i])
		}
	}
}

func TestAmountsByName(t *testing.T) {
	t.Parallel()
	want := map[string]int64{
		"input": 1000000, "output": 3000000, "sms": 10, "email": 100, "analysis": 3000, "data_records": 800000,
		"run_users": 10, "push_notification": 100, "file_storage": 200,
	}
	if got := tenancy.Included().Map(); !maps.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
	zero := tenancy.Amounts{}.Map()
	for name := range want {
		if n, ok := zero[name]; !ok || n != 0 {
			t.Errorf("%s of nothing: got %d, %v, want 0, present", name, n, ok)
		}
	}
}

func TestAmountsFromIgnoresWhatIsNoService(t *testing.T) {
	t.Parallel()
	got := tenancy.AmountsFrom(map[string]int64{"sms": 5, "profile": 7, "SMS": 9, "": 1})
	if want := (tenancy.Amounts{tenancy.ServiceSMS: 5}); got != want {
		t.Errorf("got %v, want %v", got, want)
	}
	if got := tenancy.AmountsFrom(nil); got != (tenancy.Amounts{}) {
		t.Errorf("got %v, want nothing", got)
	}
}

func TestWithinLooksAtEveryService(t *testing.T) {
	t.Parallel()
	limits := tenancy.Included()
	for _, s := range tenancy.Services() {
		over, under := limits, limits
		over[s]++
		under[s]--
		if over.Within(limits) {
			t.Errorf("one %s too many is within the limits", s)
		}
		if !under.Within(limits) {
			t.Errorf("one %s less is not within the limits", s)
		}
	}
	if !limits.Within(limits) {
		t.Error("the limits are not within themselves")
	}
}

func TestAmountsAddUp(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		a, b, c := amounts().Draw(t, "a"), amounts().Draw(t, "b"), amounts().Draw(t, "c")
		nothing := tenancy.Amounts{}
		for _, law := range []struct {
			name      string
			got, want tenancy.Amounts
		}{
			{"a sum does not depend on its order", a.Plus(b), b.Plus(a)},
			{"nor on where it begins", a.Plus(b).Plus(c), a.Plus(b.Plus(c))},
			{"what is added can be taken away", a.Plus(b).Minus(b), a},
			{"nothing changes nothing", a.Plus(nothing), a},
			{"all of it leaves nothing", a.Minus(a), nothing},
			{"names and back", tenancy.AmountsFrom(a.Map()), a},
		} {
			if law.got != law.want {
				t.Fatalf("%s: got %v, want %v", law.name, law.got, law.want)
			}
		}
		if !a.Within(a.Plus(b)) {
			t.Fatalf("%v is not within its sum with %v", a, b)
		}
		if a.Within(b) && b.Within(a) && a != b {
			t.Fatalf("%v and %v are within each other", a, b)
		}
	})
}

func amounts() *rapid.Generator[tenancy.Amounts] {
	return rapid.Custom(func(t *rapid.T) tenancy.Amounts {
		var a tenancy.Amounts
		for s := range a {
			a[s] = rapid.Int64Range(0, 1<<40).Draw(t, "amount")
		}
		return a
	})
}

func TestPlanLimits(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		plan tenancy.Plan
		want tenancy.PlanLimits
	}{
		{tenancy.PlanFree, tenancy.PlanLimits{Profiles: 1, Members: 0}},
		{tenancy.PlanStarter, tenancy.PlanLimits{Profiles: 2, Members: 1}},
		{tenancy.PlanScale, tenancy.PlanLimits{Profiles: 5, Members: 5}},
		{"", tenancy.PlanLimits{Profiles: 1, Members: 0}},
		{"enterprise", tenancy.PlanLimits{Profiles: 1, Members: 0}},
	} {
		if got := test.plan.Limits(); got != test.want {
			t.Errorf("plan %q: got %+v, want %+v", test.plan, got, test.want)
		}
	}
}
