package subscriptions

import (
	"context"
	"errors"

	"profiles/shared/billing"
	"profiles/shared/flow"
	"profiles/shared/problem"
)

// fate is what became of a claim.
type fate int

const (
	counted fate = iota
	never        // it is not counted, and never will be
	open         // it may yet be counted
)

// fate tells what became of a claim that was read, as of the usage that was
// read with it.
func (r *report) fate(ctx context.Context, c billing.Claim) (fate, error) {
	if c.Receipt == r.claim.Receipt {
		return never, nil // unless this report counts it
	}
	if r.usage.Receipts.Has(c.Receipt) {
		return counted, nil
	}
	kept, err := r.Store.Counted(ctx, r.id, c)
	switch {
	case err != nil || kept:
		return counted, err
	case r.usage.Receipts.Decided(c):
		return never, nil
	}
	return open, nil
}

// patience is how often a report waits for one that has claimed the same lines.
const patience = 3

// await fails with problem.ErrConflict while one of the claims is open. After a
// while it makes sure that none is any more: whoever has claimed the lines may
// have ended half-way.
func (r *report) await(ctx context.Context, fates map[billing.Claim]fate) error {
	var last billing.Claim // of those that it has waited for
	waits := false
	for c, f := range fates {
		if f != open {
			continue
		}
		waits = true
		r.waited[c.Receipt]++
		if r.waited[c.Receipt] > patience && c.Until > last.Until {
			last = c
		}
	}
	if !waits {
		return nil
	}
	if now := r.Instant(); last.Receipt != "" && !now.Before(r.usage.Suspended) {
		if _, err := r.Store.Close(ctx, r.id, r.usage, last, now); err != nil {
			return err
		}
	}
	return problem.ErrConflict
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
		_, err := r.Store.Close(ctx, r.id, r.usage, sent, r.Instant())
		return false, errors.Join(problem.ErrConflict, err)
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
