package service_test

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"profiles/shared/billing"
	"profiles/shared/operation"
	"profiles/shared/plan"
	"profiles/shared/problem"
	"profiles/shared/service"
	"profiles/shared/tenancy"
	"profiles/shared/testkit"
	"profiles/shared/value"
)

// ledger is what a test of cost knows of an account.
type ledger struct {
	testkit.Person
	ever map[value.ProfileID]bool // profiles that it has, or had
}

// now reads the account as it is now.
func (l ledger) now(w *testkit.World) tenancy.Account {
	w.Helper()
	b, found := booksOf(w, l.ID)
	if !found {
		w.Fatal("the account is being changed")
	}
	if wrong := b.wrong(); wrong != "" {
		w.Errorf("%s: %s", l.Name, wrong)
	}
	for id := range b.account.Shares {
		l.ever[id] = true
	}
	return b.account
}

// During some months, subscriptions, add-ons and profiles come and go at
// random, and profiles move between accounts. For each account and month, the
// lines of the cost add up to the statement, to the cent, for the account and
// over its profiles. Each renewal charges what was forecast.
func TestCostAddsUp(t *testing.T) {
	t.Parallel()
	done := map[string]int{}
	for round := range min(max(limitRounds(t)/4, 3), 12) {
		costOfMonths(t, rand.New(rand.NewPCG(uint64(round), 7)), done, fmt.Sprint("round ", round))
	}
	for _, what := range []string{"raise", "lower", "plan up", "plan down", "create", "delete", "add-on", "allocate", "transfer", "cancel", "forecast", "late"} {
		if done[what] == 0 {
			t.Errorf("this never happened: %s; what did: %v", what, done)
		}
	}
}

func costOfMonths(t *testing.T, r *rand.Rand, done map[string]int, round string) {
	w := testkit.NewModelled(t)
	sam := w.Agent(w.Quick("sam"))
	people := []ledger{{w.Account("ana"), map[value.ProfileID]bool{}}}
	w.Advance(100 * time.Hour)
	people = append(people, ledger{w.Account("ben"), map[value.ProfileID]bool{}})
	w.Advance(30 * time.Hour)
	people = append(people, ledger{w.Account("eve", plan.Free), map[value.ProfileID]bool{}})
	begin := w.Now()
	for w.Now().Before(begin.AddDate(0, 4, 0)) {
		pass(w, people, time.Duration(r.Int64N(int64(60*time.Hour))), r, done, round)
		l := people[r.IntN(len(people))]
		a, me := l.now(w), fresh(l.Person)
		ids := a.ProfileIDs()
		id := ids[r.IntN(len(ids))]
		s := plan.Service(r.IntN(len(plan.Services())))
		tier := s.Tiers()[r.IntN(len(s.Tiers()))].Amount
		chosen := plan.Plans()[r.IntN(3)]
		what, err := "", error(nil)
		switch r.IntN(9) {
		case 0, 1:
			if what = "raise"; tier < a.Limits[s] {
				what = "lower"
			}
			err = w.Billing.Edit(t.Context(), me.For(operation.SubscriptionEdit.Access),
				billing.SubscriptionEdit{Services: map[plan.Service]int64{s: tier}})
		case 2:
			if what = "plan up"; chosen.Price() < a.Plan.Price() {
				what = "plan down"
			}
			err = w.Billing.Edit(t.Context(), me.For(operation.SubscriptionEdit.Access),
				billing.SubscriptionEdit{Plan: &chosen})
		case 3:
			what = "create"
			_, err = w.Profiles.Create(t.Context(), me.For(operation.ProfileCreate.Access),
				"more", r.IntN(2) == 0)
		case 4:
			what = "delete"
			if id == l.Home || r.IntN(2) == 0 {
				continue
			}
			err = w.Profiles.Delete(t.Context(), me.For(operation.ProfileDelete.Access),
				service.ProfileRef{ID: id}, service.Credentials{Password: testkit.Password})
		case 5:
			what = "add-on"
			err = w.Billing.EditAddons(t.Context(), me.For(operation.AddonEdit.Access),
				service.ProfileRef{ID: id},
				map[plan.Addon]bool{plan.AllAddons()[r.IntN(2)]: r.IntN(4) > 0})
		case 6:
			what = "allocate"
			err = w.Billing.AllocateOne(t.Context(), me.For(operation.ProfileServices.Access),
				service.ProfileRef{ID: id}, map[plan.Service]int64{s: r.Int64N(a.Limits[s] + 1)})
		case 7:
			what = "cancel"
			err = w.Billing.CancelSchedule(t.Context(),
				me.For(operation.SubscriptionScheduleCancel.Access))
		case 8:
			to := people[r.IntN(len(people))]
			if id == l.Home || to.ID == l.ID {
				continue
			}
			// The transfer can complete if there is room for a profile.
			free, lower := to.now(w).Free(w.Now()), map[plan.Service]int64{}
			for one, n := range a.Shares[id].Allocation {
				lower[plan.Service(one)] = min(n, free[one])
			}
			w.OK(w.Billing.AllocateOne(t.Context(), me.For(operation.ProfileServices.Access),
				service.ProfileRef{ID: id}, lower))
			from, towards := l.Person, to.Person
			from.Token, towards.Token = from.Mint(from.Home, ""), towards.Mint(towards.Home, "")
			_, err := w.Transfers.Check(t.Context(), from.Client(operation.TransferCheck),
				service.ProfileRef{ID: id})
			w.OK(err)
			if to.now(w).Plan == plan.Free || a.Plan == plan.Free ||
				to.now(w).Profiles() >= to.now(w).Plan.Limits().Profiles {
				continue
			}
			agent := sam
			agent.Token = agent.Mint(agent.Home, "")
			what = "transfer"
			w.Move(id, from, towards, agent)
			to.now(w)
		}
		switch code := problem.CodeOf(err); code {
		case "":
			done[what]++
		case problem.CodeForbidden, problem.CodeInvalid:
		default:
			t.Fatalf("%s: %s: %v", round, what, err)
		}
		l.now(w)
	}
	for _, l := range people {
		wantCost(w, l, begin, round)
	}
}

// pass advances the clock. The sweep renews what is due, at once or a little
// late, and charges what was forecast just before.
func pass(
	w *testkit.World, people []ledger, d time.Duration, r *rand.Rand,
	done map[string]int, round string,
) {
	w.Helper()
	until := w.Now().Add(d)
	for {
		var due ledger
		var at time.Time
		for _, l := range people {
			end := l.now(w).PaidUntil
			if !end.IsZero() && !end.After(until) && (at.IsZero() || end.Before(at)) {
				due, at = l, end
			}
		}
		if at.IsZero() {
			break
		}
		if before := at.Add(-time.Millisecond); before.After(w.Now()) {
			w.Advance(before.Sub(w.Now()))
		}
		cost, err := w.Billing.Cost(w.Context(),
			fresh(due.Person).For(operation.AccountCost.Access), "")
		w.OK(err)
		sub, err := w.Billing.Subscription(w.Context(),
			fresh(due.Person).For(operation.SubscriptionGet.Access))
		w.OK(err)
		if !cost.Renewal.Equal(at) || sub.Upcoming != cost.Upcoming.Total ||
			sumOfLines(cost.Upcoming.Lines) != cost.Upcoming.Total {
			w.Errorf("%s: %s: the renewal of %v is forecast for %v at %d, %d and %d in lines", round, due.Name, at, cost.Renewal, sub.Upcoming, cost.Upcoming.Total,
				sumOfLines(cost.Upcoming.Lines))
		}
		had := len(statement(w, due.Person))
		if at.After(w.Now()) {
			w.Advance(at.Sub(w.Now()))
		}
		if late := time.Duration(r.IntN(3)) * time.Hour; late > 0 {
			w.Advance(late)
			done["late"]++
		}
		_, err = w.Billing.Renew(w.Context())
		w.OK(err)
		charges := statement(w, due.Person)[had:]
		got, want := written(charges), written(cost.Upcoming.Charges)
		if !slices.Equal(got, want) {
			w.Errorf("%s: the renewal of %s is charged\n%s\nand forecast was\n%s", round, due.Name, strings.Join(got, "\n"), strings.Join(want, "\n"))
		}
		if end := due.now(w).PaidUntil; len(charges) > 0 && !charges[0].To.Equal(end) {
			w.Errorf("%s: %s is charged up to %v and paid up to %v", round, due.Name, charges[0].To, end)
		}
		done["forecast"]++
	}
	if until.After(w.Now()) {
		w.Advance(until.Sub(w.Now()))
	}
}

// written lists charges without their ids, sorted, because charges of one
// moment have no order.
func written(charges []billing.Charge) (out []string) {
	for _, c := range charges {
		out = append(out, fmt.Sprintf("%s %s %s %d for %d, %v to %v", c.Kind, c.What(), c.Profile, c.Limit, c.Amount,
			c.From.UTC(), c.To.UTC()))
	}
	slices.Sort(out)
	return out
}

func sumOfLines(lines []billing.CostLine) (sum int64) {
	for _, l := range lines {
		sum += l.Amount
	}
	return sum
}

// wantCost requires that an account's cost of each month since a time adds up.
func wantCost(w *testkit.World, l ledger, since time.Time, round string) {
	w.Helper()
	all := int64(0)
	for month := time.Date(since.Year(), since.Month(), 1, 0, 0, 0,
		0, time.UTC); !month.After(w.Now()); month = month.AddDate(0, 1, 0) {
		name := fmt.Sprintf("%s: %s in %s", round, l.Name, month.Format("2006-01"))
		cost, err := w.Billing.Cost(w.Context(), fresh(l.Person).For(operation.AccountCost.Access),
			month.Format("2006-01"))
		w.OK(err)
		var charged []billing.Charge
		for _, c := range statement(w, l.Person) {
			if !c.From.Before(month) && c.From.Before(month.AddDate(0, 1, 0)) {
				charged = append(charged, c)
			}
		}
		if cost.Total != total(charged) || len(cost.Charges) != len(charged) ||
			sumOfLines(cost.Lines) != cost.Total {
			w.Errorf("%s: the statement has %d in %d charges, the cost is %d in %d, and %d in lines", name, total(charged), len(charged), cost.Total, len(cost.Charges),
				sumOfLines(cost.Lines))
		}
		perCharge := map[string]int64{}
		rest := int64(0) // the cost of no profile that the account still has
		shares := l.now(w).Shares
		for _, line := range cost.Lines {
			perCharge[line.Charge.ID] += line.Amount
			if line.Profile != "" && !l.ever[line.Profile] {
				w.Errorf("%s: %d are for profile %s, which was never the account's", name, line.Amount, line.Profile)
			}
			if line.Amount < 0 {
				w.Errorf("%s: a line of %d", name, line.Amount)
			}
			if _, own := shares[line.Profile]; !own {
				rest += line.Amount
			}
		}
		for _, c := range charged {
			if perCharge[c.ID] != c.Amount {
				w.Errorf("%s: the lines of a charge of %d add up to %d", name, c.Amount, perCharge[c.ID])
			}
		}
		sum := rest
		for id := range shares {
			own, err := w.Billing.ProfileCost(w.Context(),
				fresh(l.Person).For(operation.ProfileCost.Access),
				service.ProfileRef{ID: id}, month.Format("2006-01"))
			w.OK(err)
			if own.Total != sumOfLines(own.Lines) {
				w.Errorf("%s: profile %s costs %d, and %d in lines", name, id, own.Total, sumOfLines(own.Lines))
			}
			sum += own.Total
		}
		if sum != cost.Total {
			w.Errorf("%s: the profiles and the rest cost %d, the account %d", name, sum, cost.Total)
		}
		all += cost.Total
	}
	if got := total(statement(w, l.Person)); all != got {
		w.Errorf("%s: %s: the months cost %d, and %d was charged", round, l.Name, all, got)
	}
}

// A profile is transferred in the middle of a cycle. It costs the old owner
// half of what it had, and the new owner half of what it gets there.
func TestCostOfATransferredProfile(t *testing.T) {
	t.Parallel()
	w := testkit.New(t)
	ana, ben, sam := w.Quick("ana"), w.Quick("ben"), w.Agent(w.Quick("sam"))
	in := plan.ServiceInput
	for _, p := range []testkit.Person{ana, ben} {
		raise(w, p, map[plan.Service]int64{in: 3_000_000})
	}
	// Everything that the plan includes stays with ana's first profiles, so
	// only the input of the transferred profile matters.
	moving, zero := ana.Profile("moving"), map[plan.Service]int64{}
	for _, s := range plan.Services() {
		zero[s] = 0
	}
	ben.Profile("more")
	w.OK(w.Billing.Allocate(t.Context(), ana.Client(operation.AllocationEdit),
		map[value.ProfileID]map[plan.Service]int64{ana.Home: zero, moving: {in: 3_000_000}}))
	w.OK(w.Billing.AllocateOne(t.Context(), ben.Client(operation.ProfileServices),
		service.ProfileRef{ID: ben.Home}, zero))
	w.Advance(ana.Cycle(w.Now()).End.Sub(w.Now()))
	for range 2 {
		_, err := w.Billing.Renew(t.Context())
		w.OK(err)
	}
	cycle := ana.Cycle(w.Now())
	w.Advance(cycle.Start.Add(cycle.End.Sub(cycle.Start) / 2).Sub(w.Now()))
	ana.Token = ana.Mint(ana.Home, "")
	ben.Token, sam.Token = ben.Mint(ben.Home, ""), sam.Mint(sam.Home, "")
	w.Move(moving, ana, ben, sam)
	w.Advance(cycle.End.Sub(w.Now()) - time.Hour)
	for _, one := range []struct {
		who        testkit.Person
		its, other int64
	}{{ana, 1000, 1000}, {ben, 1000, 1000}} {
		cost, err := w.Billing.Cost(t.Context(), fresh(one.who).For(operation.AccountCost.Access),
			cycle.Start.Format("2006-01"))
		w.OK(err)
		its, other := int64(0), int64(0)
		for _, line := range cost.Lines {
			switch {
			case line.Charge.Kind != billing.ChargeService:
			case line.Profile == moving:
				its += line.Amount
			default:
				other += line.Amount
			}
		}
		if its != one.its || other != one.other {
			t.Errorf("%s pays %d for the profile and %d for the rest, want %d and %d", one.who.Name, its, other, one.its, one.other)
		}
	}
	got, err := w.Billing.ProfileCost(t.Context(), fresh(ben).For(operation.ProfileCost.Access),
		service.ProfileRef{ID: moving}, cycle.Start.Format("2006-01"))
	w.OK(err)
	if got.Total != 1000 || len(got.Lines) != 1 {
		t.Errorf("the profile costs its new owner %d in %d lines, want 1000 in one", got.Total, len(got.Lines))
	}
	_, err = w.Billing.ProfileCost(t.Context(), fresh(ana).For(operation.ProfileCost.Access),
		service.ProfileRef{ID: moving}, "")
	w.Refused(err, problem.CodeNotFound)
}
