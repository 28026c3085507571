package app

import (
	"context"
	"log/slog"
	"net"
	"sync/atomic"
	"time"

	"github.com/aws/aws-lambda-go/lambdacontext"

	"profiles/shared/metric"
	"profiles/shared/operation"
)

// function is what the invocations of an operation have in common.
type function struct {
	operation.Operation
	edge   Edge
	start  time.Duration // how long New took, which is nearly all of a start
	called atomic.Bool
	daemon net.Conn // of X-Ray; nil without one
}

// invocation is one event on its way through a function.
type invocation struct {
	*function
	record *metric.Record
	begun  time.Time
	first  bool // of the process: it may have waited for the start
}

// begin returns the context of an invocation, which collects its metrics and
// names its lines. request is empty for an event that is no request.
func (f *function) begin(
	ctx context.Context, request string,
) (context.Context, *invocation) {
	ctx, record := metric.Begin(ctx, f.Name, request)
	return ctx, &invocation{f, record, time.Now(), f.called.CompareAndSwap(false, true)}
}

// took is how long the invocation has taken.
func (i *invocation) took() time.Duration { return time.Since(i.begun) }

// end writes the one line of an invocation, with what it has collected. The ids
// are those by which Lambda's own lines and X-Ray's traces name it.
func (i *invocation) end(
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
