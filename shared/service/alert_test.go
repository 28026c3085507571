package service_test

import (
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"profiles/shared/billing"
	"profiles/shared/mailing"
	"profiles/shared/operation"
	"profiles/shared/plan"
	"profiles/shared/problem"
	"profiles/shared/service"
	"profiles/shared/service/notifications"
	"profiles/shared/tenancy"
	"profiles/shared/testkit"
	"profiles/shared/topic"
	"profiles/shared/value"
)

// allActions are the actions of an alert that takes all.
var allActions = []string{"mail", "notification", "webhook"}

// smsAt is an alert on messages.
func smsAt(threshold float64, stop string) billing.AlertEdit {
	return billing.AlertEdit{
		Service: ptr("sms"), Amount: &threshold, Actions: &allActions, Stop: &stop,
	}
}

// withAlert adds an alert to the first profile of a person.
func withAlert(w *testkit.World, p testkit.Person, e billing.AlertEdit) billing.AlertID {
	w.Helper()
	id, err := w.Billing.CreateAlert(
		w.Context(), p.Client(operation.AlertCreate), at(p.Home), e)
	w.OK(err)
	return id
}

func messages(n float64, event string) billing.ReportedLine {
	return used(plan.ServiceSMS, n, event)
}

// However many report at once, a stop admits exactly up to its threshold, and
// is notified once.
func TestAStopAdmitsExactly(t *testing.T) {
	t.Parallel()
	w := testkit.NewModelled(t)
	ana := w.Account("ana")
	withAlert(w, ana, billing.AlertEdit{
		Service: ptr("input"), Amount: ptr(30.0), Actions: &allActions, Stop: ptr("all"),
	})
	var wg sync.WaitGroup
	var mu sync.Mutex
	admitted := map[string]bool{}
	for writer := range 8 {
		wg.Go(func() {
			for i := range 8 {
				event := fmt.Sprint(writer, " ", i)
				for range 50 {
					answers, err := w.Usage.Report(w.Context(),
						dataPlane.For(operation.UsageReport.Access), ana.Home,
						[]billing.ReportedLine{used(plan.ServiceInput, 1, event)})
					if err != nil {
						continue // too many at once: it reports again
					}
					mu.Lock()
					admitted[event] = answers[0].Admitted
					mu.Unlock()
					break
				}
			}
		})
	}
	wg.Wait()
	n := 0
	for _, yes := range admitted {
		if yes {
			n++
		}
	}
	got := stored(w, ana.Home).Used[plan.ServiceInput]
	if len(admitted) != 64 || n != 30 || got != 30 {
		t.Errorf("of %d lines %d are admitted and %d counted, want 64, 30 and 30",
			len(admitted), n, got)
	}
	if n := sentTo(w, ana.Email, mailing.KindAlertReached); n != 1 {
		t.Errorf("got %d mails, want 1", n)
	}
	wantAdmitted(w, sendUse(w, ana.Home, messages(1, "another service")), false)
}

// An alert is notified once in a cycle, by the actions that it has.
func TestAnAlertIsNotifiedByItsActions(t *testing.T) {
	t.Parallel()
	for _, action := range billing.AlertActions() {
		h := newHooks(t, "usage.alert")
		edit := smsAt(3, "none")
		edit.Actions = &[]string{string(action)}
		withAlert(h.World, h.ana, edit)
		for i := range 3 {
			sendUse(h.World, h.ana.Home, messages(2, fmt.Sprint(i)))
		}
		notices := 0
		list, err := h.Notifications.List(t.Context(), h.ana.Client(operation.NotificationList),
			notifications.Query{Paging: service.Paging{Page: 1, Amount: 100}})
		h.OK(err)
		for _, n := range list.Rows {
			if strings.HasPrefix(n.Title, "An alert of ana was reached") {
				notices++
			}
		}
		h.seal()
		h.deliver()
		got := fmt.Sprint(sentTo(h.World, h.ana.Email, mailing.KindAlertReached), notices,
			len(h.list(h.made.ID)))
		want := map[billing.AlertAction]string{
			billing.AlertMail: "1 0 0", billing.AlertNotification: "0 1 0", billing.AlertWebhook: "0 0 1",
		}[action]
		if got != want {
			t.Errorf("%s: got %s mails, notifications and events, want %s", action, got, want)
		}
		h.Advance(31 * 24 * time.Hour)
		sendUse(h.World, h.ana.Home, messages(3, "the next cycle"))
		n := sentTo(h.World, h.ana.Email, mailing.KindAlertReached)
		if action == billing.AlertMail && n != 2 {
			t.Errorf("the next cycle: got %d mails, want 2", n)
		}
	}
}

// With one mail a day, alerts wait for it, but not those that stop something.
func TestAlertsInTheMailOfTheDay(t *testing.T) {
	t.Parallel()
	w := testkit.New(t)
	ana := w.Quick("ana")
	var daily [topic.Count]topic.Change
	daily[topic.Usage].Mail = new("daily")
	w.OK(w.Accounts.Edit(t.Context(), ana.Client(operation.AccountEdit),
		tenancy.AccountEdit{Notifications: daily}))
	withAlert(w, ana, smsAt(2, "none"))
	withAlert(w, ana, smsAt(4, "service"))
	sendUse(w, ana.Home, messages(2, "a"), messages(1, "b"))
	if n := sentTo(w, ana.Email, mailing.KindAlertReached); n != 0 {
		t.Errorf("got %d mails at once, want them in that of the day", n)
	}
	sendUse(w, ana.Home, messages(1, "c"))
	if n := sentTo(w, ana.Email, mailing.KindAlertReached); n != 1 {
		t.Errorf("got %d mails of a stop, want 1", n)
	}
	w.Advance(24 * time.Hour)
	_, err := w.Services.Outbox.Retry(t.Context())
	w.OK(err)
	if n := sentTo(w, ana.Email, mailing.KindUsageDigest); n != 1 {
		t.Errorf("got %d mails of the day, want 1", n)
	}
}

// An alert on cost is notified when the cost rises, without a report, and again
// with each cycle.
func TestAnAlertOnCostNeedsNoReport(t *testing.T) {
	t.Parallel()
	w := testkit.New(t)
	ana := w.Account("ana")
	bought := func(e billing.SubscriptionEdit) {
		t.Helper()
		w.OK(w.Billing.Edit(t.Context(), ana.Client(operation.SubscriptionEdit), e))
	}
	bought(billing.SubscriptionEdit{Services: map[plan.Service]int64{plan.ServiceSMS: 100}})
	cost := plan.ServiceSMS.Price(100)
	alert := billing.AlertEdit{Cost: ptr(cost + 1), Actions: &allActions, Stop: ptr("all")}
	withAlert(w, ana, alert)
	mails := func(when string, want int) {
		t.Helper()
		if n := sentTo(w, ana.Email, mailing.KindAlertReached); n != want {
			t.Errorf("%s: got %d mails, want %d", when, n, want)
		}
	}
	mails("before", 0)
	wantAdmitted(w, sendUse(w, ana.Home, messages(1, "before")), true)
	bought(billing.SubscriptionEdit{
		Addons: map[plan.Addon][]value.ProfileID{plan.AddonMobile: {ana.Home}},
	})
	mails("an add-on", 1)
	wantAdmitted(w, sendUse(w, ana.Home, messages(1, "stopped")), false)
	mails("a report", 1)
	w.Advance(31 * 24 * time.Hour)
	_, err := w.Billing.Renew(t.Context())
	w.OK(err)
	mails("the next cycle", 2)
	w.OK(w.Billing.RemoveAddon(t.Context(), ana.Client(operation.AddonRemove), at(ana.Home),
		plan.AddonMobile))
	w.Advance(31 * 24 * time.Hour)
	_, err = w.Billing.Renew(t.Context())
	w.OK(err)
	mails("a cycle that costs less", 2)
	wantAdmitted(w, sendUse(w, ana.Home, messages(1, "less")), true)
}

// What the previous owner of a profile was notified of and stopped does not
// move with it.
func TestAlertsDoNotMoveWithAProfile(t *testing.T) {
	t.Parallel()
	w := testkit.New(t)
	ana, ben, agent := w.Account("ana"), w.Account("ben"), w.Agent(w.Account("agent"))
	plant := ana.Profile("plant")
	ben.Profile("spare")
	for _, half := range []struct {
		of testkit.Person
		id value.ProfileID
	}{{ana, ana.Home}, {ana, plant}, {ben, ben.Home}} {
		w.OK(w.Billing.AllocateOne(t.Context(), half.of.Client(operation.ProfileServices),
			at(half.id), map[plan.Service]int64{plan.ServiceSMS: 5}))
	}
	ana.Home = plant
	withAlert(w, ana, smsAt(2, "all"))
	withAlert(w, ana, billing.AlertEdit{Cost: ptr(int64(1)), Actions: &allActions})
	w.OK(w.Billing.SetSoft(t.Context(), ana.Client(operation.SoftLimitsSet), at(ana.Home),
		billing.SoftEdit{plan.ServiceInput: true}))
	wantAdmitted(w, sendUse(w, ana.Home, messages(3, "stopped")), false)
	home := ana.Home
	w.Move(home, ana, ben, agent)
	wantAdmitted(w, sendUse(w, home, messages(3, "moved")), true)
	list, err := w.Billing.Alerts(t.Context(), ben.Client(operation.AlertList), at(home))
	w.OK(err)
	summary, err := w.Profiles.Summary(t.Context(), ben.Client(operation.ProfileSummary), at(home))
	w.OK(err)
	if len(list) != 0 || summary.Profile.Soft != (billing.Services{}) ||
		summary.Stopped != (billing.Services{}) {
		t.Errorf("got %+v, %+v", list, summary)
	}
}

// A percentage follows the limit: a higher limit ends the stop at once.
func TestAHigherLimitEndsAStop(t *testing.T) {
	t.Parallel()
	w := testkit.New(t)
	ana := w.Account("ana")
	ana.Profile("plant")
	allocate := func(n int64) {
		t.Helper()
		w.OK(w.Billing.AllocateOne(t.Context(), ana.Client(operation.ProfileServices), at(ana.Home),
			map[plan.Service]int64{plan.ServiceSMS: n}))
	}
	allocate(4)
	withAlert(w, ana, billing.AlertEdit{
		Service: ptr("sms"), Percent: ptr(int64(50)), Actions: &allActions, Stop: ptr("service"),
	})
	wantAdmitted(w, sendUse(w, ana.Home, messages(2, "reaches it"), messages(1, "next")), true, false)
	allocate(10)
	wantAdmitted(w, sendUse(w, ana.Home, messages(2, "a")), true)
	wantAdmitted(w, sendUse(w, ana.Home, messages(1, "b"), messages(1, "c")), true, false)
}

// The owner is notified of what a member changes, and not of its own changes.
func TestTheOwnerIsNotifiedOfAMemberThatChangesAlerts(t *testing.T) {
	t.Parallel()
	w := testkit.New(t)
	ana, ben := w.Account("ana"), w.Account("ben")
	w.Share(ana.Home, ben, tenancy.PermissionBilling)
	notices := func() (titles []string) {
		t.Helper()
		list, err := w.Notifications.List(t.Context(), ana.Client(operation.NotificationList),
			notifications.Query{Paging: service.Paging{Page: 1, Amount: 100}})
		w.OK(err)
		for _, n := range list.Rows {
			if strings.Contains(n.Message, "has changed what stops") {
				titles = append(titles, n.Title)
			}
		}
		slices.Sort(titles)
		return titles
	}
	id := withAlert(w, ana, smsAt(2, "service"))
	sendUse(w, ana.Home, messages(2, "reaches it"))
	if got := notices(); len(got) != 0 {
		t.Errorf("of its own change: got %q", got)
	}
	w.OK(w.Billing.LiftAlert(t.Context(), ben.Client(operation.AlertLift), at(ana.Home), id))
	w.OK(w.Billing.SetSoft(t.Context(), ben.Client(operation.SoftLimitsSet), at(ana.Home),
		billing.SoftEdit{plan.ServiceSMS: true}))
	w.OK(w.Billing.DeleteAlert(t.Context(), ben.Client(operation.AlertDelete), at(ana.Home), id))
	want := []string{"Alert deleted", "Soft limits changed", "Stop lifted: SMS at 2 messages"}
	if got := notices(); !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
}

// A report that reaches all alerts and all limits at once is counted, also when
// it has as many lines as a report may have.
func TestAReportThatReachesEverything(t *testing.T) {
	t.Parallel()
	w := testkit.New(t)
	ana := w.Account("ana")
	for i := range billing.MaxAlerts {
		withAlert(w, ana, smsAt(float64(i+1), "none"))
	}
	var lines []billing.ReportedLine
	for i, s := range plan.Services() {
		lines = append(lines, used(s, float64(plan.Included()[s]), fmt.Sprint("all ", i)))
	}
	for len(lines) < billing.MaxReportLines {
		lines = append(lines, used(plan.ServiceRunUsers, -1, fmt.Sprint(len(lines))))
	}
	if answers := sendUse(w, ana.Home, lines...); len(answers) != billing.MaxReportLines {
		t.Errorf("got %d answers", len(answers))
	}
	if n := sentTo(w, ana.Email, mailing.KindAlertReached); n != billing.MaxAlerts {
		t.Errorf("got %d mails, want one of each alert", n)
	}
}

// Two who change the alerts of a profile at once do not undo each other's
// change, and a report between them does not either.
func TestAlertsChangeAtOnce(t *testing.T) {
	t.Parallel()
	w := testkit.NewModelled(t)
	ana := w.Account("ana")
	var wg sync.WaitGroup
	var mu sync.Mutex
	made := map[billing.AlertID]bool{}
	for i := range billing.MaxAlerts {
		wg.Go(func() {
			for {
				id, err := w.Billing.CreateAlert(w.Context(), ana.Client(operation.AlertCreate),
					at(ana.Home), smsAt(float64(i+1), "none"))
				if problem.CodeOf(err) == problem.CodeConflict {
					continue
				}
				w.OK(err)
				mu.Lock()
				defer mu.Unlock()
				made[id] = true
				return
			}
		})
	}
	wg.Go(func() { sendUse(w, ana.Home, messages(1, "between")) })
	wg.Wait()
	list, err := w.Billing.Alerts(t.Context(), ana.Client(operation.AlertList), at(ana.Home))
	w.OK(err)
	for _, a := range list {
		delete(made, a.ID)
	}
	if len(list) != billing.MaxAlerts || len(made) != 0 {
		t.Errorf("got %d alerts, and without %v", len(list), made)
	}
	_, err = w.Billing.CreateAlert(t.Context(), ana.Client(operation.AlertCreate), at(ana.Home),
		smsAt(1, "none"))
	if problem.ReasonOf(err) != problem.ReasonAlertsFull {
		t.Errorf("one more: got %v", err)
	}
}
