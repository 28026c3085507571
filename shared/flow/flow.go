// Package flow runs work: again after a conflict, in parallel, and within the
// time that is left.
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

// conflictAttempts is how often RetryOnConflict runs an operation.
const conflictAttempts = 12

// RetryOnConflict runs do until its error is not problem.ErrConflict. do must
// read and decide again each time, because what it read has changed. After
// conflictAttempts, or when the time of ctx is nearly over, RetryOnConflict
// returns the conflict.
func RetryOnConflict[T any](ctx context.Context, do func() (T, error)) (T, error) {
	for n := 1; ; n++ {
		result, err := do()
		if !errors.Is(err, problem.ErrConflict) || n == conflictAttempts || TimeUp(ctx) {
			return result, err
		}
		if Pause(ctx, time.Duration(n)*10*time.Millisecond) != nil {
			return result, err
		}
	}
}

// Pause waits for a random time of up to most; otherwise callers that met once
// would meet again after it. It ends early with the context, whose error it
// returns.
func Pause(ctx context.Context, most time.Duration) error { return Wait(ctx, rand.N(most)) }

// Wait waits for a time. It ends early with the context, whose error it
// returns.
func Wait(ctx context.Context, d time.Duration) error {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// Recovered, when it is deferred, makes an error of a panic, which is to fail
// one thing only.
func Recovered(err *error) {
	if p := recover(); p != nil {
		*err = fmt.Errorf("panic: %v\n%s", p, debug.Stack())
	}
}

// Parallel runs reads, or writes, that do not depend on each other. It returns
// the first error when all have ended. It passes a panic on to the caller; in
// its own goroutine the panic would end the process, and other requests with
// it.
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

// timeMargin is the time that must be left before the deadline of ctx.
const timeMargin = 3 * time.Second

// TimeUp reports whether less than timeMargin is left. A sweep then leaves the
// rest to its next run, and a request does not try again.
func TimeUp(ctx context.Context) bool { return !TimeFor(ctx, 0) }

// TimeFor reports whether there is time for work that may take that long.
func TimeFor(ctx context.Context, work time.Duration) bool {
	deadline, has := ctx.Deadline()
	return ctx.Err() == nil && (!has || time.Until(deadline) >= work+timeMargin)
}
