package store_test

import (
	"errors"
	"fmt"
	"testing"
	"time"

	"pgregory.net/rapid"

	"profiles/shared/billing"
	"profiles/shared/plan"
	"profiles/shared/problem"
	"profiles/shared/testkit"
)

// Reporters whose reading is out of date either leave what those would leave
// that read anew, or are refused. Over any history, what is admitted never
// exceeds the limit, history has what was used at the end of each hour, and
// each threshold of a counter is passed once.
func TestReportsAreAsIfOneByOne(t *testing.T) {
	t.Parallel()
	w := testkit.New(t)
	start := w.Now()
	rapid.Check(t, func(rt *rapid.T) {
		const limit = 10
		w.Advance(start.Sub(w.Now()))
		m := newMetered(w, limit)
		readings := [3]billing.Usage{}
		counted := []plan.Service{
			plan.ServiceInput,
			plan.ServiceAnalysis,
			plan.ServiceRunUsers,
		}
		type end struct{ cycle, hour time.Time } // an hour in which a cycle ends has two
		past := map[end]plan.Amounts{}
		told := map[string]int{}
		for i := range rapid.IntRange(1, 25).Draw(rt, "reports") {
			who := rapid.IntRange(0, len(readings)-1).Draw(rt, "who")
			if rapid.Bool().Draw(rt, "reads") {
				readings[who] = m.usage()
			}
			turn := m.profile.UsageCycle(
				w.Now(),
			).End.Sub(
				w.Now(),
			) // more than 0, and a millisecond before it may be now
			w.Advance(
				rapid.SampledFrom([]time.Duration{0, 0, 0, 0, time.Millisecond, time.Hour, 20 * day,
					turn - time.Millisecond}).
					Draw(rt, "later"),
			)
			var lines []billing.UsageLine
			for j := range rapid.IntRange(1, 3).Draw(rt, "lines") {
				s := rapid.SampledFrom(counted).Draw(rt, "service")
				l := line(
					s,
					rapid.Int64Range(1, 4).Draw(rt, "amount")*s.Parts(),
					fmt.Sprint(i, " ", j),
				)
				if s.Counting() == plan.CountingLevel {
					switch rapid.IntRange(0, 3).Draw(rt, "how") {
					case 0:
						l.Amount = -l.Amount
					case 1:
						l.Set = true
					}
				}
				lines = append(lines, l)
			}
			before := m.usage()
			fresh := before.Apply(m.profile.Quota(), lines, w.Now())
			update, err := m.report(readings[who], lines...)
			after := m.usage()
			if err != nil {
				if !errors.Is(err, problem.ErrConflict) ||
					fmt.Sprintf("%+v", before) != fmt.Sprintf("%+v", after) {
					rt.Fatalf("got %v, and %+v after %+v", err, after, before)
				}
				readings[who] = before
				continue
			}
			if before.Version != 0 &&
				(!before.Hour.Equal(after.Hour) || !before.Cycle.Equal(after.Cycle)) {
				past[end{before.Cycle, before.Hour}] = before.Used
			}
			for _, s := range counted {
				// A line that did not fit when it was read stays refused,
				// although a level may have fallen since.
				refused := false
				for k, l := range lines {
					refused = refused ||
						l.Service == s && !update.Answers[k].Admitted && fresh.Answers[k].Admitted
				}
				if refused && s.Counting() == plan.CountingMonthly {
					rt.Fatalf("%s refused what fits: %+v, and there was %+v", s, update, before)
				}
				if !refused && after.Used[s] != fresh.After.Used[s] {
					rt.Fatalf(
						"%s: used %d, and by those who read anew %d",
						s,
						after.Used[s],
						fresh.After.Used[s],
					)
				}
				if s.Counting() == plan.CountingMonthly &&
					(after.Used[s] > limit*s.Parts() || after.Alerts[s] != fresh.After.Alerts[s]) {
					rt.Fatalf("%s: %+v, and by those who read anew %+v", s, after, fresh.After)
				}
			}
			for _, x := range update.Alerts {
				if x.Service.Counting() == plan.CountingMonthly {
					name := fmt.Sprint(after.Cycle, x.Service, x.Percent)
					if told[name]++; told[name] > 1 {
						rt.Fatalf("%s is told twice", name)
					}
				}
			}
			if !after.Cycle.Equal(fresh.After.Cycle) || !after.Hour.Equal(fresh.After.Hour) ||
				after.Version > before.Version+1 {
				rt.Fatalf("got %+v, want %+v", after, fresh.After)
			}
			readings[who] = after
		}
		hours, err := w.Store.Hours(w.Context(), m.profile.ID, start.Add(-day), w.Now().Add(day))
		if err != nil {
			rt.Fatal(err)
		}
		got := map[end]plan.Amounts{}
		for i, u := range hours {
			if i > 0 && u.Updated.Before(hours[i-1].Updated) {
				rt.Fatalf("history is not in the order of time: %v after %v", u, hours[i-1])
			}
			got[end{u.Cycle, u.Hour}] = u.Used
		}
		if len(hours) != len(past) || fmt.Sprint(got) != fmt.Sprint(past) {
			rt.Fatalf("history: got %v, want %v", got, past)
		}
	})
}

// A level that others lowered since it was read has not reached the threshold
// which a report says it passes.
func TestALevelThatFellPassesNoThreshold(t *testing.T) {
	t.Parallel()
	w := testkit.New(t)
	m := newMetered(w, 100)
	m.count(line(plan.ServiceRunUsers, 70, "70"))
	read := m.usage()
	m.count(line(plan.ServiceRunUsers, -60, "10"))
	update, err := m.report(
		read,
		line(plan.ServiceRunUsers, 10, "80 as it was read, 20 as it is"),
	)
	if got := m.usage(); err == nil && len(update.Alerts) > 0 {
		t.Errorf(
			"the owner is told of %d %%, and %d of 100 are used",
			update.Alerts[0].Percent,
			got.Used[plan.ServiceRunUsers],
		)
	}
	if err != nil {
		w.Refused(err, problem.CodeConflict)
		m.count(line(plan.ServiceRunUsers, 10, "80 as it was read, 20 as it is"))
	}
	// Now it does pass, and the owner must be told.
	if update := m.count(line(plan.ServiceRunUsers, 65, "85")); len(update.Alerts) != 1 {
		t.Errorf(
			"%d of 100 are used, and the owner is told of %v",
			update.After.Used[plan.ServiceRunUsers],
			update.Alerts,
		)
	}
}

// A report whose lines raise and lower a level is bounded line by line, as it
// is for whoever reads the use anew: a rise that does not fit is not admitted
// because the fall after it makes room, and a fall below zero is none.
func TestALevelThatRisesAndFallsWithinAReport(t *testing.T) {
	t.Parallel()
	w := testkit.New(t)
	for name, c := range map[string]struct{ read, is, first, second, want int64 }{
		"a rise that does not fit":   {50, 72, 30, -25, 47}, // 72+30 is refused, and 72-25 is left
		"a fall below zero at first": {20, 0, -20, 40, 40},  // 0-20 is 0, and 40 is left
	} {
		m := newMetered(w, 100)
		m.count(line(plan.ServiceRunUsers, c.read, "read"))
		read := m.usage()
		m.count(line(plan.ServiceRunUsers, c.is-c.read, "theirs"))
		if _, err := m.report(
			read,
			line(plan.ServiceRunUsers, c.first, "1"),
			line(plan.ServiceRunUsers, c.second, "2"),
		); err != nil {
			w.Refused(err, problem.CodeConflict)
			m.count(
				line(plan.ServiceRunUsers, c.first, "1"),
				line(plan.ServiceRunUsers, c.second, "2"),
			)
		}
		if got := m.usage().Used[plan.ServiceRunUsers]; got != c.want {
			t.Errorf("%s: %d are used, want %d", name, got, c.want)
		}
	}
}
