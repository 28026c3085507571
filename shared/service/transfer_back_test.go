package service_test

import (
	"strings"
	"testing"
	"time"

	"profiles/shared/operation"
	"profiles/shared/plan"
	"profiles/shared/problem"
	"profiles/shared/service"
	"profiles/shared/tenancy"
	"profiles/shared/testkit"
	"profiles/shared/transfer"
	"profiles/shared/value"
)

// wantBack checks that a transfer has completed, and that the profile, its team
// and the accounts are as they were. It returns the profile.
func (c *cast) wantBack(
	got transfer.Transfer, profile tenancy.Profile, anas, bens tenancy.Account,
) tenancy.Profile {
	c.Helper()
	c.wantOwner("taken back", c.ana)
	c.wantNews("taken back", "returned > ana", "returned > ben")
	p, team, err := c.Store.ProfileWithMembers(c.Context(), c.plant)
	c.OK(err)
	if got.State != transfer.Completed || p.Name != profile.Name ||
		p.Allocation != profile.Allocation || !sameFigures(c.account(c.ana), anas) ||
		!sameFigures(c.account(c.ben), bens) {
		c.Errorf("it is %s, the plant %+v, want what was before", got.State, p)
	}
	m, ok := team.Active(c.mia.ID)
	if !ok || len(team) != 1 || m.Permission != tenancy.PermissionWrite {
		c.Errorf("the team is %+v, want the member who stayed, with the permission from before", team)
	}
	return p
}

// A completed transfer can be taken back by both sides or by two agents, and by
// nobody else.
func TestTakingATransferBack(t *testing.T) {
	t.Parallel()
	type word struct {
		by   func(*cast) testkit.Person
		code problem.Code
	}
	ana := func(c *cast) testkit.Person { return c.ana }
	ben := func(c *cast) testkit.Person { return c.ben }
	sam := func(c *cast) testkit.Person { return c.sam }
	kim := func(c *cast) testkit.Person { return c.kim }
	zed := func(c *cast) testkit.Person { return c.zed }
	mia := func(c *cast) testkit.Person { return c.mia }
	for _, test := range []struct {
		name  string
		data  []word
		back  bool
		mails []string // mails of the first request
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
			p := c.wantBack(got, profile, anas, bens)
			for name, token := range map[string]string{"the one from before the transfer": old, "the new owner's": new} {
				_, err := c.Profiles.Get(t.Context(),
					testkit.ClientOf(token).For(operation.ProfileGet.Access), c.ref())
				if problem.CodeOf(err) != problem.CodeUnauthenticated {
					t.Errorf("token %s: got %v, want it dead", name, err)
				}
			}
			_, err := c.Profiles.Get(t.Context(), c.ben.Client(operation.ProfileGet), c.ref())
			c.Refused(err, problem.CodeNotFound)
			// A repetition changes nothing, and a transfer that took back
			// another cannot be taken back.
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
			// The lock starts again.
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
			t.Errorf("the transfer is %s, want completed", got.State)
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
		_, err = c.Transfers.Cancel(t.Context(), c.ben.Client(operation.TransferCancel), c.ref())
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
		// The new owner may transfer the profile to another account.
		_, err = c.request(c.ben, c.zed.Email)
		c.OK(err)
		checkWorld(c.World)
	})
}

// Each of these reasons prevents a transfer from being taken back, for a time.
func TestWhatStandsInTheWayOfTakingBack(t *testing.T) {
	t.Parallel()
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
		_, err = c.Desk.Reject(t.Context(), c.sam.Client(operation.DeskReject), r.ID, "no reason given")
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
			t.Errorf("the transfer is %s, want completed", got.State)
		}
		checkWorld(c.World)
	})
	t.Run("a password is needed, a token to write is not enough", func(t *testing.T) {
		t.Parallel()
		c := moved(t, transfer.Acceptance{})
		weak := testkit.ClientOf(c.ana.With("write", ""))
		before := c.State()
		_, err := c.Transfers.Revert(t.Context(), c.ana.Client(operation.TransferRevert),
			c.ticket.ID, service.Credentials{Password: "wrong"})
		c.Refused(err, problem.CodeUnauthenticated)
		_, err = c.Transfers.Revert(t.Context(), c.ana.Client(operation.TransferRevert),
			c.ticket.ID, service.Credentials{})
		c.Refused(err, problem.CodeInvalid)
		_, err = c.Transfers.Revert(t.Context(), weak.For(operation.TransferRevert.Access),
			c.ticket.ID, service.Credentials{Password: testkit.Password})
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
				t.Errorf("%s: got no error, want a refusal", p.Name)
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
		_, err = c.Profiles.Get(t.Context(),
			testkit.ClientOf(token).For(operation.ProfileGet.Access), c.ref())
		c.Refused(err, problem.CodeUnauthenticated)
		_, err = c.Profiles.Get(t.Context(), c.ben.Client(operation.ProfileGet), c.ref())
		c.OK(err)
		checkWorld(c.World)
	})
}
