package testkit

import (
	"context"
	"sync"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/aws/smithy-go/middleware"
)

// Locks are those of DynamoDB's transactions, which local engines do not have:
// they let one write wait for the other. On AWS the items of a transaction are
// locked while it is under way, condition checks included. Another transaction
// that meets one of them is cancelled with TransactionConflict, and a single
// write is refused with TransactionConflictException.
type Locks struct {
	mu     sync.Mutex
	span   time.Duration
	locked map[string]bool
	met    map[string]int
}

// Hold turns the locks on: a transaction holds its items for span beyond what
// the engine takes. Zero turns them off.
func (l *Locks) Hold(span time.Duration) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.span, l.locked, l.met = span, map[string]bool{}, map[string]int{}
}

// Met returns how many requests of an operation, such as UpdateItem, met a
// locked item so far.
func (l *Locks) Met(operation string) int {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.met[operation]
}

// inject adds the locks to a client, below its retryer.
func (l *Locks) inject(o *dynamodb.Options) {
	o.APIOptions = append(o.APIOptions, func(s *middleware.Stack) error {
		return s.Initialize.Add(middleware.InitializeMiddlewareFunc("LockKeys", func(
			ctx context.Context, in middleware.InitializeInput, next middleware.InitializeHandler,
		) (middleware.InitializeOutput, middleware.Metadata, error) {
			return next.HandleInitialize(
				middleware.WithStackValue(ctx, lockKeys{}, in.Parameters),
				in,
			)
		}), middleware.Before)
	}, func(s *middleware.Stack) error {
		return s.Deserialize.Add(middleware.DeserializeMiddlewareFunc("Locks", func(
			ctx context.Context, in middleware.DeserializeInput, next middleware.DeserializeHandler,
		) (middleware.DeserializeOutput, middleware.Metadata, error) {
			parameters := middleware.GetStackValue(ctx, lockKeys{})
			if err := l.begin(parameters); err != nil {
				return middleware.DeserializeOutput{}, middleware.Metadata{}, injected{err}
			}
			defer l.end(parameters)
			return next.HandleDeserialize(ctx, in)
		}), middleware.Before)
	})
}

// lockKeys is where a request's context keeps what is sent.
type lockKeys struct{}

// begin locks the items of a transaction. It fails as DynamoDB does when one of
// the items that are written is locked.
func (l *Locks) begin(parameters any) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.span == 0 {
		return nil
	}
	if operation, k := single(parameters); l.locked[k] {
		l.met[operation]++
		return &types.TransactionConflictException{
			Message: aws.String("Transaction is ongoing for the item"),
		}
	}
	keys := transactionKeys(parameters)
	reasons := make([]types.CancellationReason, len(keys))
	met := false
	for i, k := range keys {
		reasons[i].Code = aws.String("None")
		if l.locked[k] {
			reasons[i].Code, met = aws.String("TransactionConflict"), true
		}
	}
	if met {
		l.met["TransactWriteItems"]++
		return &types.TransactionCanceledException{
			Message:             aws.String("Transaction cancelled"),
			CancellationReasons: reasons,
		}
	}
	for _, k := range keys {
		l.locked[k] = true
	}
	return nil
}

// single returns the operation and the item of a write of one item; nothing for
// other requests.
func single(parameters any) (operation, item string) {
	switch in := parameters.(type) {
	case *dynamodb.UpdateItemInput:
		return "UpdateItem", keyText(in.Key)
	case *dynamodb.PutItemInput:
		return "PutItem", keyText(in.Item)
	}
	return "", ""
}

func (l *Locks) end(parameters any) {
	keys := transactionKeys(parameters)
	l.mu.Lock()
	span := l.span
	l.mu.Unlock()
	if len(keys) == 0 || span == 0 {
		return
	}
	time.Sleep(span)
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, k := range keys {
		delete(l.locked, k)
	}
}

// transactionKeys are the items of a transaction, in the order of its steps;
// none for other requests.
func transactionKeys(parameters any) (keys []string) {
	in, ok := parameters.(*dynamodb.TransactWriteItemsInput)
	if !ok {
		return nil
	}
	for _, step := range in.TransactItems {
		switch {
		case step.Put != nil:
			keys = append(keys, keyText(step.Put.Item))
		case step.Update != nil:
			keys = append(keys, keyText(step.Update.Key))
		case step.Delete != nil:
			keys = append(keys, keyText(step.Delete.Key))
		case step.ConditionCheck != nil:
			keys = append(keys, keyText(step.ConditionCheck.Key))
		}
	}
	return keys
}

func keyText(it map[string]types.AttributeValue) string {
	pk, _ := it["PK"].(*types.AttributeValueMemberS)
	sk, _ := it["SK"].(*types.AttributeValueMemberS)
	if pk == nil || sk == nil {
		return ""
	}
	return pk.Value + " " + sk.Value
}
