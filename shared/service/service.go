// Package service has one method per operation: it loads what the rule needs,
// applies the rule, and commits one unit of work with its audit entry and its
// mails. Each method asks package access whether the caller may do it, so that
// every entry point obeys the answer. The package knows neither HTTP nor the
// DynamoDB client.
package service

import (
	"context"
	"log/slog"
	"time"

	"profiles/shared/access"
	"profiles/shared/idempotency"
	"profiles/shared/mailing"
	"profiles/shared/secret"
	"profiles/shared/store"
	"profiles/shared/transfer"
)

// The inputs that most methods have decide about access, and are of that
// package.
type (
	Client      = access.Client
	Credentials = access.Credentials
	ProfileRef  = access.ProfileRef
	Rate        = access.Rate
)

// Mailer delivers one mail. An error with problem.CodeInvalid says that this
// mail can never be delivered; after any other error it may be tried again. It
// is an interface because only the functions that send mail link what sending
// takes.
type Mailer interface {
	Deliver(ctx context.Context, m mailing.Message) error
}

// Config is what the services stand on. Store is required.
type Config struct {
	Store  *store.Store
	Mailer Mailer                     // only for operations that send mail
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
	// Background runs what no answer waits for; default: beside everything
	// else.
	Background func(func())
}

// Services are the operations of Profiles, by noun.
type Services struct {
	Accounts      Accounts
	Sessions      Sessions
	Profiles      Profiles
	Tokens        Tokens
	Teams         Teams
	Notifications Notifications
	Billing       Billing
	Usage         Usage
	Transfers     Transfers
	Desk          Desk
	Outbox        Outbox
	Audit         Audit
	Idempotency   idempotency.Records
	Chain         Chain
	Operator      Operator
}

// New returns the services over one store.
func New(c Config) *Services {
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
	made := records{c.NewID, c.Keys}
	b := &base{c, made, access.New(access.Config{
		Store: c.Store, Keys: c.Keys, Passwords: c.Passwords, Now: c.Now, NewID: c.NewID,
		Log: c.Log, Background: c.Background, Rates: c.Rates, Notify: made.notifyFactors,
	})}
	teams, transfers, billing := Teams{b}, Transfers{b}, Billing{b}
	accounts := Accounts{b, teams, transfers}
	return &Services{
		Accounts:      accounts,
		Sessions:      Sessions{b, accounts},
		Profiles:      Profiles{b, transfers},
		Tokens:        Tokens{b},
		Teams:         teams,
		Notifications: Notifications{b, teams},
		Billing:       billing,
		Usage:         Usage{b, billing},
		Transfers:     transfers,
		Desk:          Desk{b, transfers},
		Outbox:        Outbox{b},
		Audit:         Audit{b},
		Idempotency: idempotency.Records{
			Access: b.access, Store: c.Store, Keys: c.Keys, Now: c.Now, NewID: c.NewID, Log: c.Log,
		},
		Chain:    Chain{b},
		Operator: Operator{b},
	}
}

// base is what each service stands on. It has no use cases: a service that
// needs another has it as a field, and what several need is a function.
type base struct {
	Config
	records
	access *access.Access
}

// now reads the clock, in UTC and at the precision that is stored. Each
// operation reads it once.
func (c Config) now() time.Time { return c.Now().UTC().Truncate(time.Millisecond) }
