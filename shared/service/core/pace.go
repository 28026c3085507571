package core

import (
	"context"
	"time"

	"profiles/shared/flow"
	"profiles/shared/store"
)

// Steps of one thing that takes many of them. A step removes about 25 rows of
// one partition, for two write units each. At this pace it takes half of the
// 1,000 units a second that DynamoDB gives a partition, and a thing takes ten
// seconds of a run, even if it has a hundred thousand rows.
const (
	stepEvery = 100 * time.Millisecond
	maxSteps  = 100
)

// Stepped returns SweepWork that deals with a thing in bounded steps, one after
// the other at a limited pace. After maxSteps, the thing waits for the next
// run. do takes one step, and returns whether there is more to do. It must be
// safe to repeat, as a run may be killed between two steps.
func Stepped(
	kind store.DueKind,
	do func(ctx context.Context, due store.DueEntry) (done int, more bool, err error),
) SweepWork {
	p := pace{steps: map[string]int{}, rests: map[string]*time.Timer{}}
	return One(kind, func(ctx context.Context, due store.DueEntry) (int, bool, error) {
		if !p.begin(ctx, due.ID) {
			return 0, false, ErrTimeUp
		}
		done, more, err := do(ctx, due)
		return done, more && p.end(due.ID), err
	})
}

// pace limits the steps of one run.
type pace struct {
	steps map[string]int
	rests map[string]*time.Timer
}

// begin waits until the next step of a thing may begin. It reports whether
// there is still time for it.
func (p *pace) begin(ctx context.Context, id string) bool {
	if rest := p.rests[id]; rest != nil {
		select {
		case <-rest.C:
		case <-ctx.Done():
		}
	}
	p.rests[id] = time.NewTimer(stepEvery)
	return !flow.TimeUp(ctx)
}

// end counts a step, and reports whether the run may take another one.
func (p *pace) end(id string) bool {
	p.steps[id]++
	return p.steps[id] < maxSteps
}
