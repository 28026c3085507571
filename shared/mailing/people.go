package mailing

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"profiles/shared/value"
)

// Mails that this service signs show texts of people to others. A name must not
// look like a part of the mail itself: it is put in quotes, shortened, and has
// nothing that mail programs turn into a link.

// longestName is how many characters of a name a mail shows.
const longestName = 40

// Named shortens a name and removes links from it.
func Named(s string) string {
	s = strings.Join(strings.Fields(strings.ReplaceAll(Unlinked(s), `"`, "'")), " ")
	if n := utf8.RuneCountInString(s); n > longestName {
		s = value.Visible(string([]rune(s)[:longestName-1])) + "…"
	}
	return value.Isolated(s)
}

// Quoted is Named in quotes, for a name that somebody else than the reader
// chose.
func Quoted(s string) string { return `"` + Named(s) + `"` }

// dots are the characters that programs take for the dot of a domain: the ASCII
// dot, those that are mapped to it in names of domains (the ideographic, the
// full-width and the half-width ideographic full stop), and the one dot leader,
// which looks like it. They are written as escapes, because some fonts show
// them all alike.
const dots = ".\u3002\uFF0E\uFF61\u2024"

// Unlinked puts a blank into everything that mail programs turn into a link:
// after the dot of a domain and the colon of a scheme, before the @ of an
// address, and between the slashes before a server's name.
func Unlinked(s string) string {
	text := []rune(value.Visible(s))
	var b strings.Builder
	for i, r := range text {
		before, after := ' ', ' '
		if i > 0 {
			before = text[i-1]
		}
		if i+1 < len(text) {
			after = text[i+1]
		}
		within := !unicode.IsSpace(before) && !unicode.IsSpace(after)
		if r == '@' && within || (r == '/' || r == '\\') && before == r {
			b.WriteByte(' ')
		}
		b.WriteRune(r)
		// 2.5 and 10:30 are no links; a number of four parts with a path is.
		digits := unicode.IsDigit(before) && unicode.IsDigit(after)
		dot := strings.ContainsRune(dots, r) && (!digits || addressLike(text))
		if within && (dot || r == ':' && !digits) {
			b.WriteByte(' ')
		}
	}
	return b.String()
}

// addressLike reports whether a text may contain an IPv4 address.
func addressLike(text []rune) bool {
	n := 0
	for _, r := range text {
		if strings.ContainsRune(dots, r) {
			n++
		}
	}
	return n >= 3
}
