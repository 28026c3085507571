package subscriptions

import (
	"context"
	"crypto/rand"
	"errors"
	random "math/rand/v2"
	"time"

	"profiles/shared/billing"
	"profiles/shared/flow"
	"profiles/shared/problem"
	"profiles/shared/store"
)

// add counts lines that only add: it claims them, and adds them under the
// receipt of the claim.
func (r *report) add(
	ctx context.Context, lines []billing.UsageLine, t billing.UsageUpdate, now time.Time,
) error {
	if r.claim.Receipt == "" || !r.usage.Receipts.Open(r.claim) {
		receipt := make([]byte, billing.ReceiptSize)
		rand.Read(receipt)
		r.claim = r.usage.Receipts.Claim(billing.Receipt(receipt))
	}
	for i, a := range t.Answers {
		if a.Admitted {
			t.Answers[i].Claim = r.claim
		}
	}
	turn := r.usage.Receipts.TurnDue(random.Uint64())
	if err := flow.Parallel(ctx, func(ctx context.Context) error {
		return r.answer(ctx, lines, t.Answers, now)
	}, func(ctx context.Context) error {
		if !turn {
			return nil
		}
		next := r.usage.Receipts.Generation + 1
		return r.Store.KeepReceipts(ctx, r.id, r.usage.Receipts, next, now)
	}); err != nil {
		return err
	}
	usage, err := r.Store.AddUse(ctx, r.profile, t, r.claim.Receipt, turn)
	switch {
	case err == nil:
		r.usage, r.late = usage, false
		return nil
	case errors.Is(err, store.ErrBusy):
		return err
	case errors.Is(err, problem.ErrConflict):
		if usage.Version == 0 {
			return err
		}
		r.usage, r.late = usage, false
		return errAgain
	}
	return r.settle(ctx, err)
}

// settle finds out whether the receipt of the claim was counted, after a write
// whose answer was the error cause. If it was not, it makes sure that this
// write never does, and fails with problem.ErrConflict.
func (r *report) settle(ctx context.Context, cause error) error {
	sent := r.claim
	sent.Until = r.usage.Receipts.Generation
	counted, err := flow.RetryOnConflict(ctx, func() (bool, error) {
		if err := r.again(ctx, false); err != nil {
			return false, err
		}
		if r.usage.Receipts.Has(sent.Receipt) {
			return true, nil
		}
		if r.usage.Receipts.Decided(sent) {
			return r.Store.Counted(ctx, r.id, sent)
		}
		closing := r.usage.Receipts.Closing(sent)
		err := r.Store.TurnReceipts(ctx, r.id, r.usage, closing, r.Instant())
		if err == nil {
			err = problem.ErrConflict
		}
		return false, err
	})
	switch {
	case err != nil:
		r.claim = billing.Claim{} // to be decided as that of anybody else
		return errors.Join(cause, err)
	case !counted:
		return problem.ErrConflict
	}
	return nil
}

// answersAtOnce is how many answers are stored at the same time.
const answersAtOnce = 25

// answer stores answers that change no use, and claims, each by itself: they do
// not depend on each other.
func (r *report) answer(
	ctx context.Context,
	lines []billing.UsageLine,
	answers []billing.UsageAnswer,
	now time.Time,
) error {
	for first := 0; first < len(lines); first += answersAtOnce {
		var writes []func(context.Context) error
		for i := first; i < min(first+answersAtOnce, len(lines)); i++ {
			was, a := r.claimed[lines[i].Event], answers[i]
			if stillSaid(was, a) {
				continue
			}
			writes = append(writes, func(ctx context.Context) error {
				return r.Store.Answer(ctx, r.id, lines[i], a, was.Claim.Receipt, now)
			})
		}
		if err := flow.Parallel(ctx, writes...); err != nil {
			return err
		}
	}
	for _, a := range answers {
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
