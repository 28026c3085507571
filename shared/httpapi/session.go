package httpapi

import (
	"net/http"
	"net/url"
	"strings"
)

// sessionCookie is the cookie of a session. Because of its prefix, browsers
// accept it only over TLS, and send it only to this host.
const sessionCookie = "__Host-session"

// Browser is what a request says of its browser.
type Browser struct {
	// Own says that the request is from a page of this service. A browser
	// guarantees this, so pages of others cannot claim it; programs can.
	Own bool
	// Session is the session in the browser's cookie. It is empty if there is
	// none, more than one, or also a token.
	Session string
}

// BrowserOf reads what a request and its cookies say of its browser. A session
// is the credential of a request only if all of this holds:
//
//  1. no header has a token;
//  2. Sec-Fetch-Site is same-origin, which no page can write;
//  3. the header console is 1, which makes a browser ask before it sends a
//     request to another origin, and that answer does not allow it;
//  4. Origin has the host of the request, where it can change something.
//
// Session has the first, and Own the rest.
func BrowserOf(r *http.Request, cookies []string) Browser {
	b := Browser{
		Own: r.Header.Get("Sec-Fetch-Site") == "same-origin" && r.Header.Get("Console") == "1" &&
			(reads(r.Method) || ownOrigin(r)),
	}
	if Token(r.Header) != "" {
		return b
	}
	found := 0
	for _, cookie := range cookies {
		name, text, _ := strings.Cut(strings.TrimSpace(cookie), "=")
		if name == sessionCookie {
			b.Session = text
			found++
		}
	}
	if found > 1 {
		b.Session = ""
	}
	return b
}

func reads(method string) bool { return method == http.MethodGet || method == http.MethodHead }

// ownOrigin reports whether the Origin of a request has the host that the
// request is for.
func ownOrigin(r *http.Request) bool {
	host := r.Header.Get("Host")
	origin, err := url.Parse(r.Header.Get("Origin"))
	return err == nil && host != "" && strings.EqualFold(origin.Host, host) &&
		(origin.Scheme == "https" || origin.Scheme == "http")
}

// SetSession sets the cookie of a session, which the browser keeps until it is
// closed.
func (a Answer) SetSession(text string) {
	a.Header.Set("Set-Cookie", cookieOf(text))
}

// ClearSession removes the cookie of the session, and all other data of this
// service in the browser. Clear-Site-Data does not name cookies, because that
// would also remove the cookies of other hosts of the registrable domain.
func (a Answer) ClearSession() {
	a.Header.Set("Set-Cookie", cookieOf("")+"; Max-Age=0")
	a.Header.Set("Clear-Site-Data", `"cache", "storage"`)
}

func cookieOf(text string) string {
	return sessionCookie + "=" + text + "; Path=/; Secure; HttpOnly; SameSite=Strict"
}
