package operation

import (
	"context"

	"profiles/shared/plan"
	"profiles/shared/problem"
	"profiles/shared/service"
	"profiles/shared/static"
	"profiles/shared/value"
)

var PricingProrated = Operation{
	Name:    "pricing-prorated",
	Tag:     "Subscription",
	Summary: "Returns the prices for the rest of the account's cycle.",
	Routes:  []Route{{"GET", "/pricing/prorated"}},
	Access:  BillingRead,
	Call:    get[static.PriceList](pricingProrated),
	Example: Example{Path: "/pricing/prorated"},
}

func pricingProrated(
	ctx context.Context, s *service.Services, r *request,
) (static.PriceList, error) {
	sub, err := s.Billing.Subscription(ctx, r.client)
	if err != nil {
		return static.PriceList{}, err
	}
	return static.Prices(sub.Prorated), nil
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
