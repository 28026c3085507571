package webhook

import (
	"strings"
	"time"

	"profiles/shared/event"
	"profiles/shared/problem"
	"profiles/shared/value"
)

// State says what became of a delivery.
type State string

const (
	Pending   State = "pending"   // it is tried, or tried again
	Delivered State = "delivered" // the receiver took it
	Dead      State = "dead"      // it is not tried any more
)

// Delivery is an event on its way to one webhook. Its id is that of the event.
type Delivery struct {
	ID       string
	Webhook  ID
	Type     event.Type
	Body     []byte
	Order    int64     // the place in the queue; Last is behind all
	Created  time.Time // when it was put into the queue
	State    State
	Attempts int
	Next     time.Time // when a pending one is tried
	Answer   Answer    // to the last attempt
}

// NewDelivery returns an event that waits for a webhook from now on.
func NewDelivery(
	event string, to ID, t event.Type, body []byte, order int64, now time.Time,
) Delivery {
	return Delivery{
		ID: event, Webhook: to, Type: t, Body: body, Order: order,
		Created: now, State: Pending, Next: now,
	}
}

// Last is the order of what is sent by hand, behind the events of changes.
const Last = 999_999_999_999_999

// Answer is what came back for an attempt.
type Answer struct {
	Time   time.Time
	Status int    // of HTTP; 0: there was none
	Body   string // its beginning
	Error  string // why there was none, for people; empty: there was one
	Took   time.Duration
}

// Succeeded reports whether the receiver took the event.
func (a Answer) Succeeded() bool { return a.Status >= 200 && a.Status <= 299 }

// maxShown is how much of the body of an answer is kept, in bytes.
const maxShown = 1024

// Shown is the beginning of a body, as it is shown to people.
func Shown(body []byte) string {
	if len(body) > maxShown {
		body = body[:maxShown]
	}
	return strings.ToValidUTF8(string(body), "")
}

// Times of deliveries.
const (
	TriedFor = 24 * time.Hour     // after that, an attempt that fails is the last
	KeptFor  = 7 * 24 * time.Hour // how long the end of a delivery is kept

	firstPause = time.Minute
	mostPause  = 4 * time.Hour
	mostRest   = 15 * time.Minute
)

// Failed returns the delivery after an attempt that failed: it is tried again
// after as long as it has waited so far, and a minute, but at most four hours.
// After TriedFor it is dead.
func (d Delivery) Failed(a Answer, now time.Time) Delivery {
	d.Attempts++
	d.Answer = a
	age := now.Sub(d.Created)
	if age >= TriedFor {
		d.State = Dead
		return d
	}
	d.Next = now.Add(min(age+firstPause, mostPause))
	return d
}

// Ended returns the delivery after its last attempt.
func (d Delivery) Ended(s State, a Answer) Delivery {
	d.Attempts++
	d.State, d.Answer = s, a
	return d
}

// Abandoned returns a delivery that is not tried any more, with the reason.
func (d Delivery) Abandoned(why string, now time.Time) Delivery {
	d.State = Dead
	d.Answer = Answer{Time: now, Error: why}
	return d
}

// Again returns the delivery as it is sent once more by hand.
func (d Delivery) Again(now time.Time) Delivery {
	d.Order, d.State, d.Attempts, d.Created, d.Next = Last, Pending, 0, now, now
	return d
}

// Queue is the state of the queue of one webhook.
type Queue struct {
	Webhook ID
	Log     string    // see List.Log
	Due     time.Time // when the next run begins; zero: nothing waits
	Added   int64     // how many deliveries were put into it
	Failing time.Time // since when no attempt has succeeded; zero: the last one has
}

// Rest is how long a queue waits whose attempts fail: as long as they have
// failed, from one minute to fifteen.
func (q Queue) Rest(now time.Time) time.Duration {
	return min(max(now.Sub(q.Failing), firstPause), mostRest)
}

// GivenUp reports whether the webhook has failed for so long that it is
// disabled.
func (q Queue) GivenUp(now time.Time) bool {
	return !q.Failing.IsZero() && now.Sub(q.Failing) >= FailingLife
}

// ParseDelivery accepts the id of a delivery; anything else is CodeNotFound.
func ParseDelivery(s string) (string, error) {
	if !value.IsID(s) {
		return "", ErrNoDelivery
	}
	return s, nil
}

// ErrNoDelivery refuses a delivery that there is not, or not any more.
var ErrNoDelivery error = problem.NotFound("Delivery")

// Message is one attempt to send an event.
type Message struct {
	URL     string
	ID      string // of the event
	Time    time.Time
	Body    []byte
	Secrets []string // each signs
}
