package operation_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"profiles/shared/operation"
	"profiles/shared/testkit"
	register "profiles/shared/testkit/scene"
)

// scenes are those of the register, and those that need a stage of their own, in the order of the catalogue.
var scenes = inOrder(append(registered(), ownScenes...))

func registered() (out []scene) {
	for _, c := range register.All() {
		one := scene{
			operation: c.Operation, what: c.What,
			budget: budget{c.Cost.Cold, c.Cost.Warm, c.Cost.Requests, c.Cost.Capacity},
			run:    func(s *stage) testkit.Answer { return c.Run(s.registered()) },
		}
		if c.Prepare != nil {
			one.prepare = func(s *stage) {
				known := s.registered()
				c.Prepare(known)
				s.token, s.code = known.Token, known.Code
			}
		}
		out = append(out, one)
	}
	return out
}

// registered is the stage as scenes of the register know it.
func (s *stage) registered() *register.Stage {
	return &register.Stage{World: s.World, Ana: s.ana, Ben: s.ben, Sam: s.sam, Other: s.other, Token: s.token, Code: s.code}
}

func inOrder(all []scene) []scene {
	place := map[string]int{}
	for i, o := range operation.All() {
		place[o.Name] = i
	}
	slices.SortStableFunc(all, func(a, b scene) int { return place[a.operation.Name] - place[b.operation.Name] })
	return all
}

// The three checks below say what to do next to whoever adds an operation; docs/contributing.md has the steps.

func TestEveryEntryIsInTheCatalogue(t *testing.T) {
	t.Parallel()
	listed := map[string]bool{}
	for _, o := range operation.All() {
		if listed[o.Name] {
			t.Errorf("%s is in the catalogue twice", o.Name)
		}
		listed[o.Name] = true
	}
	declared := map[string]string{}
	paths, err := filepath.Glob("*.go")
	if err != nil {
		t.Fatal(err)
	}
	for _, path := range paths {
		if strings.HasSuffix(path, "_test.go") {
			continue
		}
		for variable, name := range entries(t, path, nil) {
			declared[name] = variable
			if !listed[name] {
				t.Errorf("%s: %s is not in the catalogue: add it to All in shared/operation/catalogue.go", path, variable)
			}
		}
	}
	if len(declared) != len(listed) {
		t.Errorf("%d entries are declared, and %d are in the catalogue", len(declared), len(listed))
	}
}

// entries are the names of the operations that a file declares, by their variables.
func entries(t *testing.T, path string, source any) map[string]string {
	t.Helper()
	file, err := parser.ParseFile(token.NewFileSet(), path, source, 0)
	if err != nil {
		t.Fatal(err)
	}
	found := map[string]string{}
	for _, d := range file.Decls {
		general, ok := d.(*ast.GenDecl)
		if !ok {
			continue
		}
		for _, spec := range general.Specs {
			value, ok := spec.(*ast.ValueSpec)
			if !ok || len(value.Values) != 1 {
				continue
			}
			literal, ok := value.Values[0].(*ast.CompositeLit)
			if !ok {
				continue
			}
			if kind, ok := literal.Type.(*ast.Ident); ok && kind.Name == "Operation" {
				found[value.Names[0].Name] = nameIn(literal)
			}
		}
	}
	return found
}

// nameIn is the field Name of an entry.
func nameIn(entry *ast.CompositeLit) string {
	for _, element := range entry.Elts {
		pair, ok := element.(*ast.KeyValueExpr)
		if !ok {
			continue
		}
		key, ok := pair.Key.(*ast.Ident)
		if name, isText := pair.Value.(*ast.BasicLit); ok && isText && key.Name == "Name" {
			return strings.Trim(name.Value, `"`)
		}
	}
	return ""
}

func TestEntriesAreFound(t *testing.T) {
	t.Parallel()
	got := entries(t, "x.go", "package x\nvar A = Operation{Name: \"a-b\"}\nvar b = 1\nvar C = Route{\"GET\", \"/\"}\n")
	if len(got) != 1 || got["A"] != "a-b" {
		t.Errorf("got %v", got)
	}
}

func TestEveryOperationHasAScene(t *testing.T) {
	t.Parallel()
	names := map[string]bool{}
	played := map[string]bool{}
	for _, c := range scenes {
		if names[c.name()] {
			t.Errorf("two scenes have the name %s", c.name())
		}
		names[c.name()], played[c.operation.Name] = true, true
	}
	for _, o := range operation.All() {
		if !played[o.Name] && !o.Static {
			t.Errorf("%s has no scene: add one to shared/testkit/scene/register.go", o.Name)
		}
	}
}

// A scene of the register sends its request on a route of its operation.
func TestTheRegisterSendsWhatItsOperationsTake(t *testing.T) {
	t.Parallel()
	for _, c := range register.All() {
		method, target, _ := strings.Cut(c.Send, " ")
		if !slices.ContainsFunc(c.Operation.Routes, func(r operation.Route) bool {
			path, _, _ := strings.Cut(target, "?")
			return r.Method == method && matches(r.Path, path)
		}) {
			t.Errorf("%s: no route of it takes %q", c.Operation.Name, c.Send)
		}
	}
}
