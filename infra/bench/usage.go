package main

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"strconv"
	"sync"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"profiles/shared/app"
	"profiles/shared/billing"
	"profiles/shared/operation"
	"profiles/shared/problem"
	"profiles/shared/secret"
	"profiles/shared/service"
	"profiles/shared/service/operator"
	"profiles/shared/store"
	"profiles/shared/value"
)

// Reports are measured with one profile and with one for each of the most
// writers.
var reportWriters = []int{1, 8, 32}

const manyProfiles = 32

// reporting is how much a number of writers achieved in a span: usage reports
// of some lines, or bare updates of one item when it has no lines.
type reporting struct {
	profiles, lines, writers int
	rate                     float64 // a second, of what succeeded
	p50, p99                 time.Duration
	conflicts                int // answered 409, for the data plane to send again
}

// name says what was sent to what.
func (r reporting) name() string {
	of, to := fmt.Sprintf("%d lines", r.lines), fmt.Sprintf("%d profiles", r.profiles)
	switch r.lines {
	case 0:
		of = "bare update"
	case 1:
		of = "1 line"
	}
	if r.profiles == 1 {
		to = "one profile"
	}
	return fmt.Sprintf("%s, %s, %d at once", of, to, r.writers)
}

// measureReports reports usage through the service, in this process, as
// usage-report does for signed callers. For comparison it adds to bare counters
// of the same table for the same span.
func measureReports(
	ctx context.Context,
	g *ground,
	table string,
	while time.Duration,
) (out []reporting, err error) {
	config, err := app.AWSConfig(func(name string) string { return g.plain[name] })
	if err != nil {
		return nil, err
	}
	config.BaseEndpoint = &g.engine.Endpoint
	client := dynamodb.NewFromConfig(config)
	services := service.New(service.Config{
		Store: store.New(client, table),
		Log:   slog.New(slog.NewTextHandler(io.Discard, nil)),
	})
	profiles, err := reportedProfiles(ctx, services)
	if err != nil {
		return nil, err
	}
	for _, count := range []int{1, manyProfiles} {
		for _, lines := range []int{0, 1, 25} {
			do := reporter(services, profiles[:count], lines)
			if lines == 0 {
				do = counter(client, table, count)
			}
			for _, writers := range reportWriters {
				r, err := measureWriters(ctx, writers, while, do)
				r.profiles, r.lines = count, lines
				if err != nil {
					return nil, fmt.Errorf("%s: %w", r.name(), err)
				}
				out = append(out, r)
			}
		}
	}
	return out, nil
}

// reportedProfiles makes the profiles that usage is reported of, each in an
// account of its own.
func reportedProfiles(
	ctx context.Context,
	services *service.Services,
) (profiles []value.ProfileID, err error) {
	for i := range manyProfiles {
		_, profile, err := services.Operator.CreateAccount(ctx, operator.Seed{
			Name:     "Reported",
			Email:    fmt.Sprintf("reported-%d@example.com", i),
			Password: "granite otter lantern",
		})
		if err != nil {
			return nil, fmt.Errorf("make an account: %w", err)
		}
		profiles = append(profiles, profile.ID)
	}
	return profiles, nil
}

// writing is what a writer does over and over.
type writing func(ctx context.Context, writer int) error

// reporter reports lines of usage of the writer's profile.
func reporter(services *service.Services, profiles []value.ProfileID, lines int) writing {
	one := 1.0
	return func(ctx context.Context, writer int) error {
		report := make([]billing.ReportedLine, lines)
		for i := range report {
			report[i] = billing.ReportedLine{
				Service: "input",
				Amount:  &one,
				Event:   secret.NewID(time.Now()),
			}
		}
		id := profiles[writer%len(profiles)]
		plane := service.Client{Service: true, Access: operation.UsageReport.Access}
		_, err := services.Usage.Report(ctx, plane, id, report)
		return err
	}
}

// counter adds one to the writer's counter, a bare item.
func counter(client *dynamodb.Client, table string, counters int) writing {
	add := "ADD used :one"
	one := map[string]types.AttributeValue{":one": &types.AttributeValueMemberN{Value: "1"}}
	return func(ctx context.Context, writer int) error {
		pk := "bench#" + strconv.Itoa(writer%counters)
		_, err := client.UpdateItem(ctx, &dynamodb.UpdateItemInput{
			TableName: &table,
			Key: map[string]types.AttributeValue{
				"PK": &types.AttributeValueMemberS{Value: pk},
				"SK": &types.AttributeValueMemberS{Value: "bench"},
			},
			UpdateExpression:          &add,
			ExpressionAttributeValues: one,
		})
		return err
	}
}

// measureWriters lets writers do something over and over for a while.
func measureWriters(
	ctx context.Context,
	writers int,
	while time.Duration,
	do writing,
) (reporting, error) {
	r := reporting{writers: writers}
	var took []time.Duration
	var failed error
	var mu sync.Mutex
	var running sync.WaitGroup
	begin := time.Now()
	for writer := range writers {
		running.Go(func() {
			for time.Since(begin) < while {
				start := time.Now()
				err := do(ctx, writer)
				mu.Lock()
				switch {
				case err == nil:
					took = append(took, time.Since(start))
				case problem.CodeOf(err) == problem.CodeConflict:
					r.conflicts++
				default:
					failed = err
				}
				stop := failed != nil
				mu.Unlock()
				if stop {
					return
				}
			}
		})
	}
	running.Wait()
	r.rate = float64(len(took)) / time.Since(begin).Seconds()
	if failed == nil && len(took) > 0 {
		r.p50, r.p99 = quantile(took, 0.5), quantile(took, 0.99)
	}
	return r, failed
}
