package store

import (
	"context"
	"iter"

	"profiles/shared/billing"
	"profiles/shared/plan"
	"profiles/shared/tenancy"
	"profiles/shared/value"
)

const kindNotification Kind = "notification"

func notificationKey(a value.AccountID, id tenancy.NotificationID) key {
	return key{kindNotification, "N#" + string(a), string(id)}
}

type notificationItem struct {
	key
	ID         string `dynamodbav:"id"`
	Account    string `dynamodbav:"account"`
	Title      string `dynamodbav:"title"`
	Message    string `dynamodbav:"message"`
	Type       string `dynamodbav:"type,omitempty"`
	Ref        string `dynamodbav:"ref,omitempty"`
	Read       bool   `dynamodbav:"read"`
	Created    int64  `dynamodbav:"created"`
	Invitation string `dynamodbav:"invitation,omitempty"`
	TTL        int64  `dynamodbav:"ttl"`

	Alert *limitAlertAttribute `dynamodbav:"alert,omitempty"`
}

// limitAlertAttribute has amounts in parts of a unit.
type limitAlertAttribute struct {
	Profile string `dynamodbav:"profile"`
	Service string `dynamodbav:"service"`
	Percent int64  `dynamodbav:"percent"`
	Used    int64  `dynamodbav:"used"`
	Limit   int64  `dynamodbav:"limit"`
	Resets  int64  `dynamodbav:"resets,omitempty"`
}

func limitAlertFrom(a *tenancy.LimitAlert) *limitAlertAttribute {
	if a == nil {
		return nil
	}
	return &limitAlertAttribute{
		Profile: a.Profile, Service: a.Service.String(), Percent: a.Percent,
		Used: a.Used, Limit: a.Limit, Resets: millis(a.Resets),
	}
}

func (a *limitAlertAttribute) value() *tenancy.LimitAlert {
	if a == nil {
		return nil
	}
	service, _ := plan.ParseService(a.Service)
	return &tenancy.LimitAlert{
		ThresholdAlert: billing.ThresholdAlert{
			Service: service, Percent: a.Percent, Used: a.Used, Limit: a.Limit,
		},
		Profile: a.Profile, Resets: fromMillis(a.Resets),
	}
}

func notificationFrom(n tenancy.Notification) notificationItem {
	return notificationItem{
		key: notificationKey(n.Account, n.ID), ID: string(n.ID), Account: string(n.Account),
		Title: n.Title, Message: n.Message, Type: string(n.Type), Ref: n.Ref, Read: n.Read,
		Created: millis(n.Created), Invitation: string(n.Invitation),
		TTL: n.Created.Add(tenancy.NotificationLife).Unix(), Alert: limitAlertFrom(n.Alert),
	}
}

func (i notificationItem) value() tenancy.Notification {
	return tenancy.Notification{
		ID: tenancy.NotificationID(i.ID), Account: value.AccountID(i.Account), Title: i.Title,
		Message: i.Message, Type: tenancy.NotificationType(i.Type), Ref: i.Ref, Read: i.Read,
		Created: fromMillis(i.Created), Invitation: value.CodeID(i.Invitation),
		Alert: i.Alert.value(),
	}
}

// Notification adds a notification of an account to the batch.
func (b *Batch) Notification(
	a value.AccountID,
	id tenancy.NotificationID,
) *Found[tenancy.Notification] {
	return want(b, notificationKey(a, id), notificationItem.value)
}

// Notifications iterates over the notifications of an account, ordered by time.
// The position of one is its id.
func (s *Store) Notifications(
	ctx context.Context,
	a value.AccountID,
	walk Walk,
) iter.Seq2[tenancy.Notification, error] {
	return decoded(s.query(ctx, walk.over(notificationKey(a, "").PK, "")), notificationItem.value)
}

// Notify adds a notification.
func (tx *Tx) Notify(n tenancy.Notification) { tx.put(notificationFrom(n), condition{}) }

// ReadNotification marks a notification as read or unread. It fails with gone
// if there is none.
func (tx *Tx) ReadNotification(
	a value.AccountID,
	id tenancy.NotificationID,
	read bool,
	gone error,
) {
	tx.update(
		notificationKey(a, id),
		"SET #read = :read",
		item{":read": boolean(read)},
		condition{"attribute_exists(PK)", nil, gone},
	)
}

// DeleteNotification removes a notification. It fails with gone if there is
// none.
func (tx *Tx) DeleteNotification(a value.AccountID, id tenancy.NotificationID, gone error) {
	tx.delete(notificationKey(a, id), condition{"attribute_exists(PK)", nil, gone})
}

// PurgeNotifications removes a page of an account's notifications, and reports
// whether none is left. It can be repeated, also at the same time.
func (s *Store) PurgeNotifications(
	ctx context.Context,
	a value.AccountID,
) (done bool, err error) {
	tx := s.Begin()
	for n, err := range s.Notifications(ctx, a, Walk{PageSize: purgePage}) {
		if err != nil {
			return false, err
		}
		tx.delete(notificationKey(a, n.ID), condition{})
		if len(tx.steps) == purgePage {
			return false, tx.CommitAside(ctx, Origin{})
		}
	}
	if len(tx.steps) == 0 {
		return true, nil
	}
	return true, tx.CommitAside(ctx, Origin{})
}
