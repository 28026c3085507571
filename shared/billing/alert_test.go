package billing_test

import (
	"math"
	"reflect"
	"slices"
	"testing"
	"time"

	"profiles/shared/billing"
	"profiles/shared/plan"
	"profiles/shared/problem"
	"profiles/shared/testkit/rules"
)

var mailed = []string{"mail"}

func TestAlertEdits(t *testing.T) {
	t.Parallel()
	type in = billing.AlertEdit
	now := rules.At(t, "2026-11-24T12:00:00Z")
	later := now.Add(time.Hour)
	half := billing.Alert{
		ID: "a", Service: plan.ServiceSMS, Percent: 50, Stop: billing.StopNone, Armed: now,
		Actions: []billing.AlertAction{billing.AlertMail},
	}
	for name, test := range map[string]struct {
		was   billing.Alert
		edit  in
		want  string // what the alert then says, or the error
		armed time.Time
	}{
		"a percentage":               {edit: in{Service: new("sms"), Percent: new(int64(50)), Actions: &mailed}, want: "SMS at 50 %", armed: later},
		"an amount":                  {edit: in{Service: new("analysis"), Amount: new(1.25), Actions: &mailed}, want: "Analysis at 1.25 minutes", armed: later},
		"a cost":                     {edit: in{Cost: new(int64(5005)), Actions: &mailed}, want: "cost of a cycle at 50.05 USD", armed: later},
		"other actions":              {half, in{Actions: &[]string{"webhook", "mail", "webhook"}}, "SMS at 50 %", now},
		"a stop":                     {half, in{Stop: new("all")}, "SMS at 50 %", later},
		"another threshold":          {half, in{Service: new("sms"), Percent: new(int64(60))}, "SMS at 60 %", later},
		"the same threshold":         {half, in{Service: new("sms"), Percent: new(int64(50))}, "SMS at 50 %", now},
		"nothing":                    {edit: in{Actions: &mailed}, want: "service is required, with percent or amount; or send cost, in cents"},
		"no threshold":               {edit: in{Service: new("sms"), Actions: &mailed}, want: "send either percent or amount"},
		"two thresholds":             {half, in{Service: new("sms"), Percent: new(int64(1)), Amount: new(1.0)}, "send either percent or amount", now},
		"a threshold without a name": {half, in{Percent: new(int64(60))}, "service is required, with percent or amount; or send cost, in cents", now},
		"cost of a service":          {edit: in{Service: new("sms"), Cost: new(int64(1))}, want: "cost cannot be sent with service, percent or amount: an alert has one threshold"},
		"no cost":                    {edit: in{Cost: new(int64(0))}, want: "cost must be 1 to 100000000 cents"},
		"too much cost":              {edit: in{Cost: new(int64(100_000_001))}, want: "cost must be 1 to 100000000 cents"},
		"no percentage":              {edit: in{Service: new("sms"), Percent: new(int64(0))}, want: "percent must be 1 to 1000"},
		"too high a percentage":      {edit: in{Service: new("sms"), Percent: new(int64(1001))}, want: "percent must be 1 to 1000"},
		"a fraction of a message": {edit: in{Service: new("sms"), Amount: new(0.5)},
			want: "amount of sms must be a multiple of 1"},
		"a negative amount":   {edit: in{Service: new("run_users"), Amount: new(-1.0)}, want: "amount must be positive"},
		"no number":           {edit: in{Service: new("sms"), Amount: new(math.NaN())}, want: "amount is too large"},
		"no service":          {edit: in{Service: new("x"), Percent: new(int64(1))}, want: "service must be one of input, output, sms, email, analysis, data_records, run_users, push_notification, file_storage"},
		"no action":           {edit: in{Cost: new(int64(1))}, want: "actions must have at least one of mail, notification and webhook"},
		"an empty list":       {half, in{Actions: &[]string{}}, "actions must have at least one of mail, notification and webhook", now},
		"an unknown action":   {half, in{Actions: &[]string{"call"}}, "actions must be one of mail, notification, webhook", now},
		"an unknown stop":     {half, in{Stop: new("x")}, "stop must be one of none, service, all", now},
		"a service of a cost": {half, in{Cost: new(int64(1)), Stop: new("service")}, "stop must be none or all for an alert on cost, which is about no service", now},
	} {
		got, err := test.was.Edit(test.edit, later)
		if err != nil {
			if err.Error() != test.want {
				t.Errorf("%s: got %v, want %s", name, err, test.want)
			}
			if !reflect.DeepEqual(got, test.was) {
				t.Errorf("%s: it is refused, and changed to %+v", name, got)
			}
			continue
		}
		if got.Condition() != test.want || !got.Armed.Equal(test.armed) ||
			!got.Updated.Equal(later) {
			t.Errorf("%s: got %q, armed %s: %+v", name, got.Condition(), got.Armed, got)
		}
	}
	if got, err := half.Edit(in{Actions: &[]string{"webhook", "mail", "mail"}}, later); err != nil ||
		got.ActionNames() != "mail, webhook" {
		t.Errorf("got %v, %v, want each action once", got.Actions, err)
	}
}

func TestAProfileHasTenAlerts(t *testing.T) {
	t.Parallel()
	var all billing.Alerts
	var err error
	for i := range billing.MaxAlerts {
		if all, err = all.With(billing.Alert{ID: billing.AlertID(rune('a' + i))}); err != nil {
			t.Fatal(err)
		}
	}
	if _, err = all.With(billing.Alert{ID: "x"}); problem.ReasonOf(err) != problem.ReasonAlertsFull {
		t.Errorf("an eleventh: got %v", err)
	}
	if _, err = all.With(billing.Alert{ID: "c", Cost: 1}); err != nil {
		t.Errorf("a change of one of them: got %v", err)
	}
	if left := all.Without("c"); len(left) != billing.MaxAlerts-1 {
		t.Errorf("got %d, want one less", len(left))
	}
	if _, err = all.Without("c").Find("c"); err != billing.ErrNoAlert {
		t.Errorf("got %v", err)
	}
}

// A profile with the limit 100 and alerts meets reports.
func TestWhatAlertsDo(t *testing.T) {
	t.Parallel()
	now := rules.At(t, "2026-11-24T12:00:00Z")
	limits := plan.Amounts{}
	for s := range limits {
		limits[s] = 100
	}
	quota := billing.Quota{Allocation: limits, Anchor: now.Add(-time.Hour)}
	alert := func(id string, s plan.Service, threshold int64, stop billing.Stop) billing.Alert {
		return billing.Alert{
			ID: billing.AlertID(id), Service: s, Amount: threshold, Stop: stop, Armed: now,
		}
	}
	const sms, users = plan.ServiceSMS, plan.ServiceRunUsers
	type step struct {
		s        plan.Service
		amount   int64
		admitted bool
		reached  string // the alerts, by their ids
	}
	for name, test := range map[string]struct {
		alerts billing.Alerts
		soft   billing.Services
		steps  []step
		over   int64
	}{
		"an alert is reached once": {
			alerts: billing.Alerts{alert("a", sms, 50, billing.StopNone)},
			steps:  []step{{sms, 49, true, ""}, {sms, 1, true, "a"}, {sms, 1, true, ""}},
		},
		"a stop at its threshold": {
			alerts: billing.Alerts{alert("a", sms, 50, billing.StopService)},
			steps:  []step{{sms, 50, true, "a"}, {sms, 1, false, ""}, {users, 1, true, ""}},
		},
		"a stop before a line that would cross it": {
			alerts: billing.Alerts{alert("a", sms, 50, billing.StopService)},
			steps:  []step{{sms, 49, true, ""}, {sms, 2, false, "a"}, {sms, 1, false, ""}},
		},
		"a stop of all": {
			alerts: billing.Alerts{alert("a", sms, 50, billing.StopAll)},
			steps: []step{
				{users, 5, true, ""}, {sms, 50, true, "a"}, {users, 1, false, ""}, {users, -1, true, ""},
			},
		},
		"above the limit of a hard service": {
			alerts: billing.Alerts{alert("a", sms, 150, billing.StopService)},
			steps:  []step{{sms, 100, true, ""}, {sms, 1, false, ""}},
		},
		"above the limit of a soft service": {
			alerts: billing.Alerts{alert("a", sms, 150, billing.StopService)},
			soft:   billing.Services{sms: true},
			steps:  []step{{sms, 120, true, ""}, {sms, 30, true, "a"}, {sms, 1, false, ""}},
			over:   50,
		},
		"two on one service": {
			alerts: billing.Alerts{
				alert("a", sms, 10, billing.StopNone), alert("b", sms, 20, billing.StopService),
			},
			steps: []step{{sms, 20, true, "ab"}, {sms, 1, false, ""}},
		},
	} {
		q := quota
		q.Alerts, q.Soft = test.alerts, test.soft
		var u billing.Usage
		for i, s := range test.steps {
			update := u.Apply(q, []billing.UsageLine{{Service: s.s, Amount: s.amount}}, now)
			var reached string
			for _, r := range update.Reached {
				reached += string(r.Alert.ID)
			}
			if update.Answers[0].Admitted != s.admitted || reached != s.reached {
				t.Errorf("%s, step %d: admitted %v, reached %q, want %v, %q",
					name, i, update.Answers[0].Admitted, reached, s.admitted, s.reached)
			}
			u = update.After
		}
		if u.Over[sms] != test.over {
			t.Errorf("%s: %d above the limit, want %d", name, u.Over[sms], test.over)
		}
	}
}

// A stop ends when it is lifted, when its alert changes, and with the cycle.
func TestHowAStopEnds(t *testing.T) {
	t.Parallel()
	now := rules.At(t, "2026-11-24T12:00:00Z")
	q := billing.Quota{Allocation: plan.Amounts{plan.ServiceSMS: 100}, Anchor: now.Add(-time.Hour)}
	a := billing.Alert{ID: "a", Service: plan.ServiceSMS, Percent: 50, Stop: billing.StopService}
	q.Alerts = billing.Alerts{a}
	sms := func(n int64) []billing.UsageLine {
		return []billing.UsageLine{{Service: plan.ServiceSMS, Amount: n}}
	}
	stopped := billing.Usage{}.Apply(q, sms(50), now).After
	admitted := func(what string, u billing.Usage, q billing.Quota, at time.Time, want bool) {
		t.Helper()
		if got := u.Apply(q, sms(1), at).Answers[0].Admitted; got != want {
			t.Errorf("%s: admitted %v, want %v", what, got, want)
		}
		if got := u.Now(q, at).Blocked(plan.ServiceSMS, q); got == want {
			t.Errorf("%s: blocked %v", what, got)
		}
	}
	admitted("nothing", stopped, q, now, false)
	lifted, err := stopped.Lift(a, q, now)
	if err != nil || lifted.Version != stopped.Version+1 {
		t.Fatalf("got %+v, %v", lifted, err)
	}
	admitted("it is lifted", lifted, q, now, true)
	if _, err = lifted.Lift(a, q, now); err != billing.ErrNotStopped {
		t.Errorf("lifted again: got %v", err)
	}
	none := q
	none.Alerts = nil
	admitted("the alert is deleted", stopped, none, now, true)
	raised := q
	raised.Allocation[plan.ServiceSMS] = 200
	admitted("its threshold rises with the limit", stopped, raised, now, true)
	next := now.AddDate(0, 1, 0)
	admitted("the next cycle", stopped, q, next, true)
	if again := stopped.Apply(q, sms(60), next); again.Answers[0].Admitted ||
		len(again.Reached) != 1 {
		t.Errorf("the next cycle: got %+v, want it reached again", again)
	}
	armed := q
	a.Armed = now
	armed.Alerts = billing.Alerts{a}
	if again := lifted.Apply(armed, sms(1), now); again.Answers[0].Admitted {
		t.Error("an alert that was armed anew does not stop")
	}
}

// An alert on cost stops before the lines of a report.
func TestAnAlertOnCost(t *testing.T) {
	t.Parallel()
	now := rules.At(t, "2026-11-24T12:00:00Z")
	q := billing.Quota{Allocation: plan.Amounts{plan.ServiceSMS: 100}, Anchor: now.Add(-time.Hour)}
	q.Alerts = billing.Alerts{{ID: "a", Cost: 500, Stop: billing.StopAll}}
	sms := []billing.UsageLine{{Service: plan.ServiceSMS, Amount: 1}}
	for cost, reached := range map[int64]bool{499: false, 500: true, 501: true} {
		q.Cost = cost
		update := billing.Usage{}.Apply(q, sms, now)
		if update.Answers[0].Admitted == reached || len(update.Reached) > 0 != reached {
			t.Errorf("%d cents: got %+v", cost, update)
		}
	}
}

// What a soft level holds above its limit comes within it when there is room.
func TestLevelsAboveASoftLimit(t *testing.T) {
	t.Parallel()
	now := rules.At(t, "2026-11-24T12:00:00Z")
	const users = plan.ServiceRunUsers
	q := billing.Quota{Allocation: plan.Amounts{users: 10}, Anchor: now.Add(-time.Hour)}
	q.Soft[users] = true
	u := billing.Usage{}
	report := func(n int64, set bool, used, over int64) {
		t.Helper()
		update := u.Apply(q, []billing.UsageLine{{Service: users, Amount: n, Set: set}}, now)
		u = update.After
		if u.Used[users] != used || u.Over[users] != over || !update.Answers[0].Admitted {
			t.Errorf("%d: used %d and %d above, want %d and %d", n, u.Used[users], u.Over[users],
				used, over)
		}
	}
	report(15, false, 10, 5)
	report(-2, false, 10, 3)
	report(-5, false, 8, 0)
	report(12, true, 10, 2)
	q.Allocation[users] = 20
	report(1, false, 13, 0)
	report(30, true, 20, 10)
	q.Soft[users] = false
	report(-1, false, 20, 9)
	one := []billing.UsageLine{{Service: users, Amount: 1}}
	if got := u.Apply(q, one, now); got.Answers[0].Admitted {
		t.Error("a hard limit admits more")
	}
	if !slices.Equal(q.Soft.Names(), []string{}) {
		t.Errorf("got %v", q.Soft.Names())
	}
}
