package docs_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"profiles/shared/testkit"
)

// change is a diff of a document: lines that are added beside others, or a new
// file.
type change struct {
	file   string
	before string // the lines of context; "" for a file that is made
	after  string // those, with the added ones
	added  int    // lines
}

// readChange reads a diff. It begins with "+++ FILE"; a line of context begins
// with a space or is empty, an added one with a plus sign.
func readChange(text string) (c change, err error) {
	for i, line := range strings.Split(text, "\n") {
		file, named := strings.CutPrefix(line, "+++ ")
		added, adds := strings.CutPrefix(line, "+")
		context, beside := strings.CutPrefix(line, " ")
		switch {
		case (i == 0) != named:
			return c, errors.New("a diff begins with no line +++ FILE, or has another one")
		case named:
			c.file = file
		case adds:
			c.after += added + "\n"
			c.added++
		case beside || line == "":
			c.before += context + "\n"
			c.after += context + "\n"
		default:
			return c, fmt.Errorf("a diff has the line %q", line)
		}
	}
	return c, nil
}

// apply is the file with the change. The lines are inserted at the only place
// where the context stands without them.
func (c change) apply(tree fs.FS) (string, error) {
	text, err := fs.ReadFile(tree, c.file)
	switch {
	case c.before == "" && errors.Is(err, fs.ErrNotExist):
		return c.after, nil
	case c.before == "":
		return "", fmt.Errorf("%s exists, and the diff says nothing of where in it", c.file)
	}
	if n := strings.Count("\n"+string(text), "\n"+c.before); n != 1 {
		return "", fmt.Errorf("%s has the context %d times: %q", c.file, n, c.before)
	}
	return strings.TrimPrefix(strings.Replace("\n"+string(text), "\n"+c.before, "\n"+c.after, 1), "\n"), nil
}

// command is a command of a document, and a text that must be in its output. A
// command without a text must succeed, and any other one must fail.
type command struct {
	line string
	says []string
}

// step is a change or a command.
type step struct {
	change  *change
	command *command
}

// steps are the diffs of a section and the commands in its blocks of code that
// begin with "$ ".
func steps(section string) (out []step, err error) {
	parts := strings.Split("\n"+section, "\n```")
	for i := 1; i < len(parts); i += 2 {
		kind, text, _ := strings.Cut(parts[i], "\n")
		if kind == "diff" {
			c, err := readChange(text)
			if err != nil {
				return nil, err
			}
			out = append(out, step{change: &c})
			continue
		}
		var last *command
		for line := range strings.SplitSeq(text, "\n") {
			if call, ok := strings.CutPrefix(line, "$ "); ok {
				last = &command{line: call}
				out = append(out, step{command: last})
			} else if last != nil && line != "" {
				last.says = append(last.says, line)
			}
		}
	}
	return out, nil
}

func TestStepsAreRead(t *testing.T) {
	t.Parallel()
	got, err := steps(
		"Words.\n\n```diff\n+++ a/b.go\n one\n+two\n```\n\n```\n$ make x\nfirst\nsecond\n\n$ make y\n```\n\n```\nno command\n```\n",
	)
	if err != nil || len(got) != 3 || got[0].change == nil || got[1].command == nil ||
		got[2].command == nil {
		t.Fatalf("got %+v, %v", got, err)
	}
	if c := *got[0].change; c != (change{"a/b.go", "one\n", "one\ntwo\n", 1}) {
		t.Errorf("got %+v", c)
	}
	if c := got[1].command; c.line != "make x" ||
		!slices.Equal(c.says, []string{"first", "second"}) ||
		len(got[2].command.says) != 0 {
		t.Errorf("got %+v and %+v", c, got[2].command)
	}
	tree := fstest.MapFS{"a/b.go": {Data: []byte("zero\none\nthree\n")}}
	if text, err := got[0].change.apply(tree); err != nil || text != "zero\none\ntwo\nthree\n" {
		t.Errorf("got %q, %v", text, err)
	}
}

// most are the limits for the steps of an operation.
const (
	mostFiles = 5
	mostLines = 60
)

// An operation is added as docs/contributing.md says. A check names each
// missing part, and after all steps none is missing. The copy is in dist,
// always at the same place, so that Go's cache has the packages that were built
// there before.
func TestAnOperationIsAddedAsTheDocumentSays(t *testing.T) {
	testkit.NeedsEngine(t) // the tests of the copy do
	t.Parallel()
	text, err := os.ReadFile("../../docs/contributing.md")
	if err != nil {
		t.Fatal(err)
	}
	_, section, _ := strings.Cut(string(text), "\n## Add an operation\n")
	section, _, _ = strings.Cut(section, "\n## ")
	all, err := steps(section)
	if err != nil {
		t.Fatal(err)
	}
	root, err := filepath.Abs("../../dist/operation-added")
	if err != nil {
		t.Fatal(err)
	}
	copyTree(t, "../..", root)
	files, lines, leads := map[string]bool{}, 0, 0
	for _, s := range all {
		if s.change != nil {
			files[s.change.file] = true
			lines += s.change.added
			changed, err := s.change.apply(os.DirFS(root))
			if err == nil {
				err = os.WriteFile(filepath.Join(root, s.change.file), []byte(changed), 0o644)
			}
			if err != nil {
				t.Fatal(err)
			}
			continue
		}
		leads += len(s.command.says)
		s.command.run(t, root)
	}
	if len(files) == 0 || len(files) > mostFiles || lines > mostLines || leads < 4 {
		t.Errorf("%d lines in %d files, and %d lines of what checks say", lines, len(files), leads)
	}
	t.Logf("%d lines in %d files", lines, len(files))
}

// run runs the command in a copy of the tree, and fails the test unless the
// answer is the one in the document.
func (c command) run(t *testing.T, root string) {
	t.Helper()
	line := c.line
	if line == "make generate" {
		line = "go generate ./infra/generate" // the rest makes the client's types, with packages of npm
	}
	began := time.Now()
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Minute)
	defer cancel()
	call := exec.CommandContext(ctx, "sh", "-c", line)
	call.Dir = root
	// The tree itself is vetted elsewhere.
	call.Env = append(os.Environ(), "GOFLAGS=-vet=off")
	call.WaitDelay = time.Minute
	out, err := call.CombinedOutput()
	t.Logf("%s: %.1f s", c.line, time.Since(began).Seconds())
	if (err != nil) != (len(c.says) > 0) {
		t.Fatalf("%s: %v, want it to say %q\n%s", c.line, err, c.says, out)
	}
	for _, want := range c.says {
		if !bytes.Contains(out, []byte(want)) {
			t.Errorf("%s does not say %q but\n%s", c.line, want, out)
		}
	}
	if len(c.says) == 0 && bytes.Contains(out, []byte("no tests to run")) {
		t.Errorf("%s runs no test:\n%s", c.line, out)
	}
}

// copyTree copies the files of the repository to a new folder, with their times
// and modes, and without built files. The engines that npm has installed are
// copied too.
func copyTree(t *testing.T, from, to string) {
	t.Helper()
	if err := os.RemoveAll(to); err != nil {
		t.Fatal(err)
	}
	err := filepath.WalkDir(from, func(name string, d fs.DirEntry, err error) error {
		if errors.Is(err, fs.ErrNotExist) {
			return nil // another test has removed what it had left there
		}
		if err != nil {
			return err
		}
		below, err := filepath.Rel(from, name)
		if err != nil {
			return err
		}
		target := filepath.Join(to, below)
		switch {
		case left(below):
			if d.IsDir() {
				return fs.SkipDir
			}
			return nil
		case d.IsDir():
			return os.MkdirAll(target, 0o755)
		case !d.Type().IsRegular():
			return nil // links of npm, which no program here follows
		}
		if err := copyFile(name, target); !errors.Is(err, fs.ErrNotExist) {
			return err
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

func copyFile(from, to string) error {
	info, err := os.Stat(from)
	if err != nil {
		return err
	}
	text, err := os.ReadFile(from)
	if err != nil {
		return err
	}
	if err := os.WriteFile(to, text, info.Mode().Perm()); err != nil {
		return err
	}
	return os.Chtimes(to, info.ModTime(), info.ModTime())
}

// left reports whether a file or a folder of the repository is not copied.
func left(name string) bool {
	built, isBuilt := strings.CutPrefix(filepath.ToSlash(name), "shared/console/dist/console/")
	switch {
	case isBuilt:
		return built != ".keep"
	case path.Base(filepath.ToSlash(name)) == "node_modules":
		return !slices.Contains([]string{"infra/npm/dynoxide", "infra/npm/dynamodb-local"}, path.Dir(filepath.ToSlash(name)))
	}
	return slices.Contains([]string{".git", ".data", ".tools", ".aws-sam", "dist", "shared/console/build"}, filepath.ToSlash(name))
}
