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
		{"GET", "/console"}, {"GET", "/console/{path+}"}, {"GET", "/account/unsubscribe/{token}"},
	},
	AnyParams: true,
	Page:      consolePage,
	Example:   "/console",
}

// consolePage serves the console that was built into this program. Without one
// it serves unbuilt.
func consolePage(r *http.Request) (httpapi.Answer, error) {
	if code := r.PathValue("token"); code != "" {
		return unsubscribePage(r, code)
	}
	path := r.PathValue("path")
	if answer, ok := console.Built().Serve(r, path); ok {
		return answer, nil
	}
	if strings.HasPrefix(path+"/", "assets/") {
		return httpapi.Answer{}, httpapi.ErrNoRoute(r)
	}
	return httpapi.Page(unbuilt, httpapi.PlainPage), nil
}

// unsubscribePage leads to the page of the console that switches mails off. It
// is at the address to which mail programs send their click, because older ones
// open it in a browser instead.
func unsubscribePage(r *http.Request, code string) (httpapi.Answer, error) {
	const letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
	if strings.Trim(code, letters) != "" {
		return httpapi.Answer{}, httpapi.ErrNoRoute(r)
	}
	const before = `<!doctype html><html lang="en"><meta charset="utf-8">` +
		`<meta name="viewport" content="width=device-width"><title>Profiles</title>` +
		`<h1>Fewer mails</h1><p><a href="/console#/account/unsubscribe/`
	return httpapi.Page(before+code+`">Open the page that switches them off</a></p></html>`,
		httpapi.PlainPage), nil
}

// unbuilt is the page that says that the console was not built.
const unbuilt = `<!doctype html><html lang="en"><meta charset="utf-8">` +
	`<title>Profiles</title><h1>The console is not built</h1>` +
	`<p>Run <code>make console</code>, and start the service again.</p></html>`
