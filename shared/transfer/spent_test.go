package transfer_test

import (
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"profiles/shared/billing"
	"profiles/shared/mailing"
	"profiles/shared/plan"
	"profiles/shared/problem/problemtest"
	"profiles/shared/testkit/rules"
	"profiles/shared/transfer"
	"profiles/shared/value"
)

// However profiles and allocations change, an account uses in a cycle no more
// than it has paid for.
func TestALimitIsSpentOnce(t *testing.T) {
	t.Parallel()
	var did rules.Tally
	missing := func() []string {
		return did.Missing("allocate", "create", "delete", "admit", "refuse", "move", "return",
			"return in the same cycle", "refuse terms", "renew")
	}
	// One set in ten meets no terms to refuse.
	for set := 0; set < 1 || set < 30 && !testing.Short() && missing() != nil; set++ {
		rapid.Check(t, func(t *rapid.T) {
			t.Repeat(spending(newLedger(&did)))
		})
	}
	if what := missing(); what != nil && !testing.Short() {
		t.Errorf("these never happened: %v; what did: %v", what, &did)
	}
}

// spending has what may happen to a ledger.
func spending(l *ledger) map[string]func(*rapid.T) {
	profile := func(t *rapid.T) value.ProfileID {
		return rapid.SampledFrom(slices.Sorted(maps.Keys(l.profiles))).Draw(t, "profile")
	}
	owner := rapid.SampledFrom([]value.AccountID{"gives", "takes"})
	service := rapid.SampledFrom(
		[]plan.Service{plan.ServiceSMS, plan.ServiceAnalysis, plan.ServiceFileStorage},
	)
	amount := rapid.Int64Range(0, 12)
	return map[string]func(*rapid.T){
		"allocate": func(t *rapid.T) {
			l.allocate(
				profile(t),
				map[plan.Service]int64{service.Draw(t, "service"): amount.Draw(t, "amount")},
			)
		},
		"create": func(t *rapid.T) {
			var a plan.Amounts
			if rapid.Bool().Draw(t, "all that is free") {
				a = l.accounts[owner.Draw(t, "owner")].Free(l.now)
			}
			l.create(owner.Draw(t, "owner"), a)
		},
		"delete": func(t *rapid.T) { l.delete(profile(t)) },
		"report": func(t *rapid.T) {
			s := service.Draw(t, "service")
			n := rapid.Int64Range(1, 7*s.Parts()).Draw(t, "parts")
			if s.Counting() == plan.CountingLevel &&
				rapid.IntRange(0, 3).Draw(t, "falls") == 0 {
				n = -n
			}
			l.report(profile(t), s, n)
		},
		"use up": func(t *rapid.T) {
			id, s := profile(t), service.Draw(t, "service")
			p := l.profiles[id]
			left := p.Allocation[s]*s.Parts() - l.use[id].Now(p.Quota(), l.now).Used[s]
			if left > 0 {
				l.report(id, s, left)
			}
		},
		"move": func(t *rapid.T) {
			terms := map[plan.Service]int64{}
			id := profile(t)
			if len(l.accounts[l.profiles[id].Owner].Shares) < 2 {
				t.Skip("the last one")
			}
			for _, s := range plan.Services() {
				terms[s] = min(l.profiles[id].Allocation[s], amount.Draw(t, "terms"))
			}
			l.move(id, terms, nil)
		},
		"use, move and return": func(t *rapid.T) {
			id := profile(t)
			if len(l.accounts[l.profiles[id].Owner].Shares) < 2 ||
				!l.report(id, plan.ServiceSMS, 1) {
				t.Skip("nothing to move")
			}
			before := len(l.moves)
			if l.move(id, nil, nil); len(l.moves) > before {
				l.report(id, plan.ServiceSMS, amount.Draw(t, "amount")+1)
				l.move(id, nil, &l.moves[before])
			}
		},
		"return": func(t *rapid.T) {
			if len(l.moves) == 0 {
				t.Skip("nothing has moved")
			}
			one := rapid.SampledFrom(l.moves).Draw(t, "move")
			if l.profiles[one.Profile].Owner != one.Destination ||
				len(l.accounts[one.Destination].Shares) < 2 {
				t.Skip("it is elsewhere")
			}
			l.move(one.Profile, nil, &one)
		},
		"schedule": func(t *rapid.T) {
			a := l.renewed(owner.Draw(t, "owner"))
			s := service.Draw(t, "service")
			a.Schedule = &billing.Schedule{
				Services: map[plan.Service]int64{s: amount.Draw(t, "limit")},
			}
			l.set(a)
		},
		"raise": func(t *rapid.T) {
			a := l.renewed(owner.Draw(t, "owner"))
			a.Limits[service.Draw(t, "service")] += amount.Draw(t, "more") / 3
			l.set(a)
		},
		"sweep": func(*rapid.T) { l.renew("gives"); l.renew("takes") },
		"time": func(t *rapid.T) {
			l.now = l.now.Add(
				time.Duration(rapid.IntRange(1, 12*24).Draw(t, "hours")) * time.Hour,
			)
		},
		"": func(t *rapid.T) {
			if wrong := l.wrong(); wrong != "" {
				t.Fatal(wrong)
			}
		},
	}
}

// If the stored amount outgrows a lower allocation that was accepted, the
// receiving side must accept again; otherwise its other profiles could use the
// same part of its limit. A transfer that takes another back does not depend on
// what is stored.
func TestAMoveHasRoomForWhatIsStored(t *testing.T) {
	t.Parallel()
	const files = plan.ServiceFileStorage
	c := agreed(t)
	lower := map[plan.Service]int64{files: 7}
	c.Usage = usedUp(plan.Amounts{files: 701})
	_, err := c.Transfer.Accept(
		takes,
		answerCode,
		transfer.Acceptance{Allocation: lower},
		c.Profile,
		c.Usage,
		c.Team,
		asked.Add(agreedAt),
	)
	want := "invalid: allocation.file_storage must be at least 8, as the profile holds that many MB"
	if problemtest.Text(err) != want {
		t.Errorf("got %q, want %q", problemtest.Text(err), want)
	}
	c.Transfer.Terms.Allocation[files] = 7
	now := asked.Add(agreedAt + time.Hour)
	if _, checks := c.Complete(now); checks.OK() ||
		!strings.Contains(string(mailing.Missing(checks.Of(transfer.PartyDestination))),
			"needed is an allocation for the 8 MB that the profile holds, there is 7. Accept again with a higher allocation of File storage") {
		t.Errorf("it completes, or says %q", mailing.Missing(checks))
	}
	c.Usage = usedUp(plan.Amounts{files: 700})
	m := moved(t, c, now)
	back := returning(t, m, now.Add(time.Hour))
	back.Transfer.Approvals = []value.AccountID{"one", "two"}
	back.Usage = usedUp(plan.Amounts{files: 90_000})
	if m, checks := back.Complete(now.Add(2 * time.Hour)); m.Transfer.State != transfer.Completed ||
		m.Use.Used[files] != 90_000 {
		t.Errorf("a return waits for %s", mailing.Missing(checks))
	}
}

// After a renewal that lowered the allocation, a profile may hold more than it
// is allocated. It moves with an allocation of what it holds; otherwise the
// receiving account would be charged for less than is stored.
func TestAMoveIsPaidForWithWhatIsStored(t *testing.T) {
	t.Parallel()
	const files = plan.ServiceFileStorage
	over := func() transfer.Context {
		c := offered(t)
		c.Profile.Allocation[files] = 3
		c.Usage = usedUp(plan.Amounts{files: 600})
		return c
	}
	for n, want := range map[int64]string{5: "invalid: allocation.file_storage must be at least 6, as the profile holds that many MB", 6: "", 7: "invalid: allocation.file_storage must be a number from 0 to the 6 that the profile has"} {
		c := over()
		terms := transfer.Acceptance{Allocation: map[plan.Service]int64{files: n}}
		now := asked.Add(agreedAt)
		_, err := c.Transfer.Accept(takes, answerCode, terms, c.Profile, c.Usage, c.Team, now)
		if problemtest.Text(err) != want {
			t.Errorf("%d: got %q, want %q", n, problemtest.Text(err), want)
		}
	}
	c := over()
	agree(t, &c, transfer.Acceptance{})
	now := asked.Add(agreedAt + time.Hour)
	if got := moved(t, c, now).Destination.Shares["plant"]; got.Allocation[files] != 6 ||
		got.Held != (plan.Amounts{}) {
		t.Errorf(
			"it arrives with %d, and holds %v more, want 6 and nothing",
			got.Allocation[files],
			got.Held,
		)
	}
	c.Destination.Limits[files] = c.Destination.Allocated()[files] + 5
	if _, checks := c.Complete(now); checks.OK() ||
		!strings.Contains(string(mailing.Missing(checks)), "destination-allocation") {
		t.Errorf("it completes without room for what is stored: %q", mailing.Missing(checks))
	}
}
