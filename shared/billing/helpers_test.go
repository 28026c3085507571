package billing_test

import (
	"reflect"
	"testing"
	"time"

	"profiles/shared/plan"
	"profiles/shared/value"
)

const (
	anaID value.AccountID = "0123456789abcdef0000000a"

	tick = time.Millisecond
	day  = 24 * time.Hour
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
