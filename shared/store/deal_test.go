package store_test

import (
	"maps"
	"slices"
	"strings"
	"time"

	"profiles/shared/mailing"
	"profiles/shared/plan"
	"profiles/shared/store"
	"profiles/shared/tenancy"
	"profiles/shared/testkit"
	"profiles/shared/transfer"
	"profiles/shared/value"
)

// deal is a profile that moves to another account, once or more often.
type deal struct {
	w                   *testkit.World
	source, destination tenancy.Account
	profile             tenancy.Profile   // as it was created
	transfer            transfer.Transfer // the latest one, as stored
}

// newDeal makes two accounts that have room for another profile, and a profile
// of the first one with an allocation.
func newDeal(w *testkit.World) *deal {
	w.Helper()
	d := &deal{w: w, source: newAccount(w), destination: newAccount(w)}
	d.profile = newProfile(w, d.source.ID)
	d.profile.Allocation[plan.ServiceInput] = 1000
	d.source = owning(d.source, d.profile, newProfile(w, d.source.ID))
	d.destination = owning(
		d.destination,
		newProfile(w, d.destination.ID),
		newProfile(w, d.destination.ID),
	)
	for _, a := range []tenancy.Account{d.source, d.destination} {
		must(w, func(tx *store.Tx) { tx.CreateAccount(a, w.Now()) })
	}
	must(w, func(tx *store.Tx) { tx.CreateProfile(d.profile) })
	return d
}

// stored is the profile as the table has it.
func (d *deal) stored() tenancy.Profile {
	d.w.Helper()
	p, _, err := d.w.Store.ProfileWithMembers(d.w.Context(), d.profile.ID)
	d.w.OK(err)
	return p
}

// enlist adds a member to the team.
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

// joinReceiver adds the receiving account to the team.
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

// token makes a token of the profile for an account that can open it.
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
	must(
		d.w,
		func(tx *store.Tx) { tx.CreateToken(t) },
		func(tx *store.Tx) { tx.CheckGrant(grant.Value, errRefused) },
	)
	return t
}

// open opens a transfer. It takes the latest transfer back if that has
// completed.
func (d *deal) open() {
	d.w.Helper()
	t := newTransfer(d.w, d.profile, d.destination.Email)
	t.Source = d.source.ID
	if d.transfer.State == transfer.Completed {
		t.Reverts, t.Destination = d.transfer.ID, d.destination.ID
	}
	must(d.w, func(tx *store.Tx) { tx.OpenTransfer(d.stored(), t) })
	d.transfer = t
}

// answer accepts the transfer for the receiving account and confirms it for the
// owner.
func (d *deal) answer(terms transfer.Terms) {
	d.w.Helper()
	t := d.transfer
	t.Destination, t.Confirmed, t.Accepted, t.Terms = d.destination.ID, d.w.Now(), d.w.Now(), terms
	must(d.w, func(tx *store.Tx) { tx.AnswerTransfer(t) })
	t.Version++
	d.transfer = t
}

func (d *deal) end(state transfer.State) {
	d.w.Helper()
	t := ended(d.transfer, state, d.w.Now())
	must(d.w, func(tx *store.Tx) { tx.EndTransfer(t) })
	t.Version++
	d.transfer = t
}

// decide completes the open transfer by the rules. The caller commits the move.
func (d *deal) decide(terms transfer.Terms) transfer.Move {
	d.w.Helper()
	c := transfer.Context{Transfer: d.transfer}
	c.Transfer.Destination, c.Transfer.Terms = d.destination.ID, terms
	c.Transfer.Confirmed, c.Transfer.Accepted = d.w.Now(), d.w.Now()
	var err error
	c.Profile, c.Team, err = d.w.Store.ProfileWithMembers(d.w.Context(), d.profile.ID)
	d.w.OK(err)
	batch := d.w.Store.Batch()
	source, destination := batch.Account(d.source.ID), batch.Account(d.destination.ID)
	d.w.OK(batch.Get(d.w.Context()))
	c.Source, c.Destination = source.Value, destination.Value
	m, checks := c.Complete(d.w.Now())
	if m.Transfer.State != transfer.Completed {
		d.w.Fatalf("the profile cannot move: %s", mailing.Missing(checks))
	}
	return m
}

// move completes the open transfer and commits it.
func (d *deal) move(terms transfer.Terms) transfer.Move {
	d.w.Helper()
	m := d.decide(terms)
	must(d.w, func(tx *store.Tx) { tx.MoveProfile(m) })
	d.transfer = m.Transfer
	d.transfer.Version++
	return m
}

// turn swaps both sides, so that the next transfer goes the other way.
func (d *deal) turn() { d.source, d.destination = d.destination, d.source }

// staying are terms that keep the members given, and the previous owner with a
// permission.
func staying(owner tenancy.Permission, members ...tenancy.Member) transfer.Terms {
	terms := transfer.Terms{Owner: owner, Members: map[value.AccountID]tenancy.Permission{}}
	for _, m := range members {
		terms.Members[m.Account] = tenancy.PermissionRead
	}
	return terms
}

// changes are the keys of items that were added (+), removed (-) or changed
// (~). Ids in them are replaced by names.
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

// names maps the ids of the deal to the names that changes shows.
func (d *deal) names() map[string]string {
	return map[string]string{
		string(d.source.ID):      "source",
		string(d.destination.ID): "destination",
		string(d.profile.ID):     "profile",
		string(d.transfer.ID):    "ticket",
		ms(d.transfer.Created):   "created",
	}
}

// wrote fails the test unless do makes exactly the changes of want, which has
// one a line in any order.
func (d *deal) wrote(what string, names map[string]string, do func(), want string) {
	d.w.Helper()
	before := d.w.Items()
	do()
	all := d.names() // also the ticket that do may have made
	maps.Copy(all, names)
	wanted := strings.Split(strings.TrimSpace(want), "\n")
	for i := range wanted {
		wanted[i] = strings.TrimSpace(wanted[i])
	}
	slices.Sort(wanted)
	got := changes(before, d.w.Items(), all)
	if !slices.Equal(got, wanted) {
		d.w.Errorf(
			"%s:\ngot\n  %s\nwant\n  %s",
			what,
			strings.Join(got, "\n  "),
			strings.Join(wanted, "\n  "),
		)
	}
}

// ttls are the expiry times of the transfer's items, by the first letter of
// their partition.
func (d *deal) ttls() map[string]string {
	d.w.Helper()
	out := map[string]string{}
	order := "X#" + ms(d.transfer.Created) + "#" + string(d.transfer.ID)
	for name, k := range map[string][2]string{
		"transfer":    {"X#" + string(d.transfer.ID), "X"},
		"source":      {"A#" + string(d.source.ID), order},
		"destination": {"A#" + string(d.destination.ID), order},
		"offer":       {"E#" + string(d.destination.Email), order},
		"claim":       {"P#" + string(d.profile.ID), "X"},
		"queue":       {"Q#desk", strings.TrimPrefix(order, "X#")},
	} {
		if it := raw(d.w, k[0], k[1]); it != nil {
			out[name] = numberOf(it, "ttl")
		}
	}
	return out
}

// left are the names of the tokens that still exist, each of which must have
// its row.
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

// purgeMember takes all steps that reclaim the tokens of a former member, and
// returns how many it took.
func purgeMember(
	w *testkit.World, profile value.ProfileID, account value.AccountID, removed time.Time,
) (steps int) {
	w.Helper()
	next := ""
	for done := false; !done; steps++ {
		var err error
		next, done, err = w.Store.PurgeMember(w.Context(), profile, account, removed, next)
		w.OK(err)
	}
	return steps
}

// purge runs the sweep of former members at the present time.
func purge(w *testkit.World) {
	w.Helper()
	for entry, err := range w.Store.Due(w.Context(), store.DueMember, w.Now()) {
		w.OK(err)
		profile, account := entry.ID[:value.IDLength], entry.ID[value.IDLength:]
		purgeMember(w, value.ProfileID(profile), value.AccountID(account), entry.At)
	}
	same(w.TB, "former members after a purge", due(w, store.DueMember, w.Now().Add(day)), nil)
}
