package operation_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"profiles/shared/backup"
	"profiles/shared/billing"
	"profiles/shared/operation"
	"profiles/shared/plan"
	"profiles/shared/store"
	"profiles/shared/tenancy"
	"profiles/shared/testkit"
	"profiles/shared/transfer"
	"profiles/shared/value"
	"profiles/shared/webhook"
)

// whole are the lists that are answered whole, with what bounds them.
var whole = map[string]string{
	operation.SessionList.Name:   "an account has 20 places for sessions",
	operation.ProfileList.Name:   "a plan has at most 5 profiles; those that others share are one small item each, and SDKs know no pages of this list",
	operation.WebhookList.Name:   "a profile or an account has at most 10 webhooks",
	operation.TeamList.Name:      "a plan has at most 5 places in a team; ended invitations are shown for 30 days",
	operation.AlertList.Name:     "a profile has at most 10 alerts",
	operation.AllocationGet.Name: "a plan has at most 5 profiles",
	operation.StatisticsGet.Name: "a span has at most 745 steps, and a profile the hours of 13 months",
	operation.AnalysisList.Name:  "it has no rows",
}

// isList reports whether an operation answers with a list, whole or in pages.
func isList(o operation.Operation) bool {
	if o.Call == nil || o.Routes[0].Method != http.MethodGet {
		return false
	}
	if o.Call.Types().Out.Kind() == reflect.Slice {
		return true
	}
	return slices.ContainsFunc(o.Params(), func(name string) bool {
		return name == "page" || name == "amount" || name == "limit" || name == "nextToken"
	})
}

// rowIDs reads the ids of a list of the envelope, by the key that has them.
func rowIDs(key string) func(*testkit.World, testkit.Answer) ([]string, string) {
	return func(w *testkit.World, a testkit.Answer) (ids []string, next string) {
		var rows []map[string]any
		a.Into(w, &rows)
		for _, row := range rows {
			ids = append(ids, fmt.Sprint(row[key]))
		}
		var envelope struct{ NextToken *string }
		w.OK(json.Unmarshal([]byte(a.Body), &envelope))
		if envelope.NextToken != nil {
			next = *envelope.NextToken
		}
		return ids, next
	}
}

// pagedList is a list that is read by cursors: how to make a large one, and how
// to walk through it.
type pagedList struct {
	o       operation.Operation
	rows    int // in all
	size    int // of a page
	prepare func(w *testkit.World, ana testkit.Person) (path, token string)
	ids     func(*testkit.World, testkit.Answer) ([]string, string)
}

func pagedLists() []pagedList {
	tokens := func(w *testkit.World, ana testkit.Person) (string, string) {
		manyTokens(w, ana, large-1)
		return "/profile/" + string(ana.Home) + "/token?amount=100", ana.Token
	}
	entries := func(
		path string, log func(testkit.Person) string,
	) func(*testkit.World, testkit.Person) (string, string) {
		return func(w *testkit.World, ana testkit.Person) (string, string) {
			manyEntries(w, ana, log(ana))
			return strings.ReplaceAll(path, "HOME", string(ana.Home)) + auditSpan + "&limit=500", ana.Token
		}
	}
	home := func(p testkit.Person) string { return string(p.Home) }
	account := func(p testkit.Person) string { return string(p.ID) }
	again := func(o operation.Operation, path string, log func(testkit.Person) string) pagedList {
		return pagedList{o, large, 500,
			func(w *testkit.World, ana testkit.Person) (string, string) {
				manyEntries(w, ana, log(ana))
				path := strings.ReplaceAll(path, "HOME", string(ana.Home))
				query := strings.TrimPrefix(auditSpan, "?") + "&limit=500"
				return path + "/" + auditQueryID(query) + "?", ana.Token
			}, ofAudit}
	}
	return []pagedList{
		{operation.TokenList, large, 100, tokens, rowIDs("token")},
		{operation.TokenList, large, 100,
			func(w *testkit.World, ana testkit.Person) (string, string) {
				path, token := tokens(w, ana)
				return path + "&orderBy=created_at,desc", token
			}, rowIDs("token")},
		{operation.AccountTokenList, large, 100,
			func(w *testkit.World, ana testkit.Person) (string, string) {
				_, token := tokens(w, ana)
				return "/account/token?amount=100", token
			}, rowIDs("token")},
		{operation.NotificationList, large, 100,
			func(w *testkit.World, ana testkit.Person) (string, string) {
				manyNotifications(w, ana)
				return "/notification?amount=100", ana.Token
			}, rowIDs("id")},
		{operation.NotificationList, large, 100,
			func(w *testkit.World, ana testkit.Person) (string, string) {
				manyNotifications(w, ana)
				return "/notification?amount=100&orderBy=created_at,asc", ana.Token
			}, rowIDs("id")},
		{operation.PaymentHistory, large, 100,
			func(w *testkit.World, ana testkit.Person) (string, string) {
				filled(w, large, 100, func(tx *store.Tx, i int) {
					from := w.Now().Add(time.Duration(i) * time.Second)
					tx.Charge(billing.Charge{
						ID: fmt.Sprintf("%024x", i+1), Account: ana.ID, Kind: billing.ChargePlan,
						Plan: plan.Scale, Amount: 1, From: from, To: from.AddDate(0, 1, 0),
					})
				})
				return "/account/payment_history?amount=100", ana.Token
			}, rowIDs("stripe_id")},
		{operation.TransferList, 301, 50,
			func(w *testkit.World, ana testkit.Person) (string, string) {
				manyTransfers(w, ana, 300)
				return "/transfer?amount=50", ana.Token
			}, rowIDs("ticket")},
		{operation.DeskList, 301, 50, func(w *testkit.World, ana testkit.Person) (string, string) {
			manyTransfers(w, ana, 300)
			return "/desk/transfer?amount=50", w.Agent(w.Quick("sam")).Token
		}, rowIDs("ticket")},
		{operation.ProfileDeleted, 60, 25,
			func(w *testkit.World, ana testkit.Person) (string, string) {
				filled(w, 60, 1, func(tx *store.Tx, i int) {
					p := tenancy.NewProfile(value.ProfileID(fmt.Sprintf("%024x", i+1)), ana.Account,
						"gone", w.Now())
					tx.CreateProfile(p)
				})
				filled(w, 60, 1, func(tx *store.Tx, i int) {
					p := tenancy.NewProfile(value.ProfileID(fmt.Sprintf("%024x", i+1)), ana.Account,
						"gone", w.Now())
					tx.KeepProfile(tenancy.ProfileDeletion{Profile: p, Time: w.Now()}, nil)
				})
				return "/profile/deleted?amount=25", ana.Token
			}, rowIDs("id")},
		{operation.DeliveryList, 300, 50,
			func(w *testkit.World, ana testkit.Person) (string, string) {
				path := "/profile/" + string(ana.Home) + "/webhook"
				var made struct{ ID webhook.ID }
				w.Call(operation.WebhookCreate, "POST", path, ana.Token, map[string]any{"url": "https://example.com"}).Into(w,
					&made)
				filled(w, 300, 1, func(tx *store.Tx, i int) {
					d := webhook.Delivery{
						ID: fmt.Sprintf("%024x", i+1), Webhook: made.ID, Type: "token.created", Body: []byte("{}"),
						Order: int64(i + 1), Created: w.Now(), State: webhook.Pending, Next: w.Now(),
					}
					tx.Queue(string(ana.Home), w.Now(), d)
				})
				return path + "/" + string(made.ID) + "/delivery?amount=50", ana.Token
			}, rowIDs("id")},
		{operation.BackupList, 300, 50,
			func(w *testkit.World, ana testkit.Person) (string, string) {
				filled(w, 300, 1, func(tx *store.Tx, i int) {
					tx.AddBackup(backup.Backup{
						ID: backup.ID(fmt.Sprintf("%024x", i+1)), Account: ana.ID, Profile: ana.Home,
						Reason: backup.ReasonRequest, Created: w.Now(),
					}, errors.New("there is one already"))
				})
				return "/profile/" + string(ana.Home) + "/backup?amount=50", ana.Token
			}, rowIDs("id")},
		{operation.AuditGet, large, 500, entries("/profile/HOME/auditlog", home), ofAudit},
		again(operation.AuditQuery, "/profile/HOME/auditlog", home),
		{operation.AccountAuditGet, large, 500, entries("/account/auditlog", account), ofAudit},
		again(operation.AccountAuditQuery, "/account/auditlog", account),
	}
}

// Every list of the catalogue is read by cursors, each page for the cost of
// what is on it, or is answered whole and has a bound.
func TestEveryListHasABound(t *testing.T) {
	t.Parallel()
	paged := map[string]bool{}
	for _, l := range pagedLists() {
		paged[l.o.Name] = true
		if !slices.Contains(l.o.Params(), "nextToken") {
			t.Errorf("%s has pages and does not take nextToken", l.o.Name)
		}
	}
	for _, o := range operation.All() {
		switch _, bounded := whole[o.Name]; {
		case isList(o) && paged[o.Name] == bounded:
			t.Errorf("%s is a list: add it to pagedLists, or to whole with what bounds it", o.Name)
		case !isList(o) && (paged[o.Name] || bounded):
			t.Errorf("%s is no list", o.Name)
		}
	}
}

func TestEveryPageOfALargeListCostsWhatIsOnIt(t *testing.T) {
	t.Parallel()
	for _, l := range pagedLists() {
		t.Run(l.o.Name, func(t *testing.T) {
			t.Parallel()
			w := testkit.New(t)
			ana := w.Quick("ana")
			path, token := l.prepare(w, ana)
			of := walk{l.o, path, token, l.ids}
			w.Call(l.o, "GET", path, token, nil)
			wantFlat(t, walked(w, of), l.size, l.rows)
		})
	}
}

func manyTokens(w *testkit.World, p testkit.Person, n int) {
	w.Helper()
	begin := w.Now()
	w.Advance(time.Duration(n) * time.Second)
	filled(w, n, 50, func(tx *store.Tx, i int) {
		tx.CreateToken(tenancy.Token{
			ID: value.TokenID(fmt.Sprintf("%08d", 1_000_000+i)), Hash: []byte("hash"), Profile: p.Home,
			Account: p.ID, Name: fmt.Sprintf("Gateway %d", i%97), Permission: tenancy.PermissionFull,
			Created: begin.Add(time.Duration(i) * time.Second), AccountEpoch: p.Epoch,
		})
	})
}

func manyNotifications(w *testkit.World, p testkit.Person) {
	w.Helper()
	begin := w.Now()
	w.Advance(large * time.Second)
	filled(w, large, 100, func(tx *store.Tx, i int) {
		at := begin.Add(time.Duration(i) * time.Second)
		tx.Notify(tenancy.Notification{
			ID:      tenancy.NotificationID(fmt.Sprintf("%012x%012x", at.UnixMilli(), i)),
			Account: p.ID, Title: "Greenhouse", Message: "The window is open.", Read: i > 0, Created: at,
		})
	})
}

// manyTransfers makes copies of a transfer that an account has requested, each
// of another profile.
func manyTransfers(w *testkit.World, p testkit.Person, copies int) {
	w.Helper()
	id := w.Offer(p.Profile("barn"), p, "zoe@example.com").ID
	batch := w.Store.Batch()
	found, home := batch.Transfer(id), batch.Profile(p.Home)
	w.OK(batch.Get(w.Context()))
	begin := w.Now()
	w.Advance(time.Duration(copies) * time.Second)
	profiles := make([]tenancy.Profile, copies)
	for i := range profiles {
		profiles[i] = home.Value
		profiles[i].ID = value.ProfileID(fmt.Sprintf("%024x", i+1))
	}
	filled(w, copies, 25, func(tx *store.Tx, i int) { tx.CreateProfile(profiles[i]) })
	filled(w, copies, 10, func(tx *store.Tx, i int) {
		t := found.Value
		t.ID, t.Profile = transfer.NewID(w.NextID()), profiles[i].ID
		t.Created = begin.Add(time.Duration(i) * time.Second)
		tx.OpenTransfer(profiles[i], t)
	})
}
