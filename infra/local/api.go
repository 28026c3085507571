package main

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/aws/aws-lambda-go/events"

	"profiles/infra/engine"
	"profiles/infra/signature"
	"profiles/infra/template"
	"profiles/infra/throttle"
	"profiles/shared/httpapi"
	"profiles/shared/secret"
)

// api answers HTTP requests as API Gateway's HTTP API does with the routes that
// the template declares.
type api struct {
	whole  context.Context // what is under way is given up with it
	routes []route
	cors   *template.CORS
	limits *throttle.Limits // nil for none
	// strict keeps a request whose path ends in a slash from the route without
	// it. AWS does not document what API Gateway does, and reports of it
	// differ.
	strict bool
}

type route struct {
	template.Route
	function *function
	signed   bool // callers need a signature of IAM's
}

// target is the route that a request goes to.
type target struct {
	*function
	key        string
	parameters map[string]string
	signed     bool
}

// trailingSlash reads the variable TRAILING_SLASH: whether a slash at the end
// of a request's path is ignored, or makes it another path.
func trailingSlash(text string) (strict bool, err error) {
	switch text {
	case "", "ignored":
		return false, nil
	case "strict":
		return true, nil
	}
	return false, fmt.Errorf("TRAILING_SLASH is %q: it must be ignored or strict", text)
}

func newAPI(
	whole context.Context,
	declared *template.Template,
	functions map[string]*function,
	strict bool,
) (*api, error) {
	a := &api{whole: whole, cors: declared.API.CORS, strict: strict}
	seen := map[string]string{}
	for _, f := range declared.Functions {
		for _, r := range f.Routes {
			shape := r.Method + " " + placeholders(r.Path)
			if other := seen[shape]; other != "" {
				return nil, fmt.Errorf(
					"template.yaml: %s and %s have the same route %s %s",
					other,
					f.LogicalID,
					r.Method,
					r.Path,
				)
			}
			seen[shape] = f.LogicalID
			a.routes = append(a.routes, route{r, functions[f.Name], slices.Contains(f.Signed, r)})
		}
	}
	return a, nil
}

// placeholders is a path without the names of its parameters, by which API
// Gateway compares routes.
func placeholders(path string) string {
	parts := strings.Split(path, "/")
	for i, part := range parts {
		if strings.HasPrefix(part, "{") {
			parts[i] = "{}"
		}
	}
	return strings.Join(parts, "/")
}

// find returns the most specific route of a request, else the default route. A
// whole path says more than a greedy one, a path more than another when its
// first part that differs is a word and not a parameter, a method more than
// ANY. Doubled slashes are one.
func (a *api) find(method, path string) (target, bool) {
	for strings.Contains(path, "//") {
		path = strings.ReplaceAll(path, "//", "/")
	}
	if !a.strict && path != "/" {
		path = strings.TrimSuffix(path, "/")
	}
	var best, fallback *route
	var parameters map[string]string
	for i := range a.routes {
		r := &a.routes[i]
		if r.Path == template.Default {
			fallback = r
			continue
		}
		values, ok := r.matches(path)
		if ok && (r.Method == method || r.Method == "ANY") && (best == nil || r.before(best)) {
			best, parameters = r, values
		}
	}
	if best == nil {
		if fallback == nil {
			return target{}, false
		}
		return target{fallback.function, template.Default, nil, fallback.signed}, true
	}
	return target{best.function, best.Method + " " + best.Path, parameters, best.signed}, true
}

// matches is httpapi.MatchPath, but that a greedy part takes nothing too, after
// a slash.
func (r *route) matches(path string) (values map[string]string, ok bool) {
	if values, ok = httpapi.MatchPath(r.Path, path); ok || !httpapi.IsGreedy(r.Path) {
		return values, ok
	}
	before, slash := strings.CutSuffix(path, "/")
	i := strings.LastIndex(r.Path, "/")
	if values, ok = httpapi.MatchPath(r.Path[:i], before); !ok || !slash {
		return nil, false
	}
	name, _ := httpapi.ParameterOf(r.Path[i+1:])
	values[name] = ""
	return values, true
}

// before reports whether the route is more specific than another.
func (r *route) before(other *route) bool {
	if mine, theirs := httpapi.IsGreedy(r.Path), httpapi.IsGreedy(other.Path); mine != theirs {
		return theirs
	}
	parts, others := strings.Split(r.Path, "/"), strings.Split(other.Path, "/")
	if len(parts) != len(others) {
		return len(parts) > len(others)
	}
	for i := range parts {
		_, mine := httpapi.ParameterOf(parts[i])
		if _, theirs := httpapi.ParameterOf(others[i]); mine != theirs {
			return theirs
		}
	}
	return r.Method != "ANY" && other.Method == "ANY"
}

func (a *api) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if a.preflight(w, r) {
		return
	}
	now := time.Now()
	id := secret.NewID(now)
	w.Header().Set("Apigw-Requestid", id)
	t, ok := a.find(r.Method, r.URL.Path)
	if !ok {
		gatewayError(w, http.StatusNotFound, "Not Found")
		return
	}
	if !a.limits.Admit(t.key, now) {
		gatewayError(w, http.StatusTooManyRequests, "Too Many Requests")
		return
	}
	r.Body = http.MaxBytesReader(w, r.Body, maxPayload)
	var caller *events.APIGatewayV2HTTPRequestContextAuthorizerDescription
	if t.signed {
		var err error
		if caller, err = verify(r, now); err == nil && caller == nil {
			gatewayError(w, http.StatusForbidden, "Forbidden")
			return
		}
	}
	event, err := eventOf(r, t, id, now)
	if err != nil {
		gatewayError(w, http.StatusRequestEntityTooLarge, "Request Too Long")
		return
	}
	event.RequestContext.Authorizer = caller
	payload, err := json.Marshal(event)
	if err != nil {
		gatewayError(w, http.StatusBadRequest, "Bad Request")
		return
	}
	// A request goes on when its client has left, as it does in Lambda.
	answer, err := t.invoke(a.whole, payload)
	if err == nil {
		err = write(w, answer)
	}
	if err != nil {
		slog.Error("the invocation failed", "operation", t.name, "error", err.Error())
		gatewayError(w, http.StatusInternalServerError, "Internal Server Error")
	}
}

// gatewayError is how API Gateway answers what never reaches a function, or
// does not come back from one.
func gatewayError(w http.ResponseWriter, status int, message string) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	fmt.Fprintf(w, "{\"message\":%q}", message)
}

// preflight answers what browsers ask before a request to another origin, and
// lets them read the answer of the request itself.
func (a *api) preflight(w http.ResponseWriter, r *http.Request) bool {
	origin := r.Header.Get("Origin")
	if a.cors == nil || origin == "" ||
		!slices.Contains(a.cors.AllowOrigins, "*") &&
			!slices.Contains(a.cors.AllowOrigins, origin) {
		return false
	}
	h := w.Header()
	h.Set("Access-Control-Allow-Origin", origin)
	if slices.Contains(a.cors.AllowOrigins, "*") {
		h.Set("Access-Control-Allow-Origin", "*")
	}
	h.Set("Access-Control-Expose-Headers", strings.Join(a.cors.ExposeHeaders, ","))
	if r.Method != http.MethodOptions || r.Header.Get("Access-Control-Request-Method") == "" {
		return false
	}
	h.Set("Access-Control-Allow-Methods", strings.Join(a.cors.AllowMethods, ","))
	h.Set("Access-Control-Allow-Headers", strings.Join(a.cors.AllowHeaders, ","))
	h.Set("Access-Control-Max-Age", strconv.Itoa(a.cors.MaxAge))
	w.WriteHeader(http.StatusNoContent)
	return true
}

// verify returns what API Gateway tells a function of a caller who has signed
// the request with IAM's signature, here with the local stack's own key. It
// returns nil for a request without a valid signature.
func verify(
	r *http.Request, now time.Time,
) (*events.APIGatewayV2HTTPRequestContextAuthorizerDescription, error) {
	if valid, err := signature.Valid(r, "execute-api", now); err != nil || !valid {
		return nil, err
	}
	return &events.APIGatewayV2HTTPRequestContextAuthorizerDescription{
		IAM: &events.APIGatewayV2HTTPRequestContextAuthorizerIAMDescription{
			AccessKey: engine.AccessKeyID,
			AccountID: "000000000000",
			CallerID:  "local",
			UserARN:   "arn:aws:iam::000000000000:user/local",
			UserID:    "local",
		},
	}, nil
}
