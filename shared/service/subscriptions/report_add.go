package subscriptions

import (
	"context"
	"crypto/rand"
	"errors"
	random "math/rand/v2"
	"slices"
	"time"

	"profiles/shared/billing"
	"profiles/shared/flow"
	"profiles/shared/problem"
	"profiles/shared/store"
)

// add counts lines that only add: it claims them, and adds them under the
// receipt of the claim. Lines that are blocked are answered after that, because
// they are blocked only if the others are counted.
func (r *report) add(
	ctx context.Context, lines []billing.UsageLine, t billing.UsageUpdate, now time.Time,
) error {
	var adds, blocked answered
	for i, a := range t.Answers {
		if a.Admitted {
			adds.append(lines[i], a)
		} else {
			blocked.append(lines[i], a)
		}
	}
	if !r.usage.Receipts.Open(r.claim) || r.claimedBesides(adds.lines) {
		receipt := make([]byte, billing.ReceiptSize)
		rand.Read(receipt)
		r.claim = r.usage.Receipts.Claim(billing.Receipt(receipt))
	}
	for i := range adds.answers {
		adds.answers[i].Claim = r.claim
	}
	turn := r.usage.Receipts.TurnDue(random.Uint64())
	if err := flow.Parallel(ctx, func(ctx context.Context) error {
		return r.answer(ctx, adds, now)
	}, func(ctx context.Context) error {
		if !turn {
			return nil
		}
		next := r.usage.Receipts.Generation + 1
		err := r.Store.KeepReceipts(ctx, r.id, r.usage.Receipts, next, now)
		if err != nil && len(r.usage.Receipts.Present) < receiptsMost {
			turn, err = false, nil // a later report will
		}
		return err
	}); err != nil {
		return err
	}
	usage, err := r.Store.AddUse(ctx, r.profile, t, r.claim, turn)
	switch {
	case err == nil:
		r.usage, r.late = usage, false
	case errors.Is(err, store.ErrBusy):
		return err
	case errors.Is(err, problem.ErrConflict):
		if usage.Version == 0 {
			return err
		}
		r.usage, r.late = usage, false
		return errAgain
	default:
		if err := r.settle(ctx, err); err != nil {
			return err
		}
	}
	r.claim = billing.Claim{}
	return r.answer(ctx, blocked, now)
}

// receiptsMost is how many receipts a usage may have in a generation while they
// cannot be kept elsewhere. It has a few kilobytes then.
const receiptsMost = 200

// claimedBesides reports whether the claim of the report has lines besides
// these. They would be taken for counted together with these.
func (r *report) claimedBesides(lines []billing.UsageLine) bool {
	among := map[string]bool{}
	for _, line := range lines {
		among[line.Event] = true
	}
	for event, a := range r.claimed {
		if a.Claim == r.claim && !among[event] {
			return true
		}
	}
	return false
}

// answered are lines with their answers.
type answered struct {
	lines   []billing.UsageLine
	answers []billing.UsageAnswer
}

func (a *answered) append(line billing.UsageLine, answer billing.UsageAnswer) {
	a.lines, a.answers = append(a.lines, line), append(a.answers, answer)
}

// answersAtOnce is how many answers are stored, or claims looked up, at the
// same time.
const answersAtOnce = 25

// answer stores answers that change no use, and claims, each by itself: they do
// not depend on each other.
func (r *report) answer(ctx context.Context, to answered, now time.Time) error {
	var writes []func(context.Context) error
	for i, a := range to.answers {
		was := r.claimed[a.Event]
		if stillSaid(was, a) {
			continue
		}
		writes = append(writes, func(ctx context.Context) error {
			return r.Store.Answer(ctx, r.id, to.lines[i], a, was.Claim.Receipt, now)
		})
	}
	for some := range slices.Chunk(writes, answersAtOnce) {
		if err := flow.Parallel(ctx, some...); err != nil {
			return err
		}
	}
	for _, a := range to.answers {
		if a.Claim.Receipt == "" {
			r.known[a.Event] = a
			delete(r.claimed, a.Event)
		} else if was := r.claimed[a.Event]; stillSaid(was, a) {
			a = was
		} else {
			r.claimed[a.Event] = a
		}
		a.Claim = billing.Claim{}
		r.answers[a.Event] = a
	}
	return nil
}

// stillSaid reports whether the answer that a line was claimed with is that to
// it now. What is used may have changed meanwhile, as it does after any answer.
func stillSaid(claimed, now billing.UsageAnswer) bool {
	claimed.Used = now.Used
	return claimed.Claim.Receipt != "" && claimed == now
}
