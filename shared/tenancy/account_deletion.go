package tenancy

import (
	"slices"
	"time"

	"profiles/shared/problem"
	"profiles/shared/value"
)

// AccountDeletion is an account that was deleted, from then until nothing of it
// is left. The account itself is gone: what finds no account finds none here
// either.
type AccountDeletion struct {
	Account  value.AccountID
	Name     string
	Timezone string // IANA name
	Email    value.Email
	// addresses that it still holds, as a change of address could be undone
	FormerEmails []value.Email
	Deleted      time.Time
}

// maxDeletedProfiles bounds the profiles that one commit can take the owner's
// tokens from. No plan admits as many.
const maxDeletedProfiles = 50

// Delete returns what is left of the account when it is deleted. profiles are
// those that it owns. Errors: CodeForbidden for an account with a role of the
// operator's, and while a profile of it can be taken back by who gave it away.
func (a Account) Delete(profiles []Profile, now time.Time) (AccountDeletion, error) {
	if a.Type != AccountUser {
		return AccountDeletion{}, problem.Forbidden(
			"This is an account of the type %s: ask the operator to take that role away first",
			a.Type,
		)
	}
	if a.Profiles() > maxDeletedProfiles {
		return AccountDeletion{}, problem.Forbidden(
			"The account has more than %d profiles: delete some of them first",
			maxDeletedProfiles,
		)
	}
	for _, p := range profiles {
		if err := p.Deletable(now); err != nil {
			return AccountDeletion{}, err
		}
	}
	d := AccountDeletion{
		Account:  a.ID,
		Name:     a.Name,
		Timezone: a.Timezone,
		Email:    a.Email,
		Deleted:  now,
	}
	for _, u := range a.Undos {
		if now.Before(u.Expires) && u.Email != a.Email &&
			!slices.Contains(d.FormerEmails, u.Email) {
			d.FormerEmails = append(d.FormerEmails, u.Email)
		}
	}
	return d, nil
}

// Addresses are all that the account holds, its own first.
func (d AccountDeletion) Addresses() []value.Email {
	return append([]value.Email{d.Email}, d.FormerEmails...)
}

// Holder returns the account as far as others are still told of it.
func (d AccountDeletion) Holder() Account {
	return Account{ID: d.Account, Name: d.Name, Email: d.Email}
}

// Invited reports whether an invitation to the account's address was made, or
// renewed, while there was the account. A later one is for whoever signs up
// with the address next.
func (d AccountDeletion) Invited(i Invitation) bool {
	return i.Email == d.Email && i.State == InvitationPending &&
		!i.Expires.Add(-InvitationLife).After(d.Deleted)
}
