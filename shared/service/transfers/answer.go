package transfers

import (
	"context"
	"time"

	"profiles/shared/access"
	"profiles/shared/flow"
	"profiles/shared/problem"
	"profiles/shared/secret"
	"profiles/shared/store"
	"profiles/shared/tenancy"
	"profiles/shared/transfer"
)

// Confirm is the owner's second word, with the code from the mail and a fresh
// proof. When it is the last that was missing, the profile moves with it.
// Errors: those of every request with a token; CodeForbidden without full
// permission; CodeNotFound for a ticket that is none; CodeInvalid without a
// password and for a code that is not the caller's; ErrInvalidPassword;
// CodeTooMany; CodeConflict for a transfer that has ended.
func (s Service) Confirm(
	ctx context.Context,
	c access.Client,
	id transfer.ID,
	code string,
	given access.Credentials,
) (transfer.Transfer, error) {
	return s.answer(ctx, c, id, given, "confirming a transfer", verb{
		audit: "Transfer confirmed",
		do: func(
			given transfer.Context, by tenancy.Account, now time.Time,
		) (transfer.Transfer, error) {
			return given.Transfer.Confirm(by, hashOf(code), now)
		},
	})
}

// Accept agrees to receive the profile, on terms that the receiving side
// chooses: see transfer.Acceptance. Until the transfer has completed it may
// accept anew, on other terms. Errors: as Confirm; CodeInvalid naming the
// choice that is wrong.
func (s Service) Accept(
	ctx context.Context,
	c access.Client,
	id transfer.ID,
	code string,
	given access.Credentials,
	a transfer.Acceptance,
) (transfer.Transfer, error) {
	return s.answer(ctx, c, id, given, "accepting a transfer", verb{
		audit:   "Transfer accepted",
		answers: true,
		do: func(
			given transfer.Context, by tenancy.Account, now time.Time,
		) (transfer.Transfer, error) {
			return given.Transfer.Accept(
				by,
				hashOf(code),
				a,
				given.Profile,
				given.Usage,
				given.Team,
				now,
			)
		},
		told: "The receiving side has accepted the transfer %s of the profile %s.",
	})
}

// Decline ends the transfer for the receiving side. Errors: as Confirm.
func (s Service) Decline(
	ctx context.Context,
	c access.Client,
	id transfer.ID,
	code string,
	given access.Credentials,
) (transfer.Transfer, error) {
	return s.answer(ctx, c, id, given, "declining a transfer", verb{
		audit: "Transfer declined",
		do: func(
			given transfer.Context, by tenancy.Account, now time.Time,
		) (transfer.Transfer, error) {
			return given.Transfer.Decline(by, hashOf(code), now)
		},
	})
}

// hashOf is what the table has of a code, nothing for a text that is none.
func hashOf(code string) []byte {
	key, ok := secret.Parse(code)
	if !ok {
		return nil
	}
	return key.Hash()
}

// answer runs a verb of one of the sides, who gives a fresh proof.
func (s Service) answer(
	ctx context.Context,
	c access.Client,
	id transfer.ID,
	given access.Credentials,
	action string,
	v verb,
) (transfer.Transfer, error) {
	proven := s.Access.Reauthenticate(c, given)
	return access.RetryAttempt(ctx, proven, func() (transfer.Transfer, error) {
		who, t, err := authorizeTransfer(ctx, s.Access, c, id, proven.Reads)
		if err != nil {
			return t, err
		}
		// The account that got an offer may see how it ended.
		offered := t.Destination == "" && who.Account.Email == t.Email
		if t.PartyOf(who.Account) == "" && !offered {
			return t, problem.NotFound("Transfer")
		}
		if err := proven.Require(action); err != nil {
			return t, err
		}
		return s.act(ctx, c, who, t, proven, v)
	})
}

// Cancel ends the open transfer of one of the caller's own profiles. Errors:
// those of every request to a profile; CodeForbidden for members, and for a
// transfer that takes another one back; CodeNotFound when there is no open
// transfer.
func (s Service) Cancel(
	ctx context.Context,
	c access.Client,
	ref access.ProfileRef,
) (transfer.Transfer, error) {
	return flow.RetryOnConflict(ctx, func() (transfer.Transfer, error) {
		r, open, err := s.openTransfer(ctx, c, ref)
		if err != nil {
			return transfer.Transfer{}, err
		}
		batch := s.Store.Batch()
		t := &store.Found[transfer.Transfer]{}
		if open.OK {
			t = batch.Transfer(open.Value)
		}
		account := batch.Account(r.Token.Account)
		if err := batch.Get(ctx); err != nil {
			return transfer.Transfer{}, err
		}
		if !t.OK || !t.Value.Open(s.Instant()) {
			return transfer.Transfer{}, problem.NotFound("Transfer")
		}
		who := access.Caller{Token: r.Token, Account: account.Value}
		return s.act(ctx, c, who, t.Value, nil, verb{
			audit: "Transfer canceled",
			do: func(
				given transfer.Context, _ tenancy.Account, now time.Time,
			) (transfer.Transfer, error) {
				return given.Transfer.Cancel(now)
			},
		})
	})
}
