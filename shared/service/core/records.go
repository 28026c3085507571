package core

import (
	"time"

	"profiles/shared/auditlog"
	"profiles/shared/mailing"
	"profiles/shared/secret"
	"profiles/shared/store"
	"profiles/shared/tenancy"
	"profiles/shared/value"
)

// Records makes what the commits of all services have beside their effect:
// audit entries, notifications and mails.
type Records struct {
	newID func(now time.Time) string
	keys  secret.Keys
}

// AuditEntry begins the audit entry of a change that a person made.
func (r Records) AuditEntry(
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

// AccountEntry returns an audit entry of an account's own log, for a change
// that is made without a token.
func (r Records) AccountEntry(id value.AccountID, message string, now time.Time) auditlog.Entry {
	return r.AuditEntry(string(id), tenancy.Token{Account: id}, "account", string(id), message, now)
}

// To addresses a notification to an account.
func (r Records) To(a value.AccountID, n tenancy.Notification, now time.Time) tenancy.Notification {
	n.ID, n.Account, n.Created = tenancy.NotificationID(r.newID(now)), a, now
	return n
}

// Notice returns a notification for an account.
func (r Records) Notice(
	a value.AccountID,
	title, message string,
	now time.Time,
) tenancy.Notification {
	return r.To(a, tenancy.Notification{Title: title, Message: message}, now)
}

// NotifyFactors adds a mail and a notification about second factors.
func (r Records) NotifyFactors(tx *store.Tx, a tenancy.Account, what string, now time.Time) {
	r.SendTo(tx, a, mailing.Factors{Name: a.Name, What: what, When: now}, now)
	tx.Notify(r.Notice(a.ID, "Two-factor authentication", what, now))
}

// Send puts a mail to an address into the outbox. zone is that of the reader's
// account, empty for a reader without one.
func (r Records) Send(tx *store.Tx, to value.Email, zone string, m mailing.Mail, now time.Time) {
	message := mailing.New(mailing.ID(r.newID(now)), to, zone, m, now)
	tx.Send(message, SealMail(r.keys, message))
}

// SendTo puts a mail to the person of an account into the outbox.
func (r Records) SendTo(tx *store.Tx, a tenancy.Account, m mailing.Mail, now time.Time) {
	r.Send(tx, a.Email, a.Timezone, m, now)
}

// Changing returns the entry with the fields that differ.
func Changing(e auditlog.Entry, fields ...auditlog.Change) auditlog.Entry {
	e.Changes = append(e.Changes, auditlog.Differences(fields...)...)
	return e
}

// LastZone is where a day ends last.
var LastZone = time.FixedZone("UTC-12", -12*60*60)
