package operation_test

import (
	"encoding/json"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"

	"github.com/aws/aws-lambda-go/events"

	"profiles/shared/httpapi"
	"profiles/shared/operation"
	"profiles/shared/testkit/scene"
)

// ofTheWorld are the keys whose values in an example are those of the demo
// account, or of nobody. A scene has its own people, secrets and things.
var ofTheWorld = []string{
	"email", "password", "cpassword", "current_password", "new_password", "pin_code", "otp_type", "code",
	"profile_id", "token", "notification_ids", "members", "allow_list",
}

// exampleIn is the body of an example as a scene can send it. The things of the
// scene's own world come from the body that the scene sends.
func exampleIn(t *testing.T, example, sent string) string {
	t.Helper()
	var shown, own map[string]any
	if json.Unmarshal([]byte(example), &shown) != nil {
		return sent // no object: the scene knows which things exist
	}
	if sent != "" {
		if err := json.Unmarshal([]byte(sent), &own); err != nil {
			t.Fatal(err)
		}
	}
	for _, key := range ofTheWorld {
		delete(shown, key)
		if value, ok := own[key]; ok {
			shown[key] = value
		}
	}
	body, err := json.Marshal(shown)
	if err != nil {
		t.Fatal(err)
	}
	return string(body)
}

// answersExample sends the example of a scene's operation in place of the
// scene's own request, and returns the status that it is answered with.
func answersExample(t *testing.T, c scene.Scene) int {
	s := newStage(t, c)
	_, query, _ := strings.Cut(c.Operation.Example.Path, "?")
	sent := false
	s.Edit = func(e *events.APIGatewayV2HTTPRequest) {
		method := e.RequestContext.HTTP.Method
		if !slices.ContainsFunc(c.Operation.Routes, func(r operation.Route) bool {
			return r.Method == method && matches(r.Path, e.RawPath)
		}) {
			return
		}
		sent = true
		if c.Operation.Example.Body != "" {
			e.Body = exampleIn(t, c.Operation.Example.Body, e.Body)
		}
		asked, err := url.ParseQuery(query)
		if err != nil {
			t.Fatal(err)
		}
		// Values that a scene sets itself stay, such as its days.
		own, err := url.ParseQuery(e.RawQueryString)
		if err != nil {
			t.Fatal(err)
		}
		for name, values := range own {
			asked[name] = values
		}
		e.RawQueryString = asked.Encode()
	}
	code := c.Run(s).Code
	if !sent {
		t.Errorf("%s: the scene sends nothing on a route of the operation", c.Name())
	}
	return code
}

// matches reports whether a path belongs to a route.
func matches(route, path string) bool {
	_, ok := httpapi.MatchPath(route, strings.TrimSuffix(path, "/"))
	return ok
}

// Each example does the work of its operation: it succeeds when it is sent in
// one of the operation's scenes.
func TestExamplesWork(t *testing.T) {
	t.Parallel()
	of := map[string][]scene.Scene{}
	for _, c := range scenes {
		if len(c.Operation.Routes) > 0 {
			of[c.Operation.Name] = append(of[c.Operation.Name], c)
		}
	}
	if len(of) < 80 {
		t.Fatalf("only %d operations have scenes", len(of))
	}
	for name, its := range of {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var got []int
			for _, c := range its {
				code := answersExample(t, c)
				if code/100 == 2 || code == http.StatusFound {
					return
				}
				got = append(got, code)
			}
			t.Errorf("the example is answered %v", got)
		})
	}
}
