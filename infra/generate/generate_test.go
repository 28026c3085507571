package main

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"profiles/infra/template"
	"profiles/shared/operation"
)

// The generated files are those that are committed.
func TestWhatIsGeneratedIsCurrent(t *testing.T) {
	t.Parallel()
	root, err := moduleRoot()
	if err != nil {
		t.Fatal(err)
	}
	all, err := files(root)
	if err != nil {
		t.Fatal(err)
	}
	for name, want := range all {
		if got, err := os.ReadFile(filepath.Join(root, name)); err != nil ||
			!bytes.Equal(got, want) {
			t.Errorf("%s is not what the catalogue says (%v): run make generate", name, err)
		}
	}
	gone, err := stale(root, all)
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range gone {
		t.Errorf("%s is of no operation: run make generate", name)
	}
}

// A second run changes nothing, and removes files that belong to no operation.
func TestWriting(t *testing.T) {
	t.Parallel()
	source, err := moduleRoot()
	if err != nil {
		t.Fatal(err)
	}
	root := t.TempDir()
	for _, name := range []string{"infra/template/stack.yaml", "infra/template/parameters.yaml", "infra/rights.json"} {
		text, err := os.ReadFile(filepath.Join(source, name))
		if err == nil {
			err = os.MkdirAll(filepath.Dir(filepath.Join(root, name)), 0o755)
		}
		if err == nil {
			err = os.WriteFile(filepath.Join(root, name), text, 0o644)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	old := filepath.Join(root, "functions", "gone", "main.go")
	for _, folder := range []string{"docs", "events", "functions/gone", "shared/operation", "shared/httpapi", "shared/billing", "shared/tenancy", "shared/transfer", "shared/service", "shared/static"} {
		if err := os.MkdirAll(filepath.Join(root, folder), 0o755); err != nil {
			t.Fatal(err)
		}
	}
	for _, folder := range []string{"shared/operation", "shared/httpapi", "shared/billing", "shared/tenancy", "shared/transfer", "shared/service", "shared/static"} {
		sources, err := filepath.Glob(filepath.Join(source, folder, "*.go"))
		if err != nil {
			t.Fatal(err)
		}
		for _, file := range sources {
			text, err := os.ReadFile(file)
			if err == nil {
				err = os.WriteFile(filepath.Join(root, folder, filepath.Base(file)), text, 0o644)
			}
			if err != nil {
				t.Fatal(err)
			}
		}
	}
	if err := os.WriteFile(old, []byte("package main\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	if err := write(root); err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(filepath.Dir(old)); err == nil {
		t.Error("the function of no operation is still there")
	}
	file := filepath.Join(root, "template.yaml")
	before, err := os.Stat(file)
	if err != nil {
		t.Fatal(err)
	}
	if err := write(root); err != nil {
		t.Fatal(err)
	}
	if after, err := os.Stat(file); err != nil || !after.ModTime().Equal(before.ModTime()) {
		t.Errorf("what is current is written again (%v)", err)
	}
}

// A role has the rights that its functions were recorded to use, and no more.
func TestRoles(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		operation operation.Operation
		recorded  []string
		want      string
	}{
		"nothing":                        {operation.StatusGet(), nil, "StaticRole"},
		"a read":                         {operation.ProfileGet, []string{"dynamodb:BatchGetItem", "dynamodb:UpdateItem R#*"}, "GetCallerRole"},
		"an update of other keys":        {operation.ProfileGet, []string{"dynamodb:BatchGetItem", "dynamodb:UpdateItem"}, "GetUpdateCallerRole"},
		"a write that may be repeated":   {operation.TokenDelete, []string{"dynamodb:DeleteItem"}, "DeleteKeyedCallerRepeatRole"},
		"one that updates anyhow":        {operation.TokenDelete, []string{"dynamodb:UpdateItem"}, "UpdateKeyedCallerRole"},
		"a source that is counted":       {operation.AccountConfirm, []string{"dynamodb:UpdateItem R#*"}, "UpdateRole"},
		"a sweep":                        {operation.TokenExpire, []string{"dynamodb:Query/index"}, "DueKeyedSweepRole"},
		"the stream":                     {operation.AuditSeal, []string{"dynamodb:PutItem"}, "PutStreamKeyedAuditRole"},
		"what is in a transaction alone": {operation.ProfileGet, []string{"dynamodb:UpdateItem R#*", "dynamodb:UpdateItem" + enclosed}, "CallerRole"},
	} {
		r, err := roleOf(c.operation, c.recorded)
		if err != nil || r.name() != c.want {
			t.Errorf("%s: got %s, %v, want %s", name, r.name(), err, c.want)
		}
	}
	if _, err := roleOf(operation.ProfileGet, []string{"dynamodb:DeleteTable"}); err == nil {
		t.Error("a role has an action that none should have")
	}
}

// Functions that share a role have the same rights.
func TestRolesOfOneName(t *testing.T) {
	t.Parallel()
	two := []operation.Operation{operation.ProfileGet, operation.AccountGet}
	if _, of, err := rolesOf(two, nil); err != nil || of["profile-get"] != of["account-get"] {
		t.Errorf("equal rights: got %v, %v, want one role", of, err)
	}
	roles := map[string]role{}
	for _, r := range []struct {
		role
		wrong bool
	}{
		{role{stream: true, logs: "Logs", queue: "MailDeadLetters"}, false},
		{role{stream: true, logs: "Logs", queue: "MailDeadLetters"}, false},
		{role{stream: true, logs: "Logs", queue: "AuditDeadLetters"}, true},
	} {
		if err := r.join(roles); (err != nil) != r.wrong {
			t.Errorf("%+v beside %v: got %v", r.role, roles, err)
		}
	}
	other := operation.MailDeliver
	other.Name = "mail-other"
	if _, err := roleOf(other, nil); err == nil {
		t.Error("an operation reads the stream, and nothing says how")
	}
}

// An operation whose rights were not recorded is refused. The refusal says how
// to record them.
func TestRightsThatWereNotRecorded(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		recorded rights
		want     string
	}{
		"recorded":     {rights{"profile-get": {"dynamodb:BatchGetItem"}}, ""},
		"none needed":  {rights{"profile-get": {}}, ""},
		"not recorded": {rights{"profile-list": {}}, "-run PoliciesGrant/scenes/profile-get -update"},
	} {
		both := []operation.Operation{operation.ProfileGet, operation.StatusGet()}
		err := c.recorded.missing(both)
		if c.want == "" && err != nil ||
			c.want != "" && (err == nil || !strings.HasSuffix(err.Error(), c.want)) {
			t.Errorf("%s: got %v", name, err)
		}
	}
}

// The part of the template that is written by hand has each mark once, and is
// small enough to be read.
func TestTheWrittenPart(t *testing.T) {
	t.Parallel()
	root, err := moduleRoot()
	if err != nil {
		t.Fatal(err)
	}
	text, err := os.ReadFile(filepath.Join(root, "infra", "template", "stack.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	if n := strings.Count(string(text), "\n"); n > 500 {
		t.Errorf("stack.yaml has %d lines", n)
	}
	for _, mark := range marks {
		without := strings.Replace(string(text), mark, "", 1)
		if _, err := stack(without, "", operation.All(), rights{}); err == nil {
			t.Errorf("without the mark %q nothing is refused", strings.TrimSpace(mark))
		}
	}
}

// The generated template is parsed with the intended meaning.
func TestTheStackIsUnderstood(t *testing.T) {
	t.Parallel()
	file, err := template.Find()
	if err != nil {
		t.Fatal(err)
	}
	read, err := template.ReadLocal(file, nil)
	if err != nil {
		t.Fatal(err)
	}
	for _, o := range operation.All() {
		f, ok := read.Function(o.Name)
		if !ok || f.LogicalID != camel(o.Name)+"Function" {
			t.Errorf("%s is %q in the template: run make generate", o.Name, f.LogicalID)
			continue
		}
		if got, want := len(f.Routes), len(o.Declared()); got != want {
			t.Errorf("%s has %d routes, want %d", o.Name, got, want)
		}
		if want := signed(o); (len(f.Signed) == 1) != want ||
			want && f.Signed[0] != template.Route(o.Declared()[0]) {
			t.Errorf("%s is signed on %v", o.Name, f.Signed)
		}
		if o.Trigger == operation.Schedule &&
			(len(f.Schedules) != 1 || f.Schedules[0].Every != o.Every || !f.Schedules[0].Enabled) {
			t.Errorf("%s runs %v, want each %s", o.Name, f.Schedules, o.Every)
		}
		if o.Trigger == operation.Stream &&
			(len(f.Streams) != 1 || f.Streams[0].OnFailure == "" ||
				!strings.Contains(f.Streams[0].Filters[0], o.Of)) {
			t.Errorf("%s reads %v", o.Name, f.Streams)
		}
		if wide := f.MemoryMB > 256; wide != (o.Hashes || o.Packs) {
			t.Errorf("%s has %d MB", o.Name, f.MemoryMB)
		}
	}
}
