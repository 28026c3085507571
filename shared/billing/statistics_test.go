package billing_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"profiles/shared/billing"
	"profiles/shared/plan"
	"profiles/shared/problem/problemtest"
	"profiles/shared/tenancy"
	"profiles/shared/testkit/rules"
	"profiles/shared/value"
)

type asks = billing.StatisticsQuery

// spelt is the buckets as "first .. last, end (number)".
func spelt(b []time.Time) string {
	form := func(t time.Time) string { return t.Format("2006-01-02T15:04Z07:00") }
	return fmt.Sprintf(
		"%s .. %s, %s (%d)",
		form(b[0]),
		form(b[len(b)-2]),
		form(b[len(b)-1]),
		len(b)-1,
	)
}

// bucketing is a query and its buckets: the first, the last and its end, and
// how many.
type bucketing struct {
	name  string
	query asks
	want  string
}

func (b bucketing) check(t *testing.T, now time.Time) {
	t.Helper()
	got, err := b.query.Buckets(now)
	if err != nil {
		t.Fatal(err)
	}
	if got := spelt(got); got != b.want {
		t.Errorf("got  %s\nwant %s", got, b.want)
	}
}

func TestBuckets(t *testing.T) {
	t.Parallel()
	now := rules.At(t, "2026-11-24T12:34:56.789Z")
	for _, test := range []bucketing{
		{"nothing asked: the hours of today, up to now", asks{}, "2026-11-24T00:00Z .. 2026-11-24T12:00Z, 2026-11-24T13:00Z (13)"},
		{"today, where it has begun already", asks{Timezone: "Asia/Tokyo"}, "2026-11-23T15:00Z .. 2026-11-24T12:00Z, 2026-11-24T13:00Z (22)"},
		{"today, where it is late", asks{Timezone: "America/New_York"}, "2026-11-24T05:00Z .. 2026-11-24T12:00Z, 2026-11-24T13:00Z (8)"},
		{"a day", asks{Date: "2026-11-03"}, "2026-11-03T00:00Z .. 2026-11-03T23:00Z, 2026-11-04T00:00Z (24)"},
		{"a day with blanks around it", asks{Date: " 2026-11-03 "}, "2026-11-03T00:00Z .. 2026-11-03T23:00Z, 2026-11-04T00:00Z (24)"},
		{"the day of a moment", asks{Date: "2026-11-03T17:45:00.000Z"}, "2026-11-03T00:00Z .. 2026-11-03T23:00Z, 2026-11-04T00:00Z (24)"},
		{"the day of a moment as Python writes it", asks{Date: "2026-11-03 17:45:00.123456"}, "2026-11-03T00:00Z .. 2026-11-03T23:00Z, 2026-11-04T00:00Z (24)"},
		{"the day of a moment, where that is the next one", asks{Date: "2026-11-03T17:45:00.000Z", Timezone: "Asia/Tokyo"}, "2026-11-03T15:00Z .. 2026-11-04T14:00Z, 2026-11-04T15:00Z (24)"},
		{"the day of a moment elsewhere", asks{Date: "2026-11-03T01:00:00+02:00"}, "2026-11-02T00:00Z .. 2026-11-02T23:00Z, 2026-11-03T00:00Z (24)"},
		{"a day in hours", asks{Date: "2026-11-03", Periodicity: "hour"}, "2026-11-03T00:00Z .. 2026-11-03T23:00Z, 2026-11-04T00:00Z (24)"},
		{"a day as one step", asks{Date: "2026-11-03", Periodicity: "day"}, "2026-11-03T00:00Z .. 2026-11-03T00:00Z, 2026-11-04T00:00Z (1)"},
		{"the month of a day", asks{Date: "2026-11-03", Periodicity: "month"}, "2026-11-01T00:00Z .. 2026-11-01T00:00Z, 2026-12-01T00:00Z (1)"},
		{"the year of a day", asks{Date: "2025-11-03", Periodicity: "year"}, "2025-01-01T00:00Z .. 2025-01-01T00:00Z, 2026-01-01T00:00Z (1)"},
		{"this day as one step", asks{Periodicity: "day"}, "2026-11-24T00:00Z .. 2026-11-24T00:00Z, 2026-11-25T00:00Z (1)"},
		{"this month", asks{Periodicity: "month", Timezone: "Europe/Berlin"}, "2026-10-31T23:00Z .. 2026-10-31T23:00Z, 2026-11-30T23:00Z (1)"},
		{"a day, and the same as a span", asks{Date: "2026-11-03", Start: "2026-11-03", End: "2026-11-03"}, "2026-11-03T00:00Z .. 2026-11-03T23:00Z, 2026-11-04T00:00Z (24)"},
		{"a day, and its start", asks{Date: "2026-11-03", Start: "2026-11-03T00:00:00Z"}, "2026-11-03T00:00Z .. 2026-11-03T23:00Z, 2026-11-04T00:00Z (24)"},
		{"a day that lost an hour", asks{Date: "2026-03-29", Timezone: "Europe/Berlin"}, "2026-03-28T23:00Z .. 2026-03-29T21:00Z, 2026-03-29T22:00Z (23)"},
		{"a day that won an hour", asks{Date: "2026-10-25", Timezone: "Europe/Berlin"}, "2026-10-24T22:00Z .. 2026-10-25T22:00Z, 2026-10-25T23:00Z (25)"},
		{"a day where hours begin half an hour later", asks{Date: "2026-11-03", Timezone: "Asia/Kolkata"}, "2026-11-02T18:30Z .. 2026-11-03T17:30Z, 2026-11-03T18:30Z (24)"},
		{"and three quarters", asks{Date: "2026-11-03", Timezone: "Asia/Kathmandu"}, "2026-11-02T18:15Z .. 2026-11-03T17:15Z, 2026-11-03T18:15Z (24)"},
		// Clocks there go back by half an hour: hours stay those of the clock.
		{"a day that won half an hour", asks{Date: "2026-04-05", Timezone: "Australia/Lord_Howe"}, "2026-04-04T13:00Z .. 2026-04-05T12:30Z, 2026-04-05T13:30Z (25)"},
		{"a day that is not yet", asks{Date: "2030-01-01"}, "2030-01-01T00:00Z .. 2030-01-01T00:00Z, 2030-01-01T01:00Z (1)"},

		{"a span of days in hours", asks{Start: "2026-11-01", End: "2026-11-02"}, "2026-11-01T00:00Z .. 2026-11-02T23:00Z, 2026-11-03T00:00Z (48)"},
		{"a span of a day in hours", asks{Start: "2026-11-01", End: "2026-11-01", Periodicity: "hour"}, "2026-11-01T00:00Z .. 2026-11-01T23:00Z, 2026-11-02T00:00Z (24)"},
		{"a span of times", asks{Start: "2026-11-01T10:00:00Z", End: "2026-11-01T12:00:00Z"}, "2026-11-01T10:00Z .. 2026-11-01T11:00Z, 2026-11-01T12:00Z (2)"},
		{"a span of times begins with the hour", asks{Start: "2026-11-01T10:59:59Z", End: "2026-11-01T12:00:00.001Z"}, "2026-11-01T10:00Z .. 2026-11-01T12:00Z, 2026-11-01T13:00Z (3)"},
		{"a span to now is cut", asks{Start: "2026-11-24", End: "2026-11-30"}, "2026-11-24T00:00Z .. 2026-11-24T12:00Z, 2026-11-24T13:00Z (13)"},
		{"times without a zone are those of the zone", asks{Start: "2026-11-01T10:00:00", End: "2026-11-01T12:00", Timezone: "Europe/Berlin"}, "2026-11-01T09:00Z .. 2026-11-01T10:00Z, 2026-11-01T11:00Z (2)"},
		{"times with a zone are what they are", asks{Start: "2026-11-01T10:00:00Z", End: "2026-11-01T12:00:00Z", Timezone: "Asia/Kolkata"}, "2026-11-01T09:30Z .. 2026-11-01T11:30Z, 2026-11-01T12:30Z (3)"},
		{"days", asks{Start: "2026-10-24", End: "2026-10-26", Periodicity: "day"}, "2026-10-24T00:00Z .. 2026-10-26T00:00Z, 2026-10-27T00:00Z (3)"},
		{"days of a zone, of 24, 25 and 24 hours", asks{Start: "2026-10-24", End: "2026-10-26", Periodicity: "day", Timezone: "Europe/Berlin"}, "2026-10-23T22:00Z .. 2026-10-25T23:00Z, 2026-10-26T23:00Z (3)"},
		{"days begin with the day", asks{Start: "2026-11-01T10:00:00Z", End: "2026-11-02T00:00:00Z", Periodicity: "day"}, "2026-11-01T00:00Z .. 2026-11-01T00:00Z, 2026-11-02T00:00Z (1)"},
		{"today as a day", asks{Start: "2026-11-24", End: "2026-11-24", Periodicity: "day"}, "2026-11-24T00:00Z .. 2026-11-24T00:00Z, 2026-11-25T00:00Z (1)"},
		{"months", asks{Start: "2026-01-31", End: "2026-11-30", Periodicity: "month"}, "2026-01-01T00:00Z .. 2026-11-01T00:00Z, 2026-12-01T00:00Z (11)"},
		{"months of a zone", asks{Start: "2026-03-01", End: "2026-04-30", Periodicity: "month", Timezone: "Europe/Berlin"}, "2026-02-28T23:00Z .. 2026-03-31T22:00Z, 2026-04-30T22:00Z (2)"},
		{"years", asks{Start: "2024-06-01", End: "2026-06-01", Periodicity: "year"}, "2024-01-01T00:00Z .. 2026-01-01T00:00Z, 2027-01-01T00:00Z (3)"},
		{"a month of hours", asks{Start: "2026-10-01", End: "2026-10-31", Timezone: "Europe/Berlin"}, "2026-09-30T22:00Z .. 2026-10-31T22:00Z, 2026-10-31T23:00Z (745)"},
		{"a span that is not yet", asks{Start: "2030-01-01", End: "2030-02-01", Periodicity: "month"}, "2030-01-01T00:00Z .. 2030-01-01T00:00Z, 2030-02-01T00:00Z (1)"},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			test.check(t, now)
		})
	}
}

// In these zones clocks are put forward at midnight, so that a day of the year
// begins at 01:00.
func TestBucketsOfADayThatHasNoMidnight(t *testing.T) {
	t.Parallel()
	now := rules.At(t, "2026-11-24T12:34:56.789Z")
	for _, test := range []bucketing{
		{"its hours, west of Greenwich", asks{Date: "2026-03-08", Timezone: "America/Havana"}, "2026-03-08T05:00Z .. 2026-03-09T03:00Z, 2026-03-09T04:00Z (23)"},
		{"its hours, east of Greenwich", asks{Date: "2026-04-24", Timezone: "Africa/Cairo"}, "2026-04-23T22:00Z .. 2026-04-24T20:00Z, 2026-04-24T21:00Z (23)"},
		{"its hours, south of the equator", asks{Date: "2026-09-06", Timezone: "America/Santiago"}, "2026-09-06T04:00Z .. 2026-09-07T02:00Z, 2026-09-07T03:00Z (23)"},
		{"days around it, west of Greenwich", asks{Start: "2026-03-07", End: "2026-03-09", Periodicity: "day", Timezone: "America/Havana"}, "2026-03-07T05:00Z .. 2026-03-09T04:00Z, 2026-03-10T04:00Z (3)"},
		{"days around it, east of Greenwich", asks{Start: "2026-04-23", End: "2026-04-25", Periodicity: "day", Timezone: "Africa/Cairo"}, "2026-04-22T22:00Z .. 2026-04-24T21:00Z, 2026-04-25T21:00Z (3)"},
		{"days that begin with it", asks{Start: "2026-03-08", End: "2026-03-09", Periodicity: "day", Timezone: "America/Havana"}, "2026-03-08T05:00Z .. 2026-03-09T04:00Z, 2026-03-10T04:00Z (2)"},
		{"hours that end with it", asks{Start: "2026-03-07", End: "2026-03-08", Timezone: "America/Havana"}, "2026-03-07T05:00Z .. 2026-03-09T03:00Z, 2026-03-09T04:00Z (47)"},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			test.check(t, now)
		})
	}
}

func TestBucketsThatCannotBe(t *testing.T) {
	t.Parallel()
	now := rules.At(t, "2026-11-24T12:34:56.789Z")
	const (
		zone = "invalid: timezone must be an IANA name such as Europe/Berlin"
		date = "must be a date such as 2030-01-31 or 2030-01-31T12:00:00Z"
		long = "invalid: the span has more than 745 steps: ask for a shorter one, or a larger periodicity"
		two  = "invalid: date is one day, and start_date and end_date are another span: send date, or the two of them"
	)
	for _, test := range []struct {
		name  string
		query asks
		want  string
	}{
		{"a date that is none", asks{Date: "today"}, "invalid: date " + date},
		{"a day that there is not", asks{Date: "2026-02-30"}, "invalid: date " + date},
		{"a start that is none", asks{Start: "x", End: "2026-11-01"}, "invalid: start_date " + date},
		{"an end that is none", asks{Start: "2026-11-01", End: "x"}, "invalid: end_date " + date},
		{"a day, and another span", asks{Date: "2026-11-03", Start: "2026-01-01", End: "2026-02-01"}, two},
		{"a day, and another span in months", asks{Date: "2026-11-03", Start: "2026-01-01", Periodicity: "month"}, two},
		{"a day, and another end", asks{Date: "2026-11-03", End: "2026-11-04"}, two},
		{"a day, and its start in another zone", asks{Date: "2026-11-03", Start: "2026-11-03T00:00:00Z", Timezone: "Asia/Tokyo"}, two},
		{"a day, and a start that is none", asks{Date: "2026-11-03", Start: "x"}, "invalid: start_date " + date},
		{"a start without an end", asks{Start: "2026-11-01"}, "invalid: send start_date and end_date, or date alone"},
		{"an end without a start", asks{End: "2026-11-01"}, "invalid: send start_date and end_date, or date alone"},
		{"an end before its start", asks{Start: "2026-11-02", End: "2026-11-01"}, "invalid: end_date must be after start_date"},
		{"an end that is its start", asks{Start: "2026-11-02T10:00:00Z", End: "2026-11-02T10:00:00Z"}, "invalid: end_date must be after start_date"},
		{"another periodicity", asks{Start: "2026-11-01", End: "2026-11-02", Periodicity: "week"}, "invalid: periodicity must be hour, day, month or year"},
		{"a periodicity in capitals", asks{Start: "2026-11-01", End: "2026-11-02", Periodicity: "Day"}, "invalid: periodicity must be hour, day, month or year"},
		{"a zone that there is not", asks{Timezone: "Europe/Bonn"}, zone},
		{"the zone of this machine", asks{Timezone: "Local"}, zone},
		{"the zone of this machine, in any case", asks{Timezone: "local"}, zone},
		{"a file of this machine", asks{Timezone: "../../etc/passwd"}, zone},
		{"a file of this machine by its whole path", asks{Timezone: "/etc/passwd"}, zone},
		{"more than a month of hours", asks{Start: "2026-10-01", End: "2026-11-01"}, ""},
		{"more than 745 hours", asks{Start: "2026-10-01T00:00:00Z", End: "2026-11-01T01:00:00.001Z"}, long},
		{"all hours that ever were", asks{Start: "0001-01-01", End: "9999-12-31"}, long},
		{"all days that ever were", asks{Start: "0001-01-01", End: "9999-12-31", Periodicity: "day"}, long},
		{"all months that ever were", asks{Start: "0001-01-01", End: "9999-12-31", Periodicity: "month"}, long},
		{"all years that ever were", asks{Start: "0001-01-01", End: "9999-12-31", Periodicity: "year"}, long},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			if test.want == "" {
				test.want = long
			}
			got, err := test.query.Buckets(now)
			if problemtest.Text(err) != test.want || err != nil && got != nil {
				t.Errorf("got %d, %q, want %q", len(got), problemtest.Text(err), test.want)
			}
		})
	}
}

func TestBucketsFollowEachOther(t *testing.T) {
	t.Parallel()
	zones := []string{
		"",
		"UTC",
		"Europe/Berlin",
		"America/New_York",
		"America/Sao_Paulo",
		"Asia/Kolkata",
		"Asia/Kathmandu",
		"Australia/Lord_Howe",
		"Pacific/Chatham",
		"Pacific/Kiritimati",
	}
	longest := map[string]time.Duration{
		"":      90 * time.Minute,
		"hour":  90 * time.Minute,
		"day":   25 * time.Hour,
		"month": 31*day + time.Hour,
		"year":  366*day + time.Hour,
	}
	rapid.Check(t, func(t *rapid.T) {
		now := moment(t, "now")
		start := moment(t, "start")
		end := start.Add(
			time.Duration(rapid.Int64Range(1, int64(30*day/tick)).Draw(t, "ms")) * tick,
		)
		q := asks{
			Start:    start.Format(value.TimeFormat),
			End:      end.Format(value.TimeFormat),
			Timezone: rapid.SampledFrom(zones).Draw(t, "zone"),
			Periodicity: rapid.SampledFrom([]string{"", "hour", "day", "month", "year"}).
				Draw(t, "periodicity"),
		}
		got, err := q.Buckets(now)
		if err != nil {
			t.Fatalf("%+v: %v", q, err)
		}
		zone, _ := time.LoadLocation(q.Timezone)
		for i, b := range got {
			local := b.In(zone)
			if b.Location() != time.UTC || local.Second() != 0 {
				t.Fatalf("%+v: got %v", q, b)
			}
			if i > 0 && (!b.After(got[i-1]) || b.Sub(got[i-1]) > longest[q.Periodicity]) {
				t.Fatalf("%+v: got %v after %v", q, b, got[i-1])
			}
			if q.Periodicity == "day" && local.Hour() > 1 ||
				q.Periodicity == "month" && local.Day() != 1 ||
				q.Periodicity == "year" && local.YearDay() != 1 {
				t.Fatalf("%+v: got %v", q, local)
			}
		}
		if got[0].After(start) || !got[1].After(start) {
			t.Fatalf("%+v: the first is from %v to %v", q, got[0], got[1])
		}
		last := got[len(got)-2]
		if len(got) > 2 && (!last.Before(end) || last.After(now)) {
			t.Fatalf("%+v at %v: the last is %v", q, now, last)
		}
		if until := got[len(got)-1]; until.Before(end) && until.Before(now) {
			t.Fatalf("%+v at %v: it ends at %v", q, now, until)
		}
	})
}

// reported is the usage of plant at the end of an hour. The last report of the
// hour came at a minute.
func reported(when time.Time, input, records int64) billing.Usage {
	return billing.Usage{
		Profile: "plant",
		Hour:    when.Truncate(time.Hour),
		Used:    plan.Amounts{plan.ServiceInput: input, plan.ServiceDataRecords: records},
		Updated: when,
		Version: 1,
	}
}

// told spells statistics as "time service=n ...".
func told(list []billing.Statistic) (out []string) {
	for _, s := range list {
		line := s.Time.Format("02T15:04")
		for _, service := range plan.Services() {
			if n, ok := s.Used[service]; ok {
				line += fmt.Sprintf(" %s=%v", service, n)
			}
		}
		out = append(out, line)
	}
	return out
}

func TestStatistics(t *testing.T) {
	t.Parallel()
	// The cycle turns on the 15th at 10:30.
	plant := tenancy.Profile{
		ID:     "plant",
		Anchor: time.Date(2026, time.January, 15, 10, 30, 0, 0, time.UTC),
	}
	on := func(d, hour, minute int) time.Time {
		return time.Date(2026, time.November, d, hour, minute, 0, 0, time.UTC)
	}
	moved := func(when time.Time) tenancy.Profile { p := plant; p.Transferred = when; return p }
	minutes := reported(on(2, 3, 10), 0, 0)
	minutes.Used[plan.ServiceAnalysis] = 1207
	fell := reported(on(2, 5, 10), 7, 0)
	for _, test := range []struct {
		name  string
		p     tenancy.Profile
		hours []billing.Usage
		query asks
		now   time.Time
		want  string
	}{
		{"nothing was ever reported", plant, nil, asks{Date: "2026-11-02"}, on(24, 12, 0), ""},
		{"nothing was used", plant, []billing.Usage{reported(on(2, 3, 10), 0, 0)}, asks{Date: "2026-11-02"}, on(24, 12, 0), ""},
		{
			"running totals, from the first hour on, and hours without a report as the one before", plant,
			[]billing.Usage{reported(on(2, 20, 10), 5, 0), reported(on(2, 21, 59), 8, 2),
				reported(on(2, 23, 0), 9, 1)}, asks{Start: "2026-11-02T19:00:00Z", End: "2026-11-03T01:00:00Z"}, on(24, 12, 0),
			"02T20:00 input=5; 02T21:00 input=8 data_records=2; 02T22:00 input=8 data_records=2; 02T23:00 input=9 data_records=1; 03T00:00 input=9 data_records=1",
		},
		{
			"what was used before the span holds on", plant, []billing.Usage{reported(on(1, 20, 10), 5, 3)}, asks{Start: "2026-11-02T00:00:00Z", End: "2026-11-02T02:00:00Z"}, on(24, 12, 0),
			"02T00:00 input=5 data_records=3; 02T01:00 input=5 data_records=3",
		},
		{
			"up to now, with what is used now", plant, []billing.Usage{reported(on(2, 1, 10), 5, 0), reported(on(2, 3, 5), 6, 0)}, asks{}, on(2, 3, 10),
			"02T01:00 input=5; 02T02:00 input=5; 02T03:00 input=6",
		},
		{"units, not parts of them", plant, []billing.Usage{minutes}, asks{Start: "2026-11-02T03:00:00Z", End: "2026-11-02T04:00:00Z"}, on(24, 12, 0), "02T03:00 analysis=12.07"},
		{
			"a level that falls to nothing is left out", plant, []billing.Usage{reported(on(2, 4, 10), 7, 3), fell}, asks{Start: "2026-11-02T04:00:00Z", End: "2026-11-02T06:00:00Z"}, on(24, 12, 0),
			"02T04:00 input=7 data_records=3; 02T05:00 input=7",
		},
		{
			"days, each with what was used at its end", plant, []billing.Usage{reported(on(2, 20, 10), 5, 0), reported(on(3, 1, 0), 6, 0), reported(on(3, 23, 59), 7, 0)},
			asks{Start: "2026-11-01", End: "2026-11-04", Periodicity: "day"}, on(24, 12, 0), "02T00:00 input=5; 03T00:00 input=7; 04T00:00 input=7",
		},
		{
			"the day of now, with what is used now", plant, []billing.Usage{reported(on(2, 20, 10), 5, 0)}, asks{Start: "2026-11-01", End: "2026-11-04", Periodicity: "day"}, on(2, 21, 0), "02T00:00 input=5",
		},
		{
			"as the cycle turns counters begin again and levels stay", plant, []billing.Usage{reported(on(15, 8, 0), 5, 3)}, asks{Start: "2026-11-15T08:00:00Z", End: "2026-11-15T12:00:00Z"}, on(24, 12, 0),
			"15T08:00 input=5 data_records=3; 15T09:00 input=5 data_records=3; 15T10:00 data_records=3; 15T11:00 data_records=3",
		},
		{
			"with the first report of the new cycle they count again", plant, []billing.Usage{reported(on(15, 10, 29), 5, 3), reported(on(15, 11, 0), 1, 3)},
			asks{Start: "2026-11-15T09:00:00Z", End: "2026-11-15T13:00:00Z"}, on(24, 12, 0), "15T10:00 data_records=3; 15T11:00 input=1 data_records=3; 15T12:00 input=1 data_records=3",
		},
		{
			"an hour in which the cycle turns has what was used in the new one", plant, []billing.Usage{reported(on(15, 10, 30), 1, 0)}, asks{Start: "2026-11-15T10:00:00Z", End: "2026-11-15T11:00:00Z"}, on(24, 12, 0),
			"15T10:00 input=1",
		},
		{
			"until now the cycle has not turned", plant, []billing.Usage{reported(on(15, 8, 0), 5, 0)}, asks{Start: "2026-11-15T10:00:00Z", End: "2026-11-15T11:00:00Z"}, on(15, 10, 29), "15T10:00 input=5",
		},
		{"now it has", plant, []billing.Usage{reported(on(15, 8, 0), 5, 0)}, asks{Start: "2026-11-15T10:00:00Z", End: "2026-11-15T11:00:00Z"}, on(15, 10, 30), ""},
		{
			"a step that ends as the cycle turns still has all of it", tenancy.Profile{ID: "plant", Anchor: on(15, 11, 0)}, []billing.Usage{reported(on(15, 8, 0), 5, 0)},
			asks{Start: "2026-11-15T10:00:00Z", End: "2026-11-15T12:00:00Z"}, on(24, 12, 0), "15T10:00 input=5",
		},
		{
			"a day that ends before the cycle turns, and the one in which it does", plant, []billing.Usage{reported(on(14, 8, 0), 5, 0)}, asks{Start: "2026-11-14", End: "2026-11-15", Periodicity: "day"}, on(24, 12, 0), "14T00:00 input=5",
		},
		{
			"with a new owner counters begin again", moved(on(2, 20, 30)), []billing.Usage{reported(on(2, 20, 10), 5, 3), reported(on(2, 22, 10), 1, 3)}, asks{Start: "2026-11-02T20:00:00Z", End: "2026-11-02T23:00:00Z"}, on(24, 12, 0),
			"02T20:00 data_records=3; 02T21:00 data_records=3; 02T22:00 input=1 data_records=3",
		},
		{"a moment that is not yet has none", plant, []billing.Usage{reported(on(2, 20, 10), 5, 3)}, asks{Date: "2026-12-24"}, on(24, 12, 0), ""},
		{
			"half an hour off, a step has the hours that began in it", plant, []billing.Usage{reported(on(2, 3, 10), 5, 0), reported(on(2, 4, 10), 6, 0)},
			asks{Start: "2026-11-02T08:30:00", End: "2026-11-02T10:30:00", Timezone: "Asia/Kolkata"}, on(24, 12, 0), "02T02:30 input=5; 02T03:30 input=6; 02T04:30 input=6",
		},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			buckets, err := test.query.Buckets(test.now)
			if err != nil {
				t.Fatal(err)
			}
			list := billing.Statistics(test.p.Quota(), test.hours, buckets, test.now)
			if list == nil {
				t.Error("got no list, which clients need even when it is empty")
			}
			if got := strings.Join(told(list), "; "); got != test.want {
				t.Errorf("got  %s\nwant %s", got, test.want)
			}
		})
	}
}

// Past use stays in the statistics although the new owner's cycles differ.
func TestStatisticsFromBeforeATransferStay(t *testing.T) {
	t.Parallel()
	when := time.Date(2026, time.November, 2, 20, 10, 0, 0, time.UTC)
	p := tenancy.Profile{
		ID:          "plant",
		Anchor:      time.Date(2026, time.January, 1, 0, 0, 0, 0, time.UTC),
		Transferred: when.Add(5 * day),
	}
	hours := []billing.Usage{reported(when, 5, 3)}
	now := when.Add(9 * day)
	buckets, err := asks{Start: "2026-11-02T20:00:00Z", End: "2026-11-02T22:00:00Z"}.Buckets(now)
	if err != nil {
		t.Fatal(err)
	}
	got := strings.Join(told(billing.Statistics(p.Quota(), hours, buckets, now)), "; ")
	if want := "02T20:00 input=5 data_records=3; 02T21:00 input=5 data_records=3"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestStatisticsAreTheLastReportBeforeTheEndOfTheirStep(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		p := tenancy.Profile{ID: "plant", Anchor: moment(t, "anchor")}
		from := moment(t, "from").Truncate(time.Hour)
		var hours []billing.Usage
		when := from.Add(-time.Duration(rapid.IntRange(0, 50).Draw(t, "before")) * time.Hour)
		for range rapid.IntRange(0, 8).Draw(t, "reports") {
			hours = append(
				hours,
				reported(
					when.Add(time.Duration(rapid.IntRange(0, 59).Draw(t, "minute"))*time.Minute),
					rapid.Int64Range(0, 3).Draw(t, "input"),
					rapid.Int64Range(0, 3).Draw(t, "records"),
				),
			)
			when = when.Add(time.Duration(rapid.IntRange(1, 40).Draw(t, "hours")) * time.Hour)
		}
		now := from.Add(time.Duration(rapid.IntRange(-10, 200).Draw(t, "now")) * time.Hour)
		hours = slices.DeleteFunc(hours, func(u billing.Usage) bool { return u.Updated.After(now) })
		q := asks{
			Start: from.Format(value.TimeFormat),
			End: from.Add(time.Duration(rapid.IntRange(1, 100).Draw(t, "length")) * time.Hour).
				Format(value.TimeFormat),
			Periodicity: rapid.SampledFrom([]string{"hour", "day", "month"}).Draw(t, "periodicity"),
		}
		buckets, err := q.Buckets(now)
		if err != nil {
			t.Fatal(err)
		}
		list := billing.Statistics(p.Quota(), hours, buckets, now)
		for i, b := range buckets[:len(buckets)-1] {
			end := buckets[i+1]
			moment := end.Add(-tick)
			if now.Before(moment) {
				moment = now
			}
			want := map[plan.Service]float64{}
			for _, u := range hours {
				if !u.Hour.Before(end) || b.After(now) {
					continue
				}
				clear(want)
				if n := u.Used[plan.ServiceInput]; n > 0 &&
					billing.CycleAt(p.Anchor, u.Updated) == billing.CycleAt(p.Anchor, moment) {
					want[plan.ServiceInput] = float64(n)
				}
				if n := u.Used[plan.ServiceDataRecords]; n > 0 {
					want[plan.ServiceDataRecords] = float64(n)
				}
			}
			var got map[plan.Service]float64
			if len(list) > 0 && list[0].Time == b {
				got, list = list[0].Used, list[1:]
			}
			if len(got) != len(want) || got[plan.ServiceInput] != want[plan.ServiceInput] ||
				got[plan.ServiceDataRecords] != want[plan.ServiceDataRecords] {
				t.Fatalf("%v to %v of %+v: got %v, want %v", b, end, hours, got, want)
			}
		}
		if len(list) > 0 {
			t.Fatalf("there is more than was asked for: %v", list)
		}
	})
}
