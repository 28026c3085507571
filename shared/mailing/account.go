package mailing

import (
	"time"

	"profiles/shared/value"
)

// AccountConfirm asks the owner of an address to confirm a sign-up. It says
// when and from where somebody signed up.
type AccountConfirm struct {
	Code    string    `word:"code"`
	Expires time.Time `word:"expires"`
	When    time.Time `word:"when"`
	Address string    `word:"address"` // of the network
}

func (AccountConfirm) Kind() Kind { return KindAccountConfirm }

// AccountConfirmAgain is for a client that asks for a confirmation again, and
// asks for a password.
type AccountConfirmAgain struct {
	Code    string    `word:"code"`
	Expires time.Time `word:"expires"`
}

func (AccountConfirmAgain) Kind() Kind { return KindAccountConfirmAgain }

// AccountExists tells an owner that somebody tried to sign up with their
// address.
type AccountExists struct {
	Name string `word:"name"`
}

func (AccountExists) Kind() Kind { return KindAccountExists }

// AccountDeleting tells all addresses of an account that it is deleted, and
// that its rest is being removed.
type AccountDeleting struct {
	Name string    `word:"name"`
	When time.Time `word:"when"`
}

func (AccountDeleting) Kind() Kind { return KindAccountDeleting }

// AccountDeleted tells the address of a deleted account that nothing of it is
// left.
type AccountDeleted struct {
	Name string    `word:"name"`
	When time.Time `word:"when"`
}

func (AccountDeleted) Kind() Kind { return KindAccountDeleted }

// AccountLeaving answers a sign-up with the address of an account whose rest is
// being removed.
type AccountLeaving struct{}

func (AccountLeaving) Kind() Kind { return KindAccountLeaving }

// PasswordReset carries the code that sets a new password.
type PasswordReset struct {
	Code    string    `word:"code"`
	Expires time.Time `word:"expires"`
}

func (PasswordReset) Kind() Kind { return KindPasswordReset }

// PasswordChanged tells an owner that the password is another one.
type PasswordChanged struct {
	Name string    `word:"name"`
	When time.Time `word:"when"`
}

func (PasswordChanged) Kind() Kind { return KindPasswordChanged }

// AccountExported tells an owner that everything about the account was read.
type AccountExported struct {
	Name string    `word:"name"`
	When time.Time `word:"when"`
}

func (AccountExported) Kind() Kind { return KindAccountExported }

// Pin carries a pin, which takes the place of an authenticator's.
type Pin struct {
	Pin     string    `word:"pin"`
	Expires time.Time `word:"expires"`
}

func (Pin) Kind() Kind { return KindPin }

// Factors tells an owner what became of their second factors.
type Factors struct {
	Name string    `word:"name"`
	What Phrase    `word:"what"`
	When time.Time `word:"when"`
}

func (Factors) Kind() Kind { return KindFactors }

// EmailConfirm asks the holder of a new address to confirm it.
type EmailConfirm struct {
	Name    string      `word:"name"`
	Old     value.Email `word:"old"`
	Code    string      `word:"code"`
	Expires time.Time   `word:"expires"`
}

func (EmailConfirm) Kind() Kind { return KindEmailConfirm }

// EmailConfirmAgain asks the holder of an account to confirm its address again.
type EmailConfirmAgain struct {
	Name    string    `word:"name"`
	Code    string    `word:"code"`
	Expires time.Time `word:"expires"`
}

func (EmailConfirmAgain) Kind() Kind { return KindEmailConfirmAgain }

// EmailAsked tells the holder of the old address that it is to change.
type EmailAsked struct {
	Name string      `word:"name"`
	New  value.Email `word:"new"`
	When time.Time   `word:"when"`
}

func (EmailAsked) Kind() Kind { return KindEmailAsked }

// EmailChanged tells the old address that another one has taken its place, and
// how to undo that.
type EmailChanged struct {
	Name    string      `word:"name"`
	New     value.Email `word:"new"`
	Code    string      `word:"code"`
	Expires time.Time   `word:"expires"`
}

func (EmailChanged) Kind() Kind { return KindEmailChanged }

// EmailRestored tells both addresses that a change was undone.
type EmailRestored struct {
	Name string      `word:"name"`
	Old  value.Email `word:"old"`
	New  value.Email `word:"new"`
	When time.Time   `word:"when"`
}

func (EmailRestored) Kind() Kind { return KindEmailRestored }
