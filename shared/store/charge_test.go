package store_test

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"profiles/shared/billing"
	"profiles/shared/plan"
	"profiles/shared/problem"
	"profiles/shared/store"
	"profiles/shared/tenancy"
	"profiles/shared/testkit"
	"profiles/shared/value"
)

func chargeConditions(s situation) map[string][]condition {
	return map[string][]condition{
		"Charge": {
			{"a new id", nil, s.charge(s.account), nil},
			{"the same id for another account", steps{s.charge(s.account)}, s.charge(s.other), nil},
			{"twice", steps{s.charge(s.account)}, s.charge(s.account), problem.ErrConflict},
			{"another amount under the id", steps{s.charge(s.account)}, func(tx *store.Tx) {
				tx.Charge(
					billing.Charge{
						ID:      "charge",
						Account: s.account.ID,
						Kind:    billing.ChargePlan,
						Amount:  2,
						From:    s.now,
					},
				)
			}, problem.ErrConflict},
		},
	}
}

func (s situation) charge(a tenancy.Account) step {
	return func(tx *store.Tx) {
		tx.Charge(
			billing.Charge{
				ID:      "charge",
				Account: a.ID,
				Kind:    billing.ChargePlan,
				Plan:    plan.Scale,
				Amount:  1,
				From:    s.now,
			},
		)
	}
}

// chargeIDs are the ids of the charges of a walk.
func chargeIDs(w *testkit.World, walk func(func(billing.Charge, error) bool)) (out []string) {
	w.Helper()
	for c, err := range walk {
		w.OK(err)
		out = append(out, c.ID)
	}
	return out
}

func TestCharges(t *testing.T) {
	t.Parallel()
	w := testkit.New(t)
	ana, ben := newAccount(w).ID, newAccount(w).ID
	start := w.Now()
	pk := "B#" + string(ana)
	// These items are next to the range on both sides, or their keys begin
	// alike.
	foreign(w, pk, "A", "B#0", "C", "C!", "C$0", "CC", "D#0")
	foreign(w, pk+"0", "C#"+ms(start)+"#0")
	foreign(w, pk[:len(pk)-1], "C#"+ms(start)+"#0")
	for i := range 3 {
		must(
			w,
			func(tx *store.Tx) { tx.Snapshot(tenancy.Account{ID: ana, Version: int64(i)}, start) },
		)
	}
	same(
		t,
		"none",
		chargeIDs(w, w.Store.Charges(t.Context(), ana, start.Add(-day), start.Add(day))),
		nil,
	)
	same(t, "none at last", chargeIDs(w,
		w.Store.AllCharges(t.Context(), ana, store.Walk{NewestFirst: true, PageSize: 10})), nil)
	var all []string
	charge := func(a value.AccountID, id string, at time.Time) {
		must(w, func(tx *store.Tx) {
			tx.Charge(with(newCharge(w, a), func(c *billing.Charge) { c.ID, c.From = id, at }))
		})
		if a == ana {
			all = append(all, id)
		}
	}
	for i := range 7 {
		charge(ana, fmt.Sprintf("day %d", i), start.Add(time.Duration(i)*day))
		charge(ben, fmt.Sprintf("day %d", i), start.Add(time.Duration(i)*day))
	}
	// Charges of one instant are in the order of their ids, whatever characters
	// the ids have.
	for _, id := range []string{"day 7", "day 7#", "day 7a"} {
		charge(ana, id, start.Add(7*day))
	}
	for _, c := range []struct {
		name     string
		from, to time.Duration
		want     []string
	}{
		{"all", 0, 8 * day, all},
		{"from long before, to long after", -1000 * day, 1000 * day, all},
		{"the end is not in it", 2 * day, 4 * day, all[2:4]},
		{"a millisecond more is", 2 * day, 4*day + time.Millisecond, all[2:5]},
		{"a millisecond later is not from the beginning", 2*day + time.Millisecond, 4 * day, all[3:4]},
		{"an instant", 7 * day, 7*day + time.Millisecond, all[7:]},
		{"a span without any", time.Hour, 2 * time.Hour, nil},
		{"before the first", -day, 0, nil},
		{"after the last", 8 * day, 9 * day, nil},
	} {
		same(
			t,
			c.name,
			chargeIDs(w, w.Store.Charges(t.Context(), ana, start.Add(c.from), start.Add(c.to))),
			c.want,
		)
	}
	newest := slices.Clone(all)
	slices.Reverse(newest)
	for _, pageSize := range []int{1, 3, 5000} {
		w.Meter.Reset()
		same(
			t,
			fmt.Sprintf("newest first by %d", pageSize),
			chargeIDs(w, w.Store.AllCharges(t.Context(), ana,
				store.Walk{NewestFirst: true, PageSize: pageSize})),
			newest,
		)
		requests(w, len(all), pageSize)
	}
	same(t, "the other account's", len(chargeIDs(w,
		w.Store.AllCharges(t.Context(), ben, store.Walk{NewestFirst: true, PageSize: 10}))), 7)
	same(
		t,
		"nobody's",
		chargeIDs(w,
			w.Store.AllCharges(t.Context(), "000000000000000000000000", store.Walk{NewestFirst: true, PageSize: 10})),
		nil,
	)

	// A reader who stops within a page does not pay for the next one.
	w.Meter.Reset()
	for range w.Store.AllCharges(t.Context(), ana, store.Walk{NewestFirst: true, PageSize: 3}) {
		break
	}
	if used := w.Meter.Reset(); used.Requests != 1 {
		t.Errorf("the first charge took %d requests, want 1", used.Requests)
	}

	// A charge never expires and is never due.
	it := raw(w, pk, "C#"+ms(start)+"#day 0")
	if it == nil || has(it, "ttl") || has(it, "duePK") {
		t.Errorf("the charge is stored as %v, want it without expiry and due time", it)
	}
}

func TestChargesInPages(t *testing.T) {
	t.Parallel()
	w := testkit.New(t)
	ana := newAccount(w).ID
	start := w.Now()
	var want []string
	var unit steps
	const n = 700
	for i := range n {
		c := newCharge(w, ana)
		c.ID = fmt.Sprintf("%06d", i)
		c.From = start.Add(time.Duration(i) * time.Hour)
		c.Profile = value.ProfileID(bulk[:3000])
		want = append(want, c.ID)
		if unit = append(unit, func(tx *store.Tx) { tx.Charge(c) }); len(unit) == 100 || i == n-1 {
			must(w, unit...)
			unit = nil
		}
	}
	w.Meter.Reset()
	same(
		t,
		"charges",
		chargeIDs(w, w.Store.Charges(t.Context(), ana, start, start.Add(n*time.Hour))),
		want,
	)
	paged(w)
	slices.Reverse(want)
	same(t, "newest first", chargeIDs(w,
		w.Store.AllCharges(t.Context(), ana, store.Walk{NewestFirst: true, PageSize: 0})), want)
	paged(w)
}
