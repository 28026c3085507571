package main

import (
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"

	standardwebhooks "github.com/standard-webhooks/standard-webhooks/libraries/go"

	"profiles/infra/demo"
)

// A program on this machine is sent the events of a whole stack, and verifies
// them with the public library; a bus is sent them, too.
func TestAProgramHearsOfAChange(t *testing.T) {
	t.Parallel()
	var onBus atomic.Int64
	bus := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, q *http.Request) {
		var put struct {
			Entries []struct{ EventBusName, DetailType string }
		}
		if err := json.NewDecoder(q.Body).Decode(&put); err == nil && len(put.Entries) == 1 &&
			put.Entries[0].EventBusName == "local" &&
			put.Entries[0].DetailType == "webhook.created" {
			onBus.Add(1)
		}
		_, _ = w.Write([]byte(`{"FailedEntryCount": 0, "Entries": [{"EventId": "1"}]}`))
	}))
	defer bus.Close()
	r := start(t, t.TempDir(), "AWS_ENDPOINT_URL_EVENTBRIDGE="+bus.URL)
	type request struct {
		header http.Header
		body   []byte
	}
	got := make(chan request, 8)
	receiver := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, q *http.Request) {
		body, err := io.ReadAll(q.Body)
		if err != nil {
			t.Error(err)
		}
		got <- request{q.Header, body}
	}))
	defer receiver.Close()

	code, answer := r.call("POST", "/account/webhook", demo.Owner.Token(),
		`{"url": "`+receiver.URL+`/events", "events": ["webhook.*"]}`)
	var made struct{ Result struct{ Secret string } }
	if err := json.Unmarshal([]byte(answer), &made); err != nil || code != 200 {
		t.Fatalf("creating a webhook: got %d %s", code, answer)
	}
	var first request
	r.eventually("the program hears of its webhook", func() bool {
		select {
		case first = <-got:
			return true
		default:
			return false
		}
	})
	r.eventually("the bus hears of the webhook", func() bool { return onBus.Load() > 0 })
	verifier, err := standardwebhooks.NewWebhook(made.Result.Secret)
	if err != nil {
		t.Fatal(err)
	}
	if err := verifier.Verify(first.body, first.header); err != nil {
		t.Errorf("the signature does not verify: %v", err)
	}
	if !strings.Contains(string(first.body), `"type":"webhook.created"`) {
		t.Errorf("got %s, want the event of the new webhook", first.body)
	}
}
