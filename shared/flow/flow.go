// Package flow runs work: again after a conflict, beside other work, and within
// the time that is left.
package flow

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"runtime/debug"
	"time"

	"profiles/shared/problem"
)

// conflictAttempts bounds how often an operation decides again after a
// concurrent change of what it had read.
const conflictAttempts = 12

// RetryOnConflict runs an operation until it does not meet problem.ErrConflict.
// After a conflict the operation reads and decides again, as what it had read
// has changed. The conflict is the answer after too many rounds, or when the
// time of ctx is nearly over.
func RetryOnConflict[T any](ctx context.Context, do func() (T, error)) (T, error) {
	for n := 1; ; n++ {
		result, err := do()
		if !errors.Is(err, problem.ErrConflict) || n == conflictAttempts || TimeUp(ctx) {
			return result, err
		}
		t := time.NewTimer(rand.N(time.Duration(n) * 10 * time.Millisecond))
		select {
		case <-t.C:
		case <-ctx.Done():
			t.Stop()
			return result, err
		}
	}
}

// Parallel runs reads that do not depend on each other and returns the first
// error. A panic of a read becomes the caller's panic: in a goroutine of its
// own it would end the process, and the answers to other requests with it.
func Parallel(ctx context.Context, reads ...func(context.Context) error) error {
	type end struct {
		err   error
		panic any
	}
	ends := make(chan end, len(reads))
	for _, read := range reads {
		go func() {
			var e end
			defer func() {
				if p := recover(); p != nil {
					e.panic = fmt.Errorf("%v\n%s", p, debug.Stack())
				}
				ends <- e
			}()
			e.err = read(ctx)
		}()
	}
	var first end
	for range reads {
		if e := <-ends; first.panic == nil && (e.panic != nil || first.err == nil) {
			first = e
		}
	}
	if first.panic != nil {
		panic(first.panic)
	}
	return first.err
}

// timeMargin is the time that work leaves itself before its deadline.
const timeMargin = 3 * time.Second

// TimeUp reports whether to stop here: a sweep leaves the rest to its next run,
// a request the next attempt to its client.
func TimeUp(ctx context.Context) bool { return !TimeFor(ctx, 0) }

// TimeFor reports whether there is time for work that may take as long as this.
func TimeFor(ctx context.Context, work time.Duration) bool {
	deadline, has := ctx.Deadline()
	return ctx.Err() == nil && (!has || time.Until(deadline) >= work+timeMargin)
}
