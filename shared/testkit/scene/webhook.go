package scene

import (
	"profiles/shared/operation"
	"profiles/shared/service/webhooks"
	"profiles/shared/webhook"
)

func ofWebhooks() []Scene {
	of := func(path string) string { return "/profile/HOME/webhook" + path }
	body := Object{"url": receiver, "events": []string{"token.*"}}
	return []Scene{
		{
			Operation: operation.WebhookCreate, What: "of a profile",
			Send: "POST " + of(""), Body: body, Cost: Cost{2, 2, 2, 9, 14},
			More: "L+1",
		},
		{
			Operation: operation.WebhookCreate, What: "of the account",
			Send: "POST /account/webhook", Body: body, Cost: Cost{3, 2, 3, 9, 14}, More: "L+1",
			Calm: true,
		},
		{
			Operation: operation.WebhookList, Prepare: hooked,
			Send: "GET " + of(""), Cost: Cost{1, 1, 1, 4, 0},
		},
		{
			Operation: operation.WebhookEdit, Prepare: hooked,
			Send: "PUT " + of("/THING"), Body: Object{"enabled": false},
			Cost: Cost{2, 2, 2, 9, 14}, More: "L+1",
		},
		{
			Operation: operation.WebhookDelete, Prepare: hooked,
			Send: "DELETE " + of("/THING"), Cost: Cost{2, 2, 2, 9, 14}, Again: 404,
		},
		{
			Operation: operation.WebhookRotate, Prepare: hooked,
			Send: "POST " + of("/THING/rotate"), Cost: Cost{2, 2, 2, 9, 14}, More: "L+1",
		},
		{
			Operation: operation.WebhookTest, Prepare: hooked,
			Send: "POST " + of("/THING/test"), Cost: Cost{2, 2, 2, 6, 14}, More: "W/P+1",
		},
		{
			Operation: operation.DeliveryList, Prepare: delivered,
			Send: "GET " + of("/THING/delivery"), Cost: Cost{2, 2, 2, 5, 0},
		},
		{
			Operation: operation.DeliveryResend,
			Prepare: func(s *Stage) {
				delivered(s)
				s.Token = s.Receiver.Got()[0].ID // in the place of a token
			},
			Send: "POST " + of("/THING/delivery/TOKEN/resend"), Cost: Cost{3, 3, 3, 6, 14},
		},
		{
			Operation: operation.WebhookDeliver, What: "one event",
			Prepare: waiting, Cost: Cost{14, 14, 14, 7, 9},
			Calm: true, // TestALostLeaseSendsOnce has the trouble of deliveries
		},
	}
}

// receiver is the address of a webhook.
const receiver = "https://example.com/events"

// hooked leaves a webhook of ana's first profile, and its id.
func hooked(s *Stage) {
	s.Helper()
	url, home := receiver, s.home()
	made, err := s.Webhooks.Create(s.Context(), s.Ana.Client(operation.WebhookCreate),
		webhooks.Of(&home), webhook.Edit{URL: &url})
	s.OK(err)
	s.Thing = string(made.ID)
}

// waiting leaves an event that waits for a webhook.
func waiting(s *Stage) {
	s.Helper()
	hooked(s)
	home := s.home()
	_, err := s.Webhooks.Test(s.Context(), s.Ana.Client(operation.WebhookTest),
		webhooks.Of(&home), webhook.ID(s.Thing))
	s.OK(err)
}

// delivered leaves one that the receiver took.
func delivered(s *Stage) {
	s.Helper()
	waiting(s)
	n, err := s.Webhooks.Deliver(s.Context())
	s.OK(err)
	if n != 1 {
		s.Fatalf("%d events were taken, want 1", n)
	}
}
