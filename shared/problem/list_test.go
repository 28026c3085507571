package problem_test

import (
	"testing"

	"profiles/shared/problem"
)

// A message lists things by their texts, whatever they are.
func TestMessagesListThings(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ got, want string }{
		{problem.List[string](nil), "none"},
		{problem.List([]string{"read"}), "read"},
		{problem.List([]string{"read", "write, too", "50%s"}), "read, write, too, 50%s"},
		{problem.List([]int64{10, 2_000_000}), "10, 2000000"},
		{problem.List([]problem.Code{problem.CodeInvalid, problem.CodeConflict}), "invalid, conflict"},
	} {
		if c.got != c.want {
			t.Errorf("got %q, want %q", c.got, c.want)
		}
	}
}
