package subscriptions

import (
	"context"
	"time"

	"profiles/shared/mailing"
	"profiles/shared/problem"
	"profiles/shared/service/core"
	"profiles/shared/store"
	"profiles/shared/tenancy"
)

// digestHour is the hour of the day, where the account is, at which a mail with
// all alerts of a day is sent.
const digestHour = 8

// digestAt is when the next digest of an account is sent.
func digestAt(zone *time.Location, now time.Time) time.Time {
	local := now.In(zone)
	day := func(n int) time.Time {
		return time.Date(local.Year(), local.Month(), local.Day()+n, digestHour, 0, 0, 0, zone)
	}
	if at := day(0); at.After(now) {
		return at.UTC()
	}
	return day(1).UTC()
}

// digest adds lines to the account's next digest. The digest is a mail of the
// outbox that waits for its time, and each alert puts it there anew, longer by
// some lines. Errors: problem.ErrConflict if it was changed or sent since it
// was read.
func (s Service) digest(
	ctx context.Context,
	tx *store.Tx,
	owner tenancy.Account,
	more []mailing.Phrase,
	now time.Time,
) error {
	due := digestAt(owner.Zone(), now)
	id := mailing.DigestID(owner.ID, due)
	batch := s.Store.Batch()
	found := batch.Message(id)
	if err := batch.Get(ctx); err != nil {
		return err
	}
	var lines mailing.Phrase
	if found.OK {
		if !found.Value.Pending || found.Value.Attempts > 0 {
			return problem.ErrConflict // this process is behind: it is sent by now
		}
		earlier, err := core.OpenMail(s.Keys, found.Value)
		if err != nil {
			return err
		}
		lines = mailing.LinesOf(earlier)
	}
	for _, line := range more {
		lines = mailing.AddLine(lines, line)
	}
	s.SendAt(tx, id, owner, mailing.UsageDigest{Name: owner.Name, Lines: lines}, due, found)
	return nil
}
