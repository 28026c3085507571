package main

import (
	"context"
	"fmt"
	"time"

	"profiles/infra/runtimeapi"
)

// first is the start of a function that meets TLS as it does at AWS, and its
// first invocation; each the median of many.
type first struct {
	ready time.Duration
	cpu   time.Duration
	took  time.Duration // the first invocation after the start
	// requests is how many requests to DynamoDB a warm invocation makes.
	requests float64
}

// counted is how many warm invocations the requests are counted over.
const counted = 10

// measureFirsts starts each subject that uses the table behind the TLS front.
// The others have no entry.
func measureFirsts(
	ctx context.Context,
	subjects []subject,
	g *ground,
	rounds int,
) (map[string]first, error) {
	ready := map[string][]time.Duration{}
	cpu := map[string][]time.Duration{}
	took := map[string][]time.Duration{}
	out := map[string]first{}
	for round := range rounds {
		for _, s := range subjects {
			if !s.table {
				continue
			}
			event, err := g.event(s)
			if err != nil {
				return nil, err
			}
			f, err := runtimeapi.Start(ctx, s.options(g.secure))
			if err != nil {
				return nil, err
			}
			time.Sleep(settle)
			began := time.Now()
			answer, err := f.Invoke(ctx, event)
			took[s.name] = append(took[s.name], time.Since(began))
			if err == nil && round == 0 {
				out[s.name], err = countRequests(ctx, f, g.front, event)
			}
			f.Stop()
			if err != nil {
				return nil, fmt.Errorf("%s: %w", s.name, err)
			}
			if err := check(s, answer); err != nil {
				return nil, err
			}
			ready[s.name] = append(ready[s.name], f.Ready())

			// The cost of the start alone needs a process that ends there.
			if f, err = runtimeapi.Start(ctx, s.options(g.secure)); err != nil {
				return nil, err
			}
			f.Stop()
			ready[s.name] = append(ready[s.name], f.Ready())
			cpu[s.name] = append(cpu[s.name], f.CPU())
		}
	}
	for name, f := range out {
		f.ready, f.cpu, f.took = median(ready[name]), median(cpu[name]), median(took[name])
		out[name] = f
	}
	return out, nil
}

func countRequests(
	ctx context.Context,
	f *runtimeapi.Function,
	front *front,
	event []byte,
) (first, error) {
	before := front.requests.Load()
	for range counted {
		if _, err := f.Invoke(ctx, event); err != nil {
			return first{}, err
		}
	}
	return first{requests: float64(front.requests.Load()-before) / counted}, nil
}
