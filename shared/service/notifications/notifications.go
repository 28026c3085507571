// Package notifications has the use cases of notifications.
package notifications

import (
	"context"
	"time"

	"profiles/shared/access"
	"profiles/shared/flow"
	"profiles/shared/problem"
	"profiles/shared/service/core"
	"profiles/shared/service/teams"
	"profiles/shared/store"
	"profiles/shared/tenancy"
	"profiles/shared/value"
)

// Service has the operations on the messages in an account's panel.
type Service struct {
	*core.Base
	teams teams.Service
}

// New returns the operations on notifications.
func New(on *core.Base, teams teams.Service) Service { return Service{on, teams} }

// Query selects and pages a list of notifications.
type Query struct {
	Read        *bool // nil: both
	Text        string
	Type        tenancy.NotificationType // empty: any
	From, To    string                   // see value.ParseSpan
	OldestFirst bool
	core.Paging
}

// filtered reports whether the query selects some of the notifications.
func (q Query) filtered() bool {
	return q.Read != nil || q.Text != "" || q.Type != "" || q.From != "" || q.To != ""
}

// List returns the caller's notifications, newest first unless told otherwise.
// Errors: ErrNoToken, ErrInvalidToken; CodeInvalid naming the parameter.
func (s Service) List(
	ctx context.Context,
	c access.Client,
	q Query,
) (list core.List[tenancy.Notification], err error) {
	if q.Type != "" {
		if err := tenancy.ParseNotificationType(q.Type); err != nil {
			return list, err
		}
	}
	if err := q.Check(value.IsID); err != nil {
		return list, err
	}
	who, err := s.Access.AuthorizeAccount(ctx, c, nil)
	if err != nil {
		return list, err
	}
	now := s.Instant()
	from, to, err := value.ParseSpan(q.From, q.To, who.Account.Zone())
	if err != nil {
		return list, err
	}
	list, err = core.ReadList(q.Paging, q.filtered(),
		func(pageSize int) func(func(tenancy.Notification, error) bool) {
			return s.Store.Notifications(ctx, who.Account.ID, store.Walk{
				NewestFirst: !q.OldestFirst, PageSize: pageSize, After: q.After,
			})
		},
		func(n tenancy.Notification) bool {
			return n.Kept(now) &&
				!n.Created.Before(from) && (to.IsZero() || n.Created.Before(to)) &&
				(q.Type == "" || n.Kind() == q.Type) && (q.Read == nil || n.Read == *q.Read) &&
				(q.Text == "" || value.Matches(q.Text, n.Title))
		},
		func(n tenancy.Notification) string { return string(n.ID) },
	)
	if err != nil {
		return list, err
	}
	return list, s.open(ctx, list.Rows, now)
}

// open finds out which invitations in a list can still be answered: they may
// have been by mail, renewed, withdrawn, or too old.
func (s Service) open(ctx context.Context, list []tenancy.Notification, now time.Time) error {
	found := map[int]*store.Found[tenancy.Invitation]{}
	batch := s.Store.Batch()
	for i, n := range list {
		if n.Invitation == "" {
			continue
		}
		if found[i] = batch.Invitation(n.Invitation); len(found)%core.BatchSize == 0 {
			if err := batch.Get(ctx); err != nil {
				return err
			}
			batch = s.Store.Batch()
		}
	}
	if err := batch.Get(ctx); err != nil {
		return err
	}
	for i, f := range found {
		list[i].Open = f.OK && f.Value.Answerable(now) == nil
	}
	return nil
}

// Create adds a notification for the caller's own account. Errors: those of
// every request with a token; CodeForbidden for a read token; CodeInvalid
// naming the field.
func (s Service) Create(
	ctx context.Context,
	c access.Client,
	title, message string,
	read bool,
) (tenancy.NotificationID, error) {
	who, err := s.Access.AuthorizeAccount(ctx, c, nil)
	if err != nil {
		return "", err
	}
	now := s.Instant()
	n, err := tenancy.NewNotification(
		tenancy.NotificationID(s.NewID(now)),
		who.Account.ID,
		title,
		message,
		read,
		now,
	)
	if err != nil {
		return "", err
	}
	tx := s.Store.Begin()
	tx.Notify(n)
	return n.ID, tx.Commit(ctx, c.Origin())
}

// maxRead is how many notifications one request may mark: what fits into a
// transaction.
const maxRead = 100

// MarkRead marks notifications of the caller as read or unread, all or none.
// Errors: those of Create; CodeInvalid for none or more than 100; CodeNotFound
// for one that is not there.
func (s Service) MarkRead(
	ctx context.Context,
	c access.Client,
	ids []tenancy.NotificationID,
	read bool,
) error {
	who, err := s.Access.AuthorizeAccount(ctx, c, nil)
	if err != nil {
		return err
	}
	seen := map[tenancy.NotificationID]bool{}
	tx := s.Store.Begin()
	for _, id := range ids {
		if !seen[id] {
			tx.ReadNotification(who.Account.ID, id, read, problem.NotFound("Notification"))
		}
		seen[id] = true
	}
	if len(seen) == 0 || len(seen) > maxRead {
		return problem.InvalidField("notification_ids", problem.FieldLength, "must have 1 to %d ids", maxRead).
			Bound(maxRead)
	}
	return tx.Commit(ctx, c.Origin())
}

// MarkAllRead marks all of the caller's notifications as read, a hundred in a
// commit. Marking again what is marked does no harm. Errors: those of Create.
func (s Service) MarkAllRead(ctx context.Context, c access.Client) error {
	who, err := s.Access.AuthorizeAccount(ctx, c, nil)
	if err != nil {
		return err
	}
	tx, n := s.Store.Begin(), 0
	newest := store.Walk{NewestFirst: true}
	for unread, err := range s.Store.Notifications(ctx, who.Account.ID, newest) {
		if err != nil {
			return err
		}
		if unread.Read {
			continue
		}
		tx.ReadNotification(who.Account.ID, unread.ID, true, problem.ErrConflict)
		if n++; n == maxRead {
			if err := tx.CommitAside(ctx, c.Origin()); err != nil {
				return err
			}
			tx, n = s.Store.Begin(), 0
		}
	}
	if n == 0 {
		return nil
	}
	return tx.CommitAside(ctx, c.Origin())
}

// UseAction presses a button of a notification: it accepts or refuses the
// invitation that the notification carries. Errors: those of Create;
// CodeNotFound for a notification or a button that is not there; those of
// Teams.Accept.
func (s Service) UseAction(
	ctx context.Context,
	c access.Client,
	id tenancy.NotificationID,
	button string,
) error {
	how, known := map[string]teams.Ending{
		tenancy.ButtonAccept: teams.Accepted, tenancy.ButtonRefuse: teams.Declined,
	}[button]
	_, err := flow.RetryOnConflict(ctx, func() (struct{}, error) {
		var found *store.Found[tenancy.Notification]
		who, err := s.Access.AuthorizeAccount(
			ctx,
			c,
			func(b *store.Batch, a value.AccountID) { found = b.Notification(a, id) },
		)
		if err != nil {
			return struct{}{}, err
		}
		now := s.Instant()
		n := found.Value
		if !found.OK || !n.Kept(now) {
			return struct{}{}, problem.NotFound("Notification")
		}
		if n.Invitation == "" || !known {
			return struct{}{}, problem.NotFound("Button")
		}
		batch := s.Store.Batch()
		invitation := batch.Invitation(n.Invitation)
		if err := batch.Get(ctx); err != nil {
			return struct{}{}, err
		}
		if !invitation.OK {
			return struct{}{}, tenancy.ErrVoidInvitation
		}
		return struct{}{}, s.teams.Answer(
			ctx,
			c,
			invitation.Value,
			who.Account,
			who.Token,
			how,
			func(tx *store.Tx) {
				tx.ReadNotification(who.Account.ID, id, true, problem.ErrConflict)
			},
			now,
		)
	})
	return err
}

// Delete removes a notification of the caller. Errors: those of every request
// with a token; CodeForbidden without full permission; CodeNotFound.
func (s Service) Delete(ctx context.Context, c access.Client, id tenancy.NotificationID) error {
	who, err := s.Access.AuthorizeAccount(ctx, c, nil)
	if err != nil {
		return err
	}
	tx := s.Store.Begin()
	tx.DeleteNotification(who.Account.ID, id, problem.NotFound("Notification"))
	return tx.Commit(ctx, c.Origin())
}
