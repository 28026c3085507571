package secret

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/hkdf"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/binary"
	"fmt"
)

// masterLength is the least length of a master key, in characters: 43 of base64 or base62 are 256 bits.
const masterLength = 43

// Keys protect what is in the table from whoever has the table alone: what must be read again is sealed, and what is easily guessed, such as
// a code of six digits, is kept as a MAC. All are derived from one master key, which is never in the table. The zero Keys protect nothing and
// panic when they are used: a function that needs them does not start without.
type Keys struct{ master string }

// ParseKeys takes a master key: a random text of at least 43 characters.
func ParseKeys(master string) (Keys, error) {
	if len(master) < masterLength {
		return Keys{}, fmt.Errorf("a random text of at least %d characters is needed, such as openssl rand -base64 48 prints", masterLength)
	}
	return Keys{master}, nil
}

// NewMaster returns a random master key.
func NewMaster() string { return random(64) }

// derive returns the key for one purpose. Purposes are constants of this project, so that no two uses share a key.
func (k Keys) derive(purpose string) []byte {
	if k.master == "" {
		panic("the function was wired without its secret key")
	}
	key, err := hkdf.Key(sha256.New, []byte(k.master), nil, "profiles "+purpose, 32)
	if err != nil {
		panic(err) // only for lengths that SHA-256 cannot give
	}
	return key
}

// Seal encrypts plain (AES-256-GCM, random nonce) for a purpose. What is sealed opens under the same purpose and context only: context names
// the thing that it belongs to, so that it cannot be moved to another.
func (k Keys) Seal(purpose, context string, plain []byte) []byte {
	gcm := k.gcm(purpose)
	nonce := make([]byte, gcm.NonceSize())
	rand.Read(nonce)
	return gcm.Seal(nonce, nonce, plain, []byte(context))
}

// Open decrypts what Seal made, and reports whether it could: not when it was changed, moved or sealed under another key.
func (k Keys) Open(purpose, context string, sealed []byte) ([]byte, bool) {
	gcm := k.gcm(purpose)
	if len(sealed) < gcm.NonceSize() {
		return nil, false
	}
	plain, err := gcm.Open(nil, sealed[:gcm.NonceSize()], sealed[gcm.NonceSize():], []byte(context))
	return plain, err == nil
}

func (k Keys) gcm(purpose string) cipher.AEAD {
	block, err := aes.NewCipher(k.derive("seal " + purpose))
	if err != nil {
		panic(err) // only for keys of another length
	}
	gcm, err := cipher.NewGCM(block)
	if err != nil {
		panic(err)
	}
	return gcm
}

// MAC returns the HMAC-SHA-256 of texts for a purpose. Where one text ends and the next begins counts.
func (k Keys) MAC(purpose string, texts ...string) []byte {
	h := hmac.New(sha256.New, k.derive("mac "+purpose))
	var length [8]byte
	for _, t := range texts {
		binary.BigEndian.PutUint64(length[:], uint64(len(t)))
		h.Write(length[:])
		h.Write([]byte(t))
	}
	return h.Sum(nil)
}

// MatchesMAC compares the MAC of texts with a stored one in constant time.
func (k Keys) MatchesMAC(mac []byte, purpose string, texts ...string) bool {
	return hmac.Equal(mac, k.MAC(purpose, texts...))
}
