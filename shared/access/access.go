// Package access decides who calls and what the caller may do: from a token to
// its account, from an account and a profile to the rights on it. It checks
// passwords and second factors, and keeps the limits of requests and of
// guesses. It knows neither HTTP nor the DynamoDB client.
package access

import (
	"log/slog"
	"time"

	"profiles/shared/mailing"
	"profiles/shared/secret"
	"profiles/shared/store"
	"profiles/shared/tenancy"
	"profiles/shared/value"
)

// Config has what Access needs. All fields are required except Rates and
// CountPatience, and Keys, Passwords and Notify, which only passwords and
// second factors need.
type Config struct {
	Store     *store.Store
	Keys      secret.Keys
	Passwords secret.Passwords
	Now       func() time.Time
	NewID     func(now time.Time) string
	Log       *slog.Logger
	// Background runs work that no answer waits for.
	Background func(func())
	// Rates says whether requests are counted, and refused above their rate
	// limits; see Rate.
	Rates bool
	// CountPatience is how long an answer waits for its count; 0: a moment.
	CountPatience time.Duration
	// Notify adds to a commit the mail and the notification to a person about
	// their second factors.
	Notify func(tx *store.Tx, a tenancy.Account, e mailing.FactorEvent, about, text string,
		now time.Time)
}

// Access authenticates and authorizes the callers of one process.
type Access struct {
	config  Config
	memory  *tokenMemory
	audited *windowMemory // windows of passwords whose refusals are in an audit log
	full    *windowMemory // windows of Rate that were full, with their counts
}

// New returns an Access with an empty memory.
func New(c Config) *Access {
	if c.CountPatience == 0 {
		c.CountPatience = countPatience
	}
	return &Access{c, newTokenMemory(), newWindowMemory(), newWindowMemory()}
}

// now reads the clock, in UTC and at the precision that is stored.
func (x *Access) now() time.Time { return x.config.Now().UTC().Truncate(time.Millisecond) }

// Holder returns the account that holds an address. If there is none, it reads
// an account that does not exist, so that both cases cost the same reads.
func (x *Access) Holder(
	reservation *store.Found[tenancy.EmailReservation], now time.Time,
) value.AccountID {
	if reservation.OK && reservation.Value.Holds(now) {
		return reservation.Value.Account
	}
	return value.AccountID(x.config.NewID(now))
}
