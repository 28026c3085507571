package tenancy_test

import (
	"fmt"
	"reflect"
	"testing"
	"time"

	"profiles/shared/plan"
	"profiles/shared/tenancy"
	"profiles/shared/value"
)

func at(t testing.TB, text string) time.Time {
	t.Helper()
	when, err := time.Parse(time.RFC3339Nano, text)
	if err != nil {
		t.Fatal(err)
	}
	return when.UTC()
}

func same[T any](t testing.TB, what string, got, want T) {
	t.Helper()
	if !reflect.DeepEqual(got, want) {
		t.Errorf("%s:\ngot  %+v\nwant %+v", what, got, want)
	}
}

func each(n int64) (a plan.Amounts) {
	for s := range a {
		a[s] = n
	}
	return a
}

const (
	tick = time.Millisecond
	day  = 24 * time.Hour
)

// holding returns the account with n profiles: those it has, as far as they go,
// and others that have nothing.
func holding(a tenancy.Account, n int) tenancy.Account {
	shares := map[value.ProfileID]tenancy.Share{}
	for _, id := range a.ProfileIDs()[:min(n, a.Profiles())] {
		shares[id] = a.Shares[id]
	}
	for i := len(shares); i < n; i++ {
		shares[value.ProfileID(fmt.Sprint("empty", i))] = tenancy.Share{}
	}
	a.Shares = shares
	return a
}
