package secret

import (
	"bytes"
	"crypto/aes"
	"crypto/cipher"
	"crypto/hkdf"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/binary"
)

// Keys protect stored values from somebody who has only the table. Values that
// must be read again are sealed; values that are easy to guess, such as a code
// of six digits, are stored as a MAC. All keys are derived from a master key,
// which is never in the table. Sealed values and MACs begin with the name of
// their master key, so that they still work after a rotation. The zero Keys
// panic when they are used; a function that needs keys does not start without
// them.
type Keys struct{ ring func() Ring }

// NewKeys returns the keys of a ring, which is called at each use because it
// can change.
func NewKeys(ring func() Ring) Keys { return Keys{ring} }

// nameLength is the length of the name of a master key, in bytes. Sealed values
// and MACs begin with it.
const nameLength = 4

func (k Keys) now() Ring {
	if k.ring == nil {
		panic("the function was wired without its secret key")
	}
	return k.ring()
}

// derive returns the key for one purpose. Purposes are constants of this
// project, so that no two uses share a key.
func (m master) derive(purpose string) []byte {
	key, err := hkdf.Key(sha256.New, []byte(m.Key), nil, "profiles "+purpose, 32)
	if err != nil {
		panic(err) // only for lengths that SHA-256 cannot give
	}
	return key
}

func (m master) name() []byte { return m.derive("name")[:nameLength] }

// Seal encrypts plain (AES-256-GCM, random nonce) for a purpose. It opens only
// with the same purpose and context. context names the item that it belongs to,
// so that it cannot be moved to another item.
func (k Keys) Seal(purpose, context string, plain []byte) []byte {
	m := k.now().sealing()
	gcm := m.gcm(purpose)
	out := make(
		[]byte,
		nameLength+gcm.NonceSize(),
		nameLength+gcm.NonceSize()+len(plain)+gcm.Overhead(),
	)
	copy(out, m.name())
	nonce := out[nameLength:]
	rand.Read(nonce)
	return gcm.Seal(out, nonce, plain, []byte(context))
}

// Open decrypts the result of Seal. It returns false if it was changed, moved,
// or sealed under a key that is gone. Values from before keys had names are
// opened with the first key.
func (k Keys) Open(purpose, context string, sealed []byte) ([]byte, bool) {
	ring := k.now()
	if m, rest, ok := ring.named(sealed); ok {
		if plain, ok := m.open(purpose, context, rest); ok {
			return plain, true
		}
	}
	return ring.first().open(purpose, context, sealed)
}

func (m master) open(purpose, context string, sealed []byte) ([]byte, bool) {
	gcm := m.gcm(purpose)
	if len(sealed) < gcm.NonceSize() {
		return nil, false
	}
	plain, err := gcm.Open(nil, sealed[:gcm.NonceSize()], sealed[gcm.NonceSize():], []byte(context))
	return plain, err == nil
}

func (m master) gcm(purpose string) cipher.AEAD {
	block, err := aes.NewCipher(m.derive("seal " + purpose))
	if err != nil {
		panic(err) // only for keys of another length
	}
	gcm, err := cipher.NewGCM(block)
	if err != nil {
		panic(err)
	}
	return gcm
}

// MAC returns the HMAC-SHA-256 of texts for a purpose, after the name of the
// key. Texts that are split at another place have another MAC.
func (k Keys) MAC(purpose string, texts ...string) []byte {
	return k.now().sealing().mac(purpose, texts)
}

// MACLike returns the MAC of texts under the key that another MAC was made
// under, and nil when that key is gone. MACs from before keys had names are
// those of the first one.
func (k Keys) MACLike(other []byte, purpose string, texts ...string) []byte {
	ring := k.now()
	if len(other) == sha256.Size {
		return ring.first().bareMAC(purpose, texts)
	}
	if m, _, ok := ring.named(other); ok {
		return m.mac(purpose, texts)
	}
	return nil
}

// MatchesMAC compares the MAC of texts with a stored one in constant time.
func (k Keys) MatchesMAC(mac []byte, purpose string, texts ...string) bool {
	return hmac.Equal(mac, k.MACLike(mac, purpose, texts...)) && len(mac) > 0
}

// MACs are all MACs that texts may have been kept as, for a purpose whose
// comparisons are the table's: under the keys of the ring, and in the form from
// before keys had names.
func (k Keys) MACs(purpose string, texts ...string) [][]byte {
	ring := k.now()
	out := [][]byte{ring.first().bareMAC(purpose, texts)}
	for _, m := range ring.masters {
		out = append(out, m.mac(purpose, texts))
	}
	return out
}

// Label returns a text in place of others that must not be readable, such as in
// the key of an item. It uses the first key of the ring, so that a rotation
// does not change the key of the item.
func (k Keys) Label(purpose string, texts ...string) []byte {
	return k.now().first().bareMAC(purpose, texts)
}

func (m master) mac(purpose string, texts []string) []byte {
	return append(bytes.Clone(m.name()), m.bareMAC(purpose, texts)...)
}

func (m master) bareMAC(purpose string, texts []string) []byte {
	h := hmac.New(sha256.New, m.derive("mac "+purpose))
	var length [8]byte
	for _, t := range texts {
		binary.BigEndian.PutUint64(length[:], uint64(len(t)))
		h.Write(length[:])
		h.Write([]byte(t))
	}
	return h.Sum(nil)
}
