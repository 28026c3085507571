package adapter

import (
	"context"
	"encoding/base64"
	"fmt"
	"log/slog"
	"net/http"
	"net/url"
	"path"
	"runtime/debug"
	"strings"

	"github.com/aws/aws-lambda-go/events"
	"github.com/aws/aws-lambda-go/lambda"
	"github.com/aws/aws-lambda-go/lambdacontext"
	"github.com/awslabs/aws-lambda-go-api-proxy/httpadapter"

	"profiles/shared/httpapi"
	"profiles/shared/metric"
	"profiles/shared/problem"
)

// Sender is the sender of a request as the gateway describes it. No header can
// forge it.
type Sender struct {
	Source  string // the address
	Agent   string
	Request string // the id of the request
	Service bool   // IAM knows the sender
	Browser httpapi.Browser
}

// HTTP adapts API Gateway's HTTP API events, payload 2.0, to requests that
// answer answers. The adapter library misreads some requests that any client
// can send; normalizeEvent and serve avoid that.
func (f *Function) HTTP(answer func(*http.Request, Sender) httpapi.Answer) lambda.Handler {
	return Handler[events.APIGatewayV2HTTPRequest, events.APIGatewayV2HTTPResponse](
		func(
			ctx context.Context, event events.APIGatewayV2HTTPRequest,
		) (events.APIGatewayV2HTTPResponse, error) {
			event, err := f.Edge.admit(event)
			if err == nil {
				event, err = normalizeEvent(event)
			}
			ctx, i := f.Begin(ctx, requestID(ctx, &event))
			if err != nil {
				return i.refuse(ctx, err), nil
			}
			adapter := httpadapter.NewV2(http.HandlerFunc(
				func(w http.ResponseWriter, r *http.Request) { i.serve(answer, &event, w, r) },
			))
			return adapter.ProxyWithContext(ctx, event)
		},
	)
}

// normalizeEvent repairs an event that the adapter would misread. The gateway
// delivers the path decoded, and the adapter parses it as part of a URL. A '%',
// '?' or '#' of a client would then fail the invocation or cut the path, so the
// path is encoded again. A stage other than $default is removed from the path.
// Double slashes and dots are resolved, because a redirect would turn a POST
// into a GET.
func normalizeEvent(e events.APIGatewayV2HTTPRequest) (events.APIGatewayV2HTTPRequest, error) {
	if e.Version != "2.0" || e.RequestContext.HTTP.Method == "" {
		return e, problem.Invalid("this function takes HTTP API events in payload version 2.0")
	}
	// With one of these characters the adapter would fail the invocation and
	// print the path.
	if strings.ContainsFunc(
		e.RequestContext.HTTP.Method,
		func(r rune) bool { return r != '-' && (r < 'A' || r > 'Z') && (r < 'a' || r > 'z') },
	) {
		return e, problem.Invalid("the method of the request is not an HTTP method")
	}
	if strings.ContainsFunc(e.RawQueryString, func(r rune) bool { return r < ' ' || r == 0x7f }) {
		return e, problem.Invalid("the query string must not contain control characters")
	}
	clean := e.RawPath
	if stage := e.RequestContext.Stage; stage != "" && stage != "$default" {
		if rest, ok := strings.CutPrefix(clean, "/"+stage); ok && (rest == "" || rest[0] == '/') {
			clean = rest
		}
	}
	// A path without a route at the gateway is not changed.
	if e.RouteKey != httpapi.DefaultRoute {
		trailing := len(clean) > 1 && strings.HasSuffix(clean, "/")
		if clean = path.Clean("/" + clean); trailing && clean != "/" {
			clean += "/"
		}
	}
	e.RawPath = (&url.URL{Path: clean}).EscapedPath()
	e.RequestContext.HTTP.Path = e.RawPath
	if e.IsBase64Encoded {
		body, err := base64.StdEncoding.DecodeString(e.Body)
		if err != nil {
			return e, problem.Invalid("the request body could not be read")
		}
		e.Body, e.IsBase64Encoded = string(body), false
	}
	return e, nil
}

// senderOf returns the sender of a request.
func senderOf(event *events.APIGatewayV2HTTPRequest, r *http.Request, request string) Sender {
	authorizer := event.RequestContext.Authorizer
	return Sender{
		Source:  event.RequestContext.HTTP.SourceIP,
		Agent:   event.RequestContext.HTTP.UserAgent,
		Request: request,
		Service: authorizer != nil && authorizer.IAM != nil && authorizer.IAM.UserARN != "",
		Browser: httpapi.BrowserOf(r, event.Cookies),
	}
}

// serve runs the operation, sends its answer, and logs a line without headers,
// bodies and addresses.
func (i *Invocation) serve(
	answers func(*http.Request, Sender) httpapi.Answer,
	event *events.APIGatewayV2HTTPRequest,
	w http.ResponseWriter,
	r *http.Request,
) {
	// The adapter splits most headers at commas, so they are taken from the
	// event.
	r.Header = make(http.Header, len(event.Headers))
	for name, value := range event.Headers {
		r.Header.Set(name, value)
	}
	id := i.record.Request
	answer := run(answers, r, senderOf(event, r, id))
	w.Header().Set(requestHeader, id)
	answer.Send(w, r)

	line := []slog.Attr{slog.Int("status", answer.Status)}
	if i.Line != nil {
		line = append(line, i.Line(r)...)
	}
	if i.Latency && (r.Method == http.MethodGet || r.Method == http.MethodHead) {
		took := i.took()
		if i.first {
			took += i.start
		}
		metric.Add(r.Context(), metric.ReadLatency, float64(took.Milliseconds()))
	}
	level := slog.LevelInfo
	if answer.Err != nil {
		line = append(line, slog.String("code", string(problem.ReasonOf(answer.Err))))
	}
	if answer.Status >= 500 && answer.Err != nil {
		level = slog.LevelError
		line = append(line, slog.String("error", answer.Err.Error()))
	}
	i.End(r.Context(), level, "answered", line...)
}

// requestHeader is the header of every answer with the id of its request.
const requestHeader = "X-Request-Id"

// run answers a request. A panic becomes an error with CodeInternal.
func run(
	answers func(*http.Request, Sender) httpapi.Answer, r *http.Request, from Sender,
) (answer httpapi.Answer) {
	defer func() {
		if p := recover(); p != nil {
			answer = httpapi.Fail(fmt.Errorf("panic: %v\n%s", p, debug.Stack()))
		}
	}()
	return answers(r, from)
}

func requestID(ctx context.Context, event *events.APIGatewayV2HTTPRequest) string {
	if event.RequestContext.RequestID != "" {
		return event.RequestContext.RequestID
	}
	if lc, ok := lambdacontext.FromContext(ctx); ok {
		return lc.AwsRequestID
	}
	return ""
}

// refuse answers an event that is not made into a request.
func (i *Invocation) refuse(
	ctx context.Context,
	err error,
) events.APIGatewayV2HTTPResponse {
	answer := httpapi.Fail(err)
	answer.Header.Set(requestHeader, i.record.Request)
	level, line := slog.LevelInfo, []slog.Attr{
		slog.Int("status", answer.Status),
		slog.String("code", string(problem.ReasonOf(err))),
	}
	if answer.Status >= 500 {
		level, line = slog.LevelError, append(line, slog.String("error", err.Error()))
	}
	i.End(ctx, level, "answered", line...)
	headers := make(map[string]string, len(answer.Header))
	for name := range answer.Header {
		headers[name] = answer.Header.Get(name)
	}
	return events.APIGatewayV2HTTPResponse{
		StatusCode: answer.Status,
		Headers:    headers,
		Body:       string(answer.Body),
	}
}
