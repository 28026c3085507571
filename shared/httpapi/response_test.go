package httpapi_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"profiles/shared/httpapi"
	"profiles/shared/problem"
)

// answer is the part of an answer that a client sees.
type answer struct {
	status      int
	contentType string
	cache       string
	sniff       string
	retryAfter  string
	body        string
}

func seen(a httpapi.Answer) answer {
	h := a.Header
	return answer{
		a.Status, h.Get("Content-Type"), h.Get("Cache-Control"), h.Get("X-Content-Type-Options"), h.Get("Retry-After"), string(a.Body),
	}
}

func TestSucceed(t *testing.T) {
	t.Parallel()
	type view struct {
		Name string  `json:"name"`
		Logo *string `json:"logo_url"`
	}
	for _, test := range []struct {
		name   string
		result any
		want   string
	}{
		{"a text", "Successfully Updated", `{"status":true,"result":"Successfully Updated"}`},
		{"an object", view{Name: "Home"}, `{"status":true,"result":{"name":"Home","logo_url":null}}`},
		{"a list", []view{{Name: "Home"}}, `{"status":true,"result":[{"name":"Home","logo_url":null}]}`},
		{"an empty list stays a list", []view{}, `{"status":true,"result":[]}`},
		{"markup and ampersands stay as they are", view{Name: "<b>A & B</b>"}, `{"status":true,"result":{"name":"<b>A & B</b>","logo_url":null}}`},
		{"letters beyond ASCII", "Ána 山", `{"status":true,"result":"Ána 山"}`},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			want := answer{200, "application/json", "no-store", "nosniff", "", test.want + "\n"}
			if got := seen(httpapi.Succeed(test.result)); got != want {
				t.Errorf("got %+v, want %+v", got, want)
			}
		})
	}
}

func TestSucceedWithAFile(t *testing.T) {
	t.Parallel()
	const body = "month,amount\r\n2030-03,<b>&\n"
	a := httpapi.Succeed(httpapi.File{Name: "cost-2030-03.csv", Type: "text/csv; charset=utf-8", Body: body})
	want := answer{200, "text/csv; charset=utf-8", "no-store", "nosniff", "", body}
	if got := seen(a); got != want {
		t.Errorf("got %+v, want %+v", got, want)
	}
	if got := a.Header.Get("Content-Disposition"); got != "attachment; filename=cost-2030-03.csv" {
		t.Errorf("got the disposition %q", got)
	}
}

const internal = "Something went wrong here: try again, and write to support with the x-request-id of this answer if it stays"

func TestFail(t *testing.T) {
	t.Parallel()
	cause := errors.New("dial 10.0.0.1: secret of the table")
	for _, test := range []struct {
		name       string
		err        error
		status     int
		retryAfter string
		message    string
		code       string
		details    string
	}{
		{"an invalid request", problem.Invalid("name is required"), 400, "", "name is required", "invalid", ""},
		{"an invalid field", problem.InvalidField("name", problem.FieldRequired, "is required"), 400, "", "name is required", "invalid", `{"fields":[{"field":"name","code":"required"}]}`},
		{"a reason", problem.Forbidden("full").For(problem.ReasonTeamFull).With("used", 3).With("limit", 2), 403, "", "full", "team_full", `{"limit":2,"used":3}`},
		{"a reason with words around it", fmt.Errorf("of ana: %w", problem.ErrNoToken), 401, "", problem.ErrNoToken.Message, "no_token", ""},
		{"too many, for a reason", problem.TooMany(time.Minute).For(problem.ReasonMailLimit).With("limit", 20), 429, "60", "Too many requests (Retry-After: 60)", "mail_limit", `{"limit":20,"retry_after":60}`},
		{"a bad token", problem.Unauthenticated("Unauthorized"), 401, "", "Unauthorized", "unauthenticated", ""},
		{"a wrong password", problem.ErrInvalidPassword, 401, "", "Invalid password", "invalid_password", ""},
		{"something forbidden", problem.Forbidden("not yours"), 403, "", "not yours", "forbidden", ""},
		{"something unknown", problem.NotFound("Profile"), 404, "", "Profile Not Found", "not_found", ""},
		{"a lost race", problem.Conflict("changed"), 409, "", "changed", "conflict", ""},
		{"a large body", &problem.Error{Code: problem.CodeTooLarge, Message: "too large"}, 413, "", "too large", "too_large", ""},
		{"too many requests", problem.TooMany(7500 * time.Millisecond), 429, "8", "Too many requests (Retry-After: 8)", "too_many", `{"retry_after":8}`},
		{"a dependency that is away", &problem.Error{Code: problem.CodeUnavailable, Message: "Try again", Err: cause}, 503, "", "Try again", "unavailable", ""},
		{"a cause stays in the log", &problem.Error{Code: problem.CodeInvalid, Message: "bad", Err: cause}, 400, "", "bad", "invalid", ""},
		{"words around an Error stay in the log", fmt.Errorf("profile of ana@example.com: %w", problem.NotFound("Profile")), 404, "", "Profile Not Found", "not_found", ""},
		{"quotes and markup", problem.Invalid(`"<x>" & 'y'`), 400, "", `"<x>" & 'y'`, "invalid", ""},

		{"a foreign error", cause, 500, "", internal, "internal", ""},
		{"a foreign error with words around it", fmt.Errorf("read: %w", cause), 500, "", internal, "internal", ""},
		{"an Error that says it is a defect", &problem.Error{Code: problem.CodeInternal, Message: "key of ana", Err: cause}, 500, "", internal, "internal", ""},
		{"an Error without a code", &problem.Error{Message: "key of ana"}, 500, "", internal, "internal", ""},
		{"an Error with a code nobody knows", &problem.Error{Code: "new", Message: "key of ana"}, 500, "", internal, "internal", ""},
		{"no error at all", nil, 500, "", internal, "internal", ""},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			a := httpapi.Fail(test.err)
			if !errors.Is(a.Err, test.err) {
				t.Errorf("the log gets %v, want %v", a.Err, test.err)
			}
			message := strings.ReplaceAll(test.message, `"`, `\"`)
			details := ""
			if test.details != "" {
				details = `"details":` + test.details + `,`
			}
			want := answer{
				test.status,
				"application/json",
				"no-store",
				"nosniff",
				test.retryAfter,
				`{"status":false,"message":"` + message + `","code":"` + test.code + `",` + details + `"docs":"/docs/errors#` + test.code + `"}` + "\n",
			}
			if got := seen(a); got != want {
				t.Errorf("got %+v, want %+v", got, want)
			}
		})
	}
}

// SDKs accept a 2xx as a success, whatever it says, and send a request again
// after a 5xx. So the answer to a mistake of the caller is a 4xx.
func TestEveryCodeHasItsStatus(t *testing.T) {
	t.Parallel()
	for code, want := range map[problem.Code]int{
		problem.CodeInvalid:         http.StatusBadRequest,
		problem.CodeUnauthenticated: http.StatusUnauthorized,
		problem.CodeForbidden:       http.StatusForbidden,
		problem.CodeNotFound:        http.StatusNotFound,
		problem.CodeConflict:        http.StatusConflict,
		problem.CodeTooMany:         http.StatusTooManyRequests,
		problem.CodeTooLarge:        http.StatusRequestEntityTooLarge,
		problem.CodeUnavailable:     http.StatusServiceUnavailable,
		problem.CodeInternal:        http.StatusInternalServerError,
	} {
		a := httpapi.Fail(&problem.Error{Code: code, Message: "m"})
		var envelope struct {
			Status  *bool
			Message string
			Code    problem.Reason
		}
		err := json.Unmarshal(a.Body, &envelope)
		if err != nil || envelope.Status == nil || *envelope.Status || envelope.Message == "" ||
			envelope.Code != code.Reason() {
			t.Errorf("%s: got %s, %v, want the envelope of a failure", code, a.Body, err)
		}
		if a.Status != want {
			t.Errorf("%s: got %d, want %d", code, a.Status, want)
		}
	}
}

func TestRetryAfterIsInWholeSecondsAndNeverZero(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		wait time.Duration
		want string
	}{
		{time.Nanosecond, "1"}, {time.Second, "1"}, {1001 * time.Millisecond, "2"}, {15 * time.Minute, "900"},
	} {
		if got := httpapi.Fail(problem.TooMany(test.wait)).Header.Get("Retry-After"); got != test.want {
			t.Errorf("%v: got %q, want %q", test.wait, got, test.want)
		}
	}
}
