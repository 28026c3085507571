package httpapi

import (
	"net/http"
	"strconv"
	"time"
)

// Answer is what a request is answered with. Nothing of it is on its way before
// all of it is there, so that a failure half-way leaves no half of a success.
type Answer struct {
	Status int
	Header http.Header
	Body   []byte
	Err    error // what it refuses, for the log; nil for a success
}

// answer is one whose content has a type, and a policy as a page has one.
func answer(status int, kind, policy string, body []byte) Answer {
	h := http.Header{}
	h.Set("Content-Type", kind)
	secure(h, policy)
	return Answer{Status: status, Header: h, Body: body}
}

// Encoded is an answer that was encoded before.
func Encoded(status int, contentType string, body []byte) Answer {
	return answer(status, contentType, nothing, body)
}

// RateLimit tells a client what is left of its limit: the requests it may make
// in the window, how many are left, and the seconds until the window ends. The
// names are those of the IETF's draft.
func (a Answer) RateLimit(limit, remaining int, reset time.Duration) {
	a.Header.Set("RateLimit-Limit", strconv.Itoa(limit))
	a.Header.Set("RateLimit-Remaining", strconv.Itoa(remaining))
	a.Header.Set("RateLimit-Reset", strconv.Itoa(int((reset+time.Second-1)/time.Second)))
}

// Send writes an answer; its body only if the request wants one.
func (a Answer) Send(w http.ResponseWriter, r *http.Request) {
	for name, values := range a.Header {
		w.Header()[name] = values
	}
	w.WriteHeader(a.Status)
	if r.Method != http.MethodHead {
		_, _ = w.Write(a.Body) // a client that has gone is nobody's error
	}
}
