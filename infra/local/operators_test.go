package main

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"profiles/infra/demo"
	"profiles/infra/engine"
	"profiles/infra/secrets"
	"profiles/infra/signature"
	"profiles/shared/secret"
)

// sts answers as AWS does with the identity that a request is signed by.
func sts(t *testing.T, arn string) string {
	t.Helper()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if valid, err := signature.Valid(r, "sts", time.Now()); err != nil || !valid ||
			r.FormValue("Action") != "GetCallerIdentity" {
			http.Error(w, "<ErrorResponse/>", http.StatusForbidden)
			return
		}
		fmt.Fprintf(w, `<GetCallerIdentityResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><GetCallerIdentityResult>`+
			`<Arn>%s</Arn><UserId>AIDA</UserId><Account>123456789012</Account></GetCallerIdentityResult></GetCallerIdentityResponse>`, arn)
	}))
	t.Cleanup(server.Close)
	return server.URL
}

// The operator and the reason of a command come from the environment, from AWS
// or from this machine. A command for a deployed stack needs a reason.
func TestWhoRunsACommandAndWhy(t *testing.T) {
	t.Parallel()
	aws := sts(t, "arn:aws:sts::123456789012:assumed-role/Admin/jane")
	for name, c := range map[string]struct {
		deployed bool
		env      map[string]string
		who, why string // of the command
		want     string // of the error
	}{
		"here":              {false, map[string]string{}, localUser(), "", ""},
		"here, with a name": {false, map[string]string{"OPERATOR": "jane", "REASON": "a test"}, "jane", "a test", ""},
		"deployed":          {true, map[string]string{"REASON": "lost phone"}, "assumed-role/Admin/jane", "lost phone", ""},
		"deployed, with a name": {true, map[string]string{"REASON": "lost phone", "OPERATOR": "jane", "AWS_SECRET_ACCESS_KEY": "other"},
			"jane", "lost phone", ""},
		"without a reason":    {true, map[string]string{"OPERATOR": "jane", "REASON": " "}, "", "", "say why"},
		"with another key":    {true, map[string]string{"REASON": "x", "AWS_SECRET_ACCESS_KEY": "other"}, "", "", "say who you are"},
		"with no key":         {true, map[string]string{"REASON": "x", "AWS_ACCESS_KEY_ID": ""}, "", "", "say who you are"},
		"a name of two lines": {false, map[string]string{"OPERATOR": "a\nb"}, "", "", "OPERATOR"},
		"a long reason":       {true, map[string]string{"OPERATOR": "jane", "REASON": strings.Repeat("x", 301)}, "", "", "REASON"},
	} {
		env := map[string]string{
			"AWS_REGION": engine.Region, "AWS_ACCESS_KEY_ID": engine.AccessKeyID,
			"AWS_SECRET_ACCESS_KEY": engine.SecretAccessKey, "AWS_ENDPOINT_URL_STS": aws,
		}
		for k, v := range c.env {
			env[k] = v
		}
		act, err := actOf(t.Context(), c.deployed, func(name string) string { return env[name] })
		if c.want != "" {
			if err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("%s: got %v, %v, want %q", name, act, err, c.want)
			}
			continue
		}
		if err != nil || act.Who != c.who || act.Why != c.why {
			t.Errorf("%s: got %+v, %v, want %s and %q", name, act, err, c.who, c.why)
		}
	}
}

// Maintenance is turned on and off in the secret, which keeps its keys, and the
// secret names the person who turned it on.
func TestTheMaintenanceSwitch(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "secret")
	key := secret.NewMaster()
	if err := secrets.Write(file, key); err != nil {
		t.Fatal(err)
	}
	server, err := secrets.Serve("kept", file)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(server.Close)
	env := map[string]string{
		"AWS_REGION": engine.Region, "AWS_ACCESS_KEY_ID": engine.AccessKeyID, "AWS_SECRET_ACCESS_KEY": engine.SecretAccessKey,
		"SECRET_ID": "kept", "AWS_ENDPOINT_URL_SECRETS_MANAGER": server.Endpoint, "OPERATOR": "jane", "REASON": "a restore",
	}
	run := func(state, length string) (string, error) {
		var out bytes.Buffer
		err := maintain(t.Context(), &out, state, length, func(name string) string {
			return env[name]
		})
		return out.String(), err
	}
	for _, step := range []struct{ state, length, says, refuses string }{
		{"", "", "takes writes", ""},
		{"off", "", "", "is not read-only"},
		{"on", "soon", "", "FOR is"},
		{"on", "30m", "read-only since", ""},
		{"on", "", "", "read-only already"},
		{"", "", "by jane: a restore; its end is expected", ""},
		{"on or off", "", "", "STATE must be"},
		{"off", "", "takes writes", ""},
	} {
		out, err := run(step.state, step.length)
		if (err != nil) != (step.refuses != "") || !strings.Contains(out, step.says) ||
			err != nil && !strings.Contains(err.Error(), step.refuses) {
			t.Errorf("%q: got %q, %v, want %q or %q", step.state, out, err, step.says, step.refuses)
		}
	}
	lookup := func(name string) string { return env[name] }
	if err := rotateKey(t.Context(), new(bytes.Buffer), lookup); err != nil {
		t.Fatal(err)
	}
	if _, err := run("on", ""); err != nil {
		t.Fatal(err)
	}
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	ring, err := secret.ParseRing(string(text))
	if err != nil || ring.Size() != 2 || !ring.Maintenance().On() ||
		!strings.Contains(string(text), key) {
		t.Errorf("the secret has %d keys and %+v (%v), want 2 and both", ring.Size(), ring.Maintenance(), err)
	}
}

// An operator gives roles. A list and the log of the account show who gave them
// and why.
func TestOperatorsLeaveWhoAndWhy(t *testing.T) {
	t.Parallel()
	data := t.TempDir()
	r := start(t, data)
	run := func(env ...string) string {
		t.Helper()
		out, err := command(t, data, env[1:], env[0]).CombinedOutput()
		if err != nil {
			t.Fatalf("%s: %v %s", env[0], err, out)
		}
		return string(out)
	}
	run("grant-service", "EMAIL=ana@example.com", "OPERATOR=jane", "REASON=a plane for the tests")
	if got := run("operator-list"); !strings.Contains(got, "service  ana@example.com (Ana), since 2") || !strings.Contains(got, "by jane") {
		t.Errorf("the list says %q", got)
	}
	_, log := r.call("GET", "/account/auditlog", demo.Owner.Token(), "")
	for _, want := range []string{"Account type set to service by the operator", "a plane for the tests", "jane"} {
		if !strings.Contains(log, want) {
			t.Errorf("the log of the account lacks %q: %s", want, log)
		}
	}
	r.end(syscall.SIGINT)
}

// A rotation and a change of maintenance that meet both take effect. A command
// that meets another change each time says so and changes nothing.
func TestChangesOfTheSecretThatMeet(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "secret")
	if err := secrets.Write(file, secret.NewMaster()); err != nil {
		t.Fatal(err)
	}
	kept := secrets.New("kept", file)
	var before func() // runs before the next write reaches the secret
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		write := r.Header.Get("X-Amz-Target") != "secretsmanager.GetSecretValue"
		if do := before; write && do != nil {
			before = nil
			do()
		}
		kept.ServeHTTP(w, r)
	}))
	t.Cleanup(server.Close)
	env := map[string]string{
		"AWS_REGION": engine.Region, "AWS_ACCESS_KEY_ID": engine.AccessKeyID, "AWS_SECRET_ACCESS_KEY": engine.SecretAccessKey,
		"SECRET_ID": "kept", "AWS_ENDPOINT_URL_SECRETS_MANAGER": server.URL, "OPERATOR": "jane", "REASON": "a restore",
	}
	getenv := func(name string) string { return env[name] }
	before = func() {
		if err := maintain(t.Context(), io.Discard, "on", "", getenv); err != nil {
			t.Errorf("maintenance: %v", err)
		}
	}
	if err := rotateKey(t.Context(), io.Discard, getenv); err != nil {
		t.Fatal(err)
	}
	read := func() secret.Ring {
		t.Helper()
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		ring, err := secret.ParseRing(string(text))
		if err != nil {
			t.Fatal(err)
		}
		return ring
	}
	if ring := read(); ring.Size() != 2 || !ring.Maintenance().On() {
		t.Errorf("got %d keys and %+v, want both changes", ring.Size(), ring.Maintenance())
	}

	turns := 0
	var meet func()
	meet = func() {
		turns++
		state := "off"
		if !read().Maintenance().On() {
			state = "on"
		}
		if err := maintain(t.Context(), io.Discard, state, "", getenv); err != nil {
			t.Errorf("%s: %v", state, err)
		}
		before = meet
	}
	before = meet
	never := func(ring secret.Ring) (secret.Ring, error) { return ring, nil }
	err := withKeys("", getenv, func(p keysPlace) error {
		_, err := p.change(t.Context(), never)
		return err
	})
	if !errors.Is(err, errChanging) || turns < changeAttempts {
		t.Errorf("after %d other changes: got %v, want %v", turns, err, errChanging)
	}
}
