// Package openapi makes the OpenAPI 3.1 document of the service from its
// catalogue of operations: their routes, the types of what they take and
// answer, and the comments of these. Only tests and tools import it.
package openapi

import (
	"bytes"
	"encoding/json"
	"errors"
	"net/http"
	"reflect"
	"slices"
	"strconv"
	"strings"

	"github.com/google/jsonschema-go/jsonschema"

	"profiles/shared/httpapi"
	"profiles/shared/operation"
	"profiles/shared/plan"
	"profiles/shared/problem"
)

// Document is an OpenAPI document, as much of the form as this one uses.
type Document struct {
	OpenAPI    string               `json:"openapi"`
	Info       Info                 `json:"info"`
	Servers    []Server             `json:"servers"`
	Security   []map[string][]any   `json:"security"`
	Tags       []Tag                `json:"tags"`
	Paths      map[string]*PathItem `json:"paths"`
	Components Components           `json:"components"`
}

// Info says what the API is.
type Info struct {
	Title       string `json:"title"`
	Version     string `json:"version"`
	Description string `json:"description"`
}

// Server is where the API is.
type Server struct {
	URL string `json:"url"`
}

// Tag is a chapter.
type Tag struct {
	Name        string `json:"name"`
	Description string `json:"description,omitempty"`
}

// PathItem has the operations of a path.
type PathItem struct {
	Get    *Operation `json:"get,omitempty"`
	Post   *Operation `json:"post,omitempty"`
	Put    *Operation `json:"put,omitempty"`
	Delete *Operation `json:"delete,omitempty"`
}

// Operation is what a client can do. Routes that do the same are in Also.
type Operation struct {
	ID          string               `json:"operationId"`
	Tags        []string             `json:"tags"`
	Summary     string               `json:"summary"`
	Description string               `json:"description,omitempty"`
	Parameters  []Parameter          `json:"parameters,omitempty"`
	Body        *RequestBody         `json:"requestBody,omitempty"`
	Responses   map[string]*Response `json:"responses"`
	Security    []map[string][]any   `json:"security,omitempty"`
	Access      string               `json:"x-access"`
	RateGroup   string               `json:"x-rate-group,omitempty"`
	Also        []string             `json:"x-also,omitempty"`
	SDK         *SDK                 `json:"x-sdk,omitempty"`
}

// SDK is the call of the operation in TagoIO's official SDKs.
type SDK struct {
	JavaScript string `json:"javascript,omitempty"`
	Python     string `json:"python,omitempty"`
}

// Parameter is a part of the path, of the query, or a header.
type Parameter struct {
	Name        string             `json:"name"`
	In          string             `json:"in"`
	Description string             `json:"description"`
	Required    bool               `json:"required,omitempty"`
	Style       string             `json:"style,omitempty"`
	Explode     *bool              `json:"explode,omitempty"`
	Schema      *jsonschema.Schema `json:"schema"`
	Example     any                `json:"example,omitempty"`
}

// RequestBody is a body that a client may send.
type RequestBody struct {
	Required bool                 `json:"required,omitempty"`
	Content  map[string]MediaType `json:"content"`
}

// MediaType is a body of one media type.
type MediaType struct {
	Schema  *jsonschema.Schema `json:"schema"`
	Example json.RawMessage    `json:"example,omitempty"`
}

// Response is an answer with one status.
type Response struct {
	Description string               `json:"description"`
	Headers     map[string]Reference `json:"headers,omitempty"`
	Content     map[string]MediaType `json:"content,omitempty"`
	Reasons     []problem.Reason     `json:"x-reasons,omitempty"`
}

// Reference refers to a component.
type Reference struct {
	Ref string `json:"$ref"`
}

// Header is a header of an answer.
type Header struct {
	Description string             `json:"description"`
	Schema      *jsonschema.Schema `json:"schema"`
}

// Components are what other parts refer to.
type Components struct {
	Schemas         map[string]*jsonschema.Schema `json:"schemas"`
	Headers         map[string]Header             `json:"headers"`
	SecuritySchemes map[string]SecurityScheme     `json:"securitySchemes"`
}

// SecurityScheme is a way to say who asks.
type SecurityScheme struct {
	Type        string `json:"type"`
	Description string `json:"description"`
	Name        string `json:"name"`
	In          string `json:"in"`
}

const (
	schemaPrefix = "#/components/schemas/"
	mediaJSON    = "application/json"
	version      = "1.0.0"
)

const about = `The API of Profiles: sub-accounts with limits, teams and tokens of their own.

Every answer is one JSON object: of a success it has ` + "`status` true and the `result`; of a refusal `status` false, a `message` for people, a stable " +
	"`code` for programs, `docs`, and `details` where there are some. A success is always 200.\n\n" +
	"A request that changes something may carry an `Idempotency-Key`: sent again with it within a day, it is done once and answered as the first time.\n\n" +
	"Keys of a body that are not known are ignored where that does no harm, and refused where they might be meant to limit a power or cost money. " +
	"A key with null is one that is left out, unless it says that null clears it."

// chapters are the tags of operations, in the order in which people read of
// them.
var chapters = []Tag{
	{"Account", "Signing up and in, and what an account says of its person."},
	{"Security", "Second factors, new passwords and new addresses."},
	{
		"Sessions",
		"Signing in with a browser, for the pages of this service: the browser keeps a session in a cookie that it gives to no page.",
	},
	{"Profiles", "The sub-accounts of an account."},
	{"Tokens", "What authenticates requests to a profile."},
	{"Team", "Sharing a profile with other accounts."},
	{"Transfers", "Giving a profile to another account, for both sides."},
	{"Support desk", "Transfers, for agents of the operator."},
	{"Subscription", "Plan, service limits, add-ons and invoices of an account."},
	{"Allocation", "What each profile has of the account's services and add-ons."},
	{"Cost", "What a month costs, by profile and service."},
	{"Usage", "What profiles use, as data planes report it."},
	{"Alerts", "Levels of use and cost at which an owner is told or services stop, and soft limits."},
	{"Notifications", "Messages to an account."},
	{"Backups", "Copies of a profile that are kept for 12 months, and their restoration."},
	{"Webhooks", "Addresses of programs that are sent the events of a profile or an account."},
	{"Audit log", "What was changed, by whom, and from where."},
	{"Service", "The service itself."},
}

// Of makes the document of operations, those behind HTTP. words may be nil.
// Errors: what of the operations cannot be described, or is not.
func Of(operations []operation.Operation, words Words) (*Document, error) {
	r := &reflector{
		prefix: schemaPrefix,
		words:  words,
		named:  map[string]*jsonschema.Schema{},
		types:  map[string]reflect.Type{},
	}
	d := &Document{
		OpenAPI: "3.1.0",
		Info:    Info{"Profiles", version, about},
		Servers: []Server{{"/"}},
		Security: []map[string][]any{
			{"token": {}},
			{"session": {}},
		},
		Tags:  chapters,
		Paths: map[string]*PathItem{},
	}
	for _, o := range operations {
		if o.Call == nil {
			continue
		}
		if !slices.ContainsFunc(chapters, func(t Tag) bool { return t.Name == o.Tag }) {
			r.fail("%s: %q is no chapter", o.Name, o.Tag)
		}
		route := o.Routes[0]
		item := d.Paths[route.Path]
		if item == nil {
			item = &PathItem{}
			d.Paths[route.Path] = item
		}
		at := map[string]**Operation{
			http.MethodGet:    &item.Get,
			http.MethodPost:   &item.Post,
			http.MethodPut:    &item.Put,
			http.MethodDelete: &item.Delete,
		}[route.Method]
		if at == nil || *at != nil {
			r.fail("%s: %s %s is no route of its own", o.Name, route.Method, route.Path)
			continue
		}
		*at = r.operation(o)
	}
	d.Components = components(r.named)
	slices.Sort(r.wrong)
	var errs []error
	for _, what := range slices.Compact(r.wrong) {
		errs = append(errs, errors.New(what))
	}
	return d, errors.Join(errs...)
}

// JSON is the document as it is kept and served.
func (d *Document) JSON() []byte {
	var b bytes.Buffer
	encoder := json.NewEncoder(&b)
	encoder.SetEscapeHTML(false)
	encoder.SetIndent("", " ")
	if err := encoder.Encode(d); err != nil {
		panic(err) // it is made of texts
	}
	return b.Bytes()
}

func (r *reflector) operation(o operation.Operation) *Operation {
	types := o.Call.Types()
	out := &Operation{
		ID:          o.Name,
		Tags:        []string{o.Tag},
		Summary:     o.Summary,
		Description: describe(o),
		Access:      word(o.Access),
		RateGroup:   rateGroups[o.RateGroup()],
		Responses:   map[string]*Response{},
		SDK:         sdk[o.Name],
	}
	for _, also := range o.Routes[1:] {
		out.Also = append(out.Also, also.Method+" "+also.Path)
	}
	switch o.Access {
	case operation.Anonymous:
		out.Security = []map[string][]any{{}}
	case operation.Browser:
		out.Security = []map[string][]any{{"session": {}}}
	case operation.DataPlane, operation.DataPlaneRead:
		out.Security = []map[string][]any{{"iam": {}}, {"token": {}}}
	}
	out.Parameters = append(r.pathParameters(o), r.queryParameters(o, types.In)...)
	if o.Idempotent() {
		out.Parameters = append(out.Parameters, Parameter{
			Name:        "Idempotency-Key",
			In:          "header",
			Description: "A name for this request: sent again with it, the request is done once.",
			Schema: &jsonschema.Schema{
				Type:      "string",
				MinLength: jsonschema.Ptr(1),
				MaxLength: jsonschema.Ptr(200),
				Pattern:   "^[!-~]+$",
			},
		})
	}
	if types.Body == operation.Lenient || types.Body == operation.Strict {
		content := MediaType{Schema: r.schema(types.In, "", sent)}
		if o.Example.Body != "" {
			content.Example = json.RawMessage(o.Example.Body)
		}
		out.Body = &RequestBody{
			Required: types.In.Kind() == reflect.Slice || r.requires(types.In),
			Content:  map[string]MediaType{mediaJSON: content},
		}
	}
	out.Responses["200"] = r.success(o, types.Out)
	for status, reasons := range byStatus(Reasons(o)) {
		out.Responses[strconv.Itoa(status)] = refusal(status, reasons)
	}
	if signed := out.Responses["403"]; signed != nil &&
		o.Access.DataPlanes() {
		// A request whose signature does not verify does not reach the
		// function.
		content := signed.Content[mediaJSON]
		content.Schema = &jsonschema.Schema{AnyOf: []*jsonschema.Schema{
			content.Schema,
			{
				Type:        "object",
				Description: "What API Gateway says itself of a request whose signature does not hold.",
				Required:    []string{"message"},
				Properties: map[string]*jsonschema.Schema{
					"message": {Type: "string"},
				},
				AdditionalProperties: &jsonschema.Schema{Not: &jsonschema.Schema{}},
			},
		}}
		signed.Content[mediaJSON] = content
	}
	return out
}

// requires reports whether a body must have some key.
func (r *reflector) requires(in reflect.Type) bool {
	name := strings.ToUpper(in.Name()[:1]) + in.Name()[1:]
	return r.named[name] != nil && len(r.named[name].Required) > 0
}

// success is the answer 200: the result in its envelope, or a file.
func (r *reflector) success(o operation.Operation, out reflect.Type) *Response {
	result := r.schema(out, "", answered)
	response := &Response{
		Description: "Done.",
		Content:     map[string]MediaType{mediaJSON: {Schema: envelope(result)}},
	}
	if o.Call.Types().Pages {
		response.Content[mediaJSON] = MediaType{Schema: pagesEnvelope(result)}
	}
	if options, ok := reflect.Zero(out).Interface().(interface{ Types() []reflect.Type }); ok &&
		slices.Contains(options.Types(), reflect.TypeFor[httpapi.File]()) {
		if len(files[o.Name]) == 0 {
			r.fail("%s answers with a file of no media type", o.Name)
		}
		for _, media := range files[o.Name] {
			response.Content[media] = MediaType{Schema: &jsonschema.Schema{Type: "string"}}
		}
	}
	if o.RateGroup() != plan.RateNone {
		response.Headers = rateHeaders()
	}
	return response
}

// files are the media types of operations that answer with a file when they are
// asked for one.
var files = map[string][]string{
	operation.AuditGet.Name: {
		"text/csv",
		"application/x-ndjson",
	},
	operation.AuditQuery.Name: {"text/csv", "application/x-ndjson"},
	operation.AccountAuditGet.Name: {
		"text/csv",
		"application/x-ndjson",
	},
	operation.AccountAuditQuery.Name: {"text/csv", "application/x-ndjson"},
	operation.AccountCost.Name:       {"text/csv"},
	operation.ProfileCost.Name:       {"text/csv"},
}

// pagesEnvelope is the envelope of a page of a list.
func pagesEnvelope(result *jsonschema.Schema) *jsonschema.Schema {
	s := envelope(result)
	s.Required = append(s.Required, "nextToken")
	s.PropertyOrder = append(s.PropertyOrder, "nextToken")
	s.Properties["nextToken"] = &jsonschema.Schema{
		Types: []string{"string", "null"},
		Description: "The position from which to go on; null when there are no more rows. " +
			"A request with filters and without page searches at most 1,000 entries, " +
			"so an answer may have a position and few rows, or none.",
	}
	return s
}

func envelope(result *jsonschema.Schema) *jsonschema.Schema {
	yes := any(true)
	return &jsonschema.Schema{
		Type:          "object",
		Required:      []string{"status", "result"},
		PropertyOrder: []string{"status", "result"},
		Properties: map[string]*jsonschema.Schema{
			"status": {Const: &yes},
			"result": result,
		},
		AdditionalProperties: &jsonschema.Schema{Not: &jsonschema.Schema{}},
	}
}
