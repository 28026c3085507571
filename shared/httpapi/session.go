package httpapi

import (
	"net/http"
	"net/url"
	"strings"
)

// sessionCookie carries a session. By its prefix a browser takes it over TLS
// alone, for this host alone, and gives it to no other.
const sessionCookie = "__Host-session"

// Browser is what a request says of the browser that sent it.
type Browser struct {
	// Own says that a page of this service has sent the request, by the word of
	// a browser. Programs can claim it; pages of others cannot.
	Own bool
	// Session is the session that the browser keeps, empty when it counts for
	// nothing: there is none or more than one, or a token is there too.
	Session string
}

// BrowserOf reads what a request, with the cookies that came with it, says of
// its browser. A session is the credential of a request only if all of this
// holds:
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

// ownOrigin reports whether the page that sent a request came from the host
// that the request is for.
func ownOrigin(r *http.Request) bool {
	host := r.Header.Get("Host")
	origin, err := url.Parse(r.Header.Get("Origin"))
	return err == nil && host != "" && strings.EqualFold(origin.Host, host) &&
		(origin.Scheme == "https" || origin.Scheme == "http")
}

// SetSession has the browser keep a session, until it is closed.
func (a Answer) SetSession(text string) {
	a.Header.Set("Set-Cookie", cookieOf(text))
}

// ClearSession has the browser forget its session, and whatever else it keeps
// of this service. Clear-Site-Data does not name cookies: that would take those
// of all hosts of the registrable domain, which other services have set.
func (a Answer) ClearSession() {
	a.Header.Set("Set-Cookie", cookieOf("")+"; Max-Age=0")
	a.Header.Set("Clear-Site-Data", `"cache", "storage"`)
}

func cookieOf(text string) string {
	return sessionCookie + "=" + text + "; Path=/; Secure; HttpOnly; SameSite=Strict"
}
