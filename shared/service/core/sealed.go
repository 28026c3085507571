package core

import (
	"encoding/json"
	"errors"

	"profiles/shared/mailing"
	"profiles/shared/secret"
	"profiles/shared/store"
)

// sealMail is a purpose of secret.Keys.
const sealMail = "mail"

// mailContext is what the words of a mail are sealed to: they open in no other
// mail, for nobody else, and say nothing else.
func mailContext(m mailing.Message) string {
	return string(m.ID) + "\n" + string(m.Kind) + "\n" + m.To
}

// SealMail returns what a mail carries, such as a one-time code, in the form in
// which the outbox keeps it: who reads the table learns who gets which kind of
// mail, and no more.
func SealMail(k secret.Keys, m mailing.Message) []byte {
	data, err := json.Marshal(m.Data)
	if err != nil {
		panic(err) // only for what is no map of texts
	}
	return k.Seal(sealMail, mailContext(m), data)
}

// OpenMail returns a mail of the outbox with what it carries. What does not
// open is no reason to give the mail up: it may open once the function has its
// keys back.
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
