package store_test

import (
	"fmt"
	"testing"
	"time"

	"pgregory.net/rapid"

	"profiles/shared/problem"
	"profiles/shared/store"
	"profiles/shared/tenancy"
	"profiles/shared/testkit"
	"profiles/shared/value"
)

func accountDeletionConditions(s situation) map[string][]condition {
	return map[string][]condition{
		"DeleteAccount": {
			{
				"as it was read",
				steps{s.createBoth, s.createProfile},
				s.deleteAccount(s.sole()),
				nil,
			},
			{
				"changed since",
				steps{s.createBoth, s.createProfile, s.changed(s.account)},
				s.deleteAccount(s.sole()),
				problem.ErrConflict,
			},
			{"no account", steps{s.createProfile}, s.deleteAccount(s.sole()), problem.ErrConflict},
			{
				"deleted by somebody else",
				steps{s.createBoth, s.createProfile, s.deleteAccount(s.sole())},
				s.deleteAccount(s.sole()),
				problem.ErrConflict,
			},
			{
				"with a profile that is gone",
				steps{s.createBoth},
				s.deleteAccount(s.sole()),
				problem.ErrConflict,
			},
			{
				"with a profile that is another's",
				steps{s.createBoth, s.createProfile},
				s.deleteAccount(owning(s.other, s.profile)),
				problem.ErrConflict,
			},
		},
		"EndDeparture": {
			{
				"once",
				steps{s.createBoth, s.createProfile, s.deleteAccount(s.sole())},
				s.endAccountDeletion,
				nil,
			},
			{
				"twice",
				steps{s.createBoth, s.createProfile, s.deleteAccount(s.sole()),
					s.endAccountDeletion},
				s.endAccountDeletion,
				errRefused,
			},
			{"of an account that is there", steps{s.createBoth}, s.endAccountDeletion, errRefused},
		},
	}
}

func (s situation) deleteAccount(a tenancy.Account) step {
	return func(tx *store.Tx) {
		tx.DeleteAccount(
			a,
			tenancy.AccountDeletion{Account: a.ID, Name: a.Name, Email: a.Email, Deleted: s.now},
		)
	}
}

func (s situation) endAccountDeletion(tx *store.Tx) {
	tx.EndAccountDeletion(s.account.ID, errRefused)
}

// The item that takes the account's place has all that the sweep needs. Nothing
// of the account can be found any more.
func TestAnAccountDeletionTakesTheAccountsPlace(t *testing.T) {
	t.Parallel()
	w := testkit.New(t)
	rapid.Check(t, func(r *rapid.T) {
		account := newAccount(w)
		profile := newProfile(w, account.ID)
		account = owning(account, profile)
		must(
			w,
			func(tx *store.Tx) { tx.CreateAccount(account, w.Now()) },
			func(tx *store.Tx) { tx.CreateProfile(profile) },
		)
		want := tenancy.AccountDeletion{
			Account: account.ID,
			Name:    rapid.String().Draw(r, "name"),
			Email:   account.Email,
			Deleted: w.Now().
				Add(time.Duration(rapid.IntRange(0, 1000).Draw(r, "later")) * time.Millisecond),
		}
		for i := range rapid.IntRange(0, 10).Draw(r, "former addresses") {
			want.FormerEmails = append(
				want.FormerEmails,
				value.Email(fmt.Sprintf("%d-%s", i, account.Email)),
			)
		}
		must(w, func(tx *store.Tx) { tx.DeleteAccount(account, want) })

		batch := w.Store.Batch()
		found := batch.Account(account.ID)
		left := batch.AccountDeletion(account.ID)
		after := batch.Profile(profile.ID)
		w.OK(batch.Get(w.Context()))
		same(t, "the departure", left.Value, want)
		if found.OK {
			r.Error("the account is still there")
		}
		if p := after.Value; p.OwnerEpoch == profile.OwnerEpoch ||
			p.OwnerSessions == profile.OwnerSessions ||
			p.Version == profile.Version {
			r.Errorf("the profile is %+v: its owner's tokens would still do", p)
		}
		same(t, "due before it", due(w, store.DueAccount, want.Deleted.Add(-time.Millisecond)), nil)
		same(
			t,
			"due from then on",
			due(w, store.DueAccount, want.Deleted),
			[]string{string(account.ID)},
		)
		must(w, func(tx *store.Tx) { tx.EndAccountDeletion(account.ID, errRefused) })
		same(t, "due after the end", due(w, store.DueAccount, want.Deleted.Add(day)), nil)
	})
}
