package testkit

import (
	"context"
	"maps"
	"sync"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	awsmiddleware "github.com/aws/aws-sdk-go-v2/aws/middleware"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/aws/smithy-go/middleware"
)

// Usage is what some requests cost.
type Usage struct {
	RoundTrips int // one after the other; requests under way at the same time are one
	Requests   int
	Capacity   float64         // read and write units
	Actions    map[string]bool // IAM actions, such as dynamodb:PutItem, with /index for those on an index
}

// Meter counts the requests of a world's services.
type Meter struct {
	mu       sync.Mutex
	read     bool // somebody asks for the counts
	underWay int
	usage    Usage
}

// Reset begins a new count and returns the old one. From the first one on, the first request of a round trip waits a moment for
// those that are sent beside it: on a busy machine it might be answered before they have begun, and they would look as if they
// depended on it.
func (m *Meter) Reset() Usage {
	m.mu.Lock()
	defer m.mu.Unlock()
	u := m.usage
	m.usage, m.read = Usage{}, true
	return u
}

// company is how long the first request of a round trip waits for others.
const company = 5 * time.Millisecond

// observe adds the meter to a client.
func (m *Meter) observe(o *dynamodb.Options) {
	o.APIOptions = append(o.APIOptions, func(s *middleware.Stack) error {
		return s.Initialize.Add(middleware.InitializeMiddlewareFunc("Meter", func(
			ctx context.Context, in middleware.InitializeInput, next middleware.InitializeHandler,
		) (middleware.InitializeOutput, middleware.Metadata, error) {
			askCapacity(in.Parameters)
			if m.begin(ctx, in.Parameters) {
				time.Sleep(company)
			}
			out, metadata, err := next.HandleInitialize(ctx, in)
			m.end(capacity(out.Result))
			return out, metadata, err
		}), middleware.Before)
	})
}

// begin counts a request, and reports whether it should wait for others.
func (m *Meter) begin(ctx context.Context, parameters any) bool {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.underWay++; m.underWay == 1 {
		m.usage.RoundTrips++
	}
	m.usage.Requests++
	if m.usage.Actions == nil {
		m.usage.Actions = map[string]bool{}
	}
	maps.Copy(m.usage.Actions, actions(awsmiddleware.GetOperationName(ctx), parameters))
	return m.read && m.underWay == 1
}

func (m *Meter) end(capacity float64) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.underWay--
	m.usage.Capacity += capacity
}

// actions are the IAM permissions a request needs: a transaction needs those of its steps.
func actions(operation string, parameters any) map[string]bool {
	out := map[string]bool{}
	switch in := parameters.(type) {
	case *dynamodb.TransactWriteItemsInput:
		for _, step := range in.TransactItems {
			switch {
			case step.Put != nil:
				out["dynamodb:PutItem"] = true
			case step.Update != nil:
				out["dynamodb:UpdateItem"] = true
			case step.Delete != nil:
				out["dynamodb:DeleteItem"] = true
			case step.ConditionCheck != nil:
				out["dynamodb:ConditionCheckItem"] = true
			}
		}
	case *dynamodb.QueryInput:
		if in.IndexName != nil {
			out["dynamodb:Query/index"] = true
		} else {
			out["dynamodb:Query"] = true
		}
	default:
		out["dynamodb:"+operation] = true
	}
	return out
}

func askCapacity(parameters any) {
	switch in := parameters.(type) {
	case *dynamodb.TransactWriteItemsInput:
		in.ReturnConsumedCapacity = types.ReturnConsumedCapacityTotal
	case *dynamodb.QueryInput:
		in.ReturnConsumedCapacity = types.ReturnConsumedCapacityTotal
	case *dynamodb.BatchGetItemInput:
		in.ReturnConsumedCapacity = types.ReturnConsumedCapacityTotal
	case *dynamodb.UpdateItemInput:
		in.ReturnConsumedCapacity = types.ReturnConsumedCapacityTotal
	}
}

func capacity(result any) float64 {
	total := 0.0
	add := func(c *types.ConsumedCapacity) {
		if c != nil {
			total += aws.ToFloat64(c.CapacityUnits)
		}
	}
	switch out := result.(type) {
	case *dynamodb.TransactWriteItemsOutput:
		for _, c := range out.ConsumedCapacity {
			add(&c)
		}
	case *dynamodb.BatchGetItemOutput:
		for _, c := range out.ConsumedCapacity {
			add(&c)
		}
	case *dynamodb.QueryOutput:
		add(out.ConsumedCapacity)
	case *dynamodb.UpdateItemOutput:
		add(out.ConsumedCapacity)
	}
	return total
}
