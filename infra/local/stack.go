package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"maps"
	"net"
	"net/http"
	"net/url"
	"os"
	"strconv"
	"sync"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodbstreams"

	"profiles/infra/demo/seed"
	"profiles/infra/engine"
	"profiles/infra/program"
	"profiles/infra/template"
	"profiles/infra/throttle"
	"profiles/shared/app"
	"profiles/shared/auditlog"
	"profiles/shared/service"
	"profiles/shared/store"
)

// readHeaderTimeout is how long a client may take for the head of a request.
const readHeaderTimeout = 10 * time.Second

// expireEvery is how often items past their expiry are deleted.
const expireEvery = time.Minute

// options say what a stack is made of. Texts are as the environment has them;
// an empty one means the default.
type options struct {
	port, dynamodbPort, mailPort string
	data                         string // a folder
	trailingSlash                string
	demo                         string // see seed.ParseExtent
	dynamodbURL, sesURL          string // used in place of children
	busURL                       string // in place of EventBridge; empty: there is no bus
	existingTable                string // in place of the one that is made
	// of another stack that serves the API; this one then has the functions
	// only
	apiURL string
	log    io.Writer
}

// stack is the whole service on one machine.
type stack struct {
	API, Mailbox, Table string // addresses for people and their programs
	engineURL, sesURL   string // those of the table and the mailbox for the stack itself
	TableName, Engine   string
	Demo                seed.Made

	functions map[string]*function
	engine    *engine.Engine
	mailbox   *program.Process
	server    *http.Server
	fronts    []*http.Server
	returns   *returns
	life      life
	failed    chan error
}

// localSettings are the variables that local clients of AWS are made of.
var localSettings = map[string]string{
	"AWS_REGION":            engine.Region,
	"AWS_ACCESS_KEY_ID":     engine.AccessKeyID,
	"AWS_SECRET_ACCESS_KEY": engine.SecretAccessKey,
	"AWS_SESSION_TOKEN":     "",
}

// startStack brings everything up and returns when it answers. ctx limits the
// start only.
func startStack(ctx context.Context, o options) (_ *stack, err error) {
	s := &stack{life: newLife(), failed: make(chan error, 1)}
	defer func() {
		if err != nil {
			err = s.why(err)
			s.close(0)
		}
	}()
	file, err := template.Find()
	if err != nil {
		return nil, err
	}
	strict, err := trailingSlash(o.trailingSlash)
	if err != nil {
		return nil, err
	}
	taken := map[int]bool{}
	var listener net.Listener
	if s.API = o.apiURL; s.API == "" {
		n := 0
		if n, err = port("PORT", o.port, 3000, taken, o.log); err != nil {
			return nil, err
		}
		if listener, err = net.Listen(
			"tcp",
			net.JoinHostPort("127.0.0.1", strconv.Itoa(n)),
		); err != nil {
			return nil, err
		}
		defer func() {
			if err != nil {
				listener.Close()
			}
		}()
		s.API = "http://" + listener.Addr().String()
	}
	parameters := map[string]string{"ConsoleUrl": s.API + "/console"}
	if o.busURL != "" {
		if err := checkURL("AWS_ENDPOINT_URL_EVENTBRIDGE", o.busURL); err != nil {
			return nil, err
		}
		parameters["EventBus"] = "local"
	}
	declared, err := template.ReadLocal(file, parameters)
	if err != nil {
		return nil, err
	}
	s.TableName = declared.Table.LogicalID
	if err := s.startTable(ctx, o, declared, taken); err != nil {
		return nil, err
	}
	if err := s.startSES(ctx, o, taken); err != nil {
		return nil, err
	}

	environment := maps.Clone(localSettings)
	environment["AWS_ENDPOINT_URL_DYNAMODB"], environment["AWS_ENDPOINT_URL_SES"] = s.engineURL, s.sesURL
	environment["AWS_ENDPOINT_URL_EVENTBRIDGE"] = o.busURL
	environment["API_URL"] = s.API
	config, err := app.AWSConfig(func(name string) string { return environment[name] })
	if err != nil {
		return nil, err
	}
	config.BaseEndpoint = &s.engineURL
	client := dynamodb.NewFromConfig(config)
	table := declared.Table
	if o.existingTable == "" {
		err = engine.CreateTable(ctx, client, table, s.TableName, true)
	} else {
		s.TableName = o.existingTable
		declared, err = attached(ctx, client, file, parameters, table, s.TableName)
	}
	if err != nil {
		return nil, err
	}
	if err := keepKey(ctx, o, client, s.TableName); err != nil {
		return nil, err
	}
	kept, variables, err := serveSecret(o.data)
	if err != nil {
		return nil, err
	}
	context.AfterFunc(s.life.whole, kept.Close)
	maps.Copy(environment, variables)
	environment["WEBHOOK_LOOPBACK"] = "on"
	if s.Demo, err = seedDemo(ctx, o, declared, client, s.TableName, environment); err != nil {
		return nil, err
	}
	if s.functions, err = build(declared, environment, slog.Default()); err != nil {
		return nil, err
	}
	if s.returns != nil {
		s.returns.subscribe(declared, s.functions)
	}
	if o.apiURL != "" {
		return s, nil
	}
	routes, err := newAPI(s.life.whole, declared, s.functions, strict)
	if err != nil {
		return nil, err
	}
	if os.Getenv("RATE_LIMITS") != "off" {
		routes.limits = throttle.New(declared.API)
	}
	for _, f := range declared.Functions {
		for _, trigger := range f.Streams {
			if err := follow(
				ctx,
				&s.life,
				client,
				dynamodbstreams.NewFromConfig(config),
				s.TableName,
				s.functions[f.Name],
				trigger,
			); err != nil {
				return nil, fmt.Errorf("follow the stream for %s: %w", f.Name, err)
			}
		}
		for _, trigger := range f.Schedules {
			if trigger.Enabled {
				schedule(&s.life, s.functions[f.Name], trigger.Every)
			}
		}
	}
	if err := s.sealBefore(client, o.data, time.Now()); err != nil {
		return nil, err
	}
	s.expire(client, table)
	s.server = &http.Server{Handler: routes, ReadHeaderTimeout: readHeaderTimeout}
	go func() {
		if err := s.server.Serve(listener); !errors.Is(err, http.ErrServerClosed) {
			s.fail(fmt.Errorf("the API: %w", err))
		}
	}()
	return s, nil
}

// sealBefore seals, beside everything else, the audit entries that were written
// before the stack follows its stream: those of the demo, and of a stack that
// was stopped in the middle of something.
func (s *stack) sealBefore(client *dynamodb.Client, data string, before time.Time) error {
	keys, err := readKeys(s.life.work, data, func(string) string { return "" })
	if err != nil {
		return err
	}
	chain := service.New(
		service.Config{
			Store: store.New(client, s.TableName),
			Keys:  keys,
			Log:   slog.New(slog.DiscardHandler),
		},
	).Chain
	s.life.running.Go(func() {
		err := chain.SealRest(s.life.work, "", before, func(auditlog.SealedEntry) {})
		if err == nil || s.life.work.Err() != nil {
			return
		}
		each := []error{err}
		if joined, ok := err.(interface{ Unwrap() []error }); ok {
			each = joined.Unwrap()
		}
		slog.Warn("audit entries cannot be sealed", "logs", len(each), "first", each[0].Error())
	})
	return nil
}

// attached reads the template for a stack over a table that is there. The table
// must be as the template declares its own.
func attached(
	ctx context.Context,
	client *dynamodb.Client,
	file string,
	parameters map[string]string,
	table template.Table,
	name string,
) (*template.Template, error) {
	stream, err := engine.CheckTable(ctx, client, table, name)
	if err != nil {
		return nil, err
	}
	parameters["ExistingTable"], parameters["ExistingStream"] = name, template.StreamARN(name, stream)
	return template.ReadLocal(file, parameters)
}

func (s *stack) startTable(
	ctx context.Context,
	o options,
	declared *template.Template,
	taken map[int]bool,
) error {
	if o.dynamodbURL != "" {
		s.Table, s.engineURL, s.Engine = o.dynamodbURL, o.dynamodbURL, "given by AWS_ENDPOINT_URL_DYNAMODB"
		return checkURL("AWS_ENDPOINT_URL_DYNAMODB", o.dynamodbURL)
	}
	n, err := port("DYNAMODB_PORT", o.dynamodbPort, 8000, taken, o.log)
	if err != nil {
		return err
	}
	if s.engine, err = engine.Start(
		ctx,
		engine.Options{Dir: o.data, Hidden: true, Log: o.log},
	); err != nil {
		return err
	}
	s.engineURL, s.Engine = s.engine.Endpoint, string(s.engine.Kind)+", data in "+o.data
	s.watch(s.engine.Done(), s.engine.Err)
	s.Table, err = s.serveFront(n, s.engineURL)
	return err
}

func checkURL(name, text string) error {
	if u, err := url.Parse(text); err != nil || u.Host == "" ||
		u.Scheme != "http" && u.Scheme != "https" {
		return fmt.Errorf("%s must be an http or https address, not %q", name, text)
	}
	return nil
}

func (s *stack) expire(client *dynamodb.Client, table template.Table) {
	ctx := s.life.work
	s.life.running.Go(func() {
		for ctx.Err() == nil {
			if _, err := engine.Expire(
				ctx,
				client,
				table,
				s.TableName,
				time.Now(),
			); err != nil &&
				ctx.Err() == nil {
				slog.Warn("items past their expiry were not deleted", "error", err.Error())
			}
			wait(ctx, expireEvery)
		}
	})
}

// close ends everything in the order that loses nothing: requests, then what
// runs on its own, then the children. Requests and what runs have the grace to
// end by themselves and are given up then, and nothing begins any more:
// whatever hangs, close returns.
func (s *stack) close(grace time.Duration) {
	ctx, cancel := context.WithTimeout(context.Background(), grace)
	defer cancel()
	if s.server != nil {
		_ = s.server.Shutdown(ctx)
	}
	s.life.end(ctx)
	if s.server != nil {
		_ = s.server.Close()
	}
	for _, f := range s.fronts {
		_ = f.Close()
	}
	var children sync.WaitGroup
	if s.mailbox != nil {
		children.Go(s.mailbox.Stop)
	}
	if s.engine != nil {
		children.Go(s.engine.Stop)
	}
	children.Wait()
}

// invoke runs one function with an event.
func (s *stack) invoke(ctx context.Context, name string, event []byte) ([]byte, error) {
	f := s.functions[name]
	if f == nil {
		return nil, unknownFunction(name)
	}
	return f.invoke(ctx, event)
}

func unknownFunction(name string) error {
	return fmt.Errorf("there is no function %q: FUNCTION is one of the folders of functions/", name)
}
