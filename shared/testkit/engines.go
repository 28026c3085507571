package testkit

import (
	"context"
	"math"
	"os"
	"sync"
	"sync/atomic"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/smithy-go/middleware"

	"profiles/infra/engine"
)

// mostTransactions is after how many transactions an engine gets no more
// worlds. dynoxide remembers those of the last ten minutes, to know one that is
// repeated, and looks through them all with each new one: after 2,000 worlds
// that was a third of what the tests took. Another one starts in some
// milliseconds. DynamoDB Local takes a second to start, and has no such list.
var mostTransactions = map[engine.Kind]int64{
	engine.Dynoxide:      500,
	engine.DynamoDBLocal: math.MaxInt64,
	engine.Model:         -1, // each world has one, which ends with it
}

// engines are those of this test binary: one of a kind that takes new worlds,
// and those before it that wait for the end of theirs.
var engines = struct {
	sync.Mutex
	open map[engine.Kind]*sharedEngine
}{open: map[engine.Kind]*sharedEngine{}}

// sharedEngine is an engine, with the number of worlds on it now and of
// transactions so far.
type sharedEngine struct {
	*engine.Engine
	worlds       int
	transactions atomic.Int64
}

// choice names the engine of a world.
type choice func() (engine.Kind, error)

// served is an engine that other processes can reach: the one that ENGINE
// names, or the program of this machine if that is the model.
func served() (engine.Kind, error) {
	kind, err := engine.DefaultKind()
	if kind == engine.Model {
		kind = engine.Program()
	}
	return kind, err
}

// modelled is the model unless ENGINE names an engine.
func modelled() (engine.Kind, error) {
	if os.Getenv("ENGINE") == "" {
		return engine.Model, nil
	}
	return engine.DefaultKind()
}

// takeEngine returns an engine for one world, which calls leave when it ends:
// the engine may stop then, under whatever a test has left running.
func takeEngine(choose choice) (*sharedEngine, error) {
	kind, err := choose()
	if err != nil {
		return nil, err
	}
	engines.Lock()
	defer engines.Unlock()
	if u := engines.open[kind]; u == nil || u.transactions.Load() > mostTransactions[u.Kind] {
		e, err := engine.Start(context.Background(), engine.Options{Kind: kind, Within: true})
		if err != nil {
			return nil, err
		}
		engines.open[kind] = &sharedEngine{Engine: e}
		if u != nil && u.worlds == 0 {
			u.Stop()
		}
	}
	engines.open[kind].worlds++
	return engines.open[kind], nil
}

// count makes a client count its transactions.
func (u *sharedEngine) count(o *dynamodb.Options) {
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

// leave stops the engine with the last of its worlds, unless it takes new ones.
func (u *sharedEngine) leave() {
	engines.Lock()
	u.worlds--
	over := u.worlds == 0 && engines.open[u.Kind] != u
	engines.Unlock()
	if over {
		u.Stop()
	}
}
