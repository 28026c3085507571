package engine

import (
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

func TestAnOldJavaIsSaid(t *testing.T) {
	t.Parallel()
	for version, fits := range map[string]bool{"1.8.0_292": false, "11.0.2": false, "17": true, "21.0.1": true} {
		java := filepath.Join(t.TempDir(), "java")
		// Another process writes the program. If this one had it open for
		// writing while a parallel test starts a child, it could not be run
		// yet.
		install := exec.Command("install", "-m", "700", "/dev/stdin", java)
		install.Stdin = strings.NewReader(
			"#!/bin/sh\necho 'openjdk version \"" + version + "\" 2025-04-15' >&2\n",
		)
		if out, err := install.CombinedOutput(); err != nil {
			t.Fatalf("%v: %s", err, out)
		}
		err := javaFits(t.Context(), java)
		if (err == nil) != fits ||
			err != nil &&
				!strings.Contains(
					err.Error(),
					"is Java "+version+", and Amazon DynamoDB Local needs Java 17 or later",
				) {
			t.Errorf("Java %s: got %v", version, err)
		}
	}
	missing := filepath.Join(t.TempDir(), "java")
	if err := javaFits(t.Context(), missing); err == nil ||
		!strings.Contains(err.Error(), missing+" -version could not be run") {
		t.Errorf("no Java: got %v", err)
	}
}
