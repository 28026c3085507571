package operation

import (
	"context"
	"time"

	"profiles/shared/httpapi"
	"profiles/shared/service"
	"profiles/shared/tenancy"
)

var SubscriptionGet = Operation{
	Name: "subscription-get", Tag: "Subscription", Summary: "Returns the account's subscription.",
	Routes: []Route{{"GET", "/account/subscription"}}, Access: Read, answer: subscriptionGet,
	Example: Example{Path: "/account/subscription"},
}

func subscriptionGet(ctx context.Context, s *service.Services, r *request) (any, error) {
	sub, err := s.Billing.Subscription(ctx, r.client)
	if err != nil {
		return nil, err
	}
	a := sub.Account
	v := subscriptionView{
		Account: a.ID, Plan: a.Plan, Services: map[string]limitView{}, Addons: map[tenancy.Addon][]tenancy.ProfileID{},
		Cycle: cycleView{isoTime(sub.Cycle.Start), isoTime(sub.Cycle.End)}, Upcoming: sub.Upcoming,
	}
	for _, one := range tenancy.Services() {
		v.Services[one.String()] = limitView{Limit: a.Limits[one]}
	}
	for _, one := range tenancy.AllAddons() {
		v.Addons[one] = a.ProfilesWith(one)
	}
	return v, nil
}

// subscriptionView is the subscription as clients know it. There is no payment provider, so nothing is ever processing or due.
type subscriptionView struct {
	Account    tenancy.AccountID                     `json:"account"`
	Plan       tenancy.Plan                          `json:"plan"`
	Services   map[string]limitView                  `json:"services"`
	Addons     map[tenancy.Addon][]tenancy.ProfileID `json:"addons"`
	Cycle      cycleView                             `json:"current_cycle"`
	Processing bool                                  `json:"processing"`
	Upcoming   int64                                 `json:"upcoming_invoice_total"`
	TrialEnd   *string                               `json:"trial_end"`
}

type limitView struct {
	Limit int64 `json:"limit"`
}

type cycleView struct {
	Start string `json:"start"`
	End   string `json:"end"`
}

var SubscriptionEdit = Operation{
	Name: "subscription-edit", Tag: "Subscription", Summary: "Changes the plan, service limits or add-ons: what costs more at once, what costs less at the renewal.",
	Routes: []Route{{"POST", "/account/subscription"}}, Access: Write, answer: subscriptionEdit,
	Example: Example{Path: "/account/subscription", Body: `{"services": {"input": {"limit": 3000000}}}`},
}

func subscriptionEdit(ctx context.Context, s *service.Services, r *request) (any, error) {
	var b struct {
		Plan     *string `json:"plan"`
		Services map[string]struct {
			Limit *int64 `json:"limit"`
		} `json:"services"`
		Addons map[string][]tenancy.ProfileID `json:"addons"`
		Coupon string                         `json:"coupon"`
	}
	if err := r.decodeKnown(&b, "proportional_change"); err != nil {
		return nil, err
	}
	if b.Coupon != "" {
		return nil, errNoCoupon
	}
	var e tenancy.SubscriptionEdit
	if b.Plan != nil {
		plan, err := tenancy.ParsePlan(*b.Plan)
		if err != nil {
			return nil, err
		}
		e.Plan = &plan
	}
	if b.Services != nil {
		limits := map[string]int64{}
		for name, v := range b.Services {
			if v.Limit == nil {
				return nil, tenancy.InvalidField("services."+tenancy.Quoted(name)+".limit", "is required")
			}
			limits[name] = *v.Limit
		}
		var err error
		if e.Services, err = tenancy.ParseAmounts("services", limits); err != nil {
			return nil, err
		}
	}
	if b.Addons != nil {
		e.Addons = map[tenancy.Addon][]tenancy.ProfileID{}
		for name, ids := range b.Addons {
			one, err := tenancy.ParseAddon(name)
			if err != nil {
				return nil, tenancy.InvalidField("addons", "must have the names of add-ons: custom_dns, mobile")
			}
			e.Addons[one] = ids
		}
	}
	return "Subscription Successfully Updated", s.Billing.Edit(ctx, r.client, e)
}

var SubscriptionSummary = Operation{
	Name: "subscription-summary", Tag: "Subscription", Summary: "Says whether anything about the subscription is in progress, due or scheduled.",
	Routes: []Route{{"GET", "/account/subscription/summary"}}, Access: Read, answer: subscriptionSummary,
	Example: Example{Path: "/account/subscription/summary"},
}

func subscriptionSummary(ctx context.Context, s *service.Services, r *request) (any, error) {
	a, err := s.Billing.Account(ctx, r.client)
	return struct {
		Processing   bool `json:"processing"`
		PaymentError any  `json:"payment_error"`
		PastDue      bool `json:"past_due"`
		NoBalance    bool `json:"not_enough_balance"`
		Schedule     bool `json:"schedule"`
	}{Schedule: a.Schedule != nil}, err
}

var ScheduleGet = Operation{
	Name: "schedule-get", Tag: "Subscription", Summary: "Returns what changes when the subscription is renewed.",
	Routes: []Route{{"GET", "/account/subscription/schedule"}}, Access: Read, answer: scheduleGet,
	Example: Example{Path: "/account/subscription/schedule"},
}

func scheduleGet(ctx context.Context, s *service.Services, r *request) (any, error) {
	a, err := s.Billing.Account(ctx, r.client)
	if err != nil {
		return nil, err
	}
	v := scheduleView{Account: a.ID}
	if a.Schedule != nil {
		v.Release = timeOrNull(a.PaidUntil)
		next, _ := a.Upcoming()
		v.Subscription = &scheduledView{Plan: a.Schedule.Plan, Services: map[string]limitView{}, Addons: map[tenancy.Addon][]tenancy.ProfileID{}}
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
	Account      tenancy.AccountID `json:"account"`
	Release      *string           `json:"release_at"`
	Subscription *scheduledView    `json:"subscription,omitempty"`
}

type scheduledView struct {
	Plan     *tenancy.Plan                         `json:"plan,omitempty"`
	Services map[string]limitView                  `json:"services,omitempty"`
	Addons   map[tenancy.Addon][]tenancy.ProfileID `json:"addons,omitempty"` // who has them from then on
}

var ScheduleCancel = Operation{
	Name: "schedule-cancel", Tag: "Subscription", Summary: "Takes back what is scheduled for the renewal.",
	Routes: []Route{{"DELETE", "/account/subscription/schedule"}}, Access: Write, answer: scheduleCancel,
	Example: Example{Path: "/account/subscription/schedule"},
}

func scheduleCancel(ctx context.Context, s *service.Services, r *request) (any, error) {
	return "Schedule Successfully Canceled", s.Billing.CancelSchedule(ctx, r.client)
}

var SubscriptionRenew = Operation{
	Name: "subscription-renew", Tag: "Subscription", Summary: "Renews subscriptions whose cycle is over, with what was scheduled.",
	Trigger: Schedule, Every: 5 * time.Minute, sweep: subscriptionRenew,
}

func subscriptionRenew(ctx context.Context, s *service.Services) (int, error) {
	return s.Billing.Renew(ctx)
}

var PricingGet = Operation{
	Name: "pricing-get", Tag: "Subscription", Summary: "Returns the prices of plans, add-ons and services, in cents for a cycle.",
	Routes: []Route{{"GET", "/pricing"}}, Access: Anonymous, Static: true, answer: pricingGet,
	Example: Example{Path: "/pricing"},
}

func pricingGet(context.Context, *service.Services, *request) (any, error) {
	return prices(func(price int64, _ bool) int64 { return price }), nil
}

var PricingProrated = Operation{
	Name: "pricing-prorated", Tag: "Subscription", Summary: "Returns the prices for the rest of the account's cycle.",
	Routes: []Route{{"GET", "/pricing/prorated"}}, Access: Read, answer: pricingProrated,
	Example: Example{Path: "/pricing/prorated"},
}

func pricingProrated(ctx context.Context, s *service.Services, r *request) (any, error) {
	sub, err := s.Billing.Subscription(ctx, r.client)
	if err != nil {
		return nil, err
	}
	return prices(sub.Prorated), nil
}

type namedPrice struct {
	Name  string `json:"name"`
	Price int64  `json:"price"`
}

type tierPrice struct {
	Amount int64 `json:"amount"`
	Price  int64 `json:"price"`
}

// prices is the price list, with each price as of gives it.
func prices(of func(price int64, consumable bool) int64) map[string]any {
	var plans, addons []namedPrice
	for _, p := range tenancy.Plans() {
		plans = append(plans, namedPrice{string(p), of(p.Price(), false)})
	}
	for _, a := range tenancy.AllAddons() {
		addons = append(addons, namedPrice{string(a), of(a.Price(), false)})
	}
	list := map[string]any{"plans": plans, "addons": addons}
	for _, one := range tenancy.Services() {
		var tiers []tierPrice
		for _, t := range one.Tiers() {
			tiers = append(tiers, tierPrice{t.Amount, of(t.Price, one.Consumable())})
		}
		list[one.String()] = tiers
	}
	return list
}

var PlanGet = Operation{
	Name: "plan-get", Tag: "Subscription", Summary: "Returns the account's plan.",
	Routes: []Route{{"GET", "/account/plan"}}, Access: Read, answer: planGet,
	Example: Example{Path: "/account/plan"},
}

func planGet(ctx context.Context, s *service.Services, r *request) (any, error) {
	a, err := s.Billing.Account(ctx, r.client)
	if err != nil {
		return nil, err
	}
	next := a.Plan
	if a.Schedule != nil && a.Schedule.Plan != nil {
		next = *a.Schedule.Plan
	}
	return struct {
		ID      tenancy.AccountID `json:"id"`
		Plan    tenancy.Plan      `json:"plan"`
		Active  int               `json:"active"`
		End     *string           `json:"end_date"`
		Price   int64             `json:"price"`
		Created string            `json:"created_at"`
		Next    tenancy.Plan      `json:"next_plan"`
	}{a.ID, a.Plan, 1, timeOrNull(a.PaidUntil), a.Plan.Price(), isoTime(a.Anchor), next}, nil
}

var PlanSet = Operation{
	Name: "plan-set", Tag: "Subscription", Summary: "Changes the plan, as the subscription does.",
	Routes: []Route{{"POST", "/account/plan"}}, Slash: true, Access: Write, answer: planSet,
	Example: Example{Path: "/account/plan", Body: `{"plan": "scale"}`},
}

func planSet(ctx context.Context, s *service.Services, r *request) (any, error) {
	var b struct {
		Plan string `json:"plan"`
	}
	if err := r.decodeKnown(&b); err != nil {
		return nil, err
	}
	plan, err := tenancy.ParsePlan(b.Plan)
	if err != nil {
		return nil, err
	}
	return "Plan Successfully Updated", s.Billing.Edit(ctx, r.client, tenancy.SubscriptionEdit{Plan: &plan})
}

var errNoCoupon = tenancy.NotFound("Coupon")

var CouponGet = Operation{
	Name: "coupon-get", Tag: "Subscription", Summary: "Answers that there is no such coupon: none are issued.",
	Routes: []Route{{"GET", "/account/subscription/coupon/{code}"}}, Access: Read, answer: couponGet,
	Example: Example{Path: "/account/subscription/coupon/SPRING"},
}

func couponGet(ctx context.Context, s *service.Services, r *request) (any, error) {
	if _, err := s.Billing.Account(ctx, r.client); err != nil {
		return nil, err
	}
	return nil, errNoCoupon
}

var PendingEnd = Operation{
	Name: "pending-end", Tag: "Subscription", Summary: "Answers that no payment is pending: charges are recorded at once.",
	Routes: []Route{{"POST", "/account/subscription/pending/retry"}, {"POST", "/account/subscription/pending/cancel"}}, Access: Write, answer: pendingEnd,
	Example: Example{Path: "/account/subscription/pending/retry"},
}

func pendingEnd(ctx context.Context, s *service.Services, r *request) (any, error) {
	if err := s.Billing.MayChange(ctx, r.client); err != nil {
		return nil, err
	}
	return nil, tenancy.Invalid("No payment is pending: charges are lines of the statement, see payment_history")
}

var PaymentMethodGet = Operation{
	Name: "payment-method-get", Tag: "Subscription", Summary: "Answers that the account has no payment method: there is no payment provider.",
	Routes: []Route{{"GET", "/account/payment_method"}}, Slash: true, Access: Read, answer: paymentMethodGet,
	Example: Example{Path: "/account/payment_method"},
}

func paymentMethodGet(ctx context.Context, s *service.Services, r *request) (any, error) {
	_, err := s.Billing.Account(ctx, r.client)
	return struct {
		Card any `json:"card"`
	}{}, err
}

var PaymentMethodEdit = Operation{
	Name: "payment-method-edit", Tag: "Subscription", Summary: "Refuses to keep or remove payment methods: there is no payment provider.",
	Routes: []Route{{"POST", "/account/payment_method"}, {"DELETE", "/account/payment_method"}}, Slash: true, Access: Write, answer: paymentMethodEdit,
	Example: Example{Path: "/account/payment_method"},
}

func paymentMethodEdit(ctx context.Context, s *service.Services, r *request) (any, error) {
	if err := s.Billing.MayChange(ctx, r.client); err != nil {
		return nil, err
	}
	return nil, tenancy.Invalid("There is no payment provider, so payment methods are neither kept nor removed: charges are lines of the statement").
		For(tenancy.ReasonNotOffered)
}

var BillingGet = Operation{
	Name: "billing-get", Tag: "Subscription", Summary: "Returns where the account's invoices go.",
	Routes: []Route{{"GET", "/account/billing"}}, Access: Read, answer: billingGet,
	Example: Example{Path: "/account/billing"},
}

func billingGet(ctx context.Context, s *service.Services, r *request) (any, error) {
	a, err := s.Billing.Account(ctx, r.client)
	b := a.Billing
	return struct {
		Account  tenancy.AccountID `json:"account"`
		Company  *string           `json:"company"`
		Country  *string           `json:"country"`
		State    *string           `json:"state"`
		City     *string           `json:"city"`
		Street   *string           `json:"street"`
		ZipCode  *string           `json:"zip_code"`
		Comments *string           `json:"comments"`
		Method   any               `json:"payment_method"`
		Updated  *string           `json:"updated_at"`
	}{
		a.ID, orNull(b.Company), orNull(b.Country), orNull(b.State), orNull(b.City), orNull(b.Street), orNull(b.ZipCode), orNull(b.Comments), nil,
		timeOrNull(b.Updated),
	}, err
}

var BillingEdit = Operation{
	Name: "billing-edit", Tag: "Subscription", Summary: "Changes where the account's invoices go.",
	Routes: []Route{{"PUT", "/account/billing"}}, Access: Write, answer: billingEdit,
	Example: Example{Path: "/account/billing", Body: `{"company": "Ana & Co", "country": "PT", "city": "Porto"}`},
}

func billingEdit(ctx context.Context, s *service.Services, r *request) (any, error) {
	var b struct {
		Company  httpapi.Nullable[string] `json:"company"`
		Country  httpapi.Nullable[string] `json:"country"`
		State    httpapi.Nullable[string] `json:"state"`
		City     httpapi.Nullable[string] `json:"city"`
		Street   httpapi.Nullable[string] `json:"street"`
		ZipCode  httpapi.Nullable[string] `json:"zip_code"`
		Comments httpapi.Nullable[string] `json:"comments"`
	}
	if err := r.decode(&b); err != nil {
		return nil, err
	}
	return "Billing Successfully Updated", s.Billing.EditAddress(ctx, r.client, tenancy.BillingAddressEdit{
		Company: b.Company.Pointer(), Country: b.Country.Pointer(), State: b.State.Pointer(), City: b.City.Pointer(), Street: b.Street.Pointer(),
		ZipCode: b.ZipCode.Pointer(), Comments: b.Comments.Pointer(),
	})
}

var PaymentHistory = Operation{
	Name: "payment-history", Tag: "Subscription", Summary: "Lists the charges of the account, newest first.",
	Routes: []Route{{"GET", "/account/payment_history"}}, Slash: true, Access: Read, params: []string{"amount", "last_id"}, answer: paymentHistory,
	Example: Example{Path: "/account/payment_history"},
}

// payment is a charge as clients know it. There is no payment provider: what is charged is recorded, and nobody collects it.
type payment struct {
	ID       string  `json:"stripe_id"`
	Invoice  *string `json:"invoice_number"`
	Total    int64   `json:"total"`
	Currency string  `json:"currency"`
	Receipt  *string `json:"receipt_url"`
	Paid     bool    `json:"paid"`
	Status   string  `json:"status"`
	Card     any     `json:"card"`
	What     string  `json:"description"`
	Created  string  `json:"created_at"`
}

const currency = "usd"

func paymentHistory(ctx context.Context, s *service.Services, r *request) (any, error) {
	list, err := parseList(r.URL.RawQuery)
	if err != nil {
		return nil, err
	}
	charges, err := s.Billing.Payments(ctx, r.client, list.Amount, texts(r.URL.RawQuery)("last_id"))
	rows := make([]payment, len(charges))
	for i, c := range charges {
		rows[i] = payment{ID: c.ID, Total: c.Amount, Currency: currency, Paid: true, Status: "recorded", What: string(c.Kind) + " " + c.What(), Created: isoTime(c.From)}
	}
	return rows, err
}

var BillingOverview = Operation{
	Name: "billing-overview", Tag: "Subscription", Summary: "Returns plan and profiles in the form of older clients.",
	Routes: []Route{{"GET", "/billing"}}, Access: Read, answer: billingOverview,
	Example: Example{Path: "/billing"},
}

func billingOverview(ctx context.Context, s *service.Services, r *request) (any, error) {
	o, err := s.Billing.Overview(ctx, r.client)
	if err != nil {
		return nil, err
	}
	v := overviewView{Profiles: []overviewProfile{}, Plan: o.Account.Plan, Discounts: []string{}}
	for _, id := range o.Account.ProfileIDs() {
		share := o.Account.Shares[id]
		v.Profiles = append(v.Profiles, overviewProfile{id, o.Names[id], share.Allocation.Map(), addonsView(share.Addons)})
	}
	return v, nil
}

type overviewView struct {
	Profiles  []overviewProfile `json:"profiles"`
	Plan      tenancy.Plan      `json:"plan"`
	Discounts []string          `json:"discounts"`
}

type overviewProfile struct {
	ID     tenancy.ProfileID `json:"id"`
	Name   string            `json:"name"`
	Limits map[string]int64  `json:"limits"`
	Addons addonsView        `json:"addons"`
}
