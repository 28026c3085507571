package main

import (
	"context"
	"net/http"
	"net/http/httptest"
	"testing"

	"profiles/infra/template"
	"profiles/infra/throttle"
)

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
	routes.limits = throttle.New(declared.API)
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
