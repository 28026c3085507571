package store_test

import (
	"fmt"
	"testing"
	"time"

	"pgregory.net/rapid"

	"profiles/shared/store"
	"profiles/shared/tenancy"
	"profiles/shared/testkit"
	"profiles/shared/value"
)

// What takes the account's place says all that its rest needs, and nothing of the account is found any more.
func TestADepartureTakesTheAccountsPlace(t *testing.T) {
	t.Parallel()
	w := testkit.New(t)
	rapid.Check(t, func(r *rapid.T) {
		account := newAccount(w)
		profile := newProfile(w, account.ID)
		account = owning(account, profile)
		must(w, func(tx *store.Tx) { tx.CreateAccount(account, w.Now()) }, func(tx *store.Tx) { tx.CreateProfile(profile) })
		want := tenancy.AccountDeletion{
			Account: account.ID, Name: rapid.String().Draw(r, "name"), Email: account.Email, Deleted: w.Now().Add(time.Duration(rapid.IntRange(0, 1000).Draw(r, "later")) * time.Millisecond),
		}
		for i := range rapid.IntRange(0, 10).Draw(r, "former addresses") {
			want.FormerEmails = append(want.FormerEmails, value.Email(fmt.Sprintf("%d-%s", i, account.Email)))
		}
		must(w, func(tx *store.Tx) { tx.DeleteAccount(account, want) })

		batch := w.Store.Batch()
		found, left, after := batch.Account(account.ID), batch.AccountDeletion(account.ID), batch.Profile(profile.ID)
		w.OK(batch.Get(w.Context()))
		same(t, "the departure", left.Value, want)
		if found.OK {
			r.Error("the account is still there")
		}
		if p := after.Value; p.OwnerEpoch == profile.OwnerEpoch || p.OwnerSessions == profile.OwnerSessions || p.Version == profile.Version {
			r.Errorf("the profile is %+v: its owner's tokens would still do", p)
		}
		same(t, "due before it", due(w, store.DueAccount, want.Deleted.Add(-time.Millisecond)), nil)
		same(t, "due from then on", due(w, store.DueAccount, want.Deleted), []string{string(account.ID)})
		must(w, func(tx *store.Tx) { tx.EndAccountDeletion(account.ID, errRefused) })
		same(t, "due after the end", due(w, store.DueAccount, want.Deleted.Add(day)), nil)
	})
}

func TestNotificationsGoInPages(t *testing.T) {
	t.Parallel()
	w := testkit.New(t)
	ana, ben := newAccount(w), newAccount(w)
	notify := func(a value.AccountID, n int) {
		for i := range n {
			must(w, func(tx *store.Tx) {
				tx.Notify(tenancy.Notification{ID: tenancy.NotificationID(fmt.Sprintf("%024d", i)), Account: a, Title: "t", Created: w.Now()})
			})
		}
	}
	notify(ben.ID, 2)
	for n, pages := range map[int]int{0: 1, 1: 1, store.MaxActions - 1: 1, store.MaxActions: 2, store.MaxActions + 1: 2} {
		notify(ana.ID, n)
		taken := 0
		for done := false; !done; taken++ {
			var err error
			done, err = w.Store.PurgeNotifications(t.Context(), ana.ID)
			w.OK(err)
		}
		if taken != pages {
			t.Errorf("%d notifications took %d pages, want %d", n, taken, pages)
		}
		if got := w.Count("N#"+string(ana.ID), ""); got != 0 {
			t.Errorf("%d of %d notifications are left", got, n)
		}
	}
	if got := w.Count("N#"+string(ben.ID), ""); got != 2 {
		t.Errorf("somebody else has %d notifications left of 2", got)
	}
}
