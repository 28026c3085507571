package app

import (
	"bytes"
	"context"
	"encoding/base64"
	"fmt"
	"log/slog"
	"net/http"
	"net/url"
	"path"
	"runtime/debug"
	"strings"
	"time"

	"github.com/aws/aws-lambda-go/events"
	"github.com/aws/aws-lambda-go/lambda"
	"github.com/aws/aws-lambda-go/lambdacontext"
	"github.com/awslabs/aws-lambda-go-api-proxy/httpadapter"

	"profiles/shared/httpapi"
	"profiles/shared/operation"
	"profiles/shared/problem"
	"profiles/shared/service"
	"profiles/shared/value"
)

// httpHandler adapts API Gateway's HTTP API events, payload 2.0, to the
// operation. The adapter library has traps that any client can trigger;
// straighten and the wrapper below take them out of its way.
func httpHandler(o operation.Operation, s *service.Services) lambda.Handler {
	adapter := httpadapter.NewV2(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		serve(o, s, w, r)
	}))
	return eventHandler[events.APIGatewayV2HTTPRequest, events.APIGatewayV2HTTPResponse](
		func(ctx context.Context, event events.APIGatewayV2HTTPRequest) (events.APIGatewayV2HTTPResponse, error) {
			event, err := normalizeEvent(event)
			if err != nil {
				return refuse(ctx, o, &event, err), nil
			}
			return adapter.ProxyWithContext(context.WithValue(ctx, eventKey{}, &event), event)
		},
	)
}

type eventKey struct{}

// normalizeEvent repairs what the adapter would misread. The gateway delivers
// the path decoded; the adapter parses it as part of a URL, where a '%', '?' or
// '#' from a client would fail the invocation or cut the path, so it gets it
// encoded. A stage other than $default is not part of the path. Doubled slashes
// and dots are resolved here, because a redirect would turn a POST into a GET.
func normalizeEvent(e events.APIGatewayV2HTTPRequest) (events.APIGatewayV2HTTPRequest, error) {
	if e.Version != "2.0" || e.RequestContext.HTTP.Method == "" {
		return e, problem.Invalid("this function takes HTTP API events in payload version 2.0")
	}
	// The adapter would fail the invocation over these, and print the path.
	if strings.ContainsFunc(
		e.RequestContext.HTTP.Method,
		func(r rune) bool { return r != '-' && (r < 'A' || r > 'Z') && (r < 'a' || r > 'z') },
	) {
		return e, problem.Invalid("the method of the request is none of HTTP")
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
	// What the gateway found no route for is answered as it came.
	if e.RouteKey != operation.DefaultRoute {
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

// clientOf is what the gateway says of whoever sends a request. The part about
// IAM is the gateway's alone: no header can make it up.
func clientOf(event *events.APIGatewayV2HTTPRequest, request string) service.Client {
	authorizer := event.RequestContext.Authorizer
	return service.Client{
		Source:  event.RequestContext.HTTP.SourceIP,
		Agent:   event.RequestContext.HTTP.UserAgent,
		Request: request,
		Service: authorizer != nil && authorizer.IAM != nil && authorizer.IAM.UserARN != "",
	}
}

// serve runs the operation, whatever it does: a panic becomes the internal
// error, an answer without a status becomes one, and a line is logged that
// names no header, no body and no address.
func serve(o operation.Operation, s *service.Services, w http.ResponseWriter, r *http.Request) {
	start := time.Now()
	event, _ := r.Context().Value(eventKey{}).(*events.APIGatewayV2HTTPRequest)
	// The adapter splits most headers at commas; the event has them whole.
	r.Header = make(http.Header, len(event.Headers))
	for name, value := range event.Headers {
		r.Header.Set(name, value)
	}
	id := requestID(r.Context(), event)
	w.Header().Set("X-Request-Id", id)
	buffer := &buffered{header: w.Header()}
	var result operation.Result
	func() {
		defer func() {
			if p := recover(); p != nil {
				buffer.reset()
				err := fmt.Errorf("panic: %v\n%s", p, debug.Stack())
				result = operation.Result{Status: httpapi.Fail(buffer, err), Err: err}
			}
		}()
		browser := httpapi.BrowserOf(r, event.Cookies)
		result = o.Serve(buffer, r, s, clientOf(event, id), browser)
	}()
	if size := httpapi.EncodedSize(buffer.body.Bytes()); size > httpapi.BodyLimit {
		buffer.reset()
		w.Header().Del("Content-Disposition")
		err := problem.Invalid("The answer would be larger than what can be sent at once, about 6 MB: ask for fewer things (amount, limit) or for a shorter span of time").
			For(problem.ReasonAnswerTooLarge)
		result = operation.Result{Status: httpapi.Fail(buffer, err), Err: err}
	}
	w.WriteHeader(buffer.code())
	if r.Method != http.MethodHead {
		_, _ = w.Write(buffer.body.Bytes())
	}

	line := []slog.Attr{
		slog.String("operation", o.Name),
		slog.String("request", id),
		slog.Int("status", buffer.code()),
	}
	if profile := r.PathValue(
		"id",
	); isLoggable(profile) &&
		strings.HasPrefix(r.URL.Path, "/profile/") {
		line = append(line, slog.String("profile", profile))
	}
	line = append(line, slog.Int64("ms", time.Since(start).Milliseconds()))
	level := slog.LevelInfo
	if result.Err != nil {
		line = append(line, slog.String("code", string(problem.ReasonOf(result.Err))))
	}
	if result.Status >= 500 && result.Err != nil {
		level = slog.LevelError
		line = append(line, slog.String("error", result.Err.Error()))
	}
	slog.LogAttrs(r.Context(), level, "answered", line...)
}

// isLoggable lets ids through to the log, and nothing that a client made up.
func isLoggable(id string) bool {
	_, err := value.ParseProfileID(id)
	return err == nil || id == "current"
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

// buffered holds an answer until it is complete: the first status wins, and a
// panic half-way leaves nothing behind.
type buffered struct {
	header http.Header
	status int
	body   bytes.Buffer
}

func (b *buffered) Header() http.Header { return b.header }

func (b *buffered) WriteHeader(status int) {
	if b.status == 0 {
		b.status = status
	}
}

func (b *buffered) Write(p []byte) (int, error) {
	b.WriteHeader(http.StatusOK)
	return b.body.Write(p)
}

func (b *buffered) code() int { return max(b.status, http.StatusOK) }

func (b *buffered) reset() {
	b.status = 0
	b.body.Reset()
}

// refuse answers an event that never becomes a request.
func refuse(
	ctx context.Context,
	o operation.Operation,
	event *events.APIGatewayV2HTTPRequest,
	err error,
) events.APIGatewayV2HTTPResponse {
	answer := &buffered{header: http.Header{}}
	id := requestID(ctx, event)
	answer.header.Set("X-Request-Id", id)
	status := httpapi.Fail(answer, err)
	slog.LogAttrs(
		ctx,
		slog.LevelInfo,
		"answered",
		slog.String("operation", o.Name),
		slog.String("request", id),
		slog.Int("status", status),
		slog.String("code", string(problem.ReasonOf(err))),
	)
	headers := make(map[string]string, len(answer.header))
	for name := range answer.header {
		headers[name] = answer.header.Get(name)
	}
	return events.APIGatewayV2HTTPResponse{
		StatusCode: status,
		Headers:    headers,
		Body:       answer.body.String(),
	}
}
