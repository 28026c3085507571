package operation_test

import (
	"encoding/csv"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-lambda-go/events"

	"profiles/shared/app"
	"profiles/shared/operation"
	"profiles/shared/plan"
	"profiles/shared/testkit"
	"profiles/shared/value"
)

// routed returns the operation that the gateway gives a request to. Of the
// routes that match it is the one with the fewest placeholders.
func routed(t testing.TB, method, path string) operation.Operation {
	t.Helper()
	parts := strings.Split(strings.TrimSuffix(path, "/"), "/")
	var found operation.Operation
	least := len(parts) + 1
	for _, o := range operation.All() {
		for _, route := range o.Routes {
			pattern := strings.Split(route.Path, "/")
			if route.Method != method || len(pattern) != len(parts) {
				continue
			}
			placeholders, matches := 0, true
			for i, part := range pattern {
				if strings.HasPrefix(part, "{") && parts[i] != "" {
					placeholders++
				} else if part != parts[i] {
					matches = false
				}
			}
			if matches && placeholders < least {
				found, least = o, placeholders
			}
		}
	}
	if found.Name == "" {
		t.Fatalf("no operation has the route %s %s", method, path)
	}
	return found
}

// ask sends a request to the operation that has its route.
func ask(w *testkit.World, method, target, token string, body any) testkit.Answer {
	w.Helper()
	path, _, _ := strings.Cut(target, "?")
	return w.Call(routed(w, method, path), method, target, token, body)
}

// result is the result of a successful request, without blanks between its
// parts, as encoding/json writes it.
func result(w *testkit.World, token, target string) string {
	w.Helper()
	got := ask(w, "GET", target, token, nil)
	if got.Code != 200 || !got.Status {
		w.Fatalf("GET %s: got %d %q", target, got.Code, got.Message)
	}
	return string(got.Result)
}

// sorted is JSON with the keys of each object in order. Clients do not see the
// order.
func sorted(w *testkit.World, s string) string {
	w.Helper()
	var v any
	w.OK(json.Unmarshal([]byte(s), &v))
	out, err := json.Marshal(v)
	w.OK(err)
	return string(out)
}

func tidy(s string) string { return strings.NewReplacer("\n", "", "\t", "").Replace(s) }

// Answers have the values without which clients crash: lists that are lists,
// all nine services, whole cents, and null where clients expect null.
func TestTheFormsOfBilling(t *testing.T) {
	t.Parallel()
	w := testkit.New(t)
	ana := w.Account("ana")
	home, account := string(ana.Home), string(ana.ID)
	const start, end = `"2030-03-14T09:26:53.589Z"`, `"2030-04-14T09:26:53.589Z"`
	limits := `"analysis":{"limit":3000},"data_records":{"limit":800000},"email":{"limit":100},"file_storage":{"limit":200},"input":{"limit":1000000},` +
		`"output":{"limit":3000000},"push_notification":{"limit":100},"run_users":{"limit":10},"sms":{"limit":10}`
	plainAmounts := strings.NewReplacer(`{"limit":`, "", "}", "").Replace(limits)
	amounts := strings.Replace(plainAmounts, `"push`, `"profile":"`+home+`","push`, 1)
	same := func(when string, want map[string]string) {
		t.Helper()
		for _, target := range slices.Sorted(maps.Keys(want)) {
			got := result(w, ana.Token, target)
			if sorted(w, got) != sorted(w, tidy(want[target])) {
				t.Errorf("%s: GET %s\ngot  %s\nwant %s", when, target, got, tidy(want[target]))
			}
		}
	}
	noCard := `{"card":null}`
	chosen := `{"id":"` + account + `","plan":"scale","active":1,"end_date":` + end + `,"price":19900,"created_at":` + start + `,"next_plan":"scale"}`
	same("at first", map[string]string{
		"/account/subscription": `{"account":"` + account + `","plan":"scale","services":{` + limits + `},"addons":{"custom_dns":[],"mobile":[]},
			"current_cycle":{"start":` + start + `,"end":` + end + `},"processing":false,"upcoming_invoice_total":19900,"trial_end":null}`,
		"/account/subscription/summary":  `{"processing":false,"payment_error":null,"past_due":false,"not_enough_balance":false,"schedule":false}`,
		"/account/subscription/schedule": `{"account":"` + account + `","release_at":null}`,
		"/account/payment_method":        noCard,
		"/account/payment_method/":       noCard,
		"/account/billing": `{"account":"` + account + `","company":null,"country":null,"state":null,"city":null,"street":null,"zip_code":null,
			"comments":null,"payment_method":null,"updated_at":null}`,
		"/account/payment_history":            `[]`,
		"/account/payment_history/?amount=10": `[]`,
		"/account/plan":                       chosen,
		"/billing": `{"profiles":[{"id":"` + home + `","name":"ana","limits":{` + plainAmounts + `},
			"addons":{"custom_dns":false,"mobile":false}}],"plan":"scale","discounts":[]}`,
		"/account/allocation":                         `[{` + amounts + `,"updated_at":` + start + `}]`,
		"/profile/" + home + "/addons":                `{"custom_dns":false,"mobile":false}`,
		"/profile/current/addons":                     `{"custom_dns":false,"mobile":false}`,
		"/profile/" + home + "/statistics":            `[]`,
		"/profile/" + home + "/statistics?timezone=":  `[]`,
		"/profile/current/statistics?date=2030-03-14": `[]`,
		"/account/cost": `{"month":"2030-03","currency":"usd","total":0,"lines":[],"statement":[],"forecast":{"renewal":` + end + `,"total":19900,"lines":[
			{"profile":null,"profile_name":null,"kind":"plan","what":"scale","amount":19900,"from":` + end + `,"to":"2030-05-14T09:26:53.589Z"}]}}`,
		"/profile/" + home + "/cost?month=2030-02": `{"month":"2030-02","currency":"usd","total":0,"lines":[],"statement":[],"forecast":{"renewal":` + end + `,"total":0,"lines":[]}}`,
	})
	for _, edit := range []struct {
		method, path string
		body         object
		says         string
	}{
		{"POST", "/account/subscription", object{"services": object{"sms": object{"limit": 100}}}, "Subscription Successfully Updated"},
		{"POST", "/account/subscription", object{"addons": object{"mobile": []string{home}}}, "Subscription Successfully Updated"},
		{"POST", "/account/subscription", object{"services": object{"sms": object{"limit": 10}}}, "Subscription Successfully Updated"},
		{"POST", "/account/subscription", object{"addons": object{"mobile": []string{}}}, "Subscription Successfully Updated"},
		{"POST", "/account/plan/", object{"plan": "starter", "sms": nil, "device_request": nil}, "Plan Successfully Updated"},
		{"POST", "/account/plan", object{"plan": "starter"}, "Plan Successfully Updated"},
		{"PUT", "/account/billing", object{"company": " Acme ", "city": nil, "vat": "x"}, "Billing Successfully Updated"},
	} {
		var said string
		ask(w, edit.method, edit.path, ana.Token, edit.body).Into(w, &said)
		if said != edit.says {
			t.Errorf("%s %s %v: got %q, want %q", edit.method, edit.path, edit.body, said, edit.says)
		}
	}
	same("with something scheduled", map[string]string{
		"/account/subscription/summary": `{"processing":false,"payment_error":null,"past_due":false,"not_enough_balance":false,"schedule":true}`,
		"/account/subscription/schedule": `{"account":"` + account + `","release_at":` + end + `,"subscription":{"plan":"starter",
			"services":{"sms":{"limit":10}},"addons":{"mobile":[]}}}`,
		"/account/plan":                strings.Replace(chosen, `"next_plan":"scale"`, `"next_plan":"starter"`, 1),
		"/profile/" + home + "/addons": `{"custom_dns":false,"mobile":true}`,
		"/account/billing": `{"account":"` + account + `","company":"Acme","country":null,"state":null,"city":null,"street":null,"zip_code":null,
			"comments":null,"payment_method":null,"updated_at":` + start + `}`,
	})
	var subscription struct {
		Upcoming int64 `json:"upcoming_invoice_total"`
		Addons   map[string][]string
		Services map[string]struct{ Limit int64 }
	}
	ask(w, "GET", "/account/subscription", ana.Token, nil).Into(w, &subscription)
	if subscription.Upcoming != 4900 || subscription.Services["sms"].Limit != 100 ||
		!slices.Equal(subscription.Addons["mobile"], []string{home}) {
		t.Errorf("until the renewal all is as it was, and then starter alone: got %+v", subscription)
	}
	var payments []struct {
		ID      string `json:"stripe_id"`
		Total   int64
		Created string `json:"created_at"`
	}
	ask(w, "GET", "/account/payment_history", ana.Token, nil).Into(w, &payments)
	if len(payments) != 2 || payments[0].Total+payments[1].Total != 250+9900 {
		t.Fatalf("got payments %+v, want a service in full and an add-on", payments)
	}
	var next []struct {
		ID string `json:"stripe_id"`
	}
	ask(w, "GET", "/account/payment_history/?amount=1&last_id="+payments[0].ID, ana.Token, nil).Into(w, &next)
	if len(next) != 1 || next[0].ID != payments[1].ID {
		t.Errorf("after the first payment come %+v, want the second", next)
	}
	got := ask(w, "GET", "/account/payment_history?last_id=unknown", ana.Token, nil)
	if got.Code != 400 || !strings.Contains(got.Message, "last_id") {
		t.Errorf("after a payment that is none: got %d %q", got.Code, got.Message)
	}
}

func TestPrices(t *testing.T) {
	t.Parallel()
	w := testkit.New(t)
	ana, free := w.Account("ana"), w.Account("free", plan.Free)
	w.Advance(15*24*time.Hour + time.Minute)
	type prices map[string][]struct {
		Name          string
		Amount, Price json.Number
		Limits        plan.Limits
	}
	lists := map[string]prices{}
	for who, token := range map[string]string{"nobody": "", "ana": ana.Token, "free": free.Token} {
		path := "/pricing/prorated"
		if who == "nobody" {
			path = "/pricing"
		}
		var list prices
		ask(w, "GET", path, token, nil).Into(w, &list)
		if len(list) != 11 || len(list["plans"]) != 3 || len(list["addons"]) != 2 {
			t.Errorf("%s: got %d lists, %d plans and %d add-ons", who, len(list), len(list["plans"]), len(list["addons"]))
		}
		for _, row := range list["plans"] {
			if want := plan.Plan(row.Name).Limits(); row.Limits != want {
				t.Errorf("%s: the plan %s admits %+v, want %+v", who, row.Name, row.Limits, want)
			}
		}
		for _, s := range plan.Services() {
			if rows := list[s.String()]; len(rows) < 5 || rows[0].Price != "0" {
				t.Errorf("%s: the prices of %s are %v", who, s, rows)
			}
		}
		for name, rows := range list {
			for _, row := range rows {
				if _, err := strconv.ParseInt(row.Price.String(), 10, 64); err != nil {
					t.Errorf("%s: %s has the price %s, want whole cents", who, name, row.Price)
				}
			}
		}
		lists[who] = list
	}
	// 16 of 31 days are left. A used-up amount costs its full price, and so
	// does everything for an account that pays nothing yet.
	for _, c := range []struct {
		who, list string
		row       int
		want      json.Number
	}{
		{"nobody", "plans", 2, "19900"}, {"nobody", "addons", 0, "9900"}, {"nobody", "input", 1, "2000"},
		{"ana", "plans", 2, "10271"}, {"ana", "addons", 0, "5110"}, {"ana", "input", 1, "1032"}, {"ana", "sms", 1, "250"},
		{"ana", "push_notification", 1, "250"}, {"ana", "email", 1, "250"},
		{"free", "plans", 2, "19900"}, {"free", "input", 1, "2000"}, {"free", "sms", 1, "250"},
	} {
		if got := lists[c.who][c.list][c.row].Price; got != c.want {
			t.Errorf("%s: %s number %d costs %s, want %s", c.who, c.list, c.row, got, c.want)
		}
	}
}

func TestBillingRefuses(t *testing.T) {
	t.Parallel()
	w := testkit.New(t)
	ana, free := w.Account("ana"), w.Account("free", plan.Free)
	other := ana.Profile("other")
	home := string(ana.Home)
	before := w.State()
	for _, c := range []struct {
		method, target, token string
		body                  any
		code                  int
		says                  string
	}{
		{"POST", "/account/subscription", ana.Token, nil, 400, "exactly one"},
		{"POST", "/account/subscription", ana.Token, object{"plan": nil}, 400, "exactly one"},
		{"POST", "/account/subscription", ana.Token, object{"plan": "scale", "addons": object{}}, 400, "exactly one"},
		{"POST", "/account/subscription", ana.Token, object{"plan": "gold"}, 400, "plan must be"},
		{"POST", "/account/subscription", ana.Token, object{"plan": 1}, 400, "plan must be a text"},
		{"POST", "/account/subscription", ana.Token, object{"services": object{"input": object{}}}, 400, "services.input.limit is required"},
		{"POST", "/account/subscription", ana.Token, object{"services": object{"input": object{"limit": -1}}}, 400, "services.input"},
		{"POST", "/account/subscription", ana.Token, object{"services": object{"telex": object{"limit": 1}}}, 400, "names of services"},
		{"POST", "/account/subscription", ana.Token, object{"addons": object{"gold": []string{}}}, 400, "names of add-ons"},
		{"POST", "/account/subscription", ana.Token, object{"addons": object{"mobile": []string{string(free.Home)}}}, 400, "addons.mobile"},
		{"POST", "/account/subscription", ana.Token, object{"plan": "starter", "coupon": "HALF"}, 404, "Coupon"},
		{"POST", "/account/subscription", free.Token, object{"services": object{"input": object{"limit": 3_000_000}}}, 403, "free"},
		{"POST", "/account/subscription", free.Token, object{"addons": object{"mobile": []string{string(free.Home)}}}, 403, "free"},
		{"POST", "/profile/" + string(free.Home) + "/addons", free.Token, object{"mobile": true}, 403, "free"},
		{"DELETE", "/account/subscription/schedule", ana.Token, nil, 400, "Nothing is scheduled"},
		{"GET", "/account/subscription/coupon/HALF", ana.Token, nil, 404, "Coupon Not Found"},
		{"POST", "/account/subscription/pending/retry", ana.Token, nil, 400, "No payment is pending"},
		{"POST", "/account/subscription/pending/cancel", ana.Token, nil, 400, "No payment is pending"},
		{"POST", "/account/payment_method", ana.Token, object{"token": "tok"}, 400, "no payment provider"},
		{"POST", "/account/payment_method/", ana.Token, object{"name": "x", "token": "tok"}, 400, "no payment provider"},
		{"DELETE", "/account/payment_method", ana.Token, nil, 400, "no payment provider"},
		{"DELETE", "/account/payment_method/", ana.Token, object{"id": "x"}, 400, "no payment provider"},
		{"PUT", "/account/billing", ana.Token, object{"company": 5}, 400, "company must be a text"},
		{"PUT", "/account/billing", ana.Token, object{"street": strings.Repeat("x", 201)}, 400, "street"},
		{"POST", "/account/plan/", ana.Token, object{}, 400, "plan must be"},
		{"POST", "/account/allocation", ana.Token, nil, 400, "list"},
		{"POST", "/account/allocation", ana.Token, object{"profile": home, "input": 1}, 400, "list"},
		{"POST", "/account/allocation", ana.Token, []object{}, 400, "at least one"},
		{"POST", "/account/allocation", ana.Token, []object{{"input": 1}}, 400, "place 0"},
		{"POST", "/account/allocation", ana.Token, []object{{"profile": home}, {"profile": home}}, 400, "twice"},
		{"POST", "/account/allocation", ana.Token, []object{{"profile": home, "input": -1}}, 400, "input"},
		{"POST", "/account/allocation", ana.Token, []object{{"profile": other, "input": 1}}, 400, "adds up"},
		{"POST", "/account/allocation", ana.Token, []object{{"profile": free.Home, "input": 1}}, 400, "own"},
		{"POST", "/profile/" + home + "/services", ana.Token, object{"telex": 1}, 400, "telex is not taken here"},
		{"POST", "/profile/" + string(free.Home) + "/services", free.Token, object{"input": 1}, 403, "only profile"},
		{"POST", "/profile/" + home + "/addons", ana.Token, object{}, 400, "custom_dns or mobile"},
		{"POST", "/profile/" + home + "/addons", ana.Token, object{"mobile": "yes"}, 400, "mobile must be true or false"},
		{"DELETE", "/profile/" + home + "/mobile", ana.Token, nil, 404, "Addon Not Found"},
		{"DELETE", "/profile/" + home + "/custom_dns", ana.Token, nil, 404, "Addon Not Found"},
		{"DELETE", "/profile/" + home + "/gold", ana.Token, nil, 404, "Addon Not Found"},
		{"GET", "/account/cost?format=xml", ana.Token, nil, 400, "json or csv"},
		{"GET", "/account/cost?month=2030-04", ana.Token, nil, 400, "month"},
		{"GET", "/account/cost?month=2030-3", ana.Token, nil, 400, "month"},
		{"GET", "/profile/" + home + "/cost?month=March", ana.Token, nil, 400, "month"},
		{"GET", "/account/payment_history?amount=0", ana.Token, nil, 400, "amount"},
		{"GET", "/profile/" + home + "/statistics?timezone=Mars/Olympus", ana.Token, nil, 400, "timezone"},
		{"GET", "/profile/" + home + "/statistics?start_date=2030-03-01", ana.Token, nil, 400, "end_date"},
		{"GET", "/profile/" + home + "/statistics?start_date=2030-03-01&end_date=2030-03-02&periodicity=week", ana.Token, nil, 400, "periodicity"},
		{"GET", "/profile/" + home + "/statistics?start_date=2000-01-01&end_date=2030-03-02", ana.Token, nil, 400, "steps"},
	} {
		got := ask(w, c.method, c.target, c.token, c.body)
		if got.Code != c.code || !strings.Contains(got.Message, c.says) {
			t.Errorf("%s %s %v: got %d %q, want %d with %q", c.method, c.target, c.body, got.Code, got.Message, c.code, c.says)
		}
	}
	if w.State() != before {
		t.Error("something that was refused changed the table")
	}
}

// Add-ons of one profile, by the routes of older clients.
func TestAddons(t *testing.T) {
	t.Parallel()
	w := testkit.New(t)
	ana := w.Account("ana")
	home := "/profile/" + string(ana.Home)
	charged := func() (n int) { return w.Count("B#"+string(ana.ID), "C#") }
	do := func(method, path string, body any, code int) {
		t.Helper()
		if got := ask(w, method, path, ana.Token, body); got.Code != code {
			t.Fatalf("%s %s %v: got %d %q, want %d", method, path, body, got.Code, got.Message, code)
		}
	}
	scheduled := func() string { return result(w, ana.Token, "/account/subscription/schedule") }
	do("POST", home+"/addons", object{"mobile": true, "custom_dns": false}, 200)
	do("POST", home+"/addons", object{"mobile": true}, 200)
	if charged() != 1 || result(w, ana.Token, home+"/addons") != `{"custom_dns":false,"mobile":true}` {
		t.Errorf("charged %d times for %s, want once for mobile", charged(), result(w, ana.Token, home+"/addons"))
	}
	do("DELETE", home+"/mobile", nil, 200)
	do("DELETE", home+"/mobile", nil, 200) // until the end of the cycle it is there
	if !strings.Contains(scheduled(), `"addons":{"mobile":[]}`) {
		t.Errorf("scheduled is %s, want the end of the add-on", scheduled())
	}
	do("POST", "/profile/current/addons", object{"mobile": true}, 200)
	if strings.Contains(scheduled(), "subscription") || charged() != 1 {
		t.Errorf("taken back: scheduled is %s, with %d charges", scheduled(), charged())
	}
	do("DELETE", "/profile/current/mobile", nil, 200)
	w.Advance(31 * 24 * time.Hour)
	if n, err := operation.SubscriptionRenew.Sweep(t.Context(), w.Services); n != 1 || err != nil {
		t.Fatalf("renewed %d, %v", n, err)
	}
	if got := result(w, ana.Token, home+"/addons"); got != `{"custom_dns":false,"mobile":false}` || charged() != 2 {
		t.Errorf("after the renewal it has %s, with %d charges, want none and the plan's beside the first", got, charged())
	}
	do("DELETE", home+"/mobile", nil, 404)
}

// DELETE /profile/{id}/{addon} has the form of two other routes. Each operation
// does its own work, even if the gateway sends it requests for another one.
func TestAddonsAndTheRoutesThatLookLikeThem(t *testing.T) {
	t.Parallel()
	w := testkit.New(t)
	ana, ben := w.Account("ana"), w.Account("ben")
	other := ana.Profile("other")
	w.Offer(other, ana, ben.Email)
	path := "/profile/" + string(other)
	for target, want := range map[string]operation.Operation{
		"/profile/token/12345678": operation.TokenDelete, "/profile/token/mobile": operation.TokenDelete, path + "/transfer": operation.TransferCancel,
		path + "/mobile": operation.AddonRemove, path + "/custom_dns": operation.AddonRemove,
		path + "/services": operation.AddonRemove,
	} {
		if got := routed(t, "DELETE", target); got.Name != want.Name {
			t.Errorf("DELETE %s is of %s, want %s", target, got.Name, want.Name)
		}
	}
	before := w.State()
	for target, code := range map[string]int{path + "/transfer": 404, "/profile/token/" + ana.Token: 404, "/profile/token/mobile": 404,
		path + "/": 404} {
		if got := w.Call(operation.AddonRemove, "DELETE", target, ana.Token, nil); got.Code != code {
			t.Errorf("DELETE %s, given to addon-remove: got %d %q, want %d", target, got.Code, got.Message, code)
		}
	}
	if w.State() != before {
		t.Error("a request that is another operation's changed the table")
	}
	if got := ask(w, "DELETE", path+"/transfer", ana.Token, nil); got.Code != 200 {
		t.Errorf("the transfer: got %d %q", got.Code, got.Message)
	}
	if got := ask(w, "DELETE", "/profile/token/"+ana.With("read", ""), ana.Token, nil); got.Code != 200 {
		t.Errorf("the token: got %d %q", got.Code, got.Message)
	}
}

// file asks for a file and returns its rows.
func file(
	w *testkit.World, o operation.Operation, target, token string,
) (events.APIGatewayV2HTTPResponse, [][]string) {
	w.Helper()
	event := testkit.Event("GET", target)
	event.Headers["token"] = token
	payload, err := json.Marshal(event)
	w.OK(err)
	raw, err := app.Handler(o, w.Services).Invoke(w.Context(), payload)
	w.OK(err)
	var answer events.APIGatewayV2HTTPResponse
	w.OK(json.Unmarshal(raw, &answer))
	text, marked := strings.CutPrefix(answer.Body, "\ufeff")
	if !marked || strings.Count(text, "\n") != strings.Count(text, "\r\n") {
		w.Errorf("a CSV has a byte order mark and CRLF, and this is %q", answer.Body)
	}
	rows, err := csv.NewReader(strings.NewReader(text)).ReadAll()
	if err != nil {
		w.Fatalf("%s is no CSV: %v", answer.Body, err)
	}
	return answer, rows
}

// The file has the lines of the answer, adds up to its total, and has nothing
// that a spreadsheet would run as a formula.
func TestCostAsAFile(t *testing.T) {
	t.Parallel()
	w := testkit.New(t)
	ana := w.Account("ana")
	names := map[value.ProfileID]string{ana.Home: ana.Name}
	for _, name := range []string{`=HYPERLINK("http://evil.example","x")`, "@SUM(A1,A2)", "-2+3", `+"a", b`} {
		names[ana.Profile(name)] = "'" + name
	}
	var rows []object
	for id := range names {
		rows = append(rows, object{"profile": id, "input": 200_000, "sms": 2})
	}
	edit := func(path string, body any) {
		t.Helper()
		if got := ask(w, "POST", path, ana.Token, body); got.Code != 200 {
			t.Fatalf("POST %s: got %d %q", path, got.Code, got.Message)
		}
	}
	edit("/account/allocation", rows)
	if got := w.Call(operation.AccountEdit, "PUT", "/account", ana.Token, object{"timezone": "Asia/Kolkata"}); got.Code != 200 {
		t.Fatalf("the time zone: got %d %q", got.Code, got.Message)
	}
	edit("/account/subscription", object{"services": object{"input": object{"limit": 3_000_000}, "sms": object{"limit": 100},
		"output": object{"limit": 18_000_000}}})
	edit("/account/subscription", object{"addons": object{"mobile": slices.Collect(maps.Keys(names))}})

	var cost costAnswer
	ask(w, "GET", "/account/cost?format=json", ana.Token, nil).Into(w, &cost)
	answer, lines := file(w, operation.AccountCost, "/account/cost?format=csv&month=2030-03", ana.Token)
	for header, want := range map[string]string{
		"Content-Type": "text/csv; charset=utf-8", "Content-Disposition": "attachment; filename=cost-2030-03.csv", "Cache-Control": "no-store",
		"X-Content-Type-Options": "nosniff",
	} {
		if got := answer.Headers[header]; answer.StatusCode != 200 || got != want {
			t.Errorf("got %d with %s: %q, want %q", answer.StatusCode, header, got, want)
		}
	}
	if got := strings.Join(lines[0], ","); got != "month,profile,profile_name,kind,what,amount_cents,from,to,local_from,local_to,timezone" {
		t.Errorf("the header is %s", got)
	}
	if len(lines)-1 != len(cost.Lines) || cost.sum() != cost.Total ||
		cost.Total != 2000+250+2000+5*9900 {
		t.Errorf("%d lines in the file and %d in the answer, which add up to %d of %d", len(lines)-1, len(cost.Lines), cost.sum(), cost.Total)
	}
	sum := int64(0)
	for _, line := range lines[1:] {
		n, err := strconv.ParseInt(line[5], 10, 64)
		w.OK(err)
		sum += n
		if want := names[value.ProfileID(line[1])]; line[2] != want {
			t.Errorf("profile %s is called %q, want %q", line[1], line[2], want)
		}
		for _, cell := range line {
			if cell != "" && strings.ContainsAny(cell[:1], "=+-@\t\r") {
				t.Errorf("a spreadsheet runs the cell %q", cell)
			}
		}
		for _, column := range []int{6, 7} {
			utc, err := time.Parse(time.RFC3339, line[column])
			w.OK(err)
			want := utc.Add(5*time.Hour + 30*time.Minute).Format(time.DateTime)
			if line[column+2] != want || line[10] != "Asia/Kolkata" {
				t.Errorf("got %s in %s for %s, want %s in Asia/Kolkata", line[column+2], line[10], line[column], want)
			}
		}
		if (line[1] == "") != strings.HasPrefix(line[3], "unallocated ") {
			t.Errorf("line %v is of no profile and says otherwise", line)
		}
	}
	if sum != cost.Total {
		t.Errorf("the file adds up to %d, want %d", sum, cost.Total)
	}
	_, own := file(w, operation.ProfileCost, "/profile/current/cost?format=csv", ana.Token)
	for _, line := range own[1:] {
		if line[1] != string(ana.Home) {
			t.Errorf("the cost of one profile has the line %v", line)
		}
	}
	var of costAnswer
	ask(w, "GET", "/profile/"+string(ana.Home)+"/cost", ana.Token, nil).Into(w, &of)
	if len(of.Lines) != len(own)-1 || len(of.Statement) > 0 || of.Total < 9900 {
		t.Errorf("the cost of one profile is %+v, in the file %d lines", of, len(own)-1)
	}
	if got := fmt.Sprint(len(own)); got == "1" {
		t.Error("the file of one profile is empty")
	}
}
