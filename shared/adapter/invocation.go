package adapter

import (
	"context"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"sync/atomic"
	"time"

	"github.com/aws/aws-lambda-go/lambdacontext"

	"profiles/shared/metric"
)

// Function is what the invocations of an operation have in common.
type Function struct {
	Name string // of the operation
	Edge Edge
	// Latency says that a request with GET or HEAD only reads the table, and is
	// measured.
	Latency bool
	// Line returns what the line of a request has beside the rest, if not nil.
	Line func(*http.Request) []slog.Attr

	start  time.Duration // how long the start took
	called atomic.Bool
	daemon net.Conn // of X-Ray; nil without one
}

// NewFunction returns the function of an operation, configured by the
// environment. The error names the variable that is wrong.
func NewFunction(operation string, getenv func(string) string) (*Function, error) {
	edge, err := ParseEdge(getenv("ORIGIN_DIGESTS"))
	if err != nil {
		return nil, fmt.Errorf("the environment variable ORIGIN_DIGESTS: %w", err)
	}
	return &Function{Name: operation, Edge: edge, daemon: traceDaemon(getenv)}, nil
}

// Started says how long the start took.
func (f *Function) Started(took time.Duration) { f.start = took }

// Invocation is one event on its way through a function.
type Invocation struct {
	*Function
	record *metric.Record
	begun  time.Time
	first  bool // of the process: it may have waited for the start
}

// Begin returns the context of an invocation, which collects its metrics and
// names its lines. request is empty for an event that is no request.
func (f *Function) Begin(
	ctx context.Context, request string,
) (context.Context, *Invocation) {
	ctx, record := metric.Begin(ctx, f.Name, request)
	return ctx, &Invocation{f, record, time.Now(), f.called.CompareAndSwap(false, true)}
}

// took is how long the invocation has taken.
func (i *Invocation) took() time.Duration { return time.Since(i.begun) }

// End writes the one line of an invocation, with what it has collected. The ids
// are those by which Lambda's own lines and X-Ray's traces name it.
func (i *Invocation) End(
	ctx context.Context, level slog.Level, message string, line ...slog.Attr,
) {
	line = append(line, slog.Int64("ms", i.took().Milliseconds()))
	if i.first {
		line = append(line, slog.Int64("cold", i.start.Milliseconds()))
	}
	if lc, ok := lambdacontext.FromContext(ctx); ok {
		line = append(line, slog.String("invocation", lc.AwsRequestID))
	}
	if t, ok := traceOf(ctx); ok {
		i.annotate(t, level, line)
		line = append(line, slog.String("trace", t.root))
	}
	line = append(line, i.record.Attributes(time.Now())...)
	slog.LogAttrs(ctx, level, message, line...)
}
