package main

import (
	"context"
	"sync"
	"time"
)

const (
	// grace is how long what is under way may take to end by itself once the
	// stack is to stop.
	grace = 5 * time.Second
	// givenUp is how long it may take to notice that nobody waits for it any
	// more.
	givenUp = 2 * time.Second
)

// life is how long the parts of the stack that run by themselves go on.
type life struct {
	work    context.Context // nothing begins, and nothing is tried again, after it
	whole   context.Context // what has begun is given up with it; it ends after work
	stop    context.CancelFunc
	abort   context.CancelFunc
	running *sync.WaitGroup
}

func newLife() life {
	l := life{running: &sync.WaitGroup{}}
	l.whole, l.abort = context.WithCancel(context.Background())
	l.work, l.stop = context.WithCancel(l.whole)
	return l
}

// end begins no more work and waits for the work that has begun. When ctx ends,
// it cancels that work. Work that ignores this is left behind.
func (l *life) end(ctx context.Context) {
	l.stop()
	done := make(chan struct{})
	go func() {
		l.running.Wait()
		close(done)
	}()
	select {
	case <-done:
	case <-ctx.Done():
	}
	l.abort()
	select {
	case <-done:
	case <-time.After(givenUp):
	}
}

// wait returns after d, or when ctx ends.
func wait(ctx context.Context, d time.Duration) {
	select {
	case <-ctx.Done():
	case <-time.After(d):
	}
}
