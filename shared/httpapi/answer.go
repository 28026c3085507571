package httpapi

import (
	"net/http"
	"strconv"
	"time"
)

// Answer is the answer to a request. It is complete before any of it is sent,
// so that a failure cannot leave half an answer.
type Answer struct {
	Status int
	Header http.Header
	Body   []byte
	Err    error // the error of a refusal, for the log; nil: success
}

// answer returns an answer with a content type and a content security policy.
func answer(status int, kind, policy string, body []byte) Answer {
	h := http.Header{}
	h.Set("Content-Type", kind)
	secure(h, policy)
	return Answer{Status: status, Header: h, Body: body}
}

// Encoded returns an answer with a body that is encoded already.
func Encoded(status int, contentType string, body []byte) Answer {
	return answer(status, contentType, nothing, body)
}

// RateLimit sets the headers about the rate limit: the requests in a window,
// how many are left, and the seconds until the window ends. Their names are
// those of the IETF's draft.
func (a Answer) RateLimit(limit, remaining int, reset time.Duration) {
	a.Header.Set("RateLimit-Limit", strconv.Itoa(limit))
	a.Header.Set("RateLimit-Remaining", strconv.Itoa(remaining))
	a.Header.Set("RateLimit-Reset", strconv.Itoa(int((reset+time.Second-1)/time.Second)))
}

// Send writes an answer, without its body for a HEAD request.
func (a Answer) Send(w http.ResponseWriter, r *http.Request) {
	for name, values := range a.Header {
		w.Header()[name] = values
	}
	w.WriteHeader(a.Status)
	if r.Method != http.MethodHead {
		_, _ = w.Write(a.Body) // fails only if the client has gone
	}
}
