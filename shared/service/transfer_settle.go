package service

import (
	"context"
	"fmt"
	"time"

	"profiles/shared/auditlog"
	"profiles/shared/problem"
	"profiles/shared/store"
	"profiles/shared/tenancy"
	"profiles/shared/value"
)

// settle adds to tx what follows from a transfer's new state: its end, the move
// of the profile when nothing is missing any more, or else the state alone. It
// returns the transfer as it will be.
func (s Transfers) settle(
	tx *store.Tx,
	given tenancy.TransferContext,
	v verb,
	now time.Time,
) tenancy.Transfer {
	t := given.Transfer
	if t.State != tenancy.TransferRequested {
		s.end(tx, given, now)
		return t
	}
	if t.Ready() && !v.opens {
		given.Spare = value.ProfileID(s.NewID(now))
		move, checks := given.Complete(now)
		if move.Transfer.State == tenancy.TransferCompleted {
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
		s.announceRevert(tx, given, now)
	case v.answers:
		tx.AnswerTransfer(t)
	default:
		tx.UpdateTransfer(t)
	}
	return t
}

// becomes is the change of a transfer's state.
func becomes(was, is tenancy.Transfer) auditlog.Change {
	return auditlog.Change{Field: "state", Before: string(was.State), After: string(is.State)}
}

// bySchedule is the audit entry of what a transfer does by itself.
func (b *base) bySchedule(t tenancy.Transfer, message string, now time.Time) auditlog.Entry {
	e := b.auditEntry(string(t.Profile), tenancy.Token{}, "transfer", string(t.ID), message, now)
	e.Who = "transfer-expire"
	return e
}

// end ends a transfer that does not move the profile, and tells everybody
// concerned.
func (s Transfers) end(tx *store.Tx, given tenancy.TransferContext, now time.Time) {
	t := given.Transfer
	tx.EndTransfer(t)
	more := map[string]string{"outcome": t.Outcome(now), "reason": ""}
	if t.Reason != "" {
		more["reason"] = "The reason: " + t.Reason
	}
	for _, to := range sides(given) {
		s.send(
			tx,
			s.newMail(tenancy.MessageTransferEnded, to.address, now, words(given, more)).
				In(to.account.Timezone),
		)
	}
	if t.Policy != tenancy.PolicyAuto && t.State != tenancy.TransferRejected {
		s.send(
			tx,
			s.newMail(tenancy.MessageTransferEnded, tenancy.SupportDesk, now, words(given, more)),
		)
	}
	s.noticeBoth(tx, given, "The transfer %s of the profile %s "+t.Outcome(now)+".", now)
}

// endWithProfile ends the open transfer of a profile that owner deletes in the
// same commit.
func (s Transfers) endWithProfile(
	ctx context.Context,
	tx *store.Tx,
	id tenancy.TransferID,
	owner tenancy.Account,
	now time.Time,
) error {
	batch := s.Store.Batch()
	found := batch.Transfer(id)
	if err := batch.Get(ctx); err != nil {
		return err
	}
	given := tenancy.TransferContext{Source: owner}
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
	s.end(tx, given, now)
	return nil
}

// complete moves the profile and tells everybody concerned.
func (s Transfers) complete(
	tx *store.Tx,
	c tenancy.TransferContext,
	m tenancy.TransferMove,
	now time.Time,
) {
	t, p := m.Transfer, m.Profile
	tx.MoveProfile(m)
	c.Transfer = t
	stays := "You can no longer open it."
	if m.Previous != nil {
		stays = fmt.Sprintf("You stay in its team, with %s permission.", m.Previous.Permission)
	}
	more := map[string]string{
		"receiver": string(
			m.Destination.Email,
		),
		"owner":   m.Source.Name,
		"stays":   stays,
		"amounts": amountsText(p.Allocation),
		"addons": pricedAddons(
			p.Addons,
		),
		"original": string(t.Reverts),
		"when":     now.Format(time.RFC3339),
		"until":    t.RevertUntil().Format(time.RFC3339),
	}
	given, received := tenancy.MessageTransferGiven, tenancy.MessageTransferReceived
	if t.Reverts != "" {
		given, received = tenancy.MessageTransferReturned, tenancy.MessageTransferReturned
	}
	s.send(tx, s.newMail(given, m.Source.Email, now, words(c, more)).In(m.Source.Timezone))
	more["name"], more["profile"], more["stays"] = m.Destination.Name, p.Name, "It is yours again."
	s.send(
		tx,
		s.newMail(received, m.Destination.Email, now, words(c, more)).In(m.Destination.Timezone),
	)
	s.noticeBoth(tx, c, "The transfer %s of the profile %s has completed.", now)
	for _, member := range m.Stay {
		tx.Notify(
			s.notice(member.Account, "A profile has a new owner", fmt.Sprintf("The profile %s belongs to %s now. You have %s permission on it.", value.Isolated(p.Name), value.Isolated(m.Destination.Name), member.Permission), now).
				As(tenancy.NotificationProfile).
				About(string(p.ID)),
		)
	}
	for _, member := range m.Leave {
		tx.Notify(
			s.notice(member.Account, "A profile is no longer shared with you", fmt.Sprintf("The profile %s has a new owner, who did not keep you in its team.", value.Isolated(c.Profile.Name)), now).
				As(tenancy.NotificationProfile),
		)
	}
	if n := m.Instead; n != nil {
		tx.Notify(
			s.notice(m.Source.ID, "You have a new profile", fmt.Sprintf("The profile %s went back to its previous owner. It was your only one, so you have a new, empty one: %s.", value.Isolated(c.Profile.Name), value.Isolated(n.Name)), now).
				As(tenancy.NotificationProfile).
				About(string(n.ID)),
		)
		e := s.bySchedule(t, "Profile created in place of the only one, which went back", now)
		e.Log, e.Resource, e.ResourceID, e.Who = string(
			n.ID,
		), "profile", string(
			n.ID,
		), "transfer "+string(
			t.ID,
		)
		tx.Audit(changing(e, n.Differences(tenancy.Profile{})...))
	}
	const moved = "Profile transferred to another account"
	for _, log := range []string{string(p.ID), string(m.Source.ID), string(m.Destination.ID)} {
		e := s.bySchedule(t, moved, now)
		e.Log, e.Who = log, "transfer "+string(t.ID)
		tx.Audit(
			changing(
				e,
				auditlog.Change{
					Field:  "owner",
					Before: string(m.Source.ID),
					After:  string(m.Destination.ID),
				},
			),
		)
	}
}
