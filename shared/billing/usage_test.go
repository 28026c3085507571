package billing_test

import (
	"fmt"
	"math"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"profiles/shared/billing"
	"profiles/shared/plan"
	"profiles/shared/problem/problemtest"
	"profiles/shared/tenancy"
	"profiles/shared/testkit/rules"
)

const (
	sms     = plan.ServiceSMS
	run     = plan.ServiceAnalysis
	records = plan.ServiceDataRecords // a level
)

// counted is half past ten, fifteen days after the cycle of the metered profile
// began.
var counted = halfway.Add(30 * time.Minute)

// metered may use 100 of each service.
func metered() tenancy.Profile {
	return tenancy.Profile{
		ID:         "plant",
		Owner:      anaID,
		Allocation: rules.Each(100),
		Anchor:     bought,
		Version:    5,
	}
}

// used is what metered has used, in parts, as a report of this hour left it.
func used(n plan.Amounts) billing.Usage {
	return billing.Usage{
		Profile:  "plant",
		Cycle:    bought,
		Hour:     counted.Truncate(time.Hour),
		Used:     n,
		Updated:  counted.Add(-time.Minute),
		Version:  8,
		Receipts: billing.Receipts{Generation: 7},
	}
}

func line(s plan.Service, n int64) billing.UsageLine {
	return billing.UsageLine{Service: s, Amount: n, Event: fmt.Sprint(s, " ", n), Time: counted}
}

func level(s plan.Service, n int64) billing.UsageLine {
	l := line(s, n)
	l.Set = true
	return l
}

func alerted(s plan.Service, percent, limit int64) func(*billing.Usage) {
	return func(u *billing.Usage) { u.Alerts[s] = billing.Passed{Percent: percent, Limit: limit} }
}

func TestCountersBeginWithTheCycleOrTheOwner(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name        string
		transferred time.Time
		now         time.Time
		start, end  time.Time
	}{
		{"with the cycle", time.Time{}, counted, bought, renewal},
		{"in its first moment", time.Time{}, bought, bought, renewal},
		{"with the next one", time.Time{}, renewal, renewal, renewal.AddDate(0, 1, 0)},
		{"with the owner, who came in the middle of it", bought.Add(3 * day), counted, bought.Add(3 * day), renewal},
		{"and from then on with the cycle", bought.Add(3 * day), renewal, renewal, renewal.AddDate(0, 1, 0)},
		{"an owner who came before plays no part", bought.Add(-3 * day), counted, bought, renewal},
		{"nor one who came as it began", bought, counted, bought, renewal},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			p := metered()
			p.Transferred = test.transferred
			rules.Same(
				t,
				"the cycle",
				p.UsageCycle(test.now),
				billing.Cycle{Start: test.start, End: test.end},
			)
		})
	}
}

func TestUseAsItStands(t *testing.T) {
	t.Parallel()
	full := used(rules.Each(50))
	alerted(sms, 80, 100)(&full)
	alerted(records, 90, 100)(&full)
	turned := full
	turned.Cycle, turned.Hour, turned.Alerts = renewal, renewal, billing.Usage{}.Alerts
	for _, s := range plan.Services() {
		if s.Counting() == plan.CountingMonthly {
			turned.Used[s] = 0
		}
	}
	if turned.Used == full.Used || turned.Used[records] != 50 ||
		turned.Used[plan.ServiceFileStorage] != 50 ||
		turned.Used[plan.ServiceRunUsers] != 50 {
		t.Fatalf("got %v", turned.Used)
	}
	hour := func(u billing.Usage, h time.Time) billing.Usage { u.Hour = h; return u }
	for _, test := range []struct {
		name   string
		before billing.Usage
		p      func(*tenancy.Profile)
		now    time.Time
		want   billing.Usage
	}{
		{"in the same hour it is what it was", full, nil, counted, full},
		{"in the last moment of the hour", full, nil, counted.Add(30*time.Minute - tick), full},
		{"in the next hour", full, nil, counted.Add(30 * time.Minute), hour(full, counted.Add(30*time.Minute))},
		{"a day later", full, nil, counted.Add(day), hour(full, counted.Add(day-30*time.Minute))},
		{"a clock that is behind counts with those that are not", full, nil, counted.Add(-time.Hour), full},
		{"in the last moment of the cycle", full, nil, renewal.Add(-tick), hour(full, renewal.Add(-time.Hour))},
		{"as the cycle turns, counters begin again and levels stay", full, nil, renewal, turned},
		{"a clock that is behind as the cycle turns", turned, nil, renewal.Add(-tick), turned},
		{"some cycles later", full, nil, renewal.AddDate(0, 3, 0).Add(time.Minute), func() billing.Usage {
			u := turned
			u.Cycle, u.Hour = renewal.AddDate(0, 3, 0), renewal.AddDate(0, 3, 0)
			return u
		}()},
		{"with a new owner counters begin again", full, func(p *tenancy.Profile) { p.Transferred = counted }, counted.Add(tick),
			func() billing.Usage {
				u := turned
				u.Cycle, u.Hour = counted, full.Hour
				return u
			}()},
		{"with a first plan, too", full, func(p *tenancy.Profile) { p.Anchor = counted }, counted, func() billing.Usage {
			u := turned
			u.Cycle, u.Hour = counted, full.Hour
			return u
		}()},
		{
			"nothing was ever reported", billing.Usage{}, nil, counted,
			billing.Usage{Profile: "plant", Cycle: bought, Hour: counted.Truncate(time.Hour)},
		},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			p := metered()
			if test.p != nil {
				test.p(&p)
			}
			rules.Same(t, "the use", test.before.Now(p.Quota(), test.now), test.want)
		})
	}
}

func TestBlocked(t *testing.T) {
	t.Parallel()
	limits := rules.Each(100)
	limits[plan.ServiceEmail] = 0
	for _, test := range []struct {
		name string
		s    plan.Service
		used int64
		want bool
	}{
		{"one less than the limit", sms, 99, false}, {"the limit", sms, 100, true}, {"more than the limit", sms, 101, true},
		{"a hundredth less than the limit", run, 9999, false}, {"the limit in hundredths", run, 10000, true},
		{"a service of which there is none", plan.ServiceEmail, 0, true},
	} {
		u := used(plan.Amounts{})
		u.Used[test.s] = test.used
		if got := u.Blocked(test.s, billing.Quota{Allocation: limits}); got != test.want {
			t.Errorf("%s: got %v, want %v", test.name, got, test.want)
		}
	}
}

func TestUsageUpdates(t *testing.T) {
	t.Parallel()
	type lines = []billing.UsageLine
	const mail = plan.ServiceEmail
	for _, test := range []struct {
		name     string
		before   billing.Usage
		limits   func(*plan.Amounts)
		lines    lines
		answers  string // for each line: admitted or not, and what is used then
		after    plan.Amounts
		added    plan.Amounts
		absolute bool
	}{
		{"nothing", used(rules.Each(3)), nil, nil, "", rules.Each(3), plan.Amounts{}, false},
		{"one", used(plan.Amounts{}), nil, lines{line(sms, 1)}, "+1", plan.Amounts{sms: 1}, plan.Amounts{sms: 1}, false},
		{"exactly up to the limit", used(plan.Amounts{sms: 60}), nil, lines{line(sms, 40)}, "+100", plan.Amounts{sms: 100}, plan.Amounts{sms: 40}, false},
		{"one more than the limit is refused as a whole", used(plan.Amounts{sms: 60}), nil, lines{line(sms, 41)}, "-60", plan.Amounts{sms: 60}, plan.Amounts{}, false},
		{"a smaller one after it still fits", used(plan.Amounts{sms: 60}), nil, lines{line(sms, 41), line(sms, 40)}, "-60 +100", plan.Amounts{sms: 100}, plan.Amounts{sms: 40}, false},
		{"lines count in their order", used(plan.Amounts{sms: 60}), nil, lines{line(sms, 30), line(sms, 20), line(sms, 10), line(sms, 1)}, "+90 -90 +100 -100", plan.Amounts{sms: 100}, plan.Amounts{sms: 40}, false},
		{"blocked", used(plan.Amounts{sms: 100}), nil, lines{line(sms, 1)}, "-100", plan.Amounts{sms: 100}, plan.Amounts{}, false},
		{"blocked by a limit that was lowered", used(plan.Amounts{sms: 500}), nil, lines{line(sms, 1)}, "-500", plan.Amounts{sms: 500}, plan.Amounts{}, false},
		{"nothing is admitted of nothing", used(plan.Amounts{}), func(a *plan.Amounts) { a[sms] = 0 }, lines{line(sms, 1)}, "-0", plan.Amounts{}, plan.Amounts{}, false},
		{"so much that sums would overflow", used(plan.Amounts{sms: 60}), nil, lines{line(sms, math.MaxInt64)}, "-60", plan.Amounts{sms: 60}, plan.Amounts{}, false},
		{
			"each service on its own", used(plan.Amounts{sms: 99, mail: 5}), nil, lines{line(sms, 2), line(mail, 2), line(records, 7), line(mail, 1)}, "-99 +7 +7 +8",
			plan.Amounts{sms: 99, mail: 8, records: 7}, plan.Amounts{mail: 3, records: 7}, false,
		},
		{"hundredths of a minute", used(plan.Amounts{run: 9990}), nil, lines{line(run, 7), line(run, 4), line(run, 3)}, "+9997 -9997 +10000", plan.Amounts{run: 10000}, plan.Amounts{run: 10}, false},
		{"hundredths of a megabyte", used(plan.Amounts{plan.ServiceFileStorage: 9990}), nil, lines{line(plan.ServiceFileStorage, 7), line(plan.ServiceFileStorage, 4)}, "+9997 -9997", plan.Amounts{plan.ServiceFileStorage: 9997}, plan.Amounts{plan.ServiceFileStorage: 7}, false},
		{"a level rises", used(plan.Amounts{records: 60}), nil, lines{line(records, 40), line(records, 1)}, "+100 -100", plan.Amounts{records: 100}, plan.Amounts{records: 40}, false},
		{"a level falls", used(plan.Amounts{records: 60}), nil, lines{line(records, -60)}, "+0", plan.Amounts{}, plan.Amounts{records: -60}, false},
		{"a level falls and makes room", used(plan.Amounts{records: 100}), nil, lines{line(records, 5), line(records, -5), line(records, 5)}, "-100 +95 +100", plan.Amounts{records: 100}, plan.Amounts{records: -5}, true},
		{"a level above its limit may fall", used(plan.Amounts{records: 500}), nil, lines{line(records, -5), line(records, 1)}, "+495 -495", plan.Amounts{records: 495}, plan.Amounts{records: -5}, false},
		{"a level cannot be less than nothing", used(plan.Amounts{records: 60}), nil, lines{line(records, -61)}, "+0", plan.Amounts{}, plan.Amounts{}, true},
		{"a level is set", used(plan.Amounts{records: 60}), nil, lines{level(records, 7)}, "+7", plan.Amounts{records: 7}, plan.Amounts{}, true},
		{"a level is set to nothing", used(plan.Amounts{records: 60}), nil, lines{level(records, 0)}, "+0", plan.Amounts{}, plan.Amounts{}, true},
		{"a level is set above its limit, for that is what it is", used(plan.Amounts{records: 60}), nil, lines{level(records, 700), line(records, 1)}, "+700 -700", plan.Amounts{records: 700}, plan.Amounts{}, true},
		{"a level is set, and rises", used(plan.Amounts{sms: 2, records: 60}), nil, lines{line(sms, 1), level(records, 7), line(records, 2)}, "+3 +7 +9", plan.Amounts{sms: 3, records: 9}, plan.Amounts{sms: 1, records: 2}, true},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			p := metered()
			if test.limits != nil {
				test.limits(&p.Allocation)
			}
			got := test.before.Apply(p.Quota(), test.lines, counted)
			rules.Same(t, "before", got.Before, test.before)
			after := test.before
			after.Used, after.Version = test.after, test.before.Version+1
			after.Updated, after.Alerts = counted, got.After.Alerts
			rules.Same(t, "after", got.After, after)
			if got.Added != test.added || got.Absolute != test.absolute {
				t.Errorf(
					"added is %v, absolute is %v, want %v, %v",
					got.Added,
					got.Absolute,
					test.added,
					test.absolute,
				)
			}
			var answers []string
			for i, a := range got.Answers {
				sign := map[bool]string{true: "+", false: "-"}[a.Admitted]
				answers = append(answers, sign+fmt.Sprint(a.Used))
				s := test.lines[i].Service
				want := billing.UsageAnswer{
					Event:    test.lines[i].Event,
					Service:  s,
					Kind:     test.lines[i].Kind(),
					Admitted: a.Admitted,
					Used:     a.Used,
					Limit:    p.Allocation[s] * s.Parts(),
				}
				if s.Counting() == plan.CountingMonthly {
					want.Reset = renewal
				}
				rules.Same(t, "an answer", a, want)
			}
			if got := strings.Join(answers, " "); got != test.answers {
				t.Errorf("got %q, want %q", got, test.answers)
			}
		})
	}
}

func TestWhenAUsageUpdateNeedsNoOtherItems(t *testing.T) {
	t.Parallel()
	lines := []billing.UsageLine{line(sms, 1), line(records, 1)}
	for _, test := range []struct {
		name     string
		before   billing.Usage
		p        func(*tenancy.Profile)
		now      time.Time
		absolute bool
		want     plan.Amounts
	}{
		{"not within an hour", used(rules.Each(5)), nil, counted, false, plan.Amounts{sms: 6, records: 6}},
		{"not by a clock that is behind", used(rules.Each(5)), nil, counted.Add(-time.Hour), false, plan.Amounts{sms: 6, records: 6}},
		{"with the next hour", used(rules.Each(5)), nil, counted.Add(time.Hour), true, plan.Amounts{sms: 6, records: 6}},
		{"with the next cycle", used(rules.Each(5)), nil, renewal, true, plan.Amounts{sms: 1, records: 6}},
		{"with a new owner, in the same hour", used(rules.Each(5)), func(p *tenancy.Profile) { p.Transferred = counted.Add(-tick) }, counted, true, plan.Amounts{sms: 1, records: 6}},
		{"with the first report", billing.Usage{}, nil, counted, true, plan.Amounts{sms: 1, records: 1}},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			p := metered()
			if test.p != nil {
				test.p(&p)
			}
			got := test.before.Apply(p.Quota(), lines, test.now)
			if got.Absolute != test.absolute || got.After.Used[sms] != test.want[sms] ||
				got.After.Used[records] != test.want[records] {
				t.Errorf(
					"absolute is %v, after it %v, want %v, %v",
					got.Absolute,
					got.After.Used,
					test.absolute,
					test.want,
				)
			}
			if got.After.Version != test.before.Version+1 || got.After.Updated != test.now ||
				got.After.Profile != "plant" {
				t.Errorf("got %+v", got.After)
			}
		})
	}
}

// story is a profile whose reports notify its owner of thresholds.
type story struct {
	p   tenancy.Profile
	u   billing.Usage
	now time.Time
}

// report counts lines and returns the alerts: the percent, and what was used of
// what.
func (s *story) report(lines ...billing.UsageLine) string {
	t := s.u.Apply(s.p.Quota(), lines, s.now)
	s.u = t.After
	var out []string
	for _, c := range t.Alerts {
		out = append(out, fmt.Sprintf("%s %d: %d of %d", c.Service, c.Percent, c.Used, c.Limit))
	}
	return strings.Join(out, ", ")
}

func TestTheOwnerIsNotifiedOfEachThresholdOnce(t *testing.T) {
	t.Parallel()
	use := func(s plan.Service, n int64, want string) func(*testing.T, *story) {
		return func(t *testing.T, st *story) {
			t.Helper()
			if got := st.report(line(s, n)); got != want {
				t.Errorf("%d more %s, %d now: got %q, want %q", n, s, st.u.Used[s], got, want)
			}
		}
	}
	set := func(s plan.Service, n int64, want string) func(*testing.T, *story) {
		return func(t *testing.T, st *story) {
			t.Helper()
			if got := st.report(level(s, n)); got != want {
				t.Errorf("%s is %d: got %q, want %q", s, n, got, want)
			}
		}
	}
	limit := func(s plan.Service, n int64) func(*testing.T, *story) {
		return func(_ *testing.T, st *story) { st.p.Allocation[s] = n }
	}
	next := func(_ *testing.T, st *story) { st.now = st.p.UsageCycle(st.now).End }
	for name, steps := range map[string][]func(*testing.T, *story){
		"each as it is reached": {
			use(sms, 79, ""), use(sms, 1, "sms 80: 80 of 100"), use(sms, 9, ""), use(sms, 1, "sms 90: 90 of 100"), use(sms, 9, ""),
			use(sms, 1, "sms 100: 100 of 100"),
		},
		"the highest of those that are passed at once": {use(sms, 95, "sms 90: 95 of 100"), use(sms, 5, "sms 100: 100 of 100")},
		"all at once":                                   {use(sms, 100, "sms 100: 100 of 100"), use(sms, 1, "")},
		"what is refused passes nothing":                {use(sms, 50, ""), use(sms, 51, ""), use(sms, 51, ""), use(sms, 30, "sms 80: 80 of 100"), use(sms, 15, "sms 90: 95 of 100"), use(sms, 6, ""), use(sms, 5, "sms 100: 100 of 100")},
		"other services say nothing":                    {use(sms, 85, "sms 80: 85 of 100"), use(records, 50, ""), use(plan.ServiceEmail, 1, "")},
		"hundredths, up to the last":                    {use(run, 7999, ""), use(run, 1, "analysis 80: 8000 of 10000"), use(run, 999, ""), use(run, 1, "analysis 90: 9000 of 10000"), use(run, 999, ""), use(run, 1, "analysis 100: 10000 of 10000")},
		"a limit of 3: two are not 80 per cent":         {limit(sms, 3), use(sms, 2, ""), use(sms, 1, "sms 100: 3 of 3")},
		"a limit of 1: all of it at once":               {limit(sms, 1), use(sms, 1, "sms 100: 1 of 1")},
		"a limit of 9: eight are 80 per cent":           {limit(sms, 9), use(sms, 7, ""), use(sms, 1, "sms 80: 8 of 9"), use(sms, 1, "sms 100: 9 of 9")},
		"a limit of 0 has nothing to pass":              {limit(sms, 0), use(sms, 1, ""), use(sms, 1, "")},
		"a level of 0 of 0 is nothing":                  {limit(records, 0), set(records, 0, ""), use(records, 1, "")},
		"a raised limit counts anew":                    {use(sms, 95, "sms 90: 95 of 100"), limit(sms, 1000), use(sms, 5, ""), use(sms, 700, "sms 80: 800 of 1000"), use(sms, 100, "sms 90: 900 of 1000")},
		"a raised limit that is passed at once":         {use(sms, 90, "sms 90: 90 of 100"), limit(sms, 110), use(sms, 1, "sms 80: 91 of 110"), use(sms, 8, "sms 90: 99 of 110")},
		"a raised limit by itself says nothing":         {use(sms, 90, "sms 90: 90 of 100"), limit(sms, 110), use(records, 1, ""), use(sms, 1, "sms 80: 91 of 110")},
		"a limit of 0 that is raised":                   {limit(sms, 0), use(sms, 1, ""), limit(sms, 10), use(sms, 8, "sms 80: 8 of 10")},
		"a lowered limit by itself says nothing":        {use(sms, 60, ""), limit(sms, 60), use(records, 1, ""), use(plan.ServiceEmail, 1, "")},
		"a lowered limit is told of with the next use":  {limit(sms, 1000), use(sms, 84, ""), limit(sms, 100), use(sms, 1, "sms 80: 85 of 100"), use(sms, 5, "sms 90: 90 of 100")},
		"a lowered limit tells nothing twice":           {limit(sms, 1000), use(sms, 800, "sms 80: 800 of 1000"), limit(sms, 990), use(sms, 1, ""), use(sms, 90, "sms 90: 891 of 990")},
		"a lowered limit that refuses":                  {limit(sms, 1000), use(sms, 500, ""), limit(sms, 100), use(sms, 1, ""), use(sms, 1, "")},
		"lowered, told of, and raised again":            {limit(sms, 1000), use(sms, 800, "sms 80: 800 of 1000"), limit(sms, 890), use(sms, 1, "sms 90: 801 of 890"), limit(sms, 1000), use(sms, 1, "sms 80: 802 of 1000")},
		"a new cycle counts anew":                       {use(sms, 100, "sms 100: 100 of 100"), next, use(sms, 79, ""), use(sms, 1, "sms 80: 80 of 100"), next, use(sms, 90, "sms 90: 90 of 100")},
		"a new cycle that is as bad as the one before":  {use(sms, 80, "sms 80: 80 of 100"), next, use(sms, 80, "sms 80: 80 of 100")},
		"a full cycle, and another one at once":         {use(sms, 100, "sms 100: 100 of 100"), next, use(sms, 100, "sms 100: 100 of 100")},
		"a level that stays in a new cycle":             {set(records, 85, "data_records 80: 85 of 100"), next, use(sms, 1, ""), use(records, 1, "data_records 80: 86 of 100")},
		"a level that falls and rises again":            {set(records, 85, "data_records 80: 85 of 100"), use(records, -50, ""), use(records, 50, ""), use(records, 5, "data_records 90: 90 of 100")},
		"a level that is set to what it was":            {set(records, 85, "data_records 80: 85 of 100"), set(records, 85, ""), set(records, 250, "data_records 100: 250 of 100"), set(records, 251, "")},
		"a level that falls, but not below a threshold": {limit(records, 1000), set(records, 95, ""), limit(records, 100), use(records, -1, "data_records 90: 94 of 100")},
		"a new owner's counters": {use(sms, 85, "sms 80: 85 of 100"), func(_ *testing.T, st *story) {
			st.p.Transferred = st.now
			st.now = st.now.Add(tick)
		}, use(sms, 80, "sms 80: 80 of 100")},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			st := &story{p: metered(), u: used(plan.Amounts{}), now: counted}
			for _, do := range steps {
				do(t, st)
			}
		})
	}
	st := &story{p: metered(), u: used(plan.Amounts{}), now: counted}
	got := st.report(
		line(records, 80),
		line(sms, 101),
		line(run, 9000),
		line(sms, 3),
		line(records, -10),
		line(plan.ServiceEmail, 79),
	)
	if want := "analysis 90: 9000 of 10000"; got != want {
		t.Errorf(
			"several services in one report, and a level that was high only in between: got %q, want %q",
			got,
			want,
		)
	}
	want := billing.Usage{}.Alerts
	want[run] = billing.Passed{Percent: 90, Limit: 100}
	rules.Same(t, "what was said", st.u.Alerts, want)
}

// limitsAndUse draws a profile and what it has used: around thresholds, with
// and without alerts, and with limits that were changed since.
func limitsAndUse(t *rapid.T) (tenancy.Profile, billing.Usage) {
	p, u := metered(), used(plan.Amounts{})
	for _, s := range []plan.Service{sms, run, records} {
		limit := rapid.OneOf(rapid.Int64Range(0, 12), rapid.Int64Range(0, 300)).Draw(t, "limit")
		p.Allocation[s] = limit
		u.Used[s] = rapid.Int64Range(0, limit*s.Parts()*5/4+1).Draw(t, "used")
		if rapid.Bool().Draw(t, "told") {
			u.Alerts[s] = billing.Passed{
				Percent: rapid.SampledFrom([]int64{80, 90, 100}).Draw(t, "percent"),
				Limit:   max(limit+rapid.Int64Range(-5, 5).Draw(t, "was"), 0),
			}
		}
	}
	return p, u
}

func someLines(t *rapid.T, p tenancy.Profile, set bool) (lines []billing.UsageLine) {
	for i := range rapid.IntRange(1, 4).Draw(t, "lines") {
		s := rapid.SampledFrom([]plan.Service{sms, run, records}).Draw(t, "service")
		top := p.Allocation[s]*s.Parts() + 1
		l := line(
			s,
			rapid.OneOf(rapid.Int64Range(1, top), rapid.Int64Range(1, min(top, 5))).
				Draw(t, "amount"),
		)
		l.Event = fmt.Sprint(i)
		if s == records {
			switch rapid.IntRange(0, 4).Draw(t, "how") {
			case 0, 1:
				l.Amount = -l.Amount
			case 2:
				if set {
					l.Set, l.Amount = true, l.Amount-1
				}
			}
		}
		lines = append(lines, l)
	}
	return lines
}

// passed is the highest threshold that use has reached, by its definition.
func passed(used, limit int64) (percent int64) {
	for _, p := range []int64{80, 90, 100} {
		if limit > 0 && 100*used >= p*limit {
			percent = p
		}
	}
	return percent
}

// An update is computed from usage that was read, and added to what is stored
// by then. Within the headroom the result is the same.
func TestAUsageUpdateWithinItsHeadroomHoldsForAnyUsage(t *testing.T) {
	t.Parallel()
	held := 0
	defer func() {
		if held == 0 {
			t.Error("no tally was added to anything: this tests nothing")
		}
	}()
	rapid.Check(t, func(t *rapid.T) {
		p, u := limitsAndUse(t)
		update := u.Apply(p.Quota(), someLines(t, p, false), counted)
		if update.Absolute {
			return // it stands for itself
		}
		held++
		for _, s := range []plan.Service{sms, run, records} {
			limit, added := p.Allocation[s], update.Added[s]
			headroom := update.Headroom(s, limit)
			if added > 0 && u.Used[s] > headroom {
				t.Fatalf(
					"%s: there is room for the tally up to %d, and it was made of %d: %+v",
					s,
					headroom,
					u.Used[s],
					update,
				)
			}
			for _, truly := range []int64{headroom,
				rapid.Int64Range(min(-added, headroom), headroom).Draw(t, "truly used")} {
				if truly < 0 {
					continue // there never is less than nothing
				}
				after := truly + added
				if after > limit*s.Parts() {
					t.Fatalf(
						"%s: %d and %d are more than %d, and there is room up to %d",
						s,
						truly,
						added,
						limit*s.Parts(),
						headroom,
					)
				}
				// Alerts of a lower limit do not count.
				told := int64(0)
				if a := update.After.Alerts[s]; a.Limit >= limit {
					told = a.Percent
				}
				if got := passed(after, limit*s.Parts()); got > told {
					t.Fatalf(
						"%s: %d and %d are %d per cent of %d, and the owner was told of %d",
						s,
						truly,
						added,
						got,
						limit*s.Parts(),
						told,
					)
				}
			}
		}
	})
}

// Headroom is as large as possible, to avoid needless conflicts.
func TestRoomReachesUpToTheNextThreshold(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name   string
		before int64
		said   billing.Passed
		limit  int64
		add    int64
		want   int64
	}{
		{"up to the first threshold", 10, billing.Passed{}, 100, 5, 74},
		{"up to the second one, when this report passes the first", 78, billing.Passed{}, 100, 5, 84},
		{"up to the second one, when the first was told of", 82, billing.Passed{Percent: 80, Limit: 100}, 100, 5, 84},
		{"up to the limit, when the second was told of", 91, billing.Passed{Percent: 90, Limit: 100}, 100, 5, 94},
		{"up to all of it, when all was told of", 50, billing.Passed{Percent: 100, Limit: 100}, 100, 5, 95},
		{"up to all of it, when this report uses it up", 95, billing.Passed{Percent: 90, Limit: 100}, 100, 5, 95},
		{"what was told of a lower limit does not count", 10, billing.Passed{Percent: 100, Limit: 99}, 100, 5, 74},
		{"what was told of a higher limit does", 10, billing.Passed{Percent: 80, Limit: 101}, 100, 5, 84},
		{"thresholds are rounded up", 0, billing.Passed{}, 9, 1, 6},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			p, u := metered(), used(plan.Amounts{sms: test.before})
			p.Allocation[sms], u.Alerts[sms] = test.limit, test.said
			if got := u.Apply(p.Quota(), []billing.UsageLine{line(sms, test.add)}, counted).
				Headroom(sms, test.limit); got != test.want {
				t.Errorf("got %d, want %d", got, test.want)
			}
		})
	}
}

func TestAUsageUpdateIsTheSumOfItsAnswers(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		p, u := limitsAndUse(t)
		lines := someLines(t, p, true)
		update := u.Apply(p.Quota(), lines, counted)
		now := u.Used
		for i, l := range lines {
			a, s := update.Answers[i], l.Service
			top := p.Allocation[s] * s.Parts()
			fits := l.Set || l.Amount <= 0 || now[s]+l.Amount <= top
			switch {
			case l.Set:
				now[s] = l.Amount
			case fits:
				now[s] = max(now[s]+l.Amount, 0)
			}
			if a.Admitted != fits || a.Used != now[s] || a.Limit != top || a.Event != l.Event {
				t.Fatalf("%+v of %v: got %+v, want it admitted: %v, %d", l, u.Used, a, fits, now[s])
			}
		}
		if update.After.Used != now {
			t.Fatalf("got %v, want %v", update.After.Used, now)
		}
		if !update.Absolute && u.Used.Plus(update.Added) != now {
			t.Fatalf("%v and %v are not %v", u.Used, update.Added, now)
		}
		crossed := map[plan.Service]bool{}
		for _, c := range update.Alerts {
			s := c.Service
			told := u.Alerts[s]
			if told.Limit < p.Allocation[s] {
				told.Percent = 0
			}
			want := passed(now[s], p.Allocation[s]*s.Parts())
			if c.Percent != want || c.Percent <= told.Percent || crossed[s] || c.Used != now[s] ||
				c.Limit != p.Allocation[s]*s.Parts() ||
				update.After.Alerts[s] != (billing.Passed{Percent: want, Limit: p.Allocation[s]}) {
				t.Fatalf(
					"got %+v of %+v, told before is %+v, after %+v",
					c,
					now,
					u.Alerts[s],
					update.After.Alerts[s],
				)
			}
			crossed[s] = true
		}
		for _, s := range plan.Services() {
			if !crossed[s] && update.After.Alerts[s] != u.Alerts[s] {
				t.Fatalf("%s: told is %+v without an alert", s, update.After.Alerts[s])
			}
		}
		// The same report again, admitted or not, gives no alert unless more is
		// used.
		again := update.After.Apply(p.Quota(), nil, counted)
		if again.Alerts != nil || again.After.Used != now {
			t.Fatalf("nothing more is reported: got %+v", again)
		}
	})
}

func TestReportedLines(t *testing.T) {
	t.Parallel()
	now := rules.At(t, "2026-11-24T12:00:00Z")
	n := func(f float64) *float64 { return &f }
	type in = billing.ReportedLine
	type out = billing.UsageLine
	const event = "invalid: event must name the line with 1 to 128 characters: one event counts once"
	const when = "invalid: time must be a date such as 2030-01-31T12:00:00Z, within the last 35 days"
	const services = "invalid: service must be one of input, output, sms, email, analysis, data_records, run_users, push_notification, file_storage"
	for _, test := range []struct {
		name string
		line in
		want out
		says string
	}{
		{"use of a counter", in{Service: "sms", Amount: n(3), Event: "e"}, out{Service: sms, Amount: 3, Event: "e", Time: now}, ""},
		{"a fraction of a minute", in{Service: "analysis", Amount: n(0.07), Event: "e"}, out{Service: run, Amount: 7, Event: "e", Time: now}, ""},
		{"whole minutes", in{Service: "analysis", Amount: n(12), Event: "e"}, out{Service: run, Amount: 1200, Event: "e", Time: now}, ""},
		{"many minutes and a fraction", in{Service: "analysis", Amount: n(7_000_000.29), Event: "e"}, out{Service: run, Amount: 700_000_029, Event: "e", Time: now}, ""},
		{"a level that rises", in{Service: "data_records", Amount: n(5), Event: "e"}, out{Service: records, Amount: 5, Event: "e", Time: now}, ""},
		{"a level that falls", in{Service: "data_records", Amount: n(-5), Event: "e"}, out{Service: records, Amount: -5, Event: "e", Time: now}, ""},
		{"a level as it is", in{Service: "data_records", Amount: n(5), Set: true, Event: "e"}, out{Service: records, Amount: 5, Set: true, Event: "e", Time: now}, ""},
		{"a level of nothing", in{Service: "data_records", Amount: n(0), Set: true, Event: "e"}, out{Service: records, Set: true, Event: "e", Time: now}, ""},
		{"a level of minus nothing", in{Service: "data_records", Amount: n(math.Copysign(0, -1)), Set: true, Event: "e"}, out{Service: records, Set: true, Event: "e", Time: now}, ""},
		{"the most there can be", in{Service: "input", Amount: n(1e12), Event: "e"}, out{Service: plan.ServiceInput, Amount: 1e12, Event: "e", Time: now}, ""},
		{"a time", in{Service: "sms", Amount: n(1), Event: "e", Time: "2026-11-24T13:00:00+02:00"}, out{Service: sms, Amount: 1, Event: "e", Time: now.Add(-time.Hour)}, ""},
		{"a time 35 days ago", in{Service: "sms", Amount: n(1), Event: "e", Time: "2026-10-20T12:00:00Z"}, out{Service: sms, Amount: 1, Event: "e", Time: now.Add(-35 * day)}, ""},
		{"a clock that is 5 minutes ahead", in{Service: "sms", Amount: n(1), Event: "e", Time: "2026-11-24T12:05:00Z"}, out{Service: sms, Amount: 1, Event: "e", Time: now.Add(5 * time.Minute)}, ""},
		{"a long name of an event", in{Service: "sms", Amount: n(1), Event: strings.Repeat("é", 128)}, out{Service: sms, Amount: 1, Event: strings.Repeat("é", 128), Time: now}, ""},

		{"no service", in{Amount: n(1), Event: "e"}, out{}, services},
		{"another service", in{Service: "Input", Amount: n(1), Event: "e"}, out{}, services},
		{"no amount", in{Service: "sms", Event: "e"}, out{}, "invalid: amount is required"},
		{"nothing of a counter", in{Service: "sms", Amount: n(0), Event: "e"}, out{}, "invalid: amount of sms must be positive; only a level may fall"},
		{"nothing of a level", in{Service: "data_records", Amount: n(0), Event: "e"}, out{}, "invalid: amount of data_records must be positive; only a level may fall"},
		{"a counter that falls", in{Service: "sms", Amount: n(-1), Event: "e"}, out{}, "invalid: amount of sms must be positive; only a level may fall"},
		{"a level below nothing", in{Service: "file_storage", Amount: n(-1), Set: true, Event: "e"}, out{}, "invalid: amount of file_storage must be positive; only a level may fall"},
		{"a counter that is set", in{Service: "sms", Amount: n(1), Set: true, Event: "e"}, out{}, "invalid: sms is a counter and cannot be set: send what was used"},
		{"half a message", in{Service: "sms", Amount: n(0.5), Event: "e"}, out{}, "invalid: amount of sms must be a multiple of 1"},
		{"half a hundredth of a minute", in{Service: "analysis", Amount: n(0.015), Event: "e"}, out{}, "invalid: amount of analysis must be a multiple of 0.01"},
		{"almost nothing", in{Service: "analysis", Amount: n(1e-9), Event: "e"}, out{}, "invalid: amount of analysis must be positive; only a level may fall"},
		{"more than there can be", in{Service: "input", Amount: n(1e12 + 1), Event: "e"}, out{}, "invalid: amount is too large"},
		{"more minutes than there can be", in{Service: "analysis", Amount: n(1e10 + 1), Event: "e"}, out{}, "invalid: amount is too large"},
		{"a level that falls by more than there can be", in{Service: "data_records", Amount: n(-1e13), Event: "e"}, out{}, "invalid: amount is too large"},
		{"a number beyond all integers", in{Service: "data_records", Amount: n(1e300), Set: true, Event: "e"}, out{}, "invalid: amount is too large"},
		{"a number beyond all", in{Service: "analysis", Amount: n(math.MaxFloat64), Event: "e"}, out{}, "invalid: amount is too large"},
		{"infinitely many", in{Service: "sms", Amount: n(math.Inf(1)), Event: "e"}, out{}, "invalid: amount is too large"},
		{"infinitely few", in{Service: "data_records", Amount: n(math.Inf(-1)), Event: "e"}, out{}, "invalid: amount is too large"},
		{"what is no number", in{Service: "sms", Amount: n(math.NaN()), Event: "e"}, out{}, "invalid: amount is too large"},
		{"no event", in{Service: "sms", Amount: n(1)}, out{}, event},
		{"a name that is too long", in{Service: "sms", Amount: n(1), Event: strings.Repeat("e", 129)}, out{}, event},
		{"a name with a control character", in{Service: "sms", Amount: n(1), Event: "a\x00b"}, out{}, event},
		{"a name with a line break", in{Service: "sms", Amount: n(1), Event: "a\n"}, out{}, event},
		{"a name that is no text", in{Service: "sms", Amount: n(1), Event: "a\xff"}, out{}, event},
		{"a time that is none", in{Service: "sms", Amount: n(1), Event: "e", Time: "yesterday"}, out{}, when},
		{"a time too long ago", in{Service: "sms", Amount: n(1), Event: "e", Time: "2026-10-20T11:59:59.999Z"}, out{}, when},
		{"a time that is not yet", in{Service: "sms", Amount: n(1), Event: "e", Time: "2026-11-24T12:05:00.001Z"}, out{}, when},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			got, err := test.line.Parse(now)
			if problemtest.Text(err) != test.says {
				t.Fatalf("got %q, want %q", problemtest.Text(err), test.says)
			}
			if err == nil {
				rules.Same(t, "the line", got, test.want)
			}
		})
	}
}

// As text, use is a plain decimal without an exponent, exact to a part.
func TestUseInTextIsAPlainDecimal(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		of    plan.Service
		parts int64
		want  string
	}{
		{plan.ServiceInput, 1_000_000, "1000000"}, {plan.ServiceOutput, 9_000_000_000, "9000000000"}, {plan.ServiceFileStorage, 4_989, "49.89"},
		{plan.ServiceFileStorage, 5_000_000_001, "50000000.01"}, {plan.ServiceFileStorage, 1, "0.01"}, {plan.ServiceSMS, 0, "0"}, {plan.ServiceDataRecords, -5, "-5"},
	} {
		if got := test.of.Text(test.parts); got != test.want {
			t.Errorf("%d parts of %s: got %s, want %s", test.parts, test.of, got, test.want)
		}
	}
}

func TestUseInUnitsIsReadAsItIsWritten(t *testing.T) {
	t.Parallel()
	now := rules.At(t, "2026-11-24T12:00:00Z")
	rapid.Check(t, func(t *rapid.T) {
		s := rapid.SampledFrom(plan.Services()).Draw(t, "service")
		most := s.Tiers()[len(s.Tiers())-1].Amount * s.Parts()
		parts := rapid.OneOf(rapid.Int64Range(1, 2000), rapid.Int64Range(1, most)).Draw(t, "parts")
		units := s.Units(parts)
		got, err := billing.ReportedLine{Service: s.String(), Amount: &units, Event: "e"}.Parse(now)
		if err != nil || got.Amount != parts {
			t.Fatalf("%d parts of %s, as %v: got %d, %v", parts, s, units, got.Amount, err)
		}
		// Each amount is a number that can be counted, or is refused.
		any := rapid.Float64().Draw(t, "any")
		got, err = (billing.ReportedLine{Service: s.String(), Amount: &any, Event: "e"}).Parse(now)
		if err == nil &&
			math.Abs(float64(got.Amount)-any*float64(s.Parts())) > 1e-6*math.Max(1, math.Abs(any)) {
			t.Fatalf("%v of %s: got %d", any, s, got.Amount)
		}
	})
}

func TestOneEventIsOneLine(t *testing.T) {
	t.Parallel()
	n := 1.0
	in := func(service string, set bool) billing.ReportedLine {
		return billing.ReportedLine{Service: service, Amount: &n, Set: set, Event: "e"}
	}
	for _, test := range []struct {
		name        string
		first, then billing.ReportedLine
		report      string // what a report with both says
		known       string // what the second says to the answer of the first
	}{
		{"again", in("sms", false), in("sms", false), "", ""},
		{"another service", in("sms", false), in("email", false), "invalid: lines[1] has the event of lines[0], which adds to sms: name each line by an event of its own",
			`conflict: The event "e" was reported before, with a line that adds to sms: send this one, which adds to email, with an event of its own`},
		{"another kind", in("data_records", false), in("data_records", true), "invalid: lines[1] has the event of lines[0], which adds to data_records: name each line by an event of its own",
			`conflict: The event "e" was reported before, with a line that adds to data_records: send this one, which sets data_records, with an event of its own`},
		{"another level", in("data_records", true), in("run_users", true), "invalid: lines[1] has the event of lines[0], which sets data_records: name each line by an event of its own",
			`conflict: The event "e" was reported before, with a line that sets data_records: send this one, which sets run_users, with an event of its own`},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			_, err := billing.ParseReport([]billing.ReportedLine{test.first, test.then}, counted)
			if problemtest.Text(err) != test.report {
				t.Errorf("got %q, want %q", problemtest.Text(err), test.report)
			}
			lines, err := billing.ParseReport([]billing.ReportedLine{test.first}, counted)
			if err != nil {
				t.Fatal(err)
			}
			then, err := test.then.Parse(counted)
			if err != nil {
				t.Fatal(err)
			}
			known := billing.Usage{}.Apply(metered().Quota(), lines, counted).Answers[0]
			if err := then.Repeats(known); problemtest.Text(err) != test.known {
				t.Errorf("got %q, want %q", problemtest.Text(err), test.known)
			}
			known.Kind = ""
			if err := then.Repeats(known); (err == nil) !=
				(test.first.Service == test.then.Service) {
				t.Errorf("to an answer without a kind: %v", err)
			}
		})
	}
	for _, lines := range [][]billing.ReportedLine{nil, make([]billing.ReportedLine, 101)} {
		if _, err := billing.ParseReport(lines, counted); problemtest.Text(err) !=
			"invalid: lines must have 1 to 100 lines" {
			t.Errorf("%d lines: got %q", len(lines), problemtest.Text(err))
		}
	}
}
