// Package openapi makes the OpenAPI 3.1 document of the service from its
// catalogue of operations: their routes, the types of what they take and
// answer, and the comments of these. Only tests and tools import it.
package openapi

import (
	"bytes"
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"net/http/httptest"
	"net/url"
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
	{"Profiles", "The sub-accounts of an account."},
	{"Tokens", "What authenticates requests to a profile."},
	{"Team", "Sharing a profile with other accounts."},
	{"Transfers", "Giving a profile to another account, for both sides."},
	{"Support desk", "Transfers, for agents of the operator."},
	{"Subscription", "Plan, service limits, add-ons and invoices of an account."},
	{"Allocation", "What each profile has of the account's services and add-ons."},
	{"Cost", "What a month costs, by profile and service."},
	{"Usage", "What profiles use, as data planes report it."},
	{"Notifications", "Messages to an account."},
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
		OpenAPI: "3.1.0", Info: Info{"Profiles", version, about}, Servers: []Server{{"/"}},
		Security: []map[string][]any{{"token": {}}}, Tags: chapters, Paths: map[string]*PathItem{},
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
		at := map[string]**Operation{http.MethodGet: &item.Get, http.MethodPost: &item.Post, http.MethodPut: &item.Put, http.MethodDelete: &item.Delete}[route.Method]
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
		Access:      string(o.Access),
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
		(o.Access == operation.DataPlane || o.Access == operation.DataPlaneRead) {
		// A request without a signature that holds does not come as far as the
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

func refusal(status int, reasons []problem.Reason) *Response {
	codes := &jsonschema.Schema{}
	for _, reason := range reasons {
		codes.Enum = append(codes.Enum, string(reason))
	}
	response := &Response{
		Description: http.StatusText(status) + ".", Reasons: reasons,
		Content: map[string]MediaType{mediaJSON: {Schema: &jsonschema.Schema{
			AllOf: []*jsonschema.Schema{
				{Ref: schemaPrefix + "Refusal"},
				{Type: "object", Properties: map[string]*jsonschema.Schema{"code": codes}},
			},
		}}},
	}
	if status == http.StatusTooManyRequests {
		response.Headers = rateHeaders()
		response.Headers["Retry-After"] = Reference{"#/components/headers/Retry-After"}
	}
	return response
}

// byStatus groups reasons by the status that they are answered with.
func byStatus(reasons []problem.Reason) map[int][]problem.Reason {
	out := map[int][]problem.Reason{}
	for _, facts := range problem.Reasons() {
		if slices.Contains(reasons, facts.Reason) {
			status := httpapi.Fail(httptest.NewRecorder(), &problem.Error{Code: facts.Class})
			out[status] = append(out[status], facts.Reason)
		}
	}
	return out
}

func rateHeaders() map[string]Reference {
	out := map[string]Reference{}
	for _, name := range []string{"RateLimit-Limit", "RateLimit-Remaining", "RateLimit-Reset"} {
		out[name] = Reference{"#/components/headers/" + name}
	}
	return out
}

var rateGroups = map[plan.RateGroup]string{
	plan.RateAccount:      "account",
	plan.RateProfile:      "profile",
	plan.RateNotification: "notification",
	plan.RateTokenInfo:    "token info",
	plan.RateDesk:         "desk",
	plan.RateSource:       "source address",
}

// who says whom an operation admits.
var who = map[operation.Access]string{
	operation.Anonymous:     "Takes no token.",
	operation.Read:          "Takes any token that works.",
	operation.Write:         "Takes a token with the permission write or full.",
	operation.Full:          "Takes a token with the permission full.",
	operation.Owner:         "Takes a token of the profile's owner with the permission full.",
	operation.OwnerWrite:    "Takes a token of the profile's owner with the permission write or full.",
	operation.OwnerRead:     "Takes any token of the profile's owner.",
	operation.Agent:         "Takes a token with the permission full of an agent of the support desk; for others it does not exist.",
	operation.AgentRead:     "Takes any token of an agent of the support desk; for others it does not exist.",
	operation.DataPlane:     "Takes a request of a data plane: signed with AWS Signature Version 4, or with the token of a service account with the permission write or full.",
	operation.DataPlaneRead: "Takes a request of a data plane: signed with AWS Signature Version 4, or with the token of a service account.",
}

func describe(o operation.Operation) string { return strings.TrimSpace(Who(o) + " " + Limit(o)) }

// Who says whom an operation admits.
func Who(o operation.Operation) string {
	words := []string{who[o.Access]}
	if o.Codes {
		words = append(words, "The code of a mail takes the place of the token.")
	}
	if o.Acts {
		words = append(words, "Although a GET, as links are, it changes something.")
	}
	return strings.Join(words, " ")
}

// Limit says how often an operation may be asked for, "" for as often as one
// likes.
func Limit(o operation.Operation) string {
	switch group := o.RateGroup(); group {
	case plan.RateNone:
		return ""
	case plan.RateSource:
		return fmt.Sprintf(
			"%d requests a minute from one network address.",
			group.PerMinute(plan.Free),
		)
	default:
		return fmt.Sprintf(
			"%d, %d or %d requests a minute of one profile, with the plan free, starter or scale.",
			group.PerMinute(plan.Free),
			group.PerMinute(plan.Starter),
			group.PerMinute(plan.Scale),
		)
	}
}

// values describes the parts of paths, by their names, those of single
// operations before.
var values = map[string]struct{ is, words string }{
	"id": {
		"profile",
		"The id of the profile, or `current` for the one that the token was made for.",
	},
	"account-confirm token":    {"mail_code", "The code from the mail."},
	"team-accept token":        {"mail_code", "The code from the mail."},
	"team-decline token":       {"mail_code", "The code from the mail."},
	"invitation-accept token":  {"mail_code", "The code from the mail."},
	"invitation-decline token": {"mail_code", "The code from the mail."},
	"notification-action id":   {"notification_id", "The id of the notification."},
	"notification-delete id":   {"notification_id", "The id of the notification."},
	"token":                    {"", "The token: itself, its masked form, or its id."},
	"email":                    {"", "The e-mail address of the account."},
	"member":                   {"member", "The id of the member's account, or of the invitation."},
	"ticket":                   {"", "The number of the transfer's ticket."},
	"type":                     {"factor", "The kind of second factor."},
	"button":                   {"button", "The button: accept or refuse."},
	"query":                    {"", "The queryId of an earlier answer."},
	"code":                     {"", "The code of the coupon."},
	"addon":                    {"addon", "The add-on."},
}

// pathParameters are those of the first route. Their examples are those of the
// operation, where that uses the route.
func (r *reflector) pathParameters(o operation.Operation) (out []Parameter) {
	path, _, _ := strings.Cut(o.Example.Path, "?")
	pattern, example := strings.Split(o.Routes[0].Path, "/"), strings.Split(path, "/")
	for i, part := range pattern {
		name, ok := strings.CutPrefix(strings.TrimSuffix(part, "}"), "{")
		if !ok {
			continue
		}
		value, known := values[o.Name+" "+name]
		if !known {
			value, known = values[name]
		}
		if !known {
			r.fail("%s: the part {%s} of the path is not described", o.Name, name)
		}
		p := Parameter{
			Name:        name,
			In:          "path",
			Description: value.words,
			Required:    true,
			Schema:      r.schema(reflect.TypeFor[string](), value.is, sent),
		}
		if len(pattern) == len(example) {
			p.Example = example[i]
		}
		out = append(out, p)
	}
	return out
}

func (r *reflector) queryParameters(o operation.Operation, in reflect.Type) (out []Parameter) {
	if len(httpapi.Parameters(in)) == 0 {
		return nil
	}
	_, raw, _ := strings.Cut(o.Example.Path, "?")
	examples, _ := url.ParseQuery(raw)
	for _, f := range reflect.VisibleFields(in) {
		name := f.Tag.Get("query")
		if name == "" {
			continue
		}
		p := Parameter{Name: name, In: "query", Description: r.words.Field(in, f)}
		if p.Description == "" && r.words != nil {
			r.fail("%s: the parameter %s has no comment", o.Name, name)
		}
		switch f.Type {
		case reflect.TypeFor[int]():
			most := httpapi.MaxPage
			if name == "amount" {
				most = httpapi.MaxAmount
			}
			p.Schema = &jsonschema.Schema{
				Type:    "integer",
				Minimum: jsonschema.Ptr(1.0),
				Maximum: jsonschema.Ptr(float64(most)),
			}
		case reflect.TypeFor[[]string]():
			p.Schema, p.Style, p.Explode = &jsonschema.Schema{
				Type:  "array",
				Items: &jsonschema.Schema{Type: "string"},
			}, "form", jsonschema.Ptr(
				false,
			)
		case reflect.TypeFor[map[string]string]():
			p.Schema, p.Style, p.Explode = &jsonschema.Schema{
				Type:                 "object",
				AdditionalProperties: &jsonschema.Schema{Type: "string"},
			}, "deepObject", jsonschema.Ptr(
				true,
			)
		case reflect.TypeFor[httpapi.Order]():
			p.Schema = &jsonschema.Schema{Type: "string", Examples: []any{"created_at,desc"}}
		default:
			p.Schema = r.schema(f.Type, f.Tag.Get("is"), sent)
		}
		if p.Style == "" && len(examples[name]) > 0 && f.Type.Kind() == reflect.String {
			p.Example = examples.Get(name)
		}
		out = append(out, p)
	}
	return out
}

func components(named map[string]*jsonschema.Schema) Components {
	c := Components{Schemas: maps.Clone(named)}
	no := any(false)
	var codes []any
	for _, facts := range problem.Reasons() {
		codes = append(codes, string(facts.Reason))
	}
	c.Schemas["Refusal"] = &jsonschema.Schema{
		Type:        "object",
		Description: "Why a request was refused.",
		Required: []string{
			"status",
			"message",
			"code",
			"docs",
		},
		PropertyOrder: []string{"status", "message", "code", "details", "docs"},
		Properties: map[string]*jsonschema.Schema{
			"status": {Const: &no},
			"message": {
				Type:        "string",
				Description: "What was wrong and what would be right, for people.",
			},
			"code": {
				Type:        "string",
				Enum:        codes,
				Description: "The reason, for programs: it stays the same for ever.",
			},
			"details": {
				Type:                 "object",
				Description:          "Facts of the reason.",
				AdditionalProperties: &jsonschema.Schema{},
				PropertyOrder: []string{
					"fields",
					"limit",
					"used",
					"plan",
					"needs",
					"has",
					"retry_after",
					"factors",
					"first",
				},
				Properties: map[string]*jsonschema.Schema{
					"fields": {
						Type:        "array",
						Description: "What of the request is wrong.",
						Items: &jsonschema.Schema{
							Type:          "object",
							Required:      []string{"field"},
							PropertyOrder: []string{"field", "code", "limit"},
							Properties: map[string]*jsonschema.Schema{
								"field": {
									Type:        "string",
									Description: "The path of the value, or its query parameter.",
								},
								"code": {
									Type:        "string",
									Enum:        set(problem.FieldCodes()...),
									Description: "What is wrong with it, where that is known.",
								},
								"limit": {
									Types:       []string{"number", "string"},
									Description: "The bound that it passes, as a number or in words.",
								},
							},
						},
					},
					"limit": {Type: "number", Description: "How many there may be."},
					"used":  {Type: "number", Description: "How many there are."},
					"plan":  {Type: "string", Description: "The plan of the account."},
					"needs": {
						Description: "The plans that have it, or the permission that it takes.",
					},
					"has":         {Type: "string", Description: "The permission of the token."},
					"retry_after": {Type: "integer", Description: "The seconds to wait."},
					"factors": {
						Type:        "array",
						Items:       &jsonschema.Schema{Type: "string"},
						Description: "The second factors that there are.",
					},
					"first": {Type: "string", Description: "The second factor to ask for."},
				},
			},
			"docs": {
				Type:        "string",
				Description: "Where the reason is described, relative to the API.",
			},
		},
	}
	whole := &jsonschema.Schema{Type: "integer"}
	c.Headers = map[string]Header{
		"RateLimit-Limit":     {"The requests that the limit admits in its window.", whole},
		"RateLimit-Remaining": {"How many of them are left.", whole},
		"RateLimit-Reset":     {"The seconds until the window ends.", whole},
		"Retry-After":         {"The seconds to wait before the next try.", whole},
	}
	c.SecuritySchemes = map[string]SecurityScheme{
		"token": {
			"apiKey",
			"An account token. The headers `authorization` and others of older clients are read too, with or without Bearer.",
			"token",
			"header",
		},
		"iam": {
			"apiKey",
			"AWS Signature Version 4, for data planes in the operator's AWS account.",
			"Authorization",
			"header",
		},
	}
	return c
}

// Reasons are those for which an operation may refuse: what it says itself, and
// what follows from whom it admits and what it takes.
func Reasons(o operation.Operation) []problem.Reason {
	out := slices.Clone(o.Refuses)
	add := func(when bool, reasons ...problem.Reason) {
		if when {
			out = append(out, reasons...)
		}
	}
	types := o.Call.Types()
	body := types.Body == operation.Lenient || types.Body == operation.Strict
	token := o.Access != operation.Anonymous
	add(true, problem.ReasonInternal)
	add(!o.Static, problem.ReasonUnavailable)
	add(o.RateGroup() != plan.RateNone, problem.ReasonTooMany)
	add(!o.AnyParams, problem.ReasonUnknownParameter, problem.ReasonInvalid)
	add(body || len(o.Params()) > 0, problem.ReasonInvalid)
	add(body || o.Idempotent() || types.Body == operation.Nothing, problem.ReasonTooLarge)
	add(
		types.Body == operation.Strict || types.Body == operation.Nothing,
		problem.ReasonUnknownField,
	)
	add(
		token && !o.Static,
		problem.ReasonNoToken,
		problem.ReasonTokenInvalid,
		problem.ReasonTokenWrongAddress,
		problem.ReasonTokenOneProfile,
	)
	switch o.Access {
	case operation.Write, operation.Full, operation.Owner, operation.OwnerWrite, operation.Agent:
		add(true, problem.ReasonNeedsPermission)
	}
	switch o.Access {
	case operation.Owner, operation.OwnerWrite, operation.OwnerRead:
		add(true, problem.ReasonOwnerOnly)
	case operation.DataPlane, operation.DataPlaneRead:
		add(true, problem.ReasonServiceOnly)
	}
	proof := proves(types.In)
	add(
		proof,
		problem.ReasonSecondFactorRequired,
		problem.ReasonInvalidPin,
		problem.ReasonTooManyAttempts,
		problem.ReasonNotOffered,
	)
	add(proof && token, problem.ReasonPasswordRequired, problem.ReasonInvalidPassword)
	add(proof && !token, problem.ReasonInvalidCredentials)
	add(strings.Contains(o.Routes[0].Path, "{"), problem.ReasonNotFound)
	add(o.Access == operation.Agent || o.Access == operation.AgentRead, problem.ReasonNotFound)
	add(o.Acts, problem.ReasonConflict)
	add(
		o.Idempotent(),
		problem.ReasonConflict,
		problem.ReasonKeyReused,
		problem.ReasonKeyUnanswered,
	)
	slices.SortFunc(out, func(a, b problem.Reason) int { return cmp.Compare(a, b) })
	return slices.Compact(out)
}

// proves reports whether a body has what proves who sends it: a password, and a
// pin where the account asks for one.
func proves(in reflect.Type) bool {
	return in != nil && in.Kind() == reflect.Struct &&
		slices.ContainsFunc(reflect.VisibleFields(in), func(f reflect.StructField) bool {
			return f.Tag.Get("json") == "pin_code"
		}) &&
		slices.ContainsFunc(reflect.VisibleFields(in), func(f reflect.StructField) bool {
			return f.Tag.Get("json") == "password" || f.Tag.Get("json") == "current_password"
		})
}
