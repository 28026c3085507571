package operation_test

import (
	"bytes"
	"encoding/base64"
	"image"
	"image/color"
	"image/png"
	"strings"
	"testing"

	"github.com/aws/aws-lambda-go/events"

	"profiles/shared/operation"
	"profiles/shared/plan"
	"profiles/shared/problem"
	"profiles/shared/service"
	"profiles/shared/tenancy"
	"profiles/shared/testkit"
	"profiles/shared/value"
)

// drawn is a PNG of one colour, in base64.
func drawn(shade uint8) string {
	m := image.NewNRGBA(image.Rect(0, 0, 8, 8))
	for y := range 8 {
		for x := range 8 {
			m.Set(x, y, color.NRGBA{shade, 100, 200, 255})
		}
	}
	var b bytes.Buffer
	if err := png.Encode(&b, m); err != nil {
		panic(err)
	}
	return base64.StdEncoding.EncodeToString(b.Bytes())
}

// A page shows a logo for each profile and is opened again and again.
func TestAPageOfLogosIsNotLimited(t *testing.T) {
	t.Parallel()
	w, ana := limited(t, plan.Free)
	var set struct {
		URL string `json:"logo_url"`
	}
	w.Call(operation.ProfileLogoSet, "PUT", "/profile/"+string(ana.Home)+"/logo", ana.Token,
		object{"image": drawn(1)}).Into(w, &set)
	for i := range 300 {
		if got := download(w, operation.LogoGet, set.URL, ""); got.StatusCode != 200 {
			t.Fatalf("logo %d: got %d", i+1, got.StatusCode)
		}
	}
}

// Callers who may not set a logo are refused, and so are bodies without a logo.
func TestLogosThatAreRefused(t *testing.T) {
	t.Parallel()
	w := testkit.New(t)
	ana, ben, eve := w.Quick("ana"), w.Quick("ben"), w.Quick("eve")
	plant := ana.Profile("Plant")
	w.Share(plant, ben, tenancy.PermissionRead)
	set := func(token string, id value.ProfileID, image string) testkit.Answer {
		return w.Call(operation.ProfileLogoSet, "PUT", "/profile/"+string(id)+"/logo", token, object{"image": image})
	}
	for name, c := range map[string]struct {
		token, image string
		code         int
	}{
		"a member who may read":   {ben.Token, drawn(1), 403},
		"somebody else":           {eve.Token, drawn(1), 404},
		"no picture":              {ana.Token, "", 400},
		"another kind of picture": {ana.Token, base64.StdEncoding.EncodeToString([]byte("<svg onload=alert(1)>")), 400},
		"no base64":               {ana.Token, "%%%", 400},
	} {
		if got := set(c.token, plant, c.image); got.Code != c.code {
			t.Errorf("%s: got %d %q, want %d", name, got.Code, got.Message, c.code)
		}
	}
	for name, c := range map[string]struct {
		image, message string
		field          problem.FieldCode
	}{
		"nothing":         {"", "image is required: a PNG picture in base64", problem.FieldRequired},
		"no base64":       {"%%%", "image must be a PNG picture in base64, and nothing else before or after it", problem.FieldFormat},
		"cut base64":      {drawn(1)[:41], "image must be a PNG picture in base64, and nothing else before or after it", problem.FieldFormat},
		"a data URL":      {"data:image/png;base64," + drawn(1), "image must be a PNG picture in base64, and nothing else before or after it", problem.FieldFormat},
		"another picture": {base64.StdEncoding.EncodeToString([]byte("GIF89a")), "image must be a PNG picture", problem.FieldFormat},
	} {
		got := set(ana.Token, plant, c.image)
		if got.Code != 400 || got.Message != c.message ||
			!strings.Contains(got.Body, `"fields":[{"field":"image","code":"`+string(c.field)+`"`) {
			t.Errorf("%s: got %d %q, want %q", name, got.Code, got.Body, c.message)
		}
		for who, want := range map[string]int{ben.Token: 403, eve.Token: 404,
			w.NextKey().Token(): 401} {
			if got := set(who, plant, c.image); got.Code != want {
				t.Errorf("%s, from whoever may not: got %d %q, want %d", name, got.Code, got.Message, want)
			}
		}
	}
}

// A logo is shown wherever its profile is, to anybody who has its address,
// until it is replaced or removed or its profile is deleted. The logo of
// another profile stays.
func TestLogosOfProfiles(t *testing.T) {
	t.Parallel()
	w := testkit.New(t)
	ana, ben, eve := w.Account("ana"), w.Account("ben"), w.Account("eve")
	sam := w.Agent(w.Account("sam"))
	plant := ana.Profile("Plant")
	w.Share(plant, ben, tenancy.PermissionRead)
	set := func(token string, id value.ProfileID, image string) testkit.Answer {
		return w.Call(operation.ProfileLogoSet, "PUT", "/profile/"+string(id)+"/logo", token, object{"image": image})
	}
	get := func(path string) events.APIGatewayV2HTTPResponse {
		return download(w, operation.LogoGet, path, "")
	}
	address := func(token string, id value.ProfileID) string {
		var p struct {
			Info struct {
				Logo *string `json:"logo_url"`
			}
		}
		w.Call(operation.ProfileGet, "GET", "/profile/"+string(id), token, nil).Into(w, &p)
		if p.Info.Logo == nil {
			return ""
		}
		return *p.Info.Logo
	}
	if got := set(ana.Token, plant, drawn(1)); got.Code != 200 {
		t.Fatalf("got %d %q", got.Code, got.Message)
	}
	if got := set(eve.Token, eve.Home, drawn(1)); got.Code != 200 {
		t.Fatalf("got %d %q", got.Code, got.Message)
	}
	first, others := address(ana.Token, plant), address(eve.Token, eve.Home)
	if first == others || first != address(ben.Token, plant) {
		t.Errorf("got the addresses %s and %s", first, others)
	}
	var listed []struct {
		ID   value.ProfileID
		Logo *string `json:"logo_url"`
	}
	w.Call(operation.ProfileList, "GET", "/profile", ben.Token, nil).Into(w, &listed)
	if last := listed[len(listed)-1]; last.ID != plant || last.Logo == nil || *last.Logo != first {
		t.Errorf("a member's list has %+v", last)
	}
	got := get(first)
	h := got.Headers
	if got.StatusCode != 200 || h["Content-Type"] != "image/png" || h["Cache-Control"] != "max-age=300" ||
		h["Etag"] != `"`+strings.TrimPrefix(first, "/logo/")+`"` ||
		!strings.HasSuffix(h["Content-Security-Policy"], "; sandbox") || h["X-Content-Type-Options"] != "nosniff" || !got.IsBase64Encoded {
		t.Errorf("got %d %v", got.StatusCode, h)
	}
	raw, err := base64.StdEncoding.DecodeString(got.Body)
	if err != nil || !bytes.HasPrefix(raw, []byte("\x89PNG")) {
		t.Errorf("got %.20q, %v", raw, err)
	}
	tag := got.Headers["Etag"]
	again := func(path, tags string) events.APIGatewayV2HTTPResponse {
		w.Edit = func(e *events.APIGatewayV2HTTPRequest) { e.Headers["if-none-match"] = tags }
		defer func() { w.Edit = nil }()
		return get(path)
	}
	for tags, want := range map[string]int{tag: 304, "W/" + tag: 304, `"x", W/"y",` + tag: 304, "*": 304, `"x"`: 200,
		"": 200, strings.Trim(tag, `"`): 200} {
		got := again(first, tags)
		if got.StatusCode != want || (got.Body == "") != (want == 304) || got.Headers["Etag"] != tag ||
			got.Headers["Cache-Control"] != "max-age=300" {
			t.Errorf("a browser that has %s: got %d %v, want %d", tags, got.StatusCode, got.Headers, want)
		}
	}
	edit := func(body object) testkit.Answer {
		return w.Call(operation.ProfileEdit, "PUT", "/profile/"+string(plant), ana.Token, body)
	}
	if got := edit(object{"name": "Works", "logo_url": first}); got.Code != 200 || get(first).StatusCode != 200 {
		t.Errorf("sent back as it was read: got %d %q", got.Code, got.Message)
	}
	for _, body := range []object{{"logo_url": first}, {"info": object{"logo_url": first}}} {
		got := edit(body)
		if got.Code != 200 || address(ana.Token, plant) != first || get(first).StatusCode != 200 {
			t.Errorf("%v, as it is already: got %d %q", body, got.Code, got.Message)
		}
	}
	if got := edit(object{"logo_url": others}); got.Code != 400 {
		t.Errorf("another's: got %d %q", got.Code, got.Message)
	}
	if got := set(ana.Token, plant, drawn(2)); got.Code != 200 || get(first).StatusCode != 404 ||
		get(address(ana.Token, plant)).StatusCode != 200 {
		t.Errorf("replaced: got %d %q, and the first %d", got.Code, got.Message, get(first).StatusCode)
	}
	second := address(ana.Token, plant)
	w.Move(plant, ana, ben, sam)
	if address(ben.Token, plant) != second || get(second).StatusCode != 200 {
		t.Errorf("moved: got %s", address(ben.Token, plant))
	}
	if got := w.Call(operation.ProfileEdit, "PUT", "/profile/"+string(plant), ben.Token,
		object{"logo_url": nil}); got.Code != 200 || get(second).StatusCode != 404 ||
		address(ben.Token, plant) != "" ||
		again(second, `"`+strings.TrimPrefix(second, "/logo/")+`"`).StatusCode != 404 {
		t.Errorf("removed: got %d %q", got.Code, got.Message)
	}
	extra := eve.Profile("extra")
	if got := set(eve.Token, extra, drawn(3)); got.Code != 200 {
		t.Fatalf("got %d %q", got.Code, got.Message)
	}
	third := address(eve.Token, extra)
	w.OK(w.Profiles.Delete(t.Context(), eve.Client(operation.ProfileDelete), refOf(extra),
		service.Credentials{Password: testkit.Password}))
	if get(third).StatusCode != 404 || get(others).StatusCode != 200 || w.Count("G#", "G") != 1 {
		t.Errorf("deleted: got %d, and another's %d; %d are left", get(third).StatusCode, get(others).StatusCode, w.Count("G#", "G"))
	}
	for _, path := range []string{"/logo/x", "/logo/" + strings.Repeat("0", 32), "/logo/" + strings.Repeat("0", 64)} {
		if got := get(path); got.StatusCode != 404 {
			t.Errorf("%s: got %d", path, got.StatusCode)
		}
	}
}
