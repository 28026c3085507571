package store_test

import (
	"slices"
	"testing"
	"time"

	"profiles/shared/problem"
	"profiles/shared/store"
	"profiles/shared/tenancy"
	"profiles/shared/testkit"
)

// Revoking writes the account whole, and in its profiles what they copy of it: tokens are dead on all of them at once.
func TestRevoke(t *testing.T) {
	t.Parallel()
	w := testkit.New(t)
	account := newAccount(w)
	account.Undos = []tenancy.Undo{{Code: "code", Email: "old@example.com", Expires: w.Now().Add(day)}}
	one, two, foreign := newProfile(w, account.ID), newProfile(w, account.ID), newProfile(w, "another")
	account = owning(account, one, two)
	must(w, func(tx *store.Tx) { tx.CreateAccount(account, w.Now()) })
	for _, p := range []tenancy.Profile{one, two, foreign} {
		must(w, func(tx *store.Tx) { tx.CreateProfile(p) })
	}
	hand, signIn := tenancy.Token{}.By(account, one.OwnerGrant()), tenancy.Token{SignIn: true}.By(account, one.OwnerGrant())

	w.Advance(time.Hour)
	former := account.RestoreEmail("old@example.com", "code", w.Now())
	before := w.Items()
	must(w, func(tx *store.Tx) { tx.Expel(former, w.Now()) })
	got := changes(before, w.Items(), map[string]string{string(account.ID): "account", string(one.ID): "one", string(two.ID): "two", ms(w.Now()): "now"})
	same(t, "what is written", got, []string{"~A#account A", "~P#one P", "~P#two P"})
	batch := w.Store.Batch()
	gotAccount, gotOne, gotTwo, gotForeign := batch.Account(account.ID), batch.Profile(one.ID), batch.Profile(two.ID), batch.Profile(foreign.ID)
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
	// Whoever was about to sign in with the password before does not.
	w.Refused(commit(w, func(tx *store.Tx) { tx.SignIn(account, problem.ErrInvalidCredentials) }), problem.CodeOf(problem.ErrInvalidCredentials))
}

// Revoking tokens of a profile renews the epochs under which they were made, of those named only, and makes the tokens' items go.
func TestRevokeTokens(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name           string
		owner, members bool
	}{{"of all", true, true}, {"of the owner", true, false}, {"of a member", false, true}} {
		w := testkit.New(t)
		owner := newAccount(w)
		profile := newProfile(w, owner.ID)
		member, other := newMember(w, profile.ID), newMember(w, profile.ID)
		must(w, func(tx *store.Tx) { tx.CreateProfile(profile) })
		must(w, func(tx *store.Tx) { tx.AddMember(profile, member) })
		must(w, func(tx *store.Tx) { tx.AddMember(at(profile, 1), other) })
		made := map[string]tenancy.Token{}
		for name, g := range map[string]tenancy.Grant{"owner": profile.OwnerGrant(), "member": profile.MemberGrant(member), "other": profile.MemberGrant(other)} {
			made[name] = newToken(w, profile.ID).By(tenancy.Account{ID: g.Account}, g)
			must(w, func(tx *store.Tx) { tx.CreateToken(made[name]) })
		}

		w.Advance(time.Hour)
		revoked, renewed := at(profile, 2), member
		revoked.Epoch, renewed.Epoch = w.Now().UnixMilli(), w.Now().UnixMilli()
		var team tenancy.Team
		if c.members {
			team = tenancy.Team{renewed}
		}
		must(w, func(tx *store.Tx) { tx.RevokeTokens(revoked, c.owner, team) })
		got, gotTeam, err := w.Store.ProfileWithMembers(t.Context(), profile.ID)
		w.OK(err)
		want, wantMember := at(profile, 3), member
		if c.owner {
			want.Epoch = revoked.Epoch
		}
		if c.members {
			wantMember = renewed
		}
		same(t, c.name+": the profile", got, want)
		for _, m := range gotTeam {
			if m.Account == member.Account {
				same(t, c.name+": the member", m, wantMember)
			} else {
				same(t, c.name+": the other member", m, other)
			}
		}
		batch := w.Store.Batch()
		own, joined, beside := batch.Grant(owner.ID, profile.ID), batch.Grant(member.Account, profile.ID), batch.Grant(other.Account, profile.ID)
		w.OK(batch.Get(t.Context()))
		same(t, c.name+": the owner's grant", own.Value, want.OwnerGrant())
		same(t, c.name+": the member's grant", joined.Value, want.MemberGrant(wantMember))
		same(t, c.name+": the other's grant", beside.Value, want.MemberGrant(other))

		// A token made afterwards, as quickly as can be, stays when the others are reclaimed.
		again := newToken(w, profile.ID).By(owner, own.Value)
		must(w, func(tx *store.Tx) { tx.CreateToken(again) })
		for name, revoked := range map[string]bool{"owner": c.owner, "member": c.members} {
			id := made[name].Account
			if got := slices.Contains(due(w, store.DueMember, w.Now()), string(profile.ID)+string(id)); got != revoked {
				t.Errorf("%s: the tokens of the %s are due: %v", c.name, name, got)
			}
			if revoked {
				w.OK(w.Store.PurgeMember(t.Context(), profile.ID, id, w.Now()))
			}
		}
		batch = w.Store.Batch()
		of := map[string]*store.Found[tenancy.Token]{"again": batch.Token(again.ID)}
		for name, token := range made {
			of[name] = batch.Token(token.ID)
		}
		w.OK(batch.Get(t.Context()))
		for name, gone := range map[string]bool{"owner": c.owner, "member": c.members, "other": false, "again": false} {
			if of[name].OK == gone {
				t.Errorf("%s: the token of %s is there: %v", c.name, name, of[name].OK)
			}
		}
		same(t, c.name+": what is due after that", due(w, store.DueMember, w.Now()), nil)
	}
}

// A change of address takes the new one for good and keeps the old one for a while. Going back does the same the other way round.
func TestMoveClaim(t *testing.T) {
	t.Parallel()
	w := testkit.New(t)
	s := newSituation(w)
	must(w, s.claimForGood)
	reservations := func() (old, moved tenancy.EmailReservation) {
		batch := w.Store.Batch()
		from, to := batch.EmailReservation(s.claim.Email), batch.EmailReservation(s.other.Email)
		w.OK(batch.Get(t.Context()))
		return from.Value, to.Value
	}
	kept := s.now.Add(7 * day)
	must(w, func(tx *store.Tx) {
		tx.MoveReservation(s.claim.Email, s.other.Email, s.account.ID, kept, s.now, errRefused)
	})
	old, moved := reservations()
	same(t, "the old address", old, tenancy.EmailReservation{Email: s.claim.Email, Account: s.account.ID, Expires: kept})
	same(t, "the new address", moved, tenancy.EmailReservation{Email: s.other.Email, Account: s.account.ID})
	if got, want := numberOf(raw(w, "E#"+string(s.claim.Email), "E"), "ttl"), unix(kept); got != want {
		t.Errorf("the old address is forgotten at %q, want %s", got, want)
	}
	take := func(now time.Time) error {
		return commit(w, func(tx *store.Tx) {
			tx.ReserveEmail(tenancy.EmailReservation{Email: s.claim.Email, Account: "a third"}, now, problem.ErrConflict)
		})
	}
	w.Refused(take(kept.Add(-time.Millisecond)), problem.CodeConflict)

	must(w, func(tx *store.Tx) {
		tx.MoveReservation(s.other.Email, s.claim.Email, s.account.ID, s.now, s.now, errRefused)
	})
	old, moved = reservations()
	same(t, "the restored address", old, s.permanent())
	same(t, "the address that was undone", moved, tenancy.EmailReservation{Email: s.other.Email, Account: s.account.ID, Expires: s.now})
	if it := raw(w, "E#"+string(s.claim.Email), "E"); has(it, "ttl") || has(it, "expires") {
		t.Errorf("the restored address would be forgotten: %v", it)
	}
	w.Refused(take(kept.Add(time.Hour)), problem.CodeConflict)
	must(w, s.holds(time.Time{})) // the other one is free at once
}

// A code works once, is forgotten after its end, and has nothing to do with a code for a sign-up of the same id.
func TestSecurityCodes(t *testing.T) {
	t.Parallel()
	w := testkit.New(t)
	s := newSituation(w)
	must(w, s.createSecurity, s.createCode)
	if got, want := numberOf(raw(w, "C#"+string(s.security.ID), "S"), "ttl"), unix(s.security.Expires); got != want {
		t.Errorf("the code is forgotten at %q, want %s", got, want)
	}
	must(w, s.useSecurity)
	batch := w.Store.Batch()
	security, code := batch.SecurityCode(s.security.ID), batch.Confirmation(s.code.ID)
	w.OK(batch.Get(t.Context()))
	if security.OK || !code.OK {
		t.Errorf("the code that was used is there: %v; the other one: %v", security.OK, code.OK)
	}
}

// A sign-in between reading an account and revoking its tokens stays known: only who is expelled is forgotten.
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
	if !got.Value.KnowsSource("meanwhile") || !got.Value.LastLogin.Equal(signedIn.LastLogin) || got.Value.PasswordHash != "hash" {
		t.Errorf("got %+v", got.Value)
	}
}
