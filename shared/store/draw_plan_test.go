package store_test

import (
	"pgregory.net/rapid"

	"profiles/shared/billing"
	"profiles/shared/plan"
	"profiles/shared/value"
)

// schedule is a scheduled change, or nil. One without any change is possible,
// too, because a renewal may find one.
func (d draw) schedule() *billing.Schedule {
	if d.flag("unscheduled") {
		return nil
	}
	s := &billing.Schedule{
		Services: map[plan.Service]int64{},
		Addons:   map[plan.Addon][]value.ProfileID{},
	}
	if plan := plan.Plan(d.text("next plan")); plan != "" {
		s.Plan = &plan
	}
	for _, service := range rapid.SliceOfDistinct(rapid.SampledFrom(plan.Services()),
		rapid.ID).Draw(d.T, "next services") {
		s.Services[service] = d.count("next limit") // 0 is a limit too
	}
	for _, addon := range rapid.SliceOfDistinct(rapid.SampledFrom(plan.AllAddons()),
		rapid.ID).Draw(d.T, "next add-ons") {
		for range rapid.IntRange(1, 3).Draw(d.T, "losers") {
			s.Addons[addon] = append(s.Addons[addon], value.ProfileID(d.id()))
		}
	}
	return s
}

func (d draw) billing() billing.Address {
	return billing.Address{
		Company: d.text("payer"), Country: d.text("country"), State: d.text("state"),
		City: d.text("city"), Street: d.text("street"), ZipCode: d.text("zip"),
		Comments: d.text("comments"), Updated: d.time("addressed"),
	}
}

func (d draw) charge(a value.AccountID) billing.Charge {
	c := billing.Charge{
		ID:      d.id(),
		Account: a,
		Amount:  d.count("amount"),
		From:    d.now,
		To:      d.time("to"),
		Kind: rapid.SampledFrom([]billing.ChargeKind{billing.ChargePlan, billing.ChargeService,
			billing.ChargeAddon}).
			Draw(d.T, "kind"),
	}
	switch c.Kind {
	case billing.ChargePlan:
		c.Plan = plan.Plan(d.text("bought"))
	case billing.ChargeService:
		c.Service, c.Limit = rapid.SampledFrom(plan.Services()).
			Draw(d.T, "bought"),
			d.count("limit")
	default:
		c.Addon, c.Profile = rapid.SampledFrom(plan.AllAddons()).
			Draw(d.T, "bought"),
			value.ProfileID(d.id())
	}
	return c
}

func (d draw) usage(p value.ProfileID) billing.Usage {
	u := billing.Usage{
		Profile: p, Cycle: d.time("cycle"), Hour: d.time("hour"), Used: d.amounts("used"),
		Updated: d.time("updated"), Version: rapid.Int64Range(0, 1<<40).Draw(d.T, "version"),
	}
	u.Over, u.Stops = d.amounts("over"), d.services("stops")
	for range rapid.IntRange(0, 2).Draw(d.T, "reached") {
		u.Reached = append(u.Reached, billing.Reached{
			Alert: billing.AlertID(d.id()), Armed: d.time("armed"), Threshold: d.count("threshold"),
			Time: d.time("reached"), Lifted: d.flag("lifted"),
		})
	}
	for s := range u.Alerts {
		u.Alerts[s] = billing.Passed{
			Percent: rapid.SampledFrom([]int64{0, 80, 90, 100}).Draw(d.T, "told"),
			Limit:   d.count("of"),
		}
	}
	return u
}

// line is a line of a report, and the answer to it.
func (d draw) line() (billing.UsageLine, billing.UsageAnswer) {
	service := rapid.SampledFrom(plan.Services()).Draw(d.T, "reported")
	return billing.UsageLine{
			Service: service,
			Amount:  d.count("amount"),
			Event:   d.id(),
			Time:    d.time("happened"),
		},
		billing.UsageAnswer{
			Service:  service,
			Admitted: d.flag("admitted"),
			Used:     d.count("used"),
			Limit:    d.count("limit"),
			Reset:    d.time("reset"),
		}
}

func (d draw) shares() map[value.ProfileID]billing.Share {
	shares := map[value.ProfileID]billing.Share{}
	for range rapid.IntRange(0, 3).Draw(d.T, "profiles") {
		shares[value.ProfileID(d.id())] = billing.Share{
			Allocation: d.amounts("share"),
			Addons:     billing.Addons{CustomDNS: d.flag("dns"), Mobile: d.flag("mobile")},
			Updated:    d.time("shared"),
		}
	}
	return shares
}
