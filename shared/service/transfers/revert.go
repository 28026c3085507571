package transfers

import (
	"context"
	"time"

	"profiles/shared/access"
	"profiles/shared/problem"
	"profiles/shared/service/core"
	"profiles/shared/store"
	"profiles/shared/tenancy"
	"profiles/shared/transfer"
)

// Revert asks for a completed transfer back, or agrees to that: when both sides
// have, the profile returns with what it had before. The answer is the transfer
// that brings it back. Errors: those of every request with a token;
// CodeForbidden without full permission, and for a transfer that cannot be
// taken back, or not any more; CodeNotFound for strangers; CodeInvalid without
// a password; ErrInvalidPassword; CodeTooMany; CodeConflict when the profile
// has another open transfer.
func (s Service) Revert(
	ctx context.Context,
	c access.Client,
	id transfer.ID,
	given access.Credentials,
) (transfer.Transfer, error) {
	proven := s.Access.Reauthenticate(c, given)
	return access.RetryAttempt(ctx, proven, func() (transfer.Transfer, error) {
		who, original, err := authorizeTransfer(ctx, s.Access, c, id, proven.Reads)
		if err != nil {
			return original, err
		}
		party := original.PartyOf(who.Account)
		if party == "" {
			return original, problem.NotFound("Transfer")
		}
		if err := proven.Require("taking a transfer back"); err != nil {
			return original, err
		}
		// The receiving side of the original is the one that gives back.
		by := transfer.PartySource
		if party == transfer.PartySource {
			by = transfer.PartyDestination
		}
		return s.revert(ctx, c, who, original, by, proven, verb{
			audit: "Return of the profile agreed to",
			do: func(
				given transfer.Context, by tenancy.Account, now time.Time,
			) (transfer.Transfer, error) {
				return given.Transfer.AgreeToRevert(by, now)
			},
			told: "One side agrees to take back the transfer: %s, of the profile %s.",
		})
	})
}

// revert runs a verb on the transfer that takes original back, which it opens
// unless there is one.
func (s Service) revert(
	ctx context.Context,
	c access.Client,
	who access.Caller,
	original transfer.Transfer,
	by transfer.Party,
	proven *access.Reauthentication,
	v verb,
) (transfer.Transfer, error) {
	now := s.Instant()
	batch := s.Store.Batch()
	former := batch.Account(original.Source)
	open := batch.OpenTransfer(original.Profile)
	profile := batch.Profile(original.Profile)
	if err := batch.Get(ctx); err != nil {
		return original, err
	}
	if open.OK {
		batch = s.Store.Batch()
		t := batch.Transfer(open.Value)
		if err := batch.Get(ctx); err != nil {
			return original, err
		}
		if t.Value.Reverts != original.ID || !t.Value.Open(now) {
			return original, s.occupied(ctx, c, open.Value, now)
		}
		return s.act(ctx, c, who, t.Value, proven, v)
	}
	if original.State == transfer.Completed && profile.Value.Owner == original.Source {
		return s.returned(ctx, original)
	}
	t, err := original.Revert(by, former.Value, transfer.NewID(s.NewID(now)), now)
	if err != nil {
		return original, err
	}
	v.opens = true
	return s.act(ctx, c, who, t, proven, v)
}

// maxReturned bounds the search for a transfer that took another one back: the
// lock lets an account have few in the time of one.
const maxReturned = 20

// returned finds the transfer that took original back already.
func (s Service) returned(
	ctx context.Context,
	original transfer.Transfer,
) (transfer.Transfer, error) {
	newest := store.Walk{NewestFirst: true, PageSize: maxReturned}
	rows, err := core.First(s.Store.TransfersOf(ctx, original.Source, newest), maxReturned)
	if err != nil {
		return original, err
	}
	transfers, err := Read(ctx, s.Store, tickets(rows))
	for _, t := range transfers {
		if t.Reverts == original.ID && t.State == transfer.Completed {
			return t, nil
		}
	}
	if err == nil {
		err = problem.Conflict("The profile of the transfer %s is with its previous owner already", original.ID).
			For(problem.ReasonTransferOver)
	}
	return original, err
}
