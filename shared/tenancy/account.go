package tenancy

import (
	"time"

	"profiles/shared/billing"
	"profiles/shared/problem"
	"profiles/shared/value"
)

// AccountType separates customers from the staff of the support desk.
type AccountType string

const (
	AccountUser AccountType = "user"
	// of the support desk; granted by an operator, never through the public API
	AccountSupport AccountType = "support"
	AccountService AccountType = "service" // of a data plane, which reports use; granted likewise
)

// Account is a person or an organisation that owns profiles.
type Account struct {
	ID           value.AccountID
	Type         AccountType
	Email        value.Email
	PasswordHash string // argon2id in PHC form
	Active       bool   // the address is confirmed
	Blocked      bool

	Name       string
	Company    string
	Country    string
	Phone      string
	Timezone   string // IANA name
	Language   string
	Newsletter bool
	Developer  bool
	Options    AccountOptions

	// what the account has bought, and how its profiles divide that
	billing.Subscription
	Billing billing.Address

	// Epoch is copied into each token and counts up when all of the account's
	// tokens must die: a block, a change of address that is undone. Sessions is
	// the same for tokens made by signing in, which die with a change of
	// password.
	Epoch    int64
	Sessions int64
	// KnownSources are fingerprints of addresses that signed in successfully,
	// newest first. They may still try when strangers have used up the attempts
	// of the account.
	KnownSources []string

	// Asked is the address that was asked for last.
	Asked AskedEmail
	// Undos are the changes of address that can be undone, in their order.
	Undos []Undo
	// Factors are what the account asks for beside the password, in the order
	// in which they were enabled.
	Factors []EnabledFactor
	// CredentialsChanged is when the password, the address or a second factor
	// last changed; zero: never since the account was made.
	CredentialsChanged time.Time
	// Proved is when whoever reads the mail to the address last proved that,
	// with a code from it; zero: never. Recovery goes back to that state.
	Proved time.Time
	// Unproven says that the password is the one of a sign-up, and was not
	// given when the mailbox confirmed it: somebody else may have signed up.
	Unproven bool

	Created   time.Time
	Updated   time.Time
	LastLogin time.Time // zero: never
	Version   int64     // counts up with each change that a condition relies on
}

// AccountOptions are a person's preferences for the console. They are stored
// and returned, nothing here depends on them.
type AccountOptions struct {
	UserViewWelcome   bool
	DateFormat        string
	TimeFormat        string
	DecimalSeparator  string
	ThousandSeparator string
	ShowLastUpdatedAt string
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

// SignedOut returns the account after which all tokens made by signing in are
// dead.
func (a Account) SignedOut() Account {
	a.Sessions++
	return a
}

// Revoked returns the account after which all its tokens are dead, however they
// were made.
func (a Account) Revoked() Account {
	a.Epoch++
	return a.SignedOut()
}

// NewPassword returns the account with another password. Whoever signed in with
// the old one is signed out. Tokens that were made by hand go on: they are what
// devices and scripts have.
func (a Account) NewPassword(hash string, now time.Time) Account {
	a.PasswordHash, a.CredentialsChanged, a.Updated = hash, now, now
	return a.SignedOut()
}

// PasswordByMail is NewPassword with a code from the mailbox. Of an account
// whose password nobody who reads that had given before, nothing goes on that
// came with it: whoever signed up may have made it.
func (a Account) PasswordByMail(hash string, now time.Time) Account {
	if a.Unproven {
		a = a.recovered(time.Time{})
	}
	a.Proved = now
	return a.NewPassword(hash, now)
}

// At returns the account if the address is its own, else the zero account: for
// a while an account holds a former address too, which opens nothing.
func (a Account) At(e value.Email) Account {
	if a.Email != e {
		return Account{}
	}
	return a
}

// CanSignIn refuses accounts that are blocked or not yet confirmed
// (CodeForbidden). Ask only after the password proved right, or the answer
// tells strangers which addresses have accounts.
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

// Zone is where the account's person is: UTC where the account names no zone,
// or one that the database does not have.
func (a Account) Zone() *time.Location {
	zone, err := value.Zone(a.Timezone)
	if err != nil {
		return time.UTC
	}
	return zone
}
