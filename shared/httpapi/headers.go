package httpapi

import "net/http"

// nothing is the policy of answers that are no page: a browser that shows one
// all the same runs and loads nothing. default-src stands for object-src too;
// the rest has no default.
const nothing = "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"

// secure sets the headers that every answer has, whatever it says; policy is
// its content security policy.
//
// A browser that has seen one answer speaks TLS only for two years, to this
// host and those below it. Hosts beside it are not concerned, nor are those
// that share API Gateway's domain. Over plain HTTP, as on a local stack,
// browsers ignore the header.
func secure(h http.Header, policy string) {
	h.Set("Cache-Control", "no-store")
	h.Set("Content-Security-Policy", policy)
	// embedding alone: requests that a browser asks about before go on
	h.Set("Cross-Origin-Resource-Policy", "same-origin")
	h.Set("Referrer-Policy", "no-referrer")
	h.Set("Strict-Transport-Security", "max-age=63072000; includeSubDomains")
	h.Set("X-Content-Type-Options", "nosniff")
}

// PlainPage is the policy of a page that loads and runs nothing.
const PlainPage = nothing

// Page answers with a page for people. Its policy must say what it may load and
// run, and who may embed it.
func Page(html, policy string) Answer {
	a := answer(http.StatusOK, "text/html; charset=utf-8", policy, []byte(html))
	a.Header.Set("Cross-Origin-Opener-Policy", "same-origin")
	return a
}
