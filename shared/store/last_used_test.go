package store_test

import (
	"testing"
	"time"

	"profiles/shared/tenancy"
	"profiles/shared/testkit"
)

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
