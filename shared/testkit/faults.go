package testkit

import (
	"context"
	"errors"
	"io"
	"net/http"
	"strings"
	"sync"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	awsmiddleware "github.com/aws/aws-sdk-go-v2/aws/middleware"
	"github.com/aws/aws-sdk-go-v2/aws/retry"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/aws/smithy-go/middleware"
	smithyhttp "github.com/aws/smithy-go/transport/http"
)

// Fault is what goes wrong with one request to the engine. Neither engine shows
// any of these by itself.
type Fault int

const (
	NoFault    Fault = iota
	Throttled        // refused for lack of capacity, before anything happened
	LostAnswer       // carried out, and then the answer, whatever it is, is lost on the way
	Contention       // a transaction, or a single write, met a transaction
	// a transaction was cancelled for lack of capacity of one of its items,
	// which the SDK does not try again
	Crowded
	BrokenService // an internal error of DynamoDB, before anything happened
	// half of what a BatchGetItem found, rounded up, is handed back as not
	// looked for
	Unprocessed
)

// Faults makes requests of a world's services go wrong.
type Faults struct {
	mu       sync.Mutex
	next     map[string][]Fault
	always   func(operation string, attempt int) Fault
	meet     Fault
	times    int
	writes   map[string]int
	tries    map[string]int // of additions to usage, by receipt
	poison   string
	happened int
	before   hook
	after    hook
}

// hook is what is to happen once, at a request.
type hook struct {
	do    func()
	which string // the operation whose requests are counted
	left  int    // of them until do runs
}

// Before runs do before the nth request of an operation from now on is sent,
// which waits for it. do may send requests, and set what comes next.
func (f *Faults) Before(operation string, n int, do func()) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.before = hook{do, operation, n}
}

// After is Before, for the moment when the nth request was answered.
func (f *Faults) After(operation string, n int, do func()) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.after = hook{do, operation, n}
}

// run does what is to happen at a request, without holding the lock.
func (f *Faults) run(h *hook, operation string) {
	f.mu.Lock()
	var do func()
	if h.do != nil && operation == h.which {
		if h.left--; h.left == 0 {
			do, h.do = h.do, nil
		}
	}
	f.mu.Unlock()
	if do != nil {
		do()
	}
}

// Poison makes every request fail that names a key with part in it; an empty
// part ends it.
func (f *Faults) Poison(part string) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.poison = part
}

// Meet makes every write go wrong as often as times before it is carried out:
// what is sent again for the same items is the same write. NoFault ends it.
func (f *Faults) Meet(fault Fault, times int) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.meet, f.times, f.writes = fault, times, map[string]int{}
}

// Next makes the next requests of an operation, such as TransactWriteItems, go
// wrong, each in its way. The SDK's own retries are requests too.
func (f *Faults) Next(operation string, faults ...Fault) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.next == nil {
		f.next = map[string][]Fault{}
	}
	f.next[operation] = append(f.next[operation], faults...)
}

// Always asks plan about every request that Next left alone; nil ends it.
// attempt counts the tries of one request from 1: those of the SDK, or, of an
// addition to the usage of a profile, those of the store. plan is never called
// twice at once.
func (f *Faults) Always(chosen func(operation string, attempt int) Fault) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.always, f.tries = chosen, map[string]int{}
}

// Happened returns how many requests went wrong so far.
func (f *Faults) Happened() int {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.happened
}

func (f *Faults) take(operation string, sent *request) (fault Fault) {
	f.mu.Lock()
	defer f.mu.Unlock()
	attempt, write := sent.attempt, sent.write
	if receipt := receiptOf(sent.parameters); receipt != "" && f.tries != nil {
		f.tries[receipt]++
		attempt = f.tries[receipt]
	}
	if f.poison != "" && strings.Contains(keysOf(sent.parameters), f.poison) {
		f.happened++
		return BrokenService
	}
	if f.meet != NoFault && write != "" &&
		(f.meet != Crowded || operation == "TransactWriteItems") {
		if f.writes[write]++; f.writes[write] <= f.times {
			f.happened++
			return f.meet
		}
	}
	if faults := f.next[operation]; len(faults) > 0 {
		fault, f.next[operation] = faults[0], faults[1:]
	} else if f.always != nil {
		fault = f.always(operation, attempt)
	}
	if fault != NoFault {
		f.happened++
	}
	return fault
}

// attempts is where a request's context counts its attempts.
type attempts struct{}

// request is what the faults know of a request.
type request struct {
	attempt int
	write   string // the items that it writes; empty for a read

	parameters any
}

// keysOf are the keys that a request names.
func keysOf(parameters any) string {
	switch in := parameters.(type) {
	case *dynamodb.BatchGetItemInput:
		var keys []string
		for _, of := range in.RequestItems {
			for _, k := range of.Keys {
				keys = append(keys, keyText(k))
			}
		}
		return strings.Join(keys, ", ")
	case *dynamodb.QueryInput:
		pk, _ := in.ExpressionAttributeValues[":pk"].(*types.AttributeValueMemberS)
		if pk != nil {
			return pk.Value
		}
	}
	return writeOf(parameters)
}

// writeOf names the items that a request writes.
func writeOf(parameters any) string {
	switch in := parameters.(type) {
	case *dynamodb.UpdateItemInput:
		return keyText(in.Key) + " " + aws.ToString(in.UpdateExpression)
	case *dynamodb.PutItemInput:
		return keyText(in.Item) + " put"
	}
	return strings.Join(transactionKeys(parameters), ", ")
}

// receiptOf is the receipt under which a request adds to the usage of a
// profile; the SDK sends such a request once. Empty for other requests.
func receiptOf(parameters any) string {
	in, ok := parameters.(*dynamodb.UpdateItemInput)
	if !ok {
		return ""
	}
	receipt, _ := in.ExpressionAttributeValues[":receipt"].(*types.AttributeValueMemberB)
	if receipt == nil {
		return ""
	}
	return string(receipt.Value)
}

// inject adds the faults to a client, below its retryer.
func (f *Faults) inject(o *dynamodb.Options) {
	o.APIOptions = append(o.APIOptions, func(s *middleware.Stack) error {
		return s.Initialize.Add(middleware.InitializeMiddlewareFunc("CountAttempts", func(
			ctx context.Context, in middleware.InitializeInput, next middleware.InitializeHandler,
		) (middleware.InitializeOutput, middleware.Metadata, error) {
			return next.HandleInitialize(
				middleware.WithStackValue(
					ctx,
					attempts{},
					&request{write: writeOf(in.Parameters), parameters: in.Parameters},
				),
				in,
			)
		}), middleware.Before)
	}, func(s *middleware.Stack) error {
		return s.Deserialize.Add(middleware.DeserializeMiddlewareFunc("Faults", func(
			ctx context.Context, in middleware.DeserializeInput, next middleware.DeserializeHandler,
		) (out middleware.DeserializeOutput, metadata middleware.Metadata, err error) {
			sent := middleware.GetStackValue(ctx, attempts{}).(*request)
			sent.attempt++
			operation := awsmiddleware.GetOperationName(ctx)
			f.run(&f.before, operation)
			defer f.run(&f.after, operation)
			fault := f.take(operation, sent)
			switch fault {
			case NoFault, Unprocessed:
				out, metadata, err = next.HandleDeserialize(ctx, in)
				if found, ok := out.Result.(*dynamodb.BatchGetItemOutput); ok &&
					fault == Unprocessed {
					handBack(found)
				}
				return out, metadata, err
			case LostAnswer:
				_, metadata, _ = next.HandleDeserialize(ctx, in)
			}
			return out, metadata, injected{fault.err(operation)}
		}), middleware.Before)
	})
}

// injected marks an error that comes from a fault and not from the engine.
type injected struct{ error }

func (i injected) Unwrap() error { return i.error }

// err is the error that the SDK would make of the fault.
func (f Fault) err(operation string) error {
	cancelled := func(code string) error {
		return &types.TransactionCanceledException{
			Message: aws.String("Transaction cancelled"),
			CancellationReasons: []types.CancellationReason{
				{Code: aws.String("None")},
				{Code: aws.String(code)},
			},
		}
	}
	switch f {
	case LostAnswer:
		return &smithyhttp.RequestSendError{Err: io.ErrUnexpectedEOF}
	case Contention:
		if operation != "TransactWriteItems" {
			return &types.TransactionConflictException{
				Message: aws.String("Transaction is ongoing for the item"),
			}
		}
		return cancelled("TransactionConflict")
	case Crowded:
		return cancelled("ThrottlingError")
	case BrokenService:
		return &smithyhttp.ResponseError{
			Response: &smithyhttp.Response{
				Response: &http.Response{StatusCode: http.StatusInternalServerError},
			},
			Err: errors.New("internal server error"),
		}
	default:
		return &types.ProvisionedThroughputExceededException{Message: aws.String("throttled")}
	}
}

// impatient is the SDK's default retryer with as many attempts, and hardly a
// wait after faults of ours: they need none.
func impatient(o *dynamodb.Options) {
	patient := retry.NewExponentialJitterBackoff(retry.DefaultMaxBackoff)
	o.Retryer = retry.NewStandard(func(s *retry.StandardOptions) {
		s.Backoff = retry.BackoffDelayerFunc(func(attempt int, err error) (time.Duration, error) {
			if errors.As(err, new(injected)) {
				return time.Millisecond, nil
			}
			return patient.BackoffDelay(attempt, err)
		})
	})
}

// handBack turns half of what was found into keys that DynamoDB had no capacity
// for, in the form of the request.
func handBack(out *dynamodb.BatchGetItemOutput) {
	out.UnprocessedKeys = map[string]types.KeysAndAttributes{}
	for table, items := range out.Responses {
		kept := len(items) / 2
		back := types.KeysAndAttributes{ConsistentRead: aws.Bool(true)}
		for _, it := range items[kept:] {
			back.Keys = append(
				back.Keys,
				map[string]types.AttributeValue{"PK": it["PK"], "SK": it["SK"]},
			)
		}
		if out.Responses[table] = items[:kept]; len(back.Keys) > 0 {
			out.UnprocessedKeys[table] = back
		}
	}
}
