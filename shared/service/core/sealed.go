package core

import (
	"encoding/base64"
	"encoding/json"
	"errors"
	"strings"

	"profiles/shared/mailing"
	"profiles/shared/secret"
	"profiles/shared/store"
	"profiles/shared/topic"
	"profiles/shared/value"
)

// sealMail is a purpose of secret.Keys.
const sealMail = "mail"

// mailContext returns the context that the words of a mail are sealed with.
// They open only in a mail with the same id, kind and address.
func mailContext(m mailing.Message) string {
	return string(m.ID) + "\n" + string(m.Kind) + "\n" + m.To
}

// SealMail seals the words of a mail, such as a one-time code, for the outbox.
// A reader of the table sees the kind and the address of the mail, but not its
// words.
func SealMail(k secret.Keys, m mailing.Message) []byte {
	data, err := json.Marshal(m.Data)
	if err != nil {
		panic(err) // only for what is no map of texts
	}
	return k.Seal(sealMail, mailContext(m), data)
}

// OpenMail returns a mail of the outbox with its words. If they do not open, it
// returns an error after which the mail is tried again, because the function
// may lack a key only for a time.
func OpenMail(k secret.Keys, m store.OutboxMail) (mailing.Message, error) {
	if m.Sealed == nil {
		return m.Message, nil
	}
	opened := m.Message
	data, ok := k.Open(sealMail, mailContext(m.Message), m.Sealed)
	if !ok {
		return opened, errSealedMail
	}
	return opened, json.Unmarshal(data, &opened.Data)
}

var errSealedMail = errors.New(
	"its words do not open: they were changed, or sealed under another key",
)

// sealUnsubscribe is a purpose of secret.Keys.
const sealUnsubscribe = "unsubscribe"

// Unsubscription is what the code of a mail switches off: mails about a topic
// to an account, or, for an address without one, all mails that are not about
// security.
type Unsubscription struct {
	Account value.AccountID
	Topic   topic.Topic
	Email   value.Email // empty for an account
}

// sealUnsubscription returns the code. It is sealed and not stored: whoever has
// the mail can use it, at any time and as often as they like. It is short, as
// each mail of the outbox has one.
func sealUnsubscription(k secret.Keys, u Unsubscription) string {
	plain := u.Topic.String() + "/" + string(u.Account)
	if u.Email != "" {
		plain = string(u.Email)
	}
	return base64.RawURLEncoding.EncodeToString(k.Seal(sealUnsubscribe, "", []byte(plain)))
}

// OpenUnsubscription reads the code of a mail. ok is false for any other text.
func OpenUnsubscription(k secret.Keys, code string) (u Unsubscription, ok bool) {
	sealed, err := base64.RawURLEncoding.DecodeString(code)
	if err != nil {
		return u, false
	}
	plain, ok := k.Open(sealUnsubscribe, "", sealed)
	if !ok {
		return u, false
	}
	// No address has a slash.
	if name, account, found := strings.Cut(string(plain), "/"); found {
		u.Account = value.AccountID(account)
		u.Topic, ok = topic.Parse(name)
		return u, ok
	}
	u.Email = value.Email(plain)
	return u, true
}
