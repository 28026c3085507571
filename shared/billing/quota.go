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
	Received   time.Time // when the owner received the profile by a transfer; zero: it created it
	// Version is raised by each commit after which a report must not rely on an
	// earlier quota: one that lowers an allocation, or moves the profile.
	Version int64
}

// Cycle returns the time in which the counters of the profile count: its
// owner's billing cycle, or, if the owner received the profile during that
// cycle, the rest of it.
func (q Quota) Cycle(now time.Time) Cycle {
	c := CycleAt(q.Anchor, now)
	if q.Received.After(c.Start) && !q.Received.After(now) {
		c.Start = q.Received
	}
	return c
}
