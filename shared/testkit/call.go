package testkit

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"sync"

	"github.com/aws/aws-lambda-go/events"

	"profiles/infra/openapi"
	"profiles/shared/app"
	"profiles/shared/httpapi"
	"profiles/shared/operation"
	"profiles/shared/problem"
)

// Answer is what came back for a request.
type Answer struct {
	Code    int               `json:"-"`
	Header  map[string]string `json:"-"`
	Body    string            `json:"-"` // as it came
	Cookies []string          `json:"-"`
	Status  bool              `json:"status"`
	Message string            `json:"message"`
	Reason  problem.Reason    `json:"code"`
	Details map[string]any    `json:"details"`
	Docs    string            `json:"docs"`
	Result  json.RawMessage   `json:"result"`
}

// Call sends a request through the operation's Lambda handler. target is a
// path, percent-encoded as on the wire, with an optional query; body is
// marshalled unless it is nil or a string.
func (w *World) Call(o operation.Operation, method, target, token string, body any) Answer {
	w.Helper()
	event := Event(method, target)
	if token != "" {
		event.Headers["token"] = token
	}
	w.fill(&event, body)
	return w.Send(o, event)
}

func (w *World) fill(event *events.APIGatewayV2HTTPRequest, body any) {
	w.Helper()
	switch b := body.(type) {
	case nil:
	case string:
		event.Body = b
	default:
		raw, err := json.Marshal(b)
		w.OK(err)
		event.Body = string(raw)
	}
}

// Event is the event that API Gateway makes of a request.
func Event(method, target string) events.APIGatewayV2HTTPRequest {
	encoded, query, _ := strings.Cut(target, "?")
	path, err := url.PathUnescape(encoded)
	if err != nil {
		path = encoded
	}
	return events.APIGatewayV2HTTPRequest{
		Version: "2.0", RouteKey: method + " " + path, RawPath: path, RawQueryString: query,
		Headers: map[string]string{"host": "api.example.com", "user-agent": "testkit"},
		RequestContext: events.APIGatewayV2HTTPRequestContext{
			RequestID: "test-request", Stage: "$default", DomainName: "api.example.com",
			HTTP: events.APIGatewayV2HTTPRequestContextHTTPDescription{
				Method:    method,
				Path:      path,
				Protocol:  "HTTP/1.1",
				SourceIP:  Home,
				UserAgent: "testkit",
			},
		},
	}
}

// SignedEvent is the event of a request whose signature the gateway has
// verified.
func SignedEvent(method, target string) events.APIGatewayV2HTTPRequest {
	event := Event(method, target)
	event.RequestContext.Authorizer = &events.APIGatewayV2HTTPRequestContextAuthorizerDescription{
		IAM: &events.APIGatewayV2HTTPRequestContextAuthorizerIAMDescription{
			UserARN: DataPlane, AccountID: "111122223333",
		},
	}
	return event
}

// DataPlane is what the gateway says of a caller whose signature it has
// verified.
const DataPlane = "arn:aws:sts::111122223333:assumed-role/data-plane/i-0123456789"

// Send invokes the operation's Lambda handler with an event and reads its
// answer, which must be in the envelope.
func (w *World) Send(o operation.Operation, event events.APIGatewayV2HTTPRequest) Answer {
	w.Helper()
	w.edit(&event)
	response := w.invoke(o, event)
	answer := Answer{
		Code: response.StatusCode, Header: response.Headers, Body: response.Body,
		Cookies: response.Cookies,
	}
	if event.RequestContext.HTTP.Method == http.MethodHead {
		return answer
	}
	if err := json.Unmarshal([]byte(response.Body), &answer); err != nil {
		w.Fatalf("%s: the answer is not in the envelope: %s", o.Name, response.Body)
	}
	if wrong := answer.wrong(); wrong != "" {
		w.Errorf("%s: %s: %d %s", o.Name, wrong, answer.Code, response.Body)
	}
	w.judge(o, event, answer)
	return answer
}

// Raw invokes the operation's Lambda handler with an event, and returns its
// answer as it is.
func (w *World) Raw(
	o operation.Operation, event events.APIGatewayV2HTTPRequest,
) events.APIGatewayV2HTTPResponse {
	w.Helper()
	w.edit(&event)
	return w.invoke(o, event)
}

func (w *World) edit(event *events.APIGatewayV2HTTPRequest) {
	if w.Edit != nil {
		w.Edit(event)
	}
}

func (w *World) invoke(
	o operation.Operation, event events.APIGatewayV2HTTPRequest,
) (answer events.APIGatewayV2HTTPResponse) {
	w.Helper()
	payload, err := json.Marshal(event)
	w.OK(err)
	raw, err := app.Handler(o, w.Services).Invoke(w.Context(), payload)
	if err != nil {
		w.Fatalf("%s: the invocation failed: %v", o.Name, err)
	}
	if len(raw) > httpapi.AnswerLimit {
		w.Fatalf("%s: Lambda refuses an answer of %d bytes", o.Name, len(raw))
	}
	w.OK(json.Unmarshal(raw, &answer))
	return answer
}

// Judge holds every request that is sent here, and its answer, against what is
// documented of the operation.
var Judge = sync.OnceValue(func() *openapi.Judge { return openapi.NewJudge(operation.All()) })

func (w *World) judge(o operation.Operation, event events.APIGatewayV2HTTPRequest, a Answer) {
	w.Helper()
	if strings.HasPrefix(a.Message, operation.NoRoute) {
		return // nobody comes here but by a wrong line of the template
	}
	if a.Code != http.StatusOK {
		if err := Judge().Refusal(o, a.Reason); err != nil {
			w.Error(err)
		}
		return
	}
	if err := Judge().Result(o, a.Result); err != nil {
		w.Errorf("%s: %v: %s", o.Name, err, a.Body)
	}
	if err := Judge().Request(o, []byte(event.Body)); err != nil {
		w.Errorf("%s: %v: %s", o.Name, err, event.Body)
	}
}

// wrong returns how an answer differs from what its operation's documentation
// says, "" when it does not.
func (a Answer) wrong() string {
	if a.Code < 400 {
		if a.Reason != "" || a.Docs != "" || a.Details != nil {
			return "a success has what refusals have"
		}
		return ""
	}
	status, known := statuses()[a.Reason]
	_, limited := a.Header["Retry-After"]
	first, _ := told.LoadOrStore(a.Message, a.Reason)
	switch {
	case !known:
		return "the code is no reason"
	case status != a.Code:
		return "the code goes with the status " + strconv.Itoa(status)
	case a.Docs != "/docs/errors#"+string(a.Reason):
		return "the docs are those of another code"
	case a.Result != nil:
		return "a refusal has a result"
	case limited && fmt.Sprint(a.Details["retry_after"]) != a.Header["Retry-After"]:
		return "the header and retry_after differ"
	case first != a.Reason:
		return fmt.Sprintf(
			"the code tells more than the message, which had the code %s before",
			first,
		)
	}
	return ""
}

// told maps each message of a refusal to the reason it came with.
var told sync.Map

// statuses maps each reason to the status of its refusals.
var statuses = sync.OnceValue(func() map[problem.Reason]int {
	out := map[problem.Reason]int{}
	for _, r := range problem.Reasons() {
		out[r.Reason] = httpapi.Fail(&problem.Error{Code: r.Class}).Status
	}
	return out
})

// Into reads the result of a successful answer.
func (a Answer) Into(w *World, v any) {
	w.Helper()
	if a.Code != 200 || !a.Status {
		w.Fatalf("got %d %q, want a result", a.Code, a.Message)
	}
	w.OK(json.Unmarshal(a.Result, v))
}
