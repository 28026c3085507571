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
	Hour    time.Time
	Used    plan.Amounts
	Alerts  [plan.ServiceCount]Alert
	Updated time.Time
	Version int64 // counts up with each report; 0: nothing was ever reported
	Quota   int64 // the version of the quota that the next report must know
	// Suspended is the time until which reports wait, while the profile is
	// deleted or transferred. It is zero or past otherwise.
	Suspended time.Time
	Coarse    bool // stored in whole units only: the next report stores it in parts
}

// Alert is the highest threshold that the owner was notified of, in percent of
// Limit.
type Alert struct{ Percent, Limit int64 }

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
		u.Cycle, u.Alerts = cycle, [plan.ServiceCount]Alert{}
		for _, s := range plan.Services() {
			if s.Counting() == plan.CountingMonthly {
				u.Used[s] = 0
			}
		}
	}
	// A process whose clock is behind uses the stored hour.
	if hour := now.Truncate(time.Hour); hour.After(u.Hour) {
		u.Hour = hour
	}
	return u
}

// Blocked reports whether the profile has reached its limit of a service, so
// that no more of it is admitted.
func (u Usage) Blocked(s plan.Service, limits plan.Amounts) bool {
	return u.Used[s] >= limits[s]*s.Parts()
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
	// Absolute means that After must be stored as it is. Otherwise Added can be
	// added to what is stored. It is true if a level was set, a new hour, cycle
	// or count began, or the quota is not the one that the usage has noted.
	Absolute bool
	Answers  []UsageAnswer
	Alerts   []ThresholdAlert
}

// ChangesUse reports whether the update is more than answers: answers to
// blocked lines and to lines of nothing leave the use as it is.
func (t UsageUpdate) ChangesUse() bool {
	return t.Absolute || t.Added != plan.Amounts{} || t.Before.Alerts != t.After.Alerts
}

// Apply applies the lines of a report, in their order, to the use of a profile.
// A line is admitted as a whole or not at all: a counter, or a level that
// rises, only up to the profile's limit. A line that sets a level is always
// admitted.
func (u Usage) Apply(q Quota, lines []UsageLine, now time.Time) UsageUpdate {
	t := UsageUpdate{Before: u, After: u.Now(q, now)}
	after := &t.After
	t.began = after.Used
	t.Absolute = u.Version == 0 || u.Coarse || !u.Suspended.IsZero() || u.Quota != q.Version ||
		!u.Cycle.Equal(after.Cycle) ||
		!u.Hour.Equal(after.Hour)
	reset := q.Cycle(now).End
	for _, line := range lines {
		s := line.Service
		limit := q.Allocation[s] * s.Parts()
		answer := UsageAnswer{
			Event:    line.Event,
			Service:  s,
			Kind:     line.Kind(),
			Limit:    limit,
			Admitted: true,
		}
		if s.Counting() == plan.CountingMonthly {
			answer.Reset = reset
		}
		switch n := line.Amount; {
		case line.Set:
			after.Used[s], t.Absolute = n, true
		case n > 0 && n > limit-after.Used[s]:
			answer.Admitted = false
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
		answer.Used = after.Used[s]
		t.Answers = append(t.Answers, answer)
	}
	after.Version++
	after.Quota = q.Version
	after.Updated, after.Coarse, after.Suspended = now, false, time.Time{}
	for _, s := range plan.Services() {
		t.alert(s, q.Allocation[s])
	}
	return t
}

// alert adds an alert for the highest threshold of a service that is passed,
// unless the owner has been notified of it.
func (t *UsageUpdate) alert(s plan.Service, limit int64) {
	after, said := &t.After, t.After.Alerts[s]
	if said.Limit < limit {
		// The limit was raised: alerts of the lower one no longer count.
		said = Alert{Limit: limit}
	}
	passed := passedThreshold(after.Used[s], limit*s.Parts())
	if passed > said.Percent && t.began[s] != after.Used[s] {
		after.Alerts[s] = Alert{Percent: passed, Limit: limit}
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
// for the additions of the update to be right: they stay within the limit and
// pass no threshold for which the update has no alert.
func (t UsageUpdate) Headroom(s plan.Service, limit int64) int64 {
	top := limit * s.Parts()
	said := t.After.Alerts[s]
	if said.Limit < limit {
		said = Alert{}
	}
	for _, percent := range thresholds {
		if percent > said.Percent {
			top = min(top, max(thresholdAt(percent, limit*s.Parts())-1, 0))
			break
		}
	}
	return top - t.Added[s]
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
