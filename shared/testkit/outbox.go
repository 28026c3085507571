package testkit

import (
	"context"
	"fmt"
	"sync"

	"profiles/shared/mailing"
	"profiles/shared/value"
)

// Outbox is a mailer that keeps what it delivers, and refuses when told to.
type Outbox struct {
	mu     sync.Mutex
	sent   []mailing.Message
	refuse []error
}

// Deliver implements service.Mailer.
func (o *Outbox) Deliver(_ context.Context, m mailing.Message) error {
	o.mu.Lock()
	defer o.mu.Unlock()
	if len(o.refuse) > 0 {
		err := o.refuse[0]
		o.refuse = o.refuse[1:]
		return err
	}
	o.sent = append(o.sent, m)
	return nil
}

// Refuse makes the next deliveries fail, one with each error.
func (o *Outbox) Refuse(errs ...error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.refuse = append(o.refuse, errs...)
}

// Sent returns what was delivered so far.
func (o *Outbox) Sent() []mailing.Message {
	o.mu.Lock()
	defer o.mu.Unlock()
	return append([]mailing.Message(nil), o.sent...)
}

// Mail delivers everything in the outbox and returns the mails that were sent
// to an address, oldest first.
func (w *World) Mail(to value.Email) []mailing.Message {
	w.Helper()
	for _, it := range w.Items() {
		w.OK(w.Services.Outbox.DeliverItem(w.Context(), it.PK))
	}
	var out []mailing.Message
	for _, m := range w.Outbox.Sent() {
		if m.To == string(to) {
			out = append(out, m)
		}
	}
	return out
}

// Bounce is the event of SES that a mail came back for good.
func Bounce(id mailing.ID) string {
	return fmt.Sprintf(`{"eventType":"Bounce","bounce":{"bounceType":"Permanent"},`+
		`"mail":{"tags":{%q:[%q]}}}`, mailing.TagMail, id)
}
