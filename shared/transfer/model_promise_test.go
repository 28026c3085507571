package transfer_test

import (
	"reflect"
	"slices"
	"time"

	"pgregory.net/rapid"

	"profiles/shared/mailing"
	"profiles/shared/plan"
	"profiles/shared/tenancy"
	"profiles/shared/testkit/rules"
	"profiles/shared/transfer"
	"profiles/shared/value"
)

// promised starts the model's record of a transfer.
func (w *world) promised(tr transfer.Transfer) *promise {
	p := &promise{
		agents:  map[value.AccountID]bool{},
		created: w.now,
		from:    tr.Source,
		epochs:  [2]int64{w.accounts[tr.Source].Epoch},
		until:   w.now.Add(7 * day),
		offered: w.profiles[tr.Profile].Addons,
	}
	if original := w.promises[tr.Reverts]; original != nil {
		p.to, p.terms, p.until = original.from, original.before, original.done.Add(7*day)
		p.terms.Owner = original.before.Members[original.to]
	}
	w.promises[tr.ID] = p
	return p
}

// settle does with a changed transfer the same as the service.
func (w *world) settle(t *rapid.T, given transfer.Context, opens bool) {
	tr := given.Transfer
	if tr.State != transfer.Requested {
		w.end(t, tr)
		return
	}
	due := !opens && w.due(tr)
	if tr.Ready() && !opens {
		move, checks := given.Complete(w.now)
		if checks.OK() {
			if move.Transfer.State != transfer.Completed || !due {
				t.Fatalf("%s moved the profile, and should not have: %+v, %+v", tr.ID,
					move.Transfer, w.promises[tr.ID])
			}
			w.move(t, given, move)
			return
		}
		if !reflect.DeepEqual(move, transfer.Move{}) {
			t.Fatalf("something moves though it is refused: %+v", move)
		}
		tr, _ = tr.Wait(checks, tr.HeldUntil(given.Source), w.now)
		w.promises[tr.ID].waited = true
		w.seen.Add("waited")
	}
	if due {
		t.Fatalf(
			"%s should have moved the profile: %s",
			tr.ID,
			mailing.Missing(given.Checks(w.now)),
		)
	}
	tr.Version++
	w.transfers[tr.ID] = tr
}

func (w *world) end(t *rapid.T, tr transfer.Transfer) {
	if w.claims[tr.Profile] != tr.ID {
		t.Fatalf("%s ends, and the open transfer is %q", tr.ID, w.claims[tr.Profile])
	}
	delete(w.claims, tr.Profile)
	tr.Version++
	w.transfers[tr.ID], w.ended[tr.ID] = tr, copied(tr)
	w.seen.Add(string(tr.State))
}

// due predicts whether a transfer moves the profile now, from who has agreed
// and from the state of the accounts.
func (w *world) due(tr transfer.Transfer) bool {
	m := w.promises[tr.ID]
	back := tr.Reverts != ""
	from, to := w.accounts[m.from], w.accounts[m.to]
	owner, receiver := m.owner && m.epochs[0] == from.Epoch, m.receiver && m.epochs[1] == to.Epoch
	if m.owner && !owner || m.receiver && !receiver {
		w.seen.Add("a word lost by a recovery")
	}
	words := owner && receiver && (tr.Policy == transfer.PolicyAuto || len(m.agents) > 0)
	if back {
		words = owner && receiver || len(m.agents) > 1
	}
	profile, there := w.profiles[tr.Profile]
	if !words || !there || profile.Owner != m.from || !w.now.Before(m.until) {
		return false
	}
	profiles, members := 5, 5
	if to.Plan == plan.Starter {
		profiles, members = 2, 1
	}
	for _, a := range []tenancy.Account{from, to} {
		// The present owner cannot keep the profile by a lower plan, by being
		// blocked, or by having no other.
		if back && a.ID == from.ID {
			continue
		}
		if a.Blocked || a.Plan == plan.Free {
			return false
		}
	}
	had, _ := w.sum(m.from)
	has, sum := w.sum(m.to)
	if had < 2 && !back || has >= profiles ||
		!sum.Plus(m.terms.Allocation).Within(rules.Each(200)) {
		return false
	}
	staying := 0
	for _, member := range w.teams[tr.Profile] {
		if w.stays(m, member) {
			staying++
		}
	}
	if m.terms.Owner != tenancy.PermissionNone {
		staying++
	}
	if staying > members {
		return false
	}
	if last, ok := w.moved[tr.Profile]; back {
		return true
	} else if ok && w.now.Sub(last) < 7*day {
		return false
	}
	if s := from.CredentialsChanged; !s.IsZero() && m.created.Sub(s) < 7*day {
		if s.Before(m.created) {
			s = m.created
		}
		return w.now.Sub(s) >= 72*time.Hour
	}
	return true
}

func (w *world) stays(m *promise, who tenancy.Member) bool {
	return who.Active && who.Account != m.to &&
		m.terms.Members[who.Account] != tenancy.PermissionNone
}

// sum counts what an account owns.
func (w *world) sum(a value.AccountID) (n int, sum plan.Amounts) {
	for _, p := range w.profiles {
		if p.Owner == a {
			n++
			sum = sum.Plus(p.Allocation)
		}
	}
	return n, sum
}

// keepsPromise compares a move with what was agreed.
func (w *world) keepsPromise(t *rapid.T, said *promise, old tenancy.Profile, m transfer.Move) {
	tr, p := m.Transfer, m.Profile
	name := said.terms.Name
	if name == "" {
		name = old.Name
	}
	switch {
	case p.ID != old.ID || p.Owner != said.to || p.Name != name ||
		p.Allocation != said.terms.Allocation || p.Addons != said.terms.Addons.And(old.Addons) ||
		p.Epoch <= old.Epoch || p.Transferred != w.now:
		t.Fatalf("%s: got %+v, want the profile %s of %s, called %s, with %v", tr.ID, p, old.ID,
			said.to, name, said.terms.Allocation)
	case m.Source.ID != said.from || m.Destination.ID != said.to || tr.Source != said.from ||
		tr.Destination != said.to || tr.Ended != w.now:
		t.Fatalf("%s goes from %s to %s, want from %s to %s", tr.ID, m.Source.ID, m.Destination.ID,
			said.from, said.to)
	case !m.Destination.Allocated().Within(m.Destination.Limits):
		t.Fatalf("%s: allocated is %v of %v", tr.ID, m.Destination.Allocated(),
			m.Destination.Limits)
	case (m.Previous != nil) != (said.terms.Owner != tenancy.PermissionNone):
		t.Fatalf("%s: the former owner stays as %+v, want %s", tr.ID, m.Previous, said.terms.Owner)
	}
}

// move stores a move as the table does, with its conditions, and compares it
// with what was agreed.
func (w *world) move(t *rapid.T, given transfer.Context, m transfer.Move) {
	tr, old, p := m.Transfer, given.Profile, m.Profile
	said := w.promises[tr.ID]
	w.keepsPromise(t, said, given.Profile, m)
	if p.Addons != old.Addons {
		w.seen.Add("add-ons ended with the move")
	}
	said.before, said.done = transfer.Terms{
		Name:       old.Name,
		Allocation: old.Allocation,
		Addons:     old.Addons,
		Members:    map[value.AccountID]tenancy.Permission{},
	}, w.now
	for _, member := range given.Team {
		if member.Active {
			said.before.Members[member.Account] = member.Permission
		}
	}

	grant := func(a value.AccountID, exists bool, g *tenancy.Grant) {
		if _, ok := w.grants[place{a, p.ID}]; ok != exists {
			t.Fatalf("the grant of %s on %s: there is one is %v, want %v", a, p.ID, ok, exists)
		}
		delete(w.grants, place{a, p.ID})
		if g != nil {
			w.grants[place{a, p.ID}] = *g
		}
	}
	team := slices.Clone(given.Team)
	drop := func(who tenancy.Member) {
		n := len(team)
		if team = slices.DeleteFunc(team,
			func(m tenancy.Member) bool { return m.ID() == who.ID() }); len(team) != n-1 {
			t.Fatalf("%s is in the team %d times", who.ID(), n-len(team))
		}
	}
	grant(m.Source.ID, true, nil)
	if m.Previous != nil {
		g := p.MemberGrant(*m.Previous)
		grant(m.Previous.Account, false, &g)
		team = append(team, *m.Previous)
		w.seen.Add("the owner stayed")
	}
	if m.Joined != nil {
		drop(*m.Joined)
		w.seen.Add("completed with the receiver in the team")
	}
	g := p.OwnerGrant()
	grant(p.Owner, m.Joined != nil, &g)
	for _, who := range m.Stay {
		drop(who)
		if right := said.terms.Members[who.Account]; who.Permission != right {
			t.Fatalf("%s stays with %s, want %s", who.Account, who.Permission, right)
		}
		g := p.MemberGrant(who)
		grant(who.Account, true, &g)
		team = append(team, who)
		w.seen.Add("a member stayed")
	}
	for _, who := range m.Leave {
		drop(who)
		grant(who.Account, true, nil)
		w.seen.Add("a member left with the move")
	}
	for _, who := range m.Void {
		drop(who)
		w.seen.Add("an invitation ended with the move")
	}
	if left := len(team.Open(w.now)) - len(m.Stay); left > 1 || left == 1 && m.Previous == nil {
		t.Fatalf("got the team %+v, want nobody but those who stay: %+v", team, m.Stay)
	}

	stay := map[value.AccountID]bool{}
	for _, member := range given.Team {
		stay[member.Account] = stay[member.Account] || w.stays(said, member)
	}
	for i, token := range w.tokens {
		if token.Profile != p.ID || !token.live {
			continue
		}
		w.tokens[i].live = stay[token.Account]
		w.seen.Add(
			map[bool]string{true: "a token survived a move", false: "a token died with a move"}[stay[token.Account]],
		)
	}
	if had, _ := w.sum(said.from); (m.Instead != nil) != (had == 1) {
		t.Fatalf("%s had %d profiles, and gets %+v for the one that goes back", said.from, had,
			m.Instead)
	}
	if n := m.Instead; n != nil {
		w.profiles[n.ID], w.places = *n, append(w.places, n.ID)
		w.grants[place{n.Owner, n.ID}] = n.OwnerGrant()
		w.seen.Add("an only profile went back")
	}
	m.Source.Version++
	m.Destination.Version++
	w.accounts[m.Source.ID], w.accounts[m.Destination.ID] = m.Source, m.Destination
	w.profiles[p.ID], w.teams[p.ID], w.moved[p.ID] = p, team, w.now
	if original := w.promises[tr.Reverts]; original != nil {
		w.restored(t, original, p)
		w.seen.Add(
			map[bool]string{true: "returned by agents", false: "returned by the sides"}[len(said.agents) > 1],
		)
	}
	if tr.Policy == transfer.PolicyAuto {
		w.seen.Add("completed without the desk")
	}
	w.seen.Add(
		map[string]string{"approve": "completed with approval last", "sweep": "completed by the sweep after a wait"}[said.last],
	)
	w.end(t, tr)
}

// restored compares a profile that came back with its earlier state.
func (w *world) restored(t *rapid.T, original *promise, p tenancy.Profile) {
	if p.Owner != original.from || p.Name != original.before.Name ||
		p.Allocation != original.before.Allocation {
		t.Fatalf("got back %+v, want the one of %s with %+v", p, original.from, original.before)
	}
	for _, member := range w.teams[p.ID] {
		if was, ok := original.before.Members[member.Account]; member.Active &&
			(!ok || member.Permission != was) {
			t.Fatalf("%s came back with %s, was a member before: %v, with %s", member.Account,
				member.Permission, ok, was)
		}
	}
	was := original.before.Members[original.to]
	if was != w.grants[place{original.to, p.ID}].Permission {
		t.Fatalf("%s, who gave it back, has %s on it, want %s", original.to,
			w.grants[place{original.to, p.ID}].Permission, was)
	}
}

// sweep does what the sweep of transfers does to one transfer.
func (w *world) sweep(t *rapid.T, id transfer.ID) {
	tr := w.transfers[id]
	if tr.State != transfer.Requested {
		return
	}
	given := w.load(tr)
	if tr = given.Transfer; w.now.Before(tr.Due()) && given.Void() == "" {
		return
	}
	said := w.promises[id]
	if expired, err := tr.Expire(w.now); err == nil {
		if w.now.Before(said.until) {
			t.Fatalf("%s expired at %s, want %s", id, w.now, said.until)
		}
		w.end(t, expired)
	} else if why := given.Void(); why != "" {
		failed, _ := tr.Fail(why, w.now)
		w.end(t, failed)
	} else if reminded, ok := tr.Remind(w.now); ok {
		confirm, answer := codes(id)
		reminded.ConfirmCodes = append(slices.Clip(reminded.ConfirmCodes), append(confirm, '2'))
		reminded.AnswerCodes = append(slices.Clip(reminded.AnswerCodes), append(answer, '2'))
		reminded.Version++
		w.transfers[id] = reminded
		w.seen.Add("reminded")
	} else {
		if said.waited {
			said.last = "sweep"
		}
		given.Transfer.Retry = time.Time{}
		w.settle(t, given, false)
	}
}
