package billing

import (
	"fmt"
	"math"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"profiles/shared/plan"
	"profiles/shared/problem"
	"profiles/shared/value"
)

// MaxEvent is the longest name of an event, in characters.
const MaxEvent = 128

// ReportedLine is a line as a data plane sends it. Amount is in units, nil when
// it is missing. Time is when the use happened, at most UsageEventLife ago, and
// may be empty. The use counts at the time of the report all the same.
type ReportedLine struct {
	Service string
	Amount  *float64
	Set     bool
	Event   string
	Time    string
}

// Parse reads the line; an empty time becomes now. Errors: CodeInvalid naming
// what is wrong.
func (l ReportedLine) Parse(now time.Time) (UsageLine, error) {
	s, err := plan.ParseService(l.Service)
	if err != nil {
		return UsageLine{}, err
	}
	if l.Amount == nil {
		return UsageLine{}, problem.InvalidField("amount", problem.FieldRequired, "is required")
	}
	line := UsageLine{Service: s, Set: l.Set, Time: now}
	if line.Amount, err = parseUse(s, *l.Amount, l.Set); err != nil {
		return line, err
	}
	if line.Event, err = parseEvent(l.Event); err != nil {
		return line, err
	}
	if l.Time != "" {
		t, _, ok := value.ParseDate(l.Time, time.UTC)
		if !ok || t.After(now.Add(usageAhead)) || t.Before(now.Add(-UsageEventLife)) {
			return line, problem.InvalidField(
				"time",
				problem.FieldFormat,
				"must be a date such as 2030-01-31T12:00:00Z, within the last 35 days",
			)
		}
		line.Time = t.UTC()
	}
	return line, nil
}

// MaxReportLines is how many lines a report may have.
const MaxReportLines = 100

// ParseReport reads the lines of a report. Errors: CodeInvalid for no line, for
// more than MaxReportLines, and for an invalid line, which the error names. Two
// lines may share an event only if they have the same service and kind: an
// event counts once, so the second of two different lines would be lost.
func ParseReport(reported []ReportedLine, now time.Time) ([]UsageLine, error) {
	if len(reported) == 0 || len(reported) > MaxReportLines {
		return nil, problem.InvalidField("lines", problem.FieldLength, "must have 1 to %d lines", MaxReportLines).
			Bound(MaxReportLines)
	}
	lines := make([]UsageLine, len(reported))
	first := map[string]int{}
	for i, l := range reported {
		var err error
		if lines[i], err = l.Parse(now); err != nil {
			return nil, problem.Invalid("lines[%d]: %v", i, err).
				Within(fmt.Sprintf("lines[%d]", i), err)
		}
		n, again := first[lines[i].Event]
		if !again {
			first[lines[i].Event] = i
		} else if !lines[i].same(lines[n].Service, lines[n].Kind()) {
			return nil, problem.Invalid("lines[%d] has the event of lines[%d], which %s: name each line by an event of its own", i, n, lines[n].Kind().of(lines[n].Service)).
				At(fmt.Sprintf("lines[%d].event", i))
		}
	}
	return lines, nil
}

// usageAhead is how far the clock of a data plane may be ahead.
const usageAhead = 5 * time.Minute

// parseEvent accepts 1 to 128 characters without control characters. Errors:
// CodeInvalid.
func parseEvent(s string) (string, error) {
	n := utf8.RuneCountInString(s)
	if n < 1 || n > MaxEvent || !utf8.ValidString(s) ||
		strings.ContainsFunc(s, unicode.IsControl) || value.CheckVisible("event", s) != nil {
		return "", problem.InvalidField("event", problem.FieldLength, "must name the line with 1 to %d characters: one event counts once", MaxEvent).
			Bound(MaxEvent)
	}
	return s, nil
}

// parseUse reads an amount of a service, in units, as a number of its parts.
// Errors: CodeInvalid for a number that is too large, for a fraction of a part,
// for setting a counter, for lowering a counter, and for adding 0.
func parseUse(s plan.Service, amount float64, set bool) (int64, error) {
	parts := amount * float64(s.Parts())
	n := math.Round(parts)
	switch {
	case math.Abs(parts) > plan.MaxAmount || math.IsNaN(parts):
		return 0, problem.InvalidField("amount", problem.FieldRange, "is too large")
	case math.Abs(parts-n) > 1e-6:
		return 0, problem.InvalidField(
			"amount",
			problem.FieldRange,
			"of %s must be a multiple of %s",
			s,
			s.Text(1),
		)
	case set && s.Counting() != plan.CountingLevel:
		return 0, problem.Invalid("%s is a counter and cannot be set: send what was used", s).
			At("set")
	case n < 0 && (set || s.Counting() != plan.CountingLevel), n == 0 && !set:
		return 0, problem.InvalidField(
			"amount",
			problem.FieldRange,
			"of %s must be positive; only a level may fall",
			s,
		)
	}
	return int64(n), nil
}
