package store_test

import (
	"fmt"
	"slices"
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

// An account is due for its renewal when what is paid ends, and not any more with the plan free.
func TestRenewalsAreDue(t *testing.T) {
	t.Parallel()
	w := testkit.New(t)
	far := w.Now().Add(1000 * day)
	account := newAccount(w)
	pk := "A#" + string(account.ID)
	change := func(changes func(*tenancy.Account)) {
		t.Helper()
		changes(&account)
		must(w, func(tx *store.Tx) { tx.UpdateAccount(account) })
		account.Version++
	}
	dueAt := func(what string, at time.Time) {
		t.Helper()
		same(t, what+", a millisecond before", due(w, store.DueRenewal, at.Add(-time.Millisecond)), nil)
		same(t, what, due(w, store.DueRenewal, at), []string{string(account.ID)})
	}
	must(w, func(tx *store.Tx) { tx.CreateAccount(account, w.Now()) })
	same(t, "an account that pays nothing", due(w, store.DueRenewal, far), nil)
	end := account.Cycle(w.Now()).End
	change(func(a *tenancy.Account) { a.PaidUntil = end })
	dueAt("an account that pays", end)
	change(func(a *tenancy.Account) { a.PaidUntil = a.Cycle(end).End })
	dueAt("the next cycle", account.PaidUntil)
	change(func(a *tenancy.Account) { a.Name = "Zoe" })
	dueAt("after another change", account.PaidUntil)
	must(w, func(tx *store.Tx) { tx.SignIn(account.SignedIn("office", w.Now()), errRefused) })
	dueAt("after signing in", account.PaidUntil)

	free := plan.Free
	change(func(a *tenancy.Account) { a.Schedule = &tenancy.Schedule{Plan: &free} })
	dueAt("with an end that is scheduled", account.PaidUntil)
	renewed, _, err := account.Renew(account.PaidUntil)
	w.OK(err)
	must(w, func(tx *store.Tx) { tx.Reallocate(renewed, w.Now()) })
	same(t, "with the plan free", due(w, store.DueRenewal, far), nil)
	it := raw(w, pk, "A")
	for _, name := range []string{"duePK", "dueSK", "paidUntil", "schedule"} {
		if has(it, name) {
			t.Errorf("%s is still there: %v", name, it[name])
		}
	}

	// One that pays from the beginning.
	paying := with(newAccount(w), func(a *tenancy.Account) { a.PaidUntil = end })
	must(w, func(tx *store.Tx) { tx.CreateAccount(paying, w.Now()) })
	same(t, "an account made for a plan that is paid", due(w, store.DueRenewal, end), []string{string(paying.ID)})
}

// Reallocating writes the account, its history and the profiles that are named, of those only what is the account's.
func TestReallocate(t *testing.T) {
	t.Parallel()
	w := testkit.New(t)
	account := newAccount(w)
	one, two, three := newProfile(w, account.ID), newProfile(w, account.ID), newProfile(w, account.ID)
	for _, p := range []*tenancy.Profile{&one, &two, &three} {
		p.Name, p.BannerURL, p.Epoch, p.OwnerEpoch, p.Transferred = string(p.ID), "https://example.com/banner", 7, account.Epoch, w.Now()
		p.Allocation[plan.ServiceInput] = 100
	}
	account = owning(account, one, two, three)
	must(w, func(tx *store.Tx) { tx.CreateAccount(account, w.Now()) })
	for _, p := range []tenancy.Profile{one, two, three} {
		must(w, func(tx *store.Tx) { tx.CreateProfile(p) })
	}
	must(w, func(tx *store.Tx) { tx.UpdateProfile(two, nil) })
	two.Version++

	w.Advance(time.Hour)
	limits := account.Limits
	changed := account
	changed.Plan, changed.Anchor, changed.PaidUntil = plan.Starter, w.Now(), w.Now().AddDate(0, 1, 0)
	for s := range changed.Limits {
		changed.Limits[s] += int64(s) + 1
	}
	share := func(n int64, addons tenancy.Addons) tenancy.Share {
		s := tenancy.Share{Addons: addons, Updated: w.Now()}
		for service := range s.Allocation {
			s.Allocation[service] = n + int64(service)
		}
		return s
	}
	changed.Shares = map[value.ProfileID]tenancy.Share{
		one.ID: share(1000, tenancy.Addons{CustomDNS: true}), two.ID: share(2000, tenancy.Addons{Mobile: true}), three.ID: account.Shares[three.ID],
	}
	before := w.Items()
	must(w, func(tx *store.Tx) { tx.Reallocate(changed, w.Now(), one.ID, two.ID) })
	got := changes(before, w.Items(), map[string]string{string(account.ID): "account", string(one.ID): "one", string(two.ID): "two", ms(w.Now()): "now"})
	want := []string{"+B#account S#000000000001", "~A#account A", "~P#one P", "~P#two P"}
	same(t, "what is written", got, want)

	for _, p := range []*tenancy.Profile{&one, &two} {
		*p = p.Of(changed)
		p.Updated = w.Now()
		p.Version++
	}
	batch := w.Store.Batch()
	gotAccount := batch.Account(account.ID)
	gotProfiles := []*store.Found[tenancy.Profile]{batch.Profile(one.ID), batch.Profile(two.ID), batch.Profile(three.ID)}
	w.OK(batch.Get(t.Context()))
	same(t, "account", gotAccount.Value, at(changed, 1))
	for i, p := range []tenancy.Profile{one, two, three} {
		same(t, fmt.Sprintf("profile %d", i+1), gotProfiles[i].Value, p)
	}
	snapshots, err := w.Store.Snapshots(t.Context(), account.ID, w.Now(), w.Now().Add(time.Hour))
	w.OK(err)
	same(t, "snapshots", snapshots, []tenancy.Snapshot{{Time: w.Now(), Limits: changed.Limits, Shares: changed.Shares}})
	if changed.Limits == limits {
		t.Fatal("nothing changed: this tests nothing")
	}

	// Whoever read a profile before writes it no more, and counts for it no more.
	w.Refused(commit(w, func(tx *store.Tx) { tx.UpdateProfile(at(one, 0), nil) }), problem.CodeConflict)
	w.Refused(commit(w, func(tx *store.Tx) { tx.AddMember(at(one, 0), newMember(w, one.ID)) }), problem.CodeConflict)
	must(w, func(tx *store.Tx) { tx.UpdateProfile(three, nil) })

	// A profile that has no share any more has nothing.
	changed = at(changed, 1)
	changed.Shares = map[value.ProfileID]tenancy.Share{two.ID: changed.Shares[two.ID]}
	must(w, func(tx *store.Tx) { tx.Reallocate(changed, w.Now(), one.ID) })
	batch = w.Store.Batch()
	bare := batch.Profile(one.ID)
	w.OK(batch.Get(t.Context()))
	if bare.Value.Allocation != (plan.Amounts{}) || bare.Value.Addons != (tenancy.Addons{}) {
		t.Errorf("got %+v", bare.Value)
	}
}

// The largest change of an account's profiles, with a charge for each thing that may be bought and the audit entry, fits into one
// transaction.
func TestTheLargestReallocation(t *testing.T) {
	t.Parallel()
	w := testkit.New(t)
	account := newAccount(w)
	var profiles []tenancy.Profile
	for range plan.Scale.Limits().Profiles {
		profiles = append(profiles, newProfile(w, account.ID))
	}
	account = owning(account, profiles...)
	must(w, func(tx *store.Tx) { tx.CreateAccount(account, w.Now()) })
	for _, p := range profiles {
		must(w, func(tx *store.Tx) { tx.CreateProfile(p) })
	}
	tx := w.Store.Begin()
	tx.Reallocate(account, w.Now(), account.ProfileIDs()...)
	for range 1 + 9 + 2*len(profiles) {
		tx.Charge(newCharge(w, account.ID))
	}
	tx.Audit(auditlog.Entry{ID: "a", Log: string(account.ID), Time: w.Now()})
	if n := store.Actions(tx); n != 2+5+20+1 {
		t.Errorf("%d actions", n)
	}
	w.OK(tx.Commit(t.Context()))
}

// ids are those of charges.
func chargeIDs(w *testkit.World, walk func(func(tenancy.Charge, error) bool)) (out []string) {
	w.Helper()
	for c, err := range walk {
		w.OK(err)
		out = append(out, c.ID)
	}
	return out
}

func TestCharges(t *testing.T) {
	t.Parallel()
	w := testkit.New(t)
	ana, ben := newAccount(w).ID, newAccount(w).ID
	start := w.Now()
	pk := "B#" + string(ana)
	// Beside the range on both sides, and keys that merely begin alike.
	foreign(w, pk, "A", "B#0", "C", "C!", "C$0", "CC", "D#0")
	foreign(w, pk+"0", "C#"+ms(start)+"#0")
	foreign(w, pk[:len(pk)-1], "C#"+ms(start)+"#0")
	for i := range 3 {
		must(w, func(tx *store.Tx) { tx.Snapshot(tenancy.Account{ID: ana, Version: int64(i)}, start) })
	}
	same(t, "none", chargeIDs(w, w.Store.Charges(t.Context(), ana, start.Add(-day), start.Add(day))), nil)
	same(t, "none at last", chargeIDs(w, w.Store.LastCharges(t.Context(), ana, 10)), nil)
	var all []string
	charge := func(a value.AccountID, id string, at time.Time) {
		must(w, func(tx *store.Tx) {
			tx.Charge(with(newCharge(w, a), func(c *tenancy.Charge) { c.ID, c.From = id, at }))
		})
		if a == ana {
			all = append(all, id)
		}
	}
	for i := range 7 {
		charge(ana, fmt.Sprintf("day %d", i), start.Add(time.Duration(i)*day))
		charge(ben, fmt.Sprintf("day %d", i), start.Add(time.Duration(i)*day))
	}
	// Of one instant: the ids are in an order, whatever is in them.
	for _, id := range []string{"day 7", "day 7#", "day 7a"} {
		charge(ana, id, start.Add(7*day))
	}
	for _, c := range []struct {
		name     string
		from, to time.Duration
		want     []string
	}{
		{"all", 0, 8 * day, all},
		{"from long before, to long after", -1000 * day, 1000 * day, all},
		{"the end is not in it", 2 * day, 4 * day, all[2:4]},
		{"a millisecond more is", 2 * day, 4*day + time.Millisecond, all[2:5]},
		{"a millisecond later is not from the beginning", 2*day + time.Millisecond, 4 * day, all[3:4]},
		{"an instant", 7 * day, 7*day + time.Millisecond, all[7:]},
		{"a span without any", time.Hour, 2 * time.Hour, nil},
		{"before the first", -day, 0, nil},
		{"after the last", 8 * day, 9 * day, nil},
	} {
		same(t, c.name, chargeIDs(w, w.Store.Charges(t.Context(), ana, start.Add(c.from), start.Add(c.to))), c.want)
	}
	newest := slices.Clone(all)
	slices.Reverse(newest)
	for _, pageSize := range []int{1, 3, 5000} {
		w.Meter.Reset()
		same(t, fmt.Sprintf("newest first by %d", pageSize), chargeIDs(w, w.Store.LastCharges(t.Context(), ana, pageSize)), newest)
		requests(w, len(all), pageSize)
	}
	same(t, "the other account's", len(chargeIDs(w, w.Store.LastCharges(t.Context(), ben, 10))), 7)
	same(t, "nobody's", chargeIDs(w, w.Store.LastCharges(t.Context(), "000000000000000000000000", 10)), nil)

	// Whoever stops in a page pays for no further one.
	w.Meter.Reset()
	for range w.Store.LastCharges(t.Context(), ana, 3) {
		break
	}
	if used := w.Meter.Reset(); used.Requests != 1 {
		t.Errorf("the first charge took %d requests, want 1", used.Requests)
	}

	// A charge is never forgotten, and never due.
	it := raw(w, pk, "C#"+ms(start)+"#day 0")
	if it == nil || has(it, "ttl") || has(it, "duePK") {
		t.Errorf("got %v", it)
	}
}

func TestChargesInPages(t *testing.T) {
	t.Parallel()
	w := testkit.New(t)
	ana := newAccount(w).ID
	start := w.Now()
	var want []string
	var unit steps
	const n = 700
	for i := range n {
		c := newCharge(w, ana)
		c.ID, c.From, c.Profile = fmt.Sprintf("%06d", i), start.Add(time.Duration(i)*time.Hour), value.ProfileID(bulk[:3000])
		want = append(want, c.ID)
		if unit = append(unit, func(tx *store.Tx) { tx.Charge(c) }); len(unit) == 100 || i == n-1 {
			must(w, unit...)
			unit = nil
		}
	}
	w.Meter.Reset()
	same(t, "charges", chargeIDs(w, w.Store.Charges(t.Context(), ana, start, start.Add(n*time.Hour))), want)
	paged(w)
	slices.Reverse(want)
	same(t, "newest first", chargeIDs(w, w.Store.LastCharges(t.Context(), ana, 0)), want)
	paged(w)
}

func TestSnapshots(t *testing.T) {
	t.Parallel()
	w := testkit.New(t)
	ana, ben := newAccount(w), newAccount(w)
	start := w.Now()
	pk := "B#" + string(ana.ID)
	foreign(w, pk, "R#0", "S", "S!", "S$0", "SS", "T#0")
	foreign(w, pk+"0", "S#000000000000")
	foreign(w, pk[:len(pk)-1], "S#000000000000")
	must(w, func(tx *store.Tx) { tx.Charge(newCharge(w, ana.ID)) })
	read := func(a value.AccountID, from, to time.Duration) (out []int64) {
		t.Helper()
		snapshots, err := w.Store.Snapshots(t.Context(), a, start.Add(from), start.Add(to))
		w.OK(err)
		for _, s := range snapshots {
			out = append(out, s.Limits[0])
		}
		return out
	}
	same(t, "none", read(ana.ID, -day, day), nil)
	// Each says in its limit the how manieth it is, from 1. Those of day 3 are of one instant, and of versions that texts would not put in
	// order.
	var all []int64
	keep := func(a tenancy.Account, version int64, at time.Duration, n int64) {
		t.Helper()
		a.Version, a.Limits = version, plan.Amounts{n}
		a.Shares = map[value.ProfileID]tenancy.Share{value.ProfileID(fmt.Sprint(n)): {Allocation: plan.Amounts{n}, Updated: start}}
		must(w, func(tx *store.Tx) { tx.Snapshot(a, start.Add(at)) })
	}
	for i, v := range []struct {
		version int64
		at      time.Duration
	}{{0, 0}, {1, day}, {2, 2 * day}, {9, 3 * day}, {10, 3 * day}, {99, 3 * day}, {100, 3 * day}, {1_000_000, 3*day + time.Millisecond}, {1_000_001, 5 * day}} {
		keep(ana, v.version, v.at, int64(i+1))
		keep(ben, v.version, v.at+time.Hour, int64(i+1))
		all = append(all, int64(i+1))
	}
	for _, c := range []struct {
		name     string
		from, to time.Duration
		want     []int64
	}{
		{"all", 0, 10 * day, all},
		{"from before the first", -day, 10 * day, all},
		{"long before, to before the first", -2 * day, -day, nil},
		{"the one that holds at an instant", day, day + time.Hour, all[1:2]},
		{"the one that holds since before", day + time.Millisecond, day + time.Hour, all[1:2]},
		{"a millisecond before the next", 2*day - time.Millisecond, 2*day + time.Hour, all[1:3]},
		{"of one instant, the one that holds", 3 * day, 3*day + time.Hour, all[6:8]},
		{"of one instant, all", 2 * day, 3*day + time.Hour, all[2:8]},
		{"after the last", 7 * day, 8 * day, all[8:]},
	} {
		same(t, c.name, read(ana.ID, c.from, c.to), c.want)
	}
	same(t, "the other account's", read(ben.ID, 0, 10*day), all)
	same(t, "nobody's", read("000000000000000000000000", 0, 10*day), nil)
	if it := raw(w, pk, "S#000000000000"); it == nil || has(it, "ttl") {
		t.Errorf("got %v", it)
	}

	// However long ago it is, it is one request.
	for _, from := range []time.Duration{-day, 0, 3 * day, 7 * day} {
		w.Meter.Reset()
		read(ana.ID, from, from+day)
		if used := w.Meter.Reset(); used.Requests != 1 || used.Capacity > 1 {
			t.Errorf("what holds at %v took %+v, want one request of a unit", from, used)
		}
	}
}

func TestSnapshotsInPages(t *testing.T) {
	t.Parallel()
	w := testkit.New(t)
	ana := newAccount(w)
	start := w.Now()
	const n = 12
	for i := range n {
		a := ana
		a.Limits, a.Version = plan.Amounts{int64(i)}, int64(i)
		a.Shares = map[value.ProfileID]tenancy.Share{}
		for j := range 800 {
			a.Shares[value.ProfileID(fmt.Sprintf("%024d", j))] = tenancy.Share{}
		}
		must(w, func(tx *store.Tx) { tx.Snapshot(a, start.Add(time.Duration(i)*time.Hour)) })
	}
	w.Meter.Reset()
	got, err := w.Store.Snapshots(t.Context(), ana.ID, start, start.Add(n*time.Hour))
	w.OK(err)
	paged(w)
	// Whoever asks for what holds now pays for no further page.
	now, err := w.Store.Snapshots(t.Context(), ana.ID, start.Add((n-1)*time.Hour), start.Add(n*time.Hour))
	w.OK(err)
	if used := w.Meter.Reset(); used.Requests != 1 || len(now) != 1 || now[0].Limits[0] != n-1 {
		t.Errorf("the one that holds now: %d snapshots in %d requests", len(now), used.Requests)
	}
	if len(got) != n {
		t.Fatalf("got %d, want %d", len(got), n)
	}
	for i, s := range got {
		if s.Limits[0] != int64(i) || len(s.Shares) != 800 || !s.Time.Equal(start.Add(time.Duration(i)*time.Hour)) {
			t.Errorf("snapshot %d is of %v with %d shares", i, s.Time, len(s.Shares))
		}
	}
}

// A move reallocates both accounts: the history of each has the profile until then, or from then on.
func TestAMoveIsInTheHistoryOfBoth(t *testing.T) {
	t.Parallel()
	w := testkit.New(t)
	d := newDeal(w)
	for _, a := range []tenancy.Account{d.source, d.destination} {
		must(w, func(tx *store.Tx) { tx.Snapshot(a, w.Now()) })
	}
	made := w.Now()
	d.open()
	w.Advance(time.Hour)
	m := d.move(tenancy.Terms{})
	for name, c := range map[string]struct{ before, after tenancy.Account }{
		"source": {d.source, m.Source}, "destination": {d.destination, m.Destination},
	} {
		got, err := w.Store.Snapshots(t.Context(), c.before.ID, made, w.Now().Add(day))
		w.OK(err)
		same(t, name, got, []tenancy.Snapshot{c.before.Snapshot(made), c.after.Snapshot(w.Now())})
		_, is := got[1].Shares[d.profile.ID]
		if _, was := got[0].Shares[d.profile.ID]; was == is {
			t.Errorf("%s: the profile moved nowhere", name)
		}
	}
	// Nor is use counted for the new owner that was read before.
	u := tenancy.Usage{}.Apply(d.profile, []tenancy.UsageLine{line(plan.ServiceInput, 1, "late")}, w.Now())
	w.Refused(commit(w, func(tx *store.Tx) {
		tx.Report(d.profile, []tenancy.UsageLine{line(plan.ServiceInput, 1, "late")}, u, w.Now())
	}), problem.CodeConflict)
	if n := w.Count("V#", ""); n != 0 {
		t.Errorf("%d events", n)
	}
}

// Clocks differ. What an account has is what its later version says, though the clock that wrote it was behind.
func TestASnapshotByAClockThatIsBehind(t *testing.T) {
	t.Parallel()
	w := testkit.New(t)
	a := newAccount(w)
	must(w, func(tx *store.Tx) { tx.CreateAccount(a, w.Now()) })
	for version, at := range []time.Time{w.Now(), w.Now().Add(-5 * time.Millisecond)} {
		a.Version, a.Limits = int64(version), plan.Amounts{int64(version)}
		must(w, func(tx *store.Tx) { tx.Reallocate(a, at) })
	}
	got, err := w.Store.Snapshots(t.Context(), a.ID, w.Now(), w.Now().Add(time.Hour))
	w.OK(err)
	if last := got[len(got)-1]; last.Limits != a.Limits {
		t.Errorf("the account has %v, and its history says %v from %v on", a.Limits, last.Limits, last.Time)
	}
	got, err = w.Store.Snapshots(t.Context(), a.ID, w.Now().Add(-time.Hour), w.Now().Add(time.Hour))
	w.OK(err)
	same(t, "the whole history", got, []tenancy.Snapshot{
		{Time: w.Now(), Shares: a.Shares}, {Time: w.Now(), Limits: a.Limits, Shares: a.Shares},
	})
}
