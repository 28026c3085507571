package reference

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/google/jsonschema-go/jsonschema"

	"profiles/infra/openapi"
)

// Field is a value that is sent or answered.
type Field struct {
	Name   string // of one within another, the path to it: changes[].field
	In     string // path, query or header
	Type   string
	Needed bool   // it must be sent, or is always answered
	Words  string // what it means
	Values []string
	Rule   string // what holds for it beside
}

// Shape is what a body or a result looks like.
type Shape struct {
	Type    string
	Options []Option // of an object, or of the entries of a list: usually one
}

// Option is one form of an object.
type Option struct {
	Words  string
	Fields []Field
}

// direction says which way a value goes.
type direction int

const (
	sent direction = iota
	answered
)

// renderer has the schemas that others refer to.
type renderer struct{ named map[string]*jsonschema.Schema }

const references = "#/components/schemas/"

// resolve is what a schema stands for: the one that it refers to, without null.
func (r renderer) resolve(s *jsonschema.Schema) (resolved *jsonschema.Schema, null bool) {
	null = slices.Contains(s.Types, "null") || s.Type == "null"
	if s.Ref != "" {
		inner, _ := r.resolve(r.named[strings.TrimPrefix(s.Ref, references)])
		return inner, null
	}
	if rest := options(s); len(rest) == 1 && len(s.AnyOf) > 1 {
		inner, _ := r.resolve(rest[0])
		return inner, true
	}
	return s, null
}

// options are the alternatives of a schema but null.
func options(s *jsonschema.Schema) []*jsonschema.Schema {
	return slices.DeleteFunc(
		slices.Clone(s.AnyOf),
		func(o *jsonschema.Schema) bool { return o.Type == "null" },
	)
}

// kind is the type of a schema but null.
func kind(s *jsonschema.Schema) string {
	for _, t := range s.Types {
		if t != "null" {
			return t
		}
	}
	return s.Type
}

// shape says what a body or a result looks like.
func (r renderer) shape(s *jsonschema.Schema, way direction) Shape {
	out := Shape{Type: r.name(s)}
	s, _ = r.resolve(s)
	if kind(s) == "array" {
		s, _ = r.resolve(s.Items)
	}
	several := options(s)
	if len(several) == 0 {
		several = []*jsonschema.Schema{s}
	}
	for _, one := range several {
		one, _ = r.resolve(one)
		if fields := r.fields(one, "", way); len(fields) > 0 {
			o := Option{Fields: fields}
			if len(several) > 1 {
				o.Words = one.Description
			}
			out.Options = append(out.Options, o)
		}
	}
	return out
}

// fields are those of an object, each followed by what is within it.
func (r renderer) fields(s *jsonschema.Schema, prefix string, way direction) (out []Field) {
	for _, name := range s.PropertyOrder {
		p := s.Properties[name]
		f := r.field(p, way)
		f.Name, f.Words, f.Needed = prefix+name, p.Description, slices.Contains(s.Required, name)
		out = append(out, f)
		inner, _ := r.resolve(p)
		within := f.Name
		for inner.Items != nil {
			inner, _ = r.resolve(inner.Items)
			within += "[]"
		}
		if inner.AdditionalProperties != nil && inner.AdditionalProperties.Not == nil {
			inner, _ = r.resolve(inner.AdditionalProperties)
			within += ".*"
		}
		out = append(out, r.fields(inner, within+".", way)...)
	}
	return out
}

// field is what there is to say of a value by its schema.
func (r renderer) field(s *jsonschema.Schema, way direction) Field {
	f := Field{Type: r.name(s)}
	s, null := r.resolve(s)
	if null && way == answered && f.Type != "null" {
		f.Type += " or null"
	}
	for _, value := range s.Enum {
		if value != nil {
			f.Values = append(f.Values, fmt.Sprint(value))
		}
	}
	if keys := s.PropertyNames; keys != nil {
		for _, value := range keys.Enum {
			f.Values = append(f.Values, fmt.Sprint(value))
		}
	}
	var rules []string
	switch {
	case s.MinLength != nil && s.MaxLength != nil:
		rules = append(rules, fmt.Sprintf("%d to %d characters", *s.MinLength, *s.MaxLength))
	case s.MaxLength != nil:
		rules = append(rules, fmt.Sprintf("at most %d characters", *s.MaxLength))
	case s.MinLength != nil:
		rules = append(rules, fmt.Sprintf("at least %d characters", *s.MinLength))
	}
	if s.Minimum != nil && s.Maximum != nil {
		rules = append(rules, fmt.Sprintf("%g to %.0f", *s.Minimum, *s.Maximum))
	}
	// A sentence as an example tells nothing, and a value to choose needs none.
	if way == sent && len(f.Values) == 0 && len(s.Examples) > 0 {
		if example := fmt.Sprint(s.Examples[0]); !strings.HasSuffix(example, ".") {
			rules = append(rules, "such as `"+example+"`")
		}
	}
	if rule := strings.Join(rules, "; "); rule != "" {
		f.Rule = strings.ToUpper(rule[:1]) + rule[1:] + "."
	}
	return f
}

// formats are the names of forms of texts.
var formats = map[string]string{
	"date-time": "date and time",
	"email":     "e-mail address",
	"uri":       "URL",
}

// name is the type of a value in words.
func (r renderer) name(s *jsonschema.Schema) string {
	s, _ = r.resolve(s)
	switch kind(s) {
	case "array":
		return "list of " + plural(r.name(s.Items))
	case "object":
		if s.AdditionalProperties != nil && s.AdditionalProperties.Not == nil {
			return "object of " + plural(r.name(s.AdditionalProperties))
		}
		return "object"
	case "string":
		return cmp.Or(formats[s.Format], "string")
	case "":
		if len(options(s)) > 0 {
			return r.name(options(s)[0])
		}
		return "any"
	}
	return kind(s)
}

func plural(name string) string {
	switch {
	case name == "any":
		return "anything"
	case strings.HasPrefix(name, "list of "):
		return "lists of " + strings.TrimPrefix(name, "list of ")
	case strings.HasPrefix(name, "object of "):
		return "objects of " + strings.TrimPrefix(name, "object of ")
	case name == "e-mail address":
		return name + "es"
	case name == "date and time":
		return "dates and times"
	}
	return name + "s"
}

// parameter is a value outside the body. The parts of lists and of maps are
// texts.
func (r renderer) parameter(p openapi.Parameter) Field {
	f := r.field(p.Schema, sent)
	f.Name, f.In, f.Words, f.Needed = p.Name, p.In, p.Description, p.Required
	switch p.Style {
	case "form":
		f.Type = "list, with commas between"
	case "deepObject":
		f.Name, f.Type = p.Name+"[...]", "string for each"
	}
	return f
}
