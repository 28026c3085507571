package service_test

import (
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"profiles/shared/operation"
	"profiles/shared/plan"
	"profiles/shared/problem"
	"profiles/shared/service"
	"profiles/shared/service/teams"
	"profiles/shared/service/transfers"
	"profiles/shared/tenancy"
	"profiles/shared/testkit"
	"profiles/shared/transfer"
	"profiles/shared/value"
)

func TestRequestsThatAreRefused(t *testing.T) {
	t.Parallel()
	type call struct {
		ref     service.ProfileRef
		client  service.Client
		request transfers.Request
	}
	for _, test := range []struct {
		name    string
		prepare func(*cast, *call)
		want    problem.Code
		message string // a part of it; TICKET stands for the ticket of the open transfer
		later   time.Duration
	}{
		{name: "an owner with the plan Free cannot give a profile away", prepare: func(c *cast, _ *call) { change(c.World, c.ana, onPlan(plan.Free)) },
			want: problem.CodeForbidden, message: "plan"},
		{name: "the last profile stays", prepare: func(c *cast, r *call) {
			r.ref.ID, r.client = c.ben.Home, testkit.ClientOf(c.ben.Token)
			r.request.Email = string(c.ana.Email)
		}, want: problem.CodeForbidden, message: "2 profiles"},
		{name: "nobody offers a profile to their own address", prepare: func(c *cast, r *call) { r.request.Email = "ANA@example.com" },
			want: problem.CodeInvalid, message: "own address"},
		{name: "an address must be one", prepare: func(c *cast, r *call) { r.request.Email = "ben" }, want: problem.CodeInvalid},
		{name: "a wrong password proves nothing", prepare: func(c *cast, r *call) { r.request.Password = "granite otter lanterns" }, want: problem.CodeUnauthenticated},
		{name: "the password is required", prepare: func(c *cast, r *call) { r.request.Password = "" }, want: problem.CodeInvalid, message: "password"},
		{name: "an open transfer is named by its ticket", prepare: func(c *cast, _ *call) {
			c.offer(c.zed.Email)
			c.Advance(time.Hour)
		}, want: problem.CodeConflict, message: "TICKET"},
		{name: "the lock ends after seven days, to the millisecond", prepare: func(c *cast, r *call) {
			c.offer(c.ben.Email)
			c.all()
			r.client, r.request.Email = testkit.ClientOf(c.ben.Token), string(c.ana.Email)
			c.Advance(tenancy.TransferLock - time.Millisecond)
		}, want: problem.CodeForbidden, message: "7 days", later: time.Millisecond},
		{name: "between two requests is a minute, to the millisecond", prepare: func(c *cast, _ *call) {
			c.offer(c.ben.Email)
			_, err := c.cancel()
			c.OK(err)
			c.Advance(time.Minute - time.Millisecond)
		}, want: problem.CodeTooMany, later: time.Millisecond},
		{name: "ten requests are enough for a day", prepare: func(c *cast, _ *call) {
			for range 10 {
				c.offer(c.ben.Email)
				_, err := c.cancel()
				c.OK(err)
				c.Advance(time.Minute)
			}
		}, want: problem.CodeTooMany, later: 15 * time.Hour},
		{name: "a message has at most a thousand characters", prepare: func(c *cast, r *call) { r.request.Message = strings.Repeat("ä", 1001) },
			want: problem.CodeInvalid, message: "message"},
		{name: "a member with full permission is no owner", prepare: func(c *cast, r *call) {
			c.OK(c.Teams.Edit(c.Context(), c.ana.Client(operation.TeamEdit), c.ref(),
				string(c.mia.ID), teams.MemberEdit{Permission: "full"}))
			r.client = testkit.ClientOf(c.mia.Token)
		}, want: problem.CodeForbidden, message: "owner"},
		{name: "a stranger does not see the profile", prepare: func(c *cast, r *call) { r.client = testkit.ClientOf(c.zed.Token) }, want: problem.CodeNotFound},
		{name: "a token to read is not enough", prepare: func(c *cast, r *call) { r.client = testkit.ClientOf(c.ana.With("read", "")) }, want: problem.CodeForbidden},
		{name: "a token to write is not enough", prepare: func(c *cast, r *call) { r.client = testkit.ClientOf(c.ana.With("write", "")) }, want: problem.CodeForbidden},
		{name: "without a token nobody asks", prepare: func(c *cast, r *call) { r.client = service.Client{Source: testkit.Home} }, want: problem.CodeUnauthenticated},
		{name: "an expired token is none", prepare: func(c *cast, r *call) {
			r.client = testkit.ClientOf(c.ana.Mint(c.plant, "1 hour"))
			c.Advance(time.Hour)
		}, want: problem.CodeUnauthenticated},
		{name: "the tokens of a blocked account are dead", prepare: func(c *cast, r *call) { change(c.World, c.ana, blocked(true)) }, want: problem.CodeUnauthenticated},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			c := newCast(t)
			r := call{c.ref(), testkit.ClientOf(c.ana.Token),
				transfers.Request{Email: string(c.ben.Email),
					Credentials: service.Credentials{Password: testkit.Password}, Message: "as agreed"}}
			test.prepare(c, &r)
			before := c.State()
			_, err := c.Transfers.Request(t.Context(),
				r.client.For(operation.TransferRequest.Access), r.ref, r.request)
			if got := problem.CodeOf(err); got != test.want {
				t.Errorf("got %v (code %q), want code %q", err, got, test.want)
			} else if want := strings.ReplaceAll(test.message, "TICKET",
				string(c.ticket.ID)); !strings.Contains(err.Error(), want) {
				t.Errorf("got the message %q, want one with %q", err, want)
			}
			if c.State() != before {
				t.Error("the refusal changed the table")
			}
			if test.later > 0 {
				c.Advance(test.later)
				_, err = c.Transfers.Request(t.Context(),
					r.client.For(operation.TransferRequest.Access), r.ref, r.request)
				c.OK(err)
			}
			checkWorld(c.World, c.ana.ID)
		})
	}
}

// masked removes from an answer what differs between any two requests.
func masked(s string, more ...string) string {
	s = number.ReplaceAllString(s, "TICKET")
	// A world with more preparation is some seconds older.
	s = stamp.ReplaceAllString(s, "TIME")
	for _, m := range more {
		s = strings.ReplaceAll(s, m, "ADDRESS")
	}
	return s
}

// A requester can neither see nor measure whether an address has an account, or
// of which kind.
func TestAnOfferDoesNotTellWhetherAnAddressHasAnAccount(t *testing.T) {
	t.Parallel()
	ask := func(to value.Email, prepare func(*cast)) (answers []string, usage testkit.Usage) {
		c := newCast(t)
		if prepare != nil {
			prepare(c)
		}
		see := func() {
			for o, path := range map[*operation.Operation]string{
				&operation.TransferGet:   "/transfer/" + string(c.ticket.ID),
				&operation.TransferCheck: "/profile/" + string(c.plant) + "/transfer",
				&operation.TransferList:  "/transfer",
			} {
				c.view(*o, path, c.ana) // the process caches the account from now on
				c.Meter.Reset()
				answer := c.view(*o, path, c.ana)
				used := c.Meter.Reset()
				answers = append(answers, masked(fmt.Sprintf("%s: %s in %d requests and %d round trips", o.Name, answer, used.Requests,
					used.RoundTrips), string(to), string(c.plant)))
			}
			slices.Sort(answers)
		}
		_, err := c.Profiles.Get(t.Context(), c.ana.Client(operation.ProfileGet), c.ref())
		c.OK(err)
		c.Meter.Reset()
		got := c.Call(operation.TransferRequest, "POST", "/profile/"+string(c.plant)+"/transfer", c.ana.Token,
			object{"email": to, "password": testkit.Password})
		usage = c.Meter.Reset()
		var step struct{ Ticket transfer.ID }
		got.Into(c.World, &step)
		c.ticket.ID = step.Ticket
		answers = append(answers, masked(fmt.Sprint(got.Code, string(got.Result))))
		see()
		c.Advance(time.Hour)
		_, err = c.approve()
		c.OK(err)
		see()
		checkWorld(c.World)
		return answers, usage
	}
	for name, other := range map[string]struct {
		to      value.Email
		prepare func(*cast)
	}{
		"an account":                       {"ben@example.com", nil},
		"an account of a member":           {"mia@example.com", nil},
		"an account of the support desk":   {"kim@example.com", nil},
		"an account that is blocked":       {"ben@example.com", func(c *cast) { change(c.World, c.ben, blocked(true)) }},
		"an account without room":          {"ben@example.com", func(c *cast) { c.fill(c.ben) }},
		"an account with the plan Free":    {"ben@example.com", func(c *cast) { change(c.World, c.ben, onPlan(plan.Free)) }},
		"an account that is not confirmed": {zoe, func(c *cast) { waiting(c.World, zoe) }},
	} {
		// On a busy machine two concurrent reads may look like two successive
		// ones. A difference counts only if each attempt has it.
		var differ []string
		for range 3 {
			want, cost := ask("nobody@example.com", nil)
			got, used := ask(other.to, other.prepare)
			differ = nil
			if used.Requests != cost.Requests || used.RoundTrips != cost.RoundTrips {
				differ = append(differ, fmt.Sprintf("the request took %d requests and %d round trips, for an unknown address %d and %d",
					used.Requests, used.RoundTrips, cost.Requests, cost.RoundTrips))
			}
			for i := range got {
				if got[i] != want[i] {
					a, b := apart(got[i], want[i])
					differ = append(differ, fmt.Sprintf("the requester sees ...%s\nand of an unknown address ...%s", a, b))
				}
			}
			if differ == nil {
				break
			}
		}
		for _, d := range differ {
			t.Errorf("%s: %s", name, d)
		}
	}
}

// apart returns two texts from the place where they begin to differ.
func apart(a, b string) (string, string) {
	n := 0
	for n < min(len(a), len(b)) && a[n] == b[n] {
		n++
	}
	around := func(s string) string { return s[max(0, n-120):min(len(s), n+40)] }
	return around(a), around(b)
}

var (
	number = regexp.MustCompile(`TR-\w{4}-\w{4}`)
	stamp  = regexp.MustCompile(`20\d\d-\d\d-\d\dT[0-9:.]+Z`)
)

type choice struct {
	name    string
	prepare func(*cast)
	choose  func(*cast) transfer.Acceptance
	between func(*cast) // after all other consents, before the acceptance
	want    problem.Code
	message string
	team    map[string]tenancy.Permission // by name
	called  string
	has     plan.Amounts
}

func TestTheReceivingSideChooses(t *testing.T) {
	t.Parallel()
	name := func(s string) *string { return &s }
	members := func(c *cast, mia, eve tenancy.Permission) map[value.AccountID]tenancy.Permission {
		m := map[value.AccountID]tenancy.Permission{}
		if mia != tenancy.PermissionNone {
			m[c.mia.ID] = mia
		}
		if eve != tenancy.PermissionNone {
			m[c.eve.ID] = eve
		}
		return m
	}
	for _, test := range []choice{
		{name: "nothing is chosen for it", choose: func(c *cast) transfer.Acceptance { return transfer.Acceptance{} }, has: some},
		{name: "it takes less", choose: func(c *cast) transfer.Acceptance {
			return transfer.Acceptance{Allocation: map[plan.Service]int64{plan.ServiceInput: 400,
				plan.ServiceSMS: 0}}
		}, has: plan.Amounts{plan.ServiceInput: 400, plan.ServiceRunUsers: 2}},
		{name: "it takes what it has room for", prepare: func(c *cast) { change(c.World, c.ben, func(a *tenancy.Account) { a.Limits = a.Limits.Minus(some) }) },
			choose: func(c *cast) transfer.Acceptance {
				return transfer.Acceptance{Allocation: map[plan.Service]int64{plan.ServiceInput: 0,
					plan.ServiceSMS: 0, plan.ServiceRunUsers: 0}}
			}},
		{name: "it cannot take more than the profile has", choose: func(c *cast) transfer.Acceptance {
			return transfer.Acceptance{Allocation: map[plan.Service]int64{plan.ServiceSMS: 6}}
		}, want: problem.CodeInvalid, message: "allocation.sms"},
		{name: "it cannot take less than nothing", choose: func(c *cast) transfer.Acceptance {
			return transfer.Acceptance{Allocation: map[plan.Service]int64{plan.ServiceSMS: -1}}
		}, want: problem.CodeInvalid, message: "allocation.sms"},
		{name: "it gives the profile a name", choose: func(c *cast) transfer.Acceptance { return transfer.Acceptance{Name: name("Ben's plant")} }, called: "Ben's plant", has: some},
		{name: "a name must be one", choose: func(c *cast) transfer.Acceptance { return transfer.Acceptance{Name: name("")} }, want: problem.CodeInvalid, message: "name"},
		{name: "it keeps members, with the permission that it gives", choose: func(c *cast) transfer.Acceptance {
			return transfer.Acceptance{Members: members(c, tenancy.PermissionRead,
				tenancy.PermissionFull)}
		}, team: map[string]tenancy.Permission{"mia": tenancy.PermissionRead,
			"eve": tenancy.PermissionFull}, has: some},
		{name: "it keeps the owner", choose: func(c *cast) transfer.Acceptance {
			return transfer.Acceptance{Owner: tenancy.PermissionWrite,
				Members: members(c, tenancy.PermissionRead, 0)}
		}, team: map[string]tenancy.Permission{"mia": tenancy.PermissionRead,
			"ana": tenancy.PermissionWrite}, has: some},
		{name: "it cannot keep who is no member", choose: func(c *cast) transfer.Acceptance {
			return transfer.Acceptance{
				Members: map[value.AccountID]tenancy.Permission{c.zed.ID: tenancy.PermissionRead}}
		}, want: problem.CodeInvalid, message: "members"},
		{name: "it cannot keep a member who has left", prepare: func(c *cast) {
			c.OK(c.Teams.Remove(c.Context(), c.mia.Client(operation.TeamRemove), c.ref(),
				string(c.mia.ID)))
		}, choose: func(c *cast) transfer.Acceptance {
			return transfer.Acceptance{Members: members(c, tenancy.PermissionRead, 0)}
		}, want: problem.CodeInvalid, message: "members"},
		{name: "a member who leaves after it chose is gone", choose: func(c *cast) transfer.Acceptance {
			return transfer.Acceptance{Members: members(c, tenancy.PermissionRead,
				tenancy.PermissionRead)}
		}, between: func(c *cast) {
			c.OK(c.Teams.Remove(c.Context(), c.mia.Client(operation.TeamRemove), c.ref(),
				string(c.mia.ID)))
		},
			team: map[string]tenancy.Permission{"eve": tenancy.PermissionRead}, has: some},
		{name: "a member who joins after it chose leaves", choose: func(c *cast) transfer.Acceptance {
			return transfer.Acceptance{Members: members(c, tenancy.PermissionRead, 0)}
		}, between: func(c *cast) { c.Share(c.plant, c.zed, tenancy.PermissionFull) },
			team: map[string]tenancy.Permission{"mia": tenancy.PermissionRead}, has: some},
		{name: "a receiving member becomes the owner, even when it names itself", prepare: func(c *cast) { c.Share(c.plant, c.ben, tenancy.PermissionRead) },
			choose: func(c *cast) transfer.Acceptance {
				m := members(c, tenancy.PermissionRead, 0)
				m[c.ben.ID] = tenancy.PermissionRead
				return transfer.Acceptance{Members: m}
			}, team: map[string]tenancy.Permission{"mia": tenancy.PermissionRead}, has: some},
	} {
		t.Run(test.name, test.play)
	}
}

func (test choice) play(t *testing.T) {
	t.Parallel()
	c := newCast(t)
	allocate(c.World, c.plant, some)
	grow(c.World, c.ben, some)
	if test.prepare != nil {
		test.prepare(c)
	}
	c.offer(c.ben.Email)
	_, err := c.confirm()
	c.OK(err)
	before := c.State()
	got, err := c.accept(test.choose(c))
	if problem.CodeOf(err) != test.want {
		t.Fatalf("got %s, %v, want code %q", got.State, err, test.want)
	}
	if test.want != "" {
		if !strings.Contains(err.Error(), test.message) {
			t.Errorf("got the message %q, want one with %q", err, test.message)
		}
		if c.State() != before {
			t.Error("the refusal changed the table")
		}
		return
	}
	if test.between != nil {
		test.between(c)
	}
	got, err = c.approve()
	c.OK(err)
	if got.State != transfer.Completed {
		t.Fatalf("the transfer is %s, waiting for %q", got.State, got.Waiting)
	}
	p, team, err := c.Store.ProfileWithMembers(t.Context(), c.plant)
	c.OK(err)
	called := "plant"
	if test.called != "" {
		called = test.called
	}
	if p.Owner != c.ben.ID || p.Name != called || p.Allocation != test.has {
		t.Errorf("the plant is %s's, called %q and has %v, want ben's, %q and %v", p.Owner, p.Name, p.Allocation, called, test.has)
	}
	stays := map[string]tenancy.Permission{}
	names := map[value.AccountID]string{c.ana.ID: c.ana.Name, c.ben.ID: c.ben.Name,
		c.mia.ID: c.mia.Name, c.eve.ID: c.eve.Name, c.zed.ID: c.zed.Name}
	for _, m := range team {
		stays[names[m.Account]] = m.Permission
	}
	if !maps.Equal(stays, test.team) {
		t.Errorf("the team is %v, want %v", stays, test.team)
	}
	for _, p := range []testkit.Person{c.ana, c.mia, c.eve, c.zed} {
		want := problem.CodeNotFound
		if _, ok := test.team[p.Name]; ok {
			want = ""
		}
		_, err := c.Profiles.Get(t.Context(), p.Client(operation.ProfileGet), c.ref())
		if problem.CodeOf(err) != want {
			t.Errorf("%s reads the plant: got %v, want code %q", p.Name, err, want)
		}
	}
	checkWorld(c.World)
}

// Until the transfer completes, the receiving side may accept again with other
// terms.
func TestAcceptingAgain(t *testing.T) {
	t.Parallel()
	c := newCast(t)
	allocate(c.World, c.plant, some)
	grow(c.World, c.ben, some)
	c.offer(c.ben.Email)
	keep := transfer.Acceptance{Owner: tenancy.PermissionRead}
	for _, a := range []transfer.Acceptance{{}, keep,
		{Allocation: map[plan.Service]int64{plan.ServiceSMS: 1}}} {
		_, err := c.accept(a)
		c.OK(err)
		before := c.State()
		_, err = c.accept(a)
		c.OK(err)
		if c.State() != before {
			t.Error("the same acceptance once more changed the table")
		}
		checkWorld(c.World)
		c.Advance(time.Second)
	}
	_, err := c.confirm()
	c.OK(err)
	c.wantOwner("before the desk's word", c.ana)
	got, err := c.approve()
	c.OK(err)
	p := c.profile()
	if got.State != transfer.Completed || p.Allocation[plan.ServiceSMS] != 1 ||
		p.Allocation[plan.ServiceInput] != 1000 {
		t.Errorf("the transfer is %s, the plant has %v, want the last terms", got.State, p.Allocation)
	}
	before := c.State()
	got, err = c.accept(keep)
	c.OK(err)
	if got.State != transfer.Completed || c.State() != before {
		t.Errorf("after the completion, other terms: got %s and a table that changed, want nothing to happen", got.State)
	}
	checkWorld(c.World)
}
