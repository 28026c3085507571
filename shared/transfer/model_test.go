package transfer_test

import (
	"errors"
	"fmt"
	"maps"
	"reflect"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"profiles/shared/billing"
	"profiles/shared/plan"
	"profiles/shared/problem"
	"profiles/shared/tenancy"
	"profiles/shared/testkit/rules"
	"profiles/shared/transfer"
	"profiles/shared/value"
)

// worlds is how many sets of sequences are played, each of as many as rapid's
// checks say. With 100, and 30 steps on average, these are 3,200 sequences.
const worlds = 32

// In this model people, support and time act on profiles and transfers at
// random. The rules decide. The model only remembers what each party has agreed
// to, and predicts from that when a profile moves, to whom, with what, and
// whose tokens are revoked.
func TestTransfersInASmallWorld(t *testing.T) {
	t.Parallel()
	var seen rules.Tally
	for lane := range 4 {
		t.Run(fmt.Sprint(lane), func(t *testing.T) {
			t.Parallel()
			more := func(n int) bool {
				return n < worlds/4 || n < worlds && !testing.Short() && unseen(&seen) != nil
			}
			for n := 0; more(n); n++ {
				rapid.Check(t, func(t *rapid.T) {
					w := newWorld(t, &seen)
					t.Repeat(w.actions())
				})
			}
		})
	}
	t.Cleanup(func() {
		t.Log(&seen)
		if t.Failed() || seen.Of("sequences") < 100*worlds {
			return
		}
		if what := unseen(&seen); what != nil {
			t.Errorf("these never happened: %v", what)
		}
	})
}

// unseen has what a run must see to prove anything, and has not seen yet.
func unseen(seen *rules.Tally) []string {
	return seen.Missing(
		"completed", "completed with approval last", "completed by the sweep after a wait", "completed without the desk", "completed with the receiver in the team",
		"a word lost by a recovery", "returned by the sides", "returned by agents", "waited", "canceled", "declined", "rejected", "expired", "failed", "reminded", "extended",
		"accepted anew", "refused", "the owner stayed", "a member stayed", "a member left with the move", "an invitation ended with the move",
		"a token survived a move", "a token died with a move", "add-ons ended with the move", "an only profile went back",
	)
}

type place struct {
	account value.AccountID
	profile value.ProfileID
}

// held is a token, and whether it should still be admitted.
type held struct {
	tenancy.Token
	live bool
}

// promise is what the model remembers of a transfer: what the parties did, and
// not the transfer's own fields.
type promise struct {
	owner, receiver bool
	epochs          [2]int64 // of the two accounts when they gave their word
	agents          map[value.AccountID]bool
	created, until  time.Time
	last            string // the last word
	waited          bool
	terms           transfer.Terms
	offered         billing.Addons // what the profile had when it was offered

	// Set when it has completed, for taking it back.
	from, to value.AccountID
	before   transfer.Terms
	done     time.Time
}

type world struct {
	seen      *rules.Tally
	now       time.Time
	people    []value.AccountID // own profiles
	agents    []value.AccountID // of the desk; the first one owns profiles too
	everybody []value.AccountID
	accounts  map[value.AccountID]tenancy.Account
	places    []value.ProfileID // all that ever were
	profiles  map[value.ProfileID]tenancy.Profile
	teams     map[value.ProfileID]tenancy.Team
	grants    map[place]tenancy.Grant
	claims    map[value.ProfileID]transfer.ID
	tickets   []transfer.ID
	transfers map[transfer.ID]transfer.Transfer
	ended     map[transfer.ID]transfer.Transfer
	promises  map[transfer.ID]*promise
	tokens    []held
	moved     map[value.ProfileID]time.Time
}

func newWorld(t *rapid.T, seen *rules.Tally) *world {
	seen.Add("sequences")
	w := &world{
		seen:      seen,
		now:       asked,
		accounts:  map[value.AccountID]tenancy.Account{},
		profiles:  map[value.ProfileID]tenancy.Profile{},
		teams:     map[value.ProfileID]tenancy.Team{},
		grants:    map[place]tenancy.Grant{},
		claims:    map[value.ProfileID]transfer.ID{},
		transfers: map[transfer.ID]transfer.Transfer{},
		ended:     map[transfer.ID]transfer.Transfer{},
		promises:  map[transfer.ID]*promise{},
		moved:     map[value.ProfileID]time.Time{},
	}
	for i := range 7 {
		a := person(fmt.Sprint("a", i), int64(i), nil)
		a.Limits = rules.Each(200)
		if i < 4 {
			w.people = append(w.people, a.ID)
			a.Plan = rapid.SampledFrom([]plan.Plan{plan.Scale, plan.Scale, plan.Scale,
				plan.Scale, plan.Starter}).
				Draw(t, "plan")
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
			a, allocation := w.accounts[id], rules.Each(rapid.Int64Range(0, 50).Draw(t, "allocation"))
			allocation[0] /= 2
			profile := value.ProfileID(fmt.Sprint("p", i, j))
			a, err := a.AddProfile(
				profile,
				billing.Share{
					Allocation: allocation,
					Addons:     billing.Addons{Mobile: allocation[1]%3 == 0},
				},
				w.now,
			)
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

// errIdle ends an action that does not apply. Rapid ends a sequence when it
// rejects too many of its actions; one in which nothing happens goes on.
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
func (w *world) aTransfer(t *rapid.T) transfer.Transfer {
	ids := w.tickets
	if often(t, "open") {
		ids = slices.DeleteFunc(
			slices.Clone(ids),
			func(id transfer.ID) bool { return !w.transfers[id].Open(w.now) },
		)
	}
	return w.transfers[pick(t, "transfer", ids)]
}

// somebody is in most cases the party that should act. It can sign in.
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
	w.tokens = append(w.tokens, held{
		tenancy.Token{
			Profile:      p,
			Account:      a,
			AccountEpoch: w.accounts[a].Epoch,
			GrantEpoch:   w.grants[place{a, p}].Epoch,
		},
		true,
	})
}

func (w *world) die(when func(tenancy.Token) bool) {
	for i := range w.tokens {
		w.tokens[i].live = w.tokens[i].live && !when(w.tokens[i].Token)
	}
}

// own changes an account and the copies in its profiles.
func (w *world) own(a tenancy.Account) {
	w.accounts[a.ID] = a
	for id, p := range w.profiles {
		if p.Owner == a.ID {
			p.Plan, p.OwnerEpoch = a.Plan, a.Epoch
			w.profiles[id] = p
		}
	}
}

func codes(id transfer.ID) (confirm, answer []byte) {
	return []byte("confirm " + id), []byte("answer " + id)
}

// A verb is one action of a party, and what the model remembers of it.
type verb struct {
	do      func(transfer.Context, tenancy.Account, time.Time) (transfer.Transfer, error)
	answers bool
	opens   bool
	word    func(*promise)
}

func (w *world) load(tr transfer.Transfer) transfer.Context {
	return transfer.Context{
		Transfer:    tr,
		Profile:     w.profiles[tr.Profile],
		Team:        slices.Clone(w.teams[tr.Profile]),
		Source:      w.accounts[tr.Source],
		Destination: w.accounts[tr.Destination],
		Spare:       value.ProfileID(fmt.Sprint("s", len(w.places))),
	}.Vouched()
}

// act does what the service does with a verb.
func (w *world) act(t *rapid.T, by tenancy.Account, tr transfer.Transfer, v verb) error {
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
		w.seen.Add("refused")
		return err
	}
	if before.State != transfer.Requested || !w.now.Before(w.promises[tr.ID].until) {
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

func (w *world) open(t *rapid.T, tr transfer.Transfer) {
	if id, ok := w.claims[tr.Profile]; ok {
		t.Fatalf("%s is opened beside %s", tr.ID, id)
	}
	w.claims[tr.Profile], w.transfers[tr.ID] = tr.ID, tr
	w.tickets = append(w.tickets, tr.ID)
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

// check is run after each step.
func (w *world) check(t *rapid.T) {
	profiles, sums := map[value.AccountID]int{}, map[value.AccountID]plan.Amounts{}
	own, members := 0, 0
	for id, p := range w.profiles {
		profiles[p.Owner]++
		sums[p.Owner] = sums[p.Owner].Plus(p.Allocation)
		owner, grant := w.accounts[p.Owner], w.grants[place{p.Owner, id}]
		if p.ID != id || owner.ID == "" || p.Plan != owner.Plan || p.OwnerEpoch != owner.Epoch ||
			!p.Anchor.Equal(owner.Anchor) {
			t.Fatalf("%s: got %+v of %+v", id, p, owner)
		}
		if share, ok := owner.Shares[id]; !ok || share.Allocation != p.Allocation ||
			share.Addons != p.Addons {
			t.Fatalf(
				"%s: has %v and %v, and its owner says %+v, %v",
				id,
				p.Allocation,
				p.Addons,
				share,
				ok,
			)
		}
		if !grant.Own() || grant.Epoch != p.Epoch || grant.Permission != tenancy.PermissionFull {
			t.Fatalf("%s: the owner's grant is %+v", id, grant)
		}
		own++
		for _, m := range w.teams[id] {
			if g := w.grants[place{m.Account, id}]; m.Active &&
				(m.Account == p.Owner || g.Epoch != m.Epoch || g.Permission != m.Permission ||
					g.Owner != p.Owner && g.Owner != "" && w.moved[id] == w.now) {
				t.Fatalf("%s: the grant of %+v is %+v", id, m, g)
			}
			if m.Active {
				members++
			}
		}
	}
	for _, id := range w.everybody {
		if a := w.accounts[id]; a.Profiles() != profiles[id] || a.Allocated() != sums[id] {
			t.Fatalf(
				"%s: counts %d profiles with %v, and owns %d with %v",
				id,
				a.Profiles(),
				a.Allocated(),
				profiles[id],
				sums[id],
			)
		}
	}
	if len(w.grants) != own+members {
		t.Fatalf("got %d grants for %d owners and %d members", len(w.grants), own, members)
	}
	open := map[value.ProfileID]transfer.ID{}
	for _, id := range w.tickets {
		tr := w.transfers[id]
		if n := len(tr.Timeline); n > 64 || tr.ID != id {
			t.Fatalf("%s: got %+v", id, tr)
		}
		if frozen, ok := w.ended[id]; ok {
			last := tr.Timeline[len(tr.Timeline)-1]
			if !reflect.DeepEqual(tr, frozen) || last.What != transfer.EventEnded ||
				!tr.Due().IsZero() ||
				tr.Open(w.now) {
				t.Fatalf("%s has changed after its end: got %+v, want %+v", id, tr, frozen)
			}
			continue
		}
		if tr.State != transfer.Requested || tr.Expires != w.promises[id].until ||
			tr.Expires.After(tr.Created.Add(28*day)) {
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
		if by := token.AdmittedBy(
			w.accounts[token.Account],
			w.grants[place{token.Account, token.Profile}],
		); by != token.live ||
			byOwner != (by && p.Owner == token.Account) {
			t.Fatalf(
				"the token %+v is admitted by its owner: %v, by its grant: %v, want %v",
				token.Token,
				byOwner,
				by,
				token.live,
			)
		}
	}
}
