package auditlog

import (
	"strings"
	"testing"
	"time"

	"profiles/shared/problem"
	"profiles/shared/value"
)

var auditStart = time.Date(2030, time.March, 14, 9, 26, 53, 589_000_000, time.UTC)

// paramsOf are the parameters of a query by their names.
func paramsOf(text func(name string) string) Params {
	return Params{
		Start:    text("start_date"),
		End:      text("end_date"),
		Resource: text("resourceName"),
		ID:       text("resourceID"),
		Ref:      text("ref_id"),
		Who:      text("who"),
		Find:     text("find"),
		Limit:    text("limit"),
		Next:     text("nextToken"),
		Format:   text("format"),
	}
}

func TestParseAuditQuery(t *testing.T) {
	t.Parallel()
	now := auditStart
	parse := func(pairs ...string) (Query, error) {
		return ParseQuery(paramsOf(func(name string) string {
			for i := 0; i < len(pairs); i += 2 {
				if pairs[i] == name {
					return pairs[i+1]
				}
			}
			return ""
		}), now)
	}
	span := func(from, to time.Time) string {
		return from.UTC().Format(time.RFC3339Nano) + " to " + to.UTC().Format(time.RFC3339Nano)
	}
	day := func(d int) time.Time { return time.Date(2030, time.March, d, 0, 0, 0, 0, time.UTC) }
	for _, c := range []struct {
		name  string
		pairs []string
		want  string
	}{
		{"nothing: the last seven days", nil, span(now.Add(-7*24*time.Hour), now)},
		{"a start", []string{"start_date", "2030-03-10"}, span(day(10), now)},
		{"an end, which is a whole day", []string{"end_date", "2030-03-10"}, span(day(4), day(11))},
		{"both", []string{"start_date", "2030-03-10", "end_date", "2030-03-10"}, span(day(10), day(11))},
		{"seven whole days", []string{"start_date", "2030-03-04", "end_date", "2030-03-10"}, span(day(4), day(11))},
		{"a time", []string{"end_date", "2030-03-10T00:00:00Z"}, span(day(3), day(10))},
		{"two times of one day", []string{"start_date", "2030-03-10T00:00:00Z", "end_date", "2030-03-10T00:00:00.001Z"}, span(day(10), day(10).Add(time.Millisecond))},
		{"seven days to the millisecond", []string{"start_date", "2030-03-07T09:26:53.589Z"}, span(now.Add(-7*24*time.Hour), now)},
		{"seven days ago by a clock that is behind", []string{"start_date", "2030-03-07T09:26:49Z"}, span(time.Date(2030, 3, 7, 9, 26, 49, 0, time.UTC), time.Date(2030, 3, 14, 9, 26, 49, 0, time.UTC))},
		{"seven days ago, with the client's own now", []string{"start_date", "2030-03-07T09:26:53.580Z", "end_date", "2030-03-14T09:26:53.600Z"}, span(now.Add(-7*24*time.Hour-9*time.Millisecond), now.Add(11*time.Millisecond))},
		{"seven days ago, with an end of today", []string{"start_date", "2030-03-07", "end_date", "2030-03-14"}, span(day(7), day(15))},
		{"a date seven days ago", []string{"start_date", "2030-03-07"}, span(day(7), day(14))},
		{"a start long ago", []string{"start_date", "2030-02-01"}, span(day(1).AddDate(0, -1, 0), day(1).AddDate(0, -1, 7))},
		{"seven local days where summer time ends", []string{"start_date", "2029-10-22T00:00:00+02:00", "end_date", "2029-10-29T00:00:00+01:00"}, span(time.Date(2029, 10, 21, 22, 0, 0, 0, time.UTC), time.Date(2029, 10, 28, 23, 0, 0, 0, time.UTC))},
		{"blanks around a date", []string{"end_date", " 2030-03-10 "}, span(day(4), day(11))},
		{"an end that is not yet", []string{"start_date", "2030-03-14", "end_date", "2030-03-20"}, span(day(14), day(21))},
	} {
		q, err := parse(c.pairs...)
		if err != nil || span(q.From, q.To) != c.want || q.Limit != 100 || q.Filtered() {
			t.Errorf(
				"%s: got %s, limit %d, %v, want %s",
				c.name,
				span(q.From, q.To),
				q.Limit,
				err,
				c.want,
			)
		}
	}
	for _, pairs := range [][]string{
		{"start_date", "x"}, {"end_date", "x"}, {"start_date", "2030-03-20"}, {"start_date", "2030-03-10", "end_date", "2030-03-09"},
		{"start_date", "2030-03-02", "end_date", "2030-03-10"}, {"start_date", "2030-03-02T00:00:00Z", "end_date", "2030-03-10T00:00:00.001Z"}, {"limit", "0"}, {"limit", "1001"}, {"limit", "x"}, {"limit", "99999999999999999999"}, {"limit", " 5"},
		{"limit", "-1"}, {"limit", "1.5"}, {"start_date", "2030-03-14T09:26:53.589Z"}, {"start_date", "2030-02-30"},
		{"start_date", "2030-03-10T00:00:00Z", "end_date", "2030-03-10T00:00:00Z"},
		{"nextToken", "x"}, {"nextToken", "1899000000000#0123456789abcdef01234567"}, {"nextToken", "1899000000000"}, {"nextToken", "1899000000000-"}, {"nextToken", "189900000000-0123456789abcdef01234567"},
		{"nextToken", "18990000000000-0123456789abcdef01234567"}, {"nextToken", "189900000000x-0123456789abcdef01234567"}, {"nextToken", "-899000000000-0123456789abcdef01234567"},
		{"nextToken", "1899000000000-0123456789abcdef0123456"}, {"nextToken", "1899000000000-0123456789ABCDEF01234567"}, {"nextToken", "1899000000000--0123456789abcdef01234567"},
	} {
		if _, err := parse(pairs...); problem.CodeOf(err) != problem.CodeInvalid {
			t.Errorf("%v: got %v, want a refusal", pairs, err)
		}
	}
	for _, pairs := range [][]string{{"resourceName", "token"}, {"resourceID", "x"}, {"ref_id", "x"}, {"find", "x"}, {"who", "x"}} {
		if q, err := parse(pairs...); err != nil || !q.Filtered() {
			t.Errorf("%v: got %+v, %v, want a filter", pairs, q, err)
		}
	}
	for text, limit := range map[string]int{"": 100, "1": 1, "1000": 1000, "007": 7} {
		if q, err := parse("limit", text); err != nil || q.Limit != limit {
			t.Errorf("limit %q: got %d, %v, want %d", text, q.Limit, err, limit)
		}
	}
	const position = "1899000000000-0123456789abcdef01234567"
	if q, err := parse("nextToken", position); err != nil || q.After != position || q.Filtered() {
		t.Errorf("a position: got %+v, %v", q, err)
	}
	q, err := parse("resourceName", "token", "ref_id", "b", "find", "*made*")
	if err != nil || q.Resource != "token" || q.ResourceID != "b" || q.Text != "*made*" ||
		q.After != "" {
		t.Errorf("all filters: got %+v, %v", q, err)
	}
	if q, err := parse("resourceID", "a", "ref_id", "a"); err != nil || q.ResourceID != "a" {
		t.Errorf("both names of an id: got %q, %v", q.ResourceID, err)
	}
	_, err = parse("resourceID", "a", "ref_id", "b")
	if problem.CodeOf(err) != problem.CodeInvalid ||
		!strings.Contains(err.Error(), "resourceID and ref_id are one parameter") {
		t.Errorf("two ids: got %v", err)
	}
}

// A client's week, whatever its calendar and clock, is one query.
func TestAWeekOfAClientIsOneQuery(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "America/Santiago", "Pacific/Apia", "UTC"} {
		zone, err := value.Zone(name)
		if err != nil {
			t.Fatal(err)
		}
		for d := range 366 {
			now := time.Date(2026, time.January, 1+d, 15, 4, 5, 678, zone)
			for _, pairs := range []map[string]string{
				{"start_date": now.AddDate(0, 0, -7).UTC().Format(value.TimeFormat), "end_date": now.UTC().Format(value.TimeFormat)},
				{"start_date": now.AddDate(0, 0, -7).UTC().Format(value.TimeFormat)},
				{"start_date": now.AddDate(0, 0, -7).Format(time.DateOnly)},
				{"start_date": now.AddDate(0, 0, -6).Format(time.DateOnly), "end_date": now.Format(time.DateOnly)},
				{"start_date": now.Format(time.DateOnly)}, {"end_date": now.Format(time.DateOnly)},
			} {
				q, err := ParseQuery(paramsOf(func(name string) string { return pairs[name] }), now)
				if err != nil || !q.From.Before(q.To) ||
					q.Local != (len(pairs["start_date"]+pairs["end_date"]) < 21) {
					t.Fatalf("%v at %v: got %+v, %v", pairs, now, q, err)
				}
			}
		}
	}
}

func TestDatesAloneAreDaysWhereTheReaderIs(t *testing.T) {
	t.Parallel()
	zone, err := value.Zone("America/Los_Angeles")
	if err != nil {
		t.Fatal(err)
	}
	dates := map[string]string{"start_date": "2030-03-13", "end_date": "2030-03-13"}
	q, err := ParseQuery(
		paramsOf(func(name string) string { return dates[name] }),
		auditStart.In(zone),
	)
	from := time.Date(2030, time.March, 13, 7, 0, 0, 0, time.UTC)
	if err != nil || !q.From.Equal(from) || !q.To.Equal(from.Add(24*time.Hour)) || !q.Local {
		t.Errorf("got %+v, %v, want the day from %v", q, err, from)
	}
}

func TestARefusedSpanSaysWhatIsWrong(t *testing.T) {
	t.Parallel()
	for want, pairs := range map[string]map[string]string{
		"start_date must be before end_date": {"start_date": "2030-03-10", "end_date": "2030-03-09"},
		"start_date must be before now":      {"start_date": "2030-03-20"},
		"at most 7 days":                     {"start_date": "2030-03-01", "end_date": "2030-03-12"},
	} {
		_, err := ParseQuery(paramsOf(func(name string) string { return pairs[name] }), auditStart)
		if err == nil ||
			!strings.Contains(err.Error(), want) {
			t.Errorf("%v: got %v, want %q", pairs, err, want)
		}
	}
}

func TestAuditFilters(t *testing.T) {
	t.Parallel()
	e := Entry{Resource: "token", ResourceID: "t", Who: "w", Message: "Token created"}
	if !(Query{Resource: "token", ResourceID: "t", Who: "w", Text: "token*"}).Selects(e) ||
		!(Query{}).Selects(e) {
		t.Error("a query does not select what it asks for")
	}
	for _, q := range []Query{{Resource: "team"}, {ResourceID: "x"}, {Who: "x"}, {Text: "x"},
		{Resource: "token", ResourceID: "t", Who: "x"}} {
		if q.Selects(e) {
			t.Errorf("%+v selects %+v", q, e)
		}
	}
}

func TestEntriesAreKeptForSixMonths(t *testing.T) {
	t.Parallel()
	got := (Entry{Time: auditStart}).Kept()
	if !got.Equal(time.Date(2030, time.September, 14, 9, 26, 53, 589_000_000, time.UTC)) {
		t.Errorf("got %v", got)
	}
}
