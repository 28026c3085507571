package operation_test

import (
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"profiles/shared/httpapi"
	"profiles/shared/operation"
	"profiles/shared/problem"
	"profiles/shared/service"
)

// readDocs asks the function of the reference for a path, without the rest of
// the service.
func readDocs(method, target string) httpapi.Answer {
	r := httptest.NewRequest(method, target, nil)
	return operation.DocsPage().Serve(r, nil, service.Client{}, httpapi.Browser{})
}

// Each file of docs/reference is served under its name, and the document beside
// them. Each has its content type and a policy for the files that it may load.
func TestDocsAreServed(t *testing.T) {
	t.Parallel()
	const strict = "default-src 'none'; script-src 'self'; style-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
	const nothing = "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
	files, err := filepath.Glob(filepath.Join(root, "docs", "reference", "*"))
	if err != nil || len(files) < 15 {
		t.Fatalf("got %d files, %v", len(files), err)
	}
	for _, file := range append(files, filepath.Join(root, "docs", "openapi.json")) {
		want, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		name, kind, policy := filepath.Base(file), "text/html; charset=utf-8", strict
		target := "/docs/" + strings.TrimSuffix(name, ".html")
		switch filepath.Ext(name) {
		case ".css":
			kind, policy = "text/css; charset=utf-8", nothing
		case ".js":
			kind, policy = "text/javascript; charset=utf-8", nothing
		case ".json":
			target, kind, policy = "/openapi.json", "application/json", nothing
		}
		target = strings.TrimSuffix(target, "/index")
		for _, more := range []string{"", "/", "?x=1&x=2"} {
			got := readDocs(http.MethodGet, target+more)
			if got.Status != 200 || string(got.Body) != string(want) {
				t.Errorf("%s: got %d and %d bytes, want those of %s", target+more, got.Status, len(got.Body), name)
			}
			for header, want := range map[string]string{"Content-Type": kind, "Content-Security-Policy": policy, "X-Content-Type-Options": "nosniff", "Cache-Control": "no-store"} {
				if got := got.Header.Get(header); got != want {
					t.Errorf("%s: %s is %q, want %q", target, header, got, want)
				}
			}
		}
		got := readDocs(http.MethodHead, target)
		if got.Status != 200 || got.Header.Get("Content-Type") != kind {
			t.Errorf("HEAD %s: got %d", target, got.Status)
		}
	}
}

// No other path is served, whatever its name looks like.
func TestDocsThatThereAreNot(t *testing.T) {
	t.Parallel()
	for _, target := range []string{
		"/docs/nothing", "/docs/index", "/docs/team.html", "/docs/openapi.json", "/docs/docs.go", "/docs/security.md", "/docs/.css", "/docs/x.css", "/docs/..", "/docs/%2e%2e",
		"/docs/..%2fdocs", "/docs/..%5Cdocs", "/docs/%00", "/docs/team%00", "/docs/team/x", "/docs/reference/team", "/openapi.json/x", "/openapi.yaml", "/docs/reference.css/x", "/docs/*", "/docs/" + strings.Repeat("x", 10_000),
	} {
		got := readDocs(http.MethodGet, target)
		if got.Status != 404 || !strings.Contains(string(got.Body), `"message":"`+operation.NoRoute) ||
			!strings.Contains(string(got.Body), `"code":"not_found"`) || len(got.Body) > 900 {
			t.Errorf("%.80s: got %d %.200s", target, got.Status, got.Body)
		}
	}
	for _, method := range []string{http.MethodPost, http.MethodPut, http.MethodDelete} {
		if got := readDocs(method, "/docs"); got.Status != 404 {
			t.Errorf("%s: got %d", method, got.Status)
		}
	}
}

// The address of the documents in a refusal leads to the description of its
// code.
func TestDocsOfRefusals(t *testing.T) {
	t.Parallel()
	for _, facts := range problem.Reasons() {
		refusal := httpapi.Fail(&problem.Error{Code: facts.Class,
			Reason: facts.Reason, Message: "x"})
		_, docs, _ := strings.Cut(string(refusal.Body), `"docs":"`)
		docs, _, _ = strings.Cut(docs, `"`)
		page, place, _ := strings.Cut(docs, "#")
		got := readDocs(http.MethodGet, page)
		if got.Status != 200 || place != string(facts.Reason) ||
			!strings.Contains(string(got.Body), ` id="`+place+`"`) {
			t.Errorf("%s: %s has no place for it", facts.Reason, page)
		}
	}
}
