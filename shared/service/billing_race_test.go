package service_test

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"profiles/shared/billing"
	"profiles/shared/operation"
	"profiles/shared/plan"
	"profiles/shared/problem"
	"profiles/shared/service"
	"profiles/shared/store"
	"profiles/shared/tenancy"
	"profiles/shared/testkit"
	"profiles/shared/transfer"
	"profiles/shared/value"
)

// books is an account in the table with all profiles that name it as their
// owner, read past faults and meter.
type books struct {
	account  tenancy.Account
	profiles map[value.ProfileID]tenancy.Profile
}

// booksOf reads the books of an account until they are consistent: no write of
// the account came while its profiles were read. Each change of what the test
// compares writes the account. booksOf reports whether it found such books.
func booksOf(w *testkit.World, id value.AccountID) (b books, found bool) {
	w.Helper()
	past := store.New(w.Client, w.Table)
	read := func(ids ...value.ProfileID) (tenancy.Account, map[value.ProfileID]tenancy.Profile) {
		batch := past.Batch()
		account := batch.Account(id)
		looked := map[value.ProfileID]*store.Found[tenancy.Profile]{}
		for _, one := range ids {
			looked[one] = batch.Profile(one)
		}
		if err := batch.Get(w.Context()); err != nil {
			w.Error(err)
		}
		profiles := map[value.ProfileID]tenancy.Profile{}
		for one, p := range looked {
			if p.OK {
				profiles[one] = p.Value
			}
		}
		return account.Value, profiles
	}
	for range 20 {
		account, _ := read()
		_, profiles := read(account.ProfileIDs()...)
		if again, _ := read(); again.Version == account.Version {
			return books{account, profiles}, true
		}
	}
	return books{}, false
}

// wrong lists what is inconsistent in the books, or is empty.
func (b books) wrong() string {
	var out []string
	a := b.account
	if sum := a.Allocated(); !sum.Within(a.Limits) {
		out = append(out, fmt.Sprintf("%v is allocated of %v", sum, a.Limits))
	}
	for id, share := range a.Shares {
		p, ok := b.profiles[id]
		if !ok {
			out = append(out, fmt.Sprintf("the account has a share for %s, which does not exist", id))
			continue
		}
		if p.Owner != a.ID || p.Allocation != share.Allocation || p.Addons != share.Addons ||
			p.Plan != a.Plan || !p.Anchor.Equal(a.Anchor) {
			out = append(out, fmt.Sprintf("profile %s of %s has %v, %v, %s, %v and the account %v, %v, %s, %v",
				id, p.Owner, p.Allocation, p.Addons, p.Plan, p.Anchor, share.Allocation,
				share.Addons, a.Plan, a.Anchor))
		}
		for s, n := range share.Allocation {
			if n < 0 {
				out = append(out, fmt.Sprintf("profile %s has %d of %s", id, n, plan.Service(s)))
			}
		}
	}
	return strings.Join(out, "; ")
}

// keepsItsBooks audits accounts repeatedly until its caller calls stop, and
// once at the end.
func keepsItsBooks(w *testkit.World, people ...testkit.Person) (stop func()) {
	consistent := 0
	look := func() {
		for _, p := range people {
			b, found := booksOf(w, p.ID)
			if !found {
				continue
			}
			consistent++
			if wrong := b.wrong(); wrong != "" {
				w.Errorf("the books of %s: %s", p.Name, wrong)
			}
		}
	}
	over := watch(look)
	return func() {
		over()
		before := consistent
		look()
		if before == 0 || consistent != before+len(people) {
			w.Errorf("%s: the books were looked at %d times, and at the end %d", people[0].Name, before, consistent-before)
		}
	}
}

// statement is every charge of an account in the table.
func statement(w *testkit.World, p testkit.Person) (charges []billing.Charge) {
	w.Helper()
	for c, err := range store.New(w.Client, w.Table).Charges(w.Context(), p.ID, time.UnixMilli(0),
		w.Now().AddDate(10, 0, 0)) {
		w.OK(err)
		charges = append(charges, c)
	}
	return charges
}

func total(charges []billing.Charge) (sum int64) {
	for _, c := range charges {
		sum += c.Amount
	}
	return sum
}

// agreed is a transfer that waits only for the receiving side.
func agreed(
	w *testkit.World, sam testkit.Person, id value.ProfileID, from, to testkit.Person,
) testkit.Ticket {
	ticket := w.Offer(id, from, to.Email)
	_, err := w.Transfers.Confirm(w.Context(), from.Client(operation.TransferConfirm), ticket.ID,
		ticket.Confirm, service.Credentials{Password: testkit.Password})
	w.OK(err)
	_, err = w.Desk.Approve(w.Context(), sam.Client(operation.DeskApprove), ticket.ID)
	w.OK(err)
	return ticket
}

// outcomes counts what clients have done, by kind.
type outcomes struct {
	sync.Mutex
	of map[string]int
}

// client does six things one after the other. A failure must have a reason that
// a client can meet.
func (c *outcomes) client(round, n int, do func(i int, r *rand.Rand) (string, error)) func() error {
	return func() error {
		r := rand.New(rand.NewPCG(uint64(round), uint64(n)))
		for i := range 6 {
			what, err := do(i, r)
			switch problem.CodeOf(err) {
			case "", problem.CodeInvalid, problem.CodeForbidden, problem.CodeConflict,
				problem.CodeUnavailable, problem.CodeNotFound, problem.CodeTooMany:
			default:
				return fmt.Errorf("%s: %w", what, err)
			}
			c.Lock()
			if err == nil {
				if c.of == nil {
					c.of = map[string]int{}
				}
				c.of[what]++
			}
			c.Unlock()
		}
		return nil
	}
}

// never are those of the given kinds that no client has done.
func (c *outcomes) never(those ...string) []string {
	return slices.DeleteFunc(those, func(what string) bool { return c.of[what] > 0 })
}

// allocating are the accounts, profiles and transfers of clients that allocate
// at once.
type allocating struct {
	w             *testkit.World
	ana, ben      testkit.Person
	given, doomed value.ProfileID
	out, back     testkit.Ticket
	little        map[plan.Service]int64
}

// some is an allocation that may find no room.
func (allocating) some(r *rand.Rand) map[plan.Service]int64 {
	return map[plan.Service]int64{plan.ServiceInput: r.Int64N(400_000),
		plan.ServiceEmail: r.Int64N(1500), plan.ServiceSMS: r.Int64N(5)}
}

// turn makes one of ten requests, and returns its name.
func (a allocating) turn(n int, r *rand.Rand) (string, error) {
	ctx := a.w.Context()
	switch n {
	case 0:
		return "renew", func() error { _, err := a.w.Billing.Renew(ctx); return err }()
	case 1:
		tiers := plan.ServiceEmail.Tiers()
		return "raise", a.w.Billing.Edit(ctx, a.ana.Client(operation.SubscriptionEdit),
			billing.SubscriptionEdit{Services: map[plan.Service]int64{
				plan.ServiceEmail: tiers[r.IntN(len(tiers))].Amount}})
	case 2:
		id, err := a.w.Profiles.Create(ctx,
			a.ana.Client(operation.ProfileCreate), "new", true)
		for try := 0; err == nil && try < 10; try++ {
			if a.w.Profiles.Delete(ctx, a.ana.Client(operation.ProfileDelete),
				service.ProfileRef{ID: id},
				service.Credentials{Password: testkit.Password}) == nil {
				return "create and delete", nil
			}
		}
		return "create", err
	case 3:
		return "delete", a.w.Profiles.Delete(ctx, a.ana.Client(operation.ProfileDelete),
			service.ProfileRef{ID: a.doomed},
			service.Credentials{Password: testkit.Password})
	case 4:
		moved, err := a.w.Transfers.Accept(ctx, a.ben.Client(operation.TransferAccept),
			a.out.ID, a.out.Answer, service.Credentials{Password: testkit.Password},
			transfer.Acceptance{})
		return "out " + string(moved.State), err
	case 5:
		moved, err := a.w.Transfers.Accept(ctx, a.ana.Client(operation.TransferAccept),
			a.back.ID, a.back.Answer, service.Credentials{Password: testkit.Password},
			transfer.Acceptance{Allocation: a.little})
		return "in " + string(moved.State), err
	case 6:
		return "allocate one", a.w.Billing.AllocateOne(ctx, a.ana.Client(operation.ProfileServices),
			service.ProfileRef{ID: a.ana.Home}, a.some(r))
	case 7:
		return "add-on", a.w.Billing.EditAddons(ctx, a.ana.Client(operation.AddonEdit),
			service.ProfileRef{ID: a.ana.Home},
			map[plan.Addon]bool{plan.AddonMobile: r.IntN(2) == 0})
	case 8:
		return "allocate there", a.w.Billing.AllocateOne(ctx, a.ben.Client(operation.ProfileServices),
			service.ProfileRef{ID: a.ben.Home}, a.some(r))
	}
	return "allocate", a.w.Billing.Allocate(ctx, a.ana.Client(operation.AllocationEdit),
		map[value.ProfileID]map[plan.Service]int64{a.ana.Home: a.some(r),
			a.given: a.some(r)})
}

// Twenty clients change one account at the same time: they allocate to one and
// to several profiles, create profiles with what is free, delete, raise limits,
// renew with a downgrade, and transfer profiles in both directions. The sum of
// the allocations never exceeds the subscription, and the profiles agree with
// their account.
func TestAllocationsNeverExceedTheSubscription(t *testing.T) {
	t.Parallel()
	var count outcomes
	for round := range min(max(limitRounds(t)/3, 3), 12) {
		w := testkit.NewModelled(t)
		sam := w.Agent(w.Quick("sam"))
		ana, ben := w.Quick("ana"), w.Quick("ben")
		in, email := plan.ServiceInput, plan.ServiceEmail
		raise(w, ana, map[plan.Service]int64{in: 10_000_000, email: 5000})
		// Each side has a profile to transfer and room for another one.
		given, taken, doomed := ana.Profile("given"), ben.Profile("taken"), ana.Profile("doomed")
		few := map[plan.Service]int64{}
		for _, s := range plan.Services() {
			few[s] = plan.Included()[s] / 5
		}
		w.OK(w.Billing.Allocate(t.Context(), ana.Client(operation.AllocationEdit),
			map[value.ProfileID]map[plan.Service]int64{ana.Home: few, given: few, doomed: few}))
		w.OK(w.Billing.Allocate(t.Context(), ben.Client(operation.AllocationEdit),
			map[value.ProfileID]map[plan.Service]int64{ben.Home: few, taken: few}))
		out, back := agreed(w, sam, given, ana, ben), agreed(w, sam, taken, ben, ana)
		// A change that is scheduled now starts with the renewal, which is due
		// at once.
		w.OK(w.Billing.Edit(t.Context(), ana.Client(operation.SubscriptionEdit),
			billing.SubscriptionEdit{Services: map[plan.Service]int64{in: 1_000_000}}))
		w.Advance(ana.Cycle(w.Now()).End.Sub(w.Now()))
		ana.Token, ben.Token = ana.Mint(ana.Home, ""), ben.Mint(ben.Home, "")
		for _, one := range []*testkit.Ticket{&out, &back} {
			// A month is longer than a transfer may be open, so the transfer is
			// made again from where it has ended.
			from, to, id := ana, ben, given
			if one == &back {
				from, to, id = ben, ana, taken
			}
			_, err := w.Transfers.Expire(t.Context())
			w.OK(err)
			*one = agreed(w, sam, id, from, to)
		}

		stop := keepsItsBooks(w, ana, ben)
		w.Faults.Always(trouble(uint64(round)))
		little := map[plan.Service]int64{} // finds room whatever others take
		for _, s := range plan.Services() {
			little[s] = 0
		}
		rivals := allocating{w, ana, ben, given, doomed, out, back, little}
		var clients []func() error
		for n := range 20 {
			clients = append(clients,
				count.client(round, n, func(i int, r *rand.Rand) (string, error) {
					turn := (n + i) % 10
					if turn == 2 && n >= 10 {
						// few clients create profiles, or the transferred
						// profile finds no room
						turn = 5
					}
					return rivals.turn(turn, r)
				}))
		}
		for _, err := range together(clients...) {
			w.OK(err)
		}
		w.Faults.Always(nil)
		// Right passwords of refused requests also count as attempts. The
		// windows of these end here.
		w.Advance(15 * time.Minute)
		// A report that found no room before finds some now.
		crowded, _ := booksOf(w, ana.ID)
		for id := range crowded.account.Shares {
			if id != ana.Home && id != given && id != taken {
				w.OK(w.Profiles.Delete(t.Context(), fresh(ana).For(operation.ProfileDelete.Access),
					service.ProfileRef{ID: id}, service.Credentials{Password: testkit.Password}))
			}
		}
		name := "moved" // the same terms as before would change nothing
		for _, one := range []struct {
			by testkit.Person
			of testkit.Ticket
		}{{ben, out}, {ana, back}} {
			moved, err := w.Transfers.Accept(t.Context(), one.by.Client(operation.TransferAccept),
				one.of.ID, one.of.Answer, service.Credentials{Password: testkit.Password},
				transfer.Acceptance{Name: &name, Allocation: little})
			if err != nil || moved.State != transfer.Completed {
				v, _ := w.Transfers.Get(t.Context(),
					one.by.Client(operation.TransferGet), one.of.ID)
				t.Errorf("round %d: the transfer to %s is %s, %v: %v", round, one.by.Name, moved.State, err, v.Checks)
			}
		}
		stop()
		b, _ := booksOf(w, ana.ID)
		if len(b.account.Shares) != w.Count("A#"+string(ana.ID), "P#") {
			t.Errorf("round %d: the account has %d shares and %d grants", round, len(b.account.Shares), w.Count("A#"+string(ana.ID), "P#"))
		}
	}
	// One of them may find no room in any round, because others are faster.
	if never := count.never("allocate", "allocate one", "allocate there", "create and delete", "delete", "raise", "add-on", "renew"); len(never) > 1 {
		t.Errorf("none of these succeeded: %v; what did: %v", never, count.of)
	}
}

// Sweeps that run at the same time, and again after faults, renew each cycle
// once and charge it once.
func TestRenewalsAtOnceChargeOnce(t *testing.T) {
	t.Parallel()
	w := testkit.New(t)
	var people []testkit.Person
	for i := range 10 {
		p := w.Quick(fmt.Sprint("p", i))
		raise(w, p, map[plan.Service]int64{plan.ServiceSMS: 100})
		people = append(people, p)
	}
	w.Advance(62 * 24 * time.Hour) // two cycles late
	stop := keepsItsBooks(w, people[0], people[9])
	w.Faults.Always(trouble(1))
	renewed := make([]int, 4)
	var sweeps []func() error
	for i := range renewed {
		sweeps = append(sweeps, func() error {
			for range 30 {
				n, err := w.Billing.Renew(t.Context())
				renewed[i] += n
				if err != nil && problem.CodeOf(err) != problem.CodeUnavailable {
					return err
				}
			}
			return nil
		})
	}
	for _, err := range together(sweeps...) {
		w.OK(err)
	}
	w.Faults.Always(nil)
	_, err := w.Billing.Renew(t.Context())
	w.OK(err)
	stop()
	for _, p := range people {
		plans, first := map[int64]int{}, p.Cycle(p.Anchor).End
		for _, c := range statement(w, p) {
			if c.Kind == billing.ChargePlan {
				plans[c.From.UnixMilli()]++
				if want := p.Cycle(c.From).End; !c.To.Equal(want) {
					t.Errorf("%s: a cycle from %v is charged up to %v, want %v", p.Name, c.From, c.To, want)
				}
			}
		}
		if len(plans) != 2 || plans[first.UnixMilli()] != 1 ||
			plans[p.Cycle(first).End.UnixMilli()] != 1 {
			t.Errorf("%s: got charges of the plan %v, want one for each of two cycles", p.Name, plans)
		}
		if got, want := total(statement(w, p)), 250+2*(plan.Scale.Price()+250); got != want {
			t.Errorf("%s: got %d cents, want %d", p.Name, got, want)
		}
	}
}

// An upgrade and a renewal come at the same time. In either order, the new
// cycle is charged once.
func TestAnEditAgainstARenewal(t *testing.T) {
	t.Parallel()
	w := testkit.New(t)
	const tier = 2000 // cents for input, which is charged by the day
	first := map[bool]int{}
	for round := range min(max(limitRounds(t), 6), 12) {
		ana := w.Quick(fmt.Sprint("ana", round))
		w.Advance(ana.Cycle(w.Now()).End.Sub(w.Now()) + time.Minute)
		ana.Token = ana.Mint(ana.Home, "")
		stop := keepsItsBooks(w, ana)
		edit := func() error {
			return w.Billing.Edit(t.Context(), ana.Client(operation.SubscriptionEdit),
				billing.SubscriptionEdit{
					Services: map[plan.Service]int64{plan.ServiceInput: 3_000_000}})
		}
		sweep := func() error { _, err := w.Billing.Renew(t.Context()); return err }
		fs := []func() error{edit, sweep}
		if round%3 == 0 { // the edit comes first: the sweep may be an hour late
			w.OK(edit())
			fs = fs[1:]
		}
		for _, err := range together(fs...) {
			w.OK(err)
		}
		w.OK(sweep())
		stop()
		charges := statement(w, ana)
		input := int64(0)
		for _, c := range charges {
			if c.Kind == billing.ChargeService {
				input += c.Amount
			}
			if !c.From.Before(c.To) {
				t.Errorf("round %d: a charge of %d is for the time from %v to %v", round, c.Amount, c.From, c.To)
			}
		}
		first[input == tier]++
		if input > tier {
			t.Errorf("round %d: input is charged %d in the cycle, want at most the %d that it costs", round, input, tier)
		}
		if got := total(charges) - input; got != plan.Scale.Price() {
			t.Errorf("round %d: got %d for the plan, want one cycle, %d", round, got, plan.Scale.Price())
		}
	}
}

// Twenty clients send the same upgrade, of a service, of the plan and of an
// add-on. Each upgrade is charged once.
func TestTheSameUpgradeIsChargedOnce(t *testing.T) {
	t.Parallel()
	for round := range min(max(limitRounds(t)/4, 3), 12) {
		w := testkit.NewModelled(t)
		ana := w.Account("ana", plan.Free)
		stop := keepsItsBooks(w, ana)
		w.Faults.Always(trouble(uint64(round)))
		scale := plan.Scale
		for _, one := range []struct {
			name string
			edit billing.SubscriptionEdit
			want int64
		}{
			{"plan", billing.SubscriptionEdit{Plan: &scale}, 19900},
			{"service", billing.SubscriptionEdit{Services: map[plan.Service]int64{plan.ServiceEmail: 2000}}, 500},
			{"add-on", billing.SubscriptionEdit{Addons: map[plan.Addon][]value.ProfileID{plan.AddonMobile: {ana.Home}}}, 9900},
		} {
			before := total(statement(w, ana))
			var clients []func() error
			for range 20 {
				clients = append(clients, func() (err error) {
					for range 50 {
						err = w.Billing.Edit(t.Context(),
							ana.Client(operation.SubscriptionEdit), one.edit)
						code := problem.CodeOf(err)
						if code != problem.CodeConflict && code != problem.CodeUnavailable {
							break
						}
					}
					return err
				})
			}
			for _, err := range together(clients...) {
				w.OK(err)
			}
			if got := total(statement(w, ana)) - before; got != one.want {
				t.Errorf("round %d: the %s is charged %d, want %d", round, one.name, got, one.want)
			}
		}
		w.Faults.Always(nil)
		stop()
	}
}

// A profile that becomes the only one gets all limits. The API refuses to
// allocate then, so no request could give it the rest.
func TestTheLastProfileHasEverything(t *testing.T) {
	t.Parallel()
	w := testkit.New(t)
	ana, ben, sam := w.Quick("ana"), w.Quick("ben"), w.Agent(w.Quick("sam"))
	divide := func(p testkit.Person, other value.ProfileID) {
		half := map[plan.Service]int64{}
		for s, n := range plan.Included() {
			half[plan.Service(s)] = n / 2
		}
		w.OK(w.Billing.Allocate(t.Context(), p.Client(operation.AllocationEdit),
			map[value.ProfileID]map[plan.Service]int64{p.Home: half, other: half}))
	}
	check := func(when string) {
		t.Helper()
		b, _ := booksOf(w, ana.ID)
		if wrong := b.wrong(); wrong != "" {
			t.Errorf("%s: %s", when, wrong)
		}
		if got := b.profiles[ana.Home].Allocation; got != b.account.Limits {
			t.Errorf("%s: the only profile has %v, want all of %v", when, got, b.account.Limits)
		}
	}
	doomed := ana.Profile("doomed")
	divide(ana, doomed)
	w.OK(w.Profiles.Delete(t.Context(), ana.Client(operation.ProfileDelete),
		service.ProfileRef{ID: doomed}, service.Credentials{Password: testkit.Password}))
	check("after a deletion")

	given := ana.Profile("given")
	if b, _ := booksOf(w, ana.ID); b.account.Allocated() == b.account.Limits {
		divide(ana, given)
	}
	divide(ben, ben.Profile("other"))
	w.OK(w.Billing.AllocateOne(t.Context(), ben.Client(operation.ProfileServices),
		service.ProfileRef{ID: ben.Home}, map[plan.Service]int64{
			plan.ServiceInput: 0, plan.ServiceOutput: 0, plan.ServiceSMS: 0, plan.ServiceEmail: 0, plan.ServiceAnalysis: 0,
			plan.ServiceDataRecords: 0, plan.ServiceRunUsers: 0, plan.ServicePushNotification: 0, plan.ServiceFileStorage: 0,
		}))
	w.Move(given, ana, ben, sam)
	// A transferred profile can come back, so its share stays free until the
	// owner decides.
	all := map[plan.Service]int64{}
	for s, n := range plan.Included() {
		all[plan.Service(s)] = n
	}
	w.OK(w.Billing.AllocateOne(t.Context(), ana.Client(operation.ProfileServices),
		service.ProfileRef{ID: ana.Home}, all))
	check("after a transfer")
}
