package operation_test

import (
	"net/http"
	"strings"
	"sync"
	"testing"

	"github.com/aws/aws-lambda-go/events"

	"profiles/shared/operation"
	"profiles/shared/testkit"
)

// HEAD is answered as GET is, without the body, and changes nothing. Where GET
// itself changes something, as the links of mails do for the SDKs, there is no
// HEAD, because a program that checks links sends it without asking anybody.
func TestHeadIsGetWithoutABody(t *testing.T) {
	testkit.NeedsEngine(t)
	t.Parallel()
	var mu sync.Mutex
	played, changed := map[string]bool{}, map[string]bool{}
	t.Run("scenes", func(t *testing.T) {
		for _, c := range scenes {
			if c.Operation.Trigger != operation.HTTP || !gets(c.Operation) {
				continue
			}
			t.Run(c.Name(), func(t *testing.T) {
				t.Parallel()
				s := newModelledStage(t, c)
				before := s.State()
				var sent []string
				s.Edit = func(e *events.APIGatewayV2HTTPRequest) {
					sent = append(sent, e.RequestContext.HTTP.Method)
					if e.RequestContext.HTTP.Method == http.MethodGet {
						e.RequestContext.HTTP.Method = http.MethodHead
					}
				}
				got := c.Run(s)
				if len(sent) != 1 || sent[0] != http.MethodGet {
					return // another method of the operation
				}
				mu.Lock()
				played[c.Operation.Name] = true
				mu.Unlock()
				want := map[bool]int{false: 200, true: 404}[c.Operation.Acts]
				if got.Code != want || got.Body != "" {
					t.Errorf("got %d %q, want %d and no body", got.Code, got.Body, want)
				}
				if s.State() != before {
					t.Error("it has changed the table")
				}
				if c.Operation.Acts {
					s.Edit = nil
					if got := c.Run(s); got.Code != 200 {
						t.Errorf("GET: got %d %q", got.Code, got.Message)
					}
					mu.Lock()
					changed[c.Operation.Name] = changed[c.Operation.Name] || s.State() != before
					mu.Unlock()
				}
			})
		}
	})
	for _, o := range operation.All() {
		if gets(o) && !o.Static && !played[o.Name] {
			t.Errorf("%s plays in no scene", o.Name)
		}
		if o.Acts && !changed[o.Name] {
			t.Errorf("%s: its GET changes nothing", o.Name)
		}
	}
}

func gets(o operation.Operation) bool {
	for _, route := range o.Routes {
		if route.Method == http.MethodGet {
			return true
		}
	}
	return false
}

// A slash at the end of a path is ignored on every route. With more behind the
// slash it is another path. No path is declared with a slash at its end.
func TestASlashAtTheEnd(t *testing.T) {
	t.Parallel()
	w := testkit.New(t)
	for _, o := range operation.All() {
		for _, route := range o.Routes {
			if route.Path == operation.DefaultRoute {
				continue
			}
			if strings.HasSuffix(route.Path, "/") {
				t.Errorf("%s: API Gateway declares no path such as %s", o.Name, route.Path)
			}
			if o.Call == nil {
				// its answer is no envelope; the tests of its pages and of the
				// local stack cover it
				continue
			}
			path := strings.NewReplacer("{", "", "}", "").Replace(route.Path)
			same := w.Call(o, route.Method, path, "", nil)
			ends := []string{path + "/", "/" + path + "//"}
			if route.Method == http.MethodDelete && !o.Slash {
				// An SDK that is given an empty id sends the path above the id
				// with a slash. The parent at this path must not be deleted.
				for _, target := range ends {
					got := w.Call(o, route.Method, target, "", nil)
					if got.Code != 404 || !strings.HasPrefix(got.Message, operation.NoRoute) {
						t.Errorf("DELETE %s: got %d %q, want 404", target, got.Code, got.Message)
					}
				}
				ends = nil
			}
			for _, target := range append(ends, "/"+path) {
				got := w.Call(o, route.Method, target, "", nil)
				if got.Code != same.Code || got.Message != same.Message {
					t.Errorf("%s %s: got %d %q, without the slash %d %q", route.Method, target, got.Code, got.Message,
						same.Code, same.Message)
				}
			}
			for _, target := range []string{path + "/x/y/z", path + "/x/y/z/"} {
				got := w.Call(o, route.Method, target, "", nil)
				if got.Code != 404 || !strings.HasPrefix(got.Message, "Route Not Found") {
					t.Errorf("%s %s: got %d %q, want 404", route.Method, target, got.Code, got.Message)
				}
			}
		}
	}
}

// The function of a greedy twin gets everything below a path, and accepts only
// the slash.
func TestATwinAnswersTheSlashAlone(t *testing.T) {
	t.Parallel()
	w := testkit.New(t)
	ana := w.Quick("ana")
	twins := 0
	for _, o := range operation.All() {
		for _, route := range o.Declared() {
			path, twin := strings.CutSuffix(route.Path, "/{proxy+}")
			if !twin {
				continue
			}
			twins++
			method := route.Method
			if method == "ANY" {
				method = http.MethodGet
			}
			got := w.Call(o, method, path+"/", ana.Token, nil)
			if strings.HasPrefix(got.Message, "Route Not Found") {
				t.Errorf("%s %s/: got %d %q", method, path, got.Code, got.Message)
			}
			before := w.State()
			for _, more := range []string{"/x", "/x/", "/x/y", "/" + string(ana.Home), "/current"} {
				got := w.Call(o, method, path+more, ana.Token, object{"name": "x"})
				if got.Code != 404 || !strings.HasPrefix(got.Message, "Route Not Found") {
					t.Errorf("%s %s%s: got %d %q, want 404", method, path, more, got.Code, got.Message)
				}
			}
			if w.State() != before {
				t.Errorf("%s %s: what is no route has changed the table", method, path)
			}
		}
	}
	if twins != 8 {
		t.Errorf("there are %d twins, want one for each of the eight paths that SDKs send with a slash", twins)
	}
}
