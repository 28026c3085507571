package openapi

import (
	"maps"
	"strings"
	"testing"

	"profiles/shared/operation"
)

// The calls of SDKs belong to operations that answer requests, so that the
// document leaves none out.
func TestCallsOfSDKsAreOfOperations(t *testing.T) {
	t.Parallel()
	left := maps.Clone(sdk)
	for _, o := range operation.All() {
		call := left[o.Name]
		delete(left, o.Name)
		switch {
		case call == nil:
		case o.Call == nil:
			t.Errorf("%s: is in no document", o.Name)
		case call.JavaScript == "" && call.Python == "":
			t.Errorf("%s: has no call", o.Name)
		case call.JavaScript != "" && !strings.HasPrefix(call.JavaScript, "await "):
			t.Errorf("%s: %s does not wait", o.Name, call.JavaScript)
		}
	}
	for name := range left {
		t.Errorf("%s: no such operation", name)
	}
}
