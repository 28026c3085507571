package service_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"profiles/shared/billing"
	"profiles/shared/mailing"
	"profiles/shared/operation"
	"profiles/shared/plan"
	"profiles/shared/problem"
	"profiles/shared/service"
	"profiles/shared/store"
	"profiles/shared/tenancy"
	"profiles/shared/testkit"
	"profiles/shared/value"
)

// undeletion is ana's second profile, which ben can read, after its deletion.
type undeletion struct {
	*testkit.World
	ana, ben testkit.Person
	id       value.ProfileID
	tokens   []string       // of the profile: ana's, ben's
	before   []testkit.Item // the table before the deletion
	was      tenancy.Account
}

func (u undeletion) delete() error { return u.remove(u.id) }

func (u undeletion) remove(id value.ProfileID) error {
	return u.Profiles.Delete(u.Context(), u.ana.Client(operation.ProfileDelete),
		service.ProfileRef{ID: id}, service.Credentials{Password: testkit.Password})
}

func (u undeletion) restore() error { return u.restoreWith(u.Services) }

func (u undeletion) restoreWith(s *service.Services) error {
	return s.Profiles.Restore(u.Context(), u.ana.Client(operation.ProfileRestore), u.id)
}

// late is a service in which something happens between the reads and the write
// of a restoration.
func (u undeletion) late(meanwhile func()) *service.Services {
	return service.New(service.Config{
		Keys: testkit.Keys, Background: u.Background, Now: u.Now, NewID: newIDs(u.World),
		Log: quiet(), Store: interrupted(u.World, "TransactWriteItems", meanwhile),
	})
}

func newIDs(w *testkit.World) func(time.Time) string {
	return func(time.Time) string { return w.NextID() }
}

func (u undeletion) create() error {
	_, err := u.Profiles.Create(u.Context(), u.ana.Client(operation.ProfileCreate), "next", true)
	return err
}

func (u undeletion) opens(token string) bool {
	_, err := u.Profiles.Get(u.Context(), testkit.ClientOf(token).For(operation.ProfileGet.Access),
		service.ProfileRef{ID: u.id})
	return err == nil
}

func (u undeletion) listed() (ids []value.ProfileID) {
	u.Helper()
	list, err := u.Profiles.Deleted(u.Context(), u.ana.Client(operation.ProfileDeleted),
		service.Paging{Amount: 10})
	u.OK(err)
	for _, d := range list.Rows {
		ids = append(ids, d.Profile.ID)
	}
	return ids
}

func newUndeletion(t *testing.T, new func(testing.TB) *testkit.World) undeletion {
	t.Helper()
	w := new(t)
	u := undeletion{World: w, ana: w.Quick("ana"), ben: w.Quick("ben")}
	u.ana.Token = u.ana.Mint(u.ana.Home, "never")
	u.id = u.ana.Profile("second")
	w.OK(w.Billing.Allocate(t.Context(), u.ana.Client(operation.AllocationEdit),
		map[value.ProfileID]map[plan.Service]int64{
			u.ana.Home: {plan.ServiceInput: 100, plan.ServiceFileStorage: 50},
			u.id:       {plan.ServiceInput: 40, plan.ServiceFileStorage: 30},
		}))
	w.OK(w.Billing.EditAddons(t.Context(), u.ana.Client(operation.AddonEdit),
		service.ProfileRef{ID: u.id}, map[plan.Addon]bool{plan.AddonMobile: true}))
	w.Share(u.id, u.ben, tenancy.PermissionRead)
	wantAdmitted(w, sendUse(w, u.id, used(plan.ServiceInput, 30, "a"),
		stands(plan.ServiceFileStorage, 20, "b")), true, true)
	u.tokens = []string{u.ana.Mint(u.id, "never"), u.ben.Mint(u.id, "never")}
	u.before, u.was = w.Items(), accountOf(w, u.ana)
	w.Advance(time.Minute)
	w.OK(u.delete())
	return u
}

// volatile are the items that the deletion and the restoration are told in, and
// the account and the profiles, which have new versions.
func volatile(i testkit.Item) bool {
	return i.SK == "A" || i.SK == "P" || i.SK == "U" || i.SK == "H" ||
		slices.ContainsFunc([]string{"B#", "L#", "O#", "N#", "R#", "K#", "W#"},
			func(prefix string) bool { return strings.HasPrefix(i.PK, prefix) })
}

// On its last day a profile comes back with everything that it had: what else
// the table has of it is byte for byte the same.
func TestARestoredProfileIsAsItWas(t *testing.T) {
	t.Parallel()
	u := newUndeletion(t, testkit.NewModelled)
	for _, token := range u.tokens {
		if u.opens(token) {
			t.Error("a token opens a deleted profile")
		}
	}
	if got := u.listed(); !slices.Equal(got, []value.ProfileID{u.id}) {
		t.Errorf("the list of deleted profiles is %v, want %v", got, u.id)
	}
	if got := accountOf(u.World, u.ana).Shares; len(got) != 1 {
		t.Errorf("the account has %d profiles, want 1", len(got))
	}
	if n, err := u.Profiles.Purge(t.Context()); n != 0 || err != nil {
		t.Errorf("the sweep purges %d profiles, %v, want none before the end", n, err)
	}
	u.Advance(tenancy.ProfileUndo - time.Millisecond)
	u.OK(u.restore())
	for _, token := range u.tokens {
		if !u.opens(token) {
			t.Error("a token does not work again")
		}
	}
	var was, is []testkit.Item
	for _, i := range u.before {
		if !volatile(i) {
			was = append(was, i)
		}
	}
	for _, i := range u.Items() {
		if !volatile(i) {
			is = append(is, i)
		}
	}
	if !slices.Equal(was, is) {
		t.Errorf("the table has\n%v\nwant\n%v", is, was)
	}
	a := accountOf(u.World, u.ana)
	for id, share := range u.was.Shares {
		if a.Shares[id] != share {
			t.Errorf("the profile %s has %+v, want %+v", id, a.Shares[id], share)
		}
	}
	if a.Spent.Used != u.was.Spent.Used {
		t.Errorf("the account is charged %v beside its profiles", a.Spent.Used)
	}
	wantUsed(u.World, u.id, plan.ServiceInput, 30)
	wantAdmitted(u.World, sendUse(u.World, u.id, used(plan.ServiceInput, 10, "c"),
		used(plan.ServiceInput, 1, "d")), true, false)
	if got := u.listed(); len(got) != 0 {
		t.Errorf("the list of deleted profiles is %v, want none", got)
	}
	u.Advance(time.Hour)
	if n, err := u.Profiles.Purge(t.Context()); n != 0 || err != nil || !u.opens(u.tokens[1]) {
		t.Errorf("a sweep after the restoration purges %d profiles, %v", n, err)
	}
	checkWorld(u.World)
}

func TestAProfileIsNotRestored(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		meanwhile func(undeletion)
		want      problem.Reason
	}{
		"after its time": {func(u undeletion) {
			u.Advance(tenancy.ProfileUndo)
			if got := u.listed(); len(got) != 0 {
				u.Errorf("the list of deleted profiles is %v, want none", got)
			}
		}, problem.ReasonNotFound},
		"a second time": {func(u undeletion) { u.OK(u.restore()) }, problem.ReasonNotFound},
		"among as many as the plan allows": {func(u undeletion) {
			for range plan.Scale.Limits().Profiles - 1 {
				u.OK(u.create())
			}
		}, problem.ReasonProfilesFull},
		"where a new one has what it had": {func(u undeletion) {
			u.OK(u.create())
			a := accountOf(u.World, u.ana)
			for id := range a.Shares {
				if id != u.ana.Home {
					u.OK(u.Billing.Allocate(u.Context(), u.ana.Client(operation.AllocationEdit),
						map[value.ProfileID]map[plan.Service]int64{
							u.ana.Home: {plan.ServiceInput: 0},
							id:         {plan.ServiceInput: a.Limits[plan.ServiceInput] - 30},
						}))
				}
			}
		}, problem.ReasonAllocationLacks},
		"where the other has used it": {func(u undeletion) {
			rest := accountOf(u.World, u.ana).Shares[u.ana.Home].Allocation[plan.ServiceInput]
			wantAdmitted(u.World,
				sendUse(u.World, u.ana.Home, used(plan.ServiceInput, float64(rest), "x")), true)
		}, problem.ReasonAllocationLacks},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			u := newUndeletion(t, testkit.NewModelled)
			c.meanwhile(u)
			before := u.State()
			err := u.restore()
			if got := problem.ReasonOf(err); got != c.want || err == nil {
				t.Errorf("got %v, want the code %s", err, c.want)
			}
			if u.State() != before {
				t.Error("a refusal has changed the table")
			}
		})
	}
}

// Nobody but the owner finds a deleted profile, whatever right it had there.
func TestOnlyTheOwnerRestoresAProfile(t *testing.T) {
	t.Parallel()
	u := newUndeletion(t, testkit.NewModelled)
	for _, by := range []testkit.Person{u.ben, u.Quick("zed")} {
		u.Refused(u.Profiles.Restore(t.Context(), by.Client(operation.ProfileRestore), u.id),
			problem.CodeNotFound)
		list, err := u.Profiles.Deleted(t.Context(), by.Client(operation.ProfileDeleted),
			service.Paging{Amount: 10})
		if err != nil || len(list.Rows) != 0 {
			t.Errorf("%s lists %d deleted profiles, %v", by.Name, len(list.Rows), err)
		}
	}
}

// The other profile, which had everything meanwhile, gives back what it got,
// but not what it has used.
func TestTheOnlyProfileMakesWay(t *testing.T) {
	t.Parallel()
	u := newUndeletion(t, testkit.NewModelled)
	const input = plan.ServiceInput
	wantAdmitted(u.World, sendUse(u.World, u.ana.Home, used(input, 120, "x")), true)
	u.OK(u.restore())
	a := accountOf(u.World, u.ana)
	for id, want := range map[value.ProfileID]int64{u.ana.Home: 120, u.id: 40} {
		if got := a.Shares[id].Allocation[input]; got != want {
			t.Errorf("the profile %s has %d, want %d", id, got, want)
		}
	}
	wantAdmitted(u.World, sendUse(u.World, u.ana.Home, used(input, 1, "y")), false)
	checkWorld(u.World)
}

// In another cycle the counters begin again, and the add-on is charged for the
// rest of the cycle.
func TestAProfileIsRestoredInTheNextCycle(t *testing.T) {
	t.Parallel()
	u := newUndeletion(t, testkit.NewModelled)
	u.OK(u.restore())
	end := accountOf(u.World, u.ana).PaidUntil
	u.Advance(end.Add(-3 * 24 * time.Hour).Sub(u.Now()))
	u.OK(u.delete())
	u.Advance(end.Add(24 * time.Hour).Sub(u.Now()))
	_, err := u.Billing.Renew(t.Context())
	u.OK(err)
	u.OK(u.restore())
	var charges []billing.Charge
	for c, err := range u.Store.Charges(t.Context(), u.ana.ID, end, u.Now().Add(time.Hour)) {
		u.OK(err)
		if c.Profile == u.id {
			charges = append(charges, c)
		}
	}
	price := plan.AddonMobile.Price()
	if len(charges) != 1 || charges[0].Amount <= 0 || charges[0].Amount >= price ||
		!charges[0].From.Equal(u.Now()) {
		t.Errorf("the add-on is charged %+v, want a part of %d", charges, price)
	}
	wantUsed(u.World, u.id, plan.ServiceInput, 0)
	wantUsed(u.World, u.id, plan.ServiceFileStorage, 20)
	checkWorld(u.World)
}

// Whatever happens between the reads and the write of a restoration, the
// decision is made again on what is there then.
func TestARestorationOfAProfileLosesRaces(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		meanwhile func(u undeletion)
		want      problem.Reason // none: it is restored nevertheless
	}{
		"against another one": {func(u undeletion) { u.OK(u.restore()) }, problem.ReasonNotFound},
		"against another one, and a deletion": {func(u undeletion) {
			u.OK(u.restore())
			u.Advance(time.Second)
			u.OK(u.delete())
		}, ""},
		"against the sweep": {func(u undeletion) {
			u.Advance(tenancy.ProfileUndo)
			if n, err := u.Profiles.Purge(u.Context()); n != 1 || err != nil {
				u.Fatalf("the sweep purges %d profiles, %v", n, err)
			}
		}, problem.ReasonNotFound},
		"against a profile that takes the last place": {func(u undeletion) {
			for range plan.Scale.Limits().Profiles - 1 {
				u.OK(u.create())
			}
		}, problem.ReasonProfilesFull},
		"against use by the only other profile": {func(u undeletion) {
			rest := accountOf(u.World, u.ana).Shares[u.ana.Home].Allocation[plan.ServiceInput]
			wantAdmitted(u.World,
				sendUse(u.World, u.ana.Home, used(plan.ServiceInput, float64(rest), "x")), true)
		}, problem.ReasonAllocationLacks},
		"against a change of the limits": {func(u undeletion) {
			raise(u.World, u.ana, map[plan.Service]int64{plan.ServiceSMS: 100})
		}, ""},
		"against a change of the plan": {func(u undeletion) {
			u.OK(u.Billing.Edit(u.Context(), u.ana.Client(operation.SubscriptionEdit),
				billing.SubscriptionEdit{Plan: new(plan.Starter)}))
		}, ""},
		"against the deletion of the account": {func(u undeletion) {
			u.OK(deleteAccount(u.Services, u.World, u.ana))
		}, problem.ReasonTokenInvalid},
		"against the deletion of a member's account": {func(u undeletion) {
			u.OK(deleteAccount(u.Services, u.World, u.ben))
			purgeAccounts(u.World)
		}, ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			u := newUndeletion(t, testkit.NewModelled)
			err := u.restoreWith(u.late(func() { c.meanwhile(u) }))
			if got := problem.ReasonOf(err); got != c.want || (err == nil) != (c.want == "") {
				t.Errorf("got %v, want the code %q", err, c.want)
			}
			if err == nil && len(u.listed()) != 0 {
				t.Error("the profile is restored and deleted")
			}
			purgeAccounts(u.World)
			of := "A#" + string(u.ben.ID)
			if u.Count(of, "P#") > 0 && u.Count(of, "") == u.Count(of, "P#") {
				t.Error("an account that is gone has a grant")
			}
			checkWorld(u.World)
		})
	}
}

// A renewal with a smaller plan between the reads and the write takes the place
// of the profile.
func TestARestorationLosesAgainstARenewal(t *testing.T) {
	t.Parallel()
	u := newUndeletion(t, testkit.NewModelled)
	u.OK(u.restore())
	end := accountOf(u.World, u.ana).PaidUntil
	u.Advance(end.Add(-time.Hour).Sub(u.Now()))
	u.OK(u.delete())
	u.OK(u.Billing.Edit(t.Context(), u.ana.Client(operation.SubscriptionEdit),
		billing.SubscriptionEdit{Plan: new(plan.Free)}))
	err := u.restoreWith(u.late(func() {
		u.Advance(time.Hour)
		if n, err := u.Billing.Renew(t.Context()); n == 0 || err != nil {
			t.Fatalf("%d subscriptions are renewed, %v", n, err)
		}
	}))
	if got := problem.ReasonOf(err); got != problem.ReasonProfilesFull {
		t.Errorf("got %v, want the code %s", err, problem.ReasonProfilesFull)
	}
	checkWorld(u.World)
}

// A sweep with a clock that is ahead has removed some of the tokens: the
// profile would come back without them.
func TestAProfileIsNotRestoredWhileItIsPurged(t *testing.T) {
	t.Parallel()
	u := newUndeletion(t, testkit.NewModelled)
	u.OK(u.restore())
	for range 25 {
		u.ana.Mint(u.id, "never")
	}
	u.OK(u.delete())
	ahead := u.Now().Add(tenancy.ProfileUndo)
	early := ahead.Add(-time.Millisecond)
	if done, err := u.Store.PurgeProfile(t.Context(), u.id, early); !done || err != nil {
		t.Errorf("a purge before the end: got %v, %v, want nothing to do", done, err)
	}
	if done, err := u.Store.PurgeProfile(t.Context(), u.id, ahead); done || err != nil {
		t.Fatalf("the first page: got %v, %v, want more to do", done, err)
	}
	u.Refused(u.restore(), problem.CodeConflict)
	if done, err := u.Store.PurgeProfile(t.Context(), u.id, ahead); !done || err != nil {
		t.Fatalf("the last page: got %v, %v, want it done", done, err)
	}
	u.Refused(u.restore(), problem.CodeNotFound)
	if n := u.Count("D#", ""); n != 0 {
		t.Errorf("%d items are left of the deletion", n)
	}
}

// A sweep that read the index before the restoration does not touch a profile
// that is back, nor one that was deleted again.
func TestASweepLeavesARestoredProfile(t *testing.T) {
	t.Parallel()
	u := newUndeletion(t, testkit.NewModelled)
	u.Advance(tenancy.ProfileUndo - time.Second)
	u.OK(u.restore())
	u.Advance(time.Second)
	for range 2 {
		done, err := u.Store.PurgeProfile(t.Context(), u.id, u.Now())
		if !done || err != nil || u.Count("P#"+string(u.id), "T#") != len(u.tokens) {
			t.Errorf("got %v, %v, and %d tokens are left", done, err, u.Count("P#"+string(u.id), "T#"))
		}
		if u.opens(u.tokens[0]) {
			u.OK(u.delete())
		}
	}
	u.OK(u.restore())
}

// With an account go its deleted profiles, as nobody can restore them.
func TestDeletedProfilesGoWithTheAccount(t *testing.T) {
	t.Parallel()
	u := newUndeletion(t, testkit.NewModelled)
	u.OK(deleteAccount(u.Services, u.World, u.ana))
	purgeAccounts(u.World)
	n, err := u.Profiles.Purge(t.Context())
	if n != 2 || err != nil || u.Count("D#", "") != 0 || u.Count("T#", "") != 1 {
		t.Errorf("got %d profiles, %v; %d deletions and %d tokens are left, want that of ben",
			n, err, u.Count("D#", ""), u.Count("T#", ""))
	}
	checkWorld(u.World)
}

// A token that is used past its grace while the profile is deleted ends its
// family too: the one that took its place would work again otherwise.
func TestAReuseEndsAFamilyOfADeletedProfile(t *testing.T) {
	t.Parallel()
	u := newUndeletion(t, testkit.NewModelled)
	u.OK(u.restore())
	old := u.tokens[0]
	next, err := rotate(u.World, old, old, u.id, "")
	u.OK(err)
	u.OK(u.delete())
	u.Advance(time.Hour)
	if u.opens(old) {
		t.Fatal("a rotated token opens a deleted profile")
	}
	follow(u.World)
	u.OK(u.restore())
	if u.opens(next) {
		t.Error("the token that took the place of a reused one works again")
	}
	if n := toldOf(u.World, u.ana.Email, mailing.KindTokenReused); n != 0 {
		t.Errorf("%d mails tell of a profile that did not exist", n)
	}
}

// Revocations hold: a new password revokes the tokens of a deleted profile too.
func TestRevocationsHoldForADeletedProfile(t *testing.T) {
	t.Parallel()
	u := newUndeletion(t, testkit.NewModelled)
	tx := u.Store.Begin()
	a := accountOf(u.World, u.ana).Revoked()
	tx.Revoke(a, u.Now())
	u.OK(tx.CommitAside(t.Context(), store.Origin{}))
	u.ana.Token = u.ana.Mint(u.ana.Home, "never")
	u.OK(u.restore())
	for i, want := range []bool{false, true} {
		if got := u.opens(u.tokens[i]); got != want {
			t.Errorf("the token %d opens the profile: %v, want %v", i, got, want)
		}
	}
}
