package store_test

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"profiles/shared/auditlog"
	"profiles/shared/plan"
	"profiles/shared/problem"
	"profiles/shared/store"
	"profiles/shared/tenancy"
	"profiles/shared/testkit"
	"profiles/shared/value"
)

// deal is a profile that changes hands, once or more often.
type deal struct {
	w                   *testkit.World
	source, destination tenancy.Account
	profile             tenancy.Profile  // as it was made
	transfer            tenancy.Transfer // the last one, as it is stored
}

// newDeal makes two accounts that have a profile to spare, and one of the first with an allocation.
func newDeal(w *testkit.World) *deal {
	w.Helper()
	d := &deal{w: w, source: newAccount(w), destination: newAccount(w)}
	d.profile = newProfile(w, d.source.ID)
	d.profile.Allocation[plan.ServiceInput] = 1000
	d.source = owning(d.source, d.profile, newProfile(w, d.source.ID))
	d.destination = owning(d.destination, newProfile(w, d.destination.ID), newProfile(w, d.destination.ID))
	for _, a := range []tenancy.Account{d.source, d.destination} {
		must(w, func(tx *store.Tx) { tx.CreateAccount(a, w.Now()) })
	}
	must(w, func(tx *store.Tx) { tx.CreateProfile(d.profile) })
	return d
}

// stored is the profile as it stands in the table.
func (d *deal) stored() tenancy.Profile {
	d.w.Helper()
	p, _, err := d.w.Store.ProfileWithMembers(d.w.Context(), d.profile.ID)
	d.w.OK(err)
	return p
}

// enlist makes an account a member.
func (d *deal) enlist(m tenancy.Member) tenancy.Member {
	d.w.Helper()
	m.Epoch = d.w.Now().UnixMilli()
	must(d.w, func(tx *store.Tx) { tx.AddMember(d.stored(), m) })
	return m
}

func (d *deal) join() tenancy.Member {
	d.w.Helper()
	return d.enlist(newMember(d.w, d.profile.ID))
}

// joinReceiver makes the receiving account a member.
func (d *deal) joinReceiver() tenancy.Member {
	d.w.Helper()
	m := newMember(d.w, d.profile.ID)
	m.Account = d.destination.ID
	return d.enlist(m)
}

func (d *deal) invite() tenancy.Invitation {
	d.w.Helper()
	i := newInvitation(d.w, d.stored())
	must(d.w, func(tx *store.Tx) { tx.Invite(d.stored(), i, tenancy.Member{}) })
	return i
}

// token makes a token of an account that can open the profile.
func (d *deal) token(a value.AccountID) tenancy.Token {
	d.w.Helper()
	batch := d.w.Store.Batch()
	grant := batch.Grant(a, d.profile.ID)
	d.w.OK(batch.Get(d.w.Context()))
	if !grant.OK {
		d.w.Fatalf("%s cannot open the profile", a)
	}
	t := newToken(d.w, d.profile.ID)
	t.Account, t.GrantEpoch = a, grant.Value.Epoch
	must(d.w, func(tx *store.Tx) { tx.CreateToken(t) }, func(tx *store.Tx) { tx.CheckGrant(grant.Value, errRefused) })
	return t
}

// open opens a transfer, one that takes the last one back when that has completed.
func (d *deal) open() {
	d.w.Helper()
	t := newTransfer(d.w, d.profile, d.destination.Email)
	t.Source = d.source.ID
	if d.transfer.State == tenancy.TransferCompleted {
		t.Reverts, t.Destination = d.transfer.ID, d.destination.ID
	}
	must(d.w, func(tx *store.Tx) { tx.OpenTransfer(d.stored(), t) })
	d.transfer = t
}

// answer makes the receiving account accept, and the owner confirm.
func (d *deal) answer(terms tenancy.Terms) {
	d.w.Helper()
	t := d.transfer
	t.Destination, t.Confirmed, t.Accepted, t.Terms = d.destination.ID, d.w.Now(), d.w.Now(), terms
	must(d.w, func(tx *store.Tx) { tx.AnswerTransfer(t) })
	t.Version++
	d.transfer = t
}

func (d *deal) end(state tenancy.TransferState) {
	d.w.Helper()
	t := ended(d.transfer, state, d.w.Now())
	must(d.w, func(tx *store.Tx) { tx.EndTransfer(t) })
	t.Version++
	d.transfer = t
}

// decide completes the open transfer by the rules, and leaves it to the caller to commit that.
func (d *deal) decide(terms tenancy.Terms) tenancy.TransferMove {
	d.w.Helper()
	c := tenancy.TransferContext{Transfer: d.transfer}
	c.Transfer.Destination, c.Transfer.Confirmed, c.Transfer.Accepted, c.Transfer.Terms = d.destination.ID, d.w.Now(), d.w.Now(), terms
	var err error
	c.Profile, c.Team, err = d.w.Store.ProfileWithMembers(d.w.Context(), d.profile.ID)
	d.w.OK(err)
	batch := d.w.Store.Batch()
	source, destination := batch.Account(d.source.ID), batch.Account(d.destination.ID)
	d.w.OK(batch.Get(d.w.Context()))
	c.Source, c.Destination = source.Value, destination.Value
	m, checks := c.Complete(d.w.Now())
	if m.Transfer.State != tenancy.TransferCompleted {
		d.w.Fatalf("the profile cannot move: %s", checks.Missing())
	}
	return m
}

// move completes the open transfer.
func (d *deal) move(terms tenancy.Terms) tenancy.TransferMove {
	d.w.Helper()
	m := d.decide(terms)
	must(d.w, func(tx *store.Tx) { tx.MoveProfile(m) })
	d.transfer = m.Transfer
	d.transfer.Version++
	return m
}

// turn makes the next transfer go the other way.
func (d *deal) turn() { d.source, d.destination = d.destination, d.source }

// staying are terms by which members stay, and the previous owner with a permission.
func staying(owner tenancy.Permission, members ...tenancy.Member) tenancy.Terms {
	terms := tenancy.Terms{Owner: owner, Members: map[value.AccountID]tenancy.Permission{}}
	for _, m := range members {
		terms.Members[m.Account] = tenancy.PermissionRead
	}
	return terms
}

// changes are the keys that were added (+), removed (-) or rewritten with other contents (~), with ids replaced by names.
func changes(before, after []testkit.Item, names map[string]string) []string {
	var pairs []string
	for id, name := range names {
		pairs = append(pairs, id, name)
	}
	legible := strings.NewReplacer(pairs...)
	was := map[string]string{}
	for _, it := range before {
		was[it.PK+" "+it.SK] = it.Text
	}
	var out []string
	for _, it := range after {
		k := it.PK + " " + it.SK
		switch text, known := was[k]; {
		case !known:
			out = append(out, "+"+legible.Replace(k))
		case text != it.Text:
			out = append(out, "~"+legible.Replace(k))
		}
		delete(was, k)
	}
	for k := range was {
		out = append(out, "-"+legible.Replace(k))
	}
	slices.Sort(out)
	return out
}

// ms is a time as keys have it.
func ms(t time.Time) string { return fmt.Sprintf("%013d", t.UnixMilli()) }

// names are those of the deal's ids in keys.
func (d *deal) names() map[string]string {
	return map[string]string{
		string(d.source.ID): "source", string(d.destination.ID): "destination", string(d.profile.ID): "profile",
		string(d.transfer.ID): "ticket", ms(d.transfer.Created): "created",
	}
}

// wrote ends with an error unless what do writes is exactly what is wanted, one change a line in any order.
func (d *deal) wrote(what string, names map[string]string, do func(), want string) {
	d.w.Helper()
	before := d.w.Items()
	do()
	all := d.names() // with the ticket that do may have made
	maps.Copy(all, names)
	wanted := strings.Split(strings.TrimSpace(want), "\n")
	for i := range wanted {
		wanted[i] = strings.TrimSpace(wanted[i])
	}
	slices.Sort(wanted)
	got := changes(before, d.w.Items(), all)
	if !slices.Equal(got, wanted) {
		d.w.Errorf("%s:\ngot\n  %s\nwant\n  %s", what, strings.Join(got, "\n  "), strings.Join(wanted, "\n  "))
	}
}

// ttls are the times at which the items of the transfer are forgotten, by the first letter of their partition.
func (d *deal) ttls() map[string]string {
	d.w.Helper()
	out := map[string]string{}
	order := "X#" + ms(d.transfer.Created) + "#" + string(d.transfer.ID)
	for name, k := range map[string][2]string{
		"transfer": {"X#" + string(d.transfer.ID), "X"}, "source": {"A#" + string(d.source.ID), order},
		"destination": {"A#" + string(d.destination.ID), order}, "offer": {"E#" + string(d.destination.Email), order},
		"claim": {"P#" + string(d.profile.ID), "X"}, "queue": {"Q#desk", strings.TrimPrefix(order, "X#")},
	} {
		if it := raw(d.w, k[0], k[1]); it != nil {
			out[name] = numberOf(it, "ttl")
		}
	}
	return out
}

// What each step of a transfer that moves nothing has in the table: the lists of both sides, the queue of the desk, the offer, the
// claim, what is due, and when it is forgotten.
func TestTransfersInTheTable(t *testing.T) {
	t.Parallel()
	w := testkit.New(t)
	far := w.Now().Add(365 * day)
	d := newDeal(w)
	opened := func() *store.Found[tenancy.TransferID] {
		batch := w.Store.Batch()
		open := batch.OpenTransfer(d.profile.ID)
		w.OK(batch.Get(t.Context()))
		return open
	}
	d.wrote("an offer to an address", nil, d.open, `
		+A#source X#created#ticket
		+E#destination@example.com X#created#ticket
		+P#profile X
		+Q#desk created#ticket
		+X#ticket X
		~P#profile P`)
	same(t, "the profile's open transfer", opened(), &store.Found[tenancy.TransferID]{Value: d.transfer.ID, OK: true})
	same(t, "what is forgotten of it", d.ttls(), map[string]string{"transfer": "", "source": "", "offer": "", "claim": "", "queue": ""})
	same(t, "due a moment before its first reminder", due(w, store.DueTransfer, d.transfer.Due().Add(-time.Millisecond)), nil)
	same(t, "due at its first reminder", due(w, store.DueTransfer, d.transfer.Due()), []string{string(d.transfer.ID)})

	retried := with(d.transfer, func(t *tenancy.Transfer) { t.Retry = w.Now().Add(time.Hour) })
	d.wrote("a change", nil, func() { must(w, func(tx *store.Tx) { tx.UpdateTransfer(retried) }) }, `~X#ticket X`)
	retried.Version++
	d.transfer = retried
	same(t, "due a moment before the next attempt", due(w, store.DueTransfer, retried.Retry.Add(-time.Millisecond)), nil)
	same(t, "due at the next attempt", due(w, store.DueTransfer, retried.Retry), []string{string(retried.ID)})

	d.wrote("an acceptance", nil, func() { d.answer(tenancy.Terms{}) }, `
		+A#destination X#created#ticket
		-E#destination@example.com X#created#ticket
		~X#ticket X`)
	same(t, "what is forgotten of it", d.ttls(), map[string]string{"transfer": "", "source": "", "destination": "", "claim": "", "queue": ""})
	d.wrote("another acceptance", nil, func() { d.answer(staying(tenancy.PermissionRead)) }, `~X#ticket X`)
	w.Advance(time.Hour)
	d.wrote("the end after an acceptance", nil, func() { d.end(tenancy.TransferRejected) }, `
		-P#profile X
		-Q#desk created#ticket
		~A#destination X#created#ticket
		~A#source X#created#ticket
		~X#ticket X`)
	kept := unix(w.Now().Add(tenancy.TransferKept))
	same(t, "what is forgotten of it", d.ttls(), map[string]string{"transfer": kept, "source": kept, "destination": kept})
	same(t, "due after its end", due(w, store.DueTransfer, far), nil)
	same(t, "the profile's open transfer", opened(), &store.Found[tenancy.TransferID]{})

	d.open()
	d.wrote("the end of an offer that nobody answered", nil, func() { d.end(tenancy.TransferExpired) }, `
		-E#destination@example.com X#created#ticket
		-P#profile X
		-Q#desk created#ticket
		~A#source X#created#ticket
		~X#ticket X`)
	same(t, "what is forgotten of it", d.ttls(), map[string]string{"transfer": kept, "source": kept})

	d.open()
	d.transfer.Destination = d.destination.ID
	d.wrote("an offer that is declined", nil, func() { d.end(tenancy.TransferDeclined) }, `
		+A#destination X#created#ticket
		-E#destination@example.com X#created#ticket
		-P#profile X
		-Q#desk created#ticket
		~A#source X#created#ticket
		~X#ticket X`)
	same(t, "what is forgotten of it", d.ttls(), map[string]string{"transfer": kept, "source": kept, "destination": kept})

	d.open()
	w.Advance(time.Second)
	d.move(tenancy.Terms{})
	d.turn()
	w.Advance(time.Second)
	d.wrote("a transfer that takes another one back", nil, d.open, `
		+A#destination X#created#ticket
		+A#source X#created#ticket
		+P#profile X
		+Q#desk created#ticket
		+X#ticket X
		~P#profile P`)
}

// What a move has in the table, with every kind of person in the team. Tokens are not touched.
func TestAMoveInTheTable(t *testing.T) {
	t.Parallel()
	type grants map[string]*store.Found[tenancy.Grant]
	check := func(t *testing.T, d *deal, m tenancy.TransferMove, want grants, team tenancy.Team) {
		t.Helper()
		batch := d.w.Store.Batch()
		got := grants{}
		ids := map[string]value.AccountID{"source": d.source.ID, "destination": d.destination.ID}
		for _, member := range slices.Concat(m.Stay, m.Leave) {
			ids[string(member.Account)] = member.Account
		}
		for name, id := range ids {
			got[name] = batch.Grant(id, d.profile.ID)
		}
		source, destination, transfer := batch.Account(d.source.ID), batch.Account(d.destination.ID), batch.Transfer(d.transfer.ID)
		d.w.OK(batch.Get(t.Context()))
		for name := range got {
			if want[name] == nil {
				want[name] = &store.Found[tenancy.Grant]{}
			}
			same(t, "grant of "+name, got[name], want[name])
		}
		same(t, "source account", source.Value, at(m.Source, m.Source.Version+1))
		same(t, "destination account", destination.Value, at(m.Destination, m.Destination.Version+1))
		same(t, "transfer", transfer.Value, d.transfer)
		p, members, err := d.w.Store.ProfileWithMembers(t.Context(), d.profile.ID)
		d.w.OK(err)
		same(t, "profile", p, at(m.Profile, m.Profile.Version+1))
		byAccount := func(a, b tenancy.Member) int { return strings.Compare(a.ID(), b.ID()) }
		slices.SortFunc(members, byAccount)
		slices.SortFunc(team, byAccount)
		same(t, "team", members, team)
		kept := unix(d.w.Now().Add(tenancy.TransferKept))
		same(t, "what is forgotten", d.ttls(), map[string]string{"transfer": kept, "source": kept, "destination": kept})
		same(t, "due transfers", due(d.w, store.DueTransfer, d.w.Now().Add(365*day)), nil)
	}
	found := func(g tenancy.Grant) *store.Found[tenancy.Grant] {
		return &store.Found[tenancy.Grant]{Value: g, OK: true}
	}

	t.Run("the previous owner and a member leave, another one stays, an invitation is open", func(t *testing.T) {
		w := testkit.New(t)
		d := newDeal(w)
		stays, leaves, invitation := d.join(), d.join(), d.invite()
		for _, id := range []value.AccountID{d.source.ID, stays.Account, leaves.Account} {
			d.token(id)
		}
		d.open()
		w.Advance(time.Second)
		terms := staying(tenancy.PermissionNone, stays)
		terms.Name = "renamed"
		var m tenancy.TransferMove
		d.wrote("the move", map[string]string{
			string(stays.Account): "stays", string(leaves.Account): "leaves", ms(w.Now()): "now",
			string(invitation.Code): "code", string(invitation.ID): "invitation",
		}, func() { m = d.move(terms) }, `
			+A#destination P#profile
			+A#destination X#created#ticket
			+B#destination S#000000000001
			+B#source S#000000000001
			+D#profile M#leaves
			+D#profile M#source
			+P#profile C#now
			-A#leaves P#profile
			-A#source P#profile
			-E#destination@example.com X#created#ticket
			-E#code@example.com I#code
			-I#code I
			-P#profile M#I#invitation
			-P#profile M#leaves
			-P#profile X
			-Q#desk created#ticket
			~A#destination A
			~A#source A
			~A#source X#created#ticket
			~A#stays P#profile
			~P#profile M#stays
			~P#profile P
			~X#ticket X`)
		stays.Permission = tenancy.PermissionRead
		check(t, d, m, grants{
			"destination": found(m.Profile.OwnerGrant()), string(stays.Account): found(m.Profile.MemberGrant(stays)),
		}, tenancy.Team{stays})
		if m.Profile.Name != "renamed" || m.Profile.Epoch != w.Now().UnixMilli() || m.Profile.Owner != d.destination.ID {
			t.Errorf("the rules moved nothing: %+v", m.Profile)
		}
		got := due(w, store.DueMember, w.Now())
		slices.Sort(got)
		want := []string{string(d.profile.ID) + string(d.source.ID), string(d.profile.ID) + string(leaves.Account)}
		slices.Sort(want)
		same(t, "former members", got, want)
		batch := w.Store.Batch()
		gone := batch.Invitation(invitation.Code)
		w.OK(batch.Get(t.Context()))
		offers, err := w.Store.Offers(t.Context(), invitation.Email, w.Now())
		w.OK(err)
		if gone.OK || len(offers) != 0 || len(due(w, store.DueInvitation, w.Now().Add(365*day))) != 0 {
			t.Errorf("the invitation outlived its owner: %+v, offers %v", gone, offers)
		}
	})

	t.Run("the previous owner stays, the receiving account was a member", func(t *testing.T) {
		w := testkit.New(t)
		d := newDeal(w)
		d.joinReceiver()
		for _, id := range []value.AccountID{d.source.ID, d.destination.ID} {
			d.token(id)
		}
		d.open()
		w.Advance(time.Second)
		var m tenancy.TransferMove
		d.wrote("the move", map[string]string{ms(w.Now()): "now"}, func() { m = d.move(staying(tenancy.PermissionWrite)) }, `
			+A#destination X#created#ticket
			+B#destination S#000000000001
			+B#source S#000000000001
			+D#profile M#destination
			+D#profile M#source
			+P#profile C#now
			+P#profile M#source
			-E#destination@example.com X#created#ticket
			-P#profile M#destination
			-P#profile X
			-Q#desk created#ticket
			~A#destination A
			~A#destination P#profile
			~A#source A
			~A#source P#profile
			~A#source X#created#ticket
			~P#profile P
			~X#ticket X`)
		check(t, d, m, grants{
			"destination": found(m.Profile.OwnerGrant()), "source": found(m.Profile.MemberGrant(*m.Previous)),
		}, tenancy.Team{*m.Previous})
	})

	// A place whose time is over is left to the sweep of invitations, which must not fail over the move.
	t.Run("an invitation has lapsed", func(t *testing.T) {
		w := testkit.New(t)
		d := newDeal(w)
		invitation := d.invite()
		w.Advance(tenancy.InvitationLife)
		d.open()
		m := d.move(tenancy.Terms{})
		check(t, d, m, grants{"destination": found(m.Profile.OwnerGrant())}, tenancy.Team{invitation.Pending()})
		must(w, func(tx *store.Tx) { tx.EndInvitation(invitation, tenancy.InvitationExpired, errRefused) })
		check(t, d, m, grants{"destination": found(m.Profile.OwnerGrant())}, nil)
	})
}

// However many tokens there are, a move is the same requests, actions and capacity.
func TestAMoveCostsTheSameWithAnyNumberOfTokens(t *testing.T) {
	t.Parallel()
	w := testkit.New(t)
	cost := func(tokens int, terms func(tenancy.Member) tenancy.Terms) (int, testkit.Usage) {
		t.Helper()
		d := newDeal(w)
		member, receiver := d.join(), d.joinReceiver()
		for i := range tokens {
			d.token([]value.AccountID{d.source.ID, member.Account, receiver.Account}[i%3])
		}
		d.open()
		w.Advance(time.Second)
		before := w.Count("T#", "") + w.Count("P#", "T#")
		m := d.decide(terms(member))
		tx := w.Store.Begin()
		w.Meter.Reset()
		tx.MoveProfile(m)
		actions := store.Actions(tx)
		w.OK(tx.Commit(t.Context()))
		used := w.Meter.Reset()
		if n := w.Count("T#", "") + w.Count("P#", "T#"); n != before {
			t.Errorf("%d tokens and rows after a move, want the %d there were", n, before)
		}
		return actions, used
	}
	for name, terms := range map[string]func(tenancy.Member) tenancy.Terms{
		"everybody leaves": func(tenancy.Member) tenancy.Terms { return tenancy.Terms{} },
		"everybody stays":  func(m tenancy.Member) tenancy.Terms { return staying(tenancy.PermissionFull, m) },
	} {
		none, with0 := cost(0, terms)
		many, with50 := cost(50, terms)
		if none != many {
			t.Errorf("%s: %d actions without tokens, %d with 50", name, none, many)
		}
		if with0.Requests != 1 || with50.Requests != 1 || with0.Capacity != with50.Capacity || with0.Capacity == 0 {
			t.Errorf("%s: without tokens %+v, with 50 %+v", name, with0, with50)
		}
	}
}

// roomForNotices is how many actions a move must leave to whoever commits it, for mails, notifications, audit entries and counters of
// attempts: two mails, a notification for each side and each of five members, four entries, two counters.
const roomForNotices = 2 + 2 + 5 + 4 + 2

// The largest moves fit into one transaction, with everything that is said about them.
func TestTheLargestMove(t *testing.T) {
	t.Parallel()
	most := plan.Scale.Limits().Members
	for name, team := range map[string]func(*deal) tenancy.Terms{
		"a full team leaves": func(d *deal) tenancy.Terms {
			for range most {
				d.join()
			}
			return staying(tenancy.PermissionFull)
		},
		"a full team leaves, one of whom becomes the owner": func(d *deal) tenancy.Terms {
			for range most - 1 {
				d.join()
			}
			d.joinReceiver()
			return staying(tenancy.PermissionFull)
		},
		"invitations fill the team": func(d *deal) tenancy.Terms {
			for range most {
				d.invite()
			}
			return staying(tenancy.PermissionFull)
		},
		"almost a full team stays, with the previous owner": func(d *deal) tenancy.Terms {
			var stay []tenancy.Member
			for range most - 1 {
				stay = append(stay, d.join())
			}
			d.join()
			return staying(tenancy.PermissionFull, stay...)
		},
	} {
		t.Run(name, func(t *testing.T) {
			w := testkit.New(t)
			d := newDeal(w)
			terms := team(d)
			d.open()
			w.Advance(time.Second)
			m := d.decide(terms)
			if n := len(m.Stay) + len(m.Leave) + len(m.Void); m.Previous == nil || n < most-1 || m.Joined == nil && n != most {
				t.Fatalf("a team of %d is not the largest", n)
			}
			tx := w.Store.Begin()
			tx.MoveProfile(m)
			used := store.Actions(tx)
			if left := store.MaxActions - used; left < roomForNotices {
				t.Fatalf("the move takes %d actions and leaves %d, want %d", used, left, roomForNotices)
			}
			// As full as a transaction can be.
			for store.Actions(tx) < store.MaxActions {
				tx.Audit(auditlog.Entry{ID: fmt.Sprintf("%024d", store.Actions(tx)), Log: string(d.profile.ID), Time: w.Now()})
			}
			w.OK(tx.Commit(t.Context()))
			_, members, err := w.Store.ProfileWithMembers(t.Context(), d.profile.ID)
			w.OK(err)
			if len(members) != len(m.Stay)+1 {
				t.Errorf("got a team of %d, want %d", len(members), len(m.Stay)+1)
			}
		})
	}
}

// A ticket at its fullest is still an item: DynamoDB takes 400 KB.
func TestTheLongestTicket(t *testing.T) {
	t.Parallel()
	w := testkit.New(t)
	d := newDeal(w)
	d.open()
	longest := strings.Repeat("𝄞", 1000) // four bytes each
	text, err := tenancy.ParseTransferText("text", longest, true)
	w.OK(err)
	agent := newAccount(w)
	full := with(d.transfer, func(t *tenancy.Transfer) { t.Message = text })
	for {
		next, err := full.Note(agent, tenancy.EventNote, text, w.Now())
		if err != nil {
			w.Refused(err, problem.CodeConflict)
			break
		}
		full = next
	}
	full, err = full.Reject(agent, text, w.Now())
	w.OK(err)
	if len(full.Timeline) < 30 {
		t.Fatalf("%d entries: this tests nothing", len(full.Timeline))
	}
	must(w, func(tx *store.Tx) { tx.EndTransfer(full) })
	batch := w.Store.Batch()
	got := batch.Transfer(full.ID)
	w.OK(batch.Get(t.Context()))
	same(t, "transfer", got, &store.Found[tenancy.Transfer]{Value: at(full, 1), OK: true})
}

// purge does what the sweep of former members does at this time.
func purge(w *testkit.World) {
	w.Helper()
	for entry, err := range w.Store.Due(w.Context(), store.DueMember, w.Now()) {
		w.OK(err)
		profile, account := entry.ID[:value.IDLength], entry.ID[value.IDLength:]
		if err := w.Store.PurgeMember(w.Context(), value.ProfileID(profile), value.AccountID(account), entry.At); err != nil {
			w.Fatalf("purging a former member: %v", err)
		}
	}
	same(w.TB, "former members after a purge", due(w, store.DueMember, w.Now().Add(day)), nil)
}

// left are the names of the tokens that are still there, each with its row.
func (d *deal) left(tokens map[string]tenancy.Token) (out []string) {
	d.w.Helper()
	listed := rows(d.w, d.profile.ID, false, 0)
	batch := d.w.Store.Batch()
	found := map[string]*store.Found[tenancy.Token]{}
	for name, token := range tokens {
		found[name] = batch.Token(token.ID)
	}
	d.w.OK(batch.Get(d.w.Context()))
	for name, token := range tokens {
		row := slices.Contains(listed, string(token.ID))
		if row != found[name].OK {
			d.w.Errorf("%s: the token is there: %v, its row: %v", name, found[name].OK, row)
		}
		if found[name].OK {
			out = append(out, name)
		}
	}
	slices.Sort(out)
	return out
}

// After a move, the tokens go that are dead with it, of whoever left or has another right now, and no other.
func TestPurgeAfterAMove(t *testing.T) {
	t.Parallel()
	t.Run("the previous owner leaves", func(t *testing.T) {
		w := testkit.New(t)
		d := newDeal(w)
		stays, leaves := d.join(), d.join()
		tokens := map[string]tenancy.Token{
			"member who stays": d.token(stays.Account), "member who leaves": d.token(leaves.Account),
			"owner": d.token(d.source.ID), "owner, another": d.token(d.source.ID),
		}
		d.open()
		w.Advance(time.Second)
		d.move(staying(tenancy.PermissionNone, stays))
		// At the very millisecond of the move, too.
		tokens["new owner"] = d.token(d.destination.ID)
		w.Advance(time.Second)
		tokens["new owner, later"] = d.token(d.destination.ID)
		tokens["member who stays, later"] = d.token(stays.Account)
		purge(w)
		same(t, "tokens", d.left(tokens), []string{"member who stays", "member who stays, later", "new owner", "new owner, later"})
	})
	t.Run("more tokens than a page", func(t *testing.T) {
		w := testkit.New(t)
		d := newDeal(w)
		stays := d.join()
		kept := map[string]tenancy.Token{}
		for i := range 2*store.PurgePage + 3 {
			d.token(d.source.ID)
			if i%7 == 0 {
				kept[fmt.Sprint(i)] = d.token(stays.Account)
			}
		}
		d.open()
		w.Advance(time.Second)
		d.move(staying(tenancy.PermissionRead, stays))
		kept["as a member"] = d.token(d.source.ID)
		purge(w)
		if got := d.left(kept); len(got) != len(kept) {
			t.Errorf("got %v of %d tokens", got, len(kept))
		}
		if n := len(rows(w, d.profile.ID, false, 0)); n != len(kept) {
			t.Errorf("%d rows are left, want %d", n, len(kept))
		}
	})
	t.Run("the previous owner stays as a member, the receiving account was one", func(t *testing.T) {
		w := testkit.New(t)
		d := newDeal(w)
		w.Advance(time.Second)
		d.joinReceiver()
		tokens := map[string]tenancy.Token{"owner": d.token(d.source.ID), "receiver as a member": d.token(d.destination.ID)}
		d.open()
		w.Advance(time.Second)
		d.move(staying(tenancy.PermissionFull))
		tokens["previous owner as a member"] = d.token(d.source.ID)
		tokens["new owner"] = d.token(d.destination.ID)
		w.Advance(time.Second)
		tokens["previous owner as a member, later"] = d.token(d.source.ID)
		purge(w)
		same(t, "tokens", d.left(tokens), []string{"new owner", "previous owner as a member", "previous owner as a member, later"})
	})
	for _, stays := range []tenancy.Permission{tenancy.PermissionNone, tenancy.PermissionFull} {
		for _, between := range []bool{true, false} {
			t.Run(fmt.Sprintf("the profile comes back; the owner in between had %s permission; purged in between: %v", stays, between), func(t *testing.T) {
				w := testkit.New(t)
				d := newDeal(w)
				ana, ben := d.source.ID, d.destination.ID
				tokens := map[string]tenancy.Token{"ana at first": d.token(ana)}
				d.open()
				w.Advance(time.Second)
				d.move(staying(stays))
				tokens["ben as the owner"] = d.token(ben)
				if stays != tenancy.PermissionNone {
					tokens["ana as a member"] = d.token(ana)
				}
				if between {
					purge(w)
					want := []string{"ben as the owner"}
					if stays != tenancy.PermissionNone {
						want = []string{"ana as a member", "ben as the owner"}
					}
					same(t, "tokens between the moves", d.left(tokens), want)
				}
				w.Advance(time.Second)
				d.turn()
				d.open()
				w.Advance(time.Second)
				d.move(staying(stays))
				tokens["ana again"] = d.token(ana)
				want := []string{"ana again"}
				if stays != tenancy.PermissionNone {
					tokens["ben as a member"] = d.token(ben)
					want = append(want, "ben as a member")
				}
				w.Advance(time.Second)
				purge(w)
				same(t, "tokens", d.left(tokens), want)
			})
		}
	}
}

// tickets are what a walk finds.
func tickets(w *testkit.World, walk func(func(tenancy.TransferID, error) bool)) (out []string) {
	w.Helper()
	for id, err := range walk {
		w.OK(err)
		out = append(out, string(id))
	}
	return out
}

func TestTransferLists(t *testing.T) {
	t.Parallel()
	w := testkit.New(t)
	ana, ben := newAccount(w), newAccount(w)
	const to, also = "zoe@example.com", "zoe@example.com.org"
	// Beside the ranges on both sides, and keys that merely begin alike.
	foreign(w, "A#"+string(ana.ID), "A", "P#0", "W#0", "X", "X!", "X$0", "XX", "Y")
	foreign(w, "A#"+string(ana.ID)+"0", "X#0")
	foreign(w, "E#"+to, "E", "I#0", "W", "X", "X$0", "x#0")
	foreign(w, "Q#desk", "!", "#", "/", "A", "a", "~")
	foreign(w, "Q#desk0", "0")
	foreign(w, "Q#", "0")
	var mine, theirs []string
	add := func(owner value.AccountID, to value.Email) string {
		p := newProfile(w, owner)
		x := newTransfer(w, p, to)
		must(w, func(tx *store.Tx) { tx.CreateProfile(p) })
		must(w, func(tx *store.Tx) { tx.OpenTransfer(p, x) })
		return string(x.ID)
	}
	for i := range 7 {
		w.Advance(time.Millisecond)
		mine = append(mine, add(ana.ID, to))
		if i%3 == 0 {
			w.Advance(time.Millisecond)
			theirs = append(theirs, add(ben.ID, also))
		}
	}
	// Two of one millisecond: the ticket keeps them apart, and in an order.
	w.Advance(time.Millisecond)
	twins := []string{add(ana.ID, to), add(ana.ID, to)}
	slices.Sort(twins)
	mine = append(mine, twins...)
	newest := slices.Clone(mine)
	slices.Reverse(newest)

	for _, pageSize := range []int{1, 3, 5000} {
		w.Meter.Reset()
		same(t, fmt.Sprintf("an account's by %d", pageSize), tickets(w, w.Store.TransfersOf(t.Context(), ana.ID, pageSize)), newest)
		requests(w, len(mine), pageSize)
		same(t, fmt.Sprintf("offered by %d", pageSize), tickets(w, w.Store.TransfersOffered(t.Context(), to, pageSize)), newest)
		requests(w, len(mine), pageSize)
		queued := tickets(w, w.Store.QueuedTransfers(t.Context(), pageSize))
		requests(w, len(mine)+len(theirs), pageSize)
		same(t, "the queue, of one owner", slices.DeleteFunc(slices.Clone(queued), func(id string) bool { return slices.Contains(theirs, id) }), mine)
		same(t, "the queue, of the other", slices.DeleteFunc(slices.Clone(queued), func(id string) bool { return slices.Contains(mine, id) }), theirs)
		if queued[1] != theirs[0] || queued[0] != mine[0] {
			t.Errorf("the queue is not by age: %v", queued)
		}
	}
	slices.Reverse(theirs)
	same(t, "the other account's", tickets(w, w.Store.TransfersOf(t.Context(), ben.ID, 10)), theirs)
	same(t, "offered to the other address", tickets(w, w.Store.TransfersOffered(t.Context(), also, 10)), theirs)
	same(t, "nobody's", tickets(w, w.Store.TransfersOf(t.Context(), "000000000000000000000000", 10)), nil)
	same(t, "offered to nobody", tickets(w, w.Store.TransfersOffered(t.Context(), "example.com", 10)), nil)

	// Whoever stops in a page pays for no further one.
	w.Meter.Reset()
	for range w.Store.QueuedTransfers(t.Context(), 3) {
		break
	}
	if used := w.Meter.Reset(); used.Requests != 1 {
		t.Errorf("the first entry took %d requests, want 1", used.Requests)
	}
}

// requests ends with an error unless a walk over n things was as many requests as its pages are.
func requests(w *testkit.World, n, pageSize int) {
	w.Helper()
	// A last page that is full is followed by an empty one.
	if used, want := w.Meter.Reset(), n/pageSize+1; used.Requests != want {
		w.Errorf("%d things in pages of %d: %d requests, want %d", n, pageSize, used.Requests, want)
	}
}

func TestCostCuts(t *testing.T) {
	t.Parallel()
	w := testkit.New(t)
	d, other := newDeal(w), newDeal(w)
	foreign(w, "P#"+string(d.profile.ID), "B#0", "C", "C!", "C$0", "CX", "D#0")
	foreign(w, "P#"+string(d.profile.ID)+"0", "C#0000000000000")
	cuts := func(p value.ProfileID) (out []store.CostCut) {
		t.Helper()
		for cut, err := range w.Store.CostCuts(t.Context(), p) {
			w.OK(err)
			out = append(out, cut)
		}
		return out
	}
	same(t, "before any move", cuts(d.profile.ID), nil)
	var want []store.CostCut
	allocation := d.profile.Allocation
	for i := range 4 {
		w.Advance(time.Hour)
		d.open()
		w.Advance(time.Millisecond)
		terms := staying(tenancy.PermissionNone)
		terms.Allocation[plan.ServiceInput] = int64(100 - i)
		m := d.move(terms)
		want = append(want, store.CostCut{
			Transfer: m.Transfer.ID, From: d.source.ID, To: d.destination.ID, Time: w.Now(), Allocation: allocation,
		})
		allocation = terms.Allocation
		d.turn()
	}
	other.open()
	other.move(tenancy.Terms{})
	same(t, "oldest first", cuts(d.profile.ID), want)
	if n := len(cuts(other.profile.ID)); n != 1 {
		t.Errorf("the other profile has %d, want 1", n)
	}
	// They outlive the profile: what it has cost is still owed.
	p, team, err := w.Store.ProfileWithMembers(t.Context(), d.profile.ID)
	w.OK(err)
	must(w, func(tx *store.Tx) { tx.DeleteProfile(p, team, w.Now()) })
	_, err = w.Store.PurgeProfile(t.Context(), p.ID)
	w.OK(err)
	same(t, "after the profile was deleted", cuts(d.profile.ID), want)
}

// Clocks differ: a second move may come at the instant of the first, or before it. It is later all the same, by the profile's epoch,
// and kills what the first one allowed.
func TestAMoveByAClockThatIsBehind(t *testing.T) {
	t.Parallel()
	for name, behind := range map[string]time.Duration{"at the same instant": 0, "five milliseconds behind": 5 * time.Millisecond} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := testkit.New(t)
			d := newDeal(w)
			d.open()
			first := d.move(staying(tenancy.PermissionFull))
			d.turn()
			w.Advance(-behind)
			d.open()
			second := d.move(staying(tenancy.PermissionFull))
			if second.Profile.Epoch <= first.Profile.Epoch || second.Previous.Epoch <= first.Profile.Epoch {
				t.Errorf("epochs %d and then %d, %d", first.Profile.Epoch, second.Profile.Epoch, second.Previous.Epoch)
			}
			var cuts []tenancy.TransferID
			for cut, err := range w.Store.CostCuts(t.Context(), d.profile.ID) {
				w.OK(err)
				cuts = append(cuts, cut.Transfer)
			}
			if want := []tenancy.TransferID{first.Transfer.ID, second.Transfer.ID}; !slices.Equal(cuts, want) {
				t.Errorf("got the marks %v, want %v", cuts, want)
			}
		})
	}
}

// Of many who complete one transfer at once, one does.
func TestOneMoveOfMany(t *testing.T) {
	t.Parallel()
	w := testkit.New(t)
	d := newDeal(w)
	d.token(d.source.ID)
	d.open()
	w.Advance(time.Second)
	m := d.decide(tenancy.Terms{})
	const n = 6
	results := make(chan error, n)
	for i := range n {
		go func() {
			tx := w.Store.Begin()
			if i%2 == 0 {
				tx.MoveProfile(m)
			} else {
				tx.EndTransfer(ended(d.transfer, tenancy.TransferCanceled, w.Now()))
			}
			results <- tx.Commit(w.Context())
		}()
	}
	won := 0
	for range n {
		switch err := <-results; {
		case err == nil:
			won++
		case !errors.Is(err, problem.ErrConflict):
			t.Errorf("got %v", err)
		}
	}
	if won != 1 {
		t.Errorf("%d of them were first, want 1", won)
	}
	batch := w.Store.Batch()
	got, grant := batch.Transfer(d.transfer.ID), batch.Grant(d.destination.ID, d.profile.ID)
	w.OK(batch.Get(t.Context()))
	if moved := got.Value.State == tenancy.TransferCompleted; moved != grant.OK || moved != (d.stored().Owner == d.destination.ID) {
		t.Errorf("the transfer is %s, and the profile %+v", got.Value.State, d.stored())
	}
}
