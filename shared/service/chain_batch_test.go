package service_test

import (
	"bytes"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"

	"profiles/shared/problem"
	"profiles/shared/service"
	"profiles/shared/service/audit"
	"profiles/shared/store"
	"profiles/shared/testkit"
)

const otherLog = "fedcba9876543210fedcba98"

// batch are entries as the stream hands them over.
func batch(w *testkit.World, entries ...attrs) (items []audit.Item) {
	for _, it := range entries {
		items = append(items, audit.Item{EntryPlace: store.EntryPlace{
			PK: attrString(it["PK"]), SK: attrString(it["SK"]),
		}, Written: w.Now()})
	}
	return items
}

// A batch of the stream is sealed in its order, each log by itself and many
// entries in one commit; what is no entry, or is sealed, does not matter.
func TestABatchIsSealedTogether(t *testing.T) {
	t.Parallel()
	w := testkit.New(t)
	chained(w, chainLog, 3)
	done, _ := storedLog(w, chainLog)
	var entries []attrs
	for i := range 60 {
		log := chainLog
		if i%3 == 0 {
			log = otherLog
		}
		entries = append(entries, logged(w, log, fmt.Sprint(i)))
	}
	gone := logged(w, chainLog, "gone")
	dropped(w, gone)
	all := slices.Concat(entries[:10], done, entries[10:40], []attrs{
		gone, {"PK": attrText("A#x"), "SK": attrText("A")},
	}, entries[40:])
	w.Meter.Reset()
	for i, err := range w.Chain.SealItems(t.Context(), batch(w, all...)) {
		if err != nil {
			t.Errorf("item %d: %v", i, err)
		}
	}
	// Two reads and two commits of one log, one of each of the other.
	if got := w.Meter.Reset().Requests; got != 6 {
		t.Errorf("it took %d requests, want 6", got)
	}
	intact(w, chainLog, 43)
	intact(w, otherLog, 20)
	for _, log := range []string{chainLog, otherLog} {
		sealed, _ := storedLog(w, log)
		was := 0
		for _, it := range sealed {
			if n := sequenceOf(w, it); n != was+1 {
				t.Errorf("%s: %d follows %d", attrString(it["message"]), n, was)
			}
			was++
		}
	}
	before := w.State()
	for _, err := range w.Chain.SealItems(t.Context(), batch(w, all...)) {
		w.OK(err)
	}
	if w.State() != before {
		t.Error("a batch that comes again changes something")
	}
}

// An entry of a batch that cannot be sealed is set aside, or left to the
// stream, by itself: the others are sealed.
func TestABadEntryOfABatch(t *testing.T) {
	t.Parallel()
	w := testkit.New(t)
	lines := new(bytes.Buffer)
	chain := service.New(service.Config{Store: w.Store, Now: w.Now, Keys: testkit.Keys,
		NewID: func(time.Time) string { return w.NextID() },
		Log:   slog.New(slog.NewJSONHandler(lines, nil))}).Chain
	chained(w, otherLog, 2)
	_, head := storedLog(w, otherLog)
	head["kept"] = attrNumber(1)
	overwritten(w, head)
	var entries []attrs
	for i := range 4 {
		entries = append(entries, logged(w, chainLog, fmt.Sprint(i)))
	}
	// Full to the last byte: with a seal DynamoDB does not take it.
	full := logged(w, chainLog, "full")
	for size, err := 400*1024, error(nil); size == 400*1024 || err != nil; size -= 50 {
		full["padding"] = attrText(strings.Repeat("x", size))
		_, err = w.Client.PutItem(t.Context(),
			&dynamodb.PutItemInput{TableName: &w.Table, Item: full})
	}
	entries = append(entries, full, logged(w, chainLog, "after it"),
		logged(w, otherLog, "behind a changed head"))
	for i, err := range chain.SealItems(t.Context(), batch(w, entries...)) {
		if err != nil {
			t.Errorf("item %d: %v", i, err)
		}
	}
	if n := strings.Count(lines.String(), audit.SetAside); n != 2 {
		t.Errorf("%d entries are set aside, want 2", n)
	}
	sealed, _ := storedLog(w, chainLog)
	n := 0
	for _, it := range sealed {
		if it["digest"] != nil {
			n++
		}
	}
	if n != 5 {
		t.Errorf("%d entries are sealed, want 5", n)
	}

	// Nothing is sealed while the table does not answer, and all of it later.
	more := []attrs{logged(w, chainLog, "a"), logged(w, chainLog, "b")}
	w.Faults.Always(always(testkit.BrokenService, "TransactWriteItems"))
	for _, err := range w.Chain.SealItems(t.Context(), batch(w, more...)) {
		w.Refused(err, problem.CodeUnavailable)
	}
	w.Faults.Always(always(testkit.LostAnswer, "TransactWriteItems"))
	_ = w.Chain.SealItems(t.Context(), batch(w, more...))
	w.Faults.Always(nil)
	for _, err := range w.Chain.SealItems(t.Context(), batch(w, more...)) {
		w.OK(err)
	}
	for _, message := range []string{"a", "b"} {
		now, _ := storedLog(w, chainLog)
		if !slices.ContainsFunc(now, func(it attrs) bool {
			return attrString(it["message"]) == message && it["digest"] != nil
		}) {
			t.Errorf("%s is not sealed", message)
		}
	}
}

// Batches that overlap, as after a run that was cut off, seal each entry once.
func TestOverlappingBatchesRace(t *testing.T) {
	t.Parallel()
	w := testkit.New(t)
	var entries []attrs
	for i := range 60 {
		entries = append(entries, logged(w, chainLog, fmt.Sprint(i)))
	}
	var all sync.WaitGroup
	for n := range 3 {
		all.Go(func() {
			items := batch(w, entries[10*n:40+10*n]...)
			for range 50 {
				failed := w.Chain.SealItems(t.Context(), items)
				if !slices.ContainsFunc(failed, func(err error) bool { return err != nil }) {
					return
				}
			}
			t.Error("a batch is never sealed")
		})
	}
	all.Wait()
	intact(w, chainLog, 60)
}
