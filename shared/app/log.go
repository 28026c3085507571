package app

import (
	"io"
	"log/slog"
	"strings"

	"profiles/shared/secret"
)

// NewLog returns the log of a function: one line of JSON an event. The texts of
// errors come from far, and some name what they were about, as a mail
// provider's names the address it refuses: they are written without secrets and
// addresses.
func NewLog(w io.Writer, level slog.Leveler) *slog.Logger {
	return slog.New(
		slog.NewJSONHandler(
			w,
			&slog.HandlerOptions{
				Level: level,
				ReplaceAttr: func(_ []string, a slog.Attr) slog.Attr {
					if a.Key == "error" {
						a.Value = slog.StringValue(masked(a.Value.String()))
					}
					return a
				},
			},
		),
	)
}

// masked takes out of a text what a log must not have: all of a token or code
// but its public id, hashes of passwords, and mail addresses. What merely looks
// like one goes too.
func masked(text string) string {
	return replaceRuns(replaceRuns(text, inSecret, withoutSecret), inAddress, withoutAddress)
}

// maskedError says what an error says, masked.
type maskedError struct{ error }

func (e maskedError) Error() string { return masked(e.error.Error()) }

func (e maskedError) Unwrap() error { return e.error }

// replaceRuns replaces each longest run of characters of a kind.
func replaceRuns(text string, of func(byte) bool, replace func(string) string) string {
	var b strings.Builder
	for text != "" {
		n := 0
		for n < len(text) && of(text[n]) {
			n++
		}
		b.WriteString(replace(text[:n]))
		text = text[n:]
		for n = 0; n < len(text) && !of(text[n]); {
			n++
		}
		b.WriteString(text[:n])
		text = text[n:]
	}
	return b.String()
}

func inSecret(c byte) bool {
	return '0' <= c && c <= '9' || 'A' <= c && c <= 'Z' || 'a' <= c && c <= 'z'
}

// A code, its prefix aside, has 34 characters, and 30 of them are all that is
// secret. Names of that length have no digits.
func withoutSecret(run string) string {
	if _, ok := secret.Parse(run); ok || len(run) >= 30 && strings.ContainsAny(run, "0123456789") {
		return run[:8] + "***"
	}
	return run
}

// An address has none of these; see value.ParseEmail.
func inAddress(c byte) bool { return c > ' ' && !strings.ContainsRune(`"<>()[]{},;:\`, rune(c)) }

func withoutAddress(run string) string {
	_, domain, address := strings.Cut(run, "@")
	switch {
	case strings.HasSuffix(run, ".go"): // a file of a module, in a stack
		return run
	// the last: parts of a hash
	case address && strings.Contains(domain, "."),
		strings.Contains(run, "%40"),
		strings.Count(run, "$") > 1:
		return "***"
	}
	return run
}
