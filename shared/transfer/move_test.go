package transfer_test

import (
	"fmt"
	"testing"
	"time"

	"profiles/shared/billing"
	"profiles/shared/plan"
	"profiles/shared/problem"
	"profiles/shared/problem/problemtest"
	"profiles/shared/tenancy"
	"profiles/shared/testkit/rules"
	"profiles/shared/transfer"
	"profiles/shared/value"
)

func TestComplete(t *testing.T) {
	t.Parallel()
	now := asked.Add(2 * time.Hour)
	name := "Works"
	c := offered(t)
	c.Profile.Addons, c.Transfer.Offered = billing.Addons{
		CustomDNS: true,
	}, billing.Addons{
		CustomDNS: true,
	}
	invited, old := open("inv", now.Add(day)), open("old", now)
	c.Team = append(c.Team, member("takes", tenancy.PermissionWrite), invited, old)
	agree(t, &c, transfer.Acceptance{
		Name:       &name,
		Allocation: map[plan.Service]int64{plan.ServiceSMS: 7},
		Members: map[value.AccountID]tenancy.Permission{
			"ben":   tenancy.PermissionWrite,
			"takes": tenancy.PermissionRead,
		},
		Owner: tenancy.PermissionRead,
	})
	before := copied(c.Transfer)
	got := moved(t, c, now)

	allocation := rules.Each(100)
	allocation[plan.ServiceSMS] = 7
	want := transfer.Move{
		Transfer:    before,
		Profile:     c.Profile,
		Source:      gives,
		Destination: takes,
	}
	want.Profile.Owner, want.Profile.Name, want.Profile.Allocation = takes.ID, "Works", allocation
	want.Profile.Plan, want.Profile.Anchor = takes.Plan, takes.Anchor
	want.Profile.OwnerEpoch, want.Profile.Epoch = takes.Epoch, now.UnixMilli()
	want.Profile.Addons = c.Profile.Addons
	want.Profile.Transferred, want.Profile.Updated = now, now
	want.Profile.QuotaVersion++
	want.Source.Shares, want.Source.Updated = map[value.ProfileID]billing.Share{
		"works": gives.Shares["works"],
	}, now
	want.Destination.Shares, want.Destination.Updated = map[value.ProfileID]billing.Share{
		"store": takes.Shares["store"],
		"plant": {Allocation: allocation, Addons: c.Profile.Addons, Updated: now},
	}, now
	if free := rules.Each(600).Minus(allocation); got.Source.Free(now) != rules.Each(800) ||
		got.Destination.Free(now) != free || got.Source.Profiles() != 1 ||
		got.Destination.Profiles() != 2 {
		t.Errorf(
			"free: got %v and %v, want %v and %v",
			got.Source.Free(now),
			got.Destination.Free(now),
			rules.Each(800),
			free,
		)
	}
	ben := c.Team[0]
	ben.Permission = tenancy.PermissionWrite
	want.Stay, want.Leave, want.Void, want.Joined = tenancy.Team{
		ben,
	}, tenancy.Team{
		c.Team[1],
	}, tenancy.Team{
		invited,
	}, &c.Team[2]
	want.Previous = &tenancy.Member{
		Profile:    "plant",
		Account:    gives.ID,
		Permission: tenancy.PermissionRead,
		Epoch:      now.UnixMilli(),
		Active:     true,
		Created:    now,
	}
	want.Transfer.State, want.Transfer.Ended = transfer.Completed, now
	want.Transfer.Before = transfer.Terms{
		Name:        "Plant",
		Allocation:  rules.Each(100),
		Addons:      c.Profile.Addons,
		TokenPolicy: &tenancy.TokenPolicy{},
		Members: map[value.AccountID]tenancy.Permission{
			"ben":   tenancy.PermissionRead,
			"cem":   tenancy.PermissionFull,
			"takes": tenancy.PermissionWrite,
		},
	}
	want.Transfer.Timeline = append(
		want.Transfer.Timeline,
		transfer.Event{
			Time: now,
			What: transfer.EventEnded,
			By:   transfer.PartySystem,
			Text: "completed",
		},
	)
	rules.Same(t, "the move", got, want)
	rules.Same(t, "the transfer that was read", c.Transfer, before)
}

func TestWithoutAChoiceEverybodyLeavesAndAllElseStays(t *testing.T) {
	t.Parallel()
	c := offered(t)
	c.Destination.Plan, c.Profile.Plan = plan.Starter, plan.Scale
	agree(t, &c, transfer.Acceptance{})
	m := moved(t, c, asked.Add(2*time.Hour))
	if m.Stay != nil || m.Void != nil || m.Previous != nil || m.Joined != nil {
		t.Errorf("got %+v", m)
	}
	rules.Same(t, "who leaves", m.Leave, c.Team)
	if p := m.Profile; p.Name != "Plant" || p.Allocation != rules.Each(100) || p.ID != "plant" ||
		p.LogoURL != c.Profile.LogoURL ||
		p.Plan != plan.Starter {
		t.Errorf("got %+v", p)
	}
}

func TestATeamOfTheWholePlanMoves(t *testing.T) {
	t.Parallel()
	for _, owner := range []tenancy.Permission{tenancy.PermissionNone, tenancy.PermissionFull} {
		c := offered(t)
		stay := map[value.AccountID]tenancy.Permission{}
		c.Team = nil
		for i := range 5 {
			m := member(fmt.Sprint("m", i), tenancy.PermissionRead)
			c.Team = append(c.Team, m)
			if i > 0 || owner == tenancy.PermissionNone {
				stay[m.Account] = tenancy.PermissionFull
			}
		}
		agree(t, &c, transfer.Acceptance{Members: stay, Owner: owner})
		m := moved(t, c, asked.Add(2*time.Hour))
		n := len(m.Stay)
		if m.Previous != nil {
			n++
		}
		if n != 5 || len(m.Stay)+len(m.Leave) != 5 {
			t.Errorf("got a team of %d, and %d of 5 who stay or leave", n, len(m.Stay)+len(m.Leave))
		}
	}
}

// The acceptance names the members who stay. A member who joined after it
// leaves.
func TestWhoJoinedAfterTheAcceptanceLeaves(t *testing.T) {
	t.Parallel()
	c := agreed(t)
	late := member("late", tenancy.PermissionFull)
	c.Team = append(c.Team[1:], late)
	m := moved(t, c, asked.Add(2*time.Hour))
	rules.Same(t, "who leaves", m.Leave, tenancy.Team{c.Team[0], late})
	if m.Stay != nil {
		t.Errorf("got %+v, want nobody: the one who was to stay has left", m.Stay)
	}
}

func TestNothingMovesWithoutEveryWord(t *testing.T) {
	t.Parallel()
	now := asked.Add(2 * time.Hour)
	type in = *transfer.Context
	for name, c := range map[string]struct {
		change func(in)
		want   bool
	}{
		"all have agreed":                 {func(in) {}, true},
		"the owner has not confirmed":     {func(c in) { c.Transfer.Confirmed = time.Time{} }, false},
		"the receiver has not accepted":   {func(c in) { c.Transfer.Accepted = time.Time{} }, false},
		"the desk has not approved":       {func(c in) { c.Transfer.Approvals = nil }, false},
		"without the desk, nobody has to": {func(c in) { c.Transfer.Approvals, c.Transfer.Policy = nil, transfer.PolicyAuto }, true},
		"a policy that nobody knows":      {func(c in) { c.Transfer.Approvals, c.Transfer.Policy = nil, "" }, false},
		"its time is over":                {func(c in) { c.Transfer.Expires = now }, false},
		"a little before its time":        {func(c in) { c.Transfer.Expires = now.Add(tick) }, true},
		"it was canceled":                 {func(c in) { c.Transfer.State = transfer.Canceled }, false},
		"it has completed":                {func(c in) { c.Transfer.State = transfer.Completed }, false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			given := agreed(t)
			c.change(&given)
			m, _ := given.Complete(now)
			if got := m.Transfer.State == transfer.Completed; got != c.want {
				t.Errorf("completed: got %v, want %v", got, c.want)
			}
			if !c.want {
				rules.Same(t, "what moves", m, transfer.Move{})
			}
		})
	}
}

// The epoch of a profile goes up even when two clocks disagree.
func TestTheEpochOfAProfileNeverGoesBack(t *testing.T) {
	t.Parallel()
	now := asked.Add(2 * time.Hour)
	c := agreed(t)
	c.Profile.Epoch = now.UnixMilli() + 5000
	m := moved(t, c, now)
	if want := now.UnixMilli() + 5001; m.Profile.Epoch != want || m.Previous.Epoch != want {
		t.Errorf(
			"got %d, and %d of the previous owner, want %d",
			m.Profile.Epoch,
			m.Previous.Epoch,
			want,
		)
	}
}

// The receiving account's own membership ends: its tokens must not become those
// of an owner.
func TestTokensOfTheMemberWhoReceivesAreInvalid(t *testing.T) {
	t.Parallel()
	now := asked.Add(2 * time.Hour)
	for name, joined := range map[string]int64{
		"who joined before": now.UnixMilli() - 1, "who joined in this very millisecond": now.UnixMilli(), "who joined by a clock that is ahead": now.UnixMilli() + 1,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c := agreed(t)
			was := member("takes", tenancy.PermissionRead)
			was.Epoch = joined
			c.Team = append(c.Team, was)
			token := tenancy.Token{
				Profile:      "plant",
				Account:      takes.ID,
				AccountEpoch: takes.Epoch,
				GrantEpoch:   c.Profile.MemberGrant(was).Epoch,
			}
			m := moved(t, c, now)
			if token.AdmittedByOwner(m.Profile) ||
				token.AdmittedBy(m.Destination, m.Profile.OwnerGrant()) {
				t.Errorf(
					"the token of the former member is admitted: its epoch is %d, and that of the profile %d",
					token.GrantEpoch,
					m.Profile.Epoch,
				)
			}
		})
	}
}

func TestRevert(t *testing.T) {
	t.Parallel()
	done := asked.Add(2 * time.Hour)
	now := done.Add(3 * day)
	m := moved(t, agreed(t), done)
	for by, who := range map[transfer.Party]string{transfer.PartySource: "the new owner",
		transfer.PartyDestination: "the former owner", transfer.PartySupport: "an agent"} {
		former := m.Source
		former.Email = "moved@example.com"
		got, err := m.Transfer.Revert(by, former, ticket2, now)
		if err != nil {
			t.Fatal(err)
		}
		rules.Same(t, who, got, transfer.Transfer{
			ID:          ticket2,
			Profile:     "plant",
			ProfileName: "Plant",
			Source:      takes.ID,
			Destination: gives.ID,
			Email:       "moved@example.com",
			Policy:      transfer.PolicySupport,
			Reverts:     ticket,
			State:       transfer.Requested,
			Created:     now,
			Expires:     done.Add(7 * day),
			Terms: transfer.Terms{
				Name:        "Plant",
				Allocation:  rules.Each(100),
				TokenPolicy: &tenancy.TokenPolicy{},
				Members: map[value.AccountID]tenancy.Permission{
					"ben": tenancy.PermissionRead,
					"cem": tenancy.PermissionFull,
				},
			},
			Timeline: []transfer.Event{{Time: now, What: transfer.EventRequested, By: by}},
		})
	}
}

func TestWhatCannotBeTakenBack(t *testing.T) {
	t.Parallel()
	done := asked.Add(2 * time.Hour)
	m := moved(t, agreed(t), done)
	_, of, now := situations(t)
	for name, c := range of {
		if name == "completed" {
			continue
		}
		_, err := c.Transfer.Revert(transfer.PartySupport, gives, ticket2, now[name])
		if problemtest.Text(err) !=
			"forbidden: The transfer TR-0000-0001 has not completed, so there is nothing to take back" {
			t.Errorf("%s: got %q", name, problemtest.Text(err))
		}
	}
	_, err := m.Transfer.Revert(transfer.PartySource, gives, ticket2, done.Add(7*day-tick))
	if err != nil {
		t.Errorf("within 7 days: got %v", err)
	}
	want := "forbidden: The transfer TR-0000-0001 could be taken back " +
		"until 2030-05-13T12:00:00.000Z: ask for a new transfer"
	r, err := m.Transfer.Revert(transfer.PartySource, gives, ticket2, done.Add(7*day))
	if problemtest.Text(err) != want || r.ID != "" {
		t.Errorf("after 7 days: got %v, %q", r, problemtest.Text(err))
	}
	back := returning(t, m, done.Add(day))
	back.Transfer = sides(t, back.Transfer, done.Add(day))
	returned := moved(t, back, done.Add(day))
	_, err = returned.Transfer.Revert(transfer.PartySource, takes, "TR-0000-0003", done.Add(day))
	if problem.CodeOf(err) != problem.CodeForbidden {
		t.Errorf("a return: got %v", err)
	}
}

// sides has both sides agree to take a transfer back.
func sides(t testing.TB, back transfer.Transfer, now time.Time) transfer.Transfer {
	t.Helper()
	for _, by := range []tenancy.Account{gives, takes} {
		var err error
		if back, err = back.AgreeToRevert(by, now); err != nil {
			t.Fatal(err)
		}
	}
	return back
}

func TestEveryVerbOnAReturn(t *testing.T) {
	t.Parallel()
	done := asked.Add(2 * time.Hour)
	now := done.Add(day)
	c := returning(t, moved(t, agreed(t), done), now)
	type out = transfer.Transfer
	both := sides(t, c.Transfer, now)
	fromOwner, err := c.Transfer.AgreeToRevert(takes, now)
	if err != nil {
		t.Fatal(err)
	}
	oneAgent, err := c.Transfer.Approve(agent, now)
	if err != nil {
		t.Fatal(err)
	}
	rejected, err := both.Reject(agent, "no", now)
	if err != nil {
		t.Fatal(err)
	}
	at := []out{c.Transfer, fromOwner, oneAgent, both, rejected}
	agree := func(by tenancy.Account) func(out) (out, error) {
		return func(t out) (out, error) { return t.AgreeToRevert(by, now) }
	}
	for name, row := range map[string]struct {
		do func(out) (out, error)
		// The states are: fresh, the new owner agreed, one agent approved, both
		// sides agreed, rejected.
		want string
	}{
		"the new owner agrees":    {agree(takes), "ok done ok done conflict"},
		"the former owner agrees": {agree(gives), "ok ok ok done conflict"},
		"a stranger agrees":       {agree(agent), "not-found not-found not-found not-found not-found"},
		"nobody agrees":           {agree(tenancy.Account{}), "not-found not-found not-found not-found not-found"},
		"the new owner confirms":  {func(t out) (out, error) { return t.Confirm(takes, nil, now) }, "invalid invalid invalid invalid invalid"},
		"the former owner accepts": {func(t out) (out, error) {
			return t.Accept(gives, nil, transfer.Acceptance{}, c.Profile, c.Usage, c.Team, now)
		}, "invalid invalid invalid invalid invalid"},
		"the former owner declines":       {func(t out) (out, error) { return t.Decline(gives, nil, now) }, "invalid invalid invalid invalid invalid"},
		"the new owner cancels":           {func(t out) (out, error) { return t.Cancel(now) }, "forbidden forbidden forbidden forbidden forbidden"},
		"an agent approves":               {func(t out) (out, error) { return t.Approve(agent, now) }, "ok ok done ok conflict"},
		"another agent approves":          {func(t out) (out, error) { return t.Approve(agent2, now) }, "ok ok ok ok conflict"},
		"a side approves, being an agent": {func(t out) (out, error) { return t.Approve(gives, now) }, "forbidden forbidden forbidden forbidden forbidden"},
		"the other side does":             {func(t out) (out, error) { return t.Approve(takes, now) }, "forbidden forbidden forbidden forbidden forbidden"},
		"an agent rejects":                {func(t out) (out, error) { return t.Reject(agent, "no", now) }, "ok ok ok ok done"},
		"an agent extends":                {func(t out) (out, error) { return t.Extend(agent, now.Add(day)) }, "forbidden forbidden forbidden forbidden conflict"},
		"it is asked back again":          {func(t out) (out, error) { return t.Revert(transfer.PartySource, gives, "TR-0000-0003", now) }, "forbidden forbidden forbidden forbidden forbidden"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got := ""
			for _, open := range at {
				_, err := row.do(open)
				got += answer(err) + " "
			}
			if got != row.want+" " {
				t.Errorf("got  %s\nwant %s", got, row.want)
			}
		})
	}
	for name, c := range map[string]struct {
		t    out
		want bool
	}{"the new owner alone": {fromOwner, false}, "one agent alone": {oneAgent, false}, "both sides": {both, true}} {
		if got := c.t.Ready(); got != c.want {
			t.Errorf("%s: ready is %v, want %v", name, got, c.want)
		}
	}
	two, err := oneAgent.Approve(agent2, now)
	if err != nil || !two.Ready() {
		t.Errorf("two agents: got %v, ready is %v", err, two.Ready())
	}
	mixed, err := fromOwner.Approve(agent, now)
	if err != nil || mixed.Ready() {
		t.Errorf("one side and one agent: got %v, ready is %v", err, mixed.Ready())
	}
}

func TestAReturnRestoresWhatWasBefore(t *testing.T) {
	t.Parallel()
	done := asked.Add(2 * time.Hour)
	now := done.Add(3 * day)
	name := "Works"
	c := offered(t)
	c.Team = append(c.Team, member("takes", tenancy.PermissionWrite))
	agree(t, &c, transfer.Acceptance{
		Name:       &name,
		Allocation: map[plan.Service]int64{plan.ServiceSMS: 7},
		Members: map[value.AccountID]tenancy.Permission{
			"ben": tenancy.PermissionFull,
		},
		Owner: tenancy.PermissionRead,
	})
	m := moved(t, c, done)
	back := returning(t, m, now)
	newcomer := member("new", tenancy.PermissionRead)
	back.Team = append(back.Team, newcomer)
	back.Profile.Name = "Renamed"
	back.Transfer = sides(t, back.Transfer, now)
	r := moved(t, back, now)

	want := c.Profile
	want.OwnerEpoch, want.Epoch = gives.Epoch, now.UnixMilli()
	want.Transferred, want.Updated = now, now
	want.QuotaVersion = 2 // of two moves
	rules.Same(t, "the profile", r.Profile, want)
	for what, pair := range map[string][2]tenancy.Account{"the account that gave it away": {r.Destination, gives},
		"the account that had it": {r.Source, takes}} {
		if got, want := pair[0], pair[1]; got.ID != want.ID || got.Profiles() != want.Profiles() ||
			got.Allocated() != want.Allocated() {
			t.Errorf(
				"%s: got %d profiles, allocated %v, want %d, %v",
				what,
				got.Profiles(),
				got.Allocated(),
				want.Profiles(),
				want.Allocated(),
			)
		}
	}
	rules.Same(t, "who stays, with the permission of before", r.Stay, tenancy.Team{c.Team[0]})
	rules.Same(t, "who joined in between", r.Leave, tenancy.Team{newcomer})
	rules.Same(t, "the receiving side, which was a member before", r.Previous, &tenancy.Member{
		Profile:    "plant",
		Account:    takes.ID,
		Permission: tenancy.PermissionWrite,
		Epoch:      now.UnixMilli(),
		Active:     true,
		Created:    now,
	})
	rules.Same(t, "the membership of the owner", r.Joined, m.Previous)

	// An account that was no member before leaves.
	if m.Transfer.Before.Members[takes.ID] != tenancy.PermissionWrite {
		t.Errorf("got %v", m.Transfer.Before.Members)
	}
	plain := returning(t, moved(t, agreed(t), done), now)
	plain.Transfer = sides(t, plain.Transfer, now)
	if got := moved(t, plain, now); got.Previous != nil {
		t.Errorf("the receiving side was none before, and is a member now: %+v", got.Previous)
	}
}
