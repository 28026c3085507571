// Command boot starts every function that template.yaml declares as Lambda
// would, from its built bootstrap and with its declared environment, sends it
// its sample event and checks the form of the answer. It finds what only shows
// in the built program: a function that is not wired, a variable that the
// template forgets, an event that the adapter cannot read.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"path/filepath"
	"syscall"
	"time"

	"profiles/infra/engine"
	"profiles/infra/runtimeapi"
	"profiles/infra/secrets"
	"profiles/infra/template"
	"profiles/shared/secret"
)

func main() {
	functions := flag.String(
		"functions",
		filepath.Join("dist", "fn"),
		"folder of the built functions, NAME/bootstrap each",
	)
	events := flag.String("events", "events", "folder of the sample events, NAME.json each")
	flag.Parse()
	// With the signals handled here, an interrupted run ends its engine and
	// functions too.
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	err := run(ctx, os.Stdout, *functions, *events)
	stop()
	if err != nil {
		fmt.Fprintln(os.Stderr, "boot:", err)
		os.Exit(1)
	}
}

// nameWidth leaves room for the longest line, the function without its table.
const nameWidth = 34

// run reports each function on a line of its own, and fails when one of them
// failed.
func run(ctx context.Context, out io.Writer, functions, events string) error {
	file, err := template.Find()
	if err != nil {
		return err
	}
	declared, err := template.ReadLocal(file, nil)
	if err != nil {
		return err
	}
	if len(declared.Functions) == 0 {
		return fmt.Errorf("%s declares no function", file)
	}
	surroundings, err := surround(ctx, declared)
	if err != nil {
		return err
	}
	defer surroundings.stop()

	failed := 0
	fmt.Fprintf(out, "%-*s %9s  %s\n", nameWidth, "function", "ready ms", "answer")
	report := func(name string, ready time.Duration, answer string, err error) {
		milliseconds := "-"
		if ready > 0 {
			milliseconds = fmt.Sprintf("%.1f", float64(ready.Microseconds())/1000)
		}
		if err != nil {
			failed++
			answer = "FAILED: " + err.Error()
		}
		fmt.Fprintf(out, "%-*s %9s  %s\n", nameWidth, name, milliseconds, answer)
	}
	for _, f := range declared.Functions {
		o := runtimeapi.Declared(
			f,
			filepath.Join(functions, f.Name, "bootstrap"),
			surroundings.variables,
		)
		ready, answer, err := boot(ctx, f, o, filepath.Join(events, f.Name+".json"))
		report(f.Name, ready, answer, err)
		if ctx.Err() != nil {
			return ctx.Err()
		}
	}
	name, err := withoutTable(ctx, declared, functions, surroundings.variables)
	report(name+" without "+tableVariable, 0, "does not start, names the variable", err)
	if failed > 0 {
		return fmt.Errorf("%d of %d checks failed", failed, len(declared.Functions)+1)
	}
	return nil
}

// boot starts one function, sends its sample event and returns what is worth
// printing about the answer.
func boot(
	ctx context.Context,
	f template.Function,
	o runtimeapi.Options,
	sample string,
) (ready time.Duration, answer string, err error) {
	event, err := os.ReadFile(sample)
	if err != nil {
		return 0, "", err
	}
	running, err := runtimeapi.Start(ctx, o)
	if err != nil {
		return 0, "", err
	}
	defer running.Stop()
	raw, err := running.Invoke(ctx, event)
	if err != nil {
		return running.Ready(), "", err
	}
	answer, err = judge(f, raw)
	if err != nil {
		err = errors.Join(err, fmt.Errorf("it wrote: %s", running.Output()))
	}
	return running.Ready(), answer, err
}

// surroundings are what the functions talk to.
type surroundings struct {
	engine    *engine.Engine
	mailbox   *mailbox
	secrets   *secrets.Server
	folder    string // of the secret
	variables map[string]string
}

func surround(ctx context.Context, declared *template.Template) (*surroundings, error) {
	e, err := engine.Start(ctx, engine.Options{})
	if err != nil {
		return nil, err
	}
	// A reference to the table resolves to its logical id, so that is its name
	// here.
	if err := engine.CreateTable(
		ctx,
		e.Client(),
		declared.Table,
		declared.Table.LogicalID,
		false,
	); err != nil {
		e.Stop()
		return nil, err
	}
	m, err := openMailbox()
	if err != nil {
		e.Stop()
		return nil, err
	}
	s := &surroundings{engine: e, mailbox: m}
	if s.folder, err = os.MkdirTemp("", "boot-"); err == nil {
		key := filepath.Join(s.folder, "secret-key")
		if err = secrets.Write(key, secret.NewMaster()); err == nil {
			// A reference to the secret resolves to its logical id, so that is
			// its name here.
			s.secrets, err = secrets.Serve("SecretKey", key)
		}
	}
	if err != nil {
		s.stop()
		return nil, err
	}
	s.variables = map[string]string{
		"AWS_REGION":                engine.Region,
		"AWS_ACCESS_KEY_ID":         engine.AccessKeyID,
		"AWS_SECRET_ACCESS_KEY":     engine.SecretAccessKey,
		"AWS_ENDPOINT_URL_DYNAMODB": e.Endpoint,
		"AWS_ENDPOINT_URL_SES":      m.endpoint,

		"AWS_ENDPOINT_URL_SECRETS_MANAGER": s.secrets.Endpoint,
	}
	return s, nil
}

func (s *surroundings) stop() {
	s.engine.Stop()
	s.mailbox.close()
	if s.secrets != nil {
		s.secrets.Close()
	}
	_ = os.RemoveAll(s.folder)
}
