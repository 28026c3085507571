package store_test

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"profiles/shared/billing"
	"profiles/shared/mailing"
	"profiles/shared/plan"
	"profiles/shared/secret"
	"profiles/shared/store"
	"profiles/shared/tenancy"
	"profiles/shared/testkit"
	"profiles/shared/transfer"
)

// The index has everything that has a due time, each kind apart, and returns
// what is due now. One shard has more than a page of due items, and each other
// shard has some.
func TestDue(t *testing.T) {
	t.Parallel()
	w := testkit.New(t)
	const inOneShard = 230
	now := w.Now().Add(time.Hour)
	var batch steps
	var want []string
	send := func(id string, at time.Time) {
		// The sweep takes a mail ten seconds after it was written.
		m := mailing.Message{
			ID:      mailing.ID(id),
			Kind:    "test",
			Created: at.Add(-10 * time.Second),
		}
		if batch = append(batch, func(tx *store.Tx) { tx.Send(m, sealed) }); len(batch) == 100 {
			must(w, batch...)
			batch = nil
		}
	}
	for i := range inOneShard {
		id := fmt.Sprintf("%021d000", i)
		// The mails are written out of order, and some have the same time.
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
	// Items of other kinds have been due for a long time.
	token := newToken(w, "profile")
	token.Expires = w.Now()
	endless := newToken(w, "profile")
	must(
		w,
		func(tx *store.Tx) { tx.CreateToken(token) },
		func(tx *store.Tx) { tx.CreateToken(endless) },
	)

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
	// Each full page of the crowded shard takes one more request.
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
	same(
		t,
		"due tokens at the end of one",
		due(w, store.DueToken, token.Expires),
		[]string{string(token.ID)},
	)
	same(
		t,
		"due tokens a millisecond before",
		due(w, store.DueToken, token.Expires.Add(-time.Millisecond)),
		nil,
	)
	same(t, "due profiles", due(w, store.DueProfile, now), nil)
	for entry, err := range w.Store.Due(t.Context(), store.DueToken, now) {
		w.OK(err)
		same(t, "when it was due", entry.At, token.Expires)
	}

	// A reader who stops within a page does not pay for the next shard.
	w.Meter.Reset()
	for range w.Store.Due(t.Context(), store.DueMail, now) {
		break
	}
	if used := w.Meter.Reset(); used.Requests != 1 {
		t.Errorf("the first entry took %d requests, want 1", used.Requests)
	}
}

// Ids as the services make them spread the work of one instant over all shards
// of the index. No shard gets most of it.
func TestDueWorkCoversAllShards(t *testing.T) {
	t.Parallel()
	for kind, newID := range map[store.DueKind]func() string{
		store.DueMail:       func() string { return secret.NewID(testkit.Start) },
		store.DueProfile:    func() string { return secret.NewID(testkit.Start) },
		store.DueToken:      func() string { return secret.NewCredential().ID },
		store.DueReuse:      func() string { return secret.NewCredential().ID },
		store.DueInvitation: func() string { return secret.NewCredential().ID },
		store.DueTransfer:   func() string { return string(transfer.NewID(secret.NewID(testkit.Start))) },
		store.DueRenewal:    func() string { return secret.NewID(testkit.Start) },
		store.DueAccount:    func() string { return secret.NewID(testkit.Start) },
		store.DueMember:     func() string { return secret.NewID(testkit.Start) + secret.NewID(testkit.Start) },
	} {
		const n = 4000
		shards := map[string]int{}
		for range n {
			pk, _ := store.DueKey(kind, newID(), testkit.Start)
			shards[pk]++
		}
		if len(shards) != store.DueShards {
			t.Errorf("%s: got %d shards, want %d", kind, len(shards), store.DueShards)
		}
		for pk, count := range shards {
			if count > n/2 {
				t.Errorf("%s has %d of %d entries, want at most half", pk, count, n)
			}
		}
	}
}

// Earlier work sorts first. An item without a due time is not in the index.
func TestDueKeysSortByTime(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		at := func(label string) time.Time {
			return time.UnixMilli(
				rapid.Int64Range(1, time.Date(2140, 1, 1, 0, 0, 0, 0, time.UTC).UnixMilli()).
					Draw(t, label),
			)
		}
		a, b := at("a"), at("b")
		_, x := store.DueKey(store.DueToken, "zzzzzzzz", a)
		_, y := store.DueKey(store.DueToken, "00000000", b)
		if a.Before(b) && x >= y || b.Before(a) && y >= x {
			t.Errorf("%v and %v sort as %s and %s", a, b, x, y)
		}
	})
	if pk, sk := store.DueKey(store.DueToken, "00000000", time.Time{}); pk != "" || sk != "" {
		t.Errorf("a token without end has the entry %q %q", pk, sk)
	}
}

// The renewal of an account is due at the end of the time that is paid for. It
// is not due on the free plan.
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
		same(
			t,
			what+", a millisecond before",
			due(w, store.DueRenewal, at.Add(-time.Millisecond)),
			nil,
		)
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
	change(func(a *tenancy.Account) { a.Schedule = &billing.Schedule{Plan: &free} })
	dueAt("with an end that is scheduled", account.PaidUntil)
	renewed, _, err := account.Renew(account.PaidUntil)
	w.OK(err)
	must(w, func(tx *store.Tx) { tx.Reallocate(renewed, renewed, nil, w.Now()) })
	same(t, "with the plan free", due(w, store.DueRenewal, far), nil)
	it := raw(w, pk, "A")
	for _, name := range []string{"duePK", "dueSK", "paidUntil", "schedule"} {
		if has(it, name) {
			t.Errorf("%s is still there: %v", name, it[name])
		}
	}

	// This account has a paid plan from the beginning.
	paying := with(newAccount(w), func(a *tenancy.Account) { a.PaidUntil = end })
	must(w, func(tx *store.Tx) { tx.CreateAccount(paying, w.Now()) })
	same(
		t,
		"an account made for a plan that is paid",
		due(w, store.DueRenewal, end),
		[]string{string(paying.ID)},
	)
}
