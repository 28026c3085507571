// Package problemtest has what tests of refusals share. Only tests import it.
package problemtest

import (
	"errors"

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
