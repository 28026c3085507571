package service_test

import (
	"bytes"
	"context"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-lambda-go/events"
	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"profiles/shared/app"
	"profiles/shared/mail"
	"profiles/shared/mailing"
	"profiles/shared/operation"
	"profiles/shared/problem"
	"profiles/shared/secret"
	"profiles/shared/service"
	"profiles/shared/service/core"
	"profiles/shared/service/outbox"
	"profiles/shared/store"
	"profiles/shared/testkit"
)

// mailer is a function that delivers a mail.
type mailer func(context.Context, mailing.Message) error

func (c mailer) Deliver(ctx context.Context, m mailing.Message) error { return c(ctx, m) }

// outboxOver returns an outbox over the world's table with another mailer, as
// another process has it.
func outboxOver(w *testkit.World, c service.Mailer) outbox.Service {
	return service.New(service.Config{Keys: testkit.Keys, Passwords: testkit.Passwords,
		Background: w.Background, Store: w.Store, Now: w.Now, Mailer: c, Log: quiet()}).Outbox
}

func quiet() *slog.Logger { return slog.New(slog.DiscardHandler) }

// queue writes a mail into the outbox as other operations do, and returns it.
func queue(w *testkit.World, kind mailing.Kind) mailing.Message {
	w.Helper()
	m := mailing.Message{
		ID: mailing.ID(secret.NewID(w.Now())), Kind: kind, To: "zoe@example.com",
		Data: map[string]string{"code": "the-words", "expires": w.Now().Format(time.RFC3339)}, Created: w.Now(),
	}
	tx := w.Store.Begin()
	tx.Send(m, core.SealMail(testkit.Keys, m))
	w.OK(tx.CommitAside(w.Context(), store.Origin{}))
	return m
}

// pending returns a mail of the outbox. The mail says whether it still waits,
// or why it was given up.
func pending(w *testkit.World, id mailing.ID) store.OutboxMail {
	w.Helper()
	batch := w.Store.Batch()
	found := batch.Message(id)
	w.OK(batch.Get(w.Context()))
	return found.Value
}

func (c mailer) counting(n *int) mailer {
	return func(ctx context.Context, m mailing.Message) error {
		*n++
		return c(ctx, m)
	}
}

// wantSent ends the test unless exactly this number of mails was sent.
func wantSent(w *testkit.World, want int, when string) {
	w.Helper()
	if got := len(w.Outbox.Sent()); got != want {
		w.Fatalf("%s: %d mails went out, want %d", when, got, want)
	}
}

func wantRetry(w *testkit.World, want int, when string) {
	w.Helper()
	got, err := w.Services.Outbox.Retry(w.Context())
	w.OK(err)
	if got != want {
		w.Fatalf("%s: the sweep sent %d mails, want %d", when, got, want)
	}
}

// In the normal case the stream delivers a mail once. Neither a repeated record
// nor the sweep sends it again. Its contents are deleted.
func TestAMailGoesOutOnce(t *testing.T) {
	t.Parallel()
	w := testkit.New(t)
	m := queue(w, mailing.KindAccountConfirm)
	waiting := w.State()
	if strings.Contains(waiting, "the-words") || strings.Contains(waiting, hex.EncodeToString([]byte("the-words"))) {
		t.Errorf("the table tells the words of a mail that waits: %s", waiting)
	} else if pending(w, m.ID).Sealed == nil {
		t.Fatal("the words of the mail are not in the outbox: the test below would prove nothing")
	}
	for range 3 {
		w.OK(w.Services.Outbox.DeliverItem(t.Context(), "O#"+string(m.ID)))
	}
	w.Advance(24 * time.Hour)
	wantRetry(w, 0, "after it was sent")
	wantSent(w, 1, "after three records and a sweep")
	if got := w.Outbox.Sent()[0]; got.ID != m.ID || got.Data["code"] != "the-words" || got.To != m.To {
		t.Errorf("got %+v, want %+v", got, m)
	}
	if pending(w, m.ID).Sealed != nil {
		t.Error("the words of a sent mail are still in the table")
	}
}

// The contents of a mail can be opened for that mail only: an attacker who can
// write the table cannot have it sent to another address, as another kind or
// under another id. Such a mail, and one under another key, waits for an
// operator.
func TestTheWordsOfAMailOpenNowhereElse(t *testing.T) {
	t.Parallel()
	w := testkit.New(t)
	edit := func(id mailing.ID, name, value string) {
		t.Helper()
		_, err := w.Client.UpdateItem(t.Context(), &dynamodb.UpdateItemInput{
			TableName: &w.Table, UpdateExpression: aws.String("SET #n = :v"), ExpressionAttributeNames: map[string]string{"#n": name},
			ExpressionAttributeValues: map[string]types.AttributeValue{":v": &types.AttributeValueMemberS{Value: value}},
			Key: map[string]types.AttributeValue{
				"PK": &types.AttributeValueMemberS{Value: "O#" + string(id)}, "SK": &types.AttributeValueMemberS{Value: "O"},
			},
		})
		w.OK(err)
	}
	for name, change := range map[string]func(mailing.Message) outbox.Service{
		"another address": func(m mailing.Message) outbox.Service { edit(m.ID, "to", "eve@example.com"); return w.Services.Outbox },
		"another kind": func(m mailing.Message) outbox.Service {
			edit(m.ID, "kind", string(mailing.KindPasswordReset))
			return w.Services.Outbox
		},
		"another mail": func(m mailing.Message) outbox.Service {
			other := mailing.Message{ID: "0123456789abcdef01234567", Kind: m.Kind, To: m.To, Data: m.Data,
				Created: m.Created}
			tx := w.Store.Begin()
			tx.Send(m, core.SealMail(testkit.Keys, other))
			w.OK(tx.CommitAside(t.Context(), store.Origin{}))
			return w.Services.Outbox
		},
		"another key": func(mailing.Message) outbox.Service {
			keys, err := secret.ParseKeys(secret.NewMaster(), w.Now())
			w.OK(err)
			return service.New(service.Config{Keys: keys, Background: w.Background, Store: w.Store,
				Now: w.Now, Mailer: w.Outbox, Log: quiet()}).Outbox
		},
	} {
		before := len(w.Outbox.Sent())
		m := queue(w, mailing.KindAccountConfirm)
		if name == "another mail" {
			m.ID = mailing.ID(secret.NewID(w.Now()))
		}
		outbox := change(m)
		err := outbox.Deliver(t.Context(), m.ID)
		if err == nil || problem.CodeOf(err) == problem.CodeInvalid ||
			strings.Contains(err.Error(), "the-words") {
			t.Errorf("%s: got %v, want an error after which it is tried again", name, err)
		}
		wantSent(w, before, name)
		if got := pending(w, m.ID); !got.Pending || got.Sealed == nil {
			t.Errorf("%s: got %+v, want a mail that waits", name, got)
		}
	}
}

// An item that is not a mail, and a mail that the table has deleted, need no
// delivery.
func TestOtherItemsAreNoMails(t *testing.T) {
	t.Parallel()
	w := testkit.New(t)
	w.Account("ana")
	before := w.State()
	for _, it := range w.Items() {
		w.OK(w.Services.Outbox.DeliverItem(t.Context(), it.PK))
	}
	w.OK(w.Services.Outbox.DeliverItem(t.Context(), "O#0123456789abcdef01234567"))
	wantSent(w, 0, "from a table without mails")
	if w.State() != before {
		t.Error("the table changed")
	}
}

// The sweep leaves a new mail to the stream for some seconds, and delivers it
// when the stream did not.
func TestTheSweepSendsWhatTheStreamForgot(t *testing.T) {
	t.Parallel()
	w := testkit.New(t)
	queue(w, mailing.KindAccountConfirm)
	w.Advance(10*time.Second - time.Millisecond)
	wantRetry(w, 0, "within the stream's time")
	w.Advance(time.Millisecond)
	wantRetry(w, 1, "after it")
	wantSent(w, 1, "in all")
}

// During a delivery no other one starts, neither for a repeated record nor by
// the sweep.
func TestTwoDeliveriesAtOnceSendOneMail(t *testing.T) {
	t.Parallel()
	w := testkit.New(t)
	m := queue(w, mailing.KindAccountConfirm)
	w.Advance(time.Hour)
	sent := 0
	var outbox outbox.Service
	outbox = outboxOver(w, mailer(func(context.Context, mailing.Message) error {
		if sent++; sent > 1 {
			return nil
		}
		ctx := t.Context()
		if err := outbox.Deliver(ctx, m.ID); err != nil {
			t.Errorf("a second delivery during the first: got %v, want no error", err)
		}
		if n, err := outbox.Retry(ctx); n != 0 || err != nil {
			t.Errorf("a sweep during the first delivery: sent %d and returned %v, want 0 and no error", n, err)
		}
		return nil
	}))
	w.OK(outbox.Deliver(t.Context(), m.ID))
	if sent != 1 {
		t.Errorf("the mail went out %d times, want 1", sent)
	}

	// These deliveries are concurrent, in processes that share only the table.
	for range 10 {
		m := queue(w, mailing.KindAccountConfirm)
		before := len(w.Outbox.Sent())
		deliver := func() error { return outboxOver(w, w.Outbox).Deliver(t.Context(), m.ID) }
		for _, err := range together(deliver, deliver, deliver, deliver) {
			w.OK(err)
		}
		wantSent(w, before+1, "of four deliveries")
	}
}

// Concurrent sweeps share the work: each mail is sent once and counted once.
func TestTwoSweepsAtOnceSendEachMailOnce(t *testing.T) {
	t.Parallel()
	w := testkit.New(t)
	const mails = 30
	for range mails {
		queue(w, mailing.KindAccountConfirm)
	}
	w.Advance(time.Hour)
	counts := make([]int, 3)
	sweep := func(i int) func() error {
		return func() (err error) {
			counts[i], err = outboxOver(w, w.Outbox).Retry(t.Context())
			return err
		}
	}
	for _, err := range together(sweep(0), sweep(1), sweep(2)) {
		w.OK(err)
	}
	wantSent(w, mails, "by three sweeps")
	if sum := counts[0] + counts[1] + counts[2]; sum != mails {
		t.Errorf("three sweeps say they sent %v, %d in all, want %d", counts, sum, mails)
	}
}

// The process crashes after it has sent a mail and before it has written so.
// Only in this case a mail is sent again, when the lease has ended. It is never
// lost.
func TestACrashAfterSendingSendsAgain(t *testing.T) {
	t.Parallel()
	w := testkit.New(t)
	m := queue(w, mailing.KindAccountConfirm)
	sent := 0
	dying := outboxOver(w, mailer(func(context.Context, mailing.Message) error {
		// From here on the table gets no request of this process.
		w.Faults.Always(func(string, int) testkit.Fault { return testkit.BrokenService })
		return nil
	}).counting(&sent))
	w.Refused(dying.Deliver(t.Context(), m.ID), problem.CodeUnavailable)
	w.Faults.Always(nil)
	if sent != 1 {
		t.Fatalf("the mail went out %d times, want 1", sent)
	}

	// The stream repeats the failed record at once, and the sweep runs. The
	// lease still holds.
	w.OK(w.Services.Outbox.Deliver(t.Context(), m.ID))
	w.Advance(2*time.Minute - time.Millisecond)
	wantRetry(w, 0, "within the lease")
	wantSent(w, 0, "within the lease")
	w.Advance(time.Millisecond)
	wantRetry(w, 1, "when the lease has ended")
	wantSent(w, 1, "when the lease has ended")
	if pending(w, m.ID).Pending {
		t.Error("it still waits to be sent")
	}
}

// A mail that crashes the process whenever it is sent must not reach its reader
// every two minutes for ever.
func TestEndlessCrashesAreGivenUp(t *testing.T) {
	t.Parallel()
	w := testkit.New(t)
	m := queue(w, mailing.KindAccountConfirm)
	sent := 0
	dying := outboxOver(w,
		mailer(func(context.Context, mailing.Message) error { panic("the end of the process") }).counting(&sent))
	crash := func() {
		defer func() { _ = recover() }()
		_ = dying.Deliver(t.Context(), m.ID)
	}
	for range 12 {
		crash()
		w.Advance(2 * time.Minute)
	}
	err := dying.Deliver(t.Context(), m.ID)
	w.Refused(err, problem.CodeInvalid)
	if got := pending(w, m.ID); sent != 12 || got.Pending || got.Dead == "" {
		t.Errorf("it was begun %d times, and is %+v; want 12 times, and given up", sent, got)
	}
}

// The function's time ends while SES answers. The mail is sent, so the outbox
// must still be able to write that.
func TestTheEndOfTimeWhileSendingSendsOnce(t *testing.T) {
	t.Parallel()
	w := testkit.New(t)
	m := queue(w, mailing.KindAccountConfirm)
	ctx, cancel := context.WithCancel(t.Context())
	sent := 0
	outbox := outboxOver(w, mailer(func(context.Context, mailing.Message) error {
		cancel()
		return nil
	}).counting(&sent))
	w.OK(outbox.Deliver(ctx, m.ID))
	w.Advance(time.Hour)
	wantRetry(w, 0, "after it was sent")
	if sent != 1 || pending(w, m.ID).Pending {
		t.Errorf("it went out %d times and waits: %v", sent, pending(w, m.ID).Pending)
	}

	// A delivery that the end of time has cut off counts as failed. It is tried
	// again after the usual delay, not only when the lease ends.
	m = queue(w, mailing.KindAccountConfirm)
	ctx, cancel = context.WithCancel(t.Context())
	outbox = outboxOver(w, mailer(func(ctx context.Context, _ mailing.Message) error {
		cancel()
		return ctx.Err()
	}))
	if err := outbox.Deliver(ctx, m.ID); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v, want the end of the context", err)
	}
	w.Advance(time.Minute)
	wantRetry(w, 1, "a minute later")
}

// SES refuses a mail for now. The outbox tries it again after growing delays
// and gives it up after twelve failed attempts. It keeps the reason and reports
// it with each later delivery.
func TestARefusedMailIsRetriedAndGivenUp(t *testing.T) {
	t.Parallel()
	w := testkit.New(t)
	m := queue(w, mailing.KindAccountConfirm)
	down := errors.New("ses: throttled")
	for range 12 {
		w.Outbox.Refuse(down)
	}
	err := w.Services.Outbox.Deliver(t.Context(), m.ID)
	if !errors.Is(err, down) || problem.CodeOf(err) == problem.CodeInvalid {
		t.Fatalf("got %v, want what the mailer said", err)
	}
	minutes := []int{1, 2, 4, 8, 16, 32, 64, 128, 240, 240, 240}
	for n, cooldown := range minutes {
		w.Advance(time.Duration(cooldown)*time.Minute - time.Millisecond)
		if n > 0 { // a new mail is due at once
			wantRetry(w, 0, "before the pause is over")
		}
		if got := pending(w, m.ID); got.Attempts != n+1 {
			t.Fatalf("before %d minutes are over: %d attempts, want %d", cooldown, got.Attempts, n+1)
		}
		w.Advance(time.Millisecond)
		sent, err := w.Services.Outbox.Retry(t.Context())
		last := n == len(minutes)-1
		if sent != 0 || (problem.CodeOf(err) == problem.CodeInvalid) != last ||
			err != nil && !last {
			t.Fatalf("attempt %d: got %d, %v", n+2, sent, err)
		}
		if got := pending(w, m.ID); got.Attempts != n+2 {
			t.Fatalf("after %d minutes: %d attempts, want %d", cooldown, got.Attempts, n+2)
		}
	}
	if got := pending(w, m.ID); got.Pending || got.Dead != down.Error() || len(got.Data) > 0 {
		t.Errorf("got %+v, want it given up because of %q, without its words", got, down)
	}
	w.Advance(1000 * time.Hour)
	wantRetry(w, 0, "after it was given up")
	for range 2 {
		err := w.Services.Outbox.Deliver(t.Context(), m.ID)
		w.Refused(err, problem.CodeInvalid)
		if !strings.Contains(err.Error(), down.Error()) ||
			!strings.Contains(err.Error(), string(m.ID)) {
			t.Errorf("got %q, want it to name the mail and the reason", err)
		}
	}
	wantSent(w, 0, "in all")
}

// The stream tries a new mail three times within seconds. If these fail, the
// sweep, which runs each minute, tries it again within a minute, at any time of
// that minute. The three attempts count as one of those after which the mail is
// given up. If the stream does not deliver a mail, the sweep does so ten
// seconds after it was made.
func TestSecondsWithoutSESDelayAMailByNoMinutes(t *testing.T) {
	t.Parallel()
	w := testkit.NewModelled(t)
	tried := 0
	var refusals int
	outbox := outboxOver(w, mailer(func(context.Context, mailing.Message) error {
		if tried++; tried <= refusals {
			return errors.New("ses: unavailable")
		}
		return nil
	}))
	for _, outage := range []time.Duration{0, 3 * time.Second, 6 * time.Second, 59 * time.Second} {
		const step = 4*time.Second + 999*time.Millisecond
		for phase := time.Duration(0); phase < time.Minute; phase += step {
			for _, forgotten := range []bool{false, true} {
				m := queue(w, mailing.KindPasswordReset)
				run, last, most := m.Created.Add(phase), m.Created, time.Minute
				tried, refusals = 0, 3
				if forgotten {
					refusals, most = 0, 70*time.Second
				} else {
					for try := range 3 {
						if err := outbox.Deliver(t.Context(), m.ID); err == nil {
							t.Fatal("a refused mail is not reported")
						}
						if try < 2 {
							w.Advance(outage / 2)
						}
					}
					last = w.Now()
				}
				for pending(w, m.ID).Pending {
					for run.Before(w.Now()) {
						run = run.Add(time.Minute)
					}
					w.Advance(run.Sub(w.Now()))
					run = run.Add(time.Minute)
					_, err := outbox.Retry(t.Context())
					w.OK(err)
				}
				got := pending(w, m.ID)
				took := w.Now().Sub(last)
				if took > most || !forgotten && got.Attempts-got.Early != 2 &&
					outage+phase < time.Minute {
					t.Errorf("%v without SES, the sweep at second %v, forgotten by the stream %v: sent after %v and %d attempts, %d of them early",
						outage, phase.Seconds(), forgotten, took, got.Attempts, got.Early)
				}
			}
		}
	}

	// An outage of some minutes delays a mail by the same time again at most.
	// An outage of less than about a day loses no mail.
	w = testkit.NewModelled(t)
	m := queue(w, mailing.KindPasswordReset)
	var tries []time.Duration
	outbox = outboxOver(w, mailer(func(context.Context, mailing.Message) error {
		tries = append(tries, w.Now().Sub(m.Created))
		return errors.New("ses: unavailable")
	}))
	for range 3 {
		_ = outbox.Deliver(t.Context(), m.ID)
		w.Advance(time.Second)
	}
	w.Advance(17 * time.Second) // the sweep runs at any second of its minute
	for pending(w, m.ID).Pending {
		w.Advance(time.Minute)
		_, _ = outbox.Retry(t.Context())
	}
	for i, at := range tries[1:] {
		if wait := at - tries[i]; wait > tries[i]+2*time.Minute || wait > 4*time.Hour+time.Minute {
			t.Errorf("tried after %v and then after %v", tries[i], at)
		}
	}
	if last := tries[len(tries)-1]; last < 16*time.Hour || last > 24*time.Hour {
		t.Errorf("given up after %v and %d tries, want most of a day", last, len(tries))
	}
}

// A mail that SES accepts after some refusals ends like any other.
func TestARefusedMailIsSentWhenItCanBe(t *testing.T) {
	t.Parallel()
	w := testkit.New(t)
	m := queue(w, mailing.KindAccountConfirm)
	w.Outbox.Refuse(errors.New("down"), errors.New("down"))
	if err := w.Services.Outbox.Deliver(t.Context(), m.ID); err == nil {
		t.Error("a refused mail is not reported")
	}
	// The stream does not wait for the delay: it may repeat the record at any
	// time, and that is an attempt.
	if err := w.Services.Outbox.Deliver(t.Context(), m.ID); err == nil {
		t.Error("a mail refused again is not reported")
	}
	w.OK(w.Services.Outbox.Deliver(t.Context(), m.ID))
	w.OK(w.Services.Outbox.Deliver(t.Context(), m.ID))
	wantSent(w, 1, "in all")
	if got := pending(w, m.ID); got.Attempts != 3 || got.Pending {
		t.Errorf("got %+v, want it sent with the third attempt", got)
	}
}

// A mail whose template can never be filled is given up at once. Waiting would
// not help it, and it must not delay others.
func TestAPoisonMailIsGivenUpAtOnce(t *testing.T) {
	t.Parallel()
	w := testkit.New(t)
	renderer, err := mail.NewRenderer(mail.Facts{Console: "https://example.com", Support: "help@example.com"})
	w.OK(err)
	sent := 0
	outbox := outboxOver(w, mailer(func(_ context.Context, m mailing.Message) error {
		_, err := renderer.Render(m)
		if err == nil {
			sent++
		}
		return err
	}))
	unknown := queue(w, "of-a-later-version")
	w.Refused(outbox.Deliver(t.Context(), unknown.ID), problem.CodeInvalid)
	got := pending(w, unknown.ID)
	if got.Pending || got.Attempts != 1 || !strings.Contains(got.Dead, "of-a-later-version") {
		t.Errorf("got %+v, want it given up, with the kind in the reason", got)
	}
	w.Refused(outbox.Deliver(t.Context(), unknown.ID), problem.CodeInvalid)
	if got := pending(w, unknown.ID); got.Attempts != 1 {
		t.Errorf("%d attempts on what was given up, want 1", got.Attempts)
	}

	// A sweep with such a mail sends the others, and returns an error at its
	// end.
	for i := range 6 {
		kind := mailing.KindAccountConfirm
		if i == 2 {
			kind = "poison"
		}
		queue(w, kind)
	}
	w.Advance(time.Hour)
	n, err := outbox.Retry(t.Context())
	if n != 5 || sent != 5 || problem.CodeOf(err) != problem.CodeInvalid {
		t.Errorf("got %d, %v with %d sent; want 5 and the one that was given up", n, err, sent)
	}
	n, err = outbox.Retry(t.Context())
	if n != 0 || err != nil {
		t.Errorf("the next sweep: got %d, %v, want nothing to do", n, err)
	}
}

// For a batch of stream records, the answer names each failed record by its
// sequence number. All others are done.
func TestABatchOfRecordsFailsInParts(t *testing.T) {
	t.Parallel()
	w := testkit.New(t)
	first, poison, refused, explosive, last := queue(w, mailing.KindAccountConfirm), queue(w, "poison"),
		queue(w, "refused"), queue(w, "explosive"), queue(w, mailing.KindAccountConfirm)
	modified := queue(w, mailing.KindAccountConfirm)
	var sent []mailing.ID
	*w.Services = *service.New(service.Config{Keys: testkit.Keys, Passwords: testkit.Passwords,
		Background: w.Background, Store: w.Store, Now: w.Now, Log: quiet(),
		Mailer: mailer(func(_ context.Context, m mailing.Message) error {
			switch m.Kind {
			case "poison":
				return problem.Invalid("never")
			case "refused":
				return errors.New("not now")
			case "explosive":
				panic("a defect")
			}
			sent = append(sent, m.ID)
			return nil
		})})
	number := 100
	record := func(name events.DynamoDBOperationType, pk string) events.DynamoDBEventRecord {
		number++
		return events.DynamoDBEventRecord{EventName: string(name), EventSource: "aws:dynamodb",
			Change: events.DynamoDBStreamRecord{
				Keys:           map[string]events.DynamoDBAttributeValue{"PK": events.NewStringAttribute(pk), "SK": events.NewStringAttribute("O")},
				SequenceNumber: fmt.Sprint(number),
			}}
	}
	insert := func(m mailing.Message) events.DynamoDBEventRecord {
		return record(events.DynamoDBOperationTypeInsert, "O#"+string(m.ID))
	}
	keyless := insert(first)
	keyless.Change.Keys = map[string]events.DynamoDBAttributeValue{
		"id": events.NewNumberAttribute("1")}
	invoke := func(records ...events.DynamoDBEventRecord) []string {
		t.Helper()
		payload, err := json.Marshal(events.DynamoDBEvent{Records: records})
		w.OK(err)
		raw, err := app.Handler(operation.MailDeliver, w.Services).Invoke(t.Context(), payload)
		w.OK(err)
		var answer events.DynamoDBEventResponse
		w.OK(json.Unmarshal(raw, &answer))
		failed := []string{}
		for _, f := range answer.BatchItemFailures {
			failed = append(failed, f.ItemIdentifier)
		}
		// Lambda would take a missing list, or null, for a complete success.
		if !bytes.Contains(raw, []byte(`"batchItemFailures":[`)) {
			t.Errorf("got %s, want a list of failures even if it is empty", raw)
		}
		return failed
	}
	records := []events.DynamoDBEventRecord{
		keyless, insert(first),
		record(events.DynamoDBOperationTypeInsert, "A#0123456789abcdef01234567"),
		insert(poison), insert(refused), insert(explosive),
		record(events.DynamoDBOperationTypeModify, "O#"+string(modified.ID)),
		record(events.DynamoDBOperationTypeRemove, "O#"+string(modified.ID)),
		insert(last),
	}
	var want []string
	for _, i := range []int{3, 4, 5} {
		want = append(want, records[i].Change.SequenceNumber)
	}
	if got := invoke(records...); !slices.Equal(got, want) {
		t.Errorf("got the failures %v, want %v", got, want)
	}
	if want := []mailing.ID{first.ID, last.ID}; !slices.Equal(sent, want) {
		t.Errorf("got the mails %v, want %v", sent, want)
	}
	// Lambda repeats all records from the first failure on. The mail that
	// cannot be sent is reported each time, until the dead-letter queue takes
	// its record.
	if got := invoke(records[3:]...); !slices.Equal(got[:2], want[:2]) {
		t.Errorf("again: got the failures %v, want %v among them", got, want[:2])
	}
	if len(sent) != 2 {
		t.Errorf("%d mails went out in all, want 2", len(sent))
	}
	if got := invoke(insert(first), insert(last)); len(got) != 0 {
		t.Errorf("a batch without failures: got %v, want an empty list", got)
	}
}

// The outbox's own requests fail. The mail is neither sent by a guess nor lost.
func TestATroubledTableDelaysMail(t *testing.T) {
	t.Parallel()
	for _, request := range []string{"BatchGetItem", "UpdateItem"} {
		w := testkit.New(t)
		m := queue(w, mailing.KindAccountConfirm)
		w.Faults.Always(func(operation string, _ int) testkit.Fault {
			if operation == request {
				return testkit.BrokenService
			}
			return testkit.NoFault
		})
		w.Refused(w.Services.Outbox.Deliver(t.Context(), m.ID), problem.CodeUnavailable)
		w.Advance(time.Hour)
		n, err := w.Services.Outbox.Retry(t.Context())
		if n != 0 || problem.CodeOf(err) != problem.CodeUnavailable {
			t.Errorf("%s fails: the sweep sent %d and returned %v, want 0 and CodeUnavailable", request, n, err)
		}
		wantSent(w, 0, "while "+request+" fails")
		w.Faults.Always(nil)
		wantRetry(w, 1, "afterwards")
	}
}
