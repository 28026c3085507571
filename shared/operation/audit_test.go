package operation_test

import (
	"bytes"
	"encoding/base64"
	"encoding/csv"
	"encoding/json"
	"fmt"
	"log/slog"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-lambda-go/events"

	"profiles/shared/adapter"
	"profiles/shared/auditlog"
	"profiles/shared/operation"
	"profiles/shared/plan"
	"profiles/shared/store"
	"profiles/shared/tenancy"
	"profiles/shared/testkit"
	"profiles/shared/value"
)

// auditEvent and auditPage are an audit log as clients read it.
type auditEvent struct {
	ID         string
	Resource   string `json:"resourceName"`
	ResourceID string `json:"resourceID"`
	Message    string
	Who        string
	Date       string
	Source     *string
	Request    *string
	Token      *string
	Changes    []struct{ Field, Before, After string }
}

type auditPage struct {
	QueryID    string `json:"queryId"`
	Status     string
	Events     []auditEvent
	Statistics struct{ RecordsMatched, RecordsScanned, BytesScanned int }
	Next       string `json:"nextToken"`
}

func (p auditPage) messages() string {
	var out []string
	for _, e := range p.Events {
		out = append(out, e.Message)
	}
	return strings.Join(out, " ")
}

func auditPath(id value.ProfileID) string { return "/profile/" + string(id) + "/auditlog" }

func auditLog(w *testkit.World, token string, id value.ProfileID, query string) (page auditPage) {
	w.Helper()
	w.Call(operation.AuditGet, "GET", auditPath(id)+query, token, nil).Into(w, &page)
	return page
}

// wrote adds entries to a log, as the commit of a change would.
func wrote(w *testkit.World, entries ...auditlog.Entry) {
	w.Helper()
	tx := w.Store.Begin()
	for _, e := range entries {
		if e.ID == "" {
			e.ID = w.NextID()
		}
		tx.Audit(e)
	}
	w.OK(tx.CommitAside(w.Context(), store.Origin{}))
}

// download sends a request and returns the answer as it is.
func download(
	w *testkit.World, o operation.Operation, target, token string,
) events.APIGatewayV2HTTPResponse {
	w.Helper()
	event := testkit.Event("GET", target)
	event.Headers["token"] = token
	return w.Raw(o, event)
}

func TestEveryParameterOfTheAuditLog(t *testing.T) {
	t.Parallel()
	w := testkit.New(t)
	ana := w.Quick("ana")
	now := w.Now().UTC() // 2030-03-14T09:26:53.589Z
	log := string(ana.Home)
	at := func(message, resource, id string, ago time.Duration) auditlog.Entry {
		return auditlog.Entry{Log: log, Time: now.Add(-ago), Resource: resource, ResourceID: id,
			Message: message, Who: string(ana.ID)}
	}
	const day = 24 * time.Hour
	swept := at("Token created", "token", "2", 2*day)
	swept.Who = "token-expire"
	wrote(w,
		at("old", "profile", "1", 8*day), at("edge", "profile", "1", 7*day), swept,
		at("Token deleted", "token", "2", 2*day-time.Millisecond), at("Profile updated", "profile", "1", day),
		at("last", "team", "3", time.Millisecond),
	)
	date := func(ago time.Duration) string { return now.Add(-ago).Format(value.TimeFormat) }
	for _, c := range []struct{ name, query, want string }{
		{"the last seven days", "", "edge Token created Token deleted Profile updated last"},
		{"by the kind of thing", "?resourceName=token", "Token created Token deleted"},
		{"by another kind", "?resourceName=dashboard", ""},
		{"by the id of the thing", "?resourceID=1", "edge Profile updated"},
		{"by the id, as old clients call it", "?ref_id=1", "edge Profile updated"},
		{"by both", "?resourceName=token&resourceID=1", ""},
		{"by the whole text, in any letters", "?find=token%20CREATED", "Token created"},
		{"by a part of the text without a star", "?find=token", ""},
		{"by a part of the text", "?find=*token*", "Token created Token deleted"},
		{"by how it ends", "?find=*ed", "Token created Token deleted Profile updated"},
		{"by how it begins", "?find=t*d", "Token created Token deleted"},
		{"by a star", "?find=*", "edge Token created Token deleted Profile updated last"},
		{"empty parameters are none", "?find=&resourceID=&limit=&start_date=&end_date=&nextToken=", "edge Token created Token deleted Profile updated last"},
		{"from a day on", "?start_date=" + date(day), "Profile updated last"},
		{"until a day, which is not in it", "?end_date=" + date(day), "old edge Token created Token deleted"},
		{"until a day, seven days back from it", "?end_date=" + date(7*day), "old"},
		{"a span of a millisecond", "?start_date=" + date(2*day) + "&end_date=" + date(2*day-time.Millisecond), "Token created"},
		{"seven days exactly", "?start_date=" + date(8*day) + "&end_date=" + date(day), "old edge Token created Token deleted"},
		{"whole days", "?start_date=2030-03-12&end_date=2030-03-13", "Token created Token deleted Profile updated"},
		{"seven whole days", "?start_date=2030-03-07&end_date=2030-03-13", "edge Token created Token deleted Profile updated"},
		{"a start eight days ago alone, and seven days from it", "?start_date=" + date(8*day), "old edge Token created Token deleted"},
		{"seven days ago, by a clock that is behind", "?start_date=" + date(7*day+time.Second) + "&end_date=" + date(0), "edge Token created Token deleted Profile updated last"},
		{"newest first", "?order=desc", "last Profile updated Token deleted Token created edge"},
		{"newest first, the kind of thing", "?order=desc&resourceName=token", "Token deleted Token created"},
		{"newest first, as many as asked for", "?order=desc&limit=2", "last Profile updated"},
		{"oldest first by name", "?order=asc&limit=2", "edge Token created"},
		{"by who did it", "?who=" + string(ana.ID), "edge Token deleted Profile updated last"},
		{"by a function that did it", "?who=token-expire", "Token created"},
		{"by somebody else", "?who=01ba4f969595ce25a962b921", ""},
		{"a time as Python writes it", "?start_date=2030-03-13+09%3A26%3A53.589000&end_date=2030-03-14+10%3A00%3A00", "Profile updated last"},
		{"a time of another zone", "?start_date=" + url.QueryEscape("2030-03-13T11:26:53.589+02:00"), "Profile updated last"},
		{"a day where the reader is", "?start_date=2030-03-13&end_date=2030-03-13", "Profile updated"},
		{"a span in the future", "?start_date=2031-01-01&end_date=2031-01-02", ""},
		{"a span before everything", "?start_date=1969-12-30&end_date=1970-01-02", ""},
		{"a span of long ago", "?start_date=0001-01-01&end_date=0001-01-02", ""},
		{"a span at the end of the calendar", "?start_date=9999-12-30&end_date=9999-12-31", ""},
		{"one", "?limit=1", "edge"},
		{"the most", "?limit=1000", "edge Token created Token deleted Profile updated last"},
		{"what browsers add", "?_=y&page=", "edge Token created Token deleted Profile updated last"},
		{"format json", "?format=json&limit=2", "edge Token created"},
	} {
		got := w.Call(operation.AuditGet, "GET", auditPath(ana.Home)+c.query, ana.Token, nil)
		if got.Code != 200 {
			t.Errorf("%s: got %d %q", c.name, got.Code, got.Message)
			continue
		}
		var page auditPage
		got.Into(w, &page)
		if page.messages() != c.want {
			t.Errorf("%s: got %q, want %q", c.name, page.messages(), c.want)
		}
		if !strings.Contains(string(got.Result), `"events":[`) || page.Status != "Complete" ||
			page.Statistics.RecordsMatched != len(page.Events) {
			t.Errorf("%s: got %s", c.name, got.Result)
		}
	}
	var newest []string
	for next, pages := "", 0; pages < 4; pages++ {
		page := auditLog(w, ana.Token, ana.Home, "?order=desc&limit=2&nextToken="+next)
		for _, e := range page.Events {
			if !value.IsID(e.ID) {
				t.Errorf("the id of an entry is %q", e.ID)
			}
		}
		newest = append(newest, page.messages())
		if next = page.Next; next == "" {
			break
		}
	}
	if got := strings.Join(newest, "|"); got != "last Profile updated|Token deleted Token created|edge" {
		t.Errorf("newest first, in pages: %s", got)
	}
	for _, c := range []struct{ name, query, says string }{
		{"a limit of none", "?limit=0", "limit"},
		{"a limit too high", "?limit=1001", "limit"},
		{"a limit below", "?limit=-1", "limit"},
		{"a limit in words", "?limit=ten", "limit"},
		{"a limit with a fraction", "?limit=1.5", "limit"},
		{"a start in words", "?start_date=yesterday", "start_date"},
		{"a start that is no day", "?start_date=2030-02-30", "start_date"},
		{"an end in words", "?end_date=today", "end_date"},
		{"a number", "?end_date=1900000000", "end_date"},
		{"the end before the start", "?start_date=2030-03-14&end_date=2030-03-12", "start_date must be before end_date"},
		{"the end at the start", "?start_date=" + date(0) + "&end_date=" + date(0), "start_date must be before end_date"},
		{"a start in the future alone", "?start_date=2030-03-15", "start_date must be before now"},
		{"a millisecond more than eight days", "?start_date=" + date(8*day+time.Millisecond) + "&end_date=" + date(0), "7 days"},
		{"nine whole days", "?start_date=2030-03-05&end_date=2030-03-13", "7 days"},
		{"an unknown order", "?order=newest", "order"},
		{"an unknown format", "?format=xml", "format"},
		{"a query that is none", "?a=%zz", "query string"},
	} {
		got := w.Call(operation.AuditGet, "GET", auditPath(ana.Home)+c.query, ana.Token, nil)
		if got.Code != 400 || !strings.Contains(got.Message, c.says) {
			t.Errorf("%s: got %d %q, want 400 with %q", c.name, got.Code, got.Message, c.says)
		}
	}
}

// A date without a time is a day in the person's time zone. This holds also for
// a reader who is a member, and for the end of a token.
func TestDatesAreThoseOfThePerson(t *testing.T) {
	t.Parallel()
	w := testkit.New(t) // 2030-03-14T09:26:53.589Z, which is 02:26 in Los Angeles
	ana, full := w.Quick("ana"), w.Quick("full")
	w.Share(ana.Home, full, tenancy.PermissionFull)
	zone := func(p testkit.Person, name string) {
		got := w.Call(operation.AccountEdit, "PUT", "/account", p.Token, object{"timezone": name})
		if got.Code != 200 {
			t.Fatalf("the zone %s: got %d %q", name, got.Code, got.Message)
		}
	}
	zone(full, "America/Los_Angeles")
	for hour := range 48 {
		wrote(w, auditlog.Entry{Log: string(ana.Home),
			Time: time.Date(2030, 3, 12, hour, 0, 0, 0, time.UTC), Message: fmt.Sprint(hour)})
	}
	first := func(p testkit.Person) string {
		return auditLog(w, p.Token, ana.Home, "?start_date=2030-03-13&end_date=2030-03-13&find=*").Events[0].Message
	}
	if got := first(ana) + " " + first(full); got != "24 31" {
		t.Errorf("the 13th begins at the hours %s, want 24 for who is in UTC and 31 in Los Angeles", got)
	}
	// The 14th has begun in Berlin and not yet in Honolulu. It is not a time in
	// the future there.
	zone(ana, "Pacific/Kiritimati")
	if got := w.Call(operation.AuditGet, "GET", auditPath(ana.Home)+"?start_date=2030-03-14",
		ana.Token, nil); got.Code != 200 {
		t.Errorf("today: got %d %q", got.Code, got.Message)
	}
	for _, c := range []struct{ zone, end, want string }{
		{"America/Los_Angeles", "2030-03-14", "2030-03-15T07:00:00.000Z"}, {"Pacific/Kiritimati", "2030-03-14", "2030-03-14T10:00:00.000Z"},
		{"Pacific/Niue", "2030-03-13", "2030-03-14T11:00:00.000Z"}, {"UTC", "2030-03-14T12:00:00Z", "2030-03-14T12:00:00.000Z"},
	} {
		zone(ana, c.zone)
		for name, got := range map[string]testkit.Answer{
			"with a token": w.Call(operation.TokenCreate, "POST", "/profile/current/token", ana.Token, object{
				"name": "x", "permission": "read", "expire_time": c.end, "email": ana.Email, "password": testkit.Password}),
			"at sign-in": w.Call(operation.AccountTokenCreate, "POST", "/account/profile/token", "", object{
				"name": "x", "profile_id": ana.Home, "expire_time": c.end, "email": ana.Email, "password": testkit.Password}),
		} {
			if !strings.Contains(string(got.Result), `"expire_time":"`+c.want) {
				t.Errorf("%s, %s in %s: got %d %q %s, want the end %s", name, c.end, c.zone, got.Code, got.Message, got.Result, c.want)
			}
		}
	}
	zone(ana, "Europe/Berlin")
	got := w.Call(operation.TokenCreate, "POST", "/profile/current/token", ana.Token, object{
		"name": "x", "permission": "read", "expire_time": "2030-03-13", "email": ana.Email, "password": testkit.Password})
	if got.Code != 400 || !strings.Contains(got.Message, "future") {
		t.Errorf("yesterday in Berlin: got %d %q", got.Code, got.Message)
	}
}

func TestAnUnknownZoneIsNotStored(t *testing.T) {
	t.Parallel()
	w := testkit.New(t)
	ana := w.Quick("ana")
	for _, zone := range []string{"Mars/Olympus_Mons", "Europe/Berln", "Local", "GMT+2", "europe/berlin"} {
		got := w.Call(operation.AccountEdit, "PUT", "/account", ana.Token, object{"timezone": zone})
		if got.Code != 400 || !strings.Contains(got.Message, "timezone") {
			t.Errorf("%s: got %d %q", zone, got.Code, got.Message)
		}
		got = w.Call(operation.AccountCreate, "POST", "/account", "", object{
			"name": "Zoe", "email": "zoe@example.com", "password": testkit.Password, "cpassword": testkit.Password, "timezone": zone})
		if got.Code != 400 || !strings.Contains(got.Message, "timezone") {
			t.Errorf("%s at sign-up: got %d %q", zone, got.Code, got.Message)
		}
	}
}

// A text that is not a position in a log is refused.
func TestMadeUpPositionsInTheAuditLog(t *testing.T) {
	t.Parallel()
	w := testkit.New(t)
	ana := w.Quick("ana")
	w.Call(operation.ProfileEdit, "PUT", "/profile/current", ana.Token, object{"name": "renamed"})
	w.Advance(time.Second)
	for name, position := range map[string]string{
		"letters": "zzz", "a blank": " ", "a zero": "0", "a time after the end": "9999999999999#x", "a hash": "#", "a long text": strings.Repeat("1", 3000),
		"no UTF-8": "\xff\xfe", "another script": "ключ", "a key of the table": "L#x", "a zero byte": "1\x00",
		"a time alone": "1899710813589-", "a time of 12 digits": "189971081358-01ba4f969595ce25a962b921", "a time with a sign": "+899710813589#01ba4f969595ce25a962b921",
		"an id in other letters": "1899710813589-01BA4F969595CE25A962B921", "more behind it": "1899710813589-01ba4f969595ce25a962b921-",
	} {
		got := w.Call(operation.AuditGet, "GET",
			auditPath(ana.Home)+"?nextToken="+url.QueryEscape(position), ana.Token, nil)
		if got.Code != 400 || !strings.Contains(got.Message, "nextToken") {
			t.Errorf("%s: got %d %q, want 400", name, got.Code, got.Message)
		}
	}
}

func TestWhoMaySeeTheAuditLog(t *testing.T) {
	t.Parallel()
	w := testkit.New(t)
	ana, full, write, read, eve := w.Quick("ana"), w.Quick("full"), w.Quick("write"), w.Quick("read"), w.Quick("eve")
	free := w.Account("free", plan.Free)
	w.Share(ana.Home, full, tenancy.PermissionFull)
	w.Share(ana.Home, write, tenancy.PermissionWrite)
	w.Share(ana.Home, read, tenancy.PermissionRead)
	w.Advance(time.Second)
	for _, c := range []struct {
		name, token string
		profile     value.ProfileID
		query       string
		code        int
	}{
		{"the owner", ana.Token, ana.Home, "", 200},
		{"the owner with a read token", ana.With("read", ""), ana.Home, "", 200},
		{"a member with full permission", full.Token, ana.Home, "", 200},
		{"a member with full permission, with a token of the profile", full.Mint(ana.Home, ""), ana.Home, "", 200},
		{"a member with full permission, with a filter", full.Token, ana.Home, "?find=*", 200},
		{"a member with write permission", write.Token, ana.Home, "", 403},
		{"a member with write permission, with a full token of the profile", write.Mint(ana.Home, ""), ana.Home, "", 403},
		{"a member with read permission", read.Token, ana.Home, "", 403},
		{"a stranger", eve.Token, ana.Home, "", 404},
		{"nobody", "", ana.Home, "", 401},
		{"of a profile that does not exist", ana.Token, "0123456789abcdef01234567", "", 404},
		{"of a profile with a made-up id", ana.Token, "x", "", 404},
		{"the owner with the plan free", free.Token, free.Home, "", 200},
		{"the plan free, by time", free.Token, free.Home, "?start_date=2030-03-14&limit=5", 200},
		{"the plan free, by text", free.Token, free.Home, "?find=*", 403},
		{"the plan free, by kind", free.Token, free.Home, "?resourceName=token", 403},
		{"the plan free, by who did it", free.Token, free.Home, "?who=x", 403},
		{"the plan free, by id", free.Token, free.Home, "?resourceID=1", 403},
		{"the plan free, by id as old clients call it", free.Token, free.Home, "?ref_id=1", 403},
	} {
		got := w.Call(operation.AuditGet, "GET", auditPath(c.profile)+c.query, c.token, nil)
		if got.Code != c.code {
			t.Errorf("%s: got %d %q, want %d", c.name, got.Code, got.Message, c.code)
		}
		id := base64.RawURLEncoding.EncodeToString([]byte("q?" + strings.TrimPrefix(c.query, "?")))
		got = w.Call(operation.AuditQuery, "GET", auditPath(c.profile)+"/"+id, c.token, nil)
		if got.Code != c.code {
			t.Errorf("%s, by the id of the query: got %d %q, want %d", c.name, got.Code, got.Message, c.code)
		}
	}
	var current auditPage
	w.Call(operation.AuditGet, "GET", "/profile/current/auditlog", ana.Token, nil).Into(w, &current)
	named := auditLog(w, ana.Token, ana.Home, "")
	if named.messages() != current.messages() || len(current.Events) == 0 {
		t.Errorf("current has %q, the profile by its id %q", current.messages(), named.messages())
	}
}

// Pages follow each other without gaps and repetitions: when several entries
// have the same millisecond, over the end of a month, and with a filter.
func TestPagesOfTheAuditLog(t *testing.T) {
	t.Parallel()
	w := testkit.New(t)
	ana := w.Quick("ana")
	w.Advance(time.Date(2030, time.April, 3, 0, 0, 0, 0, time.UTC).Sub(w.Now()))
	// Midnight of the month's end is the sixth of these times, each of which
	// has four entries.
	begin := time.Date(2030, time.March, 31, 23, 59, 59, 995_000_000, time.UTC)
	for i := range 10 {
		var entries []auditlog.Entry
		for j := range 4 {
			kind := "profile"
			if j%2 == 1 {
				kind = "token"
			}
			entries = append(entries, auditlog.Entry{
				ID: fmt.Sprintf("%024x", 100*i+j), Log: string(ana.Home), Time: begin.Add(time.Duration(i) * time.Millisecond), Resource: kind,
				Message: fmt.Sprintf("%d-%d", i, j),
			})
		}
		wrote(w, entries...)
	}
	for _, filter := range []struct{ name, query, want string }{
		{"all", "", ""}, {"of one kind", "&resourceName=token", ""}, {"of no kind", "&resourceName=x", ""}, {"the last alone", "&find=9-3", ""},
		{"from within a millisecond's neighbours", "&start_date=2030-03-31T23:59:59.998Z&end_date=2030-04-01T00:00:00.002Z", ""},
	} {
		whole := auditLog(w, ana.Token, ana.Home, "?limit=1000"+filter.query)
		if whole.Next != "" {
			t.Errorf("%s: a page with everything has a next one", filter.name)
		}
		for _, limit := range []int{1, 2, 3, 4, 7, 39, 40, 41} {
			var got []string
			next := ""
			for range 100 {
				page := auditLog(w, ana.Token, ana.Home,
					fmt.Sprintf("?limit=%d%s&nextToken=%s", limit, filter.query, url.QueryEscape(next)))
				if len(page.Events) > limit || len(page.Events) == 0 && page.Next != "" {
					t.Fatalf("%s, %d a page: got %d and the next %q", filter.name, limit, len(page.Events), page.Next)
				}
				for _, e := range page.Events {
					got = append(got, e.Message)
				}
				if next = page.Next; next == "" {
					break
				}
			}
			if strings.Join(got, " ") != whole.messages() {
				t.Errorf("%s, %d a page: got %v, want %s", filter.name, limit, got, whole.messages())
			}
		}
	}
	if n := len(auditLog(w, ana.Token, ana.Home, "?limit=1000").Events); n != 40 {
		t.Errorf("there are %d entries, want 40", n)
	}
}

// The id of a query gives its answer once more to anybody who may see the log.
// A text that is no id is no query.
func TestTheIDOfAQuery(t *testing.T) {
	t.Parallel()
	w := testkit.New(t)
	ana, eve := w.Quick("ana"), w.Quick("eve")
	for i := range 3 {
		w.Call(operation.ProfileEdit, "PUT", "/profile/current", ana.Token, object{"name": fmt.Sprint("name ", i)})
		w.Advance(time.Second)
	}
	for _, query := range []string{"?limit=2", "?find=*updated&start_date=2030-03-13",
		"?resourceName=profile&limit=1&nextToken=" + url.QueryEscape(auditLog(w, ana.Token, ana.Home, "?limit=1").Next)} {
		first := auditLog(w, ana.Token, ana.Home, query)
		var again auditPage
		w.Call(operation.AuditQuery, "GET", auditPath(ana.Home)+"/"+first.QueryID,
			ana.Token, nil).Into(w, &again)
		if len(first.Events) == 0 || again.messages() != first.messages() ||
			again.QueryID != first.QueryID || again.Next != first.Next {
			t.Errorf("%s: got %+v again, want %+v", query, again, first)
		}
		got := w.Call(operation.AuditQuery, "GET",
			auditPath(ana.Home)+"/"+first.QueryID, eve.Token, nil)
		if got.Code != 404 {
			t.Errorf("%s: a stranger with the id got %d, want 404", query, got.Code)
		}
	}
	for _, id := range []string{"*",
		"a", "a b", "=", "0123456789abcdef01234567", "61fac4d9a5c9f40012a5ff92", base64.RawURLEncoding.EncodeToString([]byte("\x00\xff")),
		base64.RawURLEncoding.EncodeToString([]byte("limit=1")),
		base64.RawURLEncoding.EncodeToString([]byte("q?a=%zz")), strings.Repeat("A", 2000)} {
		got := w.Call(operation.AuditQuery, "GET",
			auditPath(ana.Home)+"/"+url.PathEscape(id), ana.Token, nil)
		if got.Code != 404 && got.Code != 400 {
			t.Errorf("the id %.40q: got %d and %d bytes, want a refusal", id, got.Code, len(got.Result))
		}
	}
}

// A query without parameters, as SDKs send it, has an id too. A client that
// polls it finds the same entries. The query names no end, so it also finds
// later entries.
func TestTheIDOfAQueryWithoutParameters(t *testing.T) {
	t.Parallel()
	w := testkit.New(t)
	ana := w.Quick("ana")
	w.Call(operation.ProfileEdit, "PUT", "/profile/current", ana.Token, object{"name": "one"})
	w.Advance(time.Second)
	first := auditLog(w, ana.Token, ana.Home, "")
	if want := base64.RawURLEncoding.EncodeToString([]byte("q?")); first.QueryID != want {
		t.Fatalf("the query has the id %q, want %q", first.QueryID, want)
	}
	for _, want := range []string{"Profile updated", "Profile updated Profile updated"} {
		var again auditPage
		w.Call(operation.AuditQuery, "GET", auditPath(ana.Home)+"/"+first.QueryID,
			ana.Token, nil).Into(w, &again)
		if again.messages() != want || again.QueryID != first.QueryID || again.Status != "Complete" {
			t.Errorf("the query finds %+v, want %q", again, want)
		}
		w.Call(operation.ProfileEdit, "PUT", "/profile/current", ana.Token, object{"name": "two"})
		w.Advance(time.Second)
	}
}

// formula is a text that some spreadsheet takes for a formula: at the start of
// a cell, or behind a semicolon where it splits cells there.
var formula = regexp.MustCompile(`(^|;)\s*[=+\-@\t\r＝＋－＠]`)

// inKolkata is a time of an answer as it is shown in Kolkata.
func inKolkata(w *testkit.World, date string) string {
	w.Helper()
	utc, err := time.Parse(value.TimeFormat, date)
	w.OK(err)
	return utc.Add(5*time.Hour + 30*time.Minute).Format(time.DateTime)
}

// Files are of the format that they claim, and a spreadsheet runs no text in
// them as a formula.
func TestTheAuditLogAsAFile(t *testing.T) {
	t.Parallel()
	w := testkit.New(t)
	ana := w.Quick("ana")
	event := testkit.Event("PUT", "/profile/current")
	event.Headers["token"] = ana.Token
	event.Body = `{"name":"=cmd|' /C calc'!A0"}`
	event.RequestContext.RequestID, event.RequestContext.HTTP.SourceIP = "+request", "::1"
	if got := w.Send(operation.ProfileEdit, event); got.Code != 200 {
		t.Fatalf("got %d %q", got.Code, got.Message)
	}
	w.Advance(time.Second)
	for i, message := range []string{"=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "two\nlines, \"quoted\"", "ключ", " =1", "＝1+1", "a;=1+1", "; +1;-1", "R&D <x>"} {
		wrote(w, auditlog.Entry{
			Log: string(ana.Home), Time: w.Now().UTC().Add(time.Duration(i)), Resource: "profile", ResourceID: string(ana.Home), Message: message, Who: "=who", Source: "::1", Token: "token",
		})
		w.Advance(time.Second)
	}
	if got := w.Call(operation.AccountEdit, "PUT", "/account", ana.Token,
		map[string]any{"timezone": "Asia/Kolkata"}); got.Code != 200 {
		t.Fatalf("the time zone: got %d %q", got.Code, got.Message)
	}
	page := auditLog(w, ana.Token, ana.Home, "")

	got := download(w, operation.AuditGet, auditPath(ana.Home)+"?format=csv", ana.Token)
	if got.StatusCode != 200 || got.Headers["Content-Type"] != "text/csv; charset=utf-8" || !strings.Contains(got.Headers["Content-Disposition"], "auditlog.csv") ||
		got.IsBase64Encoded || got.Headers["Cache-Control"] != "no-store" {
		t.Errorf("CSV: got %d %v", got.StatusCode, got.Headers)
	}
	text, marked := strings.CutPrefix(got.Body, "\ufeff")
	if !marked || strings.Count(text, "\n") != strings.Count(text, "\r\n") ||
		strings.Contains(text, `\u00`) || !strings.Contains(text, "R&D <x>") {
		t.Errorf("CSV: want a byte order mark, CRLF and no escapes, got %q", got.Body)
	}
	rows, err := csv.NewReader(strings.NewReader(text)).ReadAll()
	w.OK(err)
	if len(rows) != len(page.Events)+1 || strings.Join(rows[0], ",") != "date,local_date,timezone,who,resourceName,resourceID,message,source,request,token,changes" {
		t.Fatalf("CSV: got %d rows, the first one %v", len(rows), rows[0])
	}
	for n, row := range rows[1:] {
		for column, cell := range row {
			if formula.MatchString(cell) && cell != "-1" { // a number is a number
				t.Errorf("CSV: row %d has the formula %q under %s", n+1, cell, rows[0][column])
			}
		}
		if row[0] != page.Events[n].Date {
			t.Errorf("CSV: row %d is of %s, want %s", n+1, row[0], page.Events[n].Date)
		}
		if want := inKolkata(w, row[0]); row[1] != want || row[2] != "Asia/Kolkata" {
			t.Errorf("CSV: row %d is of %s in %s, want %s", n+1, row[1], row[2], want)
		}
		var changes []struct{ Field, Before, After string }
		err := json.Unmarshal([]byte(row[10]), &changes)
		if err != nil || len(changes) != len(page.Events[n].Changes) {
			t.Errorf("CSV: row %d has the changes %s", n+1, row[10])
		}
	}

	got = download(w, operation.AuditGet, auditPath(ana.Home)+"?format=ndjson", ana.Token)
	if got.StatusCode != 200 || got.Headers["Content-Type"] != "application/x-ndjson" || !strings.Contains(got.Headers["Content-Disposition"], "auditlog.ndjson") {
		t.Errorf("NDJSON: got %d %v", got.StatusCode, got.Headers)
	}
	lines := strings.Split(strings.TrimSuffix(got.Body, "\n"), "\n")
	if strings.Contains(got.Body, `\u00`) {
		t.Errorf("NDJSON: got escapes in %s", got.Body)
	}
	if len(lines) != len(page.Events) {
		t.Errorf("NDJSON: got %d lines, want %d", len(lines), len(page.Events))
	}
	for n, line := range lines {
		var e struct {
			auditEvent
			Local    string `json:"local_date"`
			Timezone string `json:"timezone"`
		}
		err := json.Unmarshal([]byte(line), &e)
		if err != nil || e.Message != page.Events[n].Message || e.Local != inKolkata(w, e.Date) ||
			e.Timezone != "Asia/Kolkata" {
			t.Errorf("NDJSON: line %d is %s", n+1, line)
		}
	}

	got = download(w, operation.AuditGet, auditPath(ana.Home)+"?format=ndjson&find=nothing", ana.Token)
	if got.StatusCode != 200 || got.Body != "" {
		t.Errorf("NDJSON of nothing: got %d %q", got.StatusCode, got.Body)
	}
	got = download(w, operation.AuditGet, auditPath(ana.Home)+"?format=csv&limit=x", ana.Token)
	if got.StatusCode != 400 || got.Headers["Content-Type"] != "application/json" {
		t.Errorf("a refused file: got %d %v", got.StatusCode, got.Headers)
	}
}

// Edits show the values before and after, and no secrets.
func TestEditsHaveBeforeAndAfter(t *testing.T) {
	t.Parallel()
	w := testkit.New(t)
	ana, ben := w.Quick("ana"), w.Quick("ben")
	w.Share(ana.Home, ben, tenancy.PermissionRead)
	home := "/profile/" + string(ana.Home)
	w.Call(operation.ProfileEdit, "PUT", home, ana.Token, object{"name": "plant", "logo_url": "https://example.com/a.png"})
	w.Advance(time.Second)
	w.Call(operation.ProfileEdit, "PUT", home, ana.Token, object{"logo_url": nil})
	w.Advance(time.Second)
	w.Call(operation.TeamEdit, "PUT", home+"/team/"+string(ben.ID), ana.Token, object{"permission": "write"})
	w.Advance(time.Second)
	var got []string
	for _, e := range auditLog(w, ana.Token, ana.Home, "").Events {
		for _, c := range e.Changes {
			got = append(got, fmt.Sprintf("%s: %q to %q", c.Field, c.Before, c.After))
		}
	}
	want := []string{`name: "ana" to "plant"`, `logo_url: "" to "https://example.com/a.png"`, `logo_url: "https://example.com/a.png" to ""`, `permission: "read" to "write"`}
	if strings.Join(got, "; ") != strings.Join(want, "; ") {
		t.Errorf("got %v, want %v", got, want)
	}
	w.Call(operation.AccountEdit, "PUT", "/account", ana.Token, object{"name": "Ana B.", "phone": "+49 1"})
	setPassword(w, ana.Token, another, testkit.Password)
	for _, it := range w.Items() {
		if !strings.HasPrefix(it.PK, "L#"+string(ana.ID)) {
			continue
		}
		if strings.Contains(it.Text, "argon2") || strings.Contains(it.Text, another) {
			t.Errorf("an entry has a secret: %s", it.Text)
		}
		if strings.Contains(it.Text, "Account updated") &&
			!(strings.Contains(it.Text, "Ana B.") && strings.Contains(it.Text, "+49 1")) {
			t.Errorf("the edit of the account has no changes: %s", it.Text)
		}
	}
}

// An entry has the address that the request came from, and the id that its
// answer and its log line have. The log is that of the whole process, so
// nothing else runs.
func TestEntriesSayWhereTheyComeFrom(t *testing.T) {
	w := testkit.New(t)
	var lines bytes.Buffer
	was := slog.Default()
	slog.SetDefault(slog.New(adapter.WithRequest(slog.NewTextHandler(&locked{w: &lines}, nil))))
	defer slog.SetDefault(was)

	ana := w.Quick("ana")
	for i, source := range []string{"203.0.113.9", "2001:db8::1"} {
		event := testkit.Event("PUT", "/profile/current")
		event.Headers["token"] = ana.Token
		event.Headers["x-forwarded-for"] = "198.51.100.1"
		event.Body = fmt.Sprintf(`{"name":"name %d"}`, i)
		event.RequestContext.RequestID = fmt.Sprintf("request-%d", i)
		event.RequestContext.HTTP.SourceIP = source
		answer := w.Send(operation.ProfileEdit, event)
		w.Advance(time.Second)
		all := auditLog(w, ana.Token, ana.Home, "").Events
		e := all[len(all)-1]
		if e.Source == nil || *e.Source != source || e.Request == nil ||
			*e.Request != fmt.Sprintf("request-%d", i) || *e.Request != answer.Header["X-Request-Id"] {
			t.Errorf("got the source %v and the request %v, and the answer's id %q", e.Source, e.Request, answer.Header["X-Request-Id"])
		}
		if e.Token == nil || *e.Token != ana.Token[2:10] || e.Who != string(ana.ID) {
			t.Errorf("got the token %v of %s", e.Token, e.Who)
		}
		if !strings.Contains(lines.String(), "operation=profile-edit request="+answer.Header["X-Request-Id"]) {
			t.Errorf("no log line has the id: %s", lines.String())
		}
	}
	// Entries of scheduled functions have no network address.
	ana.Mint(ana.Home, "1 hour")
	w.Advance(2 * time.Hour)
	if _, err := operation.TokenExpire.Sweep(w.Context(), w.Services); err != nil {
		t.Fatal(err)
	}
	w.Advance(time.Second)
	all := auditLog(w, ana.Token, ana.Home, "").Events
	if e := all[len(all)-1]; e.Message != "Token expired" || e.Source != nil || e.Request != nil || e.Who != "token-expire" {
		t.Errorf("got %+v", e)
	}
}
