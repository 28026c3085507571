// Package operation is the catalogue: for each operation its name, trigger,
// route and access, and the few lines from a request to the service call.
//
// Entries are plain package variables without code that runs at start, so that
// a function's binary holds only what its own operation needs.
package operation

import (
	"context"
	"net/http"
	"slices"
	"strings"
	"time"

	"profiles/shared/flow"
	"profiles/shared/httpapi"
	"profiles/shared/problem"
	"profiles/shared/service"
	"profiles/shared/static"
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

// Access says who may call an HTTP operation. Package access enforces exactly
// this value, and the documents and the tests of credentials read it; see
// tenancy.Access.
type Access = tenancy.Access

const (
	Anonymous        = tenancy.AccessAnonymous
	Usage            = tenancy.AccessUsage
	Read             = tenancy.AccessRead
	Write            = tenancy.AccessWrite
	Full             = tenancy.AccessFull
	BillingRead      = tenancy.AccessBillingRead
	Billing          = tenancy.AccessBilling
	Owner            = tenancy.AccessOwner
	OwnerRead        = tenancy.AccessOwnerRead
	OwnerBillingRead = tenancy.AccessOwnerBillingRead
	OwnerBilling     = tenancy.AccessOwnerBilling
	OwnerOrSelf      = tenancy.AccessOwnerOrSelf
	OwnerOrAccount   = tenancy.AccessOwnerOrAccount
	Agent            = tenancy.AccessAgent
	AgentRead        = tenancy.AccessAgentRead
	Browser          = tenancy.AccessBrowser
	DataPlane        = tenancy.AccessDataPlane
	DataPlaneRead    = tenancy.AccessDataPlaneRead
)

// Route is a method and a path. No path ends in a slash, because API Gateway
// refuses such a declaration. DefaultRoute gets the requests of no other route.
type Route struct{ Method, Path string }

// DefaultRoute is API Gateway's name for its catch-all.
const DefaultRoute = httpapi.DefaultRoute

// Operation is one entry of the catalogue.
type Operation struct {
	Name    string
	Tag     string // the chapter of the documents that it is in
	Summary string
	Trigger Trigger
	Routes  []Route
	Access  Access
	Static  bool // needs no table, and is an operation of package static
	Mails   bool // needs a mailer
	Tells   bool // has events wait for webhooks, and for the operator's bus
	Posts   bool // sends events to webhooks, and to the operator's bus
	Policy  bool // needs the policy of transfers
	Codes   bool // accepts a code from a mail instead of a token
	// removes or revokes something, perhaps against the will of another person:
	// it has a rate limit of its own, which that person cannot use up
	Remedy bool
	// needs the secret key, apart from its routes: it sends mails, delivers
	// them, or seals entries
	Seals bool
	// needs the time zone database: it reads the name of a zone or dates
	// without one, or writes dates for people
	Zones    bool
	Slash    bool // SDKs send the paths of its routes with a slash at the end
	Acts     bool // its GET changes something, so that no HEAD is answered
	SignsIn  bool // its success begins a session; only this service's pages may call it
	SignsOut bool // its success removes the session from the browser; see endsSession
	Hashes   bool // hashes passwords, and so needs more memory and a larger part of a CPU

	// makes the file of a backup, and so needs more memory, a larger part of a
	// CPU and more time
	Packs bool

	// Refuses are the reasons of its refusals, apart from those that it shares
	// with every operation of the same access and kind of input.
	Refuses []problem.Reason

	// AnyParams admits unknown query parameters. Mail programs add some to
	// links in mails, and monitors add some to checks of a page or of the
	// status.
	AnyParams bool

	Every time.Duration // Schedule: how often it runs
	Of    string        // Stream: the prefix of the keys of the items that it handles

	Call    Call              // HTTP
	Example Example           // HTTP
	static  *static.Operation // answers in place of Call if Static is set
	// HTTP, in place of Call: a file of the table
	file   func(context.Context, *service.Services, *request) (httpapi.Static, error)
	sweep  func(context.Context, *service.Services) (int, error)      // Schedule
	handle func(context.Context, *service.Services, []Record) []error // Stream: see Handle
	notice func(context.Context, *service.Services, string) error     // Topic: one message
}

// Example is a request to an operation. The owner of the demo account sends it
// with their token, if the operation needs one. The data plane sends reports.
type Example struct {
	Path string // with the query, percent-encoded
	Body string // JSON; "" for none
}

// Declared are the routes as template.yaml declares them. A GET that changes
// nothing is declared for every method, so that it also answers HEAD, for which
// API Gateway would have no route. If SDKs send a slash at the end, a second,
// greedy route gets such requests: API Gateway does not always give them to the
// route without the slash.
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

// Params are the query parameters that the operation knows. filter and the
// names of lists stand for all their spellings. Other parameters are refused
// unless AnyParams is set.
func (o Operation) Params() []string {
	if o.Call == nil {
		return nil
	}
	return httpapi.Parameters(o.Call.query())
}

// Keyed reports whether the operation reads the secret. It does if Seals is
// set; if it is Idempotent, as its first answer is stored encrypted; and if it
// is a sweep, as the secret says whether the service is read-only.
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
	// session is the secret of a session that has begun; the answer gives it to
	// the browser.
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

// profileOrAccount is profile for a route that there is of the account, too,
// without {id}: nil.
func (r *request) profileOrAccount() (*service.ProfileRef, error) {
	if r.PathValue("id") == "" {
		return nil, nil
	}
	ref, err := r.profile()
	return &ref, err
}

// paging returns which rows of a list a query asks for.
func paging(q httpapi.Paging) service.Paging {
	return service.Paging{Page: q.Page, Amount: q.Amount, After: q.Next}
}

// profileNamed is like profile, for a body that may name the profile once more,
// as SDKs do. It fails if the body names two profiles.
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

// NoRoute is the beginning of the message to a request that has no route.
const NoRoute = httpapi.NoRoute

// Serve answers an HTTP request to the operation. from describes the client, as
// the gateway reports it. browser describes the browser, as the request reports
// it.
func (o Operation) Serve(
	r *http.Request,
	s *service.Services,
	from service.Client,
	browser httpapi.Browser,
) httpapi.Answer {
	if o.static != nil {
		return o.static.Serve(r)
	}
	if r.Method == http.MethodOptions {
		return httpapi.Options()
	}
	if !o.matches(r) {
		return httpapi.Fail(httpapi.ErrNoRoute(r))
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

// admit answers a request if its credential has a kind that the operation
// accepts and all its parameters are known.
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

// run answers a request and reports the rest of the rate limit. It fails if the
// answer is larger than Lambda can return.
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

// matches reports whether the request is for one of the operation's routes, and
// sets its path values. If the template is wrong and sends the function
// requests of another operation, the answer is 404.
func (o Operation) matches(r *http.Request) bool {
	method := r.Method
	if method == http.MethodHead && !o.Acts {
		method = http.MethodGet
	}
	if method == http.MethodDelete && !o.Slash && strings.HasSuffix(r.URL.Path, "/") {
		// The id of the thing to delete is missing: an SDK with an empty id
		// would otherwise delete the collection.
		return false
	}
	return slices.ContainsFunc(o.Routes, func(route Route) bool {
		return route.Method == method && httpapi.MatchRequest(route.Path, r)
	})
}

// Sweep runs a scheduled operation and returns how many items it processed.
func (o Operation) Sweep(ctx context.Context, s *service.Services) (int, error) {
	return o.sweep(ctx, s)
}

// Receive runs an operation of a topic for one message.
func (o Operation) Receive(ctx context.Context, s *service.Services, message string) error {
	return o.notice(ctx, s, message)
}

// Handle runs a stream operation for inserted items of the table, in their
// order. It returns an error in the place of each item that must be handled
// again, and nil in the others.
func (o Operation) Handle(ctx context.Context, s *service.Services, records []Record) []error {
	return o.handle(ctx, s, records)
}

// each handles records one after the other. A panic is the error of its record
// alone, so that one bad record does not end the process.
func each(
	handle func(context.Context, *service.Services, Record) error,
) func(context.Context, *service.Services, []Record) []error {
	return func(ctx context.Context, s *service.Services, records []Record) []error {
		failed := make([]error, len(records))
		for i, r := range records {
			failed[i] = func() (err error) {
				defer flow.Recovered(&err)
				return handle(ctx, s, r)
			}()
		}
		return failed
	}
}
