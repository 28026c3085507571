package service_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"reflect"
	"slices"
	"sync"
	"testing"
	"time"

	"profiles/shared/billing"
	"profiles/shared/operation"
	"profiles/shared/plan"
	"profiles/shared/service"
	"profiles/shared/store"
	"profiles/shared/testkit"
	"profiles/shared/value"
)

// A report ends at any of its requests, before it is sent or when it was
// answered, as in a process that is killed. Its data plane sends the lines
// again, in other reports: each counts once, and keeps its answer.
func TestAReportThatEndsHalfWay(t *testing.T) {
	t.Parallel()
	w := testkit.New(t)
	people := 0
	for situation, begin := range map[string]func(value.ProfileID){
		"the first ever": func(value.ProfileID) {},
		"an addition":    func(id value.ProfileID) { reported(w, id, used(plan.ServiceInput, 1, "begin")) },
		"another hour": func(id value.ProfileID) {
			reported(w, id, used(plan.ServiceInput, 1, "begin"))
			w.Advance(time.Hour)
		},
		"a generation of receipts": func(id value.ProfileID) {
			for i := range 8 {
				reported(w, id, used(plan.ServiceInput, 1, fmt.Sprint("begin ", i)))
			}
		},
	} {
		ended := 0
		for _, at := range []string{"BatchGetItem", "PutItem", "UpdateItem", "TransactWriteItems"} {
			for n := 1; ; n++ {
				met := false
				for _, hook := range []func(string, int, func()){w.Faults.Before, w.Faults.After} {
					people++
					id := w.Quick(fmt.Sprint("p", people)).Home
					begin(id)
					ctx, end := context.WithCancel(t.Context())
					hook(at, n, func() { met = true; end() })
					endsHalfWay(w, ctx, id, fmt.Sprintf("%s, at %s %d", situation, at, n))
					hook("", 0, nil)
					end()
				}
				if !met {
					break
				}
				ended++
			}
		}
		if ended < 3 {
			t.Errorf("%s: only %d requests were the last ones", situation, ended)
		}
	}
}

// endsHalfWay reports some lines until ctx ends, and then again.
func endsHalfWay(w *testkit.World, ctx context.Context, id value.ProfileID, what string) {
	w.Helper()
	before := stored(w, id).Used
	var lines []billing.ReportedLine
	for i := range 4 {
		lines = append(lines, used(plan.ServiceInput, float64(i+1), fmt.Sprint("event ", i)))
	}
	lines = append(lines, used(plan.ServiceRunUsers, 3, "users"), used(plan.ServiceRunUsers, 8, "too many"))
	first, err := w.Usage.Report(ctx, dataPlane.For(operation.UsageReport.Access), id, lines)
	again := slices.Clone(lines)
	slices.Reverse(again)
	answers := map[string]billing.UsageAnswer{}
	for _, part := range [][]billing.ReportedLine{again[:1], again[1:4], again[3:], lines} {
		for _, a := range reported(w, id, part...) {
			if was, known := answers[a.Event]; known && !sameAnswer(a, was) {
				w.Errorf("%s: got %+v, and then %+v", what, was, a)
			}
			answers[a.Event] = a
		}
	}
	for _, a := range first {
		if err == nil && !sameAnswer(answers[a.Event], a) {
			w.Errorf("%s: got %+v, and then %+v", what, a, answers[a.Event])
		}
	}
	users := int64(0)
	for event, n := range map[string]int64{"users": 3, "too many": 8} {
		if answers[event].Admitted {
			users += n
		}
	}
	now := stored(w, id).Used
	if got := now[plan.ServiceInput] - before[plan.ServiceInput]; got != 1+2+3+4 ||
		now[plan.ServiceRunUsers] != users || users == 0 || users > 10 {
		w.Errorf("%s: used %v after %v, want 10 of input and %d users", what, now, before, users)
	}
}

// Many reports of the same events at once, of which most end at any moment:
// each event counts once.
func TestReportsThatEndAtAnyMoment(t *testing.T) {
	t.Parallel()
	const writers, events = 8, 60
	w := testkit.New(t)
	for round := range 3 {
		id := w.Quick(fmt.Sprint("ana", round)).Home
		line := func(i int) billing.ReportedLine {
			return used(plan.ServiceInput, float64(i+1), fmt.Sprint("event ", i))
		}
		reported(w, id, used(plan.ServiceInput, 1, "begin"))
		var wg sync.WaitGroup
		for writer := range writers {
			r := rand.New(rand.NewPCG(uint64(round), uint64(writer)))
			wg.Go(func() {
				for range 40 {
					var lines []billing.ReportedLine
					for range 1 + r.IntN(6) {
						lines = append(lines, line(r.IntN(events)))
					}
					within := time.Duration(r.IntN(8000)) * time.Microsecond
					ctx, cancel := context.WithTimeout(t.Context(), within)
					_, _ = w.Usage.Report(
						ctx, dataPlane.For(operation.UsageReport.Access), id, lines)
					cancel()
				}
			})
		}
		wg.Wait()
		sum := int64(1)
		for i := range events {
			sum += int64(i + 1)
			for _, a := range reported(w, id, line(i)) {
				if !a.Admitted {
					t.Errorf("got %+v", a)
				}
			}
		}
		if got := stored(w, id).Used[plan.ServiceInput]; got != sum {
			t.Errorf("round %d: used %d, want %d", round, got, sum)
		}
	}
}

// A report that waits for so long that its claim is over claims its lines anew.
// It counts them once, and everybody finds them, also long after.
func TestAClaimThatIsOver(t *testing.T) {
	t.Parallel()
	w := testkit.New(t)
	id := w.Quick("ana").Home
	reported(w, id, used(plan.ServiceInput, 1, "begin"))
	beside := store.New(w.Client, w.Table)
	turn := func(generations int64) {
		u := stored(w, id)
		_, err := beside.TurnReceipts(
			t.Context(), id, u, u.Receipts.Generation+generations, w.Now())
		w.OK(err)
	}
	w.Faults.Before("UpdateItem", 1, func() { turn(40) })
	lines := []billing.ReportedLine{
		used(plan.ServiceInput, 2, "one"), used(plan.ServiceSMS, 3, "two"),
	}
	answers := reported(w, id, lines...)
	for range 4 {
		turn(1)
		for i, a := range reported(w, id, lines...) {
			if !sameAnswer(a, answers[i]) {
				t.Errorf("got %+v, and then %+v", answers[i], a)
			}
		}
	}
	turn(40)
	reported(w, id, lines...)
	u := stored(w, id)
	if u.Used[plan.ServiceInput] != 3 || u.Used[plan.ServiceSMS] != 3 {
		t.Errorf("used %v", u.Used)
	}
}

// besides returns a data plane that reports past the faults of the world.
func besides(w *testkit.World) func(value.ProfileID, ...billing.ReportedLine) {
	beside := service.New(service.Config{Keys: testkit.Keys, Passwords: testkit.Passwords,
		Background: w.Background, Store: store.New(w.Client, w.Table), Now: w.Now})
	return func(id value.ProfileID, lines ...billing.ReportedLine) {
		_, err := beside.Usage.Report(w.Context(), dataPlane.For(operation.UsageReport.Access),
			id, lines)
		w.OK(err)
	}
}

// An alert takes the place of some lines that are counted together. If it comes
// when more of them are claimed, and the report then ends, the others are not
// taken for counted.
func TestFewerLinesAreCountedThanWereClaimed(t *testing.T) {
	t.Parallel()
	w := testkit.New(t)
	ana := w.Quick("ana")
	reported(w, ana.Home, used(plan.ServiceInput, 1, "begin"))
	var lines []billing.ReportedLine
	for i := range 66 {
		lines = append(lines, used(plan.ServiceInput, 1, fmt.Sprint("event ", i)))
	}
	ctx, end := context.WithCancel(t.Context())
	defer end()
	w.Faults.Before("UpdateItem", 1, func() {
		withAlert(w, ana, smsAt(5, "none"))
		w.Faults.After("UpdateItem", 2, end)
	})
	_, err := w.Usage.Report(ctx, dataPlane.For(operation.UsageReport.Access), ana.Home, lines)
	if err == nil {
		t.Error("the report has not ended: this tests nothing")
	}
	for _, a := range reported(w, ana.Home, lines...) {
		if !a.Admitted {
			t.Errorf("got %+v", a)
		}
	}
	if got := stored(w, ana.Home).Used[plan.ServiceInput]; got != 67 {
		t.Errorf("used %d, want 67", got)
	}
}

// A line is blocked for good only if the lines before it are counted. Here they
// are not, as somebody else was faster, and then there is room for it.
func TestALineIsBlockedByLinesThatCount(t *testing.T) {
	t.Parallel()
	const s = plan.ServiceRunUsers
	w := testkit.New(t)
	id := w.Quick("ana").Home // may have 10
	reported(w, id, used(s, 10, "all"))
	reported(w, id, used(s, -10, "none")) // all thresholds are told
	report := besides(w)
	w.Faults.Before("UpdateItem", 1, func() { report(id, used(s, 5, "other")) })
	answers := reported(w, id, used(s, 6, "first"), used(s, 5, "second"))
	if answers[0].Admitted || !answers[1].Admitted {
		t.Errorf("got %+v", answers)
	}
	if got := stored(w, id).Used[s]; got != 10 {
		t.Errorf("used %d, want 10", got)
	}
	for i, a := range reported(w, id, used(s, 6, "first"), used(s, 5, "second")) {
		if !sameAnswer(a, answers[i]) {
			t.Errorf("got %+v, and then %+v", answers[i], a)
		}
	}
}

// A report that must replace the usage, as it sets a level, makes others wait
// after they have changed the usage twice before it could. They go on if it has
// ended meanwhile.
func TestAReportThatReplacesTheUsage(t *testing.T) {
	t.Parallel()
	w := testkit.New(t)
	id := w.Quick("ana").Home
	reported(w, id, used(plan.ServiceInput, 1, "begin"))
	report := besides(w)
	others := 0
	var between func()
	between = func() {
		other := used(plan.ServiceInput, 1, fmt.Sprint("other ", others))
		if others++; others <= 2 {
			report(id, other)
			w.Faults.Before("TransactWriteItems", 1, between)
		}
	}
	w.Faults.Before("TransactWriteItems", 1, between)
	reported(w, id, stands(plan.ServiceDataRecords, 7, "level"))
	u := stored(w, id)
	if others != 3 || u.Used[plan.ServiceDataRecords] != 7 || u.Used[plan.ServiceInput] != 3 ||
		!u.Held.IsZero() {
		t.Errorf("after %d others got %+v", others, u)
	}

	hold := func(until time.Time) bool {
		held, err := w.Store.HoldUse(t.Context(), id, until, w.Now())
		w.OK(err)
		return held
	}
	if !hold(w.Now().Add(time.Minute)) || hold(w.Now().Add(time.Hour)) {
		t.Error("the usage is held by none, or by two")
	}
	w.Meter.Reset()
	reported(w, id, used(plan.ServiceInput, 1, "other"))
	if took := w.Meter.Reset().RoundTrips; took < 5 || !stored(w, id).Held.IsZero() {
		t.Errorf("it waited for nobody, or is still held: %d round trips, %+v", took, stored(w, id))
	}
}

// Receipts stay with the profile: an event that was counted before the profile
// was deleted and restored, or moved to another account, or whose alerts and
// limits have changed, does not count again. No report waits for one from
// before.
func TestReceiptsStayWithTheProfile(t *testing.T) {
	t.Parallel()
	const s = plan.ServiceInput
	w := testkit.New(t)
	ana, ben, sam := w.Quick("ana"), w.Quick("ben"), w.Agent(w.Quick("sam"))
	id := ana.Profile("moving")
	allocate := func(p testkit.Person, id value.ProfileID, n int64) {
		w.OK(w.Billing.AllocateOne(t.Context(), p.Client(operation.ProfileServices),
			service.ProfileRef{ID: id}, map[plan.Service]int64{s: n}))
	}
	allocate(ana, ana.Home, 500_000)
	allocate(ana, id, 500_000)
	ben.Profile("more")
	allocate(ben, ben.Home, 500_000)
	reported(w, id, used(s, 1, "begin"))
	answers := reported(w, id, used(s, 2, "counted"))
	for _, change := range []struct {
		what string
		do   func()
	}{
		{"deleted and restored", func() {
			_, err := w.Store.HoldUse(t.Context(), id, w.Now().Add(time.Hour), w.Now())
			w.OK(err)
			client := ana.Client(operation.ProfileDelete)
			w.OK(w.Profiles.Delete(t.Context(), client, service.ProfileRef{ID: id},
				service.Credentials{Password: testkit.Password}))
			w.OK(w.Profiles.Restore(t.Context(), ana.Client(operation.ProfileRestore), id))
		}},
		{"given less", func() { allocate(ana, id, 400_000) }},
		{"moved", func() { w.Move(id, ana, ben, sam) }},
	} {
		before := stored(w, id)
		change.do()
		now := stored(w, id)
		if !reflect.DeepEqual(now.Receipts, before.Receipts) || !now.Held.IsZero() ||
			len(now.Receipts.Present) != 1 {
			t.Errorf("%s: got %+v", change.what, now)
		}
		again := reported(w, id, used(s, 2, "counted"))
		if !sameAnswer(again[0], answers[0]) || stored(w, id).Used != now.Used {
			t.Errorf("%s: got %+v, first %+v", change.what, again, answers)
		}
	}
}
