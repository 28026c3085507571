package event_test

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	"profiles/shared/auditlog"
	"profiles/shared/event"
	"profiles/shared/value"
)

var entry = auditlog.Entry{
	ID: "0123456789abcdef01234567", Log: "00000000000000000000000a",
	Time: time.Date(2030, time.March, 14, 9, 26, 53, 589_000_000, time.UTC), Resource: "token",
	ResourceID: "Sample00", Message: "Token created", Who: "00000000000000000000000b",
	Token: "Secret00", Source: "192.0.2.1", Request: "request",
	Changes: []auditlog.Change{
		{Field: "name", After: "gateway"}, {Field: auditlog.FieldAllowList, After: "192.0.2.0/24"},
	},
}

// An event has the id, the time and the changes of its entry, and neither
// network addresses nor the token of the request.
func TestTheEventOfAnEntry(t *testing.T) {
	t.Parallel()
	kind, text := event.Encode(entry, event.Subject{Profile: "00000000000000000000000a"}, 7)
	const want = `{"id":"0123456789abcdef01234567","type":"token.created",` +
		`"timestamp":"2030-03-14T09:26:53.589Z","sequence":7,"data":{` +
		`"profile":"00000000000000000000000a","account":null,"resource":"token",` +
		`"resource_id":"Sample00","message":"Token created","who":"00000000000000000000000b",` +
		`"changes":[{"field":"name","before":"","after":"gateway"},` +
		`{"field":"allow_list","before":"","after":""}]}}`
	if kind != "token.created" || string(text) != want {
		t.Errorf("got %s\n%s\nwant\n%s", kind, text, want)
	}
	_, text = event.Test("x", "w", event.Subject{Account: "a"}, "a", entry.Time)
	var b event.Body
	if err := json.Unmarshal(text, &b); err != nil || b.Sequence != nil || b.Data.Profile != nil ||
		*b.Data.Account != value.AccountID("a") || b.Type != "webhook.test" {
		t.Errorf("a test is %s, %v", text, err)
	}
}

// An entry that no rule names has an event all the same.
func TestEveryEntryHasAnEvent(t *testing.T) {
	t.Parallel()
	e := entry
	e.Message = "Token painted"
	if kind, known := event.Of(e); known || kind != "token.changed" {
		t.Errorf("got %s, known %v", kind, known)
	}
	if kind, known := event.Of(entry); !known || kind != "token.created" {
		t.Errorf("got %s, known %v", kind, known)
	}
}

// Each rule gives a type that the catalogue has, and each type of the catalogue
// is given by a rule; no rule hides another one.
func TestRulesAndTypesAgree(t *testing.T) {
	t.Parallel()
	given := map[event.Type]bool{}
	for _, r := range event.Rules() {
		kind, known := event.Of(auditlog.Entry{Resource: r[0], Message: r[1]})
		if !known || string(kind) != r[2] {
			t.Errorf("%q of %s is %s, want %s", r[1], r[0], kind, r[2])
		}
		given[kind] = true
	}
	for _, f := range event.Types() {
		if !given[f.Type] || f.What == "" || !strings.Contains(string(f.Type), ".") {
			t.Errorf("%s is made of nothing, or has no words: %q", f.Type, f.What)
		}
		delete(given, f.Type)
	}
	for kind := range given {
		t.Errorf("the catalogue lacks %s", kind)
	}
}

func TestPatterns(t *testing.T) {
	t.Parallel()
	for _, s := range []string{"*", "token.*", "token.created"} {
		if !event.IsPattern(s) || !event.Type("token.created").Selects([]string{"team.*", s}) {
			t.Errorf("%q does not select token.created", s)
		}
	}
	for _, s := range []string{"", "token", "token.", "token.x", "*.created", "tok*", "Token.*"} {
		if event.IsPattern(s) || event.Type("token.created").Selects([]string{s}) {
			t.Errorf("%q is a pattern", s)
		}
	}
	if !event.Type("token.created").Selects(nil) {
		t.Error("no patterns do not select all")
	}
}
