package operation_test

import (
	"net/url"
	"strings"
	"testing"

	"profiles/shared/operation"
	"profiles/shared/testkit"
	"profiles/shared/value"
)

// Each address that an account can have is one part of a path. Every route that
// takes an address answers for it.
func TestEveryRouteTakesEveryAddress(t *testing.T) {
	t.Parallel()
	routes := 0
	for _, o := range operation.All() {
		for _, route := range o.Routes {
			if !strings.Contains(route.Path, "{email}") {
				continue
			}
			routes++
			w := testkit.New(t)
			for _, address := range []string{"o'neil_x-1+a@example.com", "a&b=c@example.com", "!$*{|}~^`@example.com"} {
				if _, err := value.ParseNewEmail(address); err != nil {
					t.Errorf("%s may be nobody's address: %v", address, err)
				}
				if got := w.Call(o, route.Method, strings.ReplaceAll(route.Path, "{email}", url.PathEscape(address)), "", nil); got.Code != 200 {
					t.Errorf("%s for %s: got %d %q", o.Name, address, got.Code, got.Message)
				}
			}
		}
	}
	if routes == 0 {
		t.Error("no route takes an address")
	}
	w := testkit.New(t)
	for address, sign := range map[string]string{
		"sales/eu@example.com": "slash", "a?b#c@example.com": "question mark", "a#b@example.com": "number sign", "a%2fb@example.com": "percent sign",
	} {
		got := w.Call(operation.AccountCreate, "POST", "/account", "", map[string]any{
			"name": "Sales", "email": address, "password": testkit.Password, "cpassword": testkit.Password, "timezone": "UTC",
		})
		if got.Code != 400 || !strings.Contains(got.Message, sign) || w.Count("", "") != 0 {
			t.Errorf("a sign-up as %s: got %d %q, and %d items", address, got.Code, got.Message, w.Count("", ""))
		}
	}
}
