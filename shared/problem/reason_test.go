package problem_test

import (
	"errors"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"profiles/shared/problem"
	"profiles/shared/tenancy"
)

var classes = []problem.Code{
	problem.CodeInvalid,
	problem.CodeUnauthenticated,
	problem.CodeForbidden,
	problem.CodeNotFound,
	problem.CodeConflict,
	problem.CodeTooMany,
	problem.CodeTooLarge,
	problem.CodeUnavailable,
	problem.CodeInternal,
}

// declared are the constants of type Reason in the source, by their names.
func declared(t *testing.T) map[string]problem.Reason {
	t.Helper()
	file, err := parser.ParseFile(token.NewFileSet(), "reason.go", nil, 0)
	if err != nil {
		t.Fatal(err)
	}
	out := map[string]problem.Reason{}
	ast.Inspect(file, func(n ast.Node) bool {
		spec, ok := n.(*ast.ValueSpec)
		if !ok {
			return true
		}
		if of, ok := spec.Type.(*ast.Ident); ok && of.Name == "Reason" {
			text, err := strconv.Unquote(spec.Values[0].(*ast.BasicLit).Value)
			if err != nil {
				t.Fatal(err)
			}
			out[spec.Names[0].Name] = problem.Reason(text)
		}
		return true
	})
	return out
}

func TestEveryReasonIsDescribed(t *testing.T) {
	t.Parallel()
	snake := regexp.MustCompile(`^[a-z]+(_[a-z]+)*$`)
	described := map[problem.Reason]problem.Code{}
	for _, r := range problem.Reasons() {
		if _, again := described[r.Reason]; again || !snake.MatchString(string(r.Reason)) {
			t.Errorf("%s: a reason needs a name of its own, in snake case", r.Reason)
		}
		if !slices.Contains(classes, r.Class) {
			t.Errorf("%s: got the class %q", r.Reason, r.Class)
		}
		if len(r.Help) < 20 || strings.ContainsAny(r.Help, "\n|") ||
			strings.HasSuffix(r.Help, ".") {
			t.Errorf(
				"%s: got the help %q, want one line, without a dot at its end",
				r.Reason,
				r.Help,
			)
		}
		described[r.Reason] = r.Class
	}
	names := declared(t)
	for name, r := range names {
		if _, ok := described[r]; !ok {
			t.Errorf("%s is not in the table", name)
		}
		words := strings.ToLower(strings.TrimPrefix(name, "Reason"))
		if words != strings.ReplaceAll(string(r), "_", "") {
			t.Errorf("%s: got the name %q", name, r)
		}
	}
	if len(names) != len(described) {
		t.Errorf("got %d constants and %d rows of the table", len(names), len(described))
	}
	for _, c := range classes {
		if got := described[c.Reason()]; got != c {
			t.Errorf("%s: its own reason is of the class %q", c, got)
		}
	}
}

// A reason fixes the status, so that it may refine refusals of its class only;
// and one that nothing is refused for would be a promise.
func TestEveryReasonRefinesItsClass(t *testing.T) {
	t.Parallel()
	class := map[problem.Reason]problem.Code{}
	for _, r := range problem.Reasons() {
		class[r.Reason] = r.Class
	}
	made := map[string]problem.Code{
		"Invalid":         problem.CodeInvalid,
		"InvalidField":    problem.CodeInvalid,
		"Forbidden":       problem.CodeForbidden,
		"LimitReached":    problem.CodeForbidden,
		"Conflict":        problem.CodeConflict,
		"Unauthenticated": problem.CodeUnauthenticated,
		"TooMany":         problem.CodeTooMany,
		"NotFound":        problem.CodeNotFound,
		"Unavailable":     problem.CodeUnavailable,
	}
	names, used := declared(t), map[problem.Reason]bool{}
	err := filepath.WalkDir("..", func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() || !strings.HasSuffix(path, ".go") ||
			strings.HasSuffix(path, "_test.go") {
			return err
		}
		file, err := parser.ParseFile(token.NewFileSet(), path, nil, 0)
		if err != nil {
			return err
		}
		ast.Inspect(file, func(n ast.Node) bool {
			call, ok := n.(*ast.CallExpr)
			if !ok || len(call.Args) != 1 || nameOf(call.Fun) != "For" {
				return true
			}
			r, ok := names[nameOf(call.Args[0])]
			if !ok {
				return true // that of an invitation
			}
			used[r] = true
			for inner := call; ; {
				next, ok := ast.Unparen(inner.Fun).(*ast.SelectorExpr)
				if of, known := made[nameOf(inner.Fun)]; known {
					if of != class[r] {
						t.Errorf(
							"%s: %s is of the class %s, and refines one of %s",
							path,
							r,
							class[r],
							of,
						)
					}
					return true
				}
				if !ok {
					t.Errorf("%s: cannot tell what %s refines", path, r)
					return true
				}
				if inner, ok = ast.Unparen(next.X).(*ast.CallExpr); !ok {
					t.Errorf("%s: cannot tell what %s refines", path, r)
					return true
				}
			}
		})
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range problem.Reasons() {
		if own := r.Reason == r.Class.Reason(); own == used[r.Reason] {
			t.Errorf(
				"%s: is that of a class: %v, refines a refusal: %v",
				r.Reason,
				own,
				used[r.Reason],
			)
		}
	}
}

func nameOf(e ast.Expr) string {
	switch e := ast.Unparen(e).(type) {
	case *ast.Ident:
		return e.Name
	case *ast.SelectorExpr:
		return e.Sel.Name
	}
	return ""
}

func TestReasonOf(t *testing.T) {
	t.Parallel()
	for want, err := range map[problem.Reason]error{
		"":                               nil,
		problem.ReasonInternal:           errors.New("the network is down"),
		problem.ReasonForbidden:          problem.Forbidden("x"),
		problem.ReasonUnavailable:        &problem.Error{Code: problem.CodeUnavailable, Err: errors.New("throttled")},
		problem.ReasonNoToken:            fmt.Errorf("words around it: %w", problem.ErrNoToken),
		problem.ReasonAddressUnconfirmed: tenancy.Account{}.CanSignIn(),
		problem.ReasonAccountBlocked:     tenancy.Account{Blocked: true}.CanSignIn(),
		problem.ReasonKeyUnanswered:      problem.ErrInProgress,
		problem.ReasonConflict:           problem.ErrConflict,
		problem.ReasonInvalidCredentials: problem.ErrInvalidCredentials,
	} {
		if got := problem.ReasonOf(err); got != want {
			t.Errorf("%v: got %q, want %q", err, got, want)
		}
	}
}
