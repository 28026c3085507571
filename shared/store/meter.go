package store

import (
	"context"
	"errors"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/aws/smithy-go"
	"github.com/aws/smithy-go/middleware"

	"profiles/shared/metric"
)

// Meter is an option of a client. It counts the requests of the client, and
// what they cost, in the record of their context.
func Meter(o *dynamodb.Options) {
	o.APIOptions = append(o.APIOptions, func(s *middleware.Stack) error {
		if err := s.Initialize.Add(
			middleware.InitializeMiddlewareFunc("MeterRequest", meterRequest), middleware.Before,
		); err != nil {
			return err
		}
		// Inside of the SDK's retries, to see each attempt.
		return s.Finalize.Insert(
			middleware.FinalizeMiddlewareFunc("MeterAttempt", meterAttempt),
			"Retry",
			middleware.After,
		)
	})
}

func meterRequest(
	ctx context.Context, in middleware.InitializeInput, next middleware.InitializeHandler,
) (middleware.InitializeOutput, middleware.Metadata, error) {
	r := metric.From(ctx)
	if r == nil {
		return next.HandleInitialize(ctx, in)
	}
	AskCapacity(in.Parameters)
	r.Asked()
	out, metadata, err := next.HandleInitialize(ctx, in)
	r.Answered(Capacity(out.Result))
	return out, metadata, err
}

func meterAttempt(
	ctx context.Context, in middleware.FinalizeInput, next middleware.FinalizeHandler,
) (middleware.FinalizeOutput, middleware.Metadata, error) {
	out, metadata, err := next.HandleFinalize(ctx, in)
	if met := contentionOf(err); met != none || lacksCapacity(err) {
		metric.From(ctx).Refused(met == conflict, met != conflict)
	}
	return out, metadata, err
}

// lacksCapacity reports whether a request was refused for its rate; see
// contentionOf for transactions.
func lacksCapacity(err error) bool {
	var api smithy.APIError
	if !errors.As(err, &api) {
		return false
	}
	switch api.ErrorCode() {
	case "ProvisionedThroughputExceededException", "RequestLimitExceeded", "ThrottlingException":
		return true
	}
	return false
}

// AskCapacity makes DynamoDB say in its answer what a request has cost.
func AskCapacity(input any) {
	switch in := input.(type) {
	case *dynamodb.TransactWriteItemsInput:
		in.ReturnConsumedCapacity = types.ReturnConsumedCapacityTotal
	case *dynamodb.QueryInput:
		in.ReturnConsumedCapacity = types.ReturnConsumedCapacityTotal
	case *dynamodb.BatchGetItemInput:
		in.ReturnConsumedCapacity = types.ReturnConsumedCapacityTotal
	case *dynamodb.PutItemInput:
		in.ReturnConsumedCapacity = types.ReturnConsumedCapacityTotal
	case *dynamodb.UpdateItemInput:
		in.ReturnConsumedCapacity = types.ReturnConsumedCapacityTotal
	}
}

// Capacity returns the read and write units that DynamoDB says a request has
// cost; an answer without a word about that has none.
func Capacity(output any) (reads, writes float64) {
	sum := func(those ...types.ConsumedCapacity) (units float64) {
		for _, c := range those {
			units += aws.ToFloat64(c.CapacityUnits)
		}
		return units
	}
	one := func(c *types.ConsumedCapacity) float64 {
		if c == nil {
			return 0
		}
		return sum(*c)
	}
	switch out := output.(type) {
	case *dynamodb.TransactWriteItemsOutput:
		return 0, sum(out.ConsumedCapacity...)
	case *dynamodb.BatchGetItemOutput:
		return sum(out.ConsumedCapacity...), 0
	case *dynamodb.QueryOutput:
		return one(out.ConsumedCapacity), 0
	case *dynamodb.PutItemOutput:
		return 0, one(out.ConsumedCapacity)
	case *dynamodb.UpdateItemOutput:
		return 0, one(out.ConsumedCapacity)
	}
	return 0, 0
}
