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

// clean is the outcome of a scene on a table without faults.
type clean struct {
	stage         stage
	before, after seen
	post          [2]post // before and after
	sent          int
	requests      map[string]int // of each kind in DynamoDB's API
}

// cleans are the outcomes so far, by the names of scenes.
var cleans sync.Map

// playedClean returns the outcome of a scene without faults. The first caller
// plays the scene.
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
			t.Fatalf("without faults: got status %d, want 200", got)
		}
		s.Faults.Always(nil)
		after := s.look()
		s.counted("without any trouble", after)
		s.notCounted("without any trouble", after)
		written := s.post()
		maps.Copy(written.readers, waiting.readers) // the scene may have deleted an account
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

// always injects the fault into every request of the named operations, or of
// all operations when none is named.
func always(f testkit.Fault, operations ...string) func(string, int) testkit.Fault {
	return func(operation string, _ int) testkit.Fault {
		if len(operations) == 0 || slices.Contains(operations, operation) {
			return f
		}
		return testkit.NoFault
	}
}

// once injects the fault into the first attempt of every request.
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

// A temporary fault has no visible effect. The SDK retries requests that were
// throttled, failed or lost their answer, Commit waits for other transactions,
// and a batch asks again for keys that were left over. The client sees success,
// and each attribute of the table is as without the fault: nothing happened
// twice.
func TestPassingTroubleIsNotSeen(t *testing.T) {
	t.Parallel()
	for _, c := range scenes {
		t.Run(c.Name(), func(t *testing.T) {
			t.Parallel()
			want := playedClean(t, c)
			for name, trouble := range map[string]struct {
				begin   func(*testkit.Faults)
				meets   []string // the requests that get the fault; nil for all
				windows bool     // windows count as without the fault
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
					t.Errorf("%s: got status %d, want 200", name, got)
				}
				if s.Faults.Happened() == 0 {
					t.Errorf("%s: no request met it", name)
				}
				s.Faults.Always(nil)
				s.Faults.Meet(testkit.NoFault, 0)
				now := s.look()
				s.notCounted(name, now)
				if got, want := now.text(trouble.windows),
					want.after.text(trouble.windows); got != want {
					t.Errorf("%s: the table is\n%s\nwant\n%s", name, got, want)
				}
				if got := len(s.Outbox.Sent()); got != want.sent {
					t.Errorf("%s: %d mails went out, want %d", name, got, want.sent)
				}
			}
		})
	}
}

// sends reports whether the scene sends requests of one of the kinds.
func (c clean) sends(kinds ...string) bool {
	return slices.ContainsFunc(kinds, func(kind string) bool { return c.requests[kind] > 0 })
}

// Every answer to a write is lost, so the SDK gives up and the client is told
// to send the request again. The write took effect once. The repetition has the
// right answer and leaves every count right.
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
			if got, want := once.text(false), want.after.text(false); !inSteps(c.Operation) &&
				got != want {
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

// inSteps reports whether an operation writes more than once.
func inSteps(o operation.Operation) bool {
	return slices.Contains([]string{
		operation.ProfilePurge.Name, operation.AccountPurge.Name, operation.BackupRestore.Name,
	}, o.Name)
}

// Attempts are counted before a decision. If the answer to the counting is
// lost, nothing else happens.
func TestCountingWhoseEveryAnswerIsLost(t *testing.T) {
	t.Parallel()
	for _, c := range scenes {
		if c.Operation.Mails || c.Operation.Name == operation.UsageReport.Name {
			// The tests of the outbox have this case, and those of receipts.
			continue
		}
		t.Run(c.Name(), func(t *testing.T) {
			t.Parallel()
			want := playedClean(t, c)
			if !want.sends("UpdateItem") {
				return // the scene counts nothing
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
				t.Errorf("the same request again: got status %d, want 200", got)
			}
			if got, want := s.look().kinds(),
				want.after.kinds(); fmt.Sprint(got) != fmt.Sprint(want) {
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

// If the table does not answer, or refuses writes, the client gets an answer in
// the envelope that asks for a later retry. Nothing has changed, except for
// counts from before the write.
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
				t.Errorf("when the table works again: got status %d, want 200", got)
			}

			// A read that fails next to a count does not make the attempt a
			// guess.
			s = newStage(t, c)
			s.Faults.Always(always(testkit.BrokenService, "BatchGetItem", "Query"))
			s.play(c)
			s.Faults.Always(nil)
			s.notCounted("no read answered", s.look())
		})
	}
}

// post is the state of mails at a moment: all that were written, and the
// addresses of those who had an account, and therefore may have a time zone.
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

// unanswered are the scenes that mail the receiver of an offer before an
// answer. No code looks up whether the address has an account.
var unanswered = []string{"desk-extend", "desk-reject", "transfer-cancel", "profile-delete: with an open transfer"}

// Each mail that an operation sends to a person with an account, and that
// contains a time, has the time in the person's time zone.
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
						// The items that wait on the stage were written there
						// without an operation.
						if judged[m.ID] || want.stage.Thing == "O#"+string(m.ID)+" O" {
							continue
						}
						judged[m.ID] = true
						if m.To == string(want.stage.Ben.Email) &&
							slices.Contains(unanswered, c.Name()) {
							continue
						}
						mu.Lock()
						seen[m.Kind] = true
						mu.Unlock()
						timed := m.Data["when"] + m.Data["expires"] + m.Data["until"] + m.Data["last"] +
							m.Data["resets"]
						if p.readers[m.To] && timed != "" && m.Data["zone"] != kolkata {
							t.Errorf("%s to %s is in the zone %q", m.Kind, m.To, m.Data["zone"])
						}
					}
				}
			})
		}
	})
	// These mails contain no time, or are for addresses without an account. An
	// entry of support comes with the first of two kinds. A webhook is disabled
	// after three days, which no scene has.
	others := []mailing.Kind{
		mailing.KindAccountConfirmAgain, mailing.KindAccountExists, mailing.KindAccountLeaving,
		mailing.KindTransferNote, mailing.KindWebhookDisabled,
	}
	for _, kind := range mailing.Kinds() {
		if !seen[kind] && !slices.Contains(others, kind) {
			t.Errorf("no scene sends the mail %s", kind)
		}
	}
}

// Contention does not end. The client gets status 409 before the function's own
// time ends, and nothing is half done.
func TestEndlessContention(t *testing.T) {
	t.Parallel()
	for _, c := range scenes {
		t.Run(c.Name(), func(t *testing.T) {
			t.Parallel()
			want := playedClean(t, c)
			if want.sends("TransactWriteItems") {
				want.stage.InItsTime(t, func(t *testing.T) { contendEndlessly(t, c, want) })
			}
		})
	}
}

func contendEndlessly(t *testing.T, c scene.Scene, want clean) {
	s := newStage(t, c)
	// A function has at least ten seconds.
	ctx, cancel := context.WithTimeout(t.Context(), 8*time.Second)
	defer cancel()
	s.Faults.Always(always(testkit.Contention, "TransactWriteItems"))
	s.TB = hurried{t, ctx}
	got := s.play(c)
	s.TB = t
	if ctx.Err() != nil {
		t.Errorf("got %d when the time was over", got)
	}
	// A sweep reports what it could not do, unless its time ends before. The
	// next run does the work then.
	late := c.Operation.Trigger == operation.Schedule && got == http.StatusOK
	if got != http.StatusConflict && !late {
		t.Errorf("got %d, want 409", got)
	}
	s.notCounted("endless contention", s.unchanged("endless contention", want, false))
	s.Faults.Always(nil)
	if got := s.play(c); got != http.StatusOK {
		t.Errorf("when contention has ended: got status %d, want 200", got)
	}
	s.counted("when contention has ended", s.look())
}
