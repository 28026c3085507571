package service_test

import (
	"testing"

	"profiles/shared/service"
)

// A process gives its services no clock and no ids: all of them have the usual
// ones, what keeps the answers to keys too.
func TestWhatAConfigLeavesOutHasADefault(t *testing.T) {
	t.Parallel()
	kept := service.New(service.Config{}).Idempotency
	if kept.Now == nil || kept.NewID == nil || kept.Log == nil {
		t.Errorf("got %+v", kept)
	}
}
