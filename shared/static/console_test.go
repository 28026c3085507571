package static_test

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"profiles/shared/static"
)

// A mail program that opens the address of the click shows a page with a link,
// and nothing but a code gets into it.
func TestTheAddressOfAClickOpensAPage(t *testing.T) {
	t.Parallel()
	for code, want := range map[string]int{
		"SampleOff-_1": http.StatusOK, `x"><script>`: http.StatusNotFound, "a/b": http.StatusNotFound,
	} {
		r := httptest.NewRequest(http.MethodGet, "/account/unsubscribe/x", nil)
		r.URL.Path = "/account/unsubscribe/" + code
		got := static.ConsolePage.Serve(r)
		if got.Status != want {
			t.Errorf("%s: got %d, want %d", code, got.Status, want)
		}
		link := `href="/console#/account/unsubscribe/` + code + `"`
		if want == http.StatusOK != strings.Contains(string(got.Body), link) {
			t.Errorf("%s: got %s", code, got.Body)
		}
	}
}
