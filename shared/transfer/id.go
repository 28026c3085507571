package transfer

import (
	"crypto/sha256"
	"encoding/base32"
	"strings"
	"unicode"

	"profiles/shared/problem"
)

// ID is the ticket of a transfer, such as TR-7K3M-92QD. It is short enough to
// be said on the phone, and no secret.
type ID string

// ticketDigits are those of Crockford's base 32, which leaves out I, L, O and
// U.
const ticketDigits = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"

var ticketEncoding = base32.NewEncoding(ticketDigits).WithPadding(base32.NoPadding)

const (
	ticketPrefix = "TR"
	// ticketLength is the number of digits: 40 bits, so that equal tickets are
	// unlikely. The store refuses the second of two equal ones.
	ticketLength = 8
)

// NewID returns the ticket that is derived from an id.
func NewID(id string) ID {
	sum := sha256.Sum256([]byte(id))
	return ticket(ticketEncoding.EncodeToString(sum[:ticketLength*5/8]))
}

func ticket(digits string) ID {
	return ID(ticketPrefix + "-" + digits[:ticketLength/2] + "-" + digits[ticketLength/2:])
}

// ParseID reads a ticket as people write it: in capitals or not, with or
// without dashes and blanks, and with the letters O, I and L for the digits 0,
// 1 and 1. Errors: CodeNotFound for anything else.
func ParseID(s string) (ID, error) {
	// Some letters that are not ASCII become ASCII letters by ToUpper.
	beyond := strings.ContainsFunc(s, func(r rune) bool { return r > unicode.MaxASCII })
	s = strings.NewReplacer("-", "", " ", "", "O", "0", "I", "1", "L", "1").
		Replace(strings.ToUpper(s))
	digits, ok := strings.CutPrefix(s, ticketPrefix)
	if beyond || !ok || len(digits) != ticketLength || strings.Trim(digits, ticketDigits) != "" {
		return "", problem.NotFound("Transfer")
	}
	return ticket(digits), nil
}
