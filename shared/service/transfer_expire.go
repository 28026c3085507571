package service

import (
	"context"
	"time"

	"profiles/shared/mailing"
	"profiles/shared/store"
	"profiles/shared/tenancy"
)

// Expire reminds whoever owes something, tries again to complete what only
// waits for a prerequisite or a hold, and ends transfers whose time is over.
// Transfers end by the clock, not by this. It goes as far as the time of ctx
// allows, may run twice at once, and returns how many transfers it dealt with.
func (s Transfers) Expire(ctx context.Context) (int, error) {
	now := s.now()
	return sweep(
		ctx,
		s.Config,
		one(store.DueTransfer, func(ctx context.Context, due store.DueEntry) (int, bool, error) {
			acted, err := s.expire(ctx, store.Origin{}, tenancy.TransferID(due.ID), now)
			return oneIf(acted), false, err
		}),
	)
}

// expire does what is due about one transfer, and reports whether something
// was.
func (s Transfers) expire(
	ctx context.Context,
	from store.Origin,
	id tenancy.TransferID,
	now time.Time,
) (bool, error) {
	batch := s.Store.Batch()
	found := batch.Transfer(id)
	if err := batch.Get(ctx); err != nil {
		return false, err
	}
	t := found.Value
	if !found.OK || t.State != tenancy.TransferRequested {
		return false, nil
	}
	given, err := s.load(ctx, t, true)
	if err != nil {
		return false, err
	}
	if t = given.Transfer; now.Before(t.Due()) && given.Void() == "" {
		return false, nil
	}
	tx := s.Store.Begin()
	end := func(ended tenancy.Transfer, message string) {
		given.Transfer = ended
		s.end(tx, given, now)
		tx.Audit(changing(s.bySchedule(ended, message, now), becomes(t, ended)))
	}
	if expired, err := t.Expire(now); err == nil {
		end(expired, "Transfer expired")
	} else if why := given.Void(); why != "" {
		failed, _ := t.Fail(why, now)
		end(failed, "Transfer failed")
	} else if reminded, ok := t.Remind(now); ok {
		given.Transfer = s.remind(tx, given, reminded, now)
		tx.UpdateTransfer(given.Transfer)
	} else {
		// What is not ready was tried for a reason that is over.
		given.Transfer.Retry = time.Time{}
		t = s.settle(tx, given, verb{}, now)
	}
	err = s.afterCommit(ctx, t, now, tx.CommitAside(ctx, from))
	return err == nil, err
}

// remind writes to whoever owes something, with new codes beside the old ones.
func (s Transfers) remind(
	tx *store.Tx,
	given tenancy.TransferContext,
	t tenancy.Transfer,
	now time.Time,
) tenancy.Transfer {
	checks := given.Checks(now)
	given.Transfer = t
	missing := func(side tenancy.Party) string { return mailing.Missing(checks.Of(side)) }
	for _, party := range t.WaitingOn(checks, now) {
		switch {
		case party == tenancy.PartySupport:
			s.send(tx, mailing.SupportDesk, "", mailing.TransferRemindDesk{
				Ticket:  t.ID,
				Profile: t.ProfileName,
				Missing: mailing.MissingOrNothing(checks),
				Expires: t.Expires,
			}, now)
		case t.Reverts != "":
			// The mail that asked for it has the link, which needs no code.
		case party == tenancy.PartySource && t.Confirmed.IsZero():
			key := s.NewKey()
			t.ConfirmCodes = append(
				t.ConfirmCodes[:len(t.ConfirmCodes):len(t.ConfirmCodes)],
				key.Hash(),
			)
			again := mailing.TransferRemindOwner(requested(given, key.Code()))
			s.sendTo(tx, given.Source, again, now)
		case party == tenancy.PartySource:
			left := missing(party)
			if t.Question {
				left = mailing.Unanswered(left)
			}
			s.sendTo(tx, given.Source, waiting(t, given.Source.Name, left), now)
		case t.Accepted.IsZero():
			key := s.NewKey()
			t.AnswerCodes = append(
				t.AnswerCodes[:len(t.AnswerCodes):len(t.AnswerCodes)],
				key.Hash(),
			)
			s.send(tx, t.Email, given.Destination.Timezone, mailing.TransferRemindReceiver{
				Owner:   given.Source.Name,
				Address: given.Source.Email,
				Profile: t.ProfileName,
				Ticket:  t.ID,
				Code:    key.Code(),
				Expires: t.Expires,
			}, now)
		default:
			left := waiting(t, given.Destination.Name, missing(party))
			s.sendTo(tx, given.Destination, left, now)
		}
	}
	return t
}
