package tenancy_test

import (
	"testing"
	"time"

	"pgregory.net/rapid"

	"profiles/shared/tenancy"
	"profiles/shared/testkit/rules"
)

func TestNetworkOf(t *testing.T) {
	t.Parallel()
	for address, want := range map[string]string{
		"192.0.2.1": "192.0.2.0/24", "192.0.2.255": "192.0.2.0/24", "::ffff:192.0.2.7": "192.0.2.0/24",
		"2001:db8:1:2::1": "2001:db8:1::/48", "fe80::1%eth0": "fe80::/48",
	} {
		if got := tenancy.NetworkOf(address).String(); got != want {
			t.Errorf("%s: got %s, want %s", address, got, want)
		}
	}
	for _, none := range []string{"", "here", "192.0.2.1:443", "192.0.2.0/24"} {
		if got := tenancy.NetworkOf(none); got.IsValid() {
			t.Errorf("%q: got %s", none, got)
		}
	}
}

// Whenever a token is used, a sweep that runs each day tells its people on the
// 90th day without use, and on no other one, and disables it on the 365th where
// the policy says so.
func TestATokenIsToldOfOnThe90thDayWithoutUse(t *testing.T) {
	t.Parallel()
	const day = 24 * time.Hour
	start := rules.At(t, "2030-01-01T00:00:00Z")
	rapid.Check(t, func(t *rapid.T) {
		policy := tenancy.TokenPolicy{DisableUnused: rapid.Bool().Draw(t, "disables")}
		token := tenancy.Token{ID: "00000001", Created: start}
		use, last := tenancy.Use{}, 0
		next := rapid.IntRange(1, 400)
		uses := next.Draw(t, "first use")
		for n := range 1000 {
			now := start.Add(time.Duration(n) * day)
			if n == uses {
				use.Time, last = now, n
				uses = n + next.Draw(t, "next use")
			}
			what := tenancy.IdleNothing
			if !token.IdleDue().After(now) {
				token, what = token.Idle(use, policy, now)
			}
			want := tenancy.IdleNothing
			switch idle := n - last; {
			case idle == 90:
				want = tenancy.IdleTell
			case idle == 365 && policy.DisableUnused:
				want = tenancy.IdleDisable
			}
			if what != want {
				t.Fatalf("day %d, last used on day %d: got %d, want %d", n, last, what, want)
			}
			if what == tenancy.IdleDisable {
				return
			}
		}
	})
}
