package app_test

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"log/slog"
	"strings"
	"testing"

	"github.com/aws/aws-lambda-go/events"

	"profiles/shared/adapter"
	"profiles/shared/app"
	"profiles/shared/operation"
	"profiles/shared/service"
	"profiles/shared/testkit"
)

// Values of the header by which CloudFront proves itself. They are no secrets.
const (
	presentValue = "present-0Only4Tests"
	nextValue    = "next-0Only4Tests"
)

func digestOf(value string) string {
	sum := sha256.Sum256([]byte(value))
	return hex.EncodeToString(sum[:])
}

// edgeOf is the edge with values of the header that are valid.
func edgeOf(t *testing.T, values ...string) adapter.Edge {
	t.Helper()
	var digests []string
	for _, value := range values {
		digests = append(digests, digestOf(value))
	}
	e, err := adapter.ParseEdge(strings.Join(digests, ","))
	if err != nil {
		t.Fatal(err)
	}
	return e
}

// through sends an event to the operation behind an edge.
func through(
	t *testing.T, e adapter.Edge, o operation.Operation, s *service.Services,
	event events.APIGatewayV2HTTPRequest,
) (status int, code string) {
	t.Helper()
	payload, err := json.Marshal(event)
	if err != nil {
		t.Fatal(err)
	}
	raw, err := app.Behind(e, o, s).Invoke(t.Context(), payload)
	if err != nil {
		t.Fatal(err)
	}
	var answer events.APIGatewayV2HTTPResponse
	if err := json.Unmarshal(raw, &answer); err != nil {
		t.Fatal(err)
	}
	var body struct{ Code string }
	if answer.Body != "" {
		if err := json.Unmarshal([]byte(answer.Body), &body); err != nil {
			t.Fatal(err)
		}
	}
	return answer.StatusCode, body.Code
}

// A request without the value that CloudFront sends is refused before anything
// of it is read, whatever else it has.
func TestNobodyGoesAroundTheEdge(t *testing.T) {
	t.Parallel()
	static := service.New(service.Config{Log: slog.Default()})
	for name, c := range map[string]struct {
		header string
		valid  []string
		want   int
	}{
		"the present value":     {presentValue, []string{presentValue}, 200},
		"the present of two":    {presentValue, []string{presentValue, nextValue}, 200},
		"the next of two":       {nextValue, []string{presentValue, nextValue}, 200},
		"the next too early":    {nextValue, []string{presentValue}, 403},
		"the present too late":  {presentValue, []string{nextValue}, 403},
		"none":                  {"", []string{presentValue}, 403},
		"another":               {"guessed", []string{presentValue}, 403},
		"the digest":            {digestOf(presentValue), []string{presentValue}, 403},
		"one before the forged": {presentValue + ",guessed", []string{presentValue}, 403},
		"one after the forged":  {"guessed," + presentValue, []string{presentValue}, 403},
		"twice":                 {presentValue + "," + presentValue, []string{presentValue}, 403},
		"with a blank":          {presentValue + " ", []string{presentValue}, 403},
	} {
		event := testkit.Event("GET", "/status")
		event.Headers["cloudfront-viewer-address"] = "203.0.113.9:443"
		if c.header != "" {
			event.Headers["x-origin-verify"] = c.header
		}
		status, code := through(t, edgeOf(t, c.valid...), operation.StatusGet(), static, event)
		if status != c.want || c.want == 403 && code != "direct_request" {
			t.Errorf("%s: got %d %s, want %d", name, status, code, c.want)
		}
	}
	// Without services nothing can be read or written: an operation that uses
	// one panics.
	for name, edit := range map[string]func(*events.APIGatewayV2HTTPRequest){
		"with a token": func(e *events.APIGatewayV2HTTPRequest) {
			e.Headers["token"] = "p-0000000000000000000000000000000000"
		},
		"with a body that cannot be read": func(e *events.APIGatewayV2HTTPRequest) {
			e.Body, e.IsBase64Encoded = "no base64", true
		},
		"in another format": func(e *events.APIGatewayV2HTTPRequest) { e.Version = "1.0" },
		"signed": func(e *events.APIGatewayV2HTTPRequest) {
			e.RequestContext.Authorizer = testkit.SignedEvent("POST", "/").RequestContext.Authorizer
		},
	} {
		event := testkit.Event("POST", "/account/login")
		edit(&event)
		status, code := through(t, edgeOf(t, presentValue), operation.AccountLogin, nil, event)
		if status != 403 || code != "direct_request" {
			t.Errorf("%s: got %d %s", name, status, code)
		}
	}
}

// viewed is an event as it comes through the edge from a viewer.
func viewed(method, target, viewer string) events.APIGatewayV2HTTPRequest {
	event := testkit.Event(method, target)
	event.Headers["x-origin-verify"] = presentValue
	event.Headers["cloudfront-viewer-address"] = viewer
	return event
}

// The viewer's address counts as the client's, for audit entries, networks of
// tokens, and limits. Without an edge the header has no effect.
func TestTheViewersAddressCounts(t *testing.T) {
	t.Parallel()
	w := testkit.New(t)
	w.LimitRates()
	ana, e := w.Quick("ana"), edgeOf(t, presentValue)
	edit := viewed("PUT", "/profile/current/token/"+ana.Token, "203.0.113.9:46532")
	edit.Headers["token"] = ana.Token
	edit.Body = `{"allow_list":["203.0.113.0/24"]}`
	if status, code := through(t, e, operation.TokenEdit, w.Services, edit); status != 200 {
		t.Fatalf("got %d %s", status, code)
	}
	if state := w.State(); !strings.Contains(state, "203.0.113.9") || strings.Contains(state, "46532") {
		t.Error("no audit entry has the viewer's address")
	}
	for viewer, want := range map[string]int{
		"203.0.113.200:1": 200, "[::ffff:203.0.113.7]:1": 200,
		"198.51.100.9:443": 403, "2001:db8::9:443": 403,
	} {
		event := viewed("GET", "/account", viewer)
		event.Headers["token"] = ana.Token
		if status, code := through(t, e, operation.AccountGet, w.Services, event); status != want {
			t.Errorf("from %s: got %d %s, want %d", viewer, status, code, want)
		}
	}
	event := viewed("GET", "/account", "203.0.113.9:443")
	event.Headers["token"] = ana.Token
	status, code := through(t, adapter.Edge{}, operation.AccountGet, w.Services, event)
	if code != "token_wrong_address" {
		t.Errorf("without an edge: got %d %s", status, code)
	}
	// A limit by source is the viewer's own, and not CloudFront's.
	unsent := "/profile/team/decline/" + strings.Repeat("0", 30) + "8GjS"
	refused := 0
	for range 40 {
		if status, _ := through(t, e, operation.TeamDecline, w.Services,
			viewed("GET", unsent, "203.0.113.10:443")); status == 429 {
			refused++
		}
	}
	if refused != 10 {
		t.Errorf("of 40 requests of one viewer %d are refused, want 10", refused)
	}
	if status, code := through(t, e, operation.TeamDecline, w.Services,
		viewed("GET", unsent, "203.0.113.11:443")); status == 429 {
		t.Errorf("another viewer: got %d %s", status, code)
	}
}

// A distribution that does not send the viewer's address fails with an error in
// the log.
func TestAnEdgeWithoutViewersIsADefect(t *testing.T) {
	t.Parallel()
	event := testkit.Event("GET", "/status")
	event.Headers["x-origin-verify"] = presentValue
	event.RequestContext.RequestID = "edge-without-viewers"
	status, code := through(t, edgeOf(t, presentValue), operation.StatusGet(), nil, event)
	if status != 500 || code != "internal" {
		t.Errorf("got %d %s", status, code)
	}
	for line := range strings.Lines(logged.String()) {
		if strings.Contains(line, "edge-without-viewers") && strings.Contains(line, "CloudFront-Viewer-Address") {
			return
		}
	}
	t.Error("no line of the log says what is missing")
}

func TestDigestsAreRead(t *testing.T) {
	t.Parallel()
	one := digestOf("a")
	for text, valid := range map[string]bool{
		"": true, one: true, one + "," + digestOf("b"): true, strings.ToUpper(one): true,
		one + ",": false, one + "," + one + "," + one: false, one[:62]: false, presentValue: false,
	} {
		_, err := app.New(operation.StatusGet(), slog.Default(), func(name string) string {
			return map[string]string{"ORIGIN_DIGESTS": text}[name]
		})
		if valid != (err == nil) {
			t.Errorf("%q: got %v", text, err)
		}
		if err != nil &&
			(!strings.Contains(err.Error(), "ORIGIN_DIGESTS") || strings.Contains(err.Error(), presentValue)) {
			t.Errorf("%q: the error is %q", text, err)
		}
	}
}
