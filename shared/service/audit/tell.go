package audit

import (
	"context"
	"time"

	"profiles/shared/event"
	"profiles/shared/store"
	"profiles/shared/value"
	"profiles/shared/webhook"
)

// hearer returns what is queued in the commit that seals an entry. sequence is
// the number of the entry in its log.
type hearer func(e store.EntryToSeal, sequence int64, now time.Time) []webhook.Delivery

// tell has the event of an entry wait for the webhooks that hear of it, and for
// the bus of the operator. Each queue has the order of the log.
func (s Chain) tell(
	e store.EntryToSeal, sequence int64, now time.Time,
) (waiting []webhook.Delivery) {
	entry, ok := e.Entry()
	if !ok || len(e.Webhooks.Hooks) == 0 && !s.HasBus {
		return nil
	}
	of := e.Subject
	if entry.Resource == "account" {
		// Nothing else may be left of it.
		of = event.Subject{Account: value.AccountID(e.Log)}
	}
	kind, body := event.Encode(entry, of, sequence)
	var to []webhook.ID
	if event.ForWebhooks(entry) {
		for _, h := range e.Webhooks.Hear(kind) {
			to = append(to, h.ID)
		}
	}
	if s.HasBus {
		to = append(to, webhook.BusOf(e.Log))
	}
	for _, id := range to {
		waiting = append(waiting, webhook.NewDelivery(entry.ID, id, kind, body, sequence, now))
	}
	return waiting
}

// tellNobody is for entries that a command of the operator seals: the stream
// has told of them, or lost them days ago.
func tellNobody(store.EntryToSeal, int64, time.Time) []webhook.Delivery { return nil }

// queue has events wait, each in the queue of its webhook or of the bus.
func queue(tx *store.Tx, waiting []webhook.Delivery, log string, now time.Time) {
	for _, d := range waiting {
		tx.Queue(d, log, now)
	}
}

// tellAside tells of an entry that is set aside.
func (s Chain) tellAside(ctx context.Context, pk, sk string, now time.Time) error {
	e, err := s.Store.ToSeal(ctx, pk, sk, s.auditMAC, s.HasBus)
	if err != nil {
		return err
	}
	tx := s.Store.Begin()
	queue(tx, s.tell(e, e.Head.Sequence, now), e.Log, now)
	return tx.CommitAside(ctx, store.Origin{})
}
