package operation

import (
	"crypto/sha256"
	_ "embed"
	"encoding/base64"
	"net/http"
	"strings"

	"profiles/shared/console"
	"profiles/shared/httpapi"
)

var ConsolePage = Operation{
	Name:    "console-page",
	Tag:     "Service",
	Summary: "Serves the web console, which links in mails open too.",
	Routes: []Route{
		{"GET", "/console"}, {"GET", "/console/{path+}"},
	},
	Access:    Anonymous,
	Static:    true,
	AnyParams: true,
	page:      consolePage,
	Example:   Example{Path: "/console"},
}

//go:embed console/index.html
var consoleHTML string

// consolePage serves the console that was built with this program, and before
// one was built the page that links in mails need.
func consolePage(w http.ResponseWriter, r *http.Request) error {
	built := console.Built()
	switch path := r.PathValue("path"); {
	case built.Serve(w, r, path):
		return nil
	case strings.HasPrefix(path+"/", "assets/"):
		return noRoute(r)
	case path != "":
		httpapi.Page(w, unbuilt, httpapi.PlainPage)
		return nil
	}
	httpapi.Page(
		w,
		consoleHTML,
		"default-src 'none'; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; "+
			"script-src "+hashOf(
			"script",
		)+"; style-src "+hashOf(
			"style",
		),
	)
	return nil
}

// unbuilt is the page in place of a console that was not built.
const unbuilt = `<!doctype html><html lang="en"><meta charset="utf-8"><title>Profiles</title>` +
	`<h1>The console is not built</h1><p>Run <code>make console</code>, and start the service again. ` +
	`<a href="/console">Links of mails</a> work without it.</p></html>`

// hashOf is how the page's policy names its one script, or its one style:
// nothing else on it may run.
func hashOf(element string) string {
	_, rest, _ := strings.Cut(consoleHTML, "<"+element+">")
	content, _, _ := strings.Cut(rest, "</"+element+">")
	sum := sha256.Sum256([]byte(content))
	return "'sha256-" + base64.StdEncoding.EncodeToString(sum[:]) + "'"
}
