package store_test

import (
	"errors"
	"slices"
	"sync"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"profiles/shared/billing"
	"profiles/shared/problem"
	"profiles/shared/store"
	"profiles/shared/tenancy"
	"profiles/shared/testkit"
)

func profileDeletionConditions(s situation) map[string][]condition {
	return map[string][]condition{
		"DeleteProfile": {
			{
				"as it was read",
				s.shared(),
				func(tx *store.Tx) { tx.DeleteProfile(at(s.profile, 2), s.team(), s.now) },
				nil,
			},
			{
				"changed since",
				s.shared(),
				func(tx *store.Tx) { tx.DeleteProfile(at(s.profile, 1), s.team(), s.now) },
				problem.ErrConflict,
			},
			{
				"gone since",
				nil,
				func(tx *store.Tx) { tx.DeleteProfile(s.profile, nil, s.now) },
				problem.ErrConflict,
			},
			{"an owner without a grant", s.shared(), func(tx *store.Tx) {
				tx.DeleteProfile(
					with(at(s.profile, 2), func(p *tenancy.Profile) { p.Owner = s.other.ID }),
					s.team(),
					s.now,
				)
			}, problem.ErrConflict},
			{
				"one that was used",
				append(s.shared(), s.report(2, billing.Usage{}, s.now, s.half()...)),
				func(tx *store.Tx) {
					tx.DeleteProfile(at(s.profile, 2), s.team(), s.now)
				},
				nil,
			},
			{
				"one that was used, changed since",
				append(s.shared(), s.report(2, billing.Usage{}, s.now, s.half()...)),
				func(tx *store.Tx) {
					tx.DeleteProfile(at(s.profile, 1), s.team(), s.now)
				},
				problem.ErrConflict,
			},
			{"a member who left", s.shared(), func(tx *store.Tx) {
				tx.DeleteProfile(
					at(s.profile, 2),
					[]tenancy.Member{{Profile: s.profile.ID, Account: s.other.ID, Active: true}},
					s.now,
				)
			}, problem.ErrConflict},
			{"an active member without a grant", s.shared(), func(tx *store.Tx) {
				tx.DeleteProfile(at(s.profile, 2), []tenancy.Member{s.stranger}, s.now)
			}, problem.ErrConflict},
		},
	}
}

// deletedWith makes a profile with tokens and deletes it.
func deletedWith(w *testkit.World, tokens int) (tenancy.Profile, []tenancy.Token) {
	w.Helper()
	p := newProfile(w, "ana")
	must(w, func(tx *store.Tx) { tx.CreateProfile(p) })
	made := make([]tenancy.Token, tokens)
	var unit steps
	for i := range made {
		t := newToken(w, p.ID)
		made[i] = t
		if unit = append(unit, func(tx *store.Tx) { tx.CreateToken(t) }); len(unit) == 50 ||
			i == tokens-1 {
			must(w, unit...)
			unit = nil
		}
	}
	must(w, func(tx *store.Tx) { tx.DeleteProfile(p, nil, w.Now()) })
	return p, made
}

func TestPurgeInPages(t *testing.T) {
	t.Parallel()
	w := testkit.New(t)
	neighbour := newToken(w, "another")
	must(w, func(tx *store.Tx) { tx.CreateToken(neighbour) })
	for tokens, pages := range map[int]int{0: 1, 1: 1, store.PurgePage - 1: 1, store.PurgePage: 2,
		2*store.PurgePage + 10: 3} {
		p, _ := deletedWith(w, tokens)
		taken := 0
		for done := false; !done; taken++ {
			same(
				t,
				"due profiles until the last page",
				due(w, store.DueProfile, w.Now()),
				[]string{string(p.ID)},
			)
			var err error
			done, err = w.Store.PurgeProfile(t.Context(), p.ID, w.Now())
			w.OK(err)
		}
		if taken != pages {
			t.Errorf("%d tokens took %d pages, want %d", tokens, taken, pages)
		}
		// A sweep that read the index before the first purge does the purge
		// again.
		done, err := w.Store.PurgeProfile(t.Context(), p.ID, w.Now())
		if err != nil || !done {
			t.Errorf("a purge of a profile that is gone: got %v, %v, want done and no error", done, err)
		}
		same(t, "due profiles", due(w, store.DueProfile, w.Now()), nil)
		// The neighbour's token and its row remain.
		if n := len(w.Items()); n != 2 {
			t.Errorf("%d items are left after %d tokens, want those of another profile", n, tokens)
		}
	}
}

// Two sweeps that overlap delete the same items. Each may find some of them
// gone, which is no error.
func TestTwoPurgesAtOnce(t *testing.T) {
	t.Parallel()
	w := testkit.New(t)
	for range 5 {
		p, _ := deletedWith(w, 2*store.PurgePage+5)
		var wg sync.WaitGroup
		for range 3 {
			wg.Go(func() {
				for done := false; !done; {
					var err error
					if done, err = w.Store.PurgeProfile(t.Context(), p.ID, w.Now()); err != nil {
						t.Errorf("a purge beside another one: got %v, want no error", err)
						return
					}
				}
			})
		}
		wg.Wait()
		if n := len(w.Items()); n != 0 {
			t.Fatalf("%d items are left, want none", n)
		}
	}
}

// A token that was switched to another profile just before no longer belongs to
// the deleted profile.
func TestAPurgeLeavesTokensThatMovedAway(t *testing.T) {
	t.Parallel()
	w := testkit.New(t)
	p, tokens := deletedWith(w, 3)
	moved := tokens[1]
	moved.Profile = "another"
	must(w, func(tx *store.Tx) { tx.MoveToken(tokens[1], moved, errRefused) })
	moved.Version++
	must(w, func(tx *store.Tx) { tx.DeleteToken(tokens[2], errRefused) })
	// A row may also have outlived its token.
	lone := newToken(w, p.ID)
	must(w, func(tx *store.Tx) { tx.CreateToken(lone) })
	_, err := w.Client.DeleteItem(
		t.Context(),
		&dynamodb.DeleteItemInput{TableName: &w.Table, Key: map[string]types.AttributeValue{
			"PK": &types.AttributeValueMemberS{Value: "T#" + string(lone.ID)},
			"SK": &types.AttributeValueMemberS{Value: "T"},
		}},
	)
	w.OK(err)
	done, err := w.Store.PurgeProfile(t.Context(), p.ID, w.Now())
	if err != nil || !done {
		t.Fatalf("the purge: got %v, %v, want done and no error", done, err)
	}
	batch := w.Store.Batch()
	found := batch.Token(moved.ID)
	w.OK(batch.Get(t.Context()))
	same(t, "the token that moved", found, &store.Found[tenancy.Token]{Value: moved, OK: true})
	same(t, "its row", rows(w, "another", false, 0), []string{string(moved.ID)})

	// The switch happens between the purge's read and its write. The purge
	// deletes nothing, and the next run deletes the rest.
	p, tokens = deletedWith(w, 3)
	moved = tokens[0]
	moved.Profile = "another"
	raced := false
	w.Faults.Always(func(operation string, _ int) testkit.Fault {
		if operation == "TransactWriteItems" && !raced {
			raced = true
			plain := store.New(w.Client, w.Table).Begin()
			plain.MoveToken(tokens[0], moved, errRefused)
			w.OK(plain.CommitAside(t.Context(), store.Origin{}))
		}
		return testkit.NoFault
	})
	done, err = w.Store.PurgeProfile(t.Context(), p.ID, w.Now())
	if done = done && err == nil; done || !errors.Is(err, problem.ErrConflict) {
		t.Fatalf("a purge that met a move: got %v, %v, want ErrConflict", done, err)
	}
	left := rows(w, p.ID, false, 0)
	slices.Sort(left) // by their ids, because all are of the same age
	want := []string{string(tokens[1].ID), string(tokens[2].ID)}
	slices.Sort(want)
	same(t, "rows still to be reclaimed", left, want)
	done, err = w.Store.PurgeProfile(t.Context(), p.ID, w.Now())
	if err != nil || !done {
		t.Fatalf("the next run: got %v, %v, want done and no error", done, err)
	}
	if n := w.Count("T#", ""); n != 2 {
		t.Errorf("got %d tokens, want the two that moved", n)
	}
}
