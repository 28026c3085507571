package service_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	awsmiddleware "github.com/aws/aws-sdk-go-v2/aws/middleware"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/smithy-go/middleware"

	"profiles/shared/mailing"
	"profiles/shared/operation"
	"profiles/shared/plan"
	"profiles/shared/problem"
	"profiles/shared/secret"
	"profiles/shared/service"
	"profiles/shared/service/teams"
	"profiles/shared/service/tokens"
	"profiles/shared/service/transfers"
	"profiles/shared/store"
	"profiles/shared/tenancy"
	"profiles/shared/testkit"
	"profiles/shared/transfer"
	"profiles/shared/value"
)

// interrupted is a store over the world's table in which do runs once, right
// before the first request of an operation.
func interrupted(w *testkit.World, operation string, do func()) *store.Store {
	var once sync.Once
	return store.New(dynamodb.New(w.Client.Options(), func(o *dynamodb.Options) {
		o.APIOptions = append(o.APIOptions, func(s *middleware.Stack) error {
			return s.Initialize.Add(middleware.InitializeMiddlewareFunc("Interrupt", func(
				ctx context.Context, in middleware.InitializeInput,
				next middleware.InitializeHandler,
			) (middleware.InitializeOutput, middleware.Metadata, error) {
				if awsmiddleware.GetOperationName(ctx) == operation {
					once.Do(do)
				}
				return next.HandleInitialize(ctx, in)
			}), middleware.Before)
		})
	}), w.Table)
}

// wellKnown makes the account known from enough addresses for a number of
// concurrent attempts, and returns a client from each address.
func wellKnown(w *testkit.World, p testkit.Person, attempts int) (clients []service.Client) {
	w.Helper()
	batch := w.Store.Batch()
	account := batch.Account(p.ID)
	w.OK(batch.Get(w.Context()))
	for n := range (attempts + 24) / 25 {
		c := testkit.ClientOf(p.Token)
		c.Source = fmt.Sprintf("192.0.2.%d", 100+n)
		account.Value = account.Value.SignedIn(secret.Fingerprint(c.Source), w.Now())
		clients = append(clients, c)
	}
	tx := w.Store.Begin()
	tx.SignIn(account.Value, problem.ErrConflict)
	w.OK(tx.CommitAside(w.Context(), store.Origin{}))
	return clients
}

// rounds is the number of runs of each race. Each run has a world of its own.
const rounds = 5

// decided ends the test unless a person can act on each error.
func (c *cast) decided(errs ...error) {
	c.Helper()
	for _, err := range errs {
		switch problem.CodeOf(err) {
		case problem.CodeInternal, problem.CodeUnavailable:
			c.Errorf("got %v, want an error that a person can act on", err)
		}
	}
}

// step drops the result of a step.
func step[T any](do func() (T, error)) func() error {
	return func() error { _, err := do(); return err }
}

// gates gives the consents that are true.
func (c *cast) gates(confirm, accept, approve bool) {
	c.Helper()
	for _, w := range []struct {
		given bool
		do    func() (transfer.Transfer, error)
	}{{confirm, c.confirm},
		{accept, func() (transfer.Transfer, error) { return c.accept(transfer.Acceptance{}) }},
		{approve, c.approve}} {
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
				got, err := c.Transfers.Accept(t.Context(),
					clients[i%len(clients)].For(operation.TransferAccept.Access),
					c.ticket.ID, c.ticket.Answer, service.Credentials{Password: testkit.Password},
					transfer.Acceptance{})
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
		// One notification is of the offer and one of the end. The approval
		// notifies only sides that have answered.
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
				_, err := c.Transfers.Request(t.Context(),
					clients[i%len(clients)].For(operation.TransferRequest.Access), c.ref(),
					transfers.Request{Email: string(to),
						Credentials: service.Credentials{Password: testkit.Password}})
				return err
			}
		}
		errs := together(requests...)
		if n := succeeded(errs); n != 1 {
			t.Errorf("%d of fifty requests succeeded, want 1", n)
		}
		for _, err := range errs {
			code := problem.CodeOf(err)
			if err != nil && code != problem.CodeConflict && code != problem.CodeTooMany {
				t.Errorf("got %v, want success, CodeConflict or CodeTooMany", err)
			}
		}
		if n := len(c.news()); n != 3 {
			t.Errorf("one request sent %d mails, want 3", n)
		}
		checkWorld(c.World)
	}
}

// Two people decide about one transfer at the same time. One decision takes
// effect, and the table agrees with the answers.
func TestDecisionsAgainstEachOther(t *testing.T) {
	t.Parallel()
	reject := func(c *cast) (transfer.Transfer, error) {
		return c.Desk.Reject(c.Context(), c.sam.Client(operation.DeskReject), c.ticket.ID, "no")
	}
	for _, test := range []struct {
		name                     string
		confirm, accept, approve bool // consents that were given before
		first                    func(*cast) (transfer.Transfer, error)
		second                   func(*cast) (transfer.Transfer, error)
		ends                     []transfer.State // if the first or if the second decision wins
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
				errs := together(step(func() (transfer.Transfer, error) { return test.first(c) }),
					step(func() (transfer.Transfer, error) { return test.second(c) }))
				c.decided(errs...)
				if succeeded(errs) != 1 {
					t.Fatalf("got %v, want one of two", errs)
				}
				want := test.ends[0]
				if errs[1] == nil {
					want = test.ends[1]
				}
				c.wantState("one was first", want)
				c.wantOwner("one was first",
					map[bool]testkit.Person{true: c.ben, false: c.ana}[want == transfer.Completed])
				checkWorld(c.World)
			}
		})
	}
}

// A prerequisite of a transfer changes while its last consent is given. The
// transfer either moves before the change, or waits.
func TestTheLastConsentAgainstAChange(t *testing.T) {
	t.Parallel()
	lower := func(p func(*cast) testkit.Person) func(*cast) error {
		return func(c *cast) error {
			for {
				// The reads of the change may be older than the move.
				err := tryChange(c.World, p(c).ID, onPlan(plan.Free))
				if !errors.Is(err, problem.ErrConflict) {
					return err
				}
			}
		}
	}
	ana := func(c *cast) testkit.Person { return c.ana }
	ben := func(c *cast) testkit.Person { return c.ben }
	for _, test := range []struct {
		name    string
		change  func(*cast) error
		waits   bool                          // it waits; otherwise it ends
		against func(*cast) []value.AccountID // accounts that may be above the limits of their plan
	}{
		{"the owner's plan is lowered", lower(ana), true, func(c *cast) []value.AccountID { return []value.AccountID{c.ana.ID} }},
		{"the receiver's plan is lowered", lower(ben), true, func(c *cast) []value.AccountID { return []value.AccountID{c.ben.ID} }},
		{"the receiver makes its last profile", func(c *cast) error {
			_, err := c.Profiles.Create(c.Context(),
				c.ben.Client(operation.ProfileCreate), "last", false)
			return err
		}, true, nil},
		{"the owner deletes its other profile", func(c *cast) error {
			return c.Profiles.Delete(c.Context(),
				testkit.ClientOf(c.zed.Token).For(operation.ProfileDelete.Access),
				service.ProfileRef{ID: c.ana.Home}, service.Credentials{Password: testkit.Password})
		}, true, nil},
		{"the profile is deleted", func(c *cast) error {
			return c.Profiles.Delete(c.Context(), c.ana.Client(operation.ProfileDelete), c.ref(),
				service.Credentials{Password: testkit.Password})
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
					// a token of the owner for the profile that stays
					c.zed.Token = c.ana.Mint(c.plant, "")
					if test.name == "the owner deletes its other profile" {
						c.ana.Token = c.zed.Token
					}
					c.gates(last != "confirm", last != "accept", last != "approve")
					word := map[string]func() (transfer.Transfer, error){"confirm": c.confirm,
						"accept": c.acceptNow, "approve": c.approve}[last]
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
							t.Errorf("the profile moved, and the last consent got %v, want success", errs[0])
						}
					case test.waits:
						if got.State != transfer.Requested || got.Waiting == "" || errs[0] != nil {
							t.Errorf("it is %s, waiting for %q, the word got %v; want that it waits", got.State, got.Waiting, errs[0])
						}
						c.wantOwner("the change was first", c.ana)
					default:
						if got.State != transfer.Failed || errs[1] != nil {
							t.Errorf("the transfer is %s, and the change got %v, want failed and success", got.State, errs[1])
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
				return c.Profiles.Delete(t.Context(), c.ana.Client(operation.ProfileDelete),
					c.ref(), service.Credentials{Password: testkit.Password})
			},
		)
		c.decided(errs...)
		c.OK(errs[1])
		// A late request finds no profile, or an account with a single profile.
		code := problem.CodeOf(errs[0])
		if errs[0] != nil && code != problem.CodeNotFound && code != problem.CodeForbidden {
			t.Errorf("the consent got %v, want success, CodeNotFound or CodeForbidden", errs[0])
		}
		checkWorld(c.World)
	}
}

// The change comes at the worst moment, between the reads and the write of a
// request: the profile is deleted, or its owner sends another request.
func TestWhatHappensBetweenReadingAndWriting(t *testing.T) {
	t.Parallel()
	late := func(c *cast, do func()) *service.Services {
		return service.New(service.Config{Keys: testkit.Keys, Passwords: testkit.Passwords,
			Background: c.Background, Store: interrupted(c.World, "TransactWriteItems", do),
			Now: c.Now, Log: quiet()})
	}
	t.Run("a profile is deleted while it is offered", func(t *testing.T) {
		t.Parallel()
		c := newCast(t)
		c.ana.Profile("third")
		s := late(c, func() { c.drop(c.ana, c.plant) })
		_, err := s.Transfers.Request(t.Context(), c.ana.Client(operation.TransferRequest), c.ref(),
			transfers.Request{Email: string(c.ben.Email),
				Credentials: service.Credentials{Password: testkit.Password}})
		c.Refused(err, problem.CodeNotFound)
		checkWorld(c.World)
	})
	t.Run("a profile is offered while it is deleted", func(t *testing.T) {
		t.Parallel()
		c := newCast(t)
		s := late(c, func() { c.offer(c.ben.Email) })
		c.OK(s.Profiles.Delete(t.Context(), c.ana.Client(operation.ProfileDelete), c.ref(),
			service.Credentials{Password: testkit.Password}))
		c.wantState("deleted", transfer.Failed)
		checkWorld(c.World)
	})
	t.Run("a profile moves while it is deleted", func(t *testing.T) {
		t.Parallel()
		c := offered(t)
		s := late(c, func() { c.all() })
		c.Refused(s.Profiles.Delete(t.Context(), c.ana.Client(operation.ProfileDelete), c.ref(),
			service.Credentials{Password: testkit.Password}), problem.CodeNotFound)
		c.wantOwner("it moved", c.ben)
		checkWorld(c.World)
	})
	t.Run("a profile moves while its owner makes tokens", func(t *testing.T) {
		t.Parallel()
		for name, make := range map[string]func(*cast, *service.Services) error{
			"create": func(c *cast, s *service.Services) error {
				_, err := s.Tokens.Create(c.Context(), c.ana.Client(operation.TokenCreate),
					tokens.NewToken{
						Profile: c.ref(), Email: string(c.ana.Email), Credentials: service.Credentials{Password: testkit.Password}, Name: "x",
					})
				return err
			},
			"create at login": func(c *cast, s *service.Services) error {
				_, err := s.Tokens.CreateAtLogin(c.Context(),
					service.Client{Source: testkit.Home}, tokens.NewToken{
						Profile: c.ref(), Email: string(c.ana.Email), Credentials: service.Credentials{Password: testkit.Password}, Name: "x",
					})
				return err
			},
			"switch": func(c *cast, s *service.Services) error {
				return s.Profiles.Switch(c.Context(),
					c.ana.Client(operation.ProfileSwitch), c.plant)
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

// The owner changes the team while the receiving side accepts.
func TestAcceptAgainstTheTeam(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name  string
		share bool // zed is a member before
		do    func(*cast) error
	}{
		{"a member is invited", false, func(c *cast) error {
			return c.Teams.Invite(c.Context(), c.ana.Client(operation.TeamInvite), c.ref(), "new@example.com",
				teams.Offered{})
		}},
		{"an invitation is accepted", false, func(c *cast) error { return c.Teams.AcceptByCode(c.Context(), service.Client{}, c.zed.Token) }},
		{"an invitation is declined", false, func(c *cast) error { return c.Teams.DeclineByCode(c.Context(), service.Client{}, c.zed.Token) }},
		{"a member is removed", true, func(c *cast) error {
			return c.Teams.Remove(c.Context(), c.ana.Client(operation.TeamRemove), c.ref(),
				string(c.zed.ID))
		}},
		{"a member leaves", true, func(c *cast) error {
			return c.Teams.Remove(c.Context(), c.zed.Client(operation.TeamRemove), c.ref(),
				string(c.zed.ID))
		}},
		{"a member's permission is changed", true, func(c *cast) error {
			return c.Teams.Edit(c.Context(), c.ana.Client(operation.TeamEdit), c.ref(),
				string(c.zed.ID), teams.MemberEdit{Permission: "full"})
		}},
		{"the profile is renamed", true, func(c *cast) error {
			name := "renamed"
			return c.Profiles.Edit(c.Context(), c.ana.Client(operation.ProfileEdit), c.ref(),
				tenancy.ProfileEdit{Name: &name})
		}},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			for n := range rounds / 2 {
				c := newCast(t)
				if test.share {
					c.Share(c.plant, c.zed, tenancy.PermissionRead)
				} else if strings.HasPrefix(test.name, "an invitation") {
					c.OK(c.Teams.Invite(t.Context(), c.ana.Client(operation.TeamInvite), c.ref(),
						string(c.zed.Email), teams.Offered{}))
					for _, m := range c.allMails() {
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
				errs := together(func() (err error) {
					got, err = c.accept(a)
					return err
				}, func() error {
					return test.do(c)
				})
				c.decided(errs...)
				if errs[0] != nil {
					// The member who was to stay had left before.
					c.Refused(errs[0], problem.CodeInvalid)
					if len(a.Members) == 0 || errs[1] != nil {
						t.Errorf("got %v", errs)
					}
				} else {
					if got.State != transfer.Completed {
						t.Errorf("the transfer is %s, waiting for %q, want completed", got.State, got.Waiting)
					}
					c.wantOwner("accepted", c.ben)
					if n := c.Count("P#"+string(c.plant), "M#I#"); n != 0 {
						t.Errorf("%d invitations of the old owner are open, want none", n)
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

// The old owner makes tokens while the profile moves. None of them works after
// the move.
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
		var made [3]tokens.Made
		errs := together(
			step(func() (transfer.Transfer, error) { return c.accept(a) }),
			func() (err error) {
				made[0], err = c.Tokens.Create(t.Context(), c.ana.Client(operation.TokenCreate),
					tokens.NewToken{
						Profile: c.ref(), Email: string(c.ana.Email), Credentials: service.Credentials{Password: testkit.Password}, Name: "a",
					})
				return err
			},
			func() (err error) {
				made[1], err = c.Tokens.CreateAtLogin(t.Context(),
					service.Client{Source: testkit.Home}, tokens.NewToken{
						Profile: c.ref(), Email: string(c.ana.Email), Credentials: service.Credentials{Password: testkit.Password}, Name: "b",
					})
				return err
			},
			func() error {
				return c.Profiles.Switch(t.Context(),
					testkit.ClientOf(moving).For(operation.ProfileSwitch.Access), c.plant)
			},
		)
		c.OK(errs[0])
		c.decided(errs...)
		made[2].Text = moving
		for i, m := range made {
			if errs[i+1] != nil {
				continue
			}
			for range 2 {
				// A token that was made after the move is a member's token.
				_, edit := c.Profiles.Get(t.Context(),
					testkit.ClientOf(m.Text).For(operation.ProfileGet.Access), c.ref())
				write := c.Profiles.Edit(t.Context(),
					testkit.ClientOf(m.Text).For(operation.ProfileEdit.Access), c.ref(),
					tenancy.ProfileEdit{})
				if write == nil || edit == nil && a.Owner == tenancy.PermissionNone {
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
		do      []func(*cast) error // concurrent with a sweep
		want    []transfer.State
		mails   []string
	}{
		{"a sweep, at half time, against the last acceptance", func(c *cast) { c.gates(true, false, true); c.Advance(transfer.Life / 2) },
			[]func(*cast) error{func(c *cast) error {
				_, err := c.acceptNow()
				return err
			}}, []transfer.State{transfer.Completed}, nil},
		{"a sweep, at the end, against an acceptance that comes too late", func(c *cast) { c.gates(true, false, true); c.Advance(transfer.Life) },
			[]func(*cast) error{func(c *cast) error {
				_, err := c.acceptNow()
				if err == nil || problem.CodeOf(err) == problem.CodeInternal {
					return fmt.Errorf("too late, and got %w", err)
				}
				return nil
			}}, []transfer.State{transfer.Expired}, []string{"ended > ana", "ended > ben", "ended > support-desk"}},
		{"two sweeps, which complete", func(c *cast) {
			change(c.World, c.ben, onPlan(plan.Free))
			c.gates(true, true, true)
			change(c.World, c.ben, onPlan(plan.Scale))
			c.Advance(time.Hour)
		}, []func(*cast) error{func(c *cast) error { return sweep(c)() }},
			[]transfer.State{transfer.Completed}, []string{"given > ana", "received > ben"}},
		{"two sweeps, which end", func(c *cast) { c.Advance(transfer.Life) },
			[]func(*cast) error{func(c *cast) error { return sweep(c)() }},
			[]transfer.State{transfer.Expired}, []string{"ended > ana", "ended > ben", "ended > support-desk"}},
		{"two sweeps, which remind", func(c *cast) { c.Advance(transfer.Life / 2) },
			[]func(*cast) error{func(c *cast) error { return sweep(c)() }},
			[]transfer.State{transfer.Requested},
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

// Both sides ask to take a transfer back at the same time, or one of them and
// the agents do. The profile returns once.
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
