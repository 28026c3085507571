package service

import (
	"time"

	"profiles/shared/auditlog"
	"profiles/shared/mailing"
	"profiles/shared/secret"
	"profiles/shared/store"
	"profiles/shared/tenancy"
	"profiles/shared/value"
)

// records make what the commits of all services contain beside their effect:
// audit entries, notifications and mails.
type records struct {
	newID func(now time.Time) string
	keys  secret.Keys
}

// auditEntry begins the audit entry of a change that a person made.
func (r records) auditEntry(
	log string,
	t tenancy.Token,
	resource, id, message string,
	now time.Time,
) auditlog.Entry {
	return auditlog.Entry{
		ID: r.newID(now), Log: log, Time: now, Resource: resource, ResourceID: id, Message: message,
		Who: string(t.Account), Token: t.ID,
	}
}

// accountEntry is an audit entry of an account's own log for what happens
// without a token.
func (r records) accountEntry(id value.AccountID, message string, now time.Time) auditlog.Entry {
	return r.auditEntry(string(id), tenancy.Token{Account: id}, "account", string(id), message, now)
}

// to addresses a notification to an account.
func (r records) to(a value.AccountID, n tenancy.Notification, now time.Time) tenancy.Notification {
	n.ID, n.Account, n.Created = tenancy.NotificationID(r.newID(now)), a, now
	return n
}

// notice is a notification for an account.
func (r records) notice(
	a value.AccountID,
	title, message string,
	now time.Time,
) tenancy.Notification {
	return r.to(a, tenancy.Notification{Title: title, Message: message}, now)
}

// notifyFactors adds a mail and a notification about second factors.
func (r records) notifyFactors(tx *store.Tx, a tenancy.Account, what string, now time.Time) {
	r.sendTo(tx, a, mailing.Factors{Name: a.Name, What: what, When: now}, now)
	tx.Notify(r.notice(a.ID, "Two-factor authentication", what, now))
}

// send puts a mail to an address into the outbox. zone is that of the reader's
// account, empty for a reader without one.
func (r records) send(tx *store.Tx, to value.Email, zone string, m mailing.Mail, now time.Time) {
	message := mailing.New(mailing.ID(r.newID(now)), to, zone, m, now)
	tx.Send(message, SealMail(r.keys, message))
}

// sendTo puts a mail to the person of an account into the outbox.
func (r records) sendTo(tx *store.Tx, a tenancy.Account, m mailing.Mail, now time.Time) {
	r.send(tx, a.Email, a.Timezone, m, now)
}
