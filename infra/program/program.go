// Package program installs and runs the programs that the local stack and the
// tests need beside them, so that none is left behind and two of them keep out
// of each other's way.
package program

import (
	"fmt"
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
	// Programs that it has started may keep its output open after its end.
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
