package store

import (
	"context"
	"iter"
	"strings"
	"time"

	"profiles/shared/transfer"
	"profiles/shared/value"
)

const (
	kindOpenTransfer Kind = "open-transfer"
	kindTransferRow  Kind = "transfer-row"
	kindOffered      Kind = "offered-transfer"
	kindQueued       Kind = "queued-transfer"
)

// queue is the partition of the list of all open transfers, for support.
const queue = "Q#desk"

func openTransferKey(p value.ProfileID) key { return key{kindOpenTransfer, "P#" + string(p), "X"} }

func transferRowKey(a value.AccountID, t transfer.Transfer) key {
	return key{kindTransferRow, "A#" + string(a), transferPrefix + transferOrder(t)}
}

func offeredKey(t transfer.Transfer) key {
	return key{kindOffered, "E#" + string(t.Email), transferPrefix + transferOrder(t)}
}

func queuedKey(t transfer.Transfer) key { return key{kindQueued, queue, transferOrder(t)} }

func transferOrder(t transfer.Transfer) string { return sortable(t.Created) + "#" + string(t.ID) }

// transferRowItem is an entry of a list of transfers, with the transfer's
// ticket.
type transferRowItem struct {
	key
	Ticket string `dynamodbav:"ticket"`
	TTL    int64  `dynamodbav:"ttl,omitempty"`
}

func (i transferRowItem) value() transfer.ID { return transfer.ID(i.Ticket) }

func transferRow(k key, t transfer.Transfer) transferRowItem {
	return transferRowItem{key: k, Ticket: string(t.ID), TTL: transferTTL(t)}
}

// OpenTransfer adds the ticket of the open transfer of a profile to the batch.
func (b *Batch) OpenTransfer(p value.ProfileID) *Found[transfer.ID] {
	return want(b, openTransferKey(p), transferRowItem.value)
}

// CheckNoTransfer fails if the profile has an open transfer.
func (tx *Tx) CheckNoTransfer(p value.ProfileID) { tx.check(openTransferKey(p), absent) }

// TransfersOf iterates over the tickets of an account's transfers, newest
// first. pageSize is how many one round trip reads.
func (s *Store) TransfersOf(
	ctx context.Context,
	a value.AccountID,
	pageSize int,
) iter.Seq2[transfer.ID, error] {
	return s.tickets(ctx, span{
		pk: accountKey(a).PK, from: transferPrefix, to: upTo(transferPrefix), newestFirst: true,
		pageSize: int32(min(pageSize, 1000)),
	})
}

// TransfersOffered iterates over the tickets of the transfers that are offered
// to an address and not answered, newest first.
func (s *Store) TransfersOffered(
	ctx context.Context,
	e value.Email,
	pageSize int,
) iter.Seq2[transfer.ID, error] {
	return s.tickets(ctx, span{
		pk: reservationKey(e).PK, from: transferPrefix, to: upTo(transferPrefix), newestFirst: true,
		pageSize: int32(min(pageSize, 1000)),
	})
}

// QueuedTransfers iterates over the tickets of all open transfers, oldest
// first.
func (s *Store) QueuedTransfers(
	ctx context.Context,
	pageSize int,
) iter.Seq2[transfer.ID, error] {
	return s.tickets(ctx, span{pk: queue, from: "0", to: ":", pageSize: int32(min(pageSize, 1000))})
}

// QueuedTransfer is an entry of the list of all open transfers.
type QueuedTransfer struct {
	Ticket  transfer.ID
	Created time.Time
}

func (i transferRowItem) queued() QueuedTransfer {
	created, _, _ := strings.Cut(i.SK, "#")
	return QueuedTransfer{i.value(), parseSortable(created)}
}

// TransferQueue iterates over the list of all open transfers, oldest first.
func (s *Store) TransferQueue(ctx context.Context) iter.Seq2[QueuedTransfer, error] {
	return decoded(s.query(ctx, span{pk: queue, from: "0", to: ":"}), transferRowItem.queued)
}

func (s *Store) tickets(ctx context.Context, q span) iter.Seq2[transfer.ID, error] {
	return decoded(s.query(ctx, q), transferRowItem.value)
}
