package store_test

import (
	"errors"
	"testing"
	"time"

	"profiles/shared/problem"
	"profiles/shared/store"
	"profiles/shared/tenancy"
	"profiles/shared/testkit"
	"profiles/shared/value"
)

func newSession(w *testkit.World, a tenancy.Account, place byte) tenancy.Session {
	s := tenancy.NewSession(a, "192.0.2.1", "a browser", w.Now())
	key := w.NextKey().Session(string(a.ID), place)
	s.ID, s.Hash = value.SessionID(key.ID), key.Hash()
	return s
}

// A session is read back as it was written, both alone and with its account.
func TestSessionsAreKept(t *testing.T) {
	t.Parallel()
	w := testkit.New(t)
	account := newAccount(w)
	account.Sessions = 3
	must(w, func(tx *store.Tx) { tx.CreateAccount(account, w.Now()) })
	first, second := newSession(w, account, '0'), newSession(w, account, 'J')
	must(
		w,
		func(tx *store.Tx) { tx.CreateSession(second, nil) },
		func(tx *store.Tx) { tx.CreateSession(first, nil) },
	)
	batch := w.Store.Batch()
	found, other := batch.Session(account.ID, first.ID), batch.Session(account.ID, "s-10000000")
	w.OK(batch.Get(t.Context()))
	same(t, "alone", found.Value, first)
	if other.OK {
		t.Errorf("a free place has %+v", other.Value)
	}
	listed, err := w.Store.Sessions(t.Context(), account.ID)
	w.OK(err)
	same(t, "in the list", listed, []tenancy.Session{first, second})
	partition, err := w.Store.AccountWithSessions(t.Context(), account.ID)
	w.OK(err)
	same(t, "with its account", partition.Sessions, listed)
	same(t, "its account", partition.Account, account)
	extended := first.Extended("192.0.2.2", "another", w.Now().Add(time.Minute))
	must(w, func(tx *store.Tx) { tx.ExtendSession(extended, errRefused) })
	listed, err = w.Store.Sessions(t.Context(), account.ID)
	w.OK(err)
	same(t, "extended", listed[0], extended)
}

// Each step requires that the session still has its place in the account.
func TestConditionsOfSessions(t *testing.T) {
	t.Parallel()
	w := testkit.New(t)
	account := newAccount(w)
	kept, next := newSession(w, account, '0'), newSession(w, account, '0')
	must(w, func(tx *store.Tx) { tx.CreateSession(kept, nil) })
	token := func(s tenancy.Session) func(*store.Tx) {
		return func(tx *store.Tx) { tx.CheckToken(s.Token(), errRefused) }
	}
	for _, c := range []struct {
		name string
		step func(*store.Tx)
		want error
	}{
		{"into a place that is taken", func(tx *store.Tx) { tx.CreateSession(next, nil) }, problem.ErrConflict},
		{"in the place of one that has gone", func(tx *store.Tx) { tx.CreateSession(kept, &next) }, problem.ErrConflict},
		{"extending another", func(tx *store.Tx) { tx.ExtendSession(next, errRefused) }, errRefused},
		{"ending another", func(tx *store.Tx) { tx.EndSession(next, errRefused) }, errRefused},
		{"holding another", token(next), errRefused},
		{"holding the one that there is", token(kept), nil},
		{"in the place of the one that there is", func(tx *store.Tx) { tx.CreateSession(next, &kept) }, nil},
		{"extending the one before", func(tx *store.Tx) { tx.ExtendSession(kept, errRefused) }, errRefused},
		{"ending it", func(tx *store.Tx) { tx.EndSession(next, errRefused) }, nil},
		{"ending it again", func(tx *store.Tx) { tx.EndSession(next, errRefused) }, errRefused},
		{"extending one that has ended", func(tx *store.Tx) { tx.ExtendSession(next, errRefused) }, errRefused},
		{"holding one that has ended", token(next), errRefused},
		{"in the place of one that was forgotten", func(tx *store.Tx) { tx.CreateSession(kept, &next) }, nil},
		{"forgetting whatever is there", func(tx *store.Tx) { tx.ForgetSession(next) }, nil},
		{"forgetting nothing", func(tx *store.Tx) { tx.ForgetSession(next) }, nil},
	} {
		if err := commit(w, c.step); !errors.Is(err, c.want) || c.want == nil && err != nil {
			t.Errorf("%s: got %v, want %v", c.name, err, c.want)
		}
	}
}
