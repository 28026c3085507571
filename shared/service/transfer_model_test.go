package service_test

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"profiles/shared/mailing"
	"profiles/shared/plan"
	"profiles/shared/problem"
	"profiles/shared/service"
	"profiles/shared/tenancy"
	"profiles/shared/testkit"
	"profiles/shared/transfer"
	"profiles/shared/value"
)

// sequences is how many random walks one run takes.
const sequences = 8

// On random walks of both sides, members, agents, strangers and the sweep, with
// a table that fails before and after its writes and clients that repeat what
// they got no answer to: everything in the table agrees with everything else,
// nothing moves without all words, what has ended stays as it is, no credential
// outlives the right it was made under, and what is taken back is as it was.
func TestTransfersOnRandomWalks(t *testing.T) {
	t.Parallel()
	walked, failed := 0, false
	moves := map[string]int{}
	rapid.Check(t, func(rt *rapid.T) {
		// What has failed is walked again, to find a shorter way.
		if walked++; walked > sequences && !failed {
			return
		}
		m := newWalk(walker{t, rt, &failed}, moves)
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
	t.Logf("what happened: %v", moves)
	for _, what := range []string{"completed", "completed back", "faults", "repeated"} {
		if moves[what] == 0 {
			t.Errorf("the walks saw nothing %s: %v", what, moves)
		}
	}
}

// walker is a test whose failures rapid hears of.
type walker struct {
	testing.TB
	rt     *rapid.T
	failed *bool
}

func (w walker) Errorf(format string, args ...any) { *w.failed = true; w.rt.Errorf(format, args...) }
func (w walker) Error(args ...any)                 { *w.failed = true; w.rt.Error(args...) }
func (w walker) Fatalf(format string, args ...any) { *w.failed = true; w.rt.Fatalf(format, args...) }
func (w walker) Fatal(args ...any)                 { *w.failed = true; w.rt.Fatal(args...) }
func (w walker) Helper()                           {}

// picture is what the table says of owners and transfers.
type picture struct {
	accounts, profiles, transfers map[string]row
	members                       map[string]bool // "profile account"
}

// words are who has agreed to a transfer, by what they did and not by what the
// table says.
type words struct {
	confirm, answer     []string // codes
	confirmed, accepted bool
	agents              map[value.AccountID]bool
}

// former is a profile before a move.
type former struct {
	owner, name string
	allocation  plan.Amounts
}

// held is a token in somebody's hands.
type held struct {
	text    string
	by      value.AccountID
	profile value.ProfileID
	dead    string // since when it must not work
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
	moves    map[string]int
	lastDone string
}

var owners = []string{"ana", "ben", "cyd"}

func newWalk(t walker, moves map[string]int) *walk {
	m := &walk{
		World: testkit.New(t), people: map[string]testkit.Person{}, said: map[string]*words{}, ended: map[string]string{}, formers: map[string]former{},
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

// client is somebody with a token that should work.
func (m *walk) client(name string) service.Client {
	h := m.current[name]
	if h == nil || h.dead != "" {
		h = m.mint(name)
		m.current[name] = h
	}
	return testkit.ClientOf(h.text)
}

// mint makes a token of somebody's for a profile that they own, or if they own
// none are a member of.
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
	// By age: tickets look random.
	slices.SortFunc(ids, func(a, b string) int {
		return int(m.now.transfers[a].number("created")-m.now.transfers[b].number("created"))*1000 + strings.Compare(a, b)
	})
	id := rapid.SampledFrom(ids).Draw(rt, "ticket")
	return id, m.now.transfers[id]
}

func isOpen(t row) bool              { return t.text("state") == "requested" }
func ordinary(t row) bool            { return isOpen(t) && t.text("reverts") == "" }
func takenBack(t row) bool           { return t.text("state") == "completed" && t.text("reverts") == "" }
func ticketOf(id string) transfer.ID { return transfer.ID(id) }

// receiver is who may answer an open transfer, "" when nobody of ours can.
func (m *walk) receiver(t row) string {
	if to := t.text("destination"); to != "" {
		return m.nameOf(to)
	}
	return m.nameOf(t.text("email"))
}

// do sends a request as a client does, while the table fails as drawn: one that
// is told to come again does.
func (m *walk) do(rt *rapid.T, what string, request func() error) error {
	m.Advance(time.Second)
	type trouble struct {
		name  string
		fault testkit.Fault
		times int // attempts of the SDK, which gives up after three
		on    string
	}
	troubles := []trouble{
		{}, {}, {}, {}, // nothing
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
			m.moves["faults"]++
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
		m.moves["repeated"]++
		// Whatever came of the first one is consistent already.
		m.verify(what + ", before the repetition")
		m.Advance(time.Second)
		err = request()
	}
	if problem.CodeOf(err) == problem.CodeInternal {
		m.Fatalf("%s: got %v", what, err)
	}
	m.verify(what)
	return err
}

// verify compares the table with itself, with what it was, and with what was
// said.
func (m *walk) verify(what string) {
	before := m.now
	rows := m.look(what)
	now := m.Now().UnixMilli()
	fail := func(format string, args ...any) { m.Errorf("after %s: "+format, append([]any{what}, args...)...) }

	emails := lettersOf(m.World, rows)
	for _, wrong := range inconsistent(rows, emails, slices.Collect(maps.Keys(m.lowered))...) {
		fail("%s", wrong)
	}
	for id, a := range m.now.accounts {
		if !a.allocated().Within(a.amounts("limits")) {
			fail("account %s has allocated %v of %v", id, a.allocated(), a.amounts("limits"))
		}
		if b := before.accounts[id]; b != nil && a.owned() > max(b.owned(), int64(plan.Plan(a.text("plan")).Limits().Profiles)) {
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

	moved := map[string]string{} // profile: transfer
	for id, t := range m.now.transfers {
		was := before.transfers[id]
		state := t.text("state")
		if text, ok := m.ended[id]; ok && fmt.Sprint(t) != text {
			fail("the ended transfer %s was %s\nand is %v", id, text, t)
		}
		if state != "requested" && m.ended[id] == "" {
			m.ended[id] = fmt.Sprint(t)
			m.moves[state]++
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
				m.kill(what, func(h *held) bool { return string(h.profile) == id && string(h.by) == a })
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

// movedRightly checks a completion against everything that it takes, as it was
// known before.
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
	src, dst, p := before.accounts[t.text("source")], before.accounts[t.text("destination")], before.profiles[profile]
	after := m.now.profiles[profile]
	if p.text("owner") != t.text("source") || after.text("owner") != t.text("destination") {
		fail("transfer %s from %s to %s: the owner was %s and is %s", id, t.text("source"), t.text("destination"), p.text("owner"), after.text("owner"))
	}
	// Whoever gives back must not be able to keep the profile by a lower plan.
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
	if last := p.number("transferred"); !back && last > 0 && created < last+tenancy.TransferLock.Milliseconds() {
		fail("transfer %s was requested within the lock", id)
	}
	if secured := m.secured[t.text("source")]; !back && !secured.IsZero() {
		if ms := secured.UnixMilli(); ms > created-transfer.SecurityRecent.Milliseconds() && now < max(ms, created)+transfer.SecurityHold.Milliseconds() {
			fail("transfer %s completed within the hold", id)
		}
	}
	m.formers[id] = former{p.text("owner"), p.text("name"), p.amounts("allocation")}
	if back {
		m.moves["completed back"]++
		if got, want := (former{after.text("owner"), after.text("name"), after.amounts("allocation")}), m.formers[t.text("reverts")]; got != want {
			fail("taken back by %s, the profile is %+v, want %+v", id, got, want)
		}
		if got, want := m.now.accounts[t.text("destination")].allocated(), dst.allocated().Plus(m.formers[t.text("reverts")].allocation); got != want {
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

// probe uses the newest tokens, all of them after a move.
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
			_, err := m.Profiles.Get(m.Context(), testkit.ClientOf(h.text), service.ProfileRef{ID: value.ProfileID(id)})
			if problem.CodeOf(err) != want {
				fail("the token of %s for %s, dead %q, gets %v at %s, want code %q", m.nameOf(string(h.by)), h.profile, h.dead, err, id, want)
			}
		}
	}
}

func (m *walk) request(rt *rapid.T) {
	by := rapid.SampledFrom(owners).Draw(rt, "by")
	profile := rapid.SampledFrom(m.owned(by)).Draw(rt, "profile")
	m.requestIt(rt, by, profile, rapid.SampledFrom([]string{"ana", "ben", "cyd", "nobody"}).Draw(rt, "to"))
}

func (m *walk) requestIt(rt *rapid.T, by, profile, to string) {
	client := m.client(by)
	_ = m.do(rt, by+" offers a profile to "+to, func() error {
		_, err := m.Transfers.Request(m.Context(), client, service.ProfileRef{ID: value.ProfileID(profile)},
			service.TransferRequest{Email: to + "@example.com", Credentials: service.Credentials{Password: testkit.Password}})
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
		return // the account had no mail yet, as after a request whose answer was lost
	}
	code := rapid.SampledFrom(s.confirm).Draw(rt, "code")
	client := m.client(by)
	if m.Now().UnixMilli() < t.number("expires") {
		s.confirmed = true
	}
	_ = m.do(rt, by+" confirms", func() error {
		_, err := m.Transfers.Confirm(m.Context(), client, ticketOf(id), code, service.Credentials{Password: testkit.Password})
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
	a := transfer.Acceptance{Owner: rapid.SampledFrom([]tenancy.Permission{tenancy.PermissionNone, tenancy.PermissionRead, tenancy.PermissionFull}).Draw(rt, "the owner stays")}
	if rapid.Bool().Draw(rt, "a name") {
		name := "new " + fmt.Sprint(m.moves["completed"])
		a.Name = &name
	}
	if rapid.Bool().Draw(rt, "less") {
		a.Allocation = map[plan.Service]int64{plan.ServiceSMS: 0}
	}
	if mia := m.people["mia"].ID; m.now.members[t.text("profile")+" "+string(mia)] && rapid.Bool().Draw(rt, "mia stays") {
		a.Members = map[value.AccountID]tenancy.Permission{mia: tenancy.PermissionRead}
	}
	client := m.client(by)
	s.accepted = true
	_ = m.do(rt, by+" accepts", func() error {
		_, err := m.Transfers.Accept(m.Context(), client, ticketOf(id), code, service.Credentials{Password: testkit.Password}, a)
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
		_, err := m.Desk.Approve(m.Context(), client, ticketOf(id))
		return err
	})
}

// everybody gives their word about an open transfer, in any order. When there
// is none, somebody offers a profile first.
func (m *walk) everybody(rt *rapid.T) {
	if !slices.ContainsFunc(slices.Collect(maps.Values(m.now.transfers)), ordinary) {
		by := owners[0]
		for _, name := range owners {
			if len(m.owned(name)) > len(m.owned(by)) {
				by = name
			}
		}
		to := rapid.SampledFrom(slices.DeleteFunc(slices.Clone(owners), func(name string) bool { return name == by })).Draw(rt, "to")
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
		_, err := m.Transfers.Decline(m.Context(), client, ticketOf(id), s.answer[0], service.Credentials{Password: testkit.Password})
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
		_, err := m.Transfers.Cancel(m.Context(), client, service.ProfileRef{ID: value.ProfileID(t.text("profile"))})
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
		_, err := m.Desk.Reject(m.Context(), client, ticketOf(id), "no")
		return err
	})
}

func (m *walk) extend(rt *rapid.T) {
	id, _ := m.pick(rt, isOpen)
	client := m.client("sam")
	_ = m.do(rt, "sam extends", func() error {
		_, err := m.Desk.Extend(m.Context(), client, ticketOf(id))
		return err
	})
}

func (m *walk) revert(rt *rapid.T) {
	id, t := m.pick(rt, takenBack)
	m.revertIt(rt, id, rapid.SampledFrom([]string{m.nameOf(t.text("source")), m.nameOf(t.text("destination")), "sam", "kim"}).Draw(rt, "by"))
}

func (m *walk) bothRevert(rt *rapid.T) {
	id, t := m.pick(rt, takenBack)
	for _, by := range rapid.SampledFrom([][]string{{m.nameOf(t.text("source")), m.nameOf(t.text("destination"))}, {"kim", "sam"}}).Draw(rt, "by") {
		m.revertIt(rt, id, by)
	}
}

func (m *walk) revertIt(rt *rapid.T, id, by string) {
	client := m.client(by)
	original := m.now.transfers[id]
	said := func(ticket string) {
		s := m.words(ticket)
		switch string(m.people[by].ID) {
		case original.text("destination"): // gives back
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
			got, err = m.Desk.Revert(m.Context(), client, ticketOf(id))
		} else {
			got, err = m.Transfers.Revert(m.Context(), client, ticketOf(id), service.Credentials{Password: testkit.Password})
		}
		if err == nil {
			said(string(got.ID))
		}
		return err
	}
	_ = m.do(rt, by+" takes back "+id, ask)
	// One whose answer was lost is there all the same, opened by this word
	// alone.
	for open, t := range m.now.transfers {
		if isOpen(t) && t.text("reverts") == id {
			if s := m.words(open); !s.confirmed && !s.accepted && len(s.agents) == 0 {
				said(open)
			}
		}
	}
}

func (m *walk) sweep(rt *rapid.T) {
	if err := m.do(rt, "the sweep", func() error { _, err := m.Transfers.Expire(m.Context()); return err }); err != nil {
		m.Errorf("the sweep: %v", err)
	}
}

func (m *walk) purge(rt *rapid.T) {
	_ = m.do(rt, "the purge", func() error { _, err := m.Profiles.Purge(m.Context()); return err })
}

func (m *walk) time(rt *rapid.T) {
	d := rapid.SampledFrom([]time.Duration{time.Minute, 15 * time.Minute, time.Hour, 24 * time.Hour, 84 * time.Hour, 7 * 24 * time.Hour}).Draw(rt, "time")
	m.Advance(d)
	m.verify("the time " + d.String())
}

func (m *walk) plan(rt *rapid.T) {
	by := rapid.SampledFrom(owners).Draw(rt, "whose")
	to := rapid.SampledFrom([]plan.Plan{plan.Free, plan.Starter, plan.Scale, plan.Scale, plan.Scale}).Draw(rt, "plan")
	m.lowered[m.people[by].ID] = true
	m.Advance(time.Second)
	change(m.World, m.people[by], onPlan(to))
	m.verify(by + "'s plan is " + string(to))
}

func (m *walk) create(rt *rapid.T) {
	by := rapid.SampledFrom(owners).Draw(rt, "by")
	client := m.client(by)
	_ = m.do(rt, by+" makes a profile", func() error {
		_, err := m.Profiles.Create(m.Context(), client, "made", rapid.Bool().Draw(rt, "with what is free"))
		return err
	})
}

func (m *walk) delete(rt *rapid.T) {
	by := rapid.SampledFrom(owners).Draw(rt, "by")
	own := m.owned(by)
	id := own[len(own)-1]
	// With a token that lives on.
	client := testkit.ClientOf(m.mint(by, own[0]).text)
	_ = m.do(rt, by+" deletes "+id, func() error {
		return m.Profiles.Delete(m.Context(), client, service.ProfileRef{ID: value.ProfileID(id)}, service.Credentials{Password: testkit.Password})
	})
}

func (m *walk) share(rt *rapid.T) {
	by := rapid.SampledFrom(owners).Draw(rt, "whose")
	id := rapid.SampledFrom(m.owned(by)).Draw(rt, "profile")
	with := m.people[rapid.SampledFrom([]string{"mia", "ana", "ben"}).Draw(rt, "with")]
	if err := m.do(rt, by+" shares a profile with "+with.Name, func() error {
		return m.Operator.AddMember(m.Context(), value.ProfileID(id), with.ID, tenancy.PermissionWrite)
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
		return m.Teams.Remove(m.Context(), client, service.ProfileRef{ID: value.ProfileID(profile)}, account)
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

// strangers know the codes and everything else, and change nothing.
func (m *walk) strangers(rt *rapid.T) {
	id, t := m.pick(rt, func(row) bool { return true })
	m.refused(rt, "eve", id, t, "confirm", "accept", "decline", "cancel", "revert", "approve", "reject")
}

// overreach is a side that does what is the other's.
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
		_, err = m.Transfers.Confirm(ctx, client, ticketOf(id), last(s.confirm), service.Credentials{Password: testkit.Password})
	case "accept":
		_, err = m.Transfers.Accept(ctx, client, ticketOf(id), last(s.answer), service.Credentials{Password: testkit.Password}, transfer.Acceptance{})
	case "decline":
		_, err = m.Transfers.Decline(ctx, client, ticketOf(id), last(s.answer), service.Credentials{Password: testkit.Password})
	case "cancel":
		_, err = m.Transfers.Cancel(ctx, client, service.ProfileRef{ID: value.ProfileID(t.text("profile"))})
	case "revert":
		_, err = m.Transfers.Revert(ctx, client, ticketOf(id), service.Credentials{Password: testkit.Password})
	case "approve":
		_, err = m.Desk.Approve(ctx, client, ticketOf(id))
	case "reject":
		_, err = m.Desk.Reject(ctx, client, ticketOf(id), "no")
	}
	if err == nil || errors.Is(err, problem.ErrConflict) {
		m.Errorf("%s may %s the transfer %s: %v", by, verb, id, err)
	}
	if m.State() != before {
		m.Errorf("%s was refused to %s, and the table changed", by, verb)
	}
	m.verify(by + " was refused to " + verb)
}
