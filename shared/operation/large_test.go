package operation_test

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"net/url"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"profiles/shared/auditlog"
	"profiles/shared/operation"
	"profiles/shared/store"
	"profiles/shared/tenancy"
	"profiles/shared/testkit"
	"profiles/shared/value"
)

// flat is how much more than its first page another page of a list may cost.
const flat = 1.2

// large is the number of entries of a large list in tests. The cost of a page
// does not depend on it, so ten times as many would show nothing else.
const large = 4000

// walk is one way through a list: a path with its query, without nextToken.
type walk struct {
	o     operation.Operation
	path  string
	token string
	// ids are those of the rows of an answer, and next the position behind
	// them; "" is the end.
	ids func(*testkit.World, testkit.Answer) (ids []string, next string)
}

// page is what one page of a walk has, and what it costs.
type page struct {
	ids   []string
	reads float64
}

// walked follows a walk to its end. Every page is served by a function that has
// served the token before.
func walked(w *testkit.World, k walk) (pages []page) {
	w.Helper()
	next := ""
	for range 10 * large {
		path := k.path
		if next != "" {
			path += "&nextToken=" + url.QueryEscape(next)
		}
		w.Meter.Reset()
		answer := w.Call(k.o, "GET", path, k.token, nil)
		used := w.Meter.Reset()
		if answer.Code != 200 {
			w.Fatalf("%s: got %d %s", path, answer.Code, answer.Message)
		}
		p := page{reads: used.Reads}
		p.ids, next = k.ids(w, answer)
		if pages = append(pages, p); next == "" {
			return pages
		}
	}
	w.Fatalf("%s: there is no end", k.path)
	return nil
}

// wantFlat requires that all pages but the last are full and cost what the
// first one does, the last one not more, and that they have n rows in all, each
// once.
func wantFlat(t *testing.T, pages []page, size, n int) {
	t.Helper()
	seen := map[string]bool{}
	first := pages[0]
	for i, p := range pages {
		if i < len(pages)-1 && len(p.ids) != size {
			t.Errorf("page %d has %d rows, want %d", i+1, len(p.ids), size)
		}
		if p.reads > flat*first.reads {
			t.Errorf("page %d of %d costs %.1f units, the first one %.1f", i+1, len(pages), p.reads, first.reads)
		}
		for _, id := range p.ids {
			if seen[id] {
				t.Errorf("page %d has %s again", i+1, id)
			}
			seen[id] = true
		}
	}
	if len(seen) != n {
		t.Errorf("the pages have %d rows, want %d", len(seen), n)
	}
	t.Logf("%d pages of %d rows, the first for %.1f units, the last for %.1f", len(pages), size, first.reads, pages[len(pages)-1].reads)
}

// filled commits n times so many things as fit into one transaction.
func filled(w *testkit.World, n, each int, add func(tx *store.Tx, i int)) {
	w.Helper()
	var wait sync.WaitGroup
	places := make(chan struct{}, 8)
	for from := 0; from < n; from += each {
		tx := w.Store.Begin()
		for i := from; i < min(from+each, n); i++ {
			add(tx, i)
		}
		places <- struct{}{}
		wait.Go(func() {
			defer func() { <-places }()
			w.OK(tx.CommitAside(w.Context(), store.Origin{}))
		})
	}
	wait.Wait()
}

func ofAudit(w *testkit.World, a testkit.Answer) (ids []string, next string) {
	var log auditPage
	a.Into(w, &log)
	for _, e := range log.Events {
		ids = append(ids, e.ID)
	}
	return ids, log.Next
}

var auditBegin = time.Date(2030, time.March, 29, 0, 0, 0, 0, time.UTC)

const auditSpan = "?start_date=2030-03-29T00:00:00Z&end_date=2030-04-04T00:00:00Z"

// auditQueryID is the id of a query of an audit log.
func auditQueryID(query string) string {
	return base64.RawURLEncoding.EncodeToString([]byte("q?" + query))
}

// manyEntries fills a log, over the end of a month. The one in the middle is
// about a profile, the others are about tokens.
func manyEntries(w *testkit.World, p testkit.Person, log string) {
	w.Helper()
	w.Advance(auditBegin.AddDate(0, 0, 6).Sub(w.Now()))
	filled(w, large, 100, func(tx *store.Tx, i int) {
		kind := "token"
		if i == large/2 {
			kind = "profile"
		}
		tx.Audit(auditlog.Entry{
			ID: fmt.Sprintf("%024x", i+1), Log: log, Resource: kind, ResourceID: p.Token[:10],
			Time: auditBegin.Add(time.Duration(i) * time.Minute), Message: "Token created", Who: string(p.ID),
		})
	})
}

// A filter of an audit log searches a bounded number of entries, whatever it
// finds, and a page with the newest first costs what the others do.
func TestFiltersOfALargeAuditLog(t *testing.T) {
	t.Parallel()
	w := testkit.NewModelled(t)
	ana := w.Quick("ana")
	manyEntries(w, ana, string(ana.Home))
	path := auditPath(ana.Home) + auditSpan
	for _, order := range []string{"asc", "desc"} {
		newest := walk{operation.AuditGet, path + "&limit=500&order=" + order, ana.Token, ofAudit}
		w.Call(newest.o, "GET", newest.path, ana.Token, nil)
		wantFlat(t, walked(w, newest), 500, large)
		filter := walk{operation.AuditGet, path + "&resourceName=profile&order=" + order, ana.Token, ofAudit}
		wantFew(t, walked(w, filter), 1, auditlog.MaxScanned)
	}
	// The answer to a query that is asked for again is the same page.
	var first auditPage
	w.Call(operation.AuditGet, "GET", path+"&resourceName=profile", ana.Token, nil).Into(w, &first)
	if n := first.Statistics.RecordsScanned; len(first.Events) != 0 || n != auditlog.MaxScanned {
		t.Errorf("the first request of a filter has %d entries of %d", len(first.Events), n)
	}
	// A file has no pages: it is searched further.
	file := download(w, operation.AuditGet, path+"&resourceName=profile&format=ndjson", ana.Token)
	var entry auditEvent
	err := json.Unmarshal([]byte(strings.TrimSpace(file.Body)), &entry)
	if err != nil || entry.Resource != "profile" {
		t.Errorf("the file is %q (%v)", file.Body, err)
	}
}

// wantFew requires that a filter finds n rows, each once, in as many requests
// as it takes to search a large list. None of the requests may read more than
// most entries of half a kilobyte.
func wantFew(t *testing.T, pages []page, n, most int) {
	t.Helper()
	seen := map[string]bool{}
	for i, p := range pages {
		if p.reads > float64(most)/8+float64(2*len(p.ids))+5 {
			t.Errorf("request %d of a filter costs %.1f units", i+1, p.reads)
		}
		for _, id := range p.ids {
			if seen[id] {
				t.Errorf("request %d has %s again", i+1, id)
			}
			seen[id] = true
		}
	}
	if len(seen) != n {
		t.Errorf("the filter finds %d, want %d", len(seen), n)
	}
	if want := large / most; len(pages) > want+1+n {
		t.Errorf("the filter takes %d requests, want %d", len(pages), want)
	}
}

// A filter of a list searches a bounded number of entries, unless the list is
// read by numbered pages: those are complete.
func TestFiltersOfLargeLists(t *testing.T) {
	t.Parallel()
	w := testkit.NewModelled(t)
	ana, ben := w.Quick("ana"), w.Quick("ben")
	w.Share(ana.Home, ben, tenancy.PermissionRead)
	own := ben.Mint(ana.Home, "")
	manyTokens(w, ana, large-2)
	manyNotifications(w, ana)
	tokens := "/profile/" + string(ana.Home) + "/token?amount=100"
	name := testkit.ClientOf(ana.Token).Token.ID
	for _, c := range []struct {
		what string
		of   walk
		n    int
	}{
		{"one name", walk{operation.TokenList, tokens + "&filter[name]=Gateway+7", ana.Token, rowIDs("token")}, (large - 2 - 7 + 96) / 97},
		{"the last one", walk{operation.TokenList, tokens + "&orderBy=created_at,desc&filter[token]=" + name, ana.Token, rowIDs("token")}, 1},
		{"what a member made", walk{operation.TokenList, tokens + "&orderBy=created_at,desc", own, rowIDs("token")}, 1},
		{"unread, oldest first", walk{operation.NotificationList, "/notification?amount=100&read=false", ana.Token, rowIDs("id")}, 1},
	} {
		t.Run(c.what, func(t *testing.T) {
			w.Call(c.of.o, "GET", c.of.path, c.of.token, nil)
			pages := walked(w, c.of)
			wantFew(t, pages, c.n, auditlog.MaxScanned)
			complete, _ := c.of.ids(w, w.Call(c.of.o, "GET", c.of.path+"&page=1", c.of.token, nil))
			if len(complete) != min(c.n, 100) {
				t.Errorf("the first numbered page has %d rows, want %d", len(complete), c.n)
			}
		})
	}
	// Another order than that of the table is one order over all pages, too.
	for _, order := range []string{"name,asc", "name,desc", "expire_time,asc"} {
		path := strings.Replace(tokens, "amount=100", "amount=1500", 1) + "&orderBy=" + order
		of := walk{operation.TokenList, path, ana.Token, rowIDs("token")}
		var got []string
		for _, p := range walked(w, of) {
			got = append(got, p.ids...)
		}
		all, _ := of.ids(w, w.Call(of.o, "GET", strings.Replace(path, "amount=1500", "amount=10000", 1), of.token, nil))
		if len(all) != large || !slices.Equal(got, all) {
			t.Errorf("%s: the pages have %d tokens, want the %d in their order", order, len(got), len(all))
		}
	}
}

// A list refuses a position that it has not given, and a page that is named in
// two ways.
func TestMadeUpPositionsInLists(t *testing.T) {
	t.Parallel()
	w := testkit.New(t)
	ana := w.Agent(w.Quick("ana"))
	home := "/profile/" + string(ana.Home)
	for o, path := range map[*operation.Operation]string{
		&operation.TokenList: home + "/token?", &operation.NotificationList: "/notification?",
		&operation.PaymentHistory: "/account/payment_history?", &operation.TransferList: "/transfer?",
		&operation.DeskList: "/desk/transfer?", &operation.AnalysisList: "/analysis?",
	} {
		for _, made := range []string{"x", "-", "0", "1900000000000-", "1900000000000-%23", "-1900000000000", "own-", "offered-1", "eyJ9", "%00"} {
			got := w.Call(*o, "GET", path+"nextToken="+made, ana.Token, nil)
			if got.Code != 400 || !strings.HasPrefix(got.Message, "nextToken must be one that an answer has given") {
				t.Errorf("%s, %s: got %d %q", o.Name, made, got.Code, got.Message)
			}
		}
		if o == &operation.PaymentHistory {
			continue
		}
		got := w.Call(*o, "GET", path+"page=1&nextToken=1900000000000-x", ana.Token, nil)
		if got.Code != 400 || !strings.HasPrefix(got.Message, "page is another way") {
			t.Errorf("%s: got %d %q, want a refusal of two ways to read it", o.Name, got.Code, got.Message)
		}
	}
	last := strings.Repeat("0", value.IDLength)
	got := w.Call(operation.PaymentHistory, "GET", "/account/payment_history?last_id="+last+"&nextToken=1900000000000-"+last, ana.Token, nil)
	if got.Code != 400 || !strings.HasPrefix(got.Message, "last_id is another way") {
		t.Errorf("got %d %q, want a refusal of two ways to go on", got.Code, got.Message)
	}
}
