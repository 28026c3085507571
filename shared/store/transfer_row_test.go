package store_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"profiles/shared/problem"
	"profiles/shared/store"
	"profiles/shared/testkit"
	"profiles/shared/transfer"
	"profiles/shared/value"
)

// The largest ticket fits into an item, which DynamoDB limits to 400 KB.
func TestTheLongestTicket(t *testing.T) {
	t.Parallel()
	w := testkit.New(t)
	d := newDeal(w)
	d.open()
	longest := strings.Repeat("𝄞", 1000) // four bytes each
	text, err := transfer.ParseText("text", longest, true)
	w.OK(err)
	agent := newAccount(w)
	full := with(d.transfer, func(t *transfer.Transfer) { t.Message = text })
	for {
		next, err := full.Note(agent, transfer.EventNote, text, w.Now())
		if err != nil {
			w.Refused(err, problem.CodeConflict)
			break
		}
		full = next
	}
	full, err = full.Reject(agent, text, w.Now())
	w.OK(err)
	if len(full.Timeline) < 30 {
		t.Fatalf("%d entries: this tests nothing", len(full.Timeline))
	}
	must(w, func(tx *store.Tx) { tx.EndTransfer(full) })
	batch := w.Store.Batch()
	got := batch.Transfer(full.ID)
	w.OK(batch.Get(t.Context()))
	same(t, "transfer", got, &store.Found[transfer.Transfer]{Value: at(full, 1), OK: true})
}

// tickets are the tickets of a walk.
func tickets(w *testkit.World, walk func(func(store.TransferRow, error) bool)) (out []string) {
	w.Helper()
	for row, err := range walk {
		w.OK(err)
		out = append(out, string(row.Ticket))
	}
	return out
}

func TestTransferLists(t *testing.T) {
	t.Parallel()
	w := testkit.New(t)
	ana, ben := newAccount(w), newAccount(w)
	const to, also = "zoe@example.com", "zoe@example.com.org"
	// These items are next to the ranges on both sides, or their keys begin
	// alike.
	foreign(w, "A#"+string(ana.ID), "A", "P#0", "W#0", "X", "X!", "X$0", "XX", "Y")
	foreign(w, "A#"+string(ana.ID)+"0", "X#0")
	foreign(w, "E#"+to, "E", "I#0", "W", "X", "X$0", "x#0")
	foreign(w, "Q#desk", "!", "#", "/", "A", "a", "~")
	foreign(w, "Q#desk0", "0")
	foreign(w, "Q#", "0")
	var mine, theirs []string
	add := func(owner value.AccountID, to value.Email) string {
		p := newProfile(w, owner)
		x := newTransfer(w, p, to)
		must(w, func(tx *store.Tx) { tx.CreateProfile(p) })
		must(w, func(tx *store.Tx) { tx.OpenTransfer(p, x) })
		return string(x.ID)
	}
	for i := range 7 {
		w.Advance(time.Millisecond)
		mine = append(mine, add(ana.ID, to))
		if i%3 == 0 {
			w.Advance(time.Millisecond)
			theirs = append(theirs, add(ben.ID, also))
		}
	}
	// Two transfers have the same millisecond. The ticket tells them apart and
	// puts them in order.
	w.Advance(time.Millisecond)
	twins := []string{add(ana.ID, to), add(ana.ID, to)}
	slices.Sort(twins)
	mine = append(mine, twins...)
	newest := slices.Clone(mine)
	slices.Reverse(newest)

	for _, pageSize := range []int{1, 3, 5000} {
		w.Meter.Reset()
		same(
			t,
			fmt.Sprintf("an account's by %d", pageSize),
			tickets(w, w.Store.TransfersOf(t.Context(), ana.ID,
				store.Walk{NewestFirst: true, PageSize: pageSize})),
			newest,
		)
		requests(w, len(mine), pageSize)
		same(
			t,
			fmt.Sprintf("offered by %d", pageSize),
			tickets(w, w.Store.TransfersOffered(t.Context(), to,
				store.Walk{NewestFirst: true, PageSize: pageSize})),
			newest,
		)
		requests(w, len(mine), pageSize)
		queued := tickets(w, w.Store.QueuedTransfers(t.Context(), store.Walk{PageSize: pageSize}))
		requests(w, len(mine)+len(theirs), pageSize)
		same(
			t,
			"the queue, of one owner",
			slices.DeleteFunc(
				slices.Clone(queued),
				func(id string) bool { return slices.Contains(theirs, id) },
			),
			mine,
		)
		same(
			t,
			"the queue, of the other",
			slices.DeleteFunc(
				slices.Clone(queued),
				func(id string) bool { return slices.Contains(mine, id) },
			),
			theirs,
		)
		if queued[1] != theirs[0] || queued[0] != mine[0] {
			t.Errorf("the queue is not by age: %v", queued)
		}
	}
	slices.Reverse(theirs)
	same(t, "the other account's", tickets(w, w.Store.TransfersOf(t.Context(), ben.ID,
		store.Walk{NewestFirst: true, PageSize: 10})), theirs)
	same(
		t,
		"offered to the other address",
		tickets(w, w.Store.TransfersOffered(t.Context(), also,
			store.Walk{NewestFirst: true, PageSize: 10})),
		theirs,
	)
	same(
		t,
		"nobody's",
		tickets(w,
			w.Store.TransfersOf(t.Context(), "000000000000000000000000", store.Walk{NewestFirst: true, PageSize: 10})),
		nil,
	)
	same(
		t,
		"offered to nobody",
		tickets(w,
			w.Store.TransfersOffered(t.Context(), "example.com", store.Walk{NewestFirst: true, PageSize: 10})),
		nil,
	)

	// A reader who stops within a page does not pay for the next one.
	w.Meter.Reset()
	for range w.Store.QueuedTransfers(t.Context(), store.Walk{PageSize: 3}) {
		break
	}
	if used := w.Meter.Reset(); used.Requests != 1 {
		t.Errorf("the first entry took %d requests, want 1", used.Requests)
	}
}

// requests ends the test unless a walk over n items took one request a page.
func requests(w *testkit.World, n, pageSize int) {
	w.Helper()
	// A full last page is followed by a request that returns an empty one.
	if used, want := w.Meter.Reset(), n/pageSize+1; used.Requests != want {
		w.Errorf("%d things in pages of %d: %d requests, want %d", n, pageSize, used.Requests, want)
	}
}
