package billing

import (
	"math/bits"
	"time"

	"profiles/shared/plan"
	"profiles/shared/value"
)

// Charge is one line of an account's statement: what was bought, for which
// time, and its price.
type Charge struct {
	ID       string
	Account  value.AccountID
	Kind     ChargeKind
	Plan     plan.Plan       // of a plan
	Service  plan.Service    // of a service
	Addon    plan.Addon      // of an add-on
	Profile  value.ProfileID // of an add-on
	Limit    int64           // of a service: the account's new limit
	Amount   int64           // cents
	From, To time.Time
}

// ChargeKind says what a charge is for.
type ChargeKind string

const (
	ChargePlan    ChargeKind = "plan"
	ChargeService ChargeKind = "service"
	ChargeAddon   ChargeKind = "addon"
)

// What returns the name of the plan, service or add-on that was bought.
func (c Charge) What() string {
	switch c.Kind {
	case ChargePlan:
		return string(c.Plan)
	case ChargeAddon:
		return string(c.Addon)
	}
	return c.Service.String()
}

// charge returns c for the time from now to the end of the paid cycle. The
// caller sets ID and Account.
func (sub Subscription) charge(c Charge, now time.Time) Charge {
	c.From, c.To = now, sub.PaidUntil
	return c
}

// portion returns n*of/all, rounded down. The product n*of may exceed an int64.
func portion(n, of, all int64) int64 {
	high, low := bits.Mul64(uint64(n), uint64(of))
	quotient, _ := bits.Div64(high, low, uint64(all))
	return int64(quotient)
}
