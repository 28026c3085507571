package eventbus_test

import (
	"context"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"

	"profiles/shared/auditlog"
	"profiles/shared/event"
	"profiles/shared/eventbus"
	"profiles/shared/webhook"
)

// entries is the request of PutEvents, as AWS documents it.
type entries struct {
	Entries []struct {
		EventBusName, Source, DetailType, Detail string
		Time                                     float64
	}
}

// serve returns a bus on a server that answers each PutEvents so, and the
// requests that it got.
func serve(t *testing.T, status int, answer string) (*eventbus.Bus, *[]entries) {
	t.Helper()
	got := &[]entries{}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		var in entries
		if err := json.NewDecoder(r.Body).Decode(&in); err != nil ||
			r.Header.Get("X-Amz-Target") != "AWSEvents.PutEvents" {
			t.Errorf("%s is no PutEvents: %v", r.Header.Get("X-Amz-Target"), err)
		}
		*got = append(*got, in)
		w.Header().Set("Content-Type", "application/x-amz-json-1.1")
		w.WriteHeader(status)
		_, _ = w.Write([]byte(answer))
	}))
	t.Cleanup(server.Close)
	bus, err := eventbus.FromEnvironment(
		aws.Config{Region: "eu-central-1", Credentials: aws.CredentialsProviderFunc(
			func(context.Context) (aws.Credentials, error) {
				return aws.Credentials{AccessKeyID: "a", SecretAccessKey: "b"}, nil
			},
		)},
		func(name string) string {
			return map[string]string{
				"EVENT_BUS": "changes", "AWS_ENDPOINT_URL_EVENTBRIDGE": server.URL,
			}[name]
		},
	)
	if err != nil {
		t.Fatal(err)
	}
	return bus, got
}

func message() webhook.Message {
	now := time.Date(2030, time.March, 14, 9, 26, 53, 0, time.UTC)
	_, body := event.Encode(auditlog.Entry{
		ID: "0123456789abcdef01234567", Time: now, Resource: "token", Message: "Token created",
	}, event.Subject{Profile: "00000000000000000000000a"}, 7)
	return webhook.Message{ID: "0123456789abcdef01234567", Time: now, Body: body}
}

func TestAnEventIsPutOntoTheBus(t *testing.T) {
	t.Parallel()
	bus, got := serve(t, 200, `{"FailedEntryCount": 0, "Entries": [{"EventId": "1"}]}`)
	m := message()
	if answer := bus.Post(t.Context(), m); !answer.Succeeded() {
		t.Fatalf("got %+v", answer)
	}
	_, detail, err := event.Cloud(m.Body)
	if err != nil || len(*got) != 1 || len((*got)[0].Entries) != 1 {
		t.Fatalf("the bus got %+v, %v", *got, err)
	}
	e := (*got)[0].Entries[0]
	if e.EventBusName != "changes" || e.Source != "profiles" || e.DetailType != "token.created" ||
		e.Detail != string(detail) || int64(e.Time) != m.Time.Unix() {
		t.Errorf("the bus got %+v", e)
	}
}

// What the bus did not take is no success, whatever the status of the answer,
// and is asked for once: the queue repeats it.
func TestWhatTheBusRefuses(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		status      int
		answer, why string
	}{
		{200, `{"FailedEntryCount": 1, "Entries": [{"ErrorCode": "ThrottlingException", "ErrorMessage": "slow down"}]}`, "ThrottlingException: slow down"},
		{200, `{"FailedEntryCount": 1, "Entries": []}`, "did not say"},
		{400, `{"__type": "ResourceNotFoundException", "message": "no bus"}`, "ResourceNotFoundException: no bus"},
		{400, `{"__type": "AccessDeniedException", "message": "no right"}`, "AccessDeniedException"},
		{500, `{"__type": "InternalException", "message": "broken"}`, "InternalException"},
		{200, `<html>`, "deserialization"},
	} {
		bus, got := serve(t, test.status, test.answer)
		answer := bus.Post(t.Context(), message())
		if answer.Succeeded() || !strings.Contains(answer.Error, test.why) || len(*got) != 1 {
			t.Errorf("%s: got %+v after %d requests", test.answer, answer, len(*got))
		}
	}
	bus, got := serve(t, 200, "")
	a := bus.Post(t.Context(), webhook.Message{Body: []byte("x")})
	if a.Succeeded() || len(*got) != 0 {
		t.Errorf("what is no event: got %+v", a)
	}
}

func TestABusNeedsAName(t *testing.T) {
	t.Parallel()
	_, err := eventbus.FromEnvironment(aws.Config{}, func(string) string { return "" })
	if err == nil || !strings.Contains(err.Error(), "EVENT_BUS") {
		t.Errorf("got %v", err)
	}
}
