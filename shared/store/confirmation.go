package store

import (
	"time"

	"profiles/shared/tenancy"
	"profiles/shared/value"
)

const kindConfirmation Kind = "one-time-code"

func codeKey(id value.CodeID) key { return key{kindConfirmation, "C#" + string(id), "C"} }

// codeItem is a confirmation; its sign-up is one attribute.
type codeItem struct {
	key
	ID      string     `dynamodbav:"id"`
	Hash    []byte     `dynamodbav:"hash"`
	Email   string     `dynamodbav:"email"`
	SignUp  signUpForm `dynamodbav:"signUp"`
	Expires int64      `dynamodbav:"expires"`
	TTL     int64      `dynamodbav:"ttl"`
}

// signUpForm is a sign-up in a codeItem. Version 1 of the schema wrote these
// attributes under the names of Go fields, such as PasswordHash. Both versions
// read both forms, because the SDK looks for a name without regard to case if
// no name is equal. created is a text as in version 1, which could not read a
// number.
type signUpForm struct {
	Account      string    `dynamodbav:"account"`
	Name         string    `dynamodbav:"name"`
	Company      string    `dynamodbav:"company"`
	Country      string    `dynamodbav:"country"`
	Timezone     string    `dynamodbav:"timezone"`
	PasswordHash string    `dynamodbav:"passwordHash"`
	Newsletter   bool      `dynamodbav:"newsletter"`
	Developer    bool      `dynamodbav:"developer"`
	Created      time.Time `dynamodbav:"created"`
}

func codeFrom(c tenancy.Confirmation) codeItem {
	return codeItem{
		key: codeKey(c.ID), ID: string(c.ID), Hash: c.Hash, Email: string(c.Email),
		SignUp: signUpFrom(c.SignUp), Expires: millis(c.Expires), TTL: c.Expires.Unix(),
	}
}

func signUpFrom(s tenancy.SignUp) signUpForm {
	return signUpForm{
		Account: string(s.Account), Name: s.Name, Company: s.Company, Country: s.Country,
		Timezone: s.Timezone, PasswordHash: s.PasswordHash, Newsletter: s.Newsletter,
		Developer: s.Developer, Created: s.Created,
	}
}

func (i codeItem) value() tenancy.Confirmation {
	return tenancy.Confirmation{
		ID: value.CodeID(i.ID), Hash: i.Hash, Email: value.Email(i.Email),
		SignUp: i.SignUp.value(), Expires: fromMillis(i.Expires),
	}
}

func (i signUpForm) value() tenancy.SignUp {
	return tenancy.SignUp{
		Account: value.AccountID(i.Account), Name: i.Name, Company: i.Company,
		Country: i.Country, Timezone: i.Timezone, PasswordHash: i.PasswordHash,
		Newsletter: i.Newsletter, Developer: i.Developer, Created: i.Created,
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
