package tenancy_test

import (
	"errors"
	"fmt"
	"maps"
	"reflect"
	"slices"
	"sync"
	"testing"
	"time"

	"pgregory.net/rapid"

	"profiles/shared/mailing"
	"profiles/shared/plan"
	"profiles/shared/problem"
	"profiles/shared/tenancy"
	"profiles/shared/value"
)

// worlds is how many sets of sequences are played, each of as many as rapid's checks say. With 100, and 30 steps on average, these are
// 3,200 sequences.
const worlds = 32

// A small world in which people, the desk and time do to profiles and transfers what comes to their minds. The rules decide; the model
// only remembers what everybody has said, as they would themselves, and foretells from that alone when a profile moves, to whom, with
// what, and whose tokens die.
func TestTransfersInASmallWorld(t *testing.T) {
	t.Parallel()
	var seen tally
	for lane := range 4 {
		t.Run(fmt.Sprint(lane), func(t *testing.T) {
			t.Parallel()
			for range worlds / 4 {
				rapid.Check(t, func(t *rapid.T) {
					w := newWorld(t, &seen)
					t.Repeat(w.actions())
				})
			}
		})
	}
	// A world in which nothing happens proves nothing.
	t.Cleanup(func() {
		if t.Failed() || testing.Short() || seen.n["sequences"] < 100*worlds {
			return
		}
		for _, what := range []string{
			"completed", "completed with approval last", "completed by the sweep after a wait", "completed without the desk", "completed with the receiver in the team",
			"a word lost by a recovery", "returned by the sides", "returned by agents", "waited", "canceled", "declined", "rejected", "expired", "failed", "reminded", "extended",
			"accepted anew", "refused", "the owner stayed", "a member stayed", "a member left with the move", "an invitation ended with the move",
			"a token survived a move", "a token died with a move", "add-ons ended with the move", "an only profile went back",
		} {
			if seen.n[what] == 0 {
				t.Errorf("it never happened in %d sequences: %s", seen.n["sequences"], what)
			}
		}
		t.Log(seen.n)
	})
}

type tally struct {
	sync.Mutex
	n map[string]int
}

func (s *tally) add(what string) {
	s.Lock()
	defer s.Unlock()
	if s.n == nil {
		s.n = map[string]int{}
	}
	s.n[what]++
}

type place struct {
	account value.AccountID
	profile value.ProfileID
}

// held is a token and whether its holder should still be let in.
type held struct {
	tenancy.Token
	live bool
}

// promise is what the model remembers of a transfer: who said what, not what the transfer says of it.
type promise struct {
	owner, receiver bool
	epochs          [2]int64 // of the two accounts when they gave their word
	agents          map[value.AccountID]bool
	created, until  time.Time
	last            string // the last word
	waited          bool
	terms           tenancy.Terms
	offered         tenancy.Addons // what the profile had when it was offered

	// Of a completed one, for its return.
	from, to value.AccountID
	before   tenancy.Terms
	done     time.Time
}

type world struct {
	seen      *tally
	now       time.Time
	people    []value.AccountID // own profiles
	agents    []value.AccountID // of the desk; the first one owns profiles too
	everybody []value.AccountID
	accounts  map[value.AccountID]tenancy.Account
	places    []value.ProfileID // all that ever were
	profiles  map[value.ProfileID]tenancy.Profile
	teams     map[value.ProfileID]tenancy.Team
	grants    map[place]tenancy.Grant
	claims    map[value.ProfileID]tenancy.TransferID
	tickets   []tenancy.TransferID
	transfers map[tenancy.TransferID]tenancy.Transfer
	ended     map[tenancy.TransferID]tenancy.Transfer
	promises  map[tenancy.TransferID]*promise
	tokens    []held
	moved     map[value.ProfileID]time.Time
}

func newWorld(t *rapid.T, seen *tally) *world {
	seen.add("sequences")
	w := &world{
		seen: seen, now: asked, accounts: map[value.AccountID]tenancy.Account{}, profiles: map[value.ProfileID]tenancy.Profile{},
		teams: map[value.ProfileID]tenancy.Team{}, grants: map[place]tenancy.Grant{}, claims: map[value.ProfileID]tenancy.TransferID{},
		transfers: map[tenancy.TransferID]tenancy.Transfer{}, ended: map[tenancy.TransferID]tenancy.Transfer{},
		promises: map[tenancy.TransferID]*promise{}, moved: map[value.ProfileID]time.Time{},
	}
	for i := range 7 {
		a := person(fmt.Sprint("a", i), int64(i), nil)
		a.Limits = each(200)
		if i < 4 {
			w.people = append(w.people, a.ID)
			a.Plan = rapid.SampledFrom([]plan.Plan{plan.Scale, plan.Scale, plan.Scale, plan.Scale, plan.Starter}).Draw(t, "plan")
		}
		if i == 3 || i > 4 {
			a.Type = tenancy.AccountSupport
			w.agents = append(w.agents, a.ID)
		}
		w.everybody = append(w.everybody, a.ID)
		w.accounts[a.ID] = a
	}
	for i, id := range w.people {
		for j := range rapid.IntRange(1, w.accounts[id].Plan.Limits().Profiles-1).Draw(t, "profiles") {
			a, allocation := w.accounts[id], each(rapid.Int64Range(0, 50).Draw(t, "allocation"))
			allocation[0] /= 2
			profile := value.ProfileID(fmt.Sprint("p", i, j))
			a, err := a.AddProfile(profile, tenancy.Share{Allocation: allocation, Addons: tenancy.Addons{Mobile: allocation[1]%3 == 0}}, w.now)
			if err != nil {
				continue
			}
			p := tenancy.NewProfile(profile, a, fmt.Sprint("Profile ", i, j), w.now)
			w.accounts[id], w.profiles[p.ID] = a, p
			w.places = append(w.places, p.ID)
			w.grants[place{id, p.ID}] = p.OwnerGrant()
			w.token(id, p.ID)
			for _, other := range w.everybody {
				if other != id && rapid.Bool().Draw(t, "member") {
					w.share(p, w.accounts[other], tenancy.PermissionWrite)
				}
			}
		}
	}
	w.now = w.now.Add(30 * day)
	return w
}

// errIdle ends an action that does not apply. Rapid ends a sequence when it rejects too many of its actions; one in which nothing happens goes
// on.
var errIdle = errors.New("it does not apply")

func pick[T any](t *rapid.T, what string, from []T) T {
	if len(from) == 0 {
		panic(errIdle)
	}
	return from[rapid.IntRange(0, len(from)-1).Draw(t, what)]
}

// often is true three times out of four.
func often(t *rapid.T, what string) bool { return rapid.IntRange(0, 3).Draw(t, what) > 0 }

// aProfile is one that there still is.
func (w *world) aProfile(t *rapid.T) tenancy.Profile {
	var there []tenancy.Profile
	for _, id := range w.places {
		if p, ok := w.profiles[id]; ok {
			there = append(there, p)
		}
	}
	return pick(t, "profile", there)
}

// aTransfer is any, and mostly an open one.
func (w *world) aTransfer(t *rapid.T) tenancy.Transfer {
	ids := w.tickets
	if often(t, "open") {
		ids = slices.DeleteFunc(slices.Clone(ids), func(id tenancy.TransferID) bool { return !w.transfers[id].Open(w.now) })
	}
	return w.transfers[pick(t, "transfer", ids)]
}

// somebody is mostly who should act, and must be able to sign in.
func (w *world) somebody(t *rapid.T, should value.AccountID) tenancy.Account {
	if should == "" || !often(t, "the right one") {
		should = pick(t, "somebody", w.everybody)
	}
	a := w.accounts[should]
	if a.CanSignIn() != nil {
		panic(errIdle)
	}
	return a
}

func (w *world) holder(e value.Email) value.AccountID {
	for _, id := range w.everybody {
		if w.accounts[id].Email == e {
			return id
		}
	}
	return ""
}

func (w *world) token(a value.AccountID, p value.ProfileID) {
	w.tokens = append(w.tokens, held{tenancy.Token{
		Profile: p, Account: a, AccountEpoch: w.accounts[a].Epoch, GrantEpoch: w.grants[place{a, p}].Epoch,
	}, true})
}

func (w *world) die(when func(tenancy.Token) bool) {
	for i := range w.tokens {
		w.tokens[i].live = w.tokens[i].live && !when(w.tokens[i].Token)
	}
}

// own changes an account, and with it the copies in its profiles.
func (w *world) own(a tenancy.Account) {
	w.accounts[a.ID] = a
	for id, p := range w.profiles {
		if p.Owner == a.ID {
			p.Plan, p.OwnerEpoch = a.Plan, a.Epoch
			w.profiles[id] = p
		}
	}
}

func codes(id tenancy.TransferID) (confirm, answer []byte) {
	return []byte("confirm " + id), []byte("answer " + id)
}

// A verb is one thing that somebody does, and what the model remembers of it.
type verb struct {
	do      func(tenancy.TransferContext, tenancy.Account, time.Time) (tenancy.Transfer, error)
	answers bool
	opens   bool
	word    func(*promise)
}

func (w *world) load(tr tenancy.Transfer) tenancy.TransferContext {
	return tenancy.TransferContext{
		Transfer: tr, Profile: w.profiles[tr.Profile], Team: slices.Clone(w.teams[tr.Profile]),
		Source: w.accounts[tr.Source], Destination: w.accounts[tr.Destination], Spare: value.ProfileID(fmt.Sprint("s", len(w.places))),
	}.Vouched()
}

// act does what the service does with a verb.
func (w *world) act(t *rapid.T, by tenancy.Account, tr tenancy.Transfer, v verb) error {
	given := w.load(tr)
	tr = given.Transfer
	if why := given.Void(); why != "" && tr.Open(w.now) {
		return problem.Conflict("The transfer %s has failed: %s", tr.ID, why)
	}
	before := copied(tr)
	next, err := v.do(given, by, w.now)
	if !reflect.DeepEqual(tr, before) {
		t.Fatalf("the value that was read has changed: got %+v, want %+v", tr, before)
	}
	if err != nil {
		if !reflect.DeepEqual(next, before) {
			t.Fatalf("a refusal (%v) changed the transfer: got %+v, want %+v", err, next, before)
		}
		if answer(err) == string(problem.CodeInternal) {
			t.Fatalf("got %v", err)
		}
		w.seen.add("refused")
		return err
	}
	if before.State != tenancy.TransferRequested || !w.now.Before(w.promises[tr.ID].until) {
		t.Fatalf("something was done to %s, which has ended", tr.ID)
	}
	if v.answers {
		given.Destination = by
	}
	if given.Transfer = next; v.opens {
		w.open(t, next)
	}
	v.word(w.promises[tr.ID])
	w.settle(t, given, v.opens)
	return nil
}

func (w *world) open(t *rapid.T, tr tenancy.Transfer) {
	if id, ok := w.claims[tr.Profile]; ok {
		t.Fatalf("%s is opened beside %s", tr.ID, id)
	}
	w.claims[tr.Profile], w.transfers[tr.ID] = tr.ID, tr
	w.tickets = append(w.tickets, tr.ID)
}

// promised starts what the model remembers of a transfer.
func (w *world) promised(tr tenancy.Transfer) *promise {
	p := &promise{agents: map[value.AccountID]bool{}, created: w.now, from: tr.Source, epochs: [2]int64{w.accounts[tr.Source].Epoch}, until: w.now.Add(7 * day), offered: w.profiles[tr.Profile].Addons}
	if original := w.promises[tr.Reverts]; original != nil {
		p.to, p.terms, p.until = original.from, original.before, original.done.Add(7*day)
		p.terms.Owner = original.before.Members[original.to]
	}
	w.promises[tr.ID] = p
	return p
}

// settle does what the service does with a transfer that has changed.
func (w *world) settle(t *rapid.T, given tenancy.TransferContext, opens bool) {
	tr := given.Transfer
	if tr.State != tenancy.TransferRequested {
		w.end(t, tr)
		return
	}
	due := !opens && w.due(tr)
	if tr.Ready() && !opens {
		move, checks := given.Complete(w.now)
		if checks.OK() {
			if move.Transfer.State != tenancy.TransferCompleted || !due {
				t.Fatalf("%s moved the profile, and should not have: %+v, %+v", tr.ID, move.Transfer, w.promises[tr.ID])
			}
			w.move(t, given, move)
			return
		}
		if !reflect.DeepEqual(move, tenancy.TransferMove{}) {
			t.Fatalf("something moves though it is refused: %+v", move)
		}
		tr, _ = tr.Wait(checks, tr.HeldUntil(given.Source), w.now)
		w.promises[tr.ID].waited = true
		w.seen.add("waited")
	}
	if due {
		t.Fatalf("%s should have moved the profile: %s", tr.ID, mailing.Missing(given.Checks(w.now)))
	}
	tr.Version++
	w.transfers[tr.ID] = tr
}

func (w *world) end(t *rapid.T, tr tenancy.Transfer) {
	if w.claims[tr.Profile] != tr.ID {
		t.Fatalf("%s ends, and the open transfer is %q", tr.ID, w.claims[tr.Profile])
	}
	delete(w.claims, tr.Profile)
	tr.Version++
	w.transfers[tr.ID], w.ended[tr.ID] = tr, copied(tr)
	w.seen.add(string(tr.State))
}

// due foretells whether a transfer moves the profile now, from what everybody said and from what there is.
func (w *world) due(tr tenancy.Transfer) bool {
	m := w.promises[tr.ID]
	back := tr.Reverts != ""
	from, to := w.accounts[m.from], w.accounts[m.to]
	owner, receiver := m.owner && m.epochs[0] == from.Epoch, m.receiver && m.epochs[1] == to.Epoch
	if m.owner && !owner || m.receiver && !receiver {
		w.seen.add("a word lost by a recovery")
	}
	words := owner && receiver && (tr.Policy == tenancy.PolicyAuto || len(m.agents) > 0)
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
		// Nobody keeps a profile from its previous owner by a lower plan, by being blocked, or by having no other.
		if back && a.ID == from.ID {
			continue
		}
		if a.Blocked || a.Plan == plan.Free {
			return false
		}
	}
	had, _ := w.sum(m.from)
	has, sum := w.sum(m.to)
	if had < 2 && !back || has >= profiles || !sum.Plus(m.terms.Allocation).Within(each(200)) {
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
	return who.Active && who.Account != m.to && m.terms.Members[who.Account] != tenancy.PermissionNone
}

// sum is what an account owns, counted.
func (w *world) sum(a value.AccountID) (n int, sum plan.Amounts) {
	for _, p := range w.profiles {
		if p.Owner == a {
			n++
			sum = sum.Plus(p.Allocation)
		}
	}
	return n, sum
}

// move does what the table does with a move, whose conditions it insists on, and holds it against what was promised.
func (w *world) move(t *rapid.T, given tenancy.TransferContext, m tenancy.TransferMove) {
	tr, old, p := m.Transfer, given.Profile, m.Profile
	said := w.promises[tr.ID]
	name := said.terms.Name
	if name == "" {
		name = old.Name
	}
	switch {
	case p.ID != old.ID || p.Owner != said.to || p.Name != name || p.Allocation != said.terms.Allocation || p.Addons != said.terms.Addons.And(old.Addons) || p.Epoch <= old.Epoch || p.Transferred != w.now:
		t.Fatalf("%s: got %+v, want the profile %s of %s, called %s, with %v", tr.ID, p, old.ID, said.to, name, said.terms.Allocation)
	case m.Source.ID != said.from || m.Destination.ID != said.to || tr.Source != said.from || tr.Destination != said.to || tr.Ended != w.now:
		t.Fatalf("%s goes from %s to %s, want from %s to %s", tr.ID, m.Source.ID, m.Destination.ID, said.from, said.to)
	case !m.Destination.Allocated().Within(m.Destination.Limits):
		t.Fatalf("%s: allocated is %v of %v", tr.ID, m.Destination.Allocated(), m.Destination.Limits)
	case (m.Previous != nil) != (said.terms.Owner != tenancy.PermissionNone):
		t.Fatalf("%s: the former owner stays as %+v, want %s", tr.ID, m.Previous, said.terms.Owner)
	}
	if p.Addons != old.Addons {
		w.seen.add("add-ons ended with the move")
	}
	said.before, said.done = tenancy.Terms{Name: old.Name, Allocation: old.Allocation, Addons: old.Addons, Members: map[value.AccountID]tenancy.Permission{}}, w.now
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
		if team = slices.DeleteFunc(team, func(m tenancy.Member) bool { return m.ID() == who.ID() }); len(team) != n-1 {
			t.Fatalf("%s is in the team %d times", who.ID(), n-len(team))
		}
	}
	grant(m.Source.ID, true, nil)
	if m.Previous != nil {
		g := p.MemberGrant(*m.Previous)
		grant(m.Previous.Account, false, &g)
		team = append(team, *m.Previous)
		w.seen.add("the owner stayed")
	}
	if m.Joined != nil {
		drop(*m.Joined)
		w.seen.add("completed with the receiver in the team")
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
		w.seen.add("a member stayed")
	}
	for _, who := range m.Leave {
		drop(who)
		grant(who.Account, true, nil)
		w.seen.add("a member left with the move")
	}
	for _, who := range m.Void {
		drop(who)
		w.seen.add("an invitation ended with the move")
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
		w.seen.add(map[bool]string{true: "a token survived a move", false: "a token died with a move"}[stay[token.Account]])
	}
	if had, _ := w.sum(said.from); (m.Instead != nil) != (had == 1) {
		t.Fatalf("%s had %d profiles, and gets %+v for the one that goes back", said.from, had, m.Instead)
	}
	if n := m.Instead; n != nil {
		w.profiles[n.ID], w.places = *n, append(w.places, n.ID)
		w.grants[place{n.Owner, n.ID}] = n.OwnerGrant()
		w.seen.add("an only profile went back")
	}
	m.Source.Version++
	m.Destination.Version++
	w.accounts[m.Source.ID], w.accounts[m.Destination.ID] = m.Source, m.Destination
	w.profiles[p.ID], w.teams[p.ID], w.moved[p.ID] = p, team, w.now
	if original := w.promises[tr.Reverts]; original != nil {
		w.restored(t, original, p)
		w.seen.add(map[bool]string{true: "returned by agents", false: "returned by the sides"}[len(said.agents) > 1])
	}
	if tr.Policy == tenancy.PolicyAuto {
		w.seen.add("completed without the desk")
	}
	w.seen.add(map[string]string{"approve": "completed with approval last", "sweep": "completed by the sweep after a wait"}[said.last])
	w.end(t, tr)
}

// restored holds a profile that came back against what it was.
func (w *world) restored(t *rapid.T, original *promise, p tenancy.Profile) {
	if p.Owner != original.from || p.Name != original.before.Name || p.Allocation != original.before.Allocation {
		t.Fatalf("got back %+v, want the one of %s with %+v", p, original.from, original.before)
	}
	for _, member := range w.teams[p.ID] {
		if was, ok := original.before.Members[member.Account]; member.Active && (!ok || member.Permission != was) {
			t.Fatalf("%s came back with %s, was a member before: %v, with %s", member.Account, member.Permission, ok, was)
		}
	}
	if was := original.before.Members[original.to]; was != w.grants[place{original.to, p.ID}].Permission {
		t.Fatalf("%s, who gave it back, has %s on it, want %s", original.to, w.grants[place{original.to, p.ID}].Permission, was)
	}
}

// sweep does what time does to one transfer.
func (w *world) sweep(t *rapid.T, id tenancy.TransferID) {
	tr := w.transfers[id]
	if tr.State != tenancy.TransferRequested {
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
		w.seen.add("reminded")
	} else {
		if said.waited {
			said.last = "sweep"
		}
		given.Transfer.Retry = time.Time{}
		w.settle(t, given, false)
	}
}

func (w *world) confirm(t *rapid.T, tr tenancy.Transfer, by tenancy.Account, code []byte) error {
	return w.act(t, by, tr, verb{
		do: func(c tenancy.TransferContext, by tenancy.Account, now time.Time) (tenancy.Transfer, error) {
			return c.Transfer.Confirm(by, code, now)
		},
		word: func(p *promise) {
			if by.ID != p.from {
				t.Fatalf("%s confirmed for %s", by.ID, p.from)
			}
			p.owner, p.last = true, "confirm"
		},
	})
}

func (w *world) accept(t *rapid.T, tr tenancy.Transfer, by tenancy.Account, code []byte) error {
	a := w.terms(t, tr)
	profile := w.profiles[tr.Profile]
	return w.act(t, by, tr, verb{
		answers: true,
		do: func(c tenancy.TransferContext, by tenancy.Account, now time.Time) (tenancy.Transfer, error) {
			return c.Transfer.Accept(by, code, a, c.Profile, c.Usage, c.Team, now)
		},
		word: func(p *promise) {
			if by.Email != tr.Email || p.to != "" && p.to != by.ID || by.ID == p.from {
				t.Fatalf("%s accepted what was offered to %s", by.ID, tr.Email)
			}
			if p.receiver {
				w.seen.add("accepted anew")
			}
			p.to, p.receiver, p.last, p.epochs[1] = by.ID, true, "accept", by.Epoch
			p.terms = tenancy.Terms{Allocation: profile.Allocation, Addons: p.offered.And(profile.Addons), Members: a.Members, Owner: a.Owner}
			if a.Name != nil {
				p.terms.Name = *a.Name
			}
			for s, n := range a.Allocation {
				if p.terms.Allocation[s] < n {
					t.Fatalf("more was accepted than there is: %d of %s", n, s)
				}
				p.terms.Allocation[s] = n
			}
		},
	})
}

// terms are mostly possible.
func (w *world) terms(t *rapid.T, tr tenancy.Transfer) tenancy.Acceptance {
	a := tenancy.Acceptance{
		Members: map[value.AccountID]tenancy.Permission{}, Allocation: map[plan.Service]int64{},
		Owner: tenancy.Permission(rapid.IntRange(0, 3).Draw(t, "owner stays")),
	}
	for _, m := range w.teams[tr.Profile] {
		if m.Active && often(t, "stays") {
			a.Members[m.Account] = tenancy.Permission(rapid.IntRange(0, 3).Draw(t, "right"))
		}
	}
	switch rapid.IntRange(0, 15).Draw(t, "choice") {
	case 0:
		a.Members["a4x"] = tenancy.PermissionFull
	case 1:
		a.Allocation[1] = w.profiles[tr.Profile].Allocation[1] + 1
	case 2, 3, 4:
		a.Allocation[1] = w.profiles[tr.Profile].Allocation[1] / 2
	case 5, 6:
		name := "Chosen"
		a.Name = &name
	}
	return a
}

func (w *world) approve(t *rapid.T, tr tenancy.Transfer, by tenancy.Account, opens bool) error {
	return w.act(t, by, tr, verb{
		opens: opens,
		do: func(c tenancy.TransferContext, by tenancy.Account, now time.Time) (tenancy.Transfer, error) {
			return c.Transfer.Approve(by, now)
		},
		word: func(p *promise) {
			if by.ID == p.from || by.ID == p.to || by.Email == tr.Email || p.agents[by.ID] {
				t.Fatalf("%s approved %+v", by.ID, p)
			}
			p.agents[by.ID], p.last = true, "approve"
		},
	})
}

// back asks for a completed transfer back, or agrees to that, as the service does.
func (w *world) back(t *rapid.T, original tenancy.Transfer, who tenancy.Account, by tenancy.Party) {
	var tr tenancy.Transfer
	opens := false
	if id, ok := w.claims[original.Profile]; ok {
		if tr = w.transfers[id]; tr.Reverts != original.ID || !tr.Open(w.now) {
			return
		}
	} else {
		var err error
		if tr, err = original.Revert(by, w.accounts[original.Source], w.ticket(), w.now); err != nil {
			if original.State == tenancy.TransferCompleted && original.Reverts == "" && w.now.Before(original.Ended.Add(7*day)) {
				t.Fatalf("%s cannot be taken back: %v", original.ID, err)
			}
			return
		}
		opens = true
		if given := w.load(tr); given.Void() == "" {
			w.promised(tr)
		}
	}
	if by == tenancy.PartySupport {
		w.drop(tr, opens, w.approve(t, tr, who, opens))
		return
	}
	w.drop(tr, opens, w.act(t, who, tr, verb{
		opens: opens,
		do: func(c tenancy.TransferContext, by tenancy.Account, now time.Time) (tenancy.Transfer, error) {
			return c.Transfer.AgreeToRevert(by, now)
		},
		word: func(p *promise) {
			switch who.ID {
			case p.from:
				p.owner, p.epochs[0] = true, who.Epoch
			case p.to:
				p.receiver, p.epochs[1] = true, who.Epoch
			default:
				t.Fatalf("%s agreed for %+v", who.ID, p)
			}
			p.last = "agree"
		},
	}))
}

// drop forgets what was never opened.
func (w *world) drop(tr tenancy.Transfer, opens bool, err error) {
	if opens && err != nil {
		delete(w.promises, tr.ID)
	}
}

func (w *world) ticket() tenancy.TransferID {
	return tenancy.NewTransferID(fmt.Sprint(len(w.tickets)))
}

func (w *world) actions() map[string]func(*rapid.T) {
	actions := map[string]func(*rapid.T){
		"somebody offers a profile": w.request,
		"everybody agrees at once": func(t *rapid.T) {
			w.request(t)
			w.agreeTo(t, w.tickets[len(w.tickets)-1])
		},
		"somebody confirms":              w.someConfirm,
		"somebody accepts":               w.someAccept,
		"an agent approves":              func(t *rapid.T) { _ = w.approve(t, w.aTransfer(t), w.asAgent(t), false) },
		"everybody agrees":               w.everybodyAgrees,
		"everybody else agrees":          w.everybodyAgrees,
		"somebody has enough":            w.refuse,
		"the desk writes":                w.write,
		"the desk extends":               w.extend,
		"a side wants a transfer back":   w.someBack,
		"the other side does so too":     w.someBack,
		"an agent takes a transfer back": w.agentBack,
		"another agent does":             w.agentBack,
		"time passes":                    w.pass,
		"the sweep comes":                w.sweepAll,
		"the sweep comes in time":        func(t *rapid.T) { w.pass(t); w.sweepAll(t) },
		"the sweep comes again":          func(t *rapid.T) { w.pass(t); w.sweepAll(t) },
		"a plan changes":                 w.changePlan,
		"an account is blocked or freed": w.block,
		"a password changes":             w.secure,
		"somebody joins a team":          w.join,
		"somebody else joins a team":     w.join,
		"somebody leaves a team":         w.leave,
		"somebody is invited":            w.invite,
		"a profile is made":              w.create,
		"a profile is deleted":           w.delete,
		"an allocation changes":          w.allocate,
		"an add-on is bought or ended":   w.addon,
		"other add-ons are bought":       w.addon,
		"a receiver keeps nothing else":  w.strand,
		"a profile is renamed":           w.rename,
		"a token is made":                w.makeToken,
	}
	for name, do := range actions {
		actions[name] = func(t *rapid.T) {
			defer func() {
				if r := recover(); r != nil && r != errIdle {
					panic(r)
				}
			}()
			w.now = w.now.Add(tick)
			do(t)
		}
	}
	actions[""] = w.check
	return actions
}

func (w *world) request(t *rapid.T) {
	p := w.aProfile(t)
	owner := w.somebody(t, p.Owner)
	if owner.ID != p.Owner {
		panic(errIdle) // the service lets nobody else ask
	}
	to := value.Email("nobody@example.com")
	if rapid.IntRange(0, 9).Draw(t, "to somebody") > 0 {
		to = w.accounts[pick(t, "receiver", w.people)].Email
	}
	policy := tenancy.PolicySupport
	if !often(t, "with the desk") {
		policy = tenancy.PolicyAuto
	}
	if id, ok := w.claims[p.ID]; ok {
		if tr := w.transfers[id]; !tr.Open(w.now) || w.load(tr).Void() != "" {
			w.sweep(t, id)
		}
		panic(errIdle)
	}
	tr, err := p.RequestTransfer(owner, to, "", policy, w.ticket(), w.now)
	n, _ := w.sum(owner.ID)
	if may := n > 1 && owner.Plan != plan.Free && to != owner.Email && !w.now.Before(w.moved[p.ID].Add(7*day)); may != (err == nil) {
		t.Fatalf("a request: got %v, and it may be made: %v", err, may)
	}
	if err != nil {
		panic(errIdle)
	}
	confirm, answer := codes(tr.ID)
	tr.ConfirmCodes, tr.AnswerCodes = [][]byte{confirm}, [][]byte{answer}
	w.open(t, tr)
	w.promised(tr)
}

// code is mostly the right one: that of the first mail, or of a reminder where one was sent.
func code(t *rapid.T, known [][]byte) []byte {
	if !often(t, "right code") {
		return []byte("wrong")
	}
	return pick(t, "code", known)
}

func (w *world) someConfirm(t *rapid.T) {
	tr := w.aTransfer(t)
	_ = w.confirm(t, tr, w.somebody(t, tr.Source), code(t, tr.ConfirmCodes))
}

func (w *world) someAccept(t *rapid.T) {
	tr := w.aTransfer(t)
	_ = w.accept(t, tr, w.somebody(t, w.holder(tr.Email)), code(t, tr.AnswerCodes))
}

func (w *world) asAgent(t *rapid.T) tenancy.Account {
	a := w.accounts[pick(t, "agent", w.agents)]
	if a.CanSignIn() != nil {
		panic(errIdle)
	}
	return a
}

// everybodyAgrees gives the words of all who can, in any order.
func (w *world) everybodyAgrees(t *rapid.T) {
	w.agreeTo(t, w.aTransfer(t).ID)
}

func (w *world) agreeTo(t *rapid.T, id tenancy.TransferID) {
	for _, who := range rapid.Permutation([]int{0, 1, 2}).Draw(t, "order") {
		tr := w.transfers[id]
		confirm, answer := codes(id)
		var err error
		switch by := w.accounts[tr.Source]; {
		case tr.Reverts != "":
			return
		case who == 0 && by.CanSignIn() == nil:
			err = w.confirm(t, tr, by, confirm)
		case who == 1:
			if by = w.accounts[w.holder(tr.Email)]; by.ID != "" && by.CanSignIn() == nil {
				err = w.accept(t, tr, by, answer)
			}
		case who == 2:
			err = w.approve(t, tr, w.accounts["a5"], false)
		}
		if tr.Open(w.now) && w.load(tr).Void() == "" && err != nil && !errors.Is(err, tenancy.ErrDone) && problem.CodeOf(err) != problem.CodeInvalid {
			t.Fatalf("a word was refused: %v", err)
		}
	}
}

func (w *world) refuse(t *rapid.T) {
	tr := w.aTransfer(t)
	nothing := func(*promise) {}
	switch rapid.IntRange(0, 9).Draw(t, "how") {
	case 0:
		given := code(t, tr.AnswerCodes)
		_ = w.act(t, w.somebody(t, w.holder(tr.Email)), tr, verb{word: nothing, do: func(c tenancy.TransferContext, by tenancy.Account, now time.Time) (tenancy.Transfer, error) {
			return c.Transfer.Decline(by, given, now)
		}})
	case 1:
		// The service finds it by the profile, whose owner asks.
		if owner := w.profiles[tr.Profile].Owner; owner == tr.Source {
			_ = w.act(t, w.somebody(t, owner), tr, verb{word: nothing, do: func(c tenancy.TransferContext, _ tenancy.Account, now time.Time) (tenancy.Transfer, error) {
				return c.Transfer.Cancel(now)
			}})
		}
	case 2:
		_ = w.act(t, w.asAgent(t), tr, verb{word: nothing, do: func(c tenancy.TransferContext, by tenancy.Account, now time.Time) (tenancy.Transfer, error) {
			return c.Transfer.Reject(by, "no", now)
		}})
	default:
		panic(errIdle)
	}
}

func (w *world) write(t *rapid.T) {
	kind := rapid.SampledFrom([]tenancy.EventKind{tenancy.EventNote, tenancy.EventQuestion, tenancy.EventAnswer}).Draw(t, "kind")
	_ = w.act(t, w.asAgent(t), w.aTransfer(t), verb{word: func(*promise) {}, do: func(c tenancy.TransferContext, by tenancy.Account, now time.Time) (tenancy.Transfer, error) {
		return c.Transfer.Note(by, kind, "text", now)
	}})
}

func (w *world) extend(t *rapid.T) {
	_ = w.act(t, w.asAgent(t), w.aTransfer(t), verb{
		do: func(c tenancy.TransferContext, by tenancy.Account, now time.Time) (tenancy.Transfer, error) {
			return c.Transfer.Extend(by, now)
		},
		word: func(p *promise) {
			p.until = w.now.Add(7 * day)
			if last := p.created.Add(28 * day); p.until.After(last) {
				p.until = last
			}
			w.seen.add("extended")
		},
	})
}

// completed is a transfer that may be taken back, mostly.
func (w *world) completed(t *rapid.T) tenancy.Transfer {
	if !often(t, "completed") {
		return w.aTransfer(t)
	}
	return w.transfers[pick(t, "completed", slices.DeleteFunc(slices.Clone(w.tickets), func(id tenancy.TransferID) bool {
		tr := w.transfers[id]
		return tr.State != tenancy.TransferCompleted || tr.Reverts != ""
	}))]
}

func (w *world) someBack(t *rapid.T) {
	original := w.completed(t)
	should := original.Source
	if rapid.Bool().Draw(t, "the new owner") {
		should = original.Destination
	}
	who := w.somebody(t, should)
	switch original.PartyOf(who) {
	case tenancy.PartySource:
		w.back(t, original, who, tenancy.PartyDestination)
	case tenancy.PartyDestination:
		w.back(t, original, who, tenancy.PartySource)
	}
}

func (w *world) agentBack(t *rapid.T) {
	original := w.completed(t)
	if a := w.asAgent(t); original.Impartial(a) == nil {
		w.back(t, original, a, tenancy.PartySupport)
	}
}

func (w *world) pass(t *rapid.T) {
	by := rapid.SampledFrom([]time.Duration{time.Minute, time.Hour, 6 * time.Hour, 6 * time.Hour, day, day, 3 * day, 7*day - time.Minute, 7 * day}).Draw(t, "time")
	w.now = w.now.Add(by)
	if often(t, "to what is due") && len(w.tickets) > 0 {
		if due := w.transfers[w.tickets[len(w.tickets)-1]].Due(); due.After(w.now) {
			w.now = due
		}
	}
}

func (w *world) sweepAll(t *rapid.T) {
	for _, id := range w.tickets {
		w.probe(t, id)
		w.sweep(t, id)
	}
}

// probe asks whether a transfer would move its profile at this very moment, which silence never makes it do.
func (w *world) probe(t *rapid.T, id tenancy.TransferID) {
	tr := w.transfers[id]
	m, _ := w.load(tr).Complete(w.now)
	_, ended := w.ended[id]
	if ended {
		_, expire := tr.Expire(w.now)
		_, fail := tr.Fail("gone", w.now)
		if _, remind := tr.Remind(w.now); answer(expire) != "done" || answer(fail) != "done" || remind {
			t.Fatalf("%s has ended, and time does something to it: %v, %v, %v", id, expire, fail, remind)
		}
	}
	if would := m.Transfer.State == tenancy.TransferCompleted; would != (!ended && w.due(tr)) {
		t.Fatalf("%s would move the profile: %v; ended: %v, and %+v", id, would, ended, w.promises[id])
	}
}

func (w *world) changePlan(t *rapid.T) {
	a := w.accounts[pick(t, "account", w.people)]
	a.Plan = rapid.SampledFrom([]plan.Plan{plan.Scale, plan.Scale, plan.Scale, plan.Starter, plan.Free}).Draw(t, "plan")
	w.own(a)
}

func (w *world) block(t *rapid.T) {
	a := w.accounts[pick(t, "account", w.people)]
	if !a.Blocked && often(t, "spared") {
		panic(errIdle)
	}
	if a.Blocked = !a.Blocked; a.Blocked {
		a.Epoch++
		w.die(func(k tenancy.Token) bool { return k.Account == a.ID })
	}
	w.own(a)
}

func (w *world) secure(t *rapid.T) {
	a := w.accounts[pick(t, "account", w.everybody)]
	if often(t, "remembered") {
		panic(errIdle)
	}
	a.CredentialsChanged = w.now
	if rapid.Bool().Draw(t, "recovered") {
		a.Epoch++
		w.die(func(k tenancy.Token) bool { return k.Account == a.ID })
	}
	w.own(a)
}

func (w *world) join(t *rapid.T) {
	p, a := w.aProfile(t), w.somebody(t, "")
	if !w.share(p, a, tenancy.Permission(rapid.IntRange(1, 3).Draw(t, "right"))) {
		panic(errIdle)
	}
}

func (w *world) share(p tenancy.Profile, a tenancy.Account, right tenancy.Permission) bool {
	team := w.teams[p.ID]
	if _, ok := team.Active(a.ID); ok || a.ID == p.Owner || len(team.Open(w.now)) >= p.Plan.Limits().Members {
		return false
	}
	m := tenancy.Member{
		Profile: p.ID, Account: a.ID, Permission: right, Epoch: w.now.UnixMilli(), Active: true,
		Name: a.Name, Email: a.Email, Created: w.now,
	}
	w.teams[p.ID] = append(slices.Clip(team), m)
	w.grants[place{a.ID, p.ID}] = p.MemberGrant(m)
	w.token(a.ID, p.ID)
	return true
}

func (w *world) leave(t *rapid.T) {
	p := w.aProfile(t)
	m := pick(t, "member", slices.DeleteFunc(slices.Clone(w.teams[p.ID]), func(m tenancy.Member) bool { return !m.Active }))
	w.teams[p.ID] = slices.DeleteFunc(slices.Clone(w.teams[p.ID]), func(other tenancy.Member) bool { return other.ID() == m.ID() })
	delete(w.grants, place{m.Account, p.ID})
	w.die(func(k tenancy.Token) bool { return k.Account == m.Account && k.Profile == p.ID })
}

func (w *world) invite(t *rapid.T) {
	p := w.aProfile(t)
	if len(w.teams[p.ID].Open(w.now)) >= p.Plan.Limits().Members {
		panic(errIdle)
	}
	m := open(fmt.Sprint("i", w.now.UnixMilli()), w.now.Add(7*day))
	w.teams[p.ID] = append(slices.Clip(w.teams[p.ID]), m)
}

func (w *world) addon(t *rapid.T) {
	p := w.aProfile(t)
	p.Addons = tenancy.Addons{CustomDNS: often(t, "dns"), Mobile: often(t, "mobile")}
	owner := w.accounts[p.Owner]
	owner.Shares = maps.Clone(owner.Shares)
	owner.Shares[p.ID] = tenancy.Share{Allocation: p.Allocation, Addons: p.Addons}
	w.accounts[p.Owner], w.profiles[p.ID] = owner, p
}

func (w *world) create(t *rapid.T) {
	a := w.accounts[pick(t, "account", w.people)]
	if a.CanSignIn() != nil || len(w.places) > 20 {
		panic(errIdle)
	}
	allocation := each(rapid.Int64Range(0, 40).Draw(t, "allocation"))
	profile := value.ProfileID(fmt.Sprint("q", len(w.places)))
	a, err := a.AddProfile(profile, tenancy.Share{Allocation: allocation, Addons: tenancy.Addons{CustomDNS: allocation[1]%3 == 0}}, w.now)
	if err != nil {
		panic(errIdle)
	}
	p := tenancy.NewProfile(profile, a, "New", w.now)
	w.accounts[a.ID], w.profiles[p.ID] = a, p
	w.places = append(w.places, p.ID)
	w.grants[place{a.ID, p.ID}] = p.OwnerGrant()
	w.token(a.ID, p.ID)
}

func (w *world) delete(t *rapid.T) {
	p := w.aProfile(t)
	owner, err := w.accounts[p.Owner].RemoveProfile(p.ID, tenancy.Usage{}, w.now)
	if err != nil || often(t, "kept") {
		panic(errIdle)
	}
	w.accounts[p.Owner] = owner
	w.gone(t, p)
}

// strand deletes what the receiver of a transfer has beside it.
func (w *world) strand(t *rapid.T) {
	var open []tenancy.Transfer
	for _, id := range w.tickets {
		if tr := w.transfers[id]; tr.Reverts != "" && tr.Open(w.now) {
			open = append(open, tr)
		}
	}
	owner := w.accounts[pick(t, "return", open).Source]
	for _, p := range w.profiles {
		if n, _ := w.sum(owner.ID); p.Owner == owner.ID && n > 1 && w.transfers[w.claims[p.ID]].Reverts == "" {
			var err error
			if owner, err = owner.RemoveProfile(p.ID, tenancy.Usage{}, w.now); err != nil {
				t.Fatal(err)
			}
			w.accounts[p.Owner] = owner
			w.gone(t, p)
		}
	}
}

// gone forgets a profile.
func (w *world) gone(t *rapid.T, p tenancy.Profile) {
	delete(w.profiles, p.ID)
	delete(w.teams, p.ID)
	maps.DeleteFunc(w.grants, func(at place, _ tenancy.Grant) bool { return at.profile == p.ID })
	w.die(func(k tenancy.Token) bool { return k.Profile == p.ID })
	id, ok := w.claims[p.ID]
	if !ok {
		return
	}
	failed, err := w.transfers[id].Fail("the profile was deleted", w.now)
	if err != nil {
		t.Fatal(err)
	}
	w.end(t, failed)
}

func (w *world) allocate(t *rapid.T) {
	p := w.aProfile(t)
	a := w.accounts[p.Owner]
	to := each(rapid.Int64Range(0, 80).Draw(t, "allocation"))
	share := a.Shares[p.ID]
	share.Allocation = to
	a.Shares = maps.Clone(a.Shares)
	if a.Shares[p.ID] = share; !a.Allocated().Within(a.Limits) {
		panic(errIdle)
	}
	w.accounts[a.ID], w.profiles[p.ID] = a, p.Of(a)
}

func (w *world) rename(t *rapid.T) {
	p := w.aProfile(t)
	p.Name = fmt.Sprint("Renamed ", w.now.UnixMilli())
	w.profiles[p.ID] = p
}

func (w *world) makeToken(t *rapid.T) {
	p := w.aProfile(t)
	who := []value.AccountID{p.Owner}
	for _, m := range w.teams[p.ID] {
		if m.Active {
			who = append(who, m.Account)
		}
	}
	w.token(w.somebody(t, pick(t, "holder", who)).ID, p.ID)
	if made := w.tokens[len(w.tokens)-1]; w.grants[place{made.Account, made.Profile}].Account == "" {
		w.tokens = w.tokens[:len(w.tokens)-1] // who has no grant makes no token
	}
}

// check holds after everything that happens.
func (w *world) check(t *rapid.T) {
	profiles, sums := map[value.AccountID]int{}, map[value.AccountID]plan.Amounts{}
	own, members := 0, 0
	for id, p := range w.profiles {
		profiles[p.Owner]++
		sums[p.Owner] = sums[p.Owner].Plus(p.Allocation)
		owner, grant := w.accounts[p.Owner], w.grants[place{p.Owner, id}]
		if p.ID != id || owner.ID == "" || p.Plan != owner.Plan || p.OwnerEpoch != owner.Epoch || !p.Anchor.Equal(owner.Anchor) {
			t.Fatalf("%s: got %+v of %+v", id, p, owner)
		}
		if share, ok := owner.Shares[id]; !ok || share.Allocation != p.Allocation || share.Addons != p.Addons {
			t.Fatalf("%s: has %v and %v, and its owner says %+v, %v", id, p.Allocation, p.Addons, share, ok)
		}
		if !grant.Own() || grant.Epoch != p.Epoch || grant.Permission != tenancy.PermissionFull {
			t.Fatalf("%s: the owner's grant is %+v", id, grant)
		}
		own++
		for _, m := range w.teams[id] {
			if g := w.grants[place{m.Account, id}]; m.Active && (m.Account == p.Owner || g.Epoch != m.Epoch || g.Permission != m.Permission || g.Owner != p.Owner && g.Owner != "" && w.moved[id] == w.now) {
				t.Fatalf("%s: the grant of %+v is %+v", id, m, g)
			}
			if m.Active {
				members++
			}
		}
	}
	for _, id := range w.everybody {
		if a := w.accounts[id]; a.Profiles() != profiles[id] || a.Allocated() != sums[id] {
			t.Fatalf("%s: counts %d profiles with %v, and owns %d with %v", id, a.Profiles(), a.Allocated(), profiles[id], sums[id])
		}
	}
	if len(w.grants) != own+members {
		t.Fatalf("got %d grants for %d owners and %d members", len(w.grants), own, members)
	}
	open := map[value.ProfileID]tenancy.TransferID{}
	for _, id := range w.tickets {
		tr := w.transfers[id]
		if n := len(tr.Timeline); n > 64 || tr.ID != id {
			t.Fatalf("%s: got %+v", id, tr)
		}
		if frozen, ok := w.ended[id]; ok {
			last := tr.Timeline[len(tr.Timeline)-1]
			if !reflect.DeepEqual(tr, frozen) || last.What != tenancy.EventEnded || !tr.Due().IsZero() || tr.Open(w.now) {
				t.Fatalf("%s has changed after its end: got %+v, want %+v", id, tr, frozen)
			}
			continue
		}
		if tr.State != tenancy.TransferRequested || tr.Expires != w.promises[id].until || tr.Expires.After(tr.Created.Add(28*day)) {
			t.Fatalf("%s: got %+v, want an end on %s", id, tr, w.promises[id].until)
		}
		if open[tr.Profile] != "" {
			t.Fatalf("%s and %s are open for %s", open[tr.Profile], id, tr.Profile)
		}
		open[tr.Profile] = id
	}
	if !maps.Equal(open, w.claims) {
		t.Fatalf("open are %v, and the claims are %v", open, w.claims)
	}
	for _, token := range w.tokens {
		p, there := w.profiles[token.Profile]
		byOwner := there && token.AdmittedByOwner(p)
		if by := token.AdmittedBy(w.accounts[token.Account], w.grants[place{token.Account, token.Profile}]); by != token.live || byOwner != (by && p.Owner == token.Account) {
			t.Fatalf("the token %+v is admitted by its owner: %v, by its grant: %v, want %v", token.Token, byOwner, by, token.live)
		}
	}
}
