package store_test

import (
	"testing"
	"time"

	"profiles/shared/store"
	"profiles/shared/tenancy"
	"profiles/shared/testkit"
	"profiles/shared/transfer"
)

// Each step of a transfer before the move leaves these items: the lists of both
// sides, the queue of support, the offer, the email reservation, the due items,
// and the expiry of each.
func TestTransfersInTheTable(t *testing.T) {
	t.Parallel()
	w := testkit.New(t)
	far := w.Now().Add(365 * day)
	d := newDeal(w)
	opened := func() *store.Found[transfer.ID] {
		batch := w.Store.Batch()
		open := batch.OpenTransfer(d.profile.ID)
		w.OK(batch.Get(t.Context()))
		return open
	}
	d.wrote("an offer to an address", nil, d.open, `
		+A#source X#created#ticket
		+E#destination@example.com X#created#ticket
		+P#profile X
		+Q#desk created#ticket
		+X#ticket X
		~P#profile P`)
	same(t, "the profile's open transfer", opened(),
		&store.Found[transfer.ID]{Value: d.transfer.ID, OK: true})
	same(t, "what is forgotten of it", d.ttls(),
		map[string]string{"transfer": "", "source": "", "offer": "", "claim": "", "queue": ""})
	same(t, "due a moment before its first reminder",
		due(w, store.DueTransfer, d.transfer.Due().Add(-time.Millisecond)), nil)
	same(t, "due at its first reminder", due(w, store.DueTransfer, d.transfer.Due()),
		[]string{string(d.transfer.ID)})

	retried := with(d.transfer, func(t *transfer.Transfer) { t.Retry = w.Now().Add(time.Hour) })
	d.wrote("a change", nil, func() { must(w, func(tx *store.Tx) { tx.UpdateTransfer(retried) }) },
		`~X#ticket X`)
	retried.Version++
	d.transfer = retried
	same(t, "due a moment before the next attempt",
		due(w, store.DueTransfer, retried.Retry.Add(-time.Millisecond)), nil)
	same(t, "due at the next attempt", due(w, store.DueTransfer, retried.Retry),
		[]string{string(retried.ID)})

	d.wrote("an acceptance", nil, func() { d.answer(transfer.Terms{}) }, `
		+A#destination X#created#ticket
		-E#destination@example.com X#created#ticket
		~X#ticket X`)
	same(
		t,
		"what is forgotten of it",
		d.ttls(),
		map[string]string{
			"transfer":    "",
			"source":      "",
			"destination": "",
			"claim":       "",
			"queue":       "",
		},
	)
	d.wrote("another acceptance", nil, func() { d.answer(staying(tenancy.PermissionRead)) },
		`~X#ticket X`)
	w.Advance(time.Hour)
	d.wrote("the end after an acceptance", nil, func() { d.end(transfer.Rejected) }, `
		-P#profile X
		-Q#desk created#ticket
		~A#destination X#created#ticket
		~A#source X#created#ticket
		~X#ticket X`)
	kept := unix(w.Now().Add(transfer.Kept))
	same(t, "what is forgotten of it", d.ttls(),
		map[string]string{"transfer": kept, "source": kept, "destination": kept})
	same(t, "due after its end", due(w, store.DueTransfer, far), nil)
	same(t, "the profile's open transfer", opened(), &store.Found[transfer.ID]{})

	d.open()
	d.wrote(
		"the end of an offer that nobody answered",
		nil,
		func() { d.end(transfer.Expired) },
		`
		-E#destination@example.com X#created#ticket
		-P#profile X
		-Q#desk created#ticket
		~A#source X#created#ticket
		~X#ticket X`,
	)
	same(t, "what is forgotten of it", d.ttls(),
		map[string]string{"transfer": kept, "source": kept})

	d.open()
	d.transfer.Destination = d.destination.ID
	d.wrote("an offer that is declined", nil, func() { d.end(transfer.Declined) }, `
		+A#destination X#created#ticket
		-E#destination@example.com X#created#ticket
		-P#profile X
		-Q#desk created#ticket
		~A#source X#created#ticket
		~X#ticket X`)
	same(t, "what is forgotten of it", d.ttls(),
		map[string]string{"transfer": kept, "source": kept, "destination": kept})

	d.open()
	w.Advance(time.Second)
	d.move(transfer.Terms{})
	d.turn()
	w.Advance(time.Second)
	d.wrote("a transfer that takes another one back", nil, d.open, `
		+A#destination X#created#ticket
		+A#source X#created#ticket
		+P#profile X
		+Q#desk created#ticket
		+X#ticket X
		~P#profile P`)
}
