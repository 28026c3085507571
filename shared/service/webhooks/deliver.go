package webhooks

import (
	"context"
	"errors"
	"time"

	"profiles/shared/flow"
	"profiles/shared/mailing"
	"profiles/shared/metric"
	"profiles/shared/problem"
	"profiles/shared/service/core"
	"profiles/shared/store"
	"profiles/shared/tenancy"
	"profiles/shared/topic"
	"profiles/shared/value"
	"profiles/shared/webhook"
)

const (
	// together is how many webhooks are sent events at the same time, so that
	// one that is slow does not hold up the others.
	together = 50
	// attemptTime bounds one attempt; with less time than that left, none
	// begins.
	attemptTime = 10 * time.Second
	// turn is how long a run begins attempts with one webhook. The rest of its
	// queue waits for the next run.
	turn = 10 * time.Second
	// lease is how long a run has a queue to itself. It must exceed the time of
	// the function.
	lease = 2 * time.Minute
	// failures is after how many attempts that fail a run leaves a webhook: one
	// event that the receiver refuses must not stop the others.
	failures = 2
	// queuePage is how many events of a queue one run deals with. Those that
	// are tried again later do not count, so that they hold up no others.
	queuePage = 100
	// look is how often a queue is looked at while something waits: a new event
	// does not change when the next run begins.
	look = time.Minute
)

// Deliver sends what waits for webhooks, each queue in its order, as far as the
// time of ctx allows. It returns how many events were taken by their receivers.
func (s Service) Deliver(ctx context.Context) (int, error) {
	return core.Sweep(ctx, s.Config, core.SweepWork{
		Kind:  store.DueWebhook,
		Batch: together,
		Do: func(ctx context.Context, due []store.DueEntry) (int, bool, error) {
			counts := make([]int, len(due))
			var runs []func(context.Context) error
			for i, d := range due {
				runs = append(runs, func(ctx context.Context) (err error) {
					counts[i], err = s.deliver(ctx, webhook.ID(d.ID))
					return err
				})
			}
			err := flow.Parallel(ctx, runs...)
			done := 0
			for _, n := range counts {
				done += n
			}
			return done, false, err
		},
	})
}

// run is one run of the queue of a webhook.
type run struct {
	Service
	queue webhook.Queue
	list  webhook.List
	hook  webhook.Webhook // of the bus: its id alone
	lease time.Time
	begun time.Time
	sent  int // events that were taken
	wrong int // attempts that failed
	// next is when the next run begins; zero: nothing waits.
	next time.Time
}

// deliver runs the queue of a webhook, unless another run has it.
func (s Service) deliver(ctx context.Context, id webhook.ID) (int, error) {
	if !flow.TimeFor(ctx, attemptTime) {
		return 0, core.ErrTimeUp
	}
	now := s.Instant()
	batch := s.Store.Batch()
	queue := batch.WebhookQueue(id)
	if err := batch.Get(ctx); err != nil {
		return 0, err
	}
	r := &run{Service: s, queue: queue.Value, lease: now.Add(lease), begun: now}
	if !queue.OK || r.queue.Due.IsZero() || r.queue.Due.After(now) {
		return 0, nil
	}
	if mine, err := s.Store.LeaseQueue(
		ctx, r.queue, s.NewID(now), r.lease,
	); err != nil || !mine {
		return 0, err
	}
	if err := r.find(ctx, id); errors.Is(err, webhook.ErrNone) {
		return 0, s.Store.DropQueue(ctx, r.queue)
	} else if err != nil {
		return 0, err
	}
	err := r.all(ctx)
	// ctx may have ended meanwhile; what became of the queue must be written
	// all the same.
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), 2*time.Second)
	defer cancel()
	return r.sent, errors.Join(err, r.rest(ctx))
}

// find reads whose queue it is. Errors: webhook.ErrNone for a webhook that is
// gone, or a bus that the stack does not have any more.
func (r *run) find(ctx context.Context, id webhook.ID) (err error) {
	if id.IsBus() {
		if r.Bus == nil {
			return webhook.ErrNone
		}
		r.hook = webhook.Webhook{ID: id, Enabled: true}
		return nil
	}
	batch := r.Store.Batch()
	list := batch.Webhooks(r.queue.Log)
	if err := batch.Get(ctx); err != nil {
		return err
	}
	r.list = list.Value
	r.hook, err = r.list.Find(id)
	return err
}

// all sends what waits, in its order. It looks at no more than core.MaxScanned
// events.
func (r *run) all(ctx context.Context) error {
	seen, dealt := 0, 0
	for d, err := range r.Store.Waiting(ctx, r.queue.Webhook, queuePage) {
		now := r.Instant()
		if err != nil {
			r.after(now)
			return err
		}
		seen++
		switch {
		case seen > core.MaxScanned, dealt == queuePage, r.wrong == failures,
			now.Sub(r.begun) >= turn, !flow.TimeFor(ctx, attemptTime):
			r.after(now)
			return nil
		case r.hook.Enabled && d.Next.After(now):
			r.after(d.Next)
			continue
		}
		dealt++
		if r.hook.Enabled {
			err = r.attempt(ctx, d)
		} else {
			err = r.Store.EndDelivery(ctx, d, d.Abandoned("the webhook was disabled", now))
		}
		if err != nil {
			r.after(now)
			return err
		}
	}
	return nil
}

// after has the next run begin at a time, or earlier.
func (r *run) after(t time.Time) {
	if r.next.IsZero() || t.Before(r.next) {
		r.next = t
	}
}

// post sends one event. Errors: for a secret that does not open.
func (r *run) post(ctx context.Context, d webhook.Delivery) (webhook.Answer, error) {
	m := webhook.Message{URL: r.hook.URL, ID: d.ID, Body: d.Body, Time: r.Instant()}
	if r.hook.ID.IsBus() {
		return r.Bus.Post(ctx, m), nil
	}
	for _, sealed := range r.hook.Secrets(m.Time) {
		plain, ok := r.Keys.Open(sealSecret, string(r.hook.ID), sealed)
		if !ok {
			return webhook.Answer{}, errSealedSecret
		}
		m.Secrets = append(m.Secrets, string(plain))
	}
	return r.Poster.Post(ctx, m), nil
}

// attempt sends one event, and writes what became of it.
func (r *run) attempt(ctx context.Context, d webhook.Delivery) error {
	answer, err := r.post(ctx, d)
	if err != nil {
		return err
	}
	now := r.Instant()
	answer.Time = now
	// ctx may have ended meanwhile.
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), 2*time.Second)
	defer cancel()
	if answer.Succeeded() {
		r.sent++
		r.wrong, r.queue.Failing = 0, time.Time{}
		metric.Add(ctx, metric.WebhookDelay, now.Sub(d.Created).Seconds())
		return r.Store.EndDelivery(ctx, d, d.Ended(webhook.Delivered, answer))
	}
	r.wrong++
	if r.queue.Failing.IsZero() {
		r.queue.Failing = now
	}
	failed := d.Failed(answer, now)
	if failed.State == webhook.Dead {
		metric.Add(ctx, metric.WebhooksDead, 1)
		err = r.Store.EndDelivery(ctx, d, failed)
	} else {
		r.after(failed.Next)
		err = r.Store.RetryDelivery(ctx, failed)
	}
	if err == nil && !r.hook.ID.IsBus() && r.queue.GivenUp(now) {
		// Once the webhook is enabled again, it has three days again.
		if err = r.disable(ctx, now); !r.hook.Enabled {
			r.queue.Failing = time.Time{}
		}
	}
	return err
}

var errSealedSecret = errors.New(
	"the secret of a webhook does not open: it was changed, or sealed under another key",
)

// rest ends the run. The next one begins a minute later at the latest while
// something waits, unless the receiver fails; at once if something was put into
// the queue meanwhile.
func (r *run) rest(ctx context.Context) error {
	now := r.Instant()
	again := now
	if r.wrong > 0 {
		again = now.Add(r.queue.Rest(now))
	}
	switch {
	case r.next.IsZero():
	case r.wrong > 0:
		r.next = again
	case r.next.After(now.Add(look)):
		r.next = now.Add(look)
	}
	ended, err := r.Store.RestQueue(ctx, r.queue, r.lease, r.next, true)
	if err != nil || ended {
		return err
	}
	_, err = r.Store.RestQueue(ctx, r.queue, r.lease, again, false)
	return err
}

// disable disables a webhook that has failed for too long, and tells its owner.
func (r *run) disable(ctx context.Context, now time.Time) error {
	_, err := flow.RetryOnConflict(ctx, func() (struct{}, error) {
		batch := r.Store.Batch()
		list, owner := batch.Webhooks(r.queue.Log), batch.Account(r.list.Subject.Account)
		profile := &store.Found[tenancy.Profile]{}
		if r.list.Subject.Profile != "" {
			profile = batch.Profile(r.list.Subject.Profile)
		}
		if err := batch.Get(ctx); err != nil {
			return struct{}{}, err
		}
		was, err := list.Value.Find(r.hook.ID)
		if err != nil || !was.Enabled {
			r.hook.Enabled = false
			return struct{}{}, nil
		}
		h := was
		h.Enabled, h.Failed = false, now
		changed, err := list.Value.With(h)
		if err != nil {
			return struct{}{}, err
		}
		tx := r.Store.Begin()
		tx.SetWebhooks(changed)
		e := r.AuditEntry(r.queue.Log, tenancy.Token{}, "webhook", string(h.ID),
			"Webhook disabled, as it failed for three days", now)
		e.Who = "webhook-deliver"
		tx.Audit(core.Changing(e, h.Differences(was)...))
		if owner.OK {
			r.tell(tx, owner.Value, profile.Value, h, now)
		}
		err = tx.CommitAside(ctx, store.Origin{})
		if err == nil {
			r.hook = h
		}
		return struct{}{}, err
	})
	if problem.CodeOf(err) == problem.CodeConflict {
		return nil // the next attempt that fails decides again
	}
	return err
}

// tell tells the owner of a webhook that it is disabled.
func (r *run) tell(
	tx *store.Tx, owner tenancy.Account, p tenancy.Profile, h webhook.Webhook, now time.Time,
) {
	of := "your account"
	if p.ID != "" {
		of = p.Name
	}
	r.SendTo(tx, owner, mailing.WebhookDisabled{
		Name: owner.Name, Profile: of, URL: h.URL, When: now,
	}, now)
	r.Notify(tx, owner, topic.Webhook, r.Notice(owner.ID, "A webhook is disabled",
		"The webhook of "+value.Isolated(of)+
			" to "+value.Isolated(h.URL)+" took no event for three days, and gets none from now on. "+
			"Mend the receiver, then enable the webhook again.", now).
		As(tenancy.NotificationProfile).About(string(p.ID)))
}
