package operation

import (
	"context"
	"encoding/json"
	"time"

	"profiles/shared/auditlog"
	"profiles/shared/httpapi"
	"profiles/shared/service"
	"profiles/shared/service/tokens"
	"profiles/shared/value"
)

// AccountExport is a POST although it only reads what the account has: a
// browser sends no body with a GET, and a password has no place in a URL or a
// header, which logs and caches keep.
var AccountExport = Operation{
	Name:    "account-export",
	Tag:     "Account",
	Summary: "Returns everything about the account that the token acts for, for one file; asks for the password.",
	Routes:  []Route{{"POST", "/account/export"}},
	Access:  Full,
	Hashes:  true,
	Zones:   true,
	Call:    call[credentialsBody, exportView](accountExport),
	Example: Example{Path: "/account/export", Body: `{"password": "demo lantern otter"}`},
}

const (
	// exportRows is how many rows of a list an export has at most. Audit logs
	// share what is left in the answer instead.
	exportRows = 1000
	// exportEntries is how many entries of an audit log are looked at.
	exportEntries = 5000
	// exportMonths is how many months of usage it has: as many as are kept.
	exportMonths = 13
)

func accountExport(
	ctx context.Context, s *service.Services, r *request, b credentialsBody,
) (exportView, error) {
	admitted, err := s.Accounts.Export(ctx, r.client, b.credentials())
	if err != nil {
		return exportView{}, err
	}
	a := admitted.Account
	e := &export{s: s, r: r, at: admitted.At, view: exportView{
		Created:   isoTime(admitted.At),
		Factors:   []exportFactor{},
		Roles:     rolesOf(a.Type),
		RoleSince: timeOrNull(a.RoleSince),
		Profiles:  []exportProfile{}, Shared: []profileRow{}, More: []exportMore{},
	}}
	for _, f := range a.Factors {
		e.view.Factors = append(e.view.Factors, exportFactor{string(f.Factor), isoTime(f.Since)})
	}
	if admitted.Stop != nil {
		e.view.MailStop = timeOrNull(admitted.Stop.Ends())
	}
	if err := service.Parallel(ctx, e.account(string(a.ID))...); err != nil {
		return exportView{}, err
	}
	// The months of a profile are read at the same time. The SDK's client has
	// retries for some 35 requests that fail together; two profiles have more.
	for i := range e.view.Profiles {
		if err := service.Parallel(ctx, e.profile(&e.view.Profiles[i])...); err != nil {
			return exportView{}, err
		}
	}
	e.fill()
	return e.view, nil
}

// export is an export that is being made. Each part is what the operation of
// that part answers to the same caller, so that nothing shows here that the
// caller does not see elsewhere.
type export struct {
	s       *service.Services
	r       *request
	at      time.Time
	view    exportView
	entries []auditlog.Entry // of the account's log, newest first
}

// part reads a part of an export with an operation that takes a path alone.
func part[T any](e *export, into *T, of get[T]) func(context.Context) error {
	return func(ctx context.Context) (err error) {
		*into, err = of(ctx, e.s, e.r)
		return err
	}
}

// account are the reads of what an account has.
func (e *export) account(id string) []func(context.Context) error {
	v := &e.view
	return []func(context.Context) error{
		part(e, &v.Account, wholeAccount),
		func(ctx context.Context) error {
			list, err := profileListAnswer(ctx, e.s, e.r)
			for _, p := range list {
				if p.FromShare == nil {
					v.Profiles = append(v.Profiles, exportProfile{id: p.ID})
				} else {
					v.Shared = append(v.Shared, p)
				}
			}
			return err
		},
		func(ctx context.Context) (err error) {
			q := deletedProfileQuery{httpapi.Paging{Page: 1, Amount: exportRows}}
			v.Deleted, _, err = profileDeleted(ctx, e.s, e.r, q)
			return err
		},
		part(e, &v.Sessions, sessionList),
		part(e, &v.Webhooks, webhookList),
		part(e, &v.Subscription, subscriptionGet),
		part(e, &v.Schedule, subscriptionSchedule),
		part(e, &v.Billing, billingGet),
		func(ctx context.Context) (err error) {
			q := backupQuery{Paging: httpapi.Paging{Page: 1, Amount: exportRows}}
			v.Backups, _, err = backupList(ctx, e.s, e.r, q)
			return err
		},
		func(ctx context.Context) (err error) {
			v.Charges, _, err = paymentHistory(ctx, e.s, e.r, paymentQuery{Amount: exportRows})
			return err
		},
		func(ctx context.Context) (err error) {
			q := httpapi.List{Paging: httpapi.Paging{Page: 1, Amount: exportRows}}
			v.Notifications, _, err = notificationList(ctx, e.s, e.r, notificationQuery{List: q})
			return err
		},
		func(ctx context.Context) (err error) {
			q := httpapi.Paging{Page: 1, Amount: exportRows}
			v.Transfers, _, err = transferList(ctx, e.s, e.r, q)
			return err
		},
		func(ctx context.Context) (err error) {
			e.entries, err = e.s.Audit.Latest(ctx, id, exportEntries)
			return err
		},
	}
}

// profile are the reads of what an own profile has.
func (e *export) profile(p *exportProfile) []func(context.Context) error {
	r := *e.r
	r.Request = e.r.Clone(e.r.Context())
	r.SetPathValue("id", string(p.id))
	one := &export{s: e.s, r: &r, at: e.at}
	return []func(context.Context) error{
		part(one, &p.Profile, profileGet),
		part(one, &p.Summary, wholeSummary),
		part(one, &p.Webhooks, webhookList),
		part(one, &p.Alerts, alertList),
		func(ctx context.Context) (err error) {
			p.Team, err = teamList(ctx, one.s, one.r, teamQuery{Expired: true})
			return err
		},
		func(ctx context.Context) error {
			// A list of tokens has the secret of the one that asks.
			list, err := e.s.Tokens.List(ctx, e.r.client, service.ProfileRef{ID: p.id},
				tokens.Query{Paging: service.Paging{Page: 1, Amount: exportRows}})
			p.Tokens = make([]tokenRow, len(list.Rows))
			for i, t := range list.Rows {
				p.Tokens[i] = rowOfToken(t)
			}
			return err
		},
		func(ctx context.Context) (err error) {
			p.Statistics, err = statisticsGet(ctx, one.s, one.r, statisticsQuery{
				Start:       isoTime(e.at.AddDate(0, -exportMonths, 0)),
				End:         isoTime(e.at),
				Periodicity: "month",
			})
			return err
		},
		func(ctx context.Context) (err error) {
			p.entries, err = e.s.Audit.Latest(ctx, string(p.id), exportEntries)
			return err
		},
	}
}

// fill adds the audit logs, each up to its share of what the answer has room
// for, and says what is missing.
func (e *export) fill() {
	v := &e.view
	for _, list := range []struct {
		what string
		n    int
	}{
		{"charges", len(v.Charges)},
		{"notifications", len(v.Notifications)},
		{"transfers", len(v.Transfers)},
		{"deleted_profiles", len(v.Deleted)},
		{"backups", len(v.Backups)},
	} {
		if list.n >= exportRows {
			v.More = append(v.More, exportMore{What: list.what})
		}
	}
	v.AuditLog = []auditEvent{}
	for i := range v.Profiles {
		p := &v.Profiles[i]
		p.AuditLog = []auditEvent{}
		if len(p.Tokens) >= exportRows {
			v.More = append(v.More, exportMore{What: "tokens", Profile: &p.id})
		}
	}
	rest, _ := json.Marshal(v)
	share := (httpapi.BodyLimit - exportSpare - httpapi.EncodedSize(rest)) / (len(v.Profiles) + 1)
	log := func(entries []auditlog.Entry, of *value.ProfileID) (events []auditEvent) {
		events = []auditEvent{}
		size := 0
		for _, one := range entries {
			event := viewEntry(one)
			row, _ := json.Marshal(event)
			if size += httpapi.EncodedSize(row) + 1; size > share {
				break
			}
			events = append(events, event)
		}
		if n := len(events); n < len(entries) || n >= exportEntries {
			more := exportMore{What: "audit_log", Profile: of}
			if n > 0 {
				more.Before = &events[n-1].Date
			}
			v.More = append(v.More, more)
		}
		return events
	}
	v.AuditLog = log(e.entries, nil)
	for i := range v.Profiles {
		p := &v.Profiles[i]
		p.AuditLog = log(p.entries, &p.id)
	}
}

// exportSpare is room for the rows of exportView.More, and for the envelope.
const exportSpare = 64 << 10

// exportView is everything about an account.
type exportView struct {
	Created string         `json:"created_at" is:"time"` // when the export was made
	Account accountView    `json:"account"`              // the account, with its addresses
	Factors []exportFactor `json:"second_factors"`       // what signing in asks for besides the password
	// what the operator has made the account besides a customer's
	Roles     []string `json:"roles"      is:"role"`
	RoleSince *string  `json:"role_since" is:"time"` // since when; null for no role
	// until when no mails are sent to the address, because one came back; null
	// when they are sent
	MailStop      *string           `json:"mail_stopped_until" is:"time"`
	Sessions      []sessionRow      `json:"sessions"`      // browsers that are signed in
	Webhooks      []webhookRow      `json:"webhooks"`      // of the account, without their secrets
	Subscription  subscriptionView  `json:"subscription"`  // plan, limits and add-ons
	Schedule      scheduleView      `json:"schedule"`      // what changes with the next renewal
	Billing       billingView       `json:"billing"`       // the billing address
	Charges       []payment         `json:"charges"`       // newest first
	Notifications []notificationRow `json:"notifications"` // newest first, with invitations
	Transfers     []transferRow     `json:"transfers"`     // newest first
	Profiles      []exportProfile   `json:"profiles"`      // the account's own ones
	// the deleted profiles that the account can restore
	Deleted []deletedProfileRow `json:"deleted_profiles"`
	Backups []backupRow         `json:"backups"` // without their files
	// the profiles of others that the account can open
	Shared   []profileRow `json:"shared_profiles"`
	AuditLog []auditEvent `json:"audit_log"` // of the account, newest first
	// what there was no room for, and how to get it; empty for an export that
	// is whole
	More []exportMore `json:"more"`
}

// exportFactor is a second factor, without its secret.
type exportFactor struct {
	Factor string `json:"type"     is:"factor"` // which one
	Since  string `json:"since_at" is:"time"`   // when it was enabled
}

// exportProfile is an own profile with all that it has.
type exportProfile struct {
	id      value.ProfileID
	entries []auditlog.Entry // newest first

	Profile    profileView     `json:"profile"`    // the profile
	Summary    summaryView     `json:"summary"`    // limits and usage
	Team       []memberRow     `json:"team"`       // members and invitations
	Webhooks   []webhookRow    `json:"webhooks"`   // without their secrets
	Alerts     []alertRow      `json:"alerts"`     // its own, with what they stop
	Tokens     []tokenRow      `json:"tokens"`     // without their secrets
	Statistics []statisticsRow `json:"statistics"` // usage by month
	AuditLog   []auditEvent    `json:"audit_log"`  // newest first
}

// exportMore is a list that is longer than what an export has of it. The
// operation of the list has the rest.
type exportMore struct {
	// which list: charges, notifications, transfers, deleted_profiles,
	// backups, tokens or audit_log
	What string `json:"what" is:"text"`
	// the profile whose list it is; null for a list of the account
	Profile *value.ProfileID `json:"profile"`
	// the time of the oldest entry that the export has; null for none
	Before *string `json:"before" is:"time"`
}
