package template

import (
	"fmt"
	"regexp"
	"strings"

	"go.yaml.in/yaml/v3"
)

// pseudo are CloudFormation's own parameters, with values for a stack that is
// never deployed.
var pseudo = map[string]string{
	"AWS::AccountId": "000000000000",
	"AWS::Partition": "aws",
	"AWS::Region":    "us-east-1",
	"AWS::StackId":   "local",
	"AWS::StackName": "local",
	"AWS::URLSuffix": "amazonaws.com",
}

// StreamARN is the ARN of a table's stream in such a stack.
func StreamARN(table, label string) string {
	return fmt.Sprintf("arn:aws:dynamodb:%s:%s:table/%s/stream/%s",
		pseudo["AWS::Region"], pseudo["AWS::AccountId"], table, label)
}

// resolver replaces intrinsic functions by their values. A reference to a
// resource becomes its logical id, an attribute of one becomes "Id.Attribute".
type resolver struct {
	file       string
	parameters map[string]*yaml.Node
	overrides  map[string]string
	mappings   *yaml.Node
	conditions map[string]*yaml.Node
	resources  map[string]*yaml.Node
	// open are the conditions being evaluated, so that one that needs itself is
	// an error and not a hang.
	open map[string]bool
	// routes are those of the API's document, and invokers what the roles of
	// their integrations may do.
	routes   []declared
	invokers map[string][]Statement
}

func (r *resolver) errorf(at *yaml.Node, format string, args ...any) error {
	return fmt.Errorf("%s:%d: %s", r.file, at.Line, fmt.Sprintf(format, args...))
}

// resolve returns a copy of n without intrinsic functions, nil for
// AWS::NoValue.
func (r *resolver) resolve(n *yaml.Node) (*yaml.Node, error) {
	for n.Kind == yaml.AliasNode {
		n = n.Alias
	}
	if name, argument, ok := intrinsic(n); ok {
		return r.call(n, name, argument)
	}
	if n.Kind == yaml.ScalarNode {
		return n, nil
	}
	out := &yaml.Node{Kind: n.Kind, Tag: n.Tag, Line: n.Line, Column: n.Column}
	if n.Kind == yaml.SequenceNode {
		for _, item := range n.Content {
			value, err := r.resolve(item)
			if err != nil {
				return nil, err
			}
			if value != nil {
				out.Content = append(out.Content, value)
			}
		}
		return out, nil
	}
	for key, item := range pairs(n) {
		value, err := r.resolve(item)
		if err != nil {
			return nil, err
		}
		if value != nil {
			out.Content = append(out.Content, key, value)
		}
	}
	return out, nil
}

// intrinsic recognises a function call in its short form (!Ref X) and its long
// form ({Ref: X}).
func intrinsic(n *yaml.Node) (name string, argument *yaml.Node, ok bool) {
	if strings.HasPrefix(n.Tag, "!") && !strings.HasPrefix(n.Tag, "!!") {
		plain := *n
		plain.Tag = ""
		if n.Kind == yaml.ScalarNode {
			plain.Tag = "!!str"
		}
		return n.Tag[1:], &plain, true
	}
	if n.Kind == yaml.MappingNode && len(n.Content) == 2 {
		key := n.Content[0].Value
		if key == "Ref" || strings.HasPrefix(key, "Fn::") {
			return strings.TrimPrefix(key, "Fn::"), n.Content[1], true
		}
	}
	return "", nil, false
}

func (r *resolver) call(at *yaml.Node, name string, argument *yaml.Node) (*yaml.Node, error) {
	switch name {
	case "Ref":
		return r.ref(at, argument.Value)
	case "GetAtt":
		id, attribute, _ := strings.Cut(argument.Value, ".")
		if argument.Kind == yaml.SequenceNode {
			parts, err := r.texts(at, argument)
			if err != nil {
				return nil, err
			}
			if len(parts) == 2 {
				id, attribute = parts[0], parts[1]
			}
		}
		return r.attribute(at, id, attribute)
	case "Sub":
		return r.sub(at, argument)
	case "Join":
		if argument.Kind != yaml.SequenceNode || len(argument.Content) != 2 {
			return nil, r.errorf(at, "Join takes a delimiter and a list")
		}
		list, err := r.texts(at, argument.Content[1])
		if err != nil {
			return nil, err
		}
		return text(at, strings.Join(list, argument.Content[0].Value)), nil
	case "If":
		if argument.Kind != yaml.SequenceNode || len(argument.Content) != 3 {
			return nil, r.errorf(at, "If takes a condition and two values")
		}
		holds, err := r.condition(at, argument.Content[0].Value)
		if err != nil {
			return nil, err
		}
		if holds {
			return r.resolve(argument.Content[1])
		}
		return r.resolve(argument.Content[2])
	case "FindInMap":
		keys, err := r.texts(at, argument)
		if err != nil {
			return nil, err
		}
		if len(keys) != 3 {
			return nil, r.errorf(at, "FindInMap takes three keys")
		}
		value := r.mappings
		for _, key := range keys {
			if value = get(value, key); value == nil {
				return nil, r.errorf(at, "FindInMap finds nothing at %s", strings.Join(keys, "."))
			}
		}
		return value, nil
	}
	return nil, r.errorf(at, "the function %s is not understood here", name)
}

func (r *resolver) ref(at *yaml.Node, name string) (*yaml.Node, error) {
	if name == "AWS::NoValue" {
		return nil, nil
	}
	if value, ok := pseudo[name]; ok {
		return text(at, value), nil
	}
	if parameter, ok := r.parameters[name]; ok {
		value, ok := r.overrides[name]
		if !ok {
			byDefault := get(parameter, "Default")
			if byDefault == nil {
				return nil, r.errorf(at, "parameter %s has no default and no value was given", name)
			}
			value = byDefault.Value
		}
		if kind := get(
			parameter,
			"Type",
		); kind != nil &&
			(kind.Value == "CommaDelimitedList" || strings.HasPrefix(kind.Value, "List<")) {
			list := &yaml.Node{Kind: yaml.SequenceNode, Line: at.Line}
			for part := range strings.SplitSeq(value, ",") {
				list.Content = append(list.Content, text(at, strings.TrimSpace(part)))
			}
			return list, nil
		}
		return text(at, value), nil
	}
	if r.resources[name] != nil || name == implicitAPI {
		return text(at, name), r.made(at, name)
	}
	return nil, r.errorf(at, "Ref %q names no parameter and no resource", name)
}

func (r *resolver) attribute(at *yaml.Node, id, attribute string) (*yaml.Node, error) {
	if r.resources[id] == nil || attribute == "" {
		return nil, r.errorf(at, "GetAtt %q names no attribute of a resource", id+"."+attribute)
	}
	return text(at, id+"."+attribute), r.made(at, id)
}

// made is the error of a reference to a resource that its condition leaves out
// of the stack.
func (r *resolver) made(at *yaml.Node, id string) error {
	condition := get(r.resources[id], "Condition")
	if condition == nil {
		return nil
	}
	holds, err := r.condition(condition, condition.Value)
	if err == nil && !holds {
		err = r.errorf(at, "%s is not made: its condition %s does not hold", id, condition.Value)
	}
	return err
}

var placeholder = regexp.MustCompile(`\$\{(!?)\s*([^}]*?)\s*\}`)

func (r *resolver) sub(at, argument *yaml.Node) (*yaml.Node, error) {
	format, own := argument, (*yaml.Node)(nil)
	if argument.Kind == yaml.SequenceNode && len(argument.Content) == 2 {
		format, own = argument.Content[0], argument.Content[1]
	}
	if format.Kind != yaml.ScalarNode {
		return nil, r.errorf(at, "Sub takes a text, or a list of a text and its variables")
	}
	var failed error
	value := placeholder.ReplaceAllStringFunc(format.Value, func(match string) string {
		parts := placeholder.FindStringSubmatch(match)
		if parts[1] == "!" {
			return "${" + parts[2] + "}"
		}
		var found *yaml.Node
		var err error
		if variable := get(own, parts[2]); variable != nil {
			found, err = r.resolve(variable)
		} else if id, attribute, dotted := strings.Cut(parts[2], "."); dotted {
			found, err = r.attribute(at, id, attribute)
		} else {
			found, err = r.ref(at, parts[2])
		}
		if err == nil && (found == nil || found.Kind != yaml.ScalarNode) {
			err = r.errorf(at, "${%s} is not a text", parts[2])
		}
		if err != nil {
			if failed == nil {
				failed = err
			}
			return ""
		}
		return found.Value
	})
	if failed != nil {
		return nil, failed
	}
	return text(at, value), nil
}

// texts resolves a list whose items must be scalars.
func (r *resolver) texts(at, list *yaml.Node) ([]string, error) {
	resolved, err := r.resolve(list)
	if err != nil {
		return nil, err
	}
	if resolved == nil || resolved.Kind != yaml.SequenceNode {
		return nil, r.errorf(at, "a list is expected")
	}
	var out []string
	for _, item := range resolved.Content {
		if item.Kind != yaml.ScalarNode {
			return nil, r.errorf(item, "a text is expected")
		}
		out = append(out, item.Value)
	}
	return out, nil
}

func (r *resolver) condition(at *yaml.Node, name string) (bool, error) {
	definition := r.conditions[name]
	if definition == nil {
		return false, r.errorf(at, "there is no condition %q", name)
	}
	if r.open[name] {
		return false, r.errorf(at, "condition %q needs itself", name)
	}
	r.open[name] = true
	defer delete(r.open, name)
	return r.holds(definition)
}

func (r *resolver) holds(n *yaml.Node) (bool, error) {
	name, argument, ok := intrinsic(n)
	if !ok && n.Kind == yaml.MappingNode && len(n.Content) == 2 &&
		n.Content[0].Value == "Condition" {
		name, argument, ok = "Condition", n.Content[1], true
	}
	if !ok {
		return false, r.errorf(n, "a condition is expected")
	}
	switch name {
	case "Condition":
		return r.condition(n, argument.Value)
	case "Equals":
		sides, err := r.texts(n, argument)
		if err != nil {
			return false, err
		}
		if len(sides) != 2 {
			return false, r.errorf(n, "Equals takes two values")
		}
		return sides[0] == sides[1], nil
	case "Not", "And", "Or":
		all, any := true, false
		for _, item := range argument.Content {
			holds, err := r.holds(item)
			if err != nil {
				return false, err
			}
			all, any = all && holds, any || holds
		}
		switch name {
		case "Not":
			return !any, nil
		case "And":
			return all, nil
		}
		return any, nil
	}
	return false, r.errorf(n, "the condition function %s is not understood here", name)
}

func text(at *yaml.Node, value string) *yaml.Node {
	return &yaml.Node{Kind: yaml.ScalarNode, Value: value, Line: at.Line, Column: at.Column}
}

// pairs iterates over the keys and values of a mapping; other nodes have none.
func pairs(n *yaml.Node) func(yield func(key, value *yaml.Node) bool) {
	return func(yield func(key, value *yaml.Node) bool) {
		if n == nil || n.Kind != yaml.MappingNode {
			return
		}
		for i := 0; i+1 < len(n.Content); i += 2 {
			value := n.Content[i+1]
			for value.Kind == yaml.AliasNode {
				value = value.Alias
			}
			if !yield(n.Content[i], value) {
				return
			}
		}
	}
}

// get returns the value of a mapping's key, nil when there is none.
func get(n *yaml.Node, key string) *yaml.Node {
	for k, value := range pairs(n) {
		if k.Value == key {
			return value
		}
	}
	return nil
}

// merge lays a function's properties over the global ones as SAM does: maps are
// merged, lists appended, the rest replaced.
func merge(global, own *yaml.Node) *yaml.Node {
	switch {
	case global == nil:
		return own
	case own == nil:
		return global
	case global.Kind == yaml.SequenceNode && own.Kind == yaml.SequenceNode:
		out := *own
		out.Content = append(append([]*yaml.Node{}, global.Content...), own.Content...)
		return &out
	case global.Kind == yaml.MappingNode && own.Kind == yaml.MappingNode:
		out := *own
		out.Content = nil
		for key, value := range pairs(global) {
			out.Content = append(out.Content, key, merge(value, get(own, key.Value)))
		}
		for key, value := range pairs(own) {
			if get(global, key.Value) == nil {
				out.Content = append(out.Content, key, value)
			}
		}
		return &out
	}
	return own
}
