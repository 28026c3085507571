package operation

import (
	"context"
	"time"

	"profiles/shared/problem"
	"profiles/shared/service"
	"profiles/shared/service/webhooks"
	"profiles/shared/webhook"
)

// webhook reads whose webhook the path names, and which.
func (r *request) webhook() (webhooks.Of, webhook.ID, error) {
	of, err := r.profileOrAccount()
	if err != nil {
		return nil, "", err
	}
	id, err := webhook.ParseID(r.PathValue("webhook"))
	return of, id, err
}

var WebhookCreate = Operation{
	Name:    "webhook-create",
	Tag:     "Webhooks",
	Summary: "Adds a webhook to an own profile, or to the account; its secret is in the answer only.",
	Routes: []Route{
		{"POST", "/profile/{id}/webhook"},
		{"POST", "/account/webhook"},
	},
	Access:  OwnerOrAccount,
	Call:    strict[webhookBody, webhookMade](webhookCreate),
	Refuses: []problem.Reason{problem.ReasonWebhooksFull},
	Example: Example{
		Path: "/profile/current/webhook",
		Body: `{"url": "https://example.com/events", "events": ["token.*"]}`,
	},
}

type webhookBody struct {
	// the https address that events are sent to
	URL string `json:"url" is:"webhook_url"`
	// which events are sent: types, groups such as token.*, or *; all if it is
	// left out or empty
	Events []string `json:"events" is:"event_pattern"`
	// what the webhook is for, for people
	Description string `json:"description" is:"webhook_note"`
}

type webhookMade struct {
	ID webhook.ID `json:"id" is:"webhook_id"` // the id of the webhook
	// the secret that signs its events; it is not shown again
	Secret string `json:"secret" is:"webhook_secret"`
	// until when the secret before signs, too; null for none
	PreviousUntil *string `json:"previous_until" is:"time"`
}

func viewMade(m webhooks.Made) webhookMade {
	return webhookMade{m.ID, m.Plain, timeOrNull(m.PreviousUntil)}
}

func webhookCreate(
	ctx context.Context, s *service.Services, r *request, b webhookBody,
) (webhookMade, error) {
	of, err := r.profileOrAccount()
	if err != nil {
		return webhookMade{}, err
	}
	made, err := s.Webhooks.Create(ctx, r.client, of, webhook.Edit{
		URL: &b.URL, Events: &b.Events, Note: &b.Description,
	})
	if err != nil {
		return webhookMade{}, err
	}
	return viewMade(made), nil
}

var WebhookList = Operation{
	Name:    "webhook-list",
	Tag:     "Webhooks",
	Summary: "Lists the webhooks of an own profile, or of the account, without their secrets.",
	Routes: []Route{
		{"GET", "/profile/{id}/webhook"},
		{"GET", "/account/webhook"},
	},
	Access:  OwnerOrAccount,
	Call:    get[[]webhookRow](webhookList),
	Example: Example{Path: "/profile/current/webhook"},
}

type webhookRow struct {
	ID          webhook.ID `json:"id" is:"webhook_id"`            // the id of the webhook
	URL         string     `json:"url" is:"webhook_url"`          // the address that events are sent to
	Events      []string   `json:"events" is:"event_pattern"`     // which events are sent; empty for all
	Description string     `json:"description" is:"webhook_note"` // what it is for
	Enabled     bool       `json:"enabled"`                       // whether events are sent
	// when it was disabled because it took no event for three days; null if it
	// was not
	Failed *string `json:"failed_at" is:"time"`
	// until when the secret before the last rotation signs, too; null for none
	PreviousUntil *string `json:"previous_until" is:"time"`
	Created       string  `json:"created_at" is:"time"` // when it was created
	Updated       string  `json:"updated_at" is:"time"` // when it was last changed
}

func webhookList(
	ctx context.Context, s *service.Services, r *request,
) ([]webhookRow, error) {
	of, err := r.profileOrAccount()
	if err != nil {
		return nil, err
	}
	hooks, err := s.Webhooks.List(ctx, r.client, of)
	if err != nil {
		return nil, err
	}
	rows := make([]webhookRow, len(hooks))
	for i, h := range hooks {
		rows[i] = webhookRow{
			ID: h.ID, URL: h.URL, Events: append([]string{}, h.Events...), Description: h.Note,
			Enabled: h.Enabled, Failed: timeOrNull(h.Failed),
			PreviousUntil: timeOrNull(h.PreviousUntil), Created: isoTime(h.Created),
			Updated: isoTime(h.Updated),
		}
	}
	return rows, nil
}

var WebhookEdit = Operation{
	Name:    "webhook-edit",
	Tag:     "Webhooks",
	Summary: "Changes the address or the events of a webhook, disables or enables it.",
	Routes: []Route{
		{"PUT", "/profile/{id}/webhook/{webhook}"},
		{"PUT", "/account/webhook/{webhook}"},
	},
	Access: OwnerOrAccount,
	Remedy: true,
	Call:   strict[webhookChanges, acknowledged](webhookEdit),
	Example: Example{
		Path: "/profile/current/webhook/0123456789abcdef01234567",
		Body: `{"enabled": false}`,
	},
}

type webhookChanges struct {
	URL *string `json:"url" is:"webhook_url"` // the https address that events are sent to
	// which events are sent: types, groups such as token.*, or *; empty for all
	Events      *[]string `json:"events" is:"event_pattern"`
	Description *string   `json:"description" is:"webhook_note"` // what the webhook is for
	Enabled     *bool     `json:"enabled"`                       // whether events are sent
}

func webhookEdit(
	ctx context.Context, s *service.Services, r *request, b webhookChanges,
) (acknowledged, error) {
	of, id, err := r.webhook()
	if err != nil {
		return "", err
	}
	return "Webhook Successfully Updated", s.Webhooks.Edit(ctx, r.client, of, id, webhook.Edit{
		URL: b.URL, Events: b.Events, Note: b.Description, Enabled: b.Enabled,
	})
}

var WebhookDelete = Operation{
	Name:    "webhook-delete",
	Tag:     "Webhooks",
	Summary: "Deletes a webhook; nothing more is sent to it.",
	Routes: []Route{
		{"DELETE", "/profile/{id}/webhook/{webhook}"},
		{"DELETE", "/account/webhook/{webhook}"},
	},
	Access:  OwnerOrAccount,
	Remedy:  true,
	Call:    get[acknowledged](webhookDelete),
	Example: Example{Path: "/profile/current/webhook/0123456789abcdef01234567"},
}

func webhookDelete(ctx context.Context, s *service.Services, r *request) (acknowledged, error) {
	of, id, err := r.webhook()
	if err != nil {
		return "", err
	}
	return "Webhook Successfully Deleted", s.Webhooks.Delete(ctx, r.client, of, id)
}

var WebhookRotate = Operation{
	Name:    "webhook-rotate",
	Tag:     "Webhooks",
	Summary: "Gives a webhook a new secret, which is in the answer only; the one before signs beside it for a day.",
	Routes: []Route{
		{"POST", "/profile/{id}/webhook/{webhook}/rotate"},
		{"POST", "/account/webhook/{webhook}/rotate"},
	},
	Access:  OwnerOrAccount,
	Remedy:  true,
	Call:    bare[webhookMade](webhookRotate),
	Example: Example{Path: "/profile/current/webhook/0123456789abcdef01234567/rotate"},
}

func webhookRotate(ctx context.Context, s *service.Services, r *request) (webhookMade, error) {
	of, id, err := r.webhook()
	if err != nil {
		return webhookMade{}, err
	}
	made, err := s.Webhooks.Rotate(ctx, r.client, of, id)
	if err != nil {
		return webhookMade{}, err
	}
	return viewMade(made), nil
}

var WebhookDeliver = Operation{
	Name:    "webhook-deliver",
	Tag:     "Webhooks",
	Summary: "Sends events to webhooks, and again to those that did not take them.",
	Trigger: Schedule,
	Every:   time.Minute,
	Seals:   true,
	Posts:   true,
	Zones:   true,
	sweep:   webhookDeliver,
}

func webhookDeliver(ctx context.Context, s *service.Services) (int, error) {
	return s.Webhooks.Deliver(ctx)
}
