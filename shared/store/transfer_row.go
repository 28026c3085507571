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

// TransferRow is an entry of a list of transfers.
type TransferRow struct {
	Ticket  transfer.ID
	Created time.Time
}

func (i transferRowItem) row() TransferRow {
	created, _, _ := strings.Cut(strings.TrimPrefix(i.SK, transferPrefix), "#")
	return TransferRow{i.value(), parseSortable(created)}
}

// TransferCursor returns the position of a transfer in the lists of transfers.
func TransferCursor(r TransferRow) string {
	return position(transferOrder(transfer.Transfer{ID: r.Ticket, Created: r.Created}))
}

// TransfersOf iterates over the transfers of an account.
func (s *Store) TransfersOf(
	ctx context.Context, a value.AccountID, walk Walk,
) iter.Seq2[TransferRow, error] {
	return s.transferRows(ctx, walk.over(accountKey(a).PK, transferPrefix))
}

// TransfersOffered iterates over the transfers that are offered to an address
// and not answered.
func (s *Store) TransfersOffered(
	ctx context.Context, e value.Email, walk Walk,
) iter.Seq2[TransferRow, error] {
	return s.transferRows(ctx, walk.over(reservationKey(e).PK, transferPrefix))
}

// QueuedTransfers iterates over all open transfers.
func (s *Store) QueuedTransfers(ctx context.Context, walk Walk) iter.Seq2[TransferRow, error] {
	return s.transferRows(ctx, walk.over(queue, ""))
}

func (s *Store) transferRows(ctx context.Context, q span) iter.Seq2[TransferRow, error] {
	return decoded(s.query(ctx, q), transferRowItem.row)
}
