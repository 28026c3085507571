package runtimeapi

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"
)

func TestAPIRefusesWhatLambdaRefuses(t *testing.T) {
	t.Parallel()
	const base = "/2018-06-01/runtime"
	i := &invocation{
		id:       "known",
		deadline: time.UnixMilli(1_900_000_000_123),
		event:    []byte(`{"a":1}`),
		outcome:  make(chan outcome, 1),
	}
	a := newAPI("arn")
	handler := a.handler()
	send := func(method, path, body string) *httptest.ResponseRecorder {
		w := httptest.NewRecorder()
		handler.ServeHTTP(w, httptest.NewRequest(method, base+path, strings.NewReader(body)))
		return w
	}
	go func() { a.work <- i }()
	polled := send(http.MethodGet, "/invocation/next", "")
	if polled.Code != http.StatusOK || polled.Body.String() != `{"a":1}` ||
		polled.Header().Get("Lambda-Runtime-Deadline-Ms") != "1900000000123" {
		t.Fatalf("got poll %d %s %v, want the event", polled.Code, polled.Body, polled.Header())
	}
	for _, step := range []struct {
		name, method, path string
		want               int
	}{
		{"a poll before the answer", http.MethodGet, "/invocation/next", http.StatusForbidden},
		{"an answer to an unknown invocation", http.MethodPost, "/invocation/other/response", http.StatusBadRequest},
		{"a failure of the start after it", http.MethodPost, "/init/error", http.StatusForbidden},
		{"the answer", http.MethodPost, "/invocation/known/response", http.StatusAccepted},
		{"the answer again", http.MethodPost, "/invocation/known/response", http.StatusBadRequest},
		{"an unknown path", http.MethodGet, "/invocation/other", http.StatusNotFound},
	} {
		if got := send(step.method, step.path, `"done"`); got.Code != step.want {
			t.Errorf("%s: got %d, want %d", step.name, got.Code, step.want)
		}
	}
	if o := <-i.outcome; string(o.answer) != `"done"` || o.err != nil {
		t.Errorf("got outcome %s, %v, want the answer", o.answer, o.err)
	}
}
