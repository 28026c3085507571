package main

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"os"
	"testing"

	"profiles/shared/app"
	"profiles/shared/operation"
)

// allocation is what one warm invocation of a handler allocates, without the
// runtime around it.
type allocation struct {
	name   string
	pieces int64
	bytes  int64
}

// measureAllocations calls the handlers in this process: one without I/O, which
// is the adapter's own share, and one with a read.
func measureAllocations(
	ctx context.Context,
	g *ground,
	table string,
) (out []allocation, err error) {
	slog.SetDefault(slog.New(slog.NewTextHandler(io.Discard, nil)))
	without, err := os.ReadFile(g.sample(noIO))
	if err != nil {
		return nil, err
	}
	for _, subject := range []struct {
		operation operation.Operation
		event     []byte
	}{{operation.StatusGet(), without}, {operation.ProfileGet, g.own}} {
		handler, err := app.New(subject.operation, slog.Default(), func(name string) string {
			if name == "TABLE_NAME" {
				return table
			}
			return g.plain[name]
		})
		if err != nil {
			return nil, err
		}
		var failed error
		result := testing.Benchmark(func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if _, err := handler.Invoke(ctx, subject.event); err != nil {
					failed = err
				}
			}
		})
		if failed != nil {
			return nil, fmt.Errorf("%s: %w", subject.operation.Name, failed)
		}
		out = append(
			out,
			allocation{subject.operation.Name, result.AllocsPerOp(), result.AllocedBytesPerOp()},
		)
	}
	return out, nil
}
