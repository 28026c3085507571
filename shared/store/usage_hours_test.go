package store_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"profiles/shared/billing"
	"profiles/shared/plan"
	"profiles/shared/problem"
	"profiles/shared/store"
	"profiles/shared/testkit"
)

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
				t.Errorf(
					"what was used at the end of %v is %d",
					u.Hour,
					u.Used[plan.ServiceInput],
				)
			}
			out = append(out, u.Used[plan.ServiceInput])
		}
		return out
	}
	same(t, "before anything was reported", read(0, time.Hour), nil)
	// In the n-th hour, from the first on, the n-th thing is used; in every
	// fourth nothing is.
	const n = 60
	for i := range n {
		if i%4 != 3 {
			for _, m := range []*metered{m, other} {
				m.count(
					line(
						plan.ServiceInput,
						int64(i+1)-m.usage().Used[plan.ServiceInput],
						fmt.Sprint(i),
					),
				)
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
	if used := w.Meter.Reset(); used.Requests != 2 || used.Capacity() > 2 {
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
	before := billing.Usage{}
	var unit steps
	for i := range n {
		// Rows alone, as reports leave them.
		u := billing.Usage{
			Profile: m.profile.ID,
			Hour:    start.Add(time.Duration(i) * time.Hour),
			Version: int64(i + 1),
		}
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
		if !u.Hour.Equal(start.Add(time.Duration(i)*time.Hour)) ||
			u.Used[0] != 1_000_000_000_000+int64(i) {
			t.Fatalf("hour %d: got %+v", i, u)
		}
	}
}

// The usage of a deleted profile is deleted with it, and its charges stay.
// Hours and events expire by themselves. A report that was read before the
// deletion finds nothing to count for.
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
	for _, lines := range [][]billing.UsageLine{{line(plan.ServiceInput, 1, "late")},
		{setting(plan.ServiceRunUsers, 1, "late")}} {
		for _, u := range []billing.Usage{read, {}} {
			_, err := m.report(u, lines...)
			w.Refused(err, problem.CodeConflict)
		}
	}
	for done := false; !done; {
		var err error
		done, err = w.Store.PurgeProfile(t.Context(), m.profile.ID, w.Now())
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
