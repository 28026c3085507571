// Package console serves the web console as it was built: a page that is the
// same for every path, and the files that it loads.
package console

import (
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"io"
	"io/fs"
	"net/http"
	"path"
	"slices"
	"strings"

	"profiles/shared/httpapi"
)

// built is what the build of the console has written; without a build it has
// no page.
//
//go:embed all:dist/console
var built embed.FS

// Site is a console that was built: the page index.html, and assets/ with files
// that are named after their content. Beside a file may stand the same with the
// ending .br or .gz, compressed; the file itself may then be absent.
type Site struct{ Files fs.FS }

// Built is the console that this program was built with.
func Built() Site {
	files, err := fs.Sub(built, "dist/console")
	if err != nil {
		panic(err) // the folder is embedded
	}
	return Site{files}
}

// Policy of the page: it loads files of its own host, and runs its own script
// alone. Trusted types keep its script from making markup or script of texts.
const policy = "default-src 'none'; script-src 'self'; style-src 'self'; " +
	"img-src 'self' data:; font-src 'self'; connect-src 'self'; manifest-src 'self'; " +
	"base-uri 'none'; form-action 'none'; frame-ancestors 'none'; " +
	"require-trusted-types-for 'script'; trusted-types 'none'"

const (
	page   = "index.html"
	assets = "assets/"
)

// Serve answers a request for a path of the console, without what all of them
// begin with: an asset, another file that the build has, and the page for every
// other path, so that the page decides itself what it shows there. It returns
// false for an asset that there is not, and where there is no page.
func (s Site) Serve(r *http.Request, name string) (httpapi.Answer, bool) {
	name = strings.TrimPrefix(path.Clean("/"+name), "/")
	asset := strings.HasPrefix(name+"/", assets)
	content, encoding, ok := s.open(name, r.Header.Get("Accept-Encoding"))
	if !ok && asset {
		return httpapi.Answer{}, false
	}
	if !ok {
		name = page
		content, encoding, ok = s.open(name, r.Header.Get("Accept-Encoding"))
	}
	if !ok {
		return httpapi.Answer{}, false
	}
	f := httpapi.Static{Type: typeOf(name), Encoding: encoding, Content: content}
	switch {
	case asset:
		f.Keep = httpapi.Forever
	default:
		sum := sha256.Sum256(content)
		f.Tag = `W/"` + hex.EncodeToString(sum[:12]) + `"`
	}
	if name == page {
		f.Policy = policy
	}
	return httpapi.ServeStatic(r, f), true
}

// forms are those in which a file may stand in the build, the best first.
var forms = []struct{ coding, ending string }{{"br", ".br"}, {"gzip", ".gz"}, {"", ""}}

// open reads a file in the best form that a client accepts. A client that
// accepts no compressed form gets the file itself, decompressed where it has
// to be.
func (s Site) open(name, accept string) (content []byte, encoding string, ok bool) {
	if hidden(name) {
		return nil, "", false
	}
	for _, form := range forms {
		if form.coding != "" && !accepts(accept, form.coding) {
			continue
		}
		if content, err := fs.ReadFile(s.Files, name+form.ending); err == nil {
			return content, form.coding, true
		}
	}
	packed, err := fs.ReadFile(s.Files, name+".gz")
	if err != nil {
		return nil, "", false
	}
	reader, err := gzip.NewReader(bytes.NewReader(packed))
	if err != nil {
		return nil, "", false
	}
	content, err = io.ReadAll(reader)
	return content, "", err == nil
}

// hidden reports whether a name is that of no file, or of one that is served
// under another name or not at all.
func hidden(name string) bool {
	ending := path.Ext(name)
	return name == "" || !fs.ValidPath(name) || strings.HasPrefix(path.Base(name), ".") ||
		ending == ".br" || ending == ".gz"
}

// accepts reports whether a header Accept-Encoding admits a coding.
func accepts(header, coding string) bool {
	any := false
	for part := range strings.SplitSeq(header, ",") {
		name, parameter, _ := strings.Cut(part, ";")
		name = strings.ToLower(strings.TrimSpace(name))
		weight := strings.ReplaceAll(strings.ToLower(parameter), " ", "")
		admits := !slices.Contains([]string{"q=0", "q=0.", "q=0.0", "q=0.00", "q=0.000"}, weight)
		switch name {
		case coding:
			return admits
		case "*":
			any = admits
		}
	}
	return any
}

// types are the media types of files by the ends of their names. The tables of
// the machine would differ from one to another.
var types = map[string]string{
	".css":         "text/css; charset=utf-8",
	".html":        "text/html; charset=utf-8",
	".ico":         "image/vnd.microsoft.icon",
	".js":          "text/javascript; charset=utf-8",
	".json":        "application/json",
	".png":         "image/png",
	".svg":         "image/svg+xml",
	".txt":         "text/plain; charset=utf-8",
	".webmanifest": "application/manifest+json",
	".woff2":       "font/woff2",
}

func typeOf(name string) string {
	if kind, ok := types[path.Ext(name)]; ok {
		return kind
	}
	return "application/octet-stream"
}
