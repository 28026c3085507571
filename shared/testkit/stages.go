package testkit

import (
	"maps"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"profiles/shared/mailing"
	"profiles/shared/secret"
)

// Stages are worlds in which something has happened, by name. Each of them is
// prepared once, and each test begins with a copy. S has what tests know of
// such a world besides its table: persons, ids, codes. All copies share the
// values to which S points. The persons of a copy belong to the first world
// until In.
type Stages[S any] struct{ prepared sync.Map }

// Begin returns a copy of the stage of a name, which prepare makes the first
// time that anybody asks for it. The services of the copy remember nothing.
func (k *Stages[S]) Begin(t testing.TB, name string, prepare func() (S, *World)) (S, *World) {
	t.Helper()
	NeedsEngine(t)
	type stage struct {
		sync.Once
		known S
		world *snapshot
	}
	stored, _ := k.prepared.LoadOrStore(name, new(stage))
	s := stored.(*stage)
	s.Do(func() {
		known, w := prepare()
		s.known, s.world = known, w.snapshot()
	})
	if s.world == nil {
		t.Fatalf("the stage %q could not be prepared in another test", name)
	}
	return s.known, s.world.begin(t)
}

// snapshot has everything of a world except what its services remember.
type snapshot struct {
	choose choice
	items  []map[string]types.AttributeValue
	sent   []mailing.Message
	now    time.Time
	made   int64
	ring   secret.Ring
	rates  bool
	noted  bool
	hash   secret.Passwords
}

func (w *World) snapshot() *snapshot {
	w.Helper()
	return &snapshot{
		choose: w.choose,
		items:  w.raw(),
		sent:   w.Outbox.Sent(),
		now:    w.Now(),
		made:   w.made.Load(),
		ring:   w.ring,
		rates:  w.rates,
		noted:  w.noted.Load(),
		hash:   w.hash,
	}
}

// begin returns a world of its own that is as the snapshot was.
func (s *snapshot) begin(t testing.TB) *World {
	t.Helper()
	w := newWorld(t, s.choose)
	w.write(s.items)
	w.Outbox.sent = append(w.Outbox.sent, s.sent...)
	for i, m := range w.Outbox.sent {
		w.Outbox.sent[i].Data = maps.Clone(m.Data)
	}
	w.clock.now = s.now
	w.made.Store(s.made)
	w.noted.Store(s.noted)
	w.ring, w.rates, w.hash = s.ring, s.rates, s.hash
	w.Restart()
	return w
}

// raw is everything in the table.
func (w *World) raw() (out []map[string]types.AttributeValue) {
	w.Helper()
	pages := dynamodb.NewScanPaginator(
		w.Client,
		&dynamodb.ScanInput{TableName: &w.Table, ConsistentRead: aws.Bool(true)},
	)
	for pages.HasMorePages() {
		page, err := pages.NextPage(w.Context())
		w.OK(err)
		out = append(out, page.Items...)
	}
	return out
}

// mostWrites is how many items DynamoDB takes in one BatchWriteItem.
const mostWrites = 25

// write puts items into the table as they are.
func (w *World) write(items []map[string]types.AttributeValue) {
	w.Helper()
	for len(items) > 0 {
		var puts []types.WriteRequest
		for _, it := range items[:min(mostWrites, len(items))] {
			puts = append(puts, types.WriteRequest{PutRequest: &types.PutRequest{Item: it}})
		}
		items = items[len(puts):]
		out, err := w.Client.BatchWriteItem(
			w.Context(),
			&dynamodb.BatchWriteItemInput{
				RequestItems: map[string][]types.WriteRequest{w.Table: puts},
			},
		)
		w.OK(err)
		if left := len(out.UnprocessedItems[w.Table]); left > 0 {
			w.Fatalf("the engine has left out %d items", left)
		}
	}
}

// In is the person in a copy of its world.
func (p Person) In(w *World) Person {
	p.w = w
	return p
}
