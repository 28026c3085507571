package store

import (
	"time"

	"profiles/shared/problem"
	"profiles/shared/tenancy"
	"profiles/shared/value"
)

const kindReservation Kind = "email-reservation"

func reservationKey(e value.Email) key { return key{kindReservation, "E#" + string(e), "E"} }

type reservationItem struct {
	key
	Email   string `dynamodbav:"email"`
	Account string `dynamodbav:"account"`
	Expires int64  `dynamodbav:"expires,omitempty"`
	TTL     int64  `dynamodbav:"ttl,omitempty"`
}

func reservationFrom(c tenancy.EmailReservation) reservationItem {
	i := reservationItem{
		key:     reservationKey(c.Email),
		Email:   string(c.Email),
		Account: string(c.Account),
		Expires: millis(c.Expires),
	}
	if !c.Expires.IsZero() {
		i.TTL = c.Expires.Unix()
	}
	return i
}

func (i reservationItem) value() tenancy.EmailReservation {
	return tenancy.EmailReservation{
		Email:   value.Email(i.Email),
		Account: value.AccountID(i.Account),
		Expires: fromMillis(i.Expires),
	}
}

// EmailReservation adds the reservation of an address to the batch.
func (b *Batch) EmailReservation(e value.Email) *Found[tenancy.EmailReservation] {
	return want(b, reservationKey(e), reservationItem.value)
}

// ReserveEmail reserves an address for an account. It fails with taken if
// another account holds the address.
func (tx *Tx) ReserveEmail(c tenancy.EmailReservation, now time.Time, taken error) {
	tx.put(
		reservationFrom(c),
		condition{
			"attribute_not_exists(PK) OR #expires <= :now",
			item{":now": number(millis(now))},
			taken,
		},
	)
}

// KeepReservation makes the reservation of an unconfirmed sign-up permanent. It
// fails with lost if another account holds the address by now.
func (tx *Tx) KeepReservation(c tenancy.EmailReservation, lost error) {
	tx.update(reservationKey(c.Email), "REMOVE #expires, #ttl", nil,
		condition{"#account = :account", item{":account": text(string(c.Account))}, lost})
}

// ExtendReservation extends the reservation of an unconfirmed sign-up.
func (tx *Tx) ExtendReservation(c tenancy.EmailReservation) {
	tx.put(
		reservationFrom(c),
		condition{
			"#account = :account AND attribute_exists(#expires)",
			item{":account": text(string(c.Account))},
			problem.ErrConflict,
		},
	)
}

// MoveReservation reserves another address for an account. The former address
// stays reserved for the account until kept, which is when the change can no
// longer be undone. It fails with taken if another account holds the new
// address.
func (tx *Tx) MoveReservation(
	from, to value.Email,
	a value.AccountID,
	kept, now time.Time,
	taken error,
) {
	tx.moveReservation(from, to, a, a, kept, now, taken)
}

// MoveReservationOver is MoveReservation for an address that is held by an
// unconfirmed sign-up, which is removed. It fails with problem.ErrConflict if
// the sign-up was confirmed meanwhile.
func (tx *Tx) MoveReservationOver(
	waiting value.AccountID,
	from, to value.Email,
	a value.AccountID,
	kept, now time.Time,
	taken error,
) {
	tx.delete(
		accountKey(waiting),
		condition{"#active = :no", item{":no": boolean(false)}, problem.ErrConflict},
	)
	tx.moveReservation(from, to, a, waiting, kept, now, taken)
}

func (tx *Tx) moveReservation(
	from, to value.Email,
	a, holder value.AccountID,
	kept, now time.Time,
	taken error,
) {
	own := item{":now": number(millis(now)), ":account": text(string(holder))}
	tx.put(
		reservationFrom(tenancy.EmailReservation{Email: to, Account: a}),
		condition{
			"attribute_not_exists(PK) OR #expires <= :now OR #account = :account",
			own,
			taken,
		},
	)
	tx.put(reservationFrom(tenancy.EmailReservation{Email: from, Account: a, Expires: kept}),
		condition{"#account = :account", item{":account": text(string(a))}, problem.ErrConflict})
}

// FreeReservation frees an address that an account holds.
func (tx *Tx) FreeReservation(e value.Email, a value.AccountID) {
	tx.delete(
		reservationKey(e),
		condition{
			"#account = :account",
			item{":account": text(string(a))},
			problem.ErrConflict,
		}.orAbsent(),
	)
}
