package operation

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"net/url"
	"strings"

	"profiles/shared/auditlog"
	"profiles/shared/httpapi"
	"profiles/shared/problem"
	"profiles/shared/service"
	"profiles/shared/service/audit"
	"profiles/shared/value"
)

var AuditGet = Operation{
	Name:    "audit-get",
	Tag:     "Audit log",
	Summary: "Returns the audit log of a profile, at most 7 days of it, for its owner and members with full permission.",
	Routes:  []Route{{"GET", "/profile/{id}/auditlog"}},
	Access:  Read,
	Zones:   true,
	Call:    list[auditParams, oneOf[auditView, httpapi.File]](auditGet),
	Refuses: []problem.Reason{
		problem.ReasonForbidden,
		problem.ReasonAnswerTooLarge,
		problem.ReasonPlanLacks,
	},
	Example: Example{Path: "/profile/current/auditlog"},
}

func auditGet(
	ctx context.Context,
	s *service.Services,
	r *request,
	q auditParams,
) (oneOf[auditView, httpapi.File], error) {
	return auditOf(r.URL.RawQuery, q, profileLog(ctx, s, r))
}

var AuditQuery = Operation{
	Name:    "audit-query",
	Tag:     "Audit log",
	Summary: "Returns the answer to an earlier query of the audit log again, by the id of the query.",
	Routes:  []Route{{"GET", "/profile/{id}/auditlog/{query}"}},
	Access:  Read,
	Zones:   true,
	Call:    list[auditMore, oneOf[auditView, httpapi.File]](auditQuery),
	Refuses: []problem.Reason{problem.ReasonForbidden, problem.ReasonPlanLacks},
	Example: Example{Path: "/profile/current/auditlog/cT9saW1pdD0xMA"},
}

func auditQuery(
	ctx context.Context,
	s *service.Services,
	r *request,
	q auditMore,
) (oneOf[auditView, httpapi.File], error) {
	return auditAgain(r, q, profileLog(ctx, s, r))
}

var AccountAuditGet = Operation{
	Name:    "account-audit-get",
	Tag:     "Audit log",
	Summary: "Returns the audit log of the account, at most 7 days of it: sign-ins and changes.",
	Routes:  []Route{{"GET", "/account/auditlog"}},
	Access:  Full,
	Zones:   true,
	Call:    list[auditParams, oneOf[auditView, httpapi.File]](accountAuditGet),
	Example: Example{Path: "/account/auditlog"},
}

func accountAuditGet(
	ctx context.Context,
	s *service.Services,
	r *request,
	q auditParams,
) (oneOf[auditView, httpapi.File], error) {
	return auditOf(r.URL.RawQuery, q, accountLog(ctx, s, r))
}

var AccountAuditQuery = Operation{
	Name:    "account-audit-query",
	Tag:     "Audit log",
	Summary: "Returns the answer to an earlier query of the account's audit log again, by the id of the query.",
	Routes:  []Route{{"GET", "/account/auditlog/{query}"}},
	Access:  Full,
	Zones:   true,
	Call:    list[auditMore, oneOf[auditView, httpapi.File]](accountAuditQuery),
	Example: Example{Path: "/account/auditlog/cT9saW1pdD0xMA"},
}

func accountAuditQuery(
	ctx context.Context,
	s *service.Services,
	r *request,
	q auditMore,
) (oneOf[auditView, httpapi.File], error) {
	return auditAgain(r, q, accountLog(ctx, s, r))
}

var AuditSeal = Operation{
	Name:    "audit-seal",
	Tag:     "Audit log",
	Summary: "Seals audit entries as they are written, each to the one before it in its log.",
	Trigger: Stream,
	Of:      "L#",
	Seals:   true,
	Tells:   true,
	handle:  auditSeal,
}

func auditSeal(ctx context.Context, s *service.Services, records []Record) []error {
	items := make([]audit.Item, len(records))
	for i, r := range records {
		items[i].PK, items[i].SK, items[i].Written = r.PK, r.SK, r.Written
	}
	return s.Chain.SealItems(ctx, items)
}

// auditParams are the parameters of a query. A text in them may be of any
// length.
type auditParams struct {
	// the first day, or the first instant, in the time zone of the account
	Start string `query:"start_date"   is:"date"`
	// the last day, or the last instant, in the time zone of the account
	End      string `query:"end_date"     is:"date"`
	Resource string `query:"resourceName" is:"text"` // the kind of the thing that was changed
	ID       string `query:"resourceID"   is:"text"` // the id of the thing that was changed
	Ref      string `query:"ref_id"       is:"text"` // another name for resourceID
	Who      string `query:"who"          is:"text"` // the id of the account that made the change
	// a text in the message, in which * stands for any characters
	Find string `query:"find" is:"text"`
	// how many entries to return at most, up to 1000; 100 if it is left out
	Limit string `query:"limit"     is:"whole"`
	// the position from which to go on: nextToken of the answer before
	Next   string `query:"nextToken" is:"text"`
	Format string `query:"format"    is:"audit_format"` // json, or a file: csv or ndjson
	// asc for the oldest entry first, as without it, or desc for the newest
	Order string `query:"order" is:"direction"`
}

// auditMore is where to go on in the answer to a query.
type auditMore struct {
	// the position from which to go on: nextToken of the answer before
	Next string `query:"nextToken" is:"text"`
}

// lookUp answers a query from one log.
type lookUp func(auditlog.Params) (audit.Page, error)

func profileLog(ctx context.Context, s *service.Services, r *request) lookUp {
	return func(p auditlog.Params) (audit.Page, error) {
		ref, err := r.profile()
		if err != nil {
			return audit.Page{}, err
		}
		return s.Audit.Query(ctx, r.client, ref, p)
	}
}

func accountLog(ctx context.Context, s *service.Services, r *request) lookUp {
	return func(p auditlog.Params) (audit.Page, error) {
		return s.Audit.QueryAccount(ctx, r.client, p)
	}
}

// auditAgain answers a query that has the id of an earlier one.
func auditAgain(r *request, more auditMore, find lookUp) (oneOf[auditView, httpapi.File], error) {
	var none oneOf[auditView, httpapi.File]
	var q auditParams
	query, err := base64.RawURLEncoding.DecodeString(r.PathValue("query"))
	rest, ok := strings.CutPrefix(string(query), auditID)
	values, bad := url.ParseQuery(rest)
	if err != nil || !ok || bad != nil || httpapi.CheckQuery(rest, AuditGet.Params()) != nil ||
		httpapi.ReadQuery(rest, &q) != nil {
		return none, problem.NotFound("Query")
	}
	if more.Next != "" {
		q.Next = more.Next
		values.Set("nextToken", more.Next)
		rest = values.Encode()
	}
	return auditOf(rest, q, find)
}

// auditID is the prefix of the ids of queries. An id is never empty, and
// another text is recognised as no id.
const auditID = "q?"

// auditOf answers a query. The id of a query is the encoded query itself, so
// that nothing is stored for it.
func auditOf(query string, q auditParams, find lookUp) (oneOf[auditView, httpapi.File], error) {
	var none oneOf[auditView, httpapi.File]
	file := auditlog.IsFile(q.Format)
	if q.Format != "" && q.Format != "json" && !file {
		return none, problem.InvalidField(
			"format",
			problem.FieldChoice,
			"must be json, csv or ndjson",
		)
	}
	page, err := find(auditlog.Params(q))
	if err != nil {
		return none, err
	}
	events := make([]auditEvent, len(page.Entries))
	size, encoded := 0, 0
	for i, e := range page.Entries {
		events[i] = viewEntry(e)
		if file {
			events[i].Local, events[i].Timezone = value.LocalTime(
				e.Time,
				page.Zone,
			), page.Zone.String()
		} else {
			row, _ := json.Marshal(events[i])
			// A page ends where the answer has no room for another entry.
			if encoded += httpapi.EncodedSize(row) + 1; encoded > httpapi.BodyLimit-auditRest &&
				i > 0 {
				page, events = page.Cut(i), events[:i]
				break
			}
		}
		size += len(e.Message)
	}
	if file && page.Next != "" {
		// A file has no place for where to go on, and one that is cut would
		// look whole.
		what := "more than %d entries match: raise limit, up to 1000, or ask for a shorter span"
		n := len(events)
		if page.Scanned >= auditlog.MaxFileScanned {
			what, n = "the span has more than %d entries to search: ask for a shorter one", page.Scanned
		}
		return none, problem.Invalid(what, n).For(problem.ReasonAnswerTooLarge)
	}
	switch q.Format {
	case "csv":
		return second[auditView](auditCSV(events)), nil
	case "ndjson":
		return second[auditView](
			httpapi.File{
				Name: "auditlog.ndjson",
				Type: "application/x-ndjson",
				Body: auditLines(events),
			},
		), nil
	}
	return first[auditView, httpapi.File](auditView{
		ID: base64.RawURLEncoding.EncodeToString(
			[]byte(auditID + query),
		),
		Status:     "Complete",
		Events:     events,
		Next:       orNull(page.Next),
		Statistics: auditStatistics{len(events), page.Scanned, size},
	}), nil
}

// viewEntry is an entry as its reader sees it.
func viewEntry(e auditlog.Entry) auditEvent {
	event := auditEvent{
		ID:         e.ID,
		Resource:   e.Resource,
		Message:    e.Message,
		ResourceID: e.ResourceID,
		Who:        e.Who,
		Date:       isoTime(e.Time),
		Source:     orNull(e.Source),
		Request:    orNull(e.Request),
		Token:      orNull(string(e.Token)),
		Changes:    []auditChange{},
	}
	for _, c := range e.Changes {
		event.Changes = append(event.Changes, auditChange(c))
	}
	return event
}

// auditRest is what an answer has beside its entries: the query, which is in it
// in base64, and the cursor.
const auditRest = 64 << 10

type auditView struct {
	// the id of the query; a request with this id gets the answer again
	ID         string          `json:"queryId"    is:"text"`
	Status     string          `json:"status"     is:"text"` // always Complete
	Events     []auditEvent    `json:"events"`               // the entries, in the order of the query
	Statistics auditStatistics `json:"statistics"`           // how many entries were searched and found
	// the position from which to go on; null when there are no more entries. A
	// request with filters searches at most 1,000 entries, so an answer may
	// have a position and few entries, or none
	Next *string `json:"nextToken" is:"text"`
}

type auditStatistics struct {
	Matched int `json:"recordsMatched"` // how many entries match
	Scanned int `json:"recordsScanned"` // how many entries were searched
	// the size of the messages of the entries that match, in bytes
	Bytes int `json:"bytesScanned"`
}

type auditEvent struct {
	ID         string `json:"id" is:"text"`           // the id of the entry
	Resource   string `json:"resourceName" is:"text"` // the kind of the thing that was changed
	Message    string `json:"message"      is:"text"` // what happened
	ResourceID string `json:"resourceID" is:"text"`   // the id of the thing that was changed
	// the id of the account that made the change, or system
	Who  string `json:"who"                  is:"text"`
	Date string `json:"date"                 is:"time"` // when the change was made
	// the date in the time zone of the account; in files only
	Local string `json:"local_date,omitempty"`
	// the time zone of local_date; in files only
	Timezone string `json:"timezone,omitempty" is:"timezone"`
	// the network address that the request came from; null for requests of
	// other members and for unknown addresses
	Source *string `json:"source" is:"text"`
	// the id of the request; null for requests of other members
	Request *string `json:"request" is:"text"`
	// the id of the token of the request; null for requests without a token and
	// of other members
	Token *string `json:"token" is:"text"`
	// what changed, field by field
	Changes []auditChange `json:"changes"`
}

type auditChange struct {
	Field  string `json:"field"  is:"text"` // the name of the field
	Before string `json:"before" is:"text"` // the value before the change; empty for none
	After  string `json:"after"  is:"text"` // the value after the change; empty for none
}

func auditCSV(events []auditEvent) httpapi.File {
	rows := [][]string{
		{
			"date",
			"local_date",
			"timezone",
			"who",
			"resourceName",
			"resourceID",
			"message",
			"source",
			"request",
			"token",
			"changes",
		},
	}
	or := func(s *string) string {
		if s == nil {
			return ""
		}
		return *s
	}
	for _, e := range events {
		rows = append(rows, []string{
			e.Date,
			e.Local,
			e.Timezone,
			e.Who,
			e.Resource,
			e.ResourceID,
			e.Message,
			or(e.Source),
			or(e.Request),
			or(e.Token),
			httpapi.JSONText(e.Changes),
		})
	}
	return httpapi.CSV("auditlog.csv", rows)
}

func auditLines(events []auditEvent) string {
	var b strings.Builder
	for _, e := range events {
		b.WriteString(httpapi.JSONText(e) + "\n")
	}
	return b.String()
}
