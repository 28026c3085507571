package service_test

import (
	"fmt"
	"maps"
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
	"profiles/shared/service/transfers"
	"profiles/shared/store"
	"profiles/shared/tenancy"
	"profiles/shared/testkit"
	"profiles/shared/transfer"
	"profiles/shared/value"
)

// cast are the people of a transfer. ana offers the plant to ben; mia (write)
// and eve (read) are in its team. sam and kim are agents of support, and zed
// has no part in it.
type cast struct {
	*testkit.World
	ana, ben, mia, eve, sam, kim, zed testkit.Person

	plant  value.ProfileID
	ticket testkit.Ticket
	read   map[mailing.ID]bool // mails that news has returned
}

// casts are the prepared worlds of the casts with which tests start.
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
		c := &cast{World: testkit.NewModelled(t), read: map[mailing.ID]bool{}}
		c.follow(policy)
		c.ana, c.ben = c.Quick("ana"), c.Quick("ben")
		c.mia, c.eve, c.zed = c.Quick("mia"), c.Quick("eve"), c.Quick("zed")
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
		*c.Services = *service.New(service.Config{Keys: testkit.Keys, Passwords: testkit.Passwords,
			Background: c.Background, Store: c.Store, Now: c.Now, Mailer: c.World.Outbox,
			Log: quiet(), Policy: policy[0]})
	}
}

func (c *cast) ref() service.ProfileRef { return service.ProfileRef{ID: c.plant} }

func (c *cast) request(by testkit.Person, to value.Email) (transfer.Transfer, error) {
	return c.Transfers.Request(c.Context(), by.Client(operation.TransferRequest), c.ref(),
		transfers.Request{Email: string(to),
			Credentials: service.Credentials{Password: testkit.Password}, Message: "as agreed"})
}

// offer requests the transfer of the plant and reads the codes from the mails,
// which still wait for their delivery.
func (c *cast) offer(to value.Email) {
	c.Helper()
	t, err := c.request(c.ana, to)
	c.OK(err)
	c.ticket = testkit.Ticket{ID: t.ID}
	for _, m := range c.allMails() {
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

// allMails are all mails, delivered or not.
func (c *cast) allMails() []mailing.Message {
	c.Helper()
	return allMails(c.World, scan(c.World))
}

// news are the mails since the last call, as "kind > to", sorted. It leaves out
// mails to an account about itself.
func (c *cast) news() []string {
	c.Helper()
	out := []string{}
	for _, m := range c.allMails() {
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
	return c.Transfers.Confirm(c.Context(), c.ana.Client(operation.TransferConfirm), c.ticket.ID,
		c.ticket.Confirm, service.Credentials{Password: testkit.Password})
}

func (c *cast) accept(a transfer.Acceptance) (transfer.Transfer, error) {
	return c.Transfers.Accept(c.Context(), c.ben.Client(operation.TransferAccept), c.ticket.ID,
		c.ticket.Answer, service.Credentials{Password: testkit.Password}, a)
}

func (c *cast) decline() (transfer.Transfer, error) {
	return c.Transfers.Decline(c.Context(), c.ben.Client(operation.TransferDecline), c.ticket.ID,
		c.ticket.Answer, service.Credentials{Password: testkit.Password})
}

func (c *cast) approve() (transfer.Transfer, error) {
	return c.Desk.Approve(c.Context(), c.sam.Client(operation.DeskApprove), c.ticket.ID)
}

func (c *cast) cancel() (transfer.Transfer, error) {
	return c.Transfers.Cancel(c.Context(), c.ana.Client(operation.TransferCancel), c.ref())
}

func (c *cast) revert(by testkit.Person) (transfer.Transfer, error) {
	if by.Type == tenancy.AccountSupport {
		return c.Desk.Revert(c.Context(), by.Client(operation.DeskRevert), c.ticket.ID)
	}
	return c.Transfers.Revert(c.Context(), by.Client(operation.TransferRevert), c.ticket.ID,
		service.Credentials{Password: testkit.Password})
}

// all gives every consent. The receiving side keeps no member.
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

// moved is a cast whose plant belongs to ben after a transfer on the given
// terms.
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

// stored is a transfer as the table has it.
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

// change changes an account and the copies that its profiles have of it, for
// changes that no operation makes yet.
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

func blocked(yes bool) func(*tenancy.Account) {
	return func(a *tenancy.Account) { a.Blocked = yes }
}

// address gives an account another address and reserves it.
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

// allocate raises the limits of a profile, and those of its owner by the same
// amount.
func allocate(w *testkit.World, id value.ProfileID, by plan.Amounts) {
	w.Helper()
	p, team, err := w.Store.ProfileWithMembers(w.Context(), id)
	w.OK(err)
	batch := w.Store.Batch()
	owner := batch.Account(p.Owner)
	w.OK(batch.Get(w.Context()))
	share := owner.Value.Shares[id]
	share.Allocation = share.Allocation.Plus(by)
	owner.Value.Limits = owner.Value.Limits.Plus(by)
	owner.Value.Shares[id], p.Allocation = share, share.Allocation
	tx := w.Store.Begin()
	tx.UpdateAccount(owner.Value)
	tx.UpdateProfile(p, team)
	w.OK(tx.CommitAside(w.Context(), store.Origin{}))
}

var some = plan.Amounts{plan.ServiceInput: 1000, plan.ServiceSMS: 5, plan.ServiceRunUsers: 2}

// fill creates profiles up to the limit of the account's plan and returns the
// last one.
func (c *cast) fill(p testkit.Person) (last value.ProfileID) {
	c.Helper()
	a := c.account(p)
	for range a.Plan.Limits().Profiles - a.Profiles() {
		last = p.Profile("filler")
	}
	// New profiles start with what is free, so the free limits are raised
	// first. The account lacks only places then.
	grow(c.World, p, c.account(p).Allocated().Minus(a.Allocated()))
	return last
}

func (c *cast) drop(p testkit.Person, id value.ProfileID) {
	c.Helper()
	c.OK(c.Profiles.Delete(c.Context(), p.Client(operation.ProfileDelete),
		service.ProfileRef{ID: id}, service.Credentials{Password: testkit.Password}))
}

// view is a transfer as an API answer has it.
func (c *cast) view(o operation.Operation, path string, by testkit.Person) string {
	c.Helper()
	got := c.Call(o, "GET", path, by.Token, nil)
	if got.Code != 200 {
		c.Fatalf("%s %s: got %d %q, want 200", o.Name, path, got.Code, got.Message)
	}
	return string(got.Result)
}

func (c *cast) seen(by testkit.Person) string {
	c.Helper()
	return c.view(operation.TransferGet, "/transfer/"+string(c.ticket.ID), by)
}

// secrets fails the test if a code reached anybody but the side to which it
// belongs.
func (c *cast) secrets(viewers ...testkit.Person) {
	c.Helper()
	owners := map[string]string{} // the name of the owner of each code
	emails := c.allMails()
	for _, m := range emails {
		if code := m.Data["code"]; code != "" && strings.HasPrefix(string(m.Kind), "transfer-") {
			owners[code] = m.To
			switch m.Kind {
			case mailing.KindTransferRequested, mailing.KindTransferRemindOwner:
				if m.To != string(c.account(c.ana).Email) && m.To != string(c.ana.Email) {
					c.Errorf("the mail %s went to %s", m.Kind, m.To)
				}
			case mailing.KindTransferOffered, mailing.KindTransferOfferedNew,
				mailing.KindTransferRemindReceiver:
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
			key, _ := secret.Parse(code)
			if strings.Contains(text, code) || strings.Contains(text, key.Secret) {
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

// stayed is wantOwner for a plant that ana kept or deleted.
func (c *cast) stayed(when string) {
	c.Helper()
	if p := c.profile(); p.ID != "" && p.Owner != c.ana.ID {
		c.Errorf("%s: the plant belongs to %s", when, p.Owner)
	}
}
