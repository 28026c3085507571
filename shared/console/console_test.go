package console_test

import (
	"bytes"
	"compress/gzip"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"testing"
	"testing/fstest"

	"profiles/shared/console"
	"profiles/shared/httpapi"
)

func packed(t *testing.T, text string) *fstest.MapFile {
	t.Helper()
	var b bytes.Buffer
	w := gzip.NewWriter(&b)
	_, _ = w.Write([]byte(text))
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return &fstest.MapFile{Data: b.Bytes()}
}

func site(t *testing.T) console.Site {
	file := func(text string) *fstest.MapFile { return &fstest.MapFile{Data: []byte(text)} }
	return console.Site{Files: fstest.MapFS{
		".keep": file(""), "index.html.br": file("brotli page"), "index.html.gz": packed(t, "the page"),
		"assets/main-1a2b3c4d.js": file("script"), "assets/main-1a2b3c4d.js.br": file("brotli script"), "assets/main-1a2b3c4d.js.gz": packed(t, "script"),
		"assets/logo-1a2b3c4d.png": file("png"), "icon.svg": file("<svg/>"), "assets/.hidden": file("x"),
	}}
}

func get(s console.Site, path, accept string, headers ...string) (httpapi.Answer, bool) {
	r := httptest.NewRequest(http.MethodGet, "/console", nil)
	r.Header.Set("Accept-Encoding", accept)
	for i := 0; i < len(headers); i += 2 {
		r.Header.Set(headers[i], headers[i+1])
	}
	return s.Serve(r, path)
}

// Every path of the console returns the page, except for the files that it
// loads. The client gets the best form that it accepts.
func TestWhatIsServed(t *testing.T) {
	t.Parallel()
	const forever, ask = "public, max-age=31536000, immutable", "no-cache"
	for name, c := range map[string]struct {
		path, accept                 string
		body, encoding, kind, caches string
	}{
		"the page":                      {"", "gzip, deflate, br, zstd", "brotli page", "br", "text/html; charset=utf-8", ask},
		"a link into the page":          {"p/0123456789abcdef01234567/team", "br", "brotli page", "br", "text/html; charset=utf-8", ask},
		"the page by its name":          {"index.html", "br", "brotli page", "br", "text/html; charset=utf-8", ask},
		"the page for a program":        {"", "", "the page", "", "text/html; charset=utf-8", ask},
		"the page without brotli":       {"", "gzip;q=1.0, br;q=0, *;q=0.5", "gz", "gzip", "text/html; charset=utf-8", ask},
		"a script":                      {"assets/main-1a2b3c4d.js", "br", "brotli script", "br", "text/javascript; charset=utf-8", forever},
		"a script for a program":        {"assets/main-1a2b3c4d.js", "identity", "script", "", "text/javascript; charset=utf-8", forever},
		"a script, whatever is best":    {"assets/main-1a2b3c4d.js", "*", "brotli script", "br", "text/javascript; charset=utf-8", forever},
		"a picture":                     {"assets/logo-1a2b3c4d.png", "br", "png", "", "image/png", forever},
		"a file beside the page":        {"icon.svg", "br", "<svg/>", "", "image/svg+xml", ask},
		"a file that is not to be seen": {".keep", "br", "brotli page", "br", "text/html; charset=utf-8", ask},
		"a way out":                     {"../../../etc/passwd", "br", "brotli page", "br", "text/html; charset=utf-8", ask},
		"a way out through the assets":  {"assets/../../x", "br", "brotli page", "br", "text/html; charset=utf-8", ask},
		"a compressed file by its name": {"index.html.br", "br", "brotli page", "br", "text/html; charset=utf-8", ask},
	} {
		got, ok := get(site(t), c.path, c.accept)
		body := string(got.Body)
		if c.encoding == "gzip" && strings.HasPrefix(body, "\x1f\x8b") {
			body = "gz"
		}
		h := got.Header
		if !ok || body != c.body || h.Get("Content-Encoding") != c.encoding ||
			h.Get("Content-Type") != c.kind ||
			h.Get("Cache-Control") != c.caches ||
			h.Get("Vary") != "Accept-Encoding" {
			t.Errorf("%s: got %v %q %v", name, ok, body, h)
		}
		page := c.kind == "text/html; charset=utf-8"
		if got := h.Get("Content-Security-Policy"); strings.Contains(got, "require-trusted-types-for 'script'; trusted-types 'none'") != page || strings.Contains(got, "unsafe") ||
			!strings.Contains(got, "frame-ancestors 'none'") {
			t.Errorf("%s has the policy %q", name, got)
		}
		if (h.Get("Cross-Origin-Opener-Policy") == "same-origin") != page {
			t.Errorf("%s: got %v", name, h)
		}
	}
}

// A file of an earlier build is missing, and the page does not take its place.
// A script that is HTML would hide the cause.
func TestWhatIsMissing(t *testing.T) {
	t.Parallel()
	for _, path := range []string{"assets/main-00000000.js", "assets/", "assets/.hidden", "assets/main-1a2b3c4d.js.map", "assets/x/y"} {
		if got, ok := get(site(t), path, "br"); ok || len(got.Body) > 0 {
			t.Errorf("%s: got %q", path, got.Body)
		}
	}
	empty := console.Site{Files: fstest.MapFS{".keep": {}}}
	if got, ok := get(empty, "", "br"); ok || len(got.Body) > 0 {
		t.Errorf("without a build: got %q", got.Body)
	}
}

// A browser that has the page already gets no copy of it, and gets the next one
// when it has changed.
func TestThePageIsAskedFor(t *testing.T) {
	t.Parallel()
	first, _ := get(site(t), "", "br")
	tag := first.Header.Get("Etag")
	again, ok := get(site(t), "x", "br", "If-None-Match", tag)
	if tag == "" || !ok || again.Status != http.StatusNotModified || len(again.Body) > 0 ||
		again.Header.Get("Cache-Control") != "no-cache" {
		t.Errorf("got %d %q %v for %s", again.Status, again.Body, again.Header, tag)
	}
	changed := site(t)
	changed.Files.(fstest.MapFS)["index.html.br"] = &fstest.MapFile{Data: []byte("another page")}
	got, _ := get(changed, "", "br", "If-None-Match", tag)
	if got.Status != http.StatusOK || string(got.Body) != "another page" {
		t.Errorf("changed: got %d %q", got.Status, got.Body)
	}
}

// A program serves the console that stood in its folder when it was built, and
// nothing where there was none.
func TestTheBuiltConsole(t *testing.T) {
	t.Parallel()
	there, err := filepath.Glob("dist/console/index.html*")
	if err != nil {
		t.Fatal(err)
	}
	got, ok := get(console.Built(), "", "br")
	if want := len(there) > 0; ok != want || want && len(got.Body) == 0 {
		t.Errorf("built are %v; it serves a page: %v, of %d bytes", there, ok, len(got.Body))
	}
}
