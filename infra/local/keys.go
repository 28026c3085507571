package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"

	"profiles/infra/secrets"
	"profiles/shared/app"
	"profiles/shared/masterkey"
	"profiles/shared/secret"
)

// secretID is how the local stack calls its secret, and the name of its file
// beside the table.
const secretID = "secret-key"

func keyFile(data string) string { return filepath.Join(data, secretID) }

// checkKey looks whether the folder of a table has its secret.
func checkKey(data string) error {
	raw, err := os.ReadFile(keyFile(data))
	if err != nil {
		return fmt.Errorf("the secret key of the local table: %w; make run makes one", err)
	}
	if _, err := secret.ParseRing(string(raw)); err != nil {
		return fmt.Errorf(
			"the secret key in %s: %w; put the right one there, or remove it for a new one",
			keyFile(data),
			err,
		)
	}
	return nil
}

// keepKey makes the secret of the table in a folder unless it is there: a
// master key, as a deployment has one made. It says when the table was used
// with another one, which is gone.
func keepKey(ctx context.Context, o options, client *dynamodb.Client, table string) error {
	if err := checkKey(o.data); !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	used, err := client.Scan(ctx, &dynamodb.ScanInput{TableName: &table, Limit: aws.Int32(1)})
	if err != nil {
		return err
	}
	if err := os.MkdirAll(o.data, 0o700); err != nil {
		return err
	}
	// The file is there as a whole or not at all, and whoever makes it first
	// wins.
	made, err := os.CreateTemp(o.data, secretID+"-")
	if err != nil {
		return err
	}
	defer os.Remove(made.Name())
	_, err = made.WriteString(secret.NewMaster())
	if err = errors.Join(err, made.Close()); err != nil {
		return err
	}
	if err := os.Link(made.Name(), keyFile(o.data)); err != nil && !errors.Is(err, fs.ErrExist) {
		return err
	}
	if len(used.Items) > 0 {
		fmt.Fprintf(
			o.log,
			"The secret key of the data is gone: %s was not there, and a new one is there now. What was sealed under the old\n"+
				"one (authenticators, recovery codes, answers to requests with an Idempotency-Key) cannot be read again, and audit logs do not\n"+
				"verify. Stop, put the old file back and start again; or, if it is lost, seal the logs anew with make reseal-audit.\n",
			keyFile(o.data),
		)
	}
	return checkKey(o.data)
}

// serveSecret serves the secret of the table in a folder, as Secrets Manager
// does, and returns the variables that lead to it.
func serveSecret(data string) (*secrets.Server, map[string]string, error) {
	server, err := secrets.Serve(secretID, keyFile(data))
	if err != nil {
		return nil, nil, err
	}
	return server, map[string]string{
		"SECRET_ID":                        secretID,
		"AWS_ENDPOINT_URL_SECRETS_MANAGER": server.Endpoint,
	}, nil
}

// keysPlace is a secret with master keys, with words that say which it is.
type keysPlace struct {
	masterkey.Secret
	name  string
	close func()
}

// findKeys finds the secret that SECRET_ID names, or that of the local stack,
// which is not made here.
func findKeys(data string, getenv func(string) string) (keysPlace, error) {
	p := keysPlace{close: func() {}}
	if id := getenv("SECRET_ID"); id != "" {
		config, err := app.AWSConfig(getenv)
		if err != nil {
			return p, fmt.Errorf("for the deployed secret %s: %w", id, err)
		}
		p.name = fmt.Sprintf("the secret %s in %s", id, config.Region)
		p.Secret, err = masterkey.NewSecret(config, getenv)
		return p, err
	}
	if err := checkKey(data); err != nil {
		return p, err
	}
	server, variables, err := serveSecret(data)
	if err != nil {
		return p, err
	}
	p.name, p.close = keyFile(data), server.Close
	local := func(name string) string {
		if value, ok := variables[name]; ok {
			return value
		}
		return localSettings[name]
	}
	config, err := app.AWSConfig(local)
	if err == nil {
		p.Secret, err = masterkey.NewSecret(config, local)
	}
	if err != nil {
		server.Close()
	}
	return p, err
}

// withKeys calls do with the secret that findKeys finds.
func withKeys(data string, getenv func(string) string, do func(keysPlace) error) error {
	p, err := findKeys(data, getenv)
	if err != nil {
		return err
	}
	defer p.close()
	return do(p)
}

// readKeys reads the master keys that findKeys finds, for the time that a
// command takes.
func readKeys(
	ctx context.Context, data string, getenv func(string) string,
) (keys secret.Keys, err error) {
	err = withKeys(data, getenv, func(p keysPlace) error {
		ring, err := p.Read(ctx)
		keys = secret.NewKeys(func() secret.Ring { return ring.At(time.Now()) })
		return err
	})
	return keys, err
}
