package service_test

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"pgregory.net/rapid"

	"profiles/shared/operation"
	"profiles/shared/plan"
	"profiles/shared/problem"
	"profiles/shared/service"
	"profiles/shared/service/transfers"
	"profiles/shared/tenancy"
	"profiles/shared/testkit"
	"profiles/shared/transfer"
	"profiles/shared/value"
)

func (m *walk) request(rt *rapid.T) {
	by := rapid.SampledFrom(owners).Draw(rt, "by")
	profile := rapid.SampledFrom(m.owned(by)).Draw(rt, "profile")
	m.requestIt(rt, by, profile, rapid.SampledFrom([]string{"ana", "ben", "cyd", "nobody"}).Draw(rt, "to"))
}

func (m *walk) requestIt(rt *rapid.T, by, profile, to string) {
	client := m.client(by)
	_ = m.do(rt, by+" offers a profile to "+to, func() error {
		_, err := m.Transfers.Request(m.Context(), client.For(operation.TransferRequest.Access),
			service.ProfileRef{ID: value.ProfileID(profile)},
			transfers.Request{Email: to + "@example.com",
				Credentials: service.Credentials{Password: testkit.Password}})
		return err
	})
}

func (m *walk) confirm(rt *rapid.T) {
	id, t := m.pick(rt, ordinary)
	m.confirmIt(rt, id, t)
}

func (m *walk) confirmIt(rt *rapid.T, id string, t row) {
	by := m.nameOf(t.text("source"))
	s := m.words(id)
	if len(s.confirm) == 0 {
		return // the account has no mail yet, as after a request whose answer was lost
	}
	code := rapid.SampledFrom(s.confirm).Draw(rt, "code")
	client := m.client(by)
	if m.Now().UnixMilli() < t.number("expires") {
		s.confirmed = true
	}
	_ = m.do(rt, by+" confirms", func() error {
		_, err := m.Transfers.Confirm(m.Context(), client.For(operation.TransferConfirm.Access),
			ticketOf(id), code, service.Credentials{Password: testkit.Password})
		return err
	})
}

func (m *walk) accept(rt *rapid.T) {
	id, t := m.pick(rt, ordinary)
	m.acceptIt(rt, id, t)
}

func (m *walk) acceptIt(rt *rapid.T, id string, t row) {
	by, s := m.receiver(t), m.words(id)
	if by == "" || len(s.answer) == 0 {
		return
	}
	code := rapid.SampledFrom(s.answer).Draw(rt, "code")
	a := transfer.Acceptance{Owner: rapid.SampledFrom([]tenancy.Permission{tenancy.PermissionNone,
		tenancy.PermissionRead, tenancy.PermissionFull}).Draw(rt, "the owner stays")}
	if rapid.Bool().Draw(rt, "a name") {
		name := "new " + fmt.Sprint(m.moves.Of("completed"))
		a.Name = &name
	}
	if rapid.Bool().Draw(rt, "less") {
		a.Allocation = map[plan.Service]int64{plan.ServiceSMS: 0}
	}
	mia := m.people["mia"].ID
	if m.now.members[t.text("profile")+" "+string(mia)] && rapid.Bool().Draw(rt, "mia stays") {
		a.Members = map[value.AccountID]tenancy.Permission{mia: tenancy.PermissionRead}
	}
	client := m.client(by)
	s.accepted = true
	_ = m.do(rt, by+" accepts", func() error {
		_, err := m.Transfers.Accept(m.Context(), client.For(operation.TransferAccept.Access),
			ticketOf(id), code, service.Credentials{Password: testkit.Password}, a)
		return err
	})
}

func (m *walk) approve(rt *rapid.T) {
	id, _ := m.pick(rt, isOpen)
	m.approveIt(rt, id)
}

func (m *walk) approveIt(rt *rapid.T, id string) {
	by := rapid.SampledFrom([]string{"sam", "kim"}).Draw(rt, "agent")
	client := m.client(by)
	m.words(id).agents[m.people[by].ID] = true
	_ = m.do(rt, by+" approves", func() error {
		_, err := m.Desk.Approve(m.Context(),
			client.For(operation.DeskApprove.Access), ticketOf(id))
		return err
	})
}

// everybody gives their consent to an open transfer, in any order. Without an
// open transfer one of them offers a profile first.
func (m *walk) everybody(rt *rapid.T) {
	if !slices.ContainsFunc(slices.Collect(maps.Values(m.now.transfers)), ordinary) {
		by := owners[0]
		for _, name := range owners {
			if len(m.owned(name)) > len(m.owned(by)) {
				by = name
			}
		}
		to := rapid.SampledFrom(slices.DeleteFunc(slices.Clone(owners),
			func(name string) bool { return name == by })).Draw(rt, "to")
		m.requestIt(rt, by, m.owned(by)[len(m.owned(by))-1], to)
	}
	id, _ := m.pick(rt, ordinary)
	for _, word := range rapid.Permutation([]string{"confirm", "accept", "approve"}).Draw(rt, "order") {
		t := m.now.transfers[id]
		switch word {
		case "confirm":
			m.confirmIt(rt, id, t)
		case "accept":
			m.acceptIt(rt, id, t)
		case "approve":
			m.approveIt(rt, id)
		}
	}
}

func (m *walk) decline(rt *rapid.T) {
	id, t := m.pick(rt, ordinary)
	by, s := m.receiver(t), m.words(id)
	if by == "" || len(s.answer) == 0 || !rapid.Bool().Draw(rt, "really") {
		return
	}
	client := m.client(by)
	_ = m.do(rt, by+" declines", func() error {
		_, err := m.Transfers.Decline(m.Context(), client.For(operation.TransferDecline.Access),
			ticketOf(id), s.answer[0], service.Credentials{Password: testkit.Password})
		return err
	})
}

func (m *walk) cancel(rt *rapid.T) {
	_, t := m.pick(rt, isOpen)
	by := m.nameOf(t.text("source"))
	if !rapid.Bool().Draw(rt, "really") {
		return
	}
	client := m.client(by)
	_ = m.do(rt, by+" cancels", func() error {
		_, err := m.Transfers.Cancel(m.Context(), client.For(operation.TransferCancel.Access),
			service.ProfileRef{ID: value.ProfileID(t.text("profile"))})
		return err
	})
}

func (m *walk) reject(rt *rapid.T) {
	id, _ := m.pick(rt, isOpen)
	if !rapid.Bool().Draw(rt, "really") {
		rt.Skip("the desk does not")
	}
	client := m.client("kim")
	_ = m.do(rt, "kim rejects", func() error {
		_, err := m.Desk.Reject(m.Context(), client.For(operation.DeskReject.Access),
			ticketOf(id), "no")
		return err
	})
}

func (m *walk) extend(rt *rapid.T) {
	id, _ := m.pick(rt, isOpen)
	client := m.client("sam")
	_ = m.do(rt, "sam extends", func() error {
		_, err := m.Desk.Extend(m.Context(), client.For(operation.DeskExtend.Access), ticketOf(id))
		return err
	})
}

func (m *walk) revert(rt *rapid.T) {
	id, t := m.pick(rt, takenBack)
	m.revertIt(rt, id, rapid.SampledFrom([]string{m.nameOf(t.text("source")), m.nameOf(t.text("destination")),
		"sam", "kim"}).Draw(rt, "by"))
}

func (m *walk) bothRevert(rt *rapid.T) {
	id, t := m.pick(rt, takenBack)
	for _, by := range rapid.SampledFrom([][]string{{m.nameOf(t.text("source")), m.nameOf(t.text("destination"))},
		{"kim", "sam"}}).Draw(rt, "by") {
		m.revertIt(rt, id, by)
	}
}

func (m *walk) revertIt(rt *rapid.T, id, by string) {
	client := m.client(by)
	original := m.now.transfers[id]
	said := func(ticket string) {
		s := m.words(ticket)
		switch string(m.people[by].ID) {
		case original.text("destination"): // this side returns the profile
			s.confirmed = true
		case original.text("source"):
			s.accepted = true
		default:
			s.agents[m.people[by].ID] = true
		}
	}
	for open, t := range m.now.transfers {
		if isOpen(t) && t.text("reverts") == id {
			said(open)
		}
	}
	ask := func() error {
		var got transfer.Transfer
		var err error
		if m.people[by].Type == tenancy.AccountSupport {
			got, err = m.Desk.Revert(m.Context(),
				client.For(operation.DeskRevert.Access), ticketOf(id))
		} else {
			got, err = m.Transfers.Revert(m.Context(), client.For(operation.TransferRevert.Access),
				ticketOf(id), service.Credentials{Password: testkit.Password})
		}
		if err == nil {
			said(string(got.ID))
		}
		return err
	}
	_ = m.do(rt, by+" takes back "+id, ask)
	// A transfer whose answer was lost exists, opened by this request alone.
	for open, t := range m.now.transfers {
		if isOpen(t) && t.text("reverts") == id {
			if s := m.words(open); !s.confirmed && !s.accepted && len(s.agents) == 0 {
				said(open)
			}
		}
	}
}

func (m *walk) sweep(rt *rapid.T) {
	err := m.do(rt, "the sweep", func() error { _, err := m.Transfers.Expire(m.Context()); return err })
	if err != nil {
		m.Errorf("the sweep: %v", err)
	}
}

func (m *walk) purge(rt *rapid.T) {
	_ = m.do(rt, "the purge", func() error { _, err := m.Profiles.Purge(m.Context()); return err })
}

func (m *walk) time(rt *rapid.T) {
	d := rapid.SampledFrom([]time.Duration{time.Minute, 15 * time.Minute, time.Hour, 24 * time.Hour,
		84 * time.Hour, 7 * 24 * time.Hour}).Draw(rt, "time")
	m.Advance(d)
	m.verify("the time " + d.String())
}

func (m *walk) plan(rt *rapid.T) {
	by := rapid.SampledFrom(owners).Draw(rt, "whose")
	to := rapid.SampledFrom([]plan.Plan{plan.Free, plan.Starter, plan.Scale, plan.Scale,
		plan.Scale}).Draw(rt, "plan")
	m.lowered[m.people[by].ID] = true
	m.Advance(time.Second)
	change(m.World, m.people[by], onPlan(to))
	m.verify(by + "'s plan is " + string(to))
}

func (m *walk) create(rt *rapid.T) {
	by := rapid.SampledFrom(owners).Draw(rt, "by")
	client := m.client(by)
	_ = m.do(rt, by+" makes a profile", func() error {
		_, err := m.Profiles.Create(m.Context(), client.For(operation.ProfileCreate.Access), "made",
			rapid.Bool().Draw(rt, "with what is free"))
		return err
	})
}

func (m *walk) delete(rt *rapid.T) {
	by := rapid.SampledFrom(owners).Draw(rt, "by")
	own := m.owned(by)
	id := own[len(own)-1]
	// The client has a token that stays valid.
	client := testkit.ClientOf(m.mint(by, own[0]).text)
	_ = m.do(rt, by+" deletes "+id, func() error {
		return m.Profiles.Delete(m.Context(), client.For(operation.ProfileDelete.Access),
			service.ProfileRef{ID: value.ProfileID(id)},
			service.Credentials{Password: testkit.Password})
	})
}

func (m *walk) share(rt *rapid.T) {
	by := rapid.SampledFrom(owners).Draw(rt, "whose")
	id := rapid.SampledFrom(m.owned(by)).Draw(rt, "profile")
	with := m.people[rapid.SampledFrom([]string{"mia", "ana", "ben"}).Draw(rt, "with")]
	if err := m.do(rt, by+" shares a profile with "+with.Name, func() error {
		return m.Operator.AddMember(m.Context(), value.ProfileID(id), with.ID,
			tenancy.PermissionWrite)
	}); err == nil {
		m.mint(with.Name, id)
	}
}

func (m *walk) leave(rt *rapid.T) {
	places := slices.Sorted(maps.Keys(m.now.members))
	if len(places) == 0 {
		rt.Skip("there are no members")
	}
	place := rapid.SampledFrom(places).Draw(rt, "place")
	profile, account, _ := strings.Cut(place, " ")
	name := m.nameOf(account)
	client := m.client(name)
	if err := m.do(rt, name+" leaves", func() error {
		return m.Teams.Remove(m.Context(), client.For(operation.TeamRemove.Access),
			service.ProfileRef{ID: value.ProfileID(profile)}, account)
	}); err != nil && problem.CodeOf(err) != problem.CodeNotFound {
		m.Errorf("%s leaves: %v", name, err)
	}
}

func (m *walk) secure(rt *rapid.T) {
	if rapid.IntRange(0, 3).Draw(rt, "really") > 0 {
		rt.Skip("seldom")
	}
	by := rapid.SampledFrom(owners).Draw(rt, "whose")
	m.Advance(time.Second)
	m.Secure(m.people[by])
	m.secured[string(m.people[by].ID)] = m.Now()
	m.verify(by + " changes the password")
}

func (m *walk) token(rt *rapid.T) {
	by := rapid.SampledFrom(owners).Draw(rt, "whose")
	m.mint(by, rapid.SampledFrom(m.owned(by)).Draw(rt, "profile"))
	m.verify(by + " makes a token")
}

// strangers have the codes and all ids, and can change nothing.
func (m *walk) strangers(rt *rapid.T) {
	id, t := m.pick(rt, func(row) bool { return true })
	m.refused(rt, "eve", id, t, "confirm", "accept", "decline", "cancel", "revert", "approve", "reject")
}

// overreach is a side that does what only the other side may do.
func (m *walk) overreach(rt *rapid.T) {
	id, t := m.pick(rt, ordinary)
	m.refused(rt, m.nameOf(t.text("source")), id, t, "accept", "decline", "approve", "reject")
	if to := m.receiver(t); to != "" && to != m.nameOf(t.text("source")) {
		m.refused(rt, to, id, t, "confirm", "cancel", "approve", "reject")
	}
}

func (m *walk) refused(rt *rapid.T, by, id string, t row, verbs ...string) {
	client, ctx, s := m.client(by), m.Context(), m.words(id)
	last := func(codes []string) string {
		if len(codes) == 0 {
			return ""
		}
		return codes[len(codes)-1]
	}
	verb := rapid.SampledFrom(verbs).Draw(rt, "verb")
	m.Advance(time.Minute)
	before := m.State()
	var err error
	switch verb {
	case "confirm":
		_, err = m.Transfers.Confirm(ctx, client.For(operation.TransferConfirm.Access),
			ticketOf(id), last(s.confirm), service.Credentials{Password: testkit.Password})
	case "accept":
		_, err = m.Transfers.Accept(ctx, client.For(operation.TransferAccept.Access), ticketOf(id),
			last(s.answer), service.Credentials{Password: testkit.Password}, transfer.Acceptance{})
	case "decline":
		_, err = m.Transfers.Decline(ctx, client.For(operation.TransferDecline.Access),
			ticketOf(id), last(s.answer), service.Credentials{Password: testkit.Password})
	case "cancel":
		_, err = m.Transfers.Cancel(ctx, client.For(operation.TransferCancel.Access),
			service.ProfileRef{ID: value.ProfileID(t.text("profile"))})
	case "revert":
		_, err = m.Transfers.Revert(ctx, client.For(operation.TransferRevert.Access), ticketOf(id),
			service.Credentials{Password: testkit.Password})
	case "approve":
		_, err = m.Desk.Approve(ctx, client.For(operation.DeskApprove.Access), ticketOf(id))
	case "reject":
		_, err = m.Desk.Reject(ctx, client.For(operation.DeskReject.Access), ticketOf(id), "no")
	}
	if err == nil || errors.Is(err, problem.ErrConflict) {
		m.Errorf("%s may %s the transfer %s: %v", by, verb, id, err)
	}
	if m.State() != before {
		m.Errorf("%s was refused to %s, and the table changed", by, verb)
	}
	m.verify(by + " was refused to " + verb)
}
