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
	"profiles/shared/auditlog"
	"profiles/shared/idempotency"
	"profiles/shared/secret"
	"profiles/shared/store"
	"profiles/shared/tenancy"
	"profiles/shared/value"
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
	Deliver(ctx context.Context, m tenancy.Message) error
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
	Policy tenancy.TransferPolicy
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
		c.Policy = tenancy.PolicySupport
	}
	if c.Background == nil {
		c.Background = func(f func()) { go f() }
	}
	b := &base{Config: c}
	b.access = access.New(access.Config{
		Store: c.Store, Keys: c.Keys, Passwords: c.Passwords, Now: c.Now, NewID: c.NewID,
		Log: c.Log, Background: c.Background, Rates: c.Rates, Notify: b.notifyFactors,
	})
	records := idempotency.Records{
		Access: b.access, Store: c.Store, Keys: c.Keys, Now: c.Now, NewID: c.NewID, Log: c.Log,
	}
	return &Services{
		Accounts{b}, Sessions{b}, Profiles{b}, Tokens{b}, Teams{b}, Notifications{b}, Billing{b}, Usage{b},
		Transfers{b}, Desk{b}, Outbox{b}, Audit{b}, records, Chain{b}, Operator{b},
	}
}

// base is what all services share.
type base struct {
	Config
	access *access.Access
}

// now reads the clock, in UTC and at the precision that is stored. Each
// operation reads it once.
func (b *base) now() time.Time { return b.Now().UTC().Truncate(time.Millisecond) }

// WithOrigin returns a context whose commits say in their audit entries who
// sent the request.
func WithOrigin(ctx context.Context, c Client) context.Context {
	return store.WithOrigin(ctx, store.Origin{Source: c.Source, Request: c.Request})
}

// auditEntry begins the audit entry of a change that a person made.
func (b *base) auditEntry(
	log string,
	t tenancy.Token,
	resource, id, message string,
	now time.Time,
) auditlog.Entry {
	return auditlog.Entry{
		ID: b.NewID(now), Log: log, Time: now, Resource: resource, ResourceID: id, Message: message,
		Who: string(t.Account), Token: t.ID,
	}
}

// accountEntry is an audit entry of an account's own log for what happens
// without a token.
func (b *base) accountEntry(id value.AccountID, message string, now time.Time) auditlog.Entry {
	return b.auditEntry(string(id), tenancy.Token{Account: id}, "account", string(id), message, now)
}

// newMail begins a mail.
func (b *base) newMail(
	kind tenancy.MessageKind,
	to value.Email,
	now time.Time,
	data map[string]string,
) tenancy.Message {
	return tenancy.Message{
		ID:      tenancy.MessageID(b.NewID(now)),
		Kind:    kind,
		To:      string(to),
		Data:    data,
		Created: now,
	}
}
