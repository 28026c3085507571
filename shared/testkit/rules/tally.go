package rules

import (
	"fmt"
	"sync"
)

// A Tally counts what happened in random walks, of one or of several
// goroutines. Walks in which nothing of interest happens prove nothing; so a
// test goes on until it has seen what it wants, instead of failing when chance
// was against it.
type Tally struct {
	mu sync.Mutex
	n  map[string]int
}

// Add counts one more of this.
func (s *Tally) Add(what string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.n == nil {
		s.n = map[string]int{}
	}
	s.n[what]++
}

// Of is how often this happened.
func (s *Tally) Of(what string) int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.n[what]
}

// Missing has those of want that never happened.
func (s *Tally) Missing(want ...string) (out []string) {
	for _, what := range want {
		if s.Of(what) == 0 {
			out = append(out, what)
		}
	}
	return out
}

// String has all that happened, and how often.
func (s *Tally) String() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return fmt.Sprint(s.n)
}
