package httpapi

import "net/http"

// nothing is the content security policy of answers that are no page: a browser
// that shows one runs and loads nothing. default-src covers object-src too; the
// other directives have no default.
const nothing = "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"

// secure sets the headers of every answer; policy is the content security
// policy.
//
// After one answer a browser uses only TLS for two years, for this host and its
// subdomains. Other hosts, such as those that share API Gateway's domain, are
// not affected. Over plain HTTP, as on a local stack, browsers ignore the
// header.
func secure(h http.Header, policy string) {
	h.Set("Cache-Control", "no-store")
	h.Set("Content-Security-Policy", policy)
	// concerns embedding only: requests that the browser may make by CORS still
	// work
	h.Set("Cross-Origin-Resource-Policy", "same-origin")
	h.Set("Referrer-Policy", "no-referrer")
	h.Set("Strict-Transport-Security", "max-age=63072000; includeSubDomains")
	h.Set("X-Content-Type-Options", "nosniff")
}

// PlainPage is the content security policy of a page that loads and runs
// nothing.
const PlainPage = nothing

// Page returns an answer with a page for people. policy must say what it may
// load and run, and who may embed it.
func Page(html, policy string) Answer {
	a := answer(http.StatusOK, "text/html; charset=utf-8", policy, []byte(html))
	a.Header.Set("Cross-Origin-Opener-Policy", "same-origin")
	return a
}
