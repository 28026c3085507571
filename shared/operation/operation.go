// Package operation is the catalogue: for each operation its name, trigger,
// route and access, and the few lines from a request to the service call.
//
// Entries are plain package variables without code that runs at start, so that
// a function's binary holds only what its own operation needs.
package operation

import (
	"context"
	"net/http"
	"strings"
	"time"

	"profiles/shared/httpapi"
	"profiles/shared/problem"
	"profiles/shared/service"
	"profiles/shared/tenancy"
	"profiles/shared/value"
)

// Trigger says what invokes an operation.
type Trigger int

const (
	HTTP Trigger = iota
	Schedule
	Stream
	Topic // the events of SES about mails
)

// Access says whom an HTTP operation admits. It is what package access
// enforces, and what the documents and the tests of credentials read; see
// tenancy.Access.
type Access = tenancy.Access

const (
	Anonymous     = tenancy.AccessAnonymous
	Read          = tenancy.AccessRead
	Write         = tenancy.AccessWrite
	Full          = tenancy.AccessFull
	Owner         = tenancy.AccessOwner
	OwnerRead     = tenancy.AccessOwnerRead
	OwnerWrite    = tenancy.AccessOwnerWrite
	OwnerOrSelf   = tenancy.AccessOwnerOrSelf
	Agent         = tenancy.AccessAgent
	AgentRead     = tenancy.AccessAgentRead
	Browser       = tenancy.AccessBrowser
	DataPlane     = tenancy.AccessDataPlane
	DataPlaneRead = tenancy.AccessDataPlaneRead
)

// Route is a method and a path. No path ends in a slash: API Gateway takes no
// such declaration. DefaultRoute takes what no other route does.
type Route struct{ Method, Path string }

// DefaultRoute is API Gateway's name for its catch-all.
const DefaultRoute = "$default"

// Operation is one entry of the catalogue.
type Operation struct {
	Name    string
	Tag     string // the chapter of the documents that it is in
	Summary string
	Trigger Trigger
	Routes  []Route
	Access  Access
	Static  bool // needs no table
	Mails   bool // needs a mailer
	Policy  bool // needs the policy of transfers
	Codes   bool // takes a code from a mail in place of a token
	// takes something from somebody who may not want that: its rate limit is
	// nobody else's to use up
	Remedy bool
	// needs the secret key, whatever its routes: it sends mails, delivers them,
	// or seals entries
	Seals bool
	// needs the time zone database: reads a zone, or dates where a person is,
	// or writes such for people
	Zones    bool
	Slash    bool // SDKs send the paths of its routes with a slash at the end
	Acts     bool // its GET changes something, so that no HEAD is answered
	SignsIn  bool // its success begins a session of the browser: only this service's pages may ask
	SignsOut bool // its success ends what the browser keeps of a session; see endsSession
	Hashes   bool // hashes passwords: takes the memory, and so the part of a CPU, that this needs

	// Refuses are the reasons for which it refuses, beside those of every
	// operation that admits whom it admits and takes what it takes.
	Refuses []problem.Reason

	// AnyParams lets query parameters pass that are not known: links in mails
	// get some from mail programs, and checks of a page or of the status add
	// their own.
	AnyParams bool

	Every time.Duration // Schedule: how often it runs
	Of    string        // Stream: what the keys of the items begin with that it is told of

	Call    Call    // HTTP
	Example Example // HTTP
	// HTTP, in place of Call: no envelope
	page func(*http.Request) (httpapi.Answer, error)
	// HTTP, in place of Call: a file of the table
	file   func(context.Context, *service.Services, *request) (httpapi.Static, error)
	sweep  func(context.Context, *service.Services) (int, error)  // Schedule
	handle func(context.Context, *service.Services, Record) error // Stream: one inserted item
	notice func(context.Context, *service.Services, string) error // Topic: one message
}

// Example is a request to an operation, as the owner of the demo account would
// send it: with their token where the operation takes one, with the data
// plane's where it reports.
type Example struct {
	Path string // with the query, percent-encoded
	Body string // JSON; "" for none
}

// Declared are the routes as template.yaml declares them. A GET that changes
// nothing is declared for every method, and so answers HEAD, which API Gateway
// has no route for otherwise. Where SDKs send a slash at the end, a greedy twin
// takes the request with it: whether API Gateway gives that to the route
// without the slash differs.
func (o Operation) Declared() []Route {
	var out []Route
	for _, route := range o.Routes {
		if route.Method == http.MethodGet && !o.Acts {
			route.Method = "ANY"
		}
		out = append(out, route)
		if o.Slash {
			out = append(out, Route{route.Method, route.Path + "/{proxy+}"})
		}
	}
	return out
}

// Record is what the table's stream says of an inserted item.
type Record struct {
	PK, SK  string
	Written time.Time // to the second
}

// Params are the query parameters that the operation knows; filter and the
// lists stand for all their spellings. Others are refused, unless it takes
// AnyParams.
func (o Operation) Params() []string {
	if o.Call == nil {
		return nil
	}
	return httpapi.Parameters(o.Call.query())
}

// Keyed reports whether the operation reads the secret: what Seals says; every
// one that is Idempotent, as the first answer is kept sealed; and every sweep,
// as the secret says when the service is read-only.
func (o Operation) Keyed() bool {
	return o.Seals || o.Idempotent() || o.Trigger == Schedule
}

// Idempotent reports whether a client may repeat requests to the operation with
// an Idempotency-Key.
func (o Operation) Idempotent() bool {
	for _, route := range o.Routes {
		if route.Method != http.MethodGet && route.Path != DefaultRoute {
			return !o.Static
		}
	}
	return false
}

// request is an HTTP request on its way to the service.
type request struct {
	*http.Request
	client service.Client
	// session is one that has begun, for the browser to keep.
	session string
}

// profile reads the path value {id}: an id, or the word current for the calling
// token's own profile.
func (r *request) profile() (service.ProfileRef, error) {
	if r.PathValue("id") == "current" {
		return service.ProfileRef{Current: true}, nil
	}
	id, err := value.ParseProfileID(r.PathValue("id"))
	return service.ProfileRef{ID: id}, err
}

// profileNamed is profile for a body that may say once more which one it is
// about, as SDKs do.
func (r *request) profileNamed(names ...string) (service.ProfileRef, error) {
	ref, err := r.profile()
	for _, name := range names {
		if name == "" || name == r.PathValue("id") {
			continue
		}
		if ref.Named != "" && string(ref.Named) != name {
			return ref, problem.Invalid(
				"the body names two profiles: leave them out, or send the one of the path",
			)
		}
		ref.Named = value.ProfileID(name)
	}
	return ref, err
}

// NoRoute begins the refusal of a request that no operation answers.
const NoRoute = "Route Not Found"

func noRoute(r *http.Request) error {
	return &problem.Error{
		Code:    problem.CodeNotFound,
		Message: NoRoute + ": there is no " + r.Method + " " + shorten(r.URL.Path),
	}
}

// Serve answers an HTTP request to the operation. from is what the gateway says
// of the client, and browser what the request says of its browser.
func (o Operation) Serve(
	r *http.Request,
	s *service.Services,
	from service.Client,
	browser httpapi.Browser,
) httpapi.Answer {
	if r.Method == http.MethodOptions {
		// A browser asks before it sends a token to another origin. The gateway
		// answers that; this is for when it does not.
		return httpapi.Succeed("Send the request itself")
	}
	if !o.matches(r) {
		return httpapi.Fail(noRoute(r))
	}
	if o.page != nil {
		page, err := o.page(r)
		if err != nil {
			return httpapi.Fail(err)
		}
		return page
	}
	if err := o.readOnly(r, s); err != nil {
		return httpapi.Fail(err)
	}
	answer := o.admit(&request{Request: r, client: from}, s, browser)
	if o.SignsOut && browser.Own && endsSession(answer.Status) {
		answer.ClearSession()
	}
	return answer
}

// admit answers a request that has a credential which the operation takes, and
// no parameter that it does not know.
func (o Operation) admit(
	r *request, s *service.Services, browser httpapi.Browser,
) httpapi.Answer {
	if err := o.present(r, browser); err != nil {
		return httpapi.Fail(err)
	}
	if !o.AnyParams {
		if err := httpapi.CheckQuery(r.URL.RawQuery, o.Params()); err != nil {
			return httpapi.Fail(err)
		}
	}
	r.client = r.client.For(o.Access)
	r.client.Rate = &service.Rate{Route: o.Name, Group: o.RateGroup(), Remedy: o.Remedy}
	if o.asksOnce(r.Request) {
		return o.once(s, r)
	}
	return o.run(s, r)
}

var errTooLarge = problem.Invalid("The answer would be larger than what can be sent at once, about 6 MB: ask for fewer things (amount, limit) or for a shorter span of time").
	For(problem.ReasonAnswerTooLarge)

// run answers a request with what its work has come to, if that can be sent at
// once, and says what is left of the limit.
func (o Operation) run(s *service.Services, r *request) httpapi.Answer {
	answer := o.work(s, r)
	if httpapi.EncodedSize(answer.Body) > httpapi.BodyLimit {
		answer = httpapi.Fail(errTooLarge)
	}
	if limit, remaining, reset, ok := r.client.Rate.Left(); ok {
		answer.RateLimit(limit, remaining, reset)
	}
	return answer
}

func (o Operation) work(s *service.Services, r *request) httpapi.Answer {
	if o.file != nil {
		file, err := o.file(r.Context(), s, r)
		if err != nil {
			return httpapi.Fail(err)
		}
		return httpapi.ServeStatic(r.Request, file)
	}
	result, err := o.Call.answer(r.Context(), s, r)
	if err != nil {
		return httpapi.Fail(err)
	}
	answer := httpapi.Succeed(result)
	if r.session != "" {
		answer.SetSession(r.session)
	}
	return answer
}

func shorten(s string) string {
	if len(s) > 200 {
		return strings.ToValidUTF8(s[:200], "") + "..."
	}
	return s
}

// matches reports whether the request is for one of the operation's routes, and
// sets its path values: a line of the template that sends a function another
// operation's requests makes it answer 404.
func (o Operation) matches(r *http.Request) bool {
	method := r.Method
	if method == http.MethodHead && !o.Acts {
		method = http.MethodGet
	}
	if method == http.MethodDelete && !o.Slash && strings.HasSuffix(r.URL.Path, "/") {
		// the id of what is to go is missing: an SDK that is given an empty one
		// would delete what is above it
		return false
	}
	// API Gateway may hand on a path with the slash that it ignores.
	path := strings.TrimSuffix(r.URL.Path, "/")
	for _, route := range o.Routes {
		if route.Path == DefaultRoute {
			return false
		}
		if values, ok := httpapi.MatchPath(route.Path, path); ok && route.Method == method {
			for name, value := range values {
				r.SetPathValue(name, value)
			}
			return true
		}
	}
	return false
}

// Sweep runs a scheduled operation and returns how many things it dealt with.
func (o Operation) Sweep(ctx context.Context, s *service.Services) (int, error) {
	return o.sweep(ctx, s)
}

// Receive runs an operation of a topic for one message.
func (o Operation) Receive(ctx context.Context, s *service.Services, message string) error {
	return o.notice(ctx, s, message)
}

// Handle runs a stream operation for one inserted item of the table.
func (o Operation) Handle(ctx context.Context, s *service.Services, r Record) error {
	return o.handle(ctx, s, r)
}
