package app_test

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"

	"github.com/aws/aws-lambda-go/events"

	"profiles/shared/app"
	"profiles/shared/operation"
	"profiles/shared/testkit"
)

// httpOperations are those that events can be sent to, in the order of the
// catalogue.
func httpOperations() []operation.Operation {
	return slices.DeleteFunc(
		operation.All(),
		func(o operation.Operation) bool { return o.Trigger != operation.HTTP },
	)
}

// Each event of the gateway is answered: in the envelope, with the headers of
// every answer, and never with a defect.
func FuzzEvents(f *testing.F) {
	w := testkit.New(f)
	ana := w.Quick("ana")
	operations := httpOperations()
	for i, o := range operations {
		event := sample(f, o)
		event.RawPath = strings.NewReplacer("01a20c000000000000000001", string(ana.Home)).
			Replace(event.RawPath)
		f.Add(
			uint8(i),
			event.RequestContext.HTTP.Method,
			event.RequestContext.Stage,
			event.RawPath,
			event.RawQueryString,
			ana.Token,
			event.Body,
			false,
		)
	}
	at := func(o operation.Operation) uint8 {
		return uint8(
			slices.IndexFunc(
				operations,
				func(other operation.Operation) bool { return other.Name == o.Name },
			),
		)
	}
	for _, path := range []string{"/docs/team", "/docs/reference.css", "/openapi.json", "/docs/..", "/docs/\x00", "/docs/.js", "/docs/../docs.go"} {
		f.Add(at(operation.DocsPage()), "GET", "$default", path, "", "", "", false)
	}
	const account = "/account"
	for _, path := range []string{
		"", "/", "//account", "/account/", "/account/.", "/x/../account", "/account/%", "/account?x=1", "/account#x", "/\x00", "account", "/" + strings.Repeat("x", 5000), "/ÿ", "http://evil.example.com/account",
	} {
		f.Add(at(operation.AccountGet), "GET", "$default", path, "", ana.Token, "", false)
	}
	for _, method := range []string{"", "get", "HEAD", "OPTIONS", "TRACE", "CONNECT", "GET /x", "GÉT", "\n", "*"} {
		f.Add(at(operation.AccountGet), method, "$default", account, "", ana.Token, "", false)
	}
	for _, query := range []string{"%zz", "a;b", "?", "#", "\x00", "a=\r\nb", "page=0", "fields[0]=name&orderBy=a,b,c", "filter[token]=" + ana.Token,
		strings.Repeat("a=b&", 3000)} {
		f.Add(at(operation.TokenList), "GET", "$default", "/profile/current/token", query, ana.Token, "", false)
		f.Add(at(operation.AuditGet), "GET", "v1", "/v1/profile/current/auditlog", query, ana.Token, "", false)
	}
	for _, query := range []string{"cT8", "cT9saW1pdD0x", "", "cT", "q?limit=1", "cT8jIyM", "cT9uZXh0VG9rZW49MTg5OTcxMDgxMzU4OSMwMWEyMGMwMDAwMDAwMDAwMDAwMDAwMDE", "cT8lenoK", "cT9mb3JtYXQ9Y3N2"} {
		f.Add(at(operation.AuditQuery), "GET", "$default", "/profile/current/auditlog/"+query, "", ana.Token, "", false)
	}
	for _, body := range []string{"", "{", "[]", "null", "eyJuYW1lIjoieCJ9", "%", `{"name":null}`, `{"options":{"time_format":24}}`, strings.Repeat("[", 70000)} {
		f.Add(at(operation.AccountEdit), "PUT", "$default", account, "", ana.Token, body, true)
		f.Add(at(operation.AllocationEdit), "POST", "$default", account+"/allocation", "", "Bearer "+ana.Token, body, false)
	}
	for _, token := range []string{"", "null", "Bearer", "p-", ana.Token + "," + ana.Token, ana.Token[2:],
		strings.Repeat("x", 9000), "\r\nx: y", "\xff"} {
		f.Add(at(operation.TokenInfo), "GET", "$default", "/info", "", token, "", false)
		f.Add(at(operation.TokenLeaked), "POST", "$default", "/token/leaked", "", "", `{"token":"`+token+`"}`, false)
	}
	f.Fuzz(
		func(t *testing.T, which uint8, method, stage, path, query, token,
			body string, encoded bool) {
			o := operations[int(which)%len(operations)]
			event := testkit.Event(method, "/")
			event.RawPath, event.RawQueryString = path, query
			event.Body, event.IsBase64Encoded = body, encoded
			event.RequestContext.Stage, event.RequestContext.RouteKey = stage, method+" "+path
			event.Headers["token"] = token
			if o.Name == operation.RouteUnknown().Name {
				event.RouteKey = operation.DefaultRoute
			}
			answer, id := invoke(t, o, w.Services, event)
			for _, what := range hardened(answer, id) {
				t.Errorf("%s: %d: %s", o.Name, answer.StatusCode, what)
			}
			if answer.StatusCode != 200 && (answer.StatusCode < 400 || answer.StatusCode > 499) {
				t.Errorf("%s: got %d %s", o.Name, answer.StatusCode, answer.Body)
			}
			if o.Call == nil && answer.StatusCode == 200 {
				return // a page, or a file of one
			}
			isEnvelope(t, event, answer)
		},
	)
}

// isEnvelope checks that an answer is in the envelope, or is one that needs
// none: a page, a file, or the answer to HEAD.
func isEnvelope(
	t *testing.T,
	event events.APIGatewayV2HTTPRequest,
	answer events.APIGatewayV2HTTPResponse,
) {
	t.Helper()
	if answer.StatusCode == 200 &&
		(strings.HasPrefix(answer.Headers["Content-Type"], "text/html") || answer.Headers["Content-Disposition"] != "") {
		return
	}
	if answer.Body == "" && strings.EqualFold(event.RequestContext.HTTP.Method, "HEAD") {
		return
	}
	var envelope struct {
		Status  *bool
		Message string
		Code    string
		Docs    string
		Result  json.RawMessage
	}
	err := json.Unmarshal([]byte(answer.Body), &envelope)
	good := answer.StatusCode == 200
	if err != nil || answer.IsBase64Encoded || envelope.Status == nil || *envelope.Status != good ||
		good == (len(envelope.Result) == 0) ||
		good != (envelope.Message == "") ||
		!good && envelope.Docs != "/docs/errors#"+envelope.Code ||
		good != (envelope.Code == "") ||
		slices.Contains([]string{"null", `""`, "0", "false"}, string(envelope.Result)) {
		t.Errorf("%d %.300s is not in the envelope: %v", answer.StatusCode, answer.Body, err)
	}
}

// A malformed batch of the stream, and an event of a schedule of any kind, end
// no function.
func FuzzStream(f *testing.F) {
	w := testkit.New(f)
	for _, payload := range []string{
		`{"Records":[]}`, `{}`, `{"Records":[{"eventName":"INSERT","dynamodb":{"SequenceNumber":"1","Keys":{"PK":{"S":"O#1"}}}}]}`, `{"Records":[{"eventName":"INSERT","dynamodb":{"Keys":{"PK":{"N":"1"}}}}]}`,
		`{"Records":[{"eventName":"INSERT","dynamodb":{"Keys":{}}}]}`, `{"Records":[{"eventName":"INSERT","dynamodb":{"Keys":{"PK":{"S":"O#"}}}}]}`, `[]`, `null`, ``, `{"Records":[{"dynamodb":{"Keys":{"PK":{"M":{}}}}}]}`,
	} {
		f.Add([]byte(payload))
	}
	f.Fuzz(func(t *testing.T, payload []byte) {
		raw, err := app.Handler(operation.MailDeliver, w.Services).Invoke(t.Context(), payload)
		if err != nil {
			return // the payload is no batch, which Lambda never sends
		}
		var answer events.DynamoDBEventResponse
		if err := json.Unmarshal(raw, &answer); err != nil || answer.BatchItemFailures == nil {
			t.Errorf("%s: got %s, %v", payload, raw, err)
		}
	})
}
