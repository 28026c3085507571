package operation_test

import (
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"

	"profiles/shared/operation"
	"profiles/shared/plan"
	"profiles/shared/testkit"
	"profiles/shared/testkit/scene"
)

// scenes are those of the register that have a cost. The others are played only
// on a table in trouble.
var scenes = slices.DeleteFunc(scene.All(),
	func(c scene.Scene) bool { return c.Cost == scene.Cost{} })

// stages and modelledStages are those that scenes have prepared.
var stages, modelledStages testkit.Stages[scene.Stage]

// newStage is for tests of what requests cost and need, and of answers that
// documents show: those that the engine has a part in.
func newStage(t *testing.T, c scene.Scene) *scene.Stage {
	return stageOf(t, c, &stages, testkit.New)
}

// newModelledStage is for other tests that play all scenes.
func newModelledStage(t *testing.T, c scene.Scene) *scene.Stage {
	return stageOf(t, c, &modelledStages, testkit.NewModelled)
}

func stageOf(
	t *testing.T,
	c scene.Scene,
	of *testkit.Stages[scene.Stage],
	world func(testing.TB) *testkit.World,
) *scene.Stage {
	s, w := of.Begin(t, c.Name(), func() (scene.Stage, *testkit.World) {
		w := world(t)
		return *c.Begin(w, "UTC"), w
	})
	return s.In(w)
}

// measure plays a scene with rate limits, in a function that has just started,
// or in one that has seen the credentials and profiles of its callers.
func measure(t *testing.T, c scene.Scene, warm bool) testkit.Usage {
	s := newStage(t, c)
	s.LimitRates()
	if warm {
		for _, p := range s.Callers() {
			s.Call(operation.AccountGet, "GET", "/account", p.Token, nil)
			s.Call(operation.ProfileGet, "GET", "/profile/"+string(s.Other), p.Token, nil)
		}
		if s.Session != "" {
			s.Browse(operation.AccountGet, "GET", "/account", s.Session, nil)
		}
	}
	s.Meter.Reset()
	got := c.Run(s)
	if got.Code != 200 {
		t.Fatalf("%s: got %d %q", c.Name(), got.Code, got.Message)
	}
	if c.Cost == (scene.Cost{}) {
		return s.Meter.Reset()
	}
	if n := string(got.Result); c.Operation.Trigger == operation.Schedule && n != "1" {
		t.Errorf("%s dealt with %s things, want 1", c.Name(), n)
	}
	group := c.Operation.RateGroup()
	if warm && group != plan.RateNone && got.Header["Ratelimit-Limit"] == "" && guarded[c.Operation.Name] == 0 {
		t.Errorf("%s is not counted", c.Name())
	}
	return s.Meter.Reset()
}

// measured is the result of the first measure of each scene. Several tests look
// at the same requests from different sides.
func measured(t *testing.T, c scene.Scene, warm bool) testkit.Usage {
	t.Helper()
	testkit.NeedsEngine(t)
	type measurement struct {
		sync.Once
		usage testkit.Usage
		done  bool
	}
	stored, _ := measurements.LoadOrStore(fmt.Sprint(c.Name(), warm), new(measurement))
	m := stored.(*measurement)
	m.Do(func() {
		m.usage = measure(t, c, warm)
		m.done = true
	})
	if !m.done {
		t.Fatalf("%s failed in another test", c.Name())
	}
	return m.usage
}

var measurements sync.Map

// A new operation gets scenes in the register: one that has a cost, and one
// that meets trouble.
func TestEveryOperationHasAScene(t *testing.T) {
	t.Parallel()
	names, costs, meets := map[string]bool{}, map[string]bool{}, map[string]bool{}
	for _, c := range scene.All() {
		o := c.Operation
		if names[c.Name()] {
			t.Errorf("two scenes have the name %s", c.Name())
		}
		if c.Calm && c.Cost == (scene.Cost{}) {
			t.Errorf("%s has no cost and meets no trouble: nothing is left of it", c.Name())
		}
		if o.Static {
			t.Errorf("%s needs no table, and has a scene", o.Name)
		}
		names[c.Name()] = true
		costs[o.Name] = costs[o.Name] || c.Cost != scene.Cost{}
		meets[o.Name] = meets[o.Name] || !c.Calm
	}
	for _, o := range operation.All() {
		if !o.Static && !costs[o.Name] {
			t.Errorf("%s has no scene with a cost: add one to shared/testkit/scene", o.Name)
		}
		// A delivery that fails leaves its lease behind. Tests of its own have
		// its trouble.
		if !o.Static && !o.Posts && !meets[o.Name] {
			t.Errorf("%s has no scene that meets trouble: add one to shared/testkit/scene", o.Name)
		}
	}
}

// A scene sends its request on a route of its operation.
func TestTheRegisterSendsWhatItsOperationsTake(t *testing.T) {
	t.Parallel()
	for _, c := range scene.All() {
		method, target, _ := strings.Cut(c.Send, " ")
		path, _, _ := strings.Cut(target, "?")
		if !slices.ContainsFunc(c.Operation.Routes, func(r operation.Route) bool {
			return r.Method == method && matches(r.Path, path)
		}) && c.Operation.Trigger == operation.HTTP {
			t.Errorf("%s: no route of it takes %q", c.Operation.Name, c.Send)
		}
		if (c.Send == "") != (c.Operation.Trigger != operation.HTTP) {
			t.Errorf("%s sends %q, and its operation takes what is sent by HTTP alone", c.Name(), c.Send)
		}
	}
}
