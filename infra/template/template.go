// Package template reads the parts of template.yaml that a program needs in
// order to run or check the service without CloudFormation: functions with
// their triggers and policies, the table, the API and the queues.
package template

import (
	"errors"
	"fmt"
	"maps"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"go.yaml.in/yaml/v3"
)

// Default is the path of the route that answers what no other route does.
const Default = "$default"

// implicitAPI is the logical id of the HTTP API that SAM makes when the
// template declares none.
const implicitAPI = "ServerlessHttpApi"

// Template is what a template.yaml declares, in its order. A reference to a
// resource is the resource's logical id, an attribute of one is "Id.Attribute".
type Template struct {
	Functions []Function
	// Table has an empty LogicalID when the template declares none.
	Table Table
	API   API
	// Queues are the logical ids of the SQS queues.
	Queues []string
}

// Function is an AWS::Serverless::Function with the global settings merged in.
type Function struct {
	LogicalID string
	// Name is the last folder of CodeUri, which is also the operation's name.
	Name        string
	CodeURI     string
	MemoryMB    int
	Timeout     time.Duration
	Environment map[string]string
	Routes      []Route
	// Signed are those of Routes whose callers API Gateway verifies with IAM.
	Signed    []Route
	Schedules []Schedule
	Streams   []Stream
	// Policy has the statements of the function's role: its own, and those of
	// the template's managed policies that it refers to.
	Policy []Statement
	// LogGroup is the logical id of the log group, empty for the one that
	// Lambda makes.
	LogGroup string
	// Line is where the function starts in the file.
	Line int
}

// Route is a route of the HTTP API. The default route has an empty Method and
// the Path Default; a route for every method has the Method ANY.
type Route struct {
	Method string `yaml:"Method"`
	Path   string `yaml:"Path"`
}

// Schedule is a rate expression. A disabled one is part of the result.
type Schedule struct {
	Every   time.Duration
	Enabled bool
}

// Stream is a trigger by the table's stream.
type Stream struct {
	BatchSize int
	// MaximumRetryAttempts is -1 when a batch is retried until it expires.
	MaximumRetryAttempts       int
	BisectBatchOnFunctionError bool
	ReportBatchItemFailures    bool
	// Filters are the patterns, JSON each; a record goes to the function when
	// one of them matches or there are none.
	Filters []string
	// OnFailure is the logical id of the queue for what could not be processed,
	// empty without one.
	OnFailure string
	Enabled   bool
}

// Statement is one statement of a policy.
type Statement struct {
	Effect  string
	Actions []string
	// NotActions are what the statement leaves out when it is about all other
	// actions.
	NotActions []string
	Resources  []string
	// Condition has the values that each condition key is compared with by its
	// operator, nil without one.
	Condition map[string]map[string][]string
}

// Table is the AWS::DynamoDB::Table.
type Table struct {
	LogicalID string
	// Attributes are the types (S, N or B) of the attributes used as keys.
	Attributes map[string]string
	Key        Key
	Indexes    []Index
	// TTLAttribute is empty when nothing expires.
	TTLAttribute string
	// StreamView is the stream's view type, empty without a stream.
	StreamView string
}

// Key names the attributes of a primary key; Sort is empty when there is only a
// partition key.
type Key struct {
	Partition string
	Sort      string
}

// Index is a global secondary index.
type Index struct {
	Name       string
	Key        Key
	Projection string
	// Included are the projected attributes when Projection is INCLUDE.
	Included []string
}

// API is the HTTP API.
type API struct {
	LogicalID string
	// CORS is nil when the API does not answer preflight requests.
	CORS *CORS
	// FailOnWarnings takes a route that could not be made for a failure.
	FailOnWarnings bool
}

// CORS is the API's CorsConfiguration.
type CORS struct {
	AllowOrigins     []string `yaml:"AllowOrigins"`
	AllowHeaders     []string `yaml:"AllowHeaders"`
	AllowMethods     []string `yaml:"AllowMethods"`
	ExposeHeaders    []string `yaml:"ExposeHeaders"`
	MaxAge           int      `yaml:"MaxAge"`
	AllowCredentials bool     `yaml:"AllowCredentials"`
}

// Function returns the function with this name.
func (t *Template) Function(name string) (Function, bool) {
	for _, function := range t.Functions {
		if function.Name == name {
			return function, true
		}
	}
	return Function{}, false
}

// Read reads the template in a file; parameters replace the defaults of the
// template's parameters. A value that is used here and cannot be resolved is an
// error that names its line, never an empty text.
func Read(file string, parameters map[string]string) (*Template, error) {
	data, err := os.ReadFile(file)
	if err != nil {
		return nil, err
	}
	return Parse(filepath.Base(file), data, parameters)
}

// undeployed are values for the parameters that have no default, for a stack
// that is never deployed.
var undeployed = map[string]string{
	"SenderAddress":   "no-reply@example.com",
	"SupportAddress":  "support@example.com",
	"TableProtection": "off",
}

// ReadLocal is Read for a stack that is never deployed: the project's
// parameters that have no default have values of examples.
func ReadLocal(file string, parameters map[string]string) (*Template, error) {
	all := maps.Clone(undeployed)
	maps.Copy(all, parameters)
	return Read(file, all)
}

// Parse is Read for a template in memory; file is what errors call it.
func Parse(file string, data []byte, parameters map[string]string) (*Template, error) {
	var document yaml.Node
	if err := yaml.Unmarshal(data, &document); err != nil {
		return nil, fmt.Errorf("%s: %w", file, err)
	}
	if len(document.Content) == 0 {
		return nil, fmt.Errorf("%s: the template is empty", file)
	}
	root := document.Content[0]
	r := &resolver{
		file:       file,
		parameters: byName(get(root, "Parameters")),
		overrides:  parameters,
		mappings:   get(root, "Mappings"),
		conditions: byName(get(root, "Conditions")),
		resources:  byName(get(root, "Resources")),
		open:       map[string]bool{},
		invokers:   map[string][]Statement{},
	}
	for name := range parameters {
		if r.parameters[name] == nil {
			return nil, fmt.Errorf("%s: there is no parameter %s", file, name)
		}
	}

	out := &Template{API: API{LogicalID: implicitAPI}}
	globals := get(root, "Globals")
	for id, resource := range pairs(get(root, "Resources")) {
		if condition := get(resource, "Condition"); condition != nil {
			holds, err := r.condition(condition, condition.Value)
			if err != nil {
				return nil, err
			}
			if !holds {
				continue
			}
		}
		if err := r.resource(out, id, resource, globals); err != nil {
			return nil, err
		}
	}
	if err := r.join(out); err != nil {
		return nil, err
	}
	if out.API.LogicalID == implicitAPI {
		properties, err := r.merged(get(globals, "HttpApi"), nil)
		if err != nil {
			return nil, err
		}
		if err := r.api(&out.API, properties); err != nil {
			return nil, err
		}
	}
	return out, nil
}

func byName(mapping *yaml.Node) map[string]*yaml.Node {
	out := map[string]*yaml.Node{}
	for key, value := range pairs(mapping) {
		out[key.Value] = value
	}
	return out
}

func (r *resolver) resource(out *Template, id, resource, globals *yaml.Node) error {
	kind := get(resource, "Type")
	if kind == nil {
		return r.errorf(id, "%s has no Type", id.Value)
	}
	properties := get(resource, "Properties")
	switch kind.Value {
	case "AWS::Serverless::Function":
		merged, err := r.merged(get(globals, "Function"), properties)
		if err != nil {
			return err
		}
		function, err := r.function(id, merged)
		if err != nil {
			return err
		}
		for _, other := range out.Functions {
			if other.Name == function.Name {
				return r.errorf(id, "%s and %s have the same CodeUri", other.LogicalID, id.Value)
			}
		}
		out.Functions = append(out.Functions, function)
	case "AWS::DynamoDB::Table":
		if out.Table.LogicalID != "" {
			return r.errorf(id, "%s is a second table: one is expected", id.Value)
		}
		table, err := r.table(id, properties)
		if err != nil {
			return err
		}
		out.Table = table
	case "AWS::Serverless::HttpApi":
		if out.API.LogicalID != implicitAPI {
			return r.errorf(id, "%s is a second HTTP API: one is expected", id.Value)
		}
		out.API.LogicalID = id.Value
		merged, err := r.merged(get(globals, "HttpApi"), properties)
		if err != nil {
			return err
		}
		return r.api(&out.API, merged)
	case "AWS::SQS::Queue":
		out.Queues = append(out.Queues, id.Value)
	}
	return nil
}

func (r *resolver) merged(global, own *yaml.Node) (*yaml.Node, error) {
	for _, n := range []**yaml.Node{&global, &own} {
		if *n == nil {
			continue
		}
		resolved, err := r.resolve(*n)
		if err != nil {
			return nil, err
		}
		*n = resolved
	}
	return merge(global, own), nil
}

// decode reads a resolved node into a struct; a nil node leaves it as it is.
func (r *resolver) decode(n *yaml.Node, into any) error {
	if n == nil {
		return nil
	}
	if err := n.Decode(into); err != nil {
		return r.errorf(n, "%v", err)
	}
	return nil
}

// list is a list that may be written as a single value.
type list []string

func (l *list) UnmarshalYAML(n *yaml.Node) error {
	if n.Kind == yaml.ScalarNode {
		*l = list{n.Value}
		return nil
	}
	return n.Decode((*[]string)(l))
}

func (r *resolver) function(id, properties *yaml.Node) (Function, error) {
	raw := struct {
		CodeURI     string `yaml:"CodeUri"`
		MemorySize  int    `yaml:"MemorySize"`
		Timeout     int    `yaml:"Timeout"`
		Environment struct {
			Variables map[string]string `yaml:"Variables"`
		} `yaml:"Environment"`
		LoggingConfig struct {
			LogGroup string `yaml:"LogGroup"`
		} `yaml:"LoggingConfig"`
		Role              yaml.Node `yaml:"Role"`
		Events            yaml.Node `yaml:"Events"`
		EventInvokeConfig yaml.Node `yaml:"EventInvokeConfig"`
	}{MemorySize: 128, Timeout: 3}
	if err := r.decode(properties, &raw); err != nil {
		return Function{}, err
	}
	name := path.Base(raw.CodeURI)
	if raw.CodeURI == "" || name == "." || name == "/" {
		return Function{}, r.errorf(id, "%s has no CodeUri that ends in a folder", id.Value)
	}
	out := Function{
		LogicalID:   id.Value,
		Name:        name,
		CodeURI:     raw.CodeURI,
		MemoryMB:    raw.MemorySize,
		Timeout:     time.Duration(raw.Timeout) * time.Second,
		Environment: raw.Environment.Variables,
		LogGroup:    raw.LoggingConfig.LogGroup,
		Line:        id.Line,
	}
	for event, definition := range pairs(&raw.Events) {
		if err := r.event(&out, event, definition); err != nil {
			return Function{}, err
		}
	}
	for _, name := range []string{"Policies", "PermissionsBoundary"} {
		if get(properties, name) != nil {
			return Function{}, r.errorf(
				id,
				"%s has %s: what a function may do is expected to be said by a role of this template",
				id.Value,
				name,
			)
		}
	}
	if raw.Role.Kind != 0 {
		var err error
		if out.Policy, err = r.role(&raw.Role, "lambda.amazonaws.com"); err == nil {
			err = r.needs(out, &raw.Events, &raw.EventInvokeConfig)
		}
		if err != nil {
			return Function{}, err
		}
	}
	return out, nil
}

// needs holds that a function's role may do what Lambda does by it beside
// running the function: read the stream, and send what fails for good to its
// queue. SAM gives these rights to roles that it makes, and to no others.
func (r *resolver) needs(f Function, events, invocation *yaml.Node) error {
	failed := func(n *yaml.Node) *yaml.Node {
		return get(get(get(n, "DestinationConfig"), "OnFailure"), "Destination")
	}
	check := func(resource *yaml.Node, actions ...string) error {
		for _, action := range actions {
			if resource != nil && !may(f.Policy, action, resource.Value) {
				return r.errorf(
					resource,
					"the role of %s may not %s on %s",
					f.LogicalID,
					action,
					resource.Value,
				)
			}
		}
		return nil
	}
	if err := check(failed(invocation), "sqs:SendMessage"); err != nil {
		return err
	}
	for _, event := range pairs(events) {
		properties := get(event, "Properties")
		if err := check(
			get(properties, "Stream"),
			"dynamodb:DescribeStream",
			"dynamodb:GetRecords",
			"dynamodb:GetShardIterator",
		); err != nil {
			return err
		}
		if err := check(failed(properties), "sqs:SendMessage"); err != nil {
			return err
		}
	}
	return nil
}

// may reports whether statements allow an action on a resource whatever else
// holds.
func may(policy []Statement, action, resource string) bool {
	return slices.ContainsFunc(policy, func(s Statement) bool {
		return s.Effect == "Allow" && s.Condition == nil && slices.Contains(s.Actions, action) &&
			slices.Contains(s.Resources, resource)
	})
}

// role reads what a role of the template may do that a service of AWS takes on.
func (r *resolver) role(reference *yaml.Node, service string) ([]Statement, error) {
	name, ok := strings.CutSuffix(reference.Value, ".Arn")
	declared := r.resources[name]
	if kind := get(declared, "Type"); !ok || kind == nil || kind.Value != "AWS::IAM::Role" {
		return nil, r.errorf(reference, "%s is no role of this template", reference.Value)
	}
	properties, err := r.merged(nil, get(declared, "Properties"))
	if err != nil {
		return nil, err
	}
	var trust struct {
		Statement []struct {
			Effect    string `yaml:"Effect"`
			Action    list   `yaml:"Action"`
			Principal struct {
				Service list `yaml:"Service"`
			} `yaml:"Principal"`
		} `yaml:"Statement"`
	}
	if err := r.decode(get(properties, "AssumeRolePolicyDocument"), &trust); err != nil {
		return nil, err
	}
	if t := trust.Statement; len(t) != 1 || t[0].Effect != "Allow" ||
		!slices.Equal(t[0].Action, list{"sts:AssumeRole"}) ||
		!slices.Equal(t[0].Principal.Service, list{service}) {
		return nil, r.errorf(reference, "%s is not for %s alone to assume", name, service)
	}
	if get(properties, "PermissionsBoundary") != nil {
		return nil, r.errorf(reference, "%s has a boundary, which is not understood here", name)
	}
	var policies []*yaml.Node
	if managed := get(properties, "ManagedPolicyArns"); managed != nil {
		policies = append(policies, managed.Content...)
	}
	if own := get(properties, "Policies"); own != nil {
		for _, policy := range own.Content {
			policies = append(policies, get(policy, "PolicyDocument"))
		}
	}
	// Those that name the role, and not it them.
	for _, id := range slices.Sorted(maps.Keys(r.resources)) {
		if kind := get(
			r.resources[id],
			"Type",
		); kind == nil ||
			kind.Value != "AWS::IAM::ManagedPolicy" {
			continue
		}
		properties, err := r.merged(nil, get(r.resources[id], "Properties"))
		if err != nil {
			return nil, err
		}
		if roles := get(
			properties,
			"Roles",
		); roles != nil &&
			slices.ContainsFunc(roles.Content, func(n *yaml.Node) bool { return n.Value == name }) {
			policies = append(policies, get(properties, "PolicyDocument"))
		}
	}
	var out []Statement
	for _, policy := range policies {
		statements, err := r.policy(policy)
		if err != nil {
			return nil, err
		}
		out = append(out, statements...)
	}
	return out, nil
}

func (r *resolver) policy(policy *yaml.Node) ([]Statement, error) {
	written := get(policy, "Statement")
	if managed := r.resources[policy.Value]; policy.Kind == yaml.ScalarNode && managed != nil {
		if kind := get(managed, "Type"); kind == nil || kind.Value != "AWS::IAM::ManagedPolicy" {
			return nil, r.errorf(policy, "%s is no managed policy", policy.Value)
		}
		properties, err := r.merged(nil, get(managed, "Properties"))
		if err != nil {
			return nil, err
		}
		written = get(get(properties, "PolicyDocument"), "Statement")
	}
	if written == nil {
		return nil, r.errorf(policy, "a policy is expected to have its statements written out")
	}
	statements := []*yaml.Node{written}
	if written.Kind == yaml.SequenceNode {
		statements = written.Content
	}
	var out []Statement
	for _, statement := range statements {
		var raw struct {
			Effect    string `yaml:"Effect"`
			Action    list   `yaml:"Action"`
			NotAction list   `yaml:"NotAction"`
			Resource  list   `yaml:"Resource"`

			Condition map[string]map[string]list `yaml:"Condition"`
		}
		if err := r.decode(statement, &raw); err != nil {
			return nil, err
		}
		if raw.Effect == "" || (len(raw.Action) == 0) == (len(raw.NotAction) == 0) ||
			len(raw.Resource) == 0 {
			return nil, r.errorf(
				statement,
				"a statement needs Effect, Action or NotAction, and Resource",
			)
		}
		out = append(out, Statement{
			Effect:     raw.Effect,
			Actions:    raw.Action,
			NotActions: raw.NotAction,
			Resources:  raw.Resource,
			Condition:  conditions(raw.Condition),
		})
	}
	return out, nil
}

func conditions(raw map[string]map[string]list) map[string]map[string][]string {
	if raw == nil {
		return nil
	}
	out := map[string]map[string][]string{}
	for operator, tests := range raw {
		out[operator] = map[string][]string{}
		for key, values := range tests {
			out[operator][key] = values
		}
	}
	return out
}

func (r *resolver) event(out *Function, name, event *yaml.Node) error {
	kind := get(event, "Type")
	if kind == nil {
		return r.errorf(name, "event %s has no Type", name.Value)
	}
	properties := get(event, "Properties")
	switch kind.Value {
	case "Schedule", "ScheduleV2":
		raw := struct {
			Schedule           string `yaml:"Schedule"`
			ScheduleExpression string `yaml:"ScheduleExpression"`
			Enabled            bool   `yaml:"Enabled"`
			State              string `yaml:"State"`
			RoleArn            string `yaml:"RoleArn"`
			DeadLetterConfig   struct {
				Arn string `yaml:"Arn"`
			} `yaml:"DeadLetterConfig"`
		}{Enabled: true}
		if err := r.decode(properties, &raw); err != nil {
			return err
		}
		every, err := rate(raw.Schedule + raw.ScheduleExpression)
		if err != nil {
			return r.errorf(name, "event %s: %v", name.Value, err)
		}
		if raw.RoleArn != "" { // SAM makes one that may, otherwise
			const service = "scheduler.amazonaws.com"
			if err := r.mayInvoke(name, raw.RoleArn, service, out.LogicalID); err != nil {
				return err
			}
			if queue := raw.DeadLetterConfig.Arn; queue != "" &&
				!may(r.invokers[service+" "+raw.RoleArn], "sqs:SendMessage", queue) {
				return r.errorf(name, "%s may not send to %s", raw.RoleArn, queue)
			}
		}
		out.Schedules = append(
			out.Schedules,
			Schedule{Every: every, Enabled: raw.Enabled && raw.State != "DISABLED"},
		)
	case "DynamoDB":
		return r.stream(out, name, properties)
	default:
		return r.errorf(
			kind,
			"event %s has the type %s, which is not understood here",
			name.Value,
			kind.Value,
		)
	}
	return nil
}

// undeclarable says why API Gateway takes no route with a path, empty when it
// does.
func undeclarable(path string) string {
	if path == Default {
		return ""
	}
	if !strings.HasPrefix(path, "/") {
		return "which does not begin with a slash"
	}
	if path != "/" && strings.HasSuffix(path, "/") {
		return "which ends in a slash: API Gateway makes no such route"
	}
	parts := strings.Split(path[1:], "/")
	for i, part := range parts {
		name, isParameter := strings.CutPrefix(part, "{")
		name, closed := strings.CutSuffix(name, "}")
		name, greedy := strings.CutSuffix(name, "+")
		switch {
		case isParameter != closed || strings.ContainsAny(name, "{}+"):
			return "in which " + part + " is neither a word nor a parameter"
		case part == "" && path != "/":
			return "which has an empty part"
		case isParameter && name == "":
			return "in which a parameter has no name"
		case greedy && i < len(parts)-1:
			return "in which more follows on " + part + ", which takes all that follows"
		}
	}
	return ""
}

var rateExpression = regexp.MustCompile(`^rate\((\d+) (minute|hour|day)s?\)$`)

func rate(expression string) (time.Duration, error) {
	match := rateExpression.FindStringSubmatch(expression)
	if match == nil {
		return 0, fmt.Errorf("%q is not of the form rate(5 minutes)", expression)
	}
	count, err := strconv.Atoi(match[1])
	if err != nil || count == 0 {
		return 0, fmt.Errorf("%q has no usable number", expression)
	}
	unit := map[string]time.Duration{"minute": time.Minute, "hour": time.Hour, "day": 24 * time.Hour}[match[2]]
	return time.Duration(count) * unit, nil
}

func (r *resolver) stream(out *Function, name, properties *yaml.Node) error {
	raw := struct {
		Stream                     string   `yaml:"Stream"`
		BatchSize                  int      `yaml:"BatchSize"`
		Enabled                    bool     `yaml:"Enabled"`
		MaximumRetryAttempts       int      `yaml:"MaximumRetryAttempts"`
		BisectBatchOnFunctionError bool     `yaml:"BisectBatchOnFunctionError"`
		FunctionResponseTypes      []string `yaml:"FunctionResponseTypes"`
		FilterCriteria             struct {
			Filters []struct {
				Pattern string `yaml:"Pattern"`
			} `yaml:"Filters"`
		} `yaml:"FilterCriteria"`
		DestinationConfig struct {
			OnFailure struct {
				Destination string `yaml:"Destination"`
			} `yaml:"OnFailure"`
		} `yaml:"DestinationConfig"`
	}{BatchSize: 100, Enabled: true, MaximumRetryAttempts: -1}
	if err := r.decode(properties, &raw); err != nil {
		return err
	}
	if !strings.HasSuffix(raw.Stream, ".StreamArn") {
		return r.errorf(name, "event %s: Stream must be the StreamArn of the table", name.Value)
	}
	stream := Stream{
		BatchSize:                  raw.BatchSize,
		MaximumRetryAttempts:       raw.MaximumRetryAttempts,
		BisectBatchOnFunctionError: raw.BisectBatchOnFunctionError,
		Enabled:                    raw.Enabled,
	}
	for _, kind := range raw.FunctionResponseTypes {
		stream.ReportBatchItemFailures = stream.ReportBatchItemFailures ||
			kind == "ReportBatchItemFailures"
	}
	for _, filter := range raw.FilterCriteria.Filters {
		stream.Filters = append(stream.Filters, filter.Pattern)
	}
	if destination := raw.DestinationConfig.OnFailure.Destination; destination != "" {
		queue, isARN := strings.CutSuffix(destination, ".Arn")
		if !isARN {
			return r.errorf(
				name,
				"event %s: the destination must be the Arn of a queue",
				name.Value,
			)
		}
		stream.OnFailure = queue
	}
	out.Streams = append(out.Streams, stream)
	return nil
}

func (r *resolver) api(out *API, properties *yaml.Node) error {
	var raw struct {
		FailOnWarnings bool `yaml:"FailOnWarnings"`
	}
	if err := r.decode(properties, &raw); err != nil {
		return err
	}
	out.FailOnWarnings = raw.FailOnWarnings
	if body := get(properties, "DefinitionBody"); body != nil {
		if err := r.definition(body); err != nil {
			return err
		}
	}
	cors := get(properties, "CorsConfiguration")
	if cors == nil {
		return nil
	}
	out.CORS = &CORS{}
	return r.decode(cors, out.CORS)
}

// anyMethod is how API Gateway's documents say ANY.
const anyMethod = "x-amazon-apigateway-any-method"

// integration is where a route of a document leads.
type integration struct {
	Default     bool                  `yaml:"isDefaultRoute"`
	Security    []map[string][]string `yaml:"security"`
	Responses   map[string]any        `yaml:"responses"`
	Integration struct {
		Type        string `yaml:"type"`
		Method      string `yaml:"httpMethod"`
		Format      string `yaml:"payloadFormatVersion"`
		Credentials string `yaml:"credentials"`
		URI         string `yaml:"uri"`
	} `yaml:"x-amazon-apigateway-integration"`
}

// invocation is the address by which API Gateway invokes a function.
var invocation = regexp.MustCompile(
	`^arn:aws:apigateway:[a-z0-9-]+:lambda:path/2015-03-31/functions/(\w+)\.Arn/invocations$`,
)

// definition reads the routes of an API from its document. They become those of
// their functions when these are read.
func (r *resolver) definition(body *yaml.Node) error {
	for path, item := range pairs(get(body, "paths")) {
		missing, err := r.undeclared(path.Value, item)
		if err != nil {
			return err
		}
		for method, operation := range pairs(item) {
			if method.Value == "parameters" {
				continue
			}
			var to integration
			if err := r.decode(operation, &to); err != nil {
				return err
			}
			route := Route{strings.ToUpper(method.Value), path.Value}
			if method.Value == anyMethod {
				route.Method = "ANY"
			}
			if to.Default {
				route = Route{Path: strings.TrimPrefix(path.Value, "/")}
			}
			if to.Default != (route.Path == Default) {
				return r.errorf(path, "%s is the default route, and no other is", Default)
			}
			if problem := undeclarable(route.Path); problem != "" {
				return r.errorf(path, "the path %s, %s", route.Path, problem)
			}
			if missing != "" {
				return r.errorf(
					path,
					"%s has the parameter %s, which is not declared: API Gateway warns of that",
					path.Value,
					missing,
				)
			}
			i := to.Integration
			function := invocation.FindStringSubmatch(i.URI)
			if i.Type != "aws_proxy" || i.Method != "POST" || i.Format != "2.0" || function == nil {
				return r.errorf(
					method,
					"%s %s leads to no function: it needs aws_proxy, POST, the format 2.0 and the address of one",
					method.Value,
					path.Value,
				)
			}
			if to.Responses == nil {
				return r.errorf(
					method,
					"%s %s says nothing of responses: API Gateway warns of that, be they none",
					method.Value,
					path.Value,
				)
			}
			if err := r.mayInvoke(
				operation,
				i.Credentials,
				"apigateway.amazonaws.com",
				function[1],
			); err != nil {
				return err
			}
			signed := false
			for _, scheme := range to.Security {
				if _, ok := scheme["AWS_IAM"]; !ok || len(scheme) != 1 {
					return r.errorf(
						method,
						"%s %s has an authorizer that is not understood",
						method.Value,
						path.Value,
					)
				}
				signed = true
			}
			r.routes = append(r.routes, declared{function[1], route, signed, path})
		}
	}
	return nil
}

// undeclared is the first parameter of a path that its item does not declare,
// "" for none.
func (r *resolver) undeclared(path string, item *yaml.Node) (string, error) {
	var parameters []struct {
		Name     string `yaml:"name"`
		In       string `yaml:"in"`
		Required bool   `yaml:"required"`
	}
	if err := r.decode(get(item, "parameters"), &parameters); err != nil {
		return "", err
	}
	declared := map[string]bool{}
	for _, p := range parameters {
		declared[p.Name] = p.In == "path" && p.Required
	}
	for part := range strings.SplitSeq(path, "/") {
		if name, ok := strings.CutPrefix(
			part,
			"{",
		); ok &&
			!declared[strings.TrimSuffix(name, "}")] {
			return part, nil
		}
	}
	return "", nil
}

// declared is a route that the API's document has.
type declared struct {
	function string
	route    Route
	signed   bool
	at       *yaml.Node
}

// mayInvoke holds that the role by which a service invokes a function may do
// so.
func (r *resolver) mayInvoke(at *yaml.Node, role, service, function string) error {
	if role == "" {
		return r.errorf(
			at,
			"the integration has no credentials, so that API Gateway may not invoke %s",
			function,
		)
	}
	key := service + " " + role
	if r.invokers[key] == nil {
		statements, err := r.role(
			&yaml.Node{Kind: yaml.ScalarNode, Value: role, Line: at.Line},
			service,
		)
		if err != nil {
			return err
		}
		r.invokers[key] = statements
	}
	if !may(r.invokers[key], "lambda:InvokeFunction", function+".Arn") {
		return r.errorf(at, "%s may not invoke %s", role, function)
	}
	return nil
}

// join gives each function its routes.
func (r *resolver) join(out *Template) error {
	for _, d := range r.routes {
		i := slices.IndexFunc(
			out.Functions,
			func(f Function) bool { return f.LogicalID == d.function },
		)
		if i < 0 {
			return r.errorf(d.at, "%s leads to %s, which is no function", d.route.Path, d.function)
		}
		f := &out.Functions[i]
		if f.Routes = append(f.Routes, d.route); d.signed {
			f.Signed = append(f.Signed, d.route)
		}
	}
	return nil
}

// keySchema is the way CloudFormation writes a Key.
type keySchema []struct {
	AttributeName string `yaml:"AttributeName"`
	KeyType       string `yaml:"KeyType"`
}

func (s keySchema) key() Key {
	var out Key
	for _, element := range s {
		if element.KeyType == "HASH" {
			out.Partition = element.AttributeName
		} else {
			out.Sort = element.AttributeName
		}
	}
	return out
}

func (r *resolver) table(id, properties *yaml.Node) (Table, error) {
	var raw struct {
		AttributeDefinitions []struct {
			AttributeName string `yaml:"AttributeName"`
			AttributeType string `yaml:"AttributeType"`
		} `yaml:"AttributeDefinitions"`
		KeySchema              keySchema `yaml:"KeySchema"`
		GlobalSecondaryIndexes []struct {
			IndexName  string    `yaml:"IndexName"`
			KeySchema  keySchema `yaml:"KeySchema"`
			Projection struct {
				ProjectionType   string   `yaml:"ProjectionType"`
				NonKeyAttributes []string `yaml:"NonKeyAttributes"`
			} `yaml:"Projection"`
		} `yaml:"GlobalSecondaryIndexes"`
		TimeToLiveSpecification struct {
			AttributeName string `yaml:"AttributeName"`
			Enabled       bool   `yaml:"Enabled"`
		} `yaml:"TimeToLiveSpecification"`
		StreamSpecification struct {
			StreamViewType string `yaml:"StreamViewType"`
		} `yaml:"StreamSpecification"`
	}
	resolved, err := r.merged(nil, properties)
	if err != nil {
		return Table{}, err
	}
	if err := r.decode(resolved, &raw); err != nil {
		return Table{}, err
	}
	out := Table{
		LogicalID:  id.Value,
		Attributes: map[string]string{},
		Key:        raw.KeySchema.key(),
		StreamView: raw.StreamSpecification.StreamViewType,
	}
	if raw.TimeToLiveSpecification.Enabled {
		out.TTLAttribute = raw.TimeToLiveSpecification.AttributeName
	}
	for _, attribute := range raw.AttributeDefinitions {
		out.Attributes[attribute.AttributeName] = attribute.AttributeType
	}
	for _, index := range raw.GlobalSecondaryIndexes {
		out.Indexes = append(out.Indexes, Index{
			Name:       index.IndexName,
			Key:        index.KeySchema.key(),
			Projection: index.Projection.ProjectionType,
			Included:   index.Projection.NonKeyAttributes,
		})
	}
	keys := []Key{out.Key}
	for _, index := range out.Indexes {
		keys = append(keys, index.Key)
	}
	for _, key := range keys {
		if out.Attributes[key.Partition] == "" || key.Sort != "" && out.Attributes[key.Sort] == "" {
			return Table{}, r.errorf(id, "%s has a key whose attribute is not defined", id.Value)
		}
	}
	return out, nil
}

// Find returns the template.yaml of the working directory or the nearest folder
// above it, so that tests find it from their package's folder.
func Find() (string, error) {
	start, err := os.Getwd()
	if err != nil {
		return "", err
	}
	for dir := start; ; dir = filepath.Dir(dir) {
		file := filepath.Join(dir, "template.yaml")
		if _, err := os.Stat(file); err == nil {
			return file, nil
		} else if !errors.Is(err, os.ErrNotExist) {
			return "", err
		}
		if dir == filepath.Dir(dir) {
			return "", fmt.Errorf("there is no template.yaml in %s or a folder above it", start)
		}
	}
}
