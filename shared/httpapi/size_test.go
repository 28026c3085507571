package httpapi_test

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"
	"unicode/utf8"

	"pgregory.net/rapid"

	"profiles/shared/httpapi"
)

// The computed size of a body is never too small, and exact for plain texts.
func TestEncodedSize(t *testing.T) {
	t.Parallel()
	encoded := func(body string) int {
		var b bytes.Buffer
		e := json.NewEncoder(&b)
		e.SetEscapeHTML(false)
		if err := e.Encode(body); err != nil {
			t.Fatal(err)
		}
		return b.Len() - 3 // two quotes and a line end
	}
	for _, body := range []string{"", "plain", `{"a":"b\\"}`, "line\r\n\t", strings.Repeat(`"`, 1000), "ü€😀", "a\u2028b\u2029"} {
		if got, want := httpapi.EncodedSize([]byte(body)), encoded(body); got != want {
			t.Errorf("%q: got %d, want %d", body, got, want)
		}
	}
	rapid.Check(t, func(t *rapid.T) {
		body := string(rapid.SliceOf(rapid.Byte()).Draw(t, "body"))
		if !utf8.ValidString(body) {
			if got, want := httpapi.EncodedSize([]byte(body)), (len(body)+2)/3*4; got != want {
				t.Fatalf("%q takes %d in base64, got %d", body, want, got)
			}
			return
		}
		if got, least := httpapi.EncodedSize([]byte(body)), encoded(body); got < least {
			t.Fatalf("%q takes %d, got %d", body, least, got)
		}
	})
}
