package billing_test

import (
	"errors"
	"testing"
	"time"

	"profiles/shared/billing"
	"profiles/shared/plan"
	"profiles/shared/problem"
	"profiles/shared/tenancy"
	"profiles/shared/testkit/rules"
	"profiles/shared/value"
)

// A renewal is run by a schedule some time after the end of the cycle. A
// purchase in between must not be charged twice.
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
			} else if !errors.Is(err, problem.ErrDone) {
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
	next := rules.At(t, "2030-06-01T10:00:00Z")
	a := subscriber(plan.Scale, 3)
	a.Limits[plan.ServiceSMS], a.Limits[plan.ServiceInput] = 500, 20_000_000
	a.Limits[plan.ServiceAnalysis] = 6000
	for id, n := range map[value.ProfileID]int64{"home": 300, "plant": 150, "yard": 50} {
		share := a.Shares[id]
		share.Allocation[plan.ServiceSMS] = n
		share.Addons.CustomDNS = id != "yard"
		a.Shares[id] = share
	}
	a, _ = edited(
		t,
		a,
		halfway,
		edit{Services: limits{plan.ServiceSMS: 100, plan.ServiceInput: 3_000_000}},
		toPlan(plan.Starter),
		edit{Addons: addons{plan.AddonMobile: {}, plan.AddonCustomDNS: {"home"}}},
	)
	before := frozen(a)
	want := frozen(a)
	want.Plan, want.Schedule, want.PaidUntil, want.Updated = plan.Starter, nil, next, now
	want.Limits[plan.ServiceSMS], want.Limits[plan.ServiceInput] = 100, 3_000_000
	for id, n := range map[value.ProfileID]int64{"home": 60, "plant": 30, "yard": 10} {
		share := want.Shares[id]
		share.Allocation[plan.ServiceSMS] = n
		share.Addons = billing.Addons{CustomDNS: id == "home"}
		share.Updated = renewal
		want.Shares[id] = share
	}
	got, charges, err := a.Renew(now)
	if err != nil {
		t.Fatal(err)
	}
	rules.Same(t, "the account", got, want)
	rules.Same(t, "the account before", a, before)
	rules.Same(t, "the charges", charges, []billing.Charge{
		{
			Account: anaID,
			Kind:    billing.ChargePlan,
			Plan:    plan.Starter,
			Amount:  4900,
			From:    renewal,
			To:      next,
		},
		{
			Account: anaID,
			Kind:    billing.ChargeService,
			Service: plan.ServiceInput,
			Limit:   3_000_000,
			Amount:  2000,
			From:    renewal,
			To:      next,
		},
		{
			Account: anaID,
			Kind:    billing.ChargeService,
			Service: plan.ServiceSMS,
			Limit:   100,
			Amount:  250,
			From:    renewal,
			To:      next,
		},
		{
			Account: anaID,
			Kind:    billing.ChargeService,
			Service: plan.ServiceAnalysis,
			Limit:   6000,
			Amount:  3000,
			From:    renewal,
			To:      next,
		},
		{
			Account: anaID,
			Kind:    billing.ChargeAddon,
			Addon:   plan.AddonCustomDNS,
			Profile: "home",
			Amount:  9900,
			From:    renewal,
			To:      next,
		},
	})
	if got, want := charges[2].What()+" "+charges[4].What(), "sms custom_dns"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestRenewWaitsForTheEndOfTheCycle(t *testing.T) {
	t.Parallel()
	for name, a := range map[string]tenancy.Account{"a subscriber": subscriber(plan.Starter, 1),
		"an account with the plan free": subscriber(plan.Free, 1)} {
		got, charges, err := a.Renew(renewal.Add(-tick))
		if !errors.Is(err, problem.ErrDone) || charges != nil {
			t.Errorf("%s: got %v, %v", name, charges, err)
		}
		rules.Same(t, name, got, a)
	}
	_, _, err := subscriber(plan.Free, 1).Renew(renewal.AddDate(9, 0, 0))
	if !errors.Is(err, problem.ErrDone) {
		t.Errorf("the plan free is never renewed: got %v", err)
	}
	if got, charges, err := subscriber(plan.Starter, 1).Renew(renewal); err != nil ||
		len(charges) != 1 ||
		got.PaidUntil != rules.At(t, "2030-06-01T10:00:00Z") {
		t.Errorf("at the end: got %+v, %v, %v", got, charges, err)
	}
}

func TestALateRenewalIsMadeForEachCycle(t *testing.T) {
	t.Parallel()
	a := subscriber(plan.Starter, 2)
	a.Anchor, a.PaidUntil = rules.At(t, "2030-01-31T10:00:00Z"), rules.At(t, "2030-02-28T10:00:00Z")
	now := rules.At(t, "2030-05-30T12:00:00Z")
	var spans []string
	for {
		next, charges, err := a.Renew(now)
		if errors.Is(err, problem.ErrDone) {
			break
		}
		for _, c := range charges {
			if c.Kind == billing.ChargePlan {
				spans = append(spans, c.From.Format("0102T15")+"-"+c.To.Format("0102T15"))
			}
		}
		if total(charges) != 14800 || next.Updated != now {
			t.Errorf("got %v, %v", charges, next.Updated)
		}
		a = next
	}
	rules.Same(t, "the cycles", spans, []string{"0228T10-0331T10", "0331T10-0430T10", "0430T10-0531T10"})
}

func TestAnEndedSubscriptionLeavesWhatIsIncluded(t *testing.T) {
	t.Parallel()
	now := renewal.Add(time.Minute)
	a := subscriber(plan.Scale, 3)
	a.Limits = rules.Each(2_000_000)
	for id, n := range map[value.ProfileID]int64{"home": 1_000_000, "plant": 600_000, "yard": 400_000} {
		a.Shares[id] = billing.Share{
			Allocation: rules.Each(n),
			Addons:     billing.Addons{Mobile: true, CustomDNS: id == "plant"},
			Updated:    bought,
		}
	}
	a, _ = edited(t, a, halfway, edit{Services: limits{plan.ServiceSMS: 1000}}, toPlan(plan.Free))
	got, charges, err := a.Renew(now)
	if err != nil || charges != nil {
		t.Fatalf("got %v, %v", charges, err)
	}
	want := a
	want.Plan, want.Limits = plan.Free, plan.Included()
	want.PaidUntil, want.Schedule, want.Updated = time.Time{}, nil, now
	want.Shares = map[value.ProfileID]billing.Share{
		// Of input, output (which is more than before) ... to file_storage: a
		// half, three tenths, and two tenths.
		"home": {
			Allocation: plan.Amounts{500_000, 1_000_000, 5, 50, 1500, 400_000, 5, 50, 100},
			Updated:    renewal,
		},
		"plant": {
			Allocation: plan.Amounts{300_000, 600_000, 3, 30, 900, 240_000, 3, 30, 60},
			Updated:    renewal,
		},
		"yard": {
			Allocation: plan.Amounts{200_000, 400_000, 2, 20, 600, 160_000, 2, 20, 40},
			Updated:    renewal,
		},
	}
	rules.Same(t, "the account", got, want)
	if _, charges := got.Upcoming(); charges != nil {
		t.Errorf("it is charged %v next", charges)
	}

	one := subscriber(plan.Starter, 1)
	one.Limits = rules.Each(5_000_000)
	one, _ = edited(t, one, halfway, toPlan(plan.Free))
	if got, _, err = one.Renew(now); err != nil ||
		got.Shares["home"].Allocation != plan.Included() {
		t.Errorf("an only profile: got %+v, %v", got, err)
	}
}
