package problem

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"
)

// Code is the class of an Error. Each protocol maps codes to its own statuses.
type Code string

const (
	// the request itself is wrong; it will never work as sent
	CodeInvalid         Code = "invalid"
	CodeUnauthenticated Code = "unauthenticated" // no valid credential, or a wrong password
	// known caller, not allowed by permission, ownership or plan
	CodeForbidden Code = "forbidden"
	CodeNotFound  Code = "not-found" // does not exist for this caller
	// CodeConflict: it was changed meanwhile; read again and decide again.
	CodeConflict Code = "conflict"
	CodeTooMany  Code = "too-many"  // a rate limit; RetryAfter says when it ends
	CodeTooLarge Code = "too-large" // a body over the size limit
	// a dependency failed; the same request may be sent again
	CodeUnavailable Code = "unavailable"
	CodeInternal    Code = "internal" // a defect of this service, which the message does not describe
)

// Error is a failure with a message for the client and a cause for the log.
// Message says what was wrong and what would be right, and never has a secret.
// Reason and Details say the same to programs.
type Error struct {
	Code       Code
	Reason     Reason // must be of the class Code; "" means Code.Reason
	Message    string
	Details    map[string]any
	RetryAfter time.Duration // set with CodeTooMany, and for maintenance
	Err        error         // the cause, for the log only
}

// FieldError is one of the "fields" in the details of a refusal.
type FieldError struct {
	// the path of a wrong value in the request, or its query parameter
	Field string    `json:"field"`
	Code  FieldCode `json:"code,omitempty"`  // what is wrong with it, where that is known
	Limit any       `json:"limit,omitempty"` // the most, or the least, where that is what is wrong
}

// FieldCode says to programs what is wrong with a value.
type FieldCode string

const (
	FieldRequired FieldCode = "required" // it is missing
	FieldType     FieldCode = "type"     // a text where a number belongs, for example
	FieldFormat   FieldCode = "format"   // it is not written as such a value is
	// it is none of those that there are, or may be chosen
	FieldChoice FieldCode = "choice"
	// it is too long or too short, or a list has too many or too few
	FieldLength FieldCode = "length"
	// it is too large or too small, too early or too late
	FieldRange FieldCode = "range"
	// it is not known here, or not changed here: leave it out
	FieldNotTaken FieldCode = "not_taken"
	// it does not go with another value of the request, or with who sends it
	FieldContradicts FieldCode = "contradicts"
)

// fieldsKey is the detail that lists FieldErrors.
const fieldsKey = "fields"

func (e *Error) Error() string {
	if e.Err != nil {
		return e.Message + ": " + e.Err.Error()
	}
	return e.Message
}

func (e *Error) Unwrap() error { return e.Err }

// CodeOf returns the code of err: CodeInternal for any error that is not an
// Error, "" for nil.
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

// ReasonOf returns the reason of err: ReasonInternal for any error that is not
// an Error, "" for nil.
func ReasonOf(err error) Reason {
	var e *Error
	if errors.As(err, &e) && e.Reason != "" {
		return e.Reason
	}
	return CodeOf(err).Reason()
}

// MessageOf returns the message of an error for people, without its cause; for
// an error of another type it is empty.
func MessageOf(err error) string {
	var e *Error
	if errors.As(err, &e) {
		return e.Message
	}
	return ""
}

// maxQuoted is how many characters of a client's text an error repeats.
const maxQuoted = 60

// Quoted returns a client's text for a message, cut to maxQuoted characters.
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

// FieldCodes returns every FieldCode.
func FieldCodes() []FieldCode {
	return []FieldCode{
		FieldRequired,
		FieldType,
		FieldFormat,
		FieldChoice,
		FieldLength,
		FieldRange,
		FieldNotTaken,
		FieldContradicts,
	}
}

// InvalidField returns an error with CodeInvalid about one field of the
// request. The message is the field and the formatted text.
func InvalidField(field string, code FieldCode, format string, args ...any) *Error {
	message := fmt.Sprintf(format, args...)
	return (&Error{Code: CodeInvalid, Message: field + " " + message}).With(
		fieldsKey,
		[]FieldError{{Field: field, Code: code}},
	)
}

// Bound returns an error of InvalidField with the bound that the value passes.
func (e *Error) Bound(limit any) *Error {
	list, _ := e.Details[fieldsKey].([]FieldError)
	if list = slices.Clone(list); len(list) > 0 {
		list[0].Limit = limit
	}
	return e.With(fieldsKey, list)
}

// Forbidden returns an error with CodeForbidden.
func Forbidden(format string, args ...any) *Error {
	return &Error{Code: CodeForbidden, Message: fmt.Sprintf(format, args...)}
}

// Conflict returns an error with CodeConflict.
func Conflict(format string, args ...any) *Error {
	return &Error{Code: CodeConflict, Message: fmt.Sprintf(format, args...)}
}

// NotFound returns the error (CodeNotFound) for something that does not exist
// for the caller, in the wording of the original API ("Profile Not Found").
func NotFound(what string) *Error {
	return &Error{Code: CodeNotFound, Message: what + " Not Found"}
}

// Unauthenticated returns an error with CodeUnauthenticated.
func Unauthenticated(message string) *Error {
	return &Error{Code: CodeUnauthenticated, Message: message}
}

// TooMany returns an error with CodeTooMany in the wording of the original API.
// The wait is rounded up to seconds.
func TooMany(wait time.Duration) *Error {
	wait = max((wait+time.Second-1)/time.Second, 1)
	return &Error{
		Code:       CodeTooMany,
		Message:    fmt.Sprintf("Too many requests (Retry-After: %d)", wait),
		RetryAfter: wait * time.Second,
	}
}

// Unavailable returns an error with CodeUnavailable for a request that may be
// sent again after a wait, which is rounded up to seconds. The message is the
// text, the wait, and what to do.
func Unavailable(text string, wait time.Duration) *Error {
	wait = TooMany(wait).RetryAfter
	return &Error{
		Code: CodeUnavailable,
		Message: fmt.Sprintf("%s (Retry-After: %d): send the same request again later",
			text, int(wait.Seconds())),
		RetryAfter: wait,
	}
}

// Because returns the error with the reason in its message, for limits other
// than those of requests.
func (e *Error) Because(reason string) *Error {
	because := *e
	because.Message += ": " + reason
	return &because
}

// For returns the error with a more specific reason, which must be of its
// class.
func (e *Error) For(r Reason) *Error {
	refined := *e
	refined.Reason = r
	return &refined
}

// With returns the error with another detail.
func (e *Error) With(key string, value any) *Error {
	detailed := *e
	if detailed.Details = maps.Clone(e.Details); detailed.Details == nil {
		detailed.Details = map[string]any{}
	}
	detailed.Details[key] = value
	return &detailed
}

// At returns the error with the fields of the request that are wrong.
func (e *Error) At(fields ...string) *Error {
	var list []FieldError
	for _, f := range fields {
		list = append(list, FieldError{Field: f})
	}
	return e.With(fieldsKey, list)
}

// Within returns the error with the fields of err, each with path before it.
func (e *Error) Within(path string, err error) *Error {
	var part *Error
	if errors.As(err, &part) {
		list, _ := part.Details[fieldsKey].([]FieldError)
		if list = slices.Clone(list); len(list) > 0 {
			for i := range list {
				list[i].Field = path + "." + list[i].Field
			}
			return e.With(fieldsKey, list)
		}
	}
	return e.At(path)
}

// The refusals that several operations share.
var (
	// ErrNoToken: the request carries no token.
	ErrNoToken = Unauthenticated(
		`Unauthorized: send an account token in the header "token"`,
	).For(ReasonNoToken)
	// ErrInvalidToken: the token is malformed, unknown, expired, revoked or
	// disabled. Which of these is never said.
	ErrInvalidToken = Unauthenticated(
		"Authorization Denied: the token is not valid; sign in again or create a new one",
	).For(ReasonTokenInvalid)
	// ErrInvalidCredentials: unknown address or wrong password at sign-in.
	// Which of these is never said.
	ErrInvalidCredentials = Unauthenticated(
		"Invalid credentials: the e-mail address or the password is wrong",
	).For(ReasonInvalidCredentials)
	// ErrInvalidPassword: wrong password on an action that asks for it again.
	ErrInvalidPassword = Unauthenticated("Invalid password").For(ReasonInvalidPassword)
	// ErrConflict: somebody else changed the same thing at the same moment.
	ErrConflict = Conflict(
		"Somebody else changed this at the same moment: read it again and repeat the request",
	)
	// ErrInProgress: the request came before with its Idempotency-Key, and what
	// it was answered is not known.
	ErrInProgress = Conflict(
		"The first request with this Idempotency-Key is under way or took effect, but its answer is not known: look before you send it with a new key",
	).For(ReasonKeyUnanswered)
)

// ErrDone says that the same party has done this already, so that there is
// nothing to write. It is no refusal, and no client sees it.
var ErrDone = errors.New("it is done already")
