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

// watch reports a child that ends by itself.
func (s *stack) watch(done <-chan struct{}, why func() error) {
	go func() {
		<-done
		s.fail(why())
	}()
}

// fail records why the stack cannot go on. The first reason counts.
func (s *stack) fail(err error) {
	select {
	case s.failed <- err:
	default:
	}
}

// why returns the end of a child, if one has ended, as the cause of err.
func (s *stack) why(err error) error {
	select {
	case ended := <-s.failed:
		return ended
	default:
		return err
	}
}

// during calls do with a context that ends with ctx or with a part of the
// stack, and returns what that part said.
func (s *stack) during(ctx context.Context, do func(context.Context) error) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	done := make(chan error, 1)
	go func() { done <- do(ctx) }()
	select {
	case err := <-done:
		if err != nil {
			err = s.why(err)
		}
		return err
	case ended := <-s.failed:
		cancel()
		<-done
		return ended
	}
}
