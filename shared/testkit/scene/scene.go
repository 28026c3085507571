// Package scene is the register of scenes: requests to operations, each in a
// situation where its operation does all its work. The tests play every scene
// from several sides: shared/operation holds its cost, the rights it uses, its
// example, its audit entries and its Idempotency-Key, and shared/service has it
// meet every trouble of the table. Only tests import it.
package scene

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strings"

	"github.com/aws/aws-lambda-go/events"

	"profiles/shared/httpapi"
	"profiles/shared/operation"
	"profiles/shared/testkit"
)

// Object is a JSON object.
type Object = map[string]any

// Scene is a request to an operation, in a situation. That of a scheduled
// operation is a run of it, that of one of the stream tells it of Thing, and
// that of one of a topic gives it Thing as the message.
type Scene struct {
	Operation operation.Operation
	What      string       // the situation; "" for one that needs no name
	Prepare   func(*Stage) // what leads there; nil for nothing
	// Send is the method and the target. In it and in Body stand HOME for ana's
	// first profile, OTHER for her second one, TOKEN for another token of the
	// first, BEN for ben's account, CODE and THING for what Prepare has left,
	// TICKET for a transfer, and CONFIRM and ANSWER for its codes.
	Send string
	Body any
	By   Sender // who sends it; nil for ana
	// Cost is the limit of what the request may cost. It is zero where another
	// scene of the operation has the same cost: then this scene is only played
	// on a table in trouble.
	Cost Cost
	// Calm keeps trouble away from this scene, because another scene of the
	// operation meets the same trouble.
	Calm bool
	// Denied is the status of an operation that always refuses; 0 for one that
	// succeeds.
	Denied int
	// Again is the status of the same request sent again by a client that never
	// heard that it had succeeded; 0 for a success.
	Again int
	// More are the items that such a repetition adds, by kinds, as in
	// "L+1 P/T+1"; "" for none.
	More string
	// Lost is the status when every answer to a write is lost; 0 for 503.
	Lost int
}

// Cost is what a request may cost: sequential round trips when the function
// remembers nothing of the caller and when it does, requests to DynamoDB, and
// at most so many read units and write units.
type Cost struct {
	Cold, Warm, Requests int
	Reads, Writes        float64
}

// Name is the name of the operation and the situation.
func (c Scene) Name() string {
	return strings.TrimSuffix(c.Operation.Name+": "+c.What, ": ")
}

// Run plays a scene. The answer of an operation that always refuses counts as
// its success. A run of a scheduled operation has how many things it dealt with
// as its result.
func (c Scene) Run(s *Stage) testkit.Answer {
	s.Helper()
	switch c.Operation.Trigger {
	case operation.Schedule:
		n, err := c.Operation.Sweep(s.Context(), s.Services)
		return ended(n, err)
	case operation.Topic:
		return ended(1, c.Operation.Receive(s.Context(), s.Services, s.Thing))
	case operation.Stream:
		return ended(1, s.tell(c.Operation))
	}
	got := c.request(s)
	switch {
	case c.Denied != 0 && got.Code == http.StatusOK:
		s.Errorf("%s: got a success, want %d", c.Operation.Name, c.Denied)
	case c.Denied != 0 && got.Code == c.Denied:
		return testkit.Answer{Code: http.StatusOK, Status: true, Header: got.Header}
	}
	return got
}

// ended turns the result of a scheduled operation into an answer.
func ended(n int, err error) testkit.Answer {
	if err != nil {
		return testkit.Answer{Code: httpapi.Fail(err).Status, Message: err.Error()}
	}
	return testkit.Answer{Code: http.StatusOK, Status: true, Result: json.RawMessage(fmt.Sprint(n))}
}

func (c Scene) request(s *Stage) testkit.Answer {
	s.Helper()
	send := c.By
	switch {
	case send == nil && c.Operation.Access == operation.Anonymous:
		send = Nobody
	case send == nil:
		send = Ana
	}
	method, target, _ := strings.Cut(c.Send, " ")
	event := send(s, method, s.Fill(target))
	if c.Body != nil {
		raw, err := json.Marshal(c.Body)
		s.OK(err)
		event.Body = s.Fill(string(raw))
	}
	if c.Operation.Call == nil { // it answers no envelope
		got := s.Raw(c.Operation, event)
		answer := testkit.Answer{Code: got.StatusCode, Header: got.Headers}
		answer.Status = answer.Code == http.StatusOK
		if !answer.Status && got.Body != "" { // none for a HEAD
			s.OK(json.Unmarshal([]byte(got.Body), &answer))
		}
		return answer
	}
	return s.Send(c.Operation, event)
}

// Sender makes the event of a request that somebody sends.
type Sender func(s *Stage, method, target string) events.APIGatewayV2HTTPRequest

// Nobody sends a request without a credential.
func Nobody(_ *Stage, method, target string) events.APIGatewayV2HTTPRequest {
	return testkit.Event(method, target)
}

// Ana, Ben, Sam and Plane send a request with their tokens, and Holder with the
// code that Prepare has left.
var (
	Ana    = with(func(s *Stage) string { return s.Ana.Token })
	Ben    = with(func(s *Stage) string { return s.Ben.Token })
	Sam    = with(func(s *Stage) string { return s.Sam.Token })
	Plane  = with(func(s *Stage) string { return s.Plane.Token })
	Holder = with(func(s *Stage) string { return s.Code })
)

func with(token func(*Stage) string) Sender {
	return func(s *Stage, method, target string) events.APIGatewayV2HTTPRequest {
		event := testkit.Event(method, target)
		event.Headers["token"] = token(s)
		return event
	}
}

// Page sends a request from a page of the service, with the session of the
// stage.
func Page(s *Stage, method, target string) events.APIGatewayV2HTTPRequest {
	return testkit.PageEvent(method, target, s.Session)
}

// Gateway sends a request whose signature the gateway has verified.
func Gateway(_ *Stage, method, target string) events.APIGatewayV2HTTPRequest {
	return testkit.SignedEvent(method, target)
}
