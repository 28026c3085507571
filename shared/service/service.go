// Package service has one method per operation, in a package for each noun: it
// loads what the rule needs, applies the rule, and commits one unit of work
// with its audit entry and its mails. Each method asks package access whether
// the caller may do it, so that every entry point obeys the answer. This
// package puts them together. None of them knows HTTP or the DynamoDB client.
package service

import (
	"context"

	"profiles/shared/access"
	"profiles/shared/idempotency"
	"profiles/shared/service/accounts"
	"profiles/shared/service/audit"
	"profiles/shared/service/backups"
	"profiles/shared/service/core"
	"profiles/shared/service/notifications"
	"profiles/shared/service/operator"
	"profiles/shared/service/outbox"
	"profiles/shared/service/profiles"
	"profiles/shared/service/subscriptions"
	"profiles/shared/service/teams"
	"profiles/shared/service/tokens"
	"profiles/shared/service/transfers"
	"profiles/shared/service/webhooks"
)

// Config is what the services stand on, and Mailer what delivers their mails.
type (
	Config = core.Config
	Mailer = core.Mailer
	Poster = core.Poster
)

// The inputs that most methods have decide about access, and are of that
// package.
type (
	Client      = access.Client
	Credentials = access.Credentials
	ProfileRef  = access.ProfileRef
	Rate        = access.Rate
)

// Paging says which rows of a list to return.
type Paging = core.Paging

// Parallel runs reads that do not depend on each other, for an operation that
// puts several use cases together. Errors: the first of a read.
func Parallel(ctx context.Context, reads ...func(context.Context) error) error {
	return core.Parallel(ctx, reads...)
}

// Services are the operations of Profiles, by noun.
type Services struct {
	Accounts      accounts.Service
	Sessions      accounts.Sessions
	Profiles      profiles.Service
	Tokens        tokens.Service
	Teams         teams.Service
	Notifications notifications.Service
	Billing       subscriptions.Service
	Usage         subscriptions.Usage
	Transfers     transfers.Service
	Desk          transfers.Desk
	Outbox        outbox.Service
	Audit         audit.Service
	Idempotency   idempotency.Records
	Chain         audit.Chain
	Operator      operator.Service
	Webhooks      webhooks.Service
	Backups       backups.Service
	// Maintenance says whether the service is read-only.
	Maintenance func() core.Maintenance
}

// New returns the services over one store.
func New(c Config) *Services {
	b := core.New(c)
	// With what it leaves out.
	c = b.Config
	team, transfer, bills := teams.New(b), transfers.New(b), subscriptions.New(b)
	account, hooks := accounts.New(b, team, transfer), webhooks.New(b)
	kept := backups.New(b, bills, team, hooks)
	return &Services{
		Accounts:      account,
		Sessions:      accounts.NewSessions(b, account),
		Profiles:      profiles.New(b, transfer, kept),
		Tokens:        tokens.New(b),
		Teams:         team,
		Notifications: notifications.New(b, team),
		Billing:       bills,
		Usage:         subscriptions.NewUsage(b, bills),
		Transfers:     transfer,
		Desk:          transfers.NewDesk(b, transfer),
		Outbox:        outbox.New(b),
		Audit:         audit.New(b),
		Idempotency: idempotency.Records{
			Access: b.Access, Store: c.Store, Keys: c.Keys, Now: c.Now, NewID: c.NewID, Log: c.Log,
		},
		Chain:    audit.NewChain(b),
		Operator: operator.New(b),
		Webhooks: hooks,
		Backups:  kept,

		Maintenance: c.Keys.Maintenance,
	}
}
