package main

import (
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"profiles/shared/metric"
)

var (
	literal = regexp.MustCompile(`'[^']*'|/[^/]*/`)
	named   = regexp.MustCompile(`\bas (\w+)`)
	word    = regexp.MustCompile(`\b[A-Za-z]\w*\b`)
	ofLine  = regexp.MustCompile(`msg = '([^']*)'`)
	fenced  = regexp.MustCompile("(?s)\n```\n(.*?)\n```\n")
)

// syntax are the words of Logs Insights that queries use.
var syntax = strings.Fields("filter stats count sum avg pct by as sort desc limit ispresent and or in like bin m timestamp 1h")

// lineFields are the fields of the lines of functions, from
// shared/app/invocation.go and shared/metric/record.go. A test of shared/app
// checks that lines have them.
var lineFields = strings.Fields("msg operation request status code profile ms cold trips requests reads writes conflicts throttled")

// unknown returns the names in a query that are not fields: neither known
// fields nor those that the query makes itself.
func unknown(query string, known ...string) (names []string) {
	known = slices.Concat(known, syntax)
	for _, m := range named.FindAllStringSubmatch(query, -1) {
		known = append(known, m[1])
	}
	for _, name := range word.FindAllString(literal.ReplaceAllString(query, ""), -1) {
		if !slices.Contains(known, name) {
			names = append(names, name)
		}
	}
	return names
}

// Queries of the dashboard name fields that lines of the log have.
func TestQueriesNameFieldsOfLines(t *testing.T) {
	t.Parallel()
	queries := 0
	for _, q := range questions() {
		for _, w := range q.widgets {
			if w.query == "" {
				continue
			}
			queries++
			if names := unknown(w.query, lineFields...); len(names) > 0 {
				t.Errorf("%s: no line has %q", w.title, names)
			}
		}
	}
	if queries < 5 {
		t.Errorf("only %d queries were read", queries)
	}
}

// bookFields returns the fields that a query of the documents may name. A query
// for one message may name the fields with which the code logs that message;
// one of the access log may name those of the template. Answers of 5xx have the
// error, and each line may have a metric. The result is nil for a message that
// no code logs.
func bookFields(t *testing.T, query, access string) []string {
	t.Helper()
	if strings.Contains(query, "by source") {
		return word.FindAllString(access, -1)
	}
	known := slices.Concat(lineFields, []string{"error"})
	for _, m := range metric.All() {
		known = append(known, m.Name)
	}
	m := ofLine.FindStringSubmatch(query)
	if m == nil {
		return known
	}
	files, err := filepath.Glob("../../shared/service/*/*.go")
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range files {
		source, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		_, call, found := strings.Cut(string(source), `"`+m[1]+`",`)
		if !found || strings.HasSuffix(file, "_test.go") {
			continue
		}
		depth := 1 // of parentheses: the call ends where its own one is closed
		end := strings.IndexFunc(call, func(r rune) bool {
			if r == '(' {
				depth++
			} else if r == ')' {
				depth--
			}
			return depth == 0
		})
		for _, key := range regexp.MustCompile(`"(\w+)"`).FindAllStringSubmatch(call[:end], -1) {
			known = append(known, key[1])
		}
		return known
	}
	return nil
}

// Queries of the run book name messages that the code logs and fields that
// their lines have.
func TestQueriesOfTheRunBook(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile(operate)
	if err != nil {
		t.Fatal(err)
	}
	stack, err := os.ReadFile("../template/stack.yaml")
	if err != nil {
		t.Fatal(err)
	}
	_, access, _ := strings.Cut(string(stack), "AccessLogSettings:")
	access, _, _ = strings.Cut(access, "\n\n")
	queries := 0
	for _, m := range fenced.FindAllStringSubmatch(string(text), -1) {
		query := m[1]
		if !strings.HasPrefix(query, "filter ") && !strings.HasPrefix(query, "stats ") {
			continue
		}
		queries++
		known := bookFields(t, query, access)
		if known == nil {
			t.Errorf("%s: no code logs this message", query)
			continue
		}
		if names := unknown(query, known...); len(names) > 0 {
			t.Errorf("%s: no line has %q", query, names)
		}
	}
	if queries < 10 {
		t.Errorf("only %d queries were read", queries)
	}
	for query, want := range map[string]bool{
		"filter msg = 'a mail came back' | stats count(*) by kind":        true,
		"filter msg = 'a mail came home' | stats count(*) by kind":        false,
		"filter msg = 'a mail came back' | stats count(*) by banana":      false,
		"stats count(*) as calls by source | sort calls desc":             true,
		"stats count(*) as calls by sourceAddress | sort calls desc":      false,
		"filter ispresent(ReadLatency) | stats avg(trips) by operation":   true,
		"filter ispresent(ReadSlowness) | stats avg(trips) by operation":  false,
		"filter error like /AccessDenied/ | stats count(*) by error":      true,
		"filter operation in ['account-create'] | stats count(*) by user": false,
	} {
		known := bookFields(t, query, access)
		if got := known != nil && len(unknown(query, known...)) == 0; got != want {
			t.Errorf("%s: got %t, want %t", query, got, want)
		}
	}
}
