package httpapi

import "strings"

// MatchPath reports whether a path is one of a pattern's, and returns what the
// path has in the place of its parameters, by their names. A part such as {id}
// of the pattern stands for a part of the path that is not empty. One such as
// {path+}, which only the last may be, stands for all that is left, slashes
// included, where that is not empty. A slash at the end of a path is a part of
// its own, which is empty: callers for whom it is none take it away first.
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

// IsGreedy reports whether a pattern, or the last part of one, stands for all
// that is left of a path.
func IsGreedy(pattern string) bool { return strings.HasSuffix(pattern, "+}") }

// ParameterOf returns the name of the parameter that a part of a pattern is.
func ParameterOf(part string) (name string, ok bool) {
	name, ok = strings.CutPrefix(part, "{")
	return strings.TrimRight(name, "+}"), ok
}
