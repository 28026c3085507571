package openapi

import (
	"net/url"
	"reflect"
	"strings"

	"github.com/google/jsonschema-go/jsonschema"

	"profiles/shared/httpapi"
	"profiles/shared/operation"
)

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
			}, "form", jsonschema.Ptr(false)
		case reflect.TypeFor[map[string]string]():
			p.Schema, p.Style, p.Explode = &jsonschema.Schema{
				Type:                 "object",
				AdditionalProperties: &jsonschema.Schema{Type: "string"},
			}, "deepObject", jsonschema.Ptr(true)
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
