package operation_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"path/filepath"
	"strings"
	"testing"
)

// mayUseContextValues are the packages whose contexts may carry values. A
// function otherwise gets what it needs as parameters, so that the compiler
// finds a missing one. The exceptions carry records that are only written down:
// the record of metrics, as the SDK passes nothing else to the code that counts
// its requests, and the trace, as aws-lambda-go has no other place for it.
var mayUseContextValues = map[string]bool{"shared/metric": true, "shared/adapter": true}

// contextValues finds where source puts a value into a context or takes one
// out: calls of context.WithValue, and of a method Value that has an argument.
func contextValues(file *ast.File) (found []ast.Node) {
	ast.Inspect(file, func(n ast.Node) bool {
		call, ok := n.(*ast.CallExpr)
		if !ok {
			return true
		}
		s, ok := call.Fun.(*ast.SelectorExpr)
		if !ok {
			return true
		}
		of, _ := s.X.(*ast.Ident)
		switch {
		case s.Sel.Name == "WithValue" && of != nil && of.Name == "context",
			s.Sel.Name == "Value" && len(call.Args) == 1:
			found = append(found, n)
		}
		return true
	})
	return found
}

func TestNoContextCarriesAValue(t *testing.T) {
	t.Parallel()
	set := token.NewFileSet()
	for source, want := range map[string]int{
		`ctx = context.WithValue(ctx, k, v)`:  1,
		`v, ok := ctx.Value(k).(string)`:      1,
		`v := r.Context().Value(k)`:           1,
		`ctx, c := context.WithCancel(ctx)`:   0,
		`v := found.Value`:                    0,
		`n := usage.Value()`:                  0,
		`t := r.Context().Value(k); f(t.X())`: 1,
	} {
		file, err := parser.ParseFile(set, "x.go", "package x\nfunc _() {"+source+"}", 0)
		if err != nil {
			t.Fatal(err)
		}
		if got := len(contextValues(file)); got != want {
			t.Errorf("%s: got %d, want %d", source, got, want)
		}
	}
	files := 0
	for _, tree := range []string{"shared", "infra", "functions", "docs"} {
		err := filepath.WalkDir(filepath.Join(root, tree),
			func(path string, _ fs.DirEntry, err error) error {
				if err != nil || !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") {
					return err
				}
				files++
				file, err := parser.ParseFile(set, path, nil, 0)
				if err != nil {
					return err
				}
				pkg, err := filepath.Rel(root, filepath.Dir(path))
				if err != nil {
					return err
				}
				for _, n := range contextValues(file) {
					if !mayUseContextValues[filepath.ToSlash(pkg)] {
						t.Errorf("%s: a context carries a value: make it a parameter", set.Position(n.Pos()))
					}
				}
				return nil
			})
		if err != nil {
			t.Fatal(err)
		}
	}
	if files < 300 {
		t.Errorf("only %d files were read", files)
	}
}
