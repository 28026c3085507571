// Package app makes a Lambda function of an operation: it reads the
// configuration from the environment, makes the services, and adapts events to
// the catalogue and back.
package app

import (
	"context"
	"log/slog"
	"time"

	"github.com/aws/aws-lambda-go/lambda"
	"github.com/aws/aws-sdk-go-v2/aws"

	"profiles/shared/adapter"
	"profiles/shared/operation"
	"profiles/shared/secret"
	"profiles/shared/service"
)

// Option adds something to a function that only a few functions need.
type Option func(*wiring)

type wiring struct {
	mailer func(aws.Config, func(string) string) (service.Mailer, error)
	keys   func(aws.Config, *slog.Logger, func(string) string) (Keys, error)
	poster func(loopback bool) service.Poster
	bus    func(aws.Config, func(string) string) (service.Poster, error)
}

// Keys are the master keys of a function; see package masterkey.
type Keys interface {
	// Read reads the keys. The error says why it could not.
	Read(context.Context) error
	// Present returns the ring as of now.
	Present() secret.Ring
}

// WithMailer lets the function send mail. The constructor gets the AWS
// configuration and the environment; its error names the variable that is
// missing or wrong.
func WithMailer[C service.Mailer](
	construct func(aws.Config, func(string) string) (C, error),
) Option {
	return func(w *wiring) {
		w.mailer = func(config aws.Config, getenv func(string) string) (service.Mailer, error) {
			return construct(config, getenv)
		}
	}
}

// WithPoster lets the function send events to webhooks. loopback is Config's.
func WithPoster[P service.Poster](construct func(loopback bool) P) Option {
	return func(w *wiring) {
		w.poster = func(loopback bool) service.Poster { return construct(loopback) }
	}
}

// WithBus lets the function send events to the bus of the operator, if the
// environment names one. The constructor gets the AWS configuration and the
// environment; its error names the variable that is missing or wrong.
func WithBus[P service.Poster](
	construct func(aws.Config, func(string) string) (P, error),
) Option {
	return func(w *wiring) {
		w.bus = func(config aws.Config, getenv func(string) string) (service.Poster, error) {
			return construct(config, getenv)
		}
	}
}

// WithKeys lets the function read the master keys. The constructor gets the AWS
// configuration, the log and the environment; its error names the variable that
// is missing or wrong.
func WithKeys[K Keys](
	construct func(aws.Config, *slog.Logger, func(string) string) (K, error),
) Option {
	return func(w *wiring) {
		w.keys = func(
			config aws.Config, log *slog.Logger, getenv func(string) string,
		) (Keys, error) {
			return construct(config, log, getenv)
		}
	}
}

// New returns the Lambda handler of an operation, configured by the
// environment. The error names the variable that is missing or wrong.
func New(
	o operation.Operation,
	log *slog.Logger,
	getenv func(string) string,
	options ...Option,
) (lambda.Handler, error) {
	begun := time.Now()
	f, err := adapter.NewFunction(o.Name, getenv)
	if err != nil {
		return nil, err
	}
	services, err := services(o, log, getenv, options)
	if err != nil {
		return nil, err
	}
	f.Started(time.Since(begun))
	return handler(o, f, services), nil
}

// Serve runs the operation as a Lambda function until the process ends. A
// function's main calls it and does nothing else. If a variable of the
// environment is missing or wrong, the process ends at once and says which.
func Serve(o operation.Operation, options ...Option) {
	adapter.Run(o.Name, func(log *slog.Logger, getenv func(string) string) (lambda.Handler, error) {
		return New(o, log, getenv, options...)
	})
}
