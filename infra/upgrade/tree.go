package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"

	"profiles/infra/program"
	"profiles/infra/release"
)

// git runs a command of git in the repository and returns what it says.
func (t trial) git(ctx context.Context, arguments ...string) (string, error) {
	cmd := exec.CommandContext(ctx, "git", append([]string{"-C", t.root}, arguments...)...)
	var said bytes.Buffer
	cmd.Stderr = &said
	out, err := cmd.Output()
	if err != nil {
		return "", fmt.Errorf("git %s: %w: %s", arguments[0], err, strings.TrimSpace(said.String()))
	}
	return string(out), nil
}

// has makes sure that the repository has the commit of a release. A clone of
// the latest commit alone does not, and gets it from where it came from. The
// error says what to do if that cannot be.
func (t trial) has(ctx context.Context, r release.Release) error {
	if _, err := t.git(ctx, "cat-file", "-e", r.Commit+"^{commit}"); err == nil {
		return nil
	}
	_, err := t.git(ctx, "fetch", "--quiet", "--depth=1", "origin", r.Commit)
	if err == nil {
		return nil
	}
	shallow, _ := t.git(ctx, "rev-parse", "--is-shallow-repository")
	why := "no such commit was ever here: is it right in CHANGELOG.md?"
	if strings.TrimSpace(shallow) == "true" {
		why = "this clone is shallow: fetch it with git fetch --depth=1 origin " + r.Commit +
			", or clone with the whole history (fetch-depth: 0 in GitHub Actions)"
	}
	return fmt.Errorf("release %s is the commit %s, which is not here; %s (%w)",
		r.Version, r.Commit, why, err)
}

// unchanged refuses a list of attributes that is not the one of its release:
// code of that release runs somewhere, and writes what its list says.
func (t trial) unchanged(ctx context.Context, r release.Release) error {
	if err := t.has(ctx, r); err != nil {
		return err
	}
	file := fmt.Sprintf("shared/store/testdata/schema/%d.txt", r.Schema)
	released, err := t.git(ctx, "show", r.Commit+":"+file)
	if err != nil {
		return nil // from before there were lists
	}
	present, err := os.ReadFile(filepath.Join(t.root, file))
	if err != nil {
		return err
	}
	if string(present) != released {
		return fmt.Errorf("%s is not that of release %s, which writes this schema: raise store.Schema",
			file, r.Version)
	}
	return nil
}

// buildOf builds the local stack of a release in a tree of its own.
func (t trial) buildOf(ctx context.Context, r release.Release) (build, error) {
	b := build{
		name:    "release " + r.Version,
		program: filepath.Join(t.temporary, "local"), tree: filepath.Join(t.temporary, "tree"),
	}
	if err := os.Mkdir(b.tree, 0o700); err != nil {
		return b, err
	}
	archive := filepath.Join(t.temporary, "tree.tar")
	if _, err := t.git(ctx, "archive", "--format=tar", "--output="+archive, r.Commit); err != nil {
		return b, err
	}
	unpack := exec.CommandContext(ctx, "tar", "-xf", archive, "-C", b.tree)
	if said, err := unpack.CombinedOutput(); err != nil {
		return b, fmt.Errorf("tar: %w: %s", err, said)
	}
	for _, folder := range []string{program.Dynoxide, program.SES} {
		if err := t.share(folder, b.tree); err != nil {
			return b, err
		}
	}
	cmd := exec.CommandContext(ctx,
		"go", "build", "-trimpath", "-buildvcs=false", "-o", b.program, "./infra/local")
	cmd.Dir = b.tree
	if said, err := cmd.CombinedOutput(); err != nil {
		return b, fmt.Errorf("go build: %w\n%s", err, tail(said))
	}
	return b, nil
}

// share gives a tree what npm has installed here, if it asks for the same; else
// the tree's stack installs its own.
func (t trial) share(folder, tree string) error {
	here := filepath.Join(t.root, "infra", "npm", folder)
	there := filepath.Join(tree, "infra", "npm", folder)
	const lock, modules = "package-lock.json", "node_modules"
	ours, err := os.ReadFile(filepath.Join(here, lock))
	if err != nil {
		return err
	}
	theirs, err := os.ReadFile(filepath.Join(there, lock))
	if err != nil || !bytes.Equal(ours, theirs) {
		return nil
	}
	if _, err := os.Stat(filepath.Join(here, modules)); errors.Is(err, os.ErrNotExist) {
		return nil
	}
	return os.Symlink(filepath.Join(here, modules), filepath.Join(there, modules))
}

// copyKey gives another stack the master key of one.
func copyKey(from, to string) error {
	if err := os.MkdirAll(to, 0o700); err != nil {
		return err
	}
	const name = "secret-key"
	key, err := os.ReadFile(filepath.Join(from, name))
	if err != nil {
		return err
	}
	return os.WriteFile(filepath.Join(to, name), key, 0o600)
}
