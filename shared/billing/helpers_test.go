package billing_test

import (
	"reflect"
	"testing"
	"time"

	"profiles/shared/billing"
	"profiles/shared/plan"
	"profiles/shared/value"
)

const (
	anaID value.AccountID = "0123456789abcdef0000000a"

	tick = time.Millisecond
	day  = 24 * time.Hour
)

// The accounts of these tests bought their plans at the beginning of a cycle of
// 30 days.
var (
	bought  = time.Date(2030, time.April, 1, 10, 0, 0, 0, time.UTC)
	renewal = time.Date(2030, time.May, 1, 10, 0, 0, 0, time.UTC)
	halfway = bought.Add(15 * day) // 15 of 30 days are left
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

func total(charges []billing.Charge) (sum int64) {
	for _, c := range charges {
		sum += c.Amount
	}
	return sum
}
