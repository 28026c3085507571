package testkit

import (
	"context"
	"maps"
	"sync"

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
	underWay int
	usage    Usage
}

// Reset begins a new count and returns the old one.
func (m *Meter) Reset() Usage {
	m.mu.Lock()
	defer m.mu.Unlock()
	u := m.usage
	m.usage = Usage{}
	return u
}

// observe adds the meter to a client.
func (m *Meter) observe(o *dynamodb.Options) {
	o.APIOptions = append(o.APIOptions, func(s *middleware.Stack) error {
		return s.Initialize.Add(middleware.InitializeMiddlewareFunc("Meter", func(
			ctx context.Context, in middleware.InitializeInput, next middleware.InitializeHandler,
		) (middleware.InitializeOutput, middleware.Metadata, error) {
			askCapacity(in.Parameters)
			m.begin(ctx, in.Parameters)
			out, metadata, err := next.HandleInitialize(ctx, in)
			m.end(capacity(out.Result))
			return out, metadata, err
		}), middleware.Before)
	})
}

func (m *Meter) begin(ctx context.Context, parameters any) {
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
