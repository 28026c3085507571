package operation_test

import (
	"os"
	"regexp"
	"strings"
	"testing"
)

// The page writes what people wrote as text, keeps nothing in the browser, and hides passwords while managers may fill them.
func TestThePageTreatsTextAsText(t *testing.T) {
	t.Parallel()
	raw, err := os.ReadFile("console/index.html")
	if err != nil {
		t.Fatal(err)
	}
	page := string(raw)
	for _, word := range []string{
		"innerHTML", "outerHTML", "insertAdjacentHTML", "document.write", "DOMParser", "eval(", "new Function", "setTimeout(\"", "javascript:", "srcdoc",
		"localStorage", "sessionStorage", "indexedDB", "document.cookie", "postMessage", "onpaste", "window.open", "<script src", "<link ", "http://",
	} {
		if strings.Contains(page, word) {
			t.Errorf("the page has %s", word)
		}
	}
	if strings.Count(page, "<script") != 1 || strings.Count(page, "<style") != 1 || regexp.MustCompile(`\son[a-z]+="`).MatchString(page) {
		t.Error("the page has more than the one script and style that its policy names")
	}
	fields := 0
	for _, field := range regexp.MustCompile(`input\("[^"]*", \{[^}]*\}`).FindAllString(page, -1) {
		if !regexp.MustCompile(`(?i)password|the same again`).MatchString(field) {
			continue
		}
		fields++
		if !strings.Contains(field, `type: "password"`) || !regexp.MustCompile(`autocomplete: "(current|new)-password"`).MatchString(field) {
			t.Errorf("a password is asked for by %s", field)
		}
	}
	if fields < 3 {
		t.Errorf("got %d fields for passwords: they were not found", fields)
	}
}
