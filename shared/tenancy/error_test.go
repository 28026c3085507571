package tenancy_test

import (
	"errors"
	"fmt"
	"testing"
	"time"

	"profiles/shared/tenancy"
)

func TestCodeOf(t *testing.T) {
	t.Parallel()
	cause := errors.New("the network is down")
	for _, test := range []struct {
		name string
		err  error
		want tenancy.Code
	}{
		{"no error has no code", nil, ""},
		{"a foreign error is a defect here", cause, tenancy.CodeInternal},
		{"a foreign error with words around it too", fmt.Errorf("read: %w", cause), tenancy.CodeInternal},
		{"an invalid request", tenancy.Invalid("x"), tenancy.CodeInvalid},
		{"no credential", tenancy.ErrNoToken, tenancy.CodeUnauthenticated},
		{"a bad token", tenancy.ErrInvalidToken, tenancy.CodeUnauthenticated},
		{"bad credentials", tenancy.ErrInvalidCredentials, tenancy.CodeUnauthenticated},
		{"a bad password", tenancy.ErrInvalidPassword, tenancy.CodeUnauthenticated},
		{"something forbidden", tenancy.Forbidden("x"), tenancy.CodeForbidden},
		{"something that does not exist", tenancy.NotFound("Profile"), tenancy.CodeNotFound},
		{"a lost race", tenancy.ErrConflict, tenancy.CodeConflict},
		{"too many requests", tenancy.TooMany(time.Second), tenancy.CodeTooMany},
		{"a limit of the plan", tenancy.LimitReached("profiles", 1), tenancy.CodeForbidden},
		{"words around an Error keep its code", fmt.Errorf("transfer: %w", tenancy.ErrConflict), tenancy.CodeConflict},
		{"a cause inside an Error keeps its code", &tenancy.Error{Code: tenancy.CodeUnavailable, Err: cause}, tenancy.CodeUnavailable},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			if got := tenancy.CodeOf(test.err); got != test.want {
				t.Errorf("got %q, want %q", got, test.want)
			}
		})
	}
}

func TestErrorTellsTheLogItsCause(t *testing.T) {
	t.Parallel()
	cause := errors.New("throttled")
	err := &tenancy.Error{Code: tenancy.CodeUnavailable, Message: "Try again", Err: cause}
	if got, want := err.Error(), "Try again: throttled"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
	if !errors.Is(err, cause) {
		t.Errorf("got an Error that hides %v", cause)
	}
	if got, want := tenancy.Conflict("no %s", "room").Error(), "no room"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

// The wordings that clients of the original API know, to the letter.
func TestKnownTexts(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		err  error
		want string
	}{
		{tenancy.TooMany(8 * time.Second), "too-many: Too many requests (Retry-After: 8)"},
		{tenancy.NotFound("Profile"), "not-found: Profile Not Found"},
		{tenancy.ErrInvalidPassword, "unauthenticated: Invalid password"},
		{tenancy.LimitReached("profiles", 2),
			"forbidden: You have exceeded the maximum limit of profiles (2). Please upgrade you plan or contact support."},
	} {
		if got := said(test.err); got != test.want {
			t.Errorf("got %q, want %q", got, test.want)
		}
	}
}

func TestTooManyRoundsTheWaitUpToSeconds(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name string
		wait time.Duration
		want int
	}{
		{"a whole second stays", time.Second, 1},
		{"a nanosecond over it is two", time.Second + 1, 2},
		{"a part of a second is one", time.Millisecond, 1},
		{"nothing left is one, or clients would try at once", 0, 1},
		{"a window that has just ended is one", -3 * time.Second, 1},
		{"a long wait", 15*time.Minute - time.Nanosecond, 900},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			want := tenancy.Error{
				Code: tenancy.CodeTooMany, Message: fmt.Sprintf("Too many requests (Retry-After: %d)", test.want),
				RetryAfter: time.Duration(test.want) * time.Second,
			}
			if got := *tenancy.TooMany(test.wait); got != want {
				t.Errorf("got %+v, want %+v", got, want)
			}
		})
	}
}
