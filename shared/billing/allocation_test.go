package billing_test

import (
	"math/big"
	"reflect"
	"testing"

	"pgregory.net/rapid"

	"profiles/shared/billing"
	"profiles/shared/plan"
	"profiles/shared/problem"
	"profiles/shared/problem/problemtest"
	"profiles/shared/testkit/rules"
	"profiles/shared/value"
)

func TestWhatIsFittedIsInProportion(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		a := subscriber(plan.Scale, rapid.IntRange(2, 5).Draw(t, "profiles"))
		had, lower := map[value.ProfileID]plan.Amounts{}, limits{}
		for _, s := range plan.Services() {
			list := s.Tiers()
			i := rapid.OneOf(rapid.IntRange(0, len(list)-1), rapid.Just(len(list)-1)).
				Draw(t, "tier")
			a.Limits[s] = list[i].Amount
			if j := rapid.IntRange(0, i).Draw(t, "lower"); j < i {
				lower[s] = list[j].Amount
			}
		}
		free := a.Limits
		for n, id := range a.ProfileIDs() {
			share := a.Shares[id]
			for s := range share.Allocation {
				share.Allocation[s] = rapid.OneOf(rapid.Int64Range(0, free[s]),
					rapid.SampledFrom([]int64{0, free[s], free[s] / int64(a.Profiles()-n)})).
					Draw(t, "share")
				free[s] -= share.Allocation[s]
			}
			a.Shares[id], had[id] = share, share.Allocation
		}
		sum := a.Allocated()
		waiting, charges := must(t, a, halfway, edit{Services: lower})
		if charges != nil || !reflect.DeepEqual(waiting.Shares, a.Shares) {
			t.Fatalf("what waits has changed %+v already, for %v", waiting, charges)
		}
		got, _, err := waiting.Renew(renewal)
		if err != nil {
			t.Fatal(err)
		}
		checkSubscription(t, got)
		for _, s := range plan.Services() {
			limit, isLower := lower[s]
			if !isLower {
				limit = a.Limits[s]
			}
			if got.Limits[s] != limit {
				t.Fatalf("the limit of %s: got %d, want %d", s, got.Limits[s], limit)
			}
			for id, share := range got.Shares {
				want := had[id][s]
				if sum[s] > limit {
					exact := new(big.Int).Mul(big.NewInt(want), big.NewInt(limit))
					want = exact.Div(exact, big.NewInt(sum[s])).Int64()
				}
				if share.Allocation[s] != want {
					t.Fatalf(
						"%s of %s: got %d, want %d: it had %d of %d, and the limit is %d",
						s,
						id,
						share.Allocation[s],
						want,
						had[id][s],
						sum[s],
						limit,
					)
				}
			}
			if left := limit - got.Allocated()[s]; sum[s] > limit && left >= int64(a.Profiles()) {
				t.Fatalf("%d of %s are lost by rounding", left, s)
			}
		}
	})
}

func TestAllocate(t *testing.T) {
	t.Parallel()
	type changes = map[value.ProfileID]map[plan.Service]int64
	sms, in := plan.ServiceSMS, plan.ServiceInput
	// Of 10 sms each of three profiles has 1, of 1000000 input 100000.
	for _, test := range []struct {
		name     string
		profiles int
		changes  changes
		want     changes
		says     string
	}{
		{"nothing", 3, nil, nil, ""},
		{"more for one", 3, changes{"home": {sms: 8}}, changes{"home": {sms: 8}}, ""},
		{"less for one", 3, changes{"home": {sms: 0}}, changes{"home": {sms: 0}}, ""},
		{"from one to another at once", 3, changes{"home": {sms: 0, in: 7}, "yard": {sms: 9}}, changes{"home": {sms: 0, in: 7}, "yard": {sms: 9}}, ""},
		{"everything to one of two", 2, changes{"home": {sms: 10}, "plant": {sms: 0}}, changes{"home": {sms: 10}, "plant": {sms: 0}}, ""},
		{"a profile without services", 3, changes{"home": {}}, nil, ""},
		{"one too many", 3, changes{"home": {sms: 9}}, nil, "invalid: sms adds up to 11 over the profiles, and the account has 10: lower it for one of them, or raise the limit"},
		{"one too many by two", 3, changes{"home": {sms: 5}, "yard": {sms: 5}}, nil, "invalid: sms adds up to 11 over the profiles, and the account has 10: lower it for one of them, or raise the limit"},
		{"the first service in the order of the catalogue is named", 3, changes{"home": {sms: 9, in: 1_000_000}}, nil, "invalid: input adds up to 1200000 over the profiles, and the account has 1000000: lower it for one of them, or raise the limit"},
		{"less than nothing", 3, changes{"home": {sms: -1}}, nil, "invalid: sms of profile home must be from 0 to the 10 that the account has"},
		{"less than nothing to make room for another", 3, changes{"home": {sms: -5}, "yard": {sms: 10}}, nil, "invalid: sms of profile home must be from 0 to the 10 that the account has"},
		{"more than the account has", 3, changes{"yard": {sms: 11}}, nil, "invalid: sms of profile yard must be from 0 to the 10 that the account has"},
		{"so much that sums would overflow", 3, changes{"home": {sms: 1<<63 - 1}, "yard": {sms: 1<<63 - 1}}, nil, "invalid: sms of profile home must be from 0 to the 10 that the account has"},
		{"a profile of somebody else", 3, changes{"home": {sms: 0}, "theirs": {sms: 1}}, nil, "invalid: profile theirs is not one of the account's own profiles"},
		{"the only profile", 1, changes{"home": {sms: 5}}, nil, "forbidden: The account's only profile has everything that the account has: create another profile to divide it"},
		{"a profile of somebody else, having one", 1, changes{"theirs": {sms: 5}}, nil, "forbidden: The account's only profile has everything that the account has: create another profile to divide it"},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			a := subscriber(plan.Scale, test.profiles)
			if test.profiles == 1 {
				a = a.Alone(halfway)
			}
			before := frozen(a)
			got, err := a.Allocate(test.changes, nil, halfway)
			rules.Same(t, "the account before", a, before)
			if problemtest.Text(err) != test.says {
				t.Fatalf("got %q, want %q", problemtest.Text(err), test.says)
			}
			if err != nil {
				return
			}
			want := frozen(a)
			want.Updated = halfway
			for id := range test.changes {
				share := want.Shares[id]
				share.Updated = halfway
				for s, n := range test.want[id] {
					share.Allocation[s] = n
				}
				want.Shares[id] = share
			}
			rules.Same(t, "the account", got, want)
		})
	}
}

func TestAnAllocationNeverExceedsTheLimits(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		a := subscriber(plan.Scale, rapid.IntRange(2, 5).Draw(t, "profiles"))
		for _, s := range plan.Services() {
			a.Limits[s] = rapid.SampledFrom(s.Tiers()).Draw(t, "tier").Amount
		}
		t.Repeat(map[string]func(*rapid.T){
			"allocate": func(t *rapid.T) {
				changes := map[value.ProfileID]map[plan.Service]int64{}
				after := a.Allocated()
				right := true
				for _, id := range a.ProfileIDs() {
					if !rapid.Bool().Draw(t, "change") {
						continue
					}
					s := rapid.SampledFrom(plan.Services()).Draw(t, "service")
					limit := a.Limits[s]
					n := rapid.OneOf(rapid.Int64Range(-1, limit/4),
						rapid.Int64Range(0, limit+1), rapid.SampledFrom([]int64{limit,
							a.Free(halfway)[s] + a.Shares[id].Allocation[s], 1 << 62})).
						Draw(t, "n")
					changes[id] = map[plan.Service]int64{s: n}
					if n < 0 || n > limit {
						right = false
						continue
					}
					after[s] += n - a.Shares[id].Allocation[s]
				}
				right = right && after.Within(a.Limits)
				next, err := a.Allocate(changes, nil, halfway)
				if (err == nil) != right {
					t.Fatalf("%v of %v: got %v, want it done: %v", changes, a.Limits, err, right)
				}
				if err != nil {
					if problem.CodeOf(err) != problem.CodeInvalid {
						t.Fatalf("got %v", err)
					}
					return
				}
				if next.Allocated() != after {
					t.Fatalf("got %v, want %v", next.Allocated(), after)
				}
				a = next
			},
			"": func(t *rapid.T) { checkSubscription(t, a) },
		})
	})
}

// The only profile of an account has everything, so there is nothing to divide.
// This holds also for a profile that became the only one.
func TestTheLastProfileThatIsLeftCanHaveEverything(t *testing.T) {
	t.Parallel()
	a, err := subscriber(plan.Starter, 2).RemoveProfile("plant", billing.Usage{}, halfway)
	if err != nil {
		t.Fatal(err)
	}
	if a.Shares["home"].Allocation == a.Limits {
		return
	}
	changes := map[plan.Service]int64{}
	for _, s := range plan.Services() {
		changes[s] = a.Limits[s]
	}
	_, err = a.Allocate(map[value.ProfileID]map[plan.Service]int64{"home": changes}, nil, halfway)
	if err != nil {
		t.Errorf(
			"it has %v of %v, and to give it the rest is refused: %v",
			a.Shares["home"].Allocation,
			a.Limits,
			err,
		)
	}
}

func TestASnapshotIsWhatTheAccountHas(t *testing.T) {
	t.Parallel()
	a := subscriber(plan.Scale, 3)
	rules.Same(
		t,
		"the snapshot",
		a.Snapshot(halfway),
		billing.Snapshot{Time: halfway, Limits: a.Limits, Shares: a.Shares},
	)
}

func TestWhoSawOtherAllocationsChangesNothing(t *testing.T) {
	t.Parallel()
	type seen = map[value.ProfileID]map[plan.Service]int64
	sms, in := plan.ServiceSMS, plan.ServiceInput
	a := subscriber(plan.Scale, 3)
	for _, test := range []struct {
		name string
		seen seen
		says string
	}{
		{"nothing", nil, ""},
		{"what is so", seen{"home": {sms: 1, in: 100_000}, "yard": {sms: 1}}, ""},
		{"no service of a profile that is gone", seen{"gone": {}}, ""},
		{"another number", seen{"home": {in: 100_000}, "plant": {sms: 2}}, "conflict: sms of profile plant was 2 when you saw it, and was changed in the meantime: read the allocations again"},
		{"a profile that is gone", seen{"gone": {sms: 0}}, "conflict: sms of profile gone was 0 when you saw it, and was changed in the meantime: read the allocations again"},
	} {
		if got := problemtest.Text(a.Saw(test.seen)); got != test.says {
			t.Errorf("%s: got %q, want %q", test.name, got, test.says)
		}
	}
}
