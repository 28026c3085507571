package operation

import (
	"context"

	"profiles/shared/plan"
	"profiles/shared/problem"
	"profiles/shared/service"
	"profiles/shared/value"
)

var PricingGet = Operation{
	Name:    "pricing-get",
	Tag:     "Subscription",
	Summary: "Returns the prices of plans, add-ons and services, in cents for a cycle.",
	Routes:  []Route{{"GET", "/pricing"}},
	Access:  Anonymous,
	Static:  true,
	Call:    get[priceList](pricingGet),
	Example: Example{Path: "/pricing"},
}

func pricingGet(context.Context, *service.Services, *request) (priceList, error) {
	return prices(func(price int64, _ bool) int64 { return price }), nil
}

var PricingProrated = Operation{
	Name:    "pricing-prorated",
	Tag:     "Subscription",
	Summary: "Returns the prices for the rest of the account's cycle.",
	Routes:  []Route{{"GET", "/pricing/prorated"}},
	Access:  BillingRead,
	Call:    get[priceList](pricingProrated),
	Example: Example{Path: "/pricing/prorated"},
}

func pricingProrated(ctx context.Context, s *service.Services, r *request) (priceList, error) {
	sub, err := s.Billing.Subscription(ctx, r.client)
	if err != nil {
		return priceList{}, err
	}
	return prices(sub.Prorated), nil
}

type planPrice struct {
	Name   plan.Plan  `json:"name"`   // the plan
	Price  int64      `json:"price"`  // the price, in cents for a cycle
	Limits limitsView `json:"limits"` // the limits of the plan
}

type namedPrice struct {
	Name  plan.Addon `json:"name"`  // the add-on
	Price int64      `json:"price"` // the price, in cents for a cycle
}

type tierPrice struct {
	Amount int64 `json:"amount"` // the limit of a service
	Price  int64 `json:"price"`  // the price, in cents for a cycle
}

// priceList are the prices of everything, in cents for a cycle.
type priceList struct {
	Plans            []planPrice  `json:"plans"`             // the plans
	Addons           []namedPrice `json:"addons"`            // the add-ons
	Input            []tierPrice  `json:"input"`             // the tiers of input
	Output           []tierPrice  `json:"output"`            // the tiers of output
	SMS              []tierPrice  `json:"sms"`               // the tiers of sms
	Email            []tierPrice  `json:"email"`             // the tiers of email
	Analysis         []tierPrice  `json:"analysis"`          // the tiers of analysis
	DataRecords      []tierPrice  `json:"data_records"`      // the tiers of data_records
	RunUsers         []tierPrice  `json:"run_users"`         // the tiers of run_users
	PushNotification []tierPrice  `json:"push_notification"` // the tiers of push_notification
	FileStorage      []tierPrice  `json:"file_storage"`      // the tiers of file_storage
}

// prices is the price list, with each price as of gives it.
func prices(of func(price int64, consumable bool) int64) priceList {
	var list priceList
	for _, p := range plan.Plans() {
		list.Plans = append(list.Plans, planPrice{p, of(p.Price(), false), viewLimits(p)})
	}
	for _, a := range plan.AllAddons() {
		list.Addons = append(list.Addons, namedPrice{a, of(a.Price(), false)})
	}
	tiers := func(one plan.Service) (out []tierPrice) {
		for _, t := range one.Tiers() {
			out = append(out, tierPrice{t.Amount, of(t.Price, one.Consumable())})
		}
		return out
	}
	list.Input = tiers(plan.ServiceInput)
	list.Output = tiers(plan.ServiceOutput)
	list.SMS = tiers(plan.ServiceSMS)
	list.Email = tiers(plan.ServiceEmail)
	list.Analysis = tiers(plan.ServiceAnalysis)
	list.DataRecords = tiers(plan.ServiceDataRecords)
	list.RunUsers = tiers(plan.ServiceRunUsers)
	list.PushNotification = tiers(plan.ServicePushNotification)
	list.FileStorage = tiers(plan.ServiceFileStorage)
	return list
}

var PlanGet = Operation{
	Name: "plan-get", Tag: "Subscription", Summary: "Returns the account's plan.",
	Routes: []Route{{"GET", "/account/plan"}}, Access: BillingRead,
	Call:    get[planView](planGet),
	Example: Example{Path: "/account/plan"},
}

func planGet(ctx context.Context, s *service.Services, r *request) (planView, error) {
	a, err := s.Billing.Account(ctx, r.client)
	if err != nil {
		return planView{}, err
	}
	next := a.Plan
	if a.Schedule != nil && a.Schedule.Plan != nil {
		next = *a.Schedule.Plan
	}
	return planView{
		a.ID,
		a.Plan,
		1,
		timeOrNull(a.PaidUntil),
		a.Plan.Price(),
		isoTime(a.Anchor),
		next,
	}, nil
}

// planView is the plan as clients know it.
type planView struct {
	ID     value.AccountID `json:"id"`     // the id of the account
	Plan   plan.Plan       `json:"plan"`   // the plan
	Active int             `json:"active"` // always 1
	// when the cycle ends; null for a plan that is not renewed
	End     *string   `json:"end_date"   is:"time"`
	Price   int64     `json:"price"`                // the price of the plan, in cents for a cycle
	Created string    `json:"created_at" is:"time"` // when the first cycle began
	Next    plan.Plan `json:"next_plan"`            // the plan from the next renewal on
}

var errNoCoupon = problem.NotFound("Coupon")

var CouponGet = Operation{
	Name:    "coupon-get",
	Tag:     "Subscription",
	Summary: "Answers that the coupon does not exist, as there are no coupons.",
	Routes:  []Route{{"GET", "/account/subscription/coupon/{code}"}},
	Access:  BillingRead,
	Call:    get[acknowledged](couponGet),
	Example: Example{Path: "/account/subscription/coupon/SPRING"},
}

func couponGet(ctx context.Context, s *service.Services, r *request) (acknowledged, error) {
	if _, err := s.Billing.Account(ctx, r.client); err != nil {
		return "", err
	}
	return "", errNoCoupon
}
