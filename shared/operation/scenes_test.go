package operation_test

import (
	"slices"
	"strings"
	"testing"

	"profiles/shared/operation"
	"profiles/shared/testkit"
	register "profiles/shared/testkit/scene"
)

// scenes are those of the register, and those that need a stage of their own, in the order of the catalogue.
var scenes = inOrder(append(registered(), ownScenes...))

func registered() (out []scene) {
	for _, c := range register.All() {
		one := scene{
			operation: c.Operation, what: c.What,
			budget: budget{c.Cost.Cold, c.Cost.Warm, c.Cost.Requests, c.Cost.Capacity},
			run:    func(s *stage) testkit.Answer { return c.Run(&s.Stage) },
		}
		if c.Prepare != nil {
			one.prepare = func(s *stage) { c.Prepare(&s.Stage) }
		}
		out = append(out, one)
	}
	return out
}

func inOrder(all []scene) []scene {
	place := map[string]int{}
	for i, o := range operation.All() {
		place[o.Name] = i
	}
	slices.SortStableFunc(all, func(a, b scene) int { return place[a.operation.Name] - place[b.operation.Name] })
	return all
}

// A new operation gets a scene in the register.
func TestEveryOperationHasAScene(t *testing.T) {
	t.Parallel()
	names, played := map[string]bool{}, map[string]bool{}
	for _, c := range scenes {
		if names[c.name()] {
			t.Errorf("two scenes have the name %s", c.name())
		}
		names[c.name()], played[c.operation.Name] = true, true
	}
	for _, o := range operation.All() {
		if !played[o.Name] && !o.Static {
			t.Errorf("%s has no scene: add one to shared/testkit/scene/register.go", o.Name)
		}
	}
}

// A scene of the register sends its request on a route of its operation.
func TestTheRegisterSendsWhatItsOperationsTake(t *testing.T) {
	t.Parallel()
	for _, c := range register.All() {
		method, target, _ := strings.Cut(c.Send, " ")
		if !slices.ContainsFunc(c.Operation.Routes, func(r operation.Route) bool {
			path, _, _ := strings.Cut(target, "?")
			return r.Method == method && matches(r.Path, path)
		}) {
			t.Errorf("%s: no route of it takes %q", c.Operation.Name, c.Send)
		}
	}
}
