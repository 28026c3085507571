package service_test

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"time"

	"profiles/shared/mailing"
	"profiles/shared/metric"
	"profiles/shared/operation"
	"profiles/shared/plan"
	"profiles/shared/problem"
	"profiles/shared/service"
	"profiles/shared/service/teams"
	"profiles/shared/testkit"
	"profiles/shared/transfer"
	"profiles/shared/value"
)

// collected are the metrics that do adds to, by their names.
func collected(w *testkit.World, do func(ctx context.Context)) map[string]string {
	ctx, record := metric.Begin(w.Context(), "x", "")
	do(ctx)
	got := map[string]string{}
	for _, m := range metric.All() {
		for _, a := range record.Attributes(time.Now()) {
			if a.Key == m.Name {
				got[m.Name] = a.Value.String()
			}
		}
	}
	return got
}

func wants(t *testing.T, what string, got map[string]string, want map[string]string) {
	t.Helper()
	if fmt.Sprint(got) != fmt.Sprint(want) {
		t.Errorf("%s: got %v, want %v", what, got, want)
	}
}

// A mail counts from its commit until it is delivered or given up. In between,
// each run of the sweep measures how many mails wait, due or not, and the age
// of the oldest.
func TestMailsAreMeasured(t *testing.T) {
	t.Parallel()
	w := testkit.New(t)
	retry := func(ctx context.Context) { _, _ = w.Services.Outbox.Retry(ctx) }
	wants(t, "an empty outbox", collected(w, retry), map[string]string{})
	ana := w.Quick("ana")
	w.Mail("")
	w.OK(w.Accounts.RequestPassword(w.Context(),
		service.Client{Source: testkit.Home}, string(ana.Email)))
	w.Advance(90 * time.Second)
	w.Outbox.Refuse(errors.New("SES is down"))
	wants(t, "a mail that cannot be sent", collected(w, retry),
		map[string]string{"MailsWaiting": "1", "OldestMail": "90"})
	w.Advance(30 * time.Second)
	// The mail is not due again yet.
	wants(t, "a mail that was postponed", collected(w, retry),
		map[string]string{"MailsWaiting": "1", "OldestMail": "120"})
	w.Advance(3 * time.Minute)
	wants(t, "a mail that leaves", collected(w, retry),
		map[string]string{"MailsWaiting": "1", "OldestMail": "300", "MailDelay": "300"})
	wants(t, "an outbox that is empty again", collected(w, retry), map[string]string{})
	w.OK(w.Accounts.RequestPassword(w.Context(),
		service.Client{Source: testkit.Home}, string(ana.Email)))
	w.Advance(20 * time.Second)
	w.Outbox.Refuse(problem.Invalid("no such address"))
	wants(t, "a mail that is given up", collected(w, retry),
		map[string]string{"MailsWaiting": "1", "OldestMail": "20", "MailDelay": "20"})
}

// Transfers count when they are requested and when they end. The sweep measures
// how many are open, and how late the first answer of support is.
func TestTransfersAreMeasured(t *testing.T) {
	t.Parallel()
	c := offered(t)
	sweep := func(ctx context.Context) { _, err := c.Transfers.Expire(ctx); c.OK(err) }
	wants(t, "an open transfer", collected(c.World, sweep), map[string]string{"TransfersOpen": "1"})
	c.Advance(transfer.DeskTarget + time.Minute)
	late := collected(c.World, sweep)
	if late["TransferLate"] == "" {
		t.Errorf("support is late, and the sweep says %v", late)
	}
	note := func(ctx context.Context) {
		_, err := c.Desk.Note(ctx, c.sam.Client(operation.DeskNote), c.ticket.ID, "note", "x")
		c.OK(err)
	}
	if got := collected(c.World, note); got["FirstAnswer"] != late["TransferLate"] || len(got) != 1 {
		t.Errorf("the first answer: got %v, want the age %s", got, late["TransferLate"])
	}
	wants(t, "the second answer", collected(c.World, note), map[string]string{})
	wants(t, "an answered transfer", collected(c.World, sweep), map[string]string{"TransfersOpen": "1"})
	wants(t, "the end", collected(c.World, func(ctx context.Context) {
		_, err := c.Desk.Reject(ctx, c.sam.Client(operation.DeskReject), c.ticket.ID, "x")
		c.OK(err)
	}), map[string]string{"TransfersEnded": "1"})
	wants(t, "no transfer", collected(c.World, sweep), map[string]string{})
	other := testkit.New(t)
	ana, ben, sam := other.Quick("ana"), other.Quick("ben"), other.Agent(other.Quick("sam"))
	plant := ana.Profile("plant")
	moved := collected(other, func(ctx context.Context) {
		inside := *other
		inside.TB = with{t, ctx}
		inside.Move(plant, ana, ben, sam)
	})
	if moved["TransfersRequested"] != "1" || moved["TransfersCompleted"] != "1" || moved["FirstAnswer"] == "" {
		t.Errorf("a move: got the metrics %v, want one request, one completion and the time of the first answer", moved)
	}
}

// with is a test with another context.
type with struct {
	*testing.T
	ctx context.Context
}

func (w with) Context() context.Context { return w.ctx }

// The operations of people count in their commit.
func TestPeopleAreMeasured(t *testing.T) {
	t.Parallel()
	w := testkit.New(t)
	inside := func(do func(w *testkit.World)) map[string]string {
		return collected(w, func(ctx context.Context) {
			in := *w
			in.TB = with{t, ctx}
			do(&in)
		})
	}
	got := inside(func(w *testkit.World) { w.SignUp("zoe@example.com") })
	if got["SignUps"] != "1" || got["TokensMade"] != "1" {
		t.Errorf("a sign-up: got the metrics %v, want one sign-up and one token", got)
	}
	ana, ben := w.Quick("ana"), w.Quick("ben")
	invited := inside(func(w *testkit.World) {
		w.OK(w.Teams.Invite(w.Context(), ana.Client(operation.TeamInvite),
			service.ProfileRef{ID: ana.Home}, string(ben.Email), teams.Offered{Permission: "read"}))
	})
	if invited["InvitationsSent"] != "1" {
		t.Errorf("an invitation: got the metrics %v, want one invitation", invited)
	}
	var code string
	for _, m := range w.Mail(ben.Email) {
		if m.Kind == mailing.KindTeamInvited {
			code = m.Data["code"]
		}
	}
	wants(t, "an invitation whose mail comes back", inside(func(w *testkit.World) {
		back(w, ben.Email, mailing.KindTeamInvited, mailing.ReturnRefused)
	}), map[string]string{"InvitationsBounced": "1"})
	wants(t, "an invitation that is accepted", inside(func(w *testkit.World) {
		w.OK(w.Teams.Accept(w.Context(), ben.Client(operation.InvitationAccept), code))
	}), map[string]string{"InvitationsAccepted": "1"})
	raise(w, ana, map[plan.Service]int64{plan.ServiceEmail: 1000})
	ana.Profile("plant")
	w.OK(w.Billing.Allocate(t.Context(), ana.Client(operation.AllocationEdit),
		map[value.ProfileID]map[plan.Service]int64{ana.Home: {plan.ServiceEmail: 10}}))
	wants(t, "a service that reaches its limit", inside(func(w *testkit.World) {
		wantAdmitted(w, sendUse(w, ana.Home, used(plan.ServiceEmail, 10, "all")), true)
	}), map[string]string{"ServicesBlocked": "1"})
	wants(t, "a service that has reached it", inside(func(w *testkit.World) {
		wantAdmitted(w, sendUse(w, ana.Home, used(plan.ServiceEmail, 1, "more")), false)
	}), map[string]string{})
}
