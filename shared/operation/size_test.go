package operation_test

import (
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"profiles/infra/template"
	"profiles/shared/auditlog"
	"profiles/shared/operation"
	"profiles/shared/plan"
	"profiles/shared/service/audit"
	"profiles/shared/store"
	"profiles/shared/tenancy"
	"profiles/shared/testkit"
)

// A page of an audit log ends at the size that Lambda accepts, and names the
// next page. Eight hundred changes of long addresses are two pages, and none is
// lost.
func TestAPageOfTheLogEndsByBytes(t *testing.T) {
	t.Parallel()
	w := testkit.NewModelled(t)
	ana := w.Quick("ana")
	w.Advance(time.Minute)
	from := w.Now()
	for change, long := range map[string]string{
		"plain":  strings.Repeat("x", 4000),
		"quotes": strings.Repeat(`"`, 1000),
		"wide":   strings.Repeat("\u2028", 1000),
	} {
		var want []string
		for page := range slices.Chunk(make([]int, 800), 50) {
			entries := make([]auditlog.Entry, len(page))
			for i := range entries {
				w.Advance(time.Millisecond)
				id := fmt.Sprintf("%s %d", change, len(want))
				want = append(want, id)
				entries[i] = auditlog.Entry{
					Log: string(ana.Home), Time: w.Now(), Resource: "profile", ResourceID: change, Message: id, Who: string(ana.ID),
					Changes: []auditlog.Change{{Field: "logo_url", Before: long, After: long}},
				}
			}
			wrote(w, entries...)
		}
		w.Advance(time.Millisecond)
		span := "&start_date=" + from.Format(time.RFC3339) + "&end_date=" + w.Now().Add(time.Second).Format(time.RFC3339)
		var got []string
		pages := 0
		for next := ""; ; {
			var page auditPage
			w.Call(operation.AuditGet, "GET", auditPath(ana.Home)+"?limit=800&resourceID="+change+span+next,
				ana.Token, nil).Into(w, &page)
			for _, e := range page.Events {
				got = append(got, strings.SplitN(e.Message, " [", 2)[0])
			}
			pages++
			if page.Next == "" || pages > 20 {
				break
			}
			next = "&nextToken=" + page.Next
		}
		if !slices.Equal(got, want) {
			t.Errorf("%s: %d pages have %d entries, want the %d that were written", change, pages, len(got), len(want))
		}
		if pages < 2 {
			t.Errorf("%s: all of it is one page", change)
		}
		for _, format := range []string{"csv", "ndjson"} {
			answer := w.Call(operation.AuditGet, "GET",
				auditPath(ana.Home)+"?limit=800&format="+format+"&resourceID="+change+span, ana.Token, nil)
			if answer.Code != 400 || !strings.Contains(answer.Message, "shorter span") ||
				answer.Header["Content-Disposition"] != "" {
				t.Errorf("%s as %s: got %d %q", change, format, answer.Code, answer.Message)
			}
		}
	}
}

// A list of numbered pages that would be too large is refused with advice. A
// page that ended early would make the next one skip rows.
func TestAListThatIsTooLargeIsRefused(t *testing.T) {
	t.Parallel()
	w, ana := limited(t, plan.Starter)
	for page := range slices.Chunk(make([]int, 3000), 99) {
		tx := w.Store.Begin()
		for range page {
			tx.Notify(tenancy.Notification{
				ID: tenancy.NotificationID(w.NextID()), Account: ana.ID, Title: "x", Message: strings.Repeat("\"\\", 500), Created: w.Now(),
			})
		}
		w.OK(tx.CommitAside(t.Context(), store.Origin{}))
	}
	get := func(amount int) testkit.Answer {
		return w.Call(operation.NotificationList, "GET", fmt.Sprintf("/notification?amount=%d", amount), ana.Token, nil)
	}
	if got := get(300); got.Code != 200 {
		t.Errorf("300 at once: got %d %q", got.Code, got.Message)
	}
	if got := get(3000); got.Code != 400 || got.Status || !strings.Contains(got.Message, "amount") {
		t.Errorf("3000 at once: got %d %q", got.Code, got.Message)
	} else if got.Header["Ratelimit-Limit"] == "" {
		t.Errorf("the refusal does not say what is left of the limit: %v", got.Header)
	}
}

// The alarm about entries that are set aside looks for the line that is logged.
func TestTheAlarmKnowsTheLineOfWhatIsSetAside(t *testing.T) {
	t.Parallel()
	file, err := template.Find()
	if err != nil {
		t.Fatal(err)
	}
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(string(text), `{ $.msg = "`+audit.SetAside+`" }`) {
		t.Errorf("template.yaml has no filter for %q", audit.SetAside)
	}
}
