package store

import (
	"context"
	"errors"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/feature/dynamodb/attributevalue"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"profiles/shared/flow"
	"profiles/shared/problem"
)

// maxAttempts is how often a request is sent that meets contention or a lack of
// capacity.
const maxAttempts = 8

// maxThrottled is how often a request is sent that finds no capacity. Each time
// the SDK has sent it three times, with pauses of up to some seconds.
const maxThrottled = 4

// retryOnContention calls send until it meets no contention and no lack of
// capacity, with pauses between. After maxAttempts, or maxThrottled, it returns
// the last error.
func retryOnContention(ctx context.Context, send func() error) error {
	lacked := 0
	for attempt := 1; ; attempt++ {
		err := send()
		short := lacksCapacity(err)
		if short {
			lacked++
		}
		if contentionOf(err) == none && !short || attempt == maxAttempts ||
			lacked == maxThrottled {
			return err
		}
		if err := cooldown(ctx, attempt); err != nil {
			return err
		}
	}
}

// cooldown waits after attempt n (from 1), and ends early with the context.
func cooldown(ctx context.Context, n int) error {
	return flow.Pause(ctx, time.Duration(n*n)*10*time.Millisecond)
}

// contention is a temporary reason for which DynamoDB has refused a write.
type contention int

const (
	none      contention = iota
	conflict             // a transaction holds the item
	throttled            // cancelled for lack of capacity, which the SDK does not retry
)

// contentionOf returns the contention that an error of the SDK means. A single
// write that meets a transaction has an error of its own. A cancellation with a
// failed condition is no contention: it decides the outcome.
func contentionOf(err error) contention {
	if err == nil {
		return none
	}
	if errors.As(err, new(*types.TransactionConflictException)) ||
		errors.As(err, new(*types.TransactionInProgressException)) {
		return conflict
	}
	var canceled *types.TransactionCanceledException
	if !errors.As(err, &canceled) {
		return none
	}
	found := none
	for _, reason := range canceled.CancellationReasons {
		switch aws.ToString(reason.Code) {
		case "ConditionalCheckFailed":
			return none
		case "TransactionConflict":
			found = conflict
		case "ThrottlingError", "ProvisionedThroughputExceeded", "RequestLimitExceeded":
			found = max(found, throttled)
		}
	}
	return found
}

// failed returns the error of a write that met contention at each attempt. It
// is problem.ErrConflict for both kinds, so that callers may decide again. For
// a client a lack of capacity is CodeUnavailable, because nobody has changed
// anything.
func (c contention) failed(operation string, err error) error {
	switch c {
	case conflict:
		return problem.ErrConflict
	case throttled:
		return failure(operation, errors.Join(problem.ErrConflict, err))
	}
	return failure(operation, err)
}

// write sends an update of one item. All such updates go through it, except
// those of addOnce, all single puts through putOne, and all single deletes
// through drop, because each can meet a transaction.
func (s *Store) write(
	ctx context.Context,
	in *dynamodb.UpdateItemInput,
) (*dynamodb.UpdateItemOutput, error) {
	in.TableName = &s.table
	var out *dynamodb.UpdateItemOutput
	err := retryOnContention(ctx, func() (err error) {
		out, err = s.client.UpdateItem(ctx, in)
		return err
	})
	return out, err
}

// putNew puts one item that must not exist. It returns false, and no error, if
// the item exists. Nobody can tell then whether this put has stored it, because
// an answer may be lost.
func (s *Store) putNew(ctx context.Context, stored any) (bool, error) {
	return s.putOne(ctx, stored, absent)
}

// putOne is putNew with another condition.
func (s *Store) putOne(ctx context.Context, stored any, c condition) (bool, error) {
	it, err := attributevalue.MarshalMap(stored)
	if err != nil {
		return false, err
	}
	in := &dynamodb.PutItemInput{
		TableName: &s.table, Item: versioned(it), ConditionExpression: c.text(),
		ExpressionAttributeNames:  namesIn(c.expression),
		ExpressionAttributeValues: c.values,
	}
	err = retryOnContention(ctx, func() error {
		_, err := s.client.PutItem(ctx, in)
		return err
	})
	if errors.As(err, new(*types.ConditionalCheckFailedException)) {
		return false, nil
	}
	if err != nil {
		return false, contentionOf(err).failed("PutItem", err)
	}
	return true, nil
}

// updateOne updates one item. It returns false, and no error, if the condition
// failed.
func (s *Store) updateOne(
	ctx context.Context,
	k key,
	expression, condition string,
	values item,
) (bool, error) {
	_, err := s.write(ctx, &dynamodb.UpdateItemInput{
		Key: k.attributes(), UpdateExpression: &expression, ConditionExpression: &condition,
		ExpressionAttributeNames: namesIn(expression, condition), ExpressionAttributeValues: values,
	})
	if errors.As(err, new(*types.ConditionalCheckFailedException)) {
		return false, nil
	}
	return err == nil, failure("UpdateItem", err)
}

// drop removes one item, if it is there. That costs half of what a transaction
// does, which counts for large items.
func (s *Store) drop(ctx context.Context, k key) error {
	in := &dynamodb.DeleteItemInput{TableName: &s.table, Key: k.attributes()}
	return failure("DeleteItem", retryOnContention(ctx, func() error {
		_, err := s.client.DeleteItem(ctx, in)
		return err
	}))
}

func ptr(s string) *string { return &s }
