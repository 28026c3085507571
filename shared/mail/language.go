package mail

import (
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"profiles/shared/mailing"
	"profiles/shared/plan"
	"profiles/shared/problem"
)

//go:embed templates
var files embed.FS

// english is the language of whoever has not chosen one that there is, and of
// mails to the support desk.
const english = "en"

// language has the texts for what depends on what happened, and finds the mails
// of one language.
type language struct {
	name     string
	phrases  map[string]template
	fallback *language // for mails and texts that the language lacks; nil for English
}

func readLanguage(name string, fallback *language) (*language, error) {
	l := &language{name, map[string]template{}, fallback}
	texts, err := files.ReadFile("templates/" + name + "/phrases.txt")
	if err != nil {
		return nil, err
	}
	for line := range strings.SplitSeq(strings.TrimSpace(string(texts)), "\n") {
		key, text, ok := strings.Cut(line, ": ")
		if !ok {
			return nil, fmt.Errorf("the phrase %q has no name", line)
		}
		if l.phrases[key], err = parse(text); err != nil {
			return nil, fmt.Errorf("the phrase %s: %w", key, err)
		}
	}
	return l, nil
}

// read returns the mail of a kind, and the language that has it. It is read
// when it is sent: a function sends few kinds before it ends.
func (l *language) read(kind mailing.Kind) (pair, *language, error) {
	text, err := files.ReadFile("templates/" + l.name + "/" + string(kind) + ".txt")
	if errors.Is(err, fs.ErrNotExist) && l.fallback != nil {
		return l.fallback.read(kind)
	}
	if err != nil {
		return pair{}, nil, err
	}
	p, err := l.pair(kind, string(text))
	return p, l, err
}

// phrase finds a text by its name, or by the first part of its name, which is
// for all that have no text of their own.
func (l *language) phrase(name string) (t template, ok bool) {
	general, _, _ := strings.Cut(name, "-")
	for _, key := range []string{name, general} {
		if t, ok := l.phrases[key]; ok {
			return t, true
		}
	}
	if l.fallback != nil {
		return l.fallback.phrase(name)
	}
	return t, false
}

// text is a phrase without words, or with these.
func (l *language) text(name string, words map[string]string) (string, error) {
	t, ok := l.phrase(name)
	if !ok {
		return "", fmt.Errorf("there is no text %s", name)
	}
	return t.execute(words, asIs)
}

// exactly is a phrase that must have this name, or otherwise.
func (l *language) exactly(name, otherwise string) string {
	if t, ok := l.phrases[name]; ok {
		return strings.Join(t.literals, "")
	}
	return otherwise
}

// times are the words that are a time. Messages have times as RFC 3339, and
// mails in words for people.
var times = []string{"expires", "when", "until", "last", "made"}

// phrases are the words that are a mailing.Phrase.
var phrases = []string{
	"resets", "missing", "lasts", "next", "message", "needs", "reason", "outcome", "stays", "by",
	"team", "amounts", "addons", "what", "lines",
}

// words writes the words of a message, or of a phrase, for people.
func (l *language) words(
	in map[string]string, zone *time.Location,
) (out map[string]string, err error) {
	out = map[string]string{}
	for name, text := range in {
		manner := manners[name]
		switch {
		case manner == nil:
		case slices.Contains(times, name):
			if out[name] = l.moments(text, zone); out[name] == text {
				return nil, problem.Invalid("the value of %s is not a time: %q", name, text)
			}
		case slices.Contains(phrases, name):
			if out[name], err = l.expand(name, text, zone); err != nil {
				return nil, err
			}
		case name == "service":
			out["service"], out["unit"] = l.service(text, in["unit"])
		case name == "unit":
			// It follows from the service.
		case name == "sentence":
			out[name] = l.moments(text, zone)
		case name == "permission":
			out[name] = l.exactly("permission-"+text, text)
		case name == "about":
			out[name] = l.exactly("factor-"+text, text)
		case name == "address" && text == "":
			out[name] = l.exactly("unknown-address", text)
		default:
			out[name] = manner(text)
		}
	}
	return out, nil
}

// service names a service and its unit. Mails of earlier releases have them in
// English already.
func (l *language) service(name, unit string) (title, units string) {
	s, err := plan.ParseService(name)
	if err != nil {
		return name, unit
	}
	return l.exactly("service-"+name, s.Title()), l.exactly("unit-"+name, s.Unit())
}

// expand writes a phrase. Mails of earlier releases have sentences in English
// in its place.
func (l *language) expand(name, text string, zone *time.Location) (string, error) {
	lines, ok := mailing.Phrase(text).Lines()
	if !ok {
		return l.moments(manners[name](text), zone), nil
	}
	var all []string
	for _, line := range lines {
		words, err := l.words(line.Words, zone)
		if err != nil {
			return "", err
		}
		written, err := l.text(line.Name, words)
		if err != nil {
			return "", err
		}
		all = append(all, written)
	}
	switch name {
	case "addons":
		return strings.Join(all, "; "), nil
	case "lasts":
		return " " + strings.Join(all, " "), nil // after a sentence
	}
	return strings.Join(all, "\n"), nil
}

// moments replaces the times in a text by words, in the reader's zone and in
// UTC.
func (l *language) moments(text string, zone *time.Location) string {
	return rfc3339.ReplaceAllStringFunc(text, func(s string) string {
		t, err := time.Parse(time.RFC3339, s)
		if err != nil {
			return s
		}
		return l.moment(t, zone)
	})
}

var rfc3339 = regexp.MustCompile(`\d{4}-\d\d-\d\dT[0-9:.]+(Z|[+-]\d\d:\d\d)`)

// moment is value.Moment in the language.
func (l *language) moment(t time.Time, zone *time.Location) string {
	utc, local := t.UTC(), t.In(zone)
	hour := utc.Format("15:04")
	if zone.String() == time.UTC.String() {
		return l.date(utc) + ", " + hour + " UTC"
	}
	if l.date(utc) != l.date(local) {
		hour = l.date(utc) + ", " + hour
	}
	text, _ := l.text("zone", map[string]string{
		"date": l.date(local), "hour": local.Format("15:04"), "zone": zone.String(), "utc": hour,
	})
	return text
}

func (l *language) date(t time.Time) string {
	months := strings.Fields(l.exactly("months", ""))
	text, _ := l.text("date", map[string]string{
		"day": strconv.Itoa(t.Day()), "month": months[t.Month()-1], "year": strconv.Itoa(t.Year()),
	})
	return text
}
