package service_test

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"profiles/shared/mailing"
	"profiles/shared/operation"
	"profiles/shared/plan"
	"profiles/shared/problem"
	"profiles/shared/service"
	"profiles/shared/tenancy"
	"profiles/shared/testkit"
	"profiles/shared/testkit/rules"
	"profiles/shared/transfer"
	"profiles/shared/value"
)

// sequences is the number of random walks of one run.
const sequences = 8

// On random walks both sides, members, agents, strangers and the sweep act,
// while the table fails before and after its writes and clients repeat requests
// without an answer. After each step all items agree, nothing has moved without
// all consents, ended transfers are unchanged, no credential outlives the right
// under which it was made, and what was taken back is as before.
func TestTransfersOnRandomWalks(t *testing.T) {
	t.Parallel()
	walked, failed := 0, false
	var moves rules.Tally
	missing := func() []string {
		return moves.Missing("completed", "completed back", "faults", "repeated")
	}
	rapid.Check(t, func(rt *rapid.T) {
		// A walk that failed is repeated, to find a shorter one.
		if walked++; walked > sequences && !failed && missing() == nil {
			return
		}
		m := newWalk(walker{t, rt, &failed}, &moves)
		rt.Repeat(map[string]func(*rapid.T){
			"":                   func(*rapid.T) {},
			"request":            m.request,
			"request, too":       m.request,
			"confirm":            m.confirm,
			"accept":             m.accept,
			"approve":            m.approve,
			"everybody agrees":   m.everybody,
			"everybody, again":   m.everybody,
			"everybody, too":     m.everybody,
			"all take back":      m.bothRevert,
			"decline":            m.decline,
			"cancel":             m.cancel,
			"reject":             m.reject,
			"extend":             m.extend,
			"take back":          m.revert,
			"both take back":     m.bothRevert,
			"sweep":              m.sweep,
			"purge":              m.purge,
			"time":               m.time,
			"plan":               m.plan,
			"create":             m.create,
			"delete":             m.delete,
			"share":              m.share,
			"leave":              m.leave,
			"secure":             m.secure,
			"make a token":       m.token,
			"strangers try":      m.strangers,
			"a side overreaches": m.overreach,
		})
	})
	t.Log(&moves)
	if what := missing(); what != nil && !t.Failed() {
		t.Errorf("these never happened: %v", what)
	}
}

// walker is a test that passes its failures on to rapid.
type walker struct {
	testing.TB
	rt     *rapid.T
	failed *bool
}

func (w walker) Errorf(format string, args ...any) {
	*w.failed = true
	w.rt.Errorf(format, args...)
}
func (w walker) Error(args ...any) { *w.failed = true; w.rt.Error(args...) }
func (w walker) Fatalf(format string, args ...any) {
	*w.failed = true
	w.rt.Fatalf(format, args...)
}
func (w walker) Fatal(args ...any) { *w.failed = true; w.rt.Fatal(args...) }
func (w walker) Helper()           {}

// picture is what the table says of owners and transfers.
type picture struct {
	accounts, profiles, transfers map[string]row
	members                       map[string]bool // by "profile account"
}

// words are the consents to a transfer by the requests that were sent,
// independent of the table.
type words struct {
	confirm, answer     []string // the codes
	confirmed, accepted bool
	agents              map[value.AccountID]bool
}

// former is a profile before a move.
type former struct {
	owner, name string
	allocation  plan.Amounts
}

// held is a token that a person has.
type held struct {
	text    string
	by      value.AccountID
	profile value.ProfileID
	dead    string // why it must no longer work
}

type walk struct {
	*testkit.World
	people   map[string]testkit.Person
	now      picture
	said     map[string]*words
	ended    map[string]string
	formers  map[string]former
	secured  map[string]time.Time
	lowered  map[value.AccountID]bool
	tokens   []*held
	current  map[string]*held
	moves    *rules.Tally
	lastDone string
}

var owners = []string{"ana", "ben", "cyd"}

func newWalk(t walker, moves *rules.Tally) *walk {
	m := &walk{
		World: testkit.NewModelled(t), people: map[string]testkit.Person{}, said: map[string]*words{}, ended: map[string]string{}, formers: map[string]former{},
		secured: map[string]time.Time{}, lowered: map[value.AccountID]bool{}, current: map[string]*held{}, moves: moves,
	}
	*m.Services = *service.New(service.Config{
		Keys: testkit.Keys, Passwords: testkit.Passwords, Background: m.Background,
		Store: m.Store, Now: m.Now, Mailer: m.World.Outbox, Log: quiet(),
		NewID: func(time.Time) string { return m.NextID() }, NewKey: m.NextKey,
	})
	for _, name := range append([]string{"mia", "eve"}, owners...) {
		m.people[name] = m.Quick(name)
	}
	for _, name := range []string{"sam", "kim"} {
		m.people[name] = m.Agent(m.Quick(name))
	}
	plant := m.people["ana"].Profile("plant")
	allocate(m.World, plant, some)
	for _, name := range owners[1:] {
		grow(m.World, m.people[name], some)
	}
	m.Share(plant, m.people["mia"], tenancy.PermissionWrite)
	m.look("the beginning")
	return m
}

func (m *walk) look(when string) (rows []row) {
	rows = scan(m.World)
	p := picture{map[string]row{}, map[string]row{}, map[string]row{}, map[string]bool{}}
	for _, r := range rows {
		pk, sk := r.text("PK"), r.text("SK")
		switch {
		case sk == "A":
			p.accounts[pk[2:]] = r
		case sk == "P":
			p.profiles[pk[2:]] = r
		case strings.HasPrefix(pk, "X#"):
			p.transfers[pk[2:]] = r
		case strings.HasPrefix(pk, "P#") && strings.HasPrefix(sk, "M#") && r["active"] == true:
			p.members[pk[2:]+" "+sk[2:]] = true
		}
	}
	m.now, m.lastDone = p, when
	return rows
}

// client is a client of a person with a token that should work.
func (m *walk) client(name string) service.Client {
	h := m.current[name]
	if h == nil || h.dead != "" {
		h = m.mint(name)
		m.current[name] = h
	}
	return testkit.ClientOf(h.text)
}

// mint makes a token of a person for a profile that the person owns. A person
// without one gets a token for a profile of which the person is a member.
func (m *walk) mint(name string, of ...string) *held {
	p := m.people[name]
	if len(of) == 0 {
		of = m.owned(name)
	}
	h := &held{p.Mint(value.ProfileID(of[0]), "never"), p.ID, value.ProfileID(of[0]), ""}
	m.tokens = append(m.tokens, h)
	return h
}

func (m *walk) owned(name string) (ids []string) {
	for id, p := range m.now.profiles {
		if p.text("owner") == string(m.people[name].ID) {
			ids = append(ids, id)
		}
	}
	slices.Sort(ids)
	return ids
}

func (m *walk) nameOf(id string) string {
	for name, p := range m.people {
		if string(p.ID) == id || string(p.Email) == id {
			return name
		}
	}
	return ""
}

// pick draws one of the transfers that fit.
func (m *walk) pick(rt *rapid.T, fits func(row) bool) (string, row) {
	var ids []string
	for id, t := range m.now.transfers {
		if fits(t) {
			ids = append(ids, id)
		}
	}
	if len(ids) == 0 {
		rt.Skip("no transfer fits")
	}
	// They are sorted by age, because tickets are random.
	slices.SortFunc(ids, func(a, b string) int {
		return int(m.now.transfers[a].number("created")-m.now.transfers[b].number("created"))*1000 +
			strings.Compare(a, b)
	})
	id := rapid.SampledFrom(ids).Draw(rt, "ticket")
	return id, m.now.transfers[id]
}

func isOpen(t row) bool              { return t.text("state") == "requested" }
func ordinary(t row) bool            { return isOpen(t) && t.text("reverts") == "" }
func takenBack(t row) bool           { return t.text("state") == "completed" && t.text("reverts") == "" }
func ticketOf(id string) transfer.ID { return transfer.ID(id) }

// receiver is the person who may answer an open transfer, or "" when none of
// the walk can.
func (m *walk) receiver(t row) string {
	if to := t.text("destination"); to != "" {
		return m.nameOf(to)
	}
	return m.nameOf(t.text("email"))
}

// do sends a request as a client does, while the table fails as drawn. A client
// that is told to retry does so.
func (m *walk) do(rt *rapid.T, what string, request func() error) error {
	m.Advance(time.Second)
	type trouble struct {
		name  string
		fault testkit.Fault
		times int // attempts of the SDK, which sends a request three times
		on    string
	}
	troubles := []trouble{
		{}, {}, {}, {}, // no fault
		{"throttled once", testkit.Throttled, 1, "TransactWriteItems"}, {"no capacity", testkit.Throttled, 3, "TransactWriteItems"},
		{"broken once", testkit.BrokenService, 1, "TransactWriteItems"}, {"dies before the write", testkit.BrokenService, 3, "TransactWriteItems"},
		{"written twice", testkit.LostAnswer, 1, "TransactWriteItems"}, {"dies after the write", testkit.LostAnswer, 3, "TransactWriteItems"},
		{"dies after the write", testkit.LostAnswer, 3, "TransactWriteItems"},
		{"contention", testkit.Contention, 1, "TransactWriteItems"}, {"dies while it reads", testkit.BrokenService, 3, "BatchGetItem"},
		{"dies while it reads more", testkit.BrokenService, 3, "Query"}, {"half an answer", testkit.Unprocessed, 1, "BatchGetItem"},
	}
	tr := rapid.SampledFrom(troubles).Draw(rt, "trouble")
	at := rapid.IntRange(1, 2).Draw(rt, "at request")
	n := 0
	m.Faults.Always(func(operation string, attempt int) testkit.Fault {
		if operation != tr.on {
			return testkit.NoFault
		}
		if attempt == 1 {
			n++
		}
		if n == at && attempt <= tr.times {
			m.moves.Add("faults")
			return tr.fault
		}
		return testkit.NoFault
	})
	err := request()
	m.Faults.Always(nil)
	if tr.name != "" {
		what += ", and the table: " + tr.name
	}
	for tries := 0; problem.CodeOf(err) == problem.CodeUnavailable; tries++ {
		if tries == 3 {
			m.Fatalf("%s: still %v", what, err)
		}
		m.moves.Add("repeated")
		// The result of the first request is consistent already.
		m.verify(what + ", before the repetition")
		m.Advance(time.Second)
		err = request()
	}
	if problem.CodeOf(err) == problem.CodeInternal {
		m.Fatalf("%s: got %v, want no internal error", what, err)
	}
	m.verify(what)
	return err
}

// verify compares the table with itself, with the previous picture, and with
// the consents that were given.
func (m *walk) verify(what string) {
	before := m.now
	rows := m.look(what)
	now := m.Now().UnixMilli()
	fail := func(format string, args ...any) {
		m.Errorf("after %s: "+format, append([]any{what}, args...)...)
	}

	emails := allMails(m.World, rows)
	for _, wrong := range inconsistent(rows, emails, slices.Collect(maps.Keys(m.lowered))...) {
		fail("%s", wrong)
	}
	for id, a := range m.now.accounts {
		if !a.allocated().Within(a.amounts("limits")) {
			fail("account %s has allocated %v of %v", id, a.allocated(), a.amounts("limits"))
		}
		b := before.accounts[id]
		if b != nil && a.owned() > max(b.owned(), int64(plan.Plan(a.text("plan")).Limits().Profiles)) {
			fail("account %s got profile %d with the plan %s", id, a.owned(), a.text("plan"))
		}
	}
	for _, l := range emails {
		ticket, code := l.Data["ticket"], l.Data["code"]
		if code == "" || ticket == "" {
			continue
		}
		s := m.words(ticket)
		switch l.Kind {
		case mailing.KindTransferRequested, mailing.KindTransferRemindOwner:
			if !slices.Contains(s.confirm, code) {
				s.confirm = append(s.confirm, code)
			}
		default:
			if !slices.Contains(s.answer, code) {
				s.answer = append(s.answer, code)
			}
		}
	}

	moved := map[string]string{} // transfer by profile
	for id, t := range m.now.transfers {
		was := before.transfers[id]
		state := t.text("state")
		if text, ok := m.ended[id]; ok && fmt.Sprint(t) != text {
			fail("the ended transfer %s was %s\nand is %v", id, text, t)
		}
		if state != "requested" && m.ended[id] == "" {
			m.ended[id] = fmt.Sprint(t)
			m.moves.Add(state)
		}
		if state == "completed" && (was == nil || was.text("state") == "requested") {
			moved[t.text("profile")] = id
			m.movedRightly(fail, before, was, t, now)
		}
		if was != nil && was.text("state") == "requested" && state == "expired" && now < was.number("expires") {
			fail("transfer %s expired before its time", id)
		}
	}
	for id := range before.transfers {
		if m.now.transfers[id] == nil {
			fail("transfer %s is gone", id)
		}
	}
	for id, was := range before.profiles {
		p := m.now.profiles[id]
		if p == nil {
			m.kill(what, func(h *held) bool { return string(h.profile) == id })
			continue
		}
		if p.text("owner") != was.text("owner") {
			if moved[id] == "" {
				fail("profile %s changed its owner without a transfer", id)
			}
			for _, a := range []string{p.text("owner"), was.text("owner")} {
				m.kill(what, func(h *held) bool {
					return string(h.profile) == id && string(h.by) == a
				})
			}
		}
	}
	for place := range before.members {
		if !m.now.members[place] {
			m.kill(what, func(h *held) bool { return string(h.profile)+" "+string(h.by) == place })
		}
	}
	m.probe(fail, len(moved) > 0)
}

func (m *walk) words(ticket string) *words {
	if m.said[ticket] == nil {
		m.said[ticket] = &words{agents: map[value.AccountID]bool{}}
	}
	return m.said[ticket]
}

// movedRightly checks a completed transfer against all its prerequisites, as
// they were before.
func (m *walk) movedRightly(fail func(string, ...any), before picture, was, t row, now int64) {
	id, profile := t.text("id"), t.text("profile")
	s, back := m.words(id), t.text("reverts") != ""
	both := s.confirmed && s.accepted
	if !back && !(both && len(s.agents) > 0) || back && !(both || len(s.agents) > 1) {
		fail("transfer %s completed with the words %+v", id, *s)
	}
	if was == nil || now >= was.number("expires") {
		fail("transfer %s completed at its end or later, or at once: %v", id, was)
		return
	}
	src := before.accounts[t.text("source")]
	dst, p := before.accounts[t.text("destination")], before.profiles[profile]
	after := m.now.profiles[profile]
	if p.text("owner") != t.text("source") || after.text("owner") != t.text("destination") {
		fail("transfer %s from %s to %s: the owner was %s and is %s", id, t.text("source"), t.text("destination"), p.text("owner"), after.text("owner"))
	}
	// The side that returns the profile must not be able to keep it by a change
	// to a lower plan.
	sides := []row{dst}
	if !back {
		sides = append(sides, src)
	}
	for _, a := range sides {
		if chosen := a.text("plan"); chosen != "starter" && chosen != "scale" {
			fail("transfer %s completed while %s had the plan %s", id, a.text("name"), chosen)
		}
	}
	if src.owned() < 2 || dst.owned() >= int64(plan.Plan(dst.text("plan")).Limits().Profiles) {
		fail("transfer %s completed while its sides had %d and %d profiles", id, src.owned(), dst.owned())
	}
	created := t.number("created")
	last := p.number("transferred")
	if !back && last > 0 && created < last+tenancy.TransferLock.Milliseconds() {
		fail("transfer %s was requested within the lock", id)
	}
	if secured := m.secured[t.text("source")]; !back && !secured.IsZero() {
		ms := secured.UnixMilli()
		if ms > created-transfer.SecurityRecent.Milliseconds() &&
			now < max(ms, created)+transfer.SecurityHold.Milliseconds() {
			fail("transfer %s completed within the hold", id)
		}
	}
	m.formers[id] = former{p.text("owner"), p.text("name"), p.amounts("allocation")}
	if back {
		m.moves.Add("completed back")
		got := (former{after.text("owner"), after.text("name"), after.amounts("allocation")})
		want := m.formers[t.text("reverts")]
		if got != want {
			fail("taken back by %s, the profile is %+v, want %+v", id, got, want)
		}
		if got, want := m.now.accounts[t.text("destination")].allocated(),
			dst.allocated().Plus(m.formers[t.text("reverts")].allocation); got != want {
			fail("taken back by %s, the owner has allocated %v, want %v", id, got, want)
		}
	}
}

func (m *walk) kill(why string, which func(*held) bool) {
	for _, h := range m.tokens {
		if h.dead == "" && which(h) {
			h.dead = why
		}
	}
}

// probe uses the newest tokens, and after a move all tokens.
func (m *walk) probe(fail func(string, ...any), all bool) {
	list := m.tokens[max(0, len(m.tokens)-12):]
	if !all {
		list = list[max(0, len(list)-2):]
	}
	for _, h := range list {
		for id := range m.now.profiles {
			if !all && value.ProfileID(id) != h.profile {
				continue
			}
			want := problem.CodeNotFound
			if m.now.profiles[id].text("owner") == string(h.by) || m.now.members[id+" "+string(h.by)] {
				want = ""
			}
			if h.dead != "" {
				want = problem.CodeUnauthenticated
			}
			_, err := m.Profiles.Get(m.Context(),
				testkit.ClientOf(h.text).For(operation.ProfileGet.Access),
				service.ProfileRef{ID: value.ProfileID(id)})
			if problem.CodeOf(err) != want {
				fail("the token of %s for %s, dead %q, gets %v at %s, want code %q", m.nameOf(string(h.by)), h.profile, h.dead, err, id, want)
			}
		}
	}
}
