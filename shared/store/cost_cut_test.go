package store_test

import (
	"testing"
	"time"

	"profiles/shared/plan"
	"profiles/shared/store"
	"profiles/shared/tenancy"
	"profiles/shared/testkit"
	"profiles/shared/transfer"
	"profiles/shared/value"
)

func TestCostCuts(t *testing.T) {
	t.Parallel()
	w := testkit.New(t)
	d, other := newDeal(w), newDeal(w)
	foreign(w, "P#"+string(d.profile.ID), "B#0", "C", "C!", "C$0", "CX", "D#0")
	foreign(w, "P#"+string(d.profile.ID)+"0", "C#0000000000000")
	cuts := func(p value.ProfileID) (out []store.CostCut) {
		t.Helper()
		for cut, err := range w.Store.CostCuts(t.Context(), p) {
			w.OK(err)
			out = append(out, cut)
		}
		return out
	}
	same(t, "before any move", cuts(d.profile.ID), nil)
	var want []store.CostCut
	allocation := d.profile.Allocation
	for i := range 4 {
		w.Advance(time.Hour)
		d.open()
		w.Advance(time.Millisecond)
		terms := staying(tenancy.PermissionNone)
		terms.Allocation[plan.ServiceInput] = int64(100 - i)
		m := d.move(terms)
		want = append(want, store.CostCut{
			Transfer: m.Transfer.ID, From: d.source.ID, To: d.destination.ID, Time: w.Now(),
			Allocation: allocation,
		})
		allocation = terms.Allocation
		d.turn()
	}
	other.open()
	other.move(transfer.Terms{})
	same(t, "oldest first", cuts(d.profile.ID), want)
	if n := len(cuts(other.profile.ID)); n != 1 {
		t.Errorf("the other profile has %d, want 1", n)
	}
	// The cost cuts stay after the profile is deleted, because its cost is
	// still owed.
	p, team, err := w.Store.ProfileWithMembers(t.Context(), d.profile.ID)
	w.OK(err)
	must(w, func(tx *store.Tx) { tx.DeleteProfile(p, team, w.Now()) })
	_, err = w.Store.PurgeProfile(t.Context(), p.ID, w.Now())
	w.OK(err)
	same(t, "after the profile was deleted", cuts(d.profile.ID), want)
}
