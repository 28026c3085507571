// Package docs_test checks the documents of the project against the tree that
// they describe: their links, the commands and the files that they name, and
// their form.
package docs_test

import (
	"fmt"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"testing/fstest"
	"unicode"
	"unicode/utf8"
)

const (
	readmeSize = 8 << 10 // bytes
	lineWidth  = 80      // columns of prose
)

// page is a document, split into its parts.
type page struct {
	name    string
	size    int
	code    []string        // lines of code blocks
	diffs   []string        // code blocks that are diffs
	spans   []string        // texts in backquotes
	links   []string        // targets, as they are written
	wide    []string        // lines of prose that are too wide
	anchors map[string]bool // of headings
	open    bool            // the last code block has no end
}

var (
	codeSpan = regexp.MustCompile("`[^`]+`")
	link     = regexp.MustCompile(`\[[^\]]*\]\(([^)\s]*)\)`)
	// word is a piece of text in which a line cannot be broken.
	word   = regexp.MustCompile("(?:`[^`]*`|\\[[^\\]]*\\]\\([^)]*\\)|\\S)+")
	bullet = regexp.MustCompile(`^\s*(?:[-*]|\d+\.)\s+`)
	// makeCall is a call of make with a target, in a span or a code block.
	makeCall = regexp.MustCompile(`(?:^|\s)make ([a-z][a-z-]*)`)
	target   = regexp.MustCompile(`(?m)^([a-z][a-z-]*):`)
	// filePath is a text in backquotes that names a file of the repository, if
	// it begins with a name at the root or ends in one of these.
	filePath = regexp.MustCompile(`^[A-Za-z0-9._*-]+(?:/[A-Za-z0-9._*-]+)*/?$`)
	fileEnd  = regexp.MustCompile(`/.*\.(?:go|md|json|ya?ml|ts|mjs|py|sh|txt|html)$`)
	// placeholder is a part of a path that stands for others.
	placeholder = regexp.MustCompile(`(?:^|/)[A-Z]{2,}(?:/|\.|$)`)
)

// parse reads the Markdown of a document.
func parse(name, text string) page {
	p := page{name: name, size: len(text), anchors: map[string]bool{}}
	var block []string
	fence := ""
	for _, line := range strings.Split(text, "\n") {
		trimmed := strings.TrimSpace(line)
		switch {
		case fence == "" && strings.HasPrefix(trimmed, "```"):
			fence, block = trimmed, nil
		case fence != "" && trimmed == "```":
			p.code = append(p.code, block...)
			if fence == "```diff" {
				p.diffs = append(p.diffs, strings.Join(block, "\n"))
			}
			fence = ""
		case fence != "":
			block = append(block, line)
		default:
			p.line(line, trimmed)
		}
	}
	p.open = fence != ""
	return p
}

// line reads a line outside of code blocks.
func (p *page) line(line, trimmed string) {
	for _, span := range codeSpan.FindAllString(line, -1) {
		p.spans = append(p.spans, strings.Trim(span, "`"))
	}
	for _, m := range link.FindAllStringSubmatch(codeSpan.ReplaceAllString(line, ""), -1) {
		p.links = append(p.links, m[1])
	}
	if title := strings.TrimLeft(trimmed, "#"); title != trimmed && strings.HasPrefix(title, " ") {
		p.anchor(strings.TrimSpace(title))
	}
	words := word.FindAllString(line[len(bullet.FindString(line)):], -1)
	if utf8.RuneCountInString(line) > lineWidth && !strings.HasPrefix(trimmed, "|") &&
		len(words) > 1 {
		p.wide = append(p.wide, trimmed)
	}
}

// anchor adds the anchor that GitHub gives a heading.
func (p *page) anchor(title string) {
	title = link.ReplaceAllStringFunc(
		title,
		func(s string) string { return s[1:strings.Index(s, "]")] },
	)
	slug := strings.Map(func(r rune) rune {
		switch {
		case r == ' ':
			return '-'
		case r == '-', r == '_', unicode.IsLetter(r), unicode.IsDigit(r):
			return unicode.ToLower(r)
		}
		return -1
	}, title)
	unique := slug
	for n := 1; p.anchors[unique]; n++ {
		unique = fmt.Sprintf("%s-%d", slug, n)
	}
	p.anchors[unique] = true
}

// skipped are folders that hold no documents of this project.
var skipped = []string{".git", ".tools", ".data", "build", "dist", "node_modules", "testdata"}

// pages are all documents of a tree, by their paths.
func pages(tree fs.FS) (map[string]page, error) {
	found := map[string]page{}
	err := fs.WalkDir(tree, ".", func(name string, d fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case d.IsDir() && slices.Contains(skipped, d.Name()):
			return fs.SkipDir
		case d.IsDir() || path.Ext(name) != ".md":
			return nil
		}
		text, err := fs.ReadFile(tree, name)
		found[name] = parse(name, string(text))
		return err
	})
	return found, err
}

// problems says what is wrong with the documents of a tree. The error is that
// of reading it.
func problems(tree fs.FS) ([]string, error) {
	all, err := pages(tree)
	if err != nil {
		return nil, err
	}
	makefile, err := fs.ReadFile(tree, "Makefile")
	if err != nil {
		return nil, err
	}
	targets := map[string]bool{}
	for _, m := range target.FindAllStringSubmatch(string(makefile), -1) {
		targets[m[1]] = true
	}
	var wrong []string
	for _, p := range all {
		wrong = append(wrong, p.form()...)
		wrong = append(wrong, p.leads(tree, all)...)
		wrong = append(wrong, p.calls(targets)...)
		wrong = append(wrong, p.names(tree)...)
		wrong = append(wrong, p.quotes(tree)...)
	}
	reached := map[string]bool{}
	reach(all, "README.md", reached)
	for name := range all {
		if strings.HasPrefix(name, "docs/") && !reached[name] {
			wrong = append(wrong, name+": no link leads here from README.md")
		}
	}
	slices.Sort(wrong)
	return wrong, nil
}

// form says what is wrong with the size of a document, its blocks and lines.
func (p page) form() (wrong []string) {
	if p.name == "README.md" && p.size > readmeSize {
		wrong = append(wrong, fmt.Sprintf("README.md: %d bytes are more than %d", p.size, readmeSize))
	}
	if p.open {
		wrong = append(wrong, p.name+": a code block has no end")
	}
	for _, line := range p.wide {
		wrong = append(wrong, fmt.Sprintf("%s: over %d columns: %s", p.name, lineWidth, line))
	}
	return wrong
}

// resolve is the file and the anchor of a link. ok is false for a link out of
// the repository.
func (p page) resolve(link string) (file, anchor string, ok bool) {
	if strings.Contains(link, "://") || strings.HasPrefix(link, "mailto:") {
		return "", "", false
	}
	file, anchor, _ = strings.Cut(link, "#")
	if file == "" {
		return p.name, anchor, true
	}
	return path.Join(path.Dir(p.name), file), anchor, true
}

// leads says which links of a document lead nowhere.
func (p page) leads(tree fs.FS, all map[string]page) (wrong []string) {
	for _, l := range p.links {
		file, anchor, ok := p.resolve(l)
		if !ok {
			continue
		}
		if _, err := fs.Stat(tree, file); err != nil {
			wrong = append(wrong, fmt.Sprintf("%s: the link %s leads nowhere", p.name, l))
		} else if anchor != "" && !all[file].anchors[anchor] && !hasID(tree, file, anchor) {
			wrong = append(wrong, fmt.Sprintf("%s: the link %s names no heading", p.name, l))
		}
	}
	return wrong
}

// hasID reports whether a page in HTML has an element with an id.
func hasID(tree fs.FS, file, id string) bool {
	text, err := fs.ReadFile(tree, file)
	return err == nil && path.Ext(file) == ".html" && strings.Contains(string(text), fmt.Sprintf("id=%q", id))
}

// reach marks a document, and all that its links lead to.
func reach(all map[string]page, name string, reached map[string]bool) {
	p, ok := all[name]
	if !ok || reached[name] {
		return
	}
	reached[name] = true
	for _, l := range p.links {
		if file, _, ok := p.resolve(l); ok {
			reach(all, file, reached)
		}
	}
}

// calls says which targets of make a document names that do not exist.
func (p page) calls(targets map[string]bool) (wrong []string) {
	for _, text := range append(slices.Clone(p.spans), p.code...) {
		for _, m := range makeCall.FindAllStringSubmatch(text, -1) {
			if !targets[m[1]] {
				wrong = append(wrong, fmt.Sprintf("%s: there is no target make %s", p.name, m[1]))
			}
		}
	}
	return wrong
}

// names says which files a document names that do not exist.
func (p page) names(tree fs.FS) (wrong []string) {
	for _, span := range p.spans {
		first, _, _ := strings.Cut(span, "/")
		_, err := fs.Stat(tree, first)
		if !filePath.MatchString(span) || placeholder.MatchString(span) ||
			err != nil && !fileEnd.MatchString(span) {
			continue
		}
		if found, err := fs.Glob(tree, strings.TrimSuffix(span, "/")); err != nil ||
			len(found) == 0 {
			wrong = append(wrong, fmt.Sprintf("%s: there is no %s", p.name, span))
		}
	}
	return wrong
}

// quotes says which diffs of a document do not fit the file that they name.
func (p page) quotes(tree fs.FS) (wrong []string) {
	for _, text := range p.diffs {
		c, err := readChange(text)
		if err == nil {
			_, err = c.apply(tree)
		}
		if err != nil {
			wrong = append(wrong, fmt.Sprintf("%s: %v", p.name, err))
		}
	}
	return wrong
}

func TestDocuments(t *testing.T) {
	t.Parallel()
	tree := os.DirFS("../..")
	all, err := pages(tree)
	if err != nil {
		t.Fatal(err)
	}
	if len(all) < 15 || len(all["README.md"].links) < 15 || len(all["docs/operate.md"].anchors) < 10 {
		t.Fatalf("got %d documents, %d links of README.md: they were not read", len(all), len(all["README.md"].links))
	}
	wrong, err := problems(tree)
	if err != nil {
		t.Fatal(err)
	}
	for _, problem := range wrong {
		t.Error(problem)
	}
}

// The way of a request through the files is short enough to be followed, and
// the diagram names the files of its table.
func TestARequestIsFollowedInAtMostTwelveFiles(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile("../../docs/architecture.md")
	if err != nil {
		t.Fatal(err)
	}
	_, section, _ := strings.Cut(string(text), "## A request, step by step\n")
	section, _, _ = strings.Cut(section, "\n## ")
	_, diagram, drawn := strings.Cut(section, "```mermaid\n")
	diagram, table, _ := strings.Cut(diagram, "```\n")
	files := regexp.MustCompile("(?m)^\\| `(shared/[a-z_/]+\\.go)` \\|").FindAllStringSubmatch(table, -1)
	if !drawn || len(files) < 8 || len(files) > 12 {
		t.Fatalf("a diagram: %v; %d files, want 8 to 12", drawn, len(files))
	}
	for _, file := range files {
		if !strings.Contains(diagram, ": "+path.Base(file[1])) {
			t.Errorf("the diagram does not name %s", file[1])
		}
	}
}

// Each check fails for a document that is wrong, and for no other.
func TestTheChecksFail(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("word ", 17)
	for name, c := range map[string]struct {
		readme, page string // README.md, and docs/page.md, to which it links
		want         string // of the only problem; empty for none
	}{
		"nothing wrong":                {"", "# Page\n", ""},
		"README.md is full":            {strings.Repeat("word\n", readmeSize/5-6), "", ""},
		"README.md is too long":        {strings.Repeat("word\n", readmeSize/5+1), "", "README.md: 8"},
		"another one may be long":      {"", strings.Repeat("word\n", readmeSize), ""},
		"a link":                       {"", "[x](../shared/app/http.go) [y](../shared)", ""},
		"a link out":                   {"", "[x](https://example.com/nothing.md#x)", ""},
		"a link to nothing":            {"", "[x](gone.md)", "docs/page.md: the link gone.md leads nowhere"},
		"a link from the wrong folder": {"", "[x](docs/page.md)", "leads nowhere"},
		"a link in code":               {"", "`[x](gone.md)`\n```\n[x](gone.md)\n```\n", ""},
		"an anchor":                    {"", "# A `b-c`: D, e!\n[x](#a-b-c-d-e)", ""},
		"the second of two anchors":    {"", "# A\n# A\n[x](#a) [x](#a-1)", ""},
		"an anchor elsewhere":          {"# Top\n", "[x](../README.md#top)", ""},
		"an id of a page in HTML":      {"", "[x](page.html#a)", ""},
		"an id that no page has":       {"", "[x](page.html#b)", "docs/page.md: the link page.html#b names no heading"},
		"an anchor that is none":       {"", "# A\n[x](#b)", "docs/page.md: the link #b names no heading"},
		"an anchor that is elsewhere":  {"# Top\n", "[x](#top)", "names no heading"},
		"a heading in code":            {"", "```\n# A\n```\n[x](#a)", "names no heading"},
		"a block without an end":       {"", "```\nx\n", "docs/page.md: a code block has no end"},
		"a target":                     {"", "`make run`\n```\n$ make run PORT=1\n```\n", ""},
		"no target":                    {"", "they make nonsense of it", ""},
		"a target that is gone":        {"", "`make gone`", "docs/page.md: there is no target make gone"},
		"a target that is gone, code":  {"", "```\nmake gone\n```\n", "there is no target make gone"},
		"a file":                       {"", "`shared/app/http.go` `shared/` `shared/*/http.go` `Makefile`", ""},
		"no file":                      {"", "`/shared/gone.go` `nothing/x` `functions/NAME/main.go` `a b/c.go`", ""},
		"a file that is gone":          {"", "`shared/app/gone.go`", "docs/page.md: there is no shared/app/gone.go"},
		"a folder that is gone":        {"", "`shared/gone`", "there is no shared/gone"},
		"a pattern of nothing":         {"", "`shared/*/gone.go`", "there is no shared/*/gone.go"},
		"a file below no folder":       {"", "`gone/app/http.go`", "there is no gone/app/http.go"},
		"80 columns":                   {"", long[:80], ""},
		"a wide line":                  {"", long[:84], "docs/page.md: over 80 columns"},
		"a wide item":                  {"", "- " + long[:82], "over 80 columns"},
		"80 columns of two bytes":      {"", strings.Repeat("é ", 40), ""},
		"a wide line of a table":       {"", "| " + long + "|", ""},
		"a wide line of code":          {"", "```\n" + long + "\n```\n", ""},
		"one long link":                {"", "- [x](https://example.com/" + strings.Repeat("x", 90) + ")", ""},
		"one long span":                {"", "`" + long + "`", ""},
		"a diff":                       {"", "```diff\n+++ shared/app/http.go\n package app\n+\n```\n", ""},
		"a diff that makes a file":     {"", "```diff\n+++ shared/app/new.go\n+package app\n```\n", ""},
		"a diff of other text":         {"", "```diff\n+++ shared/app/http.go\n package apps\n```\n", "docs/page.md: shared/app/http.go has the context 0 times"},
		"a diff of nothing":            {"", "```diff\n+++ shared/app/gone.go\n package app\n```\n", "docs/page.md: shared/app/gone.go has the context 0 times"},
		"a diff of no file":            {"", "```diff\n package app\n```\n", "docs/page.md: a diff begins with no line +++ FILE"},
		"a diff that removes":          {"", "```diff\n+++ shared/app/http.go\n-package app\n```\n", "docs/page.md: a diff has the line \"-package app\""},
	} {
		tree := fstest.MapFS{
			"Makefile":           {Data: []byte("run: build\n")},
			"README.md":          {Data: []byte("[page](docs/page.md)\n" + c.readme)},
			"docs/page.md":       {Data: []byte(c.page)},
			"docs/page.html":     {Data: []byte(`<h2 id="a">A</h2>`)},
			"shared/app/http.go": {Data: []byte("package app\n")},
		}
		got, err := problems(tree)
		if err != nil {
			t.Fatal(err)
		}
		if c.want == "" && len(got) != 0 ||
			c.want != "" && (len(got) != 1 || !strings.Contains(got[0], c.want)) {
			t.Errorf("%s: got %q, want %q", name, got, c.want)
		}
	}
}

// A document must be linked from README.md, directly or through another one.
// Two documents that only link to each other count as lost.
func TestALostDocumentIsFound(t *testing.T) {
	t.Parallel()
	tree := fstest.MapFS{
		"Makefile":      {Data: []byte("run:\n")},
		"README.md":     {Data: []byte("[a](docs/a.md)\n")},
		"docs/a.md":     {Data: []byte("[b](sub/b.md#b)\n")},
		"docs/sub/b.md": {Data: []byte("# B\n")},
		"docs/c.md":     {Data: []byte("[d](d.md)\n")},
		"docs/d.md":     {Data: []byte("[c](c.md)\n")},
	}
	got, err := problems(tree)
	if err != nil {
		t.Fatal(err)
	}
	want := []string{"docs/c.md: no link leads here from README.md", "docs/d.md: no link leads here from README.md"}
	if !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
}

var (
	// smokeGroup is the place where a check of smoke names its group, and
	// firstCheck a row of the list of checks on the first deployment.
	smokeGroup = regexp.MustCompile(`check\(\s*"(\w+)"`)
	firstCheck = regexp.MustCompile("(?m)^\\|[^|]+\\| `make (smoke|doctor)` \\| (`.+`) \\|$")
)

// Each fact that only AWS can show has a check that exists, and all checks of
// smoke are in the list.
func TestTheFirstDeploymentIsChecked(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile("../../docs/operate.md")
	if err != nil {
		t.Fatal(err)
	}
	_, section, _ := strings.Cut(string(text), "## Checked on first deployment\n")
	section, _, _ = strings.Cut(section, "\n## ")
	sources := map[string]string{
		"smoke":  read(t, "../smoke/*.mjs"),
		"doctor": read(t, "../deploy/[a-z]*.go"),
	}
	named := map[string]bool{}
	rows := firstCheck.FindAllStringSubmatch(section, -1)
	if len(rows) < 10 {
		t.Fatalf("got %d rows, want 10 or more", len(rows))
	}
	for _, row := range rows {
		for _, name := range codeSpan.FindAllString(row[2], -1) {
			name = strings.Trim(name, "`")
			named[name] = true
			quoted := regexp.MustCompile(`"` + strings.Replace(name, " of Alarms", " of ", 1) + `"`)
			if !quoted.MatchString(sources[row[1]]) {
				t.Errorf("make %s checks no %s", row[1], name)
			}
		}
	}
	for _, m := range smokeGroup.FindAllStringSubmatch(sources["smoke"], -1) {
		if m[1] != "account" && m[1] != "smoke" && !named[m[1]] {
			t.Errorf("docs/operate.md does not say what the checks %s of smoke show", m[1])
		}
	}
}

// read is the text of the files that a pattern names.
func read(t *testing.T, pattern string) string {
	t.Helper()
	files, err := filepath.Glob(pattern)
	if err != nil || len(files) == 0 {
		t.Fatalf("%s: %d files, %v", pattern, len(files), err)
	}
	var all strings.Builder
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		all.Write(text)
	}
	return all.String()
}
