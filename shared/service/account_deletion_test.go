package service_test

import (
	"context"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"profiles/shared/mailing"
	"profiles/shared/operation"
	"profiles/shared/plan"
	"profiles/shared/problem"
	"profiles/shared/service"
	"profiles/shared/tenancy"
	"profiles/shared/testkit"
	"profiles/shared/transfer"
	"profiles/shared/value"
)

// leaving is a cast of whom ana is about to delete the account. Beside the
// plant, which is offered to ben and to which zed is invited, she is a member
// of ben's home, invited to zed's, and offered a profile of zed's and, accepted
// already, one of ben's.
type leaving struct {
	*cast
	offeredTo, acceptedBy testkit.Ticket // of the transfers to ana
}

var leavings testkit.Stages[leaving]

func newLeaving(t testing.TB) *leaving {
	c, w := leavings.Begin(t, "", func() (leaving, *testkit.World) {
		c := &leaving{cast: offered(t)}
		c.Share(c.ben.Home, c.ana, tenancy.PermissionWrite)
		c.ana.Mint(c.ben.Home, "")
		c.ana.Mint(c.plant, "never")
		c.mia.Mint(c.plant, "")
		invited(c.World, c.zed, c.ana.Email)
		c.OK(c.Teams.Invite(t.Context(), c.ana.Client(), c.ref(), string(c.zed.Email), ""))
		c.offeredTo = c.Offer(c.zed.Profile("zeds"), c.zed, c.ana.Email)
		c.acceptedBy = c.Offer(c.ben.Profile("bens"), c.ben, c.ana.Email)
		_, err := c.Transfers.Accept(t.Context(), c.ana.Client(), c.acceptedBy.ID, c.acceptedBy.Answer, service.Credentials{Password: testkit.Password}, transfer.Acceptance{})
		c.OK(err)
		_, err = c.Notifications.Create(t.Context(), c.ana.Client(), "title", "message", false)
		c.OK(err)
		return *c, c.World
	})
	c.cast = c.cast.in(w, nil)
	return &c
}

func deleteAccount(s *service.Services, w *testkit.World, p testkit.Person) error {
	return s.Accounts.Delete(w.Context(), p.Client(), service.Credentials{Password: testkit.Password})
}

func purgeAccounts(w *testkit.World) int {
	w.Helper()
	n, err := w.Accounts.Purge(w.Context())
	w.OK(err)
	return n
}

// traces lists what the table has of an account, apart from what is kept on
// purpose: the audit log, the statement and the rows of transfers that have
// ended, which name no person, mails, and codes and invitations that have
// ended, which do nothing and go by themselves.
func traces(w *testkit.World, p testkit.Person) (out []string) {
	w.Helper()
	for _, r := range scan(w) {
		pk, sk := r.text("PK"), r.text("SK")
		kind, id, _ := strings.Cut(pk, "#")
		mine := id == string(p.ID) || id == string(p.Email) || r.text("account") == string(p.ID) || r.text("owner") == string(p.ID) ||
			strings.Contains(sk, string(p.ID)) || r.text("email") == string(p.Email)
		switch {
		case !mine, kind == "L", kind == "B", kind == "O", kind == "C":
		case kind == "X" && r.number("ttl") != 0, strings.HasPrefix(sk, "X#") && r.number("ttl") != 0, kind == "I" && r.text("state") != "pending":
		case strings.HasPrefix(sk, "M#I#") && r.number("ttl") != 0 && r.number("expires") < w.Now().UnixMilli(): // it lapsed, and is listed for its owner
		default:
			out = append(out, pk+" "+sk)
		}
	}
	return out
}

// gone fails the test unless nothing is left of an account after the sweeps.
func gone(w *testkit.World, when string, p testkit.Person) {
	w.Helper()
	for range 2 {
		purgeAccounts(w)
		_, err := w.Profiles.Purge(w.Context())
		w.OK(err)
	}
	if left := traces(w, p); left != nil {
		w.Errorf("%s: of the account is left %v", when, left)
	}
	checkWorld(w)
}

// mailsOf are the kinds of the mails to an address, in their order.
func mailsOf(w *testkit.World, to value.Email) (kinds []string) {
	w.Helper()
	for _, m := range lettersOf(w, scan(w)) {
		if m.To == string(to) {
			kinds = append(kinds, string(m.Kind))
		}
	}
	return kinds
}

func times(kinds []string, kind mailing.Kind) (n int) {
	for _, k := range kinds {
		if k == string(kind) {
			n++
		}
	}
	return n
}

func TestDeletingAnAccount(t *testing.T) {
	t.Parallel()
	c := newLeaving(t)
	tokens := map[string]string{
		"of the first profile": c.ana.Token, "of the plant": c.ana.Mint(c.plant, "never"), "of a shared profile": c.ana.Mint(c.ben.Home, ""),
	}
	c.OK(c.Accounts.RequestPassword(t.Context(), source(1), string(c.ana.Email)))
	c.OK(c.Accounts.RequestEmail(t.Context(), c.ana.Client(), zoe, service.Credentials{Password: testkit.Password}))
	var resets, changes string
	for _, m := range c.letters() {
		switch m.Kind {
		case mailing.KindPasswordReset:
			resets = m.Data["code"]
		case mailing.KindEmailConfirm:
			changes = m.Data["code"]
		}
	}
	c.OK(deleteAccount(c.Services, c.World, c.ana))

	// With the commit nothing works any more, though no sweep has run.
	dead := func(when string) {
		t.Helper()
		for of, token := range tokens {
			for _, forget := range []bool{false, true} {
				if forget {
					c.Restart()
				}
				client := testkit.ClientOf(token)
				_, err := c.Accounts.Get(t.Context(), client)
				c.Refused(err, problem.CodeUnauthenticated)
				for _, id := range []value.ProfileID{c.ana.Home, c.plant, c.ben.Home} {
					if _, err := c.Profiles.Get(t.Context(), client, service.ProfileRef{ID: id}); problem.CodeOf(err) != problem.CodeUnauthenticated {
						t.Errorf("%s, the token %s opens %s: %v", when, of, id, err)
					}
				}
			}
		}
		for what, err := range map[string]error{
			"signing in": login(c.World, source(1), c.ana.Email, testkit.Password),
			"again":      deleteAccount(c.Services, c.World, c.ana),
			"a password": c.Accounts.SetPassword(t.Context(), testkit.ClientOf(resets), another, service.Credentials{}),
			"an address": c.Accounts.ConfirmEmail(t.Context(), service.Client{}, changes),
			"an operator": step(func() (service.Outcome, error) {
				return c.Operator.SetType(t.Context(), string(c.ana.Email), tenancy.AccountSupport)
			})(),
			"a membership": c.Operator.AddMember(t.Context(), c.zed.Home, c.ana.ID, tenancy.PermissionRead),
		} {
			if err == nil {
				t.Errorf("%s: %s succeeds", when, what)
			}
		}
		if n, err := c.Billing.Renew(t.Context()); n != 0 || err != nil {
			t.Errorf("%s: %d subscriptions renewed, %v", when, n, err)
		}
	}
	dead("at once")
	for _, to := range []transfer.ID{c.ticket.ID, c.offeredTo.ID, c.acceptedBy.ID} {
		_, err := c.Desk.Approve(t.Context(), c.sam.Client(), to)
		if code := problem.CodeOf(err); err != nil && code != problem.CodeConflict {
			t.Errorf("approving %s: %v", to, err)
		}
	}
	if n := times(mailsOf(c.World, c.ana.Email), mailing.KindAccountDeleting); n != 1 {
		t.Errorf("%d mails say that the account is being deleted, want 1", n)
	}

	c.Advance(time.Minute)
	if n := purgeAccounts(c.World); n != 1 {
		t.Errorf("%d accounts purged, want 1", n)
	}
	dead("after the sweep")
	for ticket, want := range map[transfer.ID]struct {
		state  transfer.State
		reason string
	}{
		c.ticket.ID:     {transfer.Failed, "the account that gives the profile away was deleted"},
		c.offeredTo.ID:  {transfer.Declined, ""},
		c.acceptedBy.ID: {transfer.Failed, "the receiving account was deleted"},
	} {
		if got := c.stored(ticket); got.State != want.state || got.Reason != want.reason {
			t.Errorf("the transfer %s is %s %q, want %s %q", ticket, got.State, got.Reason, want.state, want.reason)
		}
	}
	for who, want := range map[*testkit.Person][]string{
		&c.ben: {"A member has left", "Transfer " + string(c.ticket.ID), "Transfer " + string(c.acceptedBy.ID)},
		&c.mia: {"A profile is no longer shared with you"},
		&c.eve: {"A profile is no longer shared with you"},
		&c.zed: {"Invitation declined", "Transfer " + string(c.offeredTo.ID)},
	} {
		titles := titlesOf(c.World, *who)
		for _, title := range want {
			if !slices.Contains(titles, title) {
				t.Errorf("%s has the notifications %v, want %q among them", who.Name, titles, title)
			}
		}
	}
	for address, want := range map[value.Email]mailing.Kind{
		c.ben.Email: mailing.KindTransferEnded, c.zed.Email: mailing.KindTeamDeclined, mailing.SupportDesk: mailing.KindTransferEnded,
		c.ana.Email: mailing.KindAccountDeleted,
	} {
		if kinds := mailsOf(c.World, address); !slices.Contains(kinds, string(want)) {
			t.Errorf("%s got the mails %v, want %s among them", address, kinds, want)
		}
	}
	if kinds := mailsOf(c.World, c.ana.Email); times(kinds, mailing.KindAccountDeleted) != 1 {
		t.Errorf("ana got the mails %v, want one that says it is deleted", kinds)
	}
	for _, m := range mailsOf(c.World, "") {
		t.Errorf("a mail %s goes to nobody", m)
	}
	gone(c.World, "after the sweeps", c.ana)
	if n := c.Count("T#", ""); n != c.Count("P#", "T#") {
		t.Errorf("%d tokens and %d rows", n, c.Count("P#", "T#"))
	}

	// Whoever signs up with the address begins with nothing.
	zoe := c.SignUp(c.ana.Email)
	if zoe.ID == c.ana.ID || zoe.Plan != plan.Free || zoe.Profiles() != 1 {
		t.Errorf("signed up anew: %+v", zoe.Account)
	}
	grants, err := c.Profiles.List(t.Context(), zoe.Client())
	c.OK(err)
	transfers, err := c.Transfers.List(t.Context(), zoe.Client(), 1, 100)
	c.OK(err)
	charges, err := c.Billing.Payments(t.Context(), zoe.Client(), 100, "")
	c.OK(err)
	if len(grants) != 1 || grants[0].Profile != zoe.Home || transfers != nil || charges != nil || titlesOf(c.World, zoe) != nil {
		t.Errorf("signed up anew: %v, %v, %v and %v", grants, transfers, charges, titlesOf(c.World, zoe))
	}
	for ticket, code := range map[transfer.ID]string{c.offeredTo.ID: c.offeredTo.Answer, c.acceptedBy.ID: c.acceptedBy.Answer} {
		_, err := c.Transfers.Accept(t.Context(), zoe.Client(), ticket, code, service.Credentials{Password: testkit.Password}, transfer.Acceptance{})
		if err == nil {
			t.Errorf("the old offer %s can be accepted", ticket)
		}
	}
	checkWorld(c.World)
}

// titlesOf are the titles of a person's notifications.
func titlesOf(w *testkit.World, p testkit.Person) (titles []string) {
	w.Helper()
	list, err := w.Notifications.List(w.Context(), p.Client(), service.NotificationQuery{Page: 1, Amount: 100})
	w.OK(err)
	for _, n := range list {
		titles = append(titles, n.Title)
	}
	return titles
}

// One thing of a deleted account that always fails keeps nothing else of it.
// The account is forgotten when that thing is gone too.
func TestAPoisonedThingKeepsNoOtherOneOfADeletedAccount(t *testing.T) {
	t.Parallel()
	for what, thing := range map[string]func(*leaving) (poison string, stays []string){
		"a transfer of its own profile": func(c *leaving) (string, []string) {
			return string(c.ticket.ID), []string{string(c.ticket.ID), string(c.plant)}
		},
		"a transfer that is offered to it": func(c *leaving) (string, []string) { return string(c.offeredTo.ID), []string{string(c.offeredTo.ID)} },
		"a transfer that it has accepted":  func(c *leaving) (string, []string) { return string(c.acceptedBy.ID), []string{string(c.acceptedBy.ID)} },
		"an invitation to it": func(c *leaving) (string, []string) {
			key, place := c.invitation(c.ana)
			return key, []string{key, place, "E#" + string(c.ana.Email) + " I#"}
		},
		"a profile of its own": func(c *leaving) (string, []string) {
			return "P#" + string(c.plant), []string{string(c.plant), string(c.ticket.ID)}
		},
		"another profile of its own":       func(c *leaving) (string, []string) { return "P#" + string(c.ana.Home), []string{string(c.ana.Home)} },
		"a profile that is shared with it": func(c *leaving) (string, []string) { return "P#" + string(c.ben.Home), []string{string(c.ben.Home)} },
	} {
		c := newLeaving(t)
		c.OK(deleteAccount(c.Services, c.World, c.ana))
		poison, stays := thing(c)
		c.Faults.Poison(poison)
		c.Advance(time.Minute)
		n, err := c.Accounts.Purge(t.Context())
		c.Faults.Poison("")
		if n != 0 || err == nil {
			t.Errorf("%s: got %d, %v, want it said", what, n, err)
		}
		for range 2 {
			_, err = c.Profiles.Purge(t.Context())
			c.OK(err)
		}
		stays = append(stays, "D#"+string(c.ana.ID), "E#"+string(c.ana.Email)+" E")
		profiles := map[string]string{}
		for _, r := range scan(c.World) {
			profiles[r.text("PK")+" "+r.text("SK")] = r.text("profile")
		}
		seen := 0
		for _, left := range traces(c.World, c.ana) {
			of := left + " of " + profiles[left]
			if !slices.ContainsFunc(stays, func(s string) bool { return strings.Contains(of, s) }) {
				t.Errorf("%s: left is %s", what, left)
			}
			seen++
		}
		if seen < 3 || c.Count("E#"+string(c.ana.Email), "E") != 1 {
			t.Errorf("%s: the account is forgotten before all of it is gone", what)
		}
		gone(c.World, what, c.ana)
	}
}

// invitation is the key of the open invitation to somebody, and that of its
// place in the team.
func (c *cast) invitation(p testkit.Person) (key, place string) {
	c.Helper()
	for _, r := range scan(c.World) {
		if strings.HasPrefix(r.text("PK"), "I#") && r.text("email") == string(p.Email) && r.text("state") == "pending" {
			key, place = r.text("PK"), "P#"+r.text("profile")+" M#I#"+r.text("id")
		}
	}
	if key == "" {
		c.Fatal("there is no open invitation")
	}
	return key, place
}

func TestDeletionsThatAreRefused(t *testing.T) {
	t.Parallel()
	w := testkit.New(t)
	ana, sam := w.Account("ana"), w.Account("sam")
	write := ana.With("write", "")
	w.Agent(sam)
	for name, c := range map[string]struct {
		token, password string
		want            int
	}{
		"no password":       {ana.Token, "", 400},
		"a wrong password":  {ana.Token, another, 401},
		"a write token":     {write, testkit.Password, 403},
		"an agent's":        {sam.Token, testkit.Password, 403},
		"no token":          {"", testkit.Password, 401},
		"an unknown token":  {"p-DemoAna0OnlyForTheLocalStack000KBP", testkit.Password, 401},
		"an agent's, wrong": {sam.Token, another, 401},
	} {
		before := w.State()
		body := any(object{"password": c.password})
		if c.password == "" {
			body = nil // as the SDKs send it
		}
		got := w.Call(operation.AccountDelete, "DELETE", "/account", c.token, body)
		if got.Code != c.want || got.Message == "" || w.State() != before {
			t.Errorf("%s: got %d %q, want %d; changed: %v", name, got.Code, got.Message, c.want, w.State() != before)
		}
	}
	got := w.Call(operation.AccountDelete, "DELETE", "/account", ana.Token, object{"password": testkit.Password})
	if got.Code != 200 || !strings.HasPrefix(string(got.Result), `"Account Successfully Deleted`) {
		t.Errorf("got %d %s", got.Code, got.Result)
	}
}

// Whoever has received a profile cannot destroy it while the other side can ask
// for it back, neither alone nor with the account.
func TestWhatCanBeTakenBackIsNotDestroyed(t *testing.T) {
	t.Parallel()
	c := moved(t, transfer.Acceptance{})
	for _, when := range []time.Duration{0, tenancy.TransferLock - 2*time.Hour} {
		c.Advance(when)
		c.ben.Token = c.ben.Mint(c.ben.Home, "never")
		before := c.State()
		c.Refused(deleteAccount(c.Services, c.World, c.ben), problem.CodeForbidden)
		c.Refused(c.Profiles.Delete(t.Context(), c.ben.Client(), c.ref(), service.Credentials{Password: testkit.Password}), problem.CodeForbidden)
		if c.State() != before {
			t.Errorf("after %s a refusal changed the table", when)
		}
	}
	c.Advance(time.Hour)
	c.OK(deleteAccount(c.Services, c.World, c.ben))
	gone(c.World, "when it can be taken back no more", c.ben)
}

// The one who gave a profile away may go at once; what it gave cannot come back
// then.
func TestThePreviousOwnerMayLeave(t *testing.T) {
	t.Parallel()
	c := moved(t, transfer.Acceptance{Owner: tenancy.PermissionRead})
	c.OK(deleteAccount(c.Services, c.World, c.ana))
	_, err := c.revert(c.ben)
	c.Refused(err, problem.CodeConflict)
	gone(c.World, "after it gave a profile away", c.ana)
	_, err = c.revert(c.ben)
	c.Refused(err, problem.CodeConflict)
	c.wantOwner("afterwards", c.ben)
	checkWorld(c.World)
}

// A former address is free with the account, and its holder is told; if another
// account has it by then, that keeps it.
func TestFormerAddressesOfADeletedAccount(t *testing.T) {
	t.Parallel()
	for _, taken := range []bool{false, true} {
		w := testkit.New(t)
		ana := w.Quick("ana")
		w.OK(w.Accounts.RequestEmail(t.Context(), ana.Client(), zoe, service.Credentials{Password: testkit.Password}))
		var code, undo string
		for _, m := range w.Mail(zoe) {
			code = m.Data["code"]
		}
		w.OK(w.Accounts.ConfirmEmail(t.Context(), service.Client{}, code))
		for _, m := range w.Mail(ana.Email) {
			if m.Kind == mailing.KindEmailChanged {
				undo = m.Data["code"]
			}
		}
		w.OK(deleteAccount(w.Services, w, ana))
		w.Refused(w.Accounts.UndoEmail(t.Context(), service.Client{}, undo), problem.CodeInvalid)
		for _, address := range []value.Email{ana.Email, zoe} {
			if n := times(mailsOf(w, address), mailing.KindAccountDeleting); n != 1 {
				t.Errorf("%s got %d mails, want 1", address, n)
			}
		}
		holders := 0
		if taken {
			// The sweep is late by a week, and somebody signs up meanwhile.
			w.Advance(8 * 24 * time.Hour)
			w.SignUp(ana.Email)
			holders = 1
		}
		purgeAccounts(w)
		w.Refused(w.Accounts.UndoEmail(t.Context(), service.Client{}, undo), problem.CodeInvalid)
		if n := w.Count("E#", "E"); n != holders {
			t.Errorf("taken %v: %d addresses are held, want %d", taken, n, holders)
		}
		if kinds := mailsOf(w, zoe); times(kinds, mailing.KindAccountDeleted) != 1 {
			t.Errorf("taken %v: the mails are %v", taken, kinds)
		}
		if w.Count("D#"+string(ana.ID), "") != 0 {
			t.Errorf("taken %v: the sweep did not come to an end", taken)
		}
	}
}

// Between the deletion and its end, and afterwards, an address of a deleted
// account is answered like one that never had any.
func TestNobodyIsToldOfADeletedAccount(t *testing.T) {
	t.Parallel()
	w := testkit.New(t)
	leaving, left := w.Quick("leaving"), w.Quick("left")
	w.OK(deleteAccount(w.Services, w, left))
	purgeAccounts(w)
	w.OK(deleteAccount(w.Services, w, leaving))
	for _, c := range []struct {
		name string
		send func(value.Email) testkit.Answer
	}{
		{"login", func(e value.Email) testkit.Answer {
			return w.Call(operation.AccountLogin, "POST", "/account/login", "", object{"email": e, "password": testkit.Password})
		}},
		{"token", func(e value.Email) testkit.Answer {
			return w.Call(operation.AccountTokenCreate, "POST", "/account/profile/token", "", object{
				"email": e, "password": testkit.Password, "profile_id": leaving.Home, "name": "x",
			})
		}},
		{"password", func(e value.Email) testkit.Answer {
			return w.Call(operation.PasswordRequest, "GET", "/account/passwordreset/"+string(e), "", nil)
		}},
		{"resend", func(e value.Email) testkit.Answer {
			return w.Call(operation.AccountResend, "GET", "/account/resend_confirmation/"+string(e), "", nil)
		}},
		// This one last: it makes the address one that waits.
		{"sign-up", func(e value.Email) testkit.Answer {
			return w.Call(operation.AccountCreate, "POST", "/account", "", object{
				"name": "Zoe", "email": e, "password": testkit.Password, "cpassword": testkit.Password,
			})
		}},
	} {
		name, send := c.name, c.send
		w.Advance(time.Hour) // mails to an address are limited
		fewest := map[string]int{}
		for try := range tries {
			seen := map[string]value.Email{}
			for _, e := range []value.Email{leaving.Email, left.Email, value.Email(fmt.Sprintf("nobody-%s-%d@example.com", name, try))} {
				mails := len(mailsOf(w, e))
				w.Meter.Reset()
				got := send(e)
				used := w.Meter.Reset()
				seen[fmt.Sprint(got.Code, got.Message, got.Result, used.Requests)] = e
				fewer(fewest, strings.Split(string(e), "-")[0], used.RoundTrips)
				if more := len(mailsOf(w, e)) - mails; more != 0 && name != "sign-up" {
					t.Errorf("%s: %s got %d mails", name, e, more)
				}
			}
			if len(seen) != 1 {
				t.Errorf("%s: told apart by %v", name, seen)
			}
			if alike(fewest) || name == "sign-up" {
				break
			}
		}
		if !alike(fewest) {
			t.Errorf("%s: told apart by round trips: %v", name, fewest)
		}
	}
	// The holder of the address learns what to do.
	mails := w.Mail(leaving.Email)
	if last := mails[len(mails)-1].Kind; last != mailing.KindAccountLeaving {
		t.Errorf("the last mail is %s", last)
	}
}

// apartBy are the lines of one text that the other does not have, and the other
// way round.
func apartBy(a, b string) (more, less string) {
	without := func(a, b string) string {
		left := strings.Split(b, "\n")
		var out []string
		for _, line := range strings.Split(a, "\n") {
			if i := slices.Index(left, line); i >= 0 {
				left = slices.Delete(left, i, i+1)
			} else {
				out = append(out, line)
			}
		}
		return strings.Join(out, "\n")
	}
	return without(a, b), without(b, a)
}

var anyID = regexp.MustCompile(`[0-9a-f]{24}`)

// outcome is what a purge leads to, without the ids that it makes.
func outcome(w *testkit.World) string {
	w.Helper()
	var out []string
	for _, m := range lettersOf(w, scan(w)) {
		out = append(out, "mail "+string(m.Kind)+" "+m.To)
	}
	for _, r := range scan(w) {
		switch pk := r.text("PK"); {
		case strings.HasPrefix(pk, "L#"):
			out = append(out, "log "+r.text("log")+" "+r.text("message")+" "+r.text("who"))
		case strings.HasPrefix(pk, "N#"):
			out = append(out, "note "+r.text("account")+" "+r.text("title")+" "+r.text("message"))
		case strings.HasPrefix(pk, "I#"):
			out = append(out, "invitation "+r.text("email")+" "+r.text("state"))
		case !strings.HasPrefix(pk, "R#") && !strings.HasPrefix(pk, "O#"):
			out = append(out, pk+" "+r.text("SK"))
		}
	}
	return strings.Join(out, "\n")
}

// The sweep may die before and after each of its writes, and the next one goes
// on: what becomes of everything is the same, each end is told once, and the
// last mail goes out once.
func TestAPurgeThatDiesAnywhere(t *testing.T) {
	t.Parallel()
	world := func() *leaving {
		c := newLeaving(t)
		c.OK(deleteAccount(c.Services, c.World, c.ana))
		// Ids come of the clock, so two worlds are alike in all but those: what
		// compares is by name.
		return c
	}
	named := func(c *leaving, text string) string {
		pairs := []string{}
		for _, p := range []*testkit.Person{&c.ana, &c.ben, &c.mia, &c.eve, &c.sam, &c.kim, &c.zed} {
			pairs = append(pairs, string(p.ID), p.Name, string(p.Home), p.Name+"'s home")
		}
		for _, id := range []transfer.ID{c.ticket.ID, c.offeredTo.ID, c.acceptedBy.ID} {
			pairs = append(pairs, string(id), "ticket")
		}
		lines := strings.Split(anyID.ReplaceAllString(strings.NewReplacer(pairs...).Replace(text), "id"), "\n")
		slices.Sort(lines)
		return strings.Join(lines, "\n")
	}
	c := world()
	if n := purgeAccounts(c.World); n != 1 {
		t.Fatalf("%d accounts purged, want 1", n)
	}
	want := named(c, outcome(c.World))
	writes := 0
	for after := 0; ; after++ {
		died := false
		for _, lost := range []bool{false, true} {
			c := world()
			n := 0
			c.Faults.Always(func(operation string, _ int) testkit.Fault {
				if operation != "TransactWriteItems" {
					return testkit.NoFault
				}
				if n++; n <= after {
					return testkit.NoFault
				}
				died = true
				if lost && n <= after+3 {
					return testkit.LostAnswer // it is done, and the sweep never hears of it
				}
				return testkit.BrokenService
			})
			done, err := c.Accounts.Purge(t.Context())
			c.Faults.Always(nil)
			if died && (err == nil || done != 0) {
				t.Errorf("dead after %d writes: got %d, %v", after, done, err)
			}
			purgeAccounts(c.World)
			if got := named(c, outcome(c.World)); got != want {
				more, less := apartBy(got, want)
				t.Errorf("dead after %d writes, answer lost: %v\nmore\n%s\nless\n%s", after, lost, more, less)
			}
			gone(c.World, fmt.Sprintf("dead after %d writes", after), c.ana)
		}
		if !died {
			break
		}
		writes++
	}
	if writes < 8 {
		t.Errorf("it died in %d places only", writes)
	}
}

func TestTwoPurgesAtOnce(t *testing.T) {
	t.Parallel()
	for range rounds {
		c := newLeaving(t)
		c.OK(deleteAccount(c.Services, c.World, c.ana))
		var counts [4]int
		var purges []func() error
		for i := range counts {
			purges = append(purges, func() (err error) { counts[i], err = c.Accounts.Purge(t.Context()); return err })
		}
		sum := 0
		for _, err := range together(purges...) {
			c.OK(err)
		}
		for _, n := range counts {
			sum += n
		}
		sum += purgeAccounts(c.World) // what all of them left to the next run
		kinds := mailsOf(c.World, c.ana.Email)
		if sum != 1 || times(kinds, mailing.KindAccountDeleted) != 1 {
			t.Errorf("%d came to the end, and the mails are %v", sum, kinds)
		}
		for _, title := range []string{"A member has left"} {
			n := 0
			for _, has := range titlesOf(c.World, c.ben) {
				if has == title {
					n++
				}
			}
			if n != 1 {
				t.Errorf("ben is told %d times: %s", n, title)
			}
		}
		gone(c.World, "after several sweeps at once", c.ana)
	}
}

// One that cannot be dealt with does not keep others waiting.
func TestADepartureThatFailsKeepsNobodyWaiting(t *testing.T) {
	t.Parallel()
	w := testkit.New(t)
	stuck, free := w.Quick("stuck"), w.Quick("free")
	w.OK(deleteAccount(w.Services, w, stuck))
	w.Advance(time.Second)
	w.OK(deleteAccount(w.Services, w, free))
	// A profile whose item nobody can read.
	setText(w, "P#"+string(stuck.Home), "P", "version", "none")
	if n, err := w.Accounts.Purge(t.Context()); n != 1 || err == nil || !strings.Contains(err.Error(), string(stuck.ID)) {
		t.Errorf("got %d, %v; want one account purged and the other named", n, err)
	}
	if w.Count("D#"+string(free.ID), "") != 0 || w.Count("D#"+string(stuck.ID), "A") != 1 {
		t.Error("the wrong one is gone")
	}
}

// rival is something that happens to ana's account while she deletes it.
type rival struct {
	prepare func(*leaving)
	do      func(*leaving, *service.Services) error
}

func rivals() map[string]rival {
	first := func(c *leaving) service.ProfileRef { return service.ProfileRef{ID: c.ana.Home} }
	answer := func(c *leaving, s *service.Services, t testkit.Ticket) error {
		_, err := s.Transfers.Accept(c.Context(), c.ana.Client(), t.ID, t.Answer, service.Credentials{Password: testkit.Password}, transfer.Acceptance{})
		return err
	}
	return map[string]rival{
		"signing in": {do: func(c *leaving, s *service.Services) error {
			_, err := s.Accounts.Login(c.Context(), service.Client{Source: testkit.Home}, string(c.ana.Email), service.Credentials{Password: testkit.Password})
			return err
		}},
		"a token at sign-in": {do: func(c *leaving, s *service.Services) error {
			_, err := s.Tokens.CreateAtLogin(c.Context(), service.Client{Source: testkit.Home}, service.NewToken{
				Profile: first(c), Email: string(c.ana.Email), Credentials: service.Credentials{Password: testkit.Password}, Name: "x",
			})
			return err
		}},
		"a token at sign-in, of a shared profile": {do: func(c *leaving, s *service.Services) error {
			_, err := s.Tokens.CreateAtLogin(c.Context(), service.Client{Source: testkit.Home}, service.NewToken{
				Profile: service.ProfileRef{ID: c.ben.Home}, Email: string(c.ana.Email), Credentials: service.Credentials{Password: testkit.Password}, Name: "x",
			})
			return err
		}},
		"a token": {do: func(c *leaving, s *service.Services) error {
			_, err := s.Tokens.Create(c.Context(), c.ana.Client(), service.NewToken{Profile: first(c), Email: string(c.ana.Email), Credentials: service.Credentials{Password: testkit.Password}, Name: "x"})
			return err
		}},
		"a token that moves": {do: func(c *leaving, s *service.Services) error {
			return s.Profiles.Switch(c.Context(), testkit.ClientOf(c.ana.Mint(c.plant, "")), c.ana.Home)
		}},
		"a profile": {do: func(c *leaving, s *service.Services) error {
			_, err := s.Profiles.Create(c.Context(), c.ana.Client(), "late", false)
			return err
		}},
		"an edit": {do: func(c *leaving, s *service.Services) error {
			name := "Anna"
			return s.Accounts.Edit(c.Context(), c.ana.Client(), tenancy.AccountEdit{Name: &name})
		}},
		"an edit of a profile": {do: func(c *leaving, s *service.Services) error {
			name := "home"
			return s.Profiles.Edit(c.Context(), c.ana.Client(), first(c), tenancy.ProfileEdit{Name: &name})
		}},
		"a new password": {do: func(c *leaving, s *service.Services) error {
			return s.Accounts.SetPassword(c.Context(), c.ana.Client(), another, service.Credentials{Password: testkit.Password})
		}},
		"an invitation that it accepts": {do: func(c *leaving, s *service.Services) error {
			return s.Teams.AcceptByCode(c.Context(), service.Client{}, codeOf(c, c.ana.Email, mailing.KindTeamInvited))
		}},
		"an invitation that it accepts, signed in": {do: func(c *leaving, s *service.Services) error {
			return s.Teams.Accept(c.Context(), c.ana.Client(), codeOf(c, c.ana.Email, mailing.KindTeamInvited))
		}},
		"an invitation to a profile of it that another accepts": {do: func(c *leaving, s *service.Services) error {
			return s.Teams.Accept(c.Context(), c.zed.Client(), codeOf(c, c.zed.Email, mailing.KindTeamInvited))
		}},
		"an invitation that it makes": {do: func(c *leaving, s *service.Services) error {
			return s.Teams.Invite(c.Context(), c.ana.Client(), first(c), string(c.kim.Email), "")
		}},
		"an invitation that it gets": {do: func(c *leaving, s *service.Services) error {
			return s.Teams.Invite(c.Context(), c.kim.Client(), service.ProfileRef{ID: c.kim.Home}, string(c.ana.Email), "")
		}},
		"an operator's membership": {do: func(c *leaving, s *service.Services) error {
			return s.Operator.AddMember(c.Context(), c.kim.Home, c.ana.ID, tenancy.PermissionFull)
		}},
		"an operator's role": {do: func(c *leaving, s *service.Services) error {
			_, err := s.Operator.SetType(c.Context(), string(c.ana.Email), tenancy.AccountSupport)
			return err
		}},
		"an offer that it accepts": {do: func(c *leaving, s *service.Services) error { return answer(c, s, c.offeredTo) }},
		"a move to it": {
			prepare: func(c *leaving) {
				_, err := c.Transfers.Confirm(c.Context(), c.zed.Client(), c.offeredTo.ID, c.offeredTo.Confirm, service.Credentials{Password: testkit.Password})
				c.OK(err)
				_, err = c.Desk.Approve(c.Context(), c.sam.Client(), c.offeredTo.ID)
				c.OK(err)
			},
			do: func(c *leaving, s *service.Services) error { return answer(c, s, c.offeredTo) },
		},
		"a move from it": {
			prepare: func(c *leaving) { c.gates(true, false, true) },
			do: func(c *leaving, s *service.Services) error {
				_, err := s.Transfers.Accept(c.Context(), c.ben.Client(), c.ticket.ID, c.ticket.Answer, service.Credentials{Password: testkit.Password}, transfer.Acceptance{Owner: tenancy.PermissionRead})
				return err
			},
		},
		"an offer that it makes": {do: func(c *leaving, s *service.Services) error {
			_, err := s.Transfers.Request(c.Context(), c.ana.Client(), first(c), service.TransferRequest{Email: string(c.zed.Email), Credentials: service.Credentials{Password: testkit.Password}})
			return err
		}},
		"an offer that it gets": {do: func(c *leaving, s *service.Services) error {
			_, err := s.Transfers.Request(c.Context(), c.zed.Client(), service.ProfileRef{ID: c.zed.Home}, service.TransferRequest{Email: string(c.ana.Email), Credentials: service.Credentials{Password: testkit.Password}})
			return err
		}},
		"a renewal": {
			prepare: func(c *leaving) {
				c.Advance(35 * 24 * time.Hour)
				_, err := c.Teams.Expire(c.Context()) // as every hour of them
				c.OK(err)
				c.ana.Token = c.ana.Mint(c.ana.Home, "never")
			},
			do: func(c *leaving, s *service.Services) error { _, err := s.Billing.Renew(c.Context()); return err },
		},
		"use of a profile": {do: func(c *leaving, s *service.Services) error {
			_, err := s.Usage.Report(c.Context(), dataPlane, c.ana.Home, []tenancy.ReportedLine{used(plan.ServiceSMS, 10, "x")})
			return err
		}},
		"a member that leaves": {do: func(c *leaving, s *service.Services) error {
			return s.Teams.Remove(c.Context(), c.mia.Client(), c.ref(), string(c.mia.ID))
		}},
		"a team that removes it": {do: func(c *leaving, s *service.Services) error {
			return s.Teams.Remove(c.Context(), c.ben.Client(), service.ProfileRef{ID: c.ben.Home}, string(c.ana.ID))
		}},
		"a sign-up": {do: func(c *leaving, s *service.Services) error {
			return s.Accounts.Create(c.Context(), source(1), service.NewAccount{Name: "Zoe", Email: string(c.ana.Email), Password: another, Repeated: another})
		}},
	}
}

func codeOf(c *leaving, to value.Email, kind mailing.Kind) (code string) {
	c.Helper()
	for _, m := range c.letters() {
		if m.To == string(to) && m.Kind == kind {
			code = m.Data["code"]
		}
	}
	return code
}

// Whatever happens at the same time, either comes before the deletion and goes
// with it, or comes too late. The worst timing is between what one has read and
// what it writes: each is tried in the other's.
func TestDeletionAgainstEverythingElse(t *testing.T) {
	testkit.NeedsEngine(t)
	t.Parallel()
	for name, r := range rivals() {
		begin := func() *leaving {
			c := newLeaving(t)
			if r.prepare != nil {
				r.prepare(c)
			}
			return c
		}
		late := func(c *leaving, do func()) *service.Services {
			return service.New(service.Config{Keys: testkit.Keys, Background: c.Background, Store: interrupted(c.World, "TransactWriteItems", do), Now: c.Now, Log: quiet()})
		}
		end := func(c *leaving, when string, removed error) {
			t.Helper()
			if removed != nil {
				// What came with a transfer keeps the account from going, which
				// it would tell.
				c.Refused(removed, problem.CodeForbidden)
				checkWorld(c.World)
				return
			}
			c.Advance(time.Minute)
			when = name + ", " + when
			if name == "a sign-up" || strings.HasPrefix(name, "an offer that it gets") || strings.HasPrefix(name, "an invitation that it gets") {
				// These are for whoever has the address next.
				purgeAccounts(c.World)
				if n := c.Count("A#"+string(c.ana.ID), "A") + c.Count("A#"+string(c.ana.ID), "P#"); n != 0 {
					t.Errorf("%s: %d items are left", when, n)
				}
				checkWorld(c.World)
				return
			}
			gone(c.World, when, c.ana)
		}
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c := begin()
			err := r.do(c, late(c, func() {
				c.OK(deleteAccount(c.Services, c.World, c.ana))
			}))
			c.decided(err)
			end(c, "with the deletion in its middle", nil)

			c = begin()
			err = r.do(c, late(c, func() {
				c.OK(deleteAccount(c.Services, c.World, c.ana))
				purgeAccounts(c.World)
			}))
			c.decided(err)
			end(c, "with the whole deletion in its middle", nil)

			c = begin()
			var other error
			err = deleteAccount(late(c, func() { other = r.do(c, c.Services) }), c.World, c.ana)
			c.decided(other)
			if problem.CodeOf(err) == problem.CodeUnauthenticated {
				// A new password: the deletion asks for the one that was. Once
				// more with the right one is another matter.
				return
			}
			end(c, "in the middle of the deletion", err)

			c = begin()
			errs := together(
				func() error { return deleteAccount(c.Services, c.World, c.ana) },
				func() error { return r.do(c, c.Services) },
			)
			c.decided(errs...)
			if problem.CodeOf(errs[0]) == problem.CodeUnauthenticated {
				return
			}
			end(c, "at once", errs[0])
		})
	}
}

// When the time is up the sweep stops where it is, and the next run goes on.
func TestAPurgeStopsInTime(t *testing.T) {
	t.Parallel()
	c := newLeaving(t)
	c.OK(deleteAccount(c.Services, c.World, c.ana))
	ctx, cancel := context.WithTimeout(t.Context(), 2*time.Second) // less than the sweep leaves itself
	defer cancel()
	before := c.State()
	if n, err := c.Accounts.Purge(ctx); n != 0 || err != nil || c.State() != before {
		t.Errorf("got %d, %v, want nothing done", n, err)
	}
	gone(c.World, "in the next run", c.ana)
}

// A run whose time ends in the middle of an account has not failed: it says
// nothing, and the next one goes on.
func TestAPurgeWhoseTimeEndsHasNotFailed(t *testing.T) {
	t.Parallel()
	c := newLeaving(t)
	c.OK(deleteAccount(c.Services, c.World, c.ana))
	// A sweep leaves itself three seconds; with the first commit two are left.
	var over atomic.Bool
	ctx := ending{t.Context(), over.Load}
	late := *c.World
	late.Services = service.New(service.Config{
		Keys: testkit.Keys, Background: c.Background, Now: c.Now, Log: quiet(),
		Store: interrupted(c.World, "TransactWriteItems", func() { over.Store(true) }),
	})
	if n, err := late.Accounts.Purge(ctx); n != 0 || err != nil {
		t.Errorf("got %d, %v, want no account gone and no failure", n, err)
	}
	gone(c.World, "in the next run", c.ana)
}

func alike(numbers map[string]int) bool {
	different := map[int]bool{}
	for _, n := range numbers {
		different[n] = true
	}
	return len(different) == 1
}

// tries is how often an address is asked for: requests that run beside each
// other are one round trip, if they happen to overlap, and on a busy machine
// they may not. What counts is the smallest number.
const tries = 5

func fewer(fewest map[string]int, what string, n int) {
	if old, ok := fewest[what]; !ok || n < old {
		fewest[what] = n
	}
}
