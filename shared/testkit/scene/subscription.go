package scene

import (
	"time"

	"profiles/shared/billing"
	"profiles/shared/operation"
	"profiles/shared/plan"
	"profiles/shared/store"
	"profiles/shared/testkit"
	"profiles/shared/value"
)

// The same plan, limit or add-on again is charged nothing more; that it was
// asked for is one more entry of the audit log.
func ofSubscriptions() []Scene {
	raise := Object{"services": Object{"input": Object{"limit": 3_000_000}}}
	return []Scene{
		{
			Operation: operation.SubscriptionGet,
			Send:      "GET /account/subscription", Cost: Cost{2, 1, 2, 3, 0},
		},
		{
			Operation: operation.SubscriptionEdit, What: "a lower plan is scheduled",
			Send: "POST /account/subscription", Body: Object{"plan": "starter"},
			Cost: Cost{3, 2, 3, 3, 10}, More: "L+1",
		},
		{
			Operation: operation.SubscriptionEdit, What: "a service, one profile",
			Prepare: dropsOther,
			Send:    "POST /account/subscription", Body: raise,
			Cost: Cost{3, 2, 3, 3, 13}, Calm: true,
		},
		{
			Operation: operation.SubscriptionEdit, What: "a service, five profiles",
			Prepare: growsToFive,
			Send:    "POST /account/subscription", Body: raise,
			Cost: Cost{3, 2, 3, 3, 15}, More: "L+1",
		},
		{
			Operation: operation.SubscriptionEdit, What: "the first plan",
			Prepare: func(s *Stage) {
				s.Ana = s.QuickIn(s.Ana.Timezone, "zoe")
				paysNothing(s, s.Ana)
			},
			Send: "POST /account/subscription", Body: Object{"plan": "scale"},
			Cost: Cost{3, 2, 3, 3, 13}, More: "L+1",
		},
		{
			Operation: operation.SubscriptionEdit, What: "an add-on, five profiles",
			Prepare: growsToFive,
			Send:    "POST /account/subscription",
			Body:    Object{"addons": Object{"mobile": []string{"HOME"}}},
			Cost:    Cost{3, 2, 3, 3, 17}, More: "L+1",
		},
		{
			Operation: operation.SubscriptionEdit, What: "after a late renewal that lowers",
			Prepare: late,
			Send:    "POST /account/subscription", Body: raise,
			Cost: Cost{8, 7, 8, 10, 30}, Calm: true,
		},
		{
			Operation: operation.SubscriptionSummary,
			Send:      "GET /account/subscription/summary", Cost: Cost{2, 1, 2, 3, 0},
		},
		{
			Operation: operation.SubscriptionSchedule, Prepare: schedules,
			Send: "GET /account/subscription/schedule", Cost: Cost{2, 1, 2, 3, 0},
		},
		{
			Operation: operation.SubscriptionScheduleCancel, Prepare: schedules,
			Send: "DELETE /account/subscription/schedule", Cost: Cost{3, 2, 3, 3, 10}, Again: 400,
		},
		{
			Operation: operation.SubscriptionScheduleCancel,
			What:      "after a late renewal that lowers", Prepare: late,
			Send: "DELETE /account/subscription/schedule",
			Cost: Cost{7, 6, 7, 10, 22}, Denied: 400, Calm: true,
		},
		// A run that meets contention leaves the renewal to the next one.
		{
			Operation: operation.SubscriptionRenew, What: "one that stays as it is",
			Prepare: paysAlone, Cost: Cost{11, 11, 11, 6, 10},
		},
		{
			Operation: operation.SubscriptionRenew, What: "one with everything scheduled",
			Prepare: func(s *Stage) {
				growsToFive(s)
				grows(s)
				schedules(s)
				paysAlone(s)
			},
			Cost: Cost{12, 12, 12, 11, 30},
		},
		{Operation: operation.PricingProrated, Send: "GET /pricing/prorated", Cost: Cost{2, 1, 2, 3, 0}},
		{Operation: operation.PlanGet, Send: "GET /account/plan", Cost: Cost{2, 1, 2, 3, 0}},
		{
			Operation: operation.PlanEdit,
			Send:      "POST /account/plan/", Body: Object{"plan": "starter"},
			Cost: Cost{3, 2, 3, 3, 10}, More: "L+1",
		},
		{
			Operation: operation.PlanEdit, What: "after a late renewal that lowers", Prepare: late,
			Send: "POST /account/plan/", Body: Object{"plan": "scale"},
			Cost: Cost{8, 7, 8, 10, 32}, Calm: true,
		},
		{
			Operation: operation.CouponGet,
			Send:      "GET /account/subscription/coupon/HALF", Cost: Cost{2, 1, 2, 3, 0}, Denied: 404,
		},
	}
}

// growsToFive gives ana three profiles more.
func growsToFive(s *Stage) {
	for _, name := range []string{"third", "fourth", "fifth"} {
		s.Ana.Profile(name)
	}
}

// grows buys a service, and an add-on for both profiles.
func grows(s *Stage) {
	buys(s, 3_000_000)
	edits(s, billing.SubscriptionEdit{Addons: map[plan.Addon][]value.ProfileID{
		plan.AddonMobile: {s.Ana.Home, s.Other}, plan.AddonCustomDNS: {s.Ana.Home},
	}})
	s.OK(s.Billing.Allocate(s.Context(), s.Ana.Client(operation.AllocationEdit),
		map[value.ProfileID]map[plan.Service]int64{
			s.Ana.Home: {plan.ServiceInput: 1_000_000}, s.Other: {plan.ServiceInput: 2_000_000},
		}))
}

// schedules leaves everything that can be scheduled for the renewal.
func schedules(s *Stage) {
	chosen := plan.Starter
	edits(s, billing.SubscriptionEdit{Plan: &chosen})
	buys(s, 1_000_000)
	none := map[plan.Addon][]value.ProfileID{plan.AddonMobile: {}}
	edits(s, billing.SubscriptionEdit{Addons: none})
}

// buys asks for so much of a service.
func buys(s *Stage, n int64) {
	s.Helper()
	limits := map[plan.Service]int64{plan.ServiceInput: n}
	edits(s, billing.SubscriptionEdit{Services: limits})
}

func edits(s *Stage, e billing.SubscriptionEdit) {
	s.Helper()
	s.OK(s.Billing.Edit(s.Context(), s.Ana.Client(operation.SubscriptionEdit), e))
}

// late leaves a renewal that lowers what both profiles have, and to which no
// sweep has come.
func late(s *Stage) {
	grows(s)
	schedules(s)
	s.Advance(31 * 24 * time.Hour)
	s.Ana.Token = s.Ana.Mint(s.Ana.Home, "")
}

// paysAlone leaves ana's subscription, and nobody else's, to be renewed.
func paysAlone(s *Stage) {
	paysNothing(s, s.Ben, s.Sam)
	s.Advance(31 * 24 * time.Hour)
}

// paysNothing gives people the plan free.
func paysNothing(s *Stage, those ...testkit.Person) {
	for _, p := range those {
		batch := s.Store.Batch()
		account := batch.Account(p.ID)
		s.OK(batch.Get(s.Context()))
		was := account.Value
		account.Value.Plan, account.Value.PaidUntil = plan.Free, time.Time{}
		tx := s.Store.Begin()
		tx.Reallocate(was, account.Value, nil, s.Now(), account.Value.ProfileIDs()...)
		s.OK(tx.CommitAside(s.Context(), store.Origin{}))
	}
}
