// Package webhooks has the use cases of webhooks, and sends them events.
package webhooks

import (
	"context"

	"profiles/shared/access"
	"profiles/shared/auditlog"
	"profiles/shared/event"
	"profiles/shared/flow"
	"profiles/shared/problem"
	"profiles/shared/secret"
	"profiles/shared/service/core"
	"profiles/shared/store"
	"profiles/shared/tenancy"
	"profiles/shared/value"
	"profiles/shared/webhook"
)

// Service has the operations on webhooks.
type Service struct{ *core.Base }

// New returns the operations on webhooks.
func New(on *core.Base) Service { return Service{on} }

// Of says whose webhooks a request is about: those of a profile, or if it is
// nil those of the caller's account.
type Of = *access.ProfileRef

// opened are the webhooks that an admitted caller may manage.
type opened struct {
	webhook.List
	token   tenancy.Token
	account tenancy.Account // of the webhooks of an account
}

// check adds to a commit that the owner is still the one that was read: a
// profile that moves, and an account that is deleted, leave no webhooks.
func (o opened) check(tx *store.Tx) {
	if p := o.Subject.Profile; p != "" {
		tx.CheckOwner(p, o.Subject.Account, problem.ErrConflict)
		return
	}
	tx.CheckAccount(o.account, problem.ErrConflict)
}

// open authorizes a request to webhooks, and reads them. c.Access says which
// callers are admitted. Errors: those of every request to a profile, or to the
// account.
func (s Service) open(ctx context.Context, c access.Client, of Of) (opened, error) {
	var found *store.Found[webhook.List]
	var subject event.Subject
	var token tenancy.Token
	var account tenancy.Account
	if of == nil {
		who, err := s.Access.AuthorizeAccount(ctx, c,
			func(b *store.Batch, id value.AccountID) { found = b.Webhooks(string(id)) })
		if err != nil {
			return opened{}, err
		}
		token, account, subject = who.Token, who.Account, event.Subject{Account: who.Account.ID}
	} else {
		r, err := s.Access.AuthorizeProfile(ctx, c, *of, func(b *store.Batch) {
			if !of.Current {
				found = b.Webhooks(string(of.ID))
			}
		})
		if err != nil {
			return opened{}, err
		}
		token = r.Token
		subject = event.Subject{Profile: r.Profile.ID, Account: r.Profile.Owner}
		if of.Current {
			batch := s.Store.Batch()
			found = batch.Webhooks(string(r.Profile.ID))
			if err := batch.Get(ctx); err != nil {
				return opened{}, err
			}
		}
	}
	list := found.Value
	list.Subject = subject
	return opened{list, token, account}, nil
}

// List returns the webhooks of a profile or of the account, oldest first.
// Errors: those of every request to a profile, or to the account; CodeForbidden
// for members.
func (s Service) List(ctx context.Context, c access.Client, of Of) ([]webhook.Webhook, error) {
	o, err := s.open(ctx, c, of)
	return o.Hooks, err
}

// Made is a webhook with its secret, which is shown once.
type Made struct {
	webhook.Webhook
	Plain string
}

// Create adds a webhook. Errors: those of List; CodeInvalid naming the field;
// CodeForbidden above webhook.Most.
func (s Service) Create(
	ctx context.Context, c access.Client, of Of, e webhook.Edit,
) (Made, error) {
	return flow.RetryOnConflict(ctx, func() (Made, error) {
		o, err := s.open(ctx, c, of)
		if err != nil {
			return Made{}, err
		}
		now := s.Instant()
		made := Made{webhook.Webhook{
			ID: webhook.ID(s.NewID(now)), Enabled: true, Created: now,
		}, secret.NewWebhookSecret()}
		if made.Webhook, err = made.Edit(e, s.Loopback, now); err != nil {
			return Made{}, err
		}
		made.Secret = s.Seal(made.ID, made.Plain)
		return made, s.save(ctx, c, o, made.Webhook, "Webhook created")
	})
}

// Edit changes a webhook. Errors: those of List; CodeInvalid naming the field;
// CodeNotFound.
func (s Service) Edit(
	ctx context.Context, c access.Client, of Of, id webhook.ID, e webhook.Edit,
) error {
	_, err := s.change(ctx, c, of, id, "Webhook updated",
		func(h webhook.Webhook) (webhook.Webhook, string, error) {
			h, err := h.Edit(e, s.Loopback, s.Instant())
			return h, "", err
		})
	return err
}

// Rotate gives a webhook a new secret, which is shown once. The one before
// signs beside it for a day. Errors: those of List; CodeNotFound.
func (s Service) Rotate(
	ctx context.Context, c access.Client, of Of, id webhook.ID,
) (Made, error) {
	return s.change(ctx, c, of, id, "Webhook secret rotated",
		func(h webhook.Webhook) (webhook.Webhook, string, error) {
			plain := secret.NewWebhookSecret()
			return h.Rotate(s.Seal(id, plain), s.Instant()), plain, nil
		})
}

// change changes a webhook, and returns it with the secret that how returns.
func (s Service) change(
	ctx context.Context, c access.Client, of Of, id webhook.ID, message string,
	how func(webhook.Webhook) (webhook.Webhook, string, error),
) (Made, error) {
	return flow.RetryOnConflict(ctx, func() (Made, error) {
		o, err := s.open(ctx, c, of)
		if err != nil {
			return Made{}, err
		}
		was, err := o.Find(id)
		if err != nil {
			return Made{}, err
		}
		h, plain, err := how(was)
		if err != nil {
			return Made{}, err
		}
		return Made{h, plain}, s.save(ctx, c, o, h, message)
	})
}

// save writes a webhook of a list, with an audit entry.
func (s Service) save(
	ctx context.Context, c access.Client, o opened, h webhook.Webhook, message string,
) error {
	was, _ := o.Find(h.ID)
	list, err := o.With(h)
	if err != nil {
		return err
	}
	tx := s.Store.Begin()
	tx.SetWebhooks(list)
	o.check(tx)
	tx.Audit(s.entry(o, h, message, h.Differences(was)...))
	return tx.Commit(ctx, c.Origin())
}

// Delete removes a webhook. Nothing is sent to it from then on. Errors: those
// of List; CodeNotFound.
func (s Service) Delete(ctx context.Context, c access.Client, of Of, id webhook.ID) error {
	_, err := flow.RetryOnConflict(ctx, func() (struct{}, error) {
		o, err := s.open(ctx, c, of)
		if err != nil {
			return struct{}{}, err
		}
		h, err := o.Find(id)
		if err != nil {
			return struct{}{}, err
		}
		tx := s.Store.Begin()
		tx.SetWebhooks(o.Without(id))
		o.check(tx)
		tx.Audit(s.entry(o, h, "Webhook deleted", auditlog.Changed("url", h.URL, "")))
		return struct{}{}, tx.Commit(ctx, c.Origin())
	})
	return err
}

func (s Service) entry(
	o opened, h webhook.Webhook, message string, changes ...auditlog.Change,
) auditlog.Entry {
	return core.Changing(
		s.AuditEntry(o.Log(), o.token, "webhook", string(h.ID), message, s.Instant()), changes...)
}

// sealSecret is a purpose of secret.Keys.
const sealSecret = "webhook"

// Seal seals the secret of a webhook. It opens only with the same webhook.
func (s Service) Seal(id webhook.ID, plain string) []byte {
	return s.Keys.Seal(sealSecret, string(id), []byte(plain))
}
