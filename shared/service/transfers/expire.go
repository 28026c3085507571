package transfers

import (
	"context"
	"errors"
	"slices"
	"time"

	"profiles/shared/flow"
	"profiles/shared/mailing"
	"profiles/shared/metric"
	"profiles/shared/service/core"
	"profiles/shared/store"
	"profiles/shared/transfer"
)

// Expire reminds the parties that must act, tries again to complete transfers
// that only wait for a prerequisite or a hold, and records the end of expired
// ones, which have ended by the clock before. It goes as far as the time of ctx
// allows and may run twice at once. It returns the number of transfers that it
// has changed. It measures how many are open, and how late support is.
func (s Service) Expire(ctx context.Context) (int, error) {
	now := s.Instant()
	done, err := core.Sweep(
		ctx,
		s.Config,
		core.One(store.DueTransfer, func(
			ctx context.Context, due store.DueEntry,
		) (int, bool, error) {
			acted, err := s.expire(ctx, store.Origin{}, transfer.ID(due.ID), now)
			return core.OneIf(acted), false, err
		}),
	)
	if flow.TimeUp(ctx) {
		return done, err
	}
	return done, errors.Join(err, s.measure(ctx, now))
}

// mostMeasured is the most open transfers that a run looks at.
const mostMeasured = 1000

// measure measures the open transfers. It reads only those that are old enough
// for support to be late.
func (s Service) measure(ctx context.Context, now time.Time) error {
	queue := s.Store.QueuedTransfers(ctx, store.Walk{PageSize: mostMeasured})
	open, err := core.First(queue, mostMeasured)
	if err != nil || len(open) == 0 {
		return err
	}
	metric.Add(ctx, metric.TransfersOpen, float64(len(open)))
	var old []transfer.ID
	for _, q := range open {
		if now.Sub(q.Created) > transfer.DeskTarget && len(old) < core.BatchSize {
			old = append(old, q.Ticket)
		}
	}
	transfers, err := Read(ctx, s.Store, old)
	for _, t := range transfers {
		if t.Late(now) { // the oldest comes first
			metric.Add(ctx, metric.TransferLate, now.Sub(t.Created).Seconds())
			break
		}
	}
	return err
}

// expire does what is due about one transfer, and reports whether something
// was.
func (s Service) expire(
	ctx context.Context,
	from store.Origin,
	id transfer.ID,
	now time.Time,
) (bool, error) {
	batch := s.Store.Batch()
	found := batch.Transfer(id)
	if err := batch.Get(ctx); err != nil {
		return false, err
	}
	t := found.Value
	if !found.OK || t.State != transfer.Requested {
		return false, nil
	}
	given, err := s.Load(ctx, t, true)
	if err != nil {
		return false, err
	}
	if t = given.Transfer; now.Before(t.Due()) && given.Void() == "" {
		return false, nil
	}
	tx := s.Store.Begin()
	end := func(ended transfer.Transfer, message string) {
		given.Transfer = ended
		s.End(tx, given, now)
		tx.Audit(core.Changing(s.bySchedule(ended, message, now), becomes(t, ended)))
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
		// The reason for the next attempt is over if the transfer is not ready.
		given.Transfer.Retry = time.Time{}
		t = s.settle(tx, given, verb{}, now)
	}
	err = s.afterCommit(ctx, t, now, tx.CommitAside(ctx, from))
	return err == nil, err
}

// remind reminds those who must act next, with new codes beside the old ones.
func (s Service) remind(
	tx *store.Tx,
	given transfer.Context,
	t transfer.Transfer,
	now time.Time,
) transfer.Transfer {
	checks := given.Checks(now)
	given.Transfer = t
	for _, party := range t.WaitingOn(checks, now) {
		missing := mailing.Missing(checks.Of(party))
		switch {
		case party == transfer.PartySupport:
			s.remindDesk(tx, t, checks, now)
		case t.Reverts != "":
			// The mail that asked for it has the link, which needs no code.
		case party == transfer.PartySource && t.Confirmed.IsZero():
			key := s.NewKey()
			t.ConfirmCodes = append(slices.Clip(t.ConfirmCodes), key.Hash())
			s.remindOwner(tx, given, key.Code(), now)
		case party == transfer.PartySource:
			if t.Question {
				missing = mailing.Unanswered(missing)
			}
			s.SendTo(tx, given.Source, waiting(t, given.Source.Name, missing), now)
		case t.Accepted.IsZero():
			key := s.NewKey()
			t.AnswerCodes = append(slices.Clip(t.AnswerCodes), key.Hash())
			s.remindReceiver(tx, given, key.Code(), now)
		default:
			s.SendTo(tx, given.Destination, waiting(t, given.Destination.Name, missing), now)
		}
	}
	return t
}
