package main

import (
	"log/slog"
	"time"
)

// schedule runs a function at once and then as often as the template says,
// until the stack stops. Running it at once takes up what a stack that was
// killed left behind.
func schedule(l *life, f *function, every time.Duration) {
	l.running.Go(func() {
		tick := time.NewTicker(every)
		defer tick.Stop()
		for {
			if _, err := f.invoke(l.whole, []byte("{}")); err != nil && l.whole.Err() == nil {
				slog.Error("a scheduled run failed", "operation", f.name, "error", err.Error())
			}
			select {
			case <-l.work.Done():
				return
			case <-tick.C:
			}
			// After a run longer than its interval both are ready, and select
			// takes either.
			if l.work.Err() != nil {
				return
			}
		}
	})
}
