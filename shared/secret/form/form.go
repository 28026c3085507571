// Package form has the form of tokens and codes. It is apart from package
// secret, so that what only has to know one, such as a log that leaves them
// out, does not link how they are made and checked.
package form

import (
	"hash/crc32"
	"strings"
)

// The parts of a credential, in characters: a public id, the secret, a
// checksum. 22 base62 characters are 131 bits.
const (
	IDLength       = 8
	SecretLength   = 22
	ChecksumLength = 4
	Length         = IDLength + SecretLength + ChecksumLength
)

// Alphabet are the characters of a credential.
const Alphabet = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"

// Is reports whether a text without a prefix can have been issued: whether it
// has the length, the alphabet and the checksum of a credential.
func Is(text string) bool {
	return len(text) == Length && strings.Trim(text, Alphabet) == "" &&
		Checksum(text[:Length-ChecksumLength]) == text[Length-ChecksumLength:]
}

// Checksum returns the checksum of a text, which finds typing errors and
// invented tokens early. It is no protection.
func Checksum(s string) string {
	n := crc32.ChecksumIEEE([]byte(s))
	var out [ChecksumLength]byte
	for i := range out {
		out[ChecksumLength-1-i] = Alphabet[n%62]
		n /= 62
	}
	return string(out[:])
}
