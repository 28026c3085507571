package tenancy

import (
	"strings"
	"time"

	"profiles/shared/billing"
	"profiles/shared/plan"
	"profiles/shared/value"
)

// How long a sign-up can be confirmed. The code in the mail expires first. A
// new code can be requested until the sign-up itself expires, which frees its
// address.
const (
	ConfirmationLife = 24 * time.Hour
	SignUpLife       = 7 * 24 * time.Hour
)

// SignUp has the data that a person gave when signing up. It is stored with the
// one-time code that confirms it, so that two sign-ups with one unconfirmed
// address stay apart: the owner of the address chooses between their passwords
// by the mail that is answered. A code that was sent again has a SignUp without
// a password; the person who uses the code sets one.
type SignUp struct {
	Account      value.AccountID
	Name         string
	Company      string
	Country      string
	Timezone     string
	PasswordHash string
	Newsletter   bool
	Developer    bool
	Created      time.Time
}

// NewAccount returns the unconfirmed account of a sign-up.
func (s SignUp) NewAccount(email value.Email) Account {
	return Account{
		ID: s.Account, Type: AccountUser, Email: email, Language: "en",
		Subscription: billing.Subscription{
			Plan:   plan.Free,
			Limits: plan.Included(),
			Anchor: s.Created,
		},
		Options: AccountOptions{DecimalSeparator: ".", ThousandSeparator: ","},
		Created: s.Created, Updated: s.Created,
	}.With(s)
}

// With returns the unconfirmed account with the data of a sign-up.
func (a Account) With(s SignUp) Account {
	a.Name, a.Company, a.Country, a.Timezone = s.Name, s.Company, s.Country, s.Timezone
	a.PasswordHash, a.Newsletter, a.Developer = s.PasswordHash, s.Newsletter, s.Developer
	return a
}

// Confirm returns the active account of a sign-up and its first profile, which
// is named after the account and has everything the plan includes.
func (s SignUp) Confirm(
	email value.Email,
	id value.ProfileID,
	now time.Time,
) (Account, Profile, error) {
	a := s.NewAccount(email)
	a.Active = true
	a, err := a.AddProfile(id, billing.Share{Allocation: a.Limits}, now)
	return a, NewProfile(id, a, a.Name, now), err
}

// RenewSignUp returns the sign-up for a new code of an unconfirmed account. It
// has the address and none of the data of the sign-up before, because the owner
// of the address may be another person than the one who signed up.
func (a Account) RenewSignUp() SignUp {
	name, _, _ := strings.Cut(string(a.Email), "@")
	return SignUp{Account: a.ID, Name: name, Timezone: "UTC", Created: a.Created}
}

// EmailReservation keeps an e-mail address for one account.
type EmailReservation struct {
	Email   value.Email
	Account value.AccountID
	Expires time.Time // of an unconfirmed sign-up; zero once confirmed
}

// Holds reports whether the reservation has not expired.
func (c EmailReservation) Holds(now time.Time) bool {
	return c.Expires.IsZero() || now.Before(c.Expires)
}

// Confirmation is a one-time code that confirms a sign-up. Only its hash is
// stored; the code itself is in the mail.
type Confirmation struct {
	ID      value.CodeID
	Hash    []byte
	Email   value.Email
	SignUp  SignUp
	Expires time.Time
}
