package service_test

import (
	"context"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"profiles/shared/mailing"
	"profiles/shared/operation"
	"profiles/shared/testkit"
	"profiles/shared/testkit/scene"
)

// dueEntry is an item of the table that the due index has.
type dueEntry map[string]types.AttributeValue

func textOf(v types.AttributeValue) string {
	s, _ := v.(*types.AttributeValueMemberS)
	if s == nil {
		return ""
	}
	return s.Value
}

// dueEntries are the items that are due by now.
func (s stage) dueEntries() (due []dueEntry) {
	s.Helper()
	out, err := s.Client.Scan(s.Context(), &dynamodb.ScanInput{TableName: &s.Table})
	s.OK(err)
	for _, it := range out.Items {
		at, _, _ := strings.Cut(textOf(it["dueSK"]), "#")
		if at != "" && at <= sortableMillis(s.Now()) {
			due = append(due, it)
		}
	}
	return due
}

// poison is the id of items that always fail, shortened to the length of their
// ids. All of these begin with poisonPart.
const poison, poisonPart = "dead00000000000000000000", "dead0000"

// stillDue lists what is due and was not made to fail.
func (s stage) stillDue() string {
	var left []string
	for _, it := range s.dueEntries() {
		if pk := textOf(it["PK"]); !strings.Contains(textOf(it["dueSK"]), poisonPart) {
			left = append(left, pk)
		}
	}
	slices.Sort(left)
	return fmt.Sprint(left)
}

// poisoned writes a copy of a due item with another id, so that it is due
// before it. change returns each attribute of the copy.
func (s stage) poisoned(
	good dueEntry, change func(name string, v types.AttributeValue) types.AttributeValue,
) {
	s.Helper()
	_, id, _ := strings.Cut(textOf(good["dueSK"]), "#")
	other := (poison + poison)[:len(id)]
	bad := map[string]types.AttributeValue{}
	for name, v := range good {
		switch name {
		case "PK", "SK":
			bad[name] = &types.AttributeValueMemberS{Value: renamed(textOf(v), id, other)}
		case "dueSK":
			bad[name] = &types.AttributeValueMemberS{
				Value: sortableMillis(testkit.Start.Add(-time.Hour)) + "#" + other}
		case "duePK":
			bad[name] = v
		default:
			bad[name] = change(name, v)
		}
	}
	_, err := s.Client.PutItem(s.Context(), &dynamodb.PutItemInput{TableName: &s.Table, Item: bad})
	s.OK(err)
}

// renamed replaces an id in a key by another. The key of an ended membership
// has the two ids of its own id in separate parts.
func renamed(key, id, other string) string {
	for _, n := range []int{len(id), len(id) / 2} {
		key = strings.ReplaceAll(key, id[:n], other[:n])
		key = strings.ReplaceAll(key, id[len(id)-n:], other[len(id)-n:])
	}
	return key
}

func sortableMillis(t time.Time) string { return fmt.Sprintf("%013d", t.UnixMilli()) }

func kept(_ string, v types.AttributeValue) types.AttributeValue { return v }

// unreadable returns a type that no attribute has.
func unreadable(string, types.AttributeValue) types.AttributeValue {
	return &types.AttributeValueMemberNS{Value: []string{"1", "2"}}
}

// sweeps are the scenes of scheduled events.
var sweeps = slices.DeleteFunc(scene.All(), func(c scene.Scene) bool {
	return c.Operation.Trigger != operation.Schedule
})

// One item that always fails prevents no other one from being done, in any
// sweep: neither an item for which every request fails, nor one that cannot be
// read. Each run reports it and does the rest.
func TestAPoisonedThingStopsNoSweep(t *testing.T) {
	t.Parallel()
	covered := map[string]bool{}
	for _, c := range sweeps {
		covered[c.Operation.Name] = true
		t.Run(c.Name(), func(t *testing.T) {
			t.Parallel()
			clean := newStage(t, c)
			kinds := clean.look().kinds()
			clean.play(c)
			want, left := added(kinds, clean.look().kinds()), clean.stillDue()
			for name, change := range map[string]func(string,
				types.AttributeValue) types.AttributeValue{"no request": kept, "unreadable": unreadable} {
				s := newStage(t, c)
				due := s.dueEntries()
				if len(due) == 0 {
					t.Fatal("nothing is due")
				}
				for _, good := range due {
					s.poisoned(good, change)
				}
				var before map[string]int
				if name == "no request" {
					before = s.look().kinds()
					s.Faults.Poison(poisonPart)
				}
				got := s.play(c)
				s.Faults.Poison("")
				if got := s.stillDue(); got != left {
					t.Errorf("%s: due afterwards are %s, want %s", name, got, left)
				}
				if name != "no request" {
					continue
				}
				if got == http.StatusOK {
					t.Error("the run says nothing of what failed")
				}
				failed := 0
				for _, it := range s.dueEntries() {
					failed += strings.Count(textOf(it["dueSK"]), poisonPart)
				}
				if failed == 0 {
					t.Error("what failed is not due any more")
				}
				// The sweep has the same effect on the good items as without
				// the poison.
				if got := added(before, s.look().kinds()); got != want {
					t.Errorf("the run made %q, want %q", got, want)
				}
			}
		})
	}
	for _, o := range operation.All() {
		if o.Trigger == operation.Schedule && !covered[o.Name] {
			t.Errorf("no scene of %s", o.Name)
		}
	}
}

// almostOver is a context whose deadline is a second away, which is less than a
// sweep reserves for its end. It does not end, because a query may take longer
// than that on a busy machine.
type almostOver struct{ context.Context }

func (almostOver) Deadline() (time.Time, bool) { return time.Now().Add(time.Second), true }

// A run without time does nothing and reports no error, because the next one
// does the work. This holds for every sweep.
func TestASweepWithoutTimeLeavesTheRest(t *testing.T) {
	t.Parallel()
	for _, c := range sweeps {
		s := newStage(t, c)
		before := s.look().text(true)
		n, err := c.Operation.Sweep(almostOver{t.Context()}, s.Services)
		if err != nil || n != 0 {
			t.Errorf("%s: did %d, %v", c.Name(), n, err)
		}
		if got := s.look().text(true); got != before {
			t.Errorf("%s: the table is\n%s\nwant\n%s", c.Name(), got, before)
		}
	}
}

// The sweep of mails sends several at the same time, each once, also if some
// are refused. A run that has no more time leaves the rest to the next one.
func TestMailsAreSweptBesideEachOther(t *testing.T) {
	t.Parallel()
	w := testkit.New(t)
	const mails, beside = 60, 20 // beside is retriedBeside of the outbox
	for range mails {
		queue(w, mailing.KindPin)
	}
	w.Advance(2 * time.Minute)
	var mu sync.Mutex
	sent := map[mailing.ID]int{}
	busy, most := 0, 0
	full := make(chan struct{})
	slow := outboxOver(w, mailer(func(ctx context.Context, m mailing.Message) error {
		mu.Lock()
		busy++
		if most = max(most, busy); busy == beside {
			select {
			case <-full:
			default:
				close(full)
			}
		}
		n := len(sent)
		sent[m.ID]++
		mu.Unlock()
		// Nobody is done before as many are at it as may be.
		select {
		case <-full:
		case <-ctx.Done():
		}
		mu.Lock()
		busy--
		mu.Unlock()
		if n == mails/2 {
			panic("one mail breaks the mailer")
		}
		return nil
	}))
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	n, err := slow.Retry(ctx)
	if n != mails-1 || err == nil {
		t.Errorf("sent %d of %d: %v", n, mails, err)
	}
	if len(sent) != mails || most != beside {
		t.Errorf("%d mails were handed over, at most %d at once", len(sent), most)
	}
	for id, times := range sent {
		if times != 1 {
			t.Errorf("%s was handed over %d times", id, times)
		}
	}
}
