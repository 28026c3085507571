package program

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"
)

// The folders of infra/npm, each of a program with pinned versions.
const (
	Dynoxide      = "dynoxide"
	DynamoDBLocal = "dynamodb-local"
	SES           = "ses"
)

// Node is what programs from npm need.
const Node = "Node.js 20.19 or a later 20, 22.12 or a later 22, or 24 and later, with npm"

// installSilence is how long an installation may take before it is announced.
const installSilence = time.Second

// Install returns the node_modules of one of the folders, after installing with
// npm what the lock file of the folder names, unless that has happened. Several
// processes may call it at once. It announces a long installation on log.
func Install(ctx context.Context, folder string, log io.Writer) (string, error) {
	dir, err := find(folder)
	if err != nil {
		return "", err
	}
	modules := filepath.Join(dir, "node_modules")
	if current(dir) {
		return modules, nil
	}
	program, err := Lookup("npm", Node)
	if err != nil {
		return "", err
	}
	held, err := LockFrom(
		ctx,
		filepath.Join(dir, "package-lock.json"),
		"another process that is installing "+folder,
		log,
	)
	if err != nil {
		return "", fmt.Errorf("install %s: %w", folder, err)
	}
	defer held.Close()
	if current(dir) {
		return modules, nil
	}
	announce := time.AfterFunc(installSilence, func() {
		fmt.Fprintf(log, "installing %s with npm (first run only) ...\n", folder)
	})
	defer announce.Stop()
	cmd := exec.CommandContext(
		ctx,
		program,
		"ci",
		"--ignore-scripts",
		"--no-audit",
		"--no-fund",
		"--engine-strict=false",
		"--loglevel=error",
	)
	cmd.Dir = dir
	var output bytes.Buffer
	cmd.Stdout, cmd.Stderr = &output, &output
	cmd.WaitDelay = grace
	if err := cmd.Run(); err != nil {
		if ctx.Err() != nil {
			return "", ctx.Err()
		}
		said := strings.TrimSpace(output.String())
		return "", fmt.Errorf(
			"npm could not install %s (%w): %s. It said:\n%s",
			folder,
			err,
			advice(said, dir),
			cmp.Or(said, "nothing"),
		)
	}
	return modules, nil
}

// advice is what helps against a failure of npm's.
func advice(said, dir string) string {
	for _, known := range []struct {
		signs []string
		help  string
	}{
		{[]string{"EACCES", "EPERM", "EROFS"}, "this user may not write to " + dir + ", or to npm's cache; make it yours, or use a copy of your own"},
		{[]string{"ENOSPC", "EDQUOT"}, "the disk is full"},
		{[]string{"ENOTFOUND", "EAI_AGAIN", "ECONNREFUSED", "ECONNRESET", "ETIMEDOUT", "ENETUNREACH", "EHOSTUNREACH", "ERR_SOCKET_TIMEOUT", "SELF_SIGNED_CERT", "UNABLE_TO_VERIFY", "UNABLE_TO_GET_ISSUER"},
			"the registry cannot be reached; look at the connection, the proxy (HTTPS_PROXY) and the output of npm config get registry"},
		{[]string{"E401", "E403", "E404", "EINTEGRITY"}, "the registry does not give what " + filepath.Join(dir, "package-lock.json") + " names; look at the output of npm config get registry"},
	} {
		for _, sign := range known.signs {
			if strings.Contains(said, sign) {
				return known.help
			}
		}
	}
	return "to see more, run npm ci in " + dir
}

// current compares the lock file with the copy that npm writes as the last step
// of an installation.
func current(dir string) bool {
	wanted, err := os.Stat(filepath.Join(dir, "package-lock.json"))
	if err != nil {
		return false
	}
	installed, err := os.Stat(filepath.Join(dir, "node_modules", ".package-lock.json"))
	return err == nil && !installed.ModTime().Before(wanted.ModTime())
}

// find looks for infra/npm/folder from the working directory upwards, because
// tests run in their package's folder.
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
			return "", fmt.Errorf(
				"infra/npm/%s is not in %s or a folder above it: run this inside the repository",
				folder,
				start,
			)
		}
	}
}
