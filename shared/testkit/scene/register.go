package scene

import (
	"profiles/shared/operation"
	"profiles/shared/testkit"
)

// All is the register. A new operation gets a scene here. Those that are in one
// of shared/operation/budget_test.go and shared/service/faults_test.go are in
// both, with stages of their own.
func All() []Scene {
	proof := Object{"password": testkit.Password}
	return []Scene{
		{Operation: operation.AccountGet, Send: "GET /account", Cost: Cost{2, 1, 2, 4}},
		{
			Operation: operation.AccountEdit,
			Send:      "PUT /account", Body: Object{"name": "Ana B."},
			Cost: Cost{3, 2, 3, 10}, More: "L+1",
		},
		{
			Operation: operation.AccountDelete, What: "two profiles",
			Send: "DELETE /account", Body: proof,
			Cost: Cost{4, 3, 8, 27}, Again: 401,
		},
		{Operation: operation.ProfileList, Send: "GET /profile", Cost: Cost{2, 1, 2, 3}},
		{
			Operation: operation.ProfileCreate,
			Send:      "POST /profile", Body: Object{"name": "third"},
			Cost: Cost{3, 2, 3, 17}, More: "A/P+1 B/S+1 L+1 N+1 P/P+1",
		},
		{
			Operation: operation.ProfileGet, What: "own, named in the path",
			Send: "GET /profile/HOME", Cost: Cost{1, 1, 1, 2},
		},
		{
			Operation: operation.ProfileGet, What: "own, with a token of another profile",
			Send: "GET /profile/OTHER", Cost: Cost{2, 1, 2, 5},
		},
		{
			Operation: operation.ProfileGet, What: "current",
			Send: "GET /profile/current", Cost: Cost{2, 1, 2, 5},
		},
		{
			Operation: operation.ProfileEdit,
			Send:      "PUT /profile/HOME", Body: Object{"name": "renamed"},
			Cost: Cost{2, 2, 3, 12}, More: "L+1",
		},
		{
			Operation: operation.ProfileDelete,
			Send:      "DELETE /profile/OTHER", Body: proof,
			Cost: Cost{4, 3, 9, 34}, Again: 404,
		},
		{
			Operation: operation.ProfileSummary, What: "own, named in the path",
			Send: "GET /profile/HOME/summary", Cost: Cost{1, 1, 1, 3},
		},
		{
			Operation: operation.ProfileSwitch,
			Send:      "PUT /profile/switch/OTHER", Cost: Cost{3, 2, 3, 20},
		},
		{
			Operation: operation.TokenList, What: "own, named in the path",
			Send: "GET /profile/HOME/token", Cost: Cost{2, 2, 3, 6},
		},
		{
			Operation: operation.TokenDelete, What: "own, named in the path",
			Send: "DELETE /profile/HOME/token/TOKEN", Cost: Cost{2, 2, 2, 12}, Again: 404,
		},
		{Operation: operation.AnalysisList, Send: "GET /analysis/", Cost: Cost{2, 1, 2, 5}},
		{Operation: operation.TokenInfo, Send: "GET /info", Cost: Cost{2, 1, 2, 5}},
		{
			Operation: operation.TeamEdit, Prepare: Member,
			Send: "PUT /profile/HOME/team/BEN", Body: Object{"permission": "read"},
			Cost: Cost{2, 2, 3, 20}, More: "L+1 N+1",
		},
		{
			Operation: operation.TeamRemove, What: "a member", Prepare: Member,
			Send: "DELETE /profile/HOME/team/BEN", Cost: Cost{2, 2, 3, 26}, Again: 404,
		},
		{
			Operation: operation.SubscriptionGet,
			Send:      "GET /account/subscription", Cost: Cost{2, 1, 2, 3},
		},
		{
			Operation: operation.SubscriptionEdit, What: "a lower plan is scheduled",
			Send: "POST /account/subscription", Body: Object{"plan": "starter"},
			Cost: Cost{3, 2, 3, 13}, More: "L+1",
		},
		{
			Operation: operation.SubscriptionSummary,
			Send:      "GET /account/subscription/summary", Cost: Cost{2, 1, 2, 3},
		},
		{Operation: operation.PricingProrated, Send: "GET /pricing/prorated", Cost: Cost{2, 1, 2, 3}},
		{Operation: operation.PlanGet, Send: "GET /account/plan", Cost: Cost{2, 1, 2, 3}},
		{
			Operation: operation.PlanEdit,
			Send:      "POST /account/plan/", Body: Object{"plan": "starter"},
			Cost: Cost{3, 2, 3, 13}, More: "L+1",
		},
		{
			Operation: operation.CouponGet,
			Send:      "GET /account/subscription/coupon/HALF", Cost: Cost{2, 1, 2, 3}, Denied: 404,
		},
		{
			Operation: operation.PaymentRetry,
			Send:      "POST /account/subscription/pending/retry", Cost: Cost{2, 1, 2, 3}, Denied: 400,
		},
		{
			Operation: operation.PaymentMethodGet,
			Send:      "GET /account/payment_method", Cost: Cost{2, 1, 2, 3},
		},
		{
			Operation: operation.PaymentMethodEdit,
			Send:      "POST /account/payment_method", Body: Object{"token": "x"},
			Cost: Cost{2, 1, 2, 3}, Denied: 400,
		},
		{Operation: operation.BillingGet, Send: "GET /account/billing", Cost: Cost{2, 1, 2, 3}},
		{
			Operation: operation.BillingEdit,
			Send:      "PUT /account/billing", Body: Object{"company": "Acme"},
			Cost: Cost{3, 2, 3, 10}, More: "L+1",
		},
		{Operation: operation.BillingOverview, Send: "GET /billing", Cost: Cost{3, 2, 3, 4}},
		{Operation: operation.AllocationGet, Send: "GET /account/allocation", Cost: Cost{2, 1, 2, 3}},
		{
			Operation: operation.ProfileServices,
			Send:      "POST /profile/HOME/services", Body: Object{"input": 500_000},
			Cost: Cost{3, 3, 3, 16}, More: "L+1",
		},
		{
			Operation: operation.AddonList, What: "own, named in the path",
			Send: "GET /profile/HOME/addons", Cost: Cost{1, 1, 1, 2},
		},
		{
			Operation: operation.AddonEdit,
			Send:      "POST /profile/HOME/addons", Body: Object{"mobile": true},
			Cost: Cost{3, 3, 3, 18}, More: "L+1",
		},
		{
			Operation: operation.NotificationCreate,
			Send:      "POST /notification", Body: Object{"title": "x", "message": "y"},
			Cost: Cost{3, 2, 3, 8}, More: "N+1",
		},
	}
}
