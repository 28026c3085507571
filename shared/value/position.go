package value

import "strings"

// CutPosition splits the position of an entry in a list, which is 13 digits of
// a time and what follows a dash. It reports whether the text has that form.
func CutPosition(s string) (rest string, ok bool) {
	at, rest, ok := strings.Cut(s, "-")
	return rest, ok && len(at) == 13 && strings.Trim(at, "0123456789") == ""
}

// IsTokenID reports whether a text is the id of a token.
func IsTokenID(s string) bool { return len(s) == 8 && strings.Trim(s, base62) == "" }
