package billing_test

import (
	"slices"
	"testing"
	"time"

	"profiles/shared/billing"
	"profiles/shared/plan"
	"profiles/shared/problem"
	"profiles/shared/problem/problemtest"
	"profiles/shared/tenancy"
	"profiles/shared/testkit/rules"
	"profiles/shared/value"
)

// owning is an account with a profile of each id, which has n of each service,
// of a limit of 10.
func owning(n int64, ids ...value.ProfileID) tenancy.Account {
	a := subscriber(plan.Scale, 0)
	a.Limits = rules.Each(10)
	for _, id := range ids {
		a.Shares[id] = billing.Share{Allocation: rules.Each(n)}
	}
	return a
}

// usedUp is use in this cycle of the accounts of these tests.
func usedUp(n plan.Amounts) billing.Usage {
	return billing.Usage{Cycle: bought, Used: n, Version: 1}
}

func TestAnAllocationIsNotLoweredBelowWhatIsUsed(t *testing.T) {
	t.Parallel()
	const sms, run, files = plan.ServiceSMS, plan.ServiceAnalysis, plan.ServiceFileStorage
	last := usedUp(plan.Amounts{sms: 4, files: 401})
	last.Cycle = bought.AddDate(0, -1, 0)
	for _, test := range []struct {
		name string
		use  billing.Usage
		s    plan.Service
		to   int64
		says string
	}{
		{"to what was used", usedUp(plan.Amounts{sms: 4}), sms, 4, ""},
		{"below what was used", usedUp(plan.Amounts{sms: 4}), sms, 3, "invalid: sms of profile home must be at least 4, as it has used that many messages in this cycle: lower it further after 2030-05-01T10:00:00.000Z"},
		{"to nothing", usedUp(plan.Amounts{sms: 4}), sms, 0, "invalid: sms of profile home must be at least 4, as it has used that many messages in this cycle: lower it further after 2030-05-01T10:00:00.000Z"},
		{"below what was used in the cycle before", last, sms, 0, ""},
		{"a begun unit counts as a whole one", usedUp(plan.Amounts{run: 301}), run, 3, "invalid: analysis of profile home must be at least 4, as it has used that many minutes in this cycle: lower it further after 2030-05-01T10:00:00.000Z"},
		{"below a level", usedUp(plan.Amounts{files: 401}), files, 4, "invalid: file_storage of profile home must be at least 5, as it holds that many MB: remove some of them first"},
		{"below a level of the cycle before", last, files, 4, "invalid: file_storage of profile home must be at least 5, as it holds that many MB: remove some of them first"},
		{"to the level", usedUp(plan.Amounts{files: 401}), files, 5, ""},
		{"as it is, below a level that was set above it", usedUp(plan.Amounts{files: 900}), files, 6, ""},
		{"more, below a level that was set above it", usedUp(plan.Amounts{files: 900}), files, 7, ""},
		{"something else", usedUp(plan.Amounts{files: 900}), sms, 0, ""},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			a := owning(6, "home")
			a.Shares["plant"] = billing.Share{}
			_, err := a.Allocate(
				map[value.ProfileID]map[plan.Service]int64{"home": {test.s: test.to}},
				map[value.ProfileID]billing.Usage{"home": test.use},
				halfway,
			)
			if problemtest.Text(err) != test.says {
				t.Errorf("got %q, want %q", problemtest.Text(err), test.says)
			}
		})
	}
}

// Deleting and creating profiles again and again must not give more usage than
// the limit: allocate, use, delete, create.
func TestWhatAProfileUsedIsNotFreeWhenItIsGone(t *testing.T) {
	t.Parallel()
	const sms, files = plan.ServiceSMS, plan.ServiceFileStorage
	a := owning(0, "home", "plant")
	a, err := a.Allocate(
		map[value.ProfileID]map[plan.Service]int64{"plant": {sms: 10, files: 10}},
		nil,
		halfway,
	)
	if err != nil {
		t.Fatal(err)
	}
	a, err = a.RemoveProfile("plant", usedUp(plan.Amounts{sms: 8, files: 1000}), halfway)
	if err != nil {
		t.Fatal(err)
	}
	if got := a.Free(halfway); got[sms] != 2 || got[files] != 10 {
		t.Errorf(
			"free are %d sms and %d MB, want 2, and the 10 that were stored",
			got[sms],
			got[files],
		)
	}
	if got := a.Alone(halfway).Shares["home"].Allocation; got[sms] != 2 || got[files] != 10 {
		t.Errorf("the last profile gets %v", got)
	}
	_, err = a.AddProfile("yard", billing.Share{Allocation: plan.Amounts{sms: 3}}, halfway)
	if problem.CodeOf(err) != problem.CodeForbidden {
		t.Errorf("a new profile gets what is used up: %v", err)
	}
	want := "invalid: sms adds up to 3 over the profiles, and of the 10 that the account has 8 are used up until 2030-05-01T10:00:00.000Z, by a profile that is gone: lower it for one of them, or raise the limit"
	_, err = a.Allocate(map[value.ProfileID]map[plan.Service]int64{"home": {sms: 3}}, nil, halfway)
	if problemtest.Text(err) != want {
		t.Errorf("got %q, want %q", problemtest.Text(err), want)
	}
	if got := a.Free(renewal); got[sms] != 10 {
		t.Errorf("free are %d in the next cycle, want all 10", got[sms])
	}
	next, _, err := a.Renew(renewal)
	if err != nil || next.Spent != (billing.Spent{}) ||
		next.Shares["home"].Allocation != next.Limits {
		t.Errorf("renewed it is %+v, %v", next, err)
	}
}

// With the plan free nothing is charged. At the end of the cycle the only
// profile gets back the amount that a deleted one used.
func TestACycleOfThePlanFreeGivesBackWhatWasUsedUp(t *testing.T) {
	t.Parallel()
	a := subscriber(plan.Free, 2)
	if !a.RenewsAt().IsZero() {
		t.Errorf("it is renewed at %v", a.RenewsAt())
	}
	use := billing.Usage{
		Cycle:   a.Cycle(halfway).Start,
		Used:    plan.Amounts{plan.ServiceSMS: 1},
		Version: 1,
	}
	a, err := a.RemoveProfile("plant", use, halfway)
	if err != nil {
		t.Fatal(err)
	}
	a = a.Alone(halfway)
	if got := a.Shares["home"].Allocation[plan.ServiceSMS]; got != 9 {
		t.Errorf("it has %d, want 9", got)
	}
	end := a.Cycle(halfway).End
	if !a.RenewsAt().Equal(end) {
		t.Errorf("it is renewed at %v, want %v", a.RenewsAt(), end)
	}
	if _, _, err := a.Renew(end.Add(-time.Millisecond)); err == nil {
		t.Error("it is renewed before the end of the cycle")
	}
	next, charges, err := a.Renew(end)
	if err != nil || charges != nil || next.Shares["home"].Allocation != next.Limits ||
		!next.RenewsAt().IsZero() ||
		!next.PaidUntil.IsZero() {
		t.Errorf("got %+v, %v, %v", next, charges, err)
	}
}

func TestWhatIsStoredIsCoveredByALowerLimit(t *testing.T) {
	t.Parallel()
	const files = plan.ServiceFileStorage
	for _, test := range []struct {
		name         string
		had          [3]int64
		limit        int64
		stored, want [3]int64
	}{
		{"nothing is stored", [3]int64{60, 30, 10}, 50, [3]int64{}, [3]int64{30, 15, 5}},
		{"all of it fits", [3]int64{60, 30, 10}, 50, [3]int64{30, 15, 5}, [3]int64{30, 15, 5}},
		{"one has more, and the others have room", [3]int64{60, 30, 10}, 50, [3]int64{40, 0, 0}, [3]int64{40, 7, 2}},
		{"one has more, and one other has room", [3]int64{60, 30, 10}, 50, [3]int64{34, 0, 5}, [3]int64{34, 11, 5}},
		{"together they have more", [3]int64{60, 30, 10}, 50, [3]int64{60, 3, 0}, [3]int64{47, 3, 0}},
		{"each has more", [3]int64{60, 30, 10}, 50, [3]int64{60, 30, 10}, [3]int64{30, 15, 5}},
		{"one had more before, and is given no more than it had", [3]int64{10, 30, 10}, 25, [3]int64{90, 0, 0}, [3]int64{10, 11, 3}},
		{"the limit stays", [3]int64{10, 30, 10}, 50, [3]int64{90, 0, 0}, [3]int64{10, 30, 10}},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			was := owning(0, "home", "plant", "yard")
			was.Limits[files] = 100
			use := map[value.ProfileID]billing.Usage{}
			for i, id := range was.ProfileIDs() {
				share := was.Shares[id]
				share.Allocation[files] = test.had[i]
				was.Shares[id] = share
				use[id] = usedUp(plan.Amounts{files: test.stored[i] * files.Parts()})
			}
			was.Schedule = &billing.Schedule{Services: map[plan.Service]int64{files: test.limit}}
			next, _, err := was.Renew(renewal)
			if err != nil {
				t.Fatal(err)
			}
			got := next.Covering(was, use, renewal)
			var has [3]int64
			for i, id := range got.ProfileIDs() {
				has[i] = got.Shares[id].Allocation[files]
			}
			if has != test.want {
				t.Errorf("got %v, want %v", has, test.want)
			}
			holds := got.Holds(was.Subscription, use)
			for i, id := range got.ProfileIDs() {
				n, held := holds[id][files]
				if held != (has[i] < test.had[i]) ||
					held && n != max(has[i], test.stored[i])*files.Parts() {
					t.Errorf(
						"%s is held to %d (%v), with %d of %d allocated and %d stored",
						id,
						n,
						held,
						has[i],
						test.had[i],
						test.stored[i],
					)
				}
			}
		})
	}
}

func TestANewProfileStartsWithWhatIsFree(t *testing.T) {
	t.Parallel()
	const sms, in = plan.ServiceSMS, plan.ServiceInput
	a := subscriber(plan.Scale, 1)
	a.Limits[sms], a.Limits[in] = 100, 1_050_000
	share := a.Shares["home"]
	share.Allocation = plan.Included()
	share.Allocation[in] = 1_000_000
	a.Shares["home"] = share
	got := a.Starting(false, halfway)
	if got != (plan.Amounts{sms: 10, in: 50_000}) {
		t.Errorf("got %v, want up to the plan free's", got)
	}
	if got := a.Starting(true, halfway); got != (plan.Amounts{sms: 90, in: 50_000}) {
		t.Errorf("got %v, want all that is free", got)
	}
	if none := got.Without(); len(none) != len(plan.Services())-2 || slices.Contains(none, sms) {
		t.Errorf("without are %v", none)
	}
	a.Limits[sms] = 5 // less than is allocated, as before a renewal that was late
	if got := a.Starting(true, halfway); got[sms] != 0 {
		t.Errorf("got %v", got)
	}
}
