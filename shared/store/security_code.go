package store

import (
	"profiles/shared/tenancy"
	"profiles/shared/value"
)

const kindSecurityCode Kind = "security-code"

func securityKey(id value.CodeID) key { return key{kindSecurityCode, "C#" + string(id), "S"} }

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
		key: securityKey(c.ID), ID: string(c.ID), Hash: c.Hash, Purpose: string(c.Purpose),
		Account: string(c.Account), Email: string(c.Email),
		CredentialsChanged: millis(c.CredentialsChanged), Expires: millis(c.Expires),
		TTL: c.Expires.Unix(),
	}
}

func (i securityItem) value() tenancy.SecurityCode {
	return tenancy.SecurityCode{
		ID: value.CodeID(i.ID), Hash: i.Hash, Purpose: tenancy.CodePurpose(i.Purpose),
		Account: value.AccountID(i.Account), Email: value.Email(i.Email),
		CredentialsChanged: fromMillis(i.CredentialsChanged), Expires: fromMillis(i.Expires),
	}
}

// SecurityCode adds a security code to the batch.
func (b *Batch) SecurityCode(id value.CodeID) *Found[tenancy.SecurityCode] {
	return want(b, securityKey(id), securityItem.value)
}

// CreateSecurityCode adds a security code.
func (tx *Tx) CreateSecurityCode(c tenancy.SecurityCode) { tx.put(securityFrom(c), absent) }

// UseSecurityCode removes a security code, so that it works once. It fails with
// used if it was removed already.
func (tx *Tx) UseSecurityCode(c tenancy.SecurityCode, used error) {
	tx.delete(
		securityKey(c.ID),
		condition{"attribute_exists(PK) AND #hash = :hash", item{":hash": bytes(c.Hash)}, used},
	)
}
