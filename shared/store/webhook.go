package store

import (
	"context"
	"fmt"
	"iter"
	"maps"
	"slices"
	"strings"
	"time"

	"profiles/shared/event"
	"profiles/shared/problem"
	"profiles/shared/value"
	"profiles/shared/webhook"
)

const (
	kindWebhooks     Kind = "webhooks"
	kindWebhookQueue Kind = "webhook-queue"
)

const webhookPrefix = "W#"

func webhooksKey(log string) key { return key{kindWebhooks, webhookPrefix + log, "W"} }

func webhookQueueKey(id webhook.ID) key {
	return key{kindWebhookQueue, webhookPrefix + string(id), "Q"}
}

type webhooksItem struct {
	key
	Account string             `dynamodbav:"account"`
	Profile string             `dynamodbav:"profile,omitempty"`
	Version int64              `dynamodbav:"version"`
	Hooks   []webhookAttribute `dynamodbav:"hooks"`
}

type webhookAttribute struct {
	ID            string   `dynamodbav:"id"`
	URL           string   `dynamodbav:"url"`
	Events        []string `dynamodbav:"events,omitempty"`
	Note          string   `dynamodbav:"note,omitempty"`
	Enabled       bool     `dynamodbav:"enabled"`
	Secret        []byte   `dynamodbav:"secret"`
	Previous      []byte   `dynamodbav:"previous,omitempty"`
	PreviousUntil int64    `dynamodbav:"previousUntil,omitempty"`
	Created       int64    `dynamodbav:"created"`
	Updated       int64    `dynamodbav:"updated"`
	Failed        int64    `dynamodbav:"failed,omitempty"`
}

func webhooksFrom(l webhook.List) webhooksItem {
	i := webhooksItem{
		key: webhooksKey(l.Log()), Account: string(l.Subject.Account),
		Profile: string(l.Subject.Profile), Version: l.Version,
		Hooks: make([]webhookAttribute, len(l.Hooks)),
	}
	for n, h := range l.Hooks {
		i.Hooks[n] = webhookAttribute{
			ID: string(h.ID), URL: h.URL, Events: h.Events, Note: h.Note, Enabled: h.Enabled,
			Secret: h.Secret, Previous: h.Previous, PreviousUntil: millis(h.PreviousUntil),
			Created: millis(h.Created), Updated: millis(h.Updated), Failed: millis(h.Failed),
		}
	}
	return i
}

func (i webhooksItem) value() webhook.List {
	l := webhook.List{
		Subject: event.Subject{
			Profile: value.ProfileID(i.Profile), Account: value.AccountID(i.Account),
		},
		Version: i.Version,
	}
	for _, h := range i.Hooks {
		l.Hooks = append(l.Hooks, webhook.Webhook{
			ID: webhook.ID(h.ID), URL: h.URL, Events: h.Events, Note: h.Note, Enabled: h.Enabled,
			Secret: h.Secret, Previous: h.Previous, PreviousUntil: fromMillis(h.PreviousUntil),
			Created: fromMillis(h.Created), Updated: fromMillis(h.Updated),
			Failed: fromMillis(h.Failed),
		})
	}
	return l
}

// Webhooks adds the webhooks that hear of an audit log to the batch.
func (b *Batch) Webhooks(log string) *Found[webhook.List] {
	return want(b, webhooksKey(log), webhooksItem.value)
}

// SetWebhooks writes the webhooks of a profile or an account that were read at
// l.Version. It fails with problem.ErrConflict if they have changed since.
func (tx *Tx) SetWebhooks(l webhook.List) {
	c := absent
	if l.Version > 0 {
		c = sameVersion(l.Version)
	}
	l.Version++
	tx.overwrite(webhooksKey(l.Log()), webhooksFrom(l), optionalOf[webhooksItem](), nil, c)
}

// DropWebhooks removes the webhooks of a profile or an account, if it has some.
// Their queues end when they are due, as nothing has their webhooks any more.
func (tx *Tx) DropWebhooks(log string) { tx.delete(webhooksKey(log), condition{}) }

type webhookQueueItem struct {
	key
	due
	Log     string `dynamodbav:"log"`
	Added   int64  `dynamodbav:"added"`
	Failing int64  `dynamodbav:"failing,omitempty"`
	Claim   string `dynamodbav:"claim,omitempty"` // of the lease; see LeaseQueue
	TTL     int64  `dynamodbav:"ttl"`
}

func (i webhookQueueItem) value() webhook.Queue {
	q := webhook.Queue{
		Webhook: webhook.ID(i.key.PK[len(webhookPrefix):]), Log: i.Log, Added: i.Added,
		Failing: fromMillis(i.Failing),
	}
	if i.due.SK != "" {
		q.Due = parseSortable(i.due.SK[:len(sortable(time.Time{}))])
	}
	return q
}

// queueLife is how long the queue of a webhook is stored after something was
// put into it: longer than a webhook may fail.
const queueLife = 60 * 24 * time.Hour

// WebhookQueue adds the queue of a webhook to the batch.
func (b *Batch) WebhookQueue(id webhook.ID) *Found[webhook.Queue] {
	return want(b, webhookQueueKey(id), webhookQueueItem.value)
}

// wake makes the queue of a webhook due, unless it is already, and counts what
// is put into it.
func (tx *Tx) wake(id webhook.ID, added int64, log string, now time.Time) {
	k := webhookQueueKey(id)
	at := dueAt(DueWebhook, string(id), now)
	tx.update(
		k,
		"SET #duePK = if_not_exists(#duePK, :duePK), #dueSK = if_not_exists(#dueSK, :dueSK), "+
			"#log = :log, #ttl = :ttl, "+setNew+" ADD #added :n",
		k.asNew(item{
			":duePK": text(at.PK), ":dueSK": text(at.SK), ":log": text(log),
			":ttl": number(now.Add(queueLife).Unix()), ":n": number(added),
		}),
		condition{},
	)
}

// LeaseQueue gives the queue of a webhook to the caller alone until the lease
// ends. It returns false if another caller has it, or has dealt with it. by is
// unique to this lease: if DynamoDB's answer is lost and the SDK sends the
// lease again, it succeeds.
func (s *Store) LeaseQueue(
	ctx context.Context, q webhook.Queue, by string, lease time.Time,
) (bool, error) {
	return s.updateOne(
		ctx, webhookQueueKey(q.Webhook), "SET #dueSK = :lease, #claim = :by",
		"#dueSK = :was OR #dueSK = :lease AND #claim = :by",
		item{
			":by":    text(by),
			":lease": text(dueAt(DueWebhook, string(q.Webhook), lease).SK),
			":was":   text(dueAt(DueWebhook, string(q.Webhook), q.Due).SK),
		},
	)
}

// RestQueue ends the lease of a queue. Its next run begins at next; zero: when
// something is put into it. With exact it returns false, and changes nothing,
// if something was put into it since it was read.
func (s *Store) RestQueue(
	ctx context.Context, q webhook.Queue, lease, next time.Time, exact bool,
) (bool, error) {
	values := item{
		":lease":   text(dueAt(DueWebhook, string(q.Webhook), lease).SK),
		":failing": number(millis(q.Failing)),
	}
	expression := "SET #failing = :failing REMOVE #duePK, #dueSK, #claim"
	if !next.IsZero() {
		expression = "SET #failing = :failing, #dueSK = :next REMOVE #claim"
		values[":next"] = text(dueAt(DueWebhook, string(q.Webhook), next).SK)
	}
	unchanged := "#dueSK = :lease"
	if exact {
		unchanged += " AND #added = :added"
		values[":added"] = number(q.Added)
	}
	return s.updateOne(ctx, webhookQueueKey(q.Webhook), expression, unchanged, values)
}

// DropQueue removes the queue of a webhook that is gone. Its deliveries expire.
func (s *Store) DropQueue(ctx context.Context, q webhook.Queue) error {
	tx := s.Begin()
	tx.delete(webhookQueueKey(q.Webhook), condition{
		"attribute_not_exists(PK) OR #added = :added", item{":added": number(q.Added)},
		problem.ErrConflict,
	})
	return tx.CommitAside(ctx, Origin{})
}

const (
	kindWaiting  Kind = "webhook-waiting"
	kindDelivery Kind = "webhook-delivery"
)

// waitingKey is the key of an event that waits. Keys sort by the order in which
// events are sent.
func waitingKey(d webhook.Delivery) key {
	sk := fmt.Sprintf("%s%015d-%s", waitingPrefix, d.Order, d.ID)
	return key{kindWaiting, webhookPrefix + string(d.Webhook), sk}
}

const (
	waitingPrefix  = "P#"
	deliveryPrefix = "D#"
)

func deliveryKey(id webhook.ID, delivery string) key {
	return key{kindDelivery, webhookPrefix + string(id), deliveryPrefix + delivery}
}

type deliveryItem struct {
	key
	ID       string `dynamodbav:"id"`
	Webhook  string `dynamodbav:"webhook"`
	Type     string `dynamodbav:"type"`
	Body     string `dynamodbav:"body"`
	Order    int64  `dynamodbav:"order"`
	Created  int64  `dynamodbav:"created"`
	State    string `dynamodbav:"state"`
	Attempts int    `dynamodbav:"attempts"`
	Next     int64  `dynamodbav:"next,omitempty"`
	Time     int64  `dynamodbav:"time,omitempty"` // of the last attempt, as what follows
	Status   int    `dynamodbav:"status,omitempty"`
	Answer   string `dynamodbav:"answer,omitempty"`
	Error    string `dynamodbav:"error,omitempty"`
	Took     int64  `dynamodbav:"took,omitempty"` // milliseconds
	TTL      int64  `dynamodbav:"ttl"`
}

func deliveryFrom(d webhook.Delivery) deliveryItem {
	i := deliveryItem{
		key: deliveryKey(d.Webhook, d.ID), ID: d.ID, Webhook: string(d.Webhook),
		Type: string(d.Type), Body: string(d.Body), Order: d.Order, Created: millis(d.Created),
		State: string(d.State), Attempts: d.Attempts, Next: millis(d.Next),
		Time: millis(d.Answer.Time), Status: d.Answer.Status, Answer: d.Answer.Body,
		Error: d.Answer.Error, Took: d.Answer.Took.Milliseconds(),
		TTL: d.Answer.Time.Add(webhook.KeptFor).Unix(),
	}
	if d.State == webhook.Pending {
		i.key = waitingKey(d)
		i.TTL = d.Created.Add(webhook.TriedFor + webhook.KeptFor).Unix()
	}
	return i
}

func (i deliveryItem) value() webhook.Delivery {
	return webhook.Delivery{
		ID: i.ID, Webhook: webhook.ID(i.Webhook), Type: event.Type(i.Type), Body: []byte(i.Body),
		Order: i.Order, Created: fromMillis(i.Created), State: webhook.State(i.State),
		Attempts: i.Attempts, Next: fromMillis(i.Next),
		Answer: webhook.Answer{
			Time: fromMillis(i.Time), Status: i.Status, Body: i.Answer, Error: i.Error,
			Took: time.Duration(i.Took) * time.Millisecond,
		},
	}
}

// Queue puts deliveries into the queues of their webhooks, and wakes those. log
// is the audit log that the webhooks hear of. A delivery that waits already is
// put there once more. A commit may call it once.
func (tx *Tx) Queue(log string, now time.Time, ds ...webhook.Delivery) {
	added := map[webhook.ID]int64{}
	for _, d := range ds {
		tx.put(deliveryFrom(d), condition{})
		added[d.Webhook]++
	}
	for _, id := range slices.Sorted(maps.Keys(added)) {
		tx.wake(id, added[id], log, now)
	}
}

// Delivery adds a delivery that has ended to the batch.
func (b *Batch) Delivery(id webhook.ID, delivery string) *Found[webhook.Delivery] {
	return want(b, deliveryKey(id, delivery), deliveryItem.value)
}

// Waiting iterates over what waits for a webhook, in the order in which it is
// sent.
func (s *Store) Waiting(
	ctx context.Context, id webhook.ID, pageSize int,
) iter.Seq2[webhook.Delivery, error] {
	q := Walk{PageSize: pageSize}.over(webhookQueueKey(id).PK, waitingPrefix)
	return decoded(s.query(ctx, q), deliveryItem.value)
}

// Deliveries iterates over the deliveries to a webhook: those that wait, the
// last one in the queue first, and then those that have ended, the newest
// first.
func (s *Store) Deliveries(
	ctx context.Context, id webhook.ID, after string, pageSize int,
) iter.Seq2[webhook.Delivery, error] {
	q := span{
		pk: webhookQueueKey(id).PK, from: deliveryPrefix, to: upTo(waitingPrefix),
		newestFirst: true, pageSize: int32(min(pageSize, maxPageSize)),
	}
	if after != "" {
		q.to = ahead(positionKey(after))
	}
	return decoded(s.query(ctx, q), deliveryItem.value)
}

// DeliveryCursor returns the position of a delivery in Deliveries.
func DeliveryCursor(d webhook.Delivery) string { return position(deliveryFrom(d).SK) }

// IsDeliveryCursor reports whether a text is such a position.
func IsDeliveryCursor(s string) bool {
	if id, ok := strings.CutPrefix(s, position(deliveryPrefix)); ok {
		return value.IsID(id)
	}
	rest, ok := strings.CutPrefix(s, position(waitingPrefix))
	order, id, cut := strings.Cut(rest, "-")
	return ok && cut && len(order) == 15 && strings.Trim(order, "0123456789") == "" && value.IsID(id)
}

// EndDelivery moves a delivery from the queue to those that have ended. Errors:
// problem.ErrConflict if it does not wait any more.
func (s *Store) EndDelivery(ctx context.Context, was, ended webhook.Delivery) error {
	tx := s.Begin()
	tx.delete(waitingKey(was), condition{"attribute_exists(PK)", nil, problem.ErrConflict})
	tx.put(deliveryFrom(ended), condition{})
	return tx.CommitAside(ctx, Origin{})
}

// RetryDelivery stores an attempt that failed, and when the next one is.
// Errors: problem.ErrConflict if it does not wait any more.
func (s *Store) RetryDelivery(ctx context.Context, d webhook.Delivery) error {
	tx := s.Begin()
	tx.overwrite(waitingKey(d), deliveryFrom(d), optionalOf[deliveryItem](), nil, exists)
	return tx.CommitAside(ctx, Origin{})
}
