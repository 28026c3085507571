package value

import (
	"strings"
	"unicode"
)

// maxAgent is how many characters of a user agent are stored.
const maxAgent = 200

// CleanAgent returns a user agent that can be stored and shown: without control
// characters and invalid UTF-8, and at most maxAgent characters.
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
