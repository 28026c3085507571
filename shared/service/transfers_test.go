package service_test

import (
	"encoding/json"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"profiles/shared/mailing"
	"profiles/shared/operation"
	"profiles/shared/plan"
	"profiles/shared/problem"
	"profiles/shared/secret"
	"profiles/shared/service"
	"profiles/shared/store"
	"profiles/shared/tenancy"
	"profiles/shared/testkit"
	"profiles/shared/transfer"
	"profiles/shared/value"
)

// cast is who takes part in a transfer: ana offers the plant, in whose team mia
// (write) and eve (read) are, to ben; sam and kim are agents of the support
// desk, and zed has nothing to do with it.
type cast struct {
	*testkit.World
	ana, ben, mia, eve, sam, kim, zed testkit.Person

	plant  value.ProfileID
	ticket testkit.Ticket
	read   map[mailing.ID]bool // mails that news has returned
}

// casts are those that tests begin with.
var casts testkit.Stages[cast]

func newCast(t testing.TB, policy ...transfer.Policy) *cast {
	return castAfter(t, "nothing", policy, func(*cast) {})
}

// offered is a cast whose plant is offered to ben.
func offered(t testing.TB, policy ...transfer.Policy) *cast {
	return castAfter(t, "an offer", policy, func(c *cast) { c.offer(c.ben.Email) })
}

func castAfter(t testing.TB, what string, policy []transfer.Policy, happen func(*cast)) *cast {
	c, w := casts.Begin(t, fmt.Sprintf("%s under %v", what, policy), func() (cast, *testkit.World) {
		c := &cast{World: testkit.New(t), read: map[mailing.ID]bool{}}
		c.follow(policy)
		c.ana, c.ben, c.mia, c.eve, c.zed = c.Quick("ana"), c.Quick("ben"), c.Quick("mia"), c.Quick("eve"), c.Quick("zed")
		c.sam, c.kim = c.Agent(c.Quick("sam")), c.Agent(c.Quick("kim"))
		c.plant = c.ana.Profile("plant")
		c.Share(c.plant, c.mia, tenancy.PermissionWrite)
		c.Advance(time.Second)
		c.Share(c.plant, c.eve, tenancy.PermissionRead)
		happen(c)
		return *c, c.World
	})
	return c.in(w, policy)
}

// in is the cast in a copy of its world.
func (c cast) in(w *testkit.World, policy []transfer.Policy) *cast {
	c.World, c.read = w, maps.Clone(c.read)
	for _, p := range []*testkit.Person{&c.ana, &c.ben, &c.mia, &c.eve, &c.sam, &c.kim, &c.zed} {
		*p = p.In(w)
	}
	c.follow(policy)
	return &c
}

// follow gives the world services with a policy, if there is one.
func (c *cast) follow(policy []transfer.Policy) {
	if len(policy) > 0 {
		*c.Services = *service.New(service.Config{Keys: testkit.Keys, Passwords: testkit.Passwords, Background: c.Background, Store: c.Store, Now: c.Now, Mailer: c.World.Outbox, Log: quiet(), Policy: policy[0]})
	}
}

func (c *cast) ref() service.ProfileRef { return service.ProfileRef{ID: c.plant} }

func (c *cast) request(by testkit.Person, to value.Email) (transfer.Transfer, error) {
	return c.Transfers.Request(c.Context(), by.Client(), c.ref(), service.TransferRequest{Email: string(to), Credentials: service.Credentials{Password: testkit.Password}, Message: "as agreed"})
}

// offer requests the transfer of the plant and reads the codes where the mails
// wait for their delivery.
func (c *cast) offer(to value.Email) {
	c.Helper()
	t, err := c.request(c.ana, to)
	c.OK(err)
	c.ticket = testkit.Ticket{ID: t.ID}
	for _, m := range c.letters() {
		if m.Data["ticket"] != string(t.ID) {
			continue
		}
		switch m.Kind {
		case mailing.KindTransferRequested:
			c.ticket.Confirm = m.Data["code"]
		case mailing.KindTransferOffered, mailing.KindTransferOfferedNew:
			c.ticket.Answer = m.Data["code"]
		}
	}
}

// letters are all mails, delivered or not.
func (c *cast) letters() []mailing.Message {
	c.Helper()
	return lettersOf(c.World, scan(c.World))
}

// news are the mails since the last news, as "kind > to", in the order of the
// alphabet. What an account is told of itself is left out.
func (c *cast) news() []string {
	c.Helper()
	out := []string{}
	for _, m := range c.letters() {
		if c.read[m.ID] {
			continue
		}
		c.read[m.ID] = true
		if kind, ok := strings.CutPrefix(string(m.Kind), "transfer-"); ok {
			out = append(out, kind+" > "+strings.TrimSuffix(m.To, "@example.com"))
		}
	}
	slices.Sort(out)
	return out
}

func (c *cast) wantNews(when string, want ...string) {
	c.Helper()
	slices.Sort(want)
	if got := c.news(); !slices.Equal(got, want) {
		c.Errorf("%s: the mails are %q, want %q", when, got, want)
	}
}

func (c *cast) confirm() (transfer.Transfer, error) {
	return c.Transfers.Confirm(c.Context(), c.ana.Client(), c.ticket.ID, c.ticket.Confirm, service.Credentials{Password: testkit.Password})
}

func (c *cast) accept(a transfer.Acceptance) (transfer.Transfer, error) {
	return c.Transfers.Accept(c.Context(), c.ben.Client(), c.ticket.ID, c.ticket.Answer, service.Credentials{Password: testkit.Password}, a)
}

func (c *cast) decline() (transfer.Transfer, error) {
	return c.Transfers.Decline(c.Context(), c.ben.Client(), c.ticket.ID, c.ticket.Answer, service.Credentials{Password: testkit.Password})
}

func (c *cast) approve() (transfer.Transfer, error) {
	return c.Desk.Approve(c.Context(), c.sam.Client(), c.ticket.ID)
}

func (c *cast) cancel() (transfer.Transfer, error) {
	return c.Transfers.Cancel(c.Context(), c.ana.Client(), c.ref())
}

func (c *cast) revert(by testkit.Person) (transfer.Transfer, error) {
	if by.Type == tenancy.AccountSupport {
		return c.Desk.Revert(c.Context(), by.Client(), c.ticket.ID)
	}
	return c.Transfers.Revert(c.Context(), by.Client(), c.ticket.ID, service.Credentials{Password: testkit.Password})
}

// all gives the word of everybody; the receiving side keeps nobody.
func (c *cast) all() transfer.Transfer {
	c.Helper()
	return c.allOn(transfer.Acceptance{})
}

func (c *cast) allOn(a transfer.Acceptance) transfer.Transfer {
	c.Helper()
	_, err := c.confirm()
	c.OK(err)
	_, err = c.approve()
	c.OK(err)
	t, err := c.accept(a)
	c.OK(err)
	return t
}

// moved is a cast whose plant ben owns by now, on the terms given.
func moved(t testing.TB, a transfer.Acceptance, policy ...transfer.Policy) *cast {
	c := offered(t, policy...)
	if got := c.allOn(a); got.State != transfer.Completed {
		c.Fatalf("the transfer is %s, waiting for %q", got.State, got.Waiting)
	}
	c.Advance(time.Hour)
	c.news()
	return c
}

func (c *cast) sweep() int {
	c.Helper()
	n, err := c.Transfers.Expire(c.Context())
	c.OK(err)
	return n
}

// stored is a transfer as it is in the table.
func (c *cast) stored(id transfer.ID) transfer.Transfer {
	c.Helper()
	batch := c.Store.Batch()
	t := batch.Transfer(id)
	c.OK(batch.Get(c.Context()))
	return t.Value
}

func (c *cast) wantState(when string, want transfer.State) transfer.Transfer {
	c.Helper()
	t := c.stored(c.ticket.ID)
	if t.State != want {
		c.Errorf("%s: the transfer is %s (waiting %q), want %s", when, t.State, t.Waiting, want)
	}
	return t
}

func (c *cast) profile() tenancy.Profile {
	c.Helper()
	p, _, err := c.Store.ProfileWithMembers(c.Context(), c.plant)
	c.OK(err)
	return p
}

func (c *cast) account(p testkit.Person) tenancy.Account {
	c.Helper()
	batch := c.Store.Batch()
	a := batch.Account(p.ID)
	c.OK(batch.Get(c.Context()))
	return a.Value
}

func (c *cast) wantOwner(when string, want testkit.Person) {
	c.Helper()
	if p := c.profile(); p.Owner != want.ID {
		c.Errorf("%s: the plant belongs to %s, want %s (%s)", when, p.Owner, want.ID, want.Name)
	}
}

// change changes an account with what its profiles copy of it, as the operation
// will that does not exist yet.
func change(w *testkit.World, p testkit.Person, do func(*tenancy.Account)) {
	w.Helper()
	w.OK(tryChange(w, p.ID, do))
}

func tryChange(w *testkit.World, id value.AccountID, do func(*tenancy.Account)) error {
	account, grants, err := w.Store.AccountWithGrants(w.Context(), id)
	if err != nil {
		return err
	}
	do(&account)
	tx := w.Store.Begin()
	tx.UpdateAccount(account)
	for _, g := range grants {
		if !g.Own() {
			continue
		}
		p, team, err := w.Store.ProfileWithMembers(w.Context(), g.Profile)
		if err != nil {
			return err
		}
		if p.Owner != id {
			return problem.ErrConflict
		}
		p.Plan, p.OwnerEpoch, p.OwnerSessions = account.Plan, account.Epoch, account.Sessions
		tx.UpdateProfile(p, team)
	}
	return tx.CommitAside(w.Context(), store.Origin{})
}

func onPlan(p plan.Plan) func(*tenancy.Account) { return func(a *tenancy.Account) { a.Plan = p } }
func blocked(yes bool) func(*tenancy.Account)   { return func(a *tenancy.Account) { a.Blocked = yes } }

// address gives an account another address, with its claim.
func (c *cast) address(p testkit.Person, e value.Email) {
	c.Helper()
	batch := c.Store.Batch()
	a := batch.Account(p.ID)
	c.OK(batch.Get(c.Context()))
	remove(c.World, "E#"+string(a.Value.Email), "E")
	a.Value.Email = e
	tx := c.Store.Begin()
	tx.ReserveEmail(tenancy.EmailReservation{Email: e, Account: p.ID}, c.Now(), problem.ErrConflict)
	tx.UpdateAccount(a.Value)
	c.OK(tx.CommitAside(c.Context(), store.Origin{}))
}

// grow raises the limits of an account.
func grow(w *testkit.World, p testkit.Person, by plan.Amounts) {
	w.Helper()
	change(w, p, func(a *tenancy.Account) { a.Limits = a.Limits.Plus(by) })
}

// allocate gives a profile more, and its owner as much more to give.
func allocate(w *testkit.World, id value.ProfileID, by plan.Amounts) {
	w.Helper()
	p, team, err := w.Store.ProfileWithMembers(w.Context(), id)
	w.OK(err)
	batch := w.Store.Batch()
	owner := batch.Account(p.Owner)
	w.OK(batch.Get(w.Context()))
	share := owner.Value.Shares[id]
	share.Allocation = share.Allocation.Plus(by)
	owner.Value.Limits, owner.Value.Shares[id], p.Allocation = owner.Value.Limits.Plus(by), share, share.Allocation
	tx := w.Store.Begin()
	tx.UpdateAccount(owner.Value)
	tx.UpdateProfile(p, team)
	w.OK(tx.CommitAside(w.Context(), store.Origin{}))
}

var some = plan.Amounts{plan.ServiceInput: 1000, plan.ServiceSMS: 5, plan.ServiceRunUsers: 2}

// fill uses up all profiles that the plan of an account admits, and returns the
// last one.
func (c *cast) fill(p testkit.Person) (last value.ProfileID) {
	c.Helper()
	a := c.account(p)
	for range a.Plan.Limits().Profiles - a.Profiles() {
		last = p.Profile("filler")
	}
	// New profiles begin with what is free: what is short here is places, and
	// nothing else.
	grow(c.World, p, c.account(p).Allocated().Minus(a.Allocated()))
	return last
}

func (c *cast) drop(p testkit.Person, id value.ProfileID) {
	c.Helper()
	c.OK(c.Profiles.Delete(c.Context(), p.Client(), service.ProfileRef{ID: id}, service.Credentials{Password: testkit.Password}))
}

// view is a transfer as an API answer has it.
func (c *cast) view(o operation.Operation, path string, by testkit.Person) string {
	c.Helper()
	got := c.Call(o, "GET", path, by.Token, nil)
	if got.Code != 200 {
		c.Fatalf("%s %s: got %d %q", o.Name, path, got.Code, got.Message)
	}
	return string(got.Result)
}

func (c *cast) seen(by testkit.Person) string {
	c.Helper()
	return c.view(operation.TransferGet, "/transfer/"+string(c.ticket.ID), by)
}

// secrets fails the test if a code reached anybody but the side it belongs to.
func (c *cast) secrets(viewers ...testkit.Person) {
	c.Helper()
	owners := map[string]string{} // code: who may know it
	emails := c.letters()
	for _, m := range emails {
		if code := m.Data["code"]; code != "" && strings.HasPrefix(string(m.Kind), "transfer-") {
			owners[code] = m.To
			switch m.Kind {
			case mailing.KindTransferRequested, mailing.KindTransferRemindOwner:
				if m.To != string(c.account(c.ana).Email) && m.To != string(c.ana.Email) {
					c.Errorf("the mail %s went to %s", m.Kind, m.To)
				}
			case mailing.KindTransferOffered, mailing.KindTransferOfferedNew, mailing.KindTransferRemindReceiver:
				if m.To != string(c.stored(transfer.ID(m.Data["ticket"])).Email) {
					c.Errorf("the mail %s went to %s", m.Kind, m.To)
				}
			default:
				c.Errorf("the mail %s to %s has a code", m.Kind, m.To)
			}
		}
	}
	if len(owners) == 0 {
		c.Error("no mail had a code")
	}
	leaks := func(where, text string) {
		c.Helper()
		for code := range owners {
			if key, _ := secret.Parse(code); strings.Contains(text, code) || strings.Contains(text, key.Secret) {
				c.Errorf("%s has a code: %s", where, text)
			}
		}
	}
	for _, m := range emails {
		data := maps.Clone(m.Data)
		delete(data, "code")
		leaks("the text of the mail "+string(m.Kind), fmt.Sprint(data))
	}
	for _, it := range c.Items() {
		if !strings.HasPrefix(it.PK, "O#") {
			leaks(it.PK+" "+it.SK, it.Text)
		}
	}
	for _, p := range viewers {
		got := c.Call(operation.TransferGet, "GET", "/transfer/"+string(c.ticket.ID), p.Token, nil)
		leaks("the view of "+p.Name, string(got.Result))
		leaks("the list of "+p.Name, c.view(operation.TransferList, "/transfer", p))
	}
	leaks("the view of the desk", c.view(operation.DeskGet, "/desk/transfer/"+string(c.ticket.ID), c.sam))
	leaks("the queue of the desk", c.view(operation.DeskList, "/desk/transfer", c.sam))
}

func TestRequestsThatAreRefused(t *testing.T) {
	t.Parallel()
	type call struct {
		ref     service.ProfileRef
		client  service.Client
		request service.TransferRequest
	}
	for _, test := range []struct {
		name    string
		prepare func(*cast, *call)
		want    problem.Code
		message string // a part of it; TICKET stands for the open one's
		later   time.Duration
	}{
		{name: "an owner with the plan Free cannot give a profile away", prepare: func(c *cast, _ *call) { change(c.World, c.ana, onPlan(plan.Free)) },
			want: problem.CodeForbidden, message: "plan"},
		{name: "the last profile stays", prepare: func(c *cast, r *call) {
			r.ref.ID, r.client, r.request.Email = c.ben.Home, c.ben.Client(), string(c.ana.Email)
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
			r.client, r.request.Email = c.ben.Client(), string(c.ana.Email)
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
			c.OK(c.Teams.Edit(c.Context(), c.ana.Client(), c.ref(), string(c.mia.ID), "full"))
			r.client = c.mia.Client()
		}, want: problem.CodeForbidden, message: "owner"},
		{name: "a stranger does not see the profile", prepare: func(c *cast, r *call) { r.client = c.zed.Client() }, want: problem.CodeNotFound},
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
			r := call{c.ref(), c.ana.Client(), service.TransferRequest{Email: string(c.ben.Email), Credentials: service.Credentials{Password: testkit.Password}, Message: "as agreed"}}
			test.prepare(c, &r)
			before := c.State()
			_, err := c.Transfers.Request(t.Context(), r.client, r.ref, r.request)
			if got := problem.CodeOf(err); got != test.want {
				t.Errorf("got %v (code %q), want code %q", err, got, test.want)
			} else if want := strings.ReplaceAll(test.message, "TICKET", string(c.ticket.ID)); !strings.Contains(err.Error(), want) {
				t.Errorf("got the message %q, want one with %q", err, want)
			}
			if c.State() != before {
				t.Error("the refusal changed the table")
			}
			if test.later > 0 {
				c.Advance(test.later)
				_, err = c.Transfers.Request(t.Context(), r.client, r.ref, r.request)
				c.OK(err)
			}
			checkWorld(c.World, c.ana.ID)
		})
	}
}

// masked leaves out of an answer what differs between any two requests.
func masked(s string, more ...string) string {
	s = number.ReplaceAllString(s, "TICKET")
	// Worlds in which more was prepared are some seconds older.
	s = stamp.ReplaceAllString(s, "TIME")
	for _, m := range more {
		s = strings.ReplaceAll(s, m, "ADDRESS")
	}
	return s
}

// Nothing that a requester can see or measure tells whether an address has an
// account, and what kind of.
func TestAnOfferDoesNotTellWhetherAnAddressHasAnAccount(t *testing.T) {
	t.Parallel()
	ask := func(to value.Email, prepare func(*cast)) (answers []string, usage testkit.Usage) {
		c := newCast(t)
		if prepare != nil {
			prepare(c)
		}
		see := func() {
			for o, path := range map[*operation.Operation]string{
				&operation.TransferGet: "/transfer/" + string(c.ticket.ID), &operation.TransferCheck: "/profile/" + string(c.plant) + "/transfer", &operation.TransferList: "/transfer",
			} {
				c.view(*o, path, c.ana) // remembered from now on
				c.Meter.Reset()
				answer := c.view(*o, path, c.ana)
				used := c.Meter.Reset()
				answers = append(answers, masked(fmt.Sprintf("%s: %s in %d requests and %d round trips", o.Name, answer, used.Requests, used.RoundTrips), string(to), string(c.plant)))
			}
			slices.Sort(answers)
		}
		_, err := c.Profiles.Get(t.Context(), c.ana.Client(), c.ref())
		c.OK(err)
		c.Meter.Reset()
		got := c.Call(operation.TransferRequest, "POST", "/profile/"+string(c.plant)+"/transfer", c.ana.Token, object{"email": to, "password": testkit.Password})
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
		// On a busy machine two reads that are sent together may look like one
		// after the other: what differs each time differs.
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

// apart returns where two texts begin to differ.
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

// Somebody signs up with the offered address after the offer, and takes it.
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
	entered, err := c.Accounts.Login(t.Context(), service.Client{Source: testkit.Home}, zoe, service.Credentials{Password: testkit.Password})
	made, grants := entered.Account, entered.Grants
	c.OK(err)
	minted, err := c.Tokens.CreateAtLogin(t.Context(), service.Client{Source: testkit.Home}, service.NewToken{
		Profile: service.ProfileRef{ID: grants[0].Profile}, Email: zoe, Credentials: service.Credentials{Password: testkit.Password}, Name: "x",
	})
	c.OK(err)
	client := testkit.ClientOf(minted.Text)
	list, err := c.Transfers.List(t.Context(), client, 1, 10)
	c.OK(err)
	if len(list) != 1 || list[0].ID != c.ticket.ID || list[0].Party != transfer.PartyDestination {
		t.Errorf("the new account lists %+v, want the offer", list)
	}
	v, err := c.Transfers.Get(t.Context(), client, c.ticket.ID)
	c.OK(err)
	if v.Party != transfer.PartyDestination || v.Checks.OK() {
		t.Errorf("it sees %+v, want that its plan is missing", v.Checks)
	}
	got, err := c.Transfers.Accept(t.Context(), client, c.ticket.ID, c.ticket.Answer, service.Credentials{Password: testkit.Password}, transfer.Acceptance{})
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
	for _, test := range []struct {
		name    string
		prepare func(*cast)
		choose  func(*cast) transfer.Acceptance
		between func(*cast) // after everybody else agreed, before the acceptance
		want    problem.Code
		message string
		team    map[string]tenancy.Permission // by name
		called  string
		has     plan.Amounts
	}{
		{name: "nothing is chosen for it", choose: func(c *cast) transfer.Acceptance { return transfer.Acceptance{} }, has: some},
		{name: "it takes less", choose: func(c *cast) transfer.Acceptance {
			return transfer.Acceptance{Allocation: map[plan.Service]int64{plan.ServiceInput: 400, plan.ServiceSMS: 0}}
		}, has: plan.Amounts{plan.ServiceInput: 400, plan.ServiceRunUsers: 2}},
		{name: "it takes what it has room for", prepare: func(c *cast) { change(c.World, c.ben, func(a *tenancy.Account) { a.Limits = a.Limits.Minus(some) }) },
			choose: func(c *cast) transfer.Acceptance {
				return transfer.Acceptance{Allocation: map[plan.Service]int64{plan.ServiceInput: 0, plan.ServiceSMS: 0, plan.ServiceRunUsers: 0}}
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
			return transfer.Acceptance{Members: members(c, tenancy.PermissionRead, tenancy.PermissionFull)}
		}, team: map[string]tenancy.Permission{"mia": tenancy.PermissionRead, "eve": tenancy.PermissionFull}, has: some},
		{name: "it keeps the owner", choose: func(c *cast) transfer.Acceptance {
			return transfer.Acceptance{Owner: tenancy.PermissionWrite, Members: members(c, tenancy.PermissionRead, 0)}
		}, team: map[string]tenancy.Permission{"mia": tenancy.PermissionRead, "ana": tenancy.PermissionWrite}, has: some},
		{name: "it cannot keep who is no member", choose: func(c *cast) transfer.Acceptance {
			return transfer.Acceptance{Members: map[value.AccountID]tenancy.Permission{c.zed.ID: tenancy.PermissionRead}}
		}, want: problem.CodeInvalid, message: "members"},
		{name: "it cannot keep a member who has left", prepare: func(c *cast) {
			c.OK(c.Teams.Remove(c.Context(), c.mia.Client(), c.ref(), string(c.mia.ID)))
		}, choose: func(c *cast) transfer.Acceptance {
			return transfer.Acceptance{Members: members(c, tenancy.PermissionRead, 0)}
		}, want: problem.CodeInvalid, message: "members"},
		{name: "a member who leaves after it chose is gone", choose: func(c *cast) transfer.Acceptance {
			return transfer.Acceptance{Members: members(c, tenancy.PermissionRead, tenancy.PermissionRead)}
		}, between: func(c *cast) { c.OK(c.Teams.Remove(c.Context(), c.mia.Client(), c.ref(), string(c.mia.ID))) },
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
		t.Run(test.name, func(t *testing.T) {
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
			names := map[value.AccountID]string{c.ana.ID: c.ana.Name, c.ben.ID: c.ben.Name, c.mia.ID: c.mia.Name, c.eve.ID: c.eve.Name, c.zed.ID: c.zed.Name}
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
				if _, err := c.Profiles.Get(t.Context(), p.Client(), c.ref()); problem.CodeOf(err) != want {
					t.Errorf("%s reads the plant: got %v, want code %q", p.Name, err, want)
				}
			}
			checkWorld(c.World)
		})
	}
}

// Until the transfer completes, the receiving side may say again, and
// otherwise, what it takes.
func TestAcceptingAgain(t *testing.T) {
	t.Parallel()
	c := newCast(t)
	allocate(c.World, c.plant, some)
	grow(c.World, c.ben, some)
	c.offer(c.ben.Email)
	keep := transfer.Acceptance{Owner: tenancy.PermissionRead}
	for _, a := range []transfer.Acceptance{{}, keep, {Allocation: map[plan.Service]int64{plan.ServiceSMS: 1}}} {
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
	if p := c.profile(); got.State != transfer.Completed || p.Allocation[plan.ServiceSMS] != 1 || p.Allocation[plan.ServiceInput] != 1000 {
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

func TestCodes(t *testing.T) {
	t.Parallel()
	c := newCast(t)
	grow(c.World, c.ben, some)
	c.offer(c.ben.Email)
	by := func(p testkit.Person, code, password string, how string) error {
		ctx, client, id := t.Context(), p.Client(), c.ticket.ID
		var err error
		switch how {
		case "confirm":
			_, err = c.Transfers.Confirm(ctx, client, id, code, service.Credentials{Password: password})
		case "accept":
			_, err = c.Transfers.Accept(ctx, client, id, code, service.Credentials{Password: password}, transfer.Acceptance{})
		case "decline":
			_, err = c.Transfers.Decline(ctx, client, id, code, service.Credentials{Password: password})
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
		if err := by(test.by, test.code, test.password, test.how); problem.CodeOf(err) != test.want {
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

	// Reminders bring new codes, and the old ones live on.
	first := c.ticket
	c.Advance(transfer.Life / 2)
	c.sweep()
	c.secrets(c.ana, c.ben)
	reminded := map[string]string{}
	for _, m := range c.letters() {
		if m.Kind == mailing.KindTransferRemindOwner || m.Kind == mailing.KindTransferRemindReceiver {
			reminded[m.To] = m.Data["code"]
		}
	}
	if reminded[string(c.ana.Email)] == first.Confirm || reminded[string(c.ben.Email)] == first.Answer || len(reminded) != 2 {
		t.Errorf("the reminders have the codes %v", reminded)
	}
	c.OK(by(c.ana, first.Confirm, testkit.Password, "confirm"))
	c.OK(by(c.ben, reminded[string(c.ben.Email)], testkit.Password, "accept"))
	c.OK(by(c.ana, reminded[string(c.ana.Email)], testkit.Password, "confirm")) // again, by the other code
	c.OK(by(c.ben, first.Answer, testkit.Password, "accept"))
	c.wantOwner("before the desk's word", c.ana)
	c.secrets(c.ana, c.ben)
	checkWorld(c.World)
}

// Whoever comes with a code after the end is told what the end was.
func TestCodesAfterTheEnd(t *testing.T) {
	t.Parallel()
	for _, answered := range []bool{true, false} {
		for name, end := range map[string]struct {
			do   func(*cast)
			want string
		}{
			"canceled": {func(c *cast) { _, err := c.cancel(); c.OK(err) }, "canceled by the owner"},
			"rejected": {func(c *cast) {
				_, err := c.Desk.Reject(c.Context(), c.sam.Client(), c.ticket.ID, "no contract")
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
					if problem.CodeOf(err) != problem.CodeConflict || !strings.Contains(err.Error(), end.want) || !strings.Contains(err.Error(), string(c.ticket.ID)) {
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

// stayed is wantOwner for a plant that ana kept, or deleted.
func (c *cast) stayed(when string) {
	c.Helper()
	if p := c.profile(); p.ID != "" && p.Owner != c.ana.ID {
		c.Errorf("%s: the plant belongs to %s", when, p.Owner)
	}
}

// With the policy auto the desk is neither asked nor told.
func TestWithoutTheDesk(t *testing.T) {
	t.Parallel()
	c := offered(t, transfer.PolicyAuto)
	c.wantNews("a request", "offered > ben", "requested > ana")
	for _, m := range c.letters() {
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

// Whoever takes over an account cannot give its profiles away before the person
// behind it had three days to notice.
func TestASecurityChangeHoldsTheMove(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name   string
		before time.Duration // of the request since the change; negative: the change comes later
		held   time.Duration // after the request; zero: not at all
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
			v, err := c.Transfers.Get(t.Context(), c.ana.Client(), c.ticket.ID)
			c.OK(err)
			if len(v.WaitingOn) != 0 {
				t.Errorf("it is the turn of %v, want nobody's: time alone is missing", v.WaitingOn)
			}
			until := requested.Add(test.held)
			c.Advance(until.Sub(c.Now()) - time.Millisecond)
			c.sweep()
			c.wantOwner("a millisecond before the hold ends", c.ana)
			c.Advance(time.Millisecond)
			// The sweep that sends a reminder leaves the rest to the next.
			c.sweep()
			c.sweep()
			c.wantState("the hold has ended", transfer.Completed)
			c.wantOwner("the hold has ended", c.ben)
			checkWorld(c.World)
		})
	}
}

// Everybody has agreed, and a prerequisite is missing: the transfer waits, says
// so once, and completes by itself when it is put right.
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

// A new reason is told, one that comes again is, too, and the transfer ends by
// its time when nobody puts it right.
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

// Every end but the move leaves the profile where it was, tells everybody, is
// final, and frees the profile for another request.
func TestEnds(t *testing.T) {
	t.Parallel()
	everybody := []string{"ended > ana", "ended > ben", "ended > support-desk"}
	for _, test := range []struct {
		name   string
		end    func(*cast)
		state  transfer.State
		mails  []string
		notice bool // ben, who has answered
		reason string
	}{
		{name: "the owner cancels", end: func(c *cast) { _, err := c.cancel(); c.OK(err) }, state: transfer.Canceled, mails: everybody},
		{name: "the receiving side declines", end: func(c *cast) { _, err := c.decline(); c.OK(err) }, state: transfer.Declined, mails: everybody},
		{name: "the desk rejects", end: func(c *cast) {
			_, err := c.Desk.Reject(c.Context(), c.sam.Client(), c.ticket.ID, "no contract")
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
				for _, m := range c.letters() {
					if m.Kind == mailing.KindTransferEnded && (!strings.Contains(m.Data["reason"], test.reason) || m.Data["outcome"] != got.Outcome(c.Now())) {
						t.Errorf("the mail to %s says %q for %q", m.To, m.Data["outcome"], m.Data["reason"])
					}
				}
				profile.Version = c.profile().Version
				if c.profile() != profile || !sameFigures(c.account(c.ana), ana) || !sameFigures(c.account(c.ben), ben) {
					t.Error("the profile or an account changed with an end that moves nothing")
				}
				for _, p := range []testkit.Person{c.ana, c.mia, c.eve} {
					_, err := c.Profiles.Get(t.Context(), p.Client(), c.ref())
					c.OK(err)
				}
				// It is final.
				before := c.State()
				for name, do := range map[string]func() (transfer.Transfer, error){
					"confirm": c.confirm, "accept": func() (transfer.Transfer, error) { return c.accept(transfer.Acceptance{}) }, "approve": c.approve, "cancel": c.cancel,
					"extend": func() (transfer.Transfer, error) { return c.Desk.Extend(t.Context(), c.sam.Client(), c.ticket.ID) },
					"note": func() (transfer.Transfer, error) {
						return c.Desk.Note(t.Context(), c.sam.Client(), c.ticket.ID, "note", "x")
					},
					"revert": func() (transfer.Transfer, error) { return c.revert(c.ana) },
				} {
					if _, err := do(); err == nil {
						t.Errorf("%s after the end: got no error", name)
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
				// The profile is free.
				old := c.ticket.ID
				c.offer(c.ben.Email)
				if got := c.all(); got.State != transfer.Completed || got.ID == old {
					t.Errorf("another request: got %s %s", got.ID, got.State)
				}
				checkWorld(c.World)
			})
		}
	}
}

// sameFigures compares accounts without what any change of them leaves.
func sameFigures(a, b tenancy.Account) bool {
	return a.Profiles() == b.Profiles() && a.Allocated() == b.Allocated() && a.Limits == b.Limits && a.Plan == b.Plan
}

// Three transfers, each with one gate open, and one with none closed: all their
// time long, nothing moves.
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
	half, day, end := start.Add(transfer.Life/2), start.Add(transfer.Life-transfer.Reminder), start.Add(transfer.Life)
	near := func(at time.Time) bool { return c.Now().Sub(at).Abs() <= 15*time.Minute }
	reminders := []string{
		"remind-desk > support-desk", "remind-owner > ana", "remind-receiver > ben", // nobody's word
		"remind-owner > ana", "remind-receiver > ben", "remind-desk > support-desk", // one of each
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
		// Every five minutes where something is due, every hour where nothing
		// is.
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

// A reminder goes to whoever owes something, and to nobody else.
func TestRemindersGoToWhoOwes(t *testing.T) {
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
		{"the owner, who owes an answer", func(c *cast) {
			_, err := c.confirm()
			c.OK(err)
			_, err = c.accept(transfer.Acceptance{})
			c.OK(err)
			_, err = c.Desk.Note(c.Context(), c.sam.Client(), c.ticket.ID, "question", "Is it meant?")
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

// A sweep that was down for long sends one reminder, not two.
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

// Time is over, the sweep has not seen it yet, and the owner deletes the
// profile: the transfer has expired, and nothing makes it failed.
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

// What one of the sides may suffer while a transfer is open.
func TestAccountsThatChangeMeanwhile(t *testing.T) {
	t.Parallel()
	t.Run("the receiving account is deleted after it accepted", func(t *testing.T) {
		t.Parallel()
		c := offered(t)
		_, err := c.accept(transfer.Acceptance{})
		c.OK(err)
		_, err = c.confirm()
		c.OK(err)
		c.news()
		remove(c.World, "A#"+string(c.ben.ID), "A")
		_, err = c.approve()
		c.Refused(err, problem.CodeConflict)
		c.Advance(transfer.Life / 2)
		c.sweep()
		c.wantState("swept", transfer.Failed)
		c.wantNews("swept", "ended > ana", "ended > support-desk")
		c.wantOwner("swept", c.ana)
	})
	t.Run("the receiving account is deleted before it answers", func(t *testing.T) {
		t.Parallel()
		c := offered(t)
		remove(c.World, "A#"+string(c.ben.ID), "A")
		remove(c.World, "E#"+string(c.ben.Email), "E")
		c.Advance(transfer.Life / 2)
		c.sweep()
		c.wantState("half time", transfer.Requested)
		c.Advance(transfer.Life / 2)
		c.sweep()
		c.wantState("the end", transfer.Expired)
	})
	t.Run("the owner's account is deleted", func(t *testing.T) {
		t.Parallel()
		c := offered(t)
		_, err := c.accept(transfer.Acceptance{})
		c.OK(err)
		c.news()
		remove(c.World, "A#"+string(c.ana.ID), "A")
		_, err = c.approve()
		c.Refused(err, problem.CodeConflict)
		c.Advance(transfer.Life / 2)
		c.sweep()
		c.wantState("swept", transfer.Failed)
		c.wantNews("swept", "ended > ben", "ended > support-desk")
	})
	t.Run("a blocked side does nothing", func(t *testing.T) {
		t.Parallel()
		c := offered(t)
		change(c.World, c.ana, blocked(true))
		_, err := c.confirm()
		c.Refused(err, problem.CodeUnauthenticated)
		change(c.World, c.ben, blocked(true))
		_, err = c.accept(transfer.Acceptance{})
		c.Refused(err, problem.CodeUnauthenticated)
		_, err = c.decline()
		c.Refused(err, problem.CodeUnauthenticated)
	})
	t.Run("the owner's address changes", func(t *testing.T) {
		t.Parallel()
		c := offered(t)
		c.address(c.ana, "anna@example.com")
		c.news()
		if got := c.all(); got.State != transfer.Completed {
			t.Errorf("got %s", got.State)
		}
		c.wantNews("it moves", "given > anna", "received > ben")
		checkWorld(c.World)
	})
	t.Run("the receiver's address changes before it answers", func(t *testing.T) {
		t.Parallel()
		c := offered(t)
		c.address(c.ben, "benny@example.com")
		_, err := c.accept(transfer.Acceptance{})
		c.Refused(err, problem.CodeNotFound)
		_, err = c.Transfers.Get(t.Context(), c.ben.Client(), c.ticket.ID)
		c.Refused(err, problem.CodeNotFound)
		// Whoever has the address now has the offer.
		c.address(c.zed, "ben@example.com")
		list, err := c.Transfers.List(t.Context(), c.zed.Client(), 1, 10)
		c.OK(err)
		if len(list) != 1 {
			t.Errorf("the new holder of the address lists %d transfers, want the offer", len(list))
		}
		c.ben = c.zed
		if got := c.all(); got.State != transfer.Completed {
			t.Errorf("got %s", got.State)
		}
		c.wantOwner("accepted by the new holder of the address", c.zed)
		checkWorld(c.World)
	})
	t.Run("the receiver's address changes after it accepted", func(t *testing.T) {
		t.Parallel()
		c := offered(t)
		_, err := c.accept(transfer.Acceptance{})
		c.OK(err)
		c.address(c.ben, "benny@example.com")
		c.address(c.zed, "ben@example.com")
		_, err = c.Transfers.Get(t.Context(), c.zed.Client(), c.ticket.ID)
		c.Refused(err, problem.CodeNotFound)
		_, err = c.Transfers.Accept(t.Context(), c.zed.Client(), c.ticket.ID, c.ticket.Answer, service.Credentials{Password: testkit.Password}, transfer.Acceptance{})
		c.Refused(err, problem.CodeNotFound)
		_, err = c.confirm()
		c.OK(err)
		c.news()
		_, err = c.approve()
		c.OK(err)
		c.wantOwner("agreed before", c.ben)
		c.wantNews("it moves", "given > ana", "received > benny")
		checkWorld(c.World)
	})
	t.Run("a token ends between two steps", func(t *testing.T) {
		t.Parallel()
		c := newCast(t)
		short := c.ana
		short.Token = c.ana.Mint(c.plant, "1 hour")
		kept := c.ana
		c.ana = short
		c.offer(c.ben.Email)
		c.Advance(time.Hour)
		_, err := c.confirm()
		c.Refused(err, problem.CodeUnauthenticated)
		bens := c.ben.Mint(c.ben.Home, "")
		c.OK(c.Tokens.Delete(t.Context(), c.ben.Client(), service.ProfileRef{ID: c.ben.Home}, bens))
		_, err = c.Transfers.Accept(t.Context(), testkit.ClientOf(bens), c.ticket.ID, c.ticket.Answer, service.Credentials{Password: testkit.Password}, transfer.Acceptance{})
		c.Refused(err, problem.CodeUnauthenticated)
		change(c.World, c.ben, func(a *tenancy.Account) { a.Epoch++ })
		_, err = c.accept(transfer.Acceptance{})
		c.Refused(err, problem.CodeUnauthenticated)
		c.ben.Token = c.ben.Mint(c.ben.Home, "")
		c.ana = kept
		if got := c.all(); got.State != transfer.Completed {
			t.Errorf("with other tokens: got %s", got.State)
		}
		checkWorld(c.World)
	})
}

// Between asking who the caller is and committing its word, the word's basis is
// withdrawn.
func TestAWordIsNotCommittedForSomebodyWhoLostTheRightToGiveIt(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name     string
		withdraw func(*cast)
		last     func(*cast, *service.Services) error // the word that completes
	}{
		{"an agent is a customer again, whose word would be the last", func(c *cast) {
			_, err := c.Operator.SetType(c.Context(), string(c.sam.Email), tenancy.AccountUser)
			c.OK(err)
		}, func(c *cast, s *service.Services) error {
			_, err := s.Desk.Approve(c.Context(), c.sam.Client(), c.ticket.ID)
			return err
		}},
		{"an agent's tokens are revoked, whose word would be the last", func(c *cast) { change(c.World, c.sam, func(a *tenancy.Account) { a.Epoch++ }) },
			func(c *cast, s *service.Services) error {
				_, err := s.Desk.Approve(c.Context(), c.sam.Client(), c.ticket.ID)
				return err
			}},
		{"the owner's tokens are revoked, whose word would be the last", func(c *cast) { change(c.World, c.ana, func(a *tenancy.Account) { a.Epoch++ }) },
			func(c *cast, s *service.Services) error {
				_, err := s.Transfers.Confirm(c.Context(), c.ana.Client(), c.ticket.ID, c.ticket.Confirm, service.Credentials{Password: testkit.Password})
				return err
			}},
		{"the receiver's tokens are revoked, whose word would be the last", func(c *cast) { change(c.World, c.ben, func(a *tenancy.Account) { a.Epoch++ }) },
			func(c *cast, s *service.Services) error {
				_, err := s.Transfers.Accept(c.Context(), c.ben.Client(), c.ticket.ID, c.ticket.Answer, service.Credentials{Password: testkit.Password}, transfer.Acceptance{})
				return err
			}},
	} {
		for _, when := range []string{"Query", "TransactWriteItems"} {
			t.Run(test.name+", before its "+when, func(t *testing.T) {
				t.Parallel()
				c := offered(t)
				var err error
				if !strings.HasPrefix(test.name, "the owner") {
					_, err = c.confirm()
					c.OK(err)
				}
				if !strings.HasPrefix(test.name, "the receiver") {
					_, err = c.accept(transfer.Acceptance{})
					c.OK(err)
				}
				if !strings.HasPrefix(test.name, "an agent") {
					_, err = c.approve()
					c.OK(err)
				}
				s := service.New(service.Config{Keys: testkit.Keys, Passwords: testkit.Passwords, Background: c.Background, Store: interrupted(c.World, when, func() { test.withdraw(c) }), Now: c.Now, Log: quiet()})
				err = test.last(c, s)
				if got := c.stored(c.ticket.ID); err == nil || got.State != transfer.Requested {
					t.Errorf("got %v and a transfer that is %s, want a refusal", err, got.State)
				}
				checkWorld(c.World)
			})
		}
	}
}

// The credentials of everybody before and after a move.
func TestTokensAcrossAMove(t *testing.T) {
	t.Parallel()
	for _, keeps := range []bool{false, true} {
		for _, joined := range []bool{false, true} {
			t.Run(fmt.Sprintf("the owner stays: %v, the receiver was a member: %v", keeps, joined), func(t *testing.T) {
				t.Parallel()
				c := newCast(t)
				if joined {
					c.Share(c.plant, c.ben, tenancy.PermissionFull)
				}
				tokens := map[string]string{
					"the old owner's, of the plant": c.ana.Mint(c.plant, ""), "the old owner's own": c.ana.Token,
					"a leaving member's, of the plant": c.eve.Mint(c.plant, ""), "a leaving member's own": c.eve.Token,
					"a staying member's, of the plant": c.mia.Mint(c.plant, ""), "a staying member's own": c.mia.Token,
					"the new owner's own": c.ben.Token,
				}
				if joined {
					tokens["the new owner's, from its membership"] = c.ben.Mint(c.plant, "")
				}
				c.Advance(time.Second)
				a := transfer.Acceptance{Members: map[value.AccountID]tenancy.Permission{c.mia.ID: tenancy.PermissionWrite}}
				if keeps {
					a.Owner = tenancy.PermissionRead
				}
				for name, token := range tokens {
					want := problem.Code("")
					if name == "the new owner's own" && !joined {
						want = problem.CodeNotFound
					}
					if _, err := c.Profiles.Get(t.Context(), testkit.ClientOf(token), c.ref()); problem.CodeOf(err) != want {
						t.Errorf("before, %s: got %v", name, err)
					}
				}
				c.offer(c.ben.Email)
				c.allOn(a)
				c.wantOwner("it moved", c.ben)
				mine := problem.CodeNotFound
				if keeps {
					mine = ""
				}
				want := map[string]problem.Code{
					"the old owner's, of the plant": problem.CodeUnauthenticated, "the old owner's own": mine,
					"a leaving member's, of the plant": problem.CodeUnauthenticated, "a leaving member's own": problem.CodeNotFound,
					"the new owner's, from its membership": problem.CodeUnauthenticated,
				}
				check := func(when string) {
					t.Helper()
					for name, token := range tokens {
						for _, memory := range []string{"remembered", "not remembered"} {
							if _, err := c.Profiles.Get(t.Context(), testkit.ClientOf(token), c.ref()); problem.CodeOf(err) != want[name] {
								t.Errorf("%s, %s, %s: got %v, want code %q", when, name, memory, err, want[name])
							}
							c.Restart()
						}
					}
				}
				check("after the move")
				tokens["the new owner's, of the plant"] = c.ben.Mint(c.plant, "")
				if keeps {
					token := c.ana.Mint(c.plant, "")
					tokens["the old owner's as a member, of the plant"] = token
					c.Refused(c.Profiles.Edit(t.Context(), testkit.ClientOf(token), c.ref(), tenancy.ProfileEdit{}), problem.CodeForbidden)
					c.Refused(c.Profiles.Edit(t.Context(), c.ana.Client(), c.ref(), tenancy.ProfileEdit{}), problem.CodeForbidden)
				}
				_, err := c.Profiles.Purge(t.Context())
				c.OK(err)
				check("after the dead tokens were reclaimed")
				for name, token := range tokens {
					if n := c.Count("T#"+token[2:10], ""); n != map[bool]int{true: 0, false: 1}[want[name] == problem.CodeUnauthenticated] {
						t.Errorf("%d items are left of the token %s", n, name)
					}
				}
				rows, err := c.Tokens.List(t.Context(), c.ben.Client(), c.ref(), service.TokenQuery{Page: 1, Amount: 100})
				c.OK(err)
				for _, row := range rows {
					if row.Account == c.eve.ID || row.Account == c.ana.ID && !keeps {
						t.Errorf("the new owner's list has a token of %s", row.Account)
					}
				}
				c.Refused(c.Profiles.Delete(t.Context(), c.ana.Client(), c.ref(), service.Credentials{Password: testkit.Password}), map[bool]problem.Code{true: problem.CodeForbidden, false: problem.CodeNotFound}[keeps])
				checkWorld(c.World)
			})
		}
	}
}

// Clocks differ: the receiver joined the team in the millisecond of the move,
// or later by the clock that wrote it.
func TestAReceiverWhoJustJoined(t *testing.T) {
	t.Parallel()
	for _, behind := range []time.Duration{0, time.Millisecond, 5 * time.Millisecond} {
		c := newCast(t)
		c.Share(c.plant, c.ben, tenancy.PermissionRead)
		token := c.ben.Mint(c.plant, "")
		c.Advance(-behind)
		c.offer(c.ben.Email)
		c.all()
		c.wantOwner("it moved", c.ben)
		_, err := c.Profiles.Get(t.Context(), testkit.ClientOf(token), c.ref())
		c.Refused(err, problem.CodeUnauthenticated)
		_, err = c.Profiles.Get(t.Context(), testkit.ClientOf(c.ben.Mint(c.plant, "")), c.ref())
		c.OK(err)
		c.Advance(time.Second)
		_, err = c.Profiles.Purge(t.Context())
		c.OK(err)
		if n := c.Count("T#"+token[2:10], ""); n != 0 {
			t.Errorf("%s behind: the token of the membership is left", behind)
		}
		checkWorld(c.World)
	}
}

// Invitations end with the owner who made them.
func TestInvitationsEndWithTheMove(t *testing.T) {
	t.Parallel()
	c := newCast(t)
	c.OK(c.Teams.Invite(t.Context(), c.ana.Client(), c.ref(), string(c.zed.Email), "full"))
	code := ""
	for _, m := range c.letters() {
		if m.Kind == mailing.KindTeamInvited {
			code = m.Data["code"]
		}
	}
	c.offer(c.ben.Email)
	c.all()
	c.Refused(c.Teams.Accept(t.Context(), c.zed.Client(), code), problem.CodeInvalid)
	c.Refused(c.Teams.AcceptByCode(t.Context(), service.Client{}, code), problem.CodeInvalid)
	if n := c.Count("I#", "") + c.Count("P#", "M#I#") + c.Count("E#", "I#"); n != 0 {
		t.Errorf("%d items of the invitation are left", n)
	}
	checkWorld(c.World)
}

// What one side sees of the other: whether it is ready, and nothing more.
func TestWhatTheSidesSee(t *testing.T) {
	t.Parallel()
	c := newCast(t)
	allocate(c.World, c.plant, some)
	grow(c.World, c.ana, plan.Amounts{plan.ServiceInput: 777_001})
	grow(c.World, c.ben, plan.Amounts{plan.ServiceInput: 888_001, plan.ServiceSMS: 5, plan.ServiceRunUsers: 2})
	c.OK(c.Teams.Invite(t.Context(), c.ana.Client(), c.ref(), "secret-guest@example.com", "full"))
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
			_, err := c.Transfers.Get(t.Context(), p.Client(), c.ticket.ID)
			c.Refused(err, problem.CodeNotFound)
			list, err := c.Transfers.List(t.Context(), p.Client(), 1, 10)
			if c.OK(err); len(list) > 0 {
				t.Errorf("%s: %s lists %d transfers", when, p.Name, len(list))
			}
		}
	}
	look("requested")
	_, err := c.Desk.Note(t.Context(), c.sam.Client(), c.ticket.ID, "note", "between you and us")
	c.OK(err)
	if strings.Contains(c.seen(c.ben), "between you") || !strings.Contains(c.seen(c.ana), "between you") {
		t.Error("the desk's words to the owner reach the wrong side")
	}
	_, err = c.accept(transfer.Acceptance{Members: map[value.AccountID]tenancy.Permission{c.mia.ID: tenancy.PermissionRead}})
	c.OK(err)
	_, err = c.approve()
	c.OK(err)
	if strings.Contains(strings.Join(c.noticesOf(c.ben), ""), "between you") {
		t.Error("the desk's words to the owner are in a notification of the receiving side")
	}
	_, err = c.confirm()
	c.OK(err)
	c.wantOwner("it moved", c.ben)
	// The accounts go on, and are the other side's business no more.
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
	list, err := c.Notifications.List(c.Context(), p.Client(), service.NotificationQuery{Page: 1, Amount: 100})
	c.OK(err)
	for _, n := range list {
		out = append(out, n.Title+": "+n.Message)
	}
	return out
}

// Lists have what an account gives, receives and is offered, page by page and
// each once.
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
				list, err := c.Transfers.List(t.Context(), person.Client(), page, amount)
				c.OK(err)
				if len(list) > amount {
					t.Errorf("%s: page %d of %d has %d transfers", name, page, amount, len(list))
				}
				for _, l := range list {
					got = append(got, l.ID)
					if party := map[string]transfer.Party{"ana": transfer.PartySource, "ben": transfer.PartyDestination}[name]; l.Party != party {
						t.Errorf("%s is listed as %s", name, l.Party)
					}
				}
			}
			if !slices.Equal(got, want[name]) {
				t.Errorf("%s, %d a page: got %v, want %v", name, amount, got, want[name])
			}
		}
	}
	checkWorld(c.World)
}

// Both accounts' logs and the profile's tell of the move; the profile keeps its
// id and its log.
func TestAuditOfAMove(t *testing.T) {
	t.Parallel()
	c := offered(t)
	log := func(id string) (out []string) {
		for e, err := range c.Store.AuditEntries(t.Context(), id, c.Now().AddDate(0, 0, -7), c.Now().Add(time.Millisecond), "") {
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
		if !slices.ContainsFunc(said, func(s string) bool { return strings.Contains(s, want) }) || len(said) != 4 {
			t.Errorf("entry %d: the log has %q, want %q and four in all", i, said, want)
		}
	}
	for _, p := range []testkit.Person{c.ana, c.ben} {
		if got := log(string(p.ID)); len(got) != 1 || !strings.Contains(got[0], "Profile transferred to another account") || !strings.Contains(got[0], string(c.ticket.ID)) {
			t.Errorf("the log of %s is %q", p.Name, got)
		}
	}
	if p := c.profile(); p.ID != c.plant || !p.Created.Equal(created) || !p.Transferred.Equal(c.Now().Truncate(time.Millisecond)) {
		t.Errorf("the plant is %+v", p)
	}
	// The day's cost is cut where it moved.
	var cuts int
	for cut, err := range c.Store.CostCuts(t.Context(), c.plant) {
		c.OK(err)
		if cuts++; cut.From != c.ana.ID || cut.To != c.ben.ID || cut.Transfer != c.ticket.ID || !cut.Time.Equal(c.Now()) {
			t.Errorf("the cut is %+v", cut)
		}
	}
	if cuts != 1 {
		t.Errorf("got %d cuts, want 1", cuts)
	}
}

// A completed transfer is taken back by both sides or by two agents, and nobody
// else.
func TestTakingATransferBack(t *testing.T) {
	t.Parallel()
	type word struct {
		by   func(*cast) testkit.Person
		code problem.Code
	}
	ana, ben := func(c *cast) testkit.Person { return c.ana }, func(c *cast) testkit.Person { return c.ben }
	sam, kim := func(c *cast) testkit.Person { return c.sam }, func(c *cast) testkit.Person { return c.kim }
	zed, mia := func(c *cast) testkit.Person { return c.zed }, func(c *cast) testkit.Person { return c.mia }
	for _, test := range []struct {
		name  string
		data  []word
		back  bool
		mails []string // of the first word
	}{
		{"the new owner, then the old one", []word{{ben, ""}, {ana, ""}}, true, []string{"back > ana", "back-desk > support-desk"}},
		{"the old owner, then the new one", []word{{ana, ""}, {ben, ""}}, true, []string{"back > ben", "back-desk > support-desk"}},
		{"two agents", []word{{sam, ""}, {kim, ""}}, true, []string{"back > ana", "back > ben", "back-desk > support-desk"}},
		{"two agents, after one side", []word{{ana, ""}, {sam, ""}, {kim, ""}}, true, []string{"back > ben", "back-desk > support-desk"}},
		{"both sides, after an agent", []word{{sam, ""}, {ana, ""}, {ben, ""}}, true, []string{"back > ana", "back > ben", "back-desk > support-desk"}},
		{"one agent is not enough", []word{{sam, ""}}, false, []string{"back > ana", "back > ben", "back-desk > support-desk"}},
		{"the same agent twice is not enough", []word{{sam, ""}, {sam, ""}}, false, []string{"back > ana", "back > ben", "back-desk > support-desk"}},
		{"an agent and the old owner are not enough", []word{{sam, ""}, {ana, ""}}, false, []string{"back > ana", "back > ben", "back-desk > support-desk"}},
		{"an agent and the new owner are not enough", []word{{ben, ""}, {sam, ""}}, false, []string{"back > ana", "back-desk > support-desk"}},
		{"the old owner twice is not enough", []word{{ana, ""}, {ana, ""}}, false, []string{"back > ben", "back-desk > support-desk"}},
		{"the new owner twice is not enough", []word{{ben, ""}, {ben, ""}}, false, []string{"back > ana", "back-desk > support-desk"}},
		{"a stranger has no say", []word{{zed, problem.CodeNotFound}}, false, []string{}},
		{"a member has no say", []word{{mia, problem.CodeNotFound}}, false, []string{}},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			c := newCast(t)
			allocate(c.World, c.plant, some)
			grow(c.World, c.ben, some)
			profile, anas, bens := c.profile(), c.account(c.ana), c.account(c.ben)
			old := c.ana.Mint(c.plant, "")
			c.offer(c.ben.Email)
			renamed := "Ben's"
			c.allOn(transfer.Acceptance{
				Name: &renamed, Allocation: map[plan.Service]int64{plan.ServiceSMS: 1}, Owner: tenancy.PermissionRead,
				Members: map[value.AccountID]tenancy.Permission{c.mia.ID: tenancy.PermissionRead},
			})
			c.wantOwner("it moved", c.ben)
			new := c.ben.Mint(c.plant, "")
			c.Advance(time.Hour)
			c.news()
			var got transfer.Transfer
			for i, w := range test.data {
				var err error
				got, err = c.revert(w.by(c))
				if problem.CodeOf(err) != w.code {
					t.Fatalf("word %d: got %v, want code %q", i, err, w.code)
				}
				if i == 0 {
					c.wantNews("the first word", test.mails...)
				}
				if i < len(test.data)-1 {
					c.wantOwner("before the last word", c.ben)
				}
				c.Advance(time.Second)
			}
			checkWorld(c.World)
			if !test.back {
				c.wantOwner("not enough", c.ben)
				c.Advance(6 * 24 * time.Hour)
				c.sweep()
				c.sweep()
				c.wantOwner("time passes", c.ben)
				return
			}
			c.wantOwner("taken back", c.ana)
			c.wantNews("taken back", "returned > ana", "returned > ben")
			p, team, err := c.Store.ProfileWithMembers(t.Context(), c.plant)
			c.OK(err)
			if got.State != transfer.Completed || p.Name != profile.Name || p.Allocation != profile.Allocation || !sameFigures(c.account(c.ana), anas) || !sameFigures(c.account(c.ben), bens) {
				t.Errorf("it is %s, the plant %+v, want what was before", got.State, p)
			}
			if m, ok := team.Active(c.mia.ID); !ok || len(team) != 1 || m.Permission != tenancy.PermissionWrite {
				t.Errorf("the team is %+v, want the member who stayed, with the permission from before", team)
			}
			for name, token := range map[string]string{"the one from before the transfer": old, "the new owner's": new} {
				_, err := c.Profiles.Get(t.Context(), testkit.ClientOf(token), c.ref())
				if problem.CodeOf(err) != problem.CodeUnauthenticated {
					t.Errorf("token %s: got %v, want it dead", name, err)
				}
			}
			_, err = c.Profiles.Get(t.Context(), c.ben.Client(), c.ref())
			c.Refused(err, problem.CodeNotFound)
			// Again is the same, and taking back what took back is nothing.
			before := c.State()
			for _, w := range test.data {
				again, err := c.revert(w.by(c))
				if err != nil || again.ID != got.ID {
					t.Errorf("said again: got %s, %v, want %s", again.ID, err, got.ID)
				}
			}
			if c.State() != before {
				t.Error("the same words again changed the table")
			}
			first := c.ticket.ID
			c.ticket.ID = got.ID
			_, err = c.revert(c.ana)
			c.Refused(err, problem.CodeForbidden)
			c.wantState("the original", transfer.Completed)
			if s := c.stored(first); s.State != transfer.Completed || s.Reverts != "" {
				t.Errorf("the original is %+v", s)
			}
			// The lock counts anew.
			until := p.Transferred.Add(tenancy.TransferLock)
			c.Advance(until.Sub(c.Now()) - time.Millisecond)
			_, err = c.request(c.ana, c.ben.Email)
			c.Refused(err, problem.CodeForbidden)
			c.Advance(time.Millisecond)
			_, err = c.request(c.ana, c.ben.Email)
			c.OK(err)
			checkWorld(c.World)
		})
	}
}

func TestTheTimeForTakingBack(t *testing.T) {
	t.Parallel()
	t.Run("a millisecond before seven days are over", func(t *testing.T) {
		t.Parallel()
		c := moved(t, transfer.Acceptance{})
		c.Advance(tenancy.TransferLock - time.Hour - time.Millisecond)
		_, err := c.revert(c.ana)
		c.OK(err)
		got, err := c.revert(c.ben)
		c.OK(err)
		if got.State != transfer.Completed {
			t.Errorf("got %s", got.State)
		}
		checkWorld(c.World)
	})
	t.Run("when they are over", func(t *testing.T) {
		t.Parallel()
		c := moved(t, transfer.Acceptance{})
		c.Advance(tenancy.TransferLock - time.Hour)
		before := c.State()
		for _, p := range []testkit.Person{c.ana, c.ben, c.sam} {
			_, err := c.revert(p)
			c.Refused(err, problem.CodeForbidden)
		}
		if c.State() != before {
			t.Error("refusals changed the table")
		}
	})
	t.Run("a request that one side alone made ends with them", func(t *testing.T) {
		t.Parallel()
		c := moved(t, transfer.Acceptance{})
		r, err := c.revert(c.ana)
		c.OK(err)
		end := c.Now().Add(tenancy.TransferLock - time.Hour)
		c.news()
		for c.Now().Before(end.Add(-time.Millisecond)) {
			c.Advance(min(6*time.Hour, end.Sub(c.Now())-time.Millisecond))
			c.sweep()
			if got := c.stored(r.ID); got.State != transfer.Requested {
				t.Fatalf("at %s it is %s", c.Now(), got.State)
			}
		}
		c.news()
		_, err = c.Transfers.Cancel(t.Context(), c.ben.Client(), c.ref())
		c.Refused(err, problem.CodeForbidden)
		c.Advance(time.Millisecond)
		_, err = c.revert(c.ben)
		c.Refused(err, problem.CodeForbidden)
		c.sweep()
		if got := c.stored(r.ID); got.State != transfer.Expired {
			t.Errorf("it is %s, want expired", got.State)
		}
		c.wantNews("its time is over", "ended > ana", "ended > ben", "ended > support-desk")
		c.wantOwner("nobody took it back", c.ben)
		// The new owner is free to pass it on.
		_, err = c.request(c.ben, c.zed.Email)
		c.OK(err)
		checkWorld(c.World)
	})
	t.Run("the former owner has no room", func(t *testing.T) {
		t.Parallel()
		c := moved(t, transfer.Acceptance{})
		last := c.fill(c.ana)
		_, err := c.revert(c.ben)
		c.OK(err)
		c.news()
		got, err := c.revert(c.ana)
		c.OK(err)
		if got.State != transfer.Requested || !strings.Contains(got.Waiting, "the receiving account") {
			t.Errorf("it is %s, waiting for %q", got.State, got.Waiting)
		}
		c.wantNews("it waits", "waiting > ana")
		c.Advance(15 * time.Minute)
		c.sweep()
		c.wantOwner("no room", c.ben)
		c.wantNews("still")
		c.drop(c.ana, last)
		c.Advance(15 * time.Minute)
		c.sweep()
		c.wantOwner("there is room", c.ana)
		c.wantNews("taken back", "returned > ana", "returned > ben")
		checkWorld(c.World)
	})
	t.Run("the desk rejects the request, and another one is possible", func(t *testing.T) {
		t.Parallel()
		c := moved(t, transfer.Acceptance{})
		r, err := c.revert(c.ana)
		c.OK(err)
		_, err = c.Desk.Reject(t.Context(), c.sam.Client(), r.ID, "no reason given")
		c.OK(err)
		c.Advance(time.Minute)
		again, err := c.revert(c.ben)
		c.OK(err)
		if again.ID == r.ID || again.State != transfer.Requested {
			t.Errorf("got %s %s, want another one", again.ID, again.State)
		}
		got, err := c.revert(c.ana)
		c.OK(err)
		if got.State != transfer.Completed {
			t.Errorf("got %s", got.State)
		}
		checkWorld(c.World)
	})
	t.Run("a password is needed, a token to write is not enough", func(t *testing.T) {
		t.Parallel()
		c := moved(t, transfer.Acceptance{})
		weak := testkit.ClientOf(c.ana.With("write", ""))
		before := c.State()
		_, err := c.Transfers.Revert(t.Context(), c.ana.Client(), c.ticket.ID, service.Credentials{Password: "wrong"})
		c.Refused(err, problem.CodeUnauthenticated)
		_, err = c.Transfers.Revert(t.Context(), c.ana.Client(), c.ticket.ID, service.Credentials{})
		c.Refused(err, problem.CodeInvalid)
		_, err = c.Transfers.Revert(t.Context(), weak, c.ticket.ID, service.Credentials{Password: testkit.Password})
		c.Refused(err, problem.CodeForbidden)
		if c.State() != before {
			t.Error("refusals changed the table")
		}
	})
	t.Run("what has not completed cannot be taken back", func(t *testing.T) {
		t.Parallel()
		c := offered(t)
		before := c.State()
		for _, p := range []testkit.Person{c.ana, c.sam} {
			if _, err := c.revert(p); err == nil {
				t.Errorf("%s: got no error", p.Name)
			}
		}
		_, err := c.cancel()
		c.OK(err)
		_, err = c.revert(c.ana)
		c.Refused(err, problem.CodeForbidden)
		_ = before
	})
	t.Run("a receiver who was a member is one again", func(t *testing.T) {
		t.Parallel()
		c := newCast(t)
		c.Share(c.plant, c.ben, tenancy.PermissionWrite)
		token := c.ben.Mint(c.plant, "")
		c.offer(c.ben.Email)
		c.all()
		c.wantOwner("it moved", c.ben)
		c.Advance(time.Hour)
		for _, p := range []testkit.Person{c.sam, c.kim} {
			_, err := c.revert(p)
			c.OK(err)
		}
		_, team, err := c.Store.ProfileWithMembers(t.Context(), c.plant)
		c.OK(err)
		if m, ok := team.Active(c.ben.ID); !ok || m.Permission != tenancy.PermissionWrite {
			t.Errorf("the team is %+v, want ben with the permission from before", team)
		}
		_, err = c.Profiles.Get(t.Context(), testkit.ClientOf(token), c.ref())
		c.Refused(err, problem.CodeUnauthenticated)
		_, err = c.Profiles.Get(t.Context(), c.ben.Client(), c.ref())
		c.OK(err)
		checkWorld(c.World)
	})
}

// Every mail of this file's stories can be rendered, with the words it needs.
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
		_, err = c.Desk.Note(t.Context(), c.sam.Client(), c.ticket.ID, kind, "text")
		c.OK(err)
	}
	c.Advance(time.Hour)
	_, err = c.Desk.Extend(t.Context(), c.sam.Client(), c.ticket.ID)
	c.OK(err)
	c.Advance(transfer.Life / 2)
	c.sweep()
	c.Advance(transfer.Life)
	c.sweep()
	if n := len(c.Rendered()); n < 20 {
		t.Errorf("got %d mails", n)
	}
}
