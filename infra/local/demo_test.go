package main

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	v4 "github.com/aws/aws-sdk-go-v2/aws/signer/v4"

	"profiles/infra/demo"
	"profiles/infra/demo/seed"
	"profiles/infra/engine"
)

func TestTheDemoAccountsWorkAsTheyAreDescribed(t *testing.T) {
	t.Parallel()
	data := t.TempDir()
	r := start(t, data, "DEMO=1")
	r.slashes()
	for _, d := range (seed.Made{Accounts: true, History: true}).Described() {
		if !strings.Contains(r.output.String(), d.Email) {
			t.Errorf("%s is not said in\n%s", d.Email, r.output)
		}
		body, _ := json.Marshal(map[string]string{"email": d.Email, "password": demo.Password})
		if code, answer := r.call("POST", "/account/login", "", string(body)); code != 200 {
			t.Errorf("%s: got %d %s", d.Email, code, answer)
		}
	}
	token := demo.Owner.Token()
	if code, answer := r.call("GET", "/profile", token, ""); code != 200 || !strings.Contains(answer, `"Plant"`) {
		t.Errorf("the demo token: got %d %s", code, answer)
	}
	profile := string(demo.Profile)
	if code, answer := r.call("GET", "/profile/"+profile, token, ""); code != 200 ||
		!strings.Contains(answer, `"name":"Ana"`) {
		t.Errorf("the demo profile: got %d %s", code, answer)
	}
	for _, curl := range []string{
		"curl -H 'token: " + token + "' " + r.API + "/profile",
		"curl -H 'token: " + demo.Plane.Token() + "' " + r.API + "/usage/" + profile + " -d '" + demoReport + "'",
	} {
		if !strings.Contains(r.output.String(), curl) {
			t.Errorf("%s is not said in\n%s", curl, r.output)
		}
	}
	for _, by := range []struct {
		token string
		want  int
	}{{demo.Plane.Token(), 200}, {token, 403}, {"", 401}} {
		if code, answer := r.call("POST", "/usage/"+profile, by.token, demoReport); code != by.want {
			t.Errorf("a report with the token %q: got %d %s, want %d", by.token, code, answer, by.want)
		}
	}

	t.Run("a report is signed instead", func(t *testing.T) { r.signedReports(t, profile) })

	t.Run("a second stack on the same data is refused", func(t *testing.T) {
		out, err := command(t, data, nil).CombinedOutput()
		if err == nil || !strings.Contains(string(out), "another stack is running") {
			t.Errorf("got %v %s", err, out)
		}
	})
	t.Run("a function is invoked beside it", func(t *testing.T) { invokedBeside(t, data) })
	t.Run("a browser is let in", func(t *testing.T) {
		request, err := http.NewRequest("OPTIONS", r.API+"/profile", nil)
		if err != nil {
			t.Fatal(err)
		}
		for name, value := range map[string]string{
			"Origin": "https://app.example.com", "Access-Control-Request-Method": "PUT",
			"Access-Control-Request-Headers": "token,content-type,pragma,cache-control",
		} {
			request.Header.Set(name, value)
		}
		response, err := http.DefaultClient.Do(request)
		if err != nil {
			t.Fatal(err)
		}
		response.Body.Close()
		allowed := response.Header.Get("Access-Control-Allow-Headers")
		for _, header := range []string{"token", "content-type", "pragma", "cache-control"} {
			if !strings.Contains(allowed, header) {
				t.Errorf("the header %s is not allowed: %q", header, allowed)
			}
		}
		if response.StatusCode >= 300 || response.Header.Get("Access-Control-Allow-Origin") != "*" {
			t.Errorf(
				"got %d, allowed origin %q",
				response.StatusCode,
				response.Header.Get("Access-Control-Allow-Origin"),
			)
		}
	})
	t.Run("headers of answers arrive", func(t *testing.T) {
		for _, path := range []string{"/status", "/console", "/docs", "/docs/reference.css", "/openapi.json", "/account", "/nothing"} {
			response, err := http.Get(r.API + path)
			if err != nil {
				t.Fatal(err)
			}
			response.Body.Close()
			h := response.Header
			if id := h.Get("X-Request-Id"); id == "" || id != h.Get("Apigw-Requestid") {
				t.Errorf(
					"%s: the request's id is %q, the gateway's %q",
					path,
					id,
					h.Get("Apigw-Requestid"),
				)
			}
			for _, name := range []string{"Strict-Transport-Security", "Content-Security-Policy", "Referrer-Policy", "X-Content-Type-Options"} {
				if len(h.Values(name)) != 1 {
					t.Errorf("%s: %s is %q", path, name, h.Values(name))
				}
			}
			want := "no-store"
			if h.Get("ETag") != "" {
				want = "no-cache" // a page of the console that was built
			}
			if h.Get("Cache-Control") != want {
				t.Errorf("%s: Cache-Control is %q", path, h.Get("Cache-Control"))
			}
		}
	})
}

// signedReports sends reports of a profile with the data plane's signature, and
// with wrong ones.
func (r *running) signedReports(t *testing.T, profile string) {
	for what, test := range map[string]struct {
		secret string
		alter  func(*http.Request)
		want   int
	}{
		"as it should be":  {engine.SecretAccessKey, func(*http.Request) {}, 200},
		"with another key": {"other", func(*http.Request) {}, 403},
		"for another profile": {engine.SecretAccessKey, func(r *http.Request) {
			r.URL.Path = "/profile/" + strings.Repeat("0", 24) + "/usage"
		}, 403},
		"for another body": {engine.SecretAccessKey, func(r *http.Request) {
			r.Body = io.NopCloser(strings.NewReader(strings.Replace(demoReport, "5", "6", 1)))
		}, 403},
		"not, but with a token": {engine.SecretAccessKey, func(r *http.Request) {
			r.Header.Del("Authorization")
			r.Header.Set("token", demo.Plane.Token())
		}, 403},
		"for a time that is past": {engine.SecretAccessKey, func(r *http.Request) { r.Header.Set("X-Amz-Date", "20200101T000000Z") }, 403},
	} {
		request, err := http.NewRequest("POST", r.API+"/profile/"+profile+"/usage", strings.NewReader(demoReport))
		if err != nil {
			t.Fatal(err)
		}
		hash := sha256.Sum256([]byte(demoReport))
		key := aws.Credentials{AccessKeyID: engine.AccessKeyID, SecretAccessKey: test.secret}
		if err := v4.NewSigner().
			SignHTTP(t.Context(), key, request, hex.EncodeToString(hash[:]), "execute-api", "eu-central-1",
				time.Now()); err != nil {
			t.Fatal(err)
		}
		test.alter(request)
		response, err := http.DefaultClient.Do(request)
		if err != nil {
			t.Fatal(err)
		}
		answer, _ := io.ReadAll(response.Body)
		response.Body.Close()
		if response.StatusCode != test.want {
			t.Errorf("signed %s: got %d %s, want %d", what, response.StatusCode, answer, test.want)
		}
	}
}

// invokedBeside runs functions once, beside the stack that has the data.
func invokedBeside(t *testing.T, data string) {
	for function, want := range map[string]string{
		"token-expire": "token-expire ended without an error", "profile-list": "Plant", "usage-report": `\"admitted\":true`, "usage-check": `\"used\":25`, "account-login": `\"type\":\"user\"`,
	} {
		out, err := command(t, data, []string{"FUNCTION=" + function}, "invoke").CombinedOutput()
		if err != nil || !strings.Contains(string(out), want) {
			t.Errorf("%s: got %v %s, want %q", function, err, out, want)
		}
	}
	out, err := command(t, data, []string{"FUNCTION=nonsense"}, "invoke").CombinedOutput()
	if err == nil || !strings.Contains(string(out), `profiles: there is no function "nonsense"`) {
		t.Errorf("an unknown function: got %v %s", err, out)
	}
	broken := filepath.Join(t.TempDir(), "event.json")
	if err := os.WriteFile(broken, []byte(`{"a":`), 0o600); err != nil {
		t.Fatal(err)
	}
	for event, want := range map[string]string{
		broken: "profiles: EVENT: " + broken + " is no JSON", filepath.Join(data, "nothing"): "profiles: EVENT: open ",
	} {
		out, err := command(t, data, []string{"FUNCTION=token-expire", "EVENT=" + event}, "invoke").CombinedOutput()
		if err == nil || !strings.Contains(string(out), want) {
			t.Errorf("the event %s: got %v %s, want %q", event, err, out, want)
		}
	}
}
