package main

import (
	"maps"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"profiles/infra/template"
)

func TestRoutes(t *testing.T) {
	t.Parallel()
	file, err := template.Find()
	if err != nil {
		t.Fatal(err)
	}
	declared, err := template.ReadLocal(file, nil)
	if err != nil {
		t.Fatal(err)
	}
	functions := map[string]*function{}
	for _, f := range declared.Functions {
		functions[f.Name] = &function{name: f.Name}
	}
	// The operations that get a request under each behaviour of API Gateway.
	either := map[string]string{
		"GET /profile":                       "profile-list",
		"HEAD /profile":                      "profile-list",
		"POST /profile":                      "profile-create",
		"POST /profile/":                     "profile-create",
		"POST //profile/":                    "profile-create",
		"POST /profile/x/y":                  "profile-create", // which answers 404
		"GET /notification/":                 "notification-list",
		"HEAD /notification/":                "notification-list",
		"PUT /notification/read":             "notification-read",
		"DELETE /notification/x":             "notification-delete",
		"POST /account/plan/":                "plan-edit",
		"GET /account/payment_method/":       "payment-method-get",
		"POST /account/payment_method/":      "payment-method-edit",
		"DELETE /account/payment_method/":    "payment-method-edit",
		"DELETE /account/payment_method/x":   "payment-method-edit",
		"GET /account/payment_history/":      "payment-history",
		"GET //account":                      "account-get",
		"PUT ///account":                     "account-edit",
		"GET /profile/current":               "profile-get",
		"PUT /profile/switch/x":              "profile-switch",
		"DELETE /profile/token/x":            "token-delete",
		"DELETE /profile/x/token/y":          "token-delete",
		"DELETE /profile/x":                  "profile-delete",
		"POST /account/profile/token":        "account-token-create",
		"GET /account/resend_confirmation/x": "account-resend",
		"HEAD /account/confirm/x":            "route-unknown",
		"HEAD /profile/team/accept/x":        "route-unknown",
		"HEAD /status":                       "status-get",
		"GET /profile//summary":              "profile-get",
		"PATCH /profile":                     "profile-list", // which answers 404
		"PATCH /account/confirm/x":           "route-unknown",
		"GET /":                              "route-unknown",
		"GET //":                             "route-unknown",
		"POST /profile/x/usage":              "usage-report",
		"GET /usage/x":                       "usage-check",
		"DELETE /profile/x/mobile":           "addon-remove",
	}
	for strict, more := range map[bool]map[string]string{
		false: {"GET /profile/": "profile-list", "PUT /account/": "account-edit", "GET /status/": "status-get", "DELETE /profile/x/": "profile-delete"},
		true:  {"GET /profile/": "route-unknown", "PUT /account/": "route-unknown", "GET /status/": "route-unknown", "DELETE /profile/x/": "route-unknown"},
	} {
		a, err := newAPI(t.Context(), declared, functions, strict)
		if err != nil {
			t.Fatal(err)
		}
		maps.Copy(more, either)
		for request, want := range more {
			method, path, _ := strings.Cut(request, " ")
			if got, ok := a.find(method, path); !ok || got.name != want {
				t.Errorf("strict: %t: %s goes to %v, want %s", strict, request, got.name, want)
			}
		}
		for _, r := range a.routes {
			if want := r.Path == "/profile/{id}/usage"; r.signed != want {
				t.Errorf(
					"that %s %s needs a signature is %v, want %v",
					r.Method,
					r.Path,
					r.signed,
					want,
				)
			}
		}
		got, _ := a.find("DELETE", "/profile/x/token/y")
		if got.key != "DELETE /profile/{id}/token/{token}" || got.parameters["id"] != "x" || got.parameters["token"] != "y" {
			t.Errorf("got the route %q with %v", got.key, got.parameters)
		}
		if got, _ := a.find("POST", "/account/plan/x/y"); got.parameters["proxy"] != "x/y" {
			t.Errorf("a greedy part is %q, want x/y", got.parameters["proxy"])
		}
	}
	if got, _ := mustAPI(t, declared, functions, true).find("POST", "/profile/"); got.key != "POST /profile/{proxy+}" ||
		got.parameters["proxy"] != "" {
		t.Errorf("strict: POST /profile/ has the route %q with %v", got.key, got.parameters)
	}
	if got, _ := mustAPI(t, declared, functions, false).find("POST", "/profile/"); got.key != "POST /profile" {
		t.Errorf("POST /profile/ has the route %q", got.key)
	}
	// A greedy path may have other parameters before.
	greedy := route{Route: template.Route{Method: "GET", Path: "/a/{id}/{proxy+}"}}
	for path, want := range map[string]map[string]string{
		"/a/x/": {"id": "x", "proxy": ""}, "/a/x/b/": {"id": "x", "proxy": "b/"}, "/a/x": nil, "/a//": nil,
	} {
		if got, ok := greedy.matches(path); !maps.Equal(got, want) || ok != (want != nil) {
			t.Errorf("%s: got %v, %v, want %v", path, got, ok, want)
		}
	}
	if _, err := trailingSlash("kept"); err == nil || !strings.Contains(err.Error(), "ignored or strict") {
		t.Errorf("TRAILING_SLASH=kept: got %v", err)
	}
}

func mustAPI(
	t *testing.T,
	declared *template.Template,
	functions map[string]*function,
	strict bool,
) *api {
	t.Helper()
	a, err := newAPI(t.Context(), declared, functions, strict)
	if err != nil {
		t.Fatal(err)
	}
	return a
}

func TestEventsAreThoseOfTheGateway(t *testing.T) {
	t.Parallel()
	r := httptest.NewRequest("POST", "/profile/a%20b%25/token?fields%5B0%5D=a&x=1&x=2", strings.NewReader("a=1"))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	r.Header.Add("X-Two", "1")
	r.Header.Add("X-Two", "2")
	r.Header.Set("Cookie", "a=1; b=2")
	e, err := eventOf(
		r,
		target{key: "POST /profile/{id}/token", parameters: map[string]string{"id": "a b%"}},
		"id",
		time.UnixMilli(0),
	)
	if err != nil {
		t.Fatal(err)
	}
	for what, pair := range map[string][2]string{
		"path": {e.RawPath, "/profile/a b%/token"}, "query": {e.RawQueryString, "fields%5B0%5D=a&x=1&x=2"},
		"body": {e.Body, "YT0x"}, "header": {e.Headers["x-two"], "1,2"}, "cookies": {strings.Join(e.Cookies, "|"), "a=1|b=2"},
		"method": {e.RequestContext.HTTP.Method, "POST"}, "folded query": {e.QueryStringParameters["x"], "1,2"},
		"source": {e.RequestContext.HTTP.SourceIP, "192.0.2.1"}, "version": {e.Version, "2.0"},
	} {
		if pair[0] != pair[1] {
			t.Errorf("the %s is %q, want %q", what, pair[0], pair[1])
		}
	}
	if !e.IsBase64Encoded {
		t.Error("a form is not handed on as text")
	}
}
