package main

import (
	"go/token"
	"slices"
	"strings"
	"testing"

	"golang.org/x/tools/go/packages"
	"golang.org/x/tools/go/ssa"
	"golang.org/x/tools/go/ssa/ssautil"

	"profiles/shared/operation"
)

// actions are the actions of the functions of package store through which all
// writes go.
var actions = map[string]string{
	"put": "PutItem", "putNew": "PutItem", "delete": "DeleteItem", "drop": "DeleteItem",
	"check": "ConditionCheckItem", "update": "UpdateItem", "overwrite": "UpdateItem",
	"write": "UpdateItem",
}

// unreached are the actions that the code of an operation has and that it never
// takes, with the reason.
var unreached = map[string]string{
	"desk-extend DeleteItem":                "the transfer stays open, so that it stays in every list",
	"desk-note DeleteItem":                  "the transfer stays as it is",
	"desk-extend UpdateItem":                stays,
	"desk-note UpdateItem":                  stays,
	"desk-reject UpdateItem":                stays,
	"transfer-cancel UpdateItem":            stays,
	"transfer-decline UpdateItem":           stays,
	"invitation-decline ConditionCheckItem": "only who accepts must still have the address",
	"team-decline ConditionCheckItem":       "only who accepts must still have the address",
	"profile-create ConditionCheckItem":     "it lowers no allocation, and so holds no usage",
}

const stays = "no profile moves with it"

// everywhere are the functions of package store whose writes are rights of
// every function that takes a token, a password or an Idempotency-Key; see
// roleOf.
var everywhere = []string{
	"Count", "CountOnce", "MarkWrong", "Refund", "NoteUse", "ReportReuse", "LookupRecord",
	"addRecord",
}

// Rights are recorded while scenes are played. A branch that no scene takes
// would be denied on AWS alone. So every action that the code of an operation
// can reach has been recorded, or is named here.
func TestEveryActionThatIsReachedIsGranted(t *testing.T) {
	t.Parallel()
	root, err := moduleRoot()
	if err != nil {
		t.Fatal(err)
	}
	recorded, err := readRights(root)
	if err != nil {
		t.Fatal(err)
	}
	calls := functionsOf(t, root)
	used := map[string]bool{}
	for _, o := range operation.All() {
		if o.Static {
			continue
		}
		name := camel(o.Name)
		first := calls[strings.ToLower(name[:1])+name[1:]]
		if first == nil {
			t.Errorf("%s: there is no function by its name, which its entry calls", o.Name)
			continue
		}
		// Those of rate windows are for nothing else.
		granted := strings.Join(slices.DeleteFunc(slices.Clone(recorded[o.Name]),
			func(right string) bool { return strings.HasSuffix(right, " R#*") }), " ")
		for action, by := range reached(first) {
			key := o.Name + " " + action
			switch has := strings.Contains(granted, action); {
			case !has && unreached[key] == "":
				t.Errorf("%s can reach %s and was not recorded to take it, by %s: give it a scene "+
					"that takes it, or say in unreached why it never does", o.Name, action, by)
			case !has:
				used[key] = true
			}
		}
	}
	for key := range unreached {
		if !used[key] {
			t.Errorf("%s is no exception: it is recorded, or not reached", key)
		}
	}
}

// functionsOf are the functions of package operation, by their names.
func functionsOf(t *testing.T, root string) map[string]*ssa.Function {
	t.Helper()
	loaded, err := packages.Load(&packages.Config{
		Mode: packages.LoadAllSyntax, Dir: root, Fset: token.NewFileSet(),
	}, "./shared/operation")
	if err != nil || packages.PrintErrors(loaded) > 0 {
		t.Fatal("the packages do not load: ", err)
	}
	program, _ := ssautil.AllPackages(loaded, ssa.InstantiateGenerics)
	program.Build()
	out := map[string]*ssa.Function{}
	for f := range ssautil.AllFunctions(program) {
		if f.Pkg != nil && f.Pkg.Pkg.Path() == "profiles/shared/operation" &&
			f.Signature.Recv() == nil && f.Parent() == nil {
			out[f.Name()] = f
		}
	}
	return out
}

// reached are the actions that a function can reach, each with the functions
// that lead there. A function value counts as called where it is made: what it
// is handed to may be called with others elsewhere.
func reached(first *ssa.Function) map[string]string {
	from := map[*ssa.Function]*ssa.Function{first: nil}
	out := map[string]string{}
	for queue := []*ssa.Function{first}; len(queue) > 0; queue = queue[1:] {
		for _, f := range namedBy(queue[0]) {
			if _, seen := from[f]; seen || !ours(f) || slices.Contains(everywhere, f.Name()) {
				continue
			}
			from[f] = queue[0]
			queue = append(queue, f)
			action := actions[f.Name()]
			if action == "" || packageOf(f) != "profiles/shared/store" || f.Signature.Recv() == nil ||
				out[action] != "" {
				continue
			}
			var path []string
			for at := queue[0]; at != nil; at = from[at] {
				path = append(path, at.Name())
			}
			slices.Reverse(path)
			out[action] = strings.Join(path, " > ")
		}
	}
	return out
}

// namedBy are the functions that a function calls or makes values of.
func namedBy(f *ssa.Function) (out []*ssa.Function) {
	for _, block := range f.Blocks {
		for _, instruction := range block.Instrs {
			for _, operand := range instruction.Operands(nil) {
				if named, ok := (*operand).(*ssa.Function); ok {
					out = append(out, named)
				}
			}
		}
	}
	return out
}

func ours(f *ssa.Function) bool {
	path := packageOf(f)
	return path == "" || strings.HasPrefix(path, "profiles/")
}

// packageOf is the package of a function, also of an instance of a generic one
// and of the wrapper of a method.
func packageOf(f *ssa.Function) string {
	for _, of := range []*ssa.Function{f, f.Origin(), f.Parent()} {
		if of != nil && of.Pkg != nil {
			return of.Pkg.Pkg.Path()
		}
	}
	if o := f.Object(); o != nil && o.Pkg() != nil {
		return o.Pkg().Path()
	}
	return ""
}
