package model

import (
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
)

// scope is what the placeholders of a request's expressions stand for.
type scope struct {
	names  map[string]string
	values Item
}

// admitScope checks the placeholders of a request against the expressions that
// it has: each must be there, and none may be left over.
func admitScope(names map[string]string, values Item, all ...*parsed) (scope, error) {
	if names != nil && len(names) == 0 {
		return scope{}, invalid("ExpressionAttributeNames must not be empty")
	}
	if values != nil && len(values) == 0 {
		return scope{}, invalid("ExpressionAttributeValues must not be empty")
	}
	usedNames, usedValues := 0, 0
	seen := make(map[string]bool, len(names)+len(values))
	for _, e := range all {
		if e == nil {
			continue
		}
		for _, name := range e.names {
			if _, ok := names[name]; !ok {
				return scope{}, invalid("An expression attribute name used in the document path " +
					"is not defined; attribute name: " + name)
			}
			if !seen[name] {
				seen[name] = true
				usedNames++
			}
		}
		for _, name := range e.values {
			if _, ok := values[name]; !ok {
				return scope{}, invalid("An expression attribute value used in expression " +
					"is not defined; attribute value: " + name)
			}
			if !seen[name] {
				seen[name] = true
				usedValues++
			}
		}
	}
	if usedNames < len(names) {
		return scope{}, invalid("Value provided in ExpressionAttributeNames unused in expressions")
	}
	if usedValues < len(values) {
		return scope{}, invalid("Value provided in ExpressionAttributeValues unused in expressions")
	}
	if len(values) == 0 {
		return scope{names: names}, nil
	}
	kept, err := admitItem(values, 1)
	return scope{names, kept}, err
}

// name is the name of an attribute that a part of a path stands for.
func (s scope) name(part string) string {
	if strings.HasPrefix(part, "#") {
		return s.names[part]
	}
	return part
}

func (s scope) lookup(it Item, path []string) types.AttributeValue {
	v := it[s.name(path[0])]
	for _, part := range path[1:] {
		m, ok := v.(*vM)
		if !ok {
			return nil
		}
		v = m.Value[s.name(part)]
	}
	return v
}

// value is what an operand is for an item; nil if that has no such attribute.
func (s scope) value(it Item, o operand) (types.AttributeValue, error) {
	switch {
	case o.value != "":
		return s.values[o.value], nil
	case o.path != nil:
		return s.lookup(it, o.path), nil
	}
	args := make([]types.AttributeValue, len(o.args))
	for i, a := range o.args {
		v, err := s.value(it, a)
		if err != nil {
			return nil, err
		}
		args[i] = v
	}
	switch o.op {
	case "if_not_exists":
		if args[0] == nil {
			return args[1], nil
		}
		return args[0], nil
	case "size":
		if n := lengthOf(args[0]); n >= 0 {
			return &vN{Value: strconv.Itoa(n)}, nil
		}
		return nil, nil
	}
	if args[0] == nil || args[1] == nil {
		return nil, invalid("The provided expression refers to an attribute " +
			"that does not exist in the item")
	}
	a, first := args[0].(*vN)
	b, second := args[1].(*vN)
	if !first || !second {
		return nil, invalid("An operand in the update expression has an incorrect data type")
	}
	sum, err := plus(a.Value, b.Value, o.op == "-")
	return &vN{Value: sum}, err
}

// lengthOf is size() of a value; -1 for types without one.
func lengthOf(v types.AttributeValue) int {
	switch v := v.(type) {
	case *vS:
		return utf8.RuneCountInString(v.Value)
	case *vB:
		return len(v.Value)
	case *vM:
		return len(v.Value)
	case *vL:
		return len(v.Value)
	}
	if of, kind := elements(v); kind != "" {
		return len(of)
	}
	return -1
}

// holds reports whether a condition holds for an item; nil always does. An item
// that does not exist has no attributes.
func (s scope) holds(e *parsed, it Item) (bool, error) {
	if e == nil {
		return true, nil
	}
	return s.test(e.condition, it)
}

func (s scope) test(n *node, it Item) (bool, error) {
	switch n.op {
	case "AND", "OR":
		left, err := s.test(n.of[0], it)
		if err != nil || left == (n.op == "OR") {
			return left, err
		}
		return s.test(n.of[1], it)
	case "NOT":
		in, err := s.test(n.of[0], it)
		return !in, err
	}
	args := make([]types.AttributeValue, len(n.args))
	for i, a := range n.args {
		v, err := s.value(it, a)
		if err != nil {
			return false, err
		}
		args[i] = v
	}
	a := args[0]
	switch n.op {
	case "attribute_exists":
		return a != nil, nil
	case "attribute_not_exists":
		return a == nil, nil
	case "contains":
		return a != nil && contains(a, args[1]), nil
	case "begins_with":
		return beginsWith(a, args[1])
	case "IN":
		return a != nil && slices.ContainsFunc(args[1:], func(b types.AttributeValue) bool {
			return b != nil && equal(a, b)
		}), nil
	case "=":
		return a != nil && args[1] != nil && equal(a, args[1]), nil
	case "<>":
		return a == nil || args[1] == nil || !equal(a, args[1]), nil
	case "BETWEEN":
		low, ok := compare(a, args[1])
		high, also := compare(a, args[2])
		return ok && also && low >= 0 && high <= 0, nil
	}
	order, ok := compare(a, args[1])
	switch n.op {
	case "<":
		return ok && order < 0, nil
	case "<=":
		return ok && order <= 0, nil
	case ">":
		return ok && order > 0, nil
	}
	return ok && order >= 0, nil
}

func beginsWith(a, b types.AttributeValue) (bool, error) {
	switch prefix := b.(type) {
	case *vS:
		x, ok := a.(*vS)
		return ok && strings.HasPrefix(x.Value, prefix.Value), nil
	case *vB:
		x, ok := a.(*vB)
		return ok && strings.HasPrefix(string(x.Value), string(prefix.Value)), nil
	case nil:
		return false, nil
	}
	return false, invalid("Incorrect operand type for operator or function; operator: begins_with")
}

func contains(in, what types.AttributeValue) bool {
	switch in := in.(type) {
	case *vL:
		return slices.ContainsFunc(in.Value, func(x types.AttributeValue) bool {
			return what != nil && equal(x, what)
		})
	case *vS:
		x, ok := what.(*vS)
		return ok && strings.Contains(in.Value, x.Value)
	}
	of, kind := elements(in)
	switch what := what.(type) {
	case *vS:
		return kind == "SS" && slices.Contains(of, what.Value)
	case *vN:
		return kind == "NS" && slices.Contains(of, what.Value)
	case *vB:
		return kind == "BS" && slices.Contains(of, string(what.Value))
	}
	return false
}
