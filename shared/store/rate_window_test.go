package store_test

import (
	"sync"
	"testing"
	"time"

	"profiles/shared/problem"
	"profiles/shared/store"
	"profiles/shared/testkit"
)

func rateWindowConditions(s situation) map[string][]condition {
	return map[string][]condition{
		"Pause": {
			{"the first time", nil, s.pause(0), nil},
			{
				"a millisecond early",
				steps{s.pause(0)},
				s.pause(time.Minute - time.Millisecond),
				errRefused,
			},
			{"in time", steps{s.pause(0)}, s.pause(time.Minute), nil},
		},
		"Count": {
			{"a new window", nil, func(tx *store.Tx) { tx.Count(s.window(), 1, errRefused) }, nil},
			{
				"a window with room for one",
				steps{s.count},
				func(tx *store.Tx) { tx.Count(s.window(), 2, errRefused) },
				nil,
			},
			{
				"a full window",
				steps{s.count},
				func(tx *store.Tx) { tx.Count(s.window(), 1, errRefused) },
				errRefused,
			},
		},
	}
}

func (s situation) pause(after time.Duration) step {
	return func(tx *store.Tx) {
		tx.Cooldown(string(s.account.ID), time.Minute, s.now.Add(after), errRefused)
	}
}

func (s situation) window() store.RateWindow {
	return store.RateWindow{Subject: string(s.account.ID), End: s.now}
}

func (s situation) count(tx *store.Tx) { tx.Count(s.window(), 100, errRefused) }

func TestWindowsCountApart(t *testing.T) {
	t.Parallel()
	w := testkit.New(t)
	end := w.Now().Add(time.Hour)
	count := func(subject string, end time.Time, want int) {
		t.Helper()
		got, err := w.Store.Count(t.Context(), store.RateWindow{Subject: subject, End: end})
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

	// A transaction counts in the same window.
	window := store.RateWindow{Subject: "password#ana", End: end}
	must(w, func(tx *store.Tx) { tx.Count(window, 5, problem.ErrConflict) })
	w.Refused(
		commit(w, func(tx *store.Tx) { tx.Count(window, 5, problem.TooMany(0)) }),
		problem.CodeTooMany,
	)
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

// Any number of concurrent callers get different numbers, so two of them cannot
// both be the last one within a limit.
func TestConcurrentCountsAreAllDifferent(t *testing.T) {
	t.Parallel()
	w := testkit.New(t)
	const callers = 40
	var wg sync.WaitGroup
	numbers := make([]int, callers)
	full := make([]bool, callers)
	for i := range callers {
		wg.Go(func() {
			n, err := w.Store.Count(t.Context(), store.RateWindow{Subject: "a", End: w.Now()})
			if err != nil {
				t.Error(err)
			}
			numbers[i] = n
			tx := w.Store.Begin()
			tx.Count(store.RateWindow{Subject: "b", End: w.Now()}, 7, problem.TooMany(0))
			err = tx.CommitAside(t.Context(), store.Origin{})
			full[i] = problem.CodeOf(err) == problem.CodeTooMany
		})
	}
	wg.Wait()
	seen := map[int]bool{}
	admitted := 0
	for i, n := range numbers {
		seen[n] = true
		if n < 1 || n > callers {
			t.Errorf("got the count %d, want 1 to %d", n, callers)
		}
		if !full[i] {
			admitted++
		}
	}
	if len(seen) != callers {
		t.Errorf("%d callers got %d different counts, want one each", callers, len(seen))
	}
	if admitted != 7 {
		t.Errorf("a window for 7 admitted %d, want 7", admitted)
	}
}

// An attempt counts once, however often it is sent. A lost answer neither
// counts it twice nor takes back another attempt.
func TestAnAttemptCountsOnce(t *testing.T) {
	t.Parallel()
	w := testkit.New(t)
	window := store.RateWindow{Subject: "password#ana", End: w.Now().Add(time.Hour)}
	wrong := 0
	count := func(id string, want int) {
		t.Helper()
		got, err := w.Store.CountOnce(t.Context(), window, id, 3)
		w.OK(err)
		if got.Counted != want || got.Wrong != wrong {
			t.Errorf("%s: got %+v, want %d, %d wrong", id, got, want, wrong)
		}
	}
	refund := func(id string) {
		t.Helper()
		w.OK(w.Store.Refund(t.Context(), window, id))
	}
	refund("a") // there is nothing to refund
	if n := w.Count("R#", ""); n != 0 {
		t.Fatalf("the refund of what was never counted left %d windows, want none", n)
	}
	w.Faults.Next("UpdateItem", testkit.LostAnswer)
	count("a", 1)
	count("b", 2)
	w.Faults.Next("UpdateItem", testkit.LostAnswer)
	count("c", 3)
	count("d", 4)
	count("e", 4)
	count("c", 3)
	w.Faults.Next("UpdateItem", testkit.LostAnswer)
	refund("a")
	refund("d")
	count("e", 3)
	w.OK(w.Store.MarkWrong(t.Context(), window, "a")) // it is not counted
	w.Faults.Next("UpdateItem", testkit.LostAnswer)
	w.OK(w.Store.MarkWrong(t.Context(), window, "b"))
	wrong = 1
	count("f", 4)
	count("e", 3)
	got := numberOf(raw(w, "R#password#ana#"+sortable(window.End), "R"), "ttl")
	if want := unix(window.End.Add(time.Hour)); got != want {
		t.Errorf("the window is forgotten at %q, want %s, after its end", got, want)
	}
}
