package plan_test

import (
	"fmt"
	"maps"
	"math"
	"slices"
	"strconv"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"profiles/shared/plan"
	"profiles/shared/problem/problemtest"
)

// Clients have stored the names, the order and the amounts of services. The
// order is also the layout of every stored Amounts.
func TestCatalogueOfServices(t *testing.T) {
	t.Parallel()
	type facts struct {
		name, unit string
		counting   plan.Counting
		included   int64
	}
	want := []facts{
		{"input", "variables", plan.CountingMonthly, 1000000},
		{"output", "records read", plan.CountingMonthly, 3000000},
		{"sms", "messages", plan.CountingMonthly, 10},
		{"email", "messages", plan.CountingMonthly, 100},
		{"analysis", "minutes", plan.CountingMonthly, 3000},
		{"data_records", "records", plan.CountingLevel, 800000},
		{"run_users", "users", plan.CountingLevel, 10},
		{"push_notification", "messages", plan.CountingMonthly, 100},
		{"file_storage", "MB", plan.CountingLevel, 200},
	}
	services := plan.Services()
	if len(services) != len(want) {
		t.Fatalf("got %d services, want %d", len(services), len(want))
	}
	included := plan.Included()
	for i, s := range services {
		if got := (facts{s.String(), s.Unit(), s.Counting(), included[s]}); got != want[i] {
			t.Errorf("service %d: got %+v, want %+v", i, got, want[i])
		}
	}
}

// The title of a service, for people, differs from its name, for programs.
func TestTitles(t *testing.T) {
	t.Parallel()
	seen := map[string]bool{}
	for _, s := range plan.Services() {
		if title := s.Title(); title == "" || seen[title] || title == s.String() {
			t.Errorf("%s has the title %q", s, title)
		}
		seen[s.Title()] = true
	}
}

func TestAmountsByName(t *testing.T) {
	t.Parallel()
	want := map[string]int64{
		"input":             1000000,
		"output":            3000000,
		"sms":               10,
		"email":             100,
		"analysis":          3000,
		"data_records":      800000,
		"run_users":         10,
		"push_notification": 100,
		"file_storage":      200,
	}
	if got := plan.Included().Map(); !maps.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
	zero := plan.Amounts{}.Map()
	for name := range want {
		if n, ok := zero[name]; !ok || n != 0 {
			t.Errorf("%s of nothing: got %d, %v, want 0, present", name, n, ok)
		}
	}
}

func TestAmountsFromIgnoresWhatIsNoService(t *testing.T) {
	t.Parallel()
	got := plan.AmountsFrom(map[string]int64{"sms": 5, "profile": 7, "SMS": 9, "": 1})
	if want := (plan.Amounts{plan.ServiceSMS: 5}); got != want {
		t.Errorf("got %v, want %v", got, want)
	}
	if got := plan.AmountsFrom(nil); got != (plan.Amounts{}) {
		t.Errorf("got %v, want nothing", got)
	}
}

func TestWithinLooksAtEveryService(t *testing.T) {
	t.Parallel()
	limits := plan.Included()
	for _, s := range plan.Services() {
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
		nothing := plan.Amounts{}
		for _, law := range []struct {
			name      string
			got, want plan.Amounts
		}{
			{"a sum does not depend on its order", a.Plus(b), b.Plus(a)},
			{"nor on where it begins", a.Plus(b).Plus(c), a.Plus(b.Plus(c))},
			{"what is added can be taken away", a.Plus(b).Minus(b), a},
			{"nothing changes nothing", a.Plus(nothing), a},
			{"all of it leaves nothing", a.Minus(a), nothing},
			{"names and back", plan.AmountsFrom(a.Map()), a},
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

func amounts() *rapid.Generator[plan.Amounts] {
	return rapid.Custom(func(t *rapid.T) plan.Amounts {
		var a plan.Amounts
		for s := range a {
			a[s] = rapid.Int64Range(0, 1<<40).Draw(t, "amount")
		}
		return a
	})
}

func TestPlanLimits(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		chosen plan.Plan
		want   plan.Limits
	}{
		{plan.Free, plan.Limits{Profiles: 1, Members: 0}},
		{plan.Starter, plan.Limits{Profiles: 2, Members: 1}},
		{plan.Scale, plan.Limits{Profiles: 5, Members: 5}},
		{"", plan.Limits{Profiles: 1, Members: 0}},
		{"enterprise", plan.Limits{Profiles: 1, Members: 0}},
	} {
		if got := test.chosen.Limits(); got != test.want {
			t.Errorf("plan %q: got %+v, want %+v", test.chosen, got, test.want)
		}
	}
}

// The price list of the original, in cents for a month, as its clients have
// seen it.
var priceList = map[string]string{
	"analysis": "3000:0 6000:3000 12000:5500 36000:15000 60000:22000 120000:40000 240000:70000 360000:100000 600000:150000 900000:200000 " +
		"1200000:240000 2400000:400000 3600000:560000 7000000:700000",
	"data_records": "800000:0 1500000:1500 5000000:4000 10000000:6000 20000000:10000 50000000:20000 100000000:35000 150000000:50000 " +
		"250000000:75000 350000000:100000 500000000:140000 750000000:170000 1000000000:200000 1500000000:280000 2000000000:360000",
	"email":        "100:0 1000:250 2000:500 5000:1000 10000:1500 50000:5000 100000:7500 500000:15000",
	"file_storage": "200:0 10000:2000 25000:3000 100000:8000 250000:10000 1000000:20000 5000000:40000 15000000:50000",
	"input": "1000000:0 3000000:2000 10000000:5500 20000000:9000 50000000:17000 100000000:33000 150000000:48000 250000000:75000 " +
		"500000000:100000 750000000:125000 1000000000:150000 1500000000:200000 2500000000:250000 4000000000:300000",
	"output": "3000000:0 18000000:2000 54000000:5500 90000000:9000 180000000:17000 360000000:33000 540000000:48000 900000000:75000 " +
		"1350000000:100000 1800000000:120000 3600000000:180000 5400000000:220000 7200000000:250000 9000000000:290000",
	"push_notification": "100:0 1000:250 2000:500 5000:1000 10000:1500 50000:5000 100000:7500 500000:25000",
	"sms":               "10:0 100:250 200:500 500:1250 1000:2500 5000:10000 10000:18000 20000:35000 30000:50000 40000:65000 50000:85000",
	"run_users":         "10:0 100:1000 500:4000 1000:6000 5000:15000 10000:25000 50000:60000 100000:100000",
}

func TestEveryTierHasThePriceOfTheOriginal(t *testing.T) {
	t.Parallel()
	if got, want := len(plan.Services()), len(priceList); got != want {
		t.Errorf("got %d services, want %d", got, want)
	}
	for _, s := range plan.Services() {
		var tiers []string
		for _, tier := range s.Tiers() {
			tiers = append(tiers, fmt.Sprintf("%d:%d", tier.Amount, tier.Price))
		}
		if got := strings.Join(tiers, " "); got != priceList[s.String()] {
			t.Errorf("%s:\ngot  %s\nwant %s", s, got, priceList[s.String()])
		}
	}
}

func TestPlansAndAddonsHaveThePricesOfTheOriginal(t *testing.T) {
	t.Parallel()
	plans := map[plan.Plan]int64{}
	for _, p := range plan.Plans() {
		plans[p] = p.Price()
	}
	if want := map[plan.Plan]int64{
		"free":    0,
		"starter": 4900,
		"scale":   19900,
	}; !maps.Equal(plans, want) {
		t.Errorf("plans: got %v, want %v", plans, want)
	}
	if got, want := plan.Plans(), []plan.Plan{
		"free",
		"starter",
		"scale",
	}; !slices.Equal(got, want) {
		t.Errorf("plans, the cheapest first: got %v, want %v", got, want)
	}
	if got := plan.Plan("enterprise").Price(); got != 0 {
		t.Errorf("a plan that there is not: got %d, want 0", got)
	}
	addons := map[plan.Addon]int64{}
	for _, a := range plan.AllAddons() {
		addons[a] = a.Price()
	}
	if want := map[plan.Addon]int64{"custom_dns": 9900, "mobile": 9900}; !maps.Equal(addons, want) {
		t.Errorf("add-ons: got %v, want %v", addons, want)
	}
}

func TestWhatIsConsumedAndWhatIsCountedInParts(t *testing.T) {
	t.Parallel()
	consumable := map[string]bool{"sms": true, "email": true, "push_notification": true}
	parts := map[string]int64{"analysis": 100, "file_storage": 100}
	for _, s := range plan.Services() {
		if got := s.Consumable(); got != consumable[s.String()] {
			t.Errorf("%s is consumable: got %v", s, got)
		}
		if got, want := s.Parts(), max(parts[s.String()], 1); got != want {
			t.Errorf("%s: got %d parts, want %d", s, got, want)
		}
	}
}

func TestThePriceOfALimit(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name    string
		service plan.Service
		limit   int64
		want    int64
	}{
		{"nothing costs nothing", plan.ServiceSMS, 0, 0},
		{"what is included costs nothing", plan.ServiceSMS, 10, 0},
		{"one more costs the next tier", plan.ServiceSMS, 11, 250},
		{"a tier costs its own price", plan.ServiceSMS, 100, 250},
		{"less than a tier costs that tier", plan.ServiceSMS, 199, 500},
		{"the largest tier", plan.ServiceSMS, 50_000, 85_000},
		{"more than the largest tier costs the largest", plan.ServiceSMS, 50_001, 85_000},
		{"the largest of all services", plan.ServiceOutput, 9_000_000_000, 290_000},
		{"as much as a number holds", plan.ServiceInput, math.MaxInt64, 300_000},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			if got := test.service.Price(test.limit); got != test.want {
				t.Errorf("got %d, want %d", got, test.want)
			}
		})
	}
	rapid.Check(t, func(t *rapid.T) {
		s := rapid.SampledFrom(plan.Services()).Draw(t, "service")
		a, b := rapid.Int64Range(0, 1e10).Draw(t, "a"), rapid.Int64Range(0, 1e10).Draw(t, "b")
		if a > b {
			a, b = b, a
		}
		if s.Price(a) > s.Price(b) || s.Price(a) < 0 {
			t.Fatalf("%d of %s cost %d, and %d cost %d", a, s, s.Price(a), b, s.Price(b))
		}
	})
}

const nineServices = "input, output, sms, email, analysis, data_records, run_users, push_notification, file_storage"

func TestParseOfNames(t *testing.T) {
	t.Parallel()
	for _, s := range plan.Services() {
		if got, err := plan.ParseService(s.String()); err != nil || got != s {
			t.Errorf("%s: got %v, %v", s, got, err)
		}
	}
	for _, p := range plan.Plans() {
		if got, err := plan.ParsePlan(string(p)); err != nil || got != p {
			t.Errorf("%s: got %v, %v", p, got, err)
		}
	}
	for _, a := range plan.AllAddons() {
		if got, err := plan.ParseAddon(string(a)); err != nil || got != a {
			t.Errorf("%s: got %v, %v", a, got, err)
		}
	}
	for _, name := range []string{"", " sms", "SMS", "Starter", "free ", "custom-dns", "Mobile", "device", "none"} {
		s, err := plan.ParseService(name)
		if problemtest.Text(err) != "invalid: service must be one of "+nineServices {
			t.Errorf("service %q: got %v, %q", name, s, problemtest.Text(err))
		}
		p, err := plan.ParsePlan(name)
		if problemtest.Text(err) != "invalid: plan must be free, starter or scale" || p != "" {
			t.Errorf("plan %q: got %q, %q", name, p, problemtest.Text(err))
		}
		a, err := plan.ParseAddon(name)
		if problemtest.Text(err) != "not-found: Addon Not Found" || a != "" {
			t.Errorf("add-on %q: got %q, %q", name, a, problemtest.Text(err))
		}
	}
}

func TestParseAmounts(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name  string
		given map[string]int64
		want  map[plan.Service]int64
		says  string
	}{
		{"nothing", nil, map[plan.Service]int64{}, ""},
		{"some, and 0 is one", map[string]int64{"sms": 0, "input": 5}, map[plan.Service]int64{plan.ServiceSMS: 0, plan.ServiceInput: 5}, ""},
		{"less than nothing", map[string]int64{"sms": 3, "input": -1}, nil, "invalid: services.input must not be negative"},
		{"what is no service", map[string]int64{"sms": 3, "SMS": 3}, nil, "invalid: services must have the names of services: " + nineServices},
		{"what is no service, alone", map[string]int64{"": 0}, nil, "invalid: services must have the names of services: " + nineServices},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			got, err := plan.ParseAmounts("services", test.given)
			if problemtest.Text(err) != test.says || !maps.Equal(got, test.want) {
				t.Errorf(
					"got %v, %q, want %v, %q",
					got,
					problemtest.Text(err),
					test.want,
					test.says,
				)
			}
		})
	}
	all := map[string]int64{}
	for i, s := range plan.Services() {
		all[s.String()] = int64(i)
	}
	got, err := plan.ParseAmounts("services", all)
	for i, s := range plan.Services() {
		if n, ok := got[s]; err != nil || !ok || n != int64(i) {
			t.Errorf("%s of all nine: got %d, %v, %v", s, n, ok, err)
		}
	}
}

func TestUnits(t *testing.T) {
	t.Parallel()
	used := plan.Amounts{plan.ServiceAnalysis: 7, plan.ServiceSMS: 7}
	units := used.Units()
	if len(units) != 9 || units["analysis"] != 0.07 || units["sms"] != 7 || units["input"] != 0 {
		t.Errorf("got %v", units)
	}
	got := strconv.FormatFloat(plan.ServiceAnalysis.Units(700_000_029), 'f', -1, 64)
	if got != "7000000.29" {
		t.Errorf("got %s", got)
	}
}
