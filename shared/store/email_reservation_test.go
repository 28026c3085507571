package store_test

import (
	"testing"
	"time"

	"profiles/shared/problem"
	"profiles/shared/secret"
	"profiles/shared/store"
	"profiles/shared/tenancy"
	"profiles/shared/testkit"
)

func emailReservationConditions(s situation) map[string][]condition {
	return map[string][]condition{
		"Claim": {
			{"a free address", nil, s.claimForGood, nil},
			{"an address that an account holds", steps{s.claimForGood}, s.claimOfOther, errRefused},
			{"an address that a sign-up still holds", steps{s.claimForAWhile}, s.claimOfOther,
				errRefused},
			{
				"an address whose sign-up has just lapsed",
				steps{s.claimForAWhile},
				func(tx *store.Tx) {
					tx.ReserveEmail(s.foreign(), s.claim.Expires, errRefused)
				},
				nil,
			},
		},
		"KeepClaim": {
			{"one's own claim", steps{s.claimForAWhile},
				func(tx *store.Tx) { tx.KeepReservation(s.permanent(), errRefused) }, nil},
			{"another account's claim", steps{s.claimOfOther},
				func(tx *store.Tx) { tx.KeepReservation(s.permanent(), errRefused) }, errRefused},
			{"no claim", nil, func(tx *store.Tx) { tx.KeepReservation(s.permanent(), errRefused) },
				errRefused},
		},
		"ExtendClaim": {
			{"one's own waiting claim", steps{s.claimForAWhile},
				func(tx *store.Tx) { tx.ExtendReservation(s.claim) }, nil},
			{"one's own claim that is confirmed", steps{s.claimForGood},
				func(tx *store.Tx) { tx.ExtendReservation(s.claim) }, problem.ErrConflict},
			{"another account's claim", steps{s.claimOfOther},
				func(tx *store.Tx) { tx.ExtendReservation(s.claim) }, problem.ErrConflict},
			{"no claim", nil, func(tx *store.Tx) { tx.ExtendReservation(s.claim) },
				problem.ErrConflict},
		},
		"MoveClaim": {
			{"to a free address", steps{s.claimForGood}, s.moveClaim, nil},
			{
				"back to a former address, which is kept",
				steps{s.claimForGood, s.moveClaim},
				func(tx *store.Tx) {
					tx.MoveReservation(s.other.Email, s.claim.Email, s.account.ID, s.now, s.now,
						errRefused)
				},
				nil,
			},
			{"to an address that an account holds", steps{s.claimForGood, s.holds(time.Time{})},
				s.moveClaim, errRefused},
			{"to an address that is kept for another account",
				steps{s.claimForGood, s.holds(s.now.Add(time.Millisecond))}, s.moveClaim,
				errRefused},
			{"to an address whose time has just come", steps{s.claimForGood, s.holds(s.now)},
				s.moveClaim, nil},
			{"from another account's address", steps{s.claimOfOther}, s.moveClaim,
				problem.ErrConflict},
			{"from an address that nobody holds", nil, s.moveClaim, problem.ErrConflict},
		},
		"MoveClaimOver": {
			{"to an address that a sign-up holds", steps{s.claimForGood, s.waits}, s.moveClaimOver,
				nil},
			{"to one whose sign-up was confirmed", steps{s.claimForGood, s.waits, s.confirmed},
				s.moveClaimOver, problem.ErrConflict},
			{
				"to one that somebody else holds by now",
				steps{s.claimForGood, s.signedUp, func(tx *store.Tx) {
					tx.ReserveEmail(
						tenancy.EmailReservation{Email: s.other.Email, Account: "a third"},
						s.now,
						errRefused,
					)
				}},
				s.moveClaimOver,
				errRefused,
			},
			{"to one whose sign-up is gone", steps{s.claimForGood}, s.moveClaimOver,
				problem.ErrConflict},
		},
		"FreeClaim": {
			{"its own", steps{s.claimForGood}, s.freeClaim, nil},
			{"nobody's", nil, s.freeClaim, nil},
			{"another's", steps{s.claimOfOther}, s.freeClaim, problem.ErrConflict},
		},
	}
}

func (s situation) claimForGood(tx *store.Tx) { tx.ReserveEmail(s.permanent(), s.now, errRefused) }

func (s situation) claimForAWhile(tx *store.Tx) { tx.ReserveEmail(s.claim, s.now, errRefused) }

func (s situation) claimOfOther(tx *store.Tx) { tx.ReserveEmail(s.foreign(), s.now, errRefused) }

func (s situation) permanent() tenancy.EmailReservation {
	return tenancy.EmailReservation{Email: s.claim.Email, Account: s.account.ID}
}

func (s situation) foreign() tenancy.EmailReservation {
	return tenancy.EmailReservation{
		Email:   s.claim.Email,
		Account: s.other.ID,
		Expires: s.claim.Expires,
	}
}

// moveReservation gives the account the address of the other one.
func (s situation) moveClaim(tx *store.Tx) {
	tx.MoveReservation(s.claim.Email, s.other.Email, s.account.ID, s.now.Add(time.Hour), s.now,
		errRefused)
}

// moveClaimOver is moveReservation while the other account's sign-up waits.
func (s situation) moveClaimOver(tx *store.Tx) {
	tx.MoveReservationOver(s.other.ID, s.claim.Email, s.other.Email, s.account.ID,
		s.now.Add(time.Hour), s.now, errRefused)
}

// signedUp makes the other account one that nobody has confirmed, waits makes
// it hold its address, and confirmed confirms it.
func (s situation) signedUp(tx *store.Tx) {
	tx.CreateAccount(with(s.other, func(a *tenancy.Account) { a.Active = false }),
		s.now.Add(time.Hour))
}

func (s situation) waits(tx *store.Tx) {
	s.signedUp(tx)
	s.holds(s.now.Add(time.Hour))(tx)
}

func (s situation) confirmed(tx *store.Tx) {
	tx.KeepReservation(tenancy.EmailReservation{Email: s.other.Email, Account: s.other.ID},
		errRefused)
	tx.ActivateAccount(s.other, errRefused)
}

// holds makes the other account hold its address, for good or until a time.
func (s situation) holds(until time.Time) step {
	return func(tx *store.Tx) {
		tx.ReserveEmail(
			tenancy.EmailReservation{Email: s.other.Email, Account: s.other.ID, Expires: until},
			s.now,
			errRefused,
		)
	}
}

func (s situation) freeClaim(tx *store.Tx) { tx.FreeReservation(s.claim.Email, s.account.ID) }

func reservation(w *testkit.World, m store.OutboxMail, now, lease time.Time) bool {
	w.Helper()
	mine, err := w.Store.LeaseMail(w.Context(), m, secret.NewID(now), now, lease)
	w.OK(err)
	return mine
}

// A change of address takes the new one for good and keeps the old one for a
// while. Going back does the same the other way round.
func TestMoveReservation(t *testing.T) {
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
	same(t, "the old address", old,
		tenancy.EmailReservation{Email: s.claim.Email, Account: s.account.ID, Expires: kept})
	same(t, "the new address", moved,
		tenancy.EmailReservation{Email: s.other.Email, Account: s.account.ID})
	if got, want := numberOf(raw(w, "E#"+string(s.claim.Email), "E"), "ttl"), unix(
		kept,
	); got != want {
		t.Errorf("the old address is forgotten at %q, want %s", got, want)
	}
	take := func(now time.Time) error {
		return commit(w, func(tx *store.Tx) {
			tx.ReserveEmail(tenancy.EmailReservation{Email: s.claim.Email, Account: "a third"}, now,
				problem.ErrConflict)
		})
	}
	w.Refused(take(kept.Add(-time.Millisecond)), problem.CodeConflict)

	must(w, func(tx *store.Tx) {
		tx.MoveReservation(s.other.Email, s.claim.Email, s.account.ID, s.now, s.now, errRefused)
	})
	old, moved = reservations()
	same(t, "the restored address", old, s.permanent())
	same(t, "the address that was undone", moved,
		tenancy.EmailReservation{Email: s.other.Email, Account: s.account.ID, Expires: s.now})
	if it := raw(w, "E#"+string(s.claim.Email), "E"); has(it, "ttl") || has(it, "expires") {
		t.Errorf("the restored address would be forgotten: %v", it)
	}
	w.Refused(take(kept.Add(time.Hour)), problem.CodeConflict)
	must(w, s.holds(time.Time{})) // the other one is free at once
}
