package program

import (
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// The output of npm is shown, with advice.
func TestAFailureOfNpmIsShown(t *testing.T) {
	from, err := find(Dynoxide)
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	folder := filepath.Join(dir, "infra", "npm", Dynoxide)
	if err := os.MkdirAll(folder, 0o700); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"package.json", "package-lock.json"} {
		raw, err := os.ReadFile(filepath.Join(from, name))
		if err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(folder, name), raw, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	t.Chdir(dir)
	t.Setenv("npm_config_registry", "http://127.0.0.1:1")
	t.Setenv("npm_config_replace_registry_host", "always")
	t.Setenv("npm_config_fetch_retries", "0")
	t.Setenv("npm_config_cache", t.TempDir())
	_, err = Install(t.Context(), Dynoxide, io.Discard)
	for _, want := range []string{"npm could not install dynoxide", "the registry cannot be reached", "It said:\n", "ECONNREFUSED"} {
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("without a registry: got %v, want %q", err, want)
		}
	}
}

func TestAdvice(t *testing.T) {
	t.Parallel()
	for said, want := range map[string]string{
		"npm error code EACCES\nnpm error syscall mkdir\nnpm error path /x/node_modules": "this user may not write to /x",
		"npm error code EROFS":  "this user may not write to /x",
		"npm error code ENOSPC": "the disk is full",
		"npm error code ENOTFOUND\nnpm error network request to https://registry.npmjs.org failed": "the registry cannot be reached",
		"npm error code E404": "the registry does not give",
		"":                    "to see more, run npm ci in /x",
	} {
		if got := advice(said, "/x"); !strings.Contains(got, want) {
			t.Errorf("%q: got %q, want %q", said, got, want)
		}
	}
}
