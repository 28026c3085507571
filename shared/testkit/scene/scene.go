// Package scene is the register of scenes: requests to operations, each in a
// situation where its operation does all its work. The tests play every scene
// from several sides: shared/operation holds its cost, the rights it uses, its
// example, its audit entries and its Idempotency-Key, and shared/service has it
// meet every trouble of the table. Only tests import it.
package scene

import (
	"net/http"
	"strings"

	"profiles/shared/operation"
	"profiles/shared/tenancy"
	"profiles/shared/testkit"
	"profiles/shared/value"
)

// Object is a JSON object.
type Object = map[string]any

// Scene is a request to an operation, in a situation.
type Scene struct {
	Operation operation.Operation
	What      string       // the situation; "" for one that needs no name
	Prepare   func(*Stage) // what leads there; nil for nothing
	// Send is the method and the target. HOME stands for ana's first profile,
	// OTHER for her second one, TOKEN for another token of the first, BEN for
	// ben's account and CODE for what Prepare has left, here and in Body.
	Send string
	Body Object
	By   func(*Stage) testkit.Person // who sends it; nil for ana
	Cost Cost
	// Denied is the status of an operation that always refuses; 0 for one that
	// succeeds.
	Denied int
	// Again is the status of the same request sent again by a client that never
	// heard that it had succeeded; 0 for a success.
	Again int
	// More are the items that such a repetition adds, by kinds, as in
	// "L+1 P/T+1"; "" for none.
	More string
}

// Cost is what a request may cost: sequential round trips when the function
// remembers nothing of the caller and when it does, requests to DynamoDB, and
// at most so many capacity units.
type Cost struct {
	Cold, Warm, Requests int
	Capacity             float64
}

// Stage is a world in which ana has two profiles; ben has an account, and so
// has sam of the support desk.
type Stage struct {
	*testkit.World
	Ana, Ben, Sam testkit.Person
	Other         value.ProfileID // ana's second profile
	Token         string          // another token of ana's first profile
	Code          string          // what Prepare leaves for the request
}

// Run sends the request of a scene. The answer of an operation that always
// refuses counts as its success.
func (c Scene) Run(s *Stage) testkit.Answer {
	s.Helper()
	method, target, _ := strings.Cut(c.Send, " ")
	caller := s.Ana
	if c.By != nil {
		caller = c.By(s)
	}
	if c.Operation.Access == operation.Anonymous {
		caller.Token = ""
	}
	var body any
	if c.Body != nil {
		body = s.filled(c.Body)
	}
	got := s.Call(c.Operation, method, s.names().Replace(target), caller.Token, body)
	switch {
	case c.Denied != 0 && got.Code == http.StatusOK:
		s.Errorf("%s: got a success, want %d", c.Operation.Name, c.Denied)
	case c.Denied != 0 && got.Code == c.Denied:
		return testkit.Answer{Code: http.StatusOK, Status: true, Header: got.Header}
	}
	return got
}

// names are the words that stand for what the stage has.
func (s *Stage) names() *strings.Replacer {
	return strings.NewReplacer("HOME", string(s.Ana.Home), "OTHER", string(s.Other),
		"TOKEN", s.Token, "BEN", string(s.Ben.ID), "CODE", s.Code)
}

// filled is a body with what the stage has in the place of names.
func (s *Stage) filled(body Object) Object {
	out := Object{}
	for key, value := range body {
		if text, ok := value.(string); ok {
			value = s.names().Replace(text)
		}
		out[key] = value
	}
	return out
}

// Member makes ben a member of ana's first profile, with full permission.
func Member(s *Stage) { s.Share(s.Ana.Home, s.Ben, tenancy.PermissionFull) }
