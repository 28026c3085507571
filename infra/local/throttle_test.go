package main

import (
	"context"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"profiles/infra/template"
)

// A flood of one route with a limit of its own leaves the others alone, and
// those share the limit of the stage.
func TestAFloodOfOneRouteLeavesTheOthersAlone(t *testing.T) {
	t.Parallel()
	limits := newThrottles(template.API{
		Throttle:  template.Throttle{Rate: 2, Burst: 5},
		Throttles: map[string]template.Throttle{"ANY /open": {Rate: 10, Burst: 20}},
	})
	now := time.UnixMilli(1899710813589)
	admitted := func(route string, n int) (count int) {
		for range n {
			if limits.admit(route, now) {
				count++
			}
		}
		return count
	}
	if got := admitted("ANY /open", 100); got != 20 {
		t.Errorf("of a flood %d are admitted, want 20", got)
	}
	if got := admitted("GET /other", 3) + admitted("GET /third", 3); got != 5 {
		t.Errorf("beside it %d of two routes are admitted, want 5", got)
	}
	now = now.Add(500 * time.Millisecond)
	if got := admitted("ANY /open", 100); got != 5 {
		t.Errorf("half a second later %d are admitted, want 5", got)
	}
	now = now.Add(time.Hour)
	if got := admitted("ANY /open", 100); got != 20 {
		t.Errorf("an hour later %d are admitted, want 20", got)
	}
	var none *throttles
	if !none.admit("ANY /open", now) || !newThrottles(template.API{}).admit("ANY /open", now) {
		t.Error("without limits a request is refused")
	}
}

// The local stack has the limits of the template, and answers beyond them as
// API Gateway does.
func TestTheGatewayRefusesAFlood(t *testing.T) {
	t.Parallel()
	file, err := template.Find()
	if err != nil {
		t.Fatal(err)
	}
	declared, err := template.ReadLocal(file, map[string]string{
		"OpenRequestRate": "1", "OpenRequestBurst": "1",
	})
	if err != nil {
		t.Fatal(err)
	}
	functions := map[string]*function{}
	for _, f := range declared.Functions {
		functions[f.Name] = &function{f.Name, f, handlerFunc(
			func(context.Context, []byte) ([]byte, error) { return []byte(`{"statusCode":200}`), nil },
		)}
	}
	routes, err := newAPI(t.Context(), declared, functions, false)
	if err != nil {
		t.Fatal(err)
	}
	routes.limits = newThrottles(declared.API)
	ask := func(path string) *httptest.ResponseRecorder {
		w := httptest.NewRecorder()
		routes.ServeHTTP(w, httptest.NewRequest(http.MethodGet, path, nil))
		return w
	}
	if got := ask("/status"); got.Code != http.StatusOK {
		t.Fatalf("the first request: got %d", got.Code)
	}
	second := ask("/status")
	if second.Code != http.StatusTooManyRequests || second.Body.String() != `{"message":"Too Many Requests"}` {
		t.Errorf("the second: got %d %s", second.Code, second.Body)
	}
	for _, path := range []string{"/pricing", "/account", "/no-route"} {
		if got := ask(path); got.Code != http.StatusOK {
			t.Errorf("%s: got %d", path, got.Code)
		}
	}
}
