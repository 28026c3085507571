package template

import (
	"fmt"

	"go.yaml.in/yaml/v3"
)

// Resource is a resource or an output of a stack, with intrinsic functions
// replaced as in Template.
type Resource struct {
	Type string // "" for an output
	// DeletionPolicy and UpdateReplacePolicy say what becomes of it when it
	// leaves the stack.
	DeletionPolicy, UpdateReplacePolicy string
	Properties                          any
}

// Whole returns everything that a stack with these parameters consists of: its
// resources by their logical ids, and with a word before their names its
// outputs ("Outputs.") and what its resources have in common ("Globals."). A
// reference to something that the stack does not have is an error.
func Whole(file string, data []byte, parameters map[string]string) (map[string]Resource, error) {
	r, root, err := newResolver(file, data, parameters)
	if err != nil {
		return nil, err
	}
	out := map[string]Resource{}
	for _, part := range []struct{ section, prefix, content string }{
		{"Resources", "", "Properties"},
		{"Outputs", "Outputs.", "Value"},
		{"Globals", "Globals.", ""},
	} {
		for id, declared := range pairs(get(root, part.section)) {
			if condition := get(declared, "Condition"); condition != nil {
				holds, err := r.condition(condition, condition.Value)
				if err != nil {
					return nil, err
				}
				if !holds {
					continue
				}
			}
			whole, err := r.whole(declared, part.content)
			if err != nil {
				return nil, fmt.Errorf("%s: %w", id.Value, err)
			}
			out[part.prefix+id.Value] = whole
		}
	}
	return out, nil
}

func (r *resolver) whole(declared *yaml.Node, content string) (Resource, error) {
	var out Resource
	for name, into := range map[string]*string{
		"Type":                &out.Type,
		"DeletionPolicy":      &out.DeletionPolicy,
		"UpdateReplacePolicy": &out.UpdateReplacePolicy,
	} {
		if n := get(declared, name); n != nil {
			*into = n.Value
		}
	}
	n := declared
	if content != "" {
		n = get(declared, content)
	}
	if n == nil {
		return out, nil
	}
	resolved, err := r.resolve(n)
	if err != nil || resolved == nil {
		return out, err
	}
	return out, r.decode(resolved, &out.Properties)
}
