package store

import (
	"profiles/shared/tenancy"
	"profiles/shared/value"
)

const kindConfirmation Kind = "one-time-code"

func codeKey(id value.CodeID) key { return key{kindConfirmation, "C#" + string(id), "C"} }

// codeItem is a confirmation; its sign-up is one attribute.
type codeItem struct {
	key
	ID      string         `dynamodbav:"id"`
	Hash    []byte         `dynamodbav:"hash"`
	Email   string         `dynamodbav:"email"`
	SignUp  tenancy.SignUp `dynamodbav:"signUp"`
	Expires int64          `dynamodbav:"expires"`
	TTL     int64          `dynamodbav:"ttl"`
}

func codeFrom(c tenancy.Confirmation) codeItem {
	return codeItem{
		key: codeKey(c.ID), ID: string(c.ID), Hash: c.Hash, Email: string(c.Email),
		SignUp: c.SignUp, Expires: millis(c.Expires), TTL: c.Expires.Unix(),
	}
}

func (i codeItem) value() tenancy.Confirmation {
	return tenancy.Confirmation{
		ID: value.CodeID(i.ID), Hash: i.Hash, Email: value.Email(i.Email), SignUp: i.SignUp,
		Expires: fromMillis(i.Expires),
	}
}

// Confirmation adds a confirmation to the batch.
func (b *Batch) Confirmation(id value.CodeID) *Found[tenancy.Confirmation] {
	return want(b, codeKey(id), codeItem.value)
}

// CreateConfirmation adds a confirmation.
func (tx *Tx) CreateConfirmation(c tenancy.Confirmation) { tx.put(codeFrom(c), absent) }

// UseConfirmation removes a confirmation, so that its code works once. It fails
// with used if it was removed already.
func (tx *Tx) UseConfirmation(c tenancy.Confirmation, used error) {
	tx.delete(
		codeKey(c.ID),
		condition{"attribute_exists(PK) AND #hash = :hash", item{":hash": bytes(c.Hash)}, used},
	)
}
