package main

import (
	"context"
	"fmt"
	"log/slog"
	"os"
	"time"

	"github.com/aws/aws-lambda-go/lambda"
	"github.com/aws/aws-lambda-go/lambdacontext"

	"profiles/infra/template"
	"profiles/shared/app"
	"profiles/shared/eventbus"
	"profiles/shared/httpapi"
	"profiles/shared/mail"
	"profiles/shared/masterkey"
	"profiles/shared/operation"
	"profiles/shared/outbound"
	"profiles/shared/secret"
)

// function is a declared function with the handler that Lambda would call.
type function struct {
	name     string
	declared template.Function
	handler  lambda.Handler
}

// invoke calls the function as Lambda does: with a request id and a deadline.
func (f *function) invoke(ctx context.Context, payload []byte) ([]byte, error) {
	ctx, cancel := context.WithTimeout(ctx, f.declared.Timeout)
	defer cancel()
	ctx = lambdacontext.NewContext(ctx, &lambdacontext.LambdaContext{
		AwsRequestID:       secret.NewID(time.Now()),
		InvokedFunctionArn: "arn:aws:lambda:us-east-1:000000000000:function:" + f.name,
	})
	answer, err := f.handler.Invoke(ctx, payload)
	if len(answer) > httpapi.AnswerLimit {
		return nil, fmt.Errorf(
			"the answer has %d bytes, and Lambda takes %d",
			len(answer),
			httpapi.AnswerLimit,
		)
	}
	return answer, err
}

// build makes the functions that the template declares, each with the
// environment it declares for it, changed by what is different on this machine.
// A function that only the template or only the catalogue knows is an error.
func build(
	declared *template.Template,
	local map[string]string,
	log *slog.Logger,
) (map[string]*function, error) {
	operations := map[string]operation.Operation{}
	for _, o := range operation.All() {
		operations[o.Name] = o
	}
	functions := map[string]*function{}
	for _, f := range declared.Functions {
		o, ok := operations[f.Name]
		if !ok {
			return nil, fmt.Errorf(
				"template.yaml:%d: %s runs %s, which is no operation of the catalogue",
				f.Line,
				f.LogicalID,
				f.Name,
			)
		}
		delete(operations, f.Name)
		getenv := func(name string) string {
			for _, from := range []map[string]string{local, f.Environment} {
				if value, ok := from[name]; ok {
					return value
				}
			}
			return os.Getenv(name)
		}
		var options []app.Option
		if o.Mails {
			options = append(options, app.WithMailer(mail.FromEnvironment))
		}
		if o.Posts {
			options = append(
				options, app.WithPoster(outbound.New), app.WithBus(eventbus.FromEnvironment),
			)
		}
		if o.Keyed() {
			options = append(options, app.WithKeys(masterkey.FromEnvironment))
		}
		handler, err := app.New(o, log.With("operation", o.Name), getenv, options...)
		if err != nil {
			return nil, fmt.Errorf("%s cannot start: %w", f.Name, err)
		}
		functions[f.Name] = &function{f.Name, f, handler}
	}
	for name := range operations {
		return nil, fmt.Errorf(
			"the operation %s of the catalogue is not declared in template.yaml",
			name,
		)
	}
	return functions, nil
}
