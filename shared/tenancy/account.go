package tenancy

import (
	"maps"
	"slices"
	"time"

	"profiles/shared/plan"
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

	Plan   plan.Plan
	Limits plan.Amounts // the subscription, per service
	// what each of the account's profiles has of that; the sum never exceeds
	// Limits
	Shares map[value.ProfileID]Share
	// Anchor is when the first billing cycle began: each one begins a month
	// after the one before, at the same day and hour.
	Anchor time.Time
	// PaidUntil is the end of the cycle that is paid, when the subscription is
	// renewed; zero with the plan free.
	PaidUntil time.Time
	Schedule  *Schedule // what changes at the renewal; nil: nothing
	Spent     Spent     // what profiles used in this cycle that are not the account's any more
	Billing   BillingAddress

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

// AddProfile returns the account with one profile more, whose share it takes
// from what is still free. It refuses more profiles than the plan admits, or
// more than is free (CodeForbidden).
func (a Account) AddProfile(id value.ProfileID, share Share, now time.Time) (Account, error) {
	if limit := a.Plan.Limits().Profiles; a.Profiles() >= limit {
		return a, plan.LimitReached("profiles", limit).
			For(problem.ReasonProfilesFull).
			With("used", a.Profiles()).
			With("plan", a.Plan)
	}
	for _, s := range plan.Services() {
		if n := share.Allocation[s]; !share.Allocation.Valid() || !a.CanAllocate(s, n, now) {
			return a, problem.Forbidden("The allocation exceeds what the account has left").
				For(problem.ReasonAllocationLacks)
		}
	}
	share.Updated = now
	a = a.withShares(func(shares map[value.ProfileID]Share) { shares[id] = share })
	a.Updated = now
	return a, nil
}

// RemoveProfile returns the account without one of its profiles. Its share is
// free again, apart from what it has used of counters in this cycle, which
// stays charged. The last profile stays (CodeForbidden).
func (a Account) RemoveProfile(id value.ProfileID, use Usage, now time.Time) (Account, error) {
	if a.Profiles() <= 1 {
		return a, problem.Forbidden("This is the account's last profile and cannot be deleted: create another one first").
			For(problem.ReasonOnlyProfile)
	}
	a = a.withShares(func(shares map[value.ProfileID]Share) { delete(shares, id) }).
		charging(use.Counted(a, now), now)
	a.Updated = now
	return a, nil
}

// withSpare returns the account with an empty profile more, whatever the plan
// admits: it takes the place of one that goes.
func (a Account) WithSpare(id value.ProfileID, now time.Time) Account {
	return a.withShares(func(shares map[value.ProfileID]Share) { shares[id] = Share{Updated: now} })
}

// Starting is what a new profile gets: all that is free, or of each service
// what is free up to what the plan free has.
func (a Account) Starting(all bool, now time.Time) plan.Amounts {
	starting, most := a.Free(now), plan.Included()
	for s := range starting {
		starting[s] = max(starting[s], 0)
		if !all {
			starting[s] = min(starting[s], most[s])
		}
	}
	return starting
}

// withShares returns the account with a copy of its shares that change has
// worked on.
func (a Account) withShares(change func(map[value.ProfileID]Share)) Account {
	shares := maps.Clone(a.Shares)
	if shares == nil {
		shares = map[value.ProfileID]Share{}
	}
	change(shares)
	a.Shares = shares
	return a
}

// Profiles returns how many profiles the account owns.
func (a Account) Profiles() int { return len(a.Shares) }

// ProfileIDs lists the account's profiles, oldest first.
func (a Account) ProfileIDs() []value.ProfileID { return slices.Sorted(maps.Keys(a.Shares)) }

// Allocated returns the sum over the account's profiles.
func (a Account) Allocated() (sum plan.Amounts) {
	for _, share := range a.Shares {
		sum = sum.Plus(share.Allocation)
	}
	return sum
}

// Divisible is what the account has for its profiles in this cycle: its limits
// without what profiles used that it no longer has.
func (a Account) Divisible(now time.Time) plan.Amounts { return a.Limits.Minus(a.spent(now)) }

// charged returns the sum over the account's profiles of what they are
// allocated, or hold where that is more.
func (a Account) charged() (sum plan.Amounts) {
	for _, share := range a.Shares {
		for s, n := range share.Allocation {
			sum[s] += max(n, share.Held[s])
		}
	}
	return sum
}

// canAllocate reports whether n of a service can be given to a new profile.
// What others hold above their allocations is in the way of something, not of
// nothing.
func (a Account) CanAllocate(s plan.Service, n int64, now time.Time) bool {
	has := a.Divisible(now)[s]
	return n+a.Allocated()[s] <= has && (n == 0 || n+a.charged()[s] <= has)
}

// Free is what can be allocated now: neither allocated to a profile or held by
// one, nor used up in this cycle by one that is gone.
func (a Account) Free(now time.Time) plan.Amounts {
	return a.Divisible(now).Minus(a.charged())
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
