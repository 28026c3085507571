package lock_test

import (
	"context"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"profiles/infra/lock"
)

func TestTheLockIsHeldAsLongAsAnyoneHasTheFile(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "lock")
	atOnce, cancel := context.WithCancel(t.Context())
	cancel()
	first, err := lock.Take(atOnce, file)
	if err != nil {
		t.Fatal(err)
	}
	heir := exec.Command("cat")
	heir.ExtraFiles = []*os.File{first}
	stdin, err := heir.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := heir.Start(); err != nil {
		t.Fatal(err)
	}
	for _, moment := range []string{"while its taker has it", "while a program that inherited it runs"} {
		if _, err := lock.Take(atOnce, file); !errors.Is(err, lock.ErrHeld) {
			t.Errorf("%s: got %v, want ErrHeld", moment, err)
		}
		first.Close()
	}
	stdin.Close()
	if err := heir.Wait(); err != nil {
		t.Fatal(err)
	}
	again, err := lock.Take(atOnce, file)
	if err != nil {
		t.Fatalf("after everybody has gone: %v", err)
	}
	again.Close()
}
