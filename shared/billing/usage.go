package billing

import (
	"time"

	"profiles/shared/plan"
	"profiles/shared/problem"
	"profiles/shared/value"
)

// Usage is what a profile has used: counters since the cycle began, and present
// levels. Amounts are in parts of a unit (see Service.Parts).
type Usage struct {
	Profile value.ProfileID
	Cycle   time.Time // when the counters began
	// Hour is the hour of the last report. Its totals go to the history with
	// the first report of a later hour.
	Hour time.Time
	Used plan.Amounts
	// Over is what soft services have used above the limit, which is charged to
	// nobody. Used does not include it.
	Over    plan.Amounts
	Alerts  [plan.ServiceCount]Passed
	Reached []Reached // alerts whose threshold was reached in this cycle
	// Stops are the services that alerts stopped when the usage was written. No
	// report adds to them, also not one that read the usage before.
	Stops   Services
	Updated time.Time
	Version int64 // counts up with each report; 0: nothing was ever reported
	Quota   int64 // the version of the quota that the next report must know
	// Suspended is the time until which reports wait, while the profile is
	// deleted or transferred. It is zero or past otherwise.
	Suspended time.Time
	// Held is the time until which reports wait for one that replaces the
	// usage. It is zero if there is none.
	Held     time.Time
	Coarse   bool // stored in whole units only: the next report stores it in parts
	Receipts Receipts
}

// Passed is the highest threshold that the owner was notified of, in percent of
// Limit.
type Passed struct{ Percent, Limit int64 }

// thresholds are the percentages of a limit at which the owner is notified.
// Source: the original's services page.
var thresholds = []int64{80, 90, 100}

// UsageHistoryMonths is how long the totals of each hour are kept;
// UsageEventLife is how long an event counts once.
const (
	UsageHistoryMonths = 13
	UsageEventLife     = 35 * 24 * time.Hour
)

// UsageSuspension is how long reports wait while a busy profile is deleted or
// transferred, which needs its exact use.
const UsageSuspension = 5 * time.Second

// Now returns the usage as of now. If a new cycle has begun since u was stored,
// its counters and alerts are reset.
func (u Usage) Now(q Quota, now time.Time) Usage {
	u.Profile = q.Profile
	cycle := q.Cycle(now).Start
	if u.Cycle.Before(cycle) {
		u.Cycle, u.Alerts = cycle, [plan.ServiceCount]Passed{}
		u.Reached, u.Stops = nil, Services{}
		for _, s := range plan.Services() {
			if s.Counting() == plan.CountingMonthly {
				u.Used[s], u.Over[s] = 0, 0
			}
		}
	}
	// A process whose clock is behind uses the stored hour.
	if hour := now.Truncate(time.Hour); hour.After(u.Hour) {
		u.Hour = hour
	}
	return u
}

// Blocked reports whether no more of a service is admitted: the profile has
// reached its limit, and the limit is not soft, or an alert stops it.
func (u Usage) Blocked(s plan.Service, q Quota) bool {
	return u.Used[s] >= q.Allocation[s]*s.Parts() && !q.Soft[s] || u.Stopped(q)[s]
}

// UsageLine is a checked line of a report. Amount is in parts of a unit.
type UsageLine struct {
	Service plan.Service
	Amount  int64
	Set     bool   // the level is Amount now, instead of changing by it
	Event   string // names the line: an event counts once, however often it is reported
	Time    time.Time
}

// LineKind says whether a line adds to the use of a service or sets a level.
type LineKind string

const (
	LineAdds LineKind = "adds"
	LineSets LineKind = "sets"
)

// Kind returns what the line does.
func (l UsageLine) Kind() LineKind {
	if l.Set {
		return LineSets
	}
	return LineAdds
}

// UsageAnswer is the result of a line. Used and Limit are those after the line,
// in parts of a unit.
type UsageAnswer struct {
	Event       string
	Service     plan.Service
	Kind        LineKind // empty for a line counted before kinds were stored
	Admitted    bool
	Used, Limit int64
	Reset       time.Time // when the counter begins again; zero for a level
	Claim       Claim     // under which the line is counted; zero: the answer stands
}

// ThresholdAlert is a threshold that a report has passed.
type ThresholdAlert struct {
	Service     plan.Service
	Percent     int64
	Used, Limit int64 // in parts of a unit
}

// UsageUpdate is a report applied to what was used before.
type UsageUpdate struct {
	Before, After Usage
	began         plan.Amounts // what was used in this cycle before
	Added         plan.Amounts // what lines added; does not matter if Absolute
	AddedOver     plan.Amounts // what they added above the limit; as Added
	// Absolute means that After must be stored as it is. Otherwise Added and
	// AddedOver can be added to what is stored. It is true if a level was set,
	// a new hour, cycle or count began, an alert was reached, or the quota is
	// not the one that the usage has noted.
	Absolute bool
	Answers  []UsageAnswer
	Alerts   []ThresholdAlert
	Reached  []AlertReached
	quota    Quota
}

// ChangesUse reports whether the update is more than answers: answers to
// blocked lines and to lines of nothing leave the use as it is.
func (t UsageUpdate) ChangesUse() bool {
	return t.Absolute || t.Added != plan.Amounts{} || t.AddedOver != plan.Amounts{} ||
		t.Before.Alerts != t.After.Alerts
}

// OnlyAdds reports whether the update is complete when its additions are
// counted.
func (t UsageUpdate) OnlyAdds() bool {
	return t.ChangesUse() && !t.Absolute && t.Before.Alerts == t.After.Alerts
}

// Apply applies the lines of a report, in their order, to the use of a profile.
// A line is admitted as a whole or not at all: a counter, or a level that
// rises, only up to the profile's limit. What a soft service uses above the
// limit is admitted and counted in Over. No line is admitted of a service that
// an alert stops, or that would take it above the threshold of one that does. A
// line that sets a level is always admitted.
func (u Usage) Apply(q Quota, lines []UsageLine, now time.Time) UsageUpdate {
	t := UsageUpdate{Before: u, After: u.Now(q, now), quota: q}
	after := &t.After
	t.began = after.Used
	t.Absolute = u.Version == 0 || u.Coarse || u.Receipts.Generation == 0 ||
		!u.Suspended.IsZero() || !u.Held.IsZero() || u.Quota != q.Version ||
		!u.Cycle.Equal(after.Cycle) || !u.Hour.Equal(after.Hour)
	// What is stopped may have changed with the alerts and the limits.
	t.Absolute = t.Absolute || u.Stops != after.Stopped(q)
	t.settleOver()
	t.reach(now)
	reset := q.Cycle(now).End
	for _, line := range lines {
		s := line.Service
		answer := UsageAnswer{
			Event:    line.Event,
			Service:  s,
			Kind:     line.Kind(),
			Limit:    q.Allocation[s] * s.Parts(),
			Admitted: t.admit(line, now),
		}
		if s.Counting() == plan.CountingMonthly {
			answer.Reset = reset
		}
		answer.Used = after.Used[s]
		t.Answers = append(t.Answers, answer)
		t.reach(now)
	}
	after.Version++
	if after.Receipts.Generation == 0 {
		after.Receipts.Generation = firstGeneration(now)
	}
	after.Quota = q.Version
	after.Updated, after.Coarse = now, false
	after.Suspended, after.Held = time.Time{}, time.Time{}
	after.Stops = after.Stopped(q)
	for _, s := range plan.Services() {
		t.alert(s, q.Allocation[s])
	}
	return t
}

// admit counts a line, unless it does not fit. It reports whether the line was
// counted.
func (t *UsageUpdate) admit(line UsageLine, now time.Time) bool {
	s, n, after := line.Service, line.Amount, &t.After
	room := t.quota.Allocation[s]*s.Parts() - after.Used[s]
	switch {
	case line.Set:
		after.Used[s], after.Over[s], t.Absolute = n, 0, true
		t.settleOver()
		return true
	case n > 0 && !t.stopsAdmit(s, n, now):
		return false
	case n > room && n > 0 && !t.quota.Soft[s]:
		return false
	case n > room && n > 0:
		within := max(room, 0)
		after.Used[s] += within
		after.Over[s] += n - within
		t.Added[s] += within
		t.AddedOver[s] += n - within
		// A sum that is added can be within the limit or above it, not both.
		// The level of a service is stored as a whole, for it can fall again.
		t.Absolute = t.Absolute || t.Added[s] != 0 || s.Counting() == plan.CountingLevel ||
			t.Before.Over == plan.Amounts{}
	case n < 0 && after.Over[s] > 0:
		fallen := min(after.Over[s], -n)
		after.Over[s] -= fallen
		after.Used[s] = max(after.Used[s]+n+fallen, 0)
		t.Absolute = true
	case n > 0 && t.Added[s] < 0 || n < 0 && t.Added[s] > 0:
		// One line adds and another subtracts, so whether the first fits
		// depends on their order. The sum in Added does not tell that.
		after.Used[s] = max(after.Used[s]+n, 0)
		t.Absolute = true
	case after.Used[s]+n < 0:
		// A level cannot be less than nothing.
		after.Used[s], t.Absolute = 0, true
	default:
		after.Used[s] += n
		t.Added[s] += n
	}
	return true
}

// alert adds an alert for the highest threshold of a service that is passed,
// unless the owner has been notified of it.
func (t *UsageUpdate) alert(s plan.Service, limit int64) {
	after, said := &t.After, t.After.Alerts[s]
	if said.Limit < limit {
		// The limit was raised: alerts of the lower one no longer count.
		said = Passed{Limit: limit}
	}
	passed := passedThreshold(after.Used[s], limit*s.Parts())
	if passed > said.Percent && t.began[s] != after.Used[s] {
		after.Alerts[s] = Passed{Percent: passed, Limit: limit}
		t.Alerts = append(t.Alerts, ThresholdAlert{s, passed, after.Used[s], limit * s.Parts()})
	}
}

func passedThreshold(used, limit int64) (passed int64) {
	for _, percent := range thresholds {
		if limit > 0 && used >= thresholdAt(percent, limit) {
			passed = percent
		}
	}
	return passed
}

// thresholdAt returns the least use that passes a threshold.
func thresholdAt(percent, limit int64) int64 { return (limit*percent + 99) / 100 }

// Headroom returns the most that may have been used before, in parts of a unit,
// for the additions of the update to be right: they stay within the limit, and
// reach no threshold or alert that the update does not notify of.
func (t UsageUpdate) Headroom(s plan.Service, limit int64) int64 {
	top := min(limit*s.Parts(), t.belowAlerts(s)-t.After.Over[s])
	said := t.After.Alerts[s]
	if said.Limit < limit {
		said = Passed{}
	}
	for _, percent := range thresholds {
		if percent > said.Percent {
			top = min(top, max(thresholdAt(percent, limit*s.Parts())-1, 0))
			break
		}
	}
	return top - t.Added[s]
}

// HeadroomOver is Headroom for what is added above the limit of a soft service:
// the most that may have been used above it before.
func (t UsageUpdate) HeadroomOver(s plan.Service) int64 {
	return t.belowAlerts(s) - t.After.Used[s] - t.AddedOver[s]
}

// same reports whether the line has a service and kind. An empty kind, of a
// line counted before kinds were stored, matches any.
func (l UsageLine) same(s plan.Service, k LineKind) bool {
	return l.Service == s && (l.Kind() == k || k == "")
}

func (k LineKind) of(s plan.Service) string {
	if k == LineSets {
		return "sets " + s.String()
	}
	return "adds to " + s.String()
}

// Repeats refuses (CodeConflict) a line whose event was reported before with
// another service or kind. Such a line was never counted, and the stored answer
// known belongs to the other line.
func (l UsageLine) Repeats(known UsageAnswer) error {
	if l.same(known.Service, known.Kind) {
		return nil
	}
	return problem.Conflict("The event %q was reported before, with a line that %s: send this one, which %s, with an event of its own",
		l.Event, known.Kind.of(known.Service), l.Kind().of(l.Service)).
		For(problem.ReasonEventReused)
}
