package operation

import (
	"context"
	"encoding/json"

	"profiles/shared/httpapi"
	"profiles/shared/problem"
	"profiles/shared/service"
	"profiles/shared/webhook"
)

var WebhookTest = Operation{
	Name:    "webhook-test",
	Tag:     "Webhooks",
	Summary: "Sends a test to a webhook within about a minute; the list of deliveries has the answer.",
	Routes: []Route{
		{"POST", "/profile/{id}/webhook/{webhook}/test"},
		{"POST", "/account/webhook/{webhook}/test"},
	},
	Access:  OwnerOrAccount,
	Call:    bare[deliveryMade](webhookTest),
	Refuses: []problem.Reason{problem.ReasonConflict},
	Example: Example{Path: "/profile/current/webhook/0123456789abcdef01234567/test"},
}

type deliveryMade struct {
	ID string `json:"id" is:"webhook_id"` // the id of the event, and of the delivery
}

func webhookTest(ctx context.Context, s *service.Services, r *request) (deliveryMade, error) {
	of, id, err := r.webhook()
	if err != nil {
		return deliveryMade{}, err
	}
	made, err := s.Webhooks.Test(ctx, r.client, of, id)
	return deliveryMade{made}, err
}

var DeliveryList = Operation{
	Name:    "delivery-list",
	Tag:     "Webhooks",
	Summary: "Lists what waits for a webhook, and then what was sent to it in the last 7 days, with the answers.",
	Routes: []Route{
		{"GET", "/profile/{id}/webhook/{webhook}/delivery"},
		{"GET", "/account/webhook/{webhook}/delivery"},
	},
	Access:  OwnerOrAccount,
	Call:    pages[deliveryQuery, deliveryRow](deliveryList),
	Refuses: []problem.Reason{problem.ReasonAnswerTooLarge},
	Example: Example{Path: "/profile/current/webhook/0123456789abcdef01234567/delivery"},
}

type deliveryQuery struct {
	httpapi.Paging
}

type deliveryRow struct {
	ID   string `json:"id" is:"webhook_id"`   // the id of the event, and of the audit entry
	Type string `json:"type" is:"event_type"` // the type of the event
	// whether it waits, was taken by the receiver, or is not tried any more
	State    webhook.State `json:"state" is:"delivery_state"`
	Attempts int           `json:"attempts"`                  // how often it was sent
	Created  string        `json:"created_at" is:"time"`      // when it was put into the queue
	Next     *string       `json:"next_attempt_at" is:"time"` // null when it does not wait
	// the answer to the last attempt; null before the first
	Answer *deliveryAnswer `json:"answer"`
	Event  json.RawMessage `json:"event"` // what is sent
}

type deliveryAnswer struct {
	Time   string `json:"time" is:"time"` // when it came
	Status *int   `json:"status"`         // of HTTP; null when there was no answer
	// the beginning of the body, at most 1 KiB
	Body string `json:"body" is:"text"`
	// why there was no answer; null when there was one
	Error    *string `json:"error" is:"text"`
	Duration int64   `json:"duration_ms"` // how long the attempt took
}

func deliveryList(
	ctx context.Context, s *service.Services, r *request, q deliveryQuery,
) ([]deliveryRow, string, error) {
	of, id, err := r.webhook()
	if err != nil {
		return nil, "", err
	}
	list, err := s.Webhooks.Deliveries(ctx, r.client, of, id, paging(q.Paging))
	if err != nil {
		return nil, "", err
	}
	rows := make([]deliveryRow, len(list.Rows))
	for i, d := range list.Rows {
		rows[i] = deliveryRow{
			ID: d.ID, Type: string(d.Type), State: d.State, Attempts: d.Attempts,
			Created: isoTime(d.Created), Answer: viewAnswer(d.Answer), Event: d.Body,
		}
		if d.State == webhook.Pending {
			rows[i].Next = timeOrNull(d.Next)
		}
	}
	return rows, list.Next, nil
}

func viewAnswer(a webhook.Answer) *deliveryAnswer {
	if a.Time.IsZero() {
		return nil
	}
	out := &deliveryAnswer{
		Time: isoTime(a.Time), Body: a.Body, Error: orNull(a.Error),
		Duration: a.Took.Milliseconds(),
	}
	if a.Status != 0 {
		out.Status = &a.Status
	}
	return out
}

var DeliveryResend = Operation{
	Name:    "delivery-resend",
	Tag:     "Webhooks",
	Summary: "Sends an event to a webhook once more, with the same id, after those that wait.",
	Routes: []Route{
		{"POST", "/profile/{id}/webhook/{webhook}/delivery/{delivery}/resend"},
		{"POST", "/account/webhook/{webhook}/delivery/{delivery}/resend"},
	},
	Access:  OwnerOrAccount,
	Call:    bare[acknowledged](deliveryResend),
	Refuses: []problem.Reason{problem.ReasonConflict},
	Example: Example{
		Path: "/profile/current/webhook/0123456789abcdef01234567/delivery/" +
			"0123456789abcdef01234568/resend",
	},
}

func deliveryResend(ctx context.Context, s *service.Services, r *request) (acknowledged, error) {
	of, id, err := r.webhook()
	if err != nil {
		return "", err
	}
	delivery, err := webhook.ParseDelivery(r.PathValue("delivery"))
	if err != nil {
		return "", err
	}
	return "Event Will Be Sent Again", s.Webhooks.Resend(ctx, r.client, of, id, delivery)
}
