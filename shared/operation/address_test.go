package operation_test

import (
	"net/url"
	"strings"
	"testing"

	"profiles/shared/operation"
	"profiles/shared/tenancy"
	"profiles/shared/testkit"
)

// Whatever may become the address of an account is one part of a path: every route that takes an address answers for it.
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
			for _, address := range []string{"o'neil_x-1+a@example.com", "a%b#c?d&e=f@example.com", "%2f%zz@example.com", "!$*{|}~^@example.com"} {
				if _, err := tenancy.ParseNewEmail(address); err != nil {
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
	got := w.Call(operation.AccountCreate, "POST", "/account", "", map[string]any{
		"name": "Sales", "email": "sales/eu@example.com", "password": testkit.Password, "cpassword": testkit.Password, "timezone": "UTC",
	})
	if got.Code != 400 || !strings.Contains(got.Message, "slash") || w.Count("", "") != 0 {
		t.Errorf("a sign-up with a slash: got %d %q, and %d items", got.Code, got.Message, w.Count("", ""))
	}
}
