package main

import (
	"fmt"
	"io"
)

// report prints a line for each check, and counts what is wrong.
type report struct {
	out   io.Writer
	wrong int
}

func (r *report) line(verdict, what, format string, args ...any) {
	fmt.Fprintf(r.out, "%-11s  %s: %s\n", verdict, what, fmt.Sprintf(format, args...))
}

func (r *report) ok(what, format string, args ...any) { r.line("ok", what, format, args...) }

// isWrong says what is, and what to do.
func (r *report) isWrong(what, format string, args ...any) {
	r.wrong++
	r.line("WRONG", what, format, args...)
}

func (r *report) unchecked(what, format string, args ...any) {
	r.line("NOT CHECKED", what, format, args...)
}

// must is ok when it holds, or else WRONG with what to do.
func (r *report) must(holds bool, what, fact, do string) {
	if holds {
		r.ok(what, "%s", fact)
	} else {
		r.isWrong(what, "%s: %s", fact, do)
	}
}

// failed reports an error of a question to AWS, if it is one. Credentials that
// may not ask are no fault of the account.
func (r *report) failed(what string, err error) bool {
	switch {
	case err == nil:
		return false
	case isDenied(err):
		r.unchecked(what, "these credentials may not ask: %v", err)
	default:
		r.isWrong(what, "%v", err)
	}
	return true
}
