package store_test

import (
	"testing"
	"time"

	"profiles/shared/store"
	"profiles/shared/testkit"
)

func reuseConditions(s situation) map[string][]condition {
	return map[string][]condition{
		"SettleReuse": {
			{
				"for the first time",
				steps{s.createEndless, s.rotate},
				func(tx *store.Tx) { tx.SettleReuse(s.token.ID, errRefused) },
				nil,
			},
			{
				"again",
				steps{
					s.createEndless,
					s.rotate,
					func(tx *store.Tx) { tx.SettleReuse(s.token.ID, errRefused) },
				},
				func(tx *store.Tx) { tx.SettleReuse(s.token.ID, errRefused) },
				errRefused,
			},
			{
				"no token",
				nil,
				func(tx *store.Tx) { tx.SettleReuse(s.token.ID, errRefused) },
				errRefused,
			},
		},
	}
}

// The first report of a token's reuse is kept with its source, and is due until
// a sweep has dealt with it.
func TestReportsOfReuse(t *testing.T) {
	t.Parallel()
	w := testkit.New(t)
	s := newSituation(w)
	must(w, s.createEndless)
	first := store.Reuse{Token: s.token.ID, Time: w.Now(), Source: "192.0.2.1", Request: "r1"}
	w.OK(w.Store.ReportReuse(t.Context(), first))
	w.Advance(time.Second)
	w.OK(
		w.Store.ReportReuse(
			t.Context(),
			store.Reuse{Token: s.token.ID, Time: w.Now(), Source: "192.0.2.2"},
		),
	)
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
