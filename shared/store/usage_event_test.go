package store_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"profiles/shared/auditlog"
	"profiles/shared/billing"
	"profiles/shared/plan"
	"profiles/shared/problem"
	"profiles/shared/store"
	"profiles/shared/testkit"
)

// linesInCommit is how many lines services count in one commit, and
// roomForAlerts how many actions they add to that: a mail and a notification
// for each service.
const (
	linesInCommit = 75
	roomForAlerts = 2 * 9
)

// The largest reports fit into one transaction, in every form, with everything
// that is said about them.
func TestTheLargestReport(t *testing.T) {
	t.Parallel()
	lines := func(name string, limit int64) (out []billing.UsageLine) {
		// Names as long as they may be, and numbers of every length.
		for i := range linesInCommit - 9 {
			s := plan.Services()[i%9]
			out = append(
				out,
				line(s, 1, strings.Repeat("𝄞", 128-len(name)-3)+fmt.Sprintf("%s %02d", name, i)),
			)
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
		"an addition": {
			func(m *metered) { m.count(line(plan.ServiceInput, 1, "begin")) }, linesInCommit + 1,
		},
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
			update := before.Apply(m.profile.Quota(), reported, w.Now())
			if len(update.Alerts) != 9 || len(reported) != linesInCommit ||
				update.Absolute != (name != "an addition") {
				t.Fatalf(
					"%d crossings and %d lines: this is not the largest",
					len(update.Alerts),
					len(reported),
				)
			}
			tx := w.Store.Begin()
			tx.Report(m.profile, reported, update, nil, w.Now())
			used := store.Actions(tx)
			if used != form.actions || used+roomForAlerts > store.MaxActions {
				t.Errorf(
					"%d actions, want %d, and with alerts at most %d",
					used,
					form.actions,
					store.MaxActions,
				)
			}
			// As full as a transaction can be.
			for store.Actions(tx) < store.MaxActions {
				tx.Audit(
					auditlog.Entry{
						ID:   fmt.Sprintf("%024d", store.Actions(tx)),
						Log:  string(m.profile.ID),
						Time: w.Now(),
					},
				)
			}
			w.OK(tx.CommitAside(t.Context(), store.Origin{}))
			same(t, "use", m.usage(), update.After)
			same(t, "events", w.Count("V#", "V")-int(before.Version), linesInCommit)
		})
	}
}

// An event counts once in its profile, by its whole name, and its answer is
// known for 35 days from the report.
func TestEvents(t *testing.T) {
	t.Parallel()
	w := testkit.New(t)
	m, other := newMetered(w, 1000), newMetered(w, 1000)
	long := strings.Repeat("𝄞", 128) // four bytes each
	names := []string{
		"a",
		"a#",
		"#a",
		"#",
		"##",
		"V",
		"a#V",
		" ",
		"a ",
		"A",
		"é",
		"e\u0301",
		string(other.profile.ID) + "#a",
		long,
		long[:len(long)-4],
		long[:len(long)-4] + "#",
	}
	answers := map[string]billing.UsageAnswer{}
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
		if numberOf(stored, "amount") != fmt.Sprint(i+1) ||
			numberOf(stored, "happened") != fmt.Sprint(l.Time.UnixMilli()) {
			t.Errorf("%q is kept as %v", name, stored)
		}
	}
	before := w.Items()
	for i, name := range names {
		want := answers[name]
		want.Event = ""
		same(
			t,
			fmt.Sprintf("answer to %q", name),
			m.answer(name),
			&store.Found[billing.UsageAnswer]{Value: want, OK: true},
		)
		if other.answer(name).OK {
			t.Errorf("%q happened in the other profile too", name)
		}
		// Again, with others and with another amount: all of it is refused.
		_, err := m.report(
			m.usage(),
			line(plan.ServiceSMS, 1, "new"),
			line(plan.Services()[(i+1)%9], 5, name),
		)
		w.Refused(err, problem.CodeConflict)
	}
	same(t, "the table", w.Items(), before)
	other.count(line(plan.ServiceInput, 1, "a"))
	if !other.answer("a").OK {
		t.Error("the other profile's own event is not known")
	}
}

func (m *metered) answer(event string) *store.Found[billing.UsageAnswer] {
	m.w.Helper()
	batch := m.w.Store.Batch()
	answer := batch.UsageEvent(m.profile.ID, event)
	m.w.OK(batch.Get(m.w.Context()))
	return answer
}
