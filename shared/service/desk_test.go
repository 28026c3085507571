package service_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"profiles/shared/mailing"
	"profiles/shared/operation"
	"profiles/shared/problem"
	"profiles/shared/service"
	"profiles/shared/service/transfers"
	"profiles/shared/tenancy"
	"profiles/shared/testkit"
	"profiles/shared/transfer"
	"profiles/shared/value"
)

// deskWork sends each operation of support, as a client does.
func (c *cast) deskWork(client service.Client, id transfer.ID) map[string]error {
	ctx := c.Context()
	_, list := c.Desk.List(ctx, client.For(operation.DeskList.Access),
		service.Paging{Page: 1, Amount: 10})
	_, get := c.Desk.Get(ctx, client.For(operation.DeskGet.Access), id)
	_, approve := c.Desk.Approve(ctx, client.For(operation.DeskApprove.Access), id)
	_, note := c.Desk.Note(ctx, client.For(operation.DeskNote.Access), id, "note", "x")
	_, extend := c.Desk.Extend(ctx, client.For(operation.DeskExtend.Access), id)
	_, revert := c.Desk.Revert(ctx, client.For(operation.DeskRevert.Access), id)
	_, reject := c.Desk.Reject(ctx, client.For(operation.DeskReject.Access), id, "x")
	return map[string]error{"list": list, "get": get, "approve": approve, "note": note, "extend": extend,
		"revert": revert, "reject": reject}
}

// Only agents get an answer from the operations of support, whatever part in
// the transfer others have.
func TestOnlySupportSeesItsQueue(t *testing.T) {
	t.Parallel()
	c := offered(t)
	before := c.State()
	for _, p := range []testkit.Person{c.ana, c.ben, c.mia, c.zed} {
		for _, id := range []transfer.ID{c.ticket.ID, "TR-0000-0000"} {
			for work, err := range c.deskWork(testkit.ClientOf(p.Token), id) {
				if problem.CodeOf(err) != problem.CodeNotFound {
					t.Errorf("%s: %s of %s: got %v, want CodeNotFound", p.Name, work, id, err)
				}
			}
		}
	}
	for work, err := range c.deskWork(service.Client{Source: testkit.Home}, c.ticket.ID) {
		if problem.CodeOf(err) != problem.CodeUnauthenticated {
			t.Errorf("nobody: %s: got %v, want CodeUnauthenticated", work, err)
		}
	}
	if c.State() != before {
		t.Error("refusals changed the table")
	}
	// An agent whom the process has cached, and who is demoted, is refused with
	// the next request.
	_, err := c.Desk.List(t.Context(), c.kim.Client(operation.DeskList),
		service.Paging{Page: 1, Amount: 10})
	c.OK(err)
	_, err = c.Operator.SetType(t.Context(), string(c.kim.Email), tenancy.AccountUser)
	c.OK(err)
	before = c.State()
	for work, err := range c.deskWork(testkit.ClientOf(c.kim.Token), c.ticket.ID) {
		if problem.CodeOf(err) != problem.CodeNotFound {
			t.Errorf("somebody who was an agent: %s: got %v, want CodeNotFound", work, err)
		}
	}
	if c.State() != before {
		t.Error("refusals changed the table")
	}
	// A new agent is accepted with the next request.
	c.Agent(c.zed)
	_, err = c.Desk.Get(t.Context(), c.zed.Client(operation.DeskGet), c.ticket.ID)
	c.OK(err)
	for name, err := range map[string]error{"no ticket": c.deskWork(testkit.ClientOf(c.sam.Token), "TR-0000-0000")["get"],
		"no ticket to approve": c.deskWork(testkit.ClientOf(c.sam.Token), "TR-0000-0000")["approve"]} {
		if problem.CodeOf(err) != problem.CodeNotFound {
			t.Errorf("%s: got %v, want CodeNotFound", name, err)
		}
	}
}

func TestWhatAnAgentsTokenMayDo(t *testing.T) {
	t.Parallel()
	c := offered(t)
	for _, permission := range []string{"read", "write"} {
		client := testkit.ClientOf(c.sam.With(permission, ""))
		before := c.State()
		for work, err := range c.deskWork(client, c.ticket.ID) {
			want := problem.CodeForbidden
			if work == "list" || work == "get" {
				want = ""
			}
			if problem.CodeOf(err) != want {
				t.Errorf("a token to %s: %s: got %v, want code %q", permission, work, err, want)
			}
		}
		if c.State() != before {
			t.Errorf("a token to %s changed the table", permission)
		}
	}
}

// An agent may not decide about a transfer as its source, its receiver, or the
// holder of the offered address.
func TestAnAgentsOwnTransfer(t *testing.T) {
	t.Parallel()
	for name, prepare := range map[string]func(*cast) testkit.Person{
		"the source":          func(c *cast) testkit.Person { c.offer(c.ben.Email); return c.Agent(c.ana) },
		"the offered address": func(c *cast) testkit.Person { c.offer(c.kim.Email); return c.kim },
		"the receiver": func(c *cast) testkit.Person {
			c.offer(c.ben.Email)
			c.gates(false, true, false)
			return c.Agent(c.ben)
		},
		"a receiver who has another address by now": func(c *cast) testkit.Person {
			c.offer(c.ben.Email)
			c.gates(false, true, false)
			agent := c.Agent(c.ben)
			c.address(c.ben, "other@example.com")
			return agent
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c := newCast(t)
			agent := prepare(c)
			before := c.State()
			for work, err := range c.deskWork(testkit.ClientOf(agent.Token), c.ticket.ID) {
				if work != "list" && problem.CodeOf(err) != problem.CodeForbidden {
					t.Errorf("%s of the own transfer: got %v, want CodeForbidden", work, err)
				}
			}
			if c.State() != before {
				t.Error("refusals changed the table")
			}
			_, err := c.Desk.Get(t.Context(), c.sam.Client(operation.DeskGet), c.ticket.ID)
			c.OK(err)
		})
	}
	t.Run("its return", func(t *testing.T) {
		t.Parallel()
		c := moved(t, transfer.Acceptance{})
		for _, p := range []testkit.Person{c.ana, c.ben} {
			c.Agent(p)
			_, err := c.Desk.Revert(t.Context(), p.Client(operation.DeskRevert), c.ticket.ID)
			c.Refused(err, problem.CodeForbidden)
		}
	})
	t.Run("a member of the profile's team may decide", func(t *testing.T) {
		t.Parallel()
		c := offered(t)
		c.Agent(c.mia)
		_, err := c.Desk.Approve(t.Context(), c.mia.Client(operation.DeskApprove), c.ticket.ID)
		c.OK(err)
	})
}

// The queue has the open transfers, oldest first, with their age and whether
// support is late.
func TestTheQueueOfSupport(t *testing.T) {
	t.Parallel()
	c := newCast(t)
	var want []transfer.ID
	queue := func(page, amount int) []transfers.Queued {
		t.Helper()
		q, err := c.Desk.List(t.Context(), c.sam.Client(operation.DeskList),
			service.Paging{Page: page, Amount: amount})
		c.OK(err)
		return q.Rows
	}
	if len(queue(1, 10)) != 0 {
		t.Error("the queue of an empty desk is not empty")
	}
	tickets := map[string]testkit.Ticket{}
	for _, name := range []string{"plant", "asked", "canceled", "approved", "confirmed"} {
		if name != "plant" {
			c.plant = c.ana.Profile(name)
		}
		c.Advance(time.Minute)
		c.offer(c.ben.Email)
		tickets[name] = c.ticket
		want = append(want, c.ticket.ID)
		if name == "approved" {
			c.gates(false, false, true)
		}
		if name == "confirmed" {
			c.gates(true, false, false)
		}
		if name == "plant" {
			c.gates(false, true, false)
		}
		if name == "canceled" {
			_, err := c.cancel()
			c.OK(err)
			c.drop(c.ana, c.plant)
			want = want[:len(want)-1]
		}
	}
	ids := func(q []transfers.Queued) (out []transfer.ID) {
		for _, t := range q {
			out = append(out, t.ID)
		}
		return out
	}
	if got := ids(queue(1, 10)); !slices.Equal(got, want) {
		t.Errorf("the queue is %v, want %v", got, want)
	}
	for amount := 1; amount <= 5; amount++ {
		var got []transfer.ID
		for page := 1; page <= 6; page++ {
			q := queue(page, amount)
			if len(q) > amount {
				t.Errorf("page %d of %d has %d", page, amount, len(q))
			}
			got = append(got, ids(q)...)
		}
		if !slices.Equal(got, want) {
			t.Errorf("%d a page: got %v, want %v", amount, got, want)
		}
	}
	turns := map[string][]transfer.Party{
		"asked":    {transfer.PartySource, transfer.PartyDestination, transfer.PartySupport},
		"approved": {transfer.PartySource, transfer.PartyDestination}, "confirmed": {transfer.PartyDestination, transfer.PartySupport},
		"plant": {transfer.PartySource, transfer.PartySupport},
	}
	first := queue(1, 10)[0]
	c.Advance(transfer.DeskTarget - first.Age)
	for i, q := range queue(1, 10) {
		if q.Late {
			t.Errorf("ticket %d of age %s is late", i, q.Age)
		}
	}
	c.Advance(transfer.Reminder)
	for _, q := range queue(1, 10) {
		if q.Age != c.Now().Sub(q.Created) || q.Late != (q.ID != tickets["approved"].ID) ||
			!slices.Equal(q.Turn, turns[q.ProfileName]) {
			t.Errorf("%s: age %s, late %v, turn %v, want %v", q.ProfileName, q.Age, q.Late, q.Turn, turns[q.ProfileName])
		}
	}
	// A transfer whose time is over is not in the queue, even before a sweep.
	c.Advance(transfer.Life)
	if got := queue(1, 10); len(got) != 0 {
		t.Errorf("the queue has %d transfers whose time is over", len(got))
	}
	c.sweep()
	checkWorld(c.World)
}

// Messages between support and the owner are visible to them only.
func TestNotesAndQuestions(t *testing.T) {
	t.Parallel()
	c := offered(t)
	c.news()
	note := func(kind, text string) (transfer.Transfer, error) {
		return c.Desk.Note(t.Context(), c.sam.Client(operation.DeskNote), c.ticket.ID, kind, text)
	}
	before := c.State()
	for kind, text := range map[string]string{"order": "x", "": "x", "note": "", "question": " \n ",
		"answer": strings.Repeat("x", 1001)} {
		if _, err := note(kind, text); problem.CodeOf(err) != problem.CodeInvalid {
			t.Errorf("%q %.10q: got %v, want CodeInvalid", kind, text, err)
		}
	}
	if c.State() != before {
		t.Error("refusals changed the table")
	}
	said := []string{"please send the contract", "is it meant?", "yes, on the phone"}
	for i, kind := range []string{"note", "question", "answer"} {
		got, err := note(kind, said[i])
		c.OK(err)
		if got.Question != (kind == "question") {
			t.Errorf("after the %s: the owner must answer: %v", kind, got.Question)
		}
		switch kind {
		case "answer":
			c.wantNews(kind)
		default:
			c.wantNews(kind, kind+" > ana")
			for _, m := range c.allMails() {
				if string(m.Kind) == "transfer-"+kind && m.Data["note"] != said[i] {
					t.Errorf("the mail says %q, want %q", m.Data["note"], said[i])
				}
			}
		}
		v, err := c.Transfers.Get(t.Context(), c.ana.Client(operation.TransferGet), c.ticket.ID)
		c.OK(err)
		if kind == "question" && !slices.Contains(v.WaitingOn, transfer.PartySource) {
			t.Errorf("asked, it is the turn of %v", v.WaitingOn)
		}
		c.Advance(time.Second)
	}
	// The sides that have answered continue, and the messages stay.
	c.gates(true, true, false)
	for i, text := range said {
		if !strings.Contains(c.seen(c.ana), text) ||
			!strings.Contains(c.view(operation.DeskGet, "/desk/transfer/"+string(c.ticket.ID), c.kim), text) {
			t.Errorf("entry %d is missing in the view of the owner or of the desk", i)
		}
		if strings.Contains(c.seen(c.ben), text) {
			t.Errorf("entry %d is in the view of the receiving side", i)
		}
		for _, p := range []testkit.Person{c.ana, c.ben} {
			if strings.Contains(strings.Join(c.noticesOf(p), " "), text) {
				t.Errorf("entry %d is in a notification of %s", i, p.Name)
			}
		}
	}
	if s := c.seen(c.ana); strings.Contains(s, string(c.sam.ID)) {
		t.Errorf("the owner sees which agent spoke: %s", s)
	}
	s := c.view(operation.DeskGet, "/desk/transfer/"+string(c.ticket.ID), c.kim)
	if !strings.Contains(s, string(c.sam.ID)) {
		t.Error("the desk does not see which agent spoke")
	}
	// A question does not prevent a consent. Support decides.
	_, err := note("question", "and the sensors?")
	c.OK(err)
	got, err := c.approve()
	c.OK(err)
	if got.State != transfer.Completed {
		t.Errorf("the transfer is %s, want completed", got.State)
	}
	if _, err := note("note", "late"); problem.CodeOf(err) != problem.CodeConflict {
		t.Errorf("a note after the end: got %v, want CodeConflict", err)
	}
	checkWorld(c.World)
}

// A ticket has a limit of entries by support. The next one is refused and not
// lost, and events that matter still fit.
func TestATicketIsFull(t *testing.T) {
	t.Parallel()
	c := offered(t)
	for _, kind := range []string{"note", "answer"} {
		for n := 0; ; n++ {
			text := fmt.Sprint(kind, " ", n)
			got, err := c.Desk.Note(t.Context(), c.sam.Client(operation.DeskNote),
				c.ticket.ID, kind, text)
			if err != nil {
				c.Refused(err, problem.CodeConflict)
				break
			}
			if last := got.Timeline[len(got.Timeline)-1]; last.Text != text {
				t.Errorf("%q was answered as if it were in the timeline, which ends with %q", text, last.Text)
				break
			}
		}
	}
	// The receiving side changes its answer many times. The events that happen
	// once are still recorded.
	for i := range 40 {
		_, err := c.accept(transfer.Acceptance{Owner: []tenancy.Permission{tenancy.PermissionRead,
			tenancy.PermissionWrite}[i%2]})
		c.OK(err)
	}
	c.gates(true, false, true)
	got := c.wantState("a full ticket", transfer.Completed)
	var last []transfer.EventKind
	for _, e := range got.Timeline[len(got.Timeline)-3:] {
		last = append(last, e.What)
	}
	if !slices.Equal(last, []transfer.EventKind{transfer.EventConfirmed, transfer.EventApproved,
		transfer.EventEnded}) {
		t.Errorf("the timeline ends with %v", last)
	}
	checkWorld(c.World)
}

// An agent restores the full time of a transfer, up to four weeks from the
// request.
func TestExtending(t *testing.T) {
	t.Parallel()
	c := offered(t)
	c.news()
	created := c.Now()
	extend := func() (transfer.Transfer, error) {
		return c.Desk.Extend(t.Context(), c.sam.Client(operation.DeskExtend), c.ticket.ID)
	}
	before := c.State()
	got, err := extend()
	c.OK(err)
	if c.State() != before || !got.Expires.Equal(created.Add(transfer.Life)) {
		t.Errorf("one that has its full time: got %s, and a table that changed", got.Expires)
	}
	c.wantNews("nothing to extend")
	for _, day := range []int{6, 12, 18} {
		c.Advance(created.Add(time.Duration(day) * 24 * time.Hour).Sub(c.Now()))
		got, err = extend()
		c.OK(err)
		if want := c.Now().Add(transfer.Life); !got.Expires.Equal(want) {
			t.Errorf("on day %d: it ends on %s, want %s", day, got.Expires, want)
		}
		c.wantNews(fmt.Sprint("on day ", day), "extended > ana", "extended > ben")
	}
	c.Advance(created.Add(24 * 24 * time.Hour).Sub(c.Now()))
	got, err = extend()
	c.OK(err)
	if want := created.Add(transfer.Longest); !got.Expires.Equal(want) {
		t.Errorf("on day 24 it ends on %s, want %s", got.Expires, want)
	}
	c.news()
	before = c.State()
	c.Advance(time.Hour)
	_, err = extend()
	c.Refused(err, problem.CodeForbidden)
	if c.State() != before {
		t.Error("the refusal changed the table")
	}
	c.sweep()
	c.wantNews("half time has passed long ago", "remind-desk > support-desk", "remind-owner > ana", "remind-receiver > ben")
	c.Advance(created.Add(transfer.Longest - transfer.Reminder).Sub(c.Now()))
	c.sweep()
	c.sweep()
	c.wantNews("a day before the end", "remind-desk > support-desk", "remind-owner > ana", "remind-receiver > ben")
	c.Advance(transfer.Reminder - time.Millisecond)
	c.sweep()
	c.wantState("a millisecond before the end", transfer.Requested)
	c.Advance(time.Millisecond)
	_, err = extend()
	c.Refused(err, problem.CodeConflict)
	c.sweep()
	c.wantState("after four weeks", transfer.Expired)
	checkWorld(c.World)
}

func TestAReturnIsNotExtended(t *testing.T) {
	t.Parallel()
	c := moved(t, transfer.Acceptance{})
	r, err := c.revert(c.ana)
	c.OK(err)
	c.Advance(24 * time.Hour)
	before := c.State()
	_, err = c.Desk.Extend(t.Context(), c.sam.Client(operation.DeskExtend), r.ID)
	c.Refused(err, problem.CodeForbidden)
	if c.State() != before {
		t.Error("the refusal changed the table")
	}
}

// The reason of a rejection reaches both sides, in the mail and in the view of
// the transfer.
func TestRejecting(t *testing.T) {
	t.Parallel()
	for _, answered := range []bool{false, true} {
		t.Run(fmt.Sprintf("answered before: %v", answered), func(t *testing.T) {
			t.Parallel()
			c := offered(t)
			if answered {
				c.gates(false, true, false)
			}
			c.news()
			before := c.State()
			for _, reason := range []string{"", "  \n", strings.Repeat("x", 1001)} {
				_, err := c.Desk.Reject(t.Context(), c.sam.Client(operation.DeskReject),
					c.ticket.ID, reason)
				c.Refused(err, problem.CodeInvalid)
			}
			if c.State() != before {
				t.Error("refusals changed the table")
			}
			got, err := c.Desk.Reject(t.Context(), c.sam.Client(operation.DeskReject),
				c.ticket.ID, "the contract names\nanother company")
			c.OK(err)
			if got.State != transfer.Rejected {
				t.Errorf("the transfer is %s, want rejected", got.State)
			}
			told := map[string]string{}
			for _, m := range c.allMails() {
				if m.Kind == mailing.KindTransferEnded {
					told[m.To] = m.Data["reason"]
				}
			}
			for _, p := range []testkit.Person{c.ana, c.ben} {
				if !strings.Contains(told[string(p.Email)], "the contract names\nanother company") {
					t.Errorf("the mail to %s has the reason %q", p.Name, told[string(p.Email)])
				}
			}
			c.wantNews("rejected", "ended > ana", "ended > ben")
			sees := []testkit.Person{c.ana}
			if answered {
				sees = append(sees, c.ben)
			}
			for _, p := range sees {
				s := c.seen(p)
				if !strings.Contains(s, "another company") || strings.Contains(s, string(c.sam.ID)) {
					t.Errorf("%s sees %s", p.Name, s)
				}
			}
			// A repetition changes nothing, and another decision is too late.
			before = c.State()
			_, err = c.Desk.Reject(t.Context(), c.kim.Client(operation.DeskReject), c.ticket.ID, "another reason")
			c.OK(err)
			_, err = c.approve()
			c.Refused(err, problem.CodeConflict)
			if c.State() != before {
				t.Error("a rejected transfer changed")
			}
			checkWorld(c.World)
		})
	}
}

// A second agent's approval has no effect, nor has a repeated one.
func TestApprovingTwice(t *testing.T) {
	t.Parallel()
	c := offered(t)
	c.gates(false, false, true)
	before := c.State()
	for _, p := range []testkit.Person{c.sam, c.kim} {
		_, err := c.Desk.Approve(t.Context(), p.Client(operation.DeskApprove), c.ticket.ID)
		c.OK(err)
	}
	if c.State() != before {
		t.Error("approvals beside the first changed the table")
	}
	if got := c.stored(c.ticket.ID); !slices.Equal(got.Approvals, []value.AccountID{c.sam.ID}) {
		t.Errorf("approved by %v", got.Approvals)
	}
}
