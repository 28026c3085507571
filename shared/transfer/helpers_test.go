package transfer_test

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"testing"
	"time"

	"profiles/shared/billing"
	"profiles/shared/mailing"
	"profiles/shared/plan"
	"profiles/shared/problem"
	"profiles/shared/tenancy"
	"profiles/shared/testkit/rules"
	"profiles/shared/transfer"
	"profiles/shared/value"
)

const (
	ticket   transfer.ID = "TR-0000-0001"
	ticket2  transfer.ID = "TR-0000-0002"
	agreedAt             = time.Hour // after the request
)

var (
	asked = time.Date(2030, time.May, 6, 10, 0, 0, 0, time.UTC)
	gives = person(
		"gives",
		3,
		map[value.ProfileID]billing.Share{
			"plant": {Allocation: rules.Each(100)},
			"works": {Allocation: rules.Each(200)},
		},
	)
	takes = person("takes", 7, map[value.ProfileID]billing.Share{"store": {Allocation: rules.Each(400)}})
	agent = tenancy.Account{
		ID:     "agent",
		Email:  "agent@example.com",
		Active: true,
		Type:   tenancy.AccountSupport,
	}
	agent2 = tenancy.Account{
		ID:     "agent2",
		Email:  "agent2@example.com",
		Active: true,
		Type:   tenancy.AccountSupport,
	}

	confirmCode = []byte("hash of the owner's code")
	answerCode  = []byte("hash of the receiver's code")
)

func person(id string, epoch int64, shares map[value.ProfileID]billing.Share) tenancy.Account {
	return tenancy.Account{
		ID:     value.AccountID(id),
		Email:  value.Email(id + "@example.com"),
		Name:   "Name of " + id,
		Active: true,
		Subscription: billing.Subscription{
			Plan:   plan.Scale,
			Limits: rules.Each(1000),
			Shares: shares,
			Anchor: asked.AddDate(0, -2, -int(epoch)),
		},
		Epoch:   epoch,
		Version: 11,
	}
}

// allocated returns an account of one profile, which has n of a service.
func allocated(a tenancy.Account, s plan.Service, n int64) tenancy.Account {
	a.Shares = maps.Clone(a.Shares)
	for id, share := range a.Shares {
		share.Allocation[s] = n
		a.Shares[id] = share
	}
	return a
}

func member(id string, p tenancy.Permission) tenancy.Member {
	m := active(id)
	m.Profile = "plant"
	m.Permission = p
	m.Epoch = 40
	m.Created = asked.Add(-day)
	m.Name = "Name of " + id
	return m
}

// offered is a profile with a team of two, offered to an account that has not
// answered.
func offered(t testing.TB) transfer.Context {
	t.Helper()
	c := transfer.Context{
		Profile: tenancy.Profile{
			ID:         "plant",
			Owner:      gives.ID,
			Name:       "Plant",
			LogoURL:    "https://example.com/a.png",
			Allocation: rules.Each(100),
			Plan:       gives.Plan,
			Anchor:     gives.Anchor,
			OwnerEpoch: gives.Epoch,
			Created:    asked.Add(-90 * day),
			Updated:    asked.Add(-day),
			Version:    5,
		},
		Team: tenancy.Team{
			member("ben", tenancy.PermissionRead),
			member("cem", tenancy.PermissionFull),
		},
		Source:      gives,
		Destination: takes,
	}
	var err error
	c.Transfer, err = transfer.Request(c.Profile,
		gives,
		takes.Email,
		"please",
		transfer.PolicySupport,
		ticket,
		asked,
	)
	if err != nil {
		t.Fatal(err)
	}
	c.Transfer.ConfirmCodes, c.Transfer.AnswerCodes = [][]byte{confirmCode}, [][]byte{answerCode}
	return c
}

// agreed is an offered profile after all have agreed: ben stays with write
// permission, and the owner with read.
func agreed(t testing.TB) transfer.Context {
	t.Helper()
	c := offered(t)
	agree(t, &c, transfer.Acceptance{
		Members: map[value.AccountID]tenancy.Permission{
			"ben": tenancy.PermissionWrite,
		},
		Owner: tenancy.PermissionRead,
	})
	return c
}

func agree(t testing.TB, c *transfer.Context, a transfer.Acceptance) {
	t.Helper()
	now := asked.Add(agreedAt)
	var errs [3]error
	c.Transfer, errs[0] = c.Transfer.Confirm(gives, confirmCode, now)
	c.Transfer, errs[1] = c.Transfer.Accept(takes, answerCode, a, c.Profile, c.Usage, c.Team, now)
	c.Transfer, errs[2] = c.Transfer.Approve(agent, now)
	if err := errors.Join(errs[:]...); err != nil {
		t.Fatal(err)
	}
}

// moved is the move of an agreed transfer.
func moved(t testing.TB, c transfer.Context, now time.Time) transfer.Move {
	t.Helper()
	m, checks := c.Complete(now)
	if m.Transfer.State != transfer.Completed {
		t.Fatalf("it did not complete: %s", mailing.Missing(checks))
	}
	return m
}

// returning is the transfer that takes a move back, after the first side has
// requested it.
func returning(t testing.TB, m transfer.Move, now time.Time) transfer.Context {
	t.Helper()
	r, err := m.Transfer.Revert(transfer.PartySource, m.Source, ticket2, now)
	if err != nil {
		t.Fatal(err)
	}
	team := slices.Clone(m.Stay)
	if m.Previous != nil {
		team = append(team, *m.Previous)
	}
	return transfer.Context{
		Transfer:    r,
		Profile:     m.Profile,
		Team:        team,
		Source:      m.Destination,
		Destination: m.Source,
	}
}

// copied is a copy that shares nothing with t, so that a change of t in place
// shows.
func copied(t transfer.Transfer) transfer.Transfer {
	t.Approvals, t.Timeline = slices.Clone(t.Approvals), slices.Clone(t.Timeline)
	t.ConfirmCodes, t.AnswerCodes = slices.Clone(t.ConfirmCodes), slices.Clone(t.AnswerCodes)
	t.Terms.Members, t.Before.Members = maps.Clone(t.Terms.Members), maps.Clone(t.Before.Members)
	return t
}

// answer is how a verb ended: "ok", "done", or the code of its refusal.
func answer(err error) string {
	switch {
	case err == nil:
		return "ok"
	case errors.Is(err, problem.ErrDone):
		return "done"
	}
	return string(problem.CodeOf(err))
}

// holding returns the account with n profiles: the first n that it has, and if
// there are fewer, others without an allocation.
func holding(a tenancy.Account, n int) tenancy.Account {
	shares := map[value.ProfileID]billing.Share{}
	for _, id := range a.ProfileIDs()[:min(n, a.Profiles())] {
		shares[id] = a.Shares[id]
	}
	for i := len(shares); i < n; i++ {
		shares[value.ProfileID(fmt.Sprint("empty", i))] = billing.Share{}
	}
	a.Shares = shares
	return a
}

func active(id string) tenancy.Member {
	return tenancy.Member{
		Account: value.AccountID(id),
		Email:   value.Email(id + "@example.com"),
		Active:  true,
	}
}

func open(id string, until time.Time) tenancy.Member {
	return tenancy.Member{
		Invitation: tenancy.InvitationID(id),
		Code:       "code" + value.CodeID(id),
		Email:      value.Email(id + "@example.com"),
		Expires:    until,
	}
}

// usedUp is use in this cycle of the accounts of these tests.
func usedUp(n plan.Amounts) billing.Usage {
	return billing.Usage{Cycle: bought, Used: n, Version: 1}
}

const (
	tick = time.Millisecond
	day  = 24 * time.Hour
)

// The accounts of the ledger bought their plans at the beginning of a cycle of
// 30 days.
var (
	bought  = time.Date(2030, time.April, 1, 10, 0, 0, 0, time.UTC)
	renewal = time.Date(2030, time.May, 1, 10, 0, 0, 0, time.UTC)
	halfway = bought.Add(15 * day)
)
