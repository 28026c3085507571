package problem_test

import (
	"errors"
	"fmt"
	"reflect"
	"testing"
	"time"

	"profiles/shared/plan"
	"profiles/shared/problem"
	"profiles/shared/problem/problemtest"
)

func TestCodeOf(t *testing.T) {
	t.Parallel()
	cause := errors.New("the network is down")
	for _, test := range []struct {
		name string
		err  error
		want problem.Code
	}{
		{"no error has no code", nil, ""},
		{"a foreign error is a defect here", cause, problem.CodeInternal},
		{"a foreign error with words around it too", fmt.Errorf("read: %w", cause), problem.CodeInternal},
		{"an invalid request", problem.Invalid("x"), problem.CodeInvalid},
		{"no credential", problem.ErrNoToken, problem.CodeUnauthenticated},
		{"a bad token", problem.ErrInvalidToken, problem.CodeUnauthenticated},
		{"bad credentials", problem.ErrInvalidCredentials, problem.CodeUnauthenticated},
		{"a bad password", problem.ErrInvalidPassword, problem.CodeUnauthenticated},
		{"something forbidden", problem.Forbidden("x"), problem.CodeForbidden},
		{"something that does not exist", problem.NotFound("Profile"), problem.CodeNotFound},
		{"a lost race", problem.ErrConflict, problem.CodeConflict},
		{"too many requests", problem.TooMany(time.Second), problem.CodeTooMany},
		{"a limit of the plan", plan.LimitReached("profiles", 1), problem.CodeForbidden},
		{"words around an Error keep its code", fmt.Errorf("transfer: %w", problem.ErrConflict), problem.CodeConflict},
		{"a cause inside an Error keeps its code", &problem.Error{Code: problem.CodeUnavailable, Err: cause}, problem.CodeUnavailable},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			if got := problem.CodeOf(test.err); got != test.want {
				t.Errorf("got %q, want %q", got, test.want)
			}
		})
	}
}

func TestErrorTellsTheLogItsCause(t *testing.T) {
	t.Parallel()
	cause := errors.New("throttled")
	err := &problem.Error{Code: problem.CodeUnavailable, Message: "Try again", Err: cause}
	if got, want := err.Error(), "Try again: throttled"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
	if !errors.Is(err, cause) {
		t.Errorf("got an Error that hides %v", cause)
	}
	if got, want := problem.Conflict("no %s", "room").Error(), "no room"; got != want {
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
		{problem.TooMany(8 * time.Second), "too-many: Too many requests (Retry-After: 8)"},
		{problem.NotFound("Profile"), "not-found: Profile Not Found"},
		{problem.ErrInvalidPassword, "unauthenticated: Invalid password"},
		{plan.LimitReached("profiles", 2),
			"forbidden: You have exceeded the maximum limit of profiles (2). Please upgrade you plan or contact support."},
	} {
		if got := problemtest.Text(test.err); got != test.want {
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
			want := problem.Error{
				Code:       problem.CodeTooMany,
				Message:    fmt.Sprintf("Too many requests (Retry-After: %d)", test.want),
				RetryAfter: time.Duration(test.want) * time.Second,
			}
			if got := *problem.TooMany(test.wait); !reflect.DeepEqual(got, want) {
				t.Errorf("got %+v, want %+v", got, want)
			}
		})
	}
}

func TestAnErrorIsRefinedAsACopy(t *testing.T) {
	t.Parallel()
	plain := problem.Forbidden("x").With("limit", 1)
	fine := plain.For(problem.ReasonTeamFull).With("used", 2).With("limit", 3)
	if plain.Reason != "" || !reflect.DeepEqual(plain.Details, map[string]any{"limit": 1}) {
		t.Errorf("got the first as %+v", plain)
	}
	want := problem.Error{
		Code:    problem.CodeForbidden,
		Reason:  problem.ReasonTeamFull,
		Message: "x",
		Details: map[string]any{"limit": 3, "used": 2},
	}
	if !reflect.DeepEqual(*fine, want) {
		t.Errorf("got %+v, want %+v", *fine, want)
	}
	if because := fine.Because("y"); because.Reason != fine.Reason || because.Message != "x: y" ||
		!reflect.DeepEqual(because.Details, fine.Details) {
		t.Errorf("got %+v", because)
	}
}

func TestFieldsOfInput(t *testing.T) {
	t.Parallel()
	part := problem.InvalidField("amount", problem.FieldRange, "must be %d%%", 5)
	for name, test := range map[string]struct {
		err     *problem.Error
		message string
		fields  []problem.FieldError
	}{
		"one field":                 {part, "amount must be 5%", []problem.FieldError{{Field: "amount", Code: problem.FieldRange}}},
		"a field with a percentage": {problem.InvalidField("a%sb", problem.FieldRequired, "is required"), "a%sb is required", []problem.FieldError{{Field: "a%sb", Code: problem.FieldRequired}}},
		"a bound":                   {part.Bound(7), "amount must be 5%", []problem.FieldError{{Field: "amount", Code: problem.FieldRange, Limit: 7}}},
		"several":                   {problem.Invalid("either").At("a", "b"), "either", []problem.FieldError{{Field: "a"}, {Field: "b"}}},
		"of a part":                 {problem.Invalid("lines[3]: %v", part).Within("lines[3]", part), "lines[3]: amount must be 5%", []problem.FieldError{{Field: "lines[3].amount", Code: problem.FieldRange}}},
		"of a part that names none": {problem.Invalid("x").Within("lines[3]", problem.Invalid("y")), "x", []problem.FieldError{{Field: "lines[3]"}}},
		"of a part's cause":         {problem.Invalid("x").Within("lines[3]", errors.New("y")), "x", []problem.FieldError{{Field: "lines[3]"}}},
	} {
		want := problem.Error{
			Code:    problem.CodeInvalid,
			Message: test.message,
			Details: map[string]any{"fields": test.fields},
		}
		if !reflect.DeepEqual(*test.err, want) {
			t.Errorf("%s: got %+v, want %+v", name, *test.err, want)
		}
	}
}
