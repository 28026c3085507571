package operation

import (
	"bytes"
	"io"
	"net/http"
	"slices"

	"profiles/shared/httpapi"
	"profiles/shared/idempotency"
	"profiles/shared/problem"
	"profiles/shared/service"
)

const (
	// idempotencyHeader is the name that a client gives a request, to send it
	// again without doing it twice.
	idempotencyHeader = "Idempotency-Key"
	// replayHeader says that an answer is the first one, given again.
	replayHeader = "Idempotency-Replayed"
)

// asksOnce reports whether a request asks to be done once. A GET changes
// nothing that needs it; the few that do are links of mails, whose codes work
// once.
func (o Operation) asksOnce(r *http.Request) bool {
	return o.Idempotent() && len(r.Header.Values(idempotencyHeader)) > 0 &&
		slices.Contains([]string{http.MethodPost, http.MethodPut, http.MethodDelete}, r.Method)
}

// once answers a request with an Idempotency-Key: with the first answer, when
// it came before.
func (o Operation) once(w http.ResponseWriter, s *service.Services, r *request) Result {
	body, err := httpapi.Body(r.Request)
	if err != nil {
		return fail(w, err)
	}
	keys := r.Header.Values(idempotencyHeader)
	if len(keys) > 1 {
		return fail(w, problem.Invalid("a request must have one Idempotency-Key"))
	}
	asked, first, err := s.Idempotency.Begin(
		r.Context(),
		r.client,
		keys[0],
		r.Method,
		r.URL.Path,
		r.URL.RawQuery,
		string(body),
	)
	if err != nil {
		return fail(w, err)
	}
	if first != nil {
		return replay(w, *first)
	}

	r.Request = r.WithContext(s.Idempotency.Context(r.Context(), asked))
	r.Body = io.NopCloser(bytes.NewReader(body))
	kept := &recorder{header: http.Header{}}
	result := o.run(kept, s, r)
	own := idempotency.Answer{
		Status:  kept.status,
		Type:    kept.header.Get("Content-Type"),
		Session: r.session,
		Body:    kept.body.Bytes(),
	}
	first, err = s.Idempotency.End(r.Context(), asked, own)
	switch {
	case err != nil:
		return fail(w, err)
	case first != nil:
		return replay(w, *first)
	}
	kept.send(w)
	return result
}

func replay(w http.ResponseWriter, a idempotency.Answer) Result {
	w.Header().Set(replayHeader, "true")
	if a.Session != "" {
		httpapi.SetSession(w, a.Session)
	}
	httpapi.Write(w, a.Status, a.Type, a.Body)
	return Result{Status: a.Status}
}

// recorder holds an answer until it is known whether it is the one to give.
type recorder struct {
	header http.Header
	status int
	body   bytes.Buffer
}

func (r *recorder) Header() http.Header         { return r.header }
func (r *recorder) WriteHeader(status int)      { r.status = status }
func (r *recorder) Write(b []byte) (int, error) { return r.body.Write(b) }

func (r *recorder) send(w http.ResponseWriter) {
	for name, values := range r.header {
		w.Header()[name] = values
	}
	w.WriteHeader(r.status)
	_, _ = w.Write(r.body.Bytes())
}
