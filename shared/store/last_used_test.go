package store_test

import (
	"fmt"
	"testing"
	"time"

	"profiles/shared/store"
	"profiles/shared/tenancy"
	"profiles/shared/testkit"
	"profiles/shared/value"
)

// usesOf reads what is known of a token's uses.
func usesOf(w *testkit.World, id value.TokenID) tenancy.Use {
	w.Helper()
	batch := w.Store.Batch()
	found := batch.Use(id)
	w.OK(batch.Get(w.Context()))
	return found.Value
}

// A use is written unless one was written less than a minute before it, or
// after it.
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
		use := tenancy.Use{
			Token:   "00000001",
			Time:    start.Add(c.after),
			Address: "192.0.2.1",
			Agent:   c.name,
		}
		w.OK(w.Store.NoteUse(t.Context(), use))
		got := usesOf(w, "00000001")
		if got := got.Time.Sub(start); got != c.want {
			t.Errorf("%s: the last use is after %v, want %v", c.name, got, c.want)
		}
		if c.after == c.want {
			use.Known = []string{"192.0.2.0/24"}
			same(t, c.name, got, use)
		}
	}
	same(t, "due", due(w, store.DueToken, store.Never), nil)
}

// The first use from a network is noted at once, and is due for a sweep until
// that says that people know of it. The network of the very first use, and
// those of a token that has been to many places, are no news.
func TestTheFirstUseFromANetworkIsDue(t *testing.T) {
	t.Parallel()
	w := testkit.New(t)
	note := func(address string) {
		t.Helper()
		w.OK(w.Store.NoteUse(
			t.Context(), tenancy.Use{Token: "00000001", Time: w.Now(), Address: address},
		))
	}
	wants := func(what string, known, untold int, waiting ...string) {
		t.Helper()
		u := usesOf(w, "00000001")
		if len(u.Known) != known || len(u.Untold) != untold {
			t.Errorf("%s: %d are known, %d untold, want %d and %d", what, len(u.Known), len(u.Untold), known, untold)
		}
		same(t, what, due(w, store.DueToken, w.Now()), waiting)
	}
	note("")
	wants("from nowhere", 0, 0)
	note("192.0.2.1")
	note("192.0.2.200")
	note("no address")
	wants("the first", 1, 0)
	note("198.51.100.1")
	wants("the second", 2, 1, "00000001")
	was := usesOf(w, "00000001")
	note("2001:db8:1:2::1")
	note("2001:db8:1:3::1")
	wants("the third", 3, 2, "00000001")
	if err := commit(
		w, func(tx *store.Tx) { tx.ToldNetworks(was, errRefused) },
	); err != errRefused {
		t.Errorf("told of one of two: got %v", err)
	}
	must(w, func(tx *store.Tx) { tx.ToldNetworks(usesOf(w, "00000001"), errRefused) })
	wants("when people know", 3, 0)
	for i := range tenancy.MostNetworks {
		note(fmt.Sprintf("10.0.%d.1", i))
	}
	wants("many", tenancy.MostNetworks, tenancy.MostNetworks-3, "00000001")
	w.Advance(time.Hour)
	note("203.0.113.1")
	wants("one more", tenancy.MostNetworks, tenancy.MostNetworks-3, "00000001")
	if got := usesOf(w, "00000001"); got.Address != "203.0.113.1" {
		t.Errorf("the last use is from %s", got.Address)
	}
}
