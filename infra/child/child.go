// Package child runs the programs that the local stack and the tests need
// beside them, so that none is left behind.
package child

import (
	"crypto/rand"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"runtime"
	"strings"
	"sync"
	"syscall"
	"time"
)

// grace is how long a program may take to end after it was asked to, and how
// long one that is killed may take to be gone.
const grace = 5 * time.Second

// running are the programs that have not ended.
var running = struct {
	sync.Mutex
	set map[*Process]bool
}{set: map[*Process]bool{}}

// Process is a running program. It gets no signal of the terminal, so its
// parent decides when it ends. On Linux it is asked to end when its parent ends
// in whatever way; elsewhere a parent that is killed leaves it running.
type Process struct {
	name   string
	cmd    *exec.Cmd
	output *tail
	done   chan struct{}
	err    error
}

// Start starts a program; name is what errors call it. The command's output is
// kept for errors, so its Stdout and Stderr must be nil.
func Start(name string, cmd *exec.Cmd) (*Process, error) {
	p := &Process{name: name, cmd: cmd, output: &tail{}, done: make(chan struct{})}
	cmd.Stdout, cmd.Stderr = p.output, p.output
	cmd.SysProcAttr = attributes()
	// What the program has started itself may keep its output open when it has
	// ended.
	cmd.WaitDelay = grace
	started := make(chan error, 1)
	go func() {
		// The kernel sends the parent-death signal when the thread that started
		// the child ends, so this goroutine keeps its thread until the child is
		// gone.
		runtime.LockOSThread()
		defer runtime.UnlockOSThread()
		err := cmd.Start()
		if err == nil {
			running.Lock()
			running.set[p] = true
			running.Unlock()
		}
		started <- err
		if err != nil {
			return
		}
		p.err = cmd.Wait()
		running.Lock()
		delete(running.set, p)
		running.Unlock()
		close(p.done)
	}()
	if err := <-started; err != nil {
		return nil, fmt.Errorf("start %s: %w", name, err)
	}
	return p, nil
}

// Done is closed when the program has ended.
func (p *Process) Done() <-chan struct{} { return p.done }

// Err says how a program ended that nobody stopped, with the last lines it
// wrote. It is valid once Done is closed.
func (p *Process) Err() error {
	how := "exit status 0"
	if p.err != nil {
		how = p.err.Error()
	}
	if said := p.output.String(); said != "" {
		return fmt.Errorf("%s ended (%s): %s", p.name, how, said)
	}
	return fmt.Errorf("%s ended (%s)", p.name, how)
}

// Output is the end of what the program wrote so far.
func (p *Process) Output() string { return p.output.String() }

// Said adds to an error what the program wrote so far.
func (p *Process) Said(err error) error {
	if said := p.output.String(); said != "" {
		return fmt.Errorf("%w; it said: %s", err, said)
	}
	return err
}

// Stop asks the program to end, kills it when it does not, and returns when it
// is gone. One that not even that ends is left behind.
func (p *Process) Stop() { p.stop(grace) }

func (p *Process) stop(patience time.Duration) {
	_ = p.cmd.Process.Signal(syscall.SIGTERM)
	if p.gone(patience) {
		return
	}
	_ = kill(p.cmd.Process)
	p.gone(grace)
}

func (p *Process) gone(patience time.Duration) bool {
	select {
	case <-p.done:
		return true
	case <-time.After(patience):
		return false
	}
}

// EndAll stops all programs that are running, and kills those that are not gone
// after patience.
func EndAll(patience time.Duration) {
	var all sync.WaitGroup
	running.Lock()
	for p := range running.set {
		all.Go(func() { p.stop(patience) })
	}
	running.Unlock()
	all.Wait()
}

// FreePort returns a TCP port of 127.0.0.1 that was free a moment ago.
func FreePort() (int, error) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return 0, err
	}
	defer listener.Close()
	return listener.Addr().(*net.TCPAddr).Port, nil
}

// Unguessable returns an address of this machine alone, another one each time
// where the system has many: no page in a browser finds a program there.
func Unguessable() string {
	if runtime.GOOS != "linux" {
		return "127.0.0.1"
	}
	b := make([]byte, 3)
	rand.Read(b)
	return fmt.Sprintf("127.%d.%d.%d", 1+b[0]%254, b[1], 1+b[2]%254)
}

// PortFree reports whether a program could listen at the port, on every address
// and on 127.0.0.1.
func PortFree(port int) bool { return Listenable(port) == nil }

// Listenable says why no program could listen at a port, on every address and
// on 127.0.0.1.
func Listenable(port int) error {
	for _, host := range []string{"127.0.0.1", ""} {
		listener, err := net.Listen("tcp", net.JoinHostPort(host, fmt.Sprint(port)))
		if err != nil {
			return portError(port, err)
		}
		listener.Close()
	}
	return nil
}

func portError(port int, err error) error {
	switch {
	case errors.Is(err, syscall.EACCES):
		return fmt.Errorf(
			"this user may not listen at port %d: ports below 1024 are for root",
			port,
		)
	case errors.Is(err, syscall.EADDRINUSE):
		return fmt.Errorf("port %d is in use", port)
	}
	return err
}

// Lookup finds a program in the PATH. Its error is one line that says what to
// install.
func Lookup(program, install string) (string, error) {
	file, err := exec.LookPath(program)
	if err != nil {
		return "", fmt.Errorf(
			"%s is not installed (not found in PATH): install %s",
			program,
			install,
		)
	}
	return file, nil
}

// tail keeps the end of what is written to it.
type tail struct {
	mu   sync.Mutex
	text []byte
}

// tailSize is enough for the error of a Java program without its stack.
const tailSize = 4096

func (t *tail) Write(p []byte) (int, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.text = append(t.text, p...)
	if extra := len(t.text) - tailSize; extra > 0 {
		t.text = append([]byte(nil), t.text[extra:]...)
	}
	return len(p), nil
}

func (t *tail) String() string {
	t.mu.Lock()
	defer t.mu.Unlock()
	return strings.TrimSpace(string(t.text))
}

// Environment is the environment of this process without the named variables.
func Environment(without ...string) []string {
	var out []string
	for _, entry := range os.Environ() {
		keep := true
		for _, name := range without {
			keep = keep && !strings.HasPrefix(entry, name+"=")
		}
		if keep {
			out = append(out, entry)
		}
	}
	return out
}
