package operation

import (
	"context"
	"time"

	"profiles/shared/httpapi"
	"profiles/shared/plan"
	"profiles/shared/problem"
	"profiles/shared/service"
	"profiles/shared/tenancy"
	"profiles/shared/value"
)

var SubscriptionGet = Operation{
	Name: "subscription-get", Tag: "Subscription", Summary: "Returns the account's subscription.",
	Routes: []Route{{"GET", "/account/subscription"}}, Access: Read,
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

// subscriptionView is the subscription as clients know it. There is no payment
// provider, so nothing is ever processing or due.
type subscriptionView struct {
	Account value.AccountID `json:"account"` // the account
	Plan    plan.Plan       `json:"plan"`    // the plan
	// the limit of each service
	Services map[string]limitView `json:"services"`
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
	Limit int64 `json:"limit"` // the amount
}

type cycleView struct {
	Start string `json:"start" is:"time"` // its first moment
	End   string `json:"end"   is:"time"` // its end
}

var SubscriptionEdit = Operation{
	Name:    "subscription-edit",
	Tag:     "Subscription",
	Summary: "Changes the plan, service limits or add-ons: what costs more at once, what costs less at the renewal.",
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
	Limit *int64 `json:"limit"` // the amount: one of the tiers of the price list
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
	var e tenancy.SubscriptionEdit
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
	Access:  Read,
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

// subscriptionState is what is in progress. Without a payment provider that is
// only what is scheduled.
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
	Summary: "Returns what changes when the subscription is renewed.",
	Routes:  []Route{{"GET", "/account/subscription/schedule"}},
	Access:  Read,
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
	Account value.AccountID `json:"account"` // the account
	// when it changes; null when nothing does
	Release *string `json:"release_at" is:"time"`
	// what it will be; absent when nothing changes
	Subscription *scheduledView `json:"subscription,omitempty"`
}

type scheduledView struct {
	Plan     *plan.Plan           `json:"plan,omitempty"`     // the plan
	Services map[string]limitView `json:"services,omitempty"` // the limits that change
	// who has them from then on
	Addons map[plan.Addon][]value.ProfileID `json:"addons,omitempty"`
}

var SubscriptionScheduleCancel = Operation{
	Name:    "subscription-schedule-cancel",
	Tag:     "Subscription",
	Summary: "Takes back what is scheduled for the renewal.",
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
	Summary: "Renews subscriptions whose cycle is over, with what was scheduled.",
	Trigger: Schedule,
	Every:   5 * time.Minute,
	sweep:   subscriptionRenew,
}

func subscriptionRenew(ctx context.Context, s *service.Services) (int, error) {
	return s.Billing.Renew(ctx)
}

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
	Access:  Read,
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

type namedPrice struct {
	Name  string `json:"name"  is:"text"` // the plan, or the add-on
	Price int64  `json:"price"`           // the price, in cents for a cycle
}

type tierPrice struct {
	Amount int64 `json:"amount"` // the limit of a service
	Price  int64 `json:"price"`  // the price, in cents for a cycle
}

// priceList are the prices of everything, in cents for a cycle.
type priceList struct {
	Plans            []namedPrice `json:"plans"`             // the plans
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
		list.Plans = append(list.Plans, namedPrice{string(p), of(p.Price(), false)})
	}
	for _, a := range plan.AllAddons() {
		list.Addons = append(list.Addons, namedPrice{string(a), of(a.Price(), false)})
	}
	tiers := func(one plan.Service) (out []tierPrice) {
		for _, t := range one.Tiers() {
			out = append(out, tierPrice{t.Amount, of(t.Price, one.Consumable())})
		}
		return out
	}
	list.Input, list.Output, list.SMS = tiers(
		plan.ServiceInput,
	), tiers(
		plan.ServiceOutput,
	), tiers(
		plan.ServiceSMS,
	)
	list.Email, list.Analysis, list.DataRecords = tiers(
		plan.ServiceEmail,
	), tiers(
		plan.ServiceAnalysis,
	), tiers(
		plan.ServiceDataRecords,
	)
	list.RunUsers, list.PushNotification, list.FileStorage = tiers(
		plan.ServiceRunUsers,
	), tiers(
		plan.ServicePushNotification,
	), tiers(
		plan.ServiceFileStorage,
	)
	return list
}

var PlanGet = Operation{
	Name: "plan-get", Tag: "Subscription", Summary: "Returns the account's plan.",
	Routes: []Route{{"GET", "/account/plan"}}, Access: Read,
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
	ID     value.AccountID `json:"id"`     // the account
	Plan   plan.Plan       `json:"plan"`   // the plan
	Active int             `json:"active"` // always 1
	// when the cycle ends; null for a plan that is not renewed
	End     *string   `json:"end_date"   is:"time"`
	Price   int64     `json:"price"`                // the price, in cents for a cycle
	Created string    `json:"created_at" is:"time"` // when the first cycle began
	Next    plan.Plan `json:"next_plan"`            // the plan from the next renewal on
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
		tenancy.SubscriptionEdit{Plan: &chosen},
	)
}

var errNoCoupon = problem.NotFound("Coupon")

var CouponGet = Operation{
	Name:    "coupon-get",
	Tag:     "Subscription",
	Summary: "Answers that there is no such coupon: none are issued.",
	Routes:  []Route{{"GET", "/account/subscription/coupon/{code}"}},
	Access:  Read,
	Call:    get[acknowledged](couponGet),
	Example: Example{Path: "/account/subscription/coupon/SPRING"},
}

func couponGet(ctx context.Context, s *service.Services, r *request) (acknowledged, error) {
	if _, err := s.Billing.Account(ctx, r.client); err != nil {
		return "", err
	}
	return "", errNoCoupon
}

var PaymentRetry = Operation{
	Name:    "payment-retry",
	Tag:     "Subscription",
	Summary: "Answers that no payment is pending: charges are recorded at once.",
	Routes: []Route{
		{"POST", "/account/subscription/pending/retry"},
		{"POST", "/account/subscription/pending/cancel"},
	},
	Access:  Write,
	Call:    get[acknowledged](paymentRetry),
	Example: Example{Path: "/account/subscription/pending/retry"},
}

func paymentRetry(ctx context.Context, s *service.Services, r *request) (acknowledged, error) {
	if err := s.Billing.MayChange(ctx, r.client); err != nil {
		return "", err
	}
	return "", problem.Invalid(
		"No payment is pending: charges are lines of the statement, see payment_history",
	)
}

var PaymentMethodGet = Operation{
	Name:    "payment-method-get",
	Tag:     "Subscription",
	Summary: "Answers that the account has no payment method: there is no payment provider.",
	Routes:  []Route{{"GET", "/account/payment_method"}},
	Slash:   true,
	Access:  Read,
	Call:    get[paymentMethodView](paymentMethodGet),
	Example: Example{Path: "/account/payment_method"},
}

func paymentMethodGet(
	ctx context.Context,
	s *service.Services,
	r *request,
) (paymentMethodView, error) {
	_, err := s.Billing.Account(ctx, r.client)
	return paymentMethodView{}, err
}

// paymentMethodView is a payment method, of which there is none here.
type paymentMethodView struct {
	Card none `json:"card"` // always null: there is no payment provider
}

var PaymentMethodEdit = Operation{
	Name:    "payment-method-edit",
	Tag:     "Subscription",
	Summary: "Refuses to keep or remove payment methods: there is no payment provider.",
	Routes: []Route{
		{"POST", "/account/payment_method"},
		{"DELETE", "/account/payment_method"},
	},
	Slash:   true,
	Access:  Write,
	Call:    get[acknowledged](paymentMethodEdit),
	Refuses: []problem.Reason{problem.ReasonNotOffered},
	Example: Example{Path: "/account/payment_method"},
}

func paymentMethodEdit(ctx context.Context, s *service.Services, r *request) (acknowledged, error) {
	if err := s.Billing.MayChange(ctx, r.client); err != nil {
		return "", err
	}
	return "", problem.Invalid("There is no payment provider, so payment methods are neither kept nor removed: charges are lines of the statement").
		For(problem.ReasonNotOffered)
}

var BillingGet = Operation{
	Name: "billing-get", Tag: "Subscription", Summary: "Returns where the account's invoices go.",
	Routes: []Route{{"GET", "/account/billing"}}, Access: Read,
	Call:    get[billingView](billingGet),
	Example: Example{Path: "/account/billing"},
}

func billingGet(ctx context.Context, s *service.Services, r *request) (billingView, error) {
	a, err := s.Billing.Account(ctx, r.client)
	b := a.Billing
	return billingView{
		a.ID,
		orNull(b.Company),
		orNull(b.Country),
		orNull(b.State),
		orNull(b.City),
		orNull(b.Street),
		orNull(b.ZipCode),
		orNull(b.Comments),
		nil,
		timeOrNull(b.Updated),
	}, err
}

// billingView is where invoices go; what is not known is null.
type billingView struct {
	Account value.AccountID `json:"account"`                    // the account
	Company *string         `json:"company"  is:"text"`         // the company
	Country *string         `json:"country"  is:"text"`         // the country
	State   *string         `json:"state"    is:"text"`         // the state or region
	City    *string         `json:"city"     is:"billing_text"` // the city
	Street  *string         `json:"street"   is:"billing_text"` // the street
	ZipCode *string         `json:"zip_code" is:"billing_text"` // the postal code
	// whatever else belongs on an invoice
	Comments *string `json:"comments" is:"billing_text"`
	// always null: there is no payment provider
	Method none `json:"payment_method"`
	// when it changed last; null before the first time
	Updated *string `json:"updated_at" is:"time"`
}

var BillingEdit = Operation{
	Name:    "billing-edit",
	Tag:     "Subscription",
	Summary: "Changes where the account's invoices go.",
	Routes:  []Route{{"PUT", "/account/billing"}},
	Access:  Write,
	Call:    call[billingChanges, acknowledged](billingEdit),
	Example: Example{
		Path: "/account/billing",
		Body: `{"company": "Ana & Co", "country": "PT", "city": "Porto"}`,
	},
}

type billingChanges struct {
	Company httpapi.Nullable[string] `json:"company"  is:"billing_text"` // the company
	Country httpapi.Nullable[string] `json:"country"  is:"billing_text"` // the country
	State   httpapi.Nullable[string] `json:"state"    is:"billing_text"` // the state or region
	City    httpapi.Nullable[string] `json:"city"     is:"billing_text"` // the city
	Street  httpapi.Nullable[string] `json:"street"   is:"billing_text"` // the street
	ZipCode httpapi.Nullable[string] `json:"zip_code" is:"billing_text"` // the postal code
	// whatever else belongs on an invoice
	Comments httpapi.Nullable[string] `json:"comments" is:"billing_text"`
}

func billingEdit(
	ctx context.Context,
	s *service.Services,
	r *request,
	b billingChanges,
) (acknowledged, error) {
	return "Billing Successfully Updated", s.Billing.EditAddress(
		ctx,
		r.client,
		tenancy.BillingAddressEdit{
			Company:  b.Company.Pointer(),
			Country:  b.Country.Pointer(),
			State:    b.State.Pointer(),
			City:     b.City.Pointer(),
			Street:   b.Street.Pointer(),
			ZipCode:  b.ZipCode.Pointer(),
			Comments: b.Comments.Pointer(),
		},
	)
}

var PaymentHistory = Operation{
	Name:    "payment-history",
	Tag:     "Subscription",
	Summary: "Lists the charges of the account, newest first.",
	Routes:  []Route{{"GET", "/account/payment_history"}},
	Slash:   true,
	Access:  Read,
	Call:    list[paymentQuery, []payment](paymentHistory),
	Example: Example{Path: "/account/payment_history"},
}

// payment is a charge as clients know it. There is no payment provider: what is
// charged is recorded, and nobody collects it.
type payment struct {
	ID string `json:"stripe_id"      is:"text"` // the charge
	// always null: there is no payment provider
	Invoice  *string `json:"invoice_number" is:"text"`
	Total    int64   `json:"total"`                        // the sum, in cents
	Currency string  `json:"currency"       is:"currency"` // the currency
	// always null: there is no payment provider
	Receipt *string `json:"receipt_url"    is:"url"`
	// always true: a charge is recorded, and nobody collects it
	Paid    bool   `json:"paid"`
	Status  string `json:"status"      is:"text"` // always recorded: nobody collects it
	Card    none   `json:"card"`                  // always null: there is no payment provider
	What    string `json:"description" is:"text"` // what was charged
	Created string `json:"created_at"  is:"time"` // when it was charged
}

// paymentQuery says how many payments are wanted, and which was the last one
// seen.
type paymentQuery struct {
	Amount int `query:"amount"` // how many charges are wanted
	// the id of the last charge that was seen; those before it follow
	Last string `query:"last_id" is:"payment_id"`
}

const currency = "usd"

func paymentHistory(
	ctx context.Context,
	s *service.Services,
	r *request,
	q paymentQuery,
) ([]payment, error) {
	charges, err := s.Billing.Payments(ctx, r.client, q.Amount, q.Last)
	rows := make([]payment, len(charges))
	for i, c := range charges {
		rows[i] = payment{
			ID:       c.ID,
			Total:    c.Amount,
			Currency: currency,
			Paid:     true,
			Status:   "recorded",
			What:     string(c.Kind) + " " + c.What(),
			Created:  isoTime(c.From),
		}
	}
	return rows, err
}

var BillingOverview = Operation{
	Name:    "billing-overview",
	Tag:     "Subscription",
	Summary: "Returns plan and profiles in the form of older clients.",
	Routes:  []Route{{"GET", "/billing"}},
	Access:  Read,
	Call:    get[overviewView](billingOverview),
	Example: Example{Path: "/billing"},
}

func billingOverview(ctx context.Context, s *service.Services, r *request) (overviewView, error) {
	o, err := s.Billing.Overview(ctx, r.client)
	if err != nil {
		return overviewView{}, err
	}
	v := overviewView{Profiles: []overviewProfile{}, Plan: o.Account.Plan, Discounts: []string{}}
	for _, id := range o.Account.ProfileIDs() {
		share := o.Account.Shares[id]
		v.Profiles = append(
			v.Profiles,
			overviewProfile{id, o.Names[id], share.Allocation.Map(), addonsView(share.Addons)},
		)
	}
	return v, nil
}

type overviewView struct {
	Profiles  []overviewProfile `json:"profiles"`            // the profiles of the account
	Plan      plan.Plan         `json:"plan"`                // the plan
	Discounts []string          `json:"discounts" is:"text"` // always empty
}

type overviewProfile struct {
	ID     value.ProfileID  `json:"id"`               // the profile
	Name   string           `json:"name"   is:"text"` // the name of the profile
	Limits map[string]int64 `json:"limits"`           // what the profile has of each service
	Addons addonsView       `json:"addons"`           // the add-ons
}
