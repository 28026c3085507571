package subscriptions

import (
	"context"
	"errors"
	"slices"

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

// fates tells what became of claims that were read, as of the usage that was
// read with them. A zero claim is that of an answer that stands.
func (r *report) fates(
	ctx context.Context, claims []billing.Claim,
) (map[billing.Claim]fate, error) {
	fates := map[billing.Claim]fate{}
	for _, c := range claims {
		switch {
		case c.Receipt == "", r.usage.Receipts.Has(c.Receipt):
			fates[c] = counted
		case c.Receipt == r.claim.Receipt:
			fates[c] = never // unless this report counts it
		case r.usage.Receipts.Decided(c):
			fates[c] = never // unless its receipt is kept
		default:
			fates[c] = open
		}
	}
	var sought []billing.Claim
	for c, f := range fates {
		if f != counted && c.Receipt != r.claim.Receipt {
			sought = append(sought, c)
		}
	}
	for some := range slices.Chunk(sought, answersAtOnce) {
		kept := make([]bool, len(some))
		var reads []func(context.Context) error
		for i, c := range some {
			reads = append(reads, func(ctx context.Context) (err error) {
				kept[i], err = r.Store.Counted(ctx, r.id, c)
				return err
			})
		}
		if err := flow.Parallel(ctx, reads...); err != nil {
			return nil, err
		}
		for i, c := range some {
			if kept[i] {
				fates[c] = counted
			}
		}
	}
	return fates, nil
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
	found, err := flow.RetryOnConflict(ctx, func() (bool, error) {
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
	case !found:
		return problem.ErrConflict
	}
	return nil
}
