package store

import (
	"context"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"profiles/shared/mailing"
	"profiles/shared/problem"
	"profiles/shared/transfer"
	"profiles/shared/value"
)

const (
	kindMail     Kind = "mail"
	kindMailStop Kind = "mail-stop"
)

const outboxPrefix = "O#"

func messageKey(id mailing.ID) key { return key{kindMail, outboxPrefix + string(id), "O"} }

const (
	// deliveryGrace is how long only the stream delivers a new mail; after that
	// the sweep may.
	deliveryGrace = 10 * time.Second
	// sentLife is how long a delivered mail is stored without its data, for
	// questions about it.
	sentLife = 35 * 24 * time.Hour
)

type messageItem struct {
	key
	due
	ID       string            `dynamodbav:"id"`
	Kind     string            `dynamodbav:"kind"`
	To       string            `dynamodbav:"to"`
	Sealed   []byte            `dynamodbav:"sealed,omitempty"` // the Data of the message
	Data     map[string]string `dynamodbav:"data,omitempty"`   // of mails before sealing
	Created  int64             `dynamodbav:"created"`
	Attempts int               `dynamodbav:"attempts"`
	// Lease is until when a delivery has the mail to itself; nobody has one
	// that waits for its time.
	Lease int64  `dynamodbav:"lease,omitempty"`
	Early int    `dynamodbav:"early,omitempty"`
	Dead  string `dynamodbav:"dead,omitempty"`
	// Ticket and Invitation are those of the message.
	Ticket     string `dynamodbav:"ticket,omitempty"`
	Invitation string `dynamodbav:"invitation,omitempty"`
	Stopped    string `dynamodbav:"stopped,omitempty"`
	Returned   string `dynamodbav:"returned,omitempty"`
	ReturnedAt int64  `dynamodbav:"returnedAt,omitempty"`
	TTL        int64  `dynamodbav:"ttl,omitempty"`
}

func (i messageItem) value() mailing.Message {
	return mailing.Message{
		ID: mailing.ID(i.ID), Kind: mailing.Kind(i.Kind), To: i.To, Data: i.Data,
		Created: fromMillis(i.Created),
		Ticket:  transfer.ID(i.Ticket), Invitation: value.CodeID(i.Invitation),
	}
}

// OutboxMail is a mail of the outbox.
type OutboxMail struct {
	mailing.Message        // its Data is in Sealed, except in mails from before Data was sealed
	Sealed          []byte // nil after the mail is sent or given up
	Attempts        int    // begun deliveries
	Early           int    // deliveries among them that were repeated at once and do not count
	Pending         bool   // neither sent nor given up
	Dead            string // why it was given up; empty otherwise
	// Stopped is why it was kept back, and Returned how it came back; empty for
	// most mails.
	Stopped, Returned mailing.ReturnKind
}

func (i messageItem) mail() OutboxMail {
	return OutboxMail{
		Message:  i.value(),
		Sealed:   i.Sealed,
		Attempts: i.Attempts,
		Early:    i.Early,
		Pending:  i.due.PK != "",
		Dead:     i.Dead,
		Stopped:  mailing.ReturnKind(i.Stopped),
		Returned: mailing.ReturnKind(i.Returned),
	}
}

// Message adds a mail of the outbox to the batch.
func (b *Batch) Message(id mailing.ID) *Found[OutboxMail] {
	return want(b, messageKey(id), messageItem.mail)
}

// Send puts a mail into the outbox, with its Data in sealed form only. The
// table's stream has it delivered; if that fails, the sweep finds it by the
// index "due".
func (tx *Tx) Send(m mailing.Message, sealed []byte) {
	tx.put(messageItem{
		key: messageKey(m.ID), due: dueAt(DueMail, string(m.ID), m.Created.Add(deliveryGrace)),
		ID: string(m.ID), Kind: string(m.Kind), To: m.To, Sealed: sealed,
		Created: millis(m.Created), Ticket: string(m.Ticket), Invitation: string(m.Invitation),
	}, absent)
}

// SendAt is Send for a mail that waits for the time at which it is created, in
// place of found, which has the same id. It fails with problem.ErrConflict if
// found has changed since it was read.
func (tx *Tx) SendAt(m mailing.Message, sealed []byte, found *Found[OutboxMail]) {
	c := condition{absent.expression, nil, problem.ErrConflict}
	if found.OK {
		c = unchanged(item{
			"sealed":   &types.AttributeValueMemberB{Value: found.Value.Sealed},
			"attempts": number(0),
		})
	}
	tx.put(messageItem{
		key: messageKey(m.ID), due: dueAt(DueMail, string(m.ID), m.Created),
		ID: string(m.ID), Kind: string(m.Kind), To: m.To, Sealed: sealed,
		Created: millis(m.Created), Lease: millis(m.Created),
	}, c)
}

// LeaseMail gives the mail to the caller alone until the lease ends. It returns
// false if the mail is sent, given up, or leased by another caller. So two
// deliveries of a mail overlap only if the first takes longer than its lease.
// by is unique to this lease: if DynamoDB's answer is lost and the SDK sends
// the lease again, it succeeds.
func (s *Store) LeaseMail(
	ctx context.Context,
	m OutboxMail,
	by string,
	now, lease time.Time,
) (bool, error) {
	d := dueAt(DueMail, string(m.ID), lease)
	return s.updateMail(
		ctx,
		m.ID,
		"SET #dueSK = :due, #attempts = :next, #lease = :lease, #claim = :by",
		"attribute_exists(duePK) AND (#claim = :by OR "+
			"#attempts = :was AND (attribute_not_exists(#lease) OR #lease <= :now))",
		item{
			":due": text(d.SK), ":was": number(int64(m.Attempts)),
			":next": number(int64(m.Attempts) + 1), ":by": text(by), ":now": number(millis(now)),
			":lease": number(millis(lease)),
		},
	)
}

// MailSent marks a mail as delivered to its To, and removes its data.
func (s *Store) MailSent(ctx context.Context, m OutboxMail, now time.Time) error {
	_, err := s.updateMail(
		ctx,
		m.ID,
		"SET #sent = :now, #to = :to, #ttl = :ttl "+
			"REMOVE #duePK, #dueSK, #sealed, #data, #lease, #claim",
		"attribute_exists(PK)",
		item{
			":now": number(millis(now)), ":to": text(m.To),
			":ttl": number(now.Add(sentLife).Unix()),
		},
	)
	return err
}

// MailStopped marks a mail as kept back, and removes its data.
func (s *Store) MailStopped(
	ctx context.Context,
	m OutboxMail,
	why mailing.ReturnKind,
	now time.Time,
) error {
	_, err := s.updateMail(
		ctx,
		m.ID,
		"SET #stopped = :why, #ttl = :ttl REMOVE #duePK, #dueSK, #sealed, #data, #lease, #claim",
		"attribute_exists(PK)",
		item{":why": text(string(why)), ":ttl": number(now.Add(sentLife).Unix())},
	)
	return err
}

// ReturnMail marks a mail as come back. It fails with problem.ErrConflict if
// the mail is gone, or came back in another way since it was read.
func (tx *Tx) ReturnMail(m OutboxMail, k mailing.ReturnKind, now time.Time) {
	c := condition{
		"attribute_exists(PK) AND attribute_not_exists(#returned)",
		nil,
		problem.ErrConflict,
	}
	if m.Returned != "" {
		c.expression = "#returned = :was"
		c.values = item{":was": text(string(m.Returned))}
	}
	tx.update(
		messageKey(m.ID),
		"SET #returned = :kind, #returnedAt = :now",
		item{":kind": text(string(k)), ":now": number(millis(now))},
		c,
	)
}

// MailLater releases a mail that could not be sent, to be tried again at next,
// and stores its Early.
func (s *Store) MailLater(ctx context.Context, m OutboxMail, next time.Time) error {
	_, err := s.updateMail(
		ctx,
		m.ID,
		"SET #dueSK = :due, #early = :early REMOVE #lease, #claim",
		"attribute_exists(duePK)",
		item{":due": text(dueAt(DueMail, string(m.ID), next).SK), ":early": number(int64(m.Early))},
	)
	return err
}

// MailDead gives up a mail that can never be sent; reason is stored for people.
func (s *Store) MailDead(ctx context.Context, m OutboxMail, reason string, now time.Time) error {
	_, err := s.updateMail(
		ctx,
		m.ID,
		"SET #dead = :reason, #ttl = :ttl REMOVE #duePK, #dueSK, #sealed, #data, #lease, #claim",
		"attribute_exists(duePK)",
		item{":reason": text(reason), ":ttl": number(now.Add(sentLife).Unix())},
	)
	return err
}

// updateMail updates a mail. It returns false, and no error, if the condition
// failed.
func (s *Store) updateMail(
	ctx context.Context,
	id mailing.ID,
	expression, condition string,
	values item,
) (bool, error) {
	return s.updateOne(ctx, messageKey(id), expression, condition, values)
}

// MessageIDOfKey returns the id of the mail that a stream record's partition
// key names; ok is false for other items.
func MessageIDOfKey(pk string) (mailing.ID, bool) {
	if len(pk) <= len(outboxPrefix) || pk[:len(outboxPrefix)] != outboxPrefix {
		return "", false
	}
	return mailing.ID(pk[len(outboxPrefix):]), true
}

func mailStopKey(e value.Email) key { return key{kindMailStop, "E#" + string(e), "B"} }

// mailStopItem keeps mails from an address.
type mailStopItem struct {
	key
	Email     string `dynamodbav:"email"`
	Invalid   int64  `dynamodbav:"invalid,omitempty"`
	Complaint int64  `dynamodbav:"complaint,omitempty"`
	TTL       int64  `dynamodbav:"ttl"`
}

func mailStopFrom(s mailing.Stop) mailStopItem {
	return mailStopItem{
		key: mailStopKey(s.Email), Email: string(s.Email), Invalid: millis(s.Invalid),
		Complaint: millis(s.Complaint), TTL: seconds(s.Ends()),
	}
}

func (i mailStopItem) value() mailing.Stop {
	return mailing.Stop{
		Email:     value.Email(i.Email),
		Invalid:   fromMillis(i.Invalid),
		Complaint: fromMillis(i.Complaint),
	}
}

// MailStop adds the stop of mails to an address to the batch.
func (b *Batch) MailStop(e value.Email) *Found[mailing.Stop] {
	return want(b, mailStopKey(e), mailStopItem.value)
}

// StopMail writes the stop of mails to an address, in the place of what was
// read. It fails with problem.ErrConflict if that has changed.
func (tx *Tx) StopMail(s mailing.Stop, was *Found[mailing.Stop]) {
	c := absent
	if was.OK {
		c = unchanged(tx.marshal(mailStopFrom(was.Value)))
	}
	tx.put(mailStopFrom(s), c)
}

// ResumeMail ends the stop of mails to an address, if there is one.
func (tx *Tx) ResumeMail(e value.Email) { tx.delete(mailStopKey(e), condition{}) }
