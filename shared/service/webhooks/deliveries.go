package webhooks

import (
	"context"

	"profiles/shared/access"
	"profiles/shared/event"
	"profiles/shared/service/core"
	"profiles/shared/store"
	"profiles/shared/webhook"
)

// Deliveries returns what was sent to a webhook in the last days, or waits to
// be: first that which waits, then the rest, newest first. Errors: those of
// List; CodeNotFound; CodeInvalid for a position that no answer has given.
func (s Service) Deliveries(
	ctx context.Context, c access.Client, of Of, id webhook.ID, p core.Paging,
) (core.List[webhook.Delivery], error) {
	if err := p.Check(store.IsDeliveryCursor); err != nil {
		return core.List[webhook.Delivery]{}, err
	}
	o, err := s.open(ctx, c, of)
	if err != nil {
		return core.List[webhook.Delivery]{}, err
	}
	if _, err := o.Find(id); err != nil {
		return core.List[webhook.Delivery]{}, err
	}
	return core.ReadList(p, false,
		func(pageSize int) func(func(webhook.Delivery, error) bool) {
			return s.Store.Deliveries(ctx, id, p.After, pageSize)
		},
		func(webhook.Delivery) bool { return true },
		store.DeliveryCursor,
	)
}

// Test puts an event that says nothing into the queue of a webhook, and returns
// its id. Errors: those of List; CodeNotFound; CodeConflict for a webhook that
// is disabled.
func (s Service) Test(
	ctx context.Context, c access.Client, of Of, id webhook.ID,
) (string, error) {
	o, h, err := s.enabled(ctx, c, of, id)
	if err != nil {
		return "", err
	}
	now := s.Instant()
	made := s.NewID(now)
	kind, body := event.Test(made, string(h.ID), o.Subject, string(o.token.Account), now)
	tx := s.Store.Begin()
	tx.Queue(o.Log(), now, webhook.NewDelivery(made, id, kind, body, webhook.Last, now))
	return made, tx.Commit(ctx, c.Origin())
}

// Resend puts a delivery that has ended into the queue once more; its end stays
// in the list until there is another one. Errors: those of Test; CodeNotFound
// for a delivery that has not ended.
func (s Service) Resend(
	ctx context.Context, c access.Client, of Of, id webhook.ID, delivery string,
) error {
	o, _, err := s.enabled(ctx, c, of, id)
	if err != nil {
		return err
	}
	batch := s.Store.Batch()
	found := batch.Delivery(id, delivery)
	if err := batch.Get(ctx); err != nil {
		return err
	}
	if !found.OK {
		return webhook.ErrNoDelivery
	}
	now := s.Instant()
	tx := s.Store.Begin()
	tx.Queue(o.Log(), now, found.Value.Again(now))
	return tx.Commit(ctx, c.Origin())
}

// enabled is open for a webhook that is sent something.
func (s Service) enabled(
	ctx context.Context, c access.Client, of Of, id webhook.ID,
) (opened, webhook.Webhook, error) {
	o, err := s.open(ctx, c, of)
	if err != nil {
		return o, webhook.Webhook{}, err
	}
	h, err := o.Find(id)
	if err == nil && !h.Enabled {
		err = webhook.ErrDisabled
	}
	return o, h, err
}
