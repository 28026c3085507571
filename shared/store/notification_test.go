package store_test

import (
	"fmt"
	"testing"

	"profiles/shared/store"
	"profiles/shared/tenancy"
	"profiles/shared/testkit"
	"profiles/shared/value"
)

func notificationConditions(s situation) map[string][]condition {
	return map[string][]condition{
		"ReadNotification": {
			{
				"one's own",
				steps{s.notify},
				func(tx *store.Tx) {
					tx.ReadNotification(s.account.ID, s.notification.ID, true, errRefused)
				},
				nil,
			},
			{
				"another account's",
				steps{s.notify},
				func(tx *store.Tx) {
					tx.ReadNotification(s.other.ID, s.notification.ID, true, errRefused)
				},
				errRefused,
			},
			{
				"none",
				nil,
				func(tx *store.Tx) {
					tx.ReadNotification(s.account.ID, s.notification.ID, false, errRefused)
				},
				errRefused,
			},
		},
		"DeleteNotification": {
			{
				"one's own",
				steps{s.notify},
				func(tx *store.Tx) {
					tx.DeleteNotification(s.account.ID, s.notification.ID, errRefused)
				},
				nil,
			},
			{
				"another account's",
				steps{s.notify},
				func(tx *store.Tx) {
					tx.DeleteNotification(s.other.ID, s.notification.ID, errRefused)
				},
				errRefused,
			},
			{
				"none",
				nil,
				func(tx *store.Tx) {
					tx.DeleteNotification(s.account.ID, s.notification.ID, errRefused)
				},
				errRefused,
			},
		},
	}
}

func (s situation) notify(tx *store.Tx) { tx.Notify(s.notification) }

func TestNotificationsGoInPages(t *testing.T) {
	t.Parallel()
	w := testkit.New(t)
	ana, ben := newAccount(w), newAccount(w)
	notify := func(a value.AccountID, n int) {
		for i := range n {
			must(w, func(tx *store.Tx) {
				tx.Notify(
					tenancy.Notification{
						ID:      tenancy.NotificationID(fmt.Sprintf("%024d", i)),
						Account: a,
						Title:   "t",
						Created: w.Now(),
					},
				)
			})
		}
	}
	notify(ben.ID, 2)
	for n, pages := range map[int]int{0: 1, 1: 1, store.PurgePage - 1: 1, store.PurgePage: 2,
		store.PurgePage + 1: 2} {
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
			t.Errorf("%d of %d notifications are left, want none", got, n)
		}
	}
	if got := w.Count("N#"+string(ben.ID), ""); got != 2 {
		t.Errorf("somebody else has %d notifications left of 2", got)
	}
}
