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
	"profiles/shared/problem"
	"profiles/shared/secret"
	"profiles/shared/service"
	"profiles/shared/store"
	"profiles/shared/tenancy"
	"profiles/shared/value"
)

// Reports are measured with one profile and with one for each of the most
// writers.
var reportWriters = []int{1, 8, 32}

const (
	manyProfiles = 32
	reportWidth  = 38
)

// reporting is what a number of writers got done in a while: reports of some
// lines, or with none bare updates of one item.
type reporting struct {
	profiles, lines, writers int
	rate                     float64 // a second, of what succeeded
	p50, p99                 time.Duration
	conflicts                int // answered 409, for the data plane to send again
}

// measureReports reports use through the service, in this process, as
// usage-report does for signed callers, and beside that adds to bare counters
// of the same table. Each gets the same while.
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
	services := service.New(
		service.Config{
			Store: store.New(client, table),
			Log:   slog.New(slog.NewTextHandler(io.Discard, nil)),
		},
	)
	var profiles []value.ProfileID
	for i := range manyProfiles {
		_, profile, err := services.Operator.CreateAccount(ctx, service.Seed{
			Name:     "Reported",
			Email:    fmt.Sprintf("reported-%d@example.com", i),
			Password: "granite otter lantern",
		})
		if err != nil {
			return nil, fmt.Errorf("make an account: %w", err)
		}
		profiles = append(profiles, profile.ID)
	}
	one := 1.0
	for _, count := range []int{1, manyProfiles} {
		for _, lines := range []int{0, 1, 25} {
			for _, writers := range reportWriters {
				do := func(ctx context.Context, writer int) error {
					_, err := client.UpdateItem(ctx, &dynamodb.UpdateItemInput{
						TableName:                 &table,
						Key:                       counterKey(writer % count),
						UpdateExpression:          &addOne,
						ExpressionAttributeValues: oneMore,
					})
					return err
				}
				if lines > 0 {
					do = func(ctx context.Context, writer int) error {
						report := make([]tenancy.ReportedLine, lines)
						for i := range report {
							report[i] = tenancy.ReportedLine{
								Service: "input",
								Amount:  &one,
								Event:   secret.NewID(time.Now()),
							}
						}
						_, err := services.Usage.Report(
							ctx,
							service.Client{Service: true},
							profiles[writer%count],
							report,
						)
						return err
					}
				}
				r, err := measureWriters(ctx, writers, while, do)
				if err != nil {
					return nil, fmt.Errorf(
						"%d profiles, %d lines, %d writers: %w",
						count,
						lines,
						writers,
						err,
					)
				}
				r.profiles, r.lines = count, lines
				out = append(out, r)
			}
		}
	}
	return out, nil
}

var (
	addOne  = "ADD used :one"
	oneMore = map[string]types.AttributeValue{":one": &types.AttributeValueMemberN{Value: "1"}}
)

func counterKey(n int) map[string]types.AttributeValue {
	return map[string]types.AttributeValue{
		"PK": &types.AttributeValueMemberS{
			Value: "bench#" + strconv.Itoa(n),
		},
		"SK": &types.AttributeValueMemberS{Value: "bench"},
	}
}

// measureWriters lets writers do something over and over for a while.
func measureWriters(
	ctx context.Context,
	writers int,
	while time.Duration,
	do func(ctx context.Context, writer int) error,
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

func (r *report) printReports() {
	if len(r.reports) == 0 {
		return
	}
	bare := map[[2]int]float64{} // by profiles and writers
	fmt.Fprintf(
		r.out,
		"\nReports of use, plain HTTP, beside bare updates of one item for each profile\n%-*s %9s %9s %9s %9s %9s   %8s\n",
		reportWidth,
		"",
		"a second",
		"lines/s",
		"p50 ms",
		"p99 ms",
		"409",
		"bare x",
	)
	for _, m := range r.reports {
		of, share := "bare update", "-"
		if m.lines == 0 {
			bare[[2]int{m.profiles, m.writers}] = m.rate
		} else {
			of = fmt.Sprintf("%d lines", m.lines)
			if m.lines == 1 {
				of = "1 line"
			}
			if base := bare[[2]int{m.profiles, m.writers}]; base > 0 {
				share = fmt.Sprintf("%.3f", m.rate/base)
			}
		}
		to := "one profile"
		if m.profiles > 1 {
			to = fmt.Sprintf("%d profiles", m.profiles)
		}
		fmt.Fprintf(
			r.out,
			"%-*s %9.0f %9.0f %9.2f %9.2f %9d   %8s\n",
			reportWidth,
			fmt.Sprintf("%s, %s, %d at once", of, to, m.writers),
			m.rate,
			m.rate*float64(m.lines),
			milliseconds(m.p50),
			milliseconds(m.p99),
			m.conflicts,
			share,
		)
	}
}
