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
			{"a free address", nil, s.reserveForGood, nil},
			{"an address that an account holds", steps{s.reserveForGood}, s.reserveForOther, errRefused},
			{"an address that a sign-up still holds", steps{s.reserveForAWhile}, s.reserveForOther,
				errRefused},
			{
				"an address whose sign-up has just lapsed",
				steps{s.reserveForAWhile},
				func(tx *store.Tx) {
					tx.ReserveEmail(s.foreign(), s.reservation.Expires, errRefused)
				},
				nil,
			},
		},
		"KeepClaim": {
			{"one's own reservation", steps{s.reserveForAWhile},
				func(tx *store.Tx) { tx.KeepReservation(s.permanent(), errRefused) }, nil},
			{"another account's reservation", steps{s.reserveForOther},
				func(tx *store.Tx) { tx.KeepReservation(s.permanent(), errRefused) }, errRefused},
			{"no reservation", nil, func(tx *store.Tx) { tx.KeepReservation(s.permanent(), errRefused) },
				errRefused},
		},
		"ExtendClaim": {
			{"one's own waiting reservation", steps{s.reserveForAWhile},
				func(tx *store.Tx) { tx.ExtendReservation(s.reservation) }, nil},
			{"one's own reservation that is confirmed", steps{s.reserveForGood},
				func(tx *store.Tx) { tx.ExtendReservation(s.reservation) }, problem.ErrConflict},
			{"another account's reservation", steps{s.reserveForOther},
				func(tx *store.Tx) { tx.ExtendReservation(s.reservation) }, problem.ErrConflict},
			{"no reservation", nil, func(tx *store.Tx) { tx.ExtendReservation(s.reservation) },
				problem.ErrConflict},
		},
		"MoveClaim": {
			{"to a free address", steps{s.reserveForGood}, s.moveReservation, nil},
			{
				"back to a former address, which is kept",
				steps{s.reserveForGood, s.moveReservation},
				func(tx *store.Tx) {
					tx.MoveReservation(s.other.Email, s.reservation.Email,
						s.account.ID, s.now, s.now,
						errRefused)
				},
				nil,
			},
			{"to an address that an account holds", steps{s.reserveForGood, s.holds(time.Time{})},
				s.moveReservation, errRefused},
			{"to an address that is kept for another account",
				steps{s.reserveForGood, s.holds(s.now.Add(time.Millisecond))}, s.moveReservation,
				errRefused},
			{"to an address whose time has just come", steps{s.reserveForGood, s.holds(s.now)},
				s.moveReservation, nil},
			{"from another account's address", steps{s.reserveForOther}, s.moveReservation,
				problem.ErrConflict},
			{"from an address that nobody holds", nil, s.moveReservation, problem.ErrConflict},
		},
		"MoveClaimOver": {
			{"to an address that a sign-up holds", steps{s.reserveForGood, s.waits}, s.moveReservationOver,
				nil},
			{"to one whose sign-up was confirmed", steps{s.reserveForGood, s.waits, s.confirmed},
				s.moveReservationOver, problem.ErrConflict},
			{
				"to one that somebody else holds by now",
				steps{s.reserveForGood, s.signedUp, func(tx *store.Tx) {
					tx.ReserveEmail(
						tenancy.EmailReservation{Email: s.other.Email, Account: "a third"},
						s.now,
						errRefused,
					)
				}},
				s.moveReservationOver,
				errRefused,
			},
			{"to one whose sign-up is gone", steps{s.reserveForGood}, s.moveReservationOver,
				problem.ErrConflict},
		},
		"FreeClaim": {
			{"its own", steps{s.reserveForGood}, s.freeReservation, nil},
			{"nobody's", nil, s.freeReservation, nil},
			{"another's", steps{s.reserveForOther}, s.freeReservation, problem.ErrConflict},
		},
	}
}

func (s situation) reserveForGood(tx *store.Tx) {
	tx.ReserveEmail(s.permanent(), s.now, errRefused)
}

func (s situation) reserveForAWhile(tx *store.Tx) {
	tx.ReserveEmail(s.reservation, s.now, errRefused)
}

func (s situation) reserveForOther(tx *store.Tx) { tx.ReserveEmail(s.foreign(), s.now, errRefused) }

func (s situation) permanent() tenancy.EmailReservation {
	return tenancy.EmailReservation{Email: s.reservation.Email, Account: s.account.ID}
}

func (s situation) foreign() tenancy.EmailReservation {
	return tenancy.EmailReservation{
		Email:   s.reservation.Email,
		Account: s.other.ID,
		Expires: s.reservation.Expires,
	}
}

// moveReservation gives the account the address of the other account.
func (s situation) moveReservation(tx *store.Tx) {
	tx.MoveReservation(s.reservation.Email, s.other.Email, s.account.ID,
		s.now.Add(time.Hour), s.now,
		errRefused)
}

// moveReservationOver is moveReservation where the other account is an
// unconfirmed sign-up.
func (s situation) moveReservationOver(tx *store.Tx) {
	tx.MoveReservationOver(s.other.ID, s.reservation.Email, s.other.Email, s.account.ID,
		s.now.Add(time.Hour), s.now, errRefused)
}

// signedUp makes the other account an unconfirmed sign-up. waits makes it
// reserve its address, and confirmed confirms it.
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

// holds makes the other account reserve its address for good, or until a time.
func (s situation) holds(until time.Time) step {
	return func(tx *store.Tx) {
		tx.ReserveEmail(
			tenancy.EmailReservation{Email: s.other.Email, Account: s.other.ID, Expires: until},
			s.now,
			errRefused,
		)
	}
}

func (s situation) freeReservation(tx *store.Tx) {
	tx.FreeReservation(s.reservation.Email, s.account.ID)
}

func reservation(w *testkit.World, m store.OutboxMail, now, lease time.Time) bool {
	w.Helper()
	mine, err := w.Store.LeaseMail(w.Context(), m, secret.NewID(now), now, lease)
	w.OK(err)
	return mine
}

// An account that changes its address reserves the new one for good and the old
// one for a while. The change back does the same in the other direction.
func TestMoveReservation(t *testing.T) {
	t.Parallel()
	w := testkit.New(t)
	s := newSituation(w)
	must(w, s.reserveForGood)
	reservations := func() (old, moved tenancy.EmailReservation) {
		batch := w.Store.Batch()
		from := batch.EmailReservation(s.reservation.Email)
		to := batch.EmailReservation(s.other.Email)
		w.OK(batch.Get(t.Context()))
		return from.Value, to.Value
	}
	kept := s.now.Add(7 * day)
	must(w, func(tx *store.Tx) {
		tx.MoveReservation(s.reservation.Email, s.other.Email, s.account.ID, kept,
			s.now, errRefused)
	})
	old, moved := reservations()
	same(t, "the old address", old,
		tenancy.EmailReservation{Email: s.reservation.Email, Account: s.account.ID, Expires: kept})
	same(t, "the new address", moved,
		tenancy.EmailReservation{Email: s.other.Email, Account: s.account.ID})
	got, want := numberOf(raw(w, "E#"+string(s.reservation.Email), "E"), "ttl"), unix(kept)
	if got != want {
		t.Errorf("the old address is forgotten at %q, want %s", got, want)
	}
	take := func(now time.Time) error {
		return commit(w, func(tx *store.Tx) {
			tx.ReserveEmail(tenancy.EmailReservation{Email: s.reservation.Email, Account: "a third"}, now,
				problem.ErrConflict)
		})
	}
	w.Refused(take(kept.Add(-time.Millisecond)), problem.CodeConflict)

	must(w, func(tx *store.Tx) {
		tx.MoveReservation(s.other.Email, s.reservation.Email, s.account.ID, s.now,
			s.now, errRefused)
	})
	old, moved = reservations()
	same(t, "the restored address", old, s.permanent())
	same(t, "the address that was undone", moved,
		tenancy.EmailReservation{Email: s.other.Email, Account: s.account.ID, Expires: s.now})
	if it := raw(w, "E#"+string(s.reservation.Email), "E"); has(it, "ttl") || has(it, "expires") {
		t.Errorf("the restored address would be forgotten: %v", it)
	}
	w.Refused(take(kept.Add(time.Hour)), problem.CodeConflict)
	must(w, s.holds(time.Time{})) // the other address is free at once
}
