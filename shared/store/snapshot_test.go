package store_test

import (
	"fmt"
	"testing"
	"time"

	"profiles/shared/billing"
	"profiles/shared/plan"
	"profiles/shared/problem"
	"profiles/shared/store"
	"profiles/shared/tenancy"
	"profiles/shared/testkit"
	"profiles/shared/transfer"
	"profiles/shared/value"
)

func snapshotConditions(s situation) map[string][]condition {
	return map[string][]condition{
		"Reallocate": {
			{
				"as it was read",
				steps{s.createBoth, s.createProfile},
				s.reallocate(s.account, s.profile.ID),
				nil,
			},
			{"of no profile", steps{s.createBoth}, s.reallocate(s.account), nil},
			{
				"a profile that somebody changed",
				steps{
					s.createBoth,
					s.createProfile,
					func(tx *store.Tx) { tx.UpdateProfile(s.profile, nil) },
				},
				s.reallocate(s.account, s.profile.ID),
				nil,
			},
			{
				"changed since",
				steps{s.createBoth, s.createProfile, s.changed(s.account)},
				s.reallocate(s.account, s.profile.ID),
				problem.ErrConflict,
			},
			{
				"of a later version",
				steps{s.createBoth, s.createProfile},
				s.reallocate(at(s.account, 1), s.profile.ID),
				problem.ErrConflict,
			},
			{
				"the account gone",
				steps{s.createProfile},
				s.reallocate(s.account, s.profile.ID),
				problem.ErrConflict,
			},
			{
				"a profile of another owner",
				steps{s.createBoth, s.createProfile},
				s.reallocate(owning(s.other, s.profile), s.profile.ID),
				problem.ErrConflict,
			},
			{
				"a profile that has moved away",
				s.offered(s.move(transfer.Terms{})),
				s.reallocate(at(s.account, 1), s.profile.ID),
				problem.ErrConflict,
			},
			{
				"a profile that never was",
				steps{s.createBoth},
				s.reallocate(s.account, s.profile.ID),
				problem.ErrConflict,
			},
			{
				"a profile gone since",
				steps{
					s.createBoth,
					s.createProfile,
					func(tx *store.Tx) { tx.DeleteProfile(s.profile, nil, s.now) },
				},
				s.reallocate(s.account, s.profile.ID),
				problem.ErrConflict,
			},
			{
				"one of two profiles gone",
				steps{s.createBoth, s.createProfile},
				s.reallocate(s.account, s.account.ProfileIDs()...),
				problem.ErrConflict,
			},
		},
	}
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
	// The limit of each snapshot is its number, from 1. Those of day 3 have the
	// same instant, and versions that do not sort as texts.
	var all []int64
	keep := func(a tenancy.Account, version int64, at time.Duration, n int64) {
		t.Helper()
		a.Version, a.Limits = version, plan.Amounts{n}
		a.Shares = map[value.ProfileID]billing.Share{
			value.ProfileID(fmt.Sprint(n)): {Allocation: plan.Amounts{n}, Updated: start},
		}
		must(w, func(tx *store.Tx) { tx.Snapshot(a, start.Add(at)) })
	}
	for i, v := range []struct {
		version int64
		at      time.Duration
	}{{0, 0}, {1, day}, {2, 2 * day}, {9, 3 * day}, {10, 3 * day}, {99, 3 * day}, {100, 3 * day},
		{1_000_000, 3*day + time.Millisecond}, {1_000_001, 5 * day}} {
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
		t.Errorf("the snapshot is stored as %v, want it without expiry", it)
	}

	// A snapshot takes one request, however old it is.
	for _, from := range []time.Duration{-day, 0, 3 * day, 7 * day} {
		w.Meter.Reset()
		read(ana.ID, from, from+day)
		if used := w.Meter.Reset(); used.Requests != 1 || used.Capacity() > 1 {
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
		a.Shares = map[value.ProfileID]billing.Share{}
		for j := range 800 {
			a.Shares[value.ProfileID(fmt.Sprintf("%024d", j))] = billing.Share{}
		}
		must(w, func(tx *store.Tx) { tx.Snapshot(a, start.Add(time.Duration(i)*time.Hour)) })
	}
	w.Meter.Reset()
	got, err := w.Store.Snapshots(t.Context(), ana.ID, start, start.Add(n*time.Hour))
	w.OK(err)
	paged(w)
	// A reader of the present snapshot does not pay for another page.
	now, err := w.Store.Snapshots(
		t.Context(),
		ana.ID,
		start.Add((n-1)*time.Hour),
		start.Add(n*time.Hour),
	)
	w.OK(err)
	if used := w.Meter.Reset(); used.Requests != 1 || len(now) != 1 || now[0].Limits[0] != n-1 {
		t.Errorf("the present snapshot: got %d snapshots in %d requests, want one in one", len(now), used.Requests)
	}
	if len(got) != n {
		t.Fatalf("got %d, want %d", len(got), n)
	}
	for i, s := range got {
		if s.Limits[0] != int64(i) || len(s.Shares) != 800 ||
			!s.Time.Equal(start.Add(time.Duration(i)*time.Hour)) {
			t.Errorf("snapshot %d is of %v with %d shares", i, s.Time, len(s.Shares))
		}
	}
}

// A move writes a snapshot of both accounts. One has the profile until the
// move, the other from the move on.
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
	m := d.move(transfer.Terms{})
	for name, c := range map[string]struct{ before, after tenancy.Account }{
		"source": {d.source, m.Source}, "destination": {d.destination, m.Destination},
	} {
		got, err := w.Store.Snapshots(t.Context(), c.before.ID, made, w.Now().Add(day))
		w.OK(err)
		same(t, name, got, []billing.Snapshot{c.before.Snapshot(made), c.after.Snapshot(w.Now())})
		_, is := got[1].Shares[d.profile.ID]
		if _, was := got[0].Shares[d.profile.ID]; was == is {
			t.Errorf("%s: the profile moved nowhere", name)
		}
	}
	// Usage that was read before the move is not counted for the new owner,
	// either.
	u := billing.Usage{}.Apply(
		d.profile.Quota(),
		[]billing.UsageLine{line(plan.ServiceInput, 1, "late")},
		w.Now(),
	)
	w.Refused(commit(w, func(tx *store.Tx) {
		tx.Report(d.profile, []billing.UsageLine{line(plan.ServiceInput, 1, "late")}, u, nil, w.Now())
	}), problem.CodeConflict)
	if n := w.Count("V#", ""); n != 0 {
		t.Errorf("%d events are stored, want none", n)
	}
}

// Clocks differ. The later version of an account counts, even if its clock was
// behind.
func TestASnapshotByAClockThatIsBehind(t *testing.T) {
	t.Parallel()
	w := testkit.New(t)
	a := newAccount(w)
	must(w, func(tx *store.Tx) { tx.CreateAccount(a, w.Now()) })
	for version, at := range []time.Time{w.Now(), w.Now().Add(-5 * time.Millisecond)} {
		a.Version, a.Limits = int64(version), plan.Amounts{int64(version)}
		must(w, func(tx *store.Tx) { tx.Reallocate(a, a, nil, at) })
	}
	got, err := w.Store.Snapshots(t.Context(), a.ID, w.Now(), w.Now().Add(time.Hour))
	w.OK(err)
	if last := got[len(got)-1]; last.Limits != a.Limits {
		t.Errorf(
			"the account has %v, and its history says %v from %v on",
			a.Limits,
			last.Limits,
			last.Time,
		)
	}
	got, err = w.Store.Snapshots(t.Context(), a.ID, w.Now().Add(-time.Hour), w.Now().Add(time.Hour))
	w.OK(err)
	same(t, "the whole history", got, []billing.Snapshot{
		{Time: w.Now(), Shares: a.Shares}, {Time: w.Now(), Limits: a.Limits, Shares: a.Shares},
	})
}
