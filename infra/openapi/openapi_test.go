package openapi_test

import (
	"encoding/json"
	"net/http"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/pb33f/libopenapi"
	validator "github.com/pb33f/libopenapi-validator"

	"profiles/infra/openapi"
	"profiles/infra/template"
	"profiles/shared/httpapi"
	"profiles/shared/operation"
)

const root = "../.."

func document(t *testing.T) *openapi.Document {
	t.Helper()
	words, err := openapi.Read(root, openapi.Sources...)
	if err != nil {
		t.Fatal(err)
	}
	d, err := openapi.Of(operation.All(), words)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

// An independent reader of the standard finds no fault in the document.
func TestTheDocumentIsOpenAPI31(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		change func(*openapi.Document)
		valid  bool
	}{
		"as it is": {func(*openapi.Document) {}, true},
		"without a title's type": {func(d *openapi.Document) {
			d.Paths["/status"].Get.Parameters = []openapi.Parameter{{Name: "x", In: "nowhere"}}
		}, false},
	} {
		d := document(t)
		c.change(d)
		read, err := libopenapi.NewDocument(d.JSON())
		if err != nil {
			t.Fatal(err)
		}
		if _, err := read.BuildV3Model(); err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		judge, errs := validator.NewValidator(read)
		if errs != nil {
			t.Fatal(errs)
		}
		valid, wrong := judge.ValidateDocument()
		if valid != c.valid {
			t.Errorf("%s: valid is %v: %v", name, valid, wrong)
		}
	}
}

// The catalogue, the template and the document have the same routes.
func TestEveryRouteIsInTheDocument(t *testing.T) {
	t.Parallel()
	documented := map[string]string{}
	for path, item := range document(t).Paths {
		for method, o := range map[string]*openapi.Operation{
			http.MethodGet: item.Get, http.MethodPost: item.Post,
			http.MethodPut: item.Put, http.MethodDelete: item.Delete,
		} {
			if o == nil {
				continue
			}
			for _, route := range append([]string{method + " " + path}, o.Also...) {
				if other, twice := documented[route]; twice {
					t.Errorf("%s is a route of %s and of %s", route, other, o.ID)
				}
				documented[route] = o.ID
			}
		}
	}
	file, err := template.Find()
	if err != nil {
		t.Fatal(err)
	}
	deployed, err := template.ReadLocal(file, nil)
	if err != nil {
		t.Fatal(err)
	}
	for _, o := range operation.All() {
		if o.Call == nil {
			continue
		}
		for _, route := range o.Routes {
			if documented[route.Method+" "+route.Path] != o.Name {
				t.Errorf("%s %s of %s is not in the document", route.Method, route.Path, o.Name)
			}
			delete(documented, route.Method+" "+route.Path)
		}
		f, _ := deployed.Function(o.Name)
		for _, route := range f.Routes {
			same := func(r operation.Route) bool {
				return r.Method == route.Method && r.Path == route.Path
			}
			if !slices.ContainsFunc(o.Declared(), same) {
				t.Errorf(
					"%s %s of %s is deployed and not in the catalogue",
					route.Method,
					route.Path,
					o.Name,
				)
			}
		}
	}
	for route, id := range documented {
		t.Errorf("%s of %s is documented and no route", route, id)
	}
}

// Each text that clients send has a rule in the document, or a type with one.
func TestEveryTextThatIsSentHasARule(t *testing.T) {
	t.Parallel()
	for _, o := range operation.All() {
		if o.Call == nil {
			continue
		}
		types := o.Call.Types()
		if types.In == nil {
			continue
		}
		for _, field := range texts(types.In) {
			t.Errorf("%s: the field %s has no tag is", o.Name, field)
		}
	}
}

// texts finds the fields of a type that are texts without a rule.
func texts(t reflect.Type) (out []string) {
	switch t.Kind() {
	case reflect.Pointer, reflect.Slice, reflect.Map:
		return texts(t.Elem())
	case reflect.Struct:
	default:
		return nil
	}
	for _, f := range reflect.VisibleFields(t) {
		if f.Anonymous || !f.IsExported() || f.Tag.Get("json")+f.Tag.Get("query") == "" {
			continue
		}
		inner := f.Type
		for inner.Kind() == reflect.Pointer || inner.Kind() == reflect.Slice {
			inner = inner.Elem()
		}
		if inner.Kind() == reflect.Struct && strings.Contains(inner.Name(), "[") {
			if v, ok := inner.FieldByName("Value"); ok {
				inner = v.Type
			}
		}
		if inner == reflect.TypeFor[string]() && f.Tag.Get("is") == "" &&
			f.Tag.Get("query") != "fields" {
			out = append(out, t.Name()+"."+f.Name)
		}
		out = append(out, texts(f.Type)...)
	}
	return out
}

// All parts that clients of the last release could rely on are still there.
func TestTheDocumentDoesNotBreak(t *testing.T) {
	t.Parallel()
	released, err := os.ReadFile(filepath.Join("testdata", "released.json"))
	if err != nil {
		t.Fatal(err)
	}
	for _, gone := range openapi.Breaks(released, document(t).JSON()) {
		t.Error(gone)
	}
}

// The comparison finds each change that it is meant to find.
func TestBreaks(t *testing.T) {
	t.Parallel()
	now := document(t).JSON()
	if got := openapi.Breaks(now, now); len(got) > 0 {
		t.Errorf("a document breaks itself: %q", got)
	}
	for name, c := range map[string]struct {
		from, to string
		breaks   bool
	}{
		"an operation is gone":   {`"/profile/{id}/summary": {`, `"/profile/{id}/summery": {`, true},
		"a key of an answer":     {`"logo_url": {`, `"logo": {`, true},
		"a value":                {`"write",`, `"writes",`, true},
		"another summary":        {`"summary": "Returns a profile."`, `"summary": "Reads a profile."`, false},
		"a parameter":            {`"name": "onlyAmount"`, `"name": "amounts"`, true},
		"a type":                 {`"type": "boolean"`, `"type": "string"`, true},
		"what a name names":      {`schemas/PlanPrice"`, `schemas/NamedPrice"`, true},
		"a reason more than now": {`"x-reasons": [`, `"x-reasons": [ "x",`, false},
	} {
		changed := strings.ReplaceAll(string(now), c.from, c.to)
		if changed == string(now) || !json.Valid([]byte(changed)) {
			t.Errorf("%s: the document has no %s", name, c.from)
		}
		if got := openapi.Breaks(now, []byte(changed)); (len(got) > 0) != c.breaks {
			t.Errorf("%s: got %q", name, got)
		}
	}
}

// An operation accepts its example.
func TestExamplesAreTaken(t *testing.T) {
	t.Parallel()
	judge := openapi.NewJudge(operation.All())
	for _, o := range operation.All() {
		if o.Call == nil {
			continue
		}
		types := o.Call.Types()
		if takes := types.Body == operation.Lenient ||
			types.Body == operation.Strict; takes != (o.Example.Body != "") {
			t.Errorf(
				"%s takes a body: %v; its example has one: %v",
				o.Name,
				takes,
				o.Example.Body != "",
			)
		}
		if o.Example.Body != "" && !json.Valid([]byte(o.Example.Body)) {
			t.Errorf("%s: the example is no JSON: %s", o.Name, o.Example.Body)
		}
		if err := judge.Request(o, []byte(o.Example.Body)); err != nil {
			t.Errorf("%s: %v", o.Name, err)
		}
		path, query, _ := strings.Cut(o.Example.Path, "?")
		parts := strings.Count(path, "/")
		alike := func(r operation.Route) bool { return strings.Count(r.Path, "/") == parts }
		if !slices.ContainsFunc(o.Routes, alike) {
			t.Errorf("%s: the example %s is of none of its routes", o.Name, path)
		}
		if err := httpapi.CheckQuery(query, o.Params()); err != nil {
			t.Errorf("%s: %v", o.Name, err)
		}
	}
}
