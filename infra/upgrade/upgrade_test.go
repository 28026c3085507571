package main

import (
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"profiles/infra/program"
	"profiles/infra/release"
)

// repository is one with two commits, of which it returns the names.
func repository(t *testing.T) (folder string, commits []string) {
	t.Helper()
	folder = t.TempDir()
	git(t, folder, "init", "--quiet")
	for _, text := range []string{"account name S\n", "account name S\ntoken x S\n"} {
		file := filepath.Join(folder, "shared", "store", "testdata", "schema", "1.txt")
		must(t, os.MkdirAll(filepath.Dir(file), 0o755))
		must(t, os.WriteFile(file, []byte(text), 0o644))
		git(t, folder, "add", ".")
		git(t, folder, "-c", "user.name=a", "-c", "user.email=a@example.com", "commit", "--quiet", "-m", "x")
		commits = append(commits, git(t, folder, "rev-parse", "HEAD"))
	}
	return folder, commits
}

func git(t *testing.T, folder string, arguments ...string) string {
	t.Helper()
	out, err := exec.Command("git", append([]string{"-C", folder}, arguments...)...).CombinedOutput()
	if err != nil {
		t.Fatalf("git %v: %v: %s", arguments, err, out)
	}
	return strings.TrimSpace(string(out))
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// A clone without the commit of the release fetches it, or says how to fetch
// it.
func TestAShallowCloneGetsTheRelease(t *testing.T) {
	t.Parallel()
	origin, commits := repository(t)
	shallow := filepath.Join(t.TempDir(), "clone")
	git(t, origin, "clone", "--quiet", "--depth=1", "file://"+origin, shallow)
	lost := filepath.Join(t.TempDir(), "clone")
	git(t, origin, "clone", "--quiet", "--depth=1", "file://"+origin, lost)
	git(t, lost, "remote", "remove", "origin")
	last := release.Release{Version: "1.0.0", Schema: 1, Commit: commits[0]}
	must(t, trial{root: origin}.has(t.Context(), last))
	must(t, trial{root: shallow}.has(t.Context(), last))
	err := trial{root: lost}.has(t.Context(), last)
	if err == nil || !strings.Contains(err.Error(), "this clone is shallow: fetch it with git fetch --depth=1 origin "+commits[0]) {
		t.Errorf("got %v, want what to do", err)
	}
	last.Commit = strings.Repeat("a", 40)
	if err := (trial{root: origin}).has(t.Context(), last); err == nil ||
		!strings.Contains(err.Error(), "is it right in CHANGELOG.md?") {
		t.Errorf("got %v, want a doubt about the name", err)
	}
}

// The attributes of a released schema are those of its release.
func TestAReleasedSchemaDoesNotChange(t *testing.T) {
	t.Parallel()
	folder, commits := repository(t)
	for i, want := range []string{"raise store.Schema", ""} {
		err := trial{root: folder}.unchanged(t.Context(),
			release.Release{Version: "1.0.0", Schema: 1, Commit: commits[i]})
		if (err == nil) != (want == "") || err != nil && !strings.Contains(err.Error(), want) {
			t.Errorf("got %v, want %q", err, want)
		}
	}
	must(t, trial{root: folder}.unchanged(t.Context(),
		release.Release{Version: "0.9.0", Schema: 2, Commit: commits[0]}))
}

// Requests go to two stacks in turn, as if to one, and the mails of both are in
// one mailbox.
func TestRequestsGoToBothInTurn(t *testing.T) {
	t.Parallel()
	serve := func(name string) stack {
		server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if r.URL.Path == "/store" {
				_, _ = w.Write([]byte(`{"emails":["to ` + name + `"]}`))
				return
			}
			_, _ = w.Write([]byte(name + " " + r.Host))
		}))
		t.Cleanup(server.Close)
		addresses := program.Addresses{API: server.URL, SES: server.URL}
		return stack{&program.Stack{Addresses: addresses}}
	}
	m, err := mix(serve("one"), serve("two"))
	must(t, err)
	defer m.Close()
	counts := map[string]int{}
	for range 6 {
		counts[get(t, m.address+"/any")]++
	}
	host := strings.TrimPrefix(m.address, "http://")
	if counts["one "+host] != 3 || counts["two "+host] != 3 {
		t.Errorf("got %v, want both as often, with the host that was asked", counts)
	}
	if got := get(t, m.address+"/mailbox/store"); !strings.Contains(got, `["to one","to two"]`) {
		t.Errorf("got %s, want the mails of both", got)
	}
}

func get(t *testing.T, address string) string {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, address, nil)
	must(t, err)
	response, err := http.DefaultClient.Do(request)
	must(t, err)
	defer response.Body.Close()
	text, err := io.ReadAll(response.Body)
	must(t, err)
	return string(text)
}
