package service_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"profiles/shared/billing"
	"profiles/shared/mailing"
	"profiles/shared/operation"
	"profiles/shared/plan"
	"profiles/shared/service"
	"profiles/shared/testkit"
	"profiles/shared/topic"
	"profiles/shared/value"
)

// daily is an account in São Paulo at 3 in the morning of its time, which gets
// one mail a day about usage.
func daily(w *testkit.World) testkit.Person {
	w.Helper()
	ana := w.QuickIn("America/Sao_Paulo", "ana")
	next := w.Now().Truncate(24 * time.Hour).Add(24*time.Hour + 6*time.Hour)
	w.Advance(next.Sub(w.Now()))
	prefers(w, ana, topic.Usage, topic.Change{Mail: new("daily")})
	return ana
}

// passes has a profile use a part of its limit of a service, in percent.
func passes(w *testkit.World, p testkit.Person, s plan.Service, percent int64, event string) {
	w.Helper()
	a, err := w.Accounts.Get(w.Context(), p.Client(operation.AccountGet))
	w.OK(err)
	used := float64(a.Shares[p.Home].Allocation[s] * percent / 100)
	wantAdmitted(w, sendUse(w, p.Home, billing.ReportedLine{
		Service: s.String(), Amount: &used, Event: event,
	}), true)
}

// digests are the percentages that the digests of an address tell.
func digests(w *testkit.World, to value.Email) (all [][]string) {
	w.Helper()
	_, err := w.Services.Outbox.Retry(w.Context())
	w.OK(err)
	for _, m := range w.Mail(to) {
		if m.Kind == mailing.KindUsageDigest {
			lines, _ := mailing.LinesOf(m).Lines()
			var told []string
			for _, line := range lines {
				told = append(told, line.Words["percent"])
			}
			all = append(all, told)
		}
	}
	return all
}

// The alerts of a day come in one mail at eight in the morning where the
// account is, and those of the next day in the next one.
func TestADigestHasTheAlertsOfADay(t *testing.T) {
	t.Parallel()
	w := testkit.New(t)
	ana := daily(w)
	passes(w, ana, plan.ServiceInput, 85, "a")
	w.Advance(time.Hour)
	passes(w, ana, plan.ServiceSMS, 100, "b")
	if got := digests(w, ana.Email); got != nil {
		t.Fatalf("at 4 o'clock the mails %q have come", got)
	}
	if n := sentTo(w, ana.Email, mailing.KindUsageAlert); n != 0 {
		t.Errorf("%d alerts came as mails of their own", n)
	}
	if got := titles(w, ana); len(got) != 2 {
		t.Errorf("got the notifications %q, want both alerts at once", got)
	}
	w.Advance(4*time.Hour - time.Second)
	if got := digests(w, ana.Email); got != nil {
		t.Fatalf("a second before 8 o'clock the mails %q have come", got)
	}
	w.Advance(2 * time.Second)
	got := digests(w, ana.Email)
	if len(got) != 1 || !slices.Equal(got[0], []string{"80", "100"}) {
		t.Fatalf("got %q, want one mail with two lines", got)
	}
	passes(w, ana, plan.ServiceEmail, 90, "c")
	if got := digests(w, ana.Email); len(got) != 1 {
		t.Fatalf("got %d mails, want the second one a day later", len(got))
	}
	w.Advance(24 * time.Hour)
	if got = digests(w, ana.Email); len(got) != 2 || len(got[1]) != 1 {
		t.Errorf("got %q, want a second mail with one line", got)
	}
	w.Advance(48 * time.Hour)
	if got = digests(w, ana.Email); len(got) != 2 {
		t.Errorf("got %d mails, want none without an alert", len(got))
	}
}

// What the account is when the mail is due decides about it, and not what it
// was at the first alert.
func TestADigestGoesWhereTheAccountIsThen(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		meanwhile func(*testkit.World, testkit.Person)
		to        value.Email
		want      int
	}{
		"the mails are switched off": {func(w *testkit.World, p testkit.Person) {
			prefers(w, p, topic.Usage, topic.Change{Mail: new("off")})
		}, "", 0},
		"each mail is wanted": {func(w *testkit.World, p testkit.Person) {
			prefers(w, p, topic.Usage, topic.Change{Mail: new("each")})
		}, "", 1},
		"the account is deleted": {func(w *testkit.World, p testkit.Person) {
			w.OK(w.Accounts.Delete(w.Context(), p.Client(operation.AccountDelete), proven))
			w.Advance(time.Minute)
			purgeAccounts(w)
		}, "", 0},
		"the address is another one": {func(w *testkit.World, p testkit.Person) {
			w.OK(w.Accounts.RequestEmail(w.Context(), p.Client(operation.EmailRequest),
				"new@example.com", proven))
			for _, m := range w.Mail("new@example.com") {
				w.OK(w.Accounts.ConfirmEmail(w.Context(), service.Client{}, m.Data["code"]))
			}
		}, "new@example.com", 1},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := testkit.New(t)
			ana := daily(w)
			passes(w, ana, plan.ServiceInput, 85, "a")
			c.meanwhile(w, ana)
			w.Advance(6 * time.Hour)
			to := c.to
			if to == "" {
				to = ana.Email
			}
			if got := digests(w, to); len(got) != c.want {
				t.Errorf("got %q, want %d mails", got, c.want)
			}
			if to != ana.Email && digests(w, ana.Email) != nil {
				t.Error("a mail went to the former address")
			}
		})
	}
}

// Two reports that add to a digest at the same time are both told of.
func TestADigestLosesNoLineToARace(t *testing.T) {
	t.Parallel()
	w := testkit.New(t)
	ana := daily(w)
	passes(w, ana, plan.ServiceEmail, 85, "a")
	met := 0
	s := service.New(service.Config{
		Background: w.Background, Now: w.Now, Log: quiet(), Keys: testkit.Keys,
		Store: interrupted(w, "TransactWriteItems", func() {
			met++
			passes(w, ana, plan.ServiceInput, 85, "b")
		}),
	})
	amount := float64(plan.Included()[plan.ServiceSMS])
	_, err := s.Usage.Report(t.Context(), dataPlane.For(operation.UsageReport.Access), ana.Home,
		[]billing.ReportedLine{{Service: "sms", Amount: &amount, Event: "c"}})
	w.OK(err)
	w.Advance(6 * time.Hour)
	if got := digests(w, ana.Email); len(got) != 1 || len(got[0]) != 3 || met != 1 {
		t.Errorf("got %q after %d meetings, want one mail with three lines", got, met)
	}
}

// A digest that comes back stops mails to the address that it went to. Before
// it is marked as sent, the event is taken again later.
func TestADigestThatComesBackStopsMails(t *testing.T) {
	t.Parallel()
	w := testkit.New(t)
	ana := daily(w)
	passes(w, ana, plan.ServiceInput, 85, "a")
	batch := w.Store.Batch()
	waiting := batch.Message(mailing.DigestID(ana.ID, w.Now().Add(5*time.Hour)))
	w.OK(batch.Get(t.Context()))
	if !waiting.OK || !waiting.Value.Pending {
		t.Fatalf("got %+v, want a mail that waits", waiting)
	}
	back := mailing.Return{Mail: waiting.Value.ID, Kind: mailing.ReturnInvalid}
	if err := w.Services.Outbox.Returned(t.Context(), back); err == nil {
		t.Error("the return of a mail that was not sent is taken")
	}
	w.Advance(6 * time.Hour)
	if got := digests(w, ana.Email); len(got) != 1 {
		t.Fatalf("got %q, want one mail", got)
	}
	w.OK(w.Services.Outbox.Returned(t.Context(), back))
	batch = w.Store.Batch()
	stop := batch.MailStop(ana.Email)
	w.OK(batch.Get(t.Context()))
	if !stop.Value.IsInvalid(w.Now()) {
		t.Errorf("got %+v, want a stop", stop.Value)
	}
}

// A digest that is as long as one can be takes no further line.
func TestADigestHasABound(t *testing.T) {
	t.Parallel()
	now := time.Date(2030, 3, 14, 9, 26, 53, 0, time.UTC)
	var lines mailing.Phrase
	for range 250 {
		alert := mailing.UsageAlert{Profile: strings.Repeat("ü", 100)}
		lines = mailing.AddLine(lines, alert.Line(now))
	}
	if all, ok := lines.Lines(); !ok || len(all) != 200 {
		t.Fatalf("got %d lines, %v, want 200", len(all), ok)
	}
}
