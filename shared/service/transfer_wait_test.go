package service_test

import (
	"strings"
	"testing"
	"time"

	"profiles/shared/operation"
	"profiles/shared/plan"
	"profiles/shared/service"
	"profiles/shared/service/tokens"
	"profiles/shared/tenancy"
	"profiles/shared/testkit"
	"profiles/shared/transfer"
)

// A person signs up with the offered address after the offer, and accepts.
func TestAnOfferWaitsForAnAccount(t *testing.T) {
	t.Parallel()
	c := newCast(t)
	c.offer(zoe)
	c.wantNews("to an unknown address", "desk > support-desk", "offered-new > zoe", "requested > ana")
	_, err := c.confirm()
	c.OK(err)
	_, err = c.approve()
	c.OK(err)
	c.news()
	code := waiting(c.World, zoe)
	c.Advance(time.Minute)
	c.OK(c.Accounts.Confirm(t.Context(), service.Client{}, code))
	entered, err := c.Accounts.Login(t.Context(), service.Client{Source: testkit.Home}, zoe,
		service.Credentials{Password: testkit.Password})
	made, grants := entered.Account, entered.Grants
	c.OK(err)
	minted, err := c.Tokens.CreateAtLogin(t.Context(),
		service.Client{Source: testkit.Home}, tokens.NewToken{
			Profile: service.ProfileRef{ID: grants[0].Profile}, Email: zoe, Credentials: service.Credentials{Password: testkit.Password}, Name: "x",
		})
	c.OK(err)
	client := testkit.ClientOf(minted.Text)
	list, err := c.Transfers.List(t.Context(), client.For(operation.TransferList.Access),
		service.Paging{Page: 1, Amount: 10})
	c.OK(err)
	if len(list.Rows) != 1 || list.Rows[0].ID != c.ticket.ID ||
		list.Rows[0].Party != transfer.PartyDestination {
		t.Errorf("the new account lists %+v, want the offer", list)
	}
	v, err := c.Transfers.Get(t.Context(), client.For(operation.TransferGet.Access), c.ticket.ID)
	c.OK(err)
	if v.Party != transfer.PartyDestination || v.Checks.OK() {
		t.Errorf("it sees %+v, want that its plan is missing", v.Checks)
	}
	got, err := c.Transfers.Accept(t.Context(), client.For(operation.TransferAccept.Access),
		c.ticket.ID, c.ticket.Answer, service.Credentials{Password: testkit.Password},
		transfer.Acceptance{})
	c.OK(err)
	if got.State != transfer.Requested || got.Waiting == "" {
		t.Errorf("with the plan Free it accepts: got %s, want a transfer that waits", got.State)
	}
	c.wantNews("it waits for the plan", "waiting > zoe")
	c.OK(tryChange(c.World, made.ID, onPlan(plan.Starter)))
	c.Advance(15 * time.Minute)
	c.sweep()
	c.wantState("with a plan", transfer.Completed)
	if p := c.profile(); p.Owner != made.ID || p.Plan != plan.Starter {
		t.Errorf("the plant is %+v, want the new account's", p)
	}
	c.wantNews("it moves", "given > ana", "received > zoe")
	checkWorld(c.World)
}

// With the policy auto, support is neither asked nor notified.
func TestWithoutSupport(t *testing.T) {
	t.Parallel()
	c := offered(t, transfer.PolicyAuto)
	c.wantNews("a request", "offered > ben", "requested > ana")
	for _, m := range c.allMails() {
		if strings.Contains(m.Data["needs"], "support") {
			t.Errorf("the mail %s says %q", m.Kind, m.Data["needs"])
		}
	}
	_, err := c.confirm()
	c.OK(err)
	c.wantOwner("confirmed alone", c.ana)
	got, err := c.accept(transfer.Acceptance{})
	c.OK(err)
	if got.State != transfer.Completed {
		t.Errorf("got %s, want a move without the desk", got.State)
	}
	c.wantOwner("both agree", c.ben)
	c.wantNews("it moves", "given > ana", "received > ben")
	checkWorld(c.World)

	for name, end := range map[string]struct {
		do   func(*cast)
		want []string
	}{
		"canceled": {func(c *cast) { _, err := c.cancel(); c.OK(err) }, []string{"ended > ana", "ended > ben"}},
		"reminded": {func(c *cast) { c.Advance(transfer.Life / 2); c.sweep() }, []string{"remind-owner > ana", "remind-receiver > ben"}},
		"expired":  {func(c *cast) { c.Advance(transfer.Life); c.sweep() }, []string{"ended > ana", "ended > ben"}},
	} {
		c := offered(t, transfer.PolicyAuto)
		c.news()
		end.do(c)
		c.wantNews(name, end.want...)
		checkWorld(c.World)
	}
}

// An attacker who takes over an account cannot transfer its profiles before the
// owner has had three days to notice.
func TestASecurityChangeHoldsTheMove(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name string
		// time between the change and the request; negative if the change comes
		// later
		before time.Duration
		held   time.Duration // time from the request to the move; zero: not held
	}{
		{"a change just before the request", time.Minute, transfer.SecurityHold},
		{"a change six days before", 6 * 24 * time.Hour, transfer.SecurityHold},
		{"a change less than a week before", transfer.SecurityRecent - time.Millisecond, transfer.SecurityHold},
		{"a change a week before", transfer.SecurityRecent, 0},
		{"a change after the request", -time.Hour, transfer.SecurityHold + time.Hour},
		{"a change a day after the request", -24 * time.Hour, transfer.SecurityHold + 24*time.Hour},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			c := newCast(t)
			if test.before > 0 {
				c.Secure(c.ana)
				c.Advance(test.before)
			}
			c.offer(c.ben.Email)
			requested := c.Now()
			if test.before < 0 {
				c.Advance(-test.before)
				c.Secure(c.ana)
			}
			c.news()
			got := c.all()
			if test.held == 0 {
				if got.State != transfer.Completed {
					t.Errorf("the transfer is %s, waiting for %q, want no hold", got.State, got.Waiting)
				}
				return
			}
			if got.State != transfer.Requested || !strings.Contains(got.Waiting, "gives the profile away") {
				t.Errorf("the transfer is %s, waiting for %q, want a hold", got.State, got.Waiting)
			}
			c.wantNews("it is held", "waiting > ana")
			v, err := c.Transfers.Get(t.Context(), c.ana.Client(operation.TransferGet), c.ticket.ID)
			c.OK(err)
			if len(v.WaitingOn) != 0 {
				t.Errorf("it is the turn of %v, want nobody's: time alone is missing", v.WaitingOn)
			}
			until := requested.Add(test.held)
			c.Advance(until.Sub(c.Now()) - time.Millisecond)
			c.sweep()
			c.wantOwner("a millisecond before the hold ends", c.ana)
			c.Advance(time.Millisecond)
			// The sweep sends a reminder and leaves the rest to its next run.
			c.sweep()
			c.sweep()
			c.wantState("the hold has ended", transfer.Completed)
			c.wantOwner("the hold has ended", c.ben)
			checkWorld(c.World)
		})
	}
}

// All consents are there and a prerequisite is missing. The transfer waits,
// notifies once, and completes by itself when the prerequisite is met.
func TestWaitingForAPrerequisite(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name   string
		spoil  func(*cast)
		mend   func(*cast)
		mails  []string
		reason string
	}{
		{"the owner's plan is lowered", func(c *cast) { change(c.World, c.ana, onPlan(plan.Free)) }, func(c *cast) { change(c.World, c.ana, onPlan(plan.Starter)) },
			[]string{"waiting > ana"}, "gives the profile away"},
		{"the owner has no other profile left", func(c *cast) { c.drop(c.ana, c.ana.Home) }, func(c *cast) {
			p := c.ana
			p.Token = p.Mint(c.plant, "")
			p.Profile("another")
		}, []string{"waiting > ana"}, "gives the profile away"},
		{"the owner is blocked", func(c *cast) { change(c.World, c.ana, blocked(true)) }, func(c *cast) { change(c.World, c.ana, blocked(false)) },
			[]string{"waiting > ana"}, "gives the profile away"},
		{"the receiver's plan is lowered", func(c *cast) { change(c.World, c.ben, onPlan(plan.Free)) }, func(c *cast) { change(c.World, c.ben, onPlan(plan.Scale)) },
			[]string{"waiting > ben"}, "the receiving account"},
		{"the receiver's profiles are taken", func(c *cast) { c.zed.Home = c.fill(c.ben) }, func(c *cast) { c.drop(c.ben, c.zed.Home) },
			[]string{"waiting > ben"}, "the receiving account"},
		{"the receiver has allocated its room", func(c *cast) { change(c.World, c.ben, func(a *tenancy.Account) { a.Limits = a.Limits.Minus(some) }) },
			func(c *cast) { grow(c.World, c.ben, some) }, []string{"waiting > ben"}, "the receiving account"},
		{"the receiver is blocked", func(c *cast) { change(c.World, c.ben, blocked(true)) }, func(c *cast) { change(c.World, c.ben, blocked(false)) },
			[]string{"waiting > ben"}, "the receiving account"},
		{"both sides lack something", func(c *cast) {
			change(c.World, c.ana, onPlan(plan.Free))
			change(c.World, c.ben, onPlan(plan.Free))
		}, func(c *cast) {
			change(c.World, c.ana, onPlan(plan.Scale))
			change(c.World, c.ben, onPlan(plan.Scale))
		}, []string{"waiting > ana", "waiting > ben"}, "gives the profile away and the receiving account"},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			c := newCast(t)
			allocate(c.World, c.plant, some)
			grow(c.World, c.ben, some)
			c.offer(c.ben.Email)
			_, err := c.confirm()
			c.OK(err)
			_, err = c.accept(transfer.Acceptance{})
			c.OK(err)
			test.spoil(c)
			c.news()
			got, err := c.approve()
			c.OK(err)
			if got.State != transfer.Requested || !strings.Contains(got.Waiting, test.reason) {
				t.Errorf("the transfer is %s, waiting for %q, want %q", got.State, got.Waiting, test.reason)
			}
			c.wantNews("it waits", test.mails...)
			for range 3 {
				c.Advance(15*time.Minute - time.Millisecond)
				if n := c.sweep(); n != 0 {
					t.Errorf("it was tried %d times before a quarter of an hour was over", n)
				}
				c.Advance(time.Millisecond)
				if n := c.sweep(); n != 1 {
					t.Errorf("after a quarter of an hour it was tried %d times, want once", n)
				}
				if n := c.sweep(); n != 0 {
					t.Errorf("it was tried %d times more at once", n)
				}
			}
			c.wantNews("tried again, for the same reason")
			checkWorld(c.World, c.ana.ID, c.ben.ID)
			test.mend(c)
			c.wantOwner("put right, before the next try", c.ana)
			c.Advance(15 * time.Minute)
			c.sweep()
			c.wantState("put right", transfer.Completed)
			c.wantOwner("put right", c.ben)
			c.wantNews("it moves", "given > ana", "received > ben")
			checkWorld(c.World)
		})
	}
}

// A new reason is notified, and so is one that comes again. The transfer ends
// at its time when nobody acts.
func TestWaitingForOneThingAfterAnother(t *testing.T) {
	t.Parallel()
	c := offered(t)
	change(c.World, c.ben, onPlan(plan.Free))
	c.news()
	c.all()
	c.wantNews("the receiver lacks something", "waiting > ben")
	change(c.World, c.ana, onPlan(plan.Free))
	c.Advance(15 * time.Minute)
	c.sweep()
	c.wantNews("both lack something", "waiting > ana", "waiting > ben")
	change(c.World, c.ben, onPlan(plan.Scale))
	c.Advance(15 * time.Minute)
	c.sweep()
	c.wantNews("the owner lacks something", "waiting > ana")
	c.Advance(15 * time.Minute)
	c.sweep()
	c.wantNews("it still does")
	c.Advance(transfer.Life - time.Hour)
	c.sweep()
	c.sweep()
	c.news()
	c.Advance(time.Hour)
	c.sweep()
	c.wantState("its time is over", transfer.Expired)
	c.wantNews("its time is over", "ended > ana", "ended > ben", "ended > support-desk")
	change(c.World, c.ana, onPlan(plan.Scale))
	c.sweep()
	c.wantOwner("put right too late", c.ana)
	checkWorld(c.World)
}
