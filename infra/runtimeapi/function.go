package runtimeapi

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"net"
	"net/http"
	"os/exec"
	"path/filepath"
	"sync"
	"time"

	"profiles/infra/program"
)

// Lambda's own limits for a function that does not choose.
const (
	initLimit      = 10 * time.Second
	defaultTimeout = 3 * time.Second
)

// Options say what to run.
type Options struct {
	Name string
	// Program is the file to run. It runs in its own folder.
	Program string
	// MemoryMB is only told to the program, nothing holds it to that; 128 when
	// zero.
	MemoryMB int
	// Timeout ends the program when one invocation takes longer; 3 seconds when
	// zero.
	Timeout time.Duration
	// Environment is added to what Lambda sets, and wins over it.
	Environment map[string]string
}

// Function is a program that is ready for invocations. It ends with this
// process.
type Function struct {
	options Options
	api     *api
	server  *http.Server
	cmd     *exec.Cmd
	process *program.Process
	ready   time.Duration
	one     sync.Mutex
}

// Start starts the program and returns when it asks for its first invocation. A
// program that fails before that, or takes longer than the 10 seconds Lambda
// allows, is an *InitError. ctx limits the start, not the life of the program.
func Start(ctx context.Context, o Options) (*Function, error) {
	path, err := filepath.Abs(o.Program)
	if err != nil {
		return nil, err
	}
	o.Program = path
	if o.MemoryMB == 0 {
		o.MemoryMB = defaultMemoryMB
	}
	if o.Timeout == 0 {
		o.Timeout = defaultTimeout
	}
	region := o.Environment["AWS_REGION"]
	if region == "" {
		region = defaultRegion
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	f := &Function{
		options: o,
		api:     newAPI(fmt.Sprintf("arn:aws:lambda:%s:%s:function:%s", region, accountID, o.Name)),
		cmd:     exec.Command(o.Program),
	}
	f.cmd.Dir = filepath.Dir(o.Program)
	f.cmd.Env = environment(o, listener.Addr().String())
	f.server = &http.Server{Handler: f.api.handler()}
	go func() { _ = f.server.Serve(listener) }()

	began := time.Now()
	if f.process, err = program.Start(o.Name, f.cmd); err != nil {
		_ = f.server.Close()
		return nil, err
	}
	if err := f.await(ctx); err != nil {
		f.Stop()
		return nil, &InitError{Function: o.Name, Err: err}
	}
	f.ready = f.api.ready.Sub(began)
	return f, nil
}

func (f *Function) await(ctx context.Context) error {
	ctx, cancel := context.WithTimeoutCause(
		ctx,
		initLimit,
		fmt.Errorf("not ready after %v", initLimit),
	)
	defer cancel()
	select {
	case <-f.api.polled:
		return nil
	case failure := <-f.api.initFailed:
		return errors.Join(failure, f.wrote())
	case <-f.process.Done():
		select {
		case failure := <-f.api.initFailed:
			return errors.Join(failure, f.process.Err())
		default:
			return f.process.Err()
		}
	case <-ctx.Done():
		return errors.Join(context.Cause(ctx), f.wrote())
	}
}

func (f *Function) wrote() error {
	if said := f.process.Output(); said != "" {
		return fmt.Errorf("it wrote: %s", said)
	}
	return nil
}

// Invoke sends an event and returns the answer. A failure that the program
// reports is a *FunctionError; a program that ends, or that is ended because it
// takes longer than its timeout, is another error and serves nothing after it.
// Invocations run one after the other.
func (f *Function) Invoke(ctx context.Context, event []byte) ([]byte, error) {
	f.one.Lock()
	defer f.one.Unlock()
	i := &invocation{
		id:       uuid(),
		trace:    trace(),
		event:    event,
		deadline: time.Now().Add(f.options.Timeout),
		outcome:  make(chan outcome, 1),
	}
	late := time.NewTimer(f.options.Timeout)
	defer late.Stop()
	// The send waits for a poll: an invocation is over only when the program
	// asks for the next one.
	for work := f.api.work; ; {
		select {
		case work <- i:
			work = nil
		case o := <-i.outcome:
			return o.answer, o.err
		case <-f.process.Done():
			select {
			case o := <-i.outcome:
				return o.answer, o.err
			default:
				return nil, f.process.Err()
			}
		case <-late.C:
			f.Stop()
			return nil, errors.Join(
				fmt.Errorf("%s timed out after %v", f.options.Name, f.options.Timeout),
				f.wrote(),
			)
		case <-ctx.Done():
			// The answer of the program to this event must not become the
			// answer to the next.
			f.Stop()
			return nil, ctx.Err()
		}
	}
}

// Ready is the time from the start of the process to its first poll.
func (f *Function) Ready() time.Duration { return f.ready }

// PID is the process id of the program.
func (f *Function) PID() int { return f.cmd.Process.Pid }

// Output is the end of what the program wrote so far.
func (f *Function) Output() string { return f.process.Output() }

// Stop ends the program and returns when it is gone.
func (f *Function) Stop() {
	f.process.Stop()
	_ = f.server.Close()
}

// CPU is the user and system time that the program used from its start to its
// end. It is valid after Stop.
func (f *Function) CPU() time.Duration {
	return f.cmd.ProcessState.UserTime() + f.cmd.ProcessState.SystemTime()
}

func uuid() string {
	b := make([]byte, 16)
	rand.Read(b)
	b[6], b[8] = b[6]&0x0f|0x40, b[8]&0x3f|0x80
	return fmt.Sprintf("%x-%x-%x-%x-%x", b[:4], b[4:6], b[6:8], b[8:10], b[10:])
}

// trace is an X-Ray header of a trace that nobody records.
func trace() string {
	b := make([]byte, 20)
	rand.Read(b)
	return fmt.Sprintf("Root=1-%08x-%x;Parent=%x;Sampled=0", time.Now().Unix(), b[:12], b[12:])
}
