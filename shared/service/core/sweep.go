package core

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"slices"
	"sync"
	"sync/atomic"

	"profiles/shared/flow"
	"profiles/shared/problem"
	"profiles/shared/store"
)

// SweepWork is what a scheduled operation does about things of one kind that
// are due.
type SweepWork struct {
	Kind store.DueKind
	// Batch is the most things that one call of Do deals with; 0: one.
	Batch int
	// Do deals with things that are due, returns how much of that it did, and
	// whether there is more to do about them now. It decides by the things
	// themselves, since the index lags behind and another run may be faster.
	Do func(ctx context.Context, due []store.DueEntry) (done int, more bool, err error)
	// Waiting, when not nil, is told of all things of the kind before anything
	// is done, also of those that are not due yet. That takes no more requests,
	// until the others fill pages of the index.
	Waiting func(ctx context.Context, all []store.DueEntry)
	// Beside is how many calls of Do may run at the same time; 0: one. More is
	// for things that do not depend on each other and wait for something else
	// than the table.
	Beside int
}

// One returns SweepWork that deals with each thing alone, in one commit: if
// that fails, nothing is done.
func One(
	kind store.DueKind,
	do func(ctx context.Context, due store.DueEntry) (done int, more bool, err error),
) SweepWork {
	return SweepWork{
		Kind: kind,
		Do: func(ctx context.Context, due []store.DueEntry) (int, bool, error) {
			done, more, err := do(ctx, due[0])
			if err != nil {
				return 0, false, err
			}
			return done, more, nil
		},
	}
}

// OneIf returns 1 if a thing was done, for the count of a run, and 0 otherwise.
func OneIf(done bool) int {
	if done {
		return 1
	}
	return 0
}

// ErrTimeUp ends the work on a thing in the middle; the next run goes on.
var ErrTimeUp = errors.New("the time is up")

// onlyTimeUp reports whether nothing failed but that the time was up, in any of
// the parts that err is joined from.
func onlyTimeUp(err error) bool {
	if joined, ok := err.(interface{ Unwrap() []error }); ok {
		return !slices.ContainsFunc(
			joined.Unwrap(),
			func(part error) bool { return !onlyTimeUp(part) },
		)
	}
	return err == ErrTimeUp
}

const (
	// sweepRounds is how often a run decides anew about a thing that somebody
	// else changes at the same moment.
	sweepRounds = 4
	// maxReportedFailures bounds the errors in the text of a run's error; the
	// log has all of them.
	maxReportedFailures = 10
)

// Sweep does what is due, as far as the time of ctx allows: the index keeps the
// rest for the next run. It may run twice at once. A thing that fails, and be
// it with a panic, is tried alone and keeps no other one waiting, and neither
// does one that has more to do than one step. It returns how much was done; the
// error tells of what failed, also of things that could not be decided because
// others kept changing them.
func Sweep(ctx context.Context, on Config, works ...SweepWork) (int, error) {
	r := &sweepRun{Config: on}
	for _, w := range works {
		r.sweep(ctx, w)
	}
	return r.done, r.err()
}

// sweepRun is one run of a scheduled operation.
type sweepRun struct {
	Config
	mu     sync.Mutex // of what follows, which all calls of Do add to
	done   int
	failed []error
	later  [][]store.DueEntry // what has more to do
}

func (r *sweepRun) sweep(ctx context.Context, w SweepWork) {
	r.later = nil
	entries := r.Store.Due(ctx, w.Kind, r.Instant())
	if w.Waiting != nil {
		entries = r.waiting(ctx, w)
	}
	inTime := r.attendAll(ctx, w, r.pages(w, entries))
	for inTime && len(r.later) > 0 {
		things := slices.Values(r.later)
		r.later = nil
		inTime = r.attendAll(ctx, w, things)
	}
}

// pages puts entries together as one call of Do takes them.
func (r *sweepRun) pages(
	w SweepWork, entries iter.Seq2[store.DueEntry, error],
) iter.Seq[[]store.DueEntry] {
	return func(yield func([]store.DueEntry) bool) {
		var page []store.DueEntry
		for entry, err := range entries {
			if err != nil {
				r.note(fmt.Errorf("%s: %w", w.Kind, err))
				break
			}
			if page = append(page, entry); len(page) < w.Batch {
				continue
			}
			if !yield(page) {
				return
			}
			page = nil
		}
		if len(page) > 0 {
			yield(page)
		}
	}
}

// attendAll attends to things, w.Beside at the same time. It returns false when
// the time is up.
func (r *sweepRun) attendAll(
	ctx context.Context, w SweepWork, things iter.Seq[[]store.DueEntry],
) bool {
	if w.Beside <= 1 {
		for due := range things {
			if !r.attend(ctx, w, due) {
				return false
			}
		}
		return true
	}
	var running sync.WaitGroup
	var late atomic.Bool
	free := make(chan struct{}, w.Beside)
	for due := range things {
		free <- struct{}{}
		if late.Load() {
			break
		}
		running.Go(func() {
			defer func() { <-free }()
			if !r.attend(ctx, w, due) {
				late.Store(true)
			}
		})
	}
	running.Wait()
	return !late.Load()
}

// note adds an error to those of the run.
func (r *sweepRun) note(err error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.failed = append(r.failed, err)
}

// waiting tells of all things of the kind, and returns those that are due.
func (r *sweepRun) waiting(ctx context.Context, w SweepWork) iter.Seq2[store.DueEntry, error] {
	now := r.Instant()
	var all []store.DueEntry
	var failed error
	for entry, err := range r.Store.Due(ctx, w.Kind, store.Never) {
		if failed = err; err != nil {
			break
		}
		all = append(all, entry)
	}
	w.Waiting(ctx, all)
	return func(yield func(store.DueEntry, error) bool) {
		for _, entry := range all {
			if !entry.At.After(now) && !yield(entry, nil) {
				return
			}
		}
		if failed != nil {
			yield(store.DueEntry{}, failed)
		}
	}
}

// attend deals with things once. It returns false when the time is up.
func (r *sweepRun) attend(ctx context.Context, w SweepWork, due []store.DueEntry) bool {
	if flow.TimeUp(ctx) {
		return false
	}
	more, err := r.try(ctx, w, due)
	switch {
	case err == nil && more:
		r.mu.Lock()
		r.later = append(r.later, due)
		r.mu.Unlock()
	case err == nil:
	case onlyTimeUp(err) || errors.Is(err, problem.ErrConflict) && flow.TimeUp(ctx):
		return false
	case errors.Is(err, ErrTimeUp):
		// Part of what belongs to the thing failed before.
		r.fail(ctx, w.Kind, due[0], err)
		return false
	case len(due) > 1:
		for i := range due {
			if !r.attend(ctx, w, due[i:i+1]) {
				return false
			}
		}
	default:
		r.fail(ctx, w.Kind, due[0], err)
	}
	return true
}

func (r *sweepRun) fail(ctx context.Context, kind store.DueKind, due store.DueEntry, err error) {
	r.Log.ErrorContext(
		ctx,
		"a thing that is due failed, and stays due",
		"kind",
		string(kind),
		"id",
		due.ID,
		"error",
		err.Error(),
	)
	r.note(fmt.Errorf("%s %s: %w", kind, due.ID, err))
}

// try deals with things once, and decides anew when somebody else changed what
// it had read.
func (r *sweepRun) try(
	ctx context.Context,
	w SweepWork,
	due []store.DueEntry,
) (more bool, err error) {
	defer flow.Recovered(&err)
	for round := 1; ; round++ {
		done, more, err := w.Do(ctx, due)
		r.mu.Lock()
		r.done += done
		r.mu.Unlock()
		if problem.CodeOf(err) == problem.CodeConflict && !errors.Is(err, problem.ErrConflict) {
			err = errors.Join(problem.ErrConflict, err)
		}
		if !errors.Is(err, problem.ErrConflict) || len(due) > 1 || round == sweepRounds ||
			flow.TimeUp(ctx) {
			return more, err
		}
	}
}

// err is nil when nothing failed.
func (r *sweepRun) err() error {
	told := r.failed
	if n := len(told); n > maxReportedFailures {
		told = append(
			told[:maxReportedFailures:maxReportedFailures],
			fmt.Errorf("and %d more", n-maxReportedFailures),
		)
	}
	return errors.Join(told...)
}
