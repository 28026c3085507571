package app

import (
	"io"
	"log/slog"
	"strings"

	"profiles/shared/secret"
)

// NewLog returns the log of a function, with one line of JSON for each event.
// Error texts are written without secrets and addresses, because those of other
// systems may contain some, as a mail provider's has the address that it
// refuses.
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

// masked removes from a text what a log must not have: tokens and codes except
// for their public ids, hashes of passwords, and mail addresses. It also
// removes texts that only look like these.
func masked(text string) string {
	return replaceRuns(replaceRuns(text, inSecret, withoutSecret), inAddress, withoutAddress)
}

// maskedError is an error with a masked text.
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

// withoutSecret masks a token or code in a run of characters, and any run that
// may be part of one: 30 characters or more with a digit. A code has 34, of
// which 30 are secret.
func withoutSecret(run string) string {
	if _, ok := secret.Parse(run); ok || len(run) >= 30 && strings.ContainsAny(run, "0123456789") {
		return run[:8] + "***"
	}
	return run
}

// inAddress reports whether a mail address may contain a character; see
// value.ParseEmail.
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
