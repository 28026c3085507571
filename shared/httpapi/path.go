package httpapi

import (
	"net/http"
	"strings"

	"profiles/shared/problem"
)

// DefaultRoute is API Gateway's name for its catch-all.
const DefaultRoute = "$default"

// MatchRequest reports whether the path of a request matches a pattern, and
// sets its path values. API Gateway may pass on a slash at the end that it
// ignores itself.
func MatchRequest(pattern string, r *http.Request) bool {
	values, ok := MatchPath(pattern, strings.TrimSuffix(r.URL.Path, "/"))
	for name, value := range values {
		r.SetPathValue(name, value)
	}
	return ok
}

// NoRoute is the beginning of the message to a request that has no route.
const NoRoute = "Route Not Found"

// ErrNoRoute returns the error (CodeNotFound) of a request that has no route.
func ErrNoRoute(r *http.Request) error {
	return &problem.Error{
		Code:    problem.CodeNotFound,
		Message: NoRoute + ": there is no " + r.Method + " " + shorten(r.URL.Path),
	}
}

func shorten(s string) string {
	if len(s) > 200 {
		return strings.ToValidUTF8(s[:200], "") + "..."
	}
	return s
}

// Options answers a browser that asks before it sends a token to another
// origin. The gateway answers such requests; this answer is for deployments
// without it.
func Options() Answer { return Succeed("Send the request itself") }

// MatchPath reports whether a path matches a pattern, and returns the values of
// the parameters by name. A part such as {id} matches one part of the path that
// is not empty. A last part such as {path+} matches the rest of the path with
// its slashes, if it is not empty. A slash at the end of a path begins another,
// empty part; callers that ignore it must remove it first.
func MatchPath(pattern, path string) (values map[string]string, ok bool) {
	want, got := strings.Split(pattern, "/"), strings.Split(path, "/")
	last := len(want) - 1
	if IsGreedy(want[last]) && len(got) > len(want) {
		got = append(got[:last:last], strings.Join(got[last:], "/"))
	}
	if len(want) != len(got) {
		return nil, false
	}
	values = map[string]string{}
	for i, part := range want {
		name, isParameter := ParameterOf(part)
		if isParameter && got[i] == "" || !isParameter && part != got[i] {
			return nil, false
		}
		if isParameter {
			values[name] = got[i]
		}
	}
	return values, true
}

// IsGreedy reports whether a pattern, or a part of one, ends in a parameter
// that matches the rest of the path.
func IsGreedy(pattern string) bool { return strings.HasSuffix(pattern, "+}") }

// ParameterOf returns the name of the parameter if a part of a pattern is one.
func ParameterOf(part string) (name string, ok bool) {
	name, ok = strings.CutPrefix(part, "{")
	return strings.TrimRight(name, "+}"), ok
}
