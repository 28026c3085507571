package tenancy

import (
	"errors"
	"fmt"
	"strings"
	"time"
)

// Code says what kind of failure an Error is. Every entry point maps codes to its own protocol in one place.
type Code string

const (
	CodeInvalid         Code = "invalid"         // the request itself is wrong; it will never work as sent
	CodeUnauthenticated Code = "unauthenticated" // no valid credential, or a wrong password
	CodeForbidden       Code = "forbidden"       // known caller, not allowed by permission, ownership or plan
	CodeNotFound        Code = "not-found"       // does not exist for this caller
	CodeConflict        Code = "conflict"        // somebody else changed it first; read again and decide again
	CodeTooMany         Code = "too-many"        // a rate limit; RetryAfter says when it ends
	CodeTooLarge        Code = "too-large"       // a body over the size limit
	CodeUnavailable     Code = "unavailable"     // a dependency failed; the same request may be sent again
	CodeInternal        Code = "internal"        // a defect here; the message says nothing about it
)

// Error is a failure with a message for the client and a cause for the log. Message says what was wrong and what would
// be right, and never quotes a secret.
type Error struct {
	Code       Code
	Message    string
	RetryAfter time.Duration // set with CodeTooMany
	Err        error         // the cause, for the log only
}

func (e *Error) Error() string {
	if e.Err != nil {
		return e.Message + ": " + e.Err.Error()
	}
	return e.Message
}

func (e *Error) Unwrap() error { return e.Err }

// CodeOf returns the code of err: CodeInternal for any error that is not an Error, "" for nil.
func CodeOf(err error) Code {
	if err == nil {
		return ""
	}
	var e *Error
	if errors.As(err, &e) {
		return e.Code
	}
	return CodeInternal
}

// maxQuoted is how much of what a client sent an error repeats, in characters.
const maxQuoted = 60

// Quoted is a text of a client's in a message: its beginning, if it is long.
func Quoted[T ~string](s T) string {
	short := []rune(strings.ToValidUTF8(string(s), "\uFFFD"))
	if len(short) <= maxQuoted {
		return string(short)
	}
	return string(short[:maxQuoted]) + "..."
}

// Invalid returns an error with CodeInvalid.
func Invalid(format string, args ...any) *Error {
	return &Error{Code: CodeInvalid, Message: fmt.Sprintf(format, args...)}
}

// Forbidden returns an error with CodeForbidden.
func Forbidden(format string, args ...any) *Error {
	return &Error{Code: CodeForbidden, Message: fmt.Sprintf(format, args...)}
}

// Conflict returns an error with CodeConflict.
func Conflict(format string, args ...any) *Error {
	return &Error{Code: CodeConflict, Message: fmt.Sprintf(format, args...)}
}

// NotFound returns the answer for a thing that does not exist for the caller, in the wording that clients of the
// original API know ("Profile Not Found").
func NotFound(what string) *Error {
	return &Error{Code: CodeNotFound, Message: what + " Not Found"}
}

// Unauthenticated returns an error with CodeUnauthenticated.
func Unauthenticated(message string) *Error {
	return &Error{Code: CodeUnauthenticated, Message: message}
}

// TooMany returns an error with CodeTooMany in the wording of the original API. The wait is rounded up to seconds.
func TooMany(wait time.Duration) *Error {
	wait = max((wait+time.Second-1)/time.Second, 1)
	return &Error{
		Code:       CodeTooMany,
		Message:    fmt.Sprintf("Too many requests (Retry-After: %d)", wait),
		RetryAfter: wait * time.Second,
	}
}

// Because adds what was too many to the message, for limits that are not those of requests alone.
func (e *Error) Because(reason string) *Error {
	because := *e
	because.Message += ": " + reason
	return &because
}

// The refusals that several operations share.
var (
	// ErrNoToken: the request carries no token.
	ErrNoToken = Unauthenticated(`Unauthorized: send an account token in the header "token"`)
	// ErrInvalidToken: the token is malformed, unknown, expired, revoked or disabled. Which of these is never said.
	ErrInvalidToken = Unauthenticated("Authorization Denied: the token is not valid; sign in again or create a new one")
	// ErrInvalidCredentials: unknown address or wrong password at sign-in. Which of these is never said.
	ErrInvalidCredentials = Unauthenticated("Invalid credentials: the e-mail address or the password is wrong")
	// ErrInvalidPassword: wrong password on an action that asks for it again.
	ErrInvalidPassword = Unauthenticated("Invalid password")
	// ErrConflict: somebody else changed the same thing at the same moment.
	ErrConflict = Conflict("Somebody else changed this at the same moment: read it again and repeat the request")
	// ErrRepeated: the request came before with its Idempotency-Key, and what it was answered is not known.
	ErrRepeated = Conflict("The first request with this Idempotency-Key is under way or took effect, but its answer is not known: look before you send it with a new key")
)
