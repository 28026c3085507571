// Command local runs the whole service on one machine, from template.yaml: the
// table's engine, a mailbox in place of SES, the API, the schedules and the
// table's stream, all with the handlers that Lambda gets.
//
//	local            until Ctrl-C
//	local invoke     one function once, with its sample event (FUNCTION, EVENT)
//	local grant-support, local grant-service, local revoke-support, local revoke-service, local reset-factors, local sign-out,
//	local resume-mail
//	                 makes an account one of the support desk or of a data plane, or a customer's again (EMAIL; TABLE_NAME for a
//	                 deployed table)
//	local operator-list
//	                 lists the accounts with a role (TABLE_NAME for a deployed table)
//	local maintenance
//	                 makes the service read-only, or ends that (STATE, FOR; SECRET_ID for a deployed stack)
//	local verify-audit, local seal-audit, local reseal-audit
//	                 checks the audit logs, seals what the stream left unsealed, or seals anew what does not verify (LOG for one; NOTES;
//	                 TABLE_NAME and SECRET_ID for a deployed table)
//	local item       prints an item of the table (PK, SK; TABLE_NAME for a deployed table)
//	local rotate-key a new master key for the local table (SECRET_ID for a deployed stack)
//	local with ...   a fresh stack on free ports for the time that a command takes; its addresses are in the command's
//	                 environment (TAGOIO_API, MAILBOX, TABLE), its exit status is the command's
package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"slices"
	"syscall"
	"time"

	"profiles/infra/program"
	"profiles/infra/template"
	"profiles/shared/adapter"
	"profiles/shared/metric"
	"profiles/shared/operation"
)

func main() {
	slog.SetDefault(
		slog.New(adapter.WithRequest(
			slog.NewTextHandler(
				os.Stderr,
				&slog.HandlerOptions{Level: level(), ReplaceAttr: forPeople},
			),
		)),
	)
	ctx := untilSignal()
	var err error
	switch arguments := os.Args[1:]; {
	case len(arguments) == 0:
		err = run(ctx, os.Stdout)
	case arguments[0] == "invoke" && len(arguments) == 1:
		err = invoke(ctx, os.Stdout, os.Getenv("FUNCTION"), os.Getenv("EVENT"))
	case grants[arguments[0]].do != nil && len(arguments) == 1:
		err = change(ctx, os.Stdout, arguments[0], os.Getenv("EMAIL"))
	case arguments[0] == "operator-list" && len(arguments) == 1:
		err = operatorList(ctx, os.Stdout)
	case arguments[0] == "maintenance" && len(arguments) == 1:
		err = maintain(ctx, os.Stdout, os.Getenv("STATE"), os.Getenv("FOR"), os.Getenv)
	case arguments[0] == "verify-audit" && len(arguments) == 1:
		err = verifyAudit(ctx, os.Stdout, os.Getenv("LOG"), os.Getenv("NOTES"))
	case arguments[0] == "rotate-key" && len(arguments) == 1:
		err = rotateKey(ctx, os.Stdout, os.Getenv)
	case arguments[0] == "seal-audit" && len(arguments) == 1:
		err = sealAudit(ctx, os.Stdout, os.Getenv("LOG"))
	case arguments[0] == "reseal-audit" && len(arguments) == 1:
		err = resealAudit(ctx, os.Stdout, os.Getenv("LOG"))
	case arguments[0] == "item" && len(arguments) == 1:
		err = showItem(ctx, os.Stdout, os.Getenv("PK"), os.Getenv("SK"))
	case arguments[0] == "with" && len(arguments) > 1:
		err = with(ctx, arguments[1:])
	default:
		err = errors.New(
			"usage: local [invoke | grant-support | grant-service | revoke-support | revoke-service | reset-factors | sign-out | resume-mail | operator-list | maintenance | verify-audit | seal-audit | reseal-audit | rotate-key | item | with COMMAND ...]",
		)
	}
	var ended commandEnded
	switch {
	case err == nil:
	case errors.As(err, &ended):
		os.Exit(ended.status)
	case ctx.Err() != nil && errors.Is(err, ctx.Err()):
		fmt.Fprintln(os.Stderr, "profiles: stopped")
		os.Exit(interrupted)
	default:
		fmt.Fprintln(os.Stderr, "profiles:", err)
		os.Exit(1)
	}
}

// interrupted is the exit status of what a signal ended.
const interrupted = 130

// impatience is how long children may take to end when the second signal has
// come.
const impatience = time.Second

// untilSignal returns a context that ends with the first signal to stop. The
// second one ends this process at once, and the children with it.
func untilSignal() context.Context {
	ctx, cancel := context.WithCancel(context.Background())
	signals := make(chan os.Signal, 2)
	signal.Notify(signals, os.Interrupt, syscall.SIGTERM)
	// A terminal that is closed stops the stack too, unless it was started to
	// outlive it.
	if !signal.Ignored(syscall.SIGHUP) {
		signal.Notify(signals, syscall.SIGHUP)
	}
	go func() {
		<-signals
		cancel()
		<-signals
		program.EndAll(impatience)
		os.Exit(interrupted)
	}()
	return ctx
}

// level is LOG_LEVEL, info when it is not set.
func level() slog.Level {
	var l slog.Level
	if err := l.UnmarshalText([]byte(os.Getenv("LOG_LEVEL"))); err != nil {
		return slog.LevelInfo
	}
	return l
}

// forPeople leaves out of log lines, which a person watches as they come, the
// time, and what is for CloudWatch.
func forPeople(_ []string, a slog.Attr) slog.Attr {
	if a.Key == slog.TimeKey || a.Key == metric.Member {
		return slog.Attr{}
	}
	return a
}

func fromEnvironment() options {
	data := os.Getenv("DATA")
	if data == "" {
		data = ".data"
	}
	return options{
		port:          os.Getenv("PORT"),
		dynamodbPort:  os.Getenv("DYNAMODB_PORT"),
		mailPort:      os.Getenv("MAIL_PORT"),
		data:          data,
		demo:          os.Getenv("DEMO"),
		trailingSlash: os.Getenv("TRAILING_SLASH"),
		dynamodbURL:   os.Getenv("AWS_ENDPOINT_URL_DYNAMODB"),
		sesURL:        os.Getenv("AWS_ENDPOINT_URL_SES"),
		busURL:        os.Getenv("AWS_ENDPOINT_URL_EVENTBRIDGE"),
		existingTable: os.Getenv("EXISTING_TABLE"),
		log:           os.Stderr,
	}
}

// run keeps the stack up until ctx ends or a part of it does.
func run(ctx context.Context, out io.Writer) error {
	start := time.Now()
	o := fromEnvironment()
	held, err := holdAddresses(o.data)
	if err != nil {
		return err
	}
	defer held.Close()
	s, err := startStack(ctx, o)
	if err != nil {
		return err
	}
	defer s.life.abort()
	s.remember(o.data)
	defer forget(o.data)
	// In one piece: whoever reads that it is up reads the rest with it.
	var description bytes.Buffer
	s.describe(&description, time.Since(start))
	if _, err := out.Write(description.Bytes()); err != nil {
		return err
	}
	select {
	case <-ctx.Done():
		fmt.Fprintln(out, "\nStopping; again, and it ends at once ...")
		s.close(grace)
		return nil
	case err := <-s.failed:
		s.close(0)
		return err
	}
}

// holdAddresses takes the file of a running stack's addresses for this process.
// They count as long as the stack has the lock of the file, which no child
// inherits. It empties the file, because the addresses that a killed stack has
// left may belong to another one by now.
func holdAddresses(data string) (*os.File, error) {
	if err := os.MkdirAll(data, 0o700); err != nil {
		return nil, err
	}
	// A process that only checks the lock holds it for a moment.
	ctx, cancel := context.WithTimeout(context.Background(), 300*time.Millisecond)
	defer cancel()
	held, err := program.Lock(ctx, program.AddressFile(data))
	if errors.Is(err, program.ErrLocked) {
		return nil, fmt.Errorf(
			"another stack is running on the data in %s: stop it, or choose another folder (DATA)",
			data,
		)
	}
	if err == nil {
		forget(data)
	}
	return held, err
}

func (s *stack) remember(data string) {
	raw, _ := json.Marshal(program.Addresses{API: s.API, DynamoDB: s.engineURL, SES: s.sesURL})
	if err := os.WriteFile(program.AddressFile(data), raw, 0o600); err != nil {
		slog.Warn("commands beside this stack will not find it", "error", err.Error())
	}
}

// forget empties the file: removed, its lock would be on a file that nobody
// finds.
func forget(data string) { _ = os.Truncate(program.AddressFile(data), 0) }

// runningOn finds the stack that is running on the data.
func runningOn(data string) (running program.Addresses, ok bool) {
	if !program.Locked(program.AddressFile(data)) {
		return running, false
	}
	raw, err := os.ReadFile(program.AddressFile(data))
	return running, err == nil && json.Unmarshal(raw, &running) == nil && answers(running.DynamoDB)
}

// invoke runs one function once, beside the stack that is running on the data,
// or with children of its own.
func invoke(ctx context.Context, out io.Writer, name, eventFile string) error {
	if name == "" {
		return errors.New(
			"say which function to run: make invoke FUNCTION=token-expire [EVENT=events/token-expire.json]",
		)
	}
	if !slices.ContainsFunc(
		operation.All(),
		func(o operation.Operation) bool { return o.Name == name },
	) {
		return unknownFunction(name)
	}
	if eventFile == "" {
		file, err := template.Find()
		if err != nil {
			return err
		}
		eventFile = filepath.Join(filepath.Dir(file), "events", name+".json")
	}
	event, err := os.ReadFile(eventFile)
	if err != nil {
		return fmt.Errorf("EVENT: %w", err)
	}
	if err := json.Unmarshal(event, new(any)); err != nil {
		return fmt.Errorf("EVENT: %s is no JSON: %w", eventFile, err)
	}
	o := fromEnvironment()
	o.apiURL = "http://127.0.0.1:3000"
	if running, ok := runningOn(o.data); ok {
		o.apiURL, o.dynamodbURL, o.sesURL = running.API, running.DynamoDB, running.SES
	}
	s, err := startStack(ctx, o)
	if err != nil {
		return err
	}
	defer s.close(grace)
	var answer []byte
	err = s.during(ctx, func(ctx context.Context) (err error) {
		answer, err = s.invoke(ctx, name, event)
		return err
	})
	if err != nil {
		return fmt.Errorf("%s failed: %w", name, err)
	}
	if string(answer) == "null" {
		fmt.Fprintf(out, "%s ended without an error\n", name)
		return nil
	}
	var pretty bytes.Buffer
	if json.Indent(&pretty, answer, "", "  ") != nil {
		pretty.Reset()
		pretty.Write(answer)
	}
	fmt.Fprintln(out, pretty.String())
	return nil
}

// with runs a command beside a fresh stack.
func with(ctx context.Context, command []string) error {
	data, err := os.MkdirTemp("", "profiles-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(data)
	s, err := startStack(ctx, options{
		port:          "0",
		dynamodbPort:  "0",
		mailPort:      "0",
		data:          data,
		demo:          os.Getenv("DEMO"),
		trailingSlash: os.Getenv("TRAILING_SLASH"),
		log:           os.Stderr,
	})
	if err != nil {
		return err
	}
	defer s.close(grace)
	return s.during(ctx, func(ctx context.Context) error {
		cmd := exec.CommandContext(ctx, command[0], command[1:]...)
		cmd.Env = append(os.Environ(), "TAGOIO_API="+s.API, "MAILBOX="+s.Mailbox, "TABLE="+s.Table)
		cmd.Stdin, cmd.Stdout, cmd.Stderr = os.Stdin, os.Stdout, os.Stderr
		cmd.Cancel = func() error { return cmd.Process.Signal(syscall.SIGTERM) }
		cmd.WaitDelay = grace
		err := cmd.Run()
		var ended *exec.ExitError
		if ctx.Err() == nil && errors.As(err, &ended) {
			return commandEnded{ended.ExitCode()}
		}
		return err
	})
}

// commandEnded says that the command of with failed, and said so itself.
type commandEnded struct{ status int }

func (e commandEnded) Error() string {
	return fmt.Sprintf("the command ended with the status %d", e.status)
}

// answers reports whether a server listens at an address.
func answers(address string) bool {
	client := http.Client{Timeout: time.Second}
	response, err := client.Get(address)
	if err != nil {
		return false
	}
	response.Body.Close()
	return true
}
