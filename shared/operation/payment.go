package operation

import (
	"context"

	"profiles/shared/billing"
	"profiles/shared/httpapi"
	"profiles/shared/plan"
	"profiles/shared/problem"
	"profiles/shared/service"
	"profiles/shared/value"
)

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
	Access:  BillingRead,
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

// paymentMethodView is the answer about payment methods, which do not exist
// here.
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
	Name: "billing-get", Tag: "Subscription", Summary: "Returns the billing address of the account.",
	Routes: []Route{{"GET", "/account/billing"}}, Access: BillingRead,
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

// billingView is the billing address; parts that are not known are null.
type billingView struct {
	Account value.AccountID `json:"account"`                    // the id of the account
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
	// when the billing address last changed; null before the first time
	Updated *string `json:"updated_at" is:"time"`
}

var BillingEdit = Operation{
	Name:    "billing-edit",
	Tag:     "Subscription",
	Summary: "Changes the billing address of the account.",
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
		billing.AddressEdit{
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
	Access:  BillingRead,
	Call:    pages[paymentQuery, payment](paymentHistory),
	Example: Example{Path: "/account/payment_history"},
}

// payment is a charge in the form of the original. There is no payment
// provider: charges are recorded and never collected.
type payment struct {
	ID string `json:"stripe_id"      is:"text"` // the id of the charge
	// always null: there is no payment provider
	Invoice  *string `json:"invoice_number" is:"text"`
	Total    int64   `json:"total"`                        // the amount, in cents
	Currency string  `json:"currency"       is:"currency"` // the currency
	// always null: there is no payment provider
	Receipt *string `json:"receipt_url"    is:"url"`
	// always true: a charge is recorded, and nobody collects it
	Paid    bool   `json:"paid"`
	Status  string `json:"status"      is:"text"` // always recorded: nobody collects it
	Card    none   `json:"card"`                  // always null: there is no payment provider
	What    string `json:"description" is:"text"` // the name of the plan, service or add-on
	Created string `json:"created_at"  is:"time"` // when the charge was recorded
}

// paymentQuery is the page of charges to return.
type paymentQuery struct {
	Amount int `query:"amount"` // how many charges to return
	// the id of the last charge that was seen; those before it follow
	Last string `query:"last_id" is:"payment_id"`
	// the position from which to go on: nextToken of the answer before
	Next string `query:"nextToken" is:"text"`
}

const currency = "usd"

func paymentHistory(
	ctx context.Context,
	s *service.Services,
	r *request,
	q paymentQuery,
) ([]payment, string, error) {
	page := service.Paging{Amount: q.Amount, After: q.Next}
	charges, err := s.Billing.Payments(ctx, r.client, page, q.Last)
	rows := make([]payment, len(charges.Rows))
	for i, c := range charges.Rows {
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
	return rows, charges.Next, err
}

var BillingOverview = Operation{
	Name:    "billing-overview",
	Tag:     "Subscription",
	Summary: "Returns plan and profiles in the form of older clients.",
	Routes:  []Route{{"GET", "/billing"}},
	Access:  BillingRead,
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
	ID     value.ProfileID  `json:"id"`               // the id of the profile
	Name   string           `json:"name"   is:"text"` // the name of the profile
	Limits map[string]int64 `json:"limits"`           // the limit of the profile for each service
	Addons addonsView       `json:"addons"`           // the add-ons of the profile
}
