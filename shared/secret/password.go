package secret

import (
	"crypto/rand"
	"crypto/subtle"
	"encoding/base64"
	"fmt"
	"strings"

	"golang.org/x/crypto/argon2"
	"golang.org/x/text/unicode/norm"
)

// Passwords hashes passwords with argon2id. The zero value has the cost of
// production.
type Passwords struct {
	Memory uint32 // KiB
	Passes uint32
}

// The cost that OWASP recommends first: 19 MiB, two passes, one lane.
const (
	argonMemory = 19 * 1024 // KiB
	argonPasses = 2
	argonLanes  = 1
	argonKey    = 32
	argonSalt   = 16
)

var phc = base64.RawStdEncoding

func (p Passwords) cost() (memory, passes uint32) {
	if p == (Passwords{}) {
		return argonMemory, argonPasses
	}
	return p.Memory, p.Passes
}

// Hash returns the argon2id hash of a password in PHC form. Passwords are
// compared in Unicode's form NFKC, because keyboards compose the same
// characters differently.
func (p Passwords) Hash(password string) string {
	salt := make([]byte, argonSalt)
	rand.Read(salt)
	memory, passes := p.cost()
	return encodeHash(
		memory,
		passes,
		argonLanes,
		salt,
		derive(password, salt, memory, passes, argonLanes, argonKey),
	)
}

// Verify reports whether hash is that of password; the cost it was made at
// stands in the hash. An empty or unreadable hash takes the same time as a new
// one and is never right, so that callers can use it for accounts that do not
// exist.
func (p Passwords) Verify(hash, password string) bool {
	memory, time, lanes, salt, want, ok := decodeHash(hash)
	if !ok {
		memory, passes := p.cost()
		derive(password, make([]byte, argonSalt), memory, passes, argonLanes, argonKey)
		return false
	}
	got := derive(password, salt, memory, time, lanes, uint32(len(want)))
	return subtle.ConstantTimeCompare(got, want) == 1
}

func derive(password string, salt []byte, memory, time uint32, lanes uint8, length uint32) []byte {
	return argon2.IDKey([]byte(norm.NFKC.String(password)), salt, time, memory, lanes, length)
}

func encodeHash(memory, time uint32, lanes uint8, salt, key []byte) string {
	return fmt.Sprintf("$argon2id$v=%d$m=%d,t=%d,p=%d$%s$%s",
		argon2.Version, memory, time, lanes, phc.EncodeToString(salt), phc.EncodeToString(key))
}

func decodeHash(s string) (memory, time uint32, lanes uint8, salt, key []byte, ok bool) {
	parts := strings.Split(s, "$")
	if len(parts) != 6 || parts[1] != "argon2id" {
		return
	}
	var version int
	if _, err := fmt.Sscanf(
		parts[2]+" "+parts[3],
		"v=%d m=%d,t=%d,p=%d",
		&version,
		&memory,
		&time,
		&lanes,
	); err != nil ||
		version != argon2.Version {
		return
	}
	var errSalt, errKey error
	salt, errSalt = phc.DecodeString(parts[4])
	key, errKey = phc.DecodeString(parts[5])
	ok = errSalt == nil && errKey == nil && len(key) >= 16 && memory > 0 && time > 0 && lanes > 0
	return
}
