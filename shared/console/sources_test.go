package console_test

import (
	"io/fs"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"profiles/shared/plan"
)

// sources returns the sources of the console that run in a browser, by path.
func sources(t *testing.T) map[string]string {
	t.Helper()
	all := map[string]string{}
	tree := os.DirFS("src")
	err := fs.WalkDir(tree, ".", func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || strings.Contains(path, ".test.") ||
			!strings.HasSuffix(path, ".ts") && !strings.HasSuffix(path, ".tsx") {
			return err
		}
		raw, err := fs.ReadFile(tree, path)
		all[path] = string(raw)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	if len(all) < 100 {
		t.Fatalf("got %d sources: they were not found", len(all))
	}
	return all
}

// The console writes what people wrote as text. It keeps three things in the
// browser: a theme, which profile was open last, and the ids of the last few.
func TestTheSourcesTreatTextAsText(t *testing.T) {
	t.Parallel()
	keepers := []string{"lib/theme.ts", "lib/recent.ts"}
	never := []string{
		"innerHTML", "outerHTML", "insertAdjacentHTML", "document.write", "DOMParser", "eval(",
		"new Function", "srcdoc", "sessionStorage", "indexedDB", "document.cookie", "window.open",
		"javascript:",
	}
	for path, text := range sources(t) {
		for _, word := range never {
			if strings.Contains(text, word) {
				t.Errorf("%s has %s", path, word)
			}
		}
		if strings.Contains(text, "localStorage") && !slices.Contains(keepers, path) {
			t.Errorf("%s keeps something in the browser", path)
		}
	}
}

var (
	passwordField = regexp.MustCompile(`(?s)<\w+[^<]*?type="password"[^<]*?/>`)
	managed       = regexp.MustCompile(`autoComplete="(current|new)-password"`)
)

// Fields hide passwords, and password managers may fill them.
func TestPasswordsCanBeFilledIn(t *testing.T) {
	t.Parallel()
	fields := 0
	for path, text := range sources(t) {
		found := passwordField.FindAllString(text, -1)
		if n := strings.Count(text, `type="password"`); n != len(found) {
			t.Errorf("%s has %d fields for passwords, and %d were read", path, n, len(found))
		}
		for _, field := range found {
			fields++
			if !managed.MatchString(field) {
				t.Errorf("%s: no manager can fill %s", path, field)
			}
		}
		for _, field := range managed.FindAllString(text, -1) {
			if len(found) == 0 {
				t.Errorf("%s shows what is typed into %s", path, field)
			}
		}
	}
	if fields < 6 {
		t.Errorf("got %d fields for passwords: they were not found", fields)
	}
}

var serviceTitle = regexp.MustCompile(`(?m)^  (\w+): \{ name: "([^"]+)", unit: `)

// A service has one name for people, in the console and in mails.
func TestServicesAreCalledTheSameInMails(t *testing.T) {
	t.Parallel()
	titles := map[string]string{}
	for _, found := range serviceTitle.FindAllStringSubmatch(sources(t)["messages/en/services.ts"], -1) {
		titles[found[1]] = found[2]
	}
	for _, s := range plan.Services() {
		if got, want := titles[s.String()], s.Title(); got != want || want == "" {
			t.Errorf("%s is %q in the console and %q in mails", s, got, want)
		}
	}
}
