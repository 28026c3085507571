package service_test

import (
	"errors"
	"fmt"
	"maps"
	"reflect"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"profiles/shared/billing"
	"profiles/shared/operation"
	"profiles/shared/plan"
	"profiles/shared/problem"
	"profiles/shared/service"
	"profiles/shared/service/notifications"
	"profiles/shared/store"
	"profiles/shared/tenancy"
	"profiles/shared/testkit"
	"profiles/shared/value"
)

// clockTo moves the time of a world to a later one.
func clockTo(w *testkit.World, year int, month time.Month, day, hour, minute int) {
	w.Helper()
	to := time.Date(year, month, day, hour, minute, 0, 0, time.UTC)
	if to.Before(w.Now()) {
		w.Fatalf("%v is before %v", to, w.Now())
	}
	w.Advance(to.Sub(w.Now()))
}

// sendUse sends lines once.
func sendUse(
	w *testkit.World, id value.ProfileID, lines ...billing.ReportedLine,
) []billing.UsageAnswer {
	w.Helper()
	answers, err := w.Usage.Report(w.Context(),
		dataPlane.For(operation.UsageReport.Access), id, lines)
	w.OK(err)
	return answers
}

// wantAdmitted requires what became of lines.
func wantAdmitted(w *testkit.World, answers []billing.UsageAnswer, want ...bool) {
	w.Helper()
	got := []bool{}
	for _, a := range answers {
		got = append(got, a.Admitted)
	}
	if !reflect.DeepEqual(got, want) {
		w.Errorf("got admitted %v, want %v", got, want)
	}
}

func wantUsed(w *testkit.World, id value.ProfileID, s plan.Service, want float64) {
	w.Helper()
	m, err := w.Usage.Check(w.Context(), dataPlane.For(operation.UsageCheck.Access), id)
	w.OK(err)
	if got := s.Units(m.Usage.Used[s]); got != want {
		w.Errorf("got %g of %s, want %g", got, s, want)
	}
}

// A profile that has used up a service costs nobody else anything: no error, no
// request and no round trip more for another profile of its owner or of
// somebody else, nor for its own other services, while it is hammered.
func TestABlockedProfileDisturbsNobody(t *testing.T) {
	t.Parallel()
	w := testkit.New(t)
	ana, ben := w.Quick("ana"), w.Quick("ben")
	raise(w, ana, map[plan.Service]int64{plan.ServiceEmail: 1000})
	b := ana.Profile("b")
	w.OK(w.Billing.Allocate(t.Context(), ana.Client(operation.AllocationEdit),
		map[value.ProfileID]map[plan.Service]int64{
			ana.Home: {plan.ServiceEmail: 10, plan.ServiceInput: 900_000}, b: {plan.ServiceEmail: 900, plan.ServiceInput: 100_000},
		}))
	n, ofB := 0, 0.0 // reports, and those of b's mails
	cost := func(id value.ProfileID, s plan.Service) [2]int {
		n++
		if id == b && s == plan.ServiceEmail {
			ofB++
		}
		w.Meter.Reset()
		wantAdmitted(w, sendUse(w, id, used(s, 1, fmt.Sprint("measured ", n))), true)
		u := w.Meter.Reset()
		return [2]int{u.RoundTrips, u.Requests}
	}
	others := map[string]func() [2]int{
		"b, the same service": func() [2]int { return cost(b, plan.ServiceEmail) },
		"b, another service":  func() [2]int { return cost(b, plan.ServiceInput) },
		"ben":                 func() [2]int { return cost(ben.Home, plan.ServiceEmail) },
	}
	// On a busy machine requests that are sent together may look as if they
	// were not, but never the other way round.
	// One report of some begins a generation of receipts, with a request more.
	usual := [2]int{3, 4}
	takes := func(when string, measure func() [2]int) {
		t.Helper()
		got := measure()
		for try := 0; got != usual && try < 5; try++ {
			got = measure()
		}
		if got != usual {
			t.Errorf("%s: a report takes %v round trips and requests, want %v", when, got, usual)
		}
	}
	for name, measure := range others {
		measure() // the first report makes the count
		takes(name, measure)
	}
	wantAdmitted(w, sendUse(w, ana.Home, used(plan.ServiceEmail, 10, "all")), true)

	// The same table, past the meter.
	beside := service.New(service.Config{Keys: testkit.Keys, Passwords: testkit.Passwords,
		Background: w.Background, Store: store.New(w.Client, w.Table), Now: w.Now})
	over := make(chan struct{})
	var hammers sync.WaitGroup
	for hammer := range 4 {
		hammers.Go(func() {
			for i := 0; ; i++ {
				select {
				case <-over:
					return
				default:
				}
				answers, err := beside.Usage.Report(t.Context(),
					dataPlane.For(operation.UsageReport.Access), ana.Home,
					[]billing.ReportedLine{used(plan.ServiceEmail, 1, fmt.Sprint("hammer ", hammer, i))})
				if err != nil || answers[0].Admitted {
					t.Errorf("got %+v, %v; want it blocked", answers, err)
					return
				}
			}
		})
	}
	for range 10 {
		for name, measure := range others {
			takes(name+", beside a blocked profile", measure)
		}
	}
	close(over)
	hammers.Wait()
	takes("another service of the blocked profile", func() [2]int {
		return cost(ana.Home, plan.ServiceInput)
	})
	wantUsed(w, ana.Home, plan.ServiceEmail, 10)
	wantUsed(w, b, plan.ServiceEmail, ofB)
	m, err := w.Usage.Check(t.Context(), dataPlane.For(operation.UsageCheck.Access), ana.Home)
	w.OK(err)
	for _, s := range plan.Services() {
		got, want := m.Usage.Blocked(s, m.Profile.Quota()), s == plan.ServiceEmail
		if got != want {
			t.Errorf("%s is blocked: %v, want %v", s, got, want)
		}
	}
	m, err = w.Usage.Check(t.Context(), dataPlane.For(operation.UsageCheck.Access), ben.Home)
	w.OK(err)
	if m.Usage.Blocked(plan.ServiceEmail, m.Profile.Quota()) {
		t.Error("the service of another account is blocked")
	}
}

// A blocked service is free in the request that raises the limit, and when the
// next cycle begins. No sweep runs.
func TestWhatUnblocks(t *testing.T) {
	t.Parallel()
	w := testkit.New(t)
	ana := w.Quick("ana")
	wantAdmitted(w, sendUse(w, ana.Home, used(plan.ServiceEmail, 100, "a"),
		used(plan.ServiceEmail, 1, "b")), true, false)
	raise(w, ana, map[plan.Service]int64{plan.ServiceEmail: 1000})
	wantAdmitted(w, sendUse(w, ana.Home, used(plan.ServiceEmail, 1, "b")), false) // its first answer
	wantAdmitted(w, sendUse(w, ana.Home, used(plan.ServiceEmail, 900, "c"),
		used(plan.ServiceEmail, 1, "d")), true, false)

	// An allocation of more does the same.
	b := ana.Profile("b")
	allocate := func(home, other int64) error {
		return w.Billing.Allocate(t.Context(), ana.Client(operation.AllocationEdit),
			map[value.ProfileID]map[plan.Service]int64{
				ana.Home: {plan.ServiceEmail: home}, b: {plan.ServiceEmail: other},
			})
	}
	wantAdmitted(w, sendUse(w, b, used(plan.ServiceEmail, 1, "e")), false)
	// A used amount cannot be given to another profile to be used again. An
	// unused amount can.
	w.Refused(allocate(800, 200), problem.CodeInvalid)
	raise(w, ana, map[plan.Service]int64{plan.ServiceEmail: 2000})
	w.OK(allocate(1000, 200))
	wantAdmitted(w, sendUse(w, b, used(plan.ServiceEmail, 1, "f")), true)

	end := ana.Cycle(w.Now()).End
	w.Advance(end.Sub(w.Now()) - time.Millisecond)
	wantAdmitted(w, sendUse(w, ana.Home, used(plan.ServiceEmail, 1, "g")), false)
	w.Advance(time.Millisecond)
	answers := sendUse(w, ana.Home, used(plan.ServiceEmail, 1000, "h"),
		used(plan.ServiceEmail, 1, "i"))
	wantAdmitted(w, answers, true, false)
	if want := ana.Cycle(w.Now()).End; !answers[0].Reset.Equal(want) || !want.After(end) {
		t.Errorf("the count begins again at %v, want %v", answers[0].Reset, want)
	}
	wantUsed(w, b, plan.ServiceEmail, 0)
}

// Counters turn with the cycle whether the sweep of renewals never runs, runs
// twice, or runs two cycles late.
func TestTheSweepDoesNotMatterToUse(t *testing.T) {
	t.Parallel()
	for _, one := range []struct {
		name string
		runs []int // before cycle 0, 1, 2
	}{{"never", []int{0, 0, 0}}, {"twice", []int{2, 2, 2}}, {"late", []int{0, 0, 1}}} {
		t.Run(one.name, func(t *testing.T) {
			t.Parallel()
			w := testkit.New(t)
			ana := w.Quick("ana")
			raise(w, ana, map[plan.Service]int64{plan.ServiceSMS: 100})
			sendUse(w, ana.Home, stands(plan.ServiceRunUsers, 4, "level"))
			renewed := 0
			for cycle, runs := range one.runs {
				wantAdmitted(w, sendUse(w, ana.Home, used(plan.ServiceSMS, 100, fmt.Sprint(cycle)),
					used(plan.ServiceSMS, 1, fmt.Sprint(cycle, "more"))), true, false)
				w.Advance(ana.Cycle(w.Now()).End.Sub(w.Now()))
				for range runs {
					n, err := w.Billing.Renew(t.Context())
					w.OK(err)
					renewed += n
				}
				wantUsed(w, ana.Home, plan.ServiceSMS, 0)
				wantUsed(w, ana.Home, plan.ServiceRunUsers, 4)
			}
			if want := map[string]int{"never": 0, "twice": 3, "late": 3}[one.name]; renewed != want {
				t.Errorf("renewed %d cycles, want %d", renewed, want)
			}
			charges, err := w.Billing.Payments(t.Context(),
				fresh(ana).For(operation.PaymentHistory.Access), service.Paging{Amount: 100}, "")
			w.OK(err)
			plans := 0
			for _, c := range charges.Rows {
				if c.Kind == billing.ChargePlan {
					plans++
				}
			}
			if plans != renewed {
				t.Errorf("the plan is charged %d times, want %d", plans, renewed)
			}
		})
	}
}

// An event counts once in 35 days, also across the end of a cycle. After that
// the table has forgotten it, and it counts as new.
func TestAnEventAfterThirtyFiveDays(t *testing.T) {
	t.Parallel()
	w := testkit.New(t)
	ana := w.Quick("ana")
	first := sendUse(w, ana.Home, used(plan.ServiceInput, 7, "once"))[0]
	w.Advance(billing.UsageEventLife - time.Millisecond)
	if got := sendUse(w, ana.Home, used(plan.ServiceInput, 7, "once"))[0]; !sameAnswer(got, first) {
		t.Errorf("got %+v, want the first answer %+v", got, first)
	}
	wantUsed(w, ana.Home, plan.ServiceInput, 0)
	w.Advance(time.Hour)
	forget(w)
	got := sendUse(w, ana.Home, used(plan.ServiceInput, 7, "once"))[0]
	if !got.Admitted || got.Used != 7 || !got.Reset.After(first.Reset) {
		t.Errorf("got %+v, want it to count as new", got)
	}
	wantUsed(w, ana.Home, plan.ServiceInput, 7)
	late := used(plan.ServiceInput, 7, "late")
	late.Time = w.Now().Add(-billing.UsageEventLife - time.Second).Format(time.RFC3339)
	_, err := w.Usage.Report(t.Context(), dataPlane.For(operation.UsageReport.Access), ana.Home,
		[]billing.ReportedLine{late})
	w.Refused(err, problem.CodeInvalid)
}

// forget removes the events whose time to live is over, as DynamoDB does.
func forget(w *testkit.World) {
	w.Helper()
	for _, it := range w.Items() {
		var at int64
		if it.SK != "V" {
			continue
		}
		for _, field := range strings.Fields(it.Text) {
			if _, err := fmt.Sscanf(field, "ttl=\"%d\"", &at); err == nil && at <= w.Now().Unix() {
				_, err := w.Client.DeleteItem(w.Context(), &dynamodb.DeleteItemInput{
					TableName: &w.Table, Key: map[string]types.AttributeValue{
						"PK": &types.AttributeValueMemberS{Value: it.PK}, "SK": &types.AttributeValueMemberS{Value: it.SK},
					}})
				w.OK(err)
			}
		}
	}
}

// A report of a hundred lines takes two commits. Lines that are twice in it
// count once, also when their amounts differ.
func TestAReportOfAHundredLines(t *testing.T) {
	t.Parallel()
	w := testkit.New(t)
	ana := w.Quick("ana")
	var lines []billing.ReportedLine
	for i := range 100 {
		lines = append(lines, used(plan.ServiceInput, float64(i+1), fmt.Sprint("event ", i)))
	}
	lines[40] = used(plan.ServiceOutput, 99, "event 3") // named as a line of another service
	_, err := w.Usage.Report(t.Context(), dataPlane.For(operation.UsageReport.Access),
		ana.Home, lines)
	w.Refused(err, problem.CodeInvalid)
	lines[40] = used(plan.ServiceInput, 99, "event 3") // named as another line
	lines[90].Event = "event 89"
	_, err = w.Usage.Report(t.Context(), dataPlane.For(operation.UsageReport.Access), ana.Home,
		append(lines, used(plan.ServiceInput, 1, "more")))
	w.Refused(err, problem.CodeInvalid)
	_, err = w.Usage.Report(t.Context(), dataPlane.For(operation.UsageReport.Access), ana.Home, nil)
	w.Refused(err, problem.CodeInvalid)

	// The first commit happens, the second one does not.
	sent := 0
	w.Faults.Always(func(operation string, _ int) testkit.Fault {
		if operation == "UpdateItem" {
			sent++
			return testkit.Throttled
		}
		return testkit.NoFault
	})
	_, err = w.Usage.Report(t.Context(), dataPlane.For(operation.UsageReport.Access),
		ana.Home, lines)
	w.Faults.Always(nil)
	w.Refused(err, problem.CodeUnavailable)
	// The others are claimed, and not counted.
	first := 0.0
	for i, line := range lines[:67] {
		if i != 40 { // again, as below
			first += *line.Amount
		}
	}
	wantUsed(w, ana.Home, plan.ServiceInput, first)
	if n := w.Count("V#", ""); n != 98 || sent == 0 {
		t.Errorf("there are %d answers, want 98; %d commits failed", n, sent)
	}
	answers := sendUse(w, ana.Home, lines...)
	const sum = 100*101/2 - 41 - 91
	wantUsed(w, ana.Home, plan.ServiceInput, sum)
	wantUsed(w, ana.Home, plan.ServiceOutput, 0)
	if len(answers) != 100 || !sameAnswer(answers[40], answers[3]) ||
		!sameAnswer(answers[90], answers[89]) || answers[99].Used != sum {
		t.Errorf("got answers %+v", answers)
	}
	for i, again := range sendUse(w, ana.Home, lines...) {
		if !sameAnswer(again, answers[i]) {
			t.Errorf("line %d is answered %+v, and then %+v", i, answers[i], again)
		}
	}
	wantUsed(w, ana.Home, plan.ServiceInput, sum)

	// Some known, some new, in any order.
	mixed := []billing.ReportedLine{used(plan.ServiceInput, 5, "new"), lines[10],
		used(plan.ServiceInput, 6, "newer"), lines[98], lines[10]}
	got := sendUse(w, ana.Home, mixed...)
	if !sameAnswer(got[1], answers[10]) || !sameAnswer(got[3], answers[98]) ||
		!sameAnswer(got[4], answers[10]) || got[2].Used != sum+11 {
		t.Errorf("got answers %+v", got)
	}
	wantUsed(w, ana.Home, plan.ServiceInput, sum+11)
}

// The largest commit: 66 lines that use up all nine services in a new hour,
// each with a mail, a notification and an audit entry.
func TestAReportThatUsesUpEverything(t *testing.T) {
	t.Parallel()
	w := testkit.New(t)
	ana := w.Quick("ana")
	sendUse(w, ana.Home, used(plan.ServiceInput, 1, "first"))
	w.Advance(time.Hour)
	var lines []billing.ReportedLine
	for _, s := range plan.Services() {
		lines = append(lines, used(s, float64(plan.Included()[s]/2), "half of "+s.String()))
	}
	for i := len(lines); i < 57; i++ {
		lines = append(lines, used(plan.ServiceOutput, 1, fmt.Sprint("output ", i)))
	}
	had := map[plan.Service]int64{plan.ServiceInput: 1, plan.ServiceOutput: 48}
	for _, s := range plan.Services() {
		all := plan.Included()[s]
		lines = append(lines, used(s, float64(all-all/2-had[s]), "the rest of "+s.String()))
	}
	sendUse(w, ana.Home, lines...)
	mails, notices := alerts(w, ana)
	want := map[string]int{}
	for _, s := range plan.Services() {
		want[s.Title()+" 100"] = 1
	}
	if !maps.Equal(mails, want) || !maps.Equal(notices, want) {
		t.Errorf("got mails %v and notifications %v, want %v", mails, notices, want)
	}
}

// fresh signs a person in anew: tokens end after some weeks.
func fresh(p testkit.Person) service.Client { return testkit.ClientOf(p.Mint(p.Home, "")) }

// points writes statistics of a service as "time=use".
func points(
	w *testkit.World, c service.Client, id value.ProfileID, s plan.Service,
	q billing.StatisticsQuery,
) []string {
	w.Helper()
	list, err := w.Usage.Statistics(w.Context(), c.For(operation.StatisticsGet.Access),
		service.ProfileRef{ID: id}, q)
	w.OK(err)
	out := []string{}
	for _, p := range list {
		if n, ok := p.Used[s]; ok {
			out = append(out, fmt.Sprintf("%s=%g", p.Time.UTC().Format("01-02T15:04"), n))
		}
	}
	return out
}

func wantPoints(w *testkit.World, what string, got []string, want ...string) {
	w.Helper()
	if len(want) == 0 {
		want = []string{}
	}
	if !reflect.DeepEqual(got, want) {
		w.Errorf("%s: got %v, want %v", what, got, want)
	}
}

func TestStatisticsOverTwoCycles(t *testing.T) {
	t.Parallel()
	w := testkit.New(t)
	ana := w.Quick("ana") // on 14 March, 9:26
	in, records := plan.ServiceInput, plan.ServiceDataRecords
	clockTo(w, 2030, 3, 14, 10, 5)
	sendUse(w, ana.Home, used(in, 60, "a"), used(in, 40, "b"))
	clockTo(w, 2030, 3, 14, 12, 59)
	sendUse(w, ana.Home, used(in, 50, "c"), stands(records, 10, "d"))
	clockTo(w, 2030, 3, 20, 23, 30)
	sendUse(w, ana.Home, used(in, 50, "e"), used(records, -6, "f"))
	clockTo(w, 2030, 4, 13, 8, 0)
	sendUse(w, ana.Home, used(in, 1, "g"))
	clockTo(w, 2030, 4, 14, 10, 0) // the next cycle
	sendUse(w, ana.Home, used(in, 7, "h"))
	clockTo(w, 2030, 4, 16, 11, 30)
	me := fresh(ana)
	ask := func(s plan.Service, q billing.StatisticsQuery) []string {
		return points(w, me, ana.Home, s, q)
	}

	wantPoints(w, "hours", ask(in, billing.StatisticsQuery{Start: "2030-03-14T09:00:00Z", End: "2030-03-14T15:00:00Z"}),
		"03-14T10:00=100", "03-14T11:00=100", "03-14T12:00=150", "03-14T13:00=150", "03-14T14:00=150")
	wantPoints(w, "days", ask(in, billing.StatisticsQuery{Start: "2030-03-18", End: "2030-03-22", Periodicity: "day"}),
		"03-18T00:00=150", "03-19T00:00=150", "03-20T00:00=200", "03-21T00:00=200", "03-22T00:00=200")
	wantPoints(w, "days of the turn", ask(in, billing.StatisticsQuery{Start: "2030-04-12", End: "2030-04-20", Periodicity: "day"}),
		"04-12T00:00=200", "04-13T00:00=201", "04-14T00:00=7", "04-15T00:00=7", "04-16T00:00=7")
	wantPoints(w, "months", ask(in, billing.StatisticsQuery{Start: "2030-01-01", End: "2030-04-30", Periodicity: "month"}),
		"03-01T00:00=200", "04-01T00:00=7")
	wantPoints(w, "years", ask(in, billing.StatisticsQuery{Start: "2029-01-01", End: "2030-12-31", Periodicity: "year"}), "01-01T00:00=7")
	wantPoints(w, "levels", ask(records, billing.StatisticsQuery{Start: "2030-03-01", End: "2030-04-30", Periodicity: "month"}),
		"03-01T00:00=4", "04-01T00:00=4")
	wantPoints(w, "levels by day", ask(records, billing.StatisticsQuery{Start: "2030-03-13", End: "2030-03-21", Periodicity: "day"}),
		"03-14T00:00=10", "03-15T00:00=10", "03-16T00:00=10", "03-17T00:00=10", "03-18T00:00=10", "03-19T00:00=10", "03-20T00:00=4", "03-21T00:00=4")
	wantPoints(w, "hours of the turn, the last total of the cycle before included", ask(in, billing.StatisticsQuery{Start: "2030-04-14T07:00:00Z", End: "2030-04-14T12:00:00Z"}),
		"04-14T07:00=201", "04-14T08:00=201", "04-14T10:00=7", "04-14T11:00=7")
	wantPoints(w, "today", ask(in, billing.StatisticsQuery{}), hourly("04-16", 0, 11, 7)...)

	// 20 March, 23:30 UTC, is the 21st in Berlin, and the evening of the 20th
	// in New York.
	berlin := billing.StatisticsQuery{Start: "2030-03-20", End: "2030-03-21", Periodicity: "day", Timezone: "Europe/Berlin"}
	wantPoints(w, "days in Berlin", ask(in, berlin), "03-19T23:00=150", "03-20T23:00=200")
	wantPoints(w, "days in New York",
		ask(in, billing.StatisticsQuery{Start: "2030-03-20", End: "2030-03-21", Periodicity: "day", Timezone: "America/New_York"}),
		"03-20T04:00=200", "03-21T04:00=200")
	// The night of 31 March has no third hour in Berlin, and a day of 23 hours.
	dst := ask(in, billing.StatisticsQuery{Date: "2030-03-31", Timezone: "Europe/Berlin"})
	if len(dst) != 23 || dst[0] != "03-30T23:00=200" || dst[22] != "03-31T21:00=200" {
		t.Errorf("the day of 23 hours has %d: %v", len(dst), dst)
	}
}

func hourly(day string, from, to int, n float64) (out []string) {
	for h := from; h <= to; h++ {
		out = append(out, fmt.Sprintf("%sT%02d:00=%g", day, h, n))
	}
	return out
}

// A bucket of a zone that is half an hour off ends in the middle of an hour
// that is counted. It must not have what was used after its end.
func TestStatisticsOfAZoneWithHalfHours(t *testing.T) {
	t.Parallel()
	w := testkit.New(t)
	ana := w.Quick("ana")
	clockTo(w, 2030, 3, 15, 10, 5)
	sendUse(w, ana.Home, used(plan.ServiceInput, 1, "a"))
	clockTo(w, 2030, 3, 15, 11, 55)
	sendUse(w, ana.Home, used(plan.ServiceInput, 1, "b"))
	clockTo(w, 2030, 3, 15, 13, 0)
	sendUse(w, ana.Home, used(plan.ServiceInput, 1, "c"))
	got := points(w, testkit.ClientOf(ana.Token), ana.Home, plan.ServiceInput,
		billing.StatisticsQuery{
			Start: "2030-03-15T15:30:00+05:30", End: "2030-03-15T17:30:00+05:30", Timezone: "Asia/Kolkata",
		})
	// 15:00 to 16:00 and so on in Kolkata are 9:30 to 10:30 and so on in UTC.
	wantPoints(w, "hours in Kolkata", got, "03-15T09:30=1", "03-15T10:30=1", "03-15T11:30=2")
}

// The usage of a profile before its transfer does not change. The counters
// begin again with the new owner, the levels go on.
func TestStatisticsOverATransfer(t *testing.T) {
	t.Parallel()
	w := testkit.New(t)
	ana, ben, sam := w.Quick("ana"), w.Quick("ben"), w.Agent(w.Quick("sam"))
	in, records := plan.ServiceInput, plan.ServiceDataRecords
	moving := ana.Profile("moving")
	w.OK(w.Billing.Allocate(t.Context(), ana.Client(operation.AllocationEdit),
		map[value.ProfileID]map[plan.Service]int64{ana.Home: {in: 0, records: 0},
			moving: {in: 1000, records: 1000}}))
	ben.Profile("more")
	w.OK(w.Billing.AllocateOne(t.Context(), ben.Client(operation.ProfileServices),
		service.ProfileRef{ID: ben.Home}, map[plan.Service]int64{in: 0, records: 0}))
	clockTo(w, 2030, 3, 16, 10, 0)
	sendUse(w, moving, used(in, 100, "a"), stands(records, 9, "b"))
	clockTo(w, 2030, 3, 18, 10, 0)
	sendUse(w, moving, used(in, 20, "c"))
	clockTo(w, 2030, 3, 19, 10, 0)
	days := billing.StatisticsQuery{Start: "2030-03-15", End: "2030-03-31", Periodicity: "day"}
	wantPoints(w, "before", points(w, testkit.ClientOf(ana.Token), moving, in, days), "03-16T00:00=100", "03-17T00:00=100", "03-18T00:00=120", "03-19T00:00=120")
	w.Move(moving, ana, ben, sam)
	clockTo(w, 2030, 3, 21, 10, 0)
	wantUsed(w, moving, in, 0)
	sendUse(w, moving, used(in, 3, "d"))
	clockTo(w, 2030, 3, 22, 10, 0)
	wantPoints(w, "levels after", points(w, testkit.ClientOf(ben.Token), moving, records, days),
		"03-16T00:00=9", "03-17T00:00=9", "03-18T00:00=9", "03-19T00:00=9", "03-20T00:00=9", "03-21T00:00=9", "03-22T00:00=9")
	// Late on the 19th, and on the 20th, nothing was used with the new owner.
	wantPoints(w, "counters after", points(w, testkit.ClientOf(ben.Token), moving, in, days),
		"03-16T00:00=100", "03-17T00:00=100", "03-18T00:00=120", "03-21T00:00=3", "03-22T00:00=3")
}

// The first paid plan begins a cycle at another time of the month. The usage of
// the cycles before stays in them.
func TestStatisticsOverANewCycle(t *testing.T) {
	t.Parallel()
	w := testkit.New(t)
	ana := w.Account("ana", plan.Free) // its cycles begin on the 14th
	in := plan.ServiceInput
	clockTo(w, 2030, 4, 12, 10, 0)
	sendUse(w, ana.Home, used(in, 100, "a"))
	clockTo(w, 2030, 4, 20, 10, 0)
	sendUse(w, ana.Home, used(in, 5, "b"))
	days := billing.StatisticsQuery{Start: "2030-04-11", End: "2030-04-21", Periodicity: "day"}
	want := []string{"04-12T00:00=100", "04-13T00:00=100", "04-20T00:00=5", "04-21T00:00=5"}
	clockTo(w, 2030, 4, 22, 0, 0)
	wantPoints(w, "before", points(w, fresh(ana), ana.Home, in, days), want...)
	clockTo(w, 2030, 5, 3, 10, 0)
	scale := plan.Scale
	w.OK(w.Billing.Edit(t.Context(), fresh(ana).For(operation.SubscriptionEdit.Access),
		billing.SubscriptionEdit{Plan: &scale}))
	wantUsed(w, ana.Home, in, 0)
	wantPoints(w, "after", points(w, fresh(ana), ana.Home, in, days), want...)
}

// The usage in the hour in which a cycle ends, before its end, is part of that
// cycle's total.
func TestTheHourInWhichACycleEnds(t *testing.T) {
	t.Parallel()
	w := testkit.New(t)
	ana := w.Quick("ana") // its cycles end on the 14th at 9:26:53
	in := plan.ServiceInput
	clockTo(w, 2030, 4, 14, 8, 30)
	sendUse(w, ana.Home, used(in, 100, "a"))
	clockTo(w, 2030, 4, 14, 9, 10)
	sendUse(w, ana.Home, used(in, 5, "b"))
	clockTo(w, 2030, 4, 14, 9, 40)
	sendUse(w, ana.Home, used(in, 3, "c"))
	clockTo(w, 2030, 4, 14, 10, 40)
	sendUse(w, ana.Home, used(in, 1, "d"))
	hours, err := w.Store.Hours(t.Context(), ana.Home, w.Now().Add(-24*time.Hour), w.Now())
	w.OK(err)
	ends := map[int64]int64{}
	for _, h := range hours {
		ends[h.Cycle.UnixMilli()] = h.Used[in]
	}
	if got := ends[ana.Cycle(w.Now().Add(-2*time.Hour)).Start.UnixMilli()]; got != 105 {
		t.Errorf("the history of the cycle ends with %d, want the 105 that were used in it", got)
	}
}

// A program that scales an account by itself: it sees what is used up and what
// more would cost, buys the next tier, gives it to the profile that needs it,
// and the data plane goes on at once.
func TestAProgramScalesAnAccount(t *testing.T) {
	t.Parallel()
	w := testkit.New(t)
	ana, plane := w.Quick("ana"), w.Quick("plane")
	_, err := w.Operator.SetType(t.Context(), string(plane.Email), tenancy.AccountService)
	w.OK(err)
	ana.Profile("quiet")
	call := func(o operation.Operation, method, path, token string, body, into any) {
		t.Helper()
		if got := w.Call(o, method, path, token, body); into == nil && got.Code != 200 {
			t.Fatalf("%s: got %d %q", o.Name, got.Code, got.Message)
		} else if into != nil {
			got.Into(w, into)
		}
	}
	type object = map[string]any
	send := func(event string, n int) (admitted bool) {
		t.Helper()
		var answer struct {
			Lines   []struct{ Admitted bool }
			Blocked []string
		}
		call(operation.UsageReport, "POST", "/profile/"+string(ana.Home)+"/usage", plane.Token,
			object{"lines": []object{{"service": "sms", "amount": n, "event": event}}}, &answer)
		return answer.Lines[0].Admitted
	}
	if !send("a", 10) || send("b", 1) {
		t.Fatal("want the profile blocked after 10")
	}

	var summary struct {
		Limit map[string]float64
		Used  map[string]float64 `json:"limit_used"`
	}
	call(operation.ProfileSummary, "GET", "/profile/"+string(ana.Home)+"/summary", ana.Token, nil, &summary)
	if summary.Limit["sms"] != 10 || summary.Used["sms"] != 10 {
		t.Fatalf("got summary %+v", summary)
	}
	var sub struct {
		Services map[string]struct{ Limit int64 }
	}
	call(operation.SubscriptionGet, "GET", "/account/subscription", ana.Token, nil, &sub)
	have := sub.Services["sms"].Limit
	var prices struct {
		SMS []struct{ Amount, Price int64 }
	}
	call(operation.PricingProrated, "GET", "/pricing/prorated", ana.Token, nil, &prices)
	var next, price int64
	for _, tier := range prices.SMS {
		if tier.Amount > have && next == 0 {
			next, price = tier.Amount, tier.Price
		}
	}
	if have != 10 || next != 100 || price != 250 {
		t.Fatalf("has %d, the next tier is %d for %d; want 10, 100 for 250", have, next, price)
	}
	call(operation.SubscriptionEdit, "POST", "/account/subscription", ana.Token,
		object{"services": object{"sms": object{"limit": next}}}, nil)
	if send("c", 1) {
		t.Error("what is bought is not allocated yet")
	}
	call(operation.AllocationEdit, "POST", "/account/allocation", ana.Token, []object{{"profile": ana.Home, "sms": next}}, nil)
	if !send("d", 90) || send("e", 1) {
		t.Error("want 90 more admitted, and no more")
	}
	var check struct{ Blocked []string }
	call(operation.UsageCheck, "GET", "/profile/"+string(ana.Home)+"/usage", plane.Token, nil, &check)
	if !reflect.DeepEqual(check.Blocked, []string{"sms"}) {
		t.Errorf("got blocked %v, want sms", check.Blocked)
	}
}

// An event names one line for good: one of another service, or another kind, is
// told so, and nothing of its report is counted.
func TestAnEventIsNotReportedForAnotherService(t *testing.T) {
	t.Parallel()
	w := testkit.New(t)
	ana := w.Quick("ana")
	sendUse(w, ana.Home, used(plan.ServiceSMS, 1, "a"), used(plan.ServiceDataRecords, 5, "b"))
	before := stored(w, ana.Home)
	for what, line := range map[string]billing.ReportedLine{
		"another service": used(plan.ServiceEmail, 1, "a"), "another kind": stands(plan.ServiceDataRecords, 7, "b"), "another level": used(plan.ServiceRunUsers, 1, "b"),
	} {
		// more than one commit takes, so that the first must not happen either
		var many []billing.ReportedLine
		for i := range 90 {
			many = append(many, used(plan.ServiceInput, 1, fmt.Sprint(what, i)))
		}
		_, err := w.Usage.Report(t.Context(), dataPlane.For(operation.UsageReport.Access), ana.Home,
			append(many, line))
		w.Refused(err, problem.CodeConflict)
		if errors.Is(err, problem.ErrConflict) {
			t.Errorf("%s: the answer says that it may be sent again: %v", what, err)
		}
		if after := stored(w, ana.Home); !reflect.DeepEqual(after, before) {
			t.Errorf("%s: the use is %+v, and was %+v", what, after, before)
		}
	}
	wantAdmitted(w, sendUse(w, ana.Home, used(plan.ServiceSMS, 4, "a")), true) // its first answer
	wantUsed(w, ana.Home, plan.ServiceSMS, 1)
}

// Alerts about usage have plain decimals, however large they are, in the mail
// and in the notification.
func TestAlertsWritePlainNumbers(t *testing.T) {
	t.Parallel()
	w := testkit.New(t)
	ana := w.Quick("ana")
	sendUse(w, ana.Home, used(plan.ServiceInput, 800_000, "a"),
		used(plan.ServiceOutput, 2_700_000, "b"), stands(plan.ServiceDataRecords, 800_000, "c"),
		stands(plan.ServiceFileStorage, 199.89, "d"))
	listed, err := w.Notifications.List(t.Context(), ana.Client(operation.NotificationList),
		notifications.Query{Paging: service.Paging{Page: 1, Amount: 20}})
	w.OK(err)
	var told string
	for _, n := range listed.Rows {
		told += n.Message + "\n"
	}
	var mails string
	for _, m := range w.Mail(ana.Email) {
		s, err := plan.ParseService(m.Data["service"])
		w.OK(err)
		mails += fmt.Sprintln(s.Title(), m.Data["used"], "of", m.Data["limit"])
	}
	for service, want := range map[string]string{"Data input": "800000 of 1000000", "Data output": "2700000 of 3000000", "Data records": "800000 of 800000", "File storage": "199.89 of 200"} {
		if !strings.Contains(told, want) || !strings.Contains(mails, service+" "+want+"\n") {
			t.Errorf("%s: want %s, and the owner is told\n%s\nand mailed\n%s", service, want, told, mails)
		}
	}
}
