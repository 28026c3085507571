package service_test

import (
	"encoding/json"
	"slices"
	"testing"
	"time"

	"profiles/shared/event"
	"profiles/shared/operation"
	"profiles/shared/testkit"
	"profiles/shared/webhook"
)

// newBus returns a world with a webhook of a profile that was sent all there
// was, and with a bus that was sent nothing.
func newBus(t *testing.T) (*hooks, *testkit.Receiver) {
	t.Helper()
	h := newHooks(t)
	h.seal()
	h.deliver()
	h.Receiver.Got()
	return h, h.Bus()
}

// told returns the events that the bus got, and that each is about a profile or
// an account.
func told(t *testing.T, got []webhook.Message) (out []event.Body) {
	t.Helper()
	for _, m := range got {
		var b event.Body
		if err := json.Unmarshal(m.Body, &b); err != nil || b.ID != m.ID {
			t.Fatalf("%s is no event: %v", m.Body, err)
		}
		if m.URL != "" || len(m.Secrets) != 0 {
			t.Errorf("the bus is given the address %q and %d secrets", m.URL, len(m.Secrets))
		}
		out = append(out, b)
	}
	return out
}

// Each entry of each log reaches the bus once, in the order of its log, beside
// the webhooks that hear of it.
func TestTheBusHearsOfEachChange(t *testing.T) {
	t.Parallel()
	h, bus := newBus(t)
	for _, name := range []string{"one", "two", "three"} {
		h.rename(name)
	}
	_, err := h.Webhooks.Create(h.Context(), h.ana.Client(operation.WebhookCreate), nil,
		webhook.Edit{URL: ptr(receiverURL)})
	h.OK(err)
	h.seal()
	h.seal()
	h.deliver()
	if got := len(h.Receiver.Got()); got != 4 {
		t.Errorf("the webhooks got %d events beside the bus, want 4", got)
	}
	sequences := map[string][]int64{}
	for _, b := range told(t, bus.Got()) {
		about := "account"
		if p := b.Data.Profile; p != nil {
			about = "another profile"
			if *p == h.ana.Home {
				about = "profile"
			}
		} else if *b.Data.Account != h.ana.ID {
			about = "another account"
		}
		sequences[about] = append(sequences[about], *b.Sequence)
	}
	if len(sequences) != 2 || len(sequences["profile"]) != 3 || len(sequences["account"]) != 1 ||
		!slices.IsSorted(sequences["profile"]) {
		t.Errorf("the bus got the entries %v, want 3 of the profile and one of the account", sequences)
	}
	h.Advance(time.Minute)
	if h.deliver(); len(bus.Got()) != 0 {
		t.Error("events reach the bus twice")
	}
}

// What becomes of a deleted account is told as of that account until the end.
func TestTheBusHearsOfADeletedAccount(t *testing.T) {
	t.Parallel()
	h, bus := newBus(t)
	h.OK(deleteAccount(h.Services, h.World, h.ana))
	for range 5 {
		purgeAccounts(h.World)
		h.seal()
		h.deliver()
		h.Advance(15 * time.Minute)
	}
	purged := false
	for _, b := range told(t, bus.Got()) {
		purged = purged || b.Type == "account.purged"
		if b.Type.Group() == "account" && (b.Data.Account == nil || *b.Data.Account != h.ana.ID) {
			t.Errorf("the event %s is of %v", b.Type, b.Data)
		}
	}
	if !purged {
		t.Error("the bus does not hear that the account is gone")
	}
}

// A bus that takes nothing is tried for a day, is never given up, and holds up
// no webhook.
func TestABusThatTakesNothing(t *testing.T) {
	t.Parallel()
	h, bus := newBus(t)
	bus.Answer(func(webhook.Message) webhook.Answer { return webhook.Answer{Error: "throttled"} })
	h.rename("one")
	h.seal()
	h.deliver()
	if got := len(h.Receiver.Got()); got != 1 {
		t.Errorf("the webhook got %d events, want 1", got)
	}
	for range 5 * 24 * 4 {
		h.Advance(15 * time.Minute)
		h.deliver()
	}
	if got := len(bus.Got()); got < 10 || got > 200 {
		t.Errorf("the bus was asked %d times", got)
	}
	bus.Answer(nil)
	h.rename("two")
	h.seal()
	h.Advance(15 * time.Minute)
	h.deliver()
	if got := told(t, bus.Got()); len(got) != 1 || got[0].Data.Changes[0].After != "two" {
		t.Errorf("after five days the bus gets %v, want the new event alone", got)
	}
}

// A stack that has no bus any more forgets what waits for it.
func TestABusThatIsGone(t *testing.T) {
	t.Parallel()
	h, bus := newBus(t)
	h.rename("one")
	h.seal()
	h.NoBus()
	h.rename("two")
	h.seal()
	h.deliver()
	h.Advance(time.Hour)
	h.deliver()
	for _, it := range h.Items() {
		if it.SK == "Q" && it.PK == "W#"+string(webhook.BusOf(string(h.ana.Home))) {
			t.Errorf("the queue of the bus is still there: %v", it)
		}
	}
	if got := len(bus.Got()); got != 0 {
		t.Errorf("the bus got %d events", got)
	}
}
