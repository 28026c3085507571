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

// dataPlane is what the gateway says of a caller whose signature it has verified.
const dataPlane = "arn:aws:sts::111122223333:assumed-role/data-plane/i-0123456789"

// verified is the event of a request whose signature the gateway has verified.
func verified(t testing.TB, method, target string, body any) events.APIGatewayV2HTTPRequest {
	t.Helper()
	event := testkit.Event(method, target)
	event.RequestContext.Authorizer = &events.APIGatewayV2HTTPRequestContextAuthorizerDescription{
		IAM: &events.APIGatewayV2HTTPRequestContextAuthorizerIAMDescription{UserARN: dataPlane, AccountID: "111122223333"},
	}
	if body != nil {
		raw, err := json.Marshal(body)
		if err != nil {
			t.Fatal(err)
		}
		event.Body = string(raw)
	}
	return event
}
