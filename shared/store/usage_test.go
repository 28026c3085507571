package store_test

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"profiles/shared/billing"
	"profiles/shared/plan"
	"profiles/shared/problem"
	"profiles/shared/store"
	"profiles/shared/tenancy"
	"profiles/shared/testkit"
)

// metered is a profile whose use is reported.
type metered struct {
	w       *testkit.World
	profile tenancy.Profile // as it is stored
}

// newMetered makes a profile with the same limit of every service, in units.
func newMetered(w *testkit.World, limit int64) *metered {
	w.Helper()
	m := &metered{w, newProfile(w, "ana")}
	for s := range m.profile.Allocation {
		m.profile.Allocation[s] = limit
	}
	must(w, func(tx *store.Tx) { tx.CreateProfile(m.profile) })
	return m
}

// usage is what the table says.
func (m *metered) usage() billing.Usage {
	m.w.Helper()
	batch := m.w.Store.Batch()
	usage := batch.Usage(m.profile.ID)
	m.w.OK(batch.Get(m.w.Context()))
	return usage.Value
}

// report is a report of whoever has read u.
func (m *metered) report(u billing.Usage, lines ...billing.UsageLine) (billing.UsageUpdate, error) {
	t := u.Apply(m.profile.Quota(), lines, m.w.Now())
	return t, commit(m.w, func(tx *store.Tx) { tx.Report(m.profile, lines, t, nil, m.w.Now()) })
}

// count reports what there is room for, read again as often as it must be.
func (m *metered) count(lines ...billing.UsageLine) billing.UsageUpdate {
	m.w.Helper()
	for {
		t, err := m.report(m.usage(), lines...)
		if !errors.Is(err, problem.ErrConflict) {
			m.w.OK(err)
			return t
		}
	}
}

// wrote are the keys that a step changes, with the profile's id replaced.
func (m *metered) wrote(t *testing.T, what string, do func(), want ...string) {
	t.Helper()
	before := m.w.Items()
	do()
	got := changes(before, m.w.Items(), map[string]string{string(m.profile.ID): "profile"})
	slices.Sort(want)
	if !slices.Equal(got, want) {
		t.Errorf("%s:\ngot\n  %s\nwant\n  %s", what, strings.Join(got, "\n  "),
			strings.Join(want, "\n  "))
	}
}

// Reports that have read the same usage all add to it, and none has to read it
// again, as long as there is room for all.
func TestAdditionsDoNotDisturbEachOther(t *testing.T) {
	t.Parallel()
	w := testkit.New(t)
	const n = 12
	m := newMetered(w, 1000)
	m.count(line(plan.ServiceInput, 1, "begin"))
	read := m.usage()
	everything := func(i int) (lines []billing.UsageLine) {
		for _, s := range plan.Services() {
			lines = append(lines, line(s, int64(s)+1, fmt.Sprintf("%s %d", s, i)))
		}
		return lines
	}
	var want plan.Amounts
	want[plan.ServiceInput] = 1
	for _, s := range plan.Services() {
		want[s] += 2 * n * (int64(s) + 1)
	}
	for i := range n {
		if _, err := m.report(read, everything(i)...); err != nil {
			t.Errorf("%d additions after it was read: got %v", i, err)
		}
	}
	// At once, too: an item that another transaction holds may be refused for
	// the moment, and is asked for again as it is.
	var wg sync.WaitGroup
	for i := range n {
		wg.Go(func() {
			for range 20 {
				_, err := m.report(read, everything(n+i)...)
				if err == nil {
					return
				}
				if !errors.Is(err, problem.ErrConflict) {
					t.Errorf("got %v", err)
					return
				}
			}
			t.Errorf("addition %d found no way", i)
		})
	}
	wg.Wait()
	got := m.usage()
	same(t, "used", got.Used, want)
	same(t, "version", got.Version, read.Version+2*n)
	same(t, "alerts", got.Alerts, read.Alerts)
}

// Many report at once, a line at a time, and what is admitted is exactly the
// limit. Each threshold is passed once, where it is.
func TestExactlyTheLimit(t *testing.T) {
	t.Parallel()
	const reporters, each, units = 5, 8, 20
	for _, service := range []plan.Service{plan.ServiceInput, plan.ServiceAnalysis,
		plan.ServiceRunUsers} {
		t.Run(service.String(), func(t *testing.T) {
			t.Parallel()
			w := testkit.New(t)
			m := newMetered(w, units)
			var mu sync.Mutex
			admitted := 0
			var passed []int64
			var wg sync.WaitGroup
			for r := range reporters {
				wg.Go(func() {
					for i := range each {
						update := m.count(
							line(service, service.Parts(), fmt.Sprintf("%d %d", r, i)),
						)
						mu.Lock()
						if update.Answers[0].Admitted {
							admitted++
						}
						for _, x := range update.Alerts {
							passed = append(passed, x.Percent)
							if x.Percent < 100 && x.Used != x.Limit*x.Percent/100 {
								t.Errorf("%d %% at %d of %d", x.Percent, x.Used, x.Limit)
							}
						}
						mu.Unlock()
					}
				})
			}
			wg.Wait()
			slices.Sort(passed)
			same(t, "admitted", admitted, units)
			same(t, "thresholds passed", passed, []int64{80, 90, 100})
			got := m.usage()
			same(t, "used", got.Used[service], units*service.Parts())
			same(t, "told", got.Alerts[service], billing.Passed{Percent: 100, Limit: units})
			same(t, "events", w.Count("V#", ""), reporters*each)
		})
	}
}

// The items of each form of a report. The profile itself is never written.
func TestReportsInTheTable(t *testing.T) {
	t.Parallel()
	w := testkit.New(t)
	m := newMetered(w, 100)
	hourRow := func(at time.Time) string { return "+P#profile H#" + ms(at.Truncate(time.Hour)) }
	begun := w.Now()
	m.wrote(t, "the first ever", func() { m.count(line(plan.ServiceInput, 1, "1")) },
		"+P#profile U", "+V#profile#1 V")
	m.wrote(t, "an addition", func() { m.count(line(plan.ServiceInput, 1, "2")) }, "~P#profile U",
		"+V#profile#2 V")
	m.wrote(t, "what does not fit", func() { m.count(line(plan.ServiceInput, 1000, "3")) },
		"+V#profile#3 V")
	m.wrote(t, "what does not fit again", func() { m.count(line(plan.ServiceInput, 1000, "4")) },
		"+V#profile#4 V")
	m.wrote(t, "what adds up to nothing", func() {
		m.count(line(plan.ServiceRunUsers, 5, "5"), line(plan.ServiceRunUsers, -5, "6"))
	}, "~P#profile U", "+V#profile#5 V", "+V#profile#6 V") // whether each fits depends on what others did meanwhile
	m.wrote(t, "a level", func() { m.count(setting(plan.ServiceRunUsers, 5, "7")) }, "~P#profile U",
		"+V#profile#7 V")
	last := m.usage()
	w.Advance(3 * time.Hour)
	m.wrote(t, "another hour", func() { m.count(line(plan.ServiceInput, 1, "8")) }, "~P#profile U",
		"+V#profile#8 V", hourRow(begun))
	m.wrote(t, "the same hour", func() { m.count(line(plan.ServiceInput, 1, "9")) }, "~P#profile U",
		"+V#profile#9 V")
	key := ms(begun.Truncate(time.Hour))
	past := raw(w, "P#"+string(m.profile.ID), "H#"+key)
	if got, want := numberOf(past, "ttl"), unix(
		begun.Truncate(time.Hour).AddDate(0, 13, 0),
	); got != want {
		t.Errorf("the hour is forgotten at %s, want %s", got, want)
	}
	if has(past, "alerts") || has(raw(w, "P#"+string(m.profile.ID), "U"), "ttl") {
		t.Errorf("history has alerts, or what is used would be forgotten: %v", past)
	}
	hours, err := w.Store.Hours(t.Context(), m.profile.ID, begun.Truncate(time.Hour), w.Now())
	w.OK(err)
	last.Alerts, last.Receipts = billing.Usage{}.Alerts, billing.Receipts{}
	same(t, "history", hours, []billing.Usage{last})

	// A cycle turns within an hour, which has two rows then: that of the cycle
	// that is over comes right before the hour.
	turn := m.profile.UsageCycle(w.Now()).End
	w.Advance(turn.Add(-time.Millisecond).Sub(w.Now()))
	m.wrote(t, "the last hour of a cycle", func() { m.count(line(plan.ServiceInput, 1, "10")) },
		"~P#profile U", "+V#profile#10 V", hourRow(begun.Add(3*time.Hour)))
	w.Advance(time.Millisecond)
	ended := m.usage()
	hour := turn.Truncate(time.Hour)
	m.wrote(t, "another cycle", func() { m.count(line(plan.ServiceInput, 1, "11")) },
		"~P#profile U", "+V#profile#11 V", "+P#profile H#"+ms(hour.Add(-time.Millisecond)))
	u := m.usage()
	if u.Used[plan.ServiceInput] != 1 || u.Used[plan.ServiceRunUsers] != 5 ||
		!u.Cycle.Equal(turn) {
		t.Errorf("in another cycle: got %+v", u)
	}
	w.Advance(32 * day)
	m.wrote(t, "another cycle in another hour",
		func() { m.count(line(plan.ServiceInput, 1, "12")) }, "~P#profile U", "+V#profile#12 V",
		hourRow(turn))
	hours, err = w.Store.Hours(t.Context(), m.profile.ID, hour, hour.Add(time.Hour))
	w.OK(err)
	for _, u := range []*billing.Usage{&ended, &u} {
		u.Alerts, u.Receipts = billing.Usage{}.Alerts, billing.Receipts{}
	}
	same(t, "history of the hour with two ends", hours, []billing.Usage{ended, u})
	for _, at := range []time.Time{hour.Add(-time.Millisecond), hour} {
		if got, want := numberOf(raw(w, "P#"+string(m.profile.ID), "H#"+ms(at)), "ttl"), unix(
			hour.AddDate(0, 13, 0),
		); got != want {
			t.Errorf("the row of %v is forgotten at %s, want %s", at, got, want)
		}
	}
	// Long after the last use in a cycle, and before the next one began, there
	// is still what was used in it.
	hours, err = w.Store.Hours(t.Context(), m.profile.ID, hour.Add(10*day), hour.Add(11*day))
	w.OK(err)
	same(t, "history of a day without use", hours, []billing.Usage{u})
}
