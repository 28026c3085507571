package transfer

import (
	"crypto/sha256"
	"encoding/base32"
	"strings"
	"unicode"

	"profiles/shared/problem"
)

// ID is the number of a transfer's ticket, such as TR-7K3M-92QD: short
// enough to be said on the phone, and no secret.
type ID string

// ticketDigits are Crockford's: no letter in them looks like another or like a
// digit.
const ticketDigits = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"

var ticketEncoding = base32.NewEncoding(ticketDigits).WithPadding(base32.NoPadding)

const (
	ticketPrefix = "TR"
	// digits: 40 bits, so that two in one table are unlikely; the store refuses
	// the second
	ticketLength = 8
)

// NewID returns the ticket number that an id stands for.
func NewID(id string) ID {
	sum := sha256.Sum256([]byte(id))
	return ticket(ticketEncoding.EncodeToString(sum[:ticketLength*5/8]))
}

func ticket(digits string) ID {
	return ID(ticketPrefix + "-" + digits[:ticketLength/2] + "-" + digits[ticketLength/2:])
}

// ParseID reads a ticket number as people write it: in any case, with
// or without dashes and blanks, and with the letters O, I and L for the digits
// they look like. Anything else is CodeNotFound.
func ParseID(s string) (ID, error) {
	// The capitals of some letters beyond ASCII are within it.
	beyond := strings.ContainsFunc(s, func(r rune) bool { return r > unicode.MaxASCII })
	s = strings.NewReplacer("-", "", " ", "", "O", "0", "I", "1", "L", "1").
		Replace(strings.ToUpper(s))
	digits, ok := strings.CutPrefix(s, ticketPrefix)
	if beyond || !ok || len(digits) != ticketLength || strings.Trim(digits, ticketDigits) != "" {
		return "", problem.NotFound("Transfer")
	}
	return ticket(digits), nil
}
