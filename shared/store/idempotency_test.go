package store_test

import (
	"errors"
	"testing"
	"time"

	"profiles/shared/auditlog"
	"profiles/shared/problem"
	"profiles/shared/store"
	"profiles/shared/tenancy"
	"profiles/shared/testkit"
)

// sending is a request with an idempotency key. Its effect is an entry of the
// log that has an id of its own.
type sending struct {
	*testkit.World
	store.IdempotencyRecord
}

func newSending(w *testkit.World, run string) *sending {
	return &sending{
		w,
		store.IdempotencyRecord{
			Scope: "scope",
			Key:   "key",
			MAC:   []byte("request"),
			Run:   run,
			Begun: w.Now(),
			Ends:  w.Now().Add(24 * time.Hour),
		},
	}
}

func (s *sending) do(more ...func(*store.Tx)) error {
	tx := s.Store.Begin()
	tx.Audit(auditlog.Entry{ID: s.Run, Log: "log", Time: s.Now()})
	for _, step := range more {
		step(tx)
	}
	return tx.Commit(s.Context(), store.Origin{Record: &s.IdempotencyRecord})
}

func (s *sending) look() store.RecordLookup {
	s.Helper()
	found, err := s.Store.LookupRecord(s.Context(), &s.IdempotencyRecord, s.Now())
	s.OK(err)
	return found
}

func (s *sending) keep(answer string) bool {
	s.Helper()
	kept, err := s.Store.KeepAnswer(s.Context(), &s.IdempotencyRecord, []byte(answer), s.Now())
	s.OK(err)
	return kept
}

func (s *sending) expect(state store.RecordState, answer string) {
	s.Helper()
	if found := s.look(); found.State != state || string(found.Answer) != answer {
		s.Errorf(
			"got the state %d and the answer %q, want %d and %q",
			found.State,
			found.Answer,
			state,
			answer,
		)
	}
}

func TestAnIdempotencyRecordEntersWithTheFirstCommit(t *testing.T) {
	t.Parallel()
	w := testkit.New(t)
	first, second := newSending(w, "first"), newSending(w, "second")
	first.expect(store.RecordFree, "")
	refused := errors.New("refused")
	fails := func(tx *store.Tx) { tx.CheckAccount(tenancy.Account{ID: "none"}, refused) }
	if err := first.do(fails); !errors.Is(err, refused) || first.Set || first.Taken {
		t.Fatalf("got %v, set %t, taken %t, want the refusal and no record", err, first.Set, first.Taken)
	}
	first.expect(store.RecordFree, "")
	w.OK(first.do())
	w.OK(first.do()) // a later commit of the same request does not write the record again
	if !first.Set {
		t.Error("the first request does not know its record")
	}
	second.expect(store.RecordSameRequest, "")

	// The second request gets the error of a repetition, even if other
	// conditions failed too.
	if err := second.do(fails); !errors.Is(err, problem.ErrInProgress) || !second.Taken ||
		second.Found.Run != "first" {
		t.Errorf("got %v, taken %t by %q, want ErrInProgress and the record of the first request", err, second.Taken, second.Found.Run)
	}
	if second.keep("second") || !first.keep("first") {
		t.Error("the second request could keep an answer, or the first could not")
	}
	second.expect(store.RecordSameRequest, "first")

	// An idempotency record ends at its time, even when the table has not
	// deleted it.
	w.Advance(24 * time.Hour)
	third := newSending(w, "third")
	third.expect(store.RecordFree, "")
	w.OK(third.do())
	third.expect(store.RecordSameRequest, "")
	if first.keep("late") {
		t.Error("a request whose record has ended has kept an answer for the next")
	}
}

func TestAnIdempotencyRecordAndItsAnswerAtOnce(t *testing.T) {
	t.Parallel()
	w := testkit.New(t)
	first, second := newSending(w, "first"), newSending(w, "second")
	tx := w.Store.Begin()
	tx.Audit(auditlog.Entry{ID: "x", Log: "log", Time: w.Now()})
	w.OK(tx.CommitAside(t.Context(), store.Origin{Record: &first.IdempotencyRecord}))
	first.expect(store.RecordFree, "")
	if !first.keep("first") || second.keep("second") {
		t.Error("the first request could not keep its answer, or the second could")
	}
	second.expect(store.RecordSameRequest, "first")
}

// Other requests with the key are counted, and the key stays with its first
// request. After five others it belongs to no request.
func TestOtherRequestsSpendAKey(t *testing.T) {
	t.Parallel()
	w := testkit.New(t)
	first, other := newSending(w, "first"), newSending(w, "other")
	other.MAC = []byte("another request")
	w.OK(first.do())
	for range 5 {
		first.expect(store.RecordSameRequest, "")
		other.expect(store.RecordOtherRequest, "")
	}
	first.expect(store.RecordExhausted, "")
	other.expect(store.RecordExhausted, "")
}

// A commit whose every answer was lost is recognised by its idempotency record.
func TestAnIdempotencyRecordShowsACommitWithoutAnAnswer(t *testing.T) {
	t.Parallel()
	w := testkit.New(t)
	lost := newSending(w, "lost")
	w.Faults.Next("TransactWriteItems", testkit.LostAnswer, testkit.LostAnswer, testkit.LostAnswer)
	w.OK(lost.do())
	if !lost.Set || w.Count("L#log", "") != 1 {
		t.Errorf("the record is set: %t, with %d entries, want it set and one entry", lost.Set, w.Count("L#log", ""))
	}
	broken := newSending(w, "broken")
	broken.Key = "another"
	w.Faults.Next(
		"TransactWriteItems",
		testkit.BrokenService,
		testkit.BrokenService,
		testkit.BrokenService,
	)
	w.Refused(broken.do(), problem.CodeUnavailable)
	if broken.Set || broken.Taken || w.Count("L#log", "") != 1 {
		t.Errorf("the record is set: %t, taken: %t, with %d entries, want neither and one entry", broken.Set, broken.Taken, w.Count("L#log", ""))
	}
}
