package store_test

import (
	"testing"
	"time"

	"profiles/shared/billing"
	"profiles/shared/problem"
	"profiles/shared/store"
	"profiles/shared/tenancy"
	"profiles/shared/testkit"
	"profiles/shared/transfer"
	"profiles/shared/value"
)

func accountConditions(s situation) map[string][]condition {
	return map[string][]condition{
		"CreateAccount": {
			{"a new id", nil, s.createAccount, nil},
			{"an id in use", steps{s.createAccount}, s.createAccount, problem.ErrConflict},
		},
		"ActivateAccount": {
			{"a sign-up", steps{s.createSignUp},
				func(tx *store.Tx) { tx.ActivateAccount(s.account, errRefused) }, nil},
			{"an active account", steps{s.createAccount},
				func(tx *store.Tx) { tx.ActivateAccount(s.account, errRefused) }, errRefused},
			{"a sign-up that lapsed", nil,
				func(tx *store.Tx) { tx.ActivateAccount(s.account, errRefused) }, errRefused},
		},
		"UpdateSignUp": {
			{"as it was read", steps{s.createSignUp},
				func(tx *store.Tx) { tx.UpdateSignUp(s.signUp(), s.now) }, nil},
			{"changed since", steps{s.createSignUp},
				func(tx *store.Tx) { tx.UpdateSignUp(at(s.signUp(), 1), s.now) },
				problem.ErrConflict},
			{"gone since", nil, func(tx *store.Tx) { tx.UpdateSignUp(s.signUp(), s.now) },
				problem.ErrConflict},
		},
		"UpdateAccount": {
			{"as it was read", steps{s.createAccount},
				func(tx *store.Tx) { tx.UpdateAccount(s.account) }, nil},
			{"changed since",
				steps{s.createAccount, func(tx *store.Tx) { tx.UpdateAccount(s.account) }},
				func(tx *store.Tx) { tx.UpdateAccount(s.account) }, problem.ErrConflict},
			{"gone since", nil, func(tx *store.Tx) { tx.UpdateAccount(s.account) },
				problem.ErrConflict},
		},
		"SignIn": {
			{"the epoch that was read", steps{s.createAccount},
				func(tx *store.Tx) { tx.SignIn(at(s.account, 9), errRefused) }, nil},
			{"another epoch", steps{s.createAccount}, func(tx *store.Tx) {
				tx.SignIn(with(s.account, func(a *tenancy.Account) { a.Epoch = 1 }), errRefused)
			}, errRefused},
			{"signed out since", steps{s.createAccount}, func(tx *store.Tx) {
				tx.SignIn(with(s.account, func(a *tenancy.Account) { a.Sessions = 1 }), errRefused)
			}, errRefused},
			{"no account", nil, func(tx *store.Tx) { tx.SignIn(s.account, errRefused) },
				errRefused},
		},
	}
}

// accountCheckConditions are the cases of the steps that only check an account,
// or that revoke all its tokens.
func accountCheckConditions(s situation) map[string][]condition {
	return map[string][]condition{
		"CheckAccount": {
			{"the epoch that was read", steps{s.createAccount},
				func(tx *store.Tx) { tx.CheckAccount(s.account, errRefused) }, nil},
			{"another epoch", steps{s.createAccount}, func(tx *store.Tx) {
				tx.CheckAccount(with(s.account, func(a *tenancy.Account) { a.Epoch = 1 }),
					errRefused)
			}, errRefused},
			{"signed out since", steps{s.createAccount}, func(tx *store.Tx) {
				tx.CheckAccount(with(s.account, func(a *tenancy.Account) { a.Sessions = 1 }),
					errRefused)
			}, errRefused},
			{"no account", nil, func(tx *store.Tx) { tx.CheckAccount(s.account, errRefused) },
				errRefused},
		},
		"CheckAddress": {
			{"as it was read", steps{s.createAccount},
				func(tx *store.Tx) { tx.CheckAddress(s.account, errRefused) }, nil},
			{"another address since", steps{s.createAccount}, func(tx *store.Tx) {
				tx.CheckAddress(
					with(s.account, func(a *tenancy.Account) { a.Email = "old@example.com" }),
					errRefused,
				)
			}, errRefused},
			{"tokens revoked since", steps{s.createAccount}, func(tx *store.Tx) {
				tx.CheckAddress(with(s.account, func(a *tenancy.Account) { a.Epoch++ }), errRefused)
			}, errRefused},
			{"signed out since", steps{s.createAccount}, func(tx *store.Tx) {
				tx.CheckAddress(with(s.account, func(a *tenancy.Account) { a.Sessions++ }),
					errRefused)
			}, errRefused},
			{"no account", nil, func(tx *store.Tx) { tx.CheckAddress(s.account, errRefused) },
				errRefused},
		},
		"CheckAgent": {
			{"an agent", steps{s.createAgent},
				func(tx *store.Tx) { tx.CheckAgent(s.agent(), errRefused) }, nil},
			{
				"one that was made a customer again",
				steps{s.createAgent, func(tx *store.Tx) { tx.UpdateAccount(s.account) }},
				func(tx *store.Tx) {
					tx.CheckAgent(s.agent(), errRefused)
				},
				errRefused,
			},
			{"a customer who is read as an agent", steps{s.createAccount},
				func(tx *store.Tx) { tx.CheckAgent(s.agent(), errRefused) }, errRefused},
			{"a service", steps{func(tx *store.Tx) {
				tx.CreateAccount(
					with(s.account, func(a *tenancy.Account) { a.Type = tenancy.AccountService }),
					s.now,
				)
			}}, func(tx *store.Tx) { tx.CheckAgent(s.agent(), errRefused) }, errRefused},
			{"tokens revoked since", steps{s.createAgent}, func(tx *store.Tx) {
				tx.CheckAgent(with(s.agent(), func(a *tenancy.Account) { a.Epoch = 1 }), errRefused)
			}, errRefused},
			{"signed out since", steps{s.createAgent}, func(tx *store.Tx) {
				tx.CheckAgent(with(s.agent(), func(a *tenancy.Account) { a.Sessions = 1 }),
					errRefused)
			}, errRefused},
			{"no account", nil, func(tx *store.Tx) { tx.CheckAgent(s.agent(), errRefused) },
				errRefused},
		},
		"Revoke": {
			{"as it was read", steps{s.createBoth, s.createProfile}, s.revoke(s.sole()), nil},
			{"of no profile", steps{s.createBoth},
				s.revoke(with(s.sole(), func(a *tenancy.Account) { a.Shares = nil })), nil},
			{
				"a profile that somebody changed",
				steps{s.createBoth, s.createProfile,
					func(tx *store.Tx) { tx.UpdateProfile(s.profile, nil) }},
				s.revoke(s.sole()),
				nil,
			},
			{"changed since", steps{s.createBoth, s.createProfile, s.changed(s.account)},
				s.revoke(s.sole()), problem.ErrConflict},
			{"revoked since", steps{s.createBoth, s.createProfile, s.revoke(s.sole())},
				s.revoke(s.sole()), problem.ErrConflict},
			{"the account gone", steps{s.createProfile}, s.revoke(s.sole()), problem.ErrConflict},
			{"a profile that has moved away", s.offered(s.move(transfer.Terms{})),
				s.revoke(at(s.sole(), 1)), problem.ErrConflict},
			{
				"a profile gone since",
				steps{s.createBoth, s.createProfile,
					func(tx *store.Tx) { tx.DeleteProfile(s.profile, nil, s.now) }},
				s.revoke(s.sole()),
				problem.ErrConflict,
			},
			{"one of two profiles gone", steps{s.createBoth, s.createProfile}, s.revoke(s.account),
				problem.ErrConflict},
		},
		"Expel": {
			{"as it was read", steps{s.createBoth, s.createProfile},
				func(tx *store.Tx) { tx.Expel(s.sole().Revoked(), s.now) }, nil},
			{"changed since", steps{s.createBoth, s.createProfile, s.changed(s.account)},
				func(tx *store.Tx) { tx.Expel(s.sole().Revoked(), s.now) }, problem.ErrConflict},
		},
	}
}

func (s situation) createAccount(tx *store.Tx) { tx.CreateAccount(s.account, s.now) }

func (s situation) createSignUp(tx *store.Tx) { tx.CreateAccount(s.signUp(), s.now) }

func (s situation) signUp() tenancy.Account {
	return with(s.account, func(a *tenancy.Account) { a.Active = false })
}

func (s situation) changed(a tenancy.Account) step {
	return func(tx *store.Tx) { tx.UpdateAccount(a) }
}

func (s situation) agent() tenancy.Account {
	return with(s.account, func(a *tenancy.Account) { a.Type = tenancy.AccountSupport })
}

func (s situation) createAgent(tx *store.Tx) { tx.CreateAccount(s.agent(), s.now) }

// sole is the account when the profile of the situation is its only one.
func (s situation) sole() tenancy.Account {
	return owning(
		with(s.account,
			func(a *tenancy.Account) { a.Shares = map[value.ProfileID]billing.Share{} }),
		s.profile,
	)
}

func TestAccountWithGrants(t *testing.T) {
	t.Parallel()
	w := testkit.New(t)
	ana, ben := newAccount(w), newAccount(w)
	must(w, func(tx *store.Tx) { tx.CreateAccount(ana, w.Now()) },
		func(tx *store.Tx) { tx.CreateAccount(ben, w.Now()) })
	pk := "A#" + string(ana.ID)
	// These items are next to the range on both sides, or their keys begin
	// alike.
	foreign(w, pk, "!", "@", "P$0", "PX", "Q", "X#0", "a", "p#0")
	foreign(w, pk+"0", "A", "P#0")
	foreign(w, pk[:len(pk)-1], "A", "P#0")

	var want []tenancy.Grant
	for range 5 {
		w.Advance(time.Millisecond)
		p := newProfile(w, ana.ID)
		p.LogoURL = bulk
		must(w, func(tx *store.Tx) { tx.CreateProfile(p) })
		want = append(want, p.OwnerGrant())
	}
	w.Advance(time.Millisecond)
	shared := newProfile(w, ben.ID)
	member := newMember(w, shared.ID)
	member.Account = ana.ID
	must(w, func(tx *store.Tx) { tx.CreateProfile(shared) })
	must(w, func(tx *store.Tx) { tx.AddMember(shared, member) })
	want = append(want, shared.MemberGrant(member))

	w.Meter.Reset()
	account, grants, err := w.Store.AccountWithGrants(t.Context(), ana.ID)
	w.OK(err)
	paged(w)
	same(t, "account", account, ana)
	same(t, "grants in the order of the profiles", grants, want)

	account, grants, err = w.Store.AccountWithGrants(t.Context(), ben.ID)
	w.OK(err)
	same(t, "the other account", account, ben)
	same(t, "the other account's grants", grants, []tenancy.Grant{shared.OwnerGrant()})

	account, grants, err = w.Store.AccountWithGrants(t.Context(), "000000000000000000000000")
	w.OK(err)
	same(t, "no account", account, tenancy.Account{})
	same(t, "grants of no account", grants, nil)
}
