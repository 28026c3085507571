package operation_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"profiles/shared/operation"
	"profiles/shared/problem"
	"profiles/shared/tenancy"
	"profiles/shared/testkit"
)

type alertSeen struct {
	ID        string
	Service   *string
	Percent   *int64
	Amount    *float64
	Cost      *int64
	Threshold float64
	Reached   *string `json:"reached_at"`
	Stopping  bool
	Lifted    bool
}

// The life of a stop, as a client sees it.
func TestAStop(t *testing.T) {
	t.Parallel()
	w := testkit.New(t)
	ana, plane := w.Account("ana"), w.Account("plane")
	_, err := w.Operator.SetType(t.Context(), string(plane.Email), tenancy.AccountService)
	w.OK(err)
	home := "/profile/" + string(ana.Home)
	made := w.Call(operation.AlertCreate, "POST", home+"/alert", ana.Token,
		object{"service": "sms", "percent": 50, "actions": []string{"mail"}, "stop": "all"})
	var alert alertSeen
	made.Into(w, &alert)
	at := home + "/alert/" + alert.ID
	list := func() (all []alertSeen) {
		t.Helper()
		w.Call(operation.AlertList, "GET", home+"/alert", ana.Token, nil).Into(w, &all)
		return all
	}
	n := 0
	report := func(amount float64, admitted bool) {
		t.Helper()
		n++
		var v struct{ Lines []struct{ Admitted bool } }
		w.Call(operation.UsageReport, "POST", "/usage/"+string(ana.Home), plane.Token, object{
			"lines": []object{{"service": "sms", "amount": amount, "event": fmt.Sprint(n)}},
		}).Into(w, &v)
		if v.Lines[0].Admitted != admitted {
			t.Errorf("report %d of %v: admitted %v", n, amount, v.Lines[0].Admitted)
		}
	}
	report(4, true)
	if got := list(); got[0].Threshold != 5 || got[0].Reached != nil || got[0].Stopping {
		t.Errorf("before: got %+v", got)
	}
	lift := func() testkit.Answer {
		return w.Call(operation.AlertLift, "POST", at+"/lift", ana.Token, nil)
	}
	if got := lift(); got.Code != 409 || got.Reason != problem.ReasonNotStopped {
		t.Errorf("nothing is stopped: got %d %s", got.Code, got.Reason)
	}
	report(2, false)
	report(1, false)
	if got := list(); got[0].Reached == nil || !got[0].Stopping || got[0].Lifted {
		t.Errorf("stopped: got %+v", got)
	}
	var summary struct {
		Blocked, Stopped []string
		Soft             []string `json:"soft_limits"`
		Over             map[string]float64
	}
	w.Call(operation.ProfileSummary, "GET", home+"/summary", ana.Token, nil).Into(w, &summary)
	if len(summary.Stopped) != 9 || !slices.Contains(summary.Blocked, "input") {
		t.Errorf("stopped: the summary is %+v", summary)
	}
	var check struct {
		Services map[string]struct {
			Blocked, Stopped, Soft bool
			Over                   float64
		}
	}
	w.Call(operation.UsageCheck, "GET", "/usage/"+string(ana.Home), plane.Token, nil).Into(w, &check)
	if one := check.Services["output"]; !one.Blocked || !one.Stopped || one.Soft {
		t.Errorf("stopped: the check is %+v", check)
	}
	if got := lift(); got.Code != 200 {
		t.Errorf("lift: got %d %q", got.Code, got.Message)
	}
	if got := list(); got[0].Reached == nil || got[0].Stopping || !got[0].Lifted {
		t.Errorf("lifted: got %+v", got)
	}
	report(6, true)
	report(1, false) // the limit
	soft := w.Call(operation.SoftLimitsSet, "PUT", home+"/soft_limits", ana.Token, object{"sms": true})
	if soft.Code != 200 {
		t.Errorf("a soft limit: got %d %q", soft.Code, soft.Message)
	}
	report(7, true)
	w.Call(operation.ProfileSummary, "GET", home+"/summary", ana.Token, nil).Into(w, &summary)
	if fmt.Sprint(summary.Soft, summary.Over["sms"], summary.Blocked) != "[sms] 7 []" {
		t.Errorf("above a soft limit: the summary is %+v", summary)
	}
	if got := w.Call(operation.AlertDelete, "DELETE", at, ana.Token, nil); got.Code != 200 {
		t.Errorf("delete: got %d %q", got.Code, got.Message)
	}
	if got := list(); len(got) != 0 {
		t.Errorf("deleted: got %+v", got)
	}
}

// What is wrong with an alert is refused and changes nothing, and each form of
// a threshold comes back as it was sent.
func TestAlertsRefuse(t *testing.T) {
	t.Parallel()
	w := testkit.New(t)
	ana := w.Account("ana")
	home := "/profile/" + string(ana.Home)
	create := func(body any) testkit.Answer {
		return w.Call(operation.AlertCreate, "POST", home+"/alert", ana.Token, body)
	}
	mail := []string{"mail"}
	for _, c := range []struct {
		body  object
		field string
	}{
		{object{}, "service"},
		{object{"service": "sms", "actions": mail}, "percent"},
		{object{"service": "sms", "percent": 50}, "actions"},
		{object{"service": "sms", "percent": 1.5, "actions": mail}, "percent"},
		{object{"service": "sms", "percent": 50, "amount": 1, "actions": mail}, "percent"},
		{object{"service": "sms", "percent": 50, "actions": mail, "stop": true}, "stop"},
		{object{"cost": 1, "service": "sms", "actions": mail}, "cost"},
		{object{"cost": 1, "actions": mail, "stop": "service"}, "stop"},
		{object{"cost": 1, "actions": []string{"call"}}, "actions"},
		{object{"cost": 1, "actions": mail, "limit": 1}, "limit"},
	} {
		before := w.State()
		got := create(c.body)
		if field := fmt.Sprintf(`"field":%q`, c.field); got.Code != 400 ||
			!strings.Contains(got.Body, field) {
			t.Errorf("%v: got %d %s, want %s refused", c.body, got.Code, got.Body, c.field)
		}
		if w.State() != before {
			t.Errorf("%v: it is refused, and changes the table", c.body)
		}
	}
	create(object{"service": "analysis", "amount": 1.25, "actions": mail})
	create(object{"cost": 5000, "actions": mail})
	create(object{"service": "sms", "percent": 120, "actions": mail})
	var all []alertSeen
	w.Call(operation.AlertList, "GET", home+"/alert", ana.Token, nil).Into(w, &all)
	if len(all) != 3 || *all[0].Amount != 1.25 || *all[1].Cost != 5000 || all[1].Service != nil ||
		*all[2].Percent != 120 || all[2].Threshold != 12 || all[2].Amount != nil {
		t.Errorf("got %+v", all)
	}
	for range 7 {
		create(object{"cost": 1, "actions": mail})
	}
	if got := create(object{"cost": 1, "actions": mail}); got.Code != 403 ||
		got.Reason != problem.ReasonAlertsFull {
		t.Errorf("an eleventh: got %d %s", got.Code, got.Reason)
	}
	if got := w.Call(operation.SoftLimitsSet, "PUT", home+"/soft_limits", ana.Token, object{}); got.Code != 400 {
		t.Errorf("no service: got %d", got.Code)
	}
}
