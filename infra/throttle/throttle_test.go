package throttle_test

import (
	"testing"
	"time"

	"profiles/infra/template"
	"profiles/infra/throttle"
)

// A flood of one route with a limit of its own leaves the others alone, and
// those share the limit of the stage.
func TestAFloodOfOneRouteLeavesTheOthersAlone(t *testing.T) {
	t.Parallel()
	limits := throttle.New(template.API{
		Throttle:  template.Throttle{Rate: 2, Burst: 5},
		Throttles: map[string]template.Throttle{"ANY /open": {Rate: 10, Burst: 20}},
	})
	now := time.UnixMilli(1899710813589)
	admitted := func(route string, n int) (count int) {
		for range n {
			if limits.Admit(route, now) {
				count++
			}
		}
		return count
	}
	if got := admitted("ANY /open", 100); got != 20 {
		t.Errorf("of a flood %d are admitted, want 20", got)
	}
	if got := admitted("GET /other", 3) + admitted("GET /third", 3); got != 5 {
		t.Errorf("beside it %d of two routes are admitted, want 5", got)
	}
	now = now.Add(500 * time.Millisecond)
	if got := admitted("ANY /open", 100); got != 5 {
		t.Errorf("half a second later %d are admitted, want 5", got)
	}
	now = now.Add(time.Hour)
	if got := admitted("ANY /open", 100); got != 20 {
		t.Errorf("an hour later %d are admitted, want 20", got)
	}
	var none *throttle.Limits
	if !none.Admit("ANY /open", now) || !throttle.New(template.API{}).Admit("ANY /open", now) {
		t.Error("without limits a request is refused")
	}
}
