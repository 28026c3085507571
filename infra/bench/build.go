package main

import (
	"archive/zip"
	"context"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
)

// flags are those that the project's functions are built with, for this machine
// instead of Lambda's.
var flags = []string{"-trimpath", "-buildvcs=false", "-tags", "lambda.norpc", "-ldflags=-s -w"}

// deployed is the folder for the same programs built for Lambda's processor,
// whose sizes are reported.
const deployed = "arm64"

// build builds the programs of the subjects, for this machine and for Lambda;
// those that are up to date cost nothing.
func build(ctx context.Context, root string, subjects []subject) error {
	var sources []string
	for _, s := range subjects {
		sources = append(sources, s.source)
	}
	slices.Sort(sources)
	sources = slices.Compact(sources)
	here := filepath.Join(root, "dist", "bench")
	for into, target := range map[string][]string{
		here: {"GOOS=", "GOARCH="}, filepath.Join(here, deployed): {"GOOS=linux", "GOARCH=arm64"},
	} {
		if err := os.MkdirAll(into, 0o755); err != nil {
			return err
		}
		args := append([]string{"build", "-o", into + string(filepath.Separator)}, flags...)
		cmd := exec.CommandContext(ctx, "go", append(args, sources...)...)
		cmd.Dir = root
		cmd.Env = append(append(os.Environ(), "CGO_ENABLED=0"), target...)
		cmd.Stdout, cmd.Stderr = os.Stderr, os.Stderr
		if err := cmd.Run(); err != nil {
			return fmt.Errorf("build the functions: %w", err)
		}
	}
	return nil
}

// size is the size of a program for Lambda in bytes: of the file, and of the
// archive that is uploaded.
type size struct{ file, zip int64 }

// measureSizes measures the programs of the subjects, each once.
func measureSizes(subjects []subject) ([]size, error) {
	known := map[string]size{}
	sizes := make([]size, len(subjects))
	for i, s := range subjects {
		if _, ok := known[s.program]; !ok {
			measured, err := measureSize(s.program)
			if err != nil {
				return nil, err
			}
			known[s.program] = measured
		}
		sizes[i] = known[s.program]
	}
	return sizes, nil
}

func measureSize(program string) (size, error) {
	f, err := os.Open(filepath.Join(filepath.Dir(program), deployed, filepath.Base(program)))
	if err != nil {
		return size{}, err
	}
	defer f.Close()
	var packed written
	archive := zip.NewWriter(&packed)
	entry, err := archive.Create("bootstrap")
	if err != nil {
		return size{}, err
	}
	n, err := io.Copy(entry, f)
	if err != nil {
		return size{}, err
	}
	if err := archive.Close(); err != nil {
		return size{}, err
	}
	return size{file: n, zip: int64(packed)}, nil
}

// written counts what is written to it.
type written int64

func (c *written) Write(p []byte) (int, error) {
	*c += written(len(p))
	return len(p), nil
}
