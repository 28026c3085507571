package operation_test

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"sort"
	"strings"
	"testing"

	"profiles/infra/template"
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
		if has := strings.Contains(string(source), `_ "time/tzdata"`); has != o.Zones {
			t.Errorf("functions/%s has the time zone database: %v; it needs it: %v", o.Name, has, o.Zones)
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
		if !sameRoutes(routes, o.Declared()) {
			t.Errorf("%s has the routes %v in template.yaml and %v in the catalogue", o.Name, routes, o.Declared())
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
		if _, has := f.Environment["SECRET_ID"]; has != o.Keyed() {
			t.Errorf("%s is told of the secret key by template.yaml: %v; it needs it: %v", o.Name, has, o.Keyed())
		}
		may := slices.ContainsFunc(f.Policy, func(s template.Statement) bool { return slices.Contains(s.Actions, "secretsmanager:GetSecretValue") })
		if may != o.Keyed() {
			t.Errorf("%s may read the secret key: %v; it needs it: %v", o.Name, may, o.Keyed())
		}
		for name, value := range f.Environment {
			if strings.Contains(value, "{{resolve:") {
				t.Errorf("%s: whoever may read its configuration reads a secret in %s", o.Name, name)
			}
		}
	}
}

// A role may write the log group of its own function and no other: the heads of audit logs that audit-seal notes are trusted, so nobody else
// writes where it does.
func TestARoleWritesItsOwnLogOnly(t *testing.T) {
	t.Parallel()
	functions := testkit.Template(t).Functions
	for _, f := range functions {
		if f.LogGroup == "" {
			t.Errorf("%s has no log group of the template", f.Name)
		}
		for _, problem := range beyondLog(f.Boundary, f.LogGroup) {
			t.Errorf("%s: %s", f.Name, problem)
		}
	}
	sealer, _ := testkit.Template(t).Function(operation.AuditSeal.Name)
	for _, f := range functions {
		if f.Name != sealer.Name && f.LogGroup == sealer.LogGroup {
			t.Errorf("%s writes the log group of %s", f.Name, sealer.Name)
		}
	}
}

// beyondLog says what a boundary allows of logs beside writing one group.
func beyondLog(boundary []template.Statement, group string) (problems []string) {
	if len(boundary) == 0 {
		return []string{"its role has no boundary: SAM lets it write every log group"}
	}
	writes := false
	for _, s := range boundary {
		if s.Effect != "Allow" {
			problems = append(problems, "its boundary denies, which is not understood here")
		}
		switch {
		case slices.Equal(s.NotActions, []string{"logs:*"}):
		case len(s.NotActions) > 0 || slices.ContainsFunc(s.Actions, func(a string) bool { return a != "logs:CreateLogStream" && a != "logs:PutLogEvents" }):
			problems = append(problems, fmt.Sprintf("its boundary allows %s, and all but %s", s.Actions, s.NotActions))
		case !slices.Equal(s.Resources, []string{group + ".Arn"}):
			problems = append(problems, fmt.Sprintf("it may write %s, not %s alone", s.Resources, group))
		default:
			writes = true
		}
	}
	if !writes {
		problems = append(problems, "it may not write its log")
	}
	return problems
}

// The check of boundaries itself.
func TestBeyondLog(t *testing.T) {
	t.Parallel()
	rest := template.Statement{Effect: "Allow", NotActions: []string{"logs:*"}, Resources: []string{"*"}}
	write := func(resource string, actions ...string) template.Statement {
		return template.Statement{Effect: "Allow", Actions: actions, Resources: []string{resource}}
	}
	own := write("Logs.Arn", "logs:CreateLogStream", "logs:PutLogEvents")
	everything := template.Statement{Effect: "Allow", NotActions: []string{"iam:*"}, Resources: []string{"*"}}
	for name, test := range map[string]struct {
		boundary []template.Statement
		wrong    bool
	}{
		"its own group":      {[]template.Statement{rest, own}, false},
		"no boundary":        {nil, true},
		"no log":             {[]template.Statement{rest}, true},
		"every group":        {[]template.Statement{rest, write("*", "logs:PutLogEvents")}, true},
		"another group":      {[]template.Statement{rest, write("AuditLogs.Arn", "logs:PutLogEvents")}, true},
		"its own and others": {[]template.Statement{rest, own, write("AuditLogs.Arn", "logs:PutLogEvents")}, true},
		"deleting its own":   {[]template.Statement{rest, own, write("Logs.Arn", "logs:DeleteLogStream")}, true},
		"all but others":     {[]template.Statement{everything, own}, true},
	} {
		if got := beyondLog(test.boundary, "Logs"); (len(got) > 0) != test.wrong {
			t.Errorf("%s: got %q", name, got)
		}
	}
}

// SES asks for the right on the configuration set that an identity has by default, which is not the stack's to know.
func TestMailGoesOutUnderADefaultConfigurationSet(t *testing.T) {
	t.Parallel()
	for _, o := range operation.All() {
		if !o.Mails {
			continue
		}
		f, _ := testkit.Template(t).Function(o.Name)
		for _, on := range []string{":identity/*", ":configuration-set/*"} {
			if !slices.ContainsFunc(f.Policy, func(s template.Statement) bool {
				return s.Effect == "Allow" && slices.Contains(s.Actions, "ses:SendEmail") && len(s.Condition["StringEquals"]["ses:FromAddress"]) == 1 &&
					slices.ContainsFunc(s.Resources, func(r string) bool { return strings.HasSuffix(r, on) })
			}) {
				t.Errorf("%s may not send from its address through %s", o.Name, on)
			}
		}
	}
}

// A route that API Gateway does not make is a warning of the import, and no failure of the deployment, unless it is asked to be.
func TestARouteThatIsNotMadeFailsTheDeployment(t *testing.T) {
	t.Parallel()
	if !testkit.Template(t).API.FailOnWarnings {
		t.Error("template.yaml: the API is deployed in spite of warnings")
	}
}

// The stream carries keys and no images, which would keep for a day what an item had for a second: its readers take items by their keys, and
// choose records by nothing else.
func TestTheStreamCarriesKeysAlone(t *testing.T) {
	t.Parallel()
	if got := testkit.Template(t).Table.StreamView; got != "KEYS_ONLY" {
		t.Errorf("the table's stream carries %s, want KEYS_ONLY", got)
	}
	for _, o := range operation.All() {
		f, _ := testkit.Template(t).Function(o.Name)
		for _, s := range f.Streams {
			for _, pattern := range s.Filters {
				if strings.Contains(pattern, "Image") {
					t.Errorf("%s chooses records by an image, which they do not have: %s", o.Name, pattern)
				}
			}
		}
		if o.Trigger != operation.Stream {
			continue
		}
		sample, err := os.ReadFile(filepath.Join(root, "events", o.Name+".json"))
		if err != nil || strings.Contains(string(sample), "Image\"") || !strings.Contains(string(sample), `"KEYS_ONLY"`) {
			t.Errorf("events/%s.json is not what the stream carries (%v)", o.Name, err)
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
