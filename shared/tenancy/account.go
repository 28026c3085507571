package tenancy

import (
	"time"

	"profiles/shared/billing"
	"profiles/shared/problem"
	"profiles/shared/topic"
	"profiles/shared/value"
)

// AccountType says what an account is for.
type AccountType string

const (
	AccountUser AccountType = "user"
	// AccountSupport is a support account. Only the operator grants it, never
	// the public API.
	AccountSupport AccountType = "support"
	AccountService AccountType = "service" // of a data plane; granted by the operator, too
)

// Account is a person or a program that has an address and a password, and owns
// profiles.
type Account struct {
	ID           value.AccountID
	Type         AccountType
	Email        value.Email
	PasswordHash string // argon2id in PHC form
	// RoleSince and RoleBy are when the operator gave the account its role, and
	// who did; zero for a customer, and for roles of earlier versions.
	RoleSince time.Time
	RoleBy    string
	Active    bool // the address is confirmed
	Blocked   bool

	Name       string
	Company    string
	Country    string
	Phone      string
	Timezone   string // IANA name
	Language   string
	Newsletter bool
	Developer  bool
	Options    AccountOptions
	// Preferences are which mails and notifications the person gets.
	Preferences topic.Preferences

	// what the account has bought, and how its profiles divide that
	billing.Subscription
	Billing billing.Address

	// Epoch is copied into each token; raising it revokes all of the account's
	// tokens, as a block or an undone change of address does. Sessions is the
	// same for sessions and for tokens made at sign-in, which a change of
	// password revokes too.
	Epoch    int64
	Sessions int64
	// KnownSources are fingerprints of the network addresses that signed in
	// successfully, newest first. They can still sign in after others have used
	// up the account's attempts.
	KnownSources []string

	// Asked is the newest address that a change was requested to.
	Asked AskedEmail
	// Undos are the changes of address that can be undone, oldest first.
	Undos []Undo
	// Factors are the second factors of the account, in the order in which they
	// were enabled.
	Factors []EnabledFactor
	// CredentialsChanged is when the password, the address or a second factor
	// last changed; zero: not since the account was created.
	CredentialsChanged time.Time
	// Proved is when somebody last used a code from a mail to the address;
	// zero: never. Recovery (see RestoreEmail) removes second factors that were
	// enabled since.
	Proved time.Time
	// Unproven says that the address was confirmed by its mail alone, without
	// the password of the sign-up. So the password may be that of another
	// person, who signed up with this address.
	Unproven bool

	Created   time.Time
	Updated   time.Time
	LastLogin time.Time // zero: never
	Version   int64     // raised by each change that a condition of a write relies on
}

// AccountOptions are a person's preferences for the console. They are stored
// and returned; no rule depends on them.
type AccountOptions struct {
	UserViewWelcome   bool
	DateFormat        string
	TimeFormat        string
	DecimalSeparator  string
	ThousandSeparator string
	ShowLastUpdatedAt string
}

// WithRole returns the account with a role, or with AccountUser without one. by
// is who gave it.
func (a Account) WithRole(role AccountType, by string, now time.Time) Account {
	a.Type, a.RoleSince, a.RoleBy, a.Updated = role, now, by, now
	if role == AccountUser {
		a.RoleSince, a.RoleBy = time.Time{}, ""
	}
	return a
}

// maxKnownSources is how many sign-in addresses are remembered for an account.
const maxKnownSources = 8

// SignedIn returns the account after a successful sign-in from source, a
// fingerprint of the client's address.
func (a Account) SignedIn(source string, now time.Time) Account {
	known := []string{source}
	for _, s := range a.KnownSources {
		if s != source && len(known) < maxKnownSources {
			known = append(known, s)
		}
	}
	a.KnownSources, a.LastLogin = known, now
	return a
}

// KnowsSource reports whether a sign-in from source has succeeded before.
func (a Account) KnowsSource(source string) bool {
	for _, s := range a.KnownSources {
		if s == source {
			return true
		}
	}
	return false
}

// SignedOut returns the account with its sessions, and all tokens made at
// sign-in, revoked.
func (a Account) SignedOut() Account {
	a.Sessions++
	return a
}

// Revoked returns the account with all its tokens and sessions revoked.
func (a Account) Revoked() Account {
	a.Epoch++
	return a.SignedOut()
}

// NewPassword returns the account with another password. Sessions and tokens
// made at sign-in are revoked. Other tokens still work, because devices and
// scripts use them.
func (a Account) NewPassword(hash string, now time.Time) Account {
	a.PasswordHash, a.CredentialsChanged, a.Updated = hash, now, now
	return a.SignedOut()
}

// PasswordByMail is NewPassword with a code from a mail. If the account is
// Unproven, all its tokens are revoked and its second factors removed as well:
// another person, who signed up with this address, may have made them.
func (a Account) PasswordByMail(hash string, now time.Time) Account {
	if a.Unproven {
		a = a.recovered(time.Time{})
	}
	a.Proved = now
	return a.NewPassword(hash, now)
}

// At returns the account if the address is its present one, and otherwise the
// zero account. An account keeps a former address reserved for a while, but
// nobody can sign in with it.
func (a Account) At(e value.Email) Account {
	if a.Email != e {
		return Account{}
	}
	return a
}

// CanSignIn refuses (CodeForbidden) an account that is blocked or not yet
// confirmed. Call it only after the password was found right; otherwise the
// answer shows which addresses have accounts.
func (a Account) CanSignIn() error {
	switch {
	case a.Blocked:
		return problem.Forbidden("This account is blocked: write to support").
			For(problem.ReasonAccountBlocked)
	case !a.Active:
		return problem.Forbidden("Confirm your e-mail address first: open the link in the mail we sent, or ask for a new one").
			For(problem.ReasonAddressUnconfirmed)
	}
	return nil
}

// Zone returns the time zone of the account. It is UTC if the account has none,
// or one that the time zone database does not have.
func (a Account) Zone() *time.Location {
	zone, err := value.Zone(a.Timezone)
	if err != nil {
		return time.UTC
	}
	return zone
}
