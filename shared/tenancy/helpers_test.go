package tenancy_test

import (
	"fmt"
	"net/netip"
	"testing"
	"time"

	"pgregory.net/rapid"

	"profiles/shared/billing"
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

// holding returns the account with n profiles: the first n that it has, and if
// there are fewer, others without an allocation.
func holding(a tenancy.Account, n int) tenancy.Account {
	shares := map[value.ProfileID]billing.Share{}
	for _, id := range a.ProfileIDs()[:min(n, a.Profiles())] {
		shares[id] = a.Shares[id]
	}
	for i := len(shares); i < n; i++ {
		shares[value.ProfileID(fmt.Sprint("empty", i))] = billing.Share{}
	}
	a.Shares = shares
	return a
}

// drawNetworks makes lists of few bits, so that they often touch each other.
func drawNetworks(t *rapid.T, label string) value.Networks {
	texts := rapid.SliceOfN(rapid.Custom(func(t *rapid.T) string {
		last := rapid.Uint8().Draw(t, "last")
		if rapid.Bool().Draw(t, "v6") {
			a := netip.AddrFrom16([16]byte{0x20, 0x01, 15: last})
			return netip.PrefixFrom(a, rapid.IntRange(120, 128).Draw(t, "bits")).String()
		}
		return netip.PrefixFrom(netip.AddrFrom4([4]byte{192, 0, 2, last}), rapid.IntRange(24, 32).Draw(t, "bits")).
			String()
	}), 0, 4).Draw(t, label)
	list, err := value.ParseNetworks(texts)
	if err != nil {
		t.Fatal(err)
	}
	return list
}
