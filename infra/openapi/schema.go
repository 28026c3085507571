package openapi

import (
	"cmp"
	"encoding/json"
	"fmt"
	"reflect"
	"slices"
	"strings"

	"github.com/google/jsonschema-go/jsonschema"

	"profiles/shared/httpapi"
)

// A reflector makes the schemas of the types of requests and answers, and names
// those of structs.
//
// The library that validates has one too, which knows no named schemas and one
// way of reading. Here are two: what clients send is read leniently, so that
// nothing is required and nothing forbidden; what they get is strict, so that a
// program may rely on every key.
type reflector struct {
	prefix string // of references to named schemas
	words  Words
	named  map[string]*jsonschema.Schema
	types  map[string]reflect.Type // whose each name is
	wrong  []string                // what cannot be described
}

// direction says whether a value is sent by clients or answered.
type direction int

const (
	sent direction = iota
	answered
)

func (r *reflector) fail(format string, args ...any) {
	r.wrong = append(r.wrong, fmt.Sprintf(format, args...))
}

// schema is that of a type. is names what a text in it must be, "" for none.
func (r *reflector) schema(t reflect.Type, is string, way direction) *jsonschema.Schema {
	if t.Kind() == reflect.Pointer {
		if t.Elem() == reflect.TypeFor[struct{}]() {
			return &jsonschema.Schema{Type: "null"}
		}
		return nullable(r.schema(t.Elem(), is, way))
	}
	if set := closed(t); set != nil {
		return set
	}
	if options, ok := reflect.Zero(t).Interface().(interface{ Types() []reflect.Type }); ok {
		return r.oneOf(options.Types(), is, way)
	}
	if t == reflect.TypeFor[httpapi.Ignored]() {
		return &jsonschema.Schema{}
	}
	if inner, ok := wrapped(t, "Nullable"); ok {
		return nullable(r.schema(inner, is, way))
	}
	if inner, ok := wrapped(t, "Optional"); ok {
		return r.schema(inner, is, way)
	}
	if t == reflect.TypeFor[json.RawMessage]() {
		return &jsonschema.Schema{}
	}
	switch t.Kind() {
	case reflect.String:
		if is == "" {
			return &jsonschema.Schema{Type: "string"}
		}
		kind, ok := kinds[is]
		if !ok {
			r.fail("%q is no kind of text", is)
		}
		return kind.schema(way)
	case reflect.Bool:
		return &jsonschema.Schema{Type: "boolean"}
	case reflect.Int, reflect.Int64:
		return &jsonschema.Schema{Type: "integer"}
	case reflect.Float64:
		return &jsonschema.Schema{Type: "number"}
	case reflect.Slice:
		return &jsonschema.Schema{Type: "array", Items: r.schema(t.Elem(), is, way)}
	case reflect.Map:
		return &jsonschema.Schema{
			Type:                 "object",
			AdditionalProperties: r.schema(t.Elem(), is, way),
			PropertyNames:        closed(t.Key()),
		}
	case reflect.Struct:
		return r.reference(t, way)
	}
	r.fail("%s cannot be described", t)
	return &jsonschema.Schema{}
}

// OneOf is the schema of an answer of several types; a file is described by its
// media type.
func (r *reflector) oneOf(options []reflect.Type, is string, way direction) *jsonschema.Schema {
	var of []*jsonschema.Schema
	for _, t := range options {
		if t != reflect.TypeFor[httpapi.File]() {
			of = append(of, r.schema(t, is, way))
		}
	}
	if len(of) == 1 {
		return of[0]
	}
	return &jsonschema.Schema{AnyOf: of}
}

// reference refers to the schema of a struct, by its name.
func (r *reflector) reference(t reflect.Type, way direction) *jsonschema.Schema {
	if t.Name() == "" {
		r.fail("a struct without a name: %s", t)
		return r.object(t, way)
	}
	name := strings.ToUpper(t.Name()[:1]) + t.Name()[1:]
	if other, taken := r.types[name]; taken && other != t {
		r.fail("%s and %s have one name", other, t)
	}
	if way == sent && r.named[name] != nil && r.named[name].AdditionalProperties != nil {
		r.fail("%s is sent and answered: give each its own type", t)
	}
	if r.named[name] == nil {
		r.types[name] = t
		r.named[name] = &jsonschema.Schema{} // for a type that has itself in it
		*r.named[name] = *r.object(t, way)
	}
	return &jsonschema.Schema{Ref: r.prefix + name}
}

func (r *reflector) object(t reflect.Type, way direction) *jsonschema.Schema {
	o := &jsonschema.Schema{
		Type:        "object",
		Description: r.words.Type(t),
		Properties:  map[string]*jsonschema.Schema{},
	}
	if way == answered {
		o.AdditionalProperties = &jsonschema.Schema{Not: &jsonschema.Schema{}}
	}
	for _, f := range reflect.VisibleFields(t) {
		name, options, _ := strings.Cut(f.Tag.Get("json"), ",")
		if name == "-" || f.Anonymous && name == "" || !f.IsExported() {
			continue
		}
		if name == "" {
			r.fail("%s.%s has no key", t, f.Name)
		}
		is, must := strings.CutSuffix(f.Tag.Get("is"), ",required")
		p := r.schema(f.Type, is, way)
		if way == sent && !must {
			p = nullable(p) // null is for none
		}
		words := r.words.Field(t, f)
		if words == "" && r.words != nil {
			r.fail("%s.%s has no comment", t, f.Name)
		}
		if f.Type == reflect.TypeFor[httpapi.Ignored]() {
			words = cmp.Or(words, "What clients send and this service does not look at.")
		}
		p.Description = words
		o.Properties[name] = p
		o.PropertyOrder = append(o.PropertyOrder, name)
		if must || way == answered && !strings.Contains(options, "omit") && !optional(t, f) {
			o.Required = append(o.Required, name)
		}
	}
	return o
}

// optional reports whether a field comes from an embedded pointer, which may be
// nil.
func optional(t reflect.Type, f reflect.StructField) bool {
	for _, i := range f.Index[:len(f.Index)-1] {
		if t = t.Field(i).Type; t.Kind() == reflect.Pointer {
			return true
		}
	}
	return false
}

// wrapped is the type of the value in a generic wrapper of package httpapi.
func wrapped(t reflect.Type, wrapper string) (reflect.Type, bool) {
	if t.Kind() != reflect.Struct || !strings.HasPrefix(t.String(), "httpapi."+wrapper+"[") {
		return nil, false
	}
	f, ok := t.FieldByName("Value")
	return f.Type, ok
}

// nullable is a schema that admits null too.
func nullable(s *jsonschema.Schema) *jsonschema.Schema {
	switch {
	case s.Ref != "":
		return &jsonschema.Schema{AnyOf: []*jsonschema.Schema{s, {Type: "null"}}}
	case s.AnyOf != nil:
		if slices.ContainsFunc(
			s.AnyOf,
			func(o *jsonschema.Schema) bool { return o.Type == "null" },
		) {
			return s
		}
		n := *s
		n.AnyOf = append(slices.Clone(s.AnyOf), &jsonschema.Schema{Type: "null"})
		return &n
	case s.Type == "" || s.Type == "null":
		return s // anything, or null and admitted already
	}
	n := *s
	n.Types, n.Type = []string{s.Type, "null"}, ""
	if n.Enum != nil {
		n.Enum = append(slices.Clone(n.Enum), nil)
	}
	return &n
}
