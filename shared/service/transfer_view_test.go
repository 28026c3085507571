package service_test

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"profiles/shared/operation"
	"profiles/shared/plan"
	"profiles/shared/problem"
	"profiles/shared/service"
	"profiles/shared/service/notifications"
	"profiles/shared/service/teams"
	"profiles/shared/tenancy"
	"profiles/shared/testkit"
	"profiles/shared/transfer"
	"profiles/shared/value"
)

// Each side sees whether the other one is ready, and nothing more.
func TestWhatTheSidesSee(t *testing.T) {
	t.Parallel()
	c := newCast(t)
	allocate(c.World, c.plant, some)
	grow(c.World, c.ana, plan.Amounts{plan.ServiceInput: 777_001})
	grow(c.World, c.ben,
		plan.Amounts{plan.ServiceInput: 888_001, plan.ServiceSMS: 5, plan.ServiceRunUsers: 2})
	c.OK(c.Teams.Invite(t.Context(), c.ana.Client(operation.TeamInvite), c.ref(), "secret-guest@example.com",
		teams.Offered{Permission: "full"}))
	c.offer(c.ben.Email)
	look := func(when string) {
		t.Helper()
		own, other := c.seen(c.ana), c.seen(c.ben)
		for _, hidden := range []string{"888001", "888_001", string(c.ben.ID), "1888001", "scale"} {
			if strings.Contains(strings.ReplaceAll(own, "the plan scale", ""), hidden) && hidden != "scale" {
				t.Errorf("%s: the owner sees %s: %s", when, hidden, own)
			}
		}
		for _, hidden := range []string{"777001", "1777001", "1778001", "mia@example.com", "eve@example.com", "secret-guest", string(c.sam.ID)} {
			if strings.Contains(other, hidden) {
				t.Errorf("%s: the receiving side sees %s: %s", when, hidden, other)
			}
		}
		if strings.Contains(own, string(c.sam.ID)) {
			t.Errorf("%s: the owner sees which agent acted", when)
		}
		var v struct {
			Checks []struct{ Code, Side string }
		}
		c.OK(json.Unmarshal([]byte(own), &v))
		for _, check := range v.Checks {
			if check.Side != "source" && check.Code != "destination" {
				t.Errorf("%s: the owner sees the check %s of the other side", when, check.Code)
			}
		}
		v.Checks = nil
		c.OK(json.Unmarshal([]byte(other), &v))
		for _, check := range v.Checks {
			if check.Side != "destination" && check.Code != "source" {
				t.Errorf("%s: the receiving side sees the check %s of the other side", when, check.Code)
			}
		}
		c.secrets(c.ana, c.ben)
		for _, p := range []testkit.Person{c.mia, c.eve, c.zed} {
			_, err := c.Transfers.Get(t.Context(), p.Client(operation.TransferGet), c.ticket.ID)
			c.Refused(err, problem.CodeNotFound)
			list, err := c.Transfers.List(t.Context(), p.Client(operation.TransferList),
				service.Paging{Page: 1, Amount: 10})
			if c.OK(err); len(list.Rows) > 0 {
				t.Errorf("%s: %s lists %d transfers", when, p.Name, len(list.Rows))
			}
		}
	}
	look("requested")
	_, err := c.Desk.Note(t.Context(), c.sam.Client(operation.DeskNote), c.ticket.ID, "note", "between you and us")
	c.OK(err)
	if strings.Contains(c.seen(c.ben), "between you") || !strings.Contains(c.seen(c.ana), "between you") {
		t.Error("the desk's words to the owner reach the wrong side")
	}
	_, err = c.accept(transfer.Acceptance{
		Members: map[value.AccountID]tenancy.Permission{c.mia.ID: tenancy.PermissionRead}})
	c.OK(err)
	_, err = c.approve()
	c.OK(err)
	if strings.Contains(strings.Join(c.noticesOf(c.ben), ""), "between you") {
		t.Error("the desk's words to the owner are in a notification of the receiving side")
	}
	_, err = c.confirm()
	c.OK(err)
	c.wantOwner("it moved", c.ben)
	// Later changes of an account are not visible to the other side.
	c.Advance(time.Hour)
	look2 := c.seen(c.ana)
	for _, hidden := range []string{"888001", "1888001", string(c.ben.ID)} {
		if strings.Contains(look2, hidden) {
			t.Errorf("completed: the previous owner sees %s: %s", hidden, look2)
		}
	}
	c.secrets(c.ana, c.ben)
}

func (c *cast) noticesOf(p testkit.Person) (out []string) {
	c.Helper()
	list, err := c.Notifications.List(c.Context(), p.Client(operation.NotificationList),
		notifications.Query{Paging: service.Paging{Page: 1, Amount: 100}})
	c.OK(err)
	for _, n := range list.Rows {
		out = append(out, n.Title+": "+n.Message)
	}
	return out
}

// Lists have the transfers that an account gives, receives and is offered, page
// by page and each once.
func TestListsOfTransfers(t *testing.T) {
	t.Parallel()
	c := newCast(t)
	want := map[string][]transfer.ID{} // by name, newest first
	note := func(id transfer.ID, names ...string) {
		for _, n := range names {
			want[n] = append([]transfer.ID{id}, want[n]...)
		}
	}
	for n := range 5 { // ana offers, and cancels
		c.offer(c.ben.Email)
		if n%2 == 0 {
			_, err := c.accept(transfer.Acceptance{})
			c.OK(err)
			note(c.ticket.ID, "ben")
		}
		note(c.ticket.ID, "ana")
		_, err := c.cancel()
		c.OK(err)
		c.Advance(time.Minute)
	}
	var open []transfer.ID // offers that ben has not answered
	for range 3 {
		c.plant = c.ana.Profile("x")
		c.offer(c.ben.Email)
		note(c.ticket.ID, "ana")
		open = append([]transfer.ID{c.ticket.ID}, open...)
		c.Advance(time.Minute)
	}
	want["ben"] = append(open, want["ben"]...)
	for name, person := range map[string]testkit.Person{"ana": c.ana, "ben": c.ben, "zed": c.zed} {
		for amount := 1; amount <= 9; amount++ {
			var got []transfer.ID
			for page := 1; page <= 10; page++ {
				list, err := c.Transfers.List(t.Context(), person.Client(operation.TransferList),
					service.Paging{Page: page, Amount: amount})
				c.OK(err)
				if len(list.Rows) > amount {
					t.Errorf("%s: page %d of %d has %d transfers", name, page, amount, len(list.Rows))
				}
				for _, l := range list.Rows {
					got = append(got, l.ID)
					party := map[string]transfer.Party{"ana": transfer.PartySource,
						"ben": transfer.PartyDestination}[name]
					if l.Party != party {
						t.Errorf("%s is listed as %s", name, l.Party)
					}
				}
			}
			if !slices.Equal(got, want[name]) {
				t.Errorf("%s, %d a page: got %v, want %v", name, amount, got, want[name])
			}
			got = nil
			for p := (service.Paging{Amount: amount}); ; {
				list, err := c.Transfers.List(t.Context(), person.Client(operation.TransferList), p)
				c.OK(err)
				for _, l := range list.Rows {
					got = append(got, l.ID)
				}
				if p.After = list.Next; p.After == "" {
					break
				}
				if len(list.Rows) != amount {
					t.Errorf("%s, %d a page: a page before the last has %d", name, amount, len(list.Rows))
				}
			}
			if !slices.Equal(got, want[name]) {
				t.Errorf("%s, by cursors of %d: got %v, want %v", name, amount, got, want[name])
			}
		}
	}
	checkWorld(c.World)
}

// The logs of both accounts and of the profile have the move. The profile keeps
// its id and its log.
func TestAuditOfAMove(t *testing.T) {
	t.Parallel()
	c := offered(t)
	log := func(id string) (out []string) {
		for e, err := range c.Store.AuditEntries(t.Context(), id, c.Now().AddDate(0, 0, -7),
			c.Now().Add(time.Millisecond), "", 0) {
			c.OK(err)
			out = append(out, fmt.Sprint(e.ID, e.Time, e.Who, e.Resource, e.ResourceID, e.Message))
		}
		return out
	}
	before := log(string(c.plant))
	created := c.profile().Created
	c.Advance(time.Second)
	_, err := c.confirm()
	c.OK(err)
	c.Advance(time.Second)
	_, err = c.approve()
	c.OK(err)
	c.Advance(time.Second)
	_, err = c.accept(transfer.Acceptance{})
	c.OK(err)
	after := log(string(c.plant))
	if len(after) < len(before) || !slices.Equal(after[:len(before)], before) {
		t.Errorf("the log of the plant was %q and is %q", before, after)
	}
	said := after[len(before):]
	for i, want := range []string{"Transfer confirmed", "Transfer approved by support", "Profile transferred to another account", "Transfer accepted"} {
		if !slices.ContainsFunc(said, func(s string) bool { return strings.Contains(s, want) }) ||
			len(said) != 4 {
			t.Errorf("entry %d: the log has %q, want %q and four in all", i, said, want)
		}
	}
	for _, p := range []testkit.Person{c.ana, c.ben} {
		got := log(string(p.ID))
		if len(got) != 1 || !strings.Contains(got[0], "Profile transferred to another account") ||
			!strings.Contains(got[0], string(c.ticket.ID)) {
			t.Errorf("the log of %s is %q", p.Name, got)
		}
	}
	p := c.profile()
	if p.ID != c.plant || !p.Created.Equal(created) ||
		!p.Transferred.Equal(c.Now().Truncate(time.Millisecond)) {
		t.Errorf("the plant is %+v", p)
	}
	// The cost of the day is divided at the move.
	var cuts int
	for cut, err := range c.Store.CostCuts(t.Context(), c.plant) {
		c.OK(err)
		if cuts++; cut.From != c.ana.ID || cut.To != c.ben.ID || cut.Transfer != c.ticket.ID ||
			!cut.Time.Equal(c.Now()) {
			t.Errorf("the cut is %+v", cut)
		}
	}
	if cuts != 1 {
		t.Errorf("got %d cuts, want 1", cuts)
	}
}

// Each mail of the transfers in this file can be rendered with its data.
func TestMailsOfTransfersRender(t *testing.T) {
	t.Parallel()
	c := moved(t, transfer.Acceptance{Owner: tenancy.PermissionRead})
	_, err := c.revert(c.sam)
	c.OK(err)
	_, err = c.revert(c.kim)
	c.OK(err)
	c.Advance(tenancy.TransferLock)
	c.offer("nobody@example.com")
	for _, kind := range []string{"note", "question"} {
		_, err = c.Desk.Note(t.Context(), c.sam.Client(operation.DeskNote), c.ticket.ID, kind, "text")
		c.OK(err)
	}
	c.Advance(time.Hour)
	_, err = c.Desk.Extend(t.Context(), c.sam.Client(operation.DeskExtend), c.ticket.ID)
	c.OK(err)
	c.Advance(transfer.Life / 2)
	c.sweep()
	c.Advance(transfer.Life)
	c.sweep()
	if n := len(c.Rendered()); n < 20 {
		t.Errorf("only %d mails were rendered, want at least 20", n)
	}
}
