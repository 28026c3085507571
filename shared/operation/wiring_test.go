package operation_test

import (
	"os"
	"path/filepath"
	"slices"
	"sort"
	"strings"
	"testing"

	"profiles/shared/operation"
	"profiles/shared/testkit"
)

const root = "../.."

// A function exists in four places under one name. This holds them together.
func TestFoldersCatalogueTemplateAndEventsAgree(t *testing.T) {
	t.Parallel()
	var catalogue []string
	for _, o := range operation.All() {
		catalogue = append(catalogue, o.Name)
	}
	sort.Strings(catalogue)
	var declared []string
	for _, f := range testkit.Template(t).Functions {
		declared = append(declared, f.Name)
		if want := camel(f.Name) + "Function"; f.LogicalID != want {
			t.Errorf("template.yaml: the function %s is called %s, want %s", f.Name, f.LogicalID, want)
		}
		if f.CodeURI != "dist/fn/"+f.Name+"/" {
			t.Errorf("template.yaml: %s has the code %s", f.LogicalID, f.CodeURI)
		}
	}
	sort.Strings(declared)
	for place, names := range map[string][]string{
		"functions/":    base(t, root+"/functions/*", ""),
		"events/":       base(t, root+"/events/*.json", ".json"),
		"template.yaml": declared,
	} {
		if !slices.Equal(names, catalogue) {
			t.Errorf("%s has\n%s\nand the catalogue\n%s", place, strings.Join(names, " "), strings.Join(catalogue, " "))
		}
	}
	for _, o := range operation.All() {
		source, err := os.ReadFile(filepath.Join(root, "functions", o.Name, "main.go"))
		if err != nil {
			t.Error(err)
			continue
		}
		if want := "app.Serve(operation." + camel(o.Name); !strings.Contains(string(source), want) {
			t.Errorf("functions/%s does not serve its operation: want %s", o.Name, want)
		}
		if o.Summary == "" {
			t.Errorf("%s has no summary", o.Name)
		}
	}
}

func TestTriggersAgreeWithTheTemplate(t *testing.T) {
	t.Parallel()
	for _, o := range operation.All() {
		f, ok := testkit.Template(t).Function(o.Name)
		if !ok {
			t.Errorf("template.yaml has no function %s", o.Name)
			continue
		}
		var routes []operation.Route
		for _, r := range f.Routes {
			routes = append(routes, operation.Route(r))
		}
		if !sameRoutes(routes, o.Routes) {
			t.Errorf("%s has the routes %v in template.yaml and %v in the catalogue", o.Name, routes, o.Routes)
		}
		if got := len(f.Schedules) > 0; got != (o.Trigger == operation.Schedule) {
			t.Errorf("%s: scheduled by template.yaml is %v", o.Name, got)
		}
		if got := len(f.Streams) > 0; got != (o.Trigger == operation.Stream) {
			t.Errorf("%s: fed by the stream in template.yaml is %v", o.Name, got)
		}
	}
}

// Only functions that seal or open something are given the key.
func TestTheSecretKeyIsGivenToThoseThatNeedIt(t *testing.T) {
	t.Parallel()
	for _, o := range operation.All() {
		f, _ := testkit.Template(t).Function(o.Name)
		if _, has := f.Environment["SECRET_KEY"]; has != o.Keyed() {
			t.Errorf("%s is given the secret key by template.yaml: %v; it needs it: %v", o.Name, has, o.Keyed())
		}
	}
}

func sameRoutes(a, b []operation.Route) bool {
	order := func(rs []operation.Route) []operation.Route {
		rs = slices.Clone(rs)
		sort.Slice(rs, func(i, j int) bool { return rs[i].Method+rs[i].Path < rs[j].Method+rs[j].Path })
		return rs
	}
	return slices.Equal(order(a), order(b))
}

func camel(name string) string {
	var b strings.Builder
	for _, word := range strings.Split(name, "-") {
		b.WriteString(strings.ToUpper(word[:1]) + word[1:])
	}
	return b.String()
}

func base(t *testing.T, pattern, suffix string) (names []string) {
	t.Helper()
	files, err := filepath.Glob(pattern)
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range files {
		names = append(names, strings.TrimSuffix(filepath.Base(f), suffix))
	}
	sort.Strings(names)
	return names
}
