// Package static has the operations that need no table. They are apart from the
// others, so that their functions link neither the client of the table nor the
// rules, which would take most of the time of a start. Package operation has
// them in the catalogue.
package static

import (
	"net/http"
	"reflect"
	"slices"

	"profiles/shared/httpapi"
)

// Operation is an operation that anybody may call and that changes nothing. Its
// fields are those of operation.Operation.
type Operation struct {
	Name, Tag, Summary string
	Routes             []Route
	AnyParams          bool
	Example            string // the path of a request

	Result Result // in an envelope
	// in place of Result: no envelope
	Page func(*http.Request) (httpapi.Answer, error)
}

// Route is a method and a path, as operation.Route is.
type Route struct{ Method, Path string }

// Result is what an operation always answers, and its type for the documents.
type Result interface {
	Value() any
	Type() reflect.Type
}

// result is a function that is converted. A conversion is data and runs no code
// at start.
type result[Out any] func() Out

func (r result[Out]) Value() any       { return r() }
func (result[Out]) Type() reflect.Type { return reflect.TypeFor[Out]() }

// Serve answers a request.
func (o Operation) Serve(r *http.Request) httpapi.Answer {
	method := r.Method
	switch method {
	case http.MethodOptions:
		return httpapi.Options()
	case http.MethodHead:
		method = http.MethodGet
	}
	if !slices.ContainsFunc(o.Routes, func(route Route) bool {
		return route.Method == method && httpapi.MatchRequest(route.Path, r)
	}) {
		return httpapi.Fail(httpapi.ErrNoRoute(r))
	}
	if !o.AnyParams {
		if err := httpapi.CheckQuery(r.URL.RawQuery, nil); err != nil {
			return httpapi.Fail(err)
		}
	}
	if o.Page == nil {
		return httpapi.Succeed(o.Result.Value())
	}
	page, err := o.Page(r)
	if err != nil {
		return httpapi.Fail(err)
	}
	return page
}

// StatusGet answers when the service is up.
var StatusGet = Operation{
	Name: "status-get", Tag: "Service", Summary: "Answers when the service is up.",
	Routes: []Route{{"GET", "/status"}}, AnyParams: true,
	Result:  result[string](status),
	Example: "/status",
}

func status() string { return "Profiles is up" }

// RouteUnknown refuses every request.
var RouteUnknown = Operation{
	Name:    "route-unknown",
	Tag:     "Service",
	Summary: "Answers 404 for a path or method that no route has.",
	Routes:  []Route{{"", httpapi.DefaultRoute}},
	Example: "/no/such/route",
}
