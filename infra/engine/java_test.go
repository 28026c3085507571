package engine

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestAnOldJavaIsSaid(t *testing.T) {
	t.Parallel()
	for version, fits := range map[string]bool{"1.8.0_292": false, "11.0.2": false, "17": true, "21.0.1": true} {
		java := filepath.Join(t.TempDir(), "java")
		if err := os.WriteFile(java, []byte("#!/bin/sh\necho 'openjdk version \""+version+"\" 2025-04-15' >&2\n"), 0o700); err != nil {
			t.Fatal(err)
		}
		err := javaFits(t.Context(), java)
		if (err == nil) != fits || err != nil && !strings.Contains(err.Error(), "is Java "+version+", and Amazon DynamoDB Local needs Java 17 or later") {
			t.Errorf("Java %s: got %v", version, err)
		}
	}
}
