package operation_test

import (
	"encoding/json"
	"fmt"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"profiles/shared/auditlog"
	"profiles/shared/operation"
	"profiles/shared/store"
	"profiles/shared/testkit"
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

// A page of a busy log costs what is on it, wherever it is, and a filter
// searches a bounded number of entries, whatever it finds.
func TestPagesOfALargeAuditLog(t *testing.T) {
	t.Parallel()
	w := testkit.New(t)
	ana := w.Quick("ana")
	begin := time.Date(2030, time.March, 29, 0, 0, 0, 0, time.UTC)
	w.Advance(begin.AddDate(0, 0, 6).Sub(w.Now()))
	for _, log := range []string{string(ana.Home), string(ana.ID)} {
		filled(w, large, 100, func(tx *store.Tx, i int) {
			kind := "token"
			if i == large/2 {
				kind = "profile"
			}
			tx.Audit(auditlog.Entry{
				ID: fmt.Sprintf("%024x", i+1), Log: log, Time: begin.Add(time.Duration(i) * time.Minute),
				Resource: kind, ResourceID: ana.Token[:10], Message: "Token created", Who: string(ana.ID),
			})
		})
	}
	span := "?start_date=2030-03-29T00:00:00Z&end_date=2030-04-04T00:00:00Z"
	for _, c := range []struct {
		o    operation.Operation
		path string
	}{
		{operation.AuditGet, auditPath(ana.Home)}, {operation.AccountAuditGet, "/account/auditlog"},
	} {
		for _, order := range []string{"asc", "desc"} {
			of := walk{c.o, c.path + span + "&limit=500&order=" + order, ana.Token, ofAudit}
			w.Call(c.o, "GET", c.path+"?limit=1", ana.Token, nil)
			t.Run(c.o.Name+" "+order, func(t *testing.T) { wantFlat(t, walked(w, of), 500, large) })
			of.path = c.path + span + "&resourceName=profile&order=" + order
			pages := walked(w, of)
			found := 0
			for i, p := range pages {
				if found += len(p.ids); p.reads > float64(auditlog.MaxScanned)/4 {
					t.Errorf("%s %s: request %d of a filter costs %.1f units", c.o.Name, order, i+1, p.reads)
				}
			}
			if want := large / auditlog.MaxScanned; found != 1 || len(pages) < want || len(pages) > want+1 {
				t.Errorf("%s %s: the filter finds %d in %d requests, want 1 in %d", c.o.Name, order, found, len(pages), want)
			}
		}
	}
	// The answer to a query that is asked for again is the same page.
	var first auditPage
	w.Call(operation.AuditGet, "GET", auditPath(ana.Home)+span+"&resourceName=profile", ana.Token, nil).Into(w, &first)
	if n := first.Statistics.RecordsScanned; len(first.Events) != 0 || n != auditlog.MaxScanned {
		t.Errorf("the first request of a filter has %d entries of %d", len(first.Events), n)
	}
	// A file has no pages: it is searched further.
	file := download(w, operation.AuditGet, auditPath(ana.Home)+span+"&resourceName=profile&format=ndjson", ana.Token)
	var entry auditEvent
	if err := json.Unmarshal([]byte(strings.TrimSpace(file.Body)), &entry); err != nil || entry.Resource != "profile" {
		t.Errorf("the file is %q (%v)", file.Body, err)
	}
}
