package billing

import (
	"time"

	"profiles/shared/plan"
	"profiles/shared/problem"
	"profiles/shared/value"
)

// Usage is what a profile has used: of counters since the cycle began, of
// levels at the moment. It is counted in parts of a unit, see Service.Parts.
type Usage struct {
	Profile value.ProfileID
	Cycle   time.Time // when the counters began
	// the hour of the last report; what was used at its end is history as soon
	// as another one begins
	Hour    time.Time
	Used    plan.Amounts
	Alerts  [plan.ServiceCount]Alert
	Updated time.Time
	Version int64 // counts up with each report; 0: nothing was ever reported
	// Suspended is until when nothing may be reported, while somebody ends the
	// profile or moves it: zero, or past, in general.
	Suspended time.Time
	Coarse    bool // kept in whole units: the next report writes it anew
}

// Alert is the highest threshold that the owner was told of, and the limit that
// it was a part of.
type Alert struct{ Percent, Limit int64 }

// thresholds are the parts of a limit, in per cent, whose passing the owner is
// told. Source: the original's services page.
var thresholds = []int64{80, 90, 100}

// UsageHistoryMonths is how long the totals of each hour are kept;
// UsageEventLife is how long an event counts once.
const (
	UsageHistoryMonths = 13
	UsageEventLife     = 35 * 24 * time.Hour
)

// UsageSuspension is for how long reports wait for whoever ends or moves a busy
// profile, and must know to the unit what it has used.
const UsageSuspension = 5 * time.Second

// Now returns the use as it stands: the counters begin again with a cycle,
// whether or not anything was written then.
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
	// Clocks differ: one that is behind counts with those that are not.
	if hour := now.Truncate(time.Hour); hour.After(u.Hour) {
		u.Hour = hour
	}
	return u
}

// Blocked reports whether a profile has used up a service: nothing more of it
// is admitted.
func (u Usage) Blocked(s plan.Service, limits plan.Amounts) bool {
	return u.Used[s] >= limits[s]*s.Parts()
}

// UsageLine is one thing that a data plane reports. Amount is in parts of a
// unit.
type UsageLine struct {
	Service plan.Service
	Amount  int64
	Set     bool   // the level is Amount now, instead of changing by it
	Event   string // names the line: one event counts once, whoever reports it and how often
	Time    time.Time
}

// LineKind is what a line does: it adds to what was used, or says what a level
// is.
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

// UsageAnswer says what became of a line. Used and Limit are those after it, in
// parts of a unit.
type UsageAnswer struct {
	Event       string
	Service     plan.Service
	Kind        LineKind // empty: not known, of a line that was counted before kinds were kept
	Admitted    bool
	Used, Limit int64
	Reset       time.Time // when the counter begins again; zero for a level
}

// ThresholdAlert is a threshold that a report passes.
type ThresholdAlert struct {
	Service     plan.Service
	Percent     int64
	Used, Limit int64 // in parts of a unit
}

// UsageUpdate is a report applied to what was used before.
type UsageUpdate struct {
	Before, After Usage
	began         plan.Amounts // what was used in this cycle before
	Added         plan.Amounts // what was added, where nothing was set
	// something was set, or a new hour, cycle or count began: After stands for
	// itself
	Absolute bool
	Answers  []UsageAnswer
	Alerts   []ThresholdAlert
}

// Apply applies the lines of a report, in their order, to the use of a profile.
// A line is admitted as a whole or not at all: a counter, or a level that
// rises, only up to the profile's limit. A level that is set is what it is.
func (u Usage) Apply(q Quota, lines []UsageLine, now time.Time) UsageUpdate {
	t := UsageUpdate{Before: u, After: u.Now(q, now)}
	after := &t.After
	t.began = after.Used
	t.Absolute = u.Version == 0 || u.Coarse || !u.Suspended.IsZero() ||
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
			// Whether each fits depends on the other, so that the sum alone
			// says too little.
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
	after.Updated, after.Coarse, after.Suspended = now, false, time.Time{}
	for _, s := range plan.Services() {
		t.alert(s, q.Allocation[s])
	}
	return t
}

// alert finds the highest threshold of a service that is passed and that the
// owner was not told of.
func (t *UsageUpdate) alert(s plan.Service, limit int64) {
	after, said := &t.After, t.After.Alerts[s]
	if said.Limit < limit {
		// A higher limit: what was said of the lower one counts no more.
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

// thresholdAt is the least use that passes a threshold.
func thresholdAt(percent, limit int64) int64 { return (limit*percent + 99) / 100 }

// Headroom is how much may have been used, at most, for the additions of a
// tally to be right: they fit below the limit, and pass no threshold that the
// tally does not know of.
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

// same reports whether an event of the line could have been given to a line of
// a service and kind.
func (l UsageLine) same(s plan.Service, k LineKind) bool {
	return l.Service == s && (l.Kind() == k || k == "")
}

func (k LineKind) of(s plan.Service) string {
	if k == LineSets {
		return "sets " + s.String()
	}
	return "adds to " + s.String()
}

// Repeats refuses (CodeConflict) a line whose event was given to another
// service or another kind of line before: it was never counted, and the answer
// that is known is not its own.
func (l UsageLine) Repeats(known UsageAnswer) error {
	if l.same(known.Service, known.Kind) {
		return nil
	}
	return problem.Conflict("The event %q was reported before, with a line that %s: send this one, which %s, with an event of its own",
		l.Event, known.Kind.of(known.Service), l.Kind().of(l.Service)).
		For(problem.ReasonEventReused)
}
