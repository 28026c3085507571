package secret

import (
	"strings"

	"profiles/shared/secret/form"
)

// SessionPrefix marks sessions of browsers.
const SessionPrefix = "s-"

// sessionAccount is the length of the account's id in a session.
const sessionAccount = 24

// Session is the credential of a session. It names its account, so that the
// session and the account are read in one batch. The ID begins with
// SessionPrefix, so that no token has the same.
type Session struct {
	Account string // not secret
	Credential
}

// Session returns the credential as a session of an account. place, the place
// of the session in its account, becomes the first character of the id after
// the prefix.
func (c Credential) Session(account string, place byte) Session {
	c.ID = SessionPrefix + string(place) + c.ID[1:]
	return Session{account, c}
}

// Text is the session as a cookie carries it: 60 characters.
func (s Session) Text() string {
	body := s.Account + strings.TrimPrefix(s.ID, SessionPrefix) + s.Secret
	return SessionPrefix + body + form.Checksum(body)
}

// ParseSession is the inverse of Text. Any other text was never issued, and is
// refused before the table is read.
func ParseSession(text string) (Session, bool) {
	text, ok := strings.CutPrefix(text, SessionPrefix)
	if !ok || len(text) != sessionAccount+form.Length || strings.Trim(text, form.Alphabet) != "" {
		return Session{}, false
	}
	body := text[:len(text)-form.ChecksumLength]
	if form.Checksum(body) != text[len(body):] {
		return Session{}, false
	}
	account, rest := body[:sessionAccount], body[sessionAccount:]
	return Session{
		account, Credential{ID: SessionPrefix + rest[:form.IDLength], Secret: rest[form.IDLength:]},
	}, true
}
