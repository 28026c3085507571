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
	// Topics are the logical ids of the SNS topics whose messages it gets.
	Topics []string
	// Policy has the statements of the function's role: its own, and those of
	// the template's managed policies that it refers to.
	Policy []Statement
	// LogGroup is the logical id of the log group, empty for the one that
	// Lambda makes.
	LogGroup string
	// Line is where the function starts in the file.
	Line int
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
	r, root, err := newResolver(file, data, parameters)
	if err != nil {
		return nil, err
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

// newResolver reads the text of a template, of which root is the outermost
// node.
func newResolver(
	file string, data []byte, parameters map[string]string,
) (r *resolver, root *yaml.Node, err error) {
	var document yaml.Node
	if err := yaml.Unmarshal(data, &document); err != nil {
		return nil, nil, fmt.Errorf("%s: %w", file, err)
	}
	if len(document.Content) == 0 {
		return nil, nil, fmt.Errorf("%s: the template is empty", file)
	}
	root = document.Content[0]
	r = &resolver{
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
			return nil, nil, fmt.Errorf("%s: there is no parameter %s", file, name)
		}
	}
	return r, root, nil
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
