package operation_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"profiles/shared/mailing"
	"profiles/shared/operation"
	"profiles/shared/plan"
	"profiles/shared/tenancy"
	"profiles/shared/testkit"
)

type costAnswer struct {
	Total int64
	Lines []struct {
		Profile *string
		Kind    string
		What    string
		Amount  int64
	}
	Statement []struct {
		Kind, What string
		Amount     int64
	}
	Forecast struct {
		Renewal *string
		Total   int64
	}
}

func (c costAnswer) sum() (n int64) {
	for _, l := range c.Lines {
		n += l.Amount
	}
	return n
}

// An account grows: it buys a plan and a service, divides the service over two
// profiles, and sees the cost of each.
func TestASubscriptionAndItsCost(t *testing.T) {
	t.Parallel()
	w := testkit.New(t)
	ana := w.Account("ana", plan.Free)
	call := func(o operation.Operation, method, path string, body any, want int) testkit.Answer {
		t.Helper()
		got := w.Call(o, method, path, ana.Token, body)
		if got.Code != want {
			t.Fatalf("%s: got %d %q, want %d", o.Name, got.Code, got.Message, want)
		}
		return got
	}
	edit := func(body object, want int) {
		t.Helper()
		call(operation.SubscriptionEdit, "POST", "/account/subscription", body, want)
	}
	raise := object{"services": object{"input": object{"limit": 3_000_000}}}
	edit(raise, 403)
	edit(object{"plan": "scale", "services": object{}}, 400)
	edit(object{"plan": "scale"}, 200)
	edit(object{"services": object{"input": object{"limit": 3_000_001}}}, 400)
	w.Advance(10 * 24 * time.Hour)
	edit(raise, 200)

	var profile struct {
		Allocation map[string]int64
		Plan       string `json:"account_plan"`
	}
	call(operation.ProfileGet, "GET", "/profile/"+string(ana.Home), nil, 200).Into(w, &profile)
	if profile.Allocation["input"] != 3_000_000 || profile.Plan != "scale" {
		t.Errorf("the only profile has %+v, want everything", profile)
	}
	call(operation.AllocationEdit, "POST", "/account/allocation", []object{{"profile": ana.Home, "input": 1}}, 403)
	other := ana.Profile("other")
	call(operation.AllocationEdit, "POST", "/account/allocation", object{"profile": ana.Home, "input": 1}, 400)
	call(operation.AllocationEdit, "POST", "/account/allocation", []object{{"profile": other, "input": 1}}, 400)
	call(operation.AllocationEdit, "POST", "/account/allocation",
		[]object{{"profile": ana.Home, "input": 1_000_000}, {"profile": other, "input": 500_000}}, 200)

	var cost costAnswer
	call(operation.AccountCost, "GET", "/account/cost", nil, 200).Into(w, &cost)
	// 2000 cents for the 21 of 31 days that are left: 1355.
	if cost.Total != 19900+1355 || cost.sum() != cost.Total || cost.Forecast.Total != 19900+2000 ||
		len(cost.Statement) != 2 {
		t.Errorf("got %+v, lines of %d", cost, cost.sum())
	}
	var of costAnswer
	call(operation.ProfileCost, "GET", "/profile/"+string(other)+"/cost", nil, 200).Into(w, &of)
	if want := int64(1355 / 6); of.Total < want-2 || of.Total > want+2 {
		t.Errorf("the other profile costs %+v, want about a sixth of the service", of)
	}

	edit(object{"plan": "starter"}, 200)
	edit(object{"services": object{"input": object{"limit": 1_000_000}}}, 200)
	var schedule struct {
		Release      *string `json:"release_at"`
		Subscription struct {
			Plan     string
			Services map[string]struct{ Limit int64 }
		}
	}
	call(operation.SubscriptionSchedule, "GET", "/account/subscription/schedule", nil, 200).Into(w, &schedule)
	if schedule.Subscription.Plan != "starter" || schedule.Subscription.Services["input"].Limit != 1_000_000 ||
		schedule.Release == nil {
		t.Errorf("scheduled is %+v", schedule)
	}
	w.Advance(22 * 24 * time.Hour)
	if n, err := operation.SubscriptionRenew.Sweep(w.Context(), w.Services); n != 1 || err != nil {
		t.Errorf("renewed %d, %v", n, err)
	}
	var allocation []map[string]any
	call(operation.AllocationGet, "GET", "/account/allocation", nil, 200).Into(w, &allocation)
	if fmt.Sprint(allocation[0]["input"], allocation[1]["input"]) != "666666 333333" {
		t.Errorf("after the downgrade the allocation is %v", allocation)
	}
	call(operation.AccountCost, "GET", "/account/cost?month=2030-04", nil, 200).Into(w, &cost)
	if cost.Total != 4900 || cost.sum() != 4900 {
		t.Errorf("the next month costs %+v", cost)
	}
	call(operation.SubscriptionScheduleCancel, "DELETE", "/account/subscription/schedule", nil, 400)
	var payments []struct{ Total int64 }
	call(operation.PaymentHistory, "GET", "/account/payment_history/", nil, 200).Into(w, &payments)
	if len(payments) != 3 || payments[0].Total != 4900 {
		t.Errorf("the payments are %+v", payments)
	}
}

// A data plane reports the usage of profiles, and each profile is blocked by
// its own limits only.
func TestReportingUse(t *testing.T) {
	t.Parallel()
	w := testkit.New(t)
	ana, plane := w.Account("ana"), w.Account("plane")
	_, err := w.Operator.SetType(w.Context(), string(plane.Email), tenancy.AccountService)
	if err != nil {
		t.Fatal(err)
	}
	home := "/profile/" + string(ana.Home)
	report := func(token string, want int, lines ...object) (v struct {
		Lines []struct {
			Admitted    bool
			Used, Limit float64
		}
		Blocked []string
	}) {
		t.Helper()
		got := w.Call(operation.UsageReport, "POST", "/usage/"+string(ana.Home), token, object{"lines": lines})
		if got.Code != want {
			t.Fatalf("report: got %d %q, want %d", got.Code, got.Message, want)
		}
		if want == 200 {
			got.Into(w, &v)
		}
		return v
	}
	report(ana.Token, 403, object{"service": "input", "amount": 1, "event": "a"})
	report(plane.Token, 400, object{"service": "input", "amount": 1.5, "event": "a"})
	first := report(plane.Token, 200, object{"service": "sms", "amount": 7, "event": "a"}, object{"service": "sms", "amount": 4, "event": "b"},
		object{"service": "analysis", "amount": 0.07, "event": "c"})
	if !first.Lines[0].Admitted || first.Lines[1].Admitted || first.Lines[2].Used != 0.07 ||
		fmt.Sprint(first.Blocked) != "[sms]" {
		t.Errorf("got %+v", first)
	}
	again := report(plane.Token, 200, object{"service": "sms", "amount": 7, "event": "a"})
	if again.Lines[0] != first.Lines[0] {
		t.Errorf("a repeated event: got %+v, want the first answer", again)
	}
	report(plane.Token, 200, object{"service": "data_records", "amount": 700_000, "event": "d"},
		object{"service": "file_storage", "amount": 199.89, "set": true, "event": "e"})
	w.Advance(time.Hour)
	report(plane.Token, 200, object{"service": "sms", "amount": 1, "event": "f"}, object{"service": "data_records", "amount": -100_000, "event": "g"})
	var summary struct {
		Used map[string]float64 `json:"limit_used"`
	}
	w.Call(operation.ProfileSummary, "GET", home+"/summary", ana.Token, nil).Into(w, &summary)
	if summary.Used["sms"] != 8 || summary.Used["data_records"] != 600_000 || summary.Used["analysis"] != 0.07 ||
		summary.Used["file_storage"] != 199.89 {
		t.Errorf("used is %v", summary.Used)
	}
	var points []map[string]any
	w.Call(operation.StatisticsGet, "GET", home+"/statistics?date=2030-03-14", ana.Token, nil).Into(w, &points)
	if len(points) != 2 || points[0]["sms"] != 7.0 || points[1]["sms"] != 8.0 || points[0]["time"] != "2030-03-14T09:00:00.000Z" ||
		points[0]["output"] != nil {
		t.Errorf("statistics are %v", points)
	}
	var alerts []string
	for _, m := range w.Mail(ana.Email) {
		if m.Kind == mailing.KindUsageAlert {
			alerts = append(alerts, m.Data["service"]+" "+m.Data["percent"])
		}
	}
	slices.Sort(alerts)
	if got := strings.Join(alerts, ", "); got != "data_records 80, file_storage 90, sms 80" {
		t.Errorf("the alerts are %s", got)
	}
	w.Advance(31 * 24 * time.Hour)
	w.Call(operation.ProfileSummary, "GET", home+"/summary", ana.Token, nil).Into(w, &summary)
	if summary.Used["sms"] != 0 || summary.Used["data_records"] != 600_000 {
		t.Errorf("in the next cycle used is %v", summary.Used)
	}
	var check struct {
		Blocked  []string
		Services map[string]struct{ Used float64 }
	}
	w.Call(operation.UsageCheck, "GET", "/usage/"+string(ana.Home), plane.Token, nil).Into(w, &check)
	if len(check.Blocked) != 0 || check.Services["data_records"].Used != 600_000 {
		t.Errorf("the check is %+v", check)
	}
}
