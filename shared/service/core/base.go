// Package core has what the services of all nouns share: their configuration,
// what a commit has beside its effect, and the runner of sweeps. It has no use
// cases.
package core

import (
	"context"
	"log/slog"
	"time"

	"profiles/shared/access"
	"profiles/shared/mailing"
	"profiles/shared/secret"
	"profiles/shared/store"
	"profiles/shared/transfer"
	"profiles/shared/webhook"
)

// Mailer delivers one mail. An error with problem.CodeInvalid says that this
// mail can never be delivered; after any other error it may be tried again. It
// is an interface because only the functions that send mail link what sending
// takes.
type Mailer interface {
	Deliver(ctx context.Context, m mailing.Message) error
}

// Poster sends an event to the address of a webhook, and returns what came
// back. It is an interface because only one function reaches other networks.
type Poster interface {
	Post(ctx context.Context, m webhook.Message) webhook.Answer
}

// Config has what the services need. Store is required.
type Config struct {
	Store  *store.Store
	Mailer Mailer                     // only for operations that send mail
	Poster Poster                     // only for operations that Post
	Bus    Poster                     // of the operator, for operations that Post; nil: none
	HasBus bool                       // whether events wait for the operator's bus
	Now    func() time.Time           // default: the clock
	NewID  func(now time.Time) string // default: secret.NewID
	NewKey func() secret.Credential   // default: secret.NewCredential
	Log    *slog.Logger               // default: slog.Default
	Region string                     // where the table is, for who asks; empty: not known
	// of transfers that are requested from now on; default: PolicySupport
	Policy transfer.Policy
	Keys   secret.Keys // only for operations that are Keyed
	// Passwords are hashed at the cost that is right for people; tests have
	// another one.
	Passwords secret.Passwords
	Rates     bool // whether requests are counted and refused above their rate limits; see Rate
	// CountPatience is how long an answer waits for that count; default: a
	// moment.
	CountPatience time.Duration
	// Loopback admits webhooks on this machine, for the local stack.
	Loopback bool
	// Background runs what no answer waits for; default: beside everything
	// else.
	Background func(func())
}

// Base is embedded in each service. A service that needs another one has it as
// a field; what several services need is a function of this package.
type Base struct {
	Config
	Records
	Access *access.Access
}

// Maintenance is a span of time in which the service is read-only.
type Maintenance = secret.Maintenance

// Instant reads the clock, in UTC and at the precision that is stored. Each
// operation reads it once.
func (c Config) Instant() time.Time { return c.Now().UTC().Truncate(time.Millisecond) }

// New returns the base over one store.
func New(c Config) *Base {
	if c.Now == nil {
		c.Now = time.Now
	}
	if c.NewID == nil {
		c.NewID = secret.NewID
	}
	if c.NewKey == nil {
		c.NewKey = secret.NewCredential
	}
	if c.Log == nil {
		c.Log = slog.Default()
	}
	if c.Policy == "" {
		c.Policy = transfer.PolicySupport
	}
	if c.Background == nil {
		c.Background = func(f func()) { go f() }
	}
	made := Records{c.NewID, c.Keys}
	return &Base{c, made, access.New(access.Config{
		Store: c.Store, Keys: c.Keys, Passwords: c.Passwords, Now: c.Now, NewID: c.NewID,
		Log: c.Log, Background: c.Background, Rates: c.Rates,
		CountPatience: c.CountPatience, Notify: made.NotifyFactors,
	})}
}
