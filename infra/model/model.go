// Package model is a double of DynamoDB in this process, for tests. A client of
// it is the SDK's, with the SDK's retries, whose requests are not serialised.
//
// It has what local engines leave out: items are locked for the length of a
// transaction, requests take time, and partitions have a capacity. All time is
// that of package time, so that it is virtual in a bubble of testing/synctest.
// It has only what the store and its tests use; anything else is an error.
package model

import (
	"context"
	"fmt"
	"math/rand/v2"
	"sync"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/aws/smithy-go"
	"github.com/aws/smithy-go/middleware"
)

// DB is the tables of one account. It is safe for concurrent use.
type DB struct {
	params Params

	mu     sync.Mutex
	tables map[string]*table
	last   uint64               // number of the last transaction
	tokens map[string]*replayed // transactions by their ClientRequestToken
	order  []string             // the tokens, oldest first
	counts Counts
}

// Counts is what requests did and met.
type Counts struct {
	Requests, Transactions int
	// Conflicts are transactions that were cancelled at a locked item, and
	// WriteConflicts single writes that were refused there.
	Conflicts, WriteConflicts int
	// Failed are writes and transactions whose condition did not hold.
	Failed    int
	Throttled int // requests, and keys of batches, without capacity
	WCU, RCU  float64
	// Met are the partition keys of locked items that were met.
	Met map[string]int
}

// New returns a model without tables.
func New(p Params) *DB {
	return &DB{
		params: p, tables: map[string]*table{}, tokens: map[string]*replayed{},
		counts: Counts{Met: map[string]int{}},
	}
}

// Reset begins a new count and returns the old one.
func (d *DB) Reset() Counts {
	d.mu.Lock()
	defer d.mu.Unlock()
	old := d.counts
	d.counts = Counts{Met: map[string]int{}}
	return old
}

// Each calls f with every item of a table, in order of the keys within a
// partition. f must leave the items as they are and make no request.
func (d *DB) Each(name string, f func(pk, sk string, it Item)) {
	d.mu.Lock()
	defer d.mu.Unlock()
	t := d.tables[name]
	if t == nil {
		return
	}
	for pk, p := range t.partitions {
		for _, sk := range p.sorted {
			f(pk, sk, p.items[sk])
		}
	}
}

// Client returns a new client. It has the SDK's retries, and options may add
// middlewares at any of its steps.
func (d *DB) Client(options ...func(*dynamodb.Options)) *dynamodb.Client {
	return dynamodb.New(dynamodb.Options{
		Region:     "us-east-1",
		APIOptions: []func(*middleware.Stack) error{d.answer},
	}, options...)
}

type parametersKey struct{}

// answer replaces all steps of a client that make and send an HTTP request.
func (d *DB) answer(s *middleware.Stack) error {
	s.Serialize.Clear()
	s.Build.Clear()
	s.Deserialize.Clear()
	for _, id := range s.Finalize.List() {
		if id == "Retry" {
			continue
		}
		if _, err := s.Finalize.Remove(id); err != nil {
			return err
		}
	}
	if err := s.Initialize.Add(middleware.InitializeMiddlewareFunc("Parameters", func(
		ctx context.Context, in middleware.InitializeInput, next middleware.InitializeHandler,
	) (middleware.InitializeOutput, middleware.Metadata, error) {
		return next.HandleInitialize(
			middleware.WithStackValue(ctx, parametersKey{}, in.Parameters),
			in,
		)
	}), middleware.After); err != nil {
		return err
	}
	return s.Deserialize.Add(middleware.DeserializeMiddlewareFunc("Model", func(
		ctx context.Context, _ middleware.DeserializeInput, _ middleware.DeserializeHandler,
	) (out middleware.DeserializeOutput, _ middleware.Metadata, err error) {
		result, err := d.do(ctx, middleware.GetStackValue(ctx, parametersKey{}))
		if err == nil {
			out.Result = result
		}
		return out, middleware.Metadata{}, err
	}), middleware.After)
}

// do carries out a request.
func (d *DB) do(ctx context.Context, parameters any) (any, error) {
	if err := ctx.Err(); err != nil {
		return nil, &aws.RequestCanceledError{Err: err}
	}
	if err := strict(parameters); err != nil {
		return nil, err
	}
	d.mu.Lock()
	d.counts.Requests++
	d.mu.Unlock()
	switch in := parameters.(type) {
	case *dynamodb.BatchGetItemInput:
		return d.batchGet(ctx, in)
	case *dynamodb.GetItemInput:
		return d.get(ctx, in)
	case *dynamodb.QueryInput:
		return d.query(ctx, in)
	case *dynamodb.ScanInput:
		return d.scan(ctx, in)
	case *dynamodb.UpdateItemInput:
		return d.update(ctx, in)
	case *dynamodb.PutItemInput:
		return d.put(ctx, in)
	case *dynamodb.DeleteItemInput:
		return d.delete(ctx, in)
	case *dynamodb.BatchWriteItemInput:
		return d.batchWrite(ctx, in)
	case *dynamodb.TransactWriteItemsInput:
		return d.transact(ctx, in)
	case *dynamodb.CreateTableInput:
		return d.createTable(in)
	case *dynamodb.DescribeTableInput:
		return d.describeTable(in)
	case *dynamodb.DescribeTimeToLiveInput:
		return d.describeTTL(in)
	case *dynamodb.UpdateTimeToLiveInput:
		return d.updateTTL(in)
	}
	return nil, fmt.Errorf("the model has no %T", parameters)
}

// table returns a table by its name. The lock must be held.
func (d *DB) table(name *string) (*table, error) {
	if t := d.tables[aws.ToString(name)]; t != nil {
		return t, nil
	}
	return nil, &types.ResourceNotFoundException{
		Message: aws.String("Requested resource not found"),
	}
}

// pause waits, or fails when the caller no longer waits.
func pause(ctx context.Context, span time.Duration) error {
	if span > 0 {
		timer := time.NewTimer(span)
		defer timer.Stop()
		select {
		case <-timer.C:
		case <-ctx.Done():
		}
	}
	if err := ctx.Err(); err != nil {
		return &aws.RequestCanceledError{Err: err}
	}
	return nil
}

// around is a time near span, as no two requests take as long.
func around(span time.Duration) time.Duration {
	return time.Duration(float64(span) * (0.8 + 0.4*rand.Float64()))
}

// travel carries out a request whose caller is span away from the answer: half
// of it before do and half after.
func travel(ctx context.Context, span time.Duration, do func() error) error {
	span = around(span)
	if err := pause(ctx, span/2); err != nil {
		return err
	}
	failed := do()
	if err := pause(ctx, span/2); err != nil {
		return err
	}
	return failed
}

func invalid(message string) error {
	return &smithy.GenericAPIError{
		Code: "ValidationException", Message: message, Fault: smithy.FaultClient,
	}
}

func throttled() error {
	return &types.ThrottlingException{Message: aws.String(
		"Throughput exceeds the current capacity of your table or index.")}
}

func conditionFailed(it Item, values types.ReturnValuesOnConditionCheckFailure) error {
	failed := &types.ConditionalCheckFailedException{
		Message: aws.String("The conditional request failed"),
	}
	if values == types.ReturnValuesOnConditionCheckFailureAllOld {
		failed.Item = cloneItem(it)
	}
	return failed
}
