package store_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"profiles/shared/auditlog"
	"profiles/shared/store"
	"profiles/shared/testkit"
)

// A span of time covers the end of a month and of a year, from its first
// millisecond to the one before its last. A reader who continues at the
// position of an entry gets the entries after it.
func TestAuditEntriesOverTheEndOfAMonth(t *testing.T) {
	t.Parallel()
	for _, month := range []time.Time{
		time.Date(2030, time.April, 1, 0, 0, 0, 0, time.UTC), time.Date(2031, time.January, 1, 0, 0,
			0, 0, time.UTC), time.Date(2030, time.March, 1, 0, 0, 0, 0, time.UTC),
	} {
		w := testkit.New(t)
		from, to := month.Add(-3*day), month.Add(4*day)
		var all []string
		add := func(at time.Time, within bool) {
			id := fmt.Sprintf("%024x", len(w.Items()))
			must(
				w,
				func(tx *store.Tx) {
					tx.Audit(auditlog.Entry{ID: id, Log: "log", Time: at, Message: "m"})
				},
			)
			if within {
				all = append(all, id)
			}
		}
		add(from.Add(-time.Millisecond), false)
		add(from, true)
		add(from, true) // two entries in one millisecond
		add(month.Add(-time.Hour), true)
		add(month.Add(-time.Millisecond), true)
		add(month, true)
		add(month, true)
		add(month.Add(time.Millisecond), true)
		add(to.Add(-time.Millisecond), true)
		add(to, false)
		must(w,
			func(tx *store.Tx) { tx.Audit(auditlog.Entry{ID: "other", Log: "log2", Time: month}) })

		ids := func(entries []auditlog.Entry) (out []string) {
			for _, e := range entries {
				if e.Log != "log" {
					t.Errorf("an entry of the log %q", e.Log)
				}
				out = append(out, e.ID)
			}
			return out
		}
		entries := between(w, "log", from, to, "")
		same(t, "a week", ids(entries), all)
		west := time.FixedZone("west", -8*3600)
		same(t, "a week by a clock in the west",
			ids(between(w, "log", from.In(west), to.In(west), "")), all)
		for i, e := range entries {
			same(t, fmt.Sprintf("after entry %d", i),
				ids(between(w, "log", from, to, store.AuditCursor(e))), all[i+1:])
		}
		newest := slices.Clone(all)
		slices.Reverse(newest)
		same(t, "a week, newest first", ids(last(w, "log", from, to, "")), newest)
		for i, e := range entries {
			same(t, fmt.Sprintf("before entry %d", i),
				ids(last(w, "log", from, to, store.AuditCursor(e))), newest[len(all)-i:])
		}
		for name, at := range map[string]time.Time{"the span": from.Add(-time.Hour),
			"the month": month.AddDate(0, -2, 0)} {
			same(t, "newest first from a position before "+name,
				ids(last(w, "log", from, to, store.AuditCursor(auditlog.Entry{ID: "x", Time: at}))),
				nil)
		}
		same(t, "newest first from a position behind",
			ids(last(w, "log", from, to, store.AuditCursor(auditlog.Entry{ID: "x", Time: to}))),
			newest)
		same(t, "nothing, newest first", ids(last(w, "log", month, month, "")), nil)
		// The reader takes one page at a time, as clients do, while other
		// entries are written.
		for size := 1; size <= len(all); size++ {
			var got []string
			for after, pages := "", 0; pages <= len(all); pages++ {
				n := 0
				for e, err := range w.Store.AuditEntries(t.Context(), "log", from, to, after, 0) {
					w.OK(err)
					got, after = append(got, e.ID), store.AuditCursor(e)
					if n++; n == size {
						break
					}
				}
				if n < size {
					break
				}
			}
			same(t, fmt.Sprintf("%d a page", size), got, all)
		}
		// A position outside of the span is no error, nor is an empty span.
		same(
			t,
			"from a position before",
			ids(
				between(w, "log", from, to,
					store.AuditCursor(auditlog.Entry{ID: "x", Time: from.Add(-time.Hour)})),
			),
			all,
		)
		same(t, "from a position behind",
			ids(between(w, "log", from, to, store.AuditCursor(auditlog.Entry{ID: "x", Time: to}))),
			nil)
		same(t, "from the last position there is",
			ids(between(w, "log", from, to, "9999999999999#x")), nil)
		same(t, "to the end of the month", ids(between(w, "log", from, month, "")), all[:4])
		same(t, "from the start of the month", ids(between(w, "log", month, to, "")), all[4:])
		same(t, "a millisecond", ids(between(w, "log", month, month.Add(time.Millisecond), "")),
			all[4:6])
		same(t, "less than a millisecond",
			ids(between(w, "log", month.Add(100), month.Add(200), "")), nil)
		same(t, "nothing", ids(between(w, "log", month, month, "")), nil)
	}
}

// The walk ends where its caller stops. It does not read the next month.
func TestAuditEntriesReadNoMoreThanAskedFor(t *testing.T) {
	t.Parallel()
	w := testkit.New(t)
	month := time.Date(2030, time.April, 1, 0, 0, 0, 0, time.UTC)
	must(
		w,
		func(tx *store.Tx) {
			tx.Audit(auditlog.Entry{ID: "a", Log: "log", Time: month.Add(-time.Hour)})
		},
	)
	w.Meter.Reset()
	for _, err := range w.Store.AuditEntries(t.Context(), "log", month.Add(-day),
		month.Add(day), "", 0) {
		w.OK(err)
		break
	}
	if used := w.Meter.Reset(); used.Requests != 1 {
		t.Errorf("the first entry took %d requests, want 1", used.Requests)
	}
	for e, err := range w.Store.LastAuditEntries(t.Context(), "log", month.Add(-day),
		month.Add(day), "", 0) {
		w.OK(err)
		if e.ID != "a" {
			t.Errorf("the newest entry is %q", e.ID)
		}
		break
	}
	if used := w.Meter.Reset(); used.Requests != 2 {
		t.Errorf("the newest entry, of the month before, took %d requests, want 2", used.Requests)
	}
	before := store.AuditCursor(auditlog.Entry{ID: "b", Time: month.Add(-time.Minute)})
	if n := len(last(w, "log", month.Add(-day), month.Add(day), before)); n != 1 {
		t.Errorf("%d entries before the last minute of the month, want 1", n)
	}
	if used := w.Meter.Reset(); used.Requests != 1 {
		t.Errorf("entries before a position in the first month took %d requests, want 1", used.Requests)
	}
	between(w, "log", month.Add(-day), month.Add(day), "")
	if used := w.Meter.Reset(); used.Requests != 2 {
		t.Errorf("two months took %d requests, want 2", used.Requests)
	}
}

// Each entry of a commit has the origin of the commit. Nothing else in the
// commit has it.
func TestOriginOfACommit(t *testing.T) {
	t.Parallel()
	w := testkit.New(t)
	from := func(o store.Origin) func(*store.Tx) error {
		return func(tx *store.Tx) error { return tx.Commit(t.Context(), o) }
	}
	for i, c := range []struct {
		name            string
		commit          func(*store.Tx) error
		source, request string
	}{
		{"of bookkeeping", func(tx *store.Tx) error { return tx.CommitAside(t.Context(), store.Origin{}) }, "", ""},
		{"of bookkeeping of a client", func(tx *store.Tx) error {
			return tx.CommitAside(t.Context(), store.Origin{Source: "192.0.2.1", Request: "request"})
		}, "192.0.2.1", "request"},
		{"of a client", from(store.Origin{Source: "192.0.2.1", Request: "request"}), "192.0.2.1", "request"},
		{"of a client whose address is not known", from(store.Origin{Request: "request"}), "", "request"},
		{"of no request", from(store.Origin{Source: "2001:db8::1"}), "2001:db8::1", ""},
		{"of nobody", from(store.Origin{}), "", ""},
	} {
		log := fmt.Sprint("log", i)
		entry := func(id string) auditlog.Entry {
			return auditlog.Entry{
				ID:      id,
				Log:     log,
				Time:    w.Now(),
				Message: id,
				Changes: []auditlog.Change{{Field: "name", Before: "", After: "b"}},
			}
		}
		mail, known := newMail(w), entry("known")
		known.Source, known.Request = "known", "known"
		tx := w.Store.Begin()
		tx.Audit(entry("first"))
		tx.Send(mail, sealed)
		tx.Audit(entry("second"))
		tx.Audit(known)
		w.OK(c.commit(tx))
		want := []auditlog.Entry{entry("first"), known, entry("second")}
		for i := range want {
			if c.source != "" {
				want[i].Source = c.source
			}
			if c.request != "" {
				want[i].Request = c.request
			}
		}
		same(t, "entries "+c.name, entries(w, log, w.Now()), want)
		if it := raw(w, "O#"+string(mail.ID), "O"); len(it) == 0 || has(it, "source") ||
			has(it, "request") {
			t.Errorf("%s: the mail is stored as %v", c.name, it)
		}
		month := "L#" + log + "#" + w.Now().Format("2006-01")
		key := strings.Replace(store.AuditCursor(entry("first")), "-", "#", 1)
		if it := raw(w, month, key); len(it) == 0 || has(it, "source") != (c.source != "") ||
			has(it, "request") != (c.request != "") {
			t.Errorf("%s: the entry is stored as %v", c.name, it)
		}
	}
}

func TestAuditEntries(t *testing.T) {
	t.Parallel()
	w := testkit.New(t)
	const log, other = "00000000000000000000000a", "00000000000000000000000b"
	april := time.Date(2030, time.April, 1, 0, 0, 0, 0, time.UTC)
	entry := func(log, id string, at time.Time) auditlog.Entry {
		e := auditlog.Entry{
			ID:       id,
			Log:      log,
			Time:     at,
			Resource: "token",
			Message:  bulk[:180_000],
		}
		must(w, func(tx *store.Tx) { tx.Audit(e) })
		return e
	}
	entry(log, "march", april.Add(-time.Millisecond))
	entry(log, "may", april.AddDate(0, 1, 0))
	entry(other, "other", april)
	foreign(w, "L#"+log+"#2030-04", "!", "#", "A", "a", "~")
	foreign(w, "L#"+log+"#2030-040", "1901232000000#0")
	var want []auditlog.Entry
	for i := range 8 {
		// The last two entries have the same millisecond, so the id puts them
		// in order.
		want = append(want,
			entry(log, fmt.Sprint(i), april.Add(time.Duration(min(i, 6))*time.Hour)))
	}
	want = append(want, entry(log, "last", april.AddDate(0, 1, 0).Add(-time.Millisecond)))

	w.Meter.Reset()
	got := entries(w, log, april.Add(17*day))
	paged(w)
	same(t, "entries of April", got, want)

	// Months are months of UTC in whatever zone the caller's clock is.
	west := time.FixedZone("west", -8*3600)
	got = between(w, log, april.In(west), april.AddDate(0, 1, 0).In(west), "")
	if len(got) != len(want) {
		t.Errorf("by a clock in the west: got %d entries, want %d", len(got), len(want))
	}
	same(t, "entries of June", entries(w, log, april.AddDate(0, 2, 0)), nil)
}
