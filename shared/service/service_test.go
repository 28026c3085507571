package service_test

import (
	"testing"

	"profiles/shared/service"
)

// A configuration without a clock and ids gets the usual ones, also for the
// part that keeps answers of requests with a key.
func TestWhatAConfigLeavesOutHasADefault(t *testing.T) {
	t.Parallel()
	kept := service.New(service.Config{}).Idempotency
	if kept.Now == nil || kept.NewID == nil || kept.Log == nil {
		t.Errorf("got %+v, want a clock, ids and a log", kept)
	}
}
