package store

import (
	"context"
	"iter"
	"strings"
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
// beginning. log is the id of a profile or an account.
func (s *Store) AuditEntries(
	ctx context.Context,
	log string,
	from, to time.Time,
	after string,
) iter.Seq2[auditlog.Entry, error] {
	return func(yield func(auditlog.Entry, error) bool) {
		first := time.Date(from.UTC().Year(), from.UTC().Month(), 1, 0, 0, 0, 0, time.UTC)
		for month := first; month.Before(to); month = month.AddDate(0, 1, 0) {
			start := sortable(from)
			if position := strings.Replace(after, "-", "#", 1); position > start {
				start = position + afterHash
			}
			q := span{
				pk:   auditKey(auditlog.Entry{Log: log, Time: month}).PK,
				from: start,
				to:   sortable(to.Add(-time.Millisecond)) + afterHash,
			}
			for e, err := range decoded(s.query(ctx, q), auditItem.value) {
				if !yield(e, err) || err != nil {
					return
				}
			}
		}
	}
}

// LastAuditEntries iterates over the same entries, newest first. It starts
// before a position; "" is the end of the span.
func (s *Store) LastAuditEntries(
	ctx context.Context,
	log string,
	from, to time.Time,
	before string,
) iter.Seq2[auditlog.Entry, error] {
	return func(yield func(auditlog.Entry, error) bool) {
		end := sortable(to.Add(-time.Millisecond)) + afterHash
		position := strings.Replace(before, "-", "#", 1)
		if position != "" && position < end {
			end = position
		}
		last := to.Add(-time.Millisecond).UTC()
		month := time.Date(last.Year(), last.Month(), 1, 0, 0, 0, 0, time.UTC)
		for ; month.AddDate(0, 1, 0).After(from); month = month.AddDate(0, -1, 0) {
			if sortable(month) > end {
				continue
			}
			q := span{
				pk:          auditKey(auditlog.Entry{Log: log, Time: month}).PK,
				from:        sortable(from),
				to:          end,
				newestFirst: true,
			}
			for e, err := range decoded(s.query(ctx, q), auditItem.value) {
				if err == nil && auditKey(e).SK == position {
					continue // the last one of the page before
				}
				if !yield(e, err) || err != nil {
					return
				}
			}
		}
	}
}

// AuditCursor returns the position of an entry, from which a next page
// continues. It has no '#', which would end the query of a URL.
func AuditCursor(
	e auditlog.Entry,
) string {
	return strings.Replace(auditKey(e).SK, "#", "-", 1)
}
