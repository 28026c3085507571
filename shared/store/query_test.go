package store_test

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"profiles/shared/auditlog"
	"profiles/shared/store"
	"profiles/shared/tenancy"
	"profiles/shared/testkit"
	"profiles/shared/value"
)

// bulk is as much text as makes a handful of items more than one page of a query, which ends at 1 MB.
var bulk = strings.Repeat("x", 300_000)

func unix(t time.Time) string { return strconv.FormatInt(t.Unix(), 10) }

// rows are the ids of a profile's token rows.
func rows(w *testkit.World, id value.ProfileID, newestFirst bool, pageSize int) (out []string) {
	w.Helper()
	for row, err := range w.Store.TokenRows(w.Context(), id, newestFirst, pageSize) {
		w.OK(err)
		out = append(out, string(row.ID))
	}
	return out
}

// due are the ids of due work, in the order in which it comes.
func due(w *testkit.World, kind store.DueKind, now time.Time) (out []string) {
	w.Helper()
	for entry, err := range w.Store.Due(w.Context(), kind, now) {
		w.OK(err)
		out = append(out, entry.ID)
	}
	return out
}

// paged ends the test unless what was just read took more than one request, so that the test is about a second page.
func paged(w *testkit.World) {
	w.Helper()
	if used := w.Meter.Reset(); used.Requests < 2 {
		w.Fatalf("everything came in %d request: this tests no second page", used.Requests)
	}
}

func TestAccountWithGrants(t *testing.T) {
	t.Parallel()
	w := testkit.New(t)
	ana, ben := newAccount(w), newAccount(w)
	must(w, func(tx *store.Tx) { tx.CreateAccount(ana, w.Now()) }, func(tx *store.Tx) { tx.CreateAccount(ben, w.Now()) })
	pk := "A#" + string(ana.ID)
	// Beside the range on both sides, and keys that merely begin alike.
	foreign(w, pk, "!", "@", "P$0", "PX", "Q", "X#0", "a", "p#0")
	foreign(w, pk+"0", "A", "P#0")
	foreign(w, pk[:len(pk)-1], "A", "P#0")

	var want []tenancy.Grant
	for range 5 {
		w.Advance(time.Millisecond)
		p := newProfile(w, ana.ID)
		p.LogoURL = bulk
		must(w, func(tx *store.Tx) { tx.CreateProfile(p) })
		want = append(want, p.OwnerGrant())
	}
	w.Advance(time.Millisecond)
	shared := newProfile(w, ben.ID)
	member := newMember(w, shared.ID)
	member.Account = ana.ID
	must(w, func(tx *store.Tx) { tx.CreateProfile(shared) })
	must(w, func(tx *store.Tx) { tx.AddMember(shared, member) })
	want = append(want, shared.MemberGrant(member))

	w.Meter.Reset()
	account, grants, err := w.Store.AccountWithGrants(t.Context(), ana.ID)
	w.OK(err)
	paged(w)
	same(t, "account", account, ana)
	same(t, "grants in the order of the profiles", grants, want)

	account, grants, err = w.Store.AccountWithGrants(t.Context(), ben.ID)
	w.OK(err)
	same(t, "the other account", account, ben)
	same(t, "the other account's grants", grants, []tenancy.Grant{shared.OwnerGrant()})

	account, grants, err = w.Store.AccountWithGrants(t.Context(), "000000000000000000000000")
	w.OK(err)
	same(t, "no account", account, tenancy.Account{})
	same(t, "grants of no account", grants, nil)
}

func TestProfileWithMembers(t *testing.T) {
	t.Parallel()
	w := testkit.New(t)
	profile := newProfile(w, "ana")
	other := newProfile(w, "ben")
	must(w, func(tx *store.Tx) { tx.CreateProfile(profile) }, func(tx *store.Tx) { tx.CreateProfile(other) })
	pk := "P#" + string(profile.ID)
	foreign(w, pk, "!", "H#2030", "M", "L#0", "P#", "P0", "Q", "T#0", "U", "U#2030-03", "X")
	foreign(w, pk+"0", "P", "M#0")

	var want tenancy.Team
	for version := range int64(5) {
		w.Advance(time.Millisecond)
		m := newMember(w, profile.ID)
		m.Code = value.CodeID(bulk)
		must(w, func(tx *store.Tx) { tx.AddMember(at(profile, version), m) })
		want = append(want, m)
	}
	must(w, func(tx *store.Tx) { tx.AddMember(other, newMember(w, other.ID)) })
	must(w, func(tx *store.Tx) { tx.CreateToken(newToken(w, profile.ID)) })

	w.Meter.Reset()
	got, team, err := w.Store.ProfileWithMembers(t.Context(), profile.ID)
	w.OK(err)
	paged(w)
	same(t, "profile", got, at(profile, 5))
	same(t, "team", team, want)

	got, team, err = w.Store.ProfileWithMembers(t.Context(), other.ID)
	w.OK(err)
	if got.ID != other.ID || len(team) != 1 {
		t.Errorf("the other profile: got %+v with %d members", got, len(team))
	}
	got, team, err = w.Store.ProfileWithMembers(t.Context(), "000000000000000000000000")
	w.OK(err)
	same(t, "no profile", got, tenancy.Profile{})
	same(t, "team of no profile", team, nil)
}

func TestTokenRows(t *testing.T) {
	t.Parallel()
	w := testkit.New(t)
	profile, other := newProfile(w, "ana"), newProfile(w, "ana")
	foreign(w, "P#"+string(profile.ID), "M#0", "P", "S#0", "T", "T$0", "TX", "U", "U#0", "X")
	foreign(w, "P#"+string(profile.ID)+"0", "T#0000000000000#0")
	var want []string
	add := func(name string) {
		w.Advance(time.Millisecond)
		mine, theirs := newToken(w, profile.ID), newToken(w, other.ID)
		mine.Name = name
		must(w, func(tx *store.Tx) { tx.CreateToken(mine) }, func(tx *store.Tx) { tx.CreateToken(theirs) })
		want = append(want, string(mine.ID))
	}
	walk := func(pageSize int) {
		t.Helper()
		w.Meter.Reset()
		same(t, fmt.Sprintf("oldest first by %d", pageSize), rows(w, profile.ID, false, pageSize), want)
		paged(w)
		reversed := slices.Clone(want)
		slices.Reverse(reversed)
		same(t, fmt.Sprintf("newest first by %d", pageSize), rows(w, profile.ID, true, pageSize), reversed)
	}
	for range 7 {
		add("small")
	}
	for _, pageSize := range []int{1, 3, 7} {
		walk(pageSize)
	}
	// As much as fits into one answer, which ends at 1 MB.
	for range 5 {
		add(bulk)
	}
	for _, pageSize := range []int{0, 5000} {
		walk(pageSize)
	}
	same(t, "rows of no profile", rows(w, "000000000000000000000000", false, 0), nil)

	// Whoever stops in a page pays for no further one.
	w.Meter.Reset()
	for range w.Store.TokenRows(t.Context(), profile.ID, false, 3) {
		break
	}
	if used := w.Meter.Reset(); used.Requests != 1 {
		t.Errorf("the first row took %d requests, want 1", used.Requests)
	}
}

func TestAuditEntries(t *testing.T) {
	t.Parallel()
	w := testkit.New(t)
	const log, other = "00000000000000000000000a", "00000000000000000000000b"
	april := time.Date(2030, time.April, 1, 0, 0, 0, 0, time.UTC)
	entry := func(log, id string, at time.Time) auditlog.Entry {
		e := auditlog.Entry{ID: id, Log: log, Time: at, Resource: "token", Message: bulk[:180_000]}
		must(w, func(tx *store.Tx) { tx.Audit(e) })
		return e
	}
	entry(log, "march", april.Add(-time.Millisecond))
	entry(log, "may", april.AddDate(0, 1, 0))
	entry(other, "other", april)
	foreign(w, "L#"+log+"#2030-04", "!", "#", "A", "a", "~")
	foreign(w, "L#"+log+"#2030-040", "1901232000000#0")
	var want []auditlog.Entry
	for i := range 8 {
		// The last two are of one millisecond: the id keeps them apart.
		want = append(want, entry(log, fmt.Sprint(i), april.Add(time.Duration(min(i, 6))*time.Hour)))
	}
	want = append(want, entry(log, "last", april.AddDate(0, 1, 0).Add(-time.Millisecond)))

	w.Meter.Reset()
	got := entries(w, log, april.Add(17*day))
	paged(w)
	same(t, "entries of April", got, want)

	// Months are those of UTC, wherever the caller's clock stands.
	west := time.FixedZone("west", -8*3600)
	got = between(w, log, april.In(west), april.AddDate(0, 1, 0).In(west), "")
	if len(got) != len(want) {
		t.Errorf("by a clock in the west: got %d entries, want %d", len(got), len(want))
	}
	same(t, "entries of June", entries(w, log, april.AddDate(0, 2, 0)), nil)
}

// The index holds what has a time, of each kind apart, and gives what is due at the moment: more than a page of it in one shard,
// and some in every other.
func TestDue(t *testing.T) {
	t.Parallel()
	w := testkit.New(t)
	const inOneShard = 230
	now := w.Now().Add(time.Hour)
	var batch steps
	var want []string
	send := func(id string, at time.Time) {
		// The sweep may take a mail ten seconds after it was written.
		m := tenancy.Message{ID: tenancy.MessageID(id), Kind: "test", Created: at.Add(-10 * time.Second)}
		if batch = append(batch, func(tx *store.Tx) { tx.Send(m, sealed) }); len(batch) == 100 {
			must(w, batch...)
			batch = nil
		}
	}
	for i := range inOneShard {
		id := fmt.Sprintf("%021d000", i)
		// Written in no order, at times that fall together now and then.
		send(id, now.Add(-time.Duration(i*7%100)*time.Second))
		want = append(want, id)
	}
	for i := range 16 {
		id := fmt.Sprintf("%023d%x", 1, i)
		send(id, now)
		want = append(want, id)
		send(fmt.Sprintf("%023d%x", 2, i), now.Add(time.Millisecond))
	}
	must(w, batch...)
	// Other kinds, due for long.
	token := newToken(w, "profile")
	token.Expires = w.Now()
	endless := newToken(w, "profile")
	must(w, func(tx *store.Tx) { tx.CreateToken(token) }, func(tx *store.Tx) { tx.CreateToken(endless) })

	w.Meter.Reset()
	shards := map[string]time.Time{}
	var got []string
	for entry, err := range w.Store.Due(t.Context(), store.DueMail, now) {
		w.OK(err)
		got = append(got, entry.ID)
		shard, _ := store.DueKey(store.DueMail, entry.ID, entry.At)
		if entry.At.Before(shards[shard]) {
			t.Errorf("%s comes after younger work of its shard", entry.ID)
		}
		shards[shard] = entry.At
	}
	// One more for each full page of the crowded shard.
	if used := w.Meter.Reset(); used.Requests != store.DueShards+inOneShard/100 {
		t.Errorf("%d requests, want %d", used.Requests, store.DueShards+inOneShard/100)
	}
	if len(shards) != store.DueShards {
		t.Errorf("work came from %d shards, want all %d", len(shards), store.DueShards)
	}
	slices.Sort(got)
	slices.Sort(want)
	same(t, "due mails", got, want)
	same(t, "due tokens", due(w, store.DueToken, now), []string{string(token.ID)})
	same(t, "due tokens at the end of one", due(w, store.DueToken, token.Expires), []string{string(token.ID)})
	same(t, "due tokens a millisecond before", due(w, store.DueToken, token.Expires.Add(-time.Millisecond)), nil)
	same(t, "due profiles", due(w, store.DueProfile, now), nil)
	for entry, err := range w.Store.Due(t.Context(), store.DueToken, now) {
		w.OK(err)
		same(t, "when it was due", entry.At, token.Expires)
	}

	// Whoever stops in a page pays for no further shard.
	w.Meter.Reset()
	for range w.Store.Due(t.Context(), store.DueMail, now) {
		break
	}
	if used := w.Meter.Reset(); used.Requests != 1 {
		t.Errorf("the first entry took %d requests, want 1", used.Requests)
	}
}

// A span of time may be empty, and lie before 1970: clients name it, as in GET /profile/{id}/statistics?date=1969-07-20 and
// GET /account/cost?month=1969-07. There is nothing in it, and that is no failure.
func TestSpansWithoutAnything(t *testing.T) {
	t.Parallel()
	w := testkit.New(t)
	date := func(y int, m time.Month, d int) time.Time { return time.Date(y, m, d, 0, 0, 0, 0, time.UTC) }
	for name, span := range map[string][2]time.Time{
		"before 1970":        {date(1969, time.July, 20), date(1969, time.July, 21)},
		"the first year":     {date(1, time.January, 1), date(1, time.February, 1)},
		"into 1970":          {date(1969, time.December, 31), date(1970, time.January, 2)},
		"empty":              {w.Now(), w.Now()},
		"of fourteen digits": {date(2286, time.November, 1), date(2286, time.December, 1)},
	} {
		t.Run(name, func(t *testing.T) {
			if hours, err := w.Store.Hours(t.Context(), "p", span[0], span[1]); err != nil || len(hours) != 0 {
				t.Errorf("Hours: got %v, %v", hours, err)
			}
			for charge, err := range w.Store.Charges(t.Context(), "a", span[0], span[1]) {
				t.Errorf("Charges: got %v, %v", charge, err)
			}
			if snapshots, err := w.Store.Snapshots(t.Context(), "a", span[0], span[1]); err != nil || len(snapshots) != 0 {
				t.Errorf("Snapshots: got %v, %v", snapshots, err)
			}
		})
	}
}
