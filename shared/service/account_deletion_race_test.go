package service_test

import (
	"maps"
	"strings"
	"testing"
	"time"

	"profiles/shared/billing"
	"profiles/shared/mailing"
	"profiles/shared/operation"
	"profiles/shared/plan"
	"profiles/shared/problem"
	"profiles/shared/service"
	"profiles/shared/service/accounts"
	"profiles/shared/service/notifications"
	"profiles/shared/service/teams"
	"profiles/shared/service/tokens"
	"profiles/shared/service/transfers"
	"profiles/shared/tenancy"
	"profiles/shared/testkit"
	"profiles/shared/transfer"
	"profiles/shared/value"
)

// leaving is a cast in which ana is about to delete her account. The plant is
// offered to ben, and zed is invited to it. She is a member of ben's home,
// invited to zed's, and the receiver of two transfers: of a profile of zed's,
// and of one of ben's that she has accepted.
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
		c.OK(c.Teams.Invite(t.Context(), c.ana.Client(operation.TeamInvite), c.ref(),
			string(c.zed.Email), teams.Offered{}))
		c.offeredTo = c.Offer(c.zed.Profile("zeds"), c.zed, c.ana.Email)
		c.acceptedBy = c.Offer(c.ben.Profile("bens"), c.ben, c.ana.Email)
		_, err := c.Transfers.Accept(t.Context(), c.ana.Client(operation.TransferAccept),
			c.acceptedBy.ID, c.acceptedBy.Answer, service.Credentials{Password: testkit.Password},
			transfer.Acceptance{})
		c.OK(err)
		_, err = c.Notifications.Create(t.Context(),
			c.ana.Client(operation.NotificationCreate), "title", "message", false)
		c.OK(err)
		return *c, c.World
	})
	c.cast = c.cast.in(w, nil)
	return &c
}

func deleteAccount(s *service.Services, w *testkit.World, p testkit.Person) error {
	return s.Accounts.Delete(w.Context(), p.Client(operation.AccountDelete),
		service.Credentials{Password: testkit.Password})
}

func purgeAccounts(w *testkit.World) int {
	w.Helper()
	n, err := w.Accounts.Purge(w.Context())
	w.OK(err)
	return n
}

// traces lists what the table has of an account, apart from what it keeps on
// purpose. That is the audit log, the statement, mails, the rows of transfers
// that have ended, which name no person, and lapsed codes and invitations,
// which have no effect and expire by themselves.
func traces(w *testkit.World, p testkit.Person) (out []string) {
	w.Helper()
	for _, r := range scan(w) {
		pk, sk := r.text("PK"), r.text("SK")
		kind, id, _ := strings.Cut(pk, "#")
		mine := id == string(p.ID) || id == string(p.Email) || r.text("account") == string(p.ID) ||
			r.text("owner") == string(p.ID) ||
			strings.Contains(sk, string(p.ID)) || r.text("email") == string(p.Email)
		switch {
		case !mine, kind == "L", kind == "B", kind == "O", kind == "C":
		case kind == "X" && r.number("ttl") != 0, strings.HasPrefix(sk, "X#") &&
			r.number("ttl") != 0, kind == "I" && r.text("state") != "pending":
		// a lapsed invitation stays in the list of the owner
		case strings.HasPrefix(sk, "M#I#") && r.number("ttl") != 0 && r.number("expires") < w.Now().UnixMilli():
		// the removal from a team, which TestAMemberIsNotRestored shows to have
		// no effect, is kept for an hour and not longer
		case kind == "D" && strings.HasPrefix(sk, "R#") &&
			r.number("ttl") <= w.Now().Add(tenancy.RemovalUndo).Unix() && r.number("ttl") != 0:
		default:
			out = append(out, pk+" "+sk)
		}
	}
	return out
}

// gone fails the test unless nothing of an account is left after the sweeps.
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
	for _, m := range allMails(w, scan(w)) {
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

// titlesOf are the titles of a person's notifications.
func titlesOf(w *testkit.World, p testkit.Person) (titles []string) {
	w.Helper()
	list, err := w.Notifications.List(w.Context(), p.Client(operation.NotificationList),
		notifications.Query{Paging: service.Paging{Page: 1, Amount: 100}})
	w.OK(err)
	for _, n := range list.Rows {
		titles = append(titles, n.Title)
	}
	return titles
}

// rival is an event in ana's account while she deletes it.
type rival struct {
	prepare func(*leaving)
	do      func(*leaving, *service.Services) error
}

// rivalsOfTransfer are what may happen to a transfer that the account gets or
// makes.
func rivalsOfTransfer() map[string]rival {
	answer := func(c *leaving, s *service.Services) error {
		_, err := s.Transfers.Accept(c.Context(), c.ana.Client(operation.TransferAccept),
			c.offeredTo.ID, c.offeredTo.Answer, service.Credentials{Password: testkit.Password},
			transfer.Acceptance{})
		return err
	}
	return map[string]rival{
		"an offer that it accepts": {do: answer},
		"a move to it": {
			prepare: func(c *leaving) {
				_, err := c.Transfers.Confirm(c.Context(),
					c.zed.Client(operation.TransferConfirm), c.offeredTo.ID, c.offeredTo.Confirm,
					service.Credentials{Password: testkit.Password})
				c.OK(err)
				_, err = c.Desk.Approve(c.Context(),
					c.sam.Client(operation.DeskApprove), c.offeredTo.ID)
				c.OK(err)
			},
			do: answer,
		},
		"a move from it": {
			prepare: func(c *leaving) { c.gates(true, false, true) },
			do: func(c *leaving, s *service.Services) error {
				_, err := s.Transfers.Accept(c.Context(), c.ben.Client(operation.TransferAccept),
					c.ticket.ID, c.ticket.Answer, service.Credentials{Password: testkit.Password},
					transfer.Acceptance{Owner: tenancy.PermissionRead})
				return err
			},
		},
		"an offer that it makes": {do: func(c *leaving, s *service.Services) error {
			_, err := s.Transfers.Request(c.Context(), c.ana.Client(operation.TransferRequest),
				service.ProfileRef{ID: c.ana.Home}, transfers.Request{Email: string(c.zed.Email),
					Credentials: service.Credentials{Password: testkit.Password}})
			return err
		}},
		"an offer that it gets": {do: func(c *leaving, s *service.Services) error {
			_, err := s.Transfers.Request(c.Context(), c.zed.Client(operation.TransferRequest),
				service.ProfileRef{ID: c.zed.Home}, transfers.Request{Email: string(c.ana.Email),
					Credentials: service.Credentials{Password: testkit.Password}})
			return err
		}},
	}
}

func rivals() map[string]rival {
	first := func(c *leaving) service.ProfileRef { return service.ProfileRef{ID: c.ana.Home} }
	return map[string]rival{
		"signing in": {do: func(c *leaving, s *service.Services) error {
			_, err := s.Accounts.Login(c.Context(), service.Client{Source: testkit.Home},
				string(c.ana.Email), service.Credentials{Password: testkit.Password})
			return err
		}},
		"a token at sign-in": {do: func(c *leaving, s *service.Services) error {
			_, err := s.Tokens.CreateAtLogin(c.Context(),
				service.Client{Source: testkit.Home}, tokens.NewToken{
					Profile: first(c), Email: string(c.ana.Email), Credentials: service.Credentials{Password: testkit.Password}, Name: "x",
				})
			return err
		}},
		"a token at sign-in, of a shared profile": {do: func(c *leaving, s *service.Services) error {
			_, err := s.Tokens.CreateAtLogin(c.Context(),
				service.Client{Source: testkit.Home}, tokens.NewToken{
					Profile: service.ProfileRef{ID: c.ben.Home}, Email: string(c.ana.Email), Credentials: service.Credentials{Password: testkit.Password}, Name: "x",
				})
			return err
		}},
		"a token": {do: func(c *leaving, s *service.Services) error {
			_, err := s.Tokens.Create(c.Context(), c.ana.Client(operation.TokenCreate),
				tokens.NewToken{Profile: first(c), Email: string(c.ana.Email),
					Credentials: service.Credentials{Password: testkit.Password}, Name: "x"})
			return err
		}},
		"a token that moves": {do: func(c *leaving, s *service.Services) error {
			return s.Profiles.Switch(c.Context(),
				testkit.ClientOf(c.ana.Mint(c.plant, "")).For(operation.ProfileSwitch.Access),
				c.ana.Home)
		}},
		"a profile": {do: func(c *leaving, s *service.Services) error {
			_, err := s.Profiles.Create(c.Context(),
				c.ana.Client(operation.ProfileCreate), "late", false)
			return err
		}},
		"an edit": {do: func(c *leaving, s *service.Services) error {
			name := "Anna"
			return s.Accounts.Edit(c.Context(), c.ana.Client(operation.AccountEdit),
				tenancy.AccountEdit{Name: &name})
		}},
		"an edit of a profile": {do: func(c *leaving, s *service.Services) error {
			name := "home"
			return s.Profiles.Edit(c.Context(), c.ana.Client(operation.ProfileEdit), first(c),
				tenancy.ProfileEdit{Name: &name})
		}},
		"a new password": {do: func(c *leaving, s *service.Services) error {
			return s.Accounts.SetPassword(c.Context(), c.ana.Client(operation.PasswordSet), another,
				service.Credentials{Password: testkit.Password})
		}},
		"an invitation that it accepts": {do: func(c *leaving, s *service.Services) error {
			return s.Teams.AcceptByCode(c.Context(),
				service.Client{}, codeOf(c, c.ana.Email, mailing.KindTeamInvited))
		}},
		"an invitation that it accepts, signed in": {do: func(c *leaving, s *service.Services) error {
			return s.Teams.Accept(c.Context(), c.ana.Client(operation.InvitationAccept),
				codeOf(c, c.ana.Email, mailing.KindTeamInvited))
		}},
		"an invitation to a profile of it that another accepts": {do: func(c *leaving, s *service.Services) error {
			return s.Teams.Accept(c.Context(), c.zed.Client(operation.InvitationAccept),
				codeOf(c, c.zed.Email, mailing.KindTeamInvited))
		}},
		"an invitation that it makes": {do: func(c *leaving, s *service.Services) error {
			return s.Teams.Invite(c.Context(), c.ana.Client(operation.TeamInvite), first(c),
				string(c.kim.Email), teams.Offered{})
		}},
		"an invitation that it gets": {do: func(c *leaving, s *service.Services) error {
			return s.Teams.Invite(c.Context(), c.kim.Client(operation.TeamInvite),
				service.ProfileRef{ID: c.kim.Home}, string(c.ana.Email), teams.Offered{})
		}},
		"an operator's membership": {do: func(c *leaving, s *service.Services) error {
			return s.Operator.AddMember(c.Context(), c.kim.Home, c.ana.ID, tenancy.PermissionFull)
		}},
		"an operator's role": {do: func(c *leaving, s *service.Services) error {
			_, err := s.Operator.SetType(c.Context(), string(c.ana.Email), tenancy.AccountSupport)
			return err
		}},
		"a renewal": {
			prepare: func(c *leaving) {
				c.Advance(35 * 24 * time.Hour)
				_, err := c.Teams.Expire(c.Context()) // the sweep of invitations, as in every hour
				c.OK(err)
				c.ana.Token = c.ana.Mint(c.ana.Home, "never")
			},
			do: func(c *leaving, s *service.Services) error { _, err := s.Billing.Renew(c.Context()); return err },
		},
		"use of a profile": {do: func(c *leaving, s *service.Services) error {
			_, err := s.Usage.Report(c.Context(), dataPlane.For(operation.UsageReport.Access),
				c.ana.Home, []billing.ReportedLine{used(plan.ServiceSMS, 10, "x")})
			return err
		}},
		"a member that leaves": {do: func(c *leaving, s *service.Services) error {
			return s.Teams.Remove(c.Context(), c.mia.Client(operation.TeamRemove), c.ref(),
				string(c.mia.ID))
		}},
		"a team that removes it": {do: func(c *leaving, s *service.Services) error {
			return s.Teams.Remove(c.Context(), c.ben.Client(operation.TeamRemove),
				service.ProfileRef{ID: c.ben.Home}, string(c.ana.ID))
		}},
		"a team that takes it back": {
			prepare: func(c *leaving) {
				c.OK(c.Teams.Remove(c.Context(), c.ben.Client(operation.TeamRemove),
					service.ProfileRef{ID: c.ben.Home}, string(c.ana.ID)))
			},
			do: func(c *leaving, s *service.Services) error {
				return s.Teams.Restore(c.Context(), c.ben.Client(operation.TeamRestore),
					service.ProfileRef{ID: c.ben.Home}, string(c.ana.ID))
			},
		},
		"a sign-up": {do: func(c *leaving, s *service.Services) error {
			return s.Accounts.Create(c.Context(), source(1), accounts.NewAccount{Name: "Zoe",
				Email: string(c.ana.Email), Password: another, Repeated: another})
		}},
	}
}

func codeOf(c *leaving, to value.Email, kind mailing.Kind) (code string) {
	c.Helper()
	for _, m := range c.allMails() {
		if m.To == string(to) && m.Kind == kind {
			code = m.Data["code"]
		}
	}
	return code
}

// A change at the same time either comes before the deletion, and is deleted
// with the account, or fails because it is too late. The worst moment is
// between the reads and the write of an operation, so each operation is tried
// within the other.
func TestDeletionAgainstEverythingElse(t *testing.T) {
	testkit.NeedsEngine(t)
	t.Parallel()
	all := rivals()
	maps.Copy(all, rivalsOfTransfer())
	for name, r := range all {
		begin := func() *leaving {
			c := newLeaving(t)
			if r.prepare != nil {
				r.prepare(c)
			}
			return c
		}
		late := func(c *leaving, do func()) *service.Services {
			return service.New(service.Config{Keys: testkit.Keys, Background: c.Background,
				Store: interrupted(c.World, "TransactWriteItems", do), Now: c.Now, Log: quiet()})
		}
		end := func(c *leaving, when string, removed error) {
			t.Helper()
			if removed != nil {
				// A profile that was received by a transfer prevents the
				// deletion of the account. The answer would show that.
				c.Refused(removed, problem.CodeForbidden)
				checkWorld(c.World)
				return
			}
			c.Advance(time.Minute)
			when = name + ", " + when
			if name == "a sign-up" || strings.HasPrefix(name, "an offer that it gets") || strings.HasPrefix(name, "an invitation that it gets") {
				// These mails are for the next account with the address.
				purgeAccounts(c.World)
				n := c.Count("A#"+string(c.ana.ID), "A") + c.Count("A#"+string(c.ana.ID), "P#")
				if n != 0 {
					t.Errorf("%s: %d items of the account are left, want none", when, n)
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
				// The password was changed, and the deletion has the earlier
				// one. A repetition with the right one is another case.
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

func alike(numbers map[string]int) bool {
	different := map[int]bool{}
	for _, n := range numbers {
		different[n] = true
	}
	return len(different) == 1
}

// tries is the number of measurements of each address. Concurrent requests
// count as one round trip if they overlap, which on a busy machine they may not
// do. The smallest number counts.
const tries = 5

func fewer(fewest map[string]int, what string, n int) {
	if old, ok := fewest[what]; !ok || n < old {
		fewest[what] = n
	}
}
