package service_test

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"sort"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	awsmiddleware "github.com/aws/aws-sdk-go-v2/aws/middleware"
	"github.com/aws/aws-sdk-go-v2/feature/dynamodb/attributevalue"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/smithy-go/middleware"

	"profiles/shared/mailing"
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

// row is an item of the table as its attributes are stored.
type row map[string]any

func (r row) text(name string) string { s, _ := r[name].(string); return s }
func (r row) number(name string) int64 {
	n, _ := r[name].(float64)
	return int64(n)
}

// owned is how many profiles an account has, and allocated what they have of
// it.
func (r row) owned() int64 {
	shares, _ := r["shares"].(map[string]any)
	return int64(len(shares))
}

func (r row) allocated() (sum plan.Amounts) {
	shares, _ := r["shares"].(map[string]any)
	for _, share := range shares {
		sum = sum.Plus(row(share.(map[string]any)).amounts("allocation"))
	}
	return sum
}

func (r row) amounts(name string) (a plan.Amounts) {
	all, _ := r[name].(map[string]any)
	for _, s := range plan.Services() {
		n, _ := all[s.String()].(float64)
		a[s] = int64(n)
	}
	return a
}

func scan(w *testkit.World) (rows []row) {
	w.Helper()
	pages := dynamodb.NewScanPaginator(w.Client, &dynamodb.ScanInput{TableName: &w.Table, ConsistentRead: aws.Bool(true)})
	for pages.HasMorePages() {
		page, err := pages.NextPage(w.Context())
		w.OK(err)
		for _, it := range page.Items {
			var r row
			w.OK(attributevalue.UnmarshalMap(it, &r))
			rows = append(rows, r)
		}
	}
	return rows
}

// lettersOf are the mails that were delivered and those that wait for it,
// oldest first.
func lettersOf(w *testkit.World, rows []row) []mailing.Message {
	out := w.Outbox.Sent()
	for _, r := range rows {
		sealed, waits := r["sealed"].([]byte)
		if r.text("SK") != "O" || !waits {
			continue
		}
		m := mailing.Message{ID: mailing.ID(r.text("id")), Kind: mailing.Kind(r.text("kind")), To: r.text("to")}
		m.Created = time.UnixMilli(r.number("created")).UTC()
		m, err := service.OpenMail(testkit.Keys, store.OutboxMail{Message: m, Sealed: sealed})
		w.OK(err)
		out = append(out, m)
	}
	sort.SliceStable(out, func(i, j int) bool { return out[i].Created.Before(out[j].Created) })
	return out
}

// checkWorld fails the test unless everything in the table that says a thing
// twice says it alike: owners, grants and teams; counts and allocations;
// transfers, their claims, rows, queue and due entries; cuts; mails. Accounts
// in lowered may have more profiles than their plan admits.
func checkWorld(w *testkit.World, lowered ...value.AccountID) {
	w.Helper()
	rows := scan(w)
	for _, wrong := range inconsistent(rows, lettersOf(w, rows), lowered...) {
		w.Error(wrong)
	}
}

func inconsistent(rows []row, emails []mailing.Message, lowered ...value.AccountID) (wrong []string) {
	say := func(format string, args ...any) { wrong = append(wrong, fmt.Sprintf(format, args...)) }
	accounts, profiles, transfers := map[string]row{}, map[string]row{}, map[string]row{}
	grants, team := map[string]map[string]row{}, map[string]map[string]row{} // by profile and account
	reservations := map[string]string{}                                      // profile: ticket
	queue, cuts := map[string]int{}, map[string][]row{}
	listed := map[string]int{} // "account ticket" and "address ticket"
	into := func(m map[string]map[string]row, a, b string, r row) {
		if m[a] == nil {
			m[a] = map[string]row{}
		}
		m[a][b] = r
	}
	for _, r := range rows {
		pk, sk := r.text("PK"), r.text("SK")
		_, id, _ := strings.Cut(pk, "#")
		switch {
		case strings.HasPrefix(pk, "A#") && sk == "A":
			accounts[id] = r
		case strings.HasPrefix(pk, "A#") && strings.HasPrefix(sk, "P#"):
			into(grants, sk[2:], id, r)
		case strings.HasPrefix(pk, "A#") && strings.HasPrefix(sk, "X#"), strings.HasPrefix(pk, "E#") && strings.HasPrefix(sk, "X#"):
			listed[id+" "+r.text("ticket")]++
		case strings.HasPrefix(pk, "P#") && sk == "P":
			profiles[id] = r
		case strings.HasPrefix(pk, "P#") && sk == "X":
			reservations[id] = r.text("ticket")
		case strings.HasPrefix(pk, "P#") && strings.HasPrefix(sk, "M#") && r["active"] == true:
			into(team, id, r.text("account"), r)
		case strings.HasPrefix(pk, "P#") && strings.HasPrefix(sk, "C#"):
			cuts[r.text("ticket")] = append(cuts[r.text("ticket")], r)
		case strings.HasPrefix(pk, "X#"):
			transfers[id] = r
		case strings.HasPrefix(pk, "Q#"):
			queue[r.text("ticket")]++
		}
	}

	counted, allocated := map[string]int64{}, map[string]plan.Amounts{}
	for id, p := range profiles {
		owner := p.text("owner")
		counted[owner]++
		allocated[owner] = allocated[owner].Plus(p.amounts("allocation"))
		if a, ok := accounts[owner]; ok && (a.text("plan") != p.text("plan") || a.number("epoch") != p.number("ownerEpoch")) {
			say("profile %s copies the plan %s and epoch %d of its owner, which are %s and %d", id, p.text("plan"), p.number("ownerEpoch"), a.text("plan"), a.number("epoch"))
		}
		if a, ok := accounts[owner]; ok && a.number("sessions") != p.number("ownerSessions") {
			say("profile %s copies the sessions %d of its owner, which are %d", id, p.number("ownerSessions"), a.number("sessions"))
		}
		holders := slices.Sorted(maps.Keys(grants[id]))
		entitled := slices.Sorted(maps.Keys(team[id]))
		if slices.Contains(entitled, owner) {
			say("the owner of profile %s is a member of it", id)
		}
		entitled = append(entitled, owner)
		slices.Sort(entitled)
		if !slices.Equal(holders, entitled) {
			say("profile %s has grants for %v, want its owner and members %v", id, holders, entitled)
		}
		owners := 0
		for account, g := range grants[id] {
			want := row{"permission": "full", "epoch": p["epoch"]}
			if account == owner {
				owners++
			} else if m := team[id][account]; m != nil {
				want = row{"permission": m["permission"], "epoch": m["epoch"]}
			}
			if g.text("owner") != owner || g.text("name") != p.text("name") || g["permission"] != want["permission"] || g["epoch"] != want["epoch"] {
				say("the grant of %s on profile %s is %v, want the owner %s, the name %s and %v", account, id, g, owner, p.text("name"), want)
			}
		}
		if owners != 1 {
			say("profile %s has %d grants of its owner, want 1", id, owners)
		}
	}
	for id := range grants {
		if profiles[id] == nil {
			say("there are grants on profile %s, which does not exist", id)
		}
	}
	for id := range team {
		if profiles[id] == nil {
			say("there are members of profile %s, which does not exist", id)
		}
	}
	for id, a := range accounts {
		if a["active"] != true {
			continue
		}
		if a.owned() != counted[id] || a.allocated() != allocated[id] {
			say("account %s (%s) counts %d profiles with %v, and has %d with %v", id, a.text("name"), a.owned(), a.allocated(), counted[id], allocated[id])
		}
		if slices.Contains(lowered, value.AccountID(id)) {
			continue
		}
		if limit := plan.Plan(a.text("plan")).Limits().Profiles; counted[id] > int64(limit) {
			say("account %s (%s) has %d profiles, over the %d of its plan", id, a.text("name"), counted[id], limit)
		}
		if !allocated[id].Within(a.amounts("limits")) {
			say("account %s (%s) has allocated %v of %v", id, a.text("name"), allocated[id], a.amounts("limits"))
		}
	}

	open, rowsWanted := map[string]string{}, map[string]int{}
	completed := 0
	for id, t := range transfers {
		isOpen := t.text("state") == "requested"
		if isOpen {
			if before := open[t.text("profile")]; before != "" {
				say("profile %s has two open transfers, %s and %s", t.text("profile"), before, id)
			}
			open[t.text("profile")] = id
			if p := profiles[t.text("profile")]; p == nil || p.text("owner") != t.text("source") {
				say("the open transfer %s is of the profile %v, which is not its source's", id, p)
			}
		}
		if due := t["duePK"] != nil; due != isOpen || due != (t["dueSK"] != nil) {
			say("transfer %s is %s, with a due entry: %v", id, t.text("state"), due)
		}
		if (queue[id] == 1) != isOpen || queue[id] > 1 {
			say("transfer %s is %s, and %d times in the desk's queue", id, t.text("state"), queue[id])
		}
		if (t.number("ended") == 0) != isOpen || (t.number("ttl") == 0) != isOpen {
			say("transfer %s is %s, ended at %d and is forgotten at %d", id, t.text("state"), t.number("ended"), t.number("ttl"))
		}
		rowsWanted[t.text("source")+" "+id]++
		switch to := t.text("destination"); {
		case to != "":
			rowsWanted[to+" "+id]++
		case isOpen:
			rowsWanted[t.text("email")+" "+id]++
		}
		wantCuts := 0
		if t.text("state") == "completed" {
			completed++
			wantCuts = 1
		}
		if p := profiles[t.text("profile")]; len(cuts[id]) != wantCuts {
			// Cuts of a profile that was deleted stay.
			say("transfer %s is %s, with %d cuts; its profile is %v", id, t.text("state"), len(cuts[id]), p)
		}
		for _, cut := range cuts[id] {
			// The cut is a little later than the clock that ended the transfer
			// when that was behind another one.
			late := cut.number("time") - t.number("ended")
			if cut.text("from") != t.text("source") || cut.text("to") != t.text("destination") || late < 0 || late > 10 {
				say("transfer %s has the cut %v", id, cut)
			}
		}
		if events, _ := t["timeline"].([]any); !isOpen {
			last, _ := events[len(events)-1].(map[string]any)
			if last["what"] != "ended" {
				say("the timeline of transfer %s ends with %v", id, last)
			}
		}
	}
	if !maps.Equal(open, reservations) {
		say("the open transfers by profile are %v, the claims %v", open, reservations)
	}
	if !maps.Equal(listed, rowsWanted) {
		say("the lists have %v, want %v", listed, rowsWanted)
	}
	for id := range queue {
		if transfers[id] == nil {
			say("the desk's queue has the ticket %s, which does not exist", id)
		}
	}

	once := map[string]int{}
	for _, m := range emails {
		if m.ID == "" {
			say("a mail has no id")
		}
		once[string(m.ID)]++
		switch m.Kind {
		case mailing.KindTransferRequested, mailing.KindTransferOffered, mailing.KindTransferOfferedNew, mailing.KindTransferDesk,
			mailing.KindTransferEnded, mailing.KindTransferGiven, mailing.KindTransferReceived, mailing.KindTransferReturned,
			mailing.KindTransferBack, mailing.KindTransferBackDesk:
			// Kinds of which everybody gets at most one about a ticket.
			once[string(m.Kind)+" "+m.To+" "+m.Data["ticket"]]++
		case mailing.KindTransferRemindOwner, mailing.KindTransferRemindReceiver, mailing.KindTransferRemindDesk:
			once[string(m.Kind)+" "+m.To+" "+m.Data["ticket"]+" "+m.Created.String()]++
		}
	}
	for mail, n := range once {
		if n > 1 {
			say("the mail %q exists %d times", mail, n)
		}
	}
	// An end that moves something tells both sides; every other one tells them,
	// too.
	for id, t := range transfers {
		given := once["transfer-given "+addressOf(accounts, t.text("source"))+" "+id]
		back := once["transfer-returned "+addressOf(accounts, t.text("source"))+" "+id]
		if moved := t.text("state") == "completed"; addressOf(accounts, t.text("source")) != "" && moved != (given+back > 0) {
			say("transfer %s is %s, and its owner got %d mails about a move", id, t.text("state"), given+back)
		}
	}
	return wrong
}

func addressOf(accounts map[string]row, id string) string { return accounts[id].text("email") }

// interrupted is a store over the world's table where do happens once, just
// before the first request of an operation.
func interrupted(w *testkit.World, operation string, do func()) *store.Store {
	var once sync.Once
	return store.New(dynamodb.New(w.Client.Options(), func(o *dynamodb.Options) {
		o.APIOptions = append(o.APIOptions, func(s *middleware.Stack) error {
			return s.Initialize.Add(middleware.InitializeMiddlewareFunc("Interrupt", func(
				ctx context.Context, in middleware.InitializeInput, next middleware.InitializeHandler,
			) (middleware.InitializeOutput, middleware.Metadata, error) {
				if awsmiddleware.GetOperationName(ctx) == operation {
					once.Do(do)
				}
				return next.HandleInitialize(ctx, in)
			}), middleware.Before)
		})
	}), w.Table)
}

// wellKnown makes the account known from addresses enough for so many attempts
// at once, and returns a client from each.
func wellKnown(w *testkit.World, p testkit.Person, attempts int) (clients []service.Client) {
	w.Helper()
	batch := w.Store.Batch()
	account := batch.Account(p.ID)
	w.OK(batch.Get(w.Context()))
	for n := range (attempts + 24) / 25 {
		c := p.Client()
		c.Source = fmt.Sprintf("192.0.2.%d", 100+n)
		account.Value = account.Value.SignedIn(secret.Fingerprint(c.Source), w.Now())
		clients = append(clients, c)
	}
	tx := w.Store.Begin()
	tx.SignIn(account.Value, problem.ErrConflict)
	w.OK(tx.CommitAside(w.Context(), store.Origin{}))
	return clients
}

// rounds is how often each race is run. Each round has a world of its own.
const rounds = 5

// decided ends the test unless every error is one that a person can act on.
func (c *cast) decided(errs ...error) {
	c.Helper()
	for _, err := range errs {
		switch problem.CodeOf(err) {
		case problem.CodeInternal, problem.CodeUnavailable:
			c.Errorf("got %v", err)
		}
	}
}

// step forgets what a step returns.
func step[T any](do func() (T, error)) func() error {
	return func() error { _, err := do(); return err }
}

// gates gives the words that are not missing.
func (c *cast) gates(confirm, accept, approve bool) {
	c.Helper()
	for _, w := range []struct {
		given bool
		do    func() (transfer.Transfer, error)
	}{{confirm, c.confirm}, {accept, func() (transfer.Transfer, error) { return c.accept(transfer.Acceptance{}) }}, {approve, c.approve}} {
		if w.given {
			_, err := w.do()
			c.OK(err)
		}
	}
}

func (c *cast) acceptNow() (transfer.Transfer, error) { return c.accept(transfer.Acceptance{}) }

func TestFiftyAcceptsAtOnce(t *testing.T) {
	t.Parallel()
	for range 3 {
		c := offered(t)
		c.gates(true, false, true)
		c.news()
		clients := wellKnown(c.World, c.ben, 50)
		accepts := make([]func() error, 50)
		states := make([]transfer.State, 50)
		for i := range accepts {
			accepts[i] = func() error {
				got, err := c.Transfers.Accept(t.Context(), clients[i%len(clients)], c.ticket.ID, c.ticket.Answer, service.Credentials{Password: testkit.Password}, transfer.Acceptance{})
				states[i] = got.State
				return err
			}
		}
		completed := 0
		for i, err := range together(accepts...) {
			switch {
			case err == nil && states[i] == transfer.Completed:
				completed++
			case !errors.Is(err, problem.ErrConflict):
				t.Errorf("accept %d: got %s, %v, want the completion or a conflict", i, states[i], err)
			}
		}
		if completed == 0 {
			t.Error("nobody was told of the completion")
		}
		c.wantState("fifty accepts", transfer.Completed)
		c.wantOwner("fifty accepts", c.ben)
		c.wantNews("fifty accepts", "given > ana", "received > ben")
		// Of the offer and of the end: the desk's word was for those who had
		// answered.
		if got := c.noticesOf(c.ben); len(got) != 2 {
			t.Errorf("the receiving side has the notices %q", got)
		}
		checkWorld(c.World)
	}
}

func TestFiftyRequestsAtOnce(t *testing.T) {
	t.Parallel()
	for range 3 {
		c := newCast(t)
		clients := wellKnown(c.World, c.ana, 50)
		requests := make([]func() error, 50)
		for i := range requests {
			to := []value.Email{c.ben.Email, c.zed.Email, "nobody@example.com"}[i%3]
			requests[i] = func() error {
				_, err := c.Transfers.Request(t.Context(), clients[i%len(clients)], c.ref(), service.TransferRequest{Email: string(to), Credentials: service.Credentials{Password: testkit.Password}})
				return err
			}
		}
		errs := together(requests...)
		if n := succeeded(errs); n != 1 {
			t.Errorf("%d of fifty requests succeeded, want 1", n)
		}
		for _, err := range errs {
			if code := problem.CodeOf(err); err != nil && code != problem.CodeConflict && code != problem.CodeTooMany {
				t.Errorf("got %v", err)
			}
		}
		if n := len(c.news()); n != 3 {
			t.Errorf("one request sent %d mails, want 3", n)
		}
		checkWorld(c.World)
	}
}

// Two who decide about one transfer at once: one of them does, and what is in
// the table is what the answers said.
func TestDecisionsAgainstEachOther(t *testing.T) {
	t.Parallel()
	reject := func(c *cast) (transfer.Transfer, error) {
		return c.Desk.Reject(c.Context(), c.sam.Client(), c.ticket.ID, "no")
	}
	for _, test := range []struct {
		name                     string
		confirm, accept, approve bool // given before
		first                    func(*cast) (transfer.Transfer, error)
		second                   func(*cast) (transfer.Transfer, error)
		ends                     []transfer.State // of the first and of the second
	}{
		{"cancel against the desk's approval", true, true, false, (*cast).cancel, (*cast).approve, []transfer.State{transfer.Canceled, transfer.Completed}},
		{"cancel against accept", true, false, true, (*cast).cancel, (*cast).acceptNow, []transfer.State{transfer.Canceled, transfer.Completed}},
		{"decline against accept", true, false, true, (*cast).decline, (*cast).acceptNow, []transfer.State{transfer.Declined, transfer.Completed}},
		{"reject against confirm", false, true, true, reject, (*cast).confirm, []transfer.State{transfer.Rejected, transfer.Completed}},
		{"cancel against decline", true, true, false, (*cast).cancel, (*cast).decline, []transfer.State{transfer.Canceled, transfer.Declined}},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			for range rounds {
				c := offered(t)
				c.gates(test.confirm, test.accept, test.approve)
				errs := together(step(func() (transfer.Transfer, error) { return test.first(c) }), step(func() (transfer.Transfer, error) { return test.second(c) }))
				c.decided(errs...)
				if succeeded(errs) != 1 {
					t.Fatalf("got %v, want one of two", errs)
				}
				want := test.ends[0]
				if errs[1] == nil {
					want = test.ends[1]
				}
				c.wantState("one was first", want)
				c.wantOwner("one was first", map[bool]testkit.Person{true: c.ben, false: c.ana}[want == transfer.Completed])
				checkWorld(c.World)
			}
		})
	}
}

// Something that a transfer needs changes while its last word is given: either
// it moved before, or it waits.
func TestTheLastWordAgainstAChange(t *testing.T) {
	t.Parallel()
	lower := func(p func(*cast) testkit.Person) func(*cast) error {
		return func(c *cast) error {
			for {
				// What the change read may be older than the move.
				if err := tryChange(c.World, p(c).ID, onPlan(plan.Free)); !errors.Is(err, problem.ErrConflict) {
					return err
				}
			}
		}
	}
	ana, ben := func(c *cast) testkit.Person { return c.ana }, func(c *cast) testkit.Person { return c.ben }
	for _, test := range []struct {
		name    string
		change  func(*cast) error
		waits   bool                          // else it ends
		against func(*cast) []value.AccountID // accounts that may be over their plan
	}{
		{"the owner's plan is lowered", lower(ana), true, func(c *cast) []value.AccountID { return []value.AccountID{c.ana.ID} }},
		{"the receiver's plan is lowered", lower(ben), true, func(c *cast) []value.AccountID { return []value.AccountID{c.ben.ID} }},
		{"the receiver makes its last profile", func(c *cast) error {
			_, err := c.Profiles.Create(c.Context(), c.ben.Client(), "last", false)
			return err
		}, true, nil},
		{"the owner deletes its other profile", func(c *cast) error {
			return c.Profiles.Delete(c.Context(), testkit.ClientOf(c.zed.Token), service.ProfileRef{ID: c.ana.Home}, service.Credentials{Password: testkit.Password})
		}, true, nil},
		{"the profile is deleted", func(c *cast) error {
			return c.Profiles.Delete(c.Context(), c.ana.Client(), c.ref(), service.Credentials{Password: testkit.Password})
		}, false, nil},
	} {
		for _, last := range []string{"confirm", "accept", "approve"} {
			t.Run(test.name+", against "+last, func(t *testing.T) {
				t.Parallel()
				for range rounds / 3 {
					c := offered(t)
					if test.name == "the receiver makes its last profile" {
						for range 3 {
							c.ben.Profile("x")
						}
					}
					c.zed.Token = c.ana.Mint(c.plant, "") // of the owner, and of the profile that stays
					if test.name == "the owner deletes its other profile" {
						c.ana.Token = c.zed.Token
					}
					c.gates(last != "confirm", last != "accept", last != "approve")
					word := map[string]func() (transfer.Transfer, error){"confirm": c.confirm, "accept": c.acceptNow, "approve": c.approve}[last]
					errs := together(step(word), func() error { return test.change(c) })
					c.decided(errs...)
					got := c.stored(c.ticket.ID)
					var over []value.AccountID
					if test.against != nil {
						over = test.against(c)
					}
					checkWorld(c.World, over...)
					switch {
					case got.State == transfer.Completed:
						c.wantOwner("the word was first", c.ben)
						if errs[0] != nil {
							t.Errorf("it moved, and the word got %v", errs[0])
						}
					case test.waits:
						if got.State != transfer.Requested || got.Waiting == "" || errs[0] != nil {
							t.Errorf("it is %s, waiting for %q, the word got %v; want that it waits", got.State, got.Waiting, errs[0])
						}
						c.wantOwner("the change was first", c.ana)
					default:
						if got.State != transfer.Failed || errs[1] != nil {
							t.Errorf("it is %s, the change got %v", got.State, errs[1])
						}
						if c.profile().ID != "" {
							t.Error("the profile lives")
						}
					}
				}
			})
		}
	}
}

func TestRequestAgainstDelete(t *testing.T) {
	t.Parallel()
	for range rounds {
		c := newCast(t)
		errs := together(
			step(func() (transfer.Transfer, error) { return c.request(c.ana, c.ben.Email) }),
			func() error {
				return c.Profiles.Delete(t.Context(), c.ana.Client(), c.ref(), service.Credentials{Password: testkit.Password})
			},
		)
		c.decided(errs...)
		c.OK(errs[1])
		// Too late, the request finds no profile, or an account that has only
		// one left.
		if code := problem.CodeOf(errs[0]); errs[0] != nil && code != problem.CodeNotFound && code != problem.CodeForbidden {
			t.Errorf("the request got %v", errs[0])
		}
		checkWorld(c.World)
	}
}

// The same with the worst timing: between what a request read and what it
// writes, the profile goes, or its owner does something else.
func TestWhatHappensBetweenReadingAndWriting(t *testing.T) {
	t.Parallel()
	late := func(c *cast, do func()) *service.Services {
		return service.New(service.Config{Keys: testkit.Keys, Passwords: testkit.Passwords, Background: c.Background, Store: interrupted(c.World, "TransactWriteItems", do), Now: c.Now, Log: quiet()})
	}
	t.Run("a profile is deleted while it is offered", func(t *testing.T) {
		t.Parallel()
		c := newCast(t)
		c.ana.Profile("third")
		s := late(c, func() { c.drop(c.ana, c.plant) })
		_, err := s.Transfers.Request(t.Context(), c.ana.Client(), c.ref(), service.TransferRequest{Email: string(c.ben.Email), Credentials: service.Credentials{Password: testkit.Password}})
		c.Refused(err, problem.CodeNotFound)
		checkWorld(c.World)
	})
	t.Run("a profile is offered while it is deleted", func(t *testing.T) {
		t.Parallel()
		c := newCast(t)
		s := late(c, func() { c.offer(c.ben.Email) })
		c.OK(s.Profiles.Delete(t.Context(), c.ana.Client(), c.ref(), service.Credentials{Password: testkit.Password}))
		c.wantState("deleted", transfer.Failed)
		checkWorld(c.World)
	})
	t.Run("a profile moves while it is deleted", func(t *testing.T) {
		t.Parallel()
		c := offered(t)
		s := late(c, func() { c.all() })
		c.Refused(s.Profiles.Delete(t.Context(), c.ana.Client(), c.ref(), service.Credentials{Password: testkit.Password}), problem.CodeNotFound)
		c.wantOwner("it moved", c.ben)
		checkWorld(c.World)
	})
	t.Run("a profile moves while its owner makes tokens", func(t *testing.T) {
		t.Parallel()
		for name, make := range map[string]func(*cast, *service.Services) error{
			"create": func(c *cast, s *service.Services) error {
				_, err := s.Tokens.Create(c.Context(), c.ana.Client(), service.NewToken{
					Profile: c.ref(), Email: string(c.ana.Email), Credentials: service.Credentials{Password: testkit.Password}, Name: "x",
				})
				return err
			},
			"create at login": func(c *cast, s *service.Services) error {
				_, err := s.Tokens.CreateAtLogin(c.Context(), service.Client{Source: testkit.Home}, service.NewToken{
					Profile: c.ref(), Email: string(c.ana.Email), Credentials: service.Credentials{Password: testkit.Password}, Name: "x",
				})
				return err
			},
			"switch": func(c *cast, s *service.Services) error {
				return s.Profiles.Switch(c.Context(), c.ana.Client(), c.plant)
			},
		} {
			c := offered(t)
			c.gates(true, false, true)
			tokens := 0
			err := make(c, late(c, func() {
				_, err := c.acceptNow()
				c.OK(err)
				tokens = c.Count("T#", "")
			}))
			if problem.CodeOf(err) != problem.CodeNotFound || c.Count("T#", "") != tokens {
				t.Errorf("%s: got %v and %d tokens, want CodeNotFound and the %d from before", name, err, c.Count("T#", ""), tokens)
			}
			checkWorld(c.World)
		}
	})
}

// The owner works on the team while the receiving side accepts.
func TestAcceptAgainstTheTeam(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name  string
		share bool // zed is a member before
		do    func(*cast) error
	}{
		{"a member is invited", false, func(c *cast) error {
			return c.Teams.Invite(c.Context(), c.ana.Client(), c.ref(), "new@example.com", "")
		}},
		{"an invitation is accepted", false, func(c *cast) error { return c.Teams.AcceptByCode(c.Context(), service.Client{}, c.zed.Token) }},
		{"an invitation is declined", false, func(c *cast) error { return c.Teams.DeclineByCode(c.Context(), service.Client{}, c.zed.Token) }},
		{"a member is removed", true, func(c *cast) error {
			return c.Teams.Remove(c.Context(), c.ana.Client(), c.ref(), string(c.zed.ID))
		}},
		{"a member leaves", true, func(c *cast) error {
			return c.Teams.Remove(c.Context(), c.zed.Client(), c.ref(), string(c.zed.ID))
		}},
		{"a member's permission is changed", true, func(c *cast) error {
			return c.Teams.Edit(c.Context(), c.ana.Client(), c.ref(), string(c.zed.ID), "full")
		}},
		{"the profile is renamed", true, func(c *cast) error {
			name := "renamed"
			return c.Profiles.Edit(c.Context(), c.ana.Client(), c.ref(), tenancy.ProfileEdit{Name: &name})
		}},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			for n := range rounds / 2 {
				c := newCast(t)
				if test.share {
					c.Share(c.plant, c.zed, tenancy.PermissionRead)
				} else if strings.HasPrefix(test.name, "an invitation") {
					c.OK(c.Teams.Invite(t.Context(), c.ana.Client(), c.ref(), string(c.zed.Email), ""))
					for _, m := range c.letters() {
						if m.Kind == mailing.KindTeamInvited {
							c.zed.Token = m.Data["code"]
						}
					}
				}
				a := transfer.Acceptance{Members: map[value.AccountID]tenancy.Permission{}}
				if test.share && n%2 == 0 {
					a.Members[c.zed.ID] = tenancy.PermissionWrite
				}
				c.offer(c.ben.Email)
				c.gates(true, false, true)
				var got transfer.Transfer
				errs := together(func() (err error) { got, err = c.accept(a); return err }, func() error { return test.do(c) })
				c.decided(errs...)
				if errs[0] != nil {
					// The member who was to stay had left before.
					c.Refused(errs[0], problem.CodeInvalid)
					if len(a.Members) == 0 || errs[1] != nil {
						t.Errorf("got %v", errs)
					}
				} else {
					if got.State != transfer.Completed {
						t.Errorf("got %s, waiting for %q", got.State, got.Waiting)
					}
					c.wantOwner("accepted", c.ben)
					if n := c.Count("P#"+string(c.plant), "M#I#"); n != 0 {
						t.Errorf("%d invitations of the old owner are open", n)
					}
				}
				checkWorld(c.World)
			}
		})
	}
}

func TestTwoTransfersToOneRoom(t *testing.T) {
	t.Parallel()
	for range rounds {
		c := newCast(t)
		for range 3 {
			c.ben.Profile("x")
		}
		c.offer(c.ben.Email)
		c.gates(true, false, true)
		first := *c
		c.ana, c.plant = c.zed, c.zed.Profile("other")
		c.offer(c.ben.Email)
		c.gates(true, false, true)
		c.news()
		errs := together(step(first.acceptNow), step(c.acceptNow))
		c.OK(errors.Join(errs...))
		states := []transfer.State{first.stored(first.ticket.ID).State, c.stored(c.ticket.ID).State}
		slices.Sort(states)
		if !slices.Equal(states, []transfer.State{transfer.Completed, transfer.Requested}) {
			t.Errorf("got %v, want one that moved and one that waits", states)
		}
		checkWorld(c.World)
	}
}

// The old owner makes tokens while the profile moves: none of them works after
// it.
func TestACompletionAgainstNewTokens(t *testing.T) {
	t.Parallel()
	for n := range rounds {
		c := offered(t)
		c.gates(true, false, true)
		a := transfer.Acceptance{}
		if n%2 == 0 {
			a.Owner = tenancy.PermissionRead
		}
		moving := c.ana.Mint(c.ana.Home, "")
		var made [3]service.Made
		errs := together(
			step(func() (transfer.Transfer, error) { return c.accept(a) }),
			func() (err error) {
				made[0], err = c.Tokens.Create(t.Context(), c.ana.Client(), service.NewToken{
					Profile: c.ref(), Email: string(c.ana.Email), Credentials: service.Credentials{Password: testkit.Password}, Name: "a",
				})
				return err
			},
			func() (err error) {
				made[1], err = c.Tokens.CreateAtLogin(t.Context(), service.Client{Source: testkit.Home}, service.NewToken{
					Profile: c.ref(), Email: string(c.ana.Email), Credentials: service.Credentials{Password: testkit.Password}, Name: "b",
				})
				return err
			},
			func() error { return c.Profiles.Switch(t.Context(), testkit.ClientOf(moving), c.plant) },
		)
		c.OK(errs[0])
		c.decided(errs...)
		made[2].Text = moving
		for i, m := range made {
			if errs[i+1] != nil {
				continue
			}
			for range 2 {
				// What was made after the move is a member's.
				_, edit := c.Profiles.Get(t.Context(), testkit.ClientOf(m.Text), c.ref())
				if write := c.Profiles.Edit(t.Context(), testkit.ClientOf(m.Text), c.ref(), tenancy.ProfileEdit{}); write == nil || edit == nil && a.Owner == tenancy.PermissionNone {
					t.Errorf("token %d works after the completion: %v, %v", i, edit, write)
				}
				c.Restart()
			}
		}
		checkWorld(c.World)
	}
}

func TestTheSweepAgainstOthers(t *testing.T) {
	t.Parallel()
	sweep := func(c *cast) func() error {
		return step(func() (int, error) { return c.Transfers.Expire(c.Context()) })
	}
	for _, test := range []struct {
		name    string
		prepare func(*cast)
		do      []func(*cast) error // beside a sweep
		want    []transfer.State
		mails   []string
	}{
		{"a sweep, at half time, against the last acceptance", func(c *cast) { c.gates(true, false, true); c.Advance(transfer.Life / 2) },
			[]func(*cast) error{func(c *cast) error { _, err := c.acceptNow(); return err }}, []transfer.State{transfer.Completed}, nil},
		{"a sweep, at the end, against an acceptance that comes too late", func(c *cast) { c.gates(true, false, true); c.Advance(transfer.Life) },
			[]func(*cast) error{func(c *cast) error {
				if _, err := c.acceptNow(); err == nil || problem.CodeOf(err) == problem.CodeInternal {
					return fmt.Errorf("too late, and got %w", err)
				}
				return nil
			}}, []transfer.State{transfer.Expired}, []string{"ended > ana", "ended > ben", "ended > support-desk"}},
		{"two sweeps, which complete", func(c *cast) {
			change(c.World, c.ben, onPlan(plan.Free))
			c.gates(true, true, true)
			change(c.World, c.ben, onPlan(plan.Scale))
			c.Advance(time.Hour)
		}, []func(*cast) error{func(c *cast) error { return sweep(c)() }}, []transfer.State{transfer.Completed}, []string{"given > ana", "received > ben"}},
		{"two sweeps, which end", func(c *cast) { c.Advance(transfer.Life) },
			[]func(*cast) error{func(c *cast) error { return sweep(c)() }}, []transfer.State{transfer.Expired}, []string{"ended > ana", "ended > ben", "ended > support-desk"}},
		{"two sweeps, which remind", func(c *cast) { c.Advance(transfer.Life / 2) },
			[]func(*cast) error{func(c *cast) error { return sweep(c)() }}, []transfer.State{transfer.Requested},
			[]string{"remind-desk > support-desk", "remind-owner > ana", "remind-receiver > ben"}},
		{"a sweep that completes, against cancel", func(c *cast) {
			change(c.World, c.ben, onPlan(plan.Free))
			c.gates(true, true, true)
			change(c.World, c.ben, onPlan(plan.Scale))
			c.Advance(time.Hour)
		}, []func(*cast) error{func(c *cast) error {
			if _, err := c.cancel(); problem.CodeOf(err) == problem.CodeInternal {
				return err
			}
			return nil
		}}, []transfer.State{transfer.Completed, transfer.Canceled}, nil},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			for range rounds / 2 {
				c := offered(t)
				test.prepare(c)
				c.news()
				all := []func() error{sweep(c)}
				for _, do := range test.do {
					all = append(all, func() error { return do(c) })
				}
				c.OK(errors.Join(together(all...)...))
				if got := c.stored(c.ticket.ID); !slices.Contains(test.want, got.State) {
					t.Errorf("it is %s, waiting for %q, want %v", got.State, got.Waiting, test.want)
				}
				if test.mails != nil {
					c.wantNews("once", test.mails...)
				}
				checkWorld(c.World)
			}
		})
	}
}

// Both words for taking back at once, beside each other or beside the agents':
// it returns once.
func TestTakingBackAtOnce(t *testing.T) {
	t.Parallel()
	for range rounds {
		c := moved(t, transfer.Acceptance{})
		back := func(p testkit.Person) func() error {
			return step(func() (transfer.Transfer, error) { return c.revert(p) })
		}
		c.OK(errors.Join(together(back(c.ana), back(c.ben), back(c.sam), back(c.kim))...))
		c.wantOwner("taken back", c.ana)
		n := 0
		for _, s := range c.news() {
			if strings.HasPrefix(s, "returned") {
				n++
			}
		}
		if n != 2 {
			t.Errorf("%d mails say that it returned, want 2", n)
		}
		checkWorld(c.World)
	}
}
