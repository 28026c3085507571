package store_test

import (
	"sync"
	"testing"
	"time"

	"profiles/shared/store"
	"profiles/shared/tenancy"
	"profiles/shared/testkit"
)

func TestWindowsCountApart(t *testing.T) {
	t.Parallel()
	w := testkit.New(t)
	end := w.Now().Add(time.Hour)
	count := func(subject string, end time.Time, want int) {
		t.Helper()
		got, err := w.Store.Count(t.Context(), store.Window{Subject: subject, End: end})
		w.OK(err)
		if got != want {
			t.Errorf("%s until %v: got %d, want %d", subject, end, got, want)
		}
	}
	for n := range 3 {
		count("password#ana", end, n+1)
	}
	count("password#ben", end, 1)
	count("password", end, 1)
	count("password#ana", end.Add(time.Hour), 1)
	count("password#ana", end, 4)

	// A transaction counts in the same window, and takes back from it.
	window := store.Window{Subject: "password#ana", End: end}
	must(w, func(tx *store.Tx) { tx.Count(window, 5, tenancy.ErrConflict) })
	w.Refused(commit(w, func(tx *store.Tx) { tx.Count(window, 5, tenancy.TooMany(0)) }), tenancy.CodeTooMany)
	count("password#ana", end, 6)
	must(w, func(tx *store.Tx) { tx.Uncount(window) })
	count("password#ana", end, 6)

	it := raw(w, "R#password#ana#"+sortable(end), "R")
	if got, want := numberOf(it, "ttl"), unix(end.Add(time.Hour)); got != want {
		t.Errorf("the window is forgotten at %q, want %s, after its end", got, want)
	}
}

func sortable(t time.Time) string {
	_, sk := store.DueKey(store.DueToken, "0", t)
	return sk[:len(sk)-2]
}

// Any number of callers at once each get a number of their own, so no two of them can both be the last one within a limit.
func TestConcurrentCountsAreAllDifferent(t *testing.T) {
	t.Parallel()
	w := testkit.New(t)
	const callers = 40
	var wg sync.WaitGroup
	numbers := make([]int, callers)
	full := make([]bool, callers)
	for i := range callers {
		wg.Go(func() {
			n, err := w.Store.Count(t.Context(), store.Window{Subject: "a", End: w.Now()})
			if err != nil {
				t.Error(err)
			}
			numbers[i] = n
			tx := w.Store.Begin()
			tx.Count(store.Window{Subject: "b", End: w.Now()}, 7, tenancy.TooMany(0))
			full[i] = tenancy.CodeOf(tx.Commit(t.Context())) == tenancy.CodeTooMany
		})
	}
	wg.Wait()
	seen := map[int]bool{}
	admitted := 0
	for i, n := range numbers {
		seen[n] = true
		if n < 1 || n > callers {
			t.Errorf("got count %d of %d", n, callers)
		}
		if !full[i] {
			admitted++
		}
	}
	if len(seen) != callers {
		t.Errorf("%d callers got %d different counts", callers, len(seen))
	}
	if admitted != 7 {
		t.Errorf("a window for 7 admitted %d", admitted)
	}
}
