package service_test

import (
	"context"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"profiles/shared/mailing"
	"profiles/shared/operation"
	"profiles/shared/testkit"
	"profiles/shared/testkit/scene"
)

// clean is a scene on a table without troubles.
type clean struct {
	stage         stage
	before, after seen
	post          [2]post // before and after
	sent          int
	requests      map[string]int // of each kind in DynamoDB's API
}

// cleans are those that were played, by the names of scenes.
var cleans sync.Map

// playedClean is what playing a scene without trouble has left the first time
// that anybody asked.
func playedClean(t *testing.T, c scene.Scene) clean {
	t.Helper()
	testkit.NeedsEngine(t)
	type played struct {
		sync.Once
		clean
	}
	stored, _ := cleans.LoadOrStore(c.Name(), new(played))
	p := stored.(*played)
	p.Do(func() {
		s, requests := newStage(t, c), map[string]int{}
		before, waiting := s.look(), s.post()
		s.Faults.Always(func(operation string, _ int) testkit.Fault {
			requests[operation]++
			return testkit.NoFault
		})
		if got := s.play(c); got != http.StatusOK {
			t.Fatalf("without any trouble: got %d", got)
		}
		s.Faults.Always(nil)
		after := s.look()
		s.counted("without any trouble", after)
		s.notCounted("without any trouble", after)
		written := s.post()
		maps.Copy(written.readers, waiting.readers) // an account may have gone
		p.clean = clean{s, before, after, [2]post{waiting, written}, len(s.Outbox.Sent()), requests}
	})
	if p.requests == nil {
		t.Fatal("it could not be played in another test")
	}
	return p.clean
}

// hurried is a test whose requests have less time than the test.
type hurried struct {
	testing.TB
	ctx context.Context
}

func (h hurried) Context() context.Context { return h.ctx }

// always makes every request of the operations go wrong, of all operations when
// none is named.
func always(f testkit.Fault, operations ...string) func(string, int) testkit.Fault {
	return func(operation string, _ int) testkit.Fault {
		if len(operations) == 0 || slices.Contains(operations, operation) {
			return f
		}
		return testkit.NoFault
	}
}

// once makes the first attempt of every request go wrong.
func once(f testkit.Fault) func(string, int) testkit.Fault {
	return func(_ string, attempt int) testkit.Fault {
		if attempt == 1 {
			return f
		}
		return testkit.NoFault
	}
}

func orOK(status int) int {
	if status == 0 {
		return http.StatusOK
	}
	return status
}

// Trouble that passes is nobody's business: the SDK tries again what was
// throttled, broken or lost, Commit waits out other transactions, a batch asks
// again for keys left over. The client sees success and the table is, to the
// last attribute, what it is without trouble: nothing happened twice.
func TestPassingTroubleIsNotSeen(t *testing.T) {
	t.Parallel()
	for _, c := range scenes {
		t.Run(c.Name(), func(t *testing.T) {
			t.Parallel()
			want := playedClean(t, c)
			for name, trouble := range map[string]struct {
				begin   func(*testkit.Faults)
				meets   []string // the requests that meet it; nil for all
				windows bool     // they count as if it had not been
			}{
				"each request throttled once":     {func(f *testkit.Faults) { f.Always(once(testkit.Throttled)) }, nil, true},
				"each request broken once":        {func(f *testkit.Faults) { f.Always(once(testkit.BrokenService)) }, nil, true},
				"each answer lost once":           {func(f *testkit.Faults) { f.Always(once(testkit.LostAnswer)) }, nil, false},
				"each write meets transactions":   {func(f *testkit.Faults) { f.Meet(testkit.Contention, 2) }, []string{"TransactWriteItems", "UpdateItem"}, true},
				"each transaction lacks capacity": {func(f *testkit.Faults) { f.Meet(testkit.Crowded, 2) }, []string{"TransactWriteItems"}, true},
				"keys left over": {func(f *testkit.Faults) {
					f.Next("BatchGetItem", testkit.Unprocessed, testkit.Unprocessed)
				}, []string{"BatchGetItem"}, true},
			} {
				if trouble.meets != nil && !want.sends(trouble.meets...) {
					continue
				}
				s := newStage(t, c)
				trouble.begin(s.Faults)
				if got := s.play(c); got != http.StatusOK {
					t.Errorf("%s: got %d", name, got)
				}
				if s.Faults.Happened() == 0 {
					t.Errorf("%s: no request met it", name)
				}
				s.Faults.Always(nil)
				s.Faults.Meet(testkit.NoFault, 0)
				now := s.look()
				s.notCounted(name, now)
				if got, want := now.text(trouble.windows), want.after.text(trouble.windows); got != want {
					t.Errorf("%s: the table is\n%s\nwant\n%s", name, got, want)
				}
				if got := len(s.Outbox.Sent()); got != want.sent {
					t.Errorf("%s: %d mails went out, want %d", name, got, want.sent)
				}
			}
		})
	}
}

// sends says whether the scene sends requests of one of the kinds.
func (c clean) sends(kinds ...string) bool {
	return slices.ContainsFunc(kinds, func(kind string) bool { return c.requests[kind] > 0 })
}

// Every attempt to say that a write took effect is lost: the SDK gives up, and
// the client is told to send the request again. It had taken effect, once; and
// the repetition answers right and leaves everything that is counted right.
func TestAWriteWhoseEveryAnswerIsLost(t *testing.T) {
	t.Parallel()
	for _, c := range scenes {
		t.Run(c.Name(), func(t *testing.T) {
			t.Parallel()
			want := playedClean(t, c)
			if !want.sends("TransactWriteItems") {
				return
			}
			s := newStage(t, c)
			s.Faults.Always(always(testkit.LostAnswer, "TransactWriteItems"))
			got := s.play(c)
			s.Faults.Always(nil)
			happened := s.Faults.Happened()
			lost := http.StatusServiceUnavailable
			if c.Lost != 0 {
				lost = c.Lost
			}
			if got != lost {
				t.Errorf("got %d, want %d", got, lost)
			}
			if happened != 3 && (!inSteps(c.Operation) || happened%3 != 0) {
				t.Errorf("%d answers were lost, want those of the SDK's three attempts", happened)
			}
			once := s.look()
			if got, want := once.text(false), want.after.text(false); !inSteps(c.Operation) && got != want {
				t.Errorf("the write is not there once: the table is\n%s\nwant\n%s", got, want)
			}
			if got := s.play(c); got != orOK(c.Again) {
				t.Errorf("the same request again: got %d, want %d", got, orOK(c.Again))
			}
			twice := s.look()
			if got := added(once.kinds(), twice.kinds()); got != c.More {
				t.Errorf("the same request again added %q, want %q", got, c.More)
			}
			s.counted("after a repetition", twice)
		})
	}
}

// inSteps says of an operation that it commits more than once.
func inSteps(o operation.Operation) bool {
	return o.Name == operation.ProfilePurge.Name || o.Name == operation.AccountPurge.Name
}

// Before anything is decided, attempts are counted. When that cannot be known
// to have happened, nothing else happens.
func TestCountingWhoseEveryAnswerIsLost(t *testing.T) {
	t.Parallel()
	for _, c := range scenes {
		if c.Operation.Mails {
			continue // see the tests of the outbox
		}
		t.Run(c.Name(), func(t *testing.T) {
			t.Parallel()
			want := playedClean(t, c)
			if !want.sends("UpdateItem") {
				return // it counts nothing
			}
			s := newStage(t, c)
			s.Faults.Always(always(testkit.LostAnswer, "UpdateItem"))
			got := s.play(c)
			s.Faults.Always(nil)
			if got != http.StatusServiceUnavailable {
				t.Errorf("got %d, want 503", got)
			}
			s.unchanged("the answer to counting is lost", want, false)
			if got := s.play(c); got != http.StatusOK {
				t.Errorf("the same request again: got %d", got)
			}
			if got, want := s.look().kinds(), want.after.kinds(); fmt.Sprint(got) != fmt.Sprint(want) {
				t.Errorf("afterwards there are %v, want %v", got, want)
			}
		})
	}
}

// unchanged fails the test unless the table is as it was before the scene.
func (s stage) unchanged(when string, c clean, windows bool) seen {
	s.Helper()
	now := s.look()
	if got, want := now.text(windows), c.before.text(windows); got != want {
		s.Errorf("%s: the table is\n%s\nwant\n%s", when, got, want)
	}
	return now
}

// If the table does not answer, or refuses writes, the client is asked to come
// back, in the envelope, and nothing has changed. Counts from before the write
// may stay.
func TestABrokenTableChangesNothing(t *testing.T) {
	t.Parallel()
	for _, c := range scenes {
		t.Run(c.Name(), func(t *testing.T) {
			t.Parallel()
			want := playedClean(t, c)
			s := newStage(t, c)
			s.Faults.Always(always(testkit.BrokenService))
			if got := s.play(c); got != http.StatusServiceUnavailable {
				t.Errorf("no request answered: got %d, want 503", got)
			}
			s.unchanged("no request answered", want, true)
			if !want.sends("TransactWriteItems") {
				return
			}

			s = newStage(t, c)
			s.Faults.Always(always(testkit.BrokenService, "TransactWriteItems"))
			if got := s.play(c); got != http.StatusServiceUnavailable {
				t.Errorf("no transaction answered: got %d, want 503", got)
			}
			s.notCounted("no transaction answered", s.unchanged("no transaction answered", want, false))
			s.Faults.Always(nil)
			if got := s.play(c); got != http.StatusOK {
				t.Errorf("when the table is well again: got %d", got)
			}

			// Reads that fail beside a count do not make the attempt a guess.
			s = newStage(t, c)
			s.Faults.Always(always(testkit.BrokenService, "BatchGetItem", "Query"))
			s.play(c)
			s.Faults.Always(nil)
			s.notCounted("no read answered", s.look())
		})
	}
}

// post is what there was of mails at a moment: all that were written, and the
// addresses of those who had an account, and so can be where they are.
type post struct {
	mails   []mailing.Message
	readers map[string]bool
}

func (s stage) post() post {
	s.Helper()
	rows := scan(s.World)
	p := post{allMails(s.World, rows), map[string]bool{}}
	for _, r := range rows {
		if strings.HasPrefix(r.text("PK"), "A#") && r.text("SK") == "A" && r.text("timezone") == kolkata {
			p.readers[r.text("email")] = true
		}
	}
	return p
}

// unanswered are scenes that write to the receiver of an offer who has not
// answered: nobody looks whether the address has an account.
var unanswered = []string{"desk-extend", "desk-reject", "transfer-cancel", "profile-delete: with an open transfer"}

// Each mail with a time that an operation sends to a person with an account
// names it in the person's time zone.
func TestMailsNameTimesWhereTheReaderIs(t *testing.T) {
	testkit.NeedsEngine(t)
	t.Parallel()
	var mu sync.Mutex
	seen := map[mailing.Kind]bool{}
	t.Run("scenes", func(t *testing.T) {
		for _, c := range scenes {
			t.Run(c.Name(), func(t *testing.T) {
				t.Parallel()
				want, judged := playedClean(t, c), map[mailing.ID]bool{}
				for _, p := range want.post {
					for _, m := range p.mails {
						// The items that wait on the stage were put there
						// without an operation.
						if judged[m.ID] || want.stage.Thing == "O#"+string(m.ID)+" O" {
							continue
						}
						judged[m.ID] = true
						if m.To == string(want.stage.Ben.Email) && slices.Contains(unanswered, c.Name()) {
							continue
						}
						mu.Lock()
						seen[m.Kind] = true
						mu.Unlock()
						timed := m.Data["when"] + m.Data["expires"] + m.Data["until"] + m.Data["resets"]
						if p.readers[m.To] && timed != "" && m.Data["zone"] != kolkata {
							t.Errorf("%s to %s is in the zone %q", m.Kind, m.To, m.Data["zone"])
						}
					}
				}
			})
		}
	})
	// These name no time, or are for addresses without an account; an entry of
	// the desk goes with the first of two kinds.
	others := []mailing.Kind{
		mailing.KindAccountConfirmAgain, mailing.KindAccountExists, mailing.KindAccountLeaving, mailing.KindTransferNote,
	}
	for _, kind := range mailing.Kinds() {
		if !seen[kind] && !slices.Contains(others, kind) {
			t.Errorf("no scene sends the mail %s", kind)
		}
	}
}

// Contention that does not end: the client is told so with a 409 before the
// function's own time is up, and nothing is half done.
func TestEndlessContention(t *testing.T) {
	t.Parallel()
	var all sync.WaitGroup
	// Most of this is waiting, so operations wait beside each other; with many
	// more, they would wait for the processor.
	room := make(chan struct{}, 24)
	for _, c := range scenes {
		want := playedClean(t, c)
		if !want.sends("TransactWriteItems") {
			continue
		}
		room <- struct{}{}
		s := newStage(t, c)
		all.Go(func() {
			defer func() { <-room }()
			// A function has ten seconds and more.
			ctx, cancel := context.WithTimeout(t.Context(), 8*time.Second)
			defer cancel()
			s.Faults.Always(always(testkit.Contention, "TransactWriteItems"))
			s.TB = hurried{t, ctx}
			got := s.play(c)
			s.TB = t
			if ctx.Err() != nil {
				t.Errorf("%s: got %d when the time was over", c.Name(), got)
			}
			// A sweep says what it could not do, unless its time is over
			// before: then the next run has it to do.
			if late := c.Operation.Trigger == operation.Schedule && got == http.StatusOK; got != http.StatusConflict && !late {
				t.Errorf("%s: got %d, want 409", c.Name(), got)
			}
			s.notCounted(c.Name(), s.unchanged(c.Name(), want, false))
			s.Faults.Always(nil)
			if got := s.play(c); got != http.StatusOK {
				t.Errorf("%s, when contention has ended: got %d", c.Name(), got)
			}
			s.counted(c.Name()+", when contention has ended", s.look())
		})
	}
	all.Wait()
}
