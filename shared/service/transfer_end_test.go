package service_test

import (
	"fmt"
	"reflect"
	"strings"
	"testing"
	"time"

	"profiles/shared/mailing"
	"profiles/shared/operation"
	"profiles/shared/plan"
	"profiles/shared/tenancy"
	"profiles/shared/testkit"
	"profiles/shared/transfer"
	"profiles/shared/value"
)

// Each end without a move leaves the profile where it was, is notified to
// everybody, is final, and frees the profile for another transfer.
func TestEnds(t *testing.T) {
	t.Parallel()
	everybody := []string{"ended > ana", "ended > ben", "ended > support-desk"}
	for _, test := range []struct {
		name   string
		end    func(*cast)
		state  transfer.State
		mails  []string
		notice bool // ben, who has answered, gets a notification
		reason string
	}{
		{name: "the owner cancels", end: func(c *cast) { _, err := c.cancel(); c.OK(err) }, state: transfer.Canceled, mails: everybody},
		{name: "the receiving side declines", end: func(c *cast) { _, err := c.decline(); c.OK(err) }, state: transfer.Declined, mails: everybody},
		{name: "the desk rejects", end: func(c *cast) {
			_, err := c.Desk.Reject(c.Context(), c.sam.Client(operation.DeskReject),
				c.ticket.ID, "no contract")
			c.OK(err)
		}, state: transfer.Rejected, mails: []string{"ended > ana", "ended > ben"}, reason: "no contract"},
		{name: "time is over", end: func(c *cast) { c.Advance(transfer.Life); c.sweep() }, state: transfer.Expired, mails: everybody},
	} {
		for gates := range 4 {
			t.Run(fmt.Sprintf("%s, with the gates %02b closed", test.name, gates), func(t *testing.T) {
				t.Parallel()
				c := offered(t)
				var err error
				if gates&1 != 0 {
					_, err = c.confirm()
				} else {
					_, err = c.accept(transfer.Acceptance{Owner: tenancy.PermissionFull})
				}
				c.OK(err)
				if gates&2 != 0 {
					_, err = c.approve()
				}
				c.OK(err)
				profile, ana, ben := c.profile(), c.account(c.ana), c.account(c.ben)
				c.news()
				test.end(c)
				got := c.wantState("ended", test.state)
				if got.Ended.IsZero() || got.Reason != test.reason {
					t.Errorf("it ended at %s for %q, want the reason %q", got.Ended, got.Reason, test.reason)
				}
				c.wantNews("ended", test.mails...)
				for _, m := range c.allMails() {
					if m.Kind == mailing.KindTransferEnded && (!strings.Contains(m.Data["reason"],
						test.reason) || m.Data["outcome"] != string(mailing.Outcome(got, c.Now()))) {
						t.Errorf("the mail to %s says %q for %q", m.To, m.Data["outcome"], m.Data["reason"])
					}
				}
				profile.Version = c.profile().Version
				if !reflect.DeepEqual(c.profile(), profile) ||
					!sameFigures(c.account(c.ana), ana) || !sameFigures(c.account(c.ben), ben) {
					t.Error("the profile or an account changed with an end that moves nothing")
				}
				for _, p := range []testkit.Person{c.ana, c.mia, c.eve} {
					_, err := c.Profiles.Get(t.Context(), p.Client(operation.ProfileGet), c.ref())
					c.OK(err)
				}
				// The end is final.
				before := c.State()
				for name, do := range map[string]func() (transfer.Transfer, error){
					"confirm": c.confirm, "accept": func() (transfer.Transfer, error) { return c.accept(transfer.Acceptance{}) }, "approve": c.approve, "cancel": c.cancel,
					"extend": func() (transfer.Transfer, error) {
						return c.Desk.Extend(t.Context(),
							c.sam.Client(operation.DeskExtend), c.ticket.ID)
					},
					"note": func() (transfer.Transfer, error) {
						return c.Desk.Note(t.Context(), c.sam.Client(operation.DeskNote),
							c.ticket.ID, "note", "x")
					},
					"revert": func() (transfer.Transfer, error) { return c.revert(c.ana) },
				} {
					if _, err := do(); err == nil {
						t.Errorf("%s after the end: got no error, want a refusal", name)
					}
				}
				for range 3 {
					c.Advance(24 * time.Hour)
					c.sweep()
				}
				if c.State() != before {
					t.Error("an ended transfer changed")
				}
				checkWorld(c.World)
				// The profile is free for another transfer.
				old := c.ticket.ID
				c.offer(c.ben.Email)
				if got := c.all(); got.State != transfer.Completed || got.ID == old {
					t.Errorf("another request: the transfer is %s with the ticket %s, want a completed one with another ticket", got.ID, got.State)
				}
				checkWorld(c.World)
			})
		}
	}
}

// sameFigures compares accounts without the attributes that every change of
// them writes.
func sameFigures(a, b tenancy.Account) bool {
	return a.Profiles() == b.Profiles() && a.Allocated() == b.Allocated() && a.Limits == b.Limits &&
		a.Plan == b.Plan
}

// Three transfers lack one consent each, and one lacks all. None of them moves
// anything in all its time.
func TestSilenceNeverApproves(t *testing.T) {
	t.Parallel()
	c := newCast(t)
	profiles := map[string]value.ProfileID{"nobody's word": c.plant}
	for _, missing := range []string{"the owner's word is missing", "the receiver's word is missing", "the desk's word is missing"} {
		profiles[missing] = c.ana.Profile("x")
	}
	tickets := map[transfer.ID]string{}
	start := c.Now()
	for missing, id := range profiles {
		c.plant = id
		c.offer(c.ben.Email)
		tickets[c.ticket.ID] = missing
		if missing == "nobody's word" {
			continue
		}
		if !strings.Contains(missing, "owner") {
			_, err := c.confirm()
			c.OK(err)
		}
		if !strings.Contains(missing, "receiver") {
			_, err := c.accept(transfer.Acceptance{})
			c.OK(err)
		}
		if !strings.Contains(missing, "desk") {
			_, err := c.approve()
			c.OK(err)
		}
	}
	c.news()
	half := start.Add(transfer.Life / 2)
	day, end := start.Add(transfer.Life-transfer.Reminder), start.Add(transfer.Life)
	near := func(at time.Time) bool { return c.Now().Sub(at).Abs() <= 15*time.Minute }
	reminders := []string{
		"remind-desk > support-desk", "remind-owner > ana", "remind-receiver > ben", // of the transfer without any consent
		"remind-owner > ana", "remind-receiver > ben", "remind-desk > support-desk", // one of each other transfer
	}
	for c.Now().Before(end.Add(24 * time.Hour)) {
		c.sweep()
		switch now := c.Now(); {
		case now.Equal(half), now.Equal(day):
			c.wantNews(fmt.Sprintf("%s after the request", now.Sub(start)), reminders...)
		case now.Equal(end):
			var all []string
			for range tickets {
				all = append(all, "ended > ana", "ended > ben", "ended > support-desk")
			}
			c.wantNews("at the end", all...)
		}
		// The clock advances by five minutes where something is due, and
		// otherwise by an hour.
		step := time.Hour
		if c.Now().Sub(start)%time.Hour != 0 || near(half) || near(day) || near(end) {
			step = 5 * time.Minute
		}
		c.Advance(step)
	}
	c.wantNews("between and after the reminders and the end")
	for id, missing := range tickets {
		if got := c.stored(id); got.State != transfer.Expired || !got.Ended.Equal(end) {
			t.Errorf("%s: the transfer is %s since %s, want expired since %s", missing, got.State, got.Ended, end)
		}
	}
	for missing, id := range profiles {
		c.plant = id
		c.wantOwner(missing, c.ana)
	}
	checkWorld(c.World)
}

// A reminder is sent to the parties that must act, and to nobody else.
func TestRemindersGoToTheSideThatMustAct(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name string
		do   func(*cast)
		want []string
	}{
		{"the owner and the desk", func(c *cast) { _, err := c.accept(transfer.Acceptance{}); c.OK(err) }, []string{"remind-owner > ana", "remind-desk > support-desk"}},
		{"the receiver alone", func(c *cast) {
			_, err := c.confirm()
			c.OK(err)
			_, err = c.approve()
			c.OK(err)
		}, []string{"remind-receiver > ben"}},
		{"the desk alone", func(c *cast) {
			_, err := c.confirm()
			c.OK(err)
			_, err = c.accept(transfer.Acceptance{})
			c.OK(err)
		}, []string{"remind-desk > support-desk"}},
		{"the owner, who must answer", func(c *cast) {
			_, err := c.confirm()
			c.OK(err)
			_, err = c.accept(transfer.Acceptance{})
			c.OK(err)
			_, err = c.Desk.Note(c.Context(), c.sam.Client(operation.DeskNote), c.ticket.ID, "question", "Is it meant?")
			c.OK(err)
		}, []string{"remind-desk > support-desk", "waiting > ana"}},
		{"a receiver who accepted and has no room", func(c *cast) {
			_, err := c.confirm()
			c.OK(err)
			_, err = c.accept(transfer.Acceptance{})
			c.OK(err)
			change(c.World, c.ben, onPlan(plan.Free))
		}, []string{"remind-desk > support-desk", "waiting > ben"}},
		{"an owner who confirmed and lost the plan", func(c *cast) {
			_, err := c.confirm()
			c.OK(err)
			_, err = c.approve()
			c.OK(err)
			change(c.World, c.ana, onPlan(plan.Free))
		}, []string{"remind-receiver > ben", "waiting > ana"}},
		{"nobody, while the transfer is held", func(c *cast) {
			c.Advance(24 * time.Hour)
			c.Secure(c.ana)
			c.all()
		}, []string{}},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			c := offered(t)
			half := c.Now().Add(transfer.Life / 2)
			test.do(c)
			c.news()
			c.Advance(half.Sub(c.Now()) - time.Millisecond)
			c.sweep()
			c.wantNews("before half time")
			c.Advance(time.Millisecond)
			c.sweep()
			c.sweep()
			c.wantNews("at half time", test.want...)
			checkWorld(c.World, c.ana.ID, c.ben.ID)
		})
	}
}

// After a long outage the sweep sends one reminder, not two.
func TestALateReminderIsOne(t *testing.T) {
	t.Parallel()
	c := offered(t)
	c.news()
	c.Advance(transfer.Life - time.Hour)
	c.sweep()
	c.sweep()
	c.wantNews("an hour before the end", "remind-desk > support-desk", "remind-owner > ana", "remind-receiver > ben")
}

func TestAProfileIsDeletedWithItsOpenTransfer(t *testing.T) {
	t.Parallel()
	for name, answered := range map[string]bool{"not answered": false, "accepted": true} {
		c := offered(t)
		if answered {
			_, err := c.accept(transfer.Acceptance{})
			c.OK(err)
		}
		c.news()
		c.drop(c.ana, c.plant)
		got := c.wantState(name, transfer.Failed)
		if got.Reason != "the profile was deleted" {
			t.Errorf("%s: the reason is %q", name, got.Reason)
		}
		c.wantNews(name, "ended > ana", "ended > ben", "ended > support-desk")
		checkWorld(c.World)
		before := c.State()
		c.Advance(10 * 24 * time.Hour)
		c.sweep()
		if c.State() != before {
			t.Errorf("%s: a failed transfer changed", name)
		}
	}
}

// The transfer's time is over, and the owner deletes the profile before the
// sweep. The transfer has expired, and the deletion does not change that to
// failed.
func TestDeletingAProfileDoesNotRewriteAnExpiredTransfer(t *testing.T) {
	t.Parallel()
	c := offered(t)
	c.Advance(transfer.Life)
	if got := c.stored(c.ticket.ID).Outcome(c.Now()); got != "has expired" {
		t.Errorf("by the clock it %s", got)
	}
	c.drop(c.ana, c.plant)
	if got := c.stored(c.ticket.ID).Outcome(c.Now()); got != "has expired" {
		t.Errorf("after the profile was deleted it %s, want: has expired", got)
	}
}
