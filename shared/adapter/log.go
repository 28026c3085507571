package adapter

import (
	"context"
	"io"
	"log/slog"
	"slices"
	"strings"

	"profiles/shared/metric"
	"profiles/shared/secret/form"
)

// LevelQuiet is the level of lines that only machines read, as of a run that
// found nothing to do. A function logs them; the local stack does not show
// them.
const LevelQuiet = slog.LevelInfo - 1

// NewLog returns the log of a function, with one line of JSON for each event.
// Error texts are written without secrets and addresses, because those of other
// systems may contain some, as a mail provider's has the address that it
// refuses. Metrics of a line are in the namespace; without one, CloudWatch does
// not read them as metrics.
func NewLog(w io.Writer, level slog.Leveler, namespace string) *slog.Logger {
	return slog.New(
		WithRequest(slog.NewJSONHandler(
			w,
			&slog.HandlerOptions{
				Level: level,
				ReplaceAttr: func(_ []string, a slog.Attr) slog.Attr {
					switch a.Key {
					case "error":
						a.Value = slog.StringValue(masked(a.Value.String()))
					case slog.LevelKey:
						if a.Value.Any() == LevelQuiet {
							a.Value = slog.AnyValue(slog.LevelInfo)
						}
					case metric.Member:
						metrics, ok := a.Value.Any().(metric.Document)
						if !ok || namespace == "" {
							return slog.Attr{}
						}
						a.Value = slog.AnyValue(metrics.In(namespace))
					}
					return a
				},
			},
		)),
	)
}

// WithRequest returns a handler that adds the operation and the id of the
// request to each line that is written with the context of an invocation. So
// all lines of a request can be found by the id in its answer.
func WithRequest(h slog.Handler) slog.Handler { return requestHandler{h, false} }

type requestHandler struct {
	slog.Handler
	named bool // the lines have the operation already
}

func (h requestHandler) Handle(ctx context.Context, line slog.Record) error {
	record := metric.From(ctx)
	if record == nil {
		return h.Handler.Handle(ctx, line)
	}
	joined := slog.NewRecord(line.Time, line.Level, line.Message, line.PC)
	if !h.named {
		joined.AddAttrs(slog.String("operation", record.Operation))
	}
	if record.Request != "" {
		joined.AddAttrs(slog.String("request", record.Request))
	}
	line.Attrs(func(a slog.Attr) bool {
		joined.AddAttrs(a)
		return true
	})
	return h.Handler.Handle(ctx, joined)
}

func (h requestHandler) WithAttrs(attrs []slog.Attr) slog.Handler {
	named := slices.ContainsFunc(attrs, func(a slog.Attr) bool { return a.Key == "operation" })
	return requestHandler{h.Handler.WithAttrs(attrs), h.named || named}
}

func (h requestHandler) WithGroup(name string) slog.Handler {
	return requestHandler{h.Handler.WithGroup(name), h.named}
}

// masked removes from a text what a log must not have: tokens and codes except
// for their public ids, hashes of passwords, and mail addresses. It also
// removes texts that only look like these.
func masked(text string) string {
	return replaceRuns(replaceRuns(text, inSecret, withoutSecret), inAddress, withoutAddress)
}

// Masked returns an error with a masked text, which wraps err.
func Masked(err error) error { return maskedError{err} }

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
	if form.Is(run) || len(run) >= 30 && strings.ContainsAny(run, "0123456789") {
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
