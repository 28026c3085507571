package store_test

import (
	"testing"
	"time"

	"profiles/shared/problem"
	"profiles/shared/store"
	"profiles/shared/tenancy"
	"profiles/shared/testkit"
)

func (s situation) revoke(a tenancy.Account) step {
	return func(tx *store.Tx) { tx.Revoke(a.Revoked(), s.now) }
}

// Revoking writes the whole account, and in its profiles what they copy from
// it. The tokens of all profiles are invalid at once.
func TestRevoke(t *testing.T) {
	t.Parallel()
	w := testkit.New(t)
	account := newAccount(w)
	account.Undos = []tenancy.Undo{
		{Code: "code", Email: "old@example.com", Expires: w.Now().Add(day)},
	}
	one := newProfile(w, account.ID)
	two := newProfile(w, account.ID)
	foreign := newProfile(w, "another")
	account = owning(account, one, two)
	must(w, func(tx *store.Tx) { tx.CreateAccount(account, w.Now()) })
	for _, p := range []tenancy.Profile{one, two, foreign} {
		must(w, func(tx *store.Tx) { tx.CreateProfile(p) })
	}
	hand, signIn := tenancy.Token{}.By(account, one.OwnerGrant()), tenancy.Token{
		SignIn: true,
	}.By(account, one.OwnerGrant())

	w.Advance(time.Hour)
	former := account.RestoreEmail("old@example.com", "code", w.Now())
	before := w.Items()
	must(w, func(tx *store.Tx) { tx.Expel(former, w.Now()) })
	got := changes(
		before,
		w.Items(),
		map[string]string{
			string(account.ID): "account",
			string(one.ID):     "one",
			string(two.ID):     "two",
			ms(w.Now()):        "now",
		},
	)
	same(t, "what is written", got, []string{"~A#account A", "~P#one P", "~P#two P"})
	batch := w.Store.Batch()
	gotAccount := batch.Account(account.ID)
	gotOne := batch.Profile(one.ID)
	gotTwo := batch.Profile(two.ID)
	gotForeign := batch.Profile(foreign.ID)
	w.OK(batch.Get(t.Context()))
	same(t, "account", gotAccount.Value, at(former, 1))
	for _, p := range []*tenancy.Profile{&one, &two} {
		*p = p.Of(former)
		p.Updated, p.Version = w.Now(), 1
	}
	same(t, "one profile", gotOne.Value, one)
	same(t, "another profile", gotTwo.Value, two)
	same(t, "a profile of another owner", gotForeign.Value, foreign)
	if hand.AdmittedByOwner(gotOne.Value) || signIn.AdmittedByOwner(gotOne.Value) {
		t.Error("a profile of the account admits tokens made before")
	}
	if it := raw(w, "A#"+string(account.ID), "A"); has(it, "sources") || has(it, "undos") {
		t.Errorf("who changed the address is still known: %v", it)
	}
	// A sign-in that checked the earlier password fails.
	w.Refused(
		commit(w, func(tx *store.Tx) { tx.SignIn(account, problem.ErrInvalidCredentials) }),
		problem.CodeOf(problem.ErrInvalidCredentials),
	)
}

// A sign-in between the read of an account and the revocation of its tokens
// stays among the known addresses. Only the addresses that the revocation
// expels are forgotten.
func TestRevokingKeepsASignInOfTheMeantime(t *testing.T) {
	t.Parallel()
	w := testkit.New(t)
	account := newAccount(w)
	must(w, func(tx *store.Tx) { tx.CreateAccount(account, w.Now()) })
	w.Advance(time.Hour)
	signedIn := account.SignedIn("meanwhile", w.Now())
	must(w, func(tx *store.Tx) { tx.SignIn(signedIn, errRefused) })
	must(w, func(tx *store.Tx) { tx.Revoke(account.NewPassword("hash", w.Now()), w.Now()) })
	batch := w.Store.Batch()
	got := batch.Account(account.ID)
	w.OK(batch.Get(t.Context()))
	if !got.Value.KnowsSource("meanwhile") || !got.Value.LastLogin.Equal(signedIn.LastLogin) ||
		got.Value.PasswordHash != "hash" {
		t.Errorf("got the account %+v, want the sign-in of the meantime in it", got.Value)
	}
}
