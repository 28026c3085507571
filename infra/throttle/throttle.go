// Package throttle limits requests as API Gateway does, for the local stack.
package throttle

import (
	"sync"
	"time"

	"profiles/infra/template"
)

// Limits are those of an API: a route with a limit of its own takes nothing
// from the others, which share that of the stage. Nil limits nothing.
type Limits struct {
	stage  *bucket
	routes map[string]*bucket // by the names of routes
}

// New returns the limits that a template says.
func New(api template.API) *Limits {
	t := &Limits{stage: newBucket(api.Throttle), routes: map[string]*bucket{}}
	for key, limit := range api.Throttles {
		t.routes[key] = newBucket(limit)
	}
	return t
}

// Admit reports whether a request to a route is within its limit, and counts it
// then.
func (t *Limits) Admit(route string, now time.Time) bool {
	if t == nil {
		return true
	}
	if own := t.routes[route]; own != nil {
		return own.take(now)
	}
	return t.stage.take(now)
}

// bucket has a token for each request that may come at once, and gets new ones
// at the rate. Nil never runs out.
type bucket struct {
	limit template.Throttle

	mu     sync.Mutex
	tokens float64
	filled time.Time
}

func newBucket(limit template.Throttle) *bucket {
	if limit == (template.Throttle{}) {
		return nil
	}
	return &bucket{limit: limit, tokens: limit.Burst}
}

func (b *bucket) take(now time.Time) bool {
	if b == nil {
		return true
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	if passed := now.Sub(b.filled).Seconds(); passed > 0 {
		b.tokens = min(b.limit.Burst, b.tokens+passed*b.limit.Rate)
		b.filled = now
	}
	if b.tokens < 1 {
		return false
	}
	b.tokens--
	return true
}
