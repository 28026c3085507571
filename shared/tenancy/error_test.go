package tenancy_test

import (
	"errors"
	"fmt"
	"reflect"
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
			if got := *tenancy.TooMany(test.wait); !reflect.DeepEqual(got, want) {
				t.Errorf("got %+v, want %+v", got, want)
			}
		})
	}
}

func TestAnErrorIsRefinedAsACopy(t *testing.T) {
	t.Parallel()
	plain := tenancy.Forbidden("x").With("limit", 1)
	fine := plain.For(tenancy.ReasonTeamFull).With("used", 2).With("limit", 3)
	if plain.Reason != "" || !reflect.DeepEqual(plain.Details, map[string]any{"limit": 1}) {
		t.Errorf("got the first as %+v", plain)
	}
	want := tenancy.Error{Code: tenancy.CodeForbidden, Reason: tenancy.ReasonTeamFull, Message: "x", Details: map[string]any{"limit": 3, "used": 2}}
	if !reflect.DeepEqual(*fine, want) {
		t.Errorf("got %+v, want %+v", *fine, want)
	}
	if because := fine.Because("y"); because.Reason != fine.Reason || because.Message != "x: y" || !reflect.DeepEqual(because.Details, fine.Details) {
		t.Errorf("got %+v", because)
	}
}

func TestFieldsOfInput(t *testing.T) {
	t.Parallel()
	part := tenancy.InvalidField("amount", tenancy.FieldRange, "must be %d%%", 5)
	for name, test := range map[string]struct {
		err     *tenancy.Error
		message string
		fields  []tenancy.FieldError
	}{
		"one field":                 {part, "amount must be 5%", []tenancy.FieldError{{Field: "amount", Code: tenancy.FieldRange}}},
		"a field with a percentage": {tenancy.InvalidField("a%sb", tenancy.FieldRequired, "is required"), "a%sb is required", []tenancy.FieldError{{Field: "a%sb", Code: tenancy.FieldRequired}}},
		"a bound":                   {part.Bound(7), "amount must be 5%", []tenancy.FieldError{{Field: "amount", Code: tenancy.FieldRange, Limit: 7}}},
		"several":                   {tenancy.Invalid("either").At("a", "b"), "either", []tenancy.FieldError{{Field: "a"}, {Field: "b"}}},
		"of a part":                 {tenancy.Invalid("lines[3]: %v", part).Within("lines[3]", part), "lines[3]: amount must be 5%", []tenancy.FieldError{{Field: "lines[3].amount", Code: tenancy.FieldRange}}},
		"of a part that names none": {tenancy.Invalid("x").Within("lines[3]", tenancy.Invalid("y")), "x", []tenancy.FieldError{{Field: "lines[3]"}}},
		"of a part's cause":         {tenancy.Invalid("x").Within("lines[3]", errors.New("y")), "x", []tenancy.FieldError{{Field: "lines[3]"}}},
	} {
		want := tenancy.Error{Code: tenancy.CodeInvalid, Message: test.message, Details: map[string]any{"fields": test.fields}}
		if !reflect.DeepEqual(*test.err, want) {
			t.Errorf("%s: got %+v, want %+v", name, *test.err, want)
		}
	}
}
