package transfer

import (
	"time"

	"profiles/shared/problem"
	"profiles/shared/tenancy"
)

// Expire ends a transfer whose time is over. Errors: ErrDone for any other.
func (t Transfer) Expire(now time.Time) (Transfer, error) {
	if t.State != Requested || now.Before(t.Expires) {
		return t, problem.ErrDone
	}
	return t.end(Expired, PartySystem, "", "", now), nil
}

// Fail ends an open transfer that cannot complete any more. Errors: ErrDone for
// one that has ended.
func (t Transfer) Fail(reason string, now time.Time) (Transfer, error) {
	if t.State != Requested {
		return t, problem.ErrDone
	}
	return t.end(Failed, PartySystem, "", reason, now), nil
}

// reminders are when the parties who owe something are reminded: at half time,
// and a day before the end.
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
	// One that is late is not followed at once by the next.
	for t.Reminded < len(due) && !now.Before(due[t.Reminded]) {
		t.Reminded++
	}
	return t.with(EventReminded, PartySystem, "", "", now), true
}

// Due is when the transfer needs attention by itself: a reminder, another
// attempt, its end. Zero when it has ended.
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

// Ready reports whether everybody whose word it takes has given it. Whether the
// prerequisites hold is another question.
func (t Transfer) Ready() bool {
	said := !t.Confirmed.IsZero() && !t.Accepted.IsZero()
	if t.Reverts != "" {
		return said || len(t.Approvals) > 1
	}
	return said && (t.Policy == PolicyAuto || len(t.Approvals) > 0)
}

// Wait returns a ready transfer that a missing prerequisite keeps from
// completing. told says that it waits for that reason for the first time.
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

// HeldUntil is until when a change of the owner's password, address or second
// factor holds the transfer; zero: it does not. Whoever takes over an account
// cannot give its profiles away before the person behind it had time to notice.
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
