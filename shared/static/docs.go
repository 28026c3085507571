package static

import (
	"net/http"
	"path"

	"profiles/docs"
	"profiles/shared/httpapi"
)

var DocsPage = Operation{
	Name:      "docs-page",
	Tag:       "Service",
	Summary:   "Serves the reference of the API, and its OpenAPI document.",
	Routes:    []Route{{"GET", "/docs"}, {"GET", "/docs/{page}"}, {"GET", "/openapi.json"}},
	AnyParams: true,
	Page:      docsPage,
	Example:   "/docs",
}

// referencePolicy is the content security policy of the pages. It allows only
// their own style sheet and their own script.
const referencePolicy = "default-src 'none'; script-src 'self'; style-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"

// referenceTypes are the content types of the files that pages load, by suffix.
var referenceTypes = map[string]string{
	".css": "text/css; charset=utf-8",
	".js":  "text/javascript; charset=utf-8",
}

func docsPage(r *http.Request) (httpapi.Answer, error) {
	page := r.PathValue("page")
	if page == "" && path.Base(r.URL.Path) == "openapi.json" {
		document, err := docs.Files.ReadFile("openapi.json")
		return httpapi.Encoded(http.StatusOK, "application/json", document), err
	}
	if kind := referenceTypes[path.Ext(page)]; kind != "" {
		file, err := docs.Files.ReadFile("reference/" + page)
		if err != nil {
			return httpapi.Answer{}, httpapi.ErrNoRoute(r)
		}
		return httpapi.Encoded(http.StatusOK, kind, file), nil
	}
	switch page {
	case "":
		page = "index"
	case "index":
		return httpapi.Answer{}, httpapi.ErrNoRoute(r) // it has one address
	}
	html, err := docs.Files.ReadFile("reference/" + page + ".html")
	if err != nil {
		return httpapi.Answer{}, httpapi.ErrNoRoute(r)
	}
	return httpapi.Page(string(html), referencePolicy), nil
}
