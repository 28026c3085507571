package billing_test

import (
	"errors"
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"profiles/shared/billing"
	"profiles/shared/plan"
	"profiles/shared/problem/problemtest"
	"profiles/shared/tenancy"
	"profiles/shared/testkit/rules"
	"profiles/shared/value"
)

// The account of these tests bought its plan at the beginning of a cycle of 30
// days.
var (
	bought  = time.Date(2030, time.April, 1, 10, 0, 0, 0, time.UTC)
	renewal = time.Date(2030, time.May, 1, 10, 0, 0, 0, time.UTC)
	halfway = bought.Add(15 * day) // 15 of 30 days are left
)

// subscriber has n profiles, home, plant and yard..., each with a tenth of the
// limits that the plan includes, and an add-on for plant.
func subscriber(chosen plan.Plan, n int) tenancy.Account {
	tenth := plan.Included()
	for s := range tenth {
		tenth[s] /= 10
	}
	a := tenancy.Account{
		ID: anaID,
		Subscription: billing.Subscription{
			Plan:      chosen,
			Limits:    plan.Included(),
			Shares:    map[value.ProfileID]billing.Share{},
			Anchor:    bought,
			PaidUntil: renewal,
		},
		Created: bought.Add(-100 * day),
		Updated: bought,
		Version: 3,
	}
	if chosen == plan.Free {
		a.Anchor, a.PaidUntil = a.Created, time.Time{}
	}
	for _, id := range []value.ProfileID{"home", "plant", "yard", "zoo", "zz"}[:n] {
		a.Shares[id] = billing.Share{
			Allocation: tenth,
			Addons:     billing.Addons{Mobile: id == "plant" && chosen != plan.Free},
			Updated:    bought,
		}
	}
	return a
}

// frozen is a copy that shares nothing with a, so that a change of a in place
// shows.
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
	edit     = billing.SubscriptionEdit
	schedule = billing.Schedule
)

func edited(
	t testing.TB,
	a tenancy.Account,
	now time.Time,
	edits ...edit,
) (tenancy.Account, []billing.Charge) {
	t.Helper()
	var all []billing.Charge
	for _, e := range edits {
		before := frozen(a)
		next, charges, err := a.EditSubscription(e, now)
		if err != nil {
			t.Fatalf("%+v: got %v", e, err)
		}
		rules.Same(t, "the account before", a, before)
		a, all = next, append(all, charges...)
	}
	return a, all
}

func total(charges []billing.Charge) (sum int64) {
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
	now := rules.At(t, "2030-01-31T17:45:30.001Z")
	end := rules.At(t, "2030-02-28T17:45:30.001Z")
	for _, chosen := range []plan.Plan{plan.Starter, plan.Scale} {
		free := subscriber(plan.Free, 1)
		got, charges := edited(t, free, now, toPlan(chosen))
		want := free
		want.Plan, want.Anchor, want.PaidUntil, want.Updated = chosen, now, end, now
		rules.Same(t, string(chosen), got, want)
		rules.Same(
			t,
			string(chosen),
			charges,
			[]billing.Charge{
				{
					Account: anaID,
					Kind:    billing.ChargePlan,
					Plan:    chosen,
					Amount:  chosen.Price(),
					From:    now,
					To:      end,
				},
			},
		)
		if got := charges[0].What(); got != string(chosen) {
			t.Errorf("got %q, want %q", got, chosen)
		}
	}
	got, charges := edited(t, subscriber(plan.Free, 1), now, toPlan(plan.Free))
	if charges != nil || got.Plan != plan.Free || !got.PaidUntil.IsZero() || got.Schedule != nil ||
		got.Anchor != bought.Add(-100*day) {
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
			rules.Same(t, "the account", got, want)
			if test.charge < 0 {
				rules.Same(t, "the charges", charges, nil)
				return
			}
			rules.Same(t, "the charges", charges, []billing.Charge{
				{
					Account: anaID,
					Kind:    billing.ChargePlan,
					Plan:    test.to,
					Amount:  test.charge,
					From:    test.now,
					To:      renewal,
				},
			})
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
	got, charges = edited(
		t,
		subscriber(plan.Starter, 2),
		halfway,
		toPlan(plan.Free),
		toPlan(plan.Scale),
	)
	if total(charges) != 7500 || got.Plan != plan.Scale || got.Schedule != nil {
		t.Errorf("free, then scale: got %+v, %v", got, charges)
	}
}

func TestMoreOfAServiceHoldsAtOnceAndLessAtTheRenewal(t *testing.T) {
	t.Parallel()
	type amounts = limits
	in, sms := plan.ServiceInput, plan.ServiceSMS
	mail, run := plan.ServiceEmail, plan.ServiceAnalysis
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
			rules.Same(t, "the account", got, want)
			var lines []string
			for _, c := range charges {
				lines = append(lines, fmt.Sprintf("%s %d %d", c.What(), c.Limit, c.Amount))
				if c.Account != anaID || c.Kind != billing.ChargeService || c.From != test.now ||
					c.To != renewal ||
					c.ID != "" ||
					c.Profile != "" {
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
		change := edit{Services: limits{plan.ServiceInput: 3_000_000, plan.ServiceSMS: n}}
		_, charges, err := subscriber(plan.Scale, 2).EditSubscription(change, halfway)
		want := "invalid: services.sms.limit must be one of 10, 100, 200, 500, 1000, 5000, 10000, 20000, 30000, 40000, 50000"
		if problemtest.Text(err) != want || charges != nil {
			t.Errorf("%d: got %v, %q", n, charges, problemtest.Text(err))
		}
	}
	for _, s := range plan.Services() {
		for _, tier := range s.Tiers() {
			change := edit{Services: limits{s: tier.Amount}}
			_, _, err := subscriber(plan.Scale, 2).EditSubscription(change, halfway)
			if err != nil {
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
			want["home"] = billing.Share{Allocation: everything, Updated: halfway}
		}
		rules.Same(t, fmt.Sprint(n, " profiles"), got.Shares, want)
	}
	// A scheduled change changes nothing yet.
	a := subscriber(plan.Scale, 1)
	a.Limits[plan.ServiceSMS] = 500
	a.Shares["home"] = billing.Share{Allocation: a.Limits, Updated: bought}
	got, _ := edited(t, a, halfway, edit{Services: limits{plan.ServiceSMS: 10}})
	rules.Same(t, "less", got.Shares, a.Shares)
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
				rules.Same(t, "the account before", a, before)
				if problemtest.Text(err) != test.says {
					t.Fatalf("got %q, want %q", problemtest.Text(err), test.says)
				}
				if err != nil {
					rules.Same(t, "the charges", charges, nil)
					return
				}
				a = next
				for _, c := range charges {
					lines = append(lines, fmt.Sprint(c.What(), " ", c.Profile, " ", c.Amount))
					if c.Account != anaID || c.Kind != billing.ChargeAddon || c.From != halfway ||
						c.To != renewal ||
						c.Limit != 0 {
						t.Errorf("got %+v", c)
					}
				}
			}
			rules.Same(t, "who has custom_dns", a.ProfilesWith(dns), test.dns)
			rules.Same(t, "who has mobile", a.ProfilesWith(mobile), test.mobile)
			if got := strings.Join(lines, ", "); got != test.charges {
				t.Errorf("got %q, want %q", got, test.charges)
			}
			var waits addons
			if a.Schedule != nil {
				waits = a.Schedule.Addons
			}
			rules.Same(t, "what ends", waits, test.waits)
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
		rules.Same(t, name, got, want)
		rules.Same(t, name+", before", waiting, before)
		if _, err := got.CancelSchedule(later); problemtest.Text(err) !=
			"invalid: Nothing is scheduled: the subscription is renewed as it is" {
			t.Errorf("%s, once more: got %q", name, problemtest.Text(err))
		}
	}
	a.Schedule = &schedule{Services: limits{}}
	if _, err := a.CancelSchedule(later); !errors.Is(err, billing.ErrNothingScheduled) {
		t.Errorf("a schedule of nothing: got %v", err)
	}
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
		a := tenancy.Account{
			Subscription: billing.Subscription{Plan: plan.Scale, Anchor: moment(t, "anchor")},
		}
		now, price := moment(t, "now"), rapid.Int64Range(0, 1_000_000).Draw(t, "price")
		c := a.Cycle(now)
		days := int64(c.End.Sub(c.Start) / day)
		if got := a.Prorated(price, false, c.Start); got != price {
			t.Fatalf("at the beginning of %v: got %d of %d", c, got, price)
		}
		if got := a.Prorated(price, false, c.End.Add(-tick)); got < price/days ||
			got > price/days+1 {
			t.Fatalf("on the last of %d days: got %d of %d", days, got, price)
		}
		left := int64((c.End.Sub(now) + day - 1) / day)
		if got := a.Prorated(price, false, now); got*days < price*left-days ||
			got*days > price*left+days ||
			got > price {
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

// worth is the price that an account pays for a cycle, computed from the
// catalogue alone.
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
		if s.Plan == nil && len(s.Services) == 0 && len(s.Addons) == 0 ||
			s.Plan != nil && s.Plan.Price() >= a.Plan.Price() {
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

// An account changes its subscription, lets time go by, and is renewed, in any
// order. It must always pay the prices of the catalogue.
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
					if c.Amount < 0 || c.From != now || c.To != next.PaidUntil ||
						!c.From.Before(c.To) ||
						c.Account != a.ID {
						t.Fatalf("%+v: charged is %+v", e, c)
					}
				}
				if sum, most := total(charges), worth(next)-worth(a); sum > most ||
					(most == 0) != (len(charges) == 0) ||
					sum < 0 {
					t.Fatalf(
						"%+v: charged is %d, and the difference for a whole cycle is %d",
						e,
						sum,
						most,
					)
				}
				// At the beginning of a cycle, all of it is due.
				if now == next.Cycle(now).Start && total(charges) != worth(next)-worth(a) {
					t.Fatalf("%+v: charged is %d, want %d", e, total(charges), worth(next)-worth(a))
				}
				for s, n := range a.Limits {
					if next.Limits[s] < n {
						t.Fatalf(
							"%+v: the limit of %s has gone from %d to %d before the renewal",
							e,
							plan.Service(s),
							n,
							next.Limits[s],
						)
					}
				}
				if next.Plan.Price() < a.Plan.Price() {
					t.Fatalf(
						"the plan has gone from %s to %s before the renewal",
						a.Plan,
						next.Plan,
					)
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
				now = now.Add(
					time.Duration(rapid.Int64Range(0, int64(20*day/tick)).Draw(t, "ms")) * tick,
				)
				for !a.PaidUntil.IsZero() && !now.Before(a.PaidUntil) {
					end := a.PaidUntil
					expected, upcoming := a.Upcoming()
					next, charges, err := a.Renew(now)
					if err != nil || next.Schedule != nil || total(charges) != worth(next) {
						t.Fatalf("got %+v, %v, %v, want to pay %d", next, charges, err, worth(next))
					}
					if expected.Updated = now; !reflect.DeepEqual(expected, next) ||
						!reflect.DeepEqual(upcoming, charges) {
						t.Fatalf(
							"got %+v, %v, and expected %+v, %v",
							next,
							charges,
							expected,
							upcoming,
						)
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
			t.Fatalf(
				"%s: %d straight, and %d over %d",
				s,
				total(there),
				total(over),
				list[j].Amount,
			)
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

func must(
	t *rapid.T,
	a tenancy.Account,
	now time.Time,
	edits ...edit,
) (tenancy.Account, []billing.Charge) {
	t.Helper()
	var all []billing.Charge
	for _, e := range edits {
		next, charges, err := a.EditSubscription(e, now)
		if err != nil {
			t.Fatalf("%+v: got %v", e, err)
		}
		a, all = next, append(all, charges...)
	}
	return a, all
}
