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
	"profiles/shared/service/operator"
	"profiles/shared/tenancy"
	"profiles/shared/testkit"
	"profiles/shared/transfer"
	"profiles/shared/value"
)

func TestDeletingAnAccount(t *testing.T) {
	t.Parallel()
	c := newLeaving(t)
	tokens := map[string]string{
		"of the first profile": c.ana.Token, "of the plant": c.ana.Mint(c.plant, "never"), "of a shared profile": c.ana.Mint(c.ben.Home, ""),
	}
	c.OK(c.Accounts.RequestPassword(t.Context(), source(1), string(c.ana.Email)))
	c.OK(c.Accounts.RequestEmail(t.Context(), c.ana.Client(operation.EmailRequest), zoe,
		service.Credentials{Password: testkit.Password}))
	var resets, changes string
	for _, m := range c.allMails() {
		switch m.Kind {
		case mailing.KindPasswordReset:
			resets = m.Data["code"]
		case mailing.KindEmailConfirm:
			changes = m.Data["code"]
		}
	}
	c.OK(deleteAccount(c.Services, c.World, c.ana))

	// After the commit nothing works any more, although no sweep has run.
	c.dead("at once", tokens, resets, changes)
	for _, to := range []transfer.ID{c.ticket.ID, c.offeredTo.ID, c.acceptedBy.ID} {
		_, err := c.Desk.Approve(t.Context(), c.sam.Client(operation.DeskApprove), to)
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
	c.dead("after the sweep", tokens, resets, changes)
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
		t.Errorf("got %d tokens and %d token rows, want as many of both", n, c.Count("P#", "T#"))
	}

	// A new account with the address starts empty.
	zoe := c.SignUp(c.ana.Email)
	if zoe.ID == c.ana.ID || zoe.Plan != plan.Free || zoe.Profiles() != 1 {
		t.Errorf("signed up anew: %+v", zoe.Account)
	}
	grants, err := c.Profiles.List(t.Context(), zoe.Client(operation.ProfileList))
	c.OK(err)
	transfers, err := c.Transfers.List(t.Context(), zoe.Client(operation.TransferList),
		service.Paging{Page: 1, Amount: 100})
	c.OK(err)
	charges, err := c.Billing.Payments(t.Context(), zoe.Client(operation.PaymentHistory),
		service.Paging{Amount: 100}, "")
	c.OK(err)
	if len(grants) != 1 || grants[0].Profile != zoe.Home || transfers.Rows != nil ||
		charges.Rows != nil || titlesOf(c.World, zoe) != nil {
		t.Errorf("signed up anew: %v, %v, %v and %v", grants, transfers, charges, titlesOf(c.World, zoe))
	}
	for ticket, code := range map[transfer.ID]string{c.offeredTo.ID: c.offeredTo.Answer,
		c.acceptedBy.ID: c.acceptedBy.Answer} {
		_, err := c.Transfers.Accept(t.Context(), zoe.Client(operation.TransferAccept), ticket,
			code, service.Credentials{Password: testkit.Password}, transfer.Acceptance{})
		if err == nil {
			t.Errorf("the old offer %s can be accepted", ticket)
		}
	}
	checkWorld(c.World)
}

// dead fails the test unless all of ana's tokens and codes are refused. tokens
// names each token by what it is for, resets is a code to reset her password,
// and changes is one to change her address.
func (c *leaving) dead(when string, tokens map[string]string, resets, changes string) {
	c.Helper()
	for of, token := range tokens {
		for _, forget := range []bool{false, true} {
			if forget {
				c.Restart()
			}
			client := testkit.ClientOf(token)
			_, err := c.Accounts.Get(c.Context(), client.For(operation.AccountGet.Access))
			c.Refused(err, problem.CodeUnauthenticated)
			for _, id := range []value.ProfileID{c.ana.Home, c.plant, c.ben.Home} {
				_, err := c.Profiles.Get(c.Context(), client.For(operation.ProfileGet.Access),
					service.ProfileRef{ID: id})
				if problem.CodeOf(err) != problem.CodeUnauthenticated {
					c.Errorf("%s, the token %s opens %s: %v", when, of, id, err)
				}
			}
		}
	}
	for what, err := range map[string]error{
		"signing in": login(c.World, source(1), c.ana.Email, testkit.Password),
		"again":      deleteAccount(c.Services, c.World, c.ana),
		"a password": c.Accounts.SetPassword(c.Context(), testkit.ClientOf(resets).For(operation.PasswordSet.Access), another, service.Credentials{}),
		"an address": c.Accounts.ConfirmEmail(c.Context(), service.Client{}, changes),
		"an operator": step(func() (operator.Outcome, error) {
			return c.Operator.SetType(c.Context(), string(c.ana.Email), tenancy.AccountSupport)
		})(),
		"a membership": c.Operator.AddMember(c.Context(), c.zed.Home, c.ana.ID, tenancy.PermissionRead),
	} {
		if err == nil {
			c.Errorf("%s: %s succeeds", when, what)
		}
	}
	if n, err := c.Billing.Renew(c.Context()); n != 0 || err != nil {
		c.Errorf("%s: %d subscriptions renewed, %v", when, n, err)
	}
}

// One item of a deleted account that always fails prevents no other one from
// being deleted. The account itself is deleted after that item.
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

// invitation returns the key of the open invitation of a person, and the key of
// its place in the team.
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
		t.Errorf("got %d %s, want 200 and the sentence that the account is deleted", got.Code, got.Result)
	}
}

// The receiver of a profile cannot destroy it while the other side can take it
// back, neither the profile nor the whole account.
func TestWhatCanBeTakenBackIsNotDestroyed(t *testing.T) {
	t.Parallel()
	c := moved(t, transfer.Acceptance{})
	for _, when := range []time.Duration{0, tenancy.TransferLock - 2*time.Hour} {
		c.Advance(when)
		c.ben.Token = c.ben.Mint(c.ben.Home, "never")
		before := c.State()
		c.Refused(deleteAccount(c.Services, c.World, c.ben), problem.CodeForbidden)
		c.Refused(c.Profiles.Delete(t.Context(), c.ben.Client(operation.ProfileDelete), c.ref(),
			service.Credentials{Password: testkit.Password}), problem.CodeForbidden)
		if c.State() != before {
			t.Errorf("after %s a refusal changed the table", when)
		}
	}
	c.Advance(time.Hour)
	c.OK(deleteAccount(c.Services, c.World, c.ben))
	gone(c.World, "when it can be taken back no more", c.ben)
}

// The previous owner may delete its account at once. The profile cannot be
// taken back then.
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

// A deletion frees a former address of the account and notifies its holder. If
// another account has the address by then, that account keeps it.
func TestFormerAddressesOfADeletedAccount(t *testing.T) {
	t.Parallel()
	for _, taken := range []bool{false, true} {
		w := testkit.New(t)
		ana := w.Quick("ana")
		w.OK(w.Accounts.RequestEmail(t.Context(), ana.Client(operation.EmailRequest), zoe,
			service.Credentials{Password: testkit.Password}))
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
			// The sweep is a week late, and another person has signed up.
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

// An address of a deleted account gets the same answers as one that never had
// an account, both before and after the sweep has ended the deletion.
func TestNobodyIsNotifiedOfADeletedAccount(t *testing.T) {
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
		// This case is the last, because it reserves the address.
		{"sign-up", func(e value.Email) testkit.Answer {
			return w.Call(operation.AccountCreate, "POST", "/account", "", object{
				"name": "Zoe", "email": e, "password": testkit.Password, "cpassword": testkit.Password,
			})
		}},
	} {
		name, send := c.name, c.send
		w.Advance(time.Hour) // mails to an address have a limit
		fewest := map[string]int{}
		for try := range tries {
			seen := map[string]value.Email{}
			for _, e := range []value.Email{leaving.Email, left.Email,
				value.Email(fmt.Sprintf("nobody-%s-%d@example.com", name, try))} {
				mails := len(mailsOf(w, e))
				w.Meter.Reset()
				got := send(e)
				used := w.Meter.Reset()
				seen[fmt.Sprint(got.Code, got.Message, got.Result, used.Requests)] = e
				fewer(fewest, strings.Split(string(e), "-")[0], used.RoundTrips)
				if more := len(mailsOf(w, e)) - mails; more != 0 && name != "sign-up" {
					t.Errorf("%s: %s got %d mails more, want none", name, e, more)
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
	// The mail says what the holder of the address can do.
	mails := w.Mail(leaving.Email)
	if last := mails[len(mails)-1].Kind; last != mailing.KindAccountLeaving {
		t.Errorf("the last mail is %s", last)
	}
}

// apartBy returns the lines that only one of two texts has, for each of them.
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

// outcome is the table after a purge, without the ids that the purge makes.
func outcome(w *testkit.World) string {
	w.Helper()
	var out []string
	for _, m := range allMails(w, scan(w)) {
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

// The sweep may crash before and after each of its writes. The next run
// continues, every item ends in the same state, each end is notified once, and
// the last mail is sent once.
func TestAnAccountDeletionThatCrashesAnywhere(t *testing.T) {
	t.Parallel()
	world := func() *leaving {
		c := newLeaving(t)
		c.OK(deleteAccount(c.Services, c.World, c.ana))
		// Ids depend on the clock, so two worlds differ in them only. The
		// comparison is by name.
		return c
	}
	named := func(c *leaving, text string) string {
		pairs := []string{}
		for _, p := range []*testkit.Person{&c.ana, &c.ben, &c.mia, &c.eve, &c.sam,
			&c.kim, &c.zed} {
			pairs = append(pairs, string(p.ID), p.Name, string(p.Home), p.Name+"'s home")
		}
		for _, id := range []transfer.ID{c.ticket.ID, c.offeredTo.ID, c.acceptedBy.ID} {
			pairs = append(pairs, string(id), "ticket")
		}
		text = strings.NewReplacer(pairs...).Replace(text)
		lines := strings.Split(anyID.ReplaceAllString(text, "id"), "\n")
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
					return testkit.LostAnswer // it is done, and the sweep gets no answer
				}
				return testkit.BrokenService
			})
			done, err := c.Accounts.Purge(t.Context())
			c.Faults.Always(nil)
			if died && (err == nil || done != 0) {
				t.Errorf("crashed after %d writes: the sweep has done %d and returned %v, want 0 and an error", after, done, err)
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
			purges = append(purges, func() (err error) {
				counts[i], err = c.Accounts.Purge(t.Context())
				return err
			})
		}
		sum := 0
		for _, err := range together(purges...) {
			c.OK(err)
		}
		for _, n := range counts {
			sum += n
		}
		sum += purgeAccounts(c.World) // everything that all runs have left to the next run
		kinds := mailsOf(c.World, c.ana.Email)
		if sum != 1 || times(kinds, mailing.KindAccountDeleted) != 1 {
			t.Errorf("the sweeps ended %d deletions and sent the mails %v, want one deletion and one last mail", sum, kinds)
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

// An account deletion that always fails does not delay others.
func TestAFailingAccountDeletionDelaysNoOther(t *testing.T) {
	t.Parallel()
	w := testkit.New(t)
	stuck, free := w.Quick("stuck"), w.Quick("free")
	w.OK(deleteAccount(w.Services, w, stuck))
	w.Advance(time.Second)
	w.OK(deleteAccount(w.Services, w, free))
	// No code can read the item of this profile.
	setText(w, "P#"+string(stuck.Home), "P", "version", "none")
	n, err := w.Accounts.Purge(t.Context())
	if n != 1 || err == nil || !strings.Contains(err.Error(), string(stuck.ID)) {
		t.Errorf("got %d, %v; want one account purged and the other named", n, err)
	}
	if w.Count("D#"+string(free.ID), "") != 0 || w.Count("D#"+string(stuck.ID), "A") != 1 {
		t.Error("the wrong one is gone")
	}
}

// A sweep whose time has ended stops where it is, and the next run continues
// there.
func TestAPurgeStopsInTime(t *testing.T) {
	t.Parallel()
	c := newLeaving(t)
	c.OK(deleteAccount(c.Services, c.World, c.ana))
	// less than the sweep reserves for its end
	ctx, cancel := context.WithTimeout(t.Context(), 2*time.Second)
	defer cancel()
	before := c.State()
	if n, err := c.Accounts.Purge(ctx); n != 0 || err != nil || c.State() != before {
		t.Errorf("got %d, %v, want nothing done", n, err)
	}
	gone(c.World, "in the next run", c.ana)
}

// A run whose time ends within an account has not failed: it logs nothing, and
// the next run continues.
func TestAPurgeWhoseTimeEndsHasNotFailed(t *testing.T) {
	t.Parallel()
	c := newLeaving(t)
	c.OK(deleteAccount(c.Services, c.World, c.ana))
	// A sweep reserves three seconds for its end. The first commit leaves two.
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
