// Package webhook has the rules of webhooks: addresses of programs that are
// sent the events of a profile or an account. It does no I/O and reads no
// clock.
package webhook

import (
	"net/netip"
	"net/url"
	"slices"
	"strings"
	"time"

	"profiles/shared/auditlog"
	"profiles/shared/event"
	"profiles/shared/problem"
	"profiles/shared/value"
)

// ID identifies a webhook: 24 lower-case hexadecimal digits.
type ID string

// ParseID accepts the id of a webhook; anything else is CodeNotFound.
func ParseID(s string) (ID, error) {
	if !value.IsID(s) {
		return "", ErrNone
	}
	return ID(s), nil
}

// ErrNone refuses a webhook that there is not.
var ErrNone error = problem.NotFound("Webhook")

// ErrDisabled refuses to send something to a webhook that is disabled.
var ErrDisabled error = problem.Conflict("The webhook is disabled: enable it first")

// Bounds of webhooks.
const (
	Most        = 10 // of a profile, or of an account
	MaxURL      = 2048
	MaxEvents   = 50 // patterns of one webhook
	MaxNote     = 100
	OldSecret   = 24 * time.Hour // how long a secret works after its rotation
	FailingLife = 72 * time.Hour // after how long without a success one is disabled
)

// Webhook is an address that is sent events.
type Webhook struct {
	ID       ID
	URL      string
	Events   []string // patterns; none: all events
	Note     string   // of the owner, for people
	Enabled  bool
	Secret   []byte // sealed
	Previous []byte // the sealed secret before the last rotation; nil for none
	// PreviousUntil is until when Previous signs, too.
	PreviousUntil    time.Time
	Created, Updated time.Time
	Failed           time.Time // when it was disabled as it failed; zero: it was not
}

// List has the webhooks of a profile or an account.
type List struct {
	Subject event.Subject
	Version int64 // 0: nothing is stored yet
	Hooks   []Webhook
}

// Log is the audit log whose entries the webhooks hear of.
func (l List) Log() string {
	if l.Subject.Profile != "" {
		return string(l.Subject.Profile)
	}
	return string(l.Subject.Account)
}

// Find returns a webhook of the list. Errors: ErrNone.
func (l List) Find(id ID) (Webhook, error) {
	for _, h := range l.Hooks {
		if h.ID == id {
			return h, nil
		}
	}
	return Webhook{}, ErrNone
}

// Hear returns the webhooks that are sent an event of a type.
func (l List) Hear(t event.Type) (out []Webhook) {
	for _, h := range l.Hooks {
		if h.Enabled && t.Selects(h.Events) {
			out = append(out, h)
		}
	}
	return out
}

// With returns the list with a webhook, in the place of that with its id or
// behind all others. Errors: CodeForbidden above Most.
func (l List) With(h Webhook) (List, error) {
	l.Hooks = slices.Clone(l.Hooks)
	for i := range l.Hooks {
		if l.Hooks[i].ID == h.ID {
			l.Hooks[i] = h
			return l, nil
		}
	}
	if len(l.Hooks) >= Most {
		return l, problem.Forbidden(
			"A profile or an account has at most %d webhooks: delete one first", Most,
		).For(problem.ReasonWebhooksFull).With("limit", Most)
	}
	l.Hooks = append(l.Hooks, h)
	return l, nil
}

// Without returns the list without a webhook.
func (l List) Without(id ID) List {
	l.Hooks = slices.DeleteFunc(slices.Clone(l.Hooks), func(h Webhook) bool { return h.ID == id })
	return l
}

// Edit are changes of a webhook; nil leaves a field as it is.
type Edit struct {
	URL     *string
	Events  *[]string
	Note    *string
	Enabled *bool
}

// Edit returns the webhook with changes. loopback admits addresses of this
// machine, for the local stack. Errors: CodeInvalid naming the field.
func (h Webhook) Edit(e Edit, loopback bool, now time.Time) (Webhook, error) {
	var err error
	if e.URL != nil {
		if h.URL, err = parseURL(*e.URL, loopback); err != nil {
			return h, err
		}
	}
	if e.Events != nil {
		if h.Events, err = parseEvents(*e.Events); err != nil {
			return h, err
		}
	}
	if e.Note != nil {
		if h.Note, err = value.CleanText("description", *e.Note, 0, MaxNote); err != nil {
			return h, err
		}
	}
	if e.Enabled != nil {
		if h.Enabled = *e.Enabled; h.Enabled {
			h.Failed = time.Time{}
		}
	}
	h.Updated = now
	return h, nil
}

// Rotate returns the webhook with a new sealed secret. The one before signs
// beside it for OldSecret.
func (h Webhook) Rotate(sealed []byte, now time.Time) Webhook {
	h.Previous, h.PreviousUntil = h.Secret, now.Add(OldSecret)
	h.Secret, h.Updated = sealed, now
	return h
}

// Secrets are the sealed secrets that sign at a time, the new one first.
func (h Webhook) Secrets(now time.Time) [][]byte {
	out := [][]byte{h.Secret}
	if h.Previous != nil && now.Before(h.PreviousUntil) {
		out = append(out, h.Previous)
	}
	return out
}

// Differences are the fields that changed since before, without secrets.
func (h Webhook) Differences(before Webhook) []auditlog.Change {
	enabled := func(h Webhook) string {
		if h.Enabled {
			return "true"
		}
		return "false"
	}
	was := enabled(before)
	if before.ID == "" {
		was = ""
	}
	return auditlog.Differences(
		auditlog.Changed("url", before.URL, h.URL),
		auditlog.Changed("events", strings.Join(before.Events, " "), strings.Join(h.Events, " ")),
		auditlog.Changed("description", before.Note, h.Note),
		auditlog.Changed("enabled", was, enabled(h)),
	)
}

func parseEvents(patterns []string) ([]string, error) {
	if len(patterns) > MaxEvents {
		return nil, problem.InvalidField(
			"events", problem.FieldRange, "must be at most %d", MaxEvents,
		).Bound(MaxEvents)
	}
	out := []string{}
	for _, p := range patterns {
		if !event.IsPattern(p) {
			return nil, problem.InvalidField(
				"events", problem.FieldChoice,
				"must be types of events such as token.created, groups such as token.*, or *",
			)
		}
		if !slices.Contains(out, p) {
			out = append(out, p)
		}
	}
	return out, nil
}

// parseURL accepts an https address whose host is a name, or a public address.
// A name is looked up when an event is sent, and the addresses that it has then
// are checked.
func parseURL(s string, loopback bool) (string, error) {
	const want = "must be a whole https address, such as https://example.com/events, " +
		"without a name, a password or a fragment"
	wrong := func(format string) error {
		return problem.InvalidField("url", problem.FieldFormat, "%s", format)
	}
	s = strings.TrimSpace(s)
	u, err := url.Parse(s)
	switch {
	case len(s) > MaxURL:
		return "", problem.InvalidField(
			"url", problem.FieldRange, "must have at most %d characters", MaxURL,
		).Bound(MaxURL)
	case err != nil || u.Hostname() == "" || u.User != nil || u.Fragment != "" || u.Opaque != "",
		strings.ContainsAny(s, " \t\r\n\\"):
		return "", wrong(want)
	}
	ip, isIP := addressOf(u.Hostname())
	local := loopback && isIP && ip.IsLoopback()
	switch {
	case u.Scheme != "https" && (u.Scheme != "http" || !local):
		return "", wrong(want)
	case isIP && !Admits(ip, loopback), isInternal(u.Hostname()):
		return "", wrong("must be an address that everybody can reach")
	}
	return s, nil
}

// addressOf reads a host that is a network address.
func addressOf(host string) (netip.Addr, bool) {
	ip, err := netip.ParseAddr(host)
	return ip, err == nil
}

// isInternal reports whether a name never has a public address. Other names are
// looked up.
func isInternal(host string) bool {
	host = strings.ToLower(strings.TrimSuffix(host, "."))
	if host == "localhost" {
		return true
	}
	for _, end := range []string{".localhost", ".local", ".internal"} {
		if strings.HasSuffix(host, end) {
			return true
		}
	}
	return false
}
