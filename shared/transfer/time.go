package transfer

import (
	"time"

	"profiles/shared/problem"
	"profiles/shared/tenancy"
)

// Expire ends an open transfer whose time is over. Errors: problem.ErrDone for
// any other.
func (t Transfer) Expire(now time.Time) (Transfer, error) {
	if t.State != Requested || now.Before(t.Expires) {
		return t, problem.ErrDone
	}
	return t.end(Expired, PartySystem, "", "", now), nil
}

// Fail ends an open transfer that can never complete. Errors: problem.ErrDone
// for one that has ended.
func (t Transfer) Fail(reason string, now time.Time) (Transfer, error) {
	if t.State != Requested {
		return t, problem.ErrDone
	}
	return t.end(Failed, PartySystem, "", reason, now), nil
}

// reminders returns when the parties that the transfer is waiting on are
// reminded: after half of its time, and a day before its end.
func (t Transfer) reminders() []time.Time {
	return []time.Time{
		t.Created.Add(t.Expires.Sub(t.Created) / 2),
		t.Expires.Add(-Reminder),
	}
}

// Remind records that a reminder is sent; ok is false when none is due.
func (t Transfer) Remind(now time.Time) (_ Transfer, ok bool) {
	due := t.reminders()
	if !t.Open(now) || t.Reminded >= len(due) || now.Before(due[t.Reminded]) {
		return t, false
	}
	// If several reminders are due, only one is sent.
	for t.Reminded < len(due) && !now.Before(due[t.Reminded]) {
		t.Reminded++
	}
	return t.with(EventReminded, PartySystem, "", "", now), true
}

// Due returns when a sweep must next handle the transfer: at a reminder, at
// another attempt to complete it, or at its end. Zero: it has ended.
func (t Transfer) Due() time.Time {
	if t.State != Requested {
		return time.Time{}
	}
	due := t.Expires
	if at := t.reminders(); t.Reminded < len(at) {
		due = at[t.Reminded]
	}
	if !t.Retry.IsZero() && t.Retry.Before(due) {
		due = t.Retry
	}
	return due
}

// Ready reports whether all who must agree have agreed; it does not look at the
// prerequisites. A transfer that takes another back needs both sides or two
// approvals.
func (t Transfer) Ready() bool {
	said := !t.Confirmed.IsZero() && !t.Accepted.IsZero()
	if t.Reverts != "" {
		return said || len(t.Approvals) > 1
	}
	return said && (t.Policy == PolicyAuto || len(t.Approvals) > 0)
}

// Wait records that a ready transfer lacks a prerequisite and is tried again
// later. told reports whether the reason differs from that of the last attempt.
func (t Transfer) Wait(checks Checks, heldUntil, now time.Time) (_ Transfer, told bool) {
	reason := checks.reason()
	told = reason != t.Waiting
	t.Waiting, t.Retry = reason, now.Add(retry)
	if heldUntil.After(t.Retry) {
		t.Retry = heldUntil
	}
	if told {
		t = t.with(EventWaiting, PartySystem, "", reason, now)
	}
	return t, told
}

// HeldUntil returns the time until which the transfer is held because the
// owner's password, address or second factor changed; zero: it is not held. So
// somebody who takes over an account cannot give its profiles away before the
// owner had time to notice.
func (t Transfer) HeldUntil(source tenancy.Account) time.Time {
	if t.Reverts != "" || source.CredentialsChanged.IsZero() ||
		!source.CredentialsChanged.After(t.Created.Add(-SecurityRecent)) {
		return time.Time{}
	}
	from := t.Created
	if source.CredentialsChanged.After(from) {
		from = source.CredentialsChanged
	}
	return from.Add(SecurityHold)
}
