package store_test

import (
	"fmt"
	"log/slog"
	"testing"
	"time"

	"profiles/shared/metric"
	"profiles/shared/store"
	"profiles/shared/testkit"
)

// Requests are counted in the record of their context, with the cost that
// DynamoDB reports and with each failed attempt.
func TestRequestsAreMetered(t *testing.T) {
	t.Parallel()
	w := testkit.New(t)
	ctx, record := metric.Begin(t.Context(), "x", "")
	tx := w.Store.Begin()
	m := newMail(w)
	tx.Send(m, sealed)
	tx.Measure(metric.TokensMade, 1)
	w.Faults.Next("TransactWriteItems", testkit.Contention, testkit.Crowded)
	w.OK(tx.CommitAside(ctx, store.Origin{}))
	batch := w.Store.Batch()
	batch.Message(m.ID)
	w.Faults.Next("BatchGetItem", testkit.Throttled)
	w.OK(batch.Get(ctx))
	for _, err := range w.Store.Due(ctx, store.DueMail, w.Now()) {
		w.OK(err)
	}
	got := map[string]slog.Value{}
	for _, a := range record.Attributes(time.Now()) {
		got[a.Key] = a.Value
	}
	// The three cases are a transaction with three attempts, a batch, and a
	// query for each shard.
	for name, want := range map[string]string{
		"trips": "12", "requests": "12", "conflicts": "1", "throttled": "2", "TokensMade": "1",
	} {
		if fmt.Sprint(got[name]) != want {
			t.Errorf("%s: got %v, want %s", name, got[name], want)
		}
	}
	// A transaction writes a new item and its entry in the index, each at twice
	// the units of a single write.
	if reads, writes := got["reads"].Float64(), got["writes"].Float64(); reads < 1 || writes < 2 {
		t.Errorf("got %g read and %g write units, want at least 1 and 2", reads, writes)
	}
}

// A commit that fails adds to no metric.
func TestAFailedCommitIsNotMeasured(t *testing.T) {
	t.Parallel()
	w := testkit.New(t)
	ctx, record := metric.Begin(t.Context(), "x", "")
	m := newMail(w)
	for n := range 2 {
		tx := w.Store.Begin()
		tx.Send(m, sealed)
		tx.Measure(metric.TokensMade, 1)
		if err := tx.CommitAside(ctx, store.Origin{}); (err != nil) != (n == 1) {
			t.Errorf("commit %d: got %v, want an error from the second one only", n, err)
		}
	}
	for _, a := range record.Attributes(time.Now()) {
		if a.Key == metric.TokensMade.Name && a.Value.Float64() != 1 {
			t.Errorf("got %v tokens, want 1", a.Value)
		}
	}
}
