package operation_test

import (
	"fmt"
	"math"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"profiles/infra/price"
	"profiles/shared/operation"
	"profiles/shared/plan"
	"profiles/shared/testkit"
	"profiles/shared/testkit/scene"
)

// common are the scenes of the operations that clients and the console send
// most, and of the work that follows a change: the seal of its audit entry, and
// its mail.
var common = []string{
	"profile-get: own, named in the path", "profile-list", "profile-summary: own, named in the path", "account-get",
	"token-info", "session-get", "overview-get: two own and one shared",
	"usage-report: in the same hour", "usage-report: 100 lines", "usage-check",
	"statistics-get: own, a day", "notification-list", "audit-get: own, named in the path",
	"team-list: own, named in the path", "token-list: own, named in the path",
	"account-login", "token-create", "profile-edit", "profile-create", "team-invite: an address with an account",
	"audit-seal: another entry", "mail-deliver",
}

// The time of a request apart from its units. The times are assumed, because
// local engines answer faster than DynamoDB does.
const (
	tripTime     = 5 * time.Millisecond   // a read; a commit takes twice as long
	ownTime      = 3 * time.Millisecond   // without the table
	hashTime     = 100 * time.Millisecond // a password, with 1 GB
	sendTime     = 50 * time.Millisecond  // a mail, with SES
	gatewayBytes = 350                    // its line in the access log
	lineBytes    = 1100                   // the function's own line, and Lambda's
)

// isCounted reports whether requests count against the rate limit of a profile.
func isCounted(o operation.Operation) bool {
	return o.RateGroup() != plan.RateNone && !o.RateGroup().BySource()
}

// dollars is the cost of a million requests of a scene, in parts.
func dollars(c scene.Scene) (api, lambda, table, logs, mail float64) {
	const million = 1e6
	trips, memory, bytes := c.Cost.Warm, 0.25, float64(lineBytes)
	took := ownTime + time.Duration(trips)*tripTime
	if c.Cost.Writes > 0 {
		took += tripTime
	}
	if c.Operation.Hashes {
		took, memory = took+hashTime, 1
	}
	writes := c.Cost.Writes
	if c.Operation.Trigger == operation.HTTP {
		api = price.Requests * million
		bytes += gatewayBytes
	}
	if isCounted(c.Operation) {
		writes += counted
	}
	if c.Operation.Mails {
		took += sendTime
		mail = price.Mail * million
	}
	lambda = (price.Invocation + took.Seconds()*memory*price.Second) * million
	table = (c.Cost.Reads*price.ReadUnit + writes*price.WriteUnit) * million
	return api, lambda, table, bytes * price.LogBytes * million, mail
}

// sum is what a million requests of a scene cost.
func sum(c scene.Scene) float64 {
	api, lambda, table, logs, mail := dollars(c)
	return api + lambda + table + logs + mail
}

// goalOfReads is what a million reads may cost, in dollars, with the count
// against the rate limit.
const goalOfReads = 2.20

// The cost of each read of one round trip in the documents follows from the
// budgets and the prices, and is compared with its goal.
func TestCostOfReadsIsDocumented(t *testing.T) {
	t.Parallel()
	var rows strings.Builder
	for _, c := range scenes {
		if c.Operation.Routes == nil || c.Operation.Routes[0].Method != "GET" ||
			c.Cost.Warm > 1 || c.Cost.Writes > 0 {
			continue
		}
		api, lambda, table, logs, _ := dollars(c)
		served, verdict := api+lambda+table, "met"
		if math.Round(100*served) > math.Round(100*goalOfReads) {
			verdict = "missed"
		}
		fmt.Fprintf(&rows, "| %s | %g | %.2f | %s | %.2f |\n", c.Name(), c.Cost.Reads, served, verdict, served+logs)
	}
	testkit.Documented{
		File: root + "/docs/performance.md",
		Head: "| a million reads | read units | $ without logs | goal | $ with logs |",
		Rows: rows.String(), Command: "go test ./shared/operation -run Documented -update",
	}.Hold(t, *update)
	text, err := os.ReadFile(root + "/docs/performance.md")
	if want := fmt.Sprintf("The goal is $%.2f", goalOfReads); err != nil || !strings.Contains(string(text), want) {
		t.Errorf("docs/performance.md does not say %q (%v)", want, err)
	}
}

// The cost in the documents follows from the budgets and the prices.
func TestCostIsDocumented(t *testing.T) {
	t.Parallel()
	var rows strings.Builder
	for _, name := range common {
		at := slices.IndexFunc(scenes, func(c scene.Scene) bool { return c.Name() == name })
		if at < 0 {
			t.Errorf("there is no scene %q", name)
			continue
		}
		api, lambda, table, logs, mail := dollars(scenes[at])
		fmt.Fprintf(&rows, "| %s | %.2f | %.2f | %.2f | %.2f | %.2f | %.2f |\n",
			name, api, lambda, table, logs, mail, api+lambda+table+logs+mail)
	}
	testkit.Documented{
		File: root + "/docs/operate.md",
		Head: "| $ per million | API | Lambda | table | logs | SES | sum |",
		Rows: rows.String(), Command: "go test ./shared/operation -run Documented -update",
	}.Hold(t, *update)
}

// The documents name the prices and the assumptions that the cost follows from.
func TestAssumptionsOfCostAreDocumented(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile(root + "/docs/operate.md")
	if err != nil {
		t.Fatal(err)
	}
	day, err := time.Parse(time.DateOnly, price.Date)
	if err != nil {
		t.Fatal(err)
	}
	words := strings.Join(strings.Fields(string(text)), " ")
	for _, want := range []string{
		"list prices of " + price.Region + " of " + day.Format("2 January 2006"),
		fmt.Sprintf("Assumed are %d ms for a read of the table and %d ms for a commit, %d ms for the rest, "+
			"%d ms with 1 GB for a password, %d ms for SES, %d bytes in the access log, and 1,%d bytes",
			tripTime.Milliseconds(), 2*tripTime.Milliseconds(), ownTime.Milliseconds(),
			hashTime.Milliseconds(), sendTime.Milliseconds(), gatewayBytes, lineBytes-1000),
	} {
		if !strings.Contains(words, want) {
			t.Errorf("docs/operate.md does not say %q", want)
		}
	}
}

// More work never costs less.
func TestCostFollowsTheWork(t *testing.T) {
	t.Parallel()
	least := scene.Scene{Operation: operation.ProfileGet,
		Cost: scene.Cost{Cold: 1, Warm: 1, Requests: 1, Reads: 1}}
	for what, change := range map[string]func(*scene.Scene){
		"a round trip": func(c *scene.Scene) { c.Cost.Warm++ },
		"a read":       func(c *scene.Scene) { c.Cost.Reads++ },
		"a write":      func(c *scene.Scene) { c.Cost.Writes++ },
		"a password":   func(c *scene.Scene) { c.Operation.Hashes = true },
	} {
		more := least
		change(&more)
		if sum(more) <= sum(least) {
			t.Errorf("%s more costs $%.2f, and without it $%.2f", what, sum(more), sum(least))
		}
	}
}
