package program

import (
	"net"
	"os/exec"
	"strings"
	"syscall"
	"testing"
	"time"
)

func TestAPortThatCannotBeHadSaysWhy(t *testing.T) {
	t.Parallel()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close()
	for want, err := range map[string]error{
		"is in use":                Listenable(listener.Addr().(*net.TCPAddr).Port),
		"this user may not":        portError(80, &net.OpError{Op: "listen", Err: syscall.EACCES}),
		"network is unreachable":   portError(80, &net.OpError{Op: "listen", Err: syscall.ENETUNREACH}),
		"port 8000 is in use":      portError(8000, &net.OpError{Op: "listen", Err: syscall.EADDRINUSE}),
		"ports below 1024 are for": portError(443, &net.OpError{Op: "listen", Err: syscall.EACCES}),
	} {
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("got %v, want %q", err, want)
		}
	}
}

// Programs that do not end when they are asked are killed, with the programs
// that they have started, and EndAll waits no longer.
func TestAllProgramsEnd(t *testing.T) {
	var started []*Process
	for _, script := range []string{"exec sleep 600", "trap '' TERM; sleep 600 & sleep 600"} {
		p, err := Start("a program", exec.Command("sh", "-c", "echo up; "+script))
		if err != nil {
			t.Fatal(err)
		}
		for p.Output() == "" {
			select {
			case <-p.Done():
				t.Fatal(p.Err())
			case <-time.After(time.Millisecond):
			}
		}
		started = append(started, p)
	}
	EndAll(0)
	for _, p := range started {
		select {
		case <-p.Done():
		default:
			t.Errorf("%v is still running", p.cmd.Args)
		}
	}
}

// Two programs that begin at the same time must not be told of one port: the
// slower one would take the other's answers for its own. What is locked is an
// open file, so that this process stands for two.
func TestAPortIsGivenOnce(t *testing.T) {
	t.Parallel()
	given := map[int]bool{}
	for range 100 {
		port, err := FreePort()
		if err != nil {
			t.Fatal(err)
		}
		if given[port] || port < firstPort || port >= firstPort+morePorts {
			t.Fatalf("got %d after %v", port, given)
		}
		given[port] = true
	}
}
