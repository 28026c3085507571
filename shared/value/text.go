package value

import (
	"fmt"
	"net/mail"
	"net/url"
	"strings"
	"unicode"
	"unicode/utf8"

	"profiles/shared/problem"
)

// TimeFormat is how times are written on the wire: ISO 8601 in UTC with
// milliseconds.
const TimeFormat = "2006-01-02T15:04:05.000Z"

// MaxName is the longest name of a person, company, profile or token, in
// characters.
const MaxName = 100

// ParseName returns the text without blanks around it. It must have 1 to 100
// characters, none of them hidden (see CheckVisible), and at least one that is
// no blank. Errors: CodeInvalid naming field.
func ParseName(field, s string) (string, error) { return CleanText(field, s, 1, MaxName) }

// ParseOptionalText is ParseName for a text that may be empty.
func ParseOptionalText(field, s string) (string, error) { return CleanText(field, s, 0, MaxName) }

func CleanText(field, s string, least, most int) (string, error) {
	s = strings.TrimSpace(s)
	n := utf8.RuneCountInString(s)
	switch {
	case !utf8.ValidString(s) || strings.ContainsFunc(s, unicode.IsControl):
		return "", problem.InvalidField(
			field,
			problem.FieldFormat,
			"must not contain control characters",
		)
	case n < least && n == 0:
		return "", problem.InvalidField(field, problem.FieldRequired, "is required")
	case n < least || n > most:
		return "", problem.InvalidField(field, problem.FieldLength, "must have %d to %d characters", least, most).
			Bound(most)
	}
	if err := CheckVisible(field, s); err != nil {
		return "", err
	}
	return s, nil
}

// CleanLines is CleanText for texts that may have several lines.
func CleanLines(field, s string, least, most int) (string, error) {
	n := utf8.RuneCountInString(s)
	control := func(r rune) bool {
		return unicode.IsControl(r) && r != '\n' && r != '\t' && r != '\r'
	}
	switch {
	case n < least && n == 0:
		return "", problem.InvalidField(field, problem.FieldRequired, "is required")
	case n < least || n > most || !utf8.ValidString(s):
		return "", problem.InvalidField(field, problem.FieldLength, "must have %d to %d characters", least, most).
			Bound(most)
	case strings.ContainsFunc(s, control):
		return "", problem.InvalidField(
			field,
			problem.FieldFormat,
			"must not contain control characters other than line breaks",
		)
	}
	if err := CheckVisible(field, s); err != nil {
		return "", err
	}
	return s, nil
}

// ParseSeparator accepts one character between the digits of a number, or none.
// A blank is one: many languages use it.
func ParseSeparator(field, s string) (string, error) {
	if _, found := hidden(s); found || utf8.RuneCountInString(s) > 1 || !utf8.ValidString(s) ||
		strings.ContainsFunc(s, unicode.IsControl) {
		return "", problem.InvalidField(
			field,
			problem.FieldFormat,
			"must be one character, or empty for none",
		)
	}
	return s, nil
}

func OneOf(field, s string, allowed ...string) (string, error) {
	for _, a := range allowed {
		if s == a {
			return s, nil
		}
	}
	return "", problem.InvalidField(
		field,
		problem.FieldChoice,
		"must be one of %s",
		problem.List(allowed),
	)
}

// Email is an address in the form in which it is compared: no blanks around it,
// lower case.
type Email string

// parting are the characters that would split or end a URL path with an
// unescaped address in it, and their names.
var parting = map[rune]string{
	'/': "slash",
	'?': "question mark",
	'#': "number sign",
	'%': "percent sign",
}

// ParseNewEmail is ParseEmail for an address that becomes an account's, or that
// something is offered to. It refuses addresses that cannot be used in a path,
// because some paths have an address. SDKs do not escape it, so that the path
// would end at ? or #, and % would begin an escape; and API Gateway decodes an
// encoded slash.
func ParseNewEmail(s string) (Email, error) {
	e, err := ParseEmail(s)
	if err != nil {
		return "", err
	}
	for _, r := range string(e) {
		if name := parting[r]; name != "" {
			return "", problem.InvalidField(
				"email",
				problem.FieldFormat,
				"must have no %s: clients put addresses into paths, where an address such as ana%cx@example.com would not stay whole",
				name,
				r,
			)
		}
	}
	return e, nil
}

// MaxEmail is how many characters an address has at most.
const MaxEmail = 254

// ParseEmail accepts one plain ASCII address of at most 254 characters with a
// domain that has a dot; blanks around it are tolerated. Anything else is
// CodeInvalid.
func ParseEmail(s string) (Email, error) {
	bad := problem.InvalidField(
		"email",
		problem.FieldFormat,
		"must be an address such as ana@example.com",
	)
	s = strings.TrimSpace(s)
	if s == "" {
		return "", problem.InvalidField("email", problem.FieldRequired, "is required")
	}
	if local, domain, _ := strings.Cut(s, "@"); isASCII(local) && domain != "" && !isASCII(domain) {
		return "", problem.InvalidField(
			"email",
			problem.FieldFormat,
			"must have its domain in ASCII form, as mail servers do: xn--mnchen-3ya.de for münchen.de",
		)
	}
	if len(s) > MaxEmail ||
		strings.ContainsFunc(
			s,
			func(r rune) bool { return r <= ' ' || r > '~' || strings.ContainsRune(`"<>()[],;:\`, r) },
		) {
		return "", bad
	}
	// This is after the check, because some letters that are not ASCII have a
	// lower case that is.
	s = strings.ToLower(s)
	a, err := mail.ParseAddress(s)
	if err != nil || a.Address != s {
		return "", bad
	}
	local, domain, _ := strings.Cut(s, "@")
	if len(local) > 64 || !isDomain(domain) {
		return "", bad
	}
	return Email(s), nil
}

func isASCII(s string) bool {
	return !strings.ContainsFunc(s, func(r rune) bool { return r > unicode.MaxASCII })
}

func isDomain(s string) bool {
	labels := strings.Split(s, ".")
	if len(labels) < 2 {
		return false
	}
	for _, l := range labels {
		if l == "" || len(l) > 63 || l[0] == '-' || l[len(l)-1] == '-' {
			return false
		}
		if strings.ContainsFunc(
			l,
			func(r rune) bool { return r != '-' && (r < '0' || r > '9') && (r < 'a' || r > 'z') },
		) {
			return false
		}
	}
	return true
}

// ParseURL accepts an absolute http or https address of at most 2,048
// characters, or an empty text for none.
func ParseURL(field, s string) (string, error) {
	s = strings.TrimSpace(s)
	if s == "" {
		return "", nil
	}
	_, invisible := hidden(s)
	legible := !invisible && utf8.ValidString(s) && !strings.ContainsFunc(s, unicode.IsControl)
	u, err := url.Parse(s)
	if err != nil || len(s) > 2048 || !legible || (u.Scheme != "https" && u.Scheme != "http") ||
		u.Hostname() == "" || u.User != nil {
		return "", problem.InvalidField(
			field,
			problem.FieldFormat,
			"must be an https or http address of at most 2048 characters, or null for none",
		)
	}
	return s, nil
}

// ParseTimezone accepts the IANA name of a time zone, as Zone does; an empty
// text means UTC.
func ParseTimezone(s string) (string, error) {
	zone, err := Zone(s)
	if err != nil {
		return "", err
	}
	return zone.String(), nil
}

// Plural returns a number of things, as in "1 day" and "2 days".
func Plural(n int, what string) string {
	if n == 1 {
		return "1 " + what
	}
	return fmt.Sprintf("%d %ss", n, what)
}
