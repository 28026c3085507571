package value

import (
	"strings"
	"time"

	"profiles/shared/problem"
)

// Zone returns the time zone of an IANA name; an empty name means UTC. Errors:
// CodeInvalid for a name that the time zone database does not have. A function
// that calls it must carry that database: see the import of time/tzdata in its
// main.go.
func Zone(name string) (*time.Location, error) {
	name = strings.TrimSpace(name)
	zone, err := time.LoadLocation(name)
	if err != nil || !isZoneName(name) {
		return nil, problem.InvalidField(
			"timezone",
			problem.FieldFormat,
			"must be an IANA name such as Europe/Berlin",
		)
	}
	return zone, nil
}

// isZoneName reports whether a name is that of a zone. Some systems have other
// files beside the zones: names that mean another zone on each machine, that
// are no place, or whose clocks count leap seconds.
func isZoneName(name string) bool {
	switch name {
	case "Local", "localtime", "posixrules", "Factory":
		return false
	}
	return !strings.HasPrefix(name, "posix/") && !strings.HasPrefix(name, "right/")
}

var DateForms = []string{
	time.RFC3339Nano, "2006-01-02T15:04:05.999999999", "2006-01-02T15:04:05Z0700",
	"2006-01-02 15:04:05.999999999", "2006-01-02 15:04:05.999999999Z07:00", "2006-01-02T15:04",
}

// ParseDate reads an ISO 8601 date, with or without a time of day. With a time,
// from and to are both that time; a missing zone means UTC. Without, from is
// the beginning of the day in zone, and to that of the next day.
func ParseDate(s string, zone *time.Location) (from, to time.Time, ok bool) {
	if t, err := time.Parse(time.DateOnly, s); err == nil {
		from = FirstMoment(t.Year(), t.Month(), t.Day(), zone)
		return from, DayStart(from, 1), true
	}
	for _, form := range DateForms {
		if t, err := time.ParseInLocation(form, s, time.UTC); err == nil {
			return t, t, true
		}
	}
	return time.Time{}, time.Time{}, false
}

// IsDateAlone reports whether a text is a date without a time of day, whose
// instants depend on the zone.
func IsDateAlone(s string) bool {
	_, err := time.Parse(time.DateOnly, strings.TrimSpace(s))
	return err == nil
}

// ParseSpan reads the start and the end of a time span. An empty text gives the
// zero time. A date without a time is the whole day in zone. to is not in the
// span. Errors: CodeInvalid naming start_date or end_date.
func ParseSpan(start, end string, zone *time.Location) (from, to time.Time, err error) {
	ok := true
	if start = strings.TrimSpace(start); start != "" {
		if from, _, ok = ParseDate(start, zone); !ok {
			return from, to, problem.InvalidField(
				"start_date",
				problem.FieldFormat,
				"must be a date such as 2030-01-31 or 2030-01-31T12:00:00Z",
			)
		}
	}
	if end = strings.TrimSpace(end); end != "" {
		if _, to, ok = ParseDate(end, zone); !ok {
			return from, to, problem.InvalidField(
				"end_date",
				problem.FieldFormat,
				"must be a date such as 2030-01-31 or 2030-01-31T12:00:00Z",
			)
		}
	}
	if !from.IsZero() && !to.IsZero() && !from.Before(to) {
		return from, to, problem.InvalidField(
			"start_date",
			problem.FieldRange,
			"must be before end_date",
		)
	}
	return from, to, nil
}

// Moment returns a time in words for people: in their zone, and in UTC.
func Moment(t time.Time, zone *time.Location) string {
	const date, hour = "2 January 2006", "15:04"
	utc, local := t.UTC(), t.In(zone)
	if zone.String() == time.UTC.String() {
		return utc.Format(date + ", " + hour + " UTC")
	}
	short := hour
	if utc.Format(date) != local.Format(date) {
		short = date + ", " + hour
	}
	return local.Format(date+", "+hour) + " in " + zone.String() + " (" + utc.Format(short) + " UTC)"
}

// LocalTime returns a time in zone, in the form that spreadsheets read:
// 2030-03-14 10:26:53.
func LocalTime(t time.Time, zone *time.Location) string { return t.In(zone).Format(time.DateTime) }

// DayStart returns the first moment of the day n days after that of t.
func DayStart(t time.Time, n int) time.Time {
	return FirstMoment(t.Year(), t.Month(), t.Day()+n, t.Location())
}

// FirstMoment returns when a day begins in zone: at midnight or, if clocks are
// put forward at midnight, at the time they are put to.
func FirstMoment(year int, month time.Month, day int, zone *time.Location) time.Time {
	date := time.Date(year, month, day, 12, 0, 0, 0, zone)
	t := time.Date(year, month, day, 0, 0, 0, 0, zone)
	for t.Day() != date.Day() {
		t = t.Add(15 * time.Minute)
	}
	return t
}

// AddMonths returns t n months later. In a month that is too short it is the
// last day: a month after 31 January is 28 or 29 February.
func AddMonths(t time.Time, n int) time.Time {
	first := t.AddDate(0, 0, 1-t.Day()).AddDate(0, n, 0)
	last := first.AddDate(0, 1, -1).Day()
	return first.AddDate(0, 0, min(t.Day(), last)-1)
}
