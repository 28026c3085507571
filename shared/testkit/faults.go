package testkit

import (
	"context"
	"errors"
	"io"
	"net/http"
	"sync"

	"github.com/aws/aws-sdk-go-v2/aws"
	awsmiddleware "github.com/aws/aws-sdk-go-v2/aws/middleware"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/aws/smithy-go/middleware"
	smithyhttp "github.com/aws/smithy-go/transport/http"
)

// Fault is what goes wrong with one request to the engine. Neither engine shows any of these by itself.
type Fault int

const (
	Throttled     Fault = iota // refused for lack of capacity, before anything happened
	LostAnswer                 // carried out, and then the answer is lost on the way
	Contention                 // the transaction met another one
	BrokenService              // an internal error of DynamoDB, before anything happened
)

// Faults makes requests of a world's services go wrong.
type Faults struct {
	mu   sync.Mutex
	next map[string][]Fault
}

// Next makes the next requests of an operation, such as TransactWriteItems, go wrong, each in its way. The SDK's own retries
// are requests too.
func (f *Faults) Next(operation string, faults ...Fault) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.next == nil {
		f.next = map[string][]Fault{}
	}
	f.next[operation] = append(f.next[operation], faults...)
}

// Left returns how many planned faults have not happened.
func (f *Faults) Left() int {
	f.mu.Lock()
	defer f.mu.Unlock()
	n := 0
	for _, faults := range f.next {
		n += len(faults)
	}
	return n
}

func (f *Faults) take(operation string) (Fault, bool) {
	f.mu.Lock()
	defer f.mu.Unlock()
	faults := f.next[operation]
	if len(faults) == 0 {
		return 0, false
	}
	f.next[operation] = faults[1:]
	return faults[0], true
}

// inject adds the faults to a client, below its retryer.
func (f *Faults) inject(o *dynamodb.Options) {
	o.APIOptions = append(o.APIOptions, func(s *middleware.Stack) error {
		return s.Deserialize.Add(middleware.DeserializeMiddlewareFunc("Faults", func(
			ctx context.Context, in middleware.DeserializeInput, next middleware.DeserializeHandler,
		) (middleware.DeserializeOutput, middleware.Metadata, error) {
			fault, ok := f.take(awsmiddleware.GetOperationName(ctx))
			if !ok {
				return next.HandleDeserialize(ctx, in)
			}
			var out middleware.DeserializeOutput
			var metadata middleware.Metadata
			switch fault {
			case LostAnswer:
				if _, metadata, err := next.HandleDeserialize(ctx, in); err != nil {
					return out, metadata, err
				}
				return out, metadata, &smithyhttp.RequestSendError{Err: io.ErrUnexpectedEOF}
			case Contention:
				return out, metadata, &types.TransactionCanceledException{
					Message:             aws.String("Transaction cancelled"),
					CancellationReasons: []types.CancellationReason{{Code: aws.String("TransactionConflict")}},
				}
			case BrokenService:
				return out, metadata, &awsResponseError
			default:
				return out, metadata, &types.ProvisionedThroughputExceededException{Message: aws.String("throttled")}
			}
		}), middleware.Before)
	})
}

var awsResponseError = smithyhttp.ResponseError{
	Response: &smithyhttp.Response{Response: &http.Response{StatusCode: http.StatusInternalServerError}},
	Err:      errors.New("internal server error"),
}
