package transfer_test

import (
	"slices"
	"testing"
	"time"

	"profiles/shared/mailing"
	"profiles/shared/problem/problemtest"
	"profiles/shared/tenancy"
	"profiles/shared/testkit/rules"
	"profiles/shared/transfer"
	"profiles/shared/value"
)

func TestRemindersAreDueAtHalfTimeAndADayBeforeTheEnd(t *testing.T) {
	t.Parallel()
	open := offered(t).Transfer
	due := func(want time.Duration) {
		t.Helper()
		if got := open.Due().Sub(asked); got != want {
			t.Errorf("due: got %s after the request, want %s", got, want)
		}
	}
	notYet := func(after time.Duration) {
		t.Helper()
		if got, ok := open.Remind(asked.Add(after)); ok {
			t.Errorf("a reminder %s after the request: %+v", after, got)
		}
	}
	sent := func(after time.Duration, n int) {
		t.Helper()
		next, ok := open.Remind(asked.Add(after))
		if !ok || next.Reminded != n ||
			next.Timeline[len(next.Timeline)-1] != (transfer.Event{Time: asked.Add(after),
				What: transfer.EventReminded, By: transfer.PartySystem}) {
			t.Fatalf("the reminder %s after the request: got %v, %+v", after, ok, next)
		}
		open = next
	}
	due(84 * time.Hour)
	notYet(84*time.Hour - tick)
	sent(84*time.Hour, 1)
	due(6 * day)
	notYet(6*day - tick)
	sent(6*day, 2)
	due(7 * day)
	notYet(7*day - tick)
	notYet(7 * day)
}

func TestALateReminderIsNotFollowedAtOnceByTheNext(t *testing.T) {
	t.Parallel()
	open := offered(t).Transfer
	late, ok := open.Remind(asked.Add(6*day + time.Hour))
	if !ok || late.Reminded != 2 || late.Due() != open.Expires {
		t.Errorf("got %v, %d, due %s, want both counted as sent", ok, late.Reminded, late.Due())
	}
	if _, ok := late.Remind(asked.Add(6*day + 2*time.Hour)); ok {
		t.Error("the second reminder followed the late first one")
	}
}

func TestExtension(t *testing.T) {
	t.Parallel()
	open := offered(t).Transfer
	extend := func(after time.Duration, want time.Duration) {
		t.Helper()
		next, err := open.Extend(agent, asked.Add(after))
		if err != nil || next.Expires.Sub(asked) != want {
			t.Fatalf(
				"extended %s after the request: got an end after %s, %v, want %s",
				after,
				next.Expires.Sub(asked),
				err,
				want,
			)
		}
		open = next
	}
	if _, err := open.Extend(agent, asked); answer(err) != "done" {
		t.Errorf("a full time for a full time: got %v", err)
	}
	open, _ = open.Remind(asked.Add(6 * day)) // both
	extend(6*day+12*time.Hour, 13*day+12*time.Hour)
	if open.Reminded != 1 || open.Due() != open.Expires.Add(-day) {
		t.Errorf(
			"got %d reminders, due %s, want another one a day before the new end",
			open.Reminded,
			open.Due(),
		)
	}
	extend(13*day, 20*day)
	extend(20*day-tick, 27*day-tick)
	extend(22*day, 28*day)
	for _, after := range []time.Duration{22 * day, 28*day - tick} {
		want := "forbidden: The transfer TR-0000-0001 ends on 2030-06-03T10:00:00.000Z " +
			"and cannot be extended further"
		if _, err := open.Extend(agent, asked.Add(after)); problemtest.Text(err) != want {
			t.Errorf("beyond 28 days: got %v", err)
		}
	}
	if !open.Open(asked.Add(28*day-tick)) || open.Open(asked.Add(28*day)) {
		t.Error("it does not end after exactly 28 days")
	}
	early, err := offered(t).Transfer.Extend(agent, asked.Add(day))
	if err != nil || early.Reminded != 0 || early.Due() != asked.Add(4*day) {
		t.Errorf(
			"extended before the first reminder: got %d, due %s, %v, want half of the new time",
			early.Reminded,
			early.Due(),
			err,
		)
	}
}

func TestRetries(t *testing.T) {
	t.Parallel()
	open, now := agreed(t).Transfer, asked.Add(2*time.Hour)
	source := transfer.Checks{
		{Side: transfer.PartySource},
		{Side: transfer.PartyDestination, OK: true},
	}
	both := transfer.Checks{{Side: transfer.PartySource}, {Side: transfer.PartyDestination}}
	first, told := open.Wait(source, time.Time{}, now)
	if !told || first.Due() != now.Add(15*time.Minute) {
		t.Errorf("the first: got %v, due %s", told, first.Due())
	}
	second, told := first.Wait(source, now.Add(5*time.Minute), now.Add(15*time.Minute))
	if told || second.Due() != now.Add(30*time.Minute) ||
		len(second.Timeline) != len(first.Timeline) {
		t.Errorf(
			"the same again: got %v, due %s, %d events",
			told,
			second.Due(),
			len(second.Timeline),
		)
	}
	other, told := second.Wait(both, time.Time{}, now.Add(30*time.Minute))
	if !told ||
		other.Waiting != "a prerequisite is missing on the side of the account that gives the profile away and the receiving account" {
		t.Errorf("another reason: got %v, %q", told, other.Waiting)
	}
	held, _ := open.Wait(source, now.Add(50*time.Hour), now)
	if held.Due() != now.Add(50*time.Hour) {
		t.Errorf("a hold: due %s, want its end", held.Due())
	}
	longer, _ := open.Wait(source, asked.Add(5*day), now)
	if longer.Due() != asked.Add(84*time.Hour) {
		t.Errorf("a hold beyond the reminder: due %s, want the reminder", longer.Due())
	}
	longer.Reminded = 2
	longer.Retry = asked.Add(9 * day)
	if longer.Due() != longer.Expires {
		t.Errorf("a retry after the end: due %s, want the end", longer.Due())
	}
}

func TestHold(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		secured time.Duration // after the request; 0 here means never
		want    time.Duration // after the request; 0: no hold
	}{
		"never":                            {0, 0},
		"7 days before the request":        {-7 * day, 0},
		"a little less than 7 days before": {-7*day + tick, 72 * time.Hour},
		"a little before the request":      {-tick, 72 * time.Hour},
		"a little after the request":       {tick, 72*time.Hour + tick},
		"two days after the request":       {2 * day, 5 * day},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			given := agreed(t)
			if c.secured != 0 {
				given.Source.CredentialsChanged = asked.Add(c.secured)
			}
			var want time.Time
			if c.want != 0 {
				want = asked.Add(c.want)
			}
			if got := given.Transfer.HeldUntil(given.Source); got != want {
				t.Errorf("got %s, want %s", got, want)
			}
			if c.want == 0 {
				return
			}
			if m, checks := given.Complete(want.Add(-tick)); m.Transfer.State != "" || checks.OK() {
				t.Errorf("it completed within the hold")
			}
			if m, checks := given.Complete(want); m.Transfer.State != transfer.Completed {
				t.Errorf("it did not complete right after the hold: %s", mailing.Missing(checks))
			}
		})
	}
	back := transfer.Transfer{Reverts: ticket, Created: asked}
	if got := back.HeldUntil(tenancy.Account{CredentialsChanged: asked}); !got.IsZero() {
		t.Errorf("a return is held until %s", got)
	}
}

// After a conflict, a second decision may start from the same value. So a rule
// must not change its input.
func TestVerbsShareNothing(t *testing.T) {
	t.Parallel()
	now := asked.Add(2 * time.Hour)
	open := returning(t, moved(t, agreed(t), asked.Add(agreedAt)), now).Transfer
	open.Timeline, open.Approvals = slices.Grow(open.Timeline, 8), make([]value.AccountID, 0, 8)
	first, err := open.Approve(agent, now)
	if err != nil {
		t.Fatal(err)
	}
	want := copied(first)
	if _, err = open.Approve(agent2, now.Add(tick)); err != nil {
		t.Fatal(err)
	}
	rules.Same(t, "the first, after the second", first, want)
}
