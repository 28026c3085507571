package tenancy

import (
	"slices"
	"time"

	"profiles/shared/problem"
	"profiles/shared/value"
)

// AccountDeletion is what is kept of a deleted account until a sweep has
// removed the rest of it. The account itself is removed with the deletion.
type AccountDeletion struct {
	Account  value.AccountID
	Name     string
	Timezone string // IANA name
	Language string
	Email    value.Email
	// FormerEmails are reserved for the account, because a change of address
	// could be undone.
	FormerEmails []value.Email
	Deleted      time.Time
}

// maxDeletedProfiles is the most profiles whose owner's tokens one commit can
// revoke. No plan admits as many.
const maxDeletedProfiles = 50

// Delete returns the deletion of the account; profiles are those that it owns.
// Errors: CodeForbidden for a support or data-plane account, for more than 50
// profiles, and while the sender of a transferred profile can ask for it back.
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
		Language: a.Language,
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

// Addresses returns all addresses that are reserved for the account, its
// present one first.
func (d AccountDeletion) Addresses() []value.Email {
	return append([]value.Email{d.Email}, d.FormerEmails...)
}

// Holder returns the account with the fields that mails and notifications to
// others still need.
func (d AccountDeletion) Holder() Account {
	return Account{ID: d.Account, Name: d.Name, Email: d.Email}
}

// Invited reports whether a pending invitation to the account's address was
// made, or renewed, before the account was deleted. A later one is for the next
// account with this address.
func (d AccountDeletion) Invited(i Invitation) bool {
	return i.Email == d.Email && i.State == InvitationPending &&
		!i.Expires.Add(-InvitationLife).After(d.Deleted)
}
