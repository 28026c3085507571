package billing_test

import (
	"testing"

	"profiles/shared/billing"
	"profiles/shared/plan"
	"profiles/shared/problem"
	"profiles/shared/problem/problemtest"
	"profiles/shared/testkit/rules"
	"profiles/shared/value"
)

// The rules' reasons and facts for programs. The tests of each rule check its
// message.
func TestRulesOfBillingTellProgramsWhy(t *testing.T) {
	t.Parallel()
	second := func(_ any, err error) error { return err }
	now := halfway
	owner := owning(6, "home")
	owner.Shares["plant"] = billing.Share{}
	allocate := func(n int64) error {
		return second(
			owner.Allocate(
				map[value.ProfileID]map[plan.Service]int64{"home": {plan.ServiceSMS: n}},
				map[value.ProfileID]billing.Usage{
					"home": usedUp(plan.Amounts{plan.ServiceSMS: 4}),
				},
				halfway,
			),
		)
	}
	for name, test := range map[string]struct {
		err     error
		reason  problem.Reason
		details string
	}{
		"less than is used":        {allocate(3), problem.ReasonAllocationUnder, `{"limit":4,"profile":"home","service":"sms"}`},
		"what is not left":         {second(owner.AddProfile("x", billing.Share{Allocation: rules.Each(5000)}, now)), problem.ReasonAllocationLacks, ""},
		"another line of an event": {billing.UsageLine{Service: plan.ServiceSMS, Amount: 1}.Repeats(billing.UsageAnswer{Service: plan.ServiceEmail}), problem.ReasonEventReused, ""},
	} {
		problemtest.Tells(t, name, test.err, test.reason, test.details)
	}
}
