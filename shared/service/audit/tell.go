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

// tellAside tells of an entry that is set aside.
func (s Chain) tellAside(
	ctx context.Context, log string, at store.EntryPlace, now time.Time,
) error {
	e, err := s.Store.ToSeal(ctx, log, []store.EntryPlace{at}, s.auditMAC, s.HasBus)
	if err != nil {
		return err
	}
	tx := s.Store.Begin()
	tx.Queue(log, now, s.tell(e[0], e[0].Head.Sequence, now)...)
	return tx.CommitAside(ctx, store.Origin{})
}
