package operation

import (
	"context"
	"time"

	"profiles/shared/billing"
	"profiles/shared/httpapi"
	"profiles/shared/plan"
	"profiles/shared/problem"
	"profiles/shared/service"
	"profiles/shared/value"
)

var SubscriptionGet = Operation{
	Name: "subscription-get", Tag: "Subscription", Summary: "Returns the account's subscription.",
	Routes: []Route{{"GET", "/account/subscription"}}, Access: BillingRead,
	Call:    get[subscriptionView](subscriptionGet),
	Example: Example{Path: "/account/subscription"},
}

func subscriptionGet(
	ctx context.Context,
	s *service.Services,
	r *request,
) (subscriptionView, error) {
	sub, err := s.Billing.Subscription(ctx, r.client)
	if err != nil {
		return subscriptionView{}, err
	}
	a := sub.Account
	v := subscriptionView{
		Account:  a.ID,
		Plan:     a.Plan,
		Services: map[string]limitView{},
		Addons:   map[plan.Addon][]value.ProfileID{},
		Cycle:    cycleView{isoTime(sub.Cycle.Start), isoTime(sub.Cycle.End)},
		Upcoming: sub.Upcoming,
	}
	for _, one := range plan.Services() {
		v.Services[one.String()] = limitView{Limit: a.Limits[one]}
	}
	for _, one := range plan.AllAddons() {
		v.Addons[one] = a.ProfilesWith(one)
	}
	return v, nil
}

// subscriptionView is the subscription in the form of the original. There is no
// payment provider, so nothing is ever in progress or overdue.
type subscriptionView struct {
	Account  value.AccountID      `json:"account"`  // the id of the account
	Plan     plan.Plan            `json:"plan"`     // the plan
	Services map[string]limitView `json:"services"` // the limit of each service
	// the profiles that have each add-on
	Addons map[plan.Addon][]value.ProfileID `json:"addons"`
	// the cycle that is paid for
	Cycle cycleView `json:"current_cycle"`
	// always false: there is no payment provider
	Processing bool `json:"processing"`
	// what the renewal will cost, in cents
	Upcoming int64 `json:"upcoming_invoice_total"`
	// always null: there are no trials
	TrialEnd *string `json:"trial_end" is:"time"`
}

type limitView struct {
	Limit int64 `json:"limit"` // the limit of the service
}

type cycleView struct {
	Start string `json:"start" is:"time"` // when the cycle starts
	End   string `json:"end"   is:"time"` // when the cycle ends
}

var SubscriptionEdit = Operation{
	Name:    "subscription-edit",
	Tag:     "Subscription",
	Summary: "Changes the plan, service limits or add-ons: at once if it costs more, at the renewal if it costs less.",
	Routes:  []Route{{"POST", "/account/subscription"}},
	Access:  Write,
	Call:    strict[subscriptionChanges, acknowledged](subscriptionEdit),
	Refuses: []problem.Reason{
		problem.ReasonNotFound,
		problem.ReasonPlanLacks,
		problem.ReasonTierUnknown,
	},
	Example: Example{
		Path: "/account/subscription",
		Body: `{"services": {"input": {"limit": 3000000}}}`,
	},
}

type subscriptionChanges struct {
	Plan *string `json:"plan" is:"plan"` // the plan
	// the limits that change, by the names of services
	Services map[string]limitChange `json:"services"`
	// the profiles that are to have an add-on, by its name
	Addons map[string][]value.ProfileID `json:"addons"`
	// refused: no coupons are issued
	Coupon string `json:"coupon" is:"text"`
	// what clients of the original send; charges are always in proportion
	Proportional httpapi.Ignored `json:"proportional_change"`
}

// limitChange is the limit of a service.
type limitChange struct {
	Limit *int64 `json:"limit"` // the limit: one of the tiers of the price list
}

func subscriptionEdit(
	ctx context.Context,
	s *service.Services,
	r *request,
	b subscriptionChanges,
) (acknowledged, error) {
	if b.Coupon != "" {
		return "", errNoCoupon
	}
	var e billing.SubscriptionEdit
	if b.Plan != nil {
		chosen, err := plan.ParsePlan(*b.Plan)
		if err != nil {
			return "", err
		}
		e.Plan = &chosen
	}
	if b.Services != nil {
		limits := map[string]int64{}
		for name, v := range b.Services {
			if v.Limit == nil {
				return "", problem.InvalidField(
					"services."+problem.Quoted(name)+".limit",
					problem.FieldRequired,
					"is required",
				)
			}
			limits[name] = *v.Limit
		}
		var err error
		if e.Services, err = plan.ParseAmounts("services", limits); err != nil {
			return "", err
		}
	}
	if b.Addons != nil {
		e.Addons = map[plan.Addon][]value.ProfileID{}
		for name, ids := range b.Addons {
			one, err := plan.ParseAddon(name)
			if err != nil {
				return "", problem.InvalidField(
					"addons",
					problem.FieldChoice,
					"must have the names of add-ons: custom_dns, mobile",
				)
			}
			e.Addons[one] = ids
		}
	}
	return "Subscription Successfully Updated", s.Billing.Edit(ctx, r.client, e)
}

var SubscriptionSummary = Operation{
	Name:    "subscription-summary",
	Tag:     "Subscription",
	Summary: "Says whether anything about the subscription is in progress, due or scheduled.",
	Routes:  []Route{{"GET", "/account/subscription/summary"}},
	Access:  BillingRead,
	Call:    get[subscriptionState](subscriptionSummary),
	Example: Example{Path: "/account/subscription/summary"},
}

func subscriptionSummary(
	ctx context.Context,
	s *service.Services,
	r *request,
) (subscriptionState, error) {
	a, err := s.Billing.Account(ctx, r.client)
	return subscriptionState{Schedule: a.Schedule != nil}, err
}

// subscriptionState says whether something is in progress. Without a payment
// provider, this can only be a scheduled change.
type subscriptionState struct {
	Processing   bool `json:"processing"`         // always false: there is no payment provider
	PaymentError none `json:"payment_error"`      // always null: there is no payment provider
	PastDue      bool `json:"past_due"`           // always false: there is no payment provider
	NoBalance    bool `json:"not_enough_balance"` // always false: there is no payment provider
	Schedule     bool `json:"schedule"`           // whether something changes with the renewal
}

var SubscriptionSchedule = Operation{
	Name:    "subscription-schedule",
	Tag:     "Subscription",
	Summary: "Returns the scheduled changes of the next renewal.",
	Routes:  []Route{{"GET", "/account/subscription/schedule"}},
	Access:  BillingRead,
	Call:    get[scheduleView](subscriptionSchedule),
	Example: Example{Path: "/account/subscription/schedule"},
}

func subscriptionSchedule(
	ctx context.Context,
	s *service.Services,
	r *request,
) (scheduleView, error) {
	a, err := s.Billing.Account(ctx, r.client)
	if err != nil {
		return scheduleView{}, err
	}
	v := scheduleView{Account: a.ID}
	if a.Schedule != nil {
		v.Release = timeOrNull(a.PaidUntil)
		next, _ := a.Upcoming()
		v.Subscription = &scheduledView{
			Plan:     a.Schedule.Plan,
			Services: map[string]limitView{},
			Addons:   map[plan.Addon][]value.ProfileID{},
		}
		for one, limit := range a.Schedule.Services {
			v.Subscription.Services[one.String()] = limitView{limit}
		}
		for one := range a.Schedule.Addons {
			v.Subscription.Addons[one] = next.ProfilesWith(one)
		}
	}
	return v, nil
}

type scheduleView struct {
	Account value.AccountID `json:"account"` // the id of the account
	// when the scheduled changes take effect; null if nothing is scheduled
	Release *string `json:"release_at" is:"time"`
	// the scheduled changes; absent if nothing is scheduled
	Subscription *scheduledView `json:"subscription,omitempty"`
}

type scheduledView struct {
	Plan     *plan.Plan           `json:"plan,omitempty"`     // the plan from then on
	Services map[string]limitView `json:"services,omitempty"` // the limits that change
	// the profiles that have each add-on from then on
	Addons map[plan.Addon][]value.ProfileID `json:"addons,omitempty"`
}

var SubscriptionScheduleCancel = Operation{
	Name:    "subscription-schedule-cancel",
	Tag:     "Subscription",
	Summary: "Cancels the scheduled changes of the next renewal.",
	Routes:  []Route{{"DELETE", "/account/subscription/schedule"}},
	Access:  Write,
	Call:    get[acknowledged](subscriptionScheduleCancel),
	Refuses: []problem.Reason{problem.ReasonNothingScheduled},
	Example: Example{Path: "/account/subscription/schedule"},
}

func subscriptionScheduleCancel(
	ctx context.Context,
	s *service.Services,
	r *request,
) (acknowledged, error) {
	return "Schedule Successfully Canceled", s.Billing.CancelSchedule(ctx, r.client)
}

var SubscriptionRenew = Operation{
	Name:    "subscription-renew",
	Tag:     "Subscription",
	Summary: "Renews subscriptions whose cycle is over, with the scheduled changes.",
	Trigger: Schedule,
	Every:   5 * time.Minute,
	sweep:   subscriptionRenew,
}

func subscriptionRenew(ctx context.Context, s *service.Services) (int, error) {
	return s.Billing.Renew(ctx)
}

var PlanEdit = Operation{
	Name: "plan-edit", Tag: "Subscription", Summary: "Changes the plan, as the subscription does.",
	Routes: []Route{{"POST", "/account/plan"}}, Slash: true, Access: Write,
	Call:    strict[planChoice, acknowledged](planEdit),
	Example: Example{Path: "/account/plan", Body: `{"plan": "scale"}`},
}

type planChoice struct {
	Plan string `json:"plan" is:"plan,required"` // the plan
}

func planEdit(
	ctx context.Context,
	s *service.Services,
	r *request,
	b planChoice,
) (acknowledged, error) {
	chosen, err := plan.ParsePlan(b.Plan)
	if err != nil {
		return "", err
	}
	return "Plan Successfully Updated", s.Billing.Edit(
		ctx,
		r.client,
		billing.SubscriptionEdit{Plan: &chosen},
	)
}
