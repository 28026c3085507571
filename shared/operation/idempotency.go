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
	// idempotencyHeader has the key that a client chooses for a request, so
	// that the request has one effect even if it is sent again.
	idempotencyHeader = "Idempotency-Key"
	// replayHeader marks an answer as a replay.
	replayHeader = "Idempotency-Replayed"
)

// asksOnce reports whether a request has an Idempotency-Key that counts. The
// key of a GET does not: the few that change something are links of mails,
// whose codes work once anyway.
func (o Operation) asksOnce(r *http.Request) bool {
	return o.Idempotent() && len(r.Header.Values(idempotencyHeader)) > 0 &&
		slices.Contains([]string{http.MethodPost, http.MethodPut, http.MethodDelete}, r.Method)
}

// once answers a request with an Idempotency-Key. If the request came before,
// once sends the first answer again.
func (o Operation) once(s *service.Services, r *request) httpapi.Answer {
	body, err := httpapi.Body(r.Request)
	if err != nil {
		return httpapi.Fail(err)
	}
	keys := r.Header.Values(idempotencyHeader)
	if len(keys) > 1 {
		return httpapi.Fail(problem.Invalid("a request must have one Idempotency-Key"))
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
		return httpapi.Fail(err)
	}
	if first != nil {
		return replay(*first)
	}

	r.client = asked.Client()
	r.Body = io.NopCloser(bytes.NewReader(body))
	answer := o.run(s, r)
	first, err = s.Idempotency.End(r.Context(), asked, idempotency.Answer{
		Status:  answer.Status,
		Type:    answer.Header.Get("Content-Type"),
		Session: r.session,
		Body:    answer.Body,
	})
	switch {
	case err != nil:
		return httpapi.Fail(err)
	case first != nil:
		return replay(*first)
	}
	return answer
}

func replay(first idempotency.Answer) httpapi.Answer {
	answer := httpapi.Encoded(first.Status, first.Type, first.Body)
	answer.Header.Set(replayHeader, "true")
	if first.Session != "" {
		answer.SetSession(first.Session)
	}
	return answer
}
