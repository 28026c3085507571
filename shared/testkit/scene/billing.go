package scene

import (
	"profiles/shared/operation"
	"profiles/shared/plan"
	"profiles/shared/tenancy"
)

func ofPayments() []Scene {
	return []Scene{
		{
			Operation: operation.PaymentRetry,
			Send:      "POST /account/subscription/pending/retry", Cost: Cost{2, 1, 2, 3, 0}, Denied: 400,
		},
		{
			Operation: operation.PaymentRetry, What: "to cancel",
			Send: "POST /account/subscription/pending/cancel", Denied: 400,
		},
		{
			Operation: operation.PaymentMethodGet,
			Send:      "GET /account/payment_method", Cost: Cost{2, 1, 2, 3, 0},
		},
		{
			Operation: operation.PaymentMethodEdit,
			Send:      "POST /account/payment_method", Body: Object{"token": "x"},
			Cost: Cost{2, 1, 2, 3, 0}, Denied: 400,
		},
		{
			Operation: operation.PaymentMethodEdit, What: "to remove",
			Send: "DELETE /account/payment_method/", Denied: 400,
		},
		{
			Operation: operation.PaymentHistory, What: "none", Calm: true,
			Send: "GET /account/payment_history", Cost: Cost{3, 2, 3, 4, 0},
		},
		{
			Operation: operation.PaymentHistory, What: "some", Prepare: grows,
			Send: "GET /account/payment_history/", Cost: Cost{3, 2, 3, 4, 0},
		},
		{Operation: operation.BillingGet, Send: "GET /account/billing", Cost: Cost{2, 1, 2, 3, 0}},
		{
			Operation: operation.BillingEdit,
			Send:      "PUT /account/billing", Body: Object{"company": "Acme"},
			Cost: Cost{3, 2, 3, 3, 7}, More: "L+1",
		},
		{
			Operation: operation.BillingEdit, What: "after a late renewal that lowers", Prepare: late,
			Send: "PUT /account/billing", Body: Object{"company": "Acme"},
			Cost: Cost{8, 7, 8, 10, 28}, Calm: true,
		},
		{
			Operation: operation.BillingEdit, What: "a field is cleared",
			Send: "PUT /account/billing", Body: Object{"company": "Acme", "city": nil}, More: "L+1",
		},
		{Operation: operation.BillingOverview, Send: "GET /billing", Cost: Cost{3, 2, 3, 4, 0}},
		{Operation: operation.AllocationGet, Send: "GET /account/allocation", Cost: Cost{2, 1, 2, 3, 0}},
		{
			Operation: operation.AllocationEdit, What: "two profiles",
			Send: "POST /account/allocation",
			Body: []Object{{"profile": "HOME", "input": 500_000}, {"profile": "OTHER", "input": 500_000}},
			Cost: Cost{3, 2, 3, 5, 12}, More: "L+1",
		},
		{
			Operation: operation.ProfileServices,
			Send:      "POST /profile/HOME/services", Body: Object{"input": 500_000},
			Cost: Cost{3, 3, 3, 6, 10}, More: "L+1",
		},
		{
			Operation: operation.AddonList, What: "own, named in the path",
			Send: "GET /profile/HOME/addons", Cost: Cost{1, 1, 1, 2, 0},
		},
		{
			Operation: operation.AddonEdit,
			Send:      "POST /profile/HOME/addons", Body: Object{"mobile": true},
			Cost: Cost{3, 3, 3, 5, 13}, More: "L+1",
		},
		{
			Operation: operation.AddonEdit, What: "after a late renewal that lowers", Prepare: late,
			Send: "POST /profile/HOME/addons", Body: Object{"mobile": true},
			Cost: Cost{8, 8, 8, 12, 32}, Calm: true,
		},
		{
			Operation: operation.AddonEdit, What: "of the owner, by a member for billing",
			Prepare: func(s *Stage) { s.Share(s.Other, s.Ben, tenancy.PermissionBilling) },
			Send:    "POST /profile/OTHER/addons", Body: Object{"mobile": true}, By: Ben,
			Cost: Cost{4, 3, 4, 11, 15}, More: "L+1 N+1",
		},
		{
			Operation: operation.AddonEdit, What: "two",
			Send: "POST /profile/HOME/addons", Body: Object{"mobile": true, "custom_dns": true},
			More: "L+1",
		},
		{
			Operation: operation.AddonRemove, Prepare: hasAddon,
			Send: "DELETE /profile/HOME/mobile", Cost: Cost{3, 3, 3, 5, 11}, More: "L+1",
		},
		{
			Operation: operation.AddonRemove, What: "after a late renewal that lowers", Prepare: late,
			Send: "DELETE /profile/HOME/custom_dns", Cost: Cost{8, 8, 8, 12, 32}, Calm: true,
		},
	}
}

func ofCosts() []Scene {
	return []Scene{
		{
			Operation: operation.AccountCost, What: "without charges", Calm: true,
			Send: "GET /account/cost", Cost: Cost{3, 2, 5, 6, 0},
		},
		{
			Operation: operation.AccountCost, What: "with charges", Prepare: grows,
			Send: "GET /account/cost", Cost: Cost{3, 2, 5, 6, 0},
		},
		{
			Operation: operation.ProfileCost, What: "without charges", Calm: true,
			Send: "GET /profile/HOME/cost", Cost: Cost{2, 2, 4, 6, 0},
		},
		{
			Operation: operation.ProfileCost, What: "with charges", Prepare: grows,
			Send: "GET /profile/HOME/cost", Cost: Cost{2, 2, 4, 6, 0},
		},
	}
}

// hasAddon leaves an add-on of ana's first profile.
func hasAddon(s *Stage) {
	chosen := map[plan.Addon]bool{plan.AddonMobile: true}
	s.OK(s.Billing.EditAddons(s.Context(), s.Ana.Client(operation.AddonEdit), s.home(), chosen))
}
