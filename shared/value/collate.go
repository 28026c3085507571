package value

import (
	"cmp"
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"
)

// letters maps letters without a Unicode decomposition to those that people
// search them by.
var letters = strings.NewReplacer(
	"ß",
	"ss",
	"æ",
	"ae",
	"œ",
	"oe",
	"ø",
	"o",
	"đ",
	"d",
	"ð",
	"d",
	"ł",
	"l",
	"þ",
	"th",
	"ħ",
	"h",
	"ı",
	"i",
	"ς",
	"σ",
)

// Fold returns a text without case, without accents on Latin and Greek letters,
// and with one form for characters that look alike. Texts that people take for
// the same word have the same Fold. Lists sort by it, and filters compare it.
// Unicode's full collation is not used, because it would add 0.6 MB to a
// function of 3.2 MB.
func Fold(s string) string {
	var b strings.Builder
	accented := false // the letter before takes accents that are none of its own
	for _, r := range norm.NFKD.String(s) {
		if accented && r >= 0x300 && r <= 0x36f {
			continue
		}
		accented = unicode.In(r, unicode.Latin, unicode.Greek)
		b.WriteRune(unicode.ToLower(r))
	}
	return letters.Replace(b.String())
}

// Compare orders texts as people do: by Fold, with numbers by their value, and
// equal ones by their bytes.
func Compare(a, b string) int {
	if c := compareNatural(Fold(a), Fold(b)); c != 0 {
		return c
	}
	return cmp.Compare(a, b)
}

func compareNatural(a, b string) int {
	for a != "" && b != "" {
		n, m := digits(a), digits(b)
		if n > 0 && m > 0 {
			x, y := strings.TrimLeft(a[:n], "0"), strings.TrimLeft(b[:m], "0")
			if c := cmp.Or(cmp.Compare(len(x), len(y)), cmp.Compare(x, y)); c != 0 {
				return c
			}
			a, b = a[n:], b[m:]
			continue
		}
		if a[0] != b[0] {
			return cmp.Compare(a[0], b[0])
		}
		a, b = a[1:], b[1:]
	}
	return cmp.Compare(len(a), len(b))
}

func digits(s string) int { return len(s) - len(strings.TrimLeft(s, "0123456789")) }

// Matches reports whether s matches a pattern, in which '*' stands for any
// text. Both are compared by Fold.
func Matches(pattern, s string) bool {
	parts := strings.Split(Fold(pattern), "*")
	first, last := parts[0], parts[len(parts)-1]
	rest, ok := strings.CutPrefix(Fold(s), first)
	if len(parts) == 1 {
		return ok && rest == ""
	}
	if !ok {
		return false
	}
	for _, part := range parts[1 : len(parts)-1] {
		at := strings.Index(rest, part)
		if at < 0 {
			return false
		}
		rest = rest[at+len(part):]
	}
	return strings.HasSuffix(rest, last)
}
