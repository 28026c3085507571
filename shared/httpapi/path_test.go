package httpapi_test

import (
	"maps"
	"testing"

	"profiles/shared/httpapi"
)

func TestMatchPath(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		pattern, path string
		ok            bool
		want          map[string]string
	}{
		{"/", "/", true, nil},
		{"/", "", false, nil},
		{"/status", "/status", true, nil},
		{"/status", "/status/", false, nil},
		{"/status", "/Status", false, nil},
		{"/status", "/status/x", false, nil},
		{"/status/x", "/status", false, nil},
		{"/profile/{id}", "/profile/x", true, map[string]string{"id": "x"}},
		{"/profile/{id}", "/profile/{id}", true, map[string]string{"id": "{id}"}},
		{"/profile/{id}", "/profile/", false, nil},
		{"/profile/{id}", "/profile", false, nil},
		{"/profile/{id}", "/profile/x/", false, nil},
		{"/profile/{id}/token/{token}", "/profile/x/token/y", true,
			map[string]string{"id": "x", "token": "y"}},
		{"/profile/{id}/token", "/profile//token", false, nil},
		{"/console/{path+}", "/console/a", true, map[string]string{"path": "a"}},
		{"/console/{path+}", "/console/a/b/c.js", true, map[string]string{"path": "a/b/c.js"}},
		{"/console/{path+}", "/console/a/", true, map[string]string{"path": "a/"}},
		{"/console/{path+}", "/console/", false, nil},
		{"/console/{path+}", "/console", false, nil},
		{"/profile/{id}/{path+}", "/profile/x/a/b", true,
			map[string]string{"id": "x", "path": "a/b"}},
		{"/profile/{id}/{path+}", "/profile//a/b", false, nil},
	} {
		values, ok := httpapi.MatchPath(test.pattern, test.path)
		if ok != test.ok || !maps.Equal(values, test.want) {
			t.Errorf("%s with %s: got %v, %v", test.pattern, test.path, values, ok)
		}
	}
}
