package store_test

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"pgregory.net/rapid"

	"profiles/shared/auditlog"
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
func (m *metered) usage() tenancy.Usage {
	m.w.Helper()
	batch := m.w.Store.Batch()
	usage := batch.Usage(m.profile.ID)
	m.w.OK(batch.Get(m.w.Context()))
	return usage.Value
}

// report is a report of whoever has read u.
func (m *metered) report(u tenancy.Usage, lines ...tenancy.UsageLine) (tenancy.UsageUpdate, error) {
	t := u.Apply(m.profile, lines, m.w.Now())
	return t, commit(m.w, func(tx *store.Tx) { tx.Report(m.profile, lines, t, m.w.Now()) })
}

// count reports what there is room for, read again as often as it must be.
func (m *metered) count(lines ...tenancy.UsageLine) tenancy.UsageUpdate {
	m.w.Helper()
	for {
		t, err := m.report(m.usage(), lines...)
		if !errors.Is(err, problem.ErrConflict) {
			m.w.OK(err)
			return t
		}
	}
}

// Whoever has read the same use adds to it beside the others, and nobody has to read it again, as long as there is room for all.
func TestAdditionsDoNotDisturbEachOther(t *testing.T) {
	t.Parallel()
	w := testkit.New(t)
	const n = 12
	m := newMetered(w, 1000)
	m.count(line(plan.ServiceInput, 1, "begin"))
	read := m.usage()
	everything := func(i int) (lines []tenancy.UsageLine) {
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
	// At once, too: an item that another transaction holds may be refused for the moment, and is asked for again as it is.
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

// Many report at once, a line at a time, and what is admitted is exactly the limit. Each threshold is passed once, where it is.
func TestExactlyTheLimit(t *testing.T) {
	t.Parallel()
	const reporters, each, units = 5, 8, 20
	for _, service := range []plan.Service{plan.ServiceInput, plan.ServiceAnalysis, plan.ServiceRunUsers} {
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
						update := m.count(line(service, service.Parts(), fmt.Sprintf("%d %d", r, i)))
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
			same(t, "told", got.Alerts[service], tenancy.Alert{Percent: 100, Limit: units})
			same(t, "events", w.Count("V#", ""), reporters*each)
		})
	}
}

// linesInCommit is how many lines services count in one commit, and roomForAlerts how many actions they add to that: a mail and a
// notification for each service.
const (
	linesInCommit = 75
	roomForAlerts = 2 * 9
)

// The largest reports fit into one transaction, in every form, with everything that is said about them.
func TestTheLargestReport(t *testing.T) {
	t.Parallel()
	lines := func(name string, limit int64) (out []tenancy.UsageLine) {
		// Names as long as they may be, and numbers of every length.
		for i := range linesInCommit - 9 {
			s := plan.Services()[i%9]
			out = append(out, line(s, 1, strings.Repeat("𝄞", 128-len(name)-3)+fmt.Sprintf("%s %02d", name, i)))
		}
		for _, s := range plan.Services() {
			out = append(out, line(s, s.Parts()*limit*8/10, name+s.String()))
		}
		return out
	}
	const limit = 1_000_000_000_000
	for name, form := range map[string]struct {
		before  func(m *metered)
		actions int
	}{
		"the first ever": {func(*metered) {}, linesInCommit + 2},
		"an addition":    {func(m *metered) { m.count(line(plan.ServiceInput, 1, "begin")) }, linesInCommit + 2},
		"another hour": {func(m *metered) {
			m.count(line(plan.ServiceInput, 1, "begin"))
			m.w.Advance(time.Hour)
		}, linesInCommit + 3},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := testkit.New(t)
			m := newMetered(w, limit)
			form.before(m)
			reported := lines("mine", limit)
			before := m.usage()
			update := before.Apply(m.profile, reported, w.Now())
			if len(update.Alerts) != 9 || len(reported) != linesInCommit || update.Absolute != (name != "an addition") {
				t.Fatalf("%d crossings and %d lines: this is not the largest", len(update.Alerts), len(reported))
			}
			tx := w.Store.Begin()
			tx.Report(m.profile, reported, update, w.Now())
			used := store.Actions(tx)
			if used != form.actions || used+roomForAlerts > store.MaxActions {
				t.Errorf("%d actions, want %d, and with alerts at most %d", used, form.actions, store.MaxActions)
			}
			// As full as a transaction can be.
			for store.Actions(tx) < store.MaxActions {
				tx.Audit(auditlog.Entry{ID: fmt.Sprintf("%024d", store.Actions(tx)), Log: string(m.profile.ID), Time: w.Now()})
			}
			w.OK(tx.Commit(t.Context()))
			same(t, "use", m.usage(), update.After)
			same(t, "events", w.Count("V#", "V")-int(before.Version), linesInCommit)
		})
	}
}

// An event counts once in its profile, by its whole name, and its answer is known for 35 days from the report.
func TestEvents(t *testing.T) {
	t.Parallel()
	w := testkit.New(t)
	m, other := newMetered(w, 1000), newMetered(w, 1000)
	long := strings.Repeat("𝄞", 128) // four bytes each
	names := []string{"a", "a#", "#a", "#", "##", "V", "a#V", " ", "a ", "A", "é", "e\u0301", string(other.profile.ID) + "#a", long, long[:len(long)-4], long[:len(long)-4] + "#"}
	answers := map[string]tenancy.UsageAnswer{}
	for i, name := range names {
		if found := m.answer(name); found.OK {
			t.Errorf("%q is known as %+v before it happened", name, found.Value)
		}
		l := line(plan.Services()[i%9], int64(i+1), name)
		l.Time = w.Now().Add(-time.Hour)
		answers[name] = m.count(l).Answers[0]
		key := "V#" + string(m.profile.ID) + "#" + name
		stored := raw(w, key, "V")
		if got, want := numberOf(stored, "ttl"), unix(w.Now().Add(35*day)); got != want {
			t.Errorf("%q is forgotten at %s, want %s", name, got, want)
		}
		if numberOf(stored, "amount") != fmt.Sprint(i+1) || numberOf(stored, "happened") != fmt.Sprint(l.Time.UnixMilli()) {
			t.Errorf("%q is kept as %v", name, stored)
		}
	}
	before := w.Items()
	for i, name := range names {
		want := answers[name]
		want.Event = ""
		same(t, fmt.Sprintf("answer to %q", name), m.answer(name), &store.Found[tenancy.UsageAnswer]{Value: want, OK: true})
		if other.answer(name).OK {
			t.Errorf("%q happened in the other profile too", name)
		}
		// Again, with others and with another amount: all of it is refused.
		_, err := m.report(m.usage(), line(plan.ServiceSMS, 1, "new"), line(plan.Services()[(i+1)%9], 5, name))
		w.Refused(err, problem.CodeConflict)
	}
	same(t, "the table", w.Items(), before)
	other.count(line(plan.ServiceInput, 1, "a"))
	if !other.answer("a").OK {
		t.Error("the other profile's own event is not known")
	}
}

func (m *metered) answer(event string) *store.Found[tenancy.UsageAnswer] {
	m.w.Helper()
	batch := m.w.Store.Batch()
	answer := batch.UsageEvent(m.profile.ID, event)
	m.w.OK(batch.Get(m.w.Context()))
	return answer
}

// wrote are the keys that a step changes, with the profile's id replaced.
func (m *metered) wrote(t *testing.T, what string, do func(), want ...string) {
	t.Helper()
	before := m.w.Items()
	do()
	got := changes(before, m.w.Items(), map[string]string{string(m.profile.ID): "profile"})
	slices.Sort(want)
	if !slices.Equal(got, want) {
		t.Errorf("%s:\ngot\n  %s\nwant\n  %s", what, strings.Join(got, "\n  "), strings.Join(want, "\n  "))
	}
}

// What each form of a report has in the table. The profile itself is never written.
func TestReportsInTheTable(t *testing.T) {
	t.Parallel()
	w := testkit.New(t)
	m := newMetered(w, 100)
	hourRow := func(at time.Time) string { return "+P#profile H#" + ms(at.Truncate(time.Hour)) }
	begun := w.Now()
	m.wrote(t, "the first ever", func() { m.count(line(plan.ServiceInput, 1, "1")) }, "+P#profile U", "+V#profile#1 V")
	m.wrote(t, "an addition", func() { m.count(line(plan.ServiceInput, 1, "2")) }, "~P#profile U", "+V#profile#2 V")
	m.wrote(t, "what does not fit", func() { m.count(line(plan.ServiceInput, 1000, "3")) }, "+V#profile#3 V")
	m.wrote(t, "what does not fit again", func() { m.count(line(plan.ServiceInput, 1000, "4")) }, "+V#profile#4 V")
	m.wrote(t, "what adds up to nothing", func() {
		m.count(line(plan.ServiceRunUsers, 5, "5"), line(plan.ServiceRunUsers, -5, "6"))
	}, "~P#profile U", "+V#profile#5 V", "+V#profile#6 V") // whether each fits depends on what others did meanwhile
	m.wrote(t, "a level", func() { m.count(setting(plan.ServiceRunUsers, 5, "7")) }, "~P#profile U", "+V#profile#7 V")
	last := m.usage()
	w.Advance(3 * time.Hour)
	m.wrote(t, "another hour", func() { m.count(line(plan.ServiceInput, 1, "8")) }, "~P#profile U", "+V#profile#8 V", hourRow(begun))
	m.wrote(t, "the same hour", func() { m.count(line(plan.ServiceInput, 1, "9")) }, "~P#profile U", "+V#profile#9 V")
	key := ms(begun.Truncate(time.Hour))
	past := raw(w, "P#"+string(m.profile.ID), "H#"+key)
	if got, want := numberOf(past, "ttl"), unix(begun.Truncate(time.Hour).AddDate(0, 13, 0)); got != want {
		t.Errorf("the hour is forgotten at %s, want %s", got, want)
	}
	if has(past, "alerts") || has(raw(w, "P#"+string(m.profile.ID), "U"), "ttl") {
		t.Errorf("history has alerts, or what is used would be forgotten: %v", past)
	}
	hours, err := w.Store.Hours(t.Context(), m.profile.ID, begun.Truncate(time.Hour), w.Now())
	w.OK(err)
	last.Alerts = tenancy.Usage{}.Alerts
	same(t, "history", hours, []tenancy.Usage{last})

	// A cycle turns within an hour, which has two rows then: that of the cycle that is over comes right before the hour.
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
	if u.Used[plan.ServiceInput] != 1 || u.Used[plan.ServiceRunUsers] != 5 || !u.Cycle.Equal(turn) {
		t.Errorf("in another cycle: got %+v", u)
	}
	w.Advance(32 * day)
	m.wrote(t, "another cycle in another hour", func() { m.count(line(plan.ServiceInput, 1, "12")) },
		"~P#profile U", "+V#profile#12 V", hourRow(turn))
	hours, err = w.Store.Hours(t.Context(), m.profile.ID, hour, hour.Add(time.Hour))
	w.OK(err)
	ended.Alerts, u.Alerts = tenancy.Usage{}.Alerts, tenancy.Usage{}.Alerts
	same(t, "history of the hour with two ends", hours, []tenancy.Usage{ended, u})
	for _, at := range []time.Time{hour.Add(-time.Millisecond), hour} {
		if got, want := numberOf(raw(w, "P#"+string(m.profile.ID), "H#"+ms(at)), "ttl"), unix(hour.AddDate(0, 13, 0)); got != want {
			t.Errorf("the row of %v is forgotten at %s, want %s", at, got, want)
		}
	}
	// Long after the last use in a cycle, and before the next one began, there is still what was used in it.
	hours, err = w.Store.Hours(t.Context(), m.profile.ID, hour.Add(10*day), hour.Add(11*day))
	w.OK(err)
	same(t, "history of a day without use", hours, []tenancy.Usage{u})
}

func TestHours(t *testing.T) {
	t.Parallel()
	w := testkit.New(t)
	start := w.Now().Truncate(time.Hour)
	w.Advance(start.Sub(w.Now()))
	m, other := newMetered(w, 1000), newMetered(w, 1000)
	id := m.profile.ID
	// Beside the range on both sides, and keys that merely begin alike.
	foreign(w, "P#"+string(id), "G#0", "H", "H!", "H$0", "HH", "I#0", "U#0")
	foreign(w, "P#"+string(id)+"0", "H#"+ms(start))
	read := func(from, to time.Duration) (out []int64) {
		t.Helper()
		hours, err := w.Store.Hours(t.Context(), id, start.Add(from), start.Add(to))
		w.OK(err)
		for _, u := range hours {
			if u.Profile != id {
				t.Errorf("got use of %s", u.Profile)
			}
			if !u.Hour.Equal(start.Add(time.Duration(u.Used[plan.ServiceInput]-1) * time.Hour)) {
				t.Errorf("what was used at the end of %v is %d", u.Hour, u.Used[plan.ServiceInput])
			}
			out = append(out, u.Used[plan.ServiceInput])
		}
		return out
	}
	same(t, "before anything was reported", read(0, time.Hour), nil)
	// In the n-th hour, from the first on, the n-th thing is used; in every fourth nothing is.
	const n = 60
	for i := range n {
		if i%4 != 3 {
			for _, m := range []*metered{m, other} {
				m.count(line(plan.ServiceInput, int64(i+1)-m.usage().Used[plan.ServiceInput], fmt.Sprint(i)))
			}
		}
		w.Advance(time.Hour)
	}
	// The last hour is no history yet, nor is one in which nothing happened.
	var all []int64
	for i := range n - 2 {
		if i%4 != 3 {
			all = append(all, int64(i+1))
		}
	}
	same(t, "all of them", read(0, n*time.Hour), all)
	same(t, "from long before, to long after", read(-1000*time.Hour, 1000*time.Hour), all)
	for _, c := range []struct {
		name     string
		from, to time.Duration
		want     []int64
	}{
		{"a span that begins with the first", 0, time.Hour, []int64{1}},
		{"a span that begins a millisecond after", time.Millisecond, time.Hour, []int64{1}},
		{"a span before the first", -2 * time.Hour, 0, nil},
		{"with the one before", time.Hour, 2 * time.Hour, []int64{1, 2}},
		{"the end is not in it", time.Hour, 2*time.Hour + time.Millisecond, []int64{1, 2, 3}},
		{"with the one before, which is two hours before", 4 * time.Hour, 6 * time.Hour, []int64{3, 5, 6}},
		{"an hour without use", 3 * time.Hour, 4 * time.Hour, []int64{3}},
		{"within an hour", 5*time.Hour + time.Minute, 5*time.Hour + 2*time.Minute, []int64{6}},
		{"after the last", 100 * time.Hour, 200 * time.Hour, all[len(all)-1:]},
	} {
		same(t, c.name, read(c.from, c.to), c.want)
	}
	same(t, "of the other profile", read(0, n*time.Hour), all)
	none, err := w.Store.Hours(t.Context(), "000000000000000000000000", start, start.Add(time.Hour))
	w.OK(err)
	same(t, "of no profile", none, nil)

	// The one before is one item, however many there are.
	w.Meter.Reset()
	read(n*time.Hour, (n+1)*time.Hour)
	if used := w.Meter.Reset(); used.Requests != 2 || used.Capacity > 2 {
		t.Errorf("the entry before the span took %+v, want two requests of a unit", used)
	}
}

// History of more than an answer of the table holds comes whole, and in order.
func TestHoursInPages(t *testing.T) {
	t.Parallel()
	w := testkit.New(t)
	m := newMetered(w, 1000)
	start := w.Now().Truncate(time.Hour)
	const n = 6000
	before := tenancy.Usage{}
	var unit steps
	for i := range n {
		// Rows alone, as reports leave them.
		u := tenancy.Usage{Profile: m.profile.ID, Hour: start.Add(time.Duration(i) * time.Hour), Version: int64(i + 1)}
		for s := range u.Used {
			u.Used[s] = 1_000_000_000_000 + int64(i)
		}
		unit = append(unit, func(tx *store.Tx) { store.Hour(tx, u) })
		if before = u; len(unit) == 100 || i == n-1 {
			must(w, unit...)
			unit = nil
		}
	}
	w.Meter.Reset()
	hours, err := w.Store.Hours(t.Context(), m.profile.ID, start, before.Hour.Add(time.Hour))
	w.OK(err)
	if used := w.Meter.Reset(); used.Requests < 3 {
		t.Fatalf("everything came in %d requests: this tests no second page", used.Requests)
	}
	if len(hours) != n {
		t.Fatalf("got %d hours, want %d", len(hours), n)
	}
	for i, u := range hours {
		if !u.Hour.Equal(start.Add(time.Duration(i)*time.Hour)) || u.Used[0] != 1_000_000_000_000+int64(i) {
			t.Fatalf("hour %d: got %+v", i, u)
		}
	}
}

// What a deleted profile used is forgotten with it, what it was charged for is not: hours go by themselves, events too. A report that was
// read before finds nothing to count for.
func TestUsageOfADeletedProfile(t *testing.T) {
	t.Parallel()
	w := testkit.New(t)
	m, other := newMetered(w, 1000), newMetered(w, 1000)
	for i := range 3 {
		for _, m := range []*metered{m, other} {
			m.count(line(plan.ServiceInput, 1, fmt.Sprint(i)))
		}
		w.Advance(time.Hour)
	}
	token := newToken(w, m.profile.ID)
	must(w, func(tx *store.Tx) { tx.CreateToken(token) })
	read := m.usage()
	must(w, func(tx *store.Tx) {
		tx.DeleteProfile(m.profile, nil, w.Now())
		tx.CloseUse(m.profile.ID, read)
	})
	for _, lines := range [][]tenancy.UsageLine{{line(plan.ServiceInput, 1, "late")}, {setting(plan.ServiceRunUsers, 1, "late")}} {
		for _, u := range []tenancy.Usage{read, {}} {
			_, err := m.report(u, lines...)
			w.Refused(err, problem.CodeConflict)
		}
	}
	for done := false; !done; {
		var err error
		done, err = w.Store.PurgeProfile(t.Context(), m.profile.ID)
		w.OK(err)
	}
	var left []string
	for _, it := range w.Items() {
		if strings.Contains(it.PK, string(m.profile.ID)) {
			left = append(left, it.PK[:2]+it.SK[:1])
			if !has(raw(w, it.PK, it.SK), "ttl") {
				t.Errorf("%s %s is never forgotten", it.PK, it.SK)
			}
		}
	}
	same(t, "what is left under its id", left, []string{"P#H", "P#H", "V#V", "V#V", "V#V"})
	if got := other.usage(); got.Used[plan.ServiceInput] != 3 {
		t.Errorf("the other profile has used %+v", got)
	}
}

// Reporters whose reading is out of date either leave what those would leave that read anew, or are refused. Over any history, what is
// admitted never exceeds the limit, history has what was used at the end of each hour, and each threshold of a counter is passed once.
func TestReportsAreAsIfOneByOne(t *testing.T) {
	t.Parallel()
	w := testkit.New(t)
	start := w.Now()
	rapid.Check(t, func(rt *rapid.T) {
		const limit = 10
		w.Advance(start.Sub(w.Now()))
		m := newMetered(w, limit)
		readings := [3]tenancy.Usage{}
		counted := []plan.Service{plan.ServiceInput, plan.ServiceAnalysis, plan.ServiceRunUsers}
		type end struct{ cycle, hour time.Time } // an hour in which a cycle ends has two
		past := map[end]plan.Amounts{}
		told := map[string]int{}
		for i := range rapid.IntRange(1, 25).Draw(rt, "reports") {
			who := rapid.IntRange(0, len(readings)-1).Draw(rt, "who")
			if rapid.Bool().Draw(rt, "reads") {
				readings[who] = m.usage()
			}
			turn := m.profile.UsageCycle(w.Now()).End.Sub(w.Now()) // more than 0, and a millisecond before it may be now
			w.Advance(rapid.SampledFrom([]time.Duration{0, 0, 0, 0, time.Millisecond, time.Hour, 20 * day, turn - time.Millisecond}).Draw(rt, "later"))
			var lines []tenancy.UsageLine
			for j := range rapid.IntRange(1, 3).Draw(rt, "lines") {
				s := rapid.SampledFrom(counted).Draw(rt, "service")
				l := line(s, rapid.Int64Range(1, 4).Draw(rt, "amount")*s.Parts(), fmt.Sprint(i, " ", j))
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
			fresh := before.Apply(m.profile, lines, w.Now())
			update, err := m.report(readings[who], lines...)
			after := m.usage()
			if err != nil {
				if !errors.Is(err, problem.ErrConflict) || fmt.Sprintf("%+v", before) != fmt.Sprintf("%+v", after) {
					rt.Fatalf("got %v, and %+v after %+v", err, after, before)
				}
				readings[who] = before
				continue
			}
			if before.Version != 0 && (!before.Hour.Equal(after.Hour) || !before.Cycle.Equal(after.Cycle)) {
				past[end{before.Cycle, before.Hour}] = before.Used
			}
			for _, s := range counted {
				// What did not fit when it was read stays refused, though a level may have fallen since.
				refused := false
				for k, l := range lines {
					refused = refused || l.Service == s && !update.Answers[k].Admitted && fresh.Answers[k].Admitted
				}
				if refused && s.Counting() == plan.CountingMonthly {
					rt.Fatalf("%s refused what fits: %+v, and there was %+v", s, update, before)
				}
				if !refused && after.Used[s] != fresh.After.Used[s] {
					rt.Fatalf("%s: used %d, and by those who read anew %d", s, after.Used[s], fresh.After.Used[s])
				}
				if s.Counting() == plan.CountingMonthly && (after.Used[s] > limit*s.Parts() || after.Alerts[s] != fresh.After.Alerts[s]) {
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
			if !after.Cycle.Equal(fresh.After.Cycle) || !after.Hour.Equal(fresh.After.Hour) || after.Version > before.Version+1 {
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

// A level that others lowered since it was read has not reached the threshold which a report says it passes.
func TestALevelThatFellPassesNoThreshold(t *testing.T) {
	t.Parallel()
	w := testkit.New(t)
	m := newMetered(w, 100)
	m.count(line(plan.ServiceRunUsers, 70, "70"))
	read := m.usage()
	m.count(line(plan.ServiceRunUsers, -60, "10"))
	update, err := m.report(read, line(plan.ServiceRunUsers, 10, "80 as it was read, 20 as it is"))
	if got := m.usage(); err == nil && len(update.Alerts) > 0 {
		t.Errorf("the owner is told of %d %%, and %d of 100 are used", update.Alerts[0].Percent, got.Used[plan.ServiceRunUsers])
	}
	if err != nil {
		w.Refused(err, problem.CodeConflict)
		m.count(line(plan.ServiceRunUsers, 10, "80 as it was read, 20 as it is"))
	}
	// Now it does pass, and the owner must be told.
	if update := m.count(line(plan.ServiceRunUsers, 65, "85")); len(update.Alerts) != 1 {
		t.Errorf("%d of 100 are used, and the owner is told of %v", update.After.Used[plan.ServiceRunUsers], update.Alerts)
	}
}

// A report whose lines raise and lower a level is bounded line by line, as it is for whoever reads the use anew: a rise that does not fit is
// not admitted because the fall after it makes room, and a fall below zero is none.
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
		if _, err := m.report(read, line(plan.ServiceRunUsers, c.first, "1"), line(plan.ServiceRunUsers, c.second, "2")); err != nil {
			w.Refused(err, problem.CodeConflict)
			m.count(line(plan.ServiceRunUsers, c.first, "1"), line(plan.ServiceRunUsers, c.second, "2"))
		}
		if got := m.usage().Used[plan.ServiceRunUsers]; got != c.want {
			t.Errorf("%s: %d are used, want %d", name, got, c.want)
		}
	}
}
