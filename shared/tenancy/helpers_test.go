package tenancy_test

import (
	"errors"
	"testing"
	"time"

	"profiles/shared/tenancy"
)

// said is what an error tells its caller, as "code: message", or "" for none.
func said(err error) string {
	var e *tenancy.Error
	switch {
	case err == nil:
		return ""
	case errors.As(err, &e):
		return string(e.Code) + ": " + e.Message
	default:
		return "not an Error: " + err.Error()
	}
}

func at(t testing.TB, text string) time.Time {
	t.Helper()
	when, err := time.Parse(time.RFC3339Nano, text)
	if err != nil {
		t.Fatal(err)
	}
	return when.UTC()
}
