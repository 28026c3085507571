// Package audit has the use cases of audit logs, and of their chain.
package audit

import (
	"context"
	"time"

	"profiles/shared/access"
	"profiles/shared/auditlog"
	"profiles/shared/plan"
	"profiles/shared/service/core"
	"profiles/shared/store"
)

// Service has the operations on the logs of what was changed.
type Service struct{ *core.Base }

// New returns the operations on audit logs.
func New(on *core.Base) Service { return Service{on} }

// Page is what a query found.
type Page struct {
	Entries []auditlog.Entry
	Scanned int
	Next    string         // where to go on; empty: there is no more
	Zone    *time.Location // where the reader is, if the query is one that needs it
}

// Cut is the page with its first n entries only, at least one.
func (p Page) Cut(n int) Page {
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
func (s Service) Query(
	ctx context.Context,
	c access.Client,
	ref access.ProfileRef,
	p auditlog.Params,
) (Page, error) {
	q, err := auditlog.ParseQuery(p, s.Instant())
	if err != nil && !q.Local { // what a date alone means is known when the caller is
		return Page{}, err
	}
	r, err := s.Access.AuthorizeProfile(ctx, c, ref, nil)
	if err != nil {
		return Page{}, err
	}
	if err := r.RequireAuditor(); err != nil {
		return Page{}, err
	}
	zone := time.UTC
	if q.Local {
		// The owner's profile tells all but where the reader is.
		batch := s.Store.Batch()
		reader := batch.Account(r.Token.Account)
		if err := batch.Get(ctx); err != nil {
			return Page{}, err
		}
		zone = reader.Value.Zone()
		if q, err = auditlog.ParseQuery(p, s.Instant().In(zone)); err != nil {
			return Page{}, err
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
func (s Service) QueryAccount(
	ctx context.Context, c access.Client, p auditlog.Params,
) (Page, error) {
	q, err := auditlog.ParseQuery(p, s.Instant())
	if err != nil && !q.Local { // what a date alone means is known when the caller is
		return Page{}, err
	}
	who, err := s.Access.AuthorizeAccount(ctx, c, nil)
	if err != nil {
		return Page{}, err
	}
	if q, err = auditlog.ParseQuery(p, s.Instant().In(who.Account.Zone())); err != nil {
		return Page{}, err
	}
	page, err := s.find(ctx, string(who.Account.ID), who.Account.Plan, q)
	page.Zone = who.Account.Zone()
	return page, err
}

// find answers a query from a log.
func (s Service) find(
	ctx context.Context,
	log string,
	chosen plan.Plan,
	q auditlog.Query,
) (Page, error) {
	if q.Filtered() && chosen == plan.Free {
		return Page{}, chosen.Lacks(
			"The plan free has the audit log without filters: leave out resourceName, resourceID, who and find, or choose the plan starter or scale",
		)
	}
	pageSize := q.Limit + 1
	if q.Filtered() {
		pageSize = core.ScanPage
	}
	walk := s.Store.AuditEntries
	if q.Newest {
		walk = s.Store.LastAuditEntries
	}
	want := q.Limit
	if q.File {
		want++ // one more shows that the file would not have all
	}
	found, err := core.ReadPage(
		walk(ctx, log, q.From, q.To, q.After, pageSize), want, q.Bound(), q.Selects,
	)
	page := Page{Entries: found.Rows, Scanned: found.Scanned}
	switch {
	case len(page.Entries) > q.Limit:
		page = page.Cut(q.Limit)
	case found.More:
		page.Next = store.AuditCursor(found.Last)
	}
	return page, err
}

// Latest returns the newest entries of a log, at most so many, whatever the
// plan. The caller has made sure that the reader owns it. Errors: those of the
// table.
func (s Service) Latest(ctx context.Context, log string, most int) ([]auditlog.Entry, error) {
	now := s.Instant()
	from, to := auditlog.OldestKept(now), now.Add(time.Second)
	return core.First(s.Store.LastAuditEntries(ctx, log, from, to, "", most), most)
}
