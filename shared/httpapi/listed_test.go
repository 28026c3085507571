package httpapi_test

import (
	"strings"
	"testing"

	"profiles/shared/httpapi"
)

// The rows of a page are the result, as SDKs expect, and the position is beside
// it.
func TestAPageHasItsPositionBesideTheResult(t *testing.T) {
	t.Parallel()
	for next, want := range map[string]string{
		"":  `{"status":true,"result":["a"],"nextToken":null}`,
		"7": `{"status":true,"result":["a"],"nextToken":"7"}`,
	} {
		got := httpapi.Succeed(httpapi.Listed{Rows: []string{"a"}, Next: next})
		if body := strings.TrimSpace(string(got.Body)); got.Status != 200 || body != want {
			t.Errorf("got %d %s, want %s", got.Status, body, want)
		}
	}
}
