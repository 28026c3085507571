package main

import (
	"context"
	"fmt"
	"log/slog"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"

	"profiles/infra/demo/seed"
	"profiles/infra/template"
	"profiles/shared/app"
	"profiles/shared/mail"
	"profiles/shared/store"
)

// demoReport is a report of a data plane to try.
const demoReport = `{"lines":[{"service":"input","amount":25,"event":"first"}]}`

// seedDemo makes as much of the demo in an empty table as DEMO says, and
// reports what of it the table has. local is the environment of the
// stack's functions.
func seedDemo(
	ctx context.Context,
	o options,
	declared *template.Template,
	client *dynamodb.Client,
	table string,
	local map[string]string,
) (seed.Made, error) {
	extent, err := seed.ParseExtent(o.demo)
	if err != nil || extent == seed.Nothing {
		return seed.Made{}, err
	}
	keys, err := readKeys(ctx, o.data, func(string) string { return "" })
	if err != nil {
		return seed.Made{}, err
	}
	mailer, err := demoMailer(declared, local)
	if err != nil {
		return seed.Made{}, err
	}
	empty := func(ctx context.Context) (bool, error) {
		some, err := client.Scan(ctx, &dynamodb.ScanInput{TableName: &table, Limit: aws.Int32(1)})
		return err == nil && len(some.Items) == 0, err
	}
	return seed.Make(ctx, seed.Config{
		Store: store.New(client, table), Keys: keys, Mailer: mailer, Now: time.Now(),
		Log: slog.Default(),
	}, extent, empty)
}

// demoMailer is the mailer that the function mail-deliver has.
func demoMailer(declared *template.Template, local map[string]string) (*mail.Mailer, error) {
	const name = "mail-deliver"
	for _, f := range declared.Functions {
		if f.Name != name {
			continue
		}
		getenv := func(variable string) string {
			if value, ok := local[variable]; ok {
				return value
			}
			return f.Environment[variable]
		}
		config, err := app.AWSConfig(getenv)
		if err != nil {
			return nil, err
		}
		return mail.FromEnvironment(config, getenv)
	}
	return nil, fmt.Errorf("the template declares no function %s", name)
}
