// Package npm installs the programs that come from npm, each from its own folder with pinned versions, when one is
// first needed.
package npm

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"

	"profiles/infra/child"
	"profiles/infra/lock"
)

// The folders of this directory.
const (
	Dynoxide      = "dynoxide"
	DynamoDBLocal = "dynamodb-local"
	SES           = "ses"
)

// patience is how long an installation may take before it is announced.
const patience = time.Second

// Install returns the node_modules of one of the folders, after installing what its lock file names when that has
// not happened yet. Several processes may call it at once. What takes long is announced on log.
func Install(ctx context.Context, folder string, log io.Writer) (string, error) {
	dir, err := find(folder)
	if err != nil {
		return "", err
	}
	modules := filepath.Join(dir, "node_modules")
	if current(dir) {
		return modules, nil
	}
	program, err := child.Lookup("npm", "Node.js 20 or later, which brings npm")
	if err != nil {
		return "", err
	}
	held, err := lock.Take(ctx, filepath.Join(dir, "package-lock.json"))
	if err != nil {
		return "", fmt.Errorf("install %s: %w", folder, err)
	}
	defer held.Close()
	if current(dir) {
		return modules, nil
	}
	announce := time.AfterFunc(patience, func() {
		fmt.Fprintf(log, "installing %s with npm (first run only) ...\n", folder)
	})
	defer announce.Stop()
	cmd := exec.CommandContext(ctx, program, "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--engine-strict=false", "--loglevel=error")
	cmd.Dir = dir
	var output bytes.Buffer
	cmd.Stdout, cmd.Stderr = &output, &output
	if err := cmd.Run(); err != nil {
		return "", fmt.Errorf("npm ci in %s: %w: %s", dir, err, strings.TrimSpace(output.String()))
	}
	return modules, nil
}

// current compares the lock file with the copy that npm writes as the last step of an installation.
func current(dir string) bool {
	wanted, err := os.Stat(filepath.Join(dir, "package-lock.json"))
	if err != nil {
		return false
	}
	installed, err := os.Stat(filepath.Join(dir, "node_modules", ".package-lock.json"))
	return err == nil && !installed.ModTime().Before(wanted.ModTime())
}

// find looks for infra/npm/folder from the working directory upwards, because tests run in their package's folder.
func find(folder string) (string, error) {
	start, err := os.Getwd()
	if err != nil {
		return "", err
	}
	for dir := start; ; dir = filepath.Dir(dir) {
		candidate := filepath.Join(dir, "infra", "npm", folder)
		if _, err := os.Stat(filepath.Join(candidate, "package.json")); err == nil {
			return candidate, nil
		} else if !errors.Is(err, os.ErrNotExist) {
			return "", err
		}
		if dir == filepath.Dir(dir) {
			return "", fmt.Errorf("infra/npm/%s is not in %s or a folder above it: run this inside the repository", folder, start)
		}
	}
}
