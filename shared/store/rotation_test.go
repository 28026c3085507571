package store_test

import (
	"testing"
	"time"

	"profiles/shared/store"
	"profiles/shared/tenancy"
	"profiles/shared/testkit"
)

// What replaces a token is a copy of it, so its condition must know every attribute that a token may be without.
func TestATokenAsItWasReadIsAllOfIt(t *testing.T) {
	t.Parallel()
	omitted, known := store.TokenAttributes()
	same(t, "the attributes that a token may be without", known, omitted)
}

// A rotation is read back whole: what the old one is, the new one, their family; and what is due of them.
func TestARotationIsReadBack(t *testing.T) {
	t.Parallel()
	w := testkit.New(t)
	s := newSituation(w)
	must(w, s.createEndless)
	must(w, s.rotate)
	batch := w.Store.Batch()
	old, next, family := batch.Token(s.token.ID), batch.Token(s.successor().ID), batch.Family(s.token.ID)
	w.OK(batch.Get(t.Context()))
	same(t, "the old one", old.Value, s.rotated())
	same(t, "the new one", next.Value, s.successor())
	want := s.family()
	want.Kept = want.Kept.Truncate(time.Second)
	same(t, "the family", family.Value, want)
	same(t, "rows", len(rows(w, s.profile.ID, false, 0)), 2)
	same(t, "due before the grace ends", due(w, store.DueToken, w.Now().Add(time.Hour-time.Millisecond)), nil)
	same(t, "due when it ends", due(w, store.DueToken, w.Now().Add(time.Hour)), []string{string(s.token.ID)})
	must(w, func(tx *store.Tx) { tx.RetireToken(s.rotated(), w.Now(), errRefused) })
	same(t, "rows after it", rows(w, s.profile.ID, false, 0), []string{string(s.successor().ID)})
	same(t, "due after it", due(w, store.DueToken, w.Now().Add(365*day)), nil)
}

// The first report of a use is kept, with where it came from, and is due until it is settled.
func TestReportsOfReuse(t *testing.T) {
	t.Parallel()
	w := testkit.New(t)
	s := newSituation(w)
	must(w, s.createEndless)
	first := store.Reuse{Token: s.token.ID, Time: w.Now(), Source: "192.0.2.1", Request: "r1"}
	w.OK(w.Store.ReportReuse(t.Context(), first))
	w.Advance(time.Second)
	w.OK(w.Store.ReportReuse(t.Context(), store.Reuse{Token: s.token.ID, Time: w.Now(), Source: "192.0.2.2"}))
	read := func() *store.Found[store.Reuse] {
		batch := w.Store.Batch()
		found := batch.Reuse(s.token.ID)
		w.OK(batch.Get(t.Context()))
		return found
	}
	same(t, "the report", read().Value, first)
	same(t, "due", due(w, store.DueReuse, first.Time), []string{string(s.token.ID)})
	must(w, func(tx *store.Tx) { tx.SettleReuse(s.token.ID, errRefused) })
	if read().OK || len(due(w, store.DueReuse, w.Now().Add(time.Hour))) != 0 {
		t.Error("a settled report is still there")
	}
}

// A use is noted if none was noted within the minute before it, nor later.
func TestUsesAreNotedOnceAMinute(t *testing.T) {
	t.Parallel()
	w := testkit.New(t)
	start := w.Now()
	for _, c := range []struct {
		name  string
		after time.Duration
		want  time.Duration
	}{
		{"the first", 0, 0}, {"a millisecond too soon", time.Minute - time.Millisecond, 0}, {"after a minute", time.Minute, time.Minute},
		{"one that comes late", 30 * time.Second, time.Minute}, {"a day later", day, day},
	} {
		use := tenancy.Use{Token: "00000001", Time: start.Add(c.after), Address: "192.0.2.1", Agent: c.name}
		w.OK(w.Store.NoteUse(t.Context(), use))
		batch := w.Store.Batch()
		found := batch.Use("00000001")
		w.OK(batch.Get(t.Context()))
		if got := found.Value.Time.Sub(start); got != c.want {
			t.Errorf("%s: the last use is after %v, want %v", c.name, got, c.want)
		}
		if c.after == c.want {
			same(t, c.name, found.Value, use)
		}
	}
}
