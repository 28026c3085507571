package app_test

import (
	"encoding/json"
	"net/http"
	"testing"

	"github.com/aws/aws-lambda-go/events"

	"profiles/shared/app"
	"profiles/shared/operation"
)

// An answer belongs to the invocation that it came from, even if others begin
// while it is read. The local stack has several at once.
func TestALaterInvocationLeavesAnAnswerAsItIs(t *testing.T) {
	t.Parallel()
	handler := app.Handler(operation.DocsPage(), nil)
	invoke := func(path string) []byte {
		event := events.APIGatewayV2HTTPRequest{Version: "2.0", RawPath: path}
		event.RequestContext.HTTP.Method = http.MethodGet
		payload, err := json.Marshal(event)
		if err != nil {
			t.Fatal(err)
		}
		answer, err := handler.Invoke(t.Context(), payload)
		if err != nil {
			t.Fatal(err)
		}
		return answer
	}
	for range 10 {
		page := invoke("/docs")
		before := string(page)
		if document := invoke("/openapi.json"); string(document) == before {
			t.Fatal("two paths have one answer")
		}
		if string(page) != before {
			t.Fatal("the answer to one event is what a later one was answered")
		}
	}
}
