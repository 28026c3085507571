package store_test

import (
	"reflect"
	"slices"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"profiles/shared/billing"
	"profiles/shared/plan"
	"profiles/shared/problem"
	"profiles/shared/store"
	"profiles/shared/tenancy"
	"profiles/shared/testkit"
	"profiles/shared/value"
)

// dividedUse is an account with a profile that has a limit for each service and
// some reported usage.
type dividedUse struct {
	*metered
	account tenancy.Account
}

func newDivided(w *testkit.World, limit int64) *dividedUse {
	w.Helper()
	d := &dividedUse{metered: newMetered(w, limit)}
	d.account = newAccount(w)
	d.account.ID = d.profile.Owner
	d.account = owning(d.account, d.profile)
	must(w, func(tx *store.Tx) { tx.CreateAccount(d.account, w.Now()) })
	return d
}

// allocate changes the profile's limit of a service, given the usage u that was
// read before. It updates d after a success.
func (d *dividedUse) allocate(s plan.Service, n int64, u billing.Usage) error {
	d.w.Helper()
	is := d.account
	share := is.Shares[d.profile.ID]
	share.Allocation[s] = n
	is.Shares = map[value.ProfileID]billing.Share{d.profile.ID: share}
	use := map[value.ProfileID]billing.Usage{d.profile.ID: u}
	err := commit(d.w, func(tx *store.Tx) {
		tx.Reallocate(d.account, is, use, d.w.Now(), d.profile.ID)
	})
	if err == nil {
		is.Version++
		d.account = is
		d.profile = d.stored()
	}
	return err
}

func (d *dividedUse) stored() tenancy.Profile {
	d.w.Helper()
	batch := d.w.Store.Batch()
	profile := batch.Profile(d.profile.ID)
	d.w.OK(batch.Get(d.w.Context()))
	return profile.Value
}

// A commit that lowers an allocation also writes the usage, so that no report
// counts against the allocation before it. A raised allocation conflicts with
// no report.
func TestALowerAllocationIsKnownToTheUse(t *testing.T) {
	t.Parallel()
	const s = plan.ServiceInput
	w := testkit.New(t)
	d := newDivided(w, 100)
	w.OK(d.allocate(s, 90, billing.Usage{}))
	same(t, "version before anything is used", d.profile.QuotaVersion, int64(1))
	d.count(line(s, 10, "first"))
	same(t, "version that the first report notes", d.usage().Quota, int64(1))

	// a report came after the read
	w.Refused(d.allocate(s, 80, billing.Usage{}), problem.CodeConflict)
	earlier := d.profile
	w.OK(d.allocate(s, 95, d.usage()))
	same(t, "version of a higher allocation", d.profile.QuotaVersion, int64(1))
	d.profile = earlier
	_, err := d.report(d.usage(), line(s, 1, "of the lower one"))
	w.OK(err)

	w.OK(d.allocate(s, 50, d.usage()))
	same(t, "version of a lower allocation", d.profile.QuotaVersion, int64(2))
	same(t, "version that the use knows", d.usage().Quota, int64(2))
	later := d.profile
	d.profile = earlier
	_, err = d.report(d.usage(), line(s, 1, "of an earlier one"))
	w.Refused(err, problem.CodeConflict)
	d.profile = later
	_, err = d.report(d.usage(), line(s, 1, "of the present one"))
	w.OK(err)

	use := d.usage()
	d.count(line(s, 1, "after it was read"))
	w.Refused(d.allocate(s, 12, use), problem.CodeConflict) // the usage is 13
	w.OK(d.allocate(s, 13, use))
}

// Usage that misses a version of the quota, because a commit of an earlier
// release replaced it, gets the version with the next report.
func TestUseThatMissedAQuotaLearnsIt(t *testing.T) {
	t.Parallel()
	w := testkit.New(t)
	d := newDivided(w, 100)
	d.count(line(plan.ServiceInput, 10, "first"))
	w.OK(d.allocate(plan.ServiceInput, 90, d.usage()))
	without(w, d.profile.ID, "quota")
	update := d.count(line(plan.ServiceInput, 1, "second"))
	if !update.Absolute {
		t.Error("it was added to, by a version that it had not")
	}
	same(t, "version", d.usage().Quota, int64(1))
	if d.count(line(plan.ServiceInput, 1, "third")).Absolute {
		t.Error("it was learned, and not noted")
	}
}

// A commit that lowers an allocation must have read the usage and must write
// it.
func TestALowerAllocationNeedsTheUse(t *testing.T) {
	t.Parallel()
	w := testkit.New(t)
	d := newDivided(w, 100)
	is := d.account
	is.Shares = map[value.ProfileID]billing.Share{d.profile.ID: {}}
	before := w.Items()
	for name, step := range map[string]func(*store.Tx){
		"its use was not read": func(tx *store.Tx) {
			tx.Reallocate(d.account, is, nil, w.Now(), d.profile.ID)
		},
		"it is not written": func(tx *store.Tx) {
			tx.Reallocate(d.account, is,
				map[value.ProfileID]billing.Usage{d.profile.ID: {}}, w.Now())
		},
	} {
		if err := commit(w, step); err == nil {
			t.Errorf("%s: want an error", name)
		}
	}
	same(t, "the table", w.Items(), before)
}

// Each field of a quota is in one of two lists. Some fields only grow, so that
// a report which read an earlier value counts as if it had come before the
// change. Each change of the others raises the version. A new field must be
// added to one of the lists.
func TestEachFieldOfAQuota(t *testing.T) {
	t.Parallel()
	known := map[string][]string{
		"never changes": {"Profile"},
		"is lowered by Reallocate, which raises the version": {"Allocation"},
		"changes with a move, which raises the version":      {"Received"},
		// The usage has the cycle in which it counts, so a report of an earlier
		// cycle counts in that cycle or not at all.
		"is part of the condition of each report by the cycle": {"Anchor"},
		"is changed by SetAlerts, which raises the version":    {"Soft", "Alerts"},
		// Stops, not the version, keep reports away that read it before.
		"only tells reports that alerts on cost were reached": {"Cost"},
		"is the version": {"Version"},
	}
	var all []string
	for _, names := range known {
		all = append(all, names...)
	}
	for _, f := range reflect.VisibleFields(reflect.TypeFor[billing.Quota]()) {
		if !slices.Contains(all, f.Name) {
			t.Errorf("%s: which commit that changes it raises the version of the quota?", f.Name)
		}
	}

	// A report that read the quota of another cycle is not counted in this one.
	w := testkit.New(t)
	m := newMetered(w, 100)
	m.count(line(plan.ServiceInput, 1, "first"))
	read := m.usage()
	earlier := m.profile
	w.Advance(time.Minute)
	m.profile.Anchor = w.Now()
	m.count(line(plan.ServiceInput, 1, "by the later anchor"))
	m.profile = earlier
	_, err := m.report(read, line(plan.ServiceInput, 1, "by the earlier anchor"))
	w.Refused(err, problem.CodeConflict)
}

// without removes an attribute of the usage of a profile.
func without(w *testkit.World, p value.ProfileID, attribute string) {
	w.Helper()
	expression := "REMOVE " + attribute
	_, err := w.Client.UpdateItem(w.Context(), &dynamodb.UpdateItemInput{
		TableName: &w.Table, UpdateExpression: &expression,
		Key: map[string]types.AttributeValue{
			"PK": &types.AttributeValueMemberS{Value: "P#" + string(p)},
			"SK": &types.AttributeValueMemberS{Value: "U"},
		},
	})
	w.OK(err)
}
