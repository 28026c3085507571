package billing

import (
	"time"

	"profiles/shared/plan"
	"profiles/shared/value"
)

// Quota is what a profile may use of each service, and since when it counts.
type Quota struct {
	Profile    value.ProfileID
	Allocation plan.Amounts
	Anchor     time.Time // when the first billing cycle of the owner began
	Received   time.Time // when the profile came to its owner; zero: it made it
}

// Cycle returns when the counters of a profile began and when they begin again:
// with its owner's billing cycle, or with its owner.
func (q Quota) Cycle(now time.Time) Cycle {
	c := CycleAt(q.Anchor, now)
	if q.Received.After(c.Start) && !q.Received.After(now) {
		c.Start = q.Received
	}
	return c
}
