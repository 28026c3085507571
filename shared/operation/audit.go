package operation

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"net/url"
	"strings"

	"profiles/shared/httpapi"
	"profiles/shared/service"
	"profiles/shared/tenancy"
)

var AuditGet = Operation{
	Name: "audit-get", Tag: "Audit log", Summary: "Returns what was changed in a profile, of at most 7 days: for its owner, and members with full permission.",
	Routes: []Route{{"GET", "/profile/{id}/auditlog"}}, Access: Read, Zones: true, params: []string{"start_date", "end_date", "resourceName", "resourceID", "ref_id", "who", "find", "limit", "nextToken", "format"}, answer: auditGet,
	Example: Example{Path: "/profile/current/auditlog"},
}

func auditGet(ctx context.Context, s *service.Services, r *request) (any, error) {
	return auditOf(r.URL.RawQuery, profileLog(ctx, s, r))
}

var AuditQuery = Operation{
	Name: "audit-query", Tag: "Audit log", Summary: "Returns the answer to a query of the audit log once more, by the id that it was given.",
	Routes: []Route{{"GET", "/profile/{id}/auditlog/{query}"}}, Access: Read, Zones: true, params: []string{"nextToken"}, answer: auditQuery,
	Example: Example{Path: "/profile/current/auditlog/bGltaXQ9MTA"},
}

func auditQuery(ctx context.Context, s *service.Services, r *request) (any, error) {
	return auditAgain(r, profileLog(ctx, s, r))
}

var AccountAuditGet = Operation{
	Name: "account-audit-get", Tag: "Audit log", Summary: "Returns what happened to the account itself, of at most 7 days: sign-ins and changes.",
	Routes: []Route{{"GET", "/account/auditlog"}}, Access: Full, Zones: true, params: []string{"start_date", "end_date", "resourceName", "resourceID", "ref_id", "who", "find", "limit", "nextToken", "format"}, answer: accountAuditGet,
	Example: Example{Path: "/account/auditlog"},
}

func accountAuditGet(ctx context.Context, s *service.Services, r *request) (any, error) {
	return auditOf(r.URL.RawQuery, accountLog(ctx, s, r))
}

var AccountAuditQuery = Operation{
	Name: "account-audit-query", Tag: "Audit log", Summary: "Returns the answer to a query of the account's audit log once more, by the id that it was given.",
	Routes: []Route{{"GET", "/account/auditlog/{query}"}}, Access: Full, Zones: true, params: []string{"nextToken"}, answer: accountAuditQuery,
	Example: Example{Path: "/account/auditlog/bGltaXQ9MTA"},
}

func accountAuditQuery(ctx context.Context, s *service.Services, r *request) (any, error) {
	return auditAgain(r, accountLog(ctx, s, r))
}

var AuditSeal = Operation{
	Name: "audit-seal", Tag: "Audit log", Summary: "Seals audit entries as they are written, each to the one before it in its log.",
	Trigger: Stream, Of: "L#", Seals: true, handle: auditSeal,
}

func auditSeal(ctx context.Context, s *service.Services, r Record) error {
	return s.Chain.SealItem(ctx, r.PK, r.SK, r.Written)
}

// lookUp answers a query, whose parameters text gives, from one log.
type lookUp func(text func(string) string) (service.AuditPage, error)

func profileLog(ctx context.Context, s *service.Services, r *request) lookUp {
	return func(text func(string) string) (service.AuditPage, error) {
		ref, err := r.profile()
		if err != nil {
			return service.AuditPage{}, err
		}
		return s.Audit.Query(ctx, r.client, ref, text)
	}
}

func accountLog(ctx context.Context, s *service.Services, r *request) lookUp {
	return func(text func(string) string) (service.AuditPage, error) {
		return s.Audit.QueryAccount(ctx, r.client, text)
	}
}

// auditAgain answers a query by its id.
func auditAgain(r *request, find lookUp) (any, error) {
	query, err := base64.RawURLEncoding.DecodeString(r.PathValue("query"))
	rest, ok := strings.CutPrefix(string(query), auditID)
	values, bad := url.ParseQuery(rest)
	if err != nil || !ok || bad != nil || httpapi.CheckQuery(rest, AuditGet.Params()) != nil {
		return nil, tenancy.NotFound("Query")
	}
	if next := texts(r.URL.RawQuery)("nextToken"); next != "" {
		values.Set("nextToken", next)
		rest = values.Encode()
	}
	return auditOf(rest, find)
}

// auditID begins the id of a query, so that none is empty and other texts are none.
const auditID = "q?"

// auditOf answers a query. Its id is the query itself: nothing is kept for it, and it is complete at once.
func auditOf(query string, find lookUp) (any, error) {
	text := texts(query)
	format := text("format")
	file := tenancy.IsAuditFile(format)
	if format != "" && format != "json" && !file {
		return nil, tenancy.InvalidField("format", "must be json, csv or ndjson")
	}
	page, err := find(text)
	if err != nil {
		return nil, err
	}
	events := make([]auditEvent, len(page.Entries))
	size, encoded := 0, 0
	for i, e := range page.Entries {
		events[i] = auditEvent{
			Resource: e.Resource, Message: e.Message, ResourceID: e.ResourceID, Who: e.Who, Date: isoTime(e.Time), Source: orNull(e.Source),
			Request: orNull(e.Request), Token: orNull(string(e.Token)), Changes: []auditChange{},
		}
		for _, c := range e.Changes {
			events[i].Changes = append(events[i].Changes, auditChange(c))
		}
		if file {
			events[i].Local, events[i].Timezone = tenancy.LocalTime(e.Time, page.Zone), page.Zone.String()
		} else {
			row, _ := json.Marshal(events[i])
			// A page ends where the answer has no room for another entry.
			if encoded += httpapi.EncodedSize(row) + 1; encoded > httpapi.BodyLimit-auditRest && i > 0 {
				page, events = page.Cut(i), events[:i]
				break
			}
		}
		size += len(e.Message)
	}
	if file && page.Next != "" {
		// A file has no place for where to go on, and one that is cut would look whole.
		return nil, tenancy.Invalid("more than %d entries match: raise limit, up to 1000, or ask for a shorter span", len(events)).
			For(tenancy.ReasonAnswerTooLarge)
	}
	switch format {
	case "csv":
		return auditCSV(events), nil
	case "ndjson":
		return httpapi.File{Name: "auditlog.ndjson", Type: "application/x-ndjson", Body: auditLines(events)}, nil
	}
	return auditView{
		ID: base64.RawURLEncoding.EncodeToString([]byte(auditID + query)), Status: "Complete", Events: events, Next: orNull(page.Next),
		Statistics: auditStatistics{len(events), page.Scanned, size},
	}, nil
}

// auditRest is what an answer has beside its entries: the query, which is in it
// in base64, and the cursor.
const auditRest = 64 << 10

type auditView struct {
	ID         string          `json:"queryId"`
	Status     string          `json:"status"`
	Events     []auditEvent    `json:"events"`
	Statistics auditStatistics `json:"statistics"`
	Next       *string         `json:"nextToken"`
}

type auditStatistics struct {
	Matched int `json:"recordsMatched"`
	Scanned int `json:"recordsScanned"`
	Bytes   int `json:"bytesScanned"`
}

type auditEvent struct {
	Resource   string        `json:"resourceName"`
	Message    string        `json:"message"`
	ResourceID string        `json:"resourceID"`
	Who        string        `json:"who"`
	Date       string        `json:"date"`
	Local      string        `json:"local_date,omitempty"` // in files only
	Timezone   string        `json:"timezone,omitempty"`
	Source     *string       `json:"source"`
	Request    *string       `json:"request"`
	Token      *string       `json:"token"`
	Changes    []auditChange `json:"changes"`
}

type auditChange struct {
	Field  string `json:"field"`
	Before string `json:"before"`
	After  string `json:"after"`
}

func auditCSV(events []auditEvent) httpapi.File {
	rows := [][]string{{"date", "local_date", "timezone", "who", "resourceName", "resourceID", "message", "source", "request", "token", "changes"}}
	or := func(s *string) string {
		if s == nil {
			return ""
		}
		return *s
	}
	for _, e := range events {
		rows = append(rows, []string{
			e.Date, e.Local, e.Timezone, e.Who, e.Resource, e.ResourceID, e.Message, or(e.Source), or(e.Request), or(e.Token), httpapi.JSONText(e.Changes),
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
