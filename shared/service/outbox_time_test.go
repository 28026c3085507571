package service_test

import (
	"context"
	"encoding/json"
	"fmt"
	"sync/atomic"
	"testing"
	"time"

	"github.com/aws/aws-lambda-go/events"

	"profiles/shared/app"
	"profiles/shared/mailing"
	"profiles/shared/operation"
	"profiles/shared/service"
	"profiles/shared/testkit"
)

// A sweep whose time ends stops between two mails, and the next one continues
// there.
func TestRetryStopsInTimeAndContinues(t *testing.T) {
	t.Parallel()
	w := testkit.New(t)
	const mails = 60
	for range mails {
		queue(w, mailing.KindAccountConfirm)
	}
	w.Advance(time.Hour)
	// less than the sweep reserves for its end
	late, cancel := context.WithTimeout(t.Context(), 2*time.Second)
	defer cancel()
	if n, err := w.Services.Outbox.Retry(late); n != 0 || err != nil {
		t.Errorf("too late to begin: sent %d and returned %v, want 0 and no error", n, err)
	}
	wantSent(w, 0, "too late to begin")

	// Some are under way when the time is up.
	const beside = 20
	var sent atomic.Int64
	outbox := outboxOver(w, mailer(func(context.Context, mailing.Message) error {
		sent.Add(1)
		return nil
	}))
	n, err := outbox.Retry(ending{t.Context(), func() bool { return sent.Load() >= 5 }})
	if n < 5 || n > 5+beside || int64(n) != sent.Load() || err != nil {
		t.Errorf("cut off at the fifth: counted %d and returned %v with %d sent", n, err, sent.Load())
	}
	rest, err := outbox.Retry(t.Context())
	if n+rest != mails || sent.Load() != mails || err != nil {
		t.Errorf("the next run: got %d, %v with %d sent in all", rest, err, sent.Load())
	}
}

// SES does not answer, which takes ten seconds a mail, and a function has a
// minute. The function starts no delivery that its end would cut off, because
// its lease would delay the mail. The stream and the sweep send the rest as
// soon as SES answers.
func TestASilentSESCutsNoDeliveryOff(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		operation operation.Operation
		mails     int
		beside    int64 // how many are sent at the same time
		run       func(*testing.T, *testkit.World, context.Context, []mailing.Message) (said bool)
	}{
		{operation.MailDeliver, 10, 1, func(t *testing.T, w *testkit.World, ctx context.Context,
			mails []mailing.Message) bool {
			var batch events.DynamoDBEvent
			for i, m := range mails {
				batch.Records = append(batch.Records,
					events.DynamoDBEventRecord{EventName: "INSERT", Change: events.DynamoDBStreamRecord{
						Keys:           map[string]events.DynamoDBAttributeValue{"PK": events.NewStringAttribute("O#" + string(m.ID)), "SK": events.NewStringAttribute("O")},
						SequenceNumber: fmt.Sprint(100 + i),
					}})
			}
			payload, err := json.Marshal(batch)
			w.OK(err)
			raw, err := app.Handler(operation.MailDeliver, w.Services).Invoke(ctx, payload)
			w.OK(err)
			var answer events.DynamoDBEventResponse
			w.OK(json.Unmarshal(raw, &answer))
			return len(answer.BatchItemFailures) == len(mails)
		}},
		{operation.MailRetry, 150, 20, func(t *testing.T, w *testkit.World, ctx context.Context,
			mails []mailing.Message) bool {
			w.Advance(time.Hour)
			n, err := w.Services.Outbox.Retry(ctx)
			w.OK(err)
			return n == 0
		}},
	} {
		w := testkit.New(t)
		mails := make([]mailing.Message, c.mails)
		for i := range mails {
			mails[i] = queue(w, mailing.KindAccountConfirm)
		}
		f := &spending{Context: t.Context(), has: time.Minute, beside: c.beside}
		*w.Services = *service.New(service.Config{
			Keys: testkit.Keys, Passwords: testkit.Passwords, Background: w.Background, Store: w.Store, Now: w.Now, Log: quiet(),
			Mailer: mailer(func(ctx context.Context, _ mailing.Message) error {
				f.begun.Add(1)
				if deadline, has := ctx.Deadline(); !has || time.Until(deadline) > 10*time.Second {
					t.Errorf("%s: a mail may take until %v", c.operation.Name, deadline)
				}
				return context.DeadlineExceeded
			}),
		})
		if !c.run(t, w, f, mails) {
			t.Errorf("%s: what is left is not said", c.operation.Name)
		}
		begun := int(f.begun.Load())
		if left := f.left(); left < 3*time.Second || begun < 4*int(c.beside) {
			t.Errorf("%s: %d mails begun, %v before the end", c.operation.Name, begun, left)
		}
		attempts := 0
		for _, m := range mails {
			attempts += pending(w, m.ID).Attempts
		}
		if attempts != begun {
			t.Errorf("%s: %d deliveries begun, and %d counted", c.operation.Name, begun, attempts)
		}
		w.Restart()
		w.Advance(2 * time.Hour)
		wantRetry(w, len(mails), "once SES speaks")
	}
}

// spending is the context of a function that spends ten seconds on each mail,
// and some of them at the same time.
type spending struct {
	context.Context
	has    time.Duration
	beside int64
	begun  atomic.Int64
}

func (s *spending) left() time.Duration {
	return s.has - time.Duration(s.begun.Load()/s.beside)*10*time.Second
}

func (s *spending) Deadline() (time.Time, bool) { return time.Now().Add(s.left()), true }

// ending is a context whose deadline is close once over is true.
type ending struct {
	context.Context
	over func() bool
}

func (e ending) Deadline() (time.Time, bool) { return time.Now().Add(2 * time.Second), e.over() }
