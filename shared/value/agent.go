package value

import (
	"strings"
	"unicode"
)

// maxAgent is how many characters are kept of what a client calls itself.
const maxAgent = 200

// CleanAgent makes what a client calls itself fit to be kept and shown: without
// control characters and broken ones, and not too long.
func CleanAgent(s string) string {
	s = Visible(s)
	s = strings.Map(func(r rune) rune {
		if !unicode.IsPrint(r) || r == unicode.ReplacementChar {
			return -1
		}
		return r
	}, s)
	n := 0
	for at := range s {
		if n++; n > maxAgent {
			s = s[:at]
			break
		}
	}
	return strings.TrimSpace(s)
}
