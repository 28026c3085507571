package store_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"profiles/shared/backup"
	"profiles/shared/billing"
	"profiles/shared/mailing"
	"profiles/shared/plan"
	"profiles/shared/store"
	"profiles/shared/tenancy"
	"profiles/shared/testkit"
	"profiles/shared/transfer"
	"profiles/shared/value"
	"profiles/shared/webhook"
)

// ids draws ids in the forms that are issued and parsed. Their pools are so
// small that two draws often share ids, which finds a key that forgets one of
// its parts.
func ids(t *rapid.T, label string) store.IDs {
	pick := func(what string, pool ...string) string {
		return rapid.SampledFrom(pool).Draw(t, label+" "+what)
	}
	hex := func(what string) string {
		return pick(
			what,
			"00000000000000000000000a",
			"00000000000000000000000b",
			"a00000000000000000000000",
		)
	}
	word := func(what string) string { return pick(what, "00000000", "0000000A", "0000000a") }
	return store.IDs{
		Account: value.AccountID(hex("account")),
		Profile: value.ProfileID(hex("profile")),
		Token:   value.TokenID(word("token")),
		Code:    value.CodeID(word("code")),
		Message: mailing.ID(hex("message")),
		// An address may contain the separator of keys.
		Email: value.Email(
			pick("email", "a@example.com", "a#b@example.com", "a#e@example.com", "#@example.com"),
		),
		Log:          hex("log"),
		Entry:        hex("entry"),
		Invitation:   tenancy.InvitationID(pick("invitation", "00", "01")),
		Notification: tenancy.NotificationID(pick("notification", "00", "01")),
		Transfer:     transfer.ID(pick("transfer", "TR-0000-0000", "TR-0000-0001", "TR-A000-0000")),
		// The name of an event is any text: it may contain the separator, look
		// like a key, and have the largest length that parsing accepts.
		Event: pick(
			"event",
			"e",
			"e#",
			"#e",
			"a#V",
			"00000000000000000000000b#e",
			"é",
			strings.Repeat("𝄞", 128),
			strings.Repeat("𝄞", 127)+"#",
		),
		Charge:   pick("charge", "00", "01"),
		Webhook:  webhook.ID(hex("webhook")),
		Delivery: hex("delivery"),
		Backup:   backup.ID(hex("backup")),
		Version:  int64(rapid.SampledFrom([]int{0, 1, 10, 999_999}).Draw(t, label+" version")),
		Subject: pick(
			"subject",
			"mail#00",
			"mail#01",
			"password#source#00",
			"password#00",
			"password",
		),
		// A scope has a fixed length and no separator. A key is any visible
		// ASCII.
		Scope: pick("scope", "AA", "AB"),
		Key:   pick("key", "k", "#k", "k#", "AB#k", "K#AA#k"),
		Time: testkit.Start.Add(
			time.Duration(
				rapid.SampledFrom([]int{0, 1, 1000, 86_400_000}).Draw(t, label+" time"),
			) * time.Millisecond,
		),
	}
}

// Two items share a key only if they are the same item.
func TestNoTwoThingsShareAKey(t *testing.T) {
	t.Parallel()
	kinds := len(store.Entities())
	rapid.Check(t, func(t *rapid.T) {
		a, b := store.Keys(ids(t, "a")), store.Keys(ids(t, "b"))
		if len(a) != kinds || len(b) != kinds {
			t.Fatalf("of %d kinds two have one key: %v %v", kinds, a, b)
		}
		of := map[string][2]string{}
		for k, what := range a {
			of[what] = k
			if other, ok := b[k]; ok && other != what {
				t.Errorf("%q is the key of %s and of %s", k, what, other)
			}
		}
		for k, what := range b {
			if other, ok := of[what]; ok && other != k {
				t.Errorf("%s has the keys %q and %q", what, k, other)
			}
		}
	})
}

// The items that a transfer adds to the partitions of an account, a profile,
// its tokens and an address appear in no other list of these, in any state of
// the transfer.
func TestTransfersDisturbNoOtherList(t *testing.T) {
	t.Parallel()
	w := testkit.New(t)
	d := newDeal(w)
	member, token := d.join(), d.token(d.source.ID)
	invitation := newInvitation(w, d.profile)
	invitation.Email = d.destination.Email
	must(w, func(tx *store.Tx) {
		tx.Invite(d.stored(), invitation, tenancy.Member{})
	})
	ana, ben := d.source, d.destination
	// lists has the results of the four queries, without what a transfer is
	// meant to change.
	lists := func() string {
		t.Helper()
		profile, team, err := w.Store.ProfileWithMembers(t.Context(), d.profile.ID)
		w.OK(err)
		profile.Version = 0
		all := fmt.Sprintf("%+v\n%+v\n%v\n", profile, team, rows(w, d.profile.ID, false, 0))
		for _, id := range []value.AccountID{ana.ID, ben.ID, member.Account} {
			account, grants, err := w.Store.AccountWithGrants(t.Context(), id)
			w.OK(err)
			all += fmt.Sprintf("%+v\n%+v\n", account, grants)
		}
		for _, e := range []value.Email{ana.Email, ben.Email} {
			offers, err := w.Store.Offers(t.Context(), e, w.Now())
			w.OK(err)
			all += fmt.Sprintf("%+v\n", offers)
		}
		return all
	}
	before := lists()
	if w.Count("E#"+string(d.destination.Email), "I#") != 1 {
		t.Fatal("the address has no invitation: this tests nothing")
	}
	d.open()
	same(t, "with an open transfer", lists(), before)
	d.answer(transfer.Terms{})
	same(t, "with an accepted transfer", lists(), before)
	d.end(transfer.Canceled)
	same(t, "with a transfer that has ended", lists(), before)
	d.open()
	same(t, "with another one", lists(), before)

	// A completed move and the next transfer add items next to the lists that
	// the move changed.
	w.Advance(time.Second)
	m := d.move(
		transfer.Terms{
			Members: map[value.AccountID]tenancy.Permission{
				member.Account: tenancy.PermissionRead,
			},
		},
	)
	moved := lists()
	d.turn()
	d.open()
	for _, k := range [][2]string{{"P#", "C#"}, {"P#", "X"}, {"A#", "X#"}, {"Q#", ""}, {"X#", ""}} {
		if w.Count(k[0], k[1]) == 0 {
			t.Fatalf("no %s %s is in the table: this tests nothing", k[0], k[1])
		}
	}
	same(t, "with a mark and a reservation", lists(), moved)
	profile, team, err := w.Store.ProfileWithMembers(t.Context(), d.profile.ID)
	w.OK(err)
	if profile.Owner != m.Destination.ID || len(team) != 1 || team[0].Account != member.Account {
		t.Errorf("after the move: got %+v with the team %+v, want the new owner and the member who stays", profile, team)
	}
	same(t, "token rows", rows(w, d.profile.ID, false, 0), []string{string(token.ID)})
}

// The items of usage, and of the charges for it, appear in no list of other
// items.
func TestUsageDisturbsNoOtherList(t *testing.T) {
	t.Parallel()
	w := testkit.New(t)
	d := newDeal(w)
	member, token := d.join(), d.token(d.source.ID)
	d.open()
	w.Advance(time.Second)
	d.move(staying(tenancy.PermissionRead, member))
	d.turn()
	d.invite()
	d.open()
	lists := func() string {
		t.Helper()
		profile, team, err := w.Store.ProfileWithMembers(t.Context(), d.profile.ID)
		w.OK(err)
		all := fmt.Sprintf(
			"%+v\n%+v\n%v %v\n",
			profile,
			team,
			rows(w, d.profile.ID, false, 0),
			rows(w, d.profile.ID, true, 1),
		)
		for _, id := range []value.AccountID{d.source.ID, d.destination.ID, member.Account} {
			account, grants, err := w.Store.AccountWithGrants(t.Context(), id)
			w.OK(err)
			all += fmt.Sprintf(
				"%+v\n%+v\n%v\n",
				account,
				grants,
				tickets(w, w.Store.TransfersOf(t.Context(), id,
					store.Walk{NewestFirst: true, PageSize: 10})),
			)
		}
		for cut, err := range w.Store.CostCuts(t.Context(), d.profile.ID) {
			w.OK(err)
			all += fmt.Sprintf("%+v\n", cut)
		}
		return all + fmt.Sprint(
			entries(w, string(d.profile.ID), w.Now()),
			tickets(w, w.Store.TransfersOffered(t.Context(), d.destination.Email,
				store.Walk{NewestFirst: true, PageSize: 10})),
			tickets(w, w.Store.QueuedTransfers(t.Context(), store.Walk{PageSize: 10})),
		)
	}
	before := lists()
	if n := strings.Count(before, string(token.ID)); n != 2 {
		t.Fatalf("the token is listed %d times: this tests nothing", n)
	}
	p := d.stored()
	usage := billing.Usage{}
	for i := range 3 {
		w.Advance(time.Hour)
		update := usage.Apply(
			p.Quota(),
			[]billing.UsageLine{line(plan.ServiceInput, 1, fmt.Sprintf("M#%d", i))},
			w.Now(),
		)
		must(w, func(tx *store.Tx) {
			tx.Report(
				p,
				[]billing.UsageLine{line(plan.ServiceInput, 1, fmt.Sprintf("M#%d", i))},
				update,
				nil,
				w.Now(),
			)
		})
		usage = update.After
		for _, id := range []value.AccountID{d.source.ID, d.destination.ID} {
			must(
				w,
				func(tx *store.Tx) { tx.Charge(newCharge(w, id)) },
				func(tx *store.Tx) {
					tx.Snapshot(tenancy.Account{ID: id, Version: int64(i)}, w.Now())
				},
			)
		}
	}
	for _, k := range [][2]string{{"P#", "U"}, {"P#", "H#"}, {"V#", "V"}, {"B#", "C#"}, {"B#", "S#"}} {
		if w.Count(k[0], k[1]) == 0 {
			t.Fatalf("no %s %s is in the table: this tests nothing", k[0], k[1])
		}
	}
	same(t, "with usage, hours, events, charges and snapshots", lists(), before)
	same(t, "due renewals", due(w, store.DueRenewal, w.Now().Add(365*day)), nil)
}
