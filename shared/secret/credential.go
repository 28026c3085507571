// Package secret makes and checks what must not leak: tokens, one-time codes
// and passwords.
package secret

import (
	"crypto/rand"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/hex"
	"hash/crc32"
	"strings"
	"time"
)

// The parts of a credential, in characters: a public id, the secret, a
// checksum. 22 base62 characters are 131 bits.
const (
	idLength       = 8
	secretLength   = 22
	checksumLength = 4
	bareLength     = idLength + secretLength + checksumLength
)

// TokenPrefix marks account tokens. A token is 36 characters with it, and is
// accepted without it.
const TokenPrefix = "p-"

const alphabet = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"

// Credential is a random secret with a public id: an account token, or the
// one-time code of a mail.
type Credential struct {
	ID     string // 8 base62 characters; not secret
	Secret string // 22 base62 characters
}

// NewCredential returns a random credential.
func NewCredential() Credential {
	return Credential{ID: random(idLength), Secret: random(secretLength)}
}

// Hash is what is stored in place of the secret. One SHA-256 is enough for 131
// random bits.
func (c Credential) Hash() []byte {
	h := sha256.Sum256([]byte(c.ID + c.Secret))
	return h[:]
}

// Matches compares the credential with a stored hash in constant time.
func (c Credential) Matches(hash []byte) bool {
	return subtle.ConstantTimeCompare(c.Hash(), hash) == 1
}

// Code is the credential as a one-time code: 34 characters, safe in URLs.
func (c Credential) Code() string { return c.ID + c.Secret + checksum(c.ID+c.Secret) }

// Token is the credential as an account token: 36 characters.
func (c Credential) Token() string { return TokenPrefix + c.Code() }

// Parse reads an account token, with or without its prefix, or a one-time code.
// A text of another length, alphabet or with a wrong checksum was never issued,
// and is refused before it costs a look-up.
func Parse(text string) (Credential, bool) {
	text = strings.TrimPrefix(text, TokenPrefix)
	if len(text) != bareLength || strings.Trim(text, alphabet) != "" {
		return Credential{}, false
	}
	body, sum := text[:idLength+secretLength], text[idLength+secretLength:]
	if checksum(body) != sum {
		return Credential{}, false
	}
	return Credential{ID: body[:idLength], Secret: body[idLength:]}, true
}

// Masked is a token as lists show it: its id, and stars in place of the rest.
func Masked(id string) string {
	return TokenPrefix + id + strings.Repeat("*", secretLength+checksumLength)
}

// ParseReference reads the ways to name a token without opening anything: the
// token itself, its masked form, or its id, each with or without the prefix. It
// returns the id.
func ParseReference(text string) (id string, ok bool) {
	if c, ok := Parse(text); ok {
		return c.ID, true
	}
	bare := strings.TrimPrefix(text, TokenPrefix)
	if len(bare) == bareLength {
		bare = strings.TrimSuffix(bare, strings.Repeat("*", secretLength+checksumLength))
	}
	if len(bare) != idLength || strings.Trim(bare, alphabet) != "" {
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

// Fingerprint shortens a value that need not be readable where it is stored,
// such as a client's address.
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
			// 248 is the largest multiple of 62 in a byte: beyond it some
			// characters would be likelier than others.
			if b < 248 && len(out) < n {
				out = append(out, alphabet[b%62])
			}
		}
	}
	return string(out)
}

// checksum finds typing errors and made-up tokens; it protects nothing.
func checksum(s string) string {
	n := crc32.ChecksumIEEE([]byte(s))
	var out [checksumLength]byte
	for i := range out {
		out[checksumLength-1-i] = alphabet[n%62]
		n /= 62
	}
	return string(out[:])
}
