package main

import (
	"context"
	"fmt"
	"time"

	"profiles/infra/runtimeapi"
)

// batches is how often the warm functions take turns.
const batches = 20

// warm is the cost of one invocation of a function that has been running for a
// while.
type warm struct {
	name     string
	p50, p99 time.Duration // seen from outside
	cpu      time.Duration // user and system time in the function
}

// measureWarm keeps one process of each subject and gives them turns. The cost
// of an invocation is the CPU time of the process, less that of its start,
// divided by the number of invocations.
func measureWarm(
	ctx context.Context,
	subjects []subject,
	g *ground,
	starts []start,
	invocations int,
) ([]warm, error) {
	type runner struct {
		subject
		init  time.Duration
		event []byte
		*runtimeapi.Function
		took []time.Duration
	}
	var runners []*runner
	defer func() {
		for _, r := range runners {
			r.Stop()
		}
	}()
	for i, s := range subjects {
		if s.declared.Name != hello && s.name != noIO && s.name != read {
			continue
		}
		event, err := g.event(s)
		if err != nil {
			return nil, err
		}
		f, err := runtimeapi.Start(ctx, s.options(g.plain))
		if err != nil {
			return nil, err
		}
		runners = append(
			runners,
			&runner{subject: s, init: starts[i].cpu, event: event, Function: f},
		)
	}
	for range batches {
		for _, r := range runners {
			var answer []byte
			for range invocations / batches {
				began := time.Now()
				var err error
				if answer, err = r.Invoke(ctx, r.event); err != nil {
					return nil, fmt.Errorf("%s: %w", r.name, err)
				}
				r.took = append(r.took, time.Since(began))
			}
			if err := check(r.subject, answer); err != nil {
				return nil, err
			}
		}
	}
	var out []warm
	for _, r := range runners {
		r.Stop()
		out = append(out, warm{
			name: r.name, p50: median(r.took), p99: quantile(r.took, 0.99),
			cpu: (r.CPU() - r.init) / time.Duration(len(r.took)),
		})
	}
	return out, nil
}
