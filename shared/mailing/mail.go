// Package mailing has one type for each mail that this service sends, with the
// template data of the mail. Package mail renders and sends mails.
package mailing

import (
	"fmt"
	"reflect"
	"slices"
	"strings"
	"time"

	"profiles/shared/transfer"
	"profiles/shared/value"
)

// Mail is the template data of one mail. The tag of each field is the word for
// it in the templates. The sender sets all fields, which a test checks.
type Mail interface{ Kind() Kind }

// ID identifies one mail of the outbox.
type ID string

// SupportDesk stands for the address of support, which only the function that
// delivers mails knows.
const SupportDesk value.Email = "support-desk"

// Message is one mail as it is in the outbox. It is committed together with the
// change that causes it, and rendered when it is delivered. Data may contain a
// one-time code, so the outbox removes it once the mail is sent.
type Message struct {
	ID      ID
	Kind    Kind
	To      string            // an address, or SupportDesk
	Data    map[string]string // see Words; older mails of the outbox may lack some
	Created time.Time
	// Ticket is the transfer that the mail is about, and Invitation the
	// invitation; empty for others, and in older mails. They stay when Data is
	// removed, for a mail that comes back.
	Ticket     transfer.ID
	Invitation value.CodeID
}

// The words from which Message has what it is about.
const (
	wordTicket     = "ticket"
	wordInvitation = "invitation"
	wordLines      = "lines"
)

// The words for the time zone and the language of the reader.
const (
	wordZone     = "zone"
	wordLanguage = "language"
)

// Reader is how the reader of a mail reads.
type Reader struct {
	Zone     string // in which the mail shows times besides UTC; empty: not known
	Language string // as the account names it; empty: not known
}

// New returns a mail for the outbox.
func New(id ID, to value.Email, reader Reader, m Mail, now time.Time) Message {
	words := Words(m)
	if reader.Zone != "" && reader.Zone != "UTC" {
		words[wordZone] = reader.Zone
	}
	if language := LanguageOf(reader.Language); language != languages[0] {
		words[wordLanguage] = language
	}
	return Message{
		ID: id, Kind: m.Kind(), To: string(to), Data: words, Created: now,
		Ticket:     transfer.ID(words[wordTicket]),
		Invitation: value.CodeID(words[wordInvitation]),
	}
}

// readerPrefix begins what stands for the address of an account.
const readerPrefix = "account "

// ToReader stands for the address that an account has when a mail is sent,
// which can be a day after it was put into the outbox.
func ToReader(a value.AccountID) value.Email { return value.Email(readerPrefix + string(a)) }

// Waits returns the account whose address the mail goes to, if it was not
// addressed before it is sent.
func (m Message) Waits() (a value.AccountID, ok bool) {
	id, ok := strings.CutPrefix(m.To, readerPrefix)
	return value.AccountID(id), ok
}

// wordUnsubscribe is the word for the code that switches off mails like this
// one.
const wordUnsubscribe = "unsubscribe"

// Unsubscribe gives the mail the code that switches off others like it.
func (m Message) Unsubscribe(code string) { m.Data[wordUnsubscribe] = code }

// UnsubscribeCode returns the code that switches off mails like this one, empty
// for a mail that cannot be switched off.
func (m Message) UnsubscribeCode() string { return m.Data[wordUnsubscribe] }

// Zone returns the time zone of the reader, UTC where the mail names none, or
// one that the database of zones no longer has.
func (m Message) Zone() *time.Location {
	if zone, err := value.Zone(m.Data[wordZone]); err == nil {
		return zone
	}
	return time.UTC
}

// languages are those that mails are written in. The first one is for whoever
// has chosen none of them.
var languages = []string{"en", "pt"}

// Languages returns the languages that mails are written in.
func Languages() []string { return slices.Clone(languages) }

// LanguageOf returns the language of mails for a language as an account names
// it, such as pt-BR: the same one, of whatever country, or else English.
func LanguageOf(name string) string {
	base, _, _ := strings.Cut(strings.ReplaceAll(strings.ToLower(name), "_", "-"), "-")
	if slices.Contains(languages, base) {
		return base
	}
	return languages[0]
}

// Language returns the language that the mail is written in.
func (m Message) Language() string { return LanguageOf(m.Data[wordLanguage]) }

// Words returns the data of a mail for the outbox and the templates: each field
// by its tag, with times as RFC 3339.
func Words(m Mail) map[string]string {
	words := map[string]string{}
	of := reflect.ValueOf(m)
	for i := range of.NumField() {
		words[of.Type().Field(i).Tag.Get("word")] = word(of.Field(i))
	}
	return words
}

// Moment writes a time for the outbox. The mail shows it in words, in the
// reader's time zone.
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
