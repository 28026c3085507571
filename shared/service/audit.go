package service

import (
	"context"
	"time"

	"profiles/shared/auditlog"
	"profiles/shared/plan"
	"profiles/shared/store"
	"profiles/shared/tenancy"
)

// changing adds to an entry what has changed.
func changing(e auditlog.Entry, fields ...auditlog.Change) auditlog.Entry {
	e.Changes = append(e.Changes, auditlog.Differences(fields...)...)
	return e
}

// tokenGone are the changes of an entry about a token that is no more.
func tokenGone(t tenancy.Token) []auditlog.Change {
	return []auditlog.Change{
		{Field: "name", Before: t.Name},
		{Field: "permission", Before: t.Permission.String()},
	}
}

// tokenMade are those of one that is new.
func tokenMade(t tenancy.Token) []auditlog.Change {
	return []auditlog.Change{
		{Field: "name", After: t.Name},
		{Field: "permission", After: t.Permission.String()},
		{Field: "expire_time", After: field(t, TokenExpires)},
	}
}

// Audit are the operations on the logs of what was changed.
type Audit struct{ *base }

// AuditPage is what a query found.
type AuditPage struct {
	Entries []auditlog.Entry
	Scanned int
	Next    string         // where to go on; empty: there is no more
	Zone    *time.Location // where the reader is, if the query is one that needs it
}

// Cut is the page with its first n entries only, at least one.
func (p AuditPage) Cut(n int) AuditPage {
	p.Entries = p.Entries[:n]
	p.Next = store.AuditCursor(p.Entries[n-1])
	return p
}

// Query returns entries of a profile's log, oldest first unless the parameters
// say otherwise, to its owner and to
// members with full permission, who see no network addresses and no ids of
// requests. For the parameters see auditlog.ParseQuery. Errors: those of
// every request to a profile; CodeForbidden for other members, and for filters
// with the plan free; CodeInvalid naming the parameter.
func (s Audit) Query(
	ctx context.Context,
	c Client,
	ref ProfileRef,
	p auditlog.Params,
) (AuditPage, error) {
	q, err := auditlog.ParseQuery(p, s.now())
	if err != nil && !q.Local { // what a date alone means is known when the caller is
		return AuditPage{}, err
	}
	r, err := s.access.AuthorizeProfile(ctx, c, ref, nil)
	if err != nil {
		return AuditPage{}, err
	}
	if err := r.RequireAuditor(); err != nil {
		return AuditPage{}, err
	}
	zone := time.UTC
	if q.Local {
		// The owner's profile tells all but where the reader is.
		batch := s.Store.Batch()
		reader := batch.Account(r.Token.Account)
		if err := batch.Get(ctx); err != nil {
			return AuditPage{}, err
		}
		zone = reader.Value.Zone()
		if q, err = auditlog.ParseQuery(p, s.now().In(zone)); err != nil {
			return AuditPage{}, err
		}
	}
	page, err := s.find(ctx, string(r.Profile.ID), r.Profile.Plan, q)
	page.Zone = zone
	if !r.Owned() {
		for i, e := range page.Entries {
			page.Entries[i] = e.ForMember(r.Token.Account)
		}
	}
	return page, err
}

// QueryAccount returns entries of the log of the caller's own account, in the
// order that the parameters say. Errors: ErrNoToken, ErrInvalidToken;
// CodeForbidden for a token without full permission, and for filters with the
// plan free; CodeInvalid naming the parameter.
func (s Audit) QueryAccount(ctx context.Context, c Client, p auditlog.Params) (AuditPage, error) {
	q, err := auditlog.ParseQuery(p, s.now())
	if err != nil && !q.Local { // what a date alone means is known when the caller is
		return AuditPage{}, err
	}
	who, err := s.access.AuthorizeAccount(ctx, c, nil)
	if err != nil {
		return AuditPage{}, err
	}
	if q, err = auditlog.ParseQuery(p, s.now().In(who.Account.Zone())); err != nil {
		return AuditPage{}, err
	}
	page, err := s.find(ctx, string(who.Account.ID), who.Account.Plan, q)
	page.Zone = who.Account.Zone()
	return page, err
}

// find answers a query from a log.
func (s Audit) find(
	ctx context.Context,
	log string,
	chosen plan.Plan,
	q auditlog.Query,
) (AuditPage, error) {
	if q.Filtered() && chosen == plan.Free {
		return AuditPage{}, chosen.Lacks(
			"The plan free has the audit log without filters: leave out resourceName, resourceID, who and find, or choose the plan starter or scale",
		)
	}
	var page AuditPage
	walk := s.Store.AuditEntries
	if q.Newest {
		walk = s.Store.LastAuditEntries
	}
	for e, err := range walk(ctx, log, q.From, q.To, q.After) {
		if err != nil {
			return page, err
		}
		page.Scanned++
		if !q.Selects(e) {
			continue
		}
		if len(page.Entries) == q.Limit {
			page.Next = store.AuditCursor(page.Entries[q.Limit-1])
			break
		}
		page.Entries = append(page.Entries, e)
	}
	return page, nil
}
