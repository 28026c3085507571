package httpapi_test

import (
	"net/http/httptest"
	"strings"
	"testing"

	"profiles/shared/httpapi"
)

// A refusal names what the client sent, and nothing of how it is kept here.
func TestDecodeListNamesWhatIsWrong(t *testing.T) {
	t.Parallel()
	type numbers struct {
		Input *int64 `json:"input"`
	}
	for text, want := range map[string]string{
		`[5]`:             "invalid: the request body must be a JSON list of objects",
		`[["a"]]`:         "invalid: the request body must be a JSON list of objects",
		`[{"input":"1"}]`: "invalid: input must be a whole number",
	} {
		var got []struct {
			Profile string `json:"profile"`
			numbers
		}
		err := httpapi.DecodeList(httptest.NewRequest("POST", "/", strings.NewReader(text)), &got)
		if said(err) != want {
			t.Errorf("%s: got %q, want %q", text, said(err), want)
		}
	}
}
