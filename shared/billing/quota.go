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
	Soft       Services  // services of which more than the allocation is admitted
	Alerts     Alerts
	Cost       int64 // of the profile in a cycle, in cents; see Subscription.CycleCost
	// Version is raised by each commit after which a report must not rely on an
	// earlier quota: one that lowers an allocation, changes alerts or soft
	// limits, or moves the profile.
	Version int64
}

// Services is a set of services.
type Services [plan.ServiceCount]bool

// Names lists the services of the set.
func (s Services) Names() []string {
	names := []string{}
	for _, one := range plan.Services() {
		if s[one] {
			names = append(names, one.String())
		}
	}
	return names
}

// ServicesOf returns the set of the services with these names; names that are
// none are left out.
func ServicesOf(names []string) (s Services) {
	for _, name := range names {
		if one, err := plan.ParseService(name); err == nil {
			s[one] = true
		}
	}
	return s
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

// SoftEdit says of services whether their limit is soft.
type SoftEdit map[plan.Service]bool

// With returns the set with the services that become soft, and without those
// that become hard.
func (s Services) With(e SoftEdit) Services {
	for one, soft := range e {
		s[one] = soft
	}
	return s
}
