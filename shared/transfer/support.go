package transfer

import (
	"slices"
	"time"

	"profiles/shared/problem"
	"profiles/shared/tenancy"
	"profiles/shared/value"
)

// AgreeToRevert records that one side agrees to a transfer that takes another
// back. Errors: problem.ErrDone if it has agreed before; CodeConflict for a
// transfer that has ended; CodeNotFound for an account that is no side of it,
// and for an ordinary transfer.
func (t Transfer) AgreeToRevert(by tenancy.Account, now time.Time) (Transfer, error) {
	said, epoch, what, party := &t.Confirmed, &t.SourceEpoch, EventConfirmed, t.PartyOf(by)
	if party == PartyDestination {
		said, epoch, what = &t.Accepted, &t.DestinationEpoch, EventAccepted
	}
	if t.Reverts == "" || party == "" {
		return t, problem.NotFound("Transfer")
	}
	if !said.IsZero() && t.stands(now) {
		return t, problem.ErrDone
	}
	if err := t.open(now); err != nil {
		return t, err
	}
	*said, *epoch = now, &by.Epoch
	t = t.Reached(party)
	return t.with(what, party, "", "", now), nil
}

// decidable has the errors of Impartial, and CodeConflict for a transfer that
// has ended.
func (t Transfer) decidable(agent tenancy.Account, now time.Time) error {
	if err := t.Impartial(agent); err != nil {
		return err
	}
	return t.open(now)
}

// Impartial refuses (CodeForbidden) a support account that is itself a side of
// the transfer.
func (t Transfer) Impartial(agent tenancy.Account) error {
	if agent.ID == t.Source || agent.ID == t.Destination || agent.Email == t.Email {
		return problem.Forbidden(
			"The transfer %s concerns your own account: leave it to another agent",
			t.ID,
		)
	}
	return nil
}

// Approve records the approval of a support account. Errors: problem.ErrDone if
// the account has approved before, or an ordinary transfer is approved already;
// CodeForbidden for a side of the transfer; CodeConflict for a transfer that
// has ended.
func (t Transfer) Approve(agent tenancy.Account, now time.Time) (Transfer, error) {
	if err := t.Impartial(agent); err != nil {
		return t, err
	}
	if t.stands(now) &&
		(slices.Contains(t.Approvals, agent.ID) || t.Reverts == "" && len(t.Approvals) > 0) {
		return t, problem.ErrDone
	}
	if err := t.decidable(agent, now); err != nil {
		return t, err
	}
	// The approval also withdraws an open question to the owner.
	t.Approvals, t.Question = append(slices.Clip(t.Approvals), agent.ID), false
	return t.with(EventApproved, PartySupport, agent.ID, "", now), nil
}

// Reject ends the transfer for support, with a reason that both sides read.
// Errors: problem.ErrDone if it was rejected before; otherwise as Approve.
func (t Transfer) Reject(agent tenancy.Account, reason string, now time.Time) (Transfer, error) {
	if err := t.Impartial(agent); err != nil {
		return t, err
	}
	if t.State == Rejected {
		return t, problem.ErrDone
	}
	if err := t.decidable(agent, now); err != nil {
		return t, err
	}
	return t.end(Rejected, PartySupport, agent.ID, reason, now), nil
}

// Note adds a note or a question of support to the owner, or the owner's
// answer. Errors: as decidable; CodeConflict for more than maxNoted entries,
// apart from the answer to a question.
func (t Transfer) Note(
	agent tenancy.Account,
	kind EventKind,
	text string,
	now time.Time,
) (Transfer, error) {
	if err := t.decidable(agent, now); err != nil {
		return t, err
	}
	if !(kind == EventAnswer && t.Question) && t.noted() >= maxNoted {
		return t, problem.Conflict(
			"The transfer %s has %d entries already: decide about it, or write to the owner directly",
			t.ID,
			maxNoted,
		)
	}
	by := PartySupport
	switch kind {
	case EventQuestion:
		t.Question = true
	case EventAnswer:
		t.Question, by = false, PartySource
	}
	return t.with(kind, by, agent.ID, text, now), nil
}

// noted counts the entries that support has written, which have a limit of
// their own.
func (t Transfer) noted() (n int) {
	for _, e := range t.Timeline {
		switch e.What {
		case EventNote, EventQuestion, EventAnswer:
			n++
		}
	}
	return n
}

// Extend gives an open transfer its full time (Life) from now, but at most
// until Longest after the request. Errors: as decidable; problem.ErrDone if it
// has this time already; CodeForbidden if it cannot be extended further, as no
// transfer that takes another back can.
func (t Transfer) Extend(agent tenancy.Account, now time.Time) (Transfer, error) {
	if err := t.decidable(agent, now); err != nil {
		return t, err
	}
	longest := t.Created.Add(Longest)
	if t.Reverts != "" {
		longest = t.Expires
	}
	until := now.Add(Life)
	if !until.After(t.Expires) {
		return t, problem.ErrDone
	}
	if until.After(longest) {
		until = longest
	}
	if !until.After(t.Expires) {
		return t, problem.Forbidden(
			"The transfer %s ends on %s and cannot be extended further",
			t.ID,
			t.Expires.Format(value.TimeFormat),
		)
	}
	t.Expires, t.Reminded = until, min(t.Reminded, 1)
	return t.with(EventExtended, PartySupport, agent.ID, until.Format(value.TimeFormat), now), nil
}
