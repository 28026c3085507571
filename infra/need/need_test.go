// Package need_test compares the check of the requirements of a machine with
// the requirements that the programs state.
package need_test

import (
	"encoding/json"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"profiles/infra/program"
)

// machine is a PATH with programs that only print their versions. A program
// with an empty version does not exist.
func machine(t *testing.T, goes, node, java string) string {
	t.Helper()
	dir := t.TempDir()
	for _, tool := range []string{"sh", "awk", "dirname", "uname", "make", "env", "cat"} {
		real, err := exec.LookPath(tool)
		if err != nil {
			t.Fatal(err)
		}
		if err := os.Symlink(real, filepath.Join(dir, tool)); err != nil {
			t.Fatal(err)
		}
	}
	// Another process writes the files. If this one had a file open for writing
	// while a parallel test starts a child, it could not be run yet.
	write := func(name, text string) {
		install := exec.Command("install", "-m", "700", "/dev/stdin", filepath.Join(dir, name))
		install.Stdin = strings.NewReader("#!/bin/sh\n" + text + "\n")
		if out, err := install.CombinedOutput(); err != nil {
			t.Fatalf("%v: %s", err, out)
		}
	}
	if goes != "" {
		write("go", `case "$1" in version) echo "go version go`+goes+` linux/amd64";; env) echo "${GOTOOLCHAIN:-auto}";; *) echo built "$@"; exit 9;; esac`)
	}
	if node != "" {
		write("node", "echo v"+node)
		write("npm", "echo npm")
	}
	if java != "" {
		write("java", `echo 'openjdk version "`+java+`" 2025-04-15' >&2`)
	}
	return dir
}

func check(t *testing.T, path string, env []string, what ...string) (said string, ok bool) {
	t.Helper()
	cmd := exec.Command("sh", append([]string{"need.sh"}, what...)...)
	cmd.Env = append([]string{"PATH=" + path}, env...)
	out, err := cmd.CombinedOutput()
	if exit := (*exec.ExitError)(nil); err != nil && !errors.As(err, &exit) {
		t.Fatal(err)
	}
	return string(out), err == nil
}

func TestVersions(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		what, goes, node, java string
		env                    []string
		want                   string // the output; empty when nothing is missing
	}{
		{what: "go", goes: "1.26"},
		{what: "go", goes: "1.26.8"},
		{what: "go", goes: "1.27rc1"},
		{what: "go", goes: "2.0"},
		{what: "go", goes: "1.22.3"}, // fetches the one it needs
		{what: "go", goes: "1.22.3", env: []string{"GOTOOLCHAIN=local"}, want: "this is Go 1.22.3"},
		{what: "go", goes: "1.19", want: "or later is needed, and this is Go 1.19"},
		{what: "go", want: "go is not in the PATH"},
		{what: "node", node: "18.20.4", want: "this is Node.js 18.20.4"},
		{what: "node", node: "20.18.3", want: "this is Node.js 20.18.3"},
		{what: "node", node: "20.19.0"},
		{what: "node", node: "20.20.2"},
		{what: "node", node: "21.7.3", want: "this is Node.js 21.7.3"},
		{what: "node", node: "22.11.0", want: "22.12 or a later 22, or 24 and later, with npm, is needed, and this is Node.js 22.11.0"},
		{what: "node", node: "22.12.0"},
		{what: "node", node: "24.0.0"},
		{what: "node", node: "24.1.0"},
		{what: "node", want: "node is not in the PATH"},
		{what: "java", java: "1.8.0_292", want: "Java 17 or later is needed for Amazon DynamoDB Local, and this is Java 1.8.0_292"},
		{what: "java", java: "11.0.2", want: "this is Java 11.0.2"},
		{what: "java", java: "17"},
		{what: "java", java: "21.0.1"},
		{what: "java", want: "java is not in the PATH"},
		{what: "stack", node: "20.20.2", java: "11.0.2", env: []string{"ENGINE=dynamodb-local"}, want: "this is Java 11.0.2"},
		{what: "stack", node: "20.20.2", env: []string{"ENGINE=dynoxide"}},
		{what: "stack", node: "20.20.2", env: []string{"ENGINE=dynamodb-local", "AWS_ENDPOINT_URL_DYNAMODB=http://127.0.0.1:1"}},
		{what: "stack", node: "20.18.3", env: []string{"ENGINE=dynoxide"}, want: "this is Node.js 20.18.3"},
		{what: "nonsense", want: "usage:"},
	} {
		said, ok := check(t, machine(t, test.goes, test.node, test.java), test.env, test.what)
		if ok != (test.want == "") || !strings.Contains(said, test.want) || ok && said != "" {
			t.Errorf("%+v: ok is %v, said %q", test, ok, said)
		}
	}
}

// The admitted versions of Node.js are those that every program from npm
// supports, and those that errors and README.md name.
func TestNodeIsWhatTheProgramsNeed(t *testing.T) {
	t.Parallel()
	programs := map[string]string{} // by file and name: the versions that each runs on
	for _, file := range []string{
		filepath.Join("..", "npm", program.SES, "package-lock.json"),
		filepath.Join("..", "..", "shared", "console", "package-lock.json"),
	} {
		raw, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		var lock struct {
			Packages map[string]struct {
				Engines  struct{ Node string }
				Optional bool
			}
		}
		if err := json.Unmarshal(raw, &lock); err != nil {
			t.Fatal(err)
		}
		for name, p := range lock.Packages {
			if p.Optional {
				continue // it is for some machines, and can be left out on any
			}
			programs[file+": "+name] = p.Engines.Node
		}
	}
	for _, version := range []string{"18.20.0", "20.18.9", "20.19.0", "20.99.0", "21.9.0", "22.11.9", "22.12.0", "22.99.0", "23.0.0", "24.0.0", "26.1.0"} {
		want := true
		for name, runsOn := range programs {
			fits := runsOn == ""
			for alternative := range strings.SplitSeq(runsOn, "||") {
				fits = fits || inRange(t, version, strings.TrimSpace(alternative), name)
			}
			want = want && fits
		}
		if said, ok := check(t, machine(t, "", version, ""), nil, "node"); ok != want {
			t.Errorf("Node.js %s: the programs run on it: %v; the check says %q", version, want, said)
		}
	}
	script, err := os.ReadFile("need.sh")
	if err != nil {
		t.Fatal(err)
	}
	readme, err := os.ReadFile(filepath.Join("..", "..", "README.md"))
	if err != nil {
		t.Fatal(err)
	}
	for file, text := range map[string][]byte{"need.sh": script, "README.md": readme} {
		// A sentence may go on in the next line.
		if !strings.Contains(strings.Join(strings.Fields(string(text)), " "), program.Node) {
			t.Errorf("%s does not say %q", file, program.Node)
		}
	}
}

// inRange knows only the forms of npm's ranges that the lock file has.
func inRange(t *testing.T, version, within, name string) bool {
	t.Helper()
	m := regexp.MustCompile(`^(\^|>=|) ?(\d+)(?:\.(\d+|\*))?(?:\.(\d+))?$`).FindStringSubmatch(within)
	if m == nil {
		if within == "" {
			return false
		}
		t.Fatalf("%s: the range %q is not understood here", name, within)
	}
	number := func(parts []string) (n int) {
		for i := range 3 {
			n *= 1000
			if i < len(parts) {
				k, _ := strconv.Atoi(parts[i])
				n += k
			}
		}
		return n
	}
	have, least := number(strings.Split(version, ".")), number(m[2:])
	major, _ := strconv.Atoi(m[2])
	return have >= least && (m[1] == ">=" || have < (major+1)*1_000_000)
}

// A target reports a missing tool before it builds anything.
func TestMakeLooksBeforeItBuilds(t *testing.T) {
	t.Parallel()
	for target, programs := range map[string][3]string{
		"run":          {"1.26.8", "22.11.0", ""},
		"transfer":     {"1.26.8", "20.18.0", ""},
		"test":         {"1.19", "22.12.0", ""},
		"verify-audit": {"1.19", "22.12.0", ""},
		"build":        {"", "22.12.0", ""},
	} {
		cmd := exec.Command("make", "--no-print-directory", "-C", filepath.Join("..", ".."), target)
		cmd.Env = []string{"PATH=" + machine(t, programs[0], programs[1], programs[2]), "ENGINE=dynoxide", "GOTOOLCHAIN=local"}
		out, err := cmd.CombinedOutput()
		if err == nil || !strings.Contains(string(out), "is needed, and ") || strings.Contains(string(out), "built") {
			t.Errorf("make %s: got %v\n%s", target, err, out)
		}
	}
}
