package tenancy_test

import (
	"errors"
	"fmt"
	"maps"
	"math/big"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"profiles/shared/plan"
	"profiles/shared/problem"
	"profiles/shared/problem/problemtest"
	"profiles/shared/tenancy"
	"profiles/shared/value"
)

// The account of these tests bought its plan at the beginning of a cycle of 30 days.
var (
	bought  = time.Date(2030, time.April, 1, 10, 0, 0, 0, time.UTC)
	renewal = time.Date(2030, time.May, 1, 10, 0, 0, 0, time.UTC)
	halfway = bought.Add(15 * day) // 15 of 30 days are left
)

// subscriber has n profiles, home, plant and yard..., of which each has a tenth of what the plan includes, and an add-on for plant.
func subscriber(chosen plan.Plan, n int) tenancy.Account {
	tenth := plan.Included()
	for s := range tenth {
		tenth[s] /= 10
	}
	a := tenancy.Account{
		ID: anaID, Plan: chosen, Limits: plan.Included(), Shares: map[value.ProfileID]tenancy.Share{}, Anchor: bought, PaidUntil: renewal,
		Created: bought.Add(-100 * day), Updated: bought, Version: 3,
	}
	if chosen == plan.Free {
		a.Anchor, a.PaidUntil = a.Created, time.Time{}
	}
	for _, id := range []value.ProfileID{"home", "plant", "yard", "zoo", "zz"}[:n] {
		a.Shares[id] = tenancy.Share{Allocation: tenth, Addons: tenancy.Addons{Mobile: id == "plant" && chosen != plan.Free}, Updated: bought}
	}
	return a
}

// frozen shares nothing with a, so that what changes a in place shows.
func frozen(a tenancy.Account) tenancy.Account {
	a.Shares = maps.Clone(a.Shares)
	if s := a.Schedule; s != nil {
		c := *s
		c.Services, c.Addons = maps.Clone(s.Services), map[plan.Addon][]value.ProfileID{}
		for one, ids := range s.Addons {
			c.Addons[one] = slices.Clone(ids)
		}
		if s.Plan != nil {
			c.Plan = new(*s.Plan)
		}
		a.Schedule = &c
	}
	return a
}

type (
	ids      = []value.ProfileID
	limits   = map[plan.Service]int64
	addons   = map[plan.Addon][]value.ProfileID
	edit     = tenancy.SubscriptionEdit
	schedule = tenancy.Schedule
)

func edited(t testing.TB, a tenancy.Account, now time.Time, edits ...edit) (tenancy.Account, []tenancy.Charge) {
	t.Helper()
	var all []tenancy.Charge
	for _, e := range edits {
		before := frozen(a)
		next, charges, err := a.EditSubscription(e, now)
		if err != nil {
			t.Fatalf("%+v: got %v", e, err)
		}
		same(t, "the account before", a, before)
		a, all = next, append(all, charges...)
	}
	return a, all
}

func total(charges []tenancy.Charge) (sum int64) {
	for _, c := range charges {
		sum += c.Amount
	}
	return sum
}

func toPlan(p plan.Plan) edit { return edit{Plan: &p} }

func TestExactlyOnePartOfASubscriptionIsChangedAtOnce(t *testing.T) {
	t.Parallel()
	const (
		one  = "invalid: send exactly one of plan, services and addons"
		free = "forbidden: The plan free has no further services and no add-ons: choose the plan starter or scale first"
	)
	chosen := plan.Scale
	for _, test := range []struct {
		name   string
		chosen plan.Plan
		edit   edit
		want   string
	}{
		{"nothing", plan.Starter, edit{}, one},
		{"a plan", plan.Starter, edit{Plan: &chosen}, ""},
		{"services", plan.Starter, edit{Services: limits{plan.ServiceSMS: 100}}, ""},
		{"add-ons", plan.Starter, edit{Addons: addons{plan.AddonMobile: {"home"}}}, ""},
		{"services without any", plan.Starter, edit{Services: limits{}}, ""},
		{"a plan and services", plan.Starter, edit{Plan: &chosen, Services: limits{}}, one},
		{"a plan and add-ons", plan.Starter, edit{Plan: &chosen, Addons: addons{}}, one},
		{"services and add-ons", plan.Starter, edit{Services: limits{}, Addons: addons{}}, one},
		{"all three", plan.Starter, edit{Plan: &chosen, Services: limits{}, Addons: addons{}}, one},
		{"all three, with the plan free", plan.Free, edit{Plan: &chosen, Services: limits{}, Addons: addons{}}, one},
		{"services with the plan free", plan.Free, edit{Services: limits{plan.ServiceSMS: 100}}, free},
		{"the services it has with the plan free", plan.Free, edit{Services: limits{plan.ServiceSMS: 10}}, free},
		{"add-ons with the plan free", plan.Free, edit{Addons: addons{plan.AddonMobile: {"home"}}}, free},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			_, charges, err := subscriber(test.chosen, 1).EditSubscription(test.edit, halfway)
			if problemtest.Text(err) != test.want || err != nil && charges != nil {
				t.Errorf("got %v, %q, want %q", charges, problemtest.Text(err), test.want)
			}
		})
	}
}

func TestTheFirstPlanIsChargedInFullAndBeginsACycle(t *testing.T) {
	t.Parallel()
	now := at(t, "2030-01-31T17:45:30.001Z")
	end := at(t, "2030-02-28T17:45:30.001Z")
	for _, chosen := range []plan.Plan{plan.Starter, plan.Scale} {
		free := subscriber(plan.Free, 1)
		got, charges := edited(t, free, now, toPlan(chosen))
		want := free
		want.Plan, want.Anchor, want.PaidUntil, want.Updated = chosen, now, end, now
		same(t, string(chosen), got, want)
		same(t, string(chosen), charges, []tenancy.Charge{{Account: anaID, Kind: tenancy.ChargePlan, Plan: chosen, Amount: chosen.Price(), From: now, To: end}})
		if got := charges[0].What(); got != string(chosen) {
			t.Errorf("got %q, want %q", got, chosen)
		}
	}
	got, charges := edited(t, subscriber(plan.Free, 1), now, toPlan(plan.Free))
	if charges != nil || got.Plan != plan.Free || !got.PaidUntil.IsZero() || got.Schedule != nil || got.Anchor != bought.Add(-100*day) {
		t.Errorf("the plan free again: got %+v, %v", got, charges)
	}
}

func TestAnotherPlan(t *testing.T) {
	t.Parallel()
	starter, free := plan.Starter, plan.Free
	for _, test := range []struct {
		name   string
		from   plan.Plan
		to     plan.Plan
		now    time.Time
		chosen plan.Plan
		charge int64 // -1: none
		next   *plan.Plan
	}{
		{"a larger one at the beginning of the cycle costs all of the difference", plan.Starter, plan.Scale, bought, plan.Scale, 15000, nil},
		{"within the first day it still does", plan.Starter, plan.Scale, bought.Add(day - tick), plan.Scale, 15000, nil},
		{"a day later it costs 29 of 30 days", plan.Starter, plan.Scale, bought.Add(day), plan.Scale, 14500, nil},
		{"halfway it costs half", plan.Starter, plan.Scale, halfway, plan.Scale, 7500, nil},
		{"today counts whole", plan.Starter, plan.Scale, halfway.Add(day - tick), plan.Scale, 7500, nil},
		{"in the last moment it costs a day", plan.Starter, plan.Scale, renewal.Add(-tick), plan.Scale, 500, nil},
		{"the same one costs nothing", plan.Scale, plan.Scale, halfway, plan.Scale, -1, nil},
		{"a smaller one waits for the renewal", plan.Scale, plan.Starter, halfway, plan.Scale, -1, &starter},
		{"none waits for the renewal", plan.Starter, plan.Free, halfway, plan.Starter, -1, &free},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			before := subscriber(test.from, 2)
			got, charges := edited(t, before, test.now, toPlan(test.to))
			want := before
			want.Plan, want.Updated = test.chosen, test.now
			if test.next != nil {
				want.Schedule = &schedule{Plan: test.next, Services: limits{}, Addons: addons{}}
			}
			same(t, "the account", got, want)
			if test.charge < 0 {
				same(t, "the charges", charges, nil)
				return
			}
			same(t, "the charges", charges, []tenancy.Charge{{
				Account: anaID, Kind: tenancy.ChargePlan, Plan: test.to, Amount: test.charge, From: test.now, To: renewal,
			}})
		})
	}
}

func TestALaterChoiceOfPlanReplacesTheScheduledOne(t *testing.T) {
	t.Parallel()
	scale := subscriber(plan.Scale, 2)
	got, charges := edited(t, scale, halfway, toPlan(plan.Free), toPlan(plan.Starter))
	if charges != nil || got.Plan != plan.Scale || *got.Schedule.Plan != plan.Starter {
		t.Errorf("free, then starter: got %+v, %v", got, charges)
	}
	got, charges = edited(t, got, halfway.Add(day), toPlan(plan.Scale))
	if charges != nil || got.Plan != plan.Scale || got.Schedule != nil {
		t.Errorf("and the plan it has: got %+v, %v", got, charges)
	}
	got, charges = edited(t, subscriber(plan.Starter, 2), halfway, toPlan(plan.Free), toPlan(plan.Scale))
	if total(charges) != 7500 || got.Plan != plan.Scale || got.Schedule != nil {
		t.Errorf("free, then scale: got %+v, %v", got, charges)
	}
}

func TestMoreOfAServiceHoldsAtOnceAndLessAtTheRenewal(t *testing.T) {
	t.Parallel()
	type amounts = limits
	in, sms, mail, run := plan.ServiceInput, plan.ServiceSMS, plan.ServiceEmail, plan.ServiceAnalysis
	for _, test := range []struct {
		name    string
		had     amounts
		steps   []amounts
		now     time.Time
		limits  amounts // that are not those before
		charges string
		waits   amounts
	}{
		{"more, halfway, costs half of it", nil, []amounts{{in: 3_000_000}}, halfway, amounts{in: 3_000_000}, "input 3000000 1000", nil},
		{"more, at the beginning, costs all of it", nil, []amounts{{in: 3_000_000}}, bought, amounts{in: 3_000_000}, "input 3000000 2000", nil},
		{"more, in the last moment, costs a day", nil, []amounts{{in: 3_000_000}}, renewal.Add(-tick), amounts{in: 3_000_000}, "input 3000000 67", nil},
		{"minus what is paid", amounts{in: 3_000_000}, []amounts{{in: 20_000_000}}, halfway, amounts{in: 20_000_000}, "input 20000000 3500", nil},
		{"what is consumed costs all of it", nil, []amounts{{sms: 100}}, renewal.Add(-tick), amounts{sms: 100}, "sms 100 250", nil},
		{"minus what is paid, of that too", amounts{sms: 100}, []amounts{{sms: 500}}, halfway, amounts{sms: 500}, "sms 500 1000", nil},
		{
			"several are lines of their own, in the order of the catalogue", nil, []amounts{{mail: 1000, run: 6000, in: 3_000_000}}, halfway,
			amounts{in: 3_000_000, mail: 1000, run: 6000}, "input 3000000 1000, email 1000 250, analysis 6000 1500", nil,
		},
		{"what it has costs nothing", amounts{sms: 100}, []amounts{{sms: 100}}, halfway, nil, "", nil},
		{"less waits", amounts{sms: 500}, []amounts{{sms: 100}}, halfway, nil, "", amounts{sms: 100}},
		{"what is included waits", amounts{sms: 500}, []amounts{{sms: 10}}, halfway, nil, "", amounts{sms: 10}},
		{"more and less at once", amounts{sms: 500}, []amounts{{sms: 100, in: 3_000_000}}, halfway, amounts{in: 3_000_000}, "input 3000000 1000", amounts{sms: 100}},
		{"less again replaces it", amounts{sms: 500}, []amounts{{sms: 100}, {sms: 200}}, halfway, nil, "", amounts{sms: 200}},
		{"less of another one adds to it", amounts{sms: 500, run: 6000}, []amounts{{sms: 100}, {run: 3000}}, halfway, nil, "", amounts{sms: 100, run: 3000}},
		{"what it has cancels it", amounts{sms: 500, run: 6000}, []amounts{{sms: 100, run: 3000}, {sms: 500}}, halfway, nil, "", amounts{run: 3000}},
		{"what it has cancels the last", amounts{sms: 500}, []amounts{{sms: 100}, {sms: 500}}, halfway, nil, "", nil},
		{"more cancels it", amounts{sms: 500}, []amounts{{sms: 100}, {sms: 1000}}, halfway, amounts{sms: 1000}, "sms 1000 1250", nil},
		{"more, then less, then that again is paid once", nil, []amounts{{in: 3_000_000}, {in: 1_000_000}, {in: 3_000_000}}, halfway, amounts{in: 3_000_000}, "input 3000000 1000", nil},
		{"a limit that somebody granted is worth its next tier", amounts{sms: 150}, []amounts{{sms: 500}}, halfway, amounts{sms: 500}, "sms 500 750", nil},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			before := subscriber(plan.Scale, 2)
			for s, n := range test.had {
				before.Limits[s] = n
			}
			var edits []edit
			for _, step := range test.steps {
				edits = append(edits, edit{Services: step})
			}
			got, charges := edited(t, before, test.now, edits...)
			want := before
			want.Updated = test.now
			for s, n := range test.limits {
				want.Limits[s] = n
			}
			if test.waits != nil {
				want.Schedule = &schedule{Services: test.waits, Addons: addons{}}
			}
			same(t, "the account", got, want)
			var lines []string
			for _, c := range charges {
				lines = append(lines, fmt.Sprintf("%s %d %d", c.What(), c.Limit, c.Amount))
				if c.Account != anaID || c.Kind != tenancy.ChargeService || c.From != test.now || c.To != renewal || c.ID != "" || c.Profile != "" {
					t.Errorf("got %+v", c)
				}
			}
			if got := strings.Join(lines, ", "); got != test.charges {
				t.Errorf("got %q, want %q", got, test.charges)
			}
		})
	}
}

func TestALimitMustBeATier(t *testing.T) {
	t.Parallel()
	for _, n := range []int64{-1, 0, 9, 11, 150, 50_001} {
		_, charges, err := subscriber(plan.Scale, 2).EditSubscription(edit{Services: limits{plan.ServiceInput: 3_000_000, plan.ServiceSMS: n}}, halfway)
		want := "invalid: services.sms.limit must be one of 10, 100, 200, 500, 1000, 5000, 10000, 20000, 30000, 40000, 50000"
		if problemtest.Text(err) != want || charges != nil {
			t.Errorf("%d: got %v, %q", n, charges, problemtest.Text(err))
		}
	}
	for _, s := range plan.Services() {
		for _, tier := range s.Tiers() {
			if _, _, err := subscriber(plan.Scale, 2).EditSubscription(edit{Services: limits{s: tier.Amount}}, halfway); err != nil {
				t.Errorf("%d of %s: got %v", tier.Amount, s, err)
			}
		}
	}
}

func TestAnOnlyProfileGetsWhatIsBought(t *testing.T) {
	t.Parallel()
	for n := range 3 {
		a := subscriber(plan.Scale, n)
		got, _ := edited(t, a, halfway, edit{Services: limits{plan.ServiceSMS: 500}})
		want := maps.Clone(a.Shares)
		if n == 1 {
			everything := plan.Included()
			everything[plan.ServiceSMS] = 500
			want["home"] = tenancy.Share{Allocation: everything, Updated: halfway}
		}
		same(t, fmt.Sprint(n, " profiles"), got.Shares, want)
	}
	// What is only scheduled changes nothing yet.
	a := subscriber(plan.Scale, 1)
	a.Limits[plan.ServiceSMS] = 500
	a.Shares["home"] = tenancy.Share{Allocation: a.Limits, Updated: bought}
	got, _ := edited(t, a, halfway, edit{Services: limits{plan.ServiceSMS: 10}})
	same(t, "less", got.Shares, a.Shares)
}

func TestAddonsOfProfiles(t *testing.T) {
	t.Parallel()
	const dns, mobile = plan.AddonCustomDNS, plan.AddonMobile
	for _, test := range []struct {
		name        string
		steps       []addons
		dns, mobile ids // who has it now
		charges     string
		waits       addons
		says        string
	}{
		{"what it has costs nothing", []addons{{mobile: {"plant"}}}, ids{}, ids{"plant"}, "", nil, ""},
		{"another profile, halfway, costs half", []addons{{mobile: {"plant", "home"}}}, ids{}, ids{"home", "plant"}, "mobile home 4950", nil, ""},
		{"the order of the list plays no part", []addons{{mobile: {"home", "plant", "home"}}}, ids{}, ids{"home", "plant"}, "mobile home 4950", nil, ""},
		{
			"another add-on for all", []addons{{dns: {"home", "plant", "yard"}}}, ids{"home", "plant", "yard"}, ids{"plant"},
			"custom_dns home 4950, custom_dns plant 4950, custom_dns yard 4950", nil, "",
		},
		{"both at once", []addons{{mobile: {"plant", "yard"}, dns: {"yard"}}}, ids{"yard"}, ids{"plant", "yard"}, "custom_dns yard 4950, mobile yard 4950", nil, ""},
		{"whoever is left out keeps it till the renewal", []addons{{mobile: {}}}, ids{}, ids{"plant"}, "", addons{mobile: {"plant"}}, ""},
		{"no list is an empty one", []addons{{mobile: nil}}, ids{}, ids{"plant"}, "", addons{mobile: {"plant"}}, ""},
		{"an add-on that is left out stays", []addons{{dns: {}}}, ids{}, ids{"plant"}, "", nil, ""},
		{"one for another", []addons{{mobile: {"home"}}}, ids{}, ids{"home", "plant"}, "mobile home 4950", addons{mobile: {"plant"}}, ""},
		{"again cancels it, at no cost", []addons{{mobile: {}}, {mobile: {"plant"}}}, ids{}, ids{"plant"}, "", nil, ""},
		{
			"less again replaces it", []addons{{mobile: {"home", "plant"}}, {mobile: {"plant"}}, {mobile: {"home"}}}, ids{}, ids{"home", "plant"}, "mobile home 4950",
			addons{mobile: {"plant"}}, "",
		},
		{
			"of each its own", []addons{{dns: {"home"}}, {dns: {}}, {mobile: {}}}, ids{"home"}, ids{"plant"}, "custom_dns home 4950",
			addons{dns: {"home"}, mobile: {"plant"}}, "",
		},
		{"a profile of somebody else", []addons{{mobile: {"plant", "theirs"}}}, nil, nil, "", nil, "invalid: addons.mobile must list profiles of the account, and theirs is none"},
		{"a profile without a name", []addons{{dns: {""}}}, nil, nil, "", nil, "invalid: addons.custom_dns must list profiles of the account, and  is none"},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			a := subscriber(plan.Scale, 3)
			var lines []string
			for _, step := range test.steps {
				before := frozen(a)
				next, charges, err := a.EditSubscription(edit{Addons: step}, halfway)
				same(t, "the account before", a, before)
				if problemtest.Text(err) != test.says {
					t.Fatalf("got %q, want %q", problemtest.Text(err), test.says)
				}
				if err != nil {
					same(t, "the charges", charges, nil)
					return
				}
				a = next
				for _, c := range charges {
					lines = append(lines, fmt.Sprint(c.What(), " ", c.Profile, " ", c.Amount))
					if c.Account != anaID || c.Kind != tenancy.ChargeAddon || c.From != halfway || c.To != renewal || c.Limit != 0 {
						t.Errorf("got %+v", c)
					}
				}
			}
			same(t, "who has custom_dns", a.ProfilesWith(dns), test.dns)
			same(t, "who has mobile", a.ProfilesWith(mobile), test.mobile)
			if got := strings.Join(lines, ", "); got != test.charges {
				t.Errorf("got %q, want %q", got, test.charges)
			}
			var waits addons
			if a.Schedule != nil {
				waits = a.Schedule.Addons
			}
			same(t, "what ends", waits, test.waits)
		})
	}
}

func TestCancelSchedule(t *testing.T) {
	t.Parallel()
	later := halfway.Add(time.Hour)
	a := subscriber(plan.Scale, 3)
	a.Limits[plan.ServiceSMS] = 500
	for name, e := range map[string]edit{
		"a plan": toPlan(plan.Free), "a service": {Services: limits{plan.ServiceSMS: 10}}, "an add-on": {Addons: addons{plan.AddonMobile: nil}},
	} {
		waiting, _ := edited(t, a, halfway, e)
		before := frozen(waiting)
		got, err := waiting.CancelSchedule(later)
		want := a
		want.Updated = later
		if err != nil || waiting.Schedule == nil {
			t.Errorf("%s: got %v, %+v", name, err, waiting.Schedule)
		}
		same(t, name, got, want)
		same(t, name+", before", waiting, before)
		if _, err := got.CancelSchedule(later); problemtest.Text(err) != "invalid: Nothing is scheduled: the subscription is renewed as it is" {
			t.Errorf("%s, once more: got %q", name, problemtest.Text(err))
		}
	}
	a.Schedule = &schedule{Services: limits{}}
	if _, err := a.CancelSchedule(later); !errors.Is(err, tenancy.ErrNothingScheduled) {
		t.Errorf("a schedule of nothing: got %v", err)
	}
}

func TestCycles(t *testing.T) {
	t.Parallel()
	for _, test := range []struct{ name, anchor, now, start, end string }{
		{"the first moment of the first cycle", "2026-01-15T10:00:00Z", "2026-01-15T10:00:00Z", "2026-01-15T10:00:00Z", "2026-02-15T10:00:00Z"},
		{"the last moment of the first cycle", "2026-01-15T10:00:00Z", "2026-02-15T09:59:59.999Z", "2026-01-15T10:00:00Z", "2026-02-15T10:00:00Z"},
		{"the first moment of the second cycle", "2026-01-15T10:00:00Z", "2026-02-15T10:00:00Z", "2026-02-15T10:00:00Z", "2026-03-15T10:00:00Z"},
		{"before the hour on the day of the turn", "2026-01-15T22:30:00Z", "2026-06-15T22:29:59Z", "2026-05-15T22:30:00Z", "2026-06-15T22:30:00Z"},
		{"over the end of a year", "2026-01-15T10:00:00Z", "2027-01-02T00:00:00Z", "2026-12-15T10:00:00Z", "2027-01-15T10:00:00Z"},
		{"from the end of January to that of February", "2026-01-31T10:00:00Z", "2026-02-28T09:59:59Z", "2026-01-31T10:00:00Z", "2026-02-28T10:00:00Z"},
		{"from the end of February back to that of March", "2026-01-31T10:00:00Z", "2026-02-28T10:00:00Z", "2026-02-28T10:00:00Z", "2026-03-31T10:00:00Z"},
		{"from the 31st to the 30th", "2026-01-31T10:00:00Z", "2026-04-01T00:00:00Z", "2026-03-31T10:00:00Z", "2026-04-30T10:00:00Z"},
		{"in a leap year February ends a day later", "2028-01-31T10:00:00Z", "2028-02-29T09:59:59Z", "2028-01-31T10:00:00Z", "2028-02-29T10:00:00Z"},
		{"and begins there", "2028-01-30T10:00:00Z", "2028-02-29T10:00:00Z", "2028-02-29T10:00:00Z", "2028-03-30T10:00:00Z"},
		{"the 29th of a leap year, in the next one", "2028-02-29T00:00:00Z", "2029-02-28T00:00:00Z", "2029-02-28T00:00:00Z", "2029-03-29T00:00:00Z"},
		{"the 29th of a leap year, in the next leap year", "2028-02-29T00:00:00Z", "2032-02-29T00:00:00Z", "2032-02-29T00:00:00Z", "2032-03-29T00:00:00Z"},
		{"a year that is no leap year, though 4 divides it", "2099-12-31T12:00:00Z", "2100-03-01T00:00:00Z", "2100-02-28T12:00:00Z", "2100-03-31T12:00:00Z"},
		{"a moment before there was a subscription", "2026-03-31T10:00:00Z", "2026-02-28T09:00:00Z", "2026-01-31T10:00:00Z", "2026-02-28T10:00:00Z"},
		{"an anchor from elsewhere counts in UTC", "2026-02-01T01:00:00+02:00", "2026-02-28T23:00:00Z", "2026-02-28T23:00:00Z", "2026-03-31T23:00:00Z"},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			anchor, err := time.Parse(time.RFC3339, test.anchor)
			if err != nil {
				t.Fatal(err)
			}
			want := tenancy.Cycle{Start: at(t, test.start), End: at(t, test.end)}
			same(t, "the cycle", tenancy.CycleAt(anchor, at(t, test.now)), want)
			same(t, "the account's", tenancy.Account{Anchor: anchor}.Cycle(at(t, test.now)), want)
		})
	}
}

// moment draws a time, often one at the end of a month, with an hour of its own.
func moment(t *rapid.T, what string) time.Time {
	year, month := rapid.IntRange(2023, 2033).Draw(t, what+" year"), rapid.IntRange(1, 12).Draw(t, what+" month")
	d := rapid.OneOf(rapid.IntRange(1, 31), rapid.IntRange(28, 31)).Draw(t, what+" day")
	last := time.Date(year, time.Month(month)+1, 0, 0, 0, 0, 0, time.UTC).Day()
	ms := rapid.OneOf(rapid.SampledFrom([]int{0, 36e5, 86400e3 - 1}), rapid.IntRange(0, 86400e3-1)).Draw(t, what+" time")
	return time.Date(year, time.Month(month), min(d, last), 0, 0, 0, ms*1e6, time.UTC)
}

func TestCyclesMeetAndHoldTheirMoment(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		anchor, now := moment(t, "anchor"), moment(t, "now")
		c := tenancy.CycleAt(anchor, now)
		if c.Start.After(now) || !now.Before(c.End) {
			t.Fatalf("got %v, which does not hold %v", c, now)
		}
		if length := c.End.Sub(c.Start); length < 28*day || length > 31*day || length%day != 0 {
			t.Fatalf("got %v, of %v", c, length)
		}
		next, before := tenancy.CycleAt(anchor, c.End), tenancy.CycleAt(anchor, c.Start.Add(-tick))
		if next.Start != c.End || before.End != c.Start {
			t.Fatalf("got %v between %v and %v", c, before, next)
		}
		if tenancy.CycleAt(anchor, c.Start) != c || tenancy.CycleAt(anchor, c.End.Add(-tick)) != c {
			t.Fatalf("the cycle is another one at its own ends: %v", c)
		}
		if h, m, s := c.Start.Clock(); h != anchor.Hour() || m != anchor.Minute() || s != anchor.Second() || c.Start.Nanosecond() != anchor.Nanosecond() {
			t.Fatalf("got %v of %v", c, anchor)
		}
		if d := c.Start.Day(); d != anchor.Day() && (d > anchor.Day() || c.Start.AddDate(0, 0, 1).Day() != 1) {
			t.Fatalf("got %v of %v", c, anchor)
		}
		if got := tenancy.CycleAt(anchor, anchor); got.Start != anchor {
			t.Fatalf("the first cycle of %v begins at %v", anchor, got.Start)
		}
	})
}

func TestProrated(t *testing.T) {
	t.Parallel()
	a := subscriber(plan.Starter, 1)
	for _, test := range []struct {
		name       string
		price      int64
		consumable bool
		now        time.Time
		want       int64
	}{
		{"all of it at the beginning", 100, false, bought, 100},
		{"half a cent is one", 15, false, halfway, 8},
		{"less than half a cent is none", 1, false, bought.Add(16 * day), 0},
		{"a day of it in the last moment", 3000, false, renewal.Add(-tick), 100},
		{"all of what is consumed", 3000, true, renewal.Add(-tick), 3000},
		{"nothing of nothing", 0, false, halfway, 0},
	} {
		if got := a.Prorated(test.price, test.consumable, test.now); got != test.want {
			t.Errorf("%s: got %d, want %d", test.name, got, test.want)
		}
	}
	if got := subscriber(plan.Free, 1).Prorated(3000, false, halfway); got != 3000 {
		t.Errorf("with the plan free, whose cycle begins with the purchase: got %d, want 3000", got)
	}
	rapid.Check(t, func(t *rapid.T) {
		a := tenancy.Account{Plan: plan.Scale, Anchor: moment(t, "anchor")}
		now, price := moment(t, "now"), rapid.Int64Range(0, 1_000_000).Draw(t, "price")
		c := a.Cycle(now)
		days := int64(c.End.Sub(c.Start) / day)
		if got := a.Prorated(price, false, c.Start); got != price {
			t.Fatalf("at the beginning of %v: got %d of %d", c, got, price)
		}
		if got := a.Prorated(price, false, c.End.Add(-tick)); got < price/days || got > price/days+1 {
			t.Fatalf("on the last of %d days: got %d of %d", days, got, price)
		}
		left := int64((c.End.Sub(now) + day - 1) / day)
		if got := a.Prorated(price, false, now); got*days < price*left-days || got*days > price*left+days || got > price {
			t.Fatalf("%d of %d days are left: got %d of %d", left, days, got, price)
		}
	})
}

// tiers draws limits for some services.
func tiers(t *rapid.T) limits {
	out := limits{}
	for range rapid.IntRange(1, 3).Draw(t, "services") {
		s := rapid.SampledFrom(plan.Services()).Draw(t, "service")
		out[s] = rapid.SampledFrom(s.Tiers()).Draw(t, "tier").Amount
	}
	return out
}

// change draws any change of a subscription that is right for the account.
func change(t *rapid.T, a tenancy.Account) edit {
	kind := rapid.IntRange(0, 3).Draw(t, "kind")
	switch {
	case kind == 0 || a.Plan == plan.Free:
		return toPlan(rapid.SampledFrom(plan.Plans()).Draw(t, "plan"))
	case kind == 1:
		list := ids{}
		for _, id := range a.ProfileIDs() {
			if rapid.Bool().Draw(t, string(id)) {
				list = append(list, id)
			}
		}
		return edit{Addons: addons{rapid.SampledFrom(plan.AllAddons()).Draw(t, "add-on"): list}}
	}
	return edit{Services: tiers(t)}
}

// worth is what an account pays for a cycle, reckoned from the catalogue alone.
func worth(a tenancy.Account) int64 {
	sum := a.Plan.Price()
	for _, s := range plan.Services() {
		sum += s.Price(a.Limits[s])
	}
	for _, share := range a.Shares {
		for _, one := range plan.AllAddons() {
			if share.Addons.Has(one) {
				sum += one.Price()
			}
		}
	}
	return sum
}

func checkSubscription(t *rapid.T, a tenancy.Account) {
	t.Helper()
	if sum := a.Allocated(); !sum.Within(a.Limits) {
		t.Fatalf("allocated is %v of %v", sum, a.Limits)
	}
	for id, share := range a.Shares {
		for s, n := range share.Allocation {
			if n < 0 {
				t.Fatalf("%s has %d of %s", id, n, plan.Service(s))
			}
		}
	}
	if a.PaidUntil.IsZero() != (a.Plan == plan.Free) {
		t.Fatalf("the plan is %s, paid until %v", a.Plan, a.PaidUntil)
	}
	if s := a.Schedule; s != nil {
		if s.Plan == nil && len(s.Services) == 0 && len(s.Addons) == 0 || s.Plan != nil && s.Plan.Price() >= a.Plan.Price() {
			t.Fatalf("with the plan %s: the schedule is %+v", a.Plan, s)
		}
		for service, n := range s.Services {
			if n >= a.Limits[service] {
				t.Fatalf("scheduled is %d of %s, of %d", n, service, a.Limits[service])
			}
		}
		for one, list := range s.Addons {
			for _, id := range list {
				if share, own := a.Shares[id]; own && !share.Addons.Has(one) {
					t.Fatalf("scheduled is the end of %s of %s, which has none", one, id)
				}
			}
		}
	}
}

// An account changes its subscription, lets time go by, and is renewed, all in any order. What it pays must always be what the catalogue says.
func TestWhatASubscriptionIsCharged(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		a := subscriber(plan.Free, rapid.IntRange(1, 5).Draw(t, "profiles"))
		now := moment(t, "now")
		a.Anchor = moment(t, "anchor")
		t.Repeat(map[string]func(*rapid.T){
			"edit": func(t *rapid.T) {
				e := change(t, a)
				before := frozen(a)
				next, charges, err := a.EditSubscription(e, now)
				if err != nil {
					t.Fatalf("%+v: got %v", e, err)
				}
				if !reflect.DeepEqual(a, before) {
					t.Fatalf("the account before has become %+v, and was %+v", a, before)
				}
				for _, c := range charges {
					if c.Amount < 0 || c.From != now || c.To != next.PaidUntil || !c.From.Before(c.To) || c.Account != a.ID {
						t.Fatalf("%+v: charged is %+v", e, c)
					}
				}
				if sum, most := total(charges), worth(next)-worth(a); sum > most || (most == 0) != (len(charges) == 0) || sum < 0 {
					t.Fatalf("%+v: charged is %d, and the difference for a whole cycle is %d", e, sum, most)
				}
				// At the beginning of a cycle, all of it is due.
				if now == next.Cycle(now).Start && total(charges) != worth(next)-worth(a) {
					t.Fatalf("%+v: charged is %d, want %d", e, total(charges), worth(next)-worth(a))
				}
				for s, n := range a.Limits {
					if next.Limits[s] < n {
						t.Fatalf("%+v: the limit of %s has gone from %d to %d before the renewal", e, plan.Service(s), n, next.Limits[s])
					}
				}
				if next.Plan.Price() < a.Plan.Price() {
					t.Fatalf("the plan has gone from %s to %s before the renewal", a.Plan, next.Plan)
				}
				a = next
			},
			"cancel": func(t *rapid.T) {
				next, err := a.CancelSchedule(now)
				if (err == nil) != (a.Schedule != nil) {
					t.Fatalf("with %+v: got %v", a.Schedule, err)
				}
				if err == nil {
					a = next
				}
			},
			"wait": func(t *rapid.T) {
				now = now.Add(time.Duration(rapid.Int64Range(0, int64(20*day/tick)).Draw(t, "ms")) * tick)
				for !a.PaidUntil.IsZero() && !now.Before(a.PaidUntil) {
					end := a.PaidUntil
					expected, upcoming := a.Upcoming()
					next, charges, err := a.Renew(now)
					if err != nil || next.Schedule != nil || total(charges) != worth(next) {
						t.Fatalf("got %+v, %v, %v, want to pay %d", next, charges, err, worth(next))
					}
					if expected.Updated = now; !reflect.DeepEqual(expected, next) || !reflect.DeepEqual(upcoming, charges) {
						t.Fatalf("got %+v, %v, and expected %+v, %v", next, charges, expected, upcoming)
					}
					for _, c := range charges {
						if c.Amount <= 0 || c.From != end || c.To != next.PaidUntil {
							t.Fatalf("charged is %+v", c)
						}
					}
					if next.Plan == plan.Free && (worth(next) != 0 || charges != nil) {
						t.Fatalf("with the plan free it has %+v, and pays %v", next, charges)
					}
					a = next
				}
			},
			"": func(t *rapid.T) { checkSubscription(t, a) },
		})
	})
}

func TestAWayOfChangesCostsWhatItsEndDoes(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		a := subscriber(rapid.SampledFrom(plan.Plans()[1:]).Draw(t, "plan"), 2)
		a.Anchor = moment(t, "anchor")
		now := moment(t, "now")
		a.PaidUntil = a.Cycle(now).End
		s := rapid.SampledFrom(plan.Services()).Draw(t, "service")
		list := s.Tiers()
		i := rapid.IntRange(0, len(list)-1).Draw(t, "from")
		k := rapid.IntRange(i, len(list)-1).Draw(t, "to")
		j := rapid.IntRange(i, k).Draw(t, "over")
		a.Limits[s] = list[i].Amount
		to := func(i int) edit { return edit{Services: limits{s: list[i].Amount}} }
		_, there := must(t, a, now, to(k))
		_, over := must(t, a, now, to(j), to(k))
		if total(there) != total(over) {
			t.Fatalf("%s: %d straight, and %d over %d", s, total(there), total(over), list[j].Amount)
		}
		full := list[k].Price - list[i].Price
		if sum := total(there); sum > full || s.Consumable() && sum != full || sum < 0 {
			t.Fatalf("%s: charged is %d, and the difference is %d", s, sum, full)
		}
	})
	// From free, too: the cycle begins with the purchase.
	free := subscriber(plan.Free, 1)
	_, over := edited(t, free, halfway, toPlan(plan.Starter), toPlan(plan.Scale))
	if total(over) != 19900 {
		t.Errorf("free, starter, scale: got %d, want 19900", total(over))
	}
}

func must(t *rapid.T, a tenancy.Account, now time.Time, edits ...edit) (tenancy.Account, []tenancy.Charge) {
	t.Helper()
	var all []tenancy.Charge
	for _, e := range edits {
		next, charges, err := a.EditSubscription(e, now)
		if err != nil {
			t.Fatalf("%+v: got %v", e, err)
		}
		a, all = next, append(all, charges...)
	}
	return a, all
}

// A renewal is a job, and comes some time after the end of the cycle. What is bought in between must not be paid twice.
func TestWhatIsBoughtBetweenTheEndOfACycleAndItsRenewalIsPaidOnce(t *testing.T) {
	t.Parallel()
	now := renewal.Add(5 * time.Minute)
	for name, e := range map[string]edit{
		"a plan": toPlan(plan.Scale), "a service": {Services: limits{plan.ServiceInput: 3_000_000}}, "what is consumed": {Services: limits{plan.ServiceSMS: 100}},
		"an add-on": {Addons: addons{plan.AddonMobile: {"home", "plant"}}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			a := subscriber(plan.Starter, 2)
			renewed, first, err := a.Renew(now)
			if err != nil {
				t.Fatal(err)
			}
			_, then := edited(t, renewed, now, e)
			want := total(first) + total(then)

			a, charges := edited(t, a, now, e)
			for _, c := range charges {
				if c.To.Before(c.From) {
					t.Errorf("charged is a time that ends before it begins: %+v", c)
				}
			}
			if _, late, err := a.Renew(now); err == nil {
				charges = append(charges, late...)
			} else if !errors.Is(err, tenancy.ErrDone) {
				t.Fatal(err)
			}
			if got := total(charges); got != want {
				t.Errorf("bought before the renewal it costs %d, and after it %d", got, want)
			}
		})
	}
}

func TestRenewAppliesWhatIsScheduled(t *testing.T) {
	t.Parallel()
	now := renewal.Add(3 * time.Minute)
	next := at(t, "2030-06-01T10:00:00Z")
	a := subscriber(plan.Scale, 3)
	a.Limits[plan.ServiceSMS], a.Limits[plan.ServiceInput], a.Limits[plan.ServiceAnalysis] = 500, 20_000_000, 6000
	for id, n := range map[value.ProfileID]int64{"home": 300, "plant": 150, "yard": 50} {
		share := a.Shares[id]
		share.Allocation[plan.ServiceSMS] = n
		share.Addons.CustomDNS = id != "yard"
		a.Shares[id] = share
	}
	a, _ = edited(t, a, halfway, edit{Services: limits{plan.ServiceSMS: 100, plan.ServiceInput: 3_000_000}}, toPlan(plan.Starter),
		edit{Addons: addons{plan.AddonMobile: {}, plan.AddonCustomDNS: {"home"}}})
	before := frozen(a)
	want := frozen(a)
	want.Plan, want.Schedule, want.PaidUntil, want.Updated = plan.Starter, nil, next, now
	want.Limits[plan.ServiceSMS], want.Limits[plan.ServiceInput] = 100, 3_000_000
	for id, n := range map[value.ProfileID]int64{"home": 60, "plant": 30, "yard": 10} {
		share := want.Shares[id]
		share.Allocation[plan.ServiceSMS] = n
		share.Addons = tenancy.Addons{CustomDNS: id == "home"}
		share.Updated = renewal
		want.Shares[id] = share
	}
	got, charges, err := a.Renew(now)
	if err != nil {
		t.Fatal(err)
	}
	same(t, "the account", got, want)
	same(t, "the account before", a, before)
	same(t, "the charges", charges, []tenancy.Charge{
		{Account: anaID, Kind: tenancy.ChargePlan, Plan: plan.Starter, Amount: 4900, From: renewal, To: next},
		{Account: anaID, Kind: tenancy.ChargeService, Service: plan.ServiceInput, Limit: 3_000_000, Amount: 2000, From: renewal, To: next},
		{Account: anaID, Kind: tenancy.ChargeService, Service: plan.ServiceSMS, Limit: 100, Amount: 250, From: renewal, To: next},
		{Account: anaID, Kind: tenancy.ChargeService, Service: plan.ServiceAnalysis, Limit: 6000, Amount: 3000, From: renewal, To: next},
		{Account: anaID, Kind: tenancy.ChargeAddon, Addon: plan.AddonCustomDNS, Profile: "home", Amount: 9900, From: renewal, To: next},
	})
	if got, want := charges[2].What()+" "+charges[4].What(), "sms custom_dns"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestRenewWaitsForTheEndOfTheCycle(t *testing.T) {
	t.Parallel()
	for name, a := range map[string]tenancy.Account{"a subscriber": subscriber(plan.Starter, 1), "an account with the plan free": subscriber(plan.Free, 1)} {
		got, charges, err := a.Renew(renewal.Add(-tick))
		if !errors.Is(err, tenancy.ErrDone) || charges != nil {
			t.Errorf("%s: got %v, %v", name, charges, err)
		}
		same(t, name, got, a)
	}
	if _, _, err := subscriber(plan.Free, 1).Renew(renewal.AddDate(9, 0, 0)); !errors.Is(err, tenancy.ErrDone) {
		t.Errorf("the plan free is never renewed: got %v", err)
	}
	if got, charges, err := subscriber(plan.Starter, 1).Renew(renewal); err != nil || len(charges) != 1 || got.PaidUntil != at(t, "2030-06-01T10:00:00Z") {
		t.Errorf("at the end: got %+v, %v, %v", got, charges, err)
	}
}

func TestALateRenewalIsMadeForEachCycle(t *testing.T) {
	t.Parallel()
	a := subscriber(plan.Starter, 2)
	a.Anchor, a.PaidUntil = at(t, "2030-01-31T10:00:00Z"), at(t, "2030-02-28T10:00:00Z")
	now := at(t, "2030-05-30T12:00:00Z")
	var spans []string
	for {
		next, charges, err := a.Renew(now)
		if errors.Is(err, tenancy.ErrDone) {
			break
		}
		for _, c := range charges {
			if c.Kind == tenancy.ChargePlan {
				spans = append(spans, c.From.Format("0102T15")+"-"+c.To.Format("0102T15"))
			}
		}
		if total(charges) != 14800 || next.Updated != now {
			t.Errorf("got %v, %v", charges, next.Updated)
		}
		a = next
	}
	same(t, "the cycles", spans, []string{"0228T10-0331T10", "0331T10-0430T10", "0430T10-0531T10"})
}

func TestAnEndedSubscriptionLeavesWhatIsIncluded(t *testing.T) {
	t.Parallel()
	now := renewal.Add(time.Minute)
	a := subscriber(plan.Scale, 3)
	a.Limits = each(2_000_000)
	for id, n := range map[value.ProfileID]int64{"home": 1_000_000, "plant": 600_000, "yard": 400_000} {
		a.Shares[id] = tenancy.Share{Allocation: each(n), Addons: tenancy.Addons{Mobile: true, CustomDNS: id == "plant"}, Updated: bought}
	}
	a, _ = edited(t, a, halfway, edit{Services: limits{plan.ServiceSMS: 1000}}, toPlan(plan.Free))
	got, charges, err := a.Renew(now)
	if err != nil || charges != nil {
		t.Fatalf("got %v, %v", charges, err)
	}
	want := a
	want.Plan, want.Limits, want.PaidUntil, want.Schedule, want.Updated = plan.Free, plan.Included(), time.Time{}, nil, now
	want.Shares = map[value.ProfileID]tenancy.Share{
		// Of input, output (which is more than before) ... to file_storage: a half, three tenths, and two tenths.
		"home":  {Allocation: plan.Amounts{500_000, 1_000_000, 5, 50, 1500, 400_000, 5, 50, 100}, Updated: renewal},
		"plant": {Allocation: plan.Amounts{300_000, 600_000, 3, 30, 900, 240_000, 3, 30, 60}, Updated: renewal},
		"yard":  {Allocation: plan.Amounts{200_000, 400_000, 2, 20, 600, 160_000, 2, 20, 40}, Updated: renewal},
	}
	same(t, "the account", got, want)
	if _, charges := got.Upcoming(); charges != nil {
		t.Errorf("it is charged %v next", charges)
	}

	one := subscriber(plan.Starter, 1)
	one.Limits = each(5_000_000)
	one, _ = edited(t, one, halfway, toPlan(plan.Free))
	if got, _, err = one.Renew(now); err != nil || got.Shares["home"].Allocation != plan.Included() {
		t.Errorf("an only profile: got %+v, %v", got, err)
	}
}

func TestWhatIsFittedIsInProportion(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		a := subscriber(plan.Scale, rapid.IntRange(2, 5).Draw(t, "profiles"))
		had, lower := map[value.ProfileID]plan.Amounts{}, limits{}
		for _, s := range plan.Services() {
			list := s.Tiers()
			i := rapid.OneOf(rapid.IntRange(0, len(list)-1), rapid.Just(len(list)-1)).Draw(t, "tier")
			a.Limits[s] = list[i].Amount
			if j := rapid.IntRange(0, i).Draw(t, "lower"); j < i {
				lower[s] = list[j].Amount
			}
		}
		free := a.Limits
		for n, id := range a.ProfileIDs() {
			share := a.Shares[id]
			for s := range share.Allocation {
				share.Allocation[s] = rapid.OneOf(rapid.Int64Range(0, free[s]), rapid.SampledFrom([]int64{0, free[s], free[s] / int64(a.Profiles()-n)})).Draw(t, "share")
				free[s] -= share.Allocation[s]
			}
			a.Shares[id], had[id] = share, share.Allocation
		}
		sum := a.Allocated()
		waiting, charges := must(t, a, halfway, edit{Services: lower})
		if charges != nil || !reflect.DeepEqual(waiting.Shares, a.Shares) {
			t.Fatalf("what waits has changed %+v already, for %v", waiting, charges)
		}
		got, _, err := waiting.Renew(renewal)
		if err != nil {
			t.Fatal(err)
		}
		checkSubscription(t, got)
		for _, s := range plan.Services() {
			limit, isLower := lower[s]
			if !isLower {
				limit = a.Limits[s]
			}
			if got.Limits[s] != limit {
				t.Fatalf("the limit of %s: got %d, want %d", s, got.Limits[s], limit)
			}
			for id, share := range got.Shares {
				want := had[id][s]
				if sum[s] > limit {
					exact := new(big.Int).Mul(big.NewInt(want), big.NewInt(limit))
					want = exact.Div(exact, big.NewInt(sum[s])).Int64()
				}
				if share.Allocation[s] != want {
					t.Fatalf("%s of %s: got %d, want %d: it had %d of %d, and the limit is %d", s, id, share.Allocation[s], want, had[id][s], sum[s], limit)
				}
			}
			if left := limit - got.Allocated()[s]; sum[s] > limit && left >= int64(a.Profiles()) {
				t.Fatalf("%d of %s are lost by rounding", left, s)
			}
		}
	})
}

func TestAllocate(t *testing.T) {
	t.Parallel()
	type changes = map[value.ProfileID]map[plan.Service]int64
	sms, in := plan.ServiceSMS, plan.ServiceInput
	// Of 10 sms each of three profiles has 1, of 1000000 input 100000.
	for _, test := range []struct {
		name     string
		profiles int
		changes  changes
		want     changes
		says     string
	}{
		{"nothing", 3, nil, nil, ""},
		{"more for one", 3, changes{"home": {sms: 8}}, changes{"home": {sms: 8}}, ""},
		{"less for one", 3, changes{"home": {sms: 0}}, changes{"home": {sms: 0}}, ""},
		{"from one to another at once", 3, changes{"home": {sms: 0, in: 7}, "yard": {sms: 9}}, changes{"home": {sms: 0, in: 7}, "yard": {sms: 9}}, ""},
		{"everything to one of two", 2, changes{"home": {sms: 10}, "plant": {sms: 0}}, changes{"home": {sms: 10}, "plant": {sms: 0}}, ""},
		{"a profile without services", 3, changes{"home": {}}, nil, ""},
		{"one too many", 3, changes{"home": {sms: 9}}, nil, "invalid: sms adds up to 11 over the profiles, and the account has 10: lower it for one of them, or raise the limit"},
		{"one too many by two", 3, changes{"home": {sms: 5}, "yard": {sms: 5}}, nil, "invalid: sms adds up to 11 over the profiles, and the account has 10: lower it for one of them, or raise the limit"},
		{"the first service in the order of the catalogue is named", 3, changes{"home": {sms: 9, in: 1_000_000}}, nil, "invalid: input adds up to 1200000 over the profiles, and the account has 1000000: lower it for one of them, or raise the limit"},
		{"less than nothing", 3, changes{"home": {sms: -1}}, nil, "invalid: sms of profile home must be from 0 to the 10 that the account has"},
		{"less than nothing to make room for another", 3, changes{"home": {sms: -5}, "yard": {sms: 10}}, nil, "invalid: sms of profile home must be from 0 to the 10 that the account has"},
		{"more than the account has", 3, changes{"yard": {sms: 11}}, nil, "invalid: sms of profile yard must be from 0 to the 10 that the account has"},
		{"so much that sums would overflow", 3, changes{"home": {sms: 1<<63 - 1}, "yard": {sms: 1<<63 - 1}}, nil, "invalid: sms of profile home must be from 0 to the 10 that the account has"},
		{"a profile of somebody else", 3, changes{"home": {sms: 0}, "theirs": {sms: 1}}, nil, "invalid: profile theirs is none of the account's own"},
		{"the only profile", 1, changes{"home": {sms: 5}}, nil, "forbidden: The account's only profile has everything that the account has: create another profile to divide it"},
		{"a profile of somebody else, having one", 1, changes{"theirs": {sms: 5}}, nil, "forbidden: The account's only profile has everything that the account has: create another profile to divide it"},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			a := subscriber(plan.Scale, test.profiles)
			if test.profiles == 1 {
				a = a.Alone(halfway)
			}
			before := frozen(a)
			got, err := a.Allocate(test.changes, nil, halfway)
			same(t, "the account before", a, before)
			if problemtest.Text(err) != test.says {
				t.Fatalf("got %q, want %q", problemtest.Text(err), test.says)
			}
			if err != nil {
				return
			}
			want := frozen(a)
			want.Updated = halfway
			for id := range test.changes {
				share := want.Shares[id]
				share.Updated = halfway
				for s, n := range test.want[id] {
					share.Allocation[s] = n
				}
				want.Shares[id] = share
			}
			same(t, "the account", got, want)
		})
	}
}

func TestAnAllocationNeverExceedsTheLimits(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		a := subscriber(plan.Scale, rapid.IntRange(2, 5).Draw(t, "profiles"))
		for _, s := range plan.Services() {
			a.Limits[s] = rapid.SampledFrom(s.Tiers()).Draw(t, "tier").Amount
		}
		t.Repeat(map[string]func(*rapid.T){
			"allocate": func(t *rapid.T) {
				changes := map[value.ProfileID]map[plan.Service]int64{}
				after := a.Allocated()
				right := true
				for _, id := range a.ProfileIDs() {
					if !rapid.Bool().Draw(t, "change") {
						continue
					}
					s := rapid.SampledFrom(plan.Services()).Draw(t, "service")
					limit := a.Limits[s]
					n := rapid.OneOf(rapid.Int64Range(-1, limit/4), rapid.Int64Range(0, limit+1), rapid.SampledFrom([]int64{limit, a.Free(halfway)[s] + a.Shares[id].Allocation[s], 1 << 62})).Draw(t, "n")
					changes[id] = map[plan.Service]int64{s: n}
					if n < 0 || n > limit {
						right = false
						continue
					}
					after[s] += n - a.Shares[id].Allocation[s]
				}
				right = right && after.Within(a.Limits)
				next, err := a.Allocate(changes, nil, halfway)
				if (err == nil) != right {
					t.Fatalf("%v of %v: got %v, want it done: %v", changes, a.Limits, err, right)
				}
				if err != nil {
					if problem.CodeOf(err) != problem.CodeInvalid {
						t.Fatalf("got %v", err)
					}
					return
				}
				if next.Allocated() != after {
					t.Fatalf("got %v, want %v", next.Allocated(), after)
				}
				a = next
			},
			"": func(t *rapid.T) { checkSubscription(t, a) },
		})
	})
}

// An account with one profile cannot divide anything, because that profile has everything. So it must be when the other profiles have gone.
func TestTheLastProfileThatIsLeftCanHaveEverything(t *testing.T) {
	t.Parallel()
	a, err := subscriber(plan.Starter, 2).RemoveProfile("plant", tenancy.Usage{}, halfway)
	if err != nil {
		t.Fatal(err)
	}
	if a.Shares["home"].Allocation == a.Limits {
		return
	}
	changes := map[plan.Service]int64{}
	for _, s := range plan.Services() {
		changes[s] = a.Limits[s]
	}
	if _, err := a.Allocate(map[value.ProfileID]map[plan.Service]int64{"home": changes}, nil, halfway); err != nil {
		t.Errorf("it has %v of %v, and to give it the rest is refused: %v", a.Shares["home"].Allocation, a.Limits, err)
	}
}

func TestASnapshotIsWhatTheAccountHas(t *testing.T) {
	t.Parallel()
	a := subscriber(plan.Scale, 3)
	same(t, "the snapshot", a.Snapshot(halfway), tenancy.Snapshot{Time: halfway, Limits: a.Limits, Shares: a.Shares})
}

func TestBillingAddressEdit(t *testing.T) {
	t.Parallel()
	full := tenancy.BillingAddress{
		Company: "ACME", Country: "DE", State: "BE", City: "Berlin", Street: "Hof 1", ZipCode: "10115", Comments: "back door", Updated: bought,
	}
	type changed = tenancy.BillingAddressEdit
	long := strings.Repeat("é", 201)
	for _, test := range []struct {
		name string
		edit changed
		want func(*tenancy.BillingAddress)
		says string
	}{
		{"nothing named leaves everything but the date", changed{}, func(*tenancy.BillingAddress) {}, ""},
		{"the company", changed{Company: new(" Other ")}, func(b *tenancy.BillingAddress) { b.Company = "Other" }, ""},
		{"the country", changed{Country: new("BR")}, func(b *tenancy.BillingAddress) { b.Country = "BR" }, ""},
		{"the state", changed{State: new("SP")}, func(b *tenancy.BillingAddress) { b.State = "SP" }, ""},
		{"the city", changed{City: new("Bonn")}, func(b *tenancy.BillingAddress) { b.City = "Bonn" }, ""},
		{"the street", changed{Street: new("Weg 2")}, func(b *tenancy.BillingAddress) { b.Street = "Weg 2" }, ""},
		{"the code", changed{ZipCode: new("1")}, func(b *tenancy.BillingAddress) { b.ZipCode = "1" }, ""},
		{"no comments", changed{Comments: new("")}, func(b *tenancy.BillingAddress) { b.Comments = "" }, ""},
		{"200 characters", changed{Comments: new(long[:400])}, func(b *tenancy.BillingAddress) { b.Comments = long[:400] }, ""},
		{"201 characters", changed{Street: &long}, nil, "invalid: street must have 0 to 200 characters"},
		{"a control character", changed{City: new("a\nb"), Street: &long}, nil, "invalid: city must not contain control characters"},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			got, err := full.Edit(test.edit, halfway)
			if problemtest.Text(err) != test.says {
				t.Fatalf("got %q, want %q", problemtest.Text(err), test.says)
			}
			if err != nil {
				return
			}
			want := full
			test.want(&want)
			want.Updated = halfway
			same(t, "the address", got, want)
		})
	}
}
