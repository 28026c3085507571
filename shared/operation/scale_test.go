package operation_test

import (
	"fmt"
	"os"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"profiles/infra/price"
	"profiles/shared/service/audit"
	"profiles/shared/testkit"
	"profiles/shared/testkit/scene"
)

// share is a part of the load that docs/scale.md assumes.
type share struct {
	what     string
	scene    string
	thousand float64 // how many of a thousand requests
	request  bool    // a request of a client, not work that follows from one
}

var load = []share{
	{"reads", "profile-summary: own, named in the path", 900, true},
	{"usage reports", "usage-report: in the same hour", 80, true},
	{"changes", "profile-create", 20, true},
	{"seals of their audit entries", "audit-seal: another entry", 20, false},
	{"their mails", "mail-deliver", 4, false},
}

const (
	// busiest is the busiest second as a multiple of the average.
	busiest = 5
	// perAccount is how many requests an account sends in a second.
	perAccount = 0.01
	// passwords is the share of requests that take slowly, cold or with a
	// password, and the others quickly.
	passwords       = 0.1
	slowly, quickly = 150 * time.Millisecond, 15 * time.Millisecond
	million         = 1e6
	scaleUpdate     = "go test ./shared/operation -run Documented -update"
)

// sceneOf is the scene of a name.
func sceneOf(t *testing.T, name string) scene.Scene {
	t.Helper()
	at := slices.IndexFunc(scenes, func(c scene.Scene) bool { return c.Name() == name })
	if at < 0 {
		t.Fatalf("there is no scene %q", name)
	}
	return scenes[at]
}

// The figures in docs/scale.md follow from the budgets and the prices.
func TestScaleIsDocumented(t *testing.T) {
	t.Parallel()
	const file = root + "/docs/scale.md"
	var mix strings.Builder
	var sum, units float64
	for _, s := range load {
		c := sceneOf(t, s.scene)
		api, lambda, table, logs, mail := dollars(c)
		each := api + lambda + table + logs + mail
		part := each * s.thousand / 1000
		sum += part
		writes := c.Cost.Writes
		if isCounted(c.Operation) {
			writes += counted
		}
		units += writes * s.thousand / 1000
		fmt.Fprintf(&mix, "| %s | %s | %.0f,000 | %.0f | %.2f | %.2f |\n",
			s.what, c.Name(), s.thousand, writes, each, part)
	}
	fmt.Fprintf(&mix, "| sum | | | | | %.2f |\n", sum)
	testkit.Documented{
		File: file, Head: "| in a million requests | measured as | number | write units of each | $ per million | $ |",
		Rows: mix.String(), Command: scaleUpdate,
	}.Hold(t, *update)

	var sizes strings.Builder
	for _, times := range []float64{1, 10, 1000} {
		accounts := 1000 * times
		second := accounts * perAccount
		month := second * price.Hours * 3600 / million * sum
		fmt.Fprintf(&sizes, "| %s x | %s | %s | %s | %s |\n", grouped(times), grouped(accounts),
			grouped(second), grouped(second*busiest), grouped(month))
	}
	testkit.Documented{
		File: file, Head: "| size | accounts | requests a second | in the busiest second | $ a month |",
		Rows: sizes.String(), Command: scaleUpdate,
	}.Hold(t, *update)

	seal := sceneOf(t, "audit-seal: another entry").Cost
	// At worst each entry of a batch is in another log.
	sealed := audit.LogsAtOnce /
		(audit.LogsAtOnce*ownTime + time.Duration(seal.Warm+1)*tripTime).Seconds()
	entries := load[3].thousand / 1000
	at := func(limit, each float64) string {
		second := limit / each
		return fmt.Sprintf("%s | %s x", grouped(second), grouped(second/busiest/1000/perAccount))
	}
	took := passwords*slowly.Seconds() + (1-passwords)*quickly.Seconds()
	var limits strings.Builder
	for _, row := range []struct {
		limit string
		at    string
	}{
		{"requests that the stack admits: " + requestRate(t) + " a second",
			at(number(t, requestRate(t)), 1)},
		{fmt.Sprintf("entries that `audit-seal` seals in a shard: %.0f a second", sealed),
			at(sealed, entries)},
		{"requests to API Gateway: 10,000 a second", at(10_000, 1)},
		{"write units of the table: 40,000 a second", at(40_000, units)},
		{"functions at the same time: 1,000", at(1000, took)},
	} {
		fmt.Fprintf(&limits, "| %s | %s |\n", row.limit, row.at)
	}
	testkit.Documented{
		File: file, Head: "| limit | met at requests a second | size |",
		Rows: limits.String(), Command: scaleUpdate,
	}.Hold(t, *update)
}

// requestRate is the rate that the template limits requests to.
func requestRate(t *testing.T) string {
	t.Helper()
	text, err := os.ReadFile(root + "/template.yaml")
	if err != nil {
		t.Fatal(err)
	}
	found := regexp.MustCompile(`\n  RequestRate:\n    Type: Number\n    Default: (\d+)\n`).
		FindStringSubmatch(string(text))
	if found == nil {
		t.Fatal("the template has no RequestRate")
	}
	return found[1]
}

func number(t *testing.T, text string) float64 {
	t.Helper()
	n, err := strconv.ParseFloat(text, 64)
	if err != nil {
		t.Fatal(err)
	}
	return n
}

// grouped writes a number with two significant digits and commas.
func grouped(n float64) string {
	rounded, _ := strconv.ParseFloat(strconv.FormatFloat(n, 'g', 2, 64), 64)
	text := strconv.FormatFloat(rounded, 'f', -1, 64)
	for at := len(text) - 3; at > 0; at -= 3 {
		text = text[:at] + "," + text[at:]
	}
	return text
}

func TestNumbersAreGrouped(t *testing.T) {
	t.Parallel()
	for n, want := range map[float64]string{
		1: "1", 10: "10", 104: "100", 1000: "1,000", 19_417: "19,000", 1_234_567: "1,200,000",
	} {
		if got := grouped(n); got != want {
			t.Errorf("%v: got %q, want %q", n, got, want)
		}
	}
}
