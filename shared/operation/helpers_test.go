package operation_test

import (
	"encoding/json"
	"testing"

	"github.com/aws/aws-lambda-go/events"

	"profiles/shared/service"
	"profiles/shared/testkit"
	"profiles/shared/value"
)

func refOf(id value.ProfileID) service.ProfileRef { return service.ProfileRef{ID: id} }

// verified is the event of a request whose signature the gateway has verified.
func verified(t testing.TB, method, target string, body any) events.APIGatewayV2HTTPRequest {
	t.Helper()
	event := testkit.SignedEvent(method, target)
	if body != nil {
		raw, err := json.Marshal(body)
		if err != nil {
			t.Fatal(err)
		}
		event.Body = string(raw)
	}
	return event
}
