package static

import (
	"net/http"
	"strings"

	"profiles/shared/console"
	"profiles/shared/httpapi"
)

var ConsolePage = Operation{
	Name:    "console-page",
	Tag:     "Service",
	Summary: "Serves the web console, which links in mails also open.",
	Routes: []Route{
		{"GET", "/console"}, {"GET", "/console/{path+}"},
	},
	AnyParams: true,
	Page:      consolePage,
	Example:   "/console",
}

// consolePage serves the console that was built into this program. Without one
// it serves unbuilt.
func consolePage(r *http.Request) (httpapi.Answer, error) {
	path := r.PathValue("path")
	if answer, ok := console.Built().Serve(r, path); ok {
		return answer, nil
	}
	if strings.HasPrefix(path+"/", "assets/") {
		return httpapi.Answer{}, httpapi.ErrNoRoute(r)
	}
	return httpapi.Page(unbuilt, httpapi.PlainPage), nil
}

// unbuilt is the page that says that the console was not built.
const unbuilt = `<!doctype html><html lang="en"><meta charset="utf-8">` +
	`<title>Profiles</title><h1>The console is not built</h1>` +
	`<p>Run <code>make console</code>, and start the service again.</p></html>`
