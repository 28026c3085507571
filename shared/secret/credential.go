// Package secret makes and checks secrets: tokens, one-time codes, pins,
// sessions and passwords, and the keys that protect stored values.
package secret

import (
	"crypto/rand"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/hex"
	"strings"
	"time"

	"profiles/shared/secret/form"
)

// TokenPrefix marks account tokens. A token is 36 characters with it, and is
// accepted without it.
const TokenPrefix = "p-"

// Credential is a random secret with a public id: an account token, or the
// one-time code of a mail.
type Credential struct {
	ID     string // 8 base62 characters; not secret
	Secret string // 22 base62 characters
}

// NewCredential returns a random credential.
func NewCredential() Credential {
	return Credential{ID: random(form.IDLength), Secret: random(form.SecretLength)}
}

// Hash returns the hash that is stored in place of the secret. SHA-256 is
// enough, because the secret has 131 random bits.
func (c Credential) Hash() []byte {
	h := sha256.Sum256([]byte(c.ID + c.Secret))
	return h[:]
}

// Matches compares the credential with a stored hash in constant time.
func (c Credential) Matches(hash []byte) bool {
	return subtle.ConstantTimeCompare(c.Hash(), hash) == 1
}

// Code returns the credential as a one-time code: 34 characters, safe in URLs.
func (c Credential) Code() string { return c.ID + c.Secret + form.Checksum(c.ID+c.Secret) }

// Token returns the credential as a token: 36 characters.
func (c Credential) Token() string { return TokenPrefix + c.Code() }

// Parse reads an account token, with or without its prefix, or a one-time code.
// It refuses a text of another length, alphabet or checksum, which was never
// issued, before the table is read.
func Parse(text string) (Credential, bool) {
	text = strings.TrimPrefix(text, TokenPrefix)
	if !form.Is(text) {
		return Credential{}, false
	}
	id, rest := text[:form.IDLength], text[form.IDLength:]
	return Credential{ID: id, Secret: rest[:form.SecretLength]}, true
}

// Masked returns a token as lists show it: its id, and stars in place of the
// rest.
func Masked(id string) string {
	return TokenPrefix + id + strings.Repeat("*", form.SecretLength+form.ChecksumLength)
}

// ParseReference reads the name of a token and returns its id. The name is the
// token itself, its masked form, or its id, each with or without the prefix. It
// does not authenticate.
func ParseReference(text string) (id string, ok bool) {
	if c, ok := Parse(text); ok {
		return c.ID, true
	}
	bare := strings.TrimPrefix(text, TokenPrefix)
	if len(bare) == form.Length {
		bare = strings.TrimSuffix(bare, strings.Repeat("*", form.SecretLength+form.ChecksumLength))
	}
	if len(bare) != form.IDLength || strings.Trim(bare, form.Alphabet) != "" {
		return "", false
	}
	return bare, true
}

// NewID returns an id of 24 lower-case hexadecimal digits that begins with the
// time in milliseconds, so that ids made later sort later.
func NewID(now time.Time) string {
	var b [12]byte
	ms := now.UnixMilli()
	for i := range 6 {
		b[i] = byte(ms >> (8 * (5 - i)))
	}
	rand.Read(b[6:])
	return hex.EncodeToString(b[:])
}

// IDTime returns the time that an id of NewID begins with, or a longer one, and
// the zero time for another text.
func IDTime(id string) time.Time {
	b, err := hex.DecodeString(id)
	if err != nil || len(b) < 12 {
		return time.Time{}
	}
	var ms int64
	for _, part := range b[:6] {
		ms = ms<<8 | int64(part)
	}
	return time.UnixMilli(ms).UTC()
}

// Fingerprint returns a short hash of a value that is stored unreadable, such
// as a client's network address.
func Fingerprint(s string) string {
	h := sha256.Sum256([]byte(s))
	return hex.EncodeToString(h[:8])
}

func random(n int) string {
	out := make([]byte, 0, n)
	var buf [64]byte
	for len(out) < n {
		rand.Read(buf[:])
		for _, b := range buf {
			// Bytes from 248, the largest multiple of 62, are skipped: with
			// them some characters would be more likely than others.
			if b < 248 && len(out) < n {
				out = append(out, form.Alphabet[b%62])
			}
		}
	}
	return string(out)
}
