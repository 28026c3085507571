package billing

import (
	"math"
	"slices"
	"time"

	"profiles/shared/plan"
)

// Reached notes that the threshold of an alert was reached in a cycle.
type Reached struct {
	Alert     AlertID
	Armed     time.Time // as of the alert then
	Threshold int64     // the threshold then: cents for cost, parts of a unit for a service
	Time      time.Time
	Lifted    bool // its stop was lifted for the rest of the cycle
}

// AlertReached is an alert whose threshold a report has reached. Used and Limit
// are in parts of a unit; for an alert on cost, Used is in cents and Limit is
// 0.
type AlertReached struct {
	Alert       Alert
	Used, Limit int64
	// Refused is whether a line would have taken use above the threshold of a
	// stop, and was not admitted.
	Refused bool
}

// measured returns what an alert looks at, in the unit of its threshold.
func (u Usage) measured(a Alert, q Quota) int64 {
	if a.OfCost() {
		return q.Cost
	}
	return u.Used[a.Service] + u.Over[a.Service]
}

// Noted returns what is noted of an alert in this cycle. If the alert was armed
// anew since, or the limit was raised and with it the threshold of a
// percentage, there is nothing.
func (u Usage) Noted(a Alert, q Quota) (Reached, bool) {
	for _, r := range u.Reached {
		if r.Alert == a.ID && r.Armed.Equal(a.Armed) && a.Threshold(q.Allocation) <= r.Threshold {
			return r, true
		}
	}
	return Reached{}, false
}

// Stopping reports whether an alert stops services now.
func (u Usage) Stopping(a Alert, q Quota) bool {
	r, noted := u.Noted(a, q)
	return a.Stop != StopNone && noted && !r.Lifted
}

// Stopped returns the services that alerts stop now.
func (u Usage) Stopped(q Quota) (stopped Services) {
	for _, a := range q.Alerts {
		if u.Stopping(a, q) {
			for _, s := range plan.Services() {
				stopped[s] = stopped[s] || a.Stops(s)
			}
		}
	}
	return stopped
}

// Lift returns the usage with the stop of an alert lifted until the cycle ends.
// Errors: ErrNotStopped.
func (u Usage) Lift(a Alert, q Quota, now time.Time) (Usage, error) {
	u = u.Now(q, now)
	if !u.Stopping(a, q) {
		return u, ErrNotStopped
	}
	u.Reached = slices.Clone(u.Reached)
	for i, r := range u.Reached {
		if r.Alert == a.ID {
			u.Reached[i].Lifted = true
		}
	}
	u.Stops = u.Stopped(q)
	u.Version++
	return u, nil
}

// reach notes the alerts whose threshold is reached by now.
func (t *UsageUpdate) reach(now time.Time) {
	for _, a := range t.quota.Alerts {
		threshold := a.Threshold(t.quota.Allocation)
		if threshold > 0 && t.After.measured(a, t.quota) >= threshold {
			t.note(a, false, now)
		}
	}
}

// note notes an alert, unless that was done in this cycle.
func (t *UsageUpdate) note(a Alert, refused bool, now time.Time) {
	if _, noted := t.After.Noted(a, t.quota); noted {
		return
	}
	others := func(r Reached) bool { return r.Alert == a.ID }
	t.After.Reached = append(
		slices.DeleteFunc(slices.Clone(t.After.Reached), others),
		Reached{Alert: a.ID, Armed: a.Armed, Threshold: a.Threshold(t.quota.Allocation), Time: now},
	)
	t.Absolute = true
	reached := AlertReached{Alert: a, Used: t.After.measured(a, t.quota), Refused: refused}
	if !a.OfCost() {
		reached.Limit = t.quota.Allocation[a.Service] * a.Service.Parts()
	}
	t.Reached = append(t.Reached, reached)
}

// stopsAdmit reports whether no alert stops a line that adds n to a service. A
// line that would take it above the threshold of an alert that stops it makes
// the alert stop it.
func (t *UsageUpdate) stopsAdmit(s plan.Service, n int64, now time.Time) bool {
	for _, a := range t.quota.Alerts {
		threshold := a.Threshold(t.quota.Allocation)
		if a.OfCost() || a.Stop == StopNone || a.Service != s || threshold == 0 {
			continue
		}
		_, noted := t.After.Noted(a, t.quota)
		if !noted && n > threshold-t.After.measured(a, t.quota) {
			t.note(a, true, now)
		}
	}
	return !t.After.Stopped(t.quota)[s]
}

// belowAlerts returns the most of a service that can be used, within the limit
// and above it, without reaching an alert that was not reached in this cycle.
func (t UsageUpdate) belowAlerts(s plan.Service) int64 {
	top := int64(math.MaxInt64)
	for _, a := range t.quota.Alerts {
		threshold := a.Threshold(t.quota.Allocation)
		if a.OfCost() || a.Service != s || threshold == 0 {
			continue
		}
		if _, noted := t.After.Noted(a, t.quota); !noted {
			top = min(top, threshold-1)
		}
	}
	return top
}

// settleOver moves what a level holds above the limit to where it belongs,
// after the limit or the level has changed: into the limit as far as there is
// room, and above it as far as the limit is soft.
func (t *UsageUpdate) settleOver() {
	for _, s := range plan.Services() {
		if s.Counting() != plan.CountingLevel {
			continue
		}
		used, over := t.After.Used[s], t.After.Over[s]
		limit := t.quota.Allocation[s] * s.Parts()
		switch {
		case over > 0 && used < limit:
			n := min(over, limit-used)
			used, over = used+n, over-n
		case used > limit && t.quota.Soft[s]:
			used, over = limit, over+used-limit
		default:
			continue
		}
		t.After.Used[s], t.After.Over[s], t.Absolute = used, over, true
	}
}
