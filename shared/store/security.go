package store

import (
	"time"

	"profiles/shared/problem"
	"profiles/shared/tenancy"
	"profiles/shared/value"
)

type securityItem struct {
	key
	ID                 string `dynamodbav:"id"`
	Hash               []byte `dynamodbav:"hash"`
	Purpose            string `dynamodbav:"purpose"`
	Account            string `dynamodbav:"account"`
	Email              string `dynamodbav:"email,omitempty"`
	CredentialsChanged int64  `dynamodbav:"secured,omitempty"`
	Expires            int64  `dynamodbav:"expires"`
	TTL                int64  `dynamodbav:"ttl"`
}

func securityFrom(c tenancy.SecurityCode) securityItem {
	return securityItem{
		key: securityKey(c.ID), ID: string(c.ID), Hash: c.Hash, Purpose: string(c.Purpose), Account: string(c.Account), Email: string(c.Email),
		CredentialsChanged: millis(c.CredentialsChanged), Expires: millis(c.Expires), TTL: c.Expires.Unix(),
	}
}

func (i securityItem) value() tenancy.SecurityCode {
	return tenancy.SecurityCode{
		ID: value.CodeID(i.ID), Hash: i.Hash, Purpose: tenancy.CodePurpose(i.Purpose), Account: value.AccountID(i.Account),
		Email: value.Email(i.Email), CredentialsChanged: fromMillis(i.CredentialsChanged), Expires: fromMillis(i.Expires),
	}
}

type undoAttribute struct {
	Code    string `dynamodbav:"code"`
	Email   string `dynamodbav:"email"`
	Expires int64  `dynamodbav:"expires"`
	Proved  int64  `dynamodbav:"proved,omitempty"`
}

func undosFrom(undos []tenancy.Undo) (out []undoAttribute) {
	for _, u := range undos {
		out = append(out, undoAttribute{string(u.Code), string(u.Email), millis(u.Expires), millis(u.Proved)})
	}
	return out
}

func undosOf(stored []undoAttribute) (out []tenancy.Undo) {
	for _, u := range stored {
		out = append(out, tenancy.Undo{Code: value.CodeID(u.Code), Email: value.Email(u.Email), Expires: fromMillis(u.Expires), Proved: fromMillis(u.Proved)})
	}
	return out
}

// SecurityCode asks for a security code.
func (b *Batch) SecurityCode(id value.CodeID) *Found[tenancy.SecurityCode] {
	return want(b, securityKey(id), securityItem.value)
}

// CreateSecurityCode adds a security code.
func (tx *Tx) CreateSecurityCode(c tenancy.SecurityCode) { tx.put(securityFrom(c), absent) }

// UseSecurityCode spends a security code. used is returned when somebody else was first.
func (tx *Tx) UseSecurityCode(c tenancy.SecurityCode, used error) {
	tx.delete(securityKey(c.ID), condition{"attribute_exists(PK) AND #hash = :hash", item{":hash": bytes(c.Hash)}, used})
}

// MoveReservation gives an account another address. It keeps the old one for the account until kept, so that nobody else takes it before the
// change can no longer be undone. taken is returned when somebody else holds the new address.
func (tx *Tx) MoveReservation(from, to value.Email, a value.AccountID, kept, now time.Time, taken error) {
	tx.moveReservation(from, to, a, a, kept, now, taken)
}

// MoveReservationOver is MoveReservation for an address that a sign-up holds which nobody has confirmed: it is forgotten. ErrConflict is returned when it
// was confirmed meanwhile.
func (tx *Tx) MoveReservationOver(waiting value.AccountID, from, to value.Email, a value.AccountID, kept, now time.Time, taken error) {
	tx.delete(accountKey(waiting), condition{"#active = :no", item{":no": boolean(false)}, problem.ErrConflict})
	tx.moveReservation(from, to, a, waiting, kept, now, taken)
}

func (tx *Tx) moveReservation(from, to value.Email, a, holder value.AccountID, kept, now time.Time, taken error) {
	own := item{":now": number(millis(now)), ":account": text(string(holder))}
	tx.put(reservationFrom(tenancy.EmailReservation{Email: to, Account: a}),
		condition{"attribute_not_exists(PK) OR #expires <= :now OR #account = :account", own, taken})
	tx.put(reservationFrom(tenancy.EmailReservation{Email: from, Account: a, Expires: kept}),
		condition{"#account = :account", item{":account": text(string(a))}, problem.ErrConflict})
}
