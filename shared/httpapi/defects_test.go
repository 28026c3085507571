package httpapi_test

import (
	"net/http/httptest"
	"strings"
	"testing"

	"profiles/shared/httpapi"
)

// A refusal names the values that the client sent, and no names of this code.
func TestDecodeListNamesWhatIsWrong(t *testing.T) {
	t.Parallel()
	type numbers struct {
		Input *int64 `json:"input"`
	}
	for text, want := range map[string]string{
		`[5]`:             "invalid: [0] must be an object",
		`[{},["a"]]`:      "invalid: [1] must be an object",
		`[{"input":"1"}]`: "invalid: [0].input must be a whole number",
	} {
		var got []struct {
			Profile string `json:"profile"`
			numbers
		}
		err := httpapi.Decode(httptest.NewRequest("POST", "/", strings.NewReader(text)), &got)
		if said(err) != want {
			t.Errorf("%s: got %q, want %q", text, said(err), want)
		}
	}
}
