package main

import (
	"encoding/json"
	"flag"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"profiles/infra/price"
	"profiles/shared/masterkey"
	"profiles/shared/metric"
	"profiles/shared/operation"
	"profiles/shared/testkit"
	"profiles/shared/transfer"
)

var update = flag.Bool("update", false, "write generated parts of documents anew")

const (
	operate       = "../../docs/operate.md"
	updateCommand = "go test ./infra/generate -run Documented -update"
)

// ofAWS are the metrics that AWS writes by itself, by their namespaces, each
// with the dimension that is used; "" for none. Source: the documents of the
// services.
var ofAWS = map[string]map[string]string{
	"AWS/ApiGateway": {"Count": "ApiId", "4xx": "ApiId", "5xx": "ApiId", "Latency": "ApiId"},
	"AWS/DynamoDB": {
		"TransactionConflict": "TableName", "ReadThrottleEvents": "TableName",
		"WriteThrottleEvents": "TableName", "ConsumedReadCapacityUnits": "TableName",
		"ConsumedWriteCapacityUnits": "TableName",
	},
	"AWS/Lambda": {
		"Invocations": "FunctionName", "IteratorAge": "FunctionName",
		"Throttles": "", "ConcurrentExecutions": "", // of the AWS account
	},
	"AWS/Logs": {"IncomingBytes": "LogGroupName"},
	"AWS/SES":  {"Reputation.BounceRate": "", "Reputation.ComplaintRate": ""},
	"AWS/SQS": {
		"NumberOfMessagesSent": "QueueName", "ApproximateAgeOfOldestMessage": "QueueName",
	},
}

// unwritten says why nothing writes a source; "" if something does.
func (s source) unwritten(filtered []string) string {
	if s.namespace == "" {
		isMetric := slices.ContainsFunc(metric.All(), func(m metric.Metric) bool {
			return m.Name == s.name
		})
		if s.dimension != "" || !isMetric && !slices.Contains(filtered, s.name) {
			return "no function and no filter writes it"
		}
		return ""
	}
	want, known := ofAWS[s.namespace][s.name]
	if got, _, _ := strings.Cut(s.dimension, " "); !known || got != want {
		return "AWS does not write it with these dimensions"
	}
	return ""
}

// filtered are the metrics that filters of logs in the template write.
func filtered(t *testing.T) (names []string) {
	t.Helper()
	text, err := os.ReadFile("../template/stack.yaml")
	if err != nil {
		t.Fatal(err)
	}
	for _, m := range regexp.MustCompile(`MetricName: (\w+), MetricValue`).FindAllStringSubmatch(string(text), -1) {
		names = append(names, m[1])
	}
	return names
}

// Alarms and widgets use only metrics that something writes.
func TestWhatIsWatchedIsWritten(t *testing.T) {
	t.Parallel()
	filters := filtered(t)
	watched := map[string]bool{}
	look := func(where string, those []source) {
		for _, s := range those {
			watched[s.name] = true
			if why := s.unwritten(filters); why != "" {
				t.Errorf("%s: %+v: %s", where, s, why)
			}
		}
	}
	for _, a := range alarms(operation.All()) {
		look(a.name, a.sources)
	}
	for _, q := range questions() {
		for _, w := range q.widgets {
			look(w.title, w.graph)
		}
	}
	for _, m := range metric.All() {
		if !watched[m.Name] {
			t.Errorf("%s is paid for, and nobody looks at it", m.Name)
		}
	}
	for _, name := range filters {
		if !watched[name] {
			t.Errorf("a filter writes %s, and nobody looks at it", name)
		}
	}
	for _, s := range []source{
		{"", "Sales", "", "Sum"}, {"AWS/Lambda", "Throttles", "FunctionName x", "Sum"},
		{"AWS/Nothing", "Count", "", "Sum"}, {"", "SignUps", "Operation x", "Sum"},
	} {
		if s.unwritten(filters) == "" {
			t.Errorf("%+v is taken for a metric that is written", s)
		}
	}
}

// Each metric is written by some code, so that no alarm waits for nothing.
func TestEveryMetricIsWritten(t *testing.T) {
	t.Parallel()
	used := map[string]bool{}
	err := filepath.WalkDir("../../shared", func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if d.IsDir() && slices.Contains([]string{"node_modules", "metric", "testkit"}, d.Name()) {
			return fs.SkipDir
		}
		if !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") {
			return nil
		}
		file, err := parser.ParseFile(token.NewFileSet(), path, nil, 0)
		if err != nil {
			return err
		}
		ast.Inspect(file, func(n ast.Node) bool {
			if s, ok := n.(*ast.SelectorExpr); ok {
				if pkg, ok := s.X.(*ast.Ident); ok && pkg.Name == "metric" {
					used[s.Sel.Name] = true
				}
			}
			return true
		})
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	for _, m := range metric.All() {
		if !used[m.Name] {
			t.Errorf("no code writes %s", m.Name)
		}
	}
}

// wakesForNothing says why an alarm would fire without need, "" if it would
// not.
func (a alarm) wakesForNothing() string {
	switch {
	case a.of < 1 || a.of > a.last || a.period < minute:
		return "it has no usable periods"
	case a.last*a.period > 24*hour:
		return "it looks back for more than a day, which CloudWatch refuses"
	case a.once == "" && a.of < 2:
		return "a single period is enough for it, and nothing says why"
	case a.once != "" && a.of > 1:
		return "it says why one event is enough, and wants several"
	case a.missing == "breaching" && !a.below:
		return "it fires when nothing happens"
	case len(a.sources) == 0 || len(a.sources) > 1 != (a.math != ""):
		return "it does not say how its metrics come together"
	}
	return ""
}

// Each alarm says what is wrong, leads to its part of the run book, and is not
// set off by a single error.
func TestAlarms(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile(operate)
	if err != nil {
		t.Fatal(err)
	}
	_, book, _ := strings.Cut(string(text), "\n## Run book\n")
	book, _, _ = strings.Cut(book, "\n## ")
	sections := map[string]bool{} // by their anchors: whether an alarm leads there
	for _, m := range regexp.MustCompile(`(?m)^### (.+)$`).FindAllStringSubmatch(book, -1) {
		sections[strings.ToLower(strings.ReplaceAll(m[1], " ", "-"))] = false
	}
	names := map[string]bool{}
	for _, a := range alarms(operation.All()) {
		if names[a.name] || a.what == "" || a.limit == "" {
			t.Errorf("got the alarm %+v", a)
		}
		names[a.name] = true
		if why := a.wakesForNothing(); why != "" {
			t.Errorf("%s: %s", a.name, why)
		}
		if _, ok := sections[a.runBook]; !ok {
			t.Errorf("%s leads to docs/operate.md#%s, which is not in the run book", a.name, a.runBook)
		}
		sections[a.runBook] = true
		if !strings.Contains(a.yaml(), "OKActions: [!Ref Alarms]") ||
			!strings.Contains(a.yaml(), "docs/operate.md#"+a.runBook) {
			t.Errorf("%s does not say when it is over, or where to look:\n%s", a.name, a.yaml())
		}
	}
	for section, led := range sections {
		if !led && section != costs {
			t.Errorf("no alarm leads to the section %s of the run book", section)
		}
	}
	if _, ok := sections[costs]; !ok {
		t.Error("the run book says nothing of the budget")
	}
	for what, a := range map[string]alarm{
		"a single error":        {period: minute, of: 1, last: 1, sources: make([]source, 1)},
		"a reason without need": {period: minute, of: 2, last: 2, once: "x", sources: make([]source, 1)},
		"silence": {
			period: minute, of: 2, last: 2, missing: "breaching", sources: make([]source, 1),
		},
		"two metrics side by side": {period: minute, of: 2, last: 2, sources: make([]source, 2)},
		"two days":                 {period: 24 * hour, of: 2, last: 2, sources: make([]source, 1)},
	} {
		if a.wakesForNothing() == "" {
			t.Errorf("%s: nothing is wrong", what)
		}
	}
}

// costs is the section of the run book about the budget, which is no alarm.
const costs = "it-costs-more-than-planned"

// The dashboard is JSON that CloudWatch reads, with its questions in order.
func TestTheDashboard(t *testing.T) {
	t.Parallel()
	text := dashboard(operation.All())
	_, body, _ := strings.Cut(text, "DashboardBody: !Sub\n        - |\n")
	body, names, _ := strings.Cut(body, "        - ")
	if names != usedTable+": "+tableName+"\n" {
		t.Errorf("the names of the dashboard are %q", names)
	}
	var read struct {
		Widgets []struct {
			Type                string
			X, Y, Width, Height int
			Properties          struct {
				Title, Markdown, Query string
				Metrics                [][]any
				Alarms                 []string
			}
		}
	}
	if err := json.Unmarshal([]byte(body), &read); err != nil {
		t.Fatal(err)
	}
	var asked []string
	metrics := map[string]bool{}
	taken := map[[2]int]string{}
	for _, w := range read.Widgets {
		if w.Properties.Markdown != "" {
			asked = append(asked, w.Properties.Markdown)
		}
		for _, m := range w.Properties.Metrics {
			metrics[fmt.Sprint(m)] = true
		}
		if w.Type == "alarm" && len(w.Properties.Alarms) != len(alarms(operation.All())) {
			t.Errorf("%d alarms are shown", len(w.Properties.Alarms))
		}
		for x := w.X; x < w.X+w.Width; x++ {
			for y := w.Y; y < w.Y+w.Height; y++ {
				if other, is := taken[[2]int{x, y}]; is || x >= 24 {
					t.Fatalf("%q lies over %q or outside", w.Properties.Title, other)
				}
				taken[[2]int{x, y}] = w.Properties.Title
			}
		}
	}
	want := "[## Is it up? ## Is it slow? ## Who suffers? ## What changed? ## What does it cost?]"
	if fmt.Sprint(asked) != want {
		t.Errorf("got the questions %v, want %s", asked, want)
	}
	// The first three dashboards of an AWS account are free up to 50 metrics
	// each.
	if len(metrics) > 50 {
		t.Errorf("it shows %d metrics", len(metrics))
	}
}

// The metrics, the alarms and the cost of an idle stack in docs/operate.md are
// those of the code.
func TestOperationIsDocumented(t *testing.T) {
	t.Parallel()
	var rows strings.Builder
	for _, m := range metric.All() {
		fmt.Fprintf(&rows, "| `%s` | %s | %s |\n", m.Name, strings.ToLower(string(m.Unit)), m.What)
	}
	hold := func(head string) {
		t.Helper()
		testkit.Documented{
			File: operate, Head: head, Rows: rows.String(), Command: updateCommand,
		}.Hold(t, *update)
		rows.Reset()
	}
	hold("| metric | unit | what it measures |")
	objective := func(what, target string, by ...string) {
		fmt.Fprintf(&rows, "| %s | %s | %s |\n", what, target, "`"+strings.Join(by, "`, `")+"`")
	}
	objective("requests", fmt.Sprintf("%g %% are not answered with 5xx", 100-failing),
		"AWS/ApiGateway 5xx", "AWS/ApiGateway Count")
	objective("reads", fmt.Sprintf("%g %% take at most %d ms in their function, with its start if they wait for it",
		100-tardy, readLimit), metric.ReadLatency.Name)
	objective("mails", fmt.Sprintf("%g %% reach SES within %d minutes", 100-tardy, mailLimit/minute),
		metric.MailDelay.Name)
	objective("transfers", fmt.Sprintf("support answers first within %g hours", transfer.DeskTarget.Hours()),
		metric.FirstAnswer.Name, metric.TransferLate.Name)
	hold("| what | objective | measured by |")
	for _, a := range alarms(operation.All()) {
		title := strings.ReplaceAll(a.runBook, "-", " ")
		title = strings.ToUpper(title[:1]) + title[1:]
		fmt.Fprintf(&rows, "| `%sAlarm` | %s | %s | [%s](#%s) |\n", a.name, a.what, a.when(), title, a.runBook)
	}
	hold("| alarm | says | fires | run book |")
	sum := 0.0
	row := func(what string, dollars float64) {
		sum += dollars
		fmt.Fprintf(&rows, "| %s | %.2f |\n", what, dollars)
	}
	watched := 0
	for _, a := range alarms(operation.All()) {
		watched += len(a.sources)
	}
	row(fmt.Sprintf("alarms, which read %d metrics", watched), float64(watched)*price.Alarm)
	row("the secret", price.Secret)
	runs, secrets := 0.0, 0.0
	for _, o := range operation.All() {
		if o.Trigger == operation.Schedule {
			runs += float64(price.Hours*time.Hour) / float64(o.Every)
			if o.Keyed() {
				secrets += float64(price.Hours*time.Hour) / float64(max(o.Every, masterkey.Kept))
			}
		}
	}
	row(fmt.Sprintf("%.0f runs of scheduled functions: Lambda", runs),
		runs*(price.Invocation+idleSeconds*0.25*price.Second))
	row("the same: their schedules", runs*price.Schedule)
	row("the same: the table", runs*idleReads*price.ReadUnit)
	row("the same: reads of the secret", secrets*price.SecretRead)
	row("the same: logs", runs*idleBytes*price.LogBytes)
	if sum >= 5 {
		t.Errorf("a stack that nobody uses costs $%.2f a month, want less than 5", sum)
	}
	row("sum", sum)
	hold("| a stack that nobody uses | $ a month |")
}

// A run of a scheduled function that finds nothing takes 8 or 16 queries of the
// index one after the other, and the lines of the log.
const (
	idleSeconds = 0.1
	idleReads   = 5
	idleBytes   = 1500
)

// when is the time until an alarm fires.
func (a alarm) when() string {
	span := func(n int) string {
		d := time.Duration(n*a.period) * time.Second
		switch {
		case d%time.Hour == 0 && d == time.Hour:
			return "an hour"
		case d%time.Hour == 0:
			return fmt.Sprintf("%d hours", d/time.Hour)
		case d == time.Minute:
			return "a minute"
		}
		return fmt.Sprintf("%d minutes", d/time.Minute)
	}
	switch {
	case a.of == 1:
		return "at once, in steps of " + span(1)
	case a.of == a.last:
		return "after " + span(a.of)
	}
	return "after " + span(a.of) + " of " + span(a.last)
}
