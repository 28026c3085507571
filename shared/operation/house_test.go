package operation_test

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

const module = "profiles/"

// rules are the packages without I/O and without a clock, the lowest first.
var rules = []string{"shared/problem", "shared/value", "shared/plan", "shared/billing", "shared/auditlog",
	"shared/topic", "shared/tenancy", "shared/transfer", "shared/event", "shared/webhook", "shared/backup"}

// below is what each package of use cases may import, beside those of other
// nouns that it names.
var below = append([]string{"shared/access", "shared/flow", "shared/mailing", "shared/metric", "shared/secret", "shared/store"}, rules...)

// nouns are the packages of use cases.
var nouns = []string{"shared/service/accounts", "shared/service/audit", "shared/service/backups", "shared/service/notifications", "shared/service/operator",
	"shared/service/outbox", "shared/service/profiles", "shared/service/subscriptions", "shared/service/teams", "shared/service/tokens",
	"shared/service/transfers", "shared/service/webhooks"}

// onCore is what a package of use cases may import that names these others.
func onCore(others ...string) []string {
	return slices.Concat([]string{"shared/service/core"}, others, below)
}

// mayImport are the packages of this module that each package under shared/ may
// import, tests aside. Imports point one way only: a rule that needs no table
// stays testable without one.
var mayImport = map[string][]string{
	"shared/problem":               {},
	"shared/problem/problemtest":   {"shared/problem"},
	"shared/secret":                {"shared/secret/form"},
	"shared/secret/form":           {},
	"shared/plainhttp":             {},
	"shared/metric":                {},
	"docs":                         {},
	"shared/console":               {"shared/httpapi"},
	"shared/picture":               {"shared/problem"},
	"shared/value":                 {"shared/problem"},
	"shared/plan":                  {"shared/problem", "shared/value"},
	"shared/auditlog":              {"shared/problem", "shared/value"},
	"shared/billing":               rules[:3],
	"shared/topic":                 rules[:5],
	"shared/tenancy":               rules[:6],
	"shared/transfer":              rules[:7],
	"shared/event":                 {"shared/auditlog", "shared/value"},
	"shared/webhook":               {"shared/auditlog", "shared/event", "shared/problem", "shared/value"},
	"shared/backup":                {"shared/auditlog", "shared/billing", "shared/plan", "shared/problem", "shared/tenancy", "shared/value", "shared/webhook"},
	"shared/outbound":              {"shared/webhook"},
	"shared/eventbus":              {"shared/event", "shared/webhook"},
	"shared/mailing":               rules,
	"shared/store":                 append([]string{"shared/flow", "shared/mailing", "shared/metric"}, rules...),
	"shared/mail":                  append([]string{"shared/mailing"}, rules...),
	"shared/httpapi":               rules,
	"shared/flow":                  {"shared/problem"},
	"shared/access":                append([]string{"shared/flow", "shared/mailing", "shared/metric", "shared/secret", "shared/store"}, rules...),
	"shared/idempotency":           append([]string{"shared/access", "shared/flow", "shared/secret", "shared/store"}, rules...),
	"shared/service/core":          below,
	"shared/service/accounts":      onCore("shared/service/teams", "shared/service/transfers"),
	"shared/service/audit":         onCore(),
	"shared/service/backups":       onCore("shared/service/subscriptions", "shared/service/teams", "shared/service/webhooks"),
	"shared/service/notifications": onCore("shared/service/teams"),
	"shared/service/operator":      onCore(),
	"shared/service/outbox":        onCore(),
	"shared/service/profiles":      onCore("shared/service/backups", "shared/service/transfers"),
	"shared/service/subscriptions": onCore(),
	"shared/service/teams":         onCore(),
	"shared/service/tokens":        onCore(),
	"shared/service/transfers":     onCore(),
	"shared/service/webhooks":      onCore(),
	"shared/service":               slices.Concat([]string{"shared/access", "shared/idempotency", "shared/service/core"}, nouns),
	"shared/operation": slices.Concat([]string{"shared/flow", "shared/httpapi", "shared/static", "shared/idempotency", "shared/picture",
		"shared/secret", "shared/service"}, nouns, rules),
	"shared/app": append([]string{"shared/adapter", "shared/flow", "shared/httpapi", "shared/operation", "shared/outbound", "shared/plainhttp", "shared/secret",
		"shared/service", "shared/store"}, rules...),
	"shared/static":    {"docs", "shared/console", "shared/httpapi", "shared/plan"},
	"shared/adapter":   {"shared/httpapi", "shared/metric", "shared/problem", "shared/secret/form", "shared/static"},
	"shared/masterkey": {"shared/app", "shared/secret"},
	"shared/testkit/scene": slices.Concat([]string{"shared/httpapi", "shared/mailing", "shared/operation", "shared/service",
		"shared/service/core", "shared/store", "shared/testkit"}, nouns, rules),
	"shared/testkit/rules": {"shared/plan", "shared/value"},
	"shared/testkit": slices.Concat([]string{"shared/app", "shared/httpapi", "shared/mail", "shared/mailing", "shared/metric",
		"shared/operation", "shared/secret", "shared/service", "shared/service/core", "shared/store", "infra/"}, nouns, rules),
}

// Functions only connect the parts. Further code belongs in app or in an
// operation.
var functionsMayImport = []string{"shared/adapter", "shared/static", "shared/app", "shared/operation", "shared/mail", "shared/masterkey", "shared/outbound", "shared/eventbus"}

// outside are the packages of others that only some of ours may import. infra
// may import all of them, because it stands in for AWS.
var outside = []struct {
	prefix string
	only   []string
}{
	{"github.com/aws/aws-sdk-go-v2/service/dynamodb", []string{"shared/store", "shared/app", "shared/testkit"}},
	{"github.com/aws/aws-sdk-go-v2/feature/dynamodb", []string{"shared/store", "shared/testkit"}},
	{"github.com/aws/aws-sdk-go-v2", []string{"shared/store", "shared/mail", "shared/masterkey", "shared/eventbus", "shared/plainhttp", "shared/app", "shared/testkit"}},
	{"github.com/aws/aws-lambda-go", []string{"shared/adapter", "shared/app", "shared/testkit", "shared/testkit/scene"}},
	{"github.com/awslabs/aws-lambda-go-api-proxy", []string{"shared/adapter", "shared/testkit"}},
	{"github.com/standard-webhooks/standard-webhooks", []string{"shared/outbound"}},
	{"net/http", []string{"shared/console", "shared/httpapi", "shared/outbound", "shared/eventbus", "shared/plainhttp", "shared/operation", "shared/static", "shared/adapter", "shared/app", "shared/testkit", "shared/testkit/scene"}},
}

func TestImportsPointOneWay(t *testing.T) {
	t.Parallel()
	seen := imports(t)
	for pkg := range mayImport {
		// A package that moves must not lose its rule unnoticed.
		if _, ok := seen[pkg]; !ok {
			t.Errorf("there is no package %s: got %d others", pkg, len(seen))
		}
	}
	for pkg, names := range seen {
		for _, name := range names {
			if why := refused(pkg, name); why != "" {
				t.Errorf("%s imports %s: %s", pkg, name, why)
			}
		}
	}
}

func TestTheImportRuleRefuses(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name, pkg, imports string
		refused            bool
	}{
		{"the standard library is free", "shared/tenancy", "net/mail", false},
		{"a rule may not know the table", "shared/tenancy", "profiles/shared/store", true},
		{"a record of a request does not know what the request does", "shared/idempotency", "profiles/shared/service", true},
		{"an operation may not decide about access", "shared/operation", "profiles/shared/access", true},
		{"a rule may not know HTTP", "shared/tenancy", "net/http", true},
		{"a service may know the table", "shared/service/tokens", "profiles/shared/store", false},
		{"what puts services together does no work", "shared/service", "profiles/shared/store", true},
		{"a noun may not know what it does not name", "shared/service/teams", "profiles/shared/service/accounts", true},
		{"what all services stand on may know none of them", "shared/service/core", "profiles/shared/service/teams", true},
		{"an operation may not know what services stand on", "shared/operation", "profiles/shared/service/core", true},
		{"an operation may know its noun", "shared/operation", "profiles/shared/service/teams", false},
		{"a service may not know the SDK", "shared/service/tokens", "github.com/aws/aws-sdk-go-v2/service/dynamodb/types", true},
		{"access may know the table", "shared/access", "profiles/shared/store", false},
		{"access may not know what it is for", "shared/access", "profiles/shared/service", true},
		{"access may not know HTTP", "shared/access", "net/http", true},
		{"an operation may not skip its service", "shared/operation", "profiles/shared/store", true},
		{"an operation may not know Lambda", "shared/operation", "github.com/aws/aws-lambda-go/events", true},
		{"a rule may not know a mail", "shared/tenancy", "profiles/shared/mailing", true},
		{"what a mail says may not know how it is sent", "shared/mailing", "profiles/shared/mail", true},
		{"a service may not know how a mail is sent", "shared/service/accounts", "profiles/shared/mail", true},
		{"mail may know the SDK", "shared/mail", "github.com/aws/aws-sdk-go-v2/service/sesv2", false},
		{"mail may not know the table's client", "shared/mail", "github.com/aws/aws-sdk-go-v2/service/dynamodb", true},
		{"app wires the table", "shared/app", "github.com/aws/aws-sdk-go-v2/service/dynamodb", false},
		{"app may not read items", "shared/app", "github.com/aws/aws-sdk-go-v2/feature/dynamodb/attributevalue", true},
		{"app may not know its stack", "shared/app", "profiles/infra/template", true},
		{"testkit may", "shared/testkit", "profiles/infra/engine", false},
		{"a package that has no rule yet", "shared/util", "profiles/shared/tenancy", true},
		{"a function serves an operation", "functions/token-list", "profiles/shared/operation", false},
		{"a function may not do its work", "functions/token-list", "profiles/shared/service", true},
		{"a function may not know Lambda", "functions/token-list", "github.com/aws/aws-lambda-go/lambda", true},
		{"a function may not know another", "functions/token-list", "profiles/functions/token-info", true},
		{"the stack may know what it runs", "infra/local", "profiles/shared/app", false},
		{"the stack may know Lambda", "infra/local", "github.com/aws/aws-lambda-go/events", false},
		{"a register of scenes is for tests", "shared/service", "profiles/shared/testkit/scene", true},
		{"the register knows worlds", "shared/testkit/scene", "profiles/shared/testkit", false},
		{"the stack is no test", "infra/local", "profiles/shared/testkit", true},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			if why := refused(test.pkg, test.imports); (why != "") != test.refused {
				t.Errorf("%s imports %s: got %q, want it refused: %v", test.pkg, test.imports, why, test.refused)
			}
		})
	}
}

// refused says why pkg, a path inside this module, may not import name, or "".
func refused(pkg, name string) string {
	own, isOwn := strings.CutPrefix(name, module)
	switch {
	case within(own, []string{"shared/testkit"}) && !within(pkg, []string{"shared/testkit"}):
		return "testkit is for tests only"
	case strings.HasPrefix(pkg, "infra/"):
		return ""
	case isOwn && strings.HasPrefix(pkg, "functions/"):
		if !within(own, functionsMayImport) {
			return "functions import only " + strings.Join(functionsMayImport, ", ")
		}
	case isOwn:
		allowed, known := mayImport[pkg]
		if !known {
			return "the package has no line in the import rule"
		}
		if !within(own, allowed) {
			return "of this module it may import only " + strings.Join(allowed, ", ")
		}
	default:
		for _, o := range outside {
			if within(name, []string{o.prefix}) && !slices.Contains(o.only, pkg) {
				return "that is for " + strings.Join(o.only, ", ") + " only"
			}
		}
	}
	return ""
}

// within reports whether path is one of the given packages, or below one. The
// package that puts the services together does not stand for each of them.
func within(path string, those []string) bool {
	return slices.ContainsFunc(those, func(p string) bool {
		p = strings.TrimSuffix(p, "/")
		return path == p || strings.HasPrefix(path, p+"/") && p != "shared/service"
	})
}

// imports returns the imports of each package of this module, tests aside. A
// package that does not build is listed all the same: its own tests report it.
func imports(t *testing.T) map[string][]string {
	t.Helper()
	list := exec.Command("go", "list", "-e", "-f", `{{.ImportPath}} {{join .Imports " "}}`, "./...")
	list.Dir = root
	var errors strings.Builder
	list.Stderr = &errors
	out, err := list.Output()
	if err != nil {
		t.Fatalf("%s: %v\n%s", list, err, errors.String())
	}
	seen := map[string][]string{}
	for line := range strings.Lines(string(out)) {
		words := strings.Fields(line)
		if pkg, ok := strings.CutPrefix(words[0], module); ok {
			seen[pkg] = words[1:]
		}
	}
	return seen
}

// named are the fields with the names that people give themselves and their
// things.
var named = []string{"Name", "ProfileName", "Company"}

// bare finds places in source that put a person's name into other text without
// isolation: as an argument of a function that makes a sentence, or joined to a
// text.
func bare(file *ast.File) (found []ast.Node) {
	isName := func(e ast.Expr) bool {
		s, ok := e.(*ast.SelectorExpr)
		return ok && slices.Contains(named, s.Sel.Name)
	}
	ast.Inspect(file, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.BinaryExpr:
			if n.Op == token.ADD && (isName(n.X) || isName(n.Y)) {
				found = append(found, n)
			}
		case *ast.CallExpr:
			f, name := n.Fun, ""
			if s, ok := f.(*ast.SelectorExpr); ok {
				f = s.Sel
			}
			if id, ok := f.(*ast.Ident); ok {
				name = id.Name
			}
			if slices.Contains([]string{"Sprint", "Sprintf", "Sprintln", "Invalid", "Forbidden", "Conflict", "TooMany", "NotFound", "Notice"}, name) &&
				slices.ContainsFunc(n.Args, isName) {
				found = append(found, n)
			}
		}
		return true
	})
	return found
}

// Names of people are isolated within other text, in notifications and
// refusals. So a name that is written from right to left turns nothing around
// it.
func TestNamesAmongOtherTextAreIsolated(t *testing.T) {
	t.Parallel()
	read := func(name string, source any) (*token.FileSet, *ast.File) {
		t.Helper()
		set := token.NewFileSet()
		file, err := parser.ParseFile(set, name, source, 0)
		if err != nil {
			t.Fatal(err)
		}
		return set, file
	}
	for source, want := range map[string]int{
		`Forbidden("The profile %s", p.Name)`: 1, `fmt.Sprintf("The profile %s", t.ProfileName)`: 1, `s.Notice(a.ID, p.Name, "x", now)`: 1, `"The profile " + p.Name`: 1,
		`Forbidden("The profile %s", Isolated(p.Name))`: 0, `"The profile " + value.Isolated(p.Name)`: 0, `fmt.Sprintf("%s", p.ID)`: 0,
	} {
		if _, file := read("x.go", "package x\nvar _ = "+source); len(bare(file)) != want {
			t.Errorf("%s: got %d, want %d", source, len(bare(file)), want)
		}
	}
	files := 0
	for _, pkg := range append([]string{"shared/value", "shared/plan", "shared/auditlog", "shared/tenancy", "shared/access", "shared/operation",
		"shared/service/core"}, nouns...) {
		paths, err := filepath.Glob(filepath.Join(root, pkg, "*.go"))
		if err != nil {
			t.Fatal(err)
		}
		for _, path := range paths {
			if strings.HasSuffix(path, "_test.go") {
				continue
			}
			files++
			set, file := read(path, nil)
			for _, n := range bare(file) {
				t.Errorf("%s: a name stands among other text as it is: put it through value.Isolated", set.Position(n.Pos()))
			}
		}
	}
	if files < 50 {
		t.Errorf("only %d files were read", files)
	}
}

// mostFiles is how many files a package has at most, tests aside, so that a
// reader sees at one look which each one is.
const mostFiles = 20

// moreFiles are the packages that may have more, each with the number and the
// reason. A package that has become small enough is taken out.
var moreFiles = map[string]struct {
	most int
	why  string
}{
	"shared/operation": {41, "a file for each noun of the API: an entry of the catalogue stands beside its types, which no other package needs"},
	"shared/store":     {48, "a file for each kind of item: all share one transaction, and so one set of unexported steps"},
}

func TestPackagesAreSmall(t *testing.T) {
	t.Parallel()
	list := exec.Command("go", "list", "-e", "-f", "{{.ImportPath}} {{len .GoFiles}}", "./...")
	list.Dir = root
	out, err := list.Output()
	if err != nil {
		t.Fatal(err)
	}
	seen := map[string]int{}
	for line := range strings.Lines(string(out)) {
		var pkg string
		var files int
		if _, err := fmt.Sscan(line, &pkg, &files); err != nil {
			t.Fatal(err)
		}
		seen[strings.TrimPrefix(pkg, module)] = files
	}
	for pkg, files := range seen {
		if most := max(mostFiles, moreFiles[pkg].most); files > most {
			t.Errorf("%s has %d files, and %d are the most: split it along its nouns", pkg, files, most)
		}
	}
	for pkg, more := range moreFiles {
		if seen[pkg] <= mostFiles || more.why == "" {
			t.Errorf("%s has %d files: it needs no exception", pkg, seen[pkg])
		}
	}
}
