package service_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"profiles/shared/mailing"
	"profiles/shared/operation"
	"profiles/shared/problem"
	"profiles/shared/service"
	"profiles/shared/service/teams"
	"profiles/shared/service/tokens"
	"profiles/shared/tenancy"
	"profiles/shared/testkit"
	"profiles/shared/transfer"
	"profiles/shared/value"
)

// One of the sides changes while a transfer is open.
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
}

// A transfer belongs to accounts, and an offer to the address to which it was
// made.
func TestAddressesAndTokensThatChangeMeanwhile(t *testing.T) {
	t.Parallel()
	t.Run("the owner's address changes", func(t *testing.T) {
		t.Parallel()
		c := offered(t)
		c.address(c.ana, "anna@example.com")
		c.news()
		if got := c.all(); got.State != transfer.Completed {
			t.Errorf("the transfer is %s, want completed", got.State)
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
		_, err = c.Transfers.Get(t.Context(), c.ben.Client(operation.TransferGet), c.ticket.ID)
		c.Refused(err, problem.CodeNotFound)
		// The present holder of the address has the offer.
		c.address(c.zed, "ben@example.com")
		list, err := c.Transfers.List(t.Context(), c.zed.Client(operation.TransferList),
			service.Paging{Page: 1, Amount: 10})
		c.OK(err)
		if len(list.Rows) != 1 {
			t.Errorf("the new holder of the address lists %d transfers, want the offer", len(list.Rows))
		}
		c.ben = c.zed
		if got := c.all(); got.State != transfer.Completed {
			t.Errorf("the transfer is %s, want completed", got.State)
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
		_, err = c.Transfers.Get(t.Context(), c.zed.Client(operation.TransferGet), c.ticket.ID)
		c.Refused(err, problem.CodeNotFound)
		_, err = c.Transfers.Accept(t.Context(), c.zed.Client(operation.TransferAccept),
			c.ticket.ID, c.ticket.Answer, service.Credentials{Password: testkit.Password},
			transfer.Acceptance{})
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
		c.OK(c.Tokens.Delete(t.Context(), c.ben.Client(operation.TokenDelete),
			service.ProfileRef{ID: c.ben.Home}, bens))
		_, err = c.Transfers.Accept(t.Context(),
			testkit.ClientOf(bens).For(operation.TransferAccept.Access), c.ticket.ID,
			c.ticket.Answer, service.Credentials{Password: testkit.Password}, transfer.Acceptance{})
		c.Refused(err, problem.CodeUnauthenticated)
		change(c.World, c.ben, func(a *tenancy.Account) { a.Epoch++ })
		_, err = c.accept(transfer.Acceptance{})
		c.Refused(err, problem.CodeUnauthenticated)
		c.ben.Token = c.ben.Mint(c.ben.Home, "")
		c.ana = kept
		if got := c.all(); got.State != transfer.Completed {
			t.Errorf("with other tokens: the transfer is %s, want completed", got.State)
		}
		checkWorld(c.World)
	})
}

// The basis of a consent is withdrawn after the caller was authorized and
// before the consent is committed.
func TestAConsentIsNotCommittedAfterTheRightToItIsLost(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name     string
		withdraw func(*cast)
		last     func(*cast, *service.Services) error // the consent that completes the transfer
	}{
		{"an agent is a customer again, whose word would be the last", func(c *cast) {
			_, err := c.Operator.SetType(c.Context(), string(c.sam.Email), tenancy.AccountUser)
			c.OK(err)
		}, func(c *cast, s *service.Services) error {
			_, err := s.Desk.Approve(c.Context(), c.sam.Client(operation.DeskApprove), c.ticket.ID)
			return err
		}},
		{"an agent's tokens are revoked, whose word would be the last", func(c *cast) { change(c.World, c.sam, func(a *tenancy.Account) { a.Epoch++ }) },
			func(c *cast, s *service.Services) error {
				_, err := s.Desk.Approve(c.Context(),
					c.sam.Client(operation.DeskApprove), c.ticket.ID)
				return err
			}},
		{"the owner's tokens are revoked, whose word would be the last", func(c *cast) { change(c.World, c.ana, func(a *tenancy.Account) { a.Epoch++ }) },
			func(c *cast, s *service.Services) error {
				_, err := s.Transfers.Confirm(c.Context(), c.ana.Client(operation.TransferConfirm),
					c.ticket.ID, c.ticket.Confirm, service.Credentials{Password: testkit.Password})
				return err
			}},
		{"the receiver's tokens are revoked, whose word would be the last", func(c *cast) { change(c.World, c.ben, func(a *tenancy.Account) { a.Epoch++ }) },
			func(c *cast, s *service.Services) error {
				_, err := s.Transfers.Accept(c.Context(), c.ben.Client(operation.TransferAccept),
					c.ticket.ID, c.ticket.Answer, service.Credentials{Password: testkit.Password},
					transfer.Acceptance{})
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
				s := service.New(service.Config{Keys: testkit.Keys, Passwords: testkit.Passwords,
					Background: c.Background, Store: interrupted(c.World, when,
						func() { test.withdraw(c) }), Now: c.Now, Log: quiet()})
				err = test.last(c, s)
				if got := c.stored(c.ticket.ID); err == nil || got.State != transfer.Requested {
					t.Errorf("got %v and a transfer that is %s, want a refusal", err, got.State)
				}
				checkWorld(c.World)
			})
		}
	}
}

// A move keeps or revokes each credential as follows.
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
				made := map[string]string{
					"the old owner's, of the plant": c.ana.Mint(c.plant, ""), "the old owner's own": c.ana.Token,
					"a leaving member's, of the plant": c.eve.Mint(c.plant, ""), "a leaving member's own": c.eve.Token,
					"a staying member's, of the plant": c.mia.Mint(c.plant, ""), "a staying member's own": c.mia.Token,
					"the new owner's own": c.ben.Token,
				}
				if joined {
					made["the new owner's, from its membership"] = c.ben.Mint(c.plant, "")
				}
				c.Advance(time.Second)
				a := transfer.Acceptance{Members: map[value.AccountID]tenancy.Permission{
					c.mia.ID: tenancy.PermissionWrite}}
				if keeps {
					a.Owner = tenancy.PermissionRead
				}
				for name, token := range made {
					want := problem.Code("")
					if name == "the new owner's own" && !joined {
						want = problem.CodeNotFound
					}
					_, err := c.Profiles.Get(t.Context(),
						testkit.ClientOf(token).For(operation.ProfileGet.Access), c.ref())
					if problem.CodeOf(err) != want {
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
					for name, token := range made {
						for _, memory := range []string{"remembered", "not remembered"} {
							_, err := c.Profiles.Get(t.Context(),
								testkit.ClientOf(token).For(operation.ProfileGet.Access), c.ref())
							if problem.CodeOf(err) != want[name] {
								t.Errorf("%s, %s, %s: got %v, want code %q", when, name, memory, err, want[name])
							}
							c.Restart()
						}
					}
				}
				check("after the move")
				made["the new owner's, of the plant"] = c.ben.Mint(c.plant, "")
				if keeps {
					token := c.ana.Mint(c.plant, "")
					made["the old owner's as a member, of the plant"] = token
					c.Refused(c.Profiles.Edit(t.Context(),
						testkit.ClientOf(token).For(operation.ProfileEdit.Access), c.ref(),
						tenancy.ProfileEdit{}), problem.CodeForbidden)
					c.Refused(c.Profiles.Edit(t.Context(), c.ana.Client(operation.ProfileEdit),
						c.ref(), tenancy.ProfileEdit{}), problem.CodeForbidden)
				}
				_, err := c.Profiles.Purge(t.Context())
				c.OK(err)
				check("after the dead tokens were reclaimed")
				for name, token := range made {
					n := c.Count("T#"+token[2:10], "")
					if n != map[bool]int{true: 0,
						false: 1}[want[name] == problem.CodeUnauthenticated] {
						t.Errorf("%d items are left of the token %s", n, name)
					}
				}
				rows, err := c.Tokens.List(t.Context(), c.ben.Client(operation.TokenList), c.ref(),
					tokens.Query{Paging: service.Paging{Page: 1, Amount: 100}})
				c.OK(err)
				for _, row := range rows.Rows {
					if row.Account == c.eve.ID || row.Account == c.ana.ID && !keeps {
						t.Errorf("the new owner's list has a token of %s", row.Account)
					}
				}
				c.Refused(c.Profiles.Delete(t.Context(), c.ana.Client(operation.ProfileDelete),
					c.ref(), service.Credentials{Password: testkit.Password}),
					map[bool]problem.Code{true: problem.CodeForbidden,
						false: problem.CodeNotFound}[keeps])
				checkWorld(c.World)
			})
		}
	}
}

// Clocks differ: the receiver joined the team in the millisecond of the move,
// or later by the clock of that request.
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
		_, err := c.Profiles.Get(t.Context(),
			testkit.ClientOf(token).For(operation.ProfileGet.Access), c.ref())
		c.Refused(err, problem.CodeUnauthenticated)
		_, err = c.Profiles.Get(t.Context(),
			testkit.ClientOf(c.ben.Mint(c.plant, "")).For(operation.ProfileGet.Access), c.ref())
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

// Invitations end with the ownership of the account that made them.
func TestInvitationsEndWithTheMove(t *testing.T) {
	t.Parallel()
	c := newCast(t)
	c.OK(c.Teams.Invite(t.Context(), c.ana.Client(operation.TeamInvite), c.ref(),
		string(c.zed.Email), teams.Offered{Permission: "full"}))
	code := ""
	for _, m := range c.allMails() {
		if m.Kind == mailing.KindTeamInvited {
			code = m.Data["code"]
		}
	}
	c.offer(c.ben.Email)
	c.all()
	c.Refused(c.Teams.Accept(t.Context(), c.zed.Client(operation.InvitationAccept), code),
		problem.CodeInvalid)
	c.Refused(c.Teams.AcceptByCode(t.Context(), service.Client{}, code), problem.CodeInvalid)
	if n := c.Count("I#", "") + c.Count("P#", "M#I#") + c.Count("E#", "I#"); n != 0 {
		t.Errorf("%d items of the invitation are left, want none", n)
	}
	checkWorld(c.World)
}
