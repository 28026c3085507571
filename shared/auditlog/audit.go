package auditlog

import (
	"slices"
	"strconv"
	"time"

	"profiles/shared/problem"
	"profiles/shared/value"
)

// Entry records one accepted change. It commits with the change.
type Entry struct {
	ID         string
	Log        string // the id of the profile, or of the account if no profile is concerned
	Time       time.Time
	Resource   string // the kind of thing changed, such as "profile"
	ResourceID string
	Message    string // short, past tense: "Profile updated"
	Who        string // the acting account's id, or the name of a scheduled operation
	Token      value.TokenID
	Source     string // the network address that the request came from; empty: none
	Request    string // the id of the request, as in its answer and its log line
	Changes    []Change
}

// Change is one changed field. Changes of secrets are not recorded.
type Change struct{ Field, Before, After string }

// Changed returns a field with its values before and after a change, for
// Differences.
func Changed(field, before, after string) Change { return Change{field, before, after} }

// FieldAllowList is the field whose values are network addresses.
const FieldAllowList = "allow_list"

// ForMember returns the entry as a member of the profile sees it. Only the
// owner sees the network addresses of requests, and the allow-lists of tokens
// of others.
func (e Entry) ForMember(member value.AccountID) Entry {
	e.Source, e.Request = "", ""
	e.Changes = slices.Clone(e.Changes)
	for i, c := range e.Changes {
		if c.Field == FieldAllowList && e.Who != string(member) {
			e.Changes[i].Before, e.Changes[i].After = "", ""
		}
	}
	return e
}

// Query selects entries of a log.
type Query struct {
	Resource   string // the kind of thing; empty: any
	ResourceID string
	Who        string // the acting account's id, or the name of a scheduled operation; empty: any
	Text       string // in the message; '*' stands for any text
	From, To   time.Time
	Limit      int
	After      string // the position to continue from; empty: the beginning
	Newest     bool   // newest first
	File       bool   // the answer is a file, which has no pages
	// Local says that the answer depends on the reader's time zone: a date of
	// the span has no time of day, or the answer is a file, which has local
	// times.
	Local bool
}

// Bounds of a query. Source: the original's audit log page.
const (
	MaxSpan       = 7 * 24 * time.Hour
	auditLimit    = 100
	MaxAuditLimit = 1000

	// MaxScanned is how many entries one request searches for those that its
	// filters select, and MaxFileScanned how many for a file.
	MaxScanned     = 1000
	MaxFileScanned = 10_000

	// auditSlack is how much longer than MaxSpan a span may be, for "the last 7
	// days" of a client: its clock may differ, and seven days have 169 hours
	// when summer time ends.
	auditSlack = 24 * time.Hour
)

// Filtered reports whether the query selects more than a span of time.
func (q Query) Filtered() bool {
	return q.Resource != "" || q.ResourceID != "" || q.Who != "" || q.Text != ""
}

// Bound is how many entries one request searches; 0 is no bound, as a query
// without filters finds all that it reads.
func (q Query) Bound() int {
	if !q.Filtered() {
		return 0
	}
	if q.File {
		return MaxFileScanned
	}
	return MaxScanned
}

// Selects reports whether an entry matches the filters of the query.
func (q Query) Selects(e Entry) bool {
	return (q.Resource == "" || q.Resource == e.Resource) &&
		(q.ResourceID == "" || q.ResourceID == e.ResourceID) &&
		(q.Who == "" || q.Who == e.Who) &&
		(q.Text == "" || value.Matches(q.Text, e.Message))
}

// IsFile reports whether a format of an audit log is a file, which has no
// pages.
func IsFile(format string) bool { return format == "csv" || format == "ndjson" }

// Params are the parameters of a query as clients write them; an empty one is
// missing.
type Params struct {
	Start, End             string // dates, or instants
	Resource, ID, Ref, Who string // Ref is another name of ID
	Find                   string
	Limit, Next, Format    string
	Order                  string // asc, as without one, or desc
}

// ParseQuery reads a query as clients write it. A date without a time of day is
// that whole day in the zone of now. Without an end, the query spans 7 days
// from its start, or the time up to now if that is less; without a start, the 7
// days up to its end; without either, the last 7 days. Errors: CodeInvalid
// naming the parameter.
func ParseQuery(p Params, now time.Time) (Query, error) {
	q := Query{
		Resource:   p.Resource,
		ResourceID: p.ID,
		Who:        p.Who,
		Text:       p.Find,
		Limit:      auditLimit,
		After:      p.Next,
		File:       IsFile(p.Format),
	}
	if ref := p.Ref; ref != "" {
		if q.ResourceID != "" && q.ResourceID != ref {
			return q, problem.Invalid(
				"resourceID and ref_id are one parameter, and have different values: send one of them",
			)
		}
		q.ResourceID = ref
	}
	start, end := p.Start, p.End
	q.Local = value.IsDateAlone(start) || value.IsDateAlone(end) || q.File
	var err error
	if q.From, q.To, err = value.ParseSpan(start, end, now.Location()); err != nil {
		return q, err
	}
	switch {
	case q.To.IsZero() && q.From.IsZero():
		q.From, q.To = now.Add(-MaxSpan), now
	case q.To.IsZero():
		if !q.From.Before(now) {
			return q, problem.InvalidField(
				"start_date",
				problem.FieldRange,
				"must be before now, or send an end_date after it",
			)
		}
		if q.To = q.From.AddDate(0, 0, 7); q.To.After(now) {
			q.To = now
		}
	case q.From.IsZero():
		q.From = q.To.AddDate(0, 0, -7)
	case q.To.Sub(q.From) > MaxSpan+auditSlack:
		return q, problem.Invalid("one query spans at most 7 days: send a start_date and an end_date that are closer, or a start_date alone").
			At("start_date", "end_date")
	}
	switch p.Order {
	case "", "asc":
	case "desc":
		q.Newest = true
	default:
		return q, problem.InvalidField("order", problem.FieldChoice, "must be asc or desc")
	}
	if after := q.After; after != "" && !isPosition(after) {
		return q, problem.InvalidField(
			"nextToken",
			problem.FieldFormat,
			"must be one that a query has given",
		)
	}
	if limit := p.Limit; limit != "" {
		n, err := strconv.Atoi(limit)
		if err != nil || n < 1 || n > MaxAuditLimit {
			return q, problem.InvalidField("limit", problem.FieldRange, "must be a whole number from 1 to %d", MaxAuditLimit).
				Bound(MaxAuditLimit)
		}
		q.Limit = n
	}
	return q, nil
}

// keptMonths is how long entries are stored. Source: the original's audit log
// page.
const keptMonths = 6

// Kept returns the time until which the entry is stored.
func (e Entry) Kept() time.Time { return e.Time.AddDate(0, keptMonths, 0) }

// OldestKept returns the time before which no entry is stored any more.
func OldestKept(now time.Time) time.Time { return now.AddDate(0, -keptMonths, 0) }

// isPosition reports whether a text is the position of an entry: a time of 13
// digits and an id.
func isPosition(s string) bool {
	id, ok := value.CutPosition(s)
	return ok && value.IsID(id)
}

// Differences returns the fields whose values differ before and after.
func Differences(fields ...Change) (changes []Change) {
	for _, f := range fields {
		if f.Before != f.After {
			changes = append(changes, f)
		}
	}
	return changes
}
