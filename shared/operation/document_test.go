package operation_test

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"profiles/shared/httpapi"
	"profiles/shared/problem"
)

// document is docs/security.md, read as the test below reads it.
type document struct {
	requirements map[string]int // requirements of the ASVS, and how many rows name each
	tests        []string       // as package.Test
	unproven     []string       // rows of the tables of measures that name no test
}

var (
	inTests = regexp.MustCompile("`([a-z]+)\\.((?:Test|Fuzz)[A-Za-z0-9]+)`")
	asvs    = regexp.MustCompile(`^(\d+)\.(\d+)\.(\d+)$`)
	span    = regexp.MustCompile(`^(\d+\.\d+)\.(\d+) to (\d+\.\d+)\.(\d+)$`)
)

// read splits a document into its parts. The requirements of a row stand at its
// beginning, such as "1.1.2, 1.2.1 words" or "3.3.1 to 3.3.4".
func read(text string) (d document) {
	d.requirements = map[string]int{}
	proven, nist := false, false
	for _, line := range strings.Split(text, "\n") {
		for _, m := range inTests.FindAllStringSubmatch(line, -1) {
			d.tests = append(d.tests, m[1]+"."+m[2])
		}
		if strings.HasPrefix(line, "## ") {
			nist = strings.Contains(line, "NIST")
		}
		if !strings.HasPrefix(line, "| ") {
			proven = false
			continue
		}
		cells := strings.Split(strings.Trim(line, "| "), " | ")
		if len(cells) == 3 && cells[2] == "shown by" {
			proven = true
			continue
		}
		if proven && !strings.HasPrefix(line, "| ---") &&
			(len(cells) != 3 || !inTests.MatchString(cells[2])) {
			d.unproven = append(d.unproven, line)
		}
		if nist {
			continue
		}
		for _, part := range strings.Split(cells[0], ", ") {
			words := strings.Fields(part)
			switch {
			case len(words) > 2 && span.MatchString(strings.Join(words[:3], " ")):
				m := span.FindStringSubmatch(strings.Join(words[:3], " "))
				from, _ := strconv.Atoi(m[2])
				to, _ := strconv.Atoi(m[4])
				for n := from; n <= to && m[1] == m[3]; n++ {
					d.requirements[fmt.Sprintf("%s.%d", m[1], n)]++
				}
			case len(words) > 0 && asvs.MatchString(words[0]):
				d.requirements[words[0]]++
			}
		}
	}
	return d
}

// level2 are the requirements of the standard, from testdata.
func level2(t *testing.T) (all []string) {
	t.Helper()
	raw, err := os.ReadFile("testdata/asvs-5.0-level-2.txt")
	if err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(string(raw)) {
		section, numbers, ok := strings.Cut(line, ":")
		for _, n := range strings.Fields(numbers) {
			if ok && !strings.HasPrefix(line, "#") {
				all = append(all, section+"."+n)
			}
		}
	}
	return all
}

// lacks says what is wrong with a document: requirements that it does not name
// exactly once, tests that do not exist, rows without a test.
func (d document) lacks(standard []string, exists func(pkg, test string) bool) (wrong []string) {
	known := map[string]bool{}
	for _, r := range standard {
		known[r] = true
		if n := d.requirements[r]; n != 1 {
			wrong = append(wrong, fmt.Sprintf("%s is in %d places", r, n))
		}
	}
	for r := range d.requirements {
		if !known[r] {
			wrong = append(wrong, r+" is no requirement of level 1 or 2")
		}
	}
	for _, name := range d.tests {
		if pkg, test, _ := strings.Cut(name, "."); !exists(pkg, test) {
			wrong = append(wrong, name+" does not exist")
		}
	}
	for _, row := range d.unproven {
		wrong = append(wrong, "no test in "+row)
	}
	return wrong
}

// declared reports whether a package of shared/ or infra/ has a test.
func declared(pkg, test string) bool {
	for _, folder := range []string{"shared", "infra"} {
		files, _ := filepath.Glob(filepath.Join(root, folder, pkg, "*_test.go"))
		for _, file := range files {
			text, err := os.ReadFile(file)
			if err == nil && strings.Contains(string(text), "\nfunc "+test+"(") {
				return true
			}
		}
	}
	return false
}

// The table of measures is complete, and each of its tests exists.
func TestTheSecurityDocumentIsTrue(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile(filepath.Join(root, "docs", "security.md"))
	if err != nil {
		t.Fatal(err)
	}
	d, standard := read(string(text)), level2(t)
	if len(standard) != 253 || len(d.tests) < 150 {
		t.Fatalf("got %d requirements and %d tests: they were not read", len(standard), len(d.tests))
	}
	for _, what := range d.lacks(standard, declared) {
		t.Error(what)
	}
}

// The check finds each kind of defect of a document.
func TestTheCheckOfTheSecurityDocumentFails(t *testing.T) {
	t.Parallel()
	standard := []string{"1.1.1", "1.1.2", "1.1.3"}
	const head = "| requirement | what is done | shown by |\n| --- | --- | --- |\n"
	for name, c := range map[string]struct {
		text  string
		wrong int
	}{
		"whole":                   {head + "| 1.1.1, 1.1.2 words | x | `operation.TestBudgets` |\n\n| 1.1.3 | no |\n", 0},
		"a span":                  {head + "| 1.1.1 to 1.1.3 words | x | `operation.TestBudgets` |\n", 0},
		"one is missing":          {head + "| 1.1.1, 1.1.2 words | x | `operation.TestBudgets` |\n", 1},
		"one is twice":            {head + "| 1.1.1 to 1.1.3 | x | `operation.TestBudgets` |\n\n| 1.1.3 | no |\n", 1},
		"one is none":             {head + "| 1.1.1 to 1.1.3, 1.1.4 | x | `operation.TestBudgets` |\n", 1},
		"a row without a test":    {head + "| 1.1.1 to 1.1.3 | x | nothing |\n", 1},
		"a test that is gone":     {head + "| 1.1.1 to 1.1.3 | x | `operation.TestNothingOfTheKind` |\n", 1},
		"a test in another one":   {head + "| 1.1.1 to 1.1.3 | x | `store.TestBudgets` |\n", 1},
		"half the name of a test": {head + "| 1.1.1 to 1.1.3 | x | `operation.TestBudget` |\n", 1},
	} {
		if got := read(c.text).lacks(standard, declared); len(got) != c.wrong {
			t.Errorf("%s: got %q, want %d", name, got, c.wrong)
		}
	}
}

// reasonsPage is the page of the guide that has the table of the codes of
// refusals.
const reasonsPage = root + "/docs/guide/requests.md"

// The reasons in the guide are the reasons in the code.
func TestReasonsAreDocumented(t *testing.T) {
	t.Parallel()
	var rows strings.Builder
	for _, r := range problem.Reasons() {
		fmt.Fprintf(&rows, "| `%s` | %d | %s |\n", r.Reason, httpapi.Fail(&problem.Error{Code: r.Class}).Status, r.Help)
	}
	text, err := os.ReadFile(reasonsPage)
	if err != nil {
		t.Fatal(err)
	}
	const head = "\n| code | status | meaning |\n| --- | --- | --- |\n"
	before, rest, ok := strings.Cut(string(text), head)
	table, after, ends := strings.Cut(rest, "\n\n")
	if !ok || !ends {
		t.Fatalf("docs/guide/requests.md has no table of the codes of refusals")
	}
	if *update {
		table = strings.TrimSuffix(rows.String(), "\n")
		if err := os.WriteFile(reasonsPage, []byte(before+head+table+"\n\n"+after), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	if table+"\n" != rows.String() {
		t.Error("the codes of refusals in docs/guide/requests.md are not those that there are; run go test ./shared/operation -run Documented -update")
	}
}
