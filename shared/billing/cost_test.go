package billing_test

import (
	"fmt"
	"maps"
	"math/big"
	"reflect"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"profiles/shared/billing"
	"profiles/shared/plan"
	"profiles/shared/problem"
	"profiles/shared/problem/problemtest"
	"profiles/shared/testkit/rules"
	"profiles/shared/value"
)

// had is a snapshot of sms: the limit, and the allocation of each profile.
func had(when time.Time, limit int64, shares map[value.ProfileID]int64) billing.Snapshot {
	s := billing.Snapshot{
		Time:   when,
		Limits: plan.Amounts{plan.ServiceSMS: limit, plan.ServiceInput: 77},
		Shares: map[value.ProfileID]billing.Share{},
	}
	for id, n := range shares {
		s.Shares[id] = billing.Share{
			Allocation: plan.Amounts{plan.ServiceSMS: n, plan.ServiceInput: 7},
		}
	}
	return s
}

// with is a snapshot of the add-on mobile: for each profile, whether it had it.
func with(when time.Time, shares map[value.ProfileID]bool) billing.Snapshot {
	s := billing.Snapshot{Time: when, Shares: map[value.ProfileID]billing.Share{}}
	for id, has := range shares {
		s.Shares[id] = billing.Share{Addons: billing.Addons{Mobile: has, CustomDNS: !has}}
	}
	return s
}

func divided(lines []billing.CostLine) map[value.ProfileID]int64 {
	out := map[value.ProfileID]int64{}
	for _, l := range lines {
		out[l.Profile] += l.Amount
	}
	return out
}

func TestACleanSplitOfACharge(t *testing.T) {
	t.Parallel()
	type n = map[value.ProfileID]int64
	type b = map[value.ProfileID]bool
	type history = []billing.Snapshot
	service := billing.Charge{
		ID:      "c",
		Account: anaID,
		Kind:    billing.ChargeService,
		Service: plan.ServiceSMS,
		Limit:   100,
		Amount:  3000,
		From:    bought,
		To:      renewal,
	}
	addon := billing.Charge{
		ID:      "c",
		Account: anaID,
		Kind:    billing.ChargeAddon,
		Addon:   plan.AddonMobile,
		Profile: "home",
		Amount:  3000,
		From:    bought,
		To:      renewal,
	}
	chosen := billing.Charge{
		ID:      "c",
		Account: anaID,
		Kind:    billing.ChargePlan,
		Plan:    plan.Starter,
		Amount:  4900,
		From:    bought,
		To:      renewal,
	}
	cents := func(c billing.Charge, amount int64) billing.Charge { c.Amount = amount; return c }
	later := func(c billing.Charge, from time.Time) billing.Charge { c.From = from; return c }
	for _, test := range []struct {
		name    string
		charge  billing.Charge
		history history
		want    n
	}{
		{"the plan is nobody's, whatever there was", chosen, history{had(bought, 100, n{"home": 100})}, n{"": 4900}},
		{"all of it to who had all of it", service, history{had(bought, 100, n{"home": 100})}, n{"home": 3000}},
		{"in proportion to what each had, the rest nobody's", service, history{had(bought, 100, n{"home": 50, "plant": 30})}, n{"home": 1500, "plant": 900, "": 600}},
		{"nothing to who had nothing", service, history{had(bought, 100, n{"home": 100, "plant": 0})}, n{"home": 3000}},
		{"nobody's, while nobody had anything", service, history{had(bought, 100, n{"home": 0})}, n{"": 3000}},
		{
			"and to the time for which each had it", service,
			history{had(bought, 100, n{"home": 100, "plant": 0}),
				had(bought.Add(10*day), 100, n{"home": 40, "plant": 60})}, n{"home": 1800, "plant": 1200},
		},
		{
			"what was before the charge plays no part", service,
			history{had(bought.Add(-20*day), 10, n{"home": 10}),
				had(bought.Add(-10*day), 100, n{"plant": 100})}, n{"plant": 3000},
		},
		{"nor does what came after it", service,
			history{had(bought, 100, n{"home": 100}), had(renewal, 100, n{"plant": 100})},
			n{"home": 3000}},
		{"of two changes in one moment the last counts", service,
			history{had(bought, 100, n{"home": 100}), had(bought, 100, n{"plant": 100})},
			n{"plant": 3000}},
		{"a profile that came in the middle", service,
			history{had(bought, 100, n{"home": 50}), had(halfway, 100, n{"home": 50, "plant": 50})},
			n{"home": 1500, "plant": 750, "": 750}},
		{"a profile that left in the middle, whose share nobody has", service,
			history{had(bought, 100, n{"home": 50, "plant": 50}), had(halfway, 100, n{"home": 50})},
			n{"home": 1500, "plant": 750, "": 750}},
		{
			"a limit that rises weighs more from then on", service,
			history{had(bought, 100, n{"home": 100}), had(halfway, 300, n{"home": 100, "plant": 200})},
			n{"home": 1500, "plant": 1500},
		},
		{"what was bought in the middle is divided from then on", later(service, halfway), history{had(bought, 10, n{"home": 10}), had(halfway, 100, n{"plant": 100})}, n{"plant": 3000}},
		{"before anything was written down, what came first holds", service, history{had(bought.Add(29*day), 100, n{"home": 50, "plant": 50})}, n{"home": 1500, "plant": 1500}},
		{"what came first after the charge still holds", service, history{had(renewal.Add(day), 100, n{"home": 100})}, n{"home": 3000}},
		{"and so it does before a second one", service,
			history{had(bought.Add(day), 100, n{"home": 100}), had(halfway, 100, n{"plant": 100})},
			n{"home": 1500, "plant": 1500}},
		{"nothing written down is nobody's", service, nil, n{"": 3000}},
		{"no time at all is nobody's", later(service, renewal), history{had(bought, 100, n{"home": 100})}, n{"": 3000}},
		{"more allocated than there is leaves nothing over", service, history{had(bought, 10, n{"home": 30, "plant": 30})}, n{"home": 1500, "plant": 1500}},

		{"a cent that is left goes to who lost most", cents(service, 100), history{had(bought, 3, n{"home": 2, "plant": 1})}, n{"home": 67, "plant": 33}},
		{"of equals, to the older", cents(service, 10), history{had(bought, 3, n{"a": 1, "b": 1, "c": 1})}, n{"a": 4, "b": 3, "c": 3}},
		{"two of three", cents(service, 2), history{had(bought, 3, n{"a": 1, "b": 1, "c": 1})}, n{"a": 1, "b": 1}},
		{"nothing is divided into nothing", cents(service, 0), history{had(bought, 3, n{"a": 1})}, n{}},

		{"an add-on to who has it", addon, history{with(bought, b{"home": true, "plant": true})}, n{"home": 3000}},
		{"an add-on of a profile that left in the middle", addon,
			history{with(bought, b{"home": true}), with(bought.Add(10*day), b{"plant": true})},
			n{"home": 1000, "": 2000}},
		{"an add-on of a profile that was gone before", addon, history{with(bought, b{"plant": true})}, n{"": 3000}},
		{
			"an add-on of a profile that left and came back", addon,
			history{with(bought, b{"home": true}), with(bought.Add(10*day), b{}),
				with(bought.Add(25*day), b{"home": true})}, n{"home": 1500, "": 1500},
		},
		{"an add-on of a profile that has lost it", addon,
			history{with(bought, b{"home": true}), with(halfway, b{"home": false})},
			n{"home": 1500, "": 1500}},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			lines := test.charge.Split(test.history)
			if got := divided(lines); !maps.Equal(got, test.want) || len(lines) != len(test.want) {
				t.Errorf("got %v, want %v", got, test.want)
			}
			for _, l := range lines {
				rules.Same(t, "the charge of a line", l.Charge, test.charge)
			}
			if !slices.IsSortedFunc(lines,
				func(a, b billing.CostLine) int { return cmpID(a.Profile, b.Profile) }) {
				t.Errorf("the lines are in no order: %v", lines)
			}
		})
	}
}

func cmpID(a, b value.ProfileID) int {
	switch {
	case a < b:
		return -1
	case a > b:
		return 1
	}
	return 0
}

// aHistory draws what an account had from before a charge to after it: limits
// rise, shares change, profiles come and go.
func aHistory(t *rapid.T, from, to time.Time) []billing.Snapshot {
	names := []value.ProfileID{"a", "b", "c", "d", "e"}
	var out []billing.Snapshot
	when := from.Add(
		-time.Duration(rapid.Int64Range(0, int64(2*day/tick)).Draw(t, "before")) * tick,
	)
	for range rapid.IntRange(1, 6).Draw(t, "changes") {
		s := billing.Snapshot{Time: when, Shares: map[value.ProfileID]billing.Share{}}
		for _, one := range plan.Services() {
			s.Limits[one] = rapid.SampledFrom(one.Tiers()).Draw(t, "limit").Amount
		}
		free := s.Limits
		for _, id := range names {
			if rapid.IntRange(0, 2).Draw(t, "is there") == 0 {
				continue
			}
			var share billing.Share
			for one := range free {
				share.Allocation[one] = rapid.OneOf(rapid.Int64Range(0, free[one]),
					rapid.SampledFrom([]int64{0, free[one]})).
					Draw(t, "share")
				free[one] -= share.Allocation[one]
			}
			share.Addons = billing.Addons{
				Mobile:    rapid.Bool().Draw(t, "mobile"),
				CustomDNS: rapid.Bool().Draw(t, "dns"),
			}
			s.Shares[id] = share
		}
		out = append(out, s)
		when = when.Add(
			time.Duration(
				rapid.OneOf(rapid.Int64Range(0, int64(to.Sub(from)/tick)), rapid.Int64Range(0, 1)).
					Draw(t, "ms"),
			) * tick,
		)
	}
	return out
}

func aCharge(t *rapid.T, from time.Time) billing.Charge {
	c := billing.Charge{
		ID:      "c",
		Account: anaID,
		From:    from,
		To: from.Add(
			time.Duration(
				rapid.OneOf(rapid.Int64Range(1, int64(31*day/tick)), rapid.Int64Range(0, 3)).
					Draw(t, "length"),
			) * tick,
		),
		Amount: rapid.OneOf(rapid.Int64Range(0, 20), rapid.Int64Range(0, 700_000)).
			Draw(t, "amount"),
		Kind: rapid.SampledFrom([]billing.ChargeKind{billing.ChargeService, billing.ChargeService,
			billing.ChargeAddon, billing.ChargePlan}).
			Draw(t, "kind"),
	}
	switch c.Kind {
	case billing.ChargeService:
		c.Service = rapid.SampledFrom(plan.Services()).Draw(t, "service")
	case billing.ChargeAddon:
		c.Addon, c.Profile = rapid.SampledFrom(plan.AllAddons()).
			Draw(t, "add-on"),
			rapid.SampledFrom([]value.ProfileID{"a", "b", "gone"}).
				Draw(t, "profile")
	case billing.ChargePlan:
		c.Plan = plan.Scale
	}
	return c
}

// fair computes the parts of a charge another way: for each time between two
// changes, what each profile had times its length.
func fair(c billing.Charge, history []billing.Snapshot) (parts map[value.ProfileID]*big.Rat) {
	weights, all := map[value.ProfileID]*big.Int{}, new(big.Int)
	borders := []time.Time{c.From, c.To}
	for _, s := range history {
		if s.Time.After(c.From) && s.Time.Before(c.To) {
			borders = append(borders, s.Time)
		}
	}
	slices.SortFunc(borders, time.Time.Compare)
	for i := range borders[:len(borders)-1] {
		in := history[0]
		for _, s := range history {
			if !s.Time.After(borders[i]) {
				in = s
			}
		}
		length := big.NewInt(borders[i+1].Sub(borders[i]).Milliseconds())
		weigh := func(id value.ProfileID, n int64) {
			w := new(big.Int).Mul(length, big.NewInt(n))
			if weights[id] == nil {
				weights[id] = new(big.Int)
			}
			weights[id].Add(weights[id], w)
			all.Add(all, w)
		}
		if c.Kind == billing.ChargeAddon {
			share := in.Shares[c.Profile]
			if c.Addon == plan.AddonMobile && share.Addons.Mobile ||
				c.Addon == plan.AddonCustomDNS && share.Addons.CustomDNS {
				weigh(c.Profile, 1)
			} else {
				weigh("", 1)
			}
			continue
		}
		rest := in.Limits[c.Service]
		for id, share := range in.Shares {
			weigh(id, share.Allocation[c.Service])
			rest -= share.Allocation[c.Service]
		}
		weigh("", rest)
	}
	parts = map[value.ProfileID]*big.Rat{}
	if all.Sign() == 0 || c.Kind == billing.ChargePlan {
		return map[value.ProfileID]*big.Rat{"": new(big.Rat).SetInt64(c.Amount)}
	}
	for id, w := range weights {
		parts[id] = new(big.Rat).Mul(new(big.Rat).SetFrac(w, all), new(big.Rat).SetInt64(c.Amount))
	}
	return parts
}

func TestTheLinesOfAChargeAddUpToTheCent(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		c := aCharge(t, moment(t, "from"))
		history := aHistory(t, c.From, c.To)
		if rapid.IntRange(0, 4).Draw(t, "late") == 0 {
			// A history that begins late counts as if it had begun early.
			history = history[rapid.IntRange(0, len(history)-1).Draw(t, "first"):]
		}
		lines := c.Split(history)
		var sum int64
		seen := map[value.ProfileID]bool{}
		parts := fair(c, history)
		for _, l := range lines {
			sum += l.Amount
			if l.Amount < 0 || l.Charge != c || seen[l.Profile] || len(lines) > 1 && l.Amount == 0 {
				t.Fatalf("got the line %+v of %+v", l, lines)
			}
			seen[l.Profile] = true
		}
		if sum != c.Amount {
			t.Fatalf("the lines add up to %d of %d: %+v", sum, c.Amount, lines)
		}
		// No part differs from the fair one by more than a cent.
		got := divided(lines)
		for id := range got {
			if parts[id] == nil {
				t.Fatalf("%q is charged %d for nothing, of %v", id, got[id], parts)
			}
		}
		for id, want := range parts {
			off := new(big.Rat).Sub(new(big.Rat).SetInt64(got[id]), want)
			if off.Abs(off).Cmp(big.NewRat(1, 1)) >= 0 {
				t.Fatalf("%q is charged %d, want %s", id, got[id], want.FloatString(3))
			}
		}
		if again := c.Split(history); !reflect.DeepEqual(again, lines) {
			t.Fatalf("the same again is divided otherwise: %+v, and %+v", lines, again)
		}
	})
}

func TestTheCostOfAMonth(t *testing.T) {
	t.Parallel()
	month := rules.At(t, "2030-04-01T00:00:00Z")
	type n = map[value.ProfileID]int64
	history := []billing.Snapshot{had(bought, 100, n{"home": 50, "plant": 25})}
	for id, share := range history[0].Shares {
		share.Addons.Mobile = id == "plant"
		history[0].Shares[id] = share
	}
	charges := []billing.Charge{
		{
			ID:     "1",
			Kind:   billing.ChargePlan,
			Plan:   plan.Starter,
			Amount: 4900,
			From:   bought,
			To:     renewal,
		},
		{
			ID:      "2",
			Kind:    billing.ChargeService,
			Service: plan.ServiceSMS,
			Limit:   100,
			Amount:  1001,
			From:    bought,
			To:      renewal,
		},
		{
			ID:      "3",
			Kind:    billing.ChargeAddon,
			Addon:   plan.AddonMobile,
			Profile: "plant",
			Amount:  9900,
			From:    bought,
			To:      renewal,
		},
	}
	got := billing.CostOf(month, charges, history)
	want := billing.Cost{
		From:    month,
		To:      rules.At(t, "2030-05-01T00:00:00Z"),
		Total:   15801,
		Charges: charges,
		Lines: []billing.CostLine{
			{"", charges[0], 4900},
			{"", charges[1], 250},
			{"home", charges[1], 501},
			{"plant", charges[1], 250},
			{"plant", charges[2], 9900},
		},
	}
	rules.Same(t, "the month", got, want)
	rules.Same(t, "home", got.Of("home"),
		billing.Cost{From: want.From, To: want.To, Total: 501, Lines: want.Lines[2:3]})
	rules.Same(t, "plant", got.Of("plant"),
		billing.Cost{From: want.From, To: want.To, Total: 10150, Lines: want.Lines[3:]})
	rules.Same(t, "nobody", got.Of(""),
		billing.Cost{From: want.From, To: want.To, Total: 5150, Lines: want.Lines[:2]})
	rules.Same(t, "a stranger", got.Of("theirs"), billing.Cost{From: want.From, To: want.To})
	rules.Same(t, "a month without charges", billing.CostOf(month, nil, history),
		billing.Cost{From: want.From, To: want.To})
	if to := billing.CostOf(rules.At(t, "2030-12-01T00:00:00Z"), nil, nil).To; to != rules.At(t,
		"2031-01-01T00:00:00Z") {
		t.Errorf("December ends at %v", to)
	}
}

func TestTheCostsOfProfilesAddUpToThatOfTheAccount(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		from := moment(t, "from")
		var charges []billing.Charge
		for i := range rapid.IntRange(0, 5).Draw(t, "charges") {
			c := aCharge(t, from)
			c.ID = fmt.Sprint(i)
			charges = append(charges, c)
		}
		cost := billing.CostOf(from, charges, aHistory(t, from, from.Add(30*day)))
		var lines int64
		for _, l := range cost.Lines {
			lines += l.Amount
		}
		var parts int64
		for _, id := range []value.ProfileID{"", "a", "b", "c", "d", "e", "gone"} {
			part := cost.Of(id)
			parts += part.Total
		}
		if want := total(charges); cost.Total != want || lines != want || parts != want {
			t.Fatalf("the total is %d, the lines are %d, the profiles have %d, want %d", cost.Total,
				lines, parts, want)
		}
	})
}

func TestParseMonth(t *testing.T) {
	t.Parallel()
	now := rules.At(t, "2026-11-24T12:00:00Z")
	for _, test := range []struct{ name, text, want string }{
		{"none is that of now", "", "2026-11-01T00:00:00Z"},
		{"that of now", "2026-11", "2026-11-01T00:00:00Z"},
		{"an earlier one", "2025-02", "2025-02-01T00:00:00Z"},
		{"one that is not yet", "2026-12", ""},
		{"a year that is not yet", "9999-01", ""},
		{"a month that there is not", "2026-13", ""},
		{"month 0", "2026-00", ""},
		{"a day", "2026-11-24", ""},
		{"a year", "2026", ""},
		{"one digit", "2026-1", ""},
		{"blanks around it", " 2026-11", ""},
		{"another order", "11-2026", ""},
		{"words", "November 2026", ""},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			got, err := billing.ParseMonth(test.text, now)
			if test.want == "" {
				if problemtest.Text(err) !=
					"invalid: month must be one such as 2026-11, and not in the future" {
					t.Errorf("got %v, %q", got, problemtest.Text(err))
				}
				return
			}
			if err != nil || got != rules.At(t, test.want) {
				t.Errorf("got %v, %v, want %s", got, err, test.want)
			}
		})
	}
	first := rules.At(t, "2026-11-01T00:00:00Z")
	if got, err := billing.ParseMonth("2026-11", first); err != nil || got != first {
		t.Errorf("in its first moment: got %v, %v", got, err)
	}
	_, err := billing.ParseMonth("2026-11", first.Add(-tick))
	if problem.CodeOf(err) != problem.CodeInvalid {
		t.Errorf("a moment before it: got %v", err)
	}
}
