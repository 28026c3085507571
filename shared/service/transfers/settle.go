package transfers

import (
	"context"
	"time"

	"profiles/shared/auditlog"
	"profiles/shared/metric"
	"profiles/shared/problem"
	"profiles/shared/service/core"
	"profiles/shared/store"
	"profiles/shared/tenancy"
	"profiles/shared/transfer"
	"profiles/shared/value"
)

// settle adds to tx what follows from a transfer's new state: its end, the move
// of the profile when nothing is missing any more, or else the state alone. It
// returns the transfer as it will be.
func (s Service) settle(
	tx *store.Tx,
	given transfer.Context,
	v verb,
	now time.Time,
) transfer.Transfer {
	t := given.Transfer
	if t.State != transfer.Requested {
		s.End(tx, given, now)
		return t
	}
	if t.Ready() && !v.opens {
		given.Spare = value.ProfileID(s.NewID(now))
		move, checks := given.Complete(now)
		if move.Transfer.State == transfer.Completed {
			s.complete(tx, given, move, now)
			return move.Transfer
		}
		var first bool
		if t, first = t.Wait(checks, t.HeldUntil(given.Source), now); first {
			given.Transfer = t
			s.notifyMissing(tx, given, checks, now)
		}
	}
	switch {
	case v.opens:
		// It may be called something else than when it was given away.
		t.ProfileName = given.Profile.Name
		given.Transfer = t
		tx.OpenTransfer(given.Profile, t)
		tx.Measure(metric.TransfersRequested, 1)
		s.announceRevert(tx, given, now)
	case v.answers:
		tx.AnswerTransfer(t)
	default:
		tx.UpdateTransfer(t)
	}
	return t
}

// becomes is the change of a transfer's state.
func becomes(was, is transfer.Transfer) auditlog.Change {
	return auditlog.Change{Field: "state", Before: string(was.State), After: string(is.State)}
}

// bySchedule is the audit entry of what a transfer does by itself.
func (s Service) bySchedule(
	t transfer.Transfer,
	message string,
	now time.Time,
) auditlog.Entry {
	e := s.AuditEntry(string(t.Profile), tenancy.Token{}, "transfer", string(t.ID), message, now)
	e.Who = "transfer-expire"
	return e
}

// End ends a transfer that does not move the profile, and tells everybody
// concerned.
func (s Service) End(tx *store.Tx, given transfer.Context, now time.Time) {
	t := given.Transfer
	tx.EndTransfer(t)
	tx.Measure(metric.TransfersEnded, 1)
	s.notifyEnded(tx, given, now)
}

// EndWithProfile ends the open transfer of a profile that owner deletes in the
// same commit.
func (s Service) EndWithProfile(
	ctx context.Context,
	tx *store.Tx,
	id transfer.ID,
	owner tenancy.Account,
	now time.Time,
) error {
	batch := s.Store.Batch()
	found := batch.Transfer(id)
	if err := batch.Get(ctx); err != nil {
		return err
	}
	given := transfer.Context{Source: owner}
	if to := found.Value.Destination; to != "" {
		batch = s.Store.Batch()
		destination := batch.Account(to)
		if err := batch.Get(ctx); err != nil {
			return err
		}
		given.Destination = destination.Value
	}
	t, err := found.Value.Expire(now)
	if err != nil {
		t, err = found.Value.Fail("the profile was deleted", now)
	}
	if err != nil {
		// Somebody else ended it since its claim was read.
		return problem.ErrConflict
	}
	given.Transfer = t
	s.End(tx, given, now)
	return nil
}

// complete moves the profile and tells everybody concerned.
func (s Service) complete(
	tx *store.Tx,
	given transfer.Context,
	m transfer.Move,
	now time.Time,
) {
	tx.MoveProfile(m)
	tx.Measure(metric.TransfersCompleted, 1)
	s.notifyMoved(tx, given.Profile.Name, m, now)
	by := "transfer " + string(m.Transfer.ID)
	if n := m.Instead; n != nil {
		e := s.bySchedule(
			m.Transfer,
			"Profile created in place of the only one, which went back",
			now,
		)
		e.Log, e.Resource, e.ResourceID, e.Who = string(n.ID), "profile", string(n.ID), by
		tx.Audit(core.Changing(e, n.Differences(tenancy.Profile{})...))
	}
	owner := auditlog.Change{
		Field:  "owner",
		Before: string(m.Source.ID),
		After:  string(m.Destination.ID),
	}
	for _, log := range []string{
		string(m.Profile.ID), string(m.Source.ID), string(m.Destination.ID),
	} {
		e := s.bySchedule(m.Transfer, "Profile transferred to another account", now)
		e.Log, e.Who = log, by
		tx.Audit(core.Changing(e, owner))
	}
}
