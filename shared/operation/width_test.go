package operation_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

const (
	// Beside a diff, a reader sees comments of 80 columns and code of 100.
	commentWidth, codeWidth = 80, 100
	// mostLines is the limit for the lines of a file that is not a test, so
	// that it holds one idea.
	mostLines = 400
	// mostTestLines is the same limit for a file of tests, and mostTestFunction
	// for a function in it. A longer function should be steps or a table.
	mostTestLines, mostTestFunction = 800, 120
)

var (
	commentLine = regexp.MustCompile(`^\s*//`)
	asItIs      = regexp.MustCompile(`^\s*//(go:|\t)`)
	quotedText  = regexp.MustCompile("\"(\\\\.|[^\"\\\\])*\"|`[^`]*`")
)

// tooWide says what is wrong with the width of a line: "comment", "code", or
// "".
func tooWide(line string) string {
	wide := strings.ReplaceAll(line, "\t", "    ")
	switch {
	case asItIs.MatchString(line):
		return ""
	case commentLine.MatchString(line):
		// A single long word, such as an address, cannot be broken.
		if len([]rune(wide)) > commentWidth && strings.Contains(strings.TrimSpace(strings.TrimLeft(wide, " /")), " ") {
			return "comment"
		}
	case len([]rune(quotedText.ReplaceAllString(wide, `""`))) > codeWidth:
		return "code"
	}
	return ""
}

func TestTooWide(t *testing.T) {
	t.Parallel()
	for line, want := range map[string]string{
		"// " + strings.Repeat("a ", 39):                                 "comment",
		"// " + strings.Repeat("a ", 38):                                 "",
		"//go:embed " + strings.Repeat("a ", 50):                         "",
		"// https://" + strings.Repeat("a", 90):                          "",
		"\tx := " + strings.Repeat("f(", 48):                             "code",
		"\tx := " + strings.Repeat("f(", 45):                             "",
		"\tx := " + `"` + strings.Repeat("long text ", 12) + `"`:         "",
		"\tx := f(" + `"` + strings.Repeat("long text ", 12) + `", "a")`: "",
	} {
		if got := tooWide(line); got != want {
			t.Errorf("%q: got %q, want %q", line, got, want)
		}
	}
}

// goFiles calls read with each Go file that people write: with those of tests,
// or with all others.
func goFiles(t *testing.T, tests bool, read func(path string) error) {
	t.Helper()
	for _, folder := range []string{"shared", "infra", "docs"} {
		err := filepath.WalkDir(filepath.Join(root, folder), func(path string, d fs.DirEntry, err error) error {
			switch {
			case err != nil:
				return err
			case d.IsDir() && d.Name() == "node_modules":
				return filepath.SkipDir
			case !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") != tests:
				return nil
			}
			return read(path)
		})
		if err != nil {
			t.Fatal(err)
		}
	}
}

// wideLines are the lines of a file that are too wide, each with "comment" or
// "code". Texts over several lines may be as wide as they are.
func wideLines(source string) map[int]string {
	wide := map[int]string{}
	raw := false
	for i, line := range strings.Split(source, "\n") {
		inside := raw
		if !commentLine.MatchString(line) && strings.Count(line, "`")%2 == 1 {
			raw = !raw
		}
		if what := tooWide(line); what != "" && !inside && !raw {
			wide[i+1] = what
		}
	}
	return wide
}

// Files without tests keep to the width of code and comments, and to the length
// of a file.
func TestLinesAreNoWiderThanPeopleRead(t *testing.T) {
	t.Parallel()
	goFiles(t, false, func(path string) error {
		source, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		if n := strings.Count(string(source), "\n"); n > mostLines {
			t.Errorf("%s has %d lines: split it, %d is the most", path, n, mostLines)
		}
		for line, what := range wideLines(string(source)) {
			t.Errorf("%s:%d: %s of more than %d columns (comments) or %d (code, aside from its texts)",
				path, line, what, commentWidth, codeWidth)
		}
		return nil
	})
}

// tableRow is a case of a table on one line, which may be as wide as it is: a
// reader compares the cases one below the other.
var tableRow = regexp.MustCompile("^(\\{.*\\},?|(\"|`|[\\w.]+\\s*:\\s).*,)$")

// Tests keep to the width of comments and, aside from the cases of a table, to
// the width of code.
func TestLinesOfTestsAreNoWiderThanPeopleRead(t *testing.T) {
	t.Parallel()
	goFiles(t, true, func(path string) error {
		source, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		lines := strings.Split(string(source), "\n")
		for line, what := range wideLines(string(source)) {
			if what == "code" && tableRow.MatchString(strings.TrimSpace(lines[line-1])) {
				continue
			}
			t.Errorf("%s:%d: %s of more than %d columns (comments) or %d (code, aside from its texts)",
				path, line, what, commentWidth, codeWidth)
		}
		return nil
	})
}

// Files of tests keep to their length, and so do the functions in them.
func TestTestsAreNoLongerThanPeopleRead(t *testing.T) {
	t.Parallel()
	files := 0
	goFiles(t, true, func(path string) error {
		files++
		set := token.NewFileSet()
		file, err := parser.ParseFile(set, path, nil, parser.SkipObjectResolution)
		if err != nil {
			return err
		}
		line := func(p token.Pos) int { return set.Position(p).Line }
		if n := line(file.FileEnd); n > mostTestLines {
			t.Errorf("%s has %d lines: split it by subject, %d is the most", path, n, mostTestLines)
		}
		for _, declared := range file.Decls {
			f, ok := declared.(*ast.FuncDecl)
			if !ok {
				continue
			}
			if n := line(f.End()) - line(f.Pos()) + 1; n > mostTestFunction {
				t.Errorf("%s: %s has %d lines: cut it into steps or a table, %d is the most", path, f.Name.Name, n, mostTestFunction)
			}
		}
		return nil
	})
	if files < 100 {
		t.Errorf("only %d files of tests were found", files)
	}
}
