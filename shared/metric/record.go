package metric

import (
	"context"
	"log/slog"
	"slices"
	"sync"
	"time"
)

// Table is what an invocation asked of the table.
type Table struct {
	// Trips are requests one after the other; a request that begins while
	// another is under way belongs to the trip of that one.
	Trips    int
	Requests int
	// Reads and Writes are the units that DynamoDB has charged, as far as its
	// answers say: it tells nothing of a request that fails.
	Reads, Writes float64
	Conflicts     int // attempts that met another transaction
	Throttled     int // attempts for which the table had no capacity
}

// Record is what one invocation of a function adds to the metrics. It is safe
// for concurrent use.
type Record struct {
	// Operation and Request are on each line of the log that is written with
	// the context of the record. Request is empty where nobody has sent one.
	Operation, Request string

	mu       sync.Mutex
	underWay int
	table    Table
	values   []values
}

type values struct {
	Metric
	list []float64
}

// maxValues is the most values of a metric in one line, a limit of EMF. The
// first are kept: a run with more is one after an outage, whose oldest come
// first.
const maxValues = 100

type contextKey struct{}

// Begin returns a context with a new record. The record is the one value that a
// context carries here: the SDK hands nothing else on to what counts its
// requests, and nothing is decided by it.
func Begin(ctx context.Context, operation, request string) (context.Context, *Record) {
	r := &Record{Operation: operation, Request: request}
	return context.WithValue(ctx, contextKey{}, r), r
}

// From returns the record of a context, nil for none.
func From(ctx context.Context) *Record {
	r, _ := ctx.Value(contextKey{}).(*Record)
	return r
}

// Add adds a value to the record of ctx. Counts are summed up. Without a
// record, as in commands of an operator, it does nothing.
func Add(ctx context.Context, m Metric, value float64) {
	r := From(ctx)
	if r == nil {
		return
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	at := slices.IndexFunc(r.values, func(v values) bool { return v.Name == m.Name })
	switch {
	case at < 0:
		r.values = append(r.values, values{m, []float64{value}})
	case m.Unit == Count:
		r.values[at].list[0] += value
	case len(r.values[at].list) < maxValues:
		r.values[at].list = append(r.values[at].list, value)
	}
}

// Asked counts a request to the table that begins. It does nothing without a
// record.
func (r *Record) Asked() {
	if r == nil {
		return
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.table.Requests++; r.underWay == 0 {
		r.table.Trips++
	}
	r.underWay++
}

// Answered counts what the table has charged for a request that ends.
func (r *Record) Answered(reads, writes float64) {
	if r == nil {
		return
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.underWay--
	r.table.Reads += reads
	r.table.Writes += writes
}

// Refused counts an attempt of a request that the table has not carried out.
func (r *Record) Refused(conflict, throttled bool) {
	if r == nil {
		return
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if conflict {
		r.table.Conflicts++
	}
	if throttled {
		r.table.Throttled++
	}
}

// Attributes returns what the line of the invocation has of the record: what
// was asked of the table, the metrics, and what makes them metrics.
func (r *Record) Attributes(now time.Time) (line []slog.Attr) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if t := r.table; t.Requests > 0 {
		line = append(line,
			slog.Int("trips", t.Trips), slog.Int("requests", t.Requests),
			slog.Float64("reads", t.Reads), slog.Float64("writes", t.Writes))
		if t.Conflicts > 0 {
			line = append(line, slog.Int("conflicts", t.Conflicts))
		}
		if t.Throttled > 0 {
			line = append(line, slog.Int("throttled", t.Throttled))
		}
	}
	if len(r.values) == 0 {
		return line
	}
	directive := Directive{Dimensions: [][]string{{}}}
	for _, v := range r.values {
		directive.Metrics = append(directive.Metrics, Definition{v.Name, v.Unit})
		if len(v.list) == 1 {
			line = append(line, slog.Float64(v.Name, v.list[0]))
		} else {
			line = append(line, slog.Any(v.Name, v.list))
		}
	}
	return append(line, slog.Any(Member, Document{now.UnixMilli(), []Directive{directive}}))
}

// Member is the member of a line that makes CloudWatch read metrics from it.
const Member = "_aws"

// Document is the value of Member: the specification calls it the metadata
// object.
type Document struct {
	Timestamp         int64 // in milliseconds since 1970
	CloudWatchMetrics []Directive
}

// Directive names the members of a line that are metrics.
type Directive struct {
	Namespace  string
	Dimensions [][]string // one set, without a dimension
	Metrics    []Definition
}

// Definition is a metric of a line.
type Definition struct {
	Name string
	Unit Unit
}

// In returns the document with its metrics in a namespace.
func (d Document) In(namespace string) Document {
	d.CloudWatchMetrics = slices.Clone(d.CloudWatchMetrics)
	for i := range d.CloudWatchMetrics {
		d.CloudWatchMetrics[i].Namespace = namespace
	}
	return d
}
