package store_test

import (
	"fmt"
	"testing"
	"time"

	"profiles/shared/auditlog"
	"profiles/shared/billing"
	"profiles/shared/plan"
	"profiles/shared/problem"
	"profiles/shared/store"
	"profiles/shared/tenancy"
	"profiles/shared/testkit"
	"profiles/shared/value"
)

func (s situation) reallocate(a tenancy.Account, profiles ...value.ProfileID) step {
	return func(tx *store.Tx) { tx.Reallocate(a, a, nil, s.now, profiles...) }
}

// Reallocating writes the account, a snapshot, and the named profiles. Of a
// profile it writes only what the profile copies from the account.
func TestReallocate(t *testing.T) {
	t.Parallel()
	w := testkit.New(t)
	account := newAccount(w)
	one := newProfile(w, account.ID)
	two := newProfile(w, account.ID)
	three := newProfile(w, account.ID)
	for _, p := range []*tenancy.Profile{&one, &two, &three} {
		p.Name = string(p.ID)
		p.BannerURL = "https://example.com/banner"
		p.Epoch = 7
		p.OwnerEpoch = account.Epoch
		p.Transferred = w.Now()
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
	changed.Plan, changed.Anchor, changed.PaidUntil = plan.Starter, w.Now(), w.Now().
		AddDate(0, 1, 0)
	for s := range changed.Limits {
		changed.Limits[s] += int64(s) + 1
	}
	share := func(n int64, addons billing.Addons) billing.Share {
		s := billing.Share{Addons: addons, Updated: w.Now()}
		for service := range s.Allocation {
			s.Allocation[service] = n + int64(service)
		}
		return s
	}
	changed.Shares = map[value.ProfileID]billing.Share{
		one.ID:   share(1000, billing.Addons{CustomDNS: true}),
		two.ID:   share(2000, billing.Addons{Mobile: true}),
		three.ID: account.Shares[three.ID],
	}
	before := w.Items()
	must(w, func(tx *store.Tx) { tx.Reallocate(changed, changed, nil, w.Now(), one.ID, two.ID) })
	got := changes(
		before,
		w.Items(),
		map[string]string{
			string(account.ID): "account",
			string(one.ID):     "one",
			string(two.ID):     "two",
			ms(w.Now()):        "now",
		},
	)
	want := []string{"+B#account S#000000000001", "~A#account A", "~P#one P", "~P#two P"}
	same(t, "what is written", got, want)

	for _, p := range []*tenancy.Profile{&one, &two} {
		*p = p.Of(changed)
		p.Updated = w.Now()
		p.Version++
	}
	batch := w.Store.Batch()
	gotAccount := batch.Account(account.ID)
	gotProfiles := []*store.Found[tenancy.Profile]{
		batch.Profile(one.ID),
		batch.Profile(two.ID),
		batch.Profile(three.ID),
	}
	w.OK(batch.Get(t.Context()))
	same(t, "account", gotAccount.Value, at(changed, 1))
	for i, p := range []tenancy.Profile{one, two, three} {
		same(t, fmt.Sprintf("profile %d", i+1), gotProfiles[i].Value, p)
	}
	snapshots, err := w.Store.Snapshots(t.Context(), account.ID, w.Now(), w.Now().Add(time.Hour))
	w.OK(err)
	same(
		t,
		"snapshots",
		snapshots,
		[]billing.Snapshot{{Time: w.Now(), Limits: changed.Limits, Shares: changed.Shares}},
	)
	if changed.Limits == limits {
		t.Fatal("nothing changed: this tests nothing")
	}

	// A request that read a profile before the change can neither write it nor
	// count for it.
	w.Refused(
		commit(w, func(tx *store.Tx) { tx.UpdateProfile(at(one, 0), nil) }),
		problem.CodeConflict,
	)
	w.Refused(
		commit(w, func(tx *store.Tx) { tx.AddMember(at(one, 0), newMember(w, one.ID)) }),
		problem.CodeConflict,
	)
	must(w, func(tx *store.Tx) { tx.UpdateProfile(three, nil) })

	// A profile without a share has no limits.
	changed = at(changed, 1)
	changed.Shares = map[value.ProfileID]billing.Share{two.ID: changed.Shares[two.ID]}
	must(w, func(tx *store.Tx) { tx.Reallocate(changed, changed, nil, w.Now(), one.ID) })
	batch = w.Store.Batch()
	bare := batch.Profile(one.ID)
	w.OK(batch.Get(t.Context()))
	if bare.Value.Allocation != (plan.Amounts{}) || bare.Value.Addons != (billing.Addons{}) {
		t.Errorf("the profile is %+v, want it without limits", bare.Value)
	}
}

// The largest change of an account's profiles fits into one transaction, with a
// charge for each thing that can be bought and the audit entry.
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
	tx.Reallocate(account, account, nil, w.Now(), account.ProfileIDs()...)
	for range 1 + 9 + 2*len(profiles) {
		tx.Charge(newCharge(w, account.ID))
	}
	tx.Audit(auditlog.Entry{ID: "a", Log: string(account.ID), Time: w.Now()})
	if n := store.Actions(tx); n != 2+5+20+1 {
		t.Errorf("the transaction has %d actions, want the account, its charges, the profiles and the entry", n)
	}
	w.OK(tx.CommitAside(t.Context(), store.Origin{}))
}
