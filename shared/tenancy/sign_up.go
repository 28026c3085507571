package tenancy

import (
	"strings"
	"time"

	"profiles/shared/billing"
	"profiles/shared/plan"
	"profiles/shared/value"
)

// How long a sign-up may wait for its confirmation. The code in the mail dies
// first; a new one can be asked for until the sign-up itself lapses and its
// address is free again.
const (
	ConfirmationLife = 24 * time.Hour
	SignUpLife       = 7 * 24 * time.Hour
)

// SignUp is what a person gave when signing up, held by the one-time code that
// confirms it. Two sign-ups for one unconfirmed address stay apart: the
// address's owner decides by the mail they answer which password is theirs. One
// without a password is of a code that was sent again: whoever uses it chooses
// one.
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

// With returns the unconfirmed account with what a sign-up gave, the first one
// with its address or another.
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

// RenewSignUp returns what a code confirms that somebody asks for again, for an
// unconfirmed account: the address alone, and nothing that was given at a
// sign-up. Whoever asks, and whoever reads the mail, may not be who signed up:
// an own sign-up may have lapsed, and a stranger's have come after it.
func (a Account) RenewSignUp() SignUp {
	name, _, _ := strings.Cut(string(a.Email), "@")
	return SignUp{Account: a.ID, Name: name, Timezone: "UTC", Created: a.Created}
}

// EmailReservation is the hold of one account on an e-mail address.
type EmailReservation struct {
	Email   value.Email
	Account value.AccountID
	Expires time.Time // of an unconfirmed sign-up; zero once confirmed
}

// Holds reports whether the claim still keeps others from the address.
func (c EmailReservation) Holds(now time.Time) bool {
	return c.Expires.IsZero() || now.Before(c.Expires)
}

// Confirmation is a one-time code that makes a sign-up real. Only its hash is
// kept; the code itself is in the mail.
type Confirmation struct {
	ID      value.CodeID
	Hash    []byte
	Email   value.Email
	SignUp  SignUp
	Expires time.Time
}
