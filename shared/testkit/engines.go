package testkit

import (
	"context"
	"math"
	"sync"
	"sync/atomic"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/smithy-go/middleware"

	"profiles/infra/engine"
)

// mostTransactions is how many transactions an engine has behind it that gets no more worlds. With each one dynoxide looks at all those of the
// last ten minutes for the ones whose repetition it need no longer know: behind those of 2,000 worlds that was a third of what the tests took.
// It starts in some milliseconds. DynamoDB Local starts in a second, and has no such list.
var mostTransactions = map[engine.Kind]int64{engine.Dynoxide: 500, engine.DynamoDBLocal: math.MaxInt64}

// engines are those of this test binary: one that takes new worlds, and those before it that wait for the end of theirs.
var engines struct {
	sync.Mutex
	open *used
}

// used is an engine, how many worlds it has, and how many transactions it got.
type used struct {
	*engine.Engine
	has          int
	transactions atomic.Int64
}

// takeEngine returns an engine for one world, which leaves it when it has ended. What then still runs in the background of a test meets an engine
// that is gone.
func takeEngine() (*used, error) {
	engines.Lock()
	defer engines.Unlock()
	if u := engines.open; u == nil || u.transactions.Load() > mostTransactions[u.Kind] {
		e, err := engine.Start(context.Background(), engine.Options{})
		if err != nil {
			return nil, err
		}
		engines.open = &used{Engine: e}
		if u != nil && u.has == 0 {
			u.Stop()
		}
	}
	engines.open.has++
	return engines.open, nil
}

// count makes a client count its transactions.
func (u *used) count(o *dynamodb.Options) {
	o.APIOptions = append(o.APIOptions, func(s *middleware.Stack) error {
		return s.Initialize.Add(middleware.InitializeMiddlewareFunc("CountTransactions", func(
			ctx context.Context, in middleware.InitializeInput, next middleware.InitializeHandler,
		) (middleware.InitializeOutput, middleware.Metadata, error) {
			if _, ok := in.Parameters.(*dynamodb.TransactWriteItemsInput); ok {
				u.transactions.Add(1)
			}
			return next.HandleInitialize(ctx, in)
		}), middleware.Before)
	})
}

func (u *used) leave() {
	engines.Lock()
	u.has--
	over := u.has == 0 && engines.open != u
	engines.Unlock()
	if over {
		u.Stop()
	}
}
