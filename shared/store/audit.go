package store

import (
	"context"
	"iter"
	"time"

	"profiles/shared/auditlog"
	"profiles/shared/value"
)

const kindAuditEntry Kind = "audit-entry"

const auditPrefix = "L#"

func auditKey(e auditlog.Entry) key {
	return key{
		kindAuditEntry,
		auditPrefix + e.Log + "#" + e.Time.UTC().Format("2006-01"),
		sortable(e.Time) + "#" + e.ID,
	}
}

type auditItem struct {
	key
	ID         string            `dynamodbav:"id"`
	Log        string            `dynamodbav:"log"`
	Time       int64             `dynamodbav:"time"`
	Resource   string            `dynamodbav:"resource"`
	ResourceID string            `dynamodbav:"resourceID"`
	Message    string            `dynamodbav:"message"`
	Who        string            `dynamodbav:"who"`
	Token      string            `dynamodbav:"token,omitempty"`
	Source     string            `dynamodbav:"source,omitempty"`
	Request    string            `dynamodbav:"request,omitempty"`
	Changes    []changeAttribute `dynamodbav:"changes,omitempty"`
	TTL        int64             `dynamodbav:"ttl"`
}

type changeAttribute struct {
	Field  string `dynamodbav:"field"`
	Before string `dynamodbav:"before"`
	After  string `dynamodbav:"after"`
}

func auditFrom(e auditlog.Entry) auditItem {
	i := auditItem{
		key: auditKey(e), ID: e.ID, Log: e.Log, Time: millis(e.Time), Resource: e.Resource,
		ResourceID: e.ResourceID, Message: e.Message, Who: e.Who, Token: string(e.Token),
		Source: e.Source, Request: e.Request, TTL: e.Kept().Unix(),
	}
	for _, c := range e.Changes {
		i.Changes = append(i.Changes, changeAttribute(c))
	}
	return i
}

func (i auditItem) value() auditlog.Entry {
	e := auditlog.Entry{
		ID: i.ID, Log: i.Log, Time: fromMillis(i.Time), Resource: i.Resource,
		ResourceID: i.ResourceID, Message: i.Message, Who: i.Who, Token: value.TokenID(i.Token),
		Source: i.Source, Request: i.Request,
	}
	for _, c := range i.Changes {
		e.Changes = append(e.Changes, auditlog.Change(c))
	}
	return e
}

// Audit adds an entry to the audit log that it names.
func (tx *Tx) Audit(e auditlog.Entry) {
	tx.audits = append(tx.audits, len(tx.steps))
	tx.put(auditFrom(e), condition{})
}

// stamp completes the audit entries of a commit.
func (tx *Tx) stamp(o Origin) {
	for _, at := range tx.audits {
		entry := tx.steps[at].Put.Item
		if o.Source != "" {
			entry["source"] = text(o.Source)
		}
		if o.Request != "" {
			entry["request"] = text(o.Request)
		}
	}
}

// AuditEntries iterates over the entries of a log in a time span of at most two
// months, oldest first. It starts after a position (see AuditCursor); "" is the
// beginning. log is the id of a profile or an account. pageSize is how many one
// round trip reads.
func (s *Store) AuditEntries(
	ctx context.Context,
	log string,
	from, to time.Time,
	after string,
	pageSize int,
) iter.Seq2[auditlog.Entry, error] {
	start := sortable(from)
	if position := positionKey(after); position > start {
		start = behind(position)
	}
	end := sortable(to.Add(-time.Millisecond)) + afterHash
	first := time.Date(from.UTC().Year(), from.UTC().Month(), 1, 0, 0, 0, 0, time.UTC)
	var months []time.Time
	for month := first; month.Before(to); month = month.AddDate(0, 1, 0) {
		if sortable(month.AddDate(0, 1, 0)) > start {
			months = append(months, month)
		}
	}
	return s.auditSpans(ctx, log, months, span{from: start, to: end, pageSize: int32(pageSize)})
}

// LastAuditEntries iterates over the same entries, newest first. It starts
// before a position; "" is the end of the span.
func (s *Store) LastAuditEntries(
	ctx context.Context,
	log string,
	from, to time.Time,
	before string,
	pageSize int,
) iter.Seq2[auditlog.Entry, error] {
	end := sortable(to.Add(-time.Millisecond)) + afterHash
	if position := positionKey(before); position != "" && position < end {
		end = ahead(position)
	}
	last := to.Add(-time.Millisecond).UTC()
	month := time.Date(last.Year(), last.Month(), 1, 0, 0, 0, 0, time.UTC)
	var months []time.Time
	for ; month.AddDate(0, 1, 0).After(from); month = month.AddDate(0, -1, 0) {
		if sortable(month) <= end {
			months = append(months, month)
		}
	}
	return s.auditSpans(ctx, log, months, span{
		from: sortable(from), to: end, newestFirst: true, pageSize: int32(pageSize),
	})
}

// auditSpans iterates over a span of a log whose entries are in a partition for
// each month. A round trip to a further month reads only what the one before
// has left of a page.
func (s *Store) auditSpans(
	ctx context.Context, log string, months []time.Time, q span,
) iter.Seq2[auditlog.Entry, error] {
	return func(yield func(auditlog.Entry, error) bool) {
		pageSize, read := q.pageSize, int32(0)
		for _, month := range months {
			q.pk = auditKey(auditlog.Entry{Log: log, Time: month}).PK
			if pageSize > 0 {
				q.pageSize = pageSize - read%pageSize
			}
			for e, err := range decoded(s.query(ctx, q), auditItem.value) {
				if !yield(e, err) || err != nil {
					return
				}
				read++
			}
		}
	}
}

// AuditCursor returns the position of an entry, from which a next page
// continues.
func AuditCursor(e auditlog.Entry) string { return position(auditKey(e).SK) }
