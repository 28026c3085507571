package billing

import (
	"strings"
	"time"

	"profiles/shared/plan"
	"profiles/shared/problem"
	"profiles/shared/value"
)

// StatisticsQuery is the span and the step in which a client asks for a
// profile's use: Date alone, or Start and End, and Periodicity. Each may be
// empty; the default is the hours of today.
type StatisticsQuery struct{ Date, Start, End, Periodicity, Timezone string }

// maxBuckets bounds the answer: a month of hours.
const maxBuckets = 31*24 + 1

// Buckets returns the start of each step in the span and, after them, the end
// of the last step, in UTC. Steps that start after now are left out, but there
// is always one. Errors: CodeInvalid naming the parameters.
func (q StatisticsQuery) Buckets(now time.Time) ([]time.Time, error) {
	zone := time.UTC
	if q.Timezone != "" {
		var err error
		if zone, err = value.Zone(q.Timezone); err != nil {
			return nil, err
		}
	}
	parse := func(name, s string) (time.Time, error) {
		s = strings.TrimSpace(s)
		if t, err := time.Parse(time.DateOnly, s); err == nil {
			return value.FirstMoment(t.Year(), t.Month(), t.Day(), zone), nil
		}
		for _, form := range value.DateForms {
			if t, err := time.ParseInLocation(form, s, zone); err == nil {
				return t.In(zone), nil
			}
		}
		return time.Time{}, problem.InvalidField(
			name,
			problem.FieldFormat,
			"must be a date such as 2030-01-31 or 2030-01-31T12:00:00Z",
		)
	}
	next, err := steps(q.Periodicity)
	if err != nil {
		return nil, err
	}
	var start, end time.Time
	if q.Start != "" {
		if start, err = parse("start_date", q.Start); err != nil {
			return nil, err
		}
	}
	if q.End != "" {
		if end, err = parse("end_date", q.End); err != nil {
			return nil, err
		}
		if len(strings.TrimSpace(q.End)) == len("2006-01-02") {
			end = value.DayStart(end, 1)
		}
	}
	switch {
	case q.Date != "" || q.Start == "" && q.End == "":
		date := now.In(zone)
		if q.Date != "" {
			if date, err = parse("date", q.Date); err != nil {
				return nil, err
			}
		}
		first, last := value.DayStart(date, 0), value.DayStart(date, 1)
		if q.Start != "" && !start.Equal(first) || q.End != "" && !end.Equal(last) {
			return nil, problem.Invalid("date is one day, and start_date and end_date are another span: send date, or the two of them").
				At("date", "start_date", "end_date")
		}
		start, end = first, last
	case q.Start == "" || q.End == "":
		return nil, problem.Invalid("send start_date and end_date, or date alone").
			At("start_date", "end_date")
	}
	if !start.Before(end) {
		return nil, problem.InvalidField("end_date", problem.FieldRange, "must be after start_date")
	}
	var buckets []time.Time
	at := next(start, 0)
	for ; at.Before(end) && !at.After(now); at = next(at, 1) {
		if buckets = append(buckets, at.UTC()); len(buckets) > maxBuckets {
			return nil, problem.Invalid("the span has more than %d steps: ask for a shorter one, or a larger periodicity", maxBuckets).
				At("start_date", "end_date", "periodicity")
		}
	}
	if len(buckets) == 0 {
		at = next(start, 0)
		buckets = append(buckets, at.UTC())
		at = next(at, 1)
	}
	return append(buckets, at.UTC()), nil
}

// steps returns a function of a time and n: the start of the step that contains
// the time, moved on by n steps. Errors: CodeInvalid for an unknown
// periodicity.
func steps(periodicity string) (func(time.Time, int) time.Time, error) {
	switch periodicity {
	case "", "hour":
		return func(t time.Time, n int) time.Time {
			_, offset := t.Zone()
			shift := time.Duration(offset) * time.Second
			return t.Add(shift).Truncate(time.Hour).Add(-shift).Add(time.Duration(n) * time.Hour)
		}, nil
	case "day":
		return func(t time.Time, n int) time.Time {
			return value.DayStart(t, n)
		}, nil
	case "month":
		return func(t time.Time, n int) time.Time {
			return value.FirstMoment(t.Year(), t.Month()+time.Month(n), 1, t.Location())
		}, nil
	case "year":
		return func(t time.Time, n int) time.Time {
			return value.FirstMoment(t.Year()+n, 1, 1, t.Location())
		}, nil
	}
	return nil, problem.InvalidField(
		"periodicity",
		problem.FieldChoice,
		"must be hour, day, month or year",
	)
}

// Statistic is what a profile had used at the end of a bucket, by service, in
// units. Services without use are left out. Time is the start of the bucket.
type Statistic struct {
	Time time.Time
	Used map[plan.Service]float64
}

// Statistics returns the use at the end of each bucket (see Buckets). hours has
// the total of each hour with a report, ordered by time; the first may be from
// before the span, and the last is the present total. A bucket without a report
// has the totals of the bucket before; a bucket whose totals are all zero is
// left out.
func Statistics(q Quota, hours []Usage, buckets []time.Time, now time.Time) []Statistic {
	out := []Statistic{}
	next := 0
	for i, from := range buckets[:len(buckets)-1] {
		to := buckets[i+1]
		// A total that was updated after the end of the bucket includes use
		// that came later, so it is not taken.
		for next < len(hours) && hours[next].Updated.Before(to) {
			next++
		}
		if next == 0 || from.After(now) {
			continue
		}
		last := hours[next-1]
		// Totals from a cycle that is over by the end of the bucket hold for
		// levels only.
		at := to.Add(-time.Millisecond)
		if now.Before(at) {
			at = now
		}
		// A total from the time of another owner has that owner's cycle, which
		// is checked as well.
		over := q.Cycle(at).Start.After(last.Updated) ||
			!last.Cycle.IsZero() && !at.Before(CycleAt(last.Cycle, last.Cycle).End)
		used := map[plan.Service]float64{}
		for _, s := range plan.Services() {
			if n := last.Used[s]; n != 0 && !(over && s.Counting() == plan.CountingMonthly) {
				used[s] = s.Units(n)
			}
		}
		if len(used) > 0 {
			out = append(out, Statistic{from, used})
		}
	}
	return out
}
