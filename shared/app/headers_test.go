package app_test

import (
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"slices"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/aws/aws-lambda-go/events"

	"profiles/shared/app"
	"profiles/shared/operation"
	"profiles/shared/service"
	"profiles/shared/testkit"
)

// always are the headers that every answer has. The policy of an answer that is
// not a page allows nothing.
var always = map[string]string{
	"Cache-Control":                "no-store",
	"Cross-Origin-Resource-Policy": "same-origin",
	"Referrer-Policy":              "no-referrer",
	"Strict-Transport-Security":    "max-age=63072000; includeSubDomains",
	"X-Content-Type-Options":       "nosniff",
}

const nothing = "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"

// requests counts the ids of invoke.
var requests atomic.Int64

// invoke sends an event with an id of its own, and returns the answer and its
// id.
func invoke(
	t *testing.T,
	o operation.Operation,
	s *service.Services,
	event events.APIGatewayV2HTTPRequest,
) (events.APIGatewayV2HTTPResponse, string) {
	t.Helper()
	id := fmt.Sprintf("request-%d.", requests.Add(1))
	event.RequestContext.RequestID = id
	payload, err := json.Marshal(event)
	if err != nil {
		t.Fatal(err)
	}
	raw, err := app.Handler(o, s).Invoke(t.Context(), payload)
	if err != nil {
		t.Fatalf("%s: the invocation failed: %v", o.Name, err)
	}
	var answer events.APIGatewayV2HTTPResponse
	if err := json.Unmarshal(raw, &answer); err != nil {
		t.Fatal(err)
	}
	return answer, id
}

// hardened says which headers of every answer an answer lacks, and whether its
// log line lacks its id.
func hardened(answer events.APIGatewayV2HTTPResponse, id string) (missing []string) {
	for name, want := range always {
		if name == "Cache-Control" && answer.Headers["Etag"] != "" {
			want = "no-cache" // browsers ask for a page of the console each time
		}
		if got := answer.Headers[name]; got != want {
			missing = append(missing, fmt.Sprintf("%s is %q, want %q", name, got, want))
		}
	}
	kind, policy := answer.Headers["Content-Type"], answer.Headers["Content-Security-Policy"]
	switch {
	case strings.HasPrefix(kind, "text/html"):
		for _, part := range []string{"default-src 'none'", "base-uri 'none'", "form-action 'none'", "frame-ancestors 'none'"} {
			if !strings.Contains(policy, part) {
				missing = append(missing, fmt.Sprintf("the page's policy %q has no %s", policy, part))
			}
		}
		// without a directive for scripts, default-src holds for them
		if strings.Contains(policy, "script-src") && !strings.Contains(policy, "script-src 'self';") {
			missing = append(missing, fmt.Sprintf("the page's policy %q does not say which script it runs", policy))
		}
		if strings.Contains(policy, "unsafe") || strings.Contains(policy, "*") {
			missing = append(missing, fmt.Sprintf("the page's policy %q is wide", policy))
		}
		if answer.Headers["Cross-Origin-Opener-Policy"] != "same-origin" {
			missing = append(missing, "the page can be driven by whoever opened it")
		}
	case policy != nothing:
		missing = append(missing, fmt.Sprintf("the policy is %q, want %q", policy, nothing))
	case kind == "":
		missing = append(missing, "there is no Content-Type")
	}
	if got := answer.Headers["X-Request-Id"]; got != id {
		missing = append(missing, fmt.Sprintf("X-Request-Id is %q, want %q", got, id))
	}
	if !slices.ContainsFunc(strings.Split(logged.String(), "\n"),
		func(line string) bool { return strings.Contains(line, `"request":"`+id+`"`) }) {
		missing = append(missing, "no log line has the request's id")
	}
	for name := range answer.Headers {
		if answer.Headers[name] == "" {
			missing = append(missing, name+" is empty")
		}
	}
	return missing
}

// sample is the event of events/ for an operation.
func sample(t testing.TB, o operation.Operation) (event events.APIGatewayV2HTTPRequest) {
	t.Helper()
	raw, err := os.ReadFile("../../events/" + o.Name + ".json")
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(raw, &event); err != nil {
		t.Fatal(err)
	}
	return event
}

// Every operation of the catalogue gets its sample event and wrong ones. Each
// answer has the headers, whatever it says.
func TestHeadersOfEveryAnswer(t *testing.T) {
	t.Parallel()
	w := testkit.New(t)
	spoilt := map[string]func(*events.APIGatewayV2HTTPRequest){
		"its sample":              func(*events.APIGatewayV2HTTPRequest) {},
		"rubbish":                 func(e *events.APIGatewayV2HTTPRequest) { e.Body, e.RawQueryString, e.Headers = "{\xff", "%zz", nil },
		"a path of its own":       func(e *events.APIGatewayV2HTTPRequest) { e.RawPath += "/x" },
		"a body that is unread":   func(e *events.APIGatewayV2HTTPRequest) { e.Body, e.IsBase64Encoded = "%", true },
		"an event of payload 1.0": func(e *events.APIGatewayV2HTTPRequest) { e.Version = "1.0" },
		"a preflight":             func(e *events.APIGatewayV2HTTPRequest) { e.RequestContext.HTTP.Method = "OPTIONS" },
		"HEAD":                    func(e *events.APIGatewayV2HTTPRequest) { e.RequestContext.HTTP.Method = "HEAD" },
	}
	statuses := map[int]int{}
	for _, o := range operation.All() {
		if o.Trigger != operation.HTTP {
			continue
		}
		for name, spoil := range spoilt {
			event := sample(t, o)
			spoil(&event)
			answer, id := invoke(t, o, w.Services, event)
			statuses[answer.StatusCode]++
			for _, what := range hardened(answer, id) {
				t.Errorf("%s, %s: %d: %s", o.Name, name, answer.StatusCode, what)
			}
		}
		// A missing service makes every operation that uses it panic.
		event := sample(t, o)
		event.Headers["token"] = w.NextKey().Token()
		answer, id := invoke(t, o, &service.Services{}, event)
		statuses[answer.StatusCode]++
		for _, what := range hardened(answer, id) {
			t.Errorf("%s, a panic: %d: %s", o.Name, answer.StatusCode, what)
		}
	}
	for _, status := range []int{200, 400, 401, 404, 500} {
		if statuses[status] == 0 {
			t.Errorf("no answer had the status %d: %v", status, statuses)
		}
	}
}

// The sample events reach no files and no rate limits. These answers have the
// headers, too.
func TestHeadersOfFilesAndRefusals(t *testing.T) {
	t.Parallel()
	w := testkit.New(t)
	ana := w.Quick("ana")
	type file struct {
		o      operation.Operation
		target string
	}
	for name, f := range map[string]file{
		"the cost as CSV":         {operation.AccountCost, "/account/cost?format=csv"},
		"the audit log as CSV":    {operation.AuditGet, "/profile/current/auditlog?format=csv"},
		"the audit log as NDJSON": {operation.AuditGet, "/profile/current/auditlog?format=ndjson"},
	} {
		event := testkit.Event("GET", f.target)
		event.Headers["token"] = ana.Token
		answer, id := invoke(t, f.o, w.Services, event)
		if !strings.HasPrefix(answer.Headers["Content-Disposition"], "attachment; filename=") || answer.StatusCode != 200 {
			t.Errorf("%s: got %d %v, want a file", name, answer.StatusCode, answer.Headers)
		}
		for _, what := range hardened(answer, id) {
			t.Errorf("%s: %s", name, what)
		}
	}
	for n := 0; ; n++ {
		event := testkit.Event("POST", "/token/leaked")
		event.Body = `{"token":"` + w.NextKey().Token() + `"}`
		answer, id := invoke(t, operation.TokenLeaked, w.Services, event)
		if answer.StatusCode == 200 && n < 200 {
			continue
		}
		if answer.StatusCode != 429 || answer.Headers["Retry-After"] == "" {
			t.Errorf("got %d %v, want 429 that says when", answer.StatusCode, answer.Headers)
		}
		for _, what := range hardened(answer, id) {
			t.Errorf("429: %s", what)
		}
		return
	}
}

// The check itself finds each header that is missing or weaker.
func TestTheCheckOfHeadersFails(t *testing.T) {
	t.Parallel()
	w := testkit.New(t)
	good, id := invoke(t, operation.StatusGet(), w.Services, testkit.Event("GET", "/status"))
	if missing := hardened(good, id); len(missing) != 0 {
		t.Fatalf("got %q, want nothing", missing)
	}
	for _, name := range append(slices.Collect(maps.Keys(always)), "Content-Security-Policy", "X-Request-Id", "Content-Type") {
		for _, value := range []string{"", "no-cache"} {
			bad := good
			bad.Headers = maps.Clone(good.Headers)
			bad.Headers[name] = value
			if name == "Content-Type" && value != "" {
				continue
			}
			if len(hardened(bad, id)) == 0 {
				t.Errorf("%s may be %q unseen", name, value)
			}
		}
	}
	if len(hardened(good, "request-of-nobody")) == 0 {
		t.Error("an id that is in no log line is not missed")
	}
}
