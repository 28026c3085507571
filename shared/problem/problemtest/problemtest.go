// Package problemtest has what tests of refusals share. Only tests import it.
package problemtest

import (
	"encoding/json"
	"errors"
	"testing"

	"profiles/shared/problem"
)

// Text is what an error tells its caller, as "code: message", or "" for none.
func Text(err error) string {
	var e *problem.Error
	switch {
	case err == nil:
		return ""
	case errors.As(err, &e):
		return string(e.Code) + ": " + e.Message
	default:
		return "not a problem: " + err.Error()
	}
}

// Tells compares what a refusal says to programs.
func Tells(t testing.TB, name string, err error, reason problem.Reason, details string) {
	t.Helper()
	var e *problem.Error
	if !errors.As(err, &e) {
		t.Errorf("%s: got %v", name, err)
		return
	}
	got := ""
	if e.Details != nil {
		raw, err := json.Marshal(e.Details)
		if err != nil {
			t.Fatal(err)
		}
		got = string(raw)
	}
	if e.Reason != reason || got != details {
		t.Errorf(
			"%s: got %s %s for %q, want %s %s",
			name,
			e.Reason,
			got,
			e.Message,
			reason,
			details,
		)
	}
}
