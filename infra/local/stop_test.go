package main

import (
	"context"
	"encoding/json"
	"errors"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"

	"profiles/infra/demo"
	"profiles/infra/demo/seed"
	"profiles/infra/engine"
	"profiles/infra/program"
	"profiles/infra/template"
)

type handlerFunc func(context.Context, []byte) ([]byte, error)

func (f handlerFunc) Invoke(ctx context.Context, payload []byte) ([]byte, error) {
	return f(ctx, payload)
}

// A record that fails is sent again until the stack stops, and never after
// that. The records behind it are not sent either.
func TestNothingIsTriedAgainOnceTheStackStops(t *testing.T) {
	t.Parallel()
	for what, attempts := range map[string]int{"at most so often": 5, "without an end": -1} {
		l := newLife()
		invoked := 0
		f := &function{
			name:     "fails",
			declared: template.Function{Timeout: grace},
			handler: handlerFunc(func(context.Context, []byte) ([]byte, error) {
				if invoked++; invoked == 2 {
					l.stop()
				}
				return nil, errors.New("always")
			}),
		}
		w := &follower{
			function: f,
			trigger:  template.Stream{BatchSize: 1, MaximumRetryAttempts: attempts},
			life:     &l,
		}
		w.deliver([]json.RawMessage{[]byte(`{}`), []byte(`{}`)})
		if invoked != 2 {
			t.Errorf(
				"sent %s: invoked %d times, want 2: the stack stopped during the second",
				what,
				invoked,
			)
		}
		l.abort()
	}
}

// Work that is still running is cancelled when its time is over. The end of the
// stack does not wait for work that ignores this.
func TestWhatHangsIsGivenUp(t *testing.T) {
	t.Parallel()
	l := newLife()
	noticed, deaf := make(chan error, 1), make(chan struct{})
	defer close(deaf)
	l.running.Go(func() {
		<-l.whole.Done()
		noticed <- l.work.Err()
	})
	l.running.Go(func() { <-deaf })
	over, cancel := context.WithCancel(t.Context())
	cancel()
	l.end(over)
	if err := <-noticed; err == nil {
		t.Error("what has begun was given up before nothing more may begin")
	}
}

// child is the process id of a program that the stack has started.
func (r *running) child(name string) int {
	r.Helper()
	out, err := exec.Command("ps", "-A", "-o", "pid=", "-o", "ppid=", "-o", "args=").Output()
	if err != nil {
		r.Fatal(err)
	}
	for line := range strings.Lines(string(out)) {
		field := strings.Fields(line)
		if len(field) > 2 && field[1] == strconv.Itoa(r.cmd.Process.Pid) &&
			strings.Contains(strings.Join(field[2:], " "), name) {
			pid, _ := strconv.Atoi(field[0])
			return pid
		}
	}
	r.Fatalf("the stack has no child %s; there are\n%s", name, out)
	return 0
}

// ended waits until the stack has ended by itself, and compares its output and
// its exit status with the expected ones.
func (r *running) ended(status int, said string) {
	r.Helper()
	done := make(chan struct{})
	go func() {
		defer close(done)
		_ = r.cmd.Wait()
	}()
	r.eventually("the stack ends", func() bool {
		select {
		case <-done:
			return true
		default:
			return false
		}
	})
	if got := r.cmd.ProcessState.ExitCode(); got != status ||
		!strings.Contains(r.output.String(), said) {
		r.Errorf(
			"the stack ended with the status %d, want %d; want %q in\n%s",
			got,
			status,
			said,
			r.output,
		)
	}
	for _, address := range []string{r.API, r.Mailbox} {
		if connection, err := net.Dial("tcp", strings.TrimPrefix(address, "http://")); err == nil {
			connection.Close()
			r.Errorf("something still listens at %s", address)
		}
	}
}

func engineProgram(t *testing.T) string {
	t.Helper()
	kind, err := engine.DefaultKind()
	if err != nil {
		t.Fatal(err)
	}
	if kind == engine.Dynoxide {
		return "dynoxide"
	}
	return "DynamoDBLocal.jar"
}

func TestAStackEnds(t *testing.T) {
	t.Parallel()
	// silent is an SES that accepts mails and never answers.
	silent := func(t *testing.T) (url string, asked *atomic.Int64) {
		asked = &atomic.Int64{}
		stop := make(chan struct{})
		server := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
			asked.Add(1)
			select {
			case <-stop:
			case <-r.Context().Done():
			}
		}))
		t.Cleanup(func() {
			close(stop)
			server.Close()
		})
		return server.URL, asked
	}
	mailed := func(t *testing.T) *running {
		url, asked := silent(t)
		r := start(t, t.TempDir(), "AWS_ENDPOINT_URL_SES="+url)
		r.Mailbox = r.API // the stack may not end the given one
		if code, answer := r.call("POST", "/account", "", signUp); code != 200 {
			t.Fatalf("sign-up: got %d %s", code, answer)
		}
		r.eventually("SES is asked to send", func() bool { return asked.Load() > 0 })
		return r
	}
	t.Run("while SES is silent", func(t *testing.T) {
		t.Parallel()
		r := mailed(t)
		_ = r.cmd.Process.Signal(syscall.SIGTERM)
		r.ended(0, "Stopping")
	})
	t.Run("at once when it is asked twice", func(t *testing.T) {
		t.Parallel()
		r := mailed(t)
		_ = r.cmd.Process.Signal(syscall.SIGINT)
		r.eventually("it stops", func() bool { return strings.Contains(r.output.String(), "Stopping") })
		_ = r.cmd.Process.Signal(syscall.SIGINT)
		r.ended(interrupted, "Stopping")
	})
	t.Run("when its mailbox hangs", func(t *testing.T) {
		t.Parallel()
		r := start(t, t.TempDir())
		_ = syscall.Kill(r.child("aws-ses-v2-local"), syscall.SIGSTOP)
		if code, answer := r.call("POST", "/account", "", signUp); code != 200 {
			t.Fatalf("sign-up: got %d %s", code, answer)
		}
		_ = r.cmd.Process.Signal(syscall.SIGINT)
		r.ended(0, "Stopping")
	})
	t.Run("when its engine dies under load", func(t *testing.T) {
		t.Parallel()
		r := start(t, t.TempDir())
		stop, cancel := context.WithCancel(t.Context())
		var load sync.WaitGroup
		var done atomic.Int64
		for range 8 {
			load.Go(func() {
				for stop.Err() == nil {
					request, _ := http.NewRequestWithContext(stop, "POST", r.API+"/profile/current/token", strings.NewReader(
						`{"name":"hall","email":"`+seed.People[0].Email+`","password":"`+demo.Password+`"}`))
					request.Header.Set("Content-Type", "application/json")
					request.Header.Set("token", demo.Owner.Token())
					if response, err := http.DefaultClient.Do(request); err == nil {
						response.Body.Close()
						done.Add(1)
					}
				}
			})
		}
		r.eventually("there is load", func() bool { return done.Load() > 8 })
		_ = syscall.Kill(r.child(engineProgram(t)), syscall.SIGKILL)
		r.ended(1, " ended (signal: killed)")
		cancel()
		load.Wait()
		if !strings.Contains(r.output.String(), "profiles: dynamodb-local ended") && !strings.Contains(r.output.String(), "profiles: dynoxide ended") {
			t.Errorf("the engine is not named in\n%s", r.output)
		}
	})
	t.Run("when its mailbox dies", func(t *testing.T) {
		t.Parallel()
		r := start(t, t.TempDir())
		_ = syscall.Kill(r.child("aws-ses-v2-local"), syscall.SIGKILL)
		r.ended(1, "profiles: the mailbox ended (signal: killed)")
	})
	t.Run("with the command that it was started for, when its engine dies", func(t *testing.T) {
		t.Parallel()
		r := &running{T: t, cmd: command(t, t.TempDir(), nil, "with", "sh", "-c", `echo "API $TAGOIO_API Mailbox $MAILBOX"; exec sleep 600`),
			output: &lockedBuffer{}}
		r.cmd.Stdout, r.cmd.Stderr = r.output, r.output
		if err := r.cmd.Start(); err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { r.end(syscall.SIGKILL) })
		r.API, r.Mailbox = r.address("API"), r.address("Mailbox")
		_ = syscall.Kill(r.child(engineProgram(t)), syscall.SIGKILL)
		r.ended(1, " ended (signal: killed)")
	})
}

// Another stack may have the addresses of a killed stack by now. Commands do
// not use them.
func TestCommandsNeverGoToAnotherStack(t *testing.T) {
	t.Parallel()
	data, others := t.TempDir(), t.TempDir()
	first := start(t, data)
	first.end(syscall.SIGKILL)
	other := start(t, others)
	raw, err := os.ReadFile(program.AddressFile(others))
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(program.AddressFile(data), raw, 0o600); err != nil {
		t.Fatal(err)
	}
	for _, args := range [][]string{{"grant-support"}, {"verify-audit"}, {"seal-audit"}} {
		out, err := command(t, data, []string{"EMAIL=ana@example.com"}, args...).CombinedOutput()
		if err != nil || !strings.Contains(string(out), "(the local table in "+data) {
			t.Errorf("%s: got %v %s, want the table in %s", args, err, out, data)
		}
	}
	if code, answer := other.call("GET", "/desk/transfer", demo.Owner.Token(), ""); code != 404 {
		t.Errorf("the desk of the other stack: got %d %s, want 404", code, answer)
	}
	out, err := command(t, data, []string{"FUNCTION=profile-create"}, "invoke").CombinedOutput()
	if err != nil {
		t.Errorf("invoke: got %v %s", err, out)
	}
	if _, answer := other.call("GET", "/profile", demo.Owner.Token(), ""); strings.Count(answer, `"id"`) != 2 {
		t.Errorf("the other stack has the profiles %s", answer)
	}

	again := start(t, data)
	out, err = command(t, data, []string{"EMAIL=ana@example.com"}, "grant-support").CombinedOutput()
	if err != nil || !strings.Contains(string(out), "is an agent of the support desk already.\n(the running stack, "+again.API) {
		t.Errorf("beside the running stack: got %v %s", err, out)
	}
}

// A stack whose logs do not verify starts, and reports it. A command repairs
// the logs. A missing secret key is reported and not replaced silently.
func TestAStackStartsWithLogsThatDoNotVerify(t *testing.T) {
	t.Parallel()
	data := t.TempDir()
	first := start(t, data)
	first.eventually("the logs of the demo are sealed", func() bool {
		out, _ := command(t, data, nil, "verify-audit").CombinedOutput()
		return strings.Contains(string(out), "2 of them sealed by a command, head 2")
	})
	first.end(syscall.SIGINT)
	if strings.Contains(first.output.String(), "secret key") || strings.Contains(first.output.String(), "reseal-audit") {
		t.Errorf("a fresh stack says\n%s", first.output)
	}
	if err := os.WriteFile(keyFile(data), []byte("short"), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, args := range [][]string{nil, {"verify-audit"}} {
		out, err := command(t, data, nil, args...).CombinedOutput()
		if err == nil ||
			!strings.Contains(string(out), "profiles: the secret key in "+keyFile(data)) ||
			strings.Contains(string(out), "variable") {
			t.Errorf("%q with a short key: got %v %s", args, err, out)
		}
	}
	if err := os.Remove(keyFile(data)); err != nil {
		t.Fatal(err)
	}
	out, err := command(t, data, nil, "verify-audit").CombinedOutput()
	if _, made := os.Stat(keyFile(data)); err == nil || !os.IsNotExist(made) ||
		!strings.Contains(string(out), "profiles: the secret key of the local table: ") {
		t.Errorf("verify-audit without a key: got %v %s", err, out)
	}

	second := start(t, data)
	if !strings.Contains(second.output.String(), "The secret key of the data is gone: "+keyFile(data)) {
		t.Errorf("that the key is gone is not said in\n%s", second.output)
	}
	second.eventually("that logs do not verify is said", func() bool { return strings.Contains(second.output.String(), "make reseal-audit seals it anew") })
	if code, answer := second.call("GET", "/profile", demo.Owner.Token(), ""); code != 200 {
		t.Errorf("the API: got %d %s", code, answer)
	}
	if out, err := command(t, data, nil, "verify-audit").CombinedOutput(); err == nil {
		t.Errorf("verify-audit under another key: got %s", out)
	}
	out, err = command(t, data, nil, "reseal-audit", "x").CombinedOutput()
	if err == nil || !strings.Contains(string(out), "usage:") {
		t.Errorf("got %v %s", err, out)
	}
	out, err = command(t, data, nil, "reseal-audit").CombinedOutput()
	if err != nil || !strings.Contains(string(out), "is not as it was left") || !strings.Contains(string(out), "is sealed anew, and says so") {
		t.Errorf("reseal-audit: got %v %s", err, out)
	}
	second.eventually("the logs verify", func() bool {
		out, err := command(t, data, nil, "verify-audit").CombinedOutput()
		return err == nil && strings.Contains(string(out), ", 0 findings")
	})
	if code, answer := second.call("GET", "/account/auditlog", demo.Owner.Token(), ""); code != 200 ||
		!strings.Contains(answer, "Audit log sealed anew by the operator") {
		t.Errorf("the log of the account: got %d %s", code, answer)
	}
	if code, answer := second.call("PUT", "/profile/current", demo.Owner.Token(), `{"name":"Hall"}`); code != 200 {
		t.Fatalf("edit: got %d %s", code, answer)
	}
	second.eventually("the sealing goes on", func() bool {
		out, _ := command(t, data, []string{"LOG=" + string(demo.Profile)}, "verify-audit").CombinedOutput()
		return strings.Contains(string(out), ", 0 findings") && strings.Contains(string(out), ": 4 entries, ")
	})
	second.end(syscall.SIGINT)

	out, err = command(t, data, []string{
		"TABLE_NAME=Table", "AWS_REGION=us-east-1", "AWS_ACCESS_KEY_ID=local", "AWS_SECRET_ACCESS_KEY=local", "SECRET_ID=kept",
	}, "reseal-audit").CombinedOutput()
	if err == nil || !strings.Contains(string(out), "for a deployed table say which log") {
		t.Errorf("reseal-audit of a whole deployed table: got %v %s", err, out)
	}
	third := start(t, data)
	if strings.Contains(third.output.String(), "secret key") {
		t.Errorf("a stack with its key says\n%s", third.output)
	}
}
