// Package adapter is between Lambda and what a function does: it makes requests
// of the gateway's events, and writes the log and the trace. It knows no table.
// Only this package and package app use aws-lambda-go.
package adapter

import (
	"fmt"
	"log/slog"
	"net/http"
	"os"
	"time"

	"github.com/aws/aws-lambda-go/lambda"

	"profiles/shared/httpapi"
	"profiles/shared/static"
)

// Static returns the Lambda handler of an operation that needs no table,
// configured by the environment. The error names the variable that is wrong.
func Static(o static.Operation, getenv func(string) string) (lambda.Handler, error) {
	begun := time.Now()
	f, err := NewFunction(o.Name, getenv)
	if err != nil {
		return nil, err
	}
	f.Started(time.Since(begun))
	return f.HTTP(func(r *http.Request, _ Sender) httpapi.Answer { return o.Serve(r) }), nil
}

// Serve runs an operation that needs no table as a Lambda function until the
// process ends. A function's main calls it and does nothing else.
func Serve(o static.Operation) {
	Run(o.Name, func(_ *slog.Logger, getenv func(string) string) (lambda.Handler, error) {
		return Static(o, getenv)
	})
}

// Run runs the handler of an operation as a Lambda function until the process
// ends. If the handler cannot be made, the process ends at once and says why.
func Run(
	operation string,
	construct func(log *slog.Logger, getenv func(string) string) (lambda.Handler, error),
) {
	log := NewLog(os.Stdout, LevelQuiet, os.Getenv("METRICS")).With("operation", operation)
	slog.SetDefault(log)
	handler, err := construct(log, os.Getenv)
	if err != nil {
		log.Error("the function cannot start", "error", err.Error())
		fmt.Fprintln(os.Stderr, operation+":", err)
		os.Exit(1)
	}
	lambda.Start(handler)
}
