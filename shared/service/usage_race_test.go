package service_test

import (
	"fmt"
	"math/rand/v2"
	"os"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"profiles/shared/billing"
	"profiles/shared/mailing"
	"profiles/shared/operation"
	"profiles/shared/plan"
	"profiles/shared/problem"
	"profiles/shared/service"
	"profiles/shared/service/notifications"
	"profiles/shared/store"
	"profiles/shared/tenancy"
	"profiles/shared/testkit"
	"profiles/shared/transfer"
	"profiles/shared/value"
)

// dataPlane is a client that the gateway has verified.
var dataPlane = service.Client{Service: true}

// used is a line of a report that adds, or moves a level.
func used(s plan.Service, amount float64, event string) billing.ReportedLine {
	return billing.ReportedLine{Service: s.String(), Amount: &amount, Event: event}
}

// stands is a line of a report that says what a level is.
func stands(s plan.Service, amount float64, event string) billing.ReportedLine {
	return billing.ReportedLine{Service: s.String(), Amount: &amount, Set: true, Event: event}
}

// persist reports as a data plane does: after 409 and 503 again, the same
// events.
func persist(
	w *testkit.World, id value.ProfileID, lines ...billing.ReportedLine,
) (answers []billing.UsageAnswer, err error) {
	for range 100 {
		answers, err = w.Usage.Report(w.Context(),
			dataPlane.For(operation.UsageReport.Access), id, lines)
		code := problem.CodeOf(err)
		if code != problem.CodeConflict && code != problem.CodeUnavailable {
			break
		}
	}
	return answers, err
}

// reported is persist for a profile that exists.
func reported(
	w *testkit.World, id value.ProfileID, lines ...billing.ReportedLine,
) []billing.UsageAnswer {
	w.Helper()
	answers, err := persist(w, id, lines...)
	if err != nil {
		w.Error(err)
	}
	return answers
}

// stored reads what a profile has used as the table has it, past the faults of
// the world.
func stored(w *testkit.World, id value.ProfileID) billing.Usage {
	w.Helper()
	batch := store.New(w.Client, w.Table).Batch()
	usage := batch.Usage(id)
	if err := batch.Get(w.Context()); err != nil {
		w.Error(err)
	}
	return usage.Value
}

// watch calls look again and again until the returned function is called.
func watch(look func()) (stop func()) {
	over, done := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(done)
		often := time.NewTicker(20 * time.Millisecond)
		defer often.Stop()
		for {
			look()
			select {
			case <-over:
				return
			case <-often.C:
			}
		}
	}()
	return func() { close(over); <-done }
}

// trouble makes some requests go wrong in every way, some of them so often that
// their callers hear of it.
func trouble(seed uint64) func(string, int) testkit.Fault {
	r := rand.New(rand.NewPCG(seed, 5000))
	return func(_ string, attempt int) testkit.Fault {
		if chance := r.Float64(); attempt == 1 && chance > 0.05 || chance > 0.75 {
			return testkit.NoFault
		}
		return []testkit.Fault{testkit.LostAnswer, testkit.LostAnswer, testkit.Throttled,
			testkit.BrokenService}[r.IntN(4)]
	}
}

// limitRounds is how many rounds TestWritersAdmitExactlyTheLimit has: one with
// each size of lines, or as many as PROFILES_ROUNDS says. Other races follow
// it, up to a dozen.
func limitRounds(t *testing.T) int {
	t.Helper()
	text := os.Getenv("PROFILES_ROUNDS")
	if text == "" {
		return 5
	}
	n, err := strconv.Atoi(text)
	if err != nil || n < 1 {
		t.Fatalf("PROFILES_ROUNDS is %q, want a number of rounds", text)
	}
	return n
}

// raise buys limits for the account of a person.
func raise(w *testkit.World, p testkit.Person, limits map[plan.Service]int64) {
	w.Helper()
	w.OK(w.Billing.Edit(w.Context(), p.Client(operation.SubscriptionEdit),
		billing.SubscriptionEdit{Services: limits}))
}

// 200 writers send 900 lines against a limit of 5,000, while requests are lost,
// refused and answered too late. Each round of a world has a profile of its
// own. The faults of a round follow from its number, which a failure names:
// PROFILES_ROUND begins with it again. Without it each run begins at another
// number.
func TestWritersAdmitExactlyTheLimit(t *testing.T) {
	t.Parallel()
	// rounds of a world: an engine slows down with the transactions that it
	// remembers
	const each = 4
	from := rand.IntN(1_000_000)
	if text := os.Getenv("PROFILES_ROUND"); text != "" {
		n, err := strconv.Atoi(text)
		if err != nil || n < 0 {
			t.Fatalf("PROFILES_ROUND is %q, want the number of a round", text)
		}
		from = n
	}
	end := from + limitRounds(t)
	for first := from; first < end; first += each {
		t.Run(fmt.Sprintf("from round %d", first), func(t *testing.T) {
			writersAdmitExactlyTheLimit(testkit.NewModelled(t), first, min(first+each, end))
		})
	}
}

func writersAdmitExactlyTheLimit(w *testkit.World, first, end int) {
	const writers, limit = 200, 5000
	// All of these have a tier of the limit. The last one is a level, on which
	// writers only add.
	metered := []plan.Service{plan.ServiceEmail, plan.ServiceSMS, plan.ServicePushNotification,
		plan.ServiceRunUsers}
	bought := map[plan.Service]int64{}
	for _, s := range metered {
		bought[s] = limit
	}
	var people []testkit.Person
	for _, name := range []string{"ana", "ben", "eve", "gil"} {
		p := w.Quick(name)
		raise(w, p, bought)
		people = append(people, p)
	}
	// Lines of one size that divides the limit, or of several of which the
	// least is one.
	sizes := [][3]float64{{8, 8, 8}, {1, 9, 10}, {10, 10, 10}, {11, 1, 8}, {20, 20, 20}}
	for round := first; round < end; round++ {
		id := people[round%len(people)].Home
		s, size := metered[round/len(people)%len(metered)], sizes[round%len(sizes)]
		if s.Counting() == plan.CountingLevel {
			reported(w, id, stands(s, 0, fmt.Sprintf("%d-empty", round)))
		}
		last := int64(0)
		stop := watch(func() {
			owned := tenancy.Profile{Anchor: people[round%len(people)].Anchor}
			u := stored(w, id)
			n := u.Now(owned.Quota(), w.Now()).Used[s]
			if n > limit || n < last {
				w.Errorf("round %d: %s is at %d after %d, want it to rise to %d", round, s, n, last, limit)
			}
			last = n
		})
		w.Faults.Always(trouble(uint64(round)))
		var admitted, least atomic.Int64 // least of what was refused
		least.Store(limit)
		var wg sync.WaitGroup
		for writer := range writers {
			wg.Go(func() {
				for report := range 1 + writer%2 {
					var lines []billing.ReportedLine
					for i, n := range size {
						lines = append(lines, used(s, n, fmt.Sprintf("%d-%d-%d-%d", round, writer, report, i)))
					}
					for i, a := range reported(w, id, lines...) {
						n := int64(size[i])
						switch {
						case a.Used < 0 || a.Used > limit || a.Limit != limit ||
							a.Event != lines[i].Event || a.Service != s:
							w.Errorf("round %d: got answer %+v", round, a)
						case a.Admitted:
							admitted.Add(n)
						default:
							for was := least.Load(); n < was &&
								!least.CompareAndSwap(was, n); was = least.Load() {
							}
						}
					}
				}
			})
		}
		wg.Wait()
		w.Faults.Always(nil)
		stop()
		if got := stored(w, id).Used[s]; got != admitted.Load() || got != limit {
			w.Fatalf("round %d: %s has %d and %d was admitted, want both %d; the least that was refused is %d", round, s, got, admitted.Load(), limit, least.Load())
		}
	}
	if w.Faults.Happened() < 20*(end-first) {
		w.Errorf("only %d requests went wrong", w.Faults.Happened())
	}
}

// sameAnswer compares answers as clients see them.
func sameAnswer(a, b billing.UsageAnswer) bool {
	same := a.Reset.Equal(b.Reset)
	a.Reset, b.Reset = time.Time{}, time.Time{}
	return same && a == b
}

// Each event is delivered one to five times, in any order and from several
// writers, and some of the deliveries are repeated because their answer is
// lost.
func TestEachEventCountsOnce(t *testing.T) {
	t.Parallel()
	w := testkit.New(t)
	for round := range min(max(limitRounds(t)/4, 3), 12) {
		r := rand.New(rand.NewPCG(uint64(round), 1))
		ana := w.Quick(fmt.Sprint("ana", round)) // has 100 of email, 10 of run_users and 3000 minutes
		amounts := map[string]float64{}
		var deliveries []billing.ReportedLine
		for i := range 150 {
			s, n := plan.ServiceEmail, float64(1+r.IntN(3))
			switch i % 5 {
			case 0:
				s = plan.ServiceRunUsers
			case 1:
				s, n = plan.ServiceAnalysis, float64(1+r.IntN(20_000))/100
			}
			l := used(s, n, fmt.Sprint("event ", i))
			amounts[l.Event] = n
			for range 1 + r.IntN(5) {
				deliveries = append(deliveries, l)
			}
		}
		r.Shuffle(len(deliveries), func(i, j int) {
			deliveries[i], deliveries[j] = deliveries[j], deliveries[i]
		})
		const writers = 20
		answers := make([][]billing.UsageAnswer, writers)
		w.Faults.Always(trouble(uint64(round)))
		var wg sync.WaitGroup
		for writer := range writers {
			var own []billing.ReportedLine
			for i := writer; i < len(deliveries); i += writers {
				own = append(own, deliveries[i])
			}
			batch := 1 + r.IntN(9) // an event may be twice in one
			wg.Go(func() {
				for len(own) > 0 {
					n := min(batch, len(own))
					got := reported(w, ana.Home, own[:n]...)
					for i, a := range got {
						if a.Event != own[i].Event || a.Service.String() != own[i].Service {
							t.Errorf("got answer %+v to %+v", a, own[i])
						}
					}
					answers[writer] = append(answers[writer], got...)
					own = own[n:]
				}
			})
		}
		wg.Wait()
		w.Faults.Always(nil)
		first := map[string]billing.UsageAnswer{}
		want := map[plan.Service]float64{}
		for _, list := range answers {
			for _, a := range list {
				f, again := first[a.Event]
				if again && !sameAnswer(a, f) {
					t.Errorf("round %d: one delivery is answered %+v, another %+v", round, f, a)
				}
				if !again && a.Admitted {
					want[a.Service] += amounts[a.Event]
				}
				first[a.Event] = a
			}
		}
		for _, s := range []plan.Service{plan.ServiceEmail, plan.ServiceRunUsers,
			plan.ServiceAnalysis} {
			got, sum := stored(w, ana.Home).Used[s], int64(want[s]*float64(s.Parts())+0.5)
			if got != sum || got > plan.Included()[s]*s.Parts() {
				t.Errorf("round %d: %s has %d parts, want the %d that were admitted", round, s, got, sum)
			}
		}
		if len(first) != 150 {
			t.Errorf("got answers to %d events, want 150", len(first))
		}
	}
}

// alerts counts what a person was told about thresholds, by service and per
// cent, in mails and in notifications.
func alerts(w *testkit.World, p testkit.Person) (mails, notices map[string]int) {
	w.Helper()
	mails, notices = map[string]int{}, map[string]int{}
	for _, m := range w.Mail(p.Email) {
		if m.Kind == mailing.KindUsageAlert {
			s, err := plan.ParseService(m.Data["service"])
			w.OK(err)
			mails[s.Title()+" "+m.Data["percent"]]++
		}
	}
	list, err := w.Notifications.List(w.Context(), p.Client(operation.NotificationList),
		notifications.Query{Paging: service.Paging{Page: 1, Amount: 1000}})
	w.OK(err)
	for _, n := range list.Rows {
		for _, s := range plan.Services() {
			var percent int
			rest, ok := strings.CutPrefix(n.Title, s.Title()+" of "+p.Name)
			if _, err := fmt.Sscanf(rest, " is at %d %%", &percent); ok && err == nil {
				notices[fmt.Sprint(s.Title(), " ", percent)]++
			}
		}
	}
	return mails, notices
}

// wantAlerts requires that each threshold of the services was told n times.
func wantAlerts(w *testkit.World, p testkit.Person, n int, services ...plan.Service) {
	w.Helper()
	mails, notices := alerts(w, p)
	want := map[string]int{}
	for _, s := range services {
		for _, percent := range []int{80, 90, 100} {
			want[fmt.Sprint(s.Title(), " ", percent)] = n
		}
	}
	if fmt.Sprint(mails) != fmt.Sprint(want) {
		w.Errorf("got mails %v, want %v", mails, want)
	}
	if fmt.Sprint(notices) != fmt.Sprint(want) {
		w.Errorf("got notifications %v, want %v", notices, want)
	}
}

// Single steps from many writers at once pass each threshold once, however many
// requests are lost; again in the next cycle, and again for a higher limit.
func TestThresholdsAreNotifiedOnce(t *testing.T) {
	t.Parallel()
	w := testkit.New(t)
	ana := w.Quick("ana")
	services := []plan.Service{plan.ServiceEmail, plan.ServiceSMS, plan.ServicePushNotification,
		plan.ServiceFileStorage}
	limits := plan.Included()
	told := 0
	// fill uses up what is left of all services in equal steps, from 30
	// writers, and a little more.
	fill := func(phase string, from int64) {
		w.Faults.Always(trouble(uint64(told)))
		var wg sync.WaitGroup
		const writers = 30
		for writer := range writers {
			wg.Go(func() {
				for i := writer; i < 110; i += writers {
					var lines []billing.ReportedLine
					for _, s := range services {
						step := max(limits[s]/100, 1)
						if int64(i)*step < limits[s]-from+5*step {
							lines = append(lines, used(s, float64(step), fmt.Sprint(phase, s, i)))
						}
					}
					if len(lines) > 0 {
						reported(w, ana.Home, lines...)
					}
				}
			})
		}
		wg.Wait()
		w.Faults.Always(nil)
		told++
		wantAlerts(w, ana, told, services...)
		for _, s := range services {
			if got := stored(w, ana.Home).Used[s]; got != limits[s]*s.Parts() {
				t.Errorf("%s: %s has %d, want %d", phase, s, got, limits[s]*s.Parts())
			}
		}
	}
	fill("first", 0)

	// More of what is blocked says nothing new.
	reported(w, ana.Home, used(plan.ServiceEmail, 1, "late"), used(plan.ServiceSMS, 1, "later"))
	wantAlerts(w, ana, told, services...)

	w.Advance(31 * 24 * time.Hour)
	ana.Token = ana.Mint(ana.Home, "")
	reported(w, ana.Home, stands(plan.ServiceFileStorage, 0, "emptied"))
	fill("next cycle", 0)

	// Nothing was told of the higher limits, which are still far off.
	limits[plan.ServiceEmail], limits[plan.ServiceSMS] = 1000, 100
	limits[plan.ServicePushNotification], limits[plan.ServiceFileStorage] = 1000, 10_000
	bought := map[plan.Service]int64{}
	for _, s := range services {
		bought[s] = limits[s]
	}
	if _, err := w.Billing.Renew(t.Context()); err != nil {
		t.Fatal(err)
	}
	raise(w, ana, bought)
	wantAlerts(w, ana, told, services...)
	// In steps that go from 100, 10, 100 and 200 to the limits.
	reported(w, ana.Home, stands(plan.ServiceFileStorage, 0, "emptied again"))
	fill("higher limit", 0)
}

// Levels that are set and moved by many at once are never negative and never
// above the limit, and no admitted move is lost.
func TestLevelsStayWithinTheirBounds(t *testing.T) {
	t.Parallel()
	w := testkit.NewModelled(t)
	const s, limit = plan.ServiceFileStorage, 200 * 100 // hundredths of a megabyte
	for round := range min(max(limitRounds(t)/3, 4), 12) {
		ana := w.Quick(fmt.Sprint("ana", round))
		stop := watch(func() {
			if n := stored(w, ana.Home).Used[s]; n < 0 || n > limit {
				t.Errorf("round %d: the level is %d, want 0 to %d", round, n, limit)
			}
		})
		w.Faults.Always(trouble(uint64(round)))
		sets := round%2 == 1
		var moved atomic.Int64
		var wg sync.WaitGroup
		for writer := range 24 {
			wg.Go(func() {
				r := rand.New(rand.NewPCG(uint64(round), uint64(writer)))
				held := int64(0) // what this writer has added
				for i := range 12 {
					event := fmt.Sprintf("%d-%d-%d", round, writer, i)
					n := int64(1 + r.IntN(3000))
					var l billing.ReportedLine
					switch {
					case sets && i%4 == 3:
						l = stands(s, float64(r.IntN(limit+1))/100, event)
					case held > 0 && r.IntN(2) == 0:
						n = -min(n, held)
						l = used(s, float64(n)/100, event)
					case sets && r.IntN(3) == 0:
						n = -n // maybe more than there is
						l = used(s, float64(n)/100, event)
					default:
						l = used(s, float64(n)/100, event)
					}
					for _, a := range reported(w, ana.Home, l) {
						if a.Used < 0 || a.Used > limit || !a.Admitted && (l.Set || n < 0) ||
							!a.Reset.IsZero() {
							t.Errorf("round %d: got answer %+v to %+v", round, a, l)
						}
						if a.Admitted && !l.Set {
							held += n
							moved.Add(n)
						}
					}
				}
			})
		}
		wg.Wait()
		w.Faults.Always(nil)
		stop()
		if got := stored(w, ana.Home).Used[s]; !sets && got != moved.Load() {
			t.Errorf("round %d: the level is %d, want the sum of the admitted moves, %d", round, got, moved.Load())
		}
	}
}

// barrage reports single units of a service from several writers until the
// returned function is called, which returns the answers.
func barrage(
	w *testkit.World, id value.ProfileID, s plan.Service, phase string,
) (stop func() []billing.UsageAnswer) {
	over := make(chan struct{})
	var wg sync.WaitGroup
	var mu sync.Mutex
	var answers []billing.UsageAnswer
	for writer := range 6 {
		wg.Go(func() {
			for i := 0; ; i++ {
				select {
				case <-over:
					return
				default:
				}
				got, err := persist(w, id, used(s, 1, fmt.Sprintf("%s-%d-%d", phase, writer, i)),
					used(s, 2, fmt.Sprintf("%s-%d-%d-b", phase, writer, i)))
				if err != nil {
					if problem.CodeOf(err) != problem.CodeNotFound {
						w.Error(err)
					}
					return
				}
				mu.Lock()
				answers = append(answers, got...)
				mu.Unlock()
			}
		})
	}
	return func() []billing.UsageAnswer {
		close(over)
		wg.Wait()
		return answers
	}
}

// sumOf adds up what was admitted to a barrage.
func sumOf(answers []billing.UsageAnswer, which func(billing.UsageAnswer) bool) (n int64) {
	for _, a := range answers {
		if a.Admitted && which(a) {
			n++
			if strings.HasSuffix(a.Event, "-b") {
				n++
			}
		}
	}
	return n
}

// While an owner moves an allocation up and down, nothing is admitted beyond
// what holds in the commit, and it is not lowered below what was admitted
// before.
func TestReportsWhileTheAllocationIsLowered(t *testing.T) {
	t.Parallel()
	const s = plan.ServiceEmail
	w := testkit.New(t)
	ana := w.Quick("ana")
	raise(w, ana, map[plan.Service]int64{s: 10_000})
	ana.Profile("other")
	lowered, refused := 0, 0
	allocate := func(n int64) bool {
		err := w.Billing.AllocateOne(t.Context(), ana.Client(operation.ProfileServices),
			service.ProfileRef{ID: ana.Home}, map[plan.Service]int64{s: n})
		switch code := problem.CodeOf(err); {
		case code == problem.CodeInvalid || code == problem.CodeConflict:
			refused++
			return false
		default:
			w.OK(err)
		}
		lowered++
		return true
	}
	stop := barrage(w, ana.Home, s, "allocation")
	w.Faults.Always(nil)
	r := rand.New(rand.NewPCG(1, 2))
	for range 30 {
		was := stored(w, ana.Home).Used[s]
		limit := max(was-50+r.Int64N(150), 0)
		if !allocate(limit) {
			if n := stored(w, ana.Home).Used[s]; n < limit {
				t.Fatalf("%d was refused with %d used", limit, n)
			}
			continue
		}
		for range 5 {
			if n := stored(w, ana.Home).Used[s]; n > limit {
				t.Fatalf("with %d allocated, use is %d", limit, n)
			}
		}
	}
	last := int64(0)
	for done := false; !done && !t.Failed(); done = allocate(last) {
		last = stored(w, ana.Home).Used[s] + 10
	}
	for stored(w, ana.Home).Used[s] < last && !t.Failed() {
	}
	answers := stop()
	after := stored(w, ana.Home).Used[s]
	sum := sumOf(answers, func(billing.UsageAnswer) bool { return true })
	if after != last || after != sum {
		t.Errorf("got use of %d with %d allocated, want the %d that were admitted", after, last, sum)
	}
	if lowered < 5 || refused == 0 {
		t.Errorf("an allocation was changed %d times and refused %d times", lowered, refused)
	}
	for _, a := range answers {
		if a.Admitted && a.Used > a.Limit {
			t.Errorf("admitted beyond the limit: %+v", a)
		}
	}
}

// A profile that is deleted under reports is gone, and its account is charged
// for exactly what was admitted to it.
func TestReportsWhileTheProfileIsDeleted(t *testing.T) {
	t.Parallel()
	w := testkit.New(t)
	ana := w.Quick("ana")
	admitted := int64(0)
	for round := range min(max(limitRounds(t)/2, 4), 12) {
		doomed := ana.Profile("doomed")
		w.OK(w.Billing.AllocateOne(t.Context(), ana.Client(operation.ProfileServices),
			service.ProfileRef{ID: ana.Home}, map[plan.Service]int64{plan.ServiceInput: 0}))
		free := accountOf(w, ana).Free(w.Now())[plan.ServiceInput]
		w.OK(w.Billing.AllocateOne(t.Context(), ana.Client(operation.ProfileServices),
			service.ProfileRef{ID: doomed}, map[plan.Service]int64{plan.ServiceInput: free}))
		stop := barrage(w, doomed, plan.ServiceInput, fmt.Sprint(round))
		for stored(w, doomed).Used[plan.ServiceInput] < 20 {
		}
		w.OK(w.Profiles.Delete(t.Context(), ana.Client(operation.ProfileDelete),
			service.ProfileRef{ID: doomed}, service.Credentials{Password: testkit.Password}))
		_, err := persist(w, doomed, used(plan.ServiceInput, 1, "late"))
		w.Refused(err, problem.CodeNotFound)
		admitted += sumOf(stop(), func(billing.UsageAnswer) bool { return true })
		if spent := accountOf(w, ana).Spent.Used[plan.ServiceInput]; spent != admitted {
			t.Errorf("round %d: the account is charged %d, and %d were admitted", round, spent, admitted)
		}
		if n := w.Count("P#"+string(doomed), "U"); n != 0 {
			t.Errorf("round %d: the usage of the deleted profile is there again", round)
		}
		if n := w.Count("V#"+string(doomed)+"#late", ""); n != 0 {
			t.Errorf("round %d: an event of a deleted profile was counted", round)
		}
	}
}

// A profile that changes its owner under reports begins to count anew, within
// what it has then; its levels go with it.
func TestReportsWhileTheProfileIsTransferred(t *testing.T) {
	t.Parallel()
	const s = plan.ServiceInput
	w := testkit.New(t)
	ana := w.Quick("ana")
	w.Advance(50 * time.Hour) // the cycles begin at different times
	ben, sam := w.Quick("ben"), w.Agent(w.Quick("sam"))
	ben.Profile("more")
	w.OK(w.Billing.AllocateOne(t.Context(), ben.Client(operation.ProfileServices),
		service.ProfileRef{ID: ben.Home}, map[plan.Service]int64{s: 900_000}))
	moving := ana.Profile("moving")
	zero := map[plan.Service]int64{}
	for _, one := range plan.Services() {
		zero[one] = 0
	}
	zero[s], zero[plan.ServiceDataRecords] = 500_000, 700
	w.OK(w.Billing.AllocateOne(t.Context(), ana.Client(operation.ProfileServices),
		service.ProfileRef{ID: ana.Home},
		map[plan.Service]int64{s: 500_000, plan.ServiceDataRecords: 0}))
	w.OK(w.Billing.AllocateOne(t.Context(), ben.Client(operation.ProfileServices),
		service.ProfileRef{ID: ben.Home}, map[plan.Service]int64{plan.ServiceDataRecords: 0}))
	w.OK(w.Billing.AllocateOne(t.Context(), ana.Client(operation.ProfileServices),
		service.ProfileRef{ID: moving}, zero))
	reported(w, moving, stands(plan.ServiceDataRecords, 600, "records"))
	w.Advance(time.Hour)

	ticket := w.Offer(moving, ana, ben.Email)
	_, err := w.Transfers.Confirm(t.Context(), ana.Client(operation.TransferConfirm), ticket.ID,
		ticket.Confirm, service.Credentials{Password: testkit.Password})
	w.OK(err)
	_, err = w.Desk.Approve(t.Context(), sam.Client(operation.DeskApprove), ticket.ID)
	w.OK(err)
	stop := barrage(w, moving, s, "transfer")
	for stored(w, moving).Used[s] < 50 {
	}
	lower := transfer.Acceptance{Allocation: map[plan.Service]int64{s: 100}}
	var moved transfer.Transfer
	for range 20 { // the clock stands still, so that nothing but the reports can be in the way
		if moved, err = w.Transfers.Accept(t.Context(), ben.Client(operation.TransferAccept),
			ticket.ID, ticket.Answer, service.Credentials{Password: testkit.Password},
			lower); problem.CodeOf(err) != problem.CodeConflict {
			break
		}
	}
	w.OK(err)
	if moved.State != transfer.Completed {
		t.Fatalf("the transfer is %s, waiting for %q", moved.State, moved.Waiting)
	}
	for stored(w, moving).Used[s] != 100 && !t.Failed() {
	}
	answers := stop()
	old, next := ana.Cycle(w.Now()).End, ben.Cycle(w.Now()).End
	before := sumOf(answers, func(a billing.UsageAnswer) bool { return a.Reset.Equal(old) })
	after := sumOf(answers, func(a billing.UsageAnswer) bool { return a.Reset.Equal(next) })
	u := stored(w, moving)
	if u.Used[s] != 100 || after != 100 || before < 50 || u.Used[plan.ServiceDataRecords] != 600 {
		t.Errorf("got use %d, %d admitted after the move and %d before, level %d; want 100, 100, at least 50, 600", u.Used[s], after, before, u.Used[plan.ServiceDataRecords])
	}
	for _, a := range answers {
		limit := map[bool]int64{true: 500_000, false: 100}[a.Reset.Equal(old)]
		if a.Limit != limit {
			t.Errorf("got answer %+v, want the limit %d", a, limit)
		}
	}
}

// Hours and a cycle turn under reports: the totals of the hours rise within a
// cycle, and the last of each cycle is all that was admitted.
func TestHoursAndCyclesTurnUnderReports(t *testing.T) {
	t.Parallel()
	const s = plan.ServiceInput
	w := testkit.New(t)
	ana := w.Quick("ana")
	end := ana.Cycle(w.Now()).End
	first := end.Truncate(time.Hour).Add(-5 * time.Hour)
	w.Advance(first.Sub(w.Now()))
	stop := barrage(w, ana.Home, s, "turn")
	step := func(to time.Time) {
		from := stored(w, ana.Home).Version
		for stored(w, ana.Home).Version < from+12 && !t.Failed() {
		}
		w.Advance(to.Sub(w.Now()))
	}
	for at := first; at.Before(end.Truncate(time.Hour)); at = at.Add(20 * time.Minute) {
		step(at)
	}
	// The hour in which the cycle ends is left out: see
	// TestTheHourInWhichACycleEnds.
	for at := end; at.Before(end.Add(6 * time.Hour)); at = at.Add(20 * time.Minute) {
		step(at)
	}
	step(w.Now())
	answers := stop()
	hours, err := w.Store.Hours(t.Context(), ana.Home, first.Add(-time.Hour),
		w.Now().Add(time.Hour))
	w.OK(err)
	now := stored(w, ana.Home)
	hours = append(hours, now)
	last := map[int64]int64{}
	seen := map[time.Time]bool{}
	for i, h := range hours {
		cycle := h.Cycle.UnixMilli()
		n := h.Used[s]
		if n < last[cycle] ||
			i > 0 && (h.Hour.Before(hours[i-1].Hour) || h.Cycle.Before(hours[i-1].Cycle)) {
			t.Errorf("hour %v of the cycle of %v has %d after %d", h.Hour, h.Cycle, n, last[cycle])
		}
		last[cycle], seen[h.Hour] = h.Used[s], true
	}
	if len(seen) != 12 { // five, and seven from that of the cycle's end on
		t.Errorf("got %d hours, want 12", len(seen))
	}
	for _, reset := range []time.Time{end, end.AddDate(0, 1, 0)} {
		cycle := billing.CycleAt(ana.Anchor, reset.Add(-time.Hour)).Start.UnixMilli()
		sum := sumOf(answers, func(a billing.UsageAnswer) bool { return a.Reset.Equal(reset) })
		if sum == 0 || last[cycle] != sum {
			t.Errorf("the cycle up to %v has %d at its end, want the %d that were admitted", reset, last[cycle], sum)
		}
	}
}
