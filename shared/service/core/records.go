package core

import (
	"time"

	"profiles/shared/auditlog"
	"profiles/shared/mailing"
	"profiles/shared/secret"
	"profiles/shared/store"
	"profiles/shared/tenancy"
	"profiles/shared/topic"
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

// NotifyFactors adds a mail and a notification about second factors: what has
// happened, and what it is about, such as the factor.
func (r Records) NotifyFactors(
	tx *store.Tx, a tenancy.Account, e mailing.FactorEvent, about, what string, now time.Time,
) {
	r.SendTo(tx, a, mailing.Factors{
		Name: a.Name, What: mailing.Happened(e, about, what), When: now,
	}, now)
	tx.Notify(r.Notice(a.ID, "Two-factor authentication", what, now))
}

// Send puts a mail to an address into the outbox, unless the reader has
// switched off mails about its topic. reader is the account that reads the
// address, the zero Account if none does. A mail that a reader may do without
// has the code that switches off others like it (see OpenUnsubscription).
func (r Records) Send(
	tx *store.Tx, to value.Email, reader tenancy.Account, m mailing.Mail, now time.Time,
) {
	about := m.Kind().Topic()
	if reader.Preferences.Mail(about) == topic.MailOff {
		return
	}
	message := mailing.New(mailing.ID(r.newID(now)), to, readerOf(reader), m, now)
	switch {
	case reader.ID != "" && about != topic.Security:
		message.Unsubscribe(sealUnsubscription(r.keys, Unsubscription{reader.ID, about, ""}))
	case reader.ID == "" && !m.Kind().Security() && to != mailing.SupportDesk:
		message.Unsubscribe(sealUnsubscription(r.keys, Unsubscription{Email: to}))
	}
	tx.Send(message, SealMail(r.keys, message))
}

func readerOf(a tenancy.Account) mailing.Reader {
	return mailing.Reader{Zone: a.Timezone, Language: a.Language}
}

// SendAt puts a mail that waits for its time into the outbox, in place of the
// one with the same id that was found there. It goes to the address that the
// reader has then, unless mails about its topic are switched off by then.
// Tx.Commit fails with problem.ErrConflict if what was found has changed.
func (r Records) SendAt(
	tx *store.Tx,
	id mailing.ID,
	reader tenancy.Account,
	m mailing.Mail,
	due time.Time,
	found *store.Found[store.OutboxMail],
) {
	message := mailing.New(id, mailing.ToReader(reader.ID), readerOf(reader), m, due)
	message.Unsubscribe(
		sealUnsubscription(r.keys, Unsubscription{reader.ID, m.Kind().Topic(), ""}))
	tx.SendAt(message, SealMail(r.keys, message), found)
}

// SendTo puts a mail to the person of an account into the outbox.
func (r Records) SendTo(tx *store.Tx, a tenancy.Account, m mailing.Mail, now time.Time) {
	r.Send(tx, a.Email, a, m, now)
}

// Notify adds a notification about a topic for an account, unless the account
// has switched those off. A notification about its security, about who may see
// what, or that asks for an answer is added without a look at preferences, by
// Tx.Notify.
func (r Records) Notify(
	tx *store.Tx, a tenancy.Account, about topic.Topic, n tenancy.Notification,
) {
	if a.Preferences.Shows(about) {
		tx.Notify(n)
	}
}

// Changing returns the entry with the fields that differ.
func Changing(e auditlog.Entry, fields ...auditlog.Change) auditlog.Entry {
	e.Changes = append(e.Changes, auditlog.Differences(fields...)...)
	return e
}

// LastZone is where a day ends last.
var LastZone = time.FixedZone("UTC-12", -12*60*60)
