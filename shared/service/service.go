// Package service has one method per operation: it loads what the rule needs, applies the rule, and commits one unit of
// work with its audit entry and outgoing mail. Who may do what is decided here, so that every entry point obeys it. It
// knows neither HTTP nor the DynamoDB client.
package service

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"net/netip"
	"runtime/debug"
	"time"

	"profiles/shared/auditlog"
	"profiles/shared/problem"
	"profiles/shared/secret"
	"profiles/shared/store"
	"profiles/shared/tenancy"
	"profiles/shared/value"
)

// Mailer delivers one mail. An error with tenancy.CodeInvalid says that this mail can never be delivered; after any other
// error it may be tried again. It is an interface because only the functions that send mail link what sending takes.
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
	Policy tenancy.TransferPolicy     // of transfers that are requested from now on; default: PolicySupport
	Keys   secret.Keys                // only for operations that are Keyed
	// Passwords are hashed at the cost that is right for people; tests have another one.
	Passwords secret.Passwords
	Rates     bool // whether requests are counted and refused above their rate limits; see Rate
	// Background runs what no answer waits for; default: beside everything else.
	Background func(func())
}

// Services are the operations of Profiles, by noun.
type Services struct {
	Accounts      Accounts
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
	Idempotency   Idempotency
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
	b := &base{Config: c, memory: newTokenMemory()}
	return &Services{Accounts{b}, Profiles{b}, Tokens{b}, Teams{b}, Notifications{b}, Billing{b}, Usage{b}, Transfers{b}, Desk{b}, Outbox{b}, Audit{b}, Idempotency{b}, Chain{b}, Operator{b}}
}

// base is what all services share.
type base struct {
	Config
	memory *tokenMemory
}

// now reads the clock, in UTC and at the precision that is stored. Each operation reads it once.
func (b *base) now() time.Time { return b.Now().UTC().Truncate(time.Millisecond) }

// Client is who sends a request, before anything about it is verified.
type Client struct {
	Token  secret.Credential // checked for its form only; zero when the request carries none
	Source string            // the network address the request came from
	// Agent is what the client calls itself.
	Agent string
	// Request is the id of the request, which its answer and its log line have too.
	Request string
	// Service says that the gateway has verified that a service of the operator's sends it, such as a data plane.
	Service bool
	// Rate is where the request is counted; nil for one that no rate limit holds for.
	Rate *Rate
	// replays says that the same request came before, from the same source.
	replays bool
}

// WithOrigin returns a context whose commits say in their audit entries who sent the request.
func WithOrigin(ctx context.Context, c Client) context.Context {
	return store.WithOrigin(ctx, store.Origin{Source: c.Source, Request: c.Request})
}

// source is the fingerprint by which requests of one client are counted. A client with IPv6 has at least a whole /64 of
// addresses to choose from, so they count as one.
func (c Client) source() string {
	if a, err := netip.ParseAddr(c.Source); err == nil && a.Is6() && !a.Is4In6() {
		return secret.Fingerprint(netip.PrefixFrom(a.WithZone(""), 64).Masked().String())
	}
	return secret.Fingerprint(c.Source)
}

// conflictAttempts bounds how often an operation decides again after somebody else changed what it had read.
const conflictAttempts = 12

// retryOnConflict runs an operation until it does not meet tenancy.ErrConflict: what it read had changed, so it reads and decides
// anew. After too many rounds, or when the time of ctx is nearly over, the conflict is the answer.
func retryOnConflict[T any](ctx context.Context, do func() (T, error)) (T, error) {
	for n := 1; ; n++ {
		result, err := do()
		if !errors.Is(err, problem.ErrConflict) || n == conflictAttempts || timeUp(ctx) {
			return result, err
		}
		t := time.NewTimer(rand.N(time.Duration(n) * 10 * time.Millisecond))
		select {
		case <-t.C:
		case <-ctx.Done():
			t.Stop()
			return result, err
		}
	}
}

// parallel runs reads that do not depend on each other and returns the first error. A panic of one of them is the caller's: in a
// goroutine of its own it would end the process, and the answers to other requests with it.
func parallel(ctx context.Context, reads ...func(context.Context) error) error {
	type end struct {
		err   error
		panic any
	}
	ends := make(chan end, len(reads))
	for _, read := range reads {
		go func() {
			var e end
			defer func() {
				if p := recover(); p != nil {
					e.panic = fmt.Errorf("%v\n%s", p, debug.Stack())
				}
				ends <- e
			}()
			e.err = read(ctx)
		}()
	}
	var first end
	for range reads {
		if e := <-ends; first.panic == nil && (e.panic != nil || first.err == nil) {
			first = e
		}
	}
	if first.panic != nil {
		panic(first.panic)
	}
	return first.err
}

// auditEntry begins the audit entry of a change that a person made.
func (b *base) auditEntry(log string, t tenancy.Token, resource, id, message string, now time.Time) auditlog.Entry {
	return auditlog.Entry{
		ID: b.NewID(now), Log: log, Time: now, Resource: resource, ResourceID: id, Message: message,
		Who: string(t.Account), Token: t.ID,
	}
}

// accountEntry is an audit entry of an account's own log for what happens without a token.
func (b *base) accountEntry(id value.AccountID, message string, now time.Time) auditlog.Entry {
	return b.auditEntry(string(id), tenancy.Token{Account: id}, "account", string(id), message, now)
}

// newMail begins a mail.
func (b *base) newMail(kind tenancy.MessageKind, to value.Email, now time.Time, data map[string]string) tenancy.Message {
	return tenancy.Message{ID: tenancy.MessageID(b.NewID(now)), Kind: kind, To: string(to), Data: data, Created: now}
}
