package main

import (
	"strings"
	"testing"

	"profiles/infra/template"
)

func TestJudge(t *testing.T) {
	t.Parallel()
	get := template.Function{
		Name:   "profile-get",
		Routes: []template.Route{{Method: "GET", Path: "/profile/{id}"}},
	}
	console := template.Function{
		Name:   "console-page",
		Routes: []template.Route{{Method: "GET", Path: "/console"}},
	}
	docs := template.Function{
		Name:   "docs-page",
		Routes: []template.Route{{Method: "GET", Path: "/docs"}},
	}
	sweep := template.Function{Name: "token-expire", Schedules: []template.Schedule{{}}}
	stream := template.Function{Name: "mail-deliver", Streams: []template.Stream{{}}}
	for name, c := range map[string]struct {
		function template.Function
		answer   string
		want     string // what is printed, or a part of the error after "!"
	}{
		"a result": {get, `{"statusCode":200,"headers":{"Content-Type":"application/json"},"body":"{\"status\":true,\"result\":1}"}`, "200"},
		"a refusal": {get, `{"statusCode":401,"headers":{"content-type":"application/json; charset=utf-8"},` +
			`"body":"{\"status\":false,\"message\":\"Authorization Denied\",\"code\":\"token_invalid\"}"}`, "401 Authorization Denied"},
		"a refusal without a code": {get, `{"statusCode":401,"headers":{"Content-Type":"application/json"},"body":"{\"status\":false,\"message\":\"x\"}"}`, "!a code"},
		"a server error":           {get, `{"statusCode":500,"headers":{"Content-Type":"application/json"},"body":"{\"status\":false}"}`, "!status is 500"},
		"no status":                {get, `{}`, "!status is 0"},
		"no JSON type":             {get, `{"statusCode":200,"headers":{"Content-Type":"text/plain"},"body":"{\"status\":true}"}`, "!content type"},
		"no envelope":              {get, `{"statusCode":200,"headers":{"Content-Type":"application/json"},"body":"{}"}`, "!not the envelope"},
		"a success that says it failed": {get, `{"statusCode":200,"headers":{"Content-Type":"application/json"},"body":"{\"status\":false}"}`,
			"!disagree"},
		"a page":                    {console, `{"statusCode":200,"headers":{"Content-Type":"text/html; charset=utf-8"},"body":"<html>"}`, "200 text/html"},
		"another page":              {docs, `{"statusCode":200,"headers":{"Content-Type":"text/html; charset=utf-8"},"body":"<html>"}`, "200 text/html"},
		"a page that is not HTML":   {console, `{"statusCode":200,"headers":{"Content-Type":"application/json"},"body":"{}"}`, "!content type"},
		"a sweep":                   {sweep, `null`, "done"},
		"a batch":                   {stream, `{"batchItemFailures":[]}`, "done, no record failed"},
		"a batch with a failure":    {stream, `{"batchItemFailures":[{"itemIdentifier":"1"}]}`, "!1 records"},
		"a function nobody invokes": {template.Function{Name: "lost"}, `null`, "!no trigger"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got, err := judge(c.function, []byte(c.answer))
			if part, refused := strings.CutPrefix(c.want, "!"); refused {
				if err == nil || !strings.Contains(err.Error(), part) {
					t.Errorf("got error %v, want %q in it", err, part)
				}
			} else if err != nil || got != c.want {
				t.Errorf("got %q, %v, want %q", got, err, c.want)
			}
		})
	}
}
