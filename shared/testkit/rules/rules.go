// Package rules has what the tests of several packages of rules share. It needs
// no engine, and does not know accounts: their own tests need it too.
package rules

import (
	"net/netip"
	"reflect"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"profiles/shared/plan"
	"profiles/shared/value"
)

// At reads an instant such as 2026-11-24T12:34:56.789Z.
func At(t testing.TB, text string) time.Time {
	t.Helper()
	when, err := time.Parse(time.RFC3339Nano, text)
	if err != nil {
		t.Fatal(err)
	}
	return when.UTC()
}

// Same compares two values with all their fields.
func Same[T any](t testing.TB, what string, got, want T) {
	t.Helper()
	if !reflect.DeepEqual(got, want) {
		t.Errorf("%s:\ngot  %+v\nwant %+v", what, got, want)
	}
}

// Says checks that the message of an error contains want; if want is empty, it
// checks that there is no error.
func Says(t testing.TB, err error, want string) {
	t.Helper()
	switch {
	case want == "" && err != nil:
		t.Errorf("got %v, want no error", err)
	case want != "" && (err == nil || !strings.Contains(err.Error(), want)):
		t.Errorf("got %v, want an error with %q", err, want)
	}
}

// Each returns n of every service.
func Each(n int64) (a plan.Amounts) {
	for s := range a {
		a[s] = n
	}
	return a
}

// Networks draws a list of networks with few different bits, so that networks
// of two lists often overlap.
func Networks(t *rapid.T, label string) value.Networks {
	texts := rapid.SliceOfN(rapid.Custom(func(t *rapid.T) string {
		last := rapid.Uint8().Draw(t, "last")
		if rapid.Bool().Draw(t, "v6") {
			a := netip.AddrFrom16([16]byte{0x20, 0x01, 15: last})
			return netip.PrefixFrom(a, rapid.IntRange(120, 128).Draw(t, "bits")).String()
		}
		a := netip.AddrFrom4([4]byte{192, 0, 2, last})
		return netip.PrefixFrom(a, rapid.IntRange(24, 32).Draw(t, "bits")).String()
	}), 0, 4).Draw(t, label)
	list, err := value.ParseNetworks(texts)
	if err != nil {
		t.Fatal(err)
	}
	return list
}

// Fill gives v, and every field below it, a value other than its zero value.
// Times become now. A pointer points to a zero value.
func Fill(t testing.TB, v reflect.Value, now time.Time) {
	t.Helper()
	if _, ok := v.Interface().(time.Time); ok {
		v.Set(reflect.ValueOf(now))
		return
	}
	switch v.Kind() {
	case reflect.String:
		v.SetString("of the thief")
	case reflect.Bool:
		v.SetBool(true)
	case reflect.Int, reflect.Int64:
		v.SetInt(7)
	case reflect.Uint8:
		v.SetUint(7)
	case reflect.Slice:
		one := reflect.MakeSlice(v.Type(), 1, 1)
		Fill(t, one.Index(0), now)
		v.Set(one)
	case reflect.Map:
		key, elem := reflect.New(v.Type().Key()).Elem(), reflect.New(v.Type().Elem()).Elem()
		Fill(t, key, now)
		Fill(t, elem, now)
		v.Set(reflect.MakeMap(v.Type()))
		v.SetMapIndex(key, elem)
	case reflect.Array:
		for i := range v.Len() {
			Fill(t, v.Index(i), now)
		}
	case reflect.Pointer:
		v.Set(reflect.New(v.Type().Elem()))
	case reflect.Struct:
		for i := range v.NumField() {
			Fill(t, v.Field(i), now)
		}
	default:
		t.Fatalf("no value for a %s", v.Type())
	}
}
