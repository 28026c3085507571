package service_test

import (
	"fmt"
	"reflect"
	"strings"
	"testing"
	"time"

	"profiles/shared/billing"
	"profiles/shared/operation"
	"profiles/shared/plan"
	"profiles/shared/problem"
	"profiles/shared/service"
	"profiles/shared/service/teams"
	"profiles/shared/store"
	"profiles/shared/tenancy"
	"profiles/shared/testkit"
	"profiles/shared/transfer"
	"profiles/shared/value"
)

// copies holds every copy of a fact that the table has against the fact:
//
//	a profile's name and logo            in each grant on it; the name in its open transfer, and shown by lists, views and invitations
//	a profile's owner                    in each grant on it
//	a profile's epoch                    in the grant of its owner
//	an account's plan, anchor, epochs    in each of its profiles
//	what a profile has of its account    in the profile
//	an account's address                 in the reservation of the address
//	an account's name and address        nowhere; shown by teams, offers and invitations
//	a member's permission and epoch      in its grant
//	an invitation's address, permission  in its place in the team
//	a token's name, end, permission      in its row
func (c *cast) copies(when string) {
	c.Helper()
	wrong := func(format string, args ...any) {
		c.Helper()
		c.Errorf("%s: %s", when, fmt.Sprintf(format, args...))
	}
	seen := 0
	for _, it := range c.Items() {
		switch {
		case it.SK == "P" && strings.HasPrefix(it.PK, "P#"):
			seen++
			c.copiesOf(value.ProfileID(it.PK[2:]), wrong)
		case it.SK == "A" && strings.HasPrefix(it.PK, "A#"):
			batch := c.Store.Batch()
			a := batch.Account(value.AccountID(it.PK[2:]))
			c.OK(batch.Get(c.Context()))
			batch = c.Store.Batch()
			reservation := batch.EmailReservation(a.Value.Email)
			c.OK(batch.Get(c.Context()))
			if reservation.Value.Account != a.Value.ID {
				wrong("%s has the address %s, whose reservation is %s's", a.Value.Name, a.Value.Email, reservation.Value.Account)
			}
		}
	}
	if seen == 0 {
		c.Fatalf("%s: nothing was compared", when)
	}
}

func (c *cast) copiesOf(id value.ProfileID, wrong func(string, ...any)) {
	c.Helper()
	p, team, err := c.Store.ProfileWithMembers(c.Context(), id)
	c.OK(err)
	batch := c.Store.Batch()
	owner, open := batch.Account(p.Owner), batch.OpenTransfer(id)
	grants := []*store.Found[tenancy.Grant]{batch.Grant(p.Owner, id)}
	wanted := []tenancy.Grant{p.OwnerGrant()}
	accounts := map[value.AccountID]*store.Found[tenancy.Account]{}
	invitations := map[tenancy.InvitationID]*store.Found[tenancy.Invitation]{}
	for _, m := range team {
		if m.Active {
			accounts[m.Account] = batch.Account(m.Account)
			grants = append(grants, batch.Grant(m.Account, id))
			wanted = append(wanted, p.MemberGrant(m))
		} else {
			invitations[m.Invitation] = batch.Invitation(m.Code)
		}
	}
	c.OK(batch.Get(c.Context()))
	if want := p.Of(owner.Value); !reflect.DeepEqual(want, p) {
		wrong("the profile is %+v, and its owner says %+v", p, want)
	}
	for i, g := range grants {
		if g.Value != wanted[i] {
			wrong("the grant is %+v, want %+v", g.Value, wanted[i])
		}
	}
	if open.OK {
		batch := c.Store.Batch()
		t := batch.Transfer(open.Value)
		c.OK(batch.Get(c.Context()))
		if t.Value.ProfileName != p.Name {
			wrong("the transfer calls the profile %q, and it is %q", t.Value.ProfileName, p.Name)
		}
	}
	for _, m := range team {
		i := invitations[m.Invitation]
		if !m.Active && (i.Value.Email != m.Email || i.Value.Permission != m.Permission ||
			i.Value.ID != m.Invitation) {
			wrong("the place is %+v, and the invitation %+v", m, i.Value)
		}
	}
	// The answers show people the same values.
	for _, who := range []testkit.Person{c.ana, c.ben, c.zed} {
		if who.ID != p.Owner {
			continue
		}
		listed, err := c.Teams.List(c.Context(), who.Client(operation.TeamList),
			service.ProfileRef{ID: id}, false)
		c.OK(err)
		for _, m := range listed {
			a := accounts[m.Account]
			if m.Active && (m.Name != a.Value.Name || m.Email != a.Value.Email) {
				wrong("the team has %q, %s, and the account is %q, %s", m.Name, m.Email, a.Value.Name, a.Value.Email)
			}
		}
	}
	for row, err := range c.Store.TokenRows(c.Context(), id, store.Walk{}) {
		c.OK(err)
		batch := c.Store.Batch()
		token := batch.Token(row.ID)
		c.OK(batch.Get(c.Context()))
		want := token.Value
		want.Hash, row.Hash = nil, nil
		if got, want := fmt.Sprintf("%+v", row), fmt.Sprintf("%+v", want); got != want {
			wrong("the row is %s, and the token %s", got, want)
		}
	}
}

// Each fact of the list is changed by the operation that people use. Each copy
// changes in the same commit.
func TestEveryCopyFollowsItsFact(t *testing.T) {
	t.Parallel()
	c := offered(t)
	c.OK(c.Teams.Invite(t.Context(), c.ana.Client(operation.TeamInvite), c.ref(), "later@example.com",
		teams.Offered{Permission: "read"}))
	token := c.ana.Mint(c.plant, "")
	c.mia.Mint(c.plant, "")
	ctx := t.Context()
	text := func(s string) *string { return &s }
	c.copies("at first")
	for _, change := range []struct {
		what string
		do   func() error
	}{
		{"a member's name", func() error {
			return c.Accounts.Edit(ctx, c.mia.Client(operation.AccountEdit),
				tenancy.AccountEdit{Name: text("Mia Other")})
		}},
		{"the owner's name", func() error {
			return c.Accounts.Edit(ctx, c.ana.Client(operation.AccountEdit),
				tenancy.AccountEdit{Name: text("Ana Other")})
		}},
		{"a member's address", func() error { c.address(c.mia, "mia@elsewhere.example"); return nil }},
		{"the profile's name", func() error {
			return c.Profiles.Edit(ctx, c.ana.Client(operation.ProfileEdit), c.ref(),
				tenancy.ProfileEdit{Name: text("Works")})
		}},
		{"the profile's name, by the token's own", func() error {
			return c.Profiles.Edit(ctx, testkit.ClientOf(token).For(operation.ProfileEdit.Access),
				service.ProfileRef{Current: true}, tenancy.ProfileEdit{Name: text("Mill")})
		}},
		{"the profile's logo", func() error {
			return c.Profiles.Edit(ctx, c.ana.Client(operation.ProfileEdit), c.ref(),
				tenancy.ProfileEdit{LogoURL: text("https://example.com/l.png")})
		}},
		{"a permission", func() error {
			return c.Teams.Edit(ctx, c.ana.Client(operation.TeamEdit), c.ref(),
				string(c.mia.ID), teams.MemberEdit{Permission: "full"})
		}},
		{"an invitation", func() error {
			c.Advance(time.Minute)
			return c.Teams.Invite(ctx, c.ana.Client(operation.TeamInvite), c.ref(), "later@example.com",
				teams.Offered{Permission: "write"})
		}},
		{"an add-on", func() error {
			return c.Billing.EditAddons(ctx, c.ana.Client(operation.AddonEdit), c.ref(),
				map[plan.Addon]bool{plan.AddonMobile: true})
		}},
		{"an allocation", func() error {
			return c.Billing.Allocate(ctx, c.ana.Client(operation.AllocationEdit),
				map[value.ProfileID]map[plan.Service]int64{
					c.ana.Home: {plan.ServiceSMS: 1}, c.plant: {plan.ServiceSMS: 2},
				})
		}},
		{"a token's name", func() error {
			return c.Tokens.Edit(ctx, c.ana.Client(operation.TokenEdit), c.ref(), token,
				tenancy.TokenEdit{Name: text("phone")}, service.Credentials{})
		}},
		{"a token's limits", func() error {
			return c.Tokens.Edit(ctx, c.ana.Client(operation.TokenEdit), c.ref(), token,
				tenancy.TokenEdit{TokenLimits: tenancy.TokenLimits{AllowList: &[]string{"192.0.2.0/24"}}},
				service.Credentials{Password: testkit.Password})
		}},
		{"the plan and the cycle of an account", func() error {
			scale := plan.Scale
			return c.Billing.Edit(ctx, c.zed.Client(operation.SubscriptionEdit),
				billing.SubscriptionEdit{Plan: &scale})
		}},
		{"the epochs of an account", func() error {
			return c.Accounts.SetPassword(ctx, c.zed.Client(operation.PasswordSet), another,
				service.Credentials{Password: testkit.Password})
		}},
		{"the tokens of a member", func() error {
			return c.Tokens.RevokeMember(ctx, c.ana.Client(operation.TokenRevokeMember), c.ref(),
				string(c.mia.ID))
		}},
		{"all tokens", func() error { return c.Tokens.RevokeAll(ctx, c.ana.Client(operation.TokenRevokeAll), c.ref()) }},
	} {
		c.Advance(time.Second)
		if err := change.do(); err != nil {
			t.Fatalf("%s: %v", change.what, err)
		}
		c.copies(change.what)
	}
	// The sides of the transfer see the present names, and so does the person
	// who moves it.
	for _, by := range []testkit.Person{c.ana, c.ben} {
		v, err := c.Transfers.Get(ctx, by.Client(operation.TransferGet), c.ticket.ID)
		c.OK(err)
		if v.Transfer.ProfileName != "Mill" {
			t.Errorf("%s sees the profile as %q", by.Name, v.Transfer.ProfileName)
		}
		if by.ID == c.ben.ID && (len(v.Team) == 0 || v.Source.Name != "Ana Other" || v.Team[0].Name == "") {
			t.Errorf("the receiving side chooses among %+v of %q", v.Team, v.Source.Name)
		}
	}
	later := c.SignUp("later@example.com")
	told := strings.Join(c.noticesOf(later), "\n")
	if !strings.Contains(told, "Ana Other") || !strings.Contains(told, "Mill") || strings.Contains(told, "plant") {
		t.Errorf("an account that is made later is told %q", told)
	}
	c.allOn(transfer.Acceptance{Allocation: map[plan.Service]int64{plan.ServiceSMS: 0}})
	c.wantOwner("after the move", c.ben)
	c.copies("the owner")
}

// All teams show the present name and address of a member, however many teams
// there are.
func TestManyTeamsShowANewName(t *testing.T) {
	t.Parallel()
	w := testkit.New(t)
	mia := w.Quick("mia")
	const owners = 60
	people := make([]testkit.Person, owners)
	for i := range people {
		people[i] = w.Quick(fmt.Sprint("owner", i))
		w.Share(people[i].Home, mia, tenancy.PermissionRead)
	}
	name := "Mia Other"
	w.OK(w.Accounts.Edit(t.Context(), mia.Client(operation.AccountEdit),
		tenancy.AccountEdit{Name: &name}))
	c := &cast{World: w}
	c.address(mia, "mia@elsewhere.example")
	for _, p := range people {
		team, err := w.Teams.List(t.Context(), p.Client(operation.TeamList),
			service.ProfileRef{ID: p.Home}, false)
		w.OK(err)
		if len(team) != 1 || team[0].Name != name || team[0].Email != "mia@elsewhere.example" {
			t.Fatalf("%s has the team %+v", p.Name, team)
		}
	}
	// The owner who invites the new address gets the answer that it belongs to
	// a member.
	w.Refused(w.Teams.Invite(t.Context(), people[59].Client(operation.TeamInvite),
		service.ProfileRef{ID: people[59].Home}, "mia@elsewhere.example", teams.Offered{}), problem.CodeInvalid)
}
