// Package event is the catalogue of events that programs can hear of. An event
// is made of an audit entry and has its id: so no event is without a change,
// and no change is without its event.
package event

import (
	"encoding/json"
	"strings"
	"time"

	"profiles/shared/auditlog"
	"profiles/shared/value"
)

// Type names a kind of event: the kind of the thing that changed, a dot, and
// what happened to it.
type Type string

// rule gives the audit entries of a resource whose message begins with a text
// their type.
type rule struct {
	resource, begins string
	Type
}

// Fact is an event type with a sentence for people.
type Fact struct {
	Type
	What string
}

// Types returns all event types, in the order of the documents.
func Types() []Fact { return facts }

// Of returns the type of an audit entry. known is false for an entry that no
// rule names; it has the type of its resource that says only that something
// changed, so that no change is without its event.
func Of(e auditlog.Entry) (t Type, known bool) {
	for _, r := range rules {
		if r.resource == e.Resource && strings.HasPrefix(e.Message, r.begins) {
			return r.Type, true
		}
	}
	return Type(e.Resource + ".changed"), false
}

// NotForWebhooks is how the message of an alert begins that has not the action
// webhook. Its event goes to the bus of the operator only.
const NotForWebhooks = "Alert reached, not for webhooks: "

// ForWebhooks reports whether webhooks hear of an audit entry.
func ForWebhooks(e auditlog.Entry) bool {
	return e.Resource != "usage" || !strings.HasPrefix(e.Message, NotForWebhooks)
}

// Group is the part of the type before the dot.
func (t Type) Group() string {
	group, _, _ := strings.Cut(string(t), ".")
	return group
}

// IsPattern reports whether a text selects events: "*" for all, a group with
// ".*", or a type.
func IsPattern(s string) bool {
	if s == "*" {
		return true
	}
	for _, f := range facts {
		if s == string(f.Type) || s == f.Group()+".*" {
			return true
		}
	}
	return false
}

// Selects reports whether one of the patterns selects the type. No patterns
// select all types.
func (t Type) Selects(patterns []string) bool {
	if len(patterns) == 0 {
		return true
	}
	for _, p := range patterns {
		if p == "*" || p == string(t) || p == t.Group()+".*" {
			return true
		}
	}
	return false
}

// Subject is what an event is about: a profile, or else an account.
type Subject struct {
	Profile value.ProfileID
	Account value.AccountID
}

// Body is an event as programs get it.
type Body struct {
	ID   string `json:"id"`   // that of the audit entry
	Type Type   `json:"type"` // such as token.created
	// the time of the change, in UTC
	Timestamp string `json:"timestamp"`
	// the number of the entry in its audit log, which rises by one with each
	// event of the profile or account; null for a test
	Sequence *int64 `json:"sequence"`
	Data     Data   `json:"data"`
}

// Data is what has changed.
type Data struct {
	Profile    *value.ProfileID `json:"profile"` // null for an event of an account
	Account    *value.AccountID `json:"account"` // null for an event of a profile
	Resource   string           `json:"resource"`
	ResourceID string           `json:"resource_id"`
	Message    string           `json:"message"`
	// the id of the account that made the change, or the name of a schedule
	Who     string   `json:"who"`
	Changes []Change `json:"changes"`
}

// Change is one field that changed.
type Change struct {
	Field  string `json:"field"`
	Before string `json:"before"`
	After  string `json:"after"`
}

// Encode returns the event of an audit entry as JSON. It has what a member of
// the profile sees of the entry: no network addresses. sequence is the entry's
// number in its log; 0 for none.
func Encode(e auditlog.Entry, of Subject, sequence int64) (Type, []byte) {
	e = e.ForMember("")
	kind, _ := Of(e)
	b := Body{
		ID: e.ID, Type: kind, Timestamp: e.Time.UTC().Format(value.TimeFormat),
		Data: Data{
			Resource: e.Resource, ResourceID: e.ResourceID, Message: e.Message, Who: e.Who,
			Changes: []Change{},
		},
	}
	if sequence > 0 {
		b.Sequence = &sequence
	}
	if of.Profile != "" {
		b.Data.Profile = &of.Profile
	} else {
		b.Data.Account = &of.Account
	}
	for _, c := range e.Changes {
		b.Data.Changes = append(b.Data.Changes, Change(c))
	}
	text, err := json.Marshal(b)
	if err != nil {
		panic(err) // only for what is no text, number or list
	}
	return kind, text
}

// Test returns an event that says only that the webhook is reached.
func Test(id, webhook string, of Subject, who string, now time.Time) (Type, []byte) {
	return Encode(auditlog.Entry{
		ID: id, Time: now, Resource: "webhook", ResourceID: webhook, Message: testMessage, Who: who,
	}, of, 0)
}
