package main

import (
	"context"
	"log/slog"
	"sync"
	"time"
)

// schedule runs a function at once and then as often as the template says, until ctx ends. Running it at once takes up what
// a stack that was killed left behind.
func schedule(ctx context.Context, f *function, every time.Duration, running *sync.WaitGroup) {
	running.Go(func() {
		tick := time.NewTicker(every)
		defer tick.Stop()
		for {
			// A run that has begun ends in its own time, not with the stack.
			if _, err := f.invoke(context.WithoutCancel(ctx), []byte("{}")); err != nil {
				slog.Error("a scheduled run failed", "operation", f.name, "error", err.Error())
			}
			select {
			case <-ctx.Done():
				return
			case <-tick.C:
			}
		}
	})
}
