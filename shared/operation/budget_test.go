package operation_test

import (
	"flag"
	"fmt"
	"os"
	"strings"
	"testing"

	"profiles/shared/operation"
	"profiles/shared/testkit"
)

var update = flag.Bool("update", false, "write generated files anew")

// counted is the cost that a function which remembers the token has beyond a
// budget, to count the request against the rate limit of its profile: a request
// and a unit, and no round trip.
const counted = 1

func TestBudgets(t *testing.T) {
	t.Parallel()
	for _, c := range scenes {
		t.Run(c.Name(), func(t *testing.T) {
			t.Parallel()
			for _, warm := range []bool{false, true} {
				trips, state := c.Cost.Cold, "cold"
				if warm {
					trips, state = c.Cost.Warm, "warm"
				}
				used := measured(t, c, warm)
				// On a busy machine, requests that are sent together may look
				// as if they were not. The opposite never happens.
				for try := 0; used.RoundTrips > trips && try < 3; try++ {
					used = measure(t, c, warm)
				}
				if used.RoundTrips != trips {
					t.Errorf("%s: %d round trips, want %d", state, used.RoundTrips, trips)
				}
				want := c.Cost
				if warm && isCounted(c.Operation) {
					want.Requests += counted
					want.Writes += counted
				}
				if used.Requests > want.Requests || !warm && used.Requests < want.Requests {
					t.Errorf("%s: %d requests, want %d", state, used.Requests, want.Requests)
				}
				if used.Reads > want.Reads || used.Writes > want.Writes {
					t.Errorf("%s: %.1f read and %.1f write units, want at most %.1f and %.1f",
						state, used.Reads, used.Writes, want.Reads, want.Writes)
				}
				t.Logf("%s: %d round trips, %d requests, %.1f read and %.1f write units",
					state, used.RoundTrips, used.Requests, used.Reads, used.Writes)
			}
		})
	}
}

// A request that cannot be served is refused before it costs anything.
func TestBadRequestsCostNothing(t *testing.T) {
	t.Parallel()
	w := testkit.New(t)
	ana := w.Account("ana")
	badChecksum := ana.Token[:35] + "!"
	for name, send := range map[string]func() testkit.Answer{
		"a bad checksum":    func() testkit.Answer { return w.Call(operation.AccountGet, "GET", "/account", badChecksum, nil) },
		"a bad body":        func() testkit.Answer { return w.Call(operation.AccountLogin, "POST", "/account/login", "", "{") },
		"a bad id":          func() testkit.Answer { return w.Call(operation.ProfileGet, "GET", "/profile/x", ana.Token, nil) },
		"an unknown route":  func() testkit.Answer { return w.Call(operation.RouteUnknown(), "PATCH", "/profile", ana.Token, nil) },
		"a misrouted event": func() testkit.Answer { return w.Call(operation.ProfileGet, "GET", "/account", ana.Token, nil) },
	} {
		w.Meter.Reset()
		got := send()
		if used := w.Meter.Reset(); used.Requests != 0 || got.Code < 400 || got.Code > 499 {
			t.Errorf("%s: got %d with %d requests", name, got.Code, used.Requests)
		}
	}
}

const budgetsFile = root + "/infra/budgets.md"

// The budgets in the documents are those that the tests check.
func TestBudgetsAreDocumented(t *testing.T) {
	t.Parallel()
	var b strings.Builder
	b.WriteString("# What each operation costs\n\n" +
		"Generated from `shared/testkit/scene` by the tests that hold every line of it:\n`go test ./shared/operation -run Documented -update`.\n\n" +
		"Round trips are sequential; \"remembered\" is a function that served the same\n" +
		"token before. The units are upper bounds for small items. A function that\n" +
		"remembers the token also counts the request against the rate limit of its\n" +
		"profile, beside the first reads: one request and one write unit more than the\n" +
		"table says, and no round trip.\n\n" +
		"The last column is what a million of them cost in a function that remembers the\n" +
		"token, with that count, at [list prices](../docs/operate.md#cost). A mail of SES\n" +
		"costs $100 a million and is part of `mail-deliver` alone.\n\n" +
		"| operation | round trips | remembered | requests | read units | write units | $ per million |\n| --- | --- | --- | --- | --- | --- | --- |\n")
	for _, c := range scenes {
		fmt.Fprintf(&b, "| %s | %d | %d | %d | %g | %g | %.2f |\n",
			c.Name(), c.Cost.Cold, c.Cost.Warm, c.Cost.Requests, c.Cost.Reads,
			c.Cost.Writes, sum(c))
	}
	b.WriteString("\nA POST, PUT or DELETE with an Idempotency-Key takes two round trips and two\nrequests more, whatever the operation:\n\n" +
		"| with a key | round trips | requests | capacity |\n| --- | --- | --- | --- |\n" +
		"| the first time: the key is looked up, its idempotency record is one action of the commit, the answer is kept | +2 | +2 | +4 |\n" +
		"| again: the key is looked up, and nothing else | 1 | 1 | 1 for each KB of the answer |\n" +
		"| refused: the key is looked up before and after | +2 | +2 | +2 |\n")
	if *update {
		if err := os.WriteFile(budgetsFile, []byte(b.String()), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	got, err := os.ReadFile(budgetsFile)
	if err != nil || string(got) != b.String() {
		t.Errorf("infra/budgets.md is not what the tests hold; run go test ./shared/operation -run Documented -update (%v)", err)
	}
}
