package app

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"

	"profiles/shared/operation"
	"profiles/shared/plainhttp"
	"profiles/shared/secret"
	"profiles/shared/service"
	"profiles/shared/store"
	"profiles/shared/transfer"
)

// AWSConfig reads the AWS configuration from the variables that Lambda sets, or
// that a developer sets for local servers: AWS_REGION, AWS_ACCESS_KEY_ID,
// AWS_SECRET_ACCESS_KEY and AWS_SESSION_TOKEN. The SDK's own loader knows many
// more sources, none of which exists in a function, and costs more at start
// than everything else together.
func AWSConfig(getenv func(string) string) (aws.Config, error) {
	for _, name := range []string{"AWS_REGION", "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"} {
		if getenv(name) == "" {
			return aws.Config{}, missing(name)
		}
	}
	credentials := aws.Credentials{
		AccessKeyID: getenv("AWS_ACCESS_KEY_ID"), SecretAccessKey: getenv("AWS_SECRET_ACCESS_KEY"),
		SessionToken: getenv("AWS_SESSION_TOKEN"), Source: "environment",
	}
	return aws.Config{
		Region: getenv("AWS_REGION"),
		Credentials: aws.CredentialsProviderFunc(
			func(context.Context) (aws.Credentials, error) { return credentials, nil },
		),
		HTTPClient: plainhttp.Client(),
	}, nil
}

func missing(
	name string,
) error {
	return fmt.Errorf("the environment variable %s is missing", name)
}

// Endpoint reads the URL of a local server in place of an AWS service; "" means
// AWS itself.
func Endpoint(getenv func(string) string, name string) (string, error) {
	text := getenv(name)
	if text == "" {
		return "", nil
	}
	if u, err := url.Parse(text); err != nil || u.Host == "" ||
		u.Scheme != "http" && u.Scheme != "https" {
		return "", fmt.Errorf(
			"the environment variable %s must be an http or https address, not %q",
			name,
			text,
		)
	}
	return text, nil
}

// onOff reads a variable that is on or off; empty: on.
func onOff(getenv func(string) string, name string) (bool, error) {
	switch text := getenv(name); text {
	case "", "on":
		return true, nil
	case "off":
		return false, nil
	default:
		return false, fmt.Errorf(
			"the environment variable %s must be on or off, not %q",
			name,
			text,
		)
	}
}

// services makes the services that the operation needs, and no others.
func services(
	o operation.Operation,
	log *slog.Logger,
	getenv func(string) string,
	options []Option,
) (*service.Services, error) {
	var w wiring
	for _, option := range options {
		option(&w)
	}
	if o.Static {
		return service.New(service.Config{Log: log}), nil
	}
	table := getenv("TABLE_NAME")
	if table == "" {
		return nil, missing("TABLE_NAME")
	}
	config, err := AWSConfig(getenv)
	if err != nil {
		return nil, err
	}
	endpoint, err := Endpoint(getenv, "AWS_ENDPOINT_URL_DYNAMODB")
	if err != nil {
		return nil, err
	}
	client := dynamodb.NewFromConfig(config, store.Meter, func(o *dynamodb.Options) {
		if endpoint != "" {
			o.BaseEndpoint = &endpoint
		}
	})
	c := service.Config{Store: store.New(client, table), Region: config.Region, Log: log}
	if c.Rates, err = onOff(getenv, "RATE_LIMITS"); err != nil {
		return nil, err
	}
	switch text := getenv("WEBHOOK_LOOPBACK"); text {
	case "", "off":
	case "on":
		c.Loopback = true
	default:
		return nil, fmt.Errorf(
			"the environment variable WEBHOOK_LOOPBACK must be on or off, not %q", text)
	}
	if o.Policy {
		if c.Policy, err = transfer.ParsePolicy(getenv("TRANSFER_POLICY")); err != nil {
			return nil, fmt.Errorf("the environment variable TRANSFER_POLICY: %w", err)
		}
	}
	var keys Keys
	if o.Keyed() {
		if w.keys == nil {
			return nil, errors.New("the function is not wired to read the master keys")
		}
		if keys, err = w.keys(config, log, getenv); err != nil {
			return nil, err
		}
	}
	if o.Tells {
		c.HasBus = getenv("EVENT_BUS") != ""
	}
	if o.Posts {
		if w.poster == nil || w.bus == nil {
			return nil, errors.New("the function is not wired to send events")
		}
		c.Poster = w.poster(c.Loopback)
		if getenv("EVENT_BUS") != "" {
			if c.Bus, err = w.bus(config, getenv); err != nil {
				return nil, err
			}
		}
	}
	if w.mailer != nil {
		if c.Mailer, err = w.mailer(config, getenv); err != nil {
			return nil, err
		}
	} else if o.Mails {
		return nil, errors.New("the function is not wired to send mail")
	}
	// The keys are read while the connection to DynamoDB is opened, because
	// both wait for the network.
	read := make(chan error, 1)
	if keys == nil {
		read <- nil
	} else {
		c.Keys = secret.NewKeys(keys.Present)
		go func() { read <- keys.Read(context.Background()) }()
	}
	connect(config, client, log)
	if err := <-read; err != nil {
		return nil, err
	}
	return service.New(c), nil
}

// connect opens the connection to DynamoDB while the function starts. Lambda
// gives it a whole CPU then, and no request waits; otherwise the TLS handshake
// would take most of the first request's time. DynamoDB answers a plain GET
// with a line of text. A failure is only logged, because the first request
// connects again. A local server without TLS needs no handshake.
func connect(config aws.Config, client *dynamodb.Client, log *slog.Logger) {
	endpoint := aws.ToString(client.Options().BaseEndpoint)
	if endpoint == "" {
		endpoint = "https://dynamodb." + config.Region + ".amazonaws.com"
	}
	if !strings.HasPrefix(endpoint, "https:") {
		return
	}
	ctx, cancel := context.WithTimeout(context.Background(), 2*time.Second)
	defer cancel()
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, endpoint, nil)
	if err != nil {
		return
	}
	response, err := client.Options().HTTPClient.Do(request)
	if err != nil {
		log.Warn("no early connection to the table", "error", err.Error())
		return
	}
	// A connection is only reused if its answer was read to the end.
	_, _ = io.Copy(io.Discard, io.LimitReader(response.Body, 4096))
	_ = response.Body.Close()
}
