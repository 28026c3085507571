package operation

import (
	"crypto/sha256"
	_ "embed"
	"encoding/base64"
	"net/http"
	"strings"

	"profiles/shared/httpapi"
)

var ConsolePage = Operation{
	Name:    "console-page",
	Tag:     "Service",
	Summary: "Serves the page that links in mails open.",
	Routes: []Route{
		{"GET", "/console"},
	},
	Access:    Anonymous,
	Static:    true,
	AnyParams: true,
	page:      consolePage,
	Example:   Example{Path: "/console"},
}

//go:embed console/index.html
var consoleHTML string

func consolePage(w http.ResponseWriter, _ *http.Request) error {
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

// hashOf is how the page's policy names its one script, or its one style:
// nothing else on it may run.
func hashOf(element string) string {
	_, rest, _ := strings.Cut(consoleHTML, "<"+element+">")
	content, _, _ := strings.Cut(rest, "</"+element+">")
	sum := sha256.Sum256([]byte(content))
	return "'sha256-" + base64.StdEncoding.EncodeToString(sum[:]) + "'"
}
