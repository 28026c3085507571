package program_test

import (
	"context"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"profiles/infra/program"
)

func TestTheLockIsHeldAsLongAsAnyoneHasTheFile(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "lock")
	atOnce, cancel := context.WithCancel(t.Context())
	cancel()
	first, err := program.Lock(atOnce, file)
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
		if _, err := program.Lock(atOnce, file); !errors.Is(err, program.ErrLocked) {
			t.Errorf("%s: got %v, want ErrLocked", moment, err)
		}
		if !program.Locked(file) {
			t.Errorf("%s: nobody is said to hold it", moment)
		}
		first.Close()
	}
	stdin.Close()
	if err := heir.Wait(); err != nil {
		t.Fatal(err)
	}
	if program.Locked(file) || program.Locked(file+" that is not there") {
		t.Error("after everybody has gone somebody is said to hold it")
	}
	again, err := program.Lock(atOnce, file)
	if err != nil {
		t.Fatalf("after everybody has gone: %v", err)
	}
	again.Close()
}

// A process that must wait for a lock names the process that has it.
func TestWaitingIsSaid(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "lock")
	said := &said{texts: make(chan string, 1)}
	first, err := program.LockFrom(t.Context(), file, "nobody", said)
	if err != nil {
		t.Fatal(err)
	}
	said.told = func() { first.Close() }
	second, err := program.LockFrom(t.Context(), file, "the first", said)
	if err != nil {
		t.Fatal(err)
	}
	second.Close()
	if text := <-said.texts; text != "waiting for the first ...\n" {
		t.Errorf("said %q", text)
	}
}

type said struct {
	texts chan string
	told  func()
}

func (s *said) Write(p []byte) (int, error) {
	s.texts <- string(p)
	s.told()
	return len(p), nil
}
