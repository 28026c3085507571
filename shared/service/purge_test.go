package service_test

import (
	"context"
	"strings"
	"testing"
	"time"

	"profiles/shared/operation"
	"profiles/shared/service"
	"profiles/shared/store"
	"profiles/shared/tenancy"
	"profiles/shared/testkit"
	"profiles/shared/value"
)

// deletedWith deletes a profile that has many tokens.
func deletedWith(w *testkit.World, p testkit.Person, name string, tokens int) value.ProfileID {
	w.Helper()
	id := p.Profile(name)
	for from := 0; from < tokens; from += 50 {
		tx := w.Store.Begin()
		for range min(50, tokens-from) {
			key := w.NextKey()
			tx.CreateToken(tenancy.Token{
				ID: value.TokenID(key.ID), Hash: key.Hash(), Profile: id, Account: p.ID,
				Name: "Gateway", Permission: tenancy.PermissionRead, Created: w.Now(),
			})
		}
		w.OK(tx.CommitAside(w.Context(), store.Origin{}))
	}
	w.OK(w.Profiles.Delete(w.Context(), p.Client(operation.ProfileDelete),
		service.ProfileRef{ID: id}, service.Credentials{Password: testkit.Password}))
	return id
}

// A large profile is purged in steps, at a pace that leaves half of what its
// partition can write. A run takes a bounded number of them, the next one goes
// on, and a small profile does not wait for a large one.
func TestALargeProfileIsPurgedInSteps(t *testing.T) {
	t.Parallel()
	w := testkit.NewModelled(t)
	ana := w.Quick("ana")
	const page, most, rest = 25, 100, 30
	ids := []value.ProfileID{
		deletedWith(w, ana, "greenhouse", page*most+page*rest), deletedWith(w, ana, "barn", 3),
	}
	w.Advance(tenancy.ProfileUndo)
	left := func(id value.ProfileID) int { return w.Count("P#"+string(id), "T#") }

	// A run without time for all of it ends between two steps.
	ctx, cancel := context.WithTimeout(t.Context(), 4*time.Second)
	defer cancel()
	began := time.Now()
	n, err := w.Profiles.Purge(ctx)
	took := time.Since(began)
	after := left(ids[0])
	removed := page*(most+rest) - after
	if n != 1 || err != nil || left(ids[1]) != 0 {
		t.Errorf("a short run: %d profiles, %v, and %d tokens of the small one are left", n, err, left(ids[1]))
	}
	if removed == 0 || removed%page != 0 || removed > page*(1+int(took/(100*time.Millisecond))) {
		t.Errorf("a run of %v removes %d tokens", took, removed)
	}
	began = time.Now()
	n, err = w.Profiles.Purge(t.Context())
	took = time.Since(began)
	switch got := after - left(ids[0]); {
	case err != nil:
		t.Error(err)
	case after > page*most && (n != 0 || got != page*most):
		t.Errorf("a run removes %d tokens, want %d", got, page*most)
	case took < (most-2)*100*time.Millisecond && got >= page*(most-1):
		t.Errorf("%d tokens are gone after %v", got, took)
	}
	for runs := 0; n == 0 && runs < 3; runs++ {
		n, err = w.Profiles.Purge(t.Context())
		w.OK(err)
	}
	if n != 1 || left(ids[0]) != 0 || w.Count("D#", "") != 0 {
		t.Errorf("%d profiles in the end, and %d tokens are left", n, left(ids[0]))
	}
	for _, it := range w.Items() {
		if strings.HasPrefix(it.PK, "T#") && strings.Contains(it.Text, string(ids[0])) {
			t.Fatalf("the token %s is left", it.PK)
		}
	}
}
