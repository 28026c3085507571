package main

import (
	"bytes"
	"context"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"profiles/infra/template"
	"profiles/shared/httpapi"
)

// sized is a function that answers with so many bytes.
type sized int

func (n sized) Invoke(context.Context, []byte) ([]byte, error) {
	return bytes.Repeat([]byte(" "), int(n)), nil
}

// Lambda loses an answer that is too large, and the gateway answers 500
// instead. The stack does the same.
func TestAnAnswerThatLambdaRefusesIsRefused(t *testing.T) {
	t.Parallel()
	for size, fits := range map[int]bool{
		httpapi.AnswerLimit: true, httpapi.AnswerLimit + 1: false,
	} {
		f := &function{
			name:     "large",
			declared: template.Function{Timeout: time.Minute},
			handler:  sized(size),
		}
		answer, err := f.invoke(t.Context(), nil)
		if (err == nil) != fits || fits && len(answer) != size {
			t.Errorf("%d bytes: got %d and %v", size, len(answer), err)
		}
	}
	large := &function{
		name:     "large",
		declared: template.Function{Timeout: time.Minute},
		handler:  sized(httpapi.AnswerLimit + 1),
	}
	a := &api{
		whole: t.Context(),
		routes: []route{
			{Route: template.Route{Method: "ANY", Path: template.Default}, function: large},
		},
	}
	w := httptest.NewRecorder()
	a.ServeHTTP(w, httptest.NewRequest(http.MethodGet, "/account", nil))
	if w.Code != http.StatusInternalServerError || !strings.Contains(w.Body.String(), "Internal Server Error") {
		t.Errorf("got %d %s, want the 500 of the gateway", w.Code, w.Body)
	}
}
