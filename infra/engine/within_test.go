package engine_test

import (
	"strings"
	"testing"

	"profiles/infra/engine"
)

// The model is only for programs that use nothing but its client, and only at
// an end that exists.
func TestTheModelIsForThisProcess(t *testing.T) {
	for _, c := range []struct {
		what, end string
		o         engine.Options
		want      string // of the error; "": none
	}{
		{"its client", "", engine.Options{Within: true}, ""},
		{"its client, at an end", "hard", engine.Options{Within: true}, ""},
		{"an end that there is not", "high", engine.Options{Within: true}, "MODEL_END: \"high\" is no end"},
		{"an endpoint", "", engine.Options{}, "is in a test's own process"},
		{"a port", "", engine.Options{Within: true, Port: 8000}, "is in a test's own process"},
		{"data that last", "", engine.Options{Within: true, Dir: t.TempDir()}, "is in a test's own process"},
	} {
		t.Setenv("ENGINE", "model")
		t.Setenv("MODEL_END", c.end)
		e, err := engine.Start(t.Context(), c.o)
		if c.want != "" {
			if err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("%s: got %v, want %q", c.what, err, c.want)
			}
			continue
		}
		if err != nil {
			t.Errorf("%s: %v", c.what, err)
			continue
		}
		if e.Endpoint != "" || e.Client() == nil {
			t.Errorf("%s: got %+v", c.what, e)
		}
		e.Stop()
	}
}
