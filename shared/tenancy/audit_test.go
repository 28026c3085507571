package tenancy

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"
)

var auditStart = time.Date(2030, time.March, 14, 9, 26, 53, 589_000_000, time.UTC)

func TestParseAuditQuery(t *testing.T) {
	t.Parallel()
	now := auditStart
	parse := func(pairs ...string) (AuditQuery, error) {
		return ParseAuditQuery(func(name string) string {
			for i := 0; i < len(pairs); i += 2 {
				if pairs[i] == name {
					return pairs[i+1]
				}
			}
			return ""
		}, now)
	}
	span := func(from, to time.Time) string {
		return from.Format(time.RFC3339Nano) + " to " + to.Format(time.RFC3339Nano)
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
		{"an end that is not yet", []string{"start_date", "2030-03-14", "end_date", "2030-03-20"}, span(day(14), day(21))},
	} {
		q, err := parse(c.pairs...)
		if err != nil || span(q.From, q.To) != c.want || q.Limit != 100 || q.Filtered() {
			t.Errorf("%s: got %s, limit %d, %v, want %s", c.name, span(q.From, q.To), q.Limit, err, c.want)
		}
	}
	for _, pairs := range [][]string{
		{"start_date", "x"}, {"end_date", "x"}, {"start_date", "2030-03-20"}, {"start_date", "2030-03-07"}, {"start_date", "2030-03-10", "end_date", "2030-03-09"},
		{"start_date", "2030-03-03", "end_date", "2030-03-10"}, {"limit", "0"}, {"limit", "1001"}, {"limit", "x"}, {"limit", "99999999999999999999"}, {"limit", " 5"},
		{"limit", "-1"}, {"limit", "1.5"}, {"start_date", "2030-03-07T09:26:53.588Z"}, {"start_date", "2030-03-14T09:26:53.589Z"}, {"start_date", "2030-02-30"},
		{"start_date", "2030-03-10T00:00:00Z", "end_date", "2030-03-10T00:00:00Z"}, {"end_date", " 2030-03-10"},
		{"nextToken", "x"}, {"nextToken", "1899000000000"}, {"nextToken", "1899000000000#"}, {"nextToken", "189900000000#0123456789abcdef01234567"},
		{"nextToken", "18990000000000#0123456789abcdef01234567"}, {"nextToken", "189900000000x#0123456789abcdef01234567"}, {"nextToken", "-899000000000#0123456789abcdef01234567"},
		{"nextToken", "1899000000000#0123456789abcdef0123456"}, {"nextToken", "1899000000000#0123456789ABCDEF01234567"}, {"nextToken", "1899000000000##0123456789abcdef01234567"},
	} {
		if _, err := parse(pairs...); CodeOf(err) != CodeInvalid {
			t.Errorf("%v: got %v, want a refusal", pairs, err)
		}
	}
	for _, pairs := range [][]string{{"resourceName", "token"}, {"resourceID", "x"}, {"ref_id", "x"}, {"find", "x"}} {
		if q, err := parse(pairs...); err != nil || !q.Filtered() {
			t.Errorf("%v: got %+v, %v, want a filter", pairs, q, err)
		}
	}
	for text, limit := range map[string]int{"": 100, "1": 1, "1000": 1000, "007": 7} {
		if q, err := parse("limit", text); err != nil || q.Limit != limit {
			t.Errorf("limit %q: got %d, %v, want %d", text, q.Limit, err, limit)
		}
	}
	const position = "1899000000000#0123456789abcdef01234567"
	if q, err := parse("nextToken", position); err != nil || q.After != position || q.Filtered() {
		t.Errorf("a position: got %+v, %v", q, err)
	}
	q, err := parse("resourceName", "token", "ref_id", "b", "find", "*made*")
	if err != nil || q.Resource != "token" || q.ResourceID != "b" || q.Text != "*made*" || q.After != "" {
		t.Errorf("all filters: got %+v, %v", q, err)
	}
	if q, _ := parse("resourceID", "a", "ref_id", "b"); q.ResourceID != "a" {
		t.Errorf("both names of an id: got %q", q.ResourceID)
	}
}

func TestDifferencesOfAnAccountHaveNoSecrets(t *testing.T) {
	t.Parallel()
	was := Account{Name: "Ana", Email: "ana@example.com", PasswordHash: "$argon2id$old", Phone: "1"}
	is := was
	is.Name, is.Phone, is.PasswordHash, is.Epoch, is.Sources = "Ana B.", "", "$argon2id$new", 5, []string{"x"}
	text := fmt.Sprint(is.Differences(was))
	if text != "[{name Ana Ana B.} {phone 1 }]" || strings.Contains(text, "argon") {
		t.Errorf("got %s", text)
	}
	if got := is.Differences(is); len(got) != 0 {
		t.Errorf("of itself: got %v", got)
	}
}

func TestDifferences(t *testing.T) {
	t.Parallel()
	one, two := Addons{CustomDNS: true}, Addons{CustomDNS: true, Mobile: true}
	was := Account{
		Email: "ana@example.com", Plan: PlanStarter, Limits: Amounts{5, 10},
		Shares: map[ProfileID]Share{"p": {Allocation: Amounts{1}, Addons: one}, "q": {Allocation: Amounts{2}}},
	}
	is := was
	is.Email, is.Plan, is.Limits[0] = "new@example.com", PlanScale, 7
	is.Shares = map[ProfileID]Share{"p": {Allocation: Amounts{3}, Addons: two}, "q": {Allocation: Amounts{2}}}
	service := Services()[0].String()
	want := []Change{
		{"email", "ana@example.com", "new@example.com"}, {"plan", string(PlanStarter), string(PlanScale)}, {"limit " + service, "5", "7"},
		{"allocation " + service + " p", "1", "3"}, {"addons p", one.String(), two.String()},
	}
	if got := is.Differences(was); !slices.Equal(got, want) {
		t.Errorf("of an account:\ngot  %v\nwant %v", got, want)
	}
	p := Profile{Name: "a", LogoURL: "l", BannerURL: "b"}
	if got, want := (Profile{Name: "b", BannerURL: "c", Version: 4}).Differences(p), []Change{{"name", "a", "b"}, {"logo_url", "l", ""}, {"banner_url", "b", "c"}}; !slices.Equal(got, want) {
		t.Errorf("of a profile: got %v, want %v", got, want)
	}
	if got := p.Differences(p); got != nil {
		t.Errorf("of itself: got %v", got)
	}
}

func TestEntriesAreKeptForSixMonths(t *testing.T) {
	t.Parallel()
	if got := (AuditEntry{Time: auditStart}).Kept(); !got.Equal(time.Date(2030, time.September, 14, 9, 26, 53, 589_000_000, time.UTC)) {
		t.Errorf("got %v", got)
	}
}
