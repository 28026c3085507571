package service_test

import (
	"fmt"
	"strings"
	"testing"

	"profiles/shared/mailing"
	"profiles/shared/operation"
	"profiles/shared/problem"
	"profiles/shared/service"
	"profiles/shared/tenancy"
	"profiles/shared/testkit"
	"profiles/shared/transfer"
)

func TestCodes(t *testing.T) {
	t.Parallel()
	c := newCast(t)
	grow(c.World, c.ben, some)
	c.offer(c.ben.Email)
	by := func(p testkit.Person, code, password string, how string) error {
		ctx, client, id := t.Context(), testkit.ClientOf(p.Token), c.ticket.ID
		var err error
		switch how {
		case "confirm":
			_, err = c.Transfers.Confirm(ctx, client.For(operation.TransferConfirm.Access), id,
				code, service.Credentials{Password: password})
		case "accept":
			_, err = c.Transfers.Accept(ctx, client.For(operation.TransferAccept.Access), id, code,
				service.Credentials{Password: password}, transfer.Acceptance{})
		case "decline":
			_, err = c.Transfers.Decline(ctx, client.For(operation.TransferDecline.Access), id,
				code, service.Credentials{Password: password})
		}
		return err
	}
	unknown := c.NextKey().Code()
	before := c.State()
	for _, test := range []struct {
		name      string
		by        testkit.Person
		code, how string
		password  string
		want      problem.Code
	}{
		{"the owner's code does not accept", c.ben, c.ticket.Confirm, "accept", testkit.Password, problem.CodeInvalid},
		{"the owner's code does not decline", c.ben, c.ticket.Confirm, "decline", testkit.Password, problem.CodeInvalid},
		{"the receiver's code does not confirm", c.ana, c.ticket.Answer, "confirm", testkit.Password, problem.CodeInvalid},
		{"the owner does not accept with the receiver's code", c.ana, c.ticket.Answer, "accept", testkit.Password, problem.CodeInvalid},
		{"the owner does not decline with the receiver's code", c.ana, c.ticket.Answer, "decline", testkit.Password, problem.CodeInvalid},
		{"the receiver does not confirm with the owner's code", c.ben, c.ticket.Confirm, "confirm", testkit.Password, problem.CodeInvalid},
		{"a stranger with the code accepts nothing", c.zed, c.ticket.Answer, "accept", testkit.Password, problem.CodeNotFound},
		{"a member with the code accepts nothing", c.mia, c.ticket.Answer, "accept", testkit.Password, problem.CodeNotFound},
		{"a stranger with the code confirms nothing", c.zed, c.ticket.Confirm, "confirm", testkit.Password, problem.CodeNotFound},
		{"an agent with the code accepts nothing", c.sam, c.ticket.Answer, "accept", testkit.Password, problem.CodeNotFound},
		{"a code of nobody confirms nothing", c.ana, unknown, "confirm", testkit.Password, problem.CodeInvalid},
		{"a text that is no code confirms nothing", c.ana, "yes", "confirm", testkit.Password, problem.CodeInvalid},
		{"no code accepts nothing", c.ben, "", "accept", testkit.Password, problem.CodeInvalid},
		{"a wrong password confirms nothing", c.ana, c.ticket.Confirm, "confirm", "wrong", problem.CodeUnauthenticated},
		{"a wrong password accepts nothing", c.ben, c.ticket.Answer, "accept", "wrong", problem.CodeUnauthenticated},
		{"no password declines nothing", c.ben, c.ticket.Answer, "decline", "", problem.CodeInvalid},
	} {
		err := by(test.by, test.code, test.password, test.how)
		if problem.CodeOf(err) != test.want {
			t.Errorf("%s: got %v, want code %q", test.name, err, test.want)
		}
	}
	for _, permission := range []string{"read", "write"} {
		p := c.ana
		p.Token = c.ana.With(permission, "")
		before = c.State()
		c.Refused(by(p, c.ticket.Confirm, testkit.Password, "confirm"), problem.CodeForbidden)
	}
	if c.State() != before {
		t.Error("refusals changed the table")
	}

	// Reminders have new codes, and the earlier ones stay valid.
	first := c.ticket
	c.Advance(transfer.Life / 2)
	c.sweep()
	c.secrets(c.ana, c.ben)
	reminded := map[string]string{}
	for _, m := range c.allMails() {
		if m.Kind == mailing.KindTransferRemindOwner ||
			m.Kind == mailing.KindTransferRemindReceiver {
			reminded[m.To] = m.Data["code"]
		}
	}
	if reminded[string(c.ana.Email)] == first.Confirm ||
		reminded[string(c.ben.Email)] == first.Answer || len(reminded) != 2 {
		t.Errorf("the reminders have the codes %v", reminded)
	}
	c.OK(by(c.ana, first.Confirm, testkit.Password, "confirm"))
	c.OK(by(c.ben, reminded[string(c.ben.Email)], testkit.Password, "accept"))
	// a repetition with the other code
	c.OK(by(c.ana, reminded[string(c.ana.Email)], testkit.Password, "confirm"))
	c.OK(by(c.ben, first.Answer, testkit.Password, "accept"))
	c.wantOwner("before the desk's word", c.ana)
	c.secrets(c.ana, c.ben)
	checkWorld(c.World)
}

// A person who uses a code after the end gets an answer that says how the
// transfer ended.
func TestCodesAfterTheEnd(t *testing.T) {
	t.Parallel()
	for _, answered := range []bool{true, false} {
		for name, end := range map[string]struct {
			do   func(*cast)
			want string
		}{
			"canceled": {func(c *cast) { _, err := c.cancel(); c.OK(err) }, "canceled by the owner"},
			"rejected": {func(c *cast) {
				_, err := c.Desk.Reject(c.Context(), c.sam.Client(operation.DeskReject),
					c.ticket.ID, "no contract")
				c.OK(err)
			}, "rejected by support"},
			"expired by the clock": {func(c *cast) { c.Advance(transfer.Life) }, "expired"},
			"expired and swept":    {func(c *cast) { c.Advance(transfer.Life); c.sweep() }, "expired"},
			"declined":             {func(c *cast) { _, err := c.decline(); c.OK(err) }, "declined by the receiving side"},
			"failed":               {func(c *cast) { c.drop(c.ana, c.plant) }, "failed"},
		} {
			t.Run(fmt.Sprintf("%s, answered before: %v", name, answered), func(t *testing.T) {
				t.Parallel()
				c := offered(t)
				if answered {
					_, err := c.accept(transfer.Acceptance{})
					c.OK(err)
				}
				end.do(c)
				before := c.State()
				_, confirm := c.confirm()
				_, accept := c.accept(transfer.Acceptance{Owner: tenancy.PermissionRead})
				for who, err := range map[string]error{"the owner": confirm, "the receiving side": accept} {
					if problem.CodeOf(err) != problem.CodeConflict ||
						!strings.Contains(err.Error(), end.want) ||
						!strings.Contains(err.Error(), string(c.ticket.ID)) {
						t.Errorf("%s comes late: got %v (%s), want a conflict that says %q", who, err, problem.CodeOf(err), end.want)
					}
				}
				_, err := c.approve()
				c.Refused(err, problem.CodeConflict)
				if _, err := c.decline(); name != "declined" || err != nil {
					c.Refused(err, problem.CodeConflict)
				}
				if c.State() != before {
					t.Error("an ended transfer changed")
				}
				c.stayed(name)
				checkWorld(c.World)
			})
		}
	}
}
