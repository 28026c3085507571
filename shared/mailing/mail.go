// Package mailing has one type for each mail that this service sends: what the
// mail says, and to whom. It knows neither how a mail looks nor how it is sent,
// which are the business of package mail.
package mailing

import (
	"fmt"
	"reflect"
	"time"

	"profiles/shared/value"
)

// Mail is what one mail says. The fields of a mail have the names of the words
// in its templates as tags. All of them are given by who sends the mail, which
// a test holds.
type Mail interface{ Kind() Kind }

// ID identifies one mail of the outbox.
type ID string

// SupportDesk stands for the address of the support desk, which only those who
// deliver mails know.
const SupportDesk value.Email = "support-desk"

// Message is one mail as it is in the outbox. It is committed together with the
// change that causes it, and rendered when it is delivered. Data may hold a
// one-time code, which is why the outbox forgets Data once the mail is sent.
type Message struct {
	ID      ID
	Kind    Kind
	To      string            // an address, or SupportDesk
	Data    map[string]string // see Words; what the outbox kept of an older mail may lack some
	Created time.Time
}

// wordZone is the word for the time zone of the reader.
const wordZone = "zone"

// New returns a mail for the outbox. The reader is shown times in the zone of
// their account with UTC beside; zone is empty where no account has one.
func New(id ID, to value.Email, zone string, m Mail, now time.Time) Message {
	words := Words(m)
	if zone != "" && zone != "UTC" {
		words[wordZone] = zone
	}
	return Message{ID: id, Kind: m.Kind(), To: string(to), Data: words, Created: now}
}

// Zone returns the time zone of the reader, UTC where the mail names none, or
// one that the database of zones no longer has.
func (m Message) Zone() *time.Location {
	if zone, err := value.Zone(m.Data[wordZone]); err == nil {
		return zone
	}
	return time.UTC
}

// Words returns what a mail says as the outbox keeps it and as templates read
// it: each field by its tag, times as RFC 3339.
func Words(m Mail) map[string]string {
	words := map[string]string{}
	of := reflect.ValueOf(m)
	for i := range of.NumField() {
		words[of.Type().Field(i).Tag.Get("word")] = word(of.Field(i))
	}
	return words
}

// Moment writes a time as the outbox keeps it. The reader is shown it in words,
// in their time zone.
func Moment(t time.Time) string { return t.Format(time.RFC3339) }

func word(v reflect.Value) string {
	if t, ok := reflect.TypeAssert[time.Time](v); ok {
		return Moment(t)
	}
	if v.Kind() == reflect.String {
		return v.String()
	}
	return fmt.Sprint(v.Int())
}
