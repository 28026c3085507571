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

func TestTriggersAgreeWithTheTemplate(t *testing.T) {
	t.Parallel()
	for _, o := range operation.All() {
		f, ok := testkit.Template(t).Function(o.Name)
		if !ok {
			t.Errorf("template.yaml has no function %s: run make generate", o.Name)
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

// Only functions that seal or open something get the key.
func TestOnlyFunctionsThatNeedTheSecretKeyCanReadIt(t *testing.T) {
	t.Parallel()
	for _, o := range operation.All() {
		f, _ := testkit.Template(t).Function(o.Name)
		if _, has := f.Environment["SECRET_ID"]; has != o.Keyed() {
			t.Errorf("%s is told of the secret key by template.yaml: %v; it needs it: %v", o.Name, has, o.Keyed())
		}
		may := slices.ContainsFunc(f.Policy, func(s template.Statement) bool {
			return slices.Contains(s.Actions, "secretsmanager:GetSecretValue")
		})
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

// A role may write to the log group of its own function only. The chain heads
// that audit-seal logs are trusted, so nobody else may write to its log group.
func TestARoleWritesItsOwnLogOnly(t *testing.T) {
	t.Parallel()
	functions := testkit.Template(t).Functions
	for _, f := range functions {
		if f.LogGroup == "" {
			t.Errorf("%s has no log group of the template", f.Name)
		}
		for _, problem := range beyondLog(f.Policy, f.LogGroup) {
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

// beyondLog lists the rights that a policy gives to logs beside writing to one
// group.
func beyondLog(policy []template.Statement, group string) (problems []string) {
	writes := false
	for _, s := range policy {
		if s.Effect != "Allow" || len(s.NotActions) > 0 {
			problems = append(problems, "its role denies, or allows all but some actions, which is not understood here")
		}
		logs := slices.ContainsFunc(s.Actions, func(a string) bool {
			return strings.Contains(a, "*") || strings.HasPrefix(a, "logs:")
		})
		switch {
		case !logs:
		case slices.ContainsFunc(s.Actions, func(a string) bool { return a != "logs:CreateLogStream" && a != "logs:PutLogEvents" }):
			problems = append(problems, fmt.Sprintf("its role allows %s", s.Actions))
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

// The check of rights to logs finds each kind of defect.
func TestBeyondLog(t *testing.T) {
	t.Parallel()
	allow := func(resource string, actions ...string) template.Statement {
		return template.Statement{Effect: "Allow", Actions: actions, Resources: []string{resource}}
	}
	rest := allow("Table.Arn", "dynamodb:PutItem")
	own := allow("Logs.Arn", "logs:CreateLogStream", "logs:PutLogEvents")
	for name, test := range map[string]struct {
		policy []template.Statement
		wrong  bool
	}{
		"its own group":      {[]template.Statement{rest, own}, false},
		"nothing":            {nil, true},
		"no log":             {[]template.Statement{rest}, true},
		"every group":        {[]template.Statement{rest, allow("*", "logs:PutLogEvents")}, true},
		"another group":      {[]template.Statement{rest, allow("AuditLogs.Arn", "logs:PutLogEvents")}, true},
		"its own and others": {[]template.Statement{rest, own, allow("AuditLogs.Arn", "logs:PutLogEvents")}, true},
		"deleting its own":   {[]template.Statement{rest, own, allow("Logs.Arn", "logs:DeleteLogStream")}, true},
		"everything":         {[]template.Statement{own, allow("*", "*")}, true},
		"all but others":     {[]template.Statement{own, {Effect: "Allow", NotActions: []string{"iam:*"}, Resources: []string{"*"}}}, true},
	} {
		if got := beyondLog(test.policy, "Logs"); (len(got) > 0) != test.wrong {
			t.Errorf("%s: got %q", name, got)
		}
	}
}

// SES requires the right on the default configuration set of an identity. The
// stack cannot know its name.
func TestMailGoesOutUnderADefaultConfigurationSet(t *testing.T) {
	t.Parallel()
	for _, o := range operation.All() {
		if !o.Mails {
			continue
		}
		f, _ := testkit.Template(t).Function(o.Name)
		for _, on := range []string{":identity/*", ":configuration-set/*"} {
			if !slices.ContainsFunc(f.Policy, func(s template.Statement) bool {
				return s.Effect == "Allow" && slices.Contains(s.Actions, "ses:SendEmail") &&
					len(s.Condition["StringEquals"]["ses:FromAddress"]) == 1 &&
					slices.ContainsFunc(s.Resources,
						func(r string) bool { return strings.HasSuffix(r, on) })
			}) {
				t.Errorf("%s may not send from its address through %s", o.Name, on)
			}
		}
	}
}

// A route that API Gateway does not make is only a warning of the import, and
// the deployment succeeds, unless the import is told to fail.
func TestARouteThatIsNotMadeFailsTheDeployment(t *testing.T) {
	t.Parallel()
	if !testkit.Template(t).API.FailOnWarnings {
		t.Error("template.yaml: the API is deployed in spite of warnings")
	}
}

// The stream carries keys and no images. An image would keep for a day the
// values that an item had for a second. Readers of the stream get items by
// their keys, and choose records by nothing else.
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
		if err != nil || strings.Contains(string(sample), "Image\"") ||
			!strings.Contains(string(sample), `"KEYS_ONLY"`) {
			t.Errorf("events/%s.json is not what the stream carries (%v)", o.Name, err)
		}
	}
}

func sameRoutes(a, b []operation.Route) bool {
	order := func(rs []operation.Route) []operation.Route {
		rs = slices.Clone(rs)
		sort.Slice(rs, func(i, j int) bool {
			return rs[i].Method+rs[i].Path < rs[j].Method+rs[j].Path
		})
		return rs
	}
	return slices.Equal(order(a), order(b))
}
