// Package store reads and writes the table. It is the only user of the DynamoDB
// client, and has no rules: these are in plan, billing, tenancy and transfer.
// Each write has a condition, and the error that a failure of the condition
// means.
//
// The mechanism is in table.go, tx.go, batch.go, query.go, due.go and
// contention.go. Each other file has one entity: its keys, its item, its reads
// and its steps.
package store

import (
	"errors"
	"fmt"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/aws/smithy-go"

	"profiles/shared/problem"
)

// Store is one table. It is safe for concurrent use.
type Store struct {
	client *dynamodb.Client
	table  string
}

// New returns the store of a table. The client should use the SDK's default
// retryer, because every write of this package can be sent twice.
func New(client *dynamodb.Client, table string) *Store {
	return &Store{client: client, table: table}
}

// item is an item as DynamoDB has it.
type item = map[string]types.AttributeValue

// key is the key of an item. Each kind of item has its own keys, which are made
// in the file of its entity; docs/architecture.md lists them.
//
// The index "due" has the keys duePK (kind#shard) and dueSK (time#id), and
// holds only what has a time.
type key struct {
	Kind Kind   `dynamodbav:"itemKind,omitempty"`
	PK   string `dynamodbav:"PK"`
	SK   string `dynamodbav:"SK"`
}

// place is the key of an item without its kind.
type place struct {
	PK string `dynamodbav:"PK"`
	SK string `dynamodbav:"SK"`
}

func (k key) place() place { return place{k.PK, k.SK} }

func (k key) attributes() item {
	return item{"PK": text(k.PK), "SK": text(k.SK)}
}

// afterHash is the character after '#'. A prefix with it in place of a final
// '#' is greater than every key that begins with the prefix.
const afterHash = "$"

func text(s string) types.AttributeValue { return &types.AttributeValueMemberS{Value: s} }

func texts(s ...string) types.AttributeValue { return &types.AttributeValueMemberSS{Value: s} }

func number(n int64) types.AttributeValue {
	return &types.AttributeValueMemberN{Value: fmt.Sprint(n)}
}

func boolean(b bool) types.AttributeValue { return &types.AttributeValueMemberBOOL{Value: b} }

func bytes(b []byte) types.AttributeValue { return &types.AttributeValueMemberB{Value: b} }

// ErrInvalid is wrapped by the error of a request that DynamoDB refuses as
// invalid, each time that it is sent.
var ErrInvalid = errors.New("a request that is never carried out")

// failure gives an error of the SDK its code: CodeUnavailable if the request
// may succeed later, and CodeInternal if DynamoDB refuses it as invalid, which
// is a defect of this package.
func failure(operation string, err error) error {
	if err == nil {
		return nil
	}
	var canceled *types.TransactionCanceledException
	if errors.As(err, &canceled) {
		for _, reason := range canceled.CancellationReasons {
			if aws.ToString(reason.Code) == "ValidationError" {
				return fmt.Errorf("dynamodb %s: %w", operation, errors.Join(ErrInvalid, err))
			}
		}
	}
	var api smithy.APIError
	if errors.As(err, &api) {
		switch api.ErrorCode() {
		case "ValidationException":
			return fmt.Errorf("dynamodb %s: %w", operation, errors.Join(ErrInvalid, err))
		case "AccessDeniedException", "ResourceNotFoundException", "UnrecognizedClientException":
			return fmt.Errorf("dynamodb %s: %w", operation, err)
		}
	}
	return &problem.Error{
		Code:    problem.CodeUnavailable,
		Message: "The service is busy: send the same request again in a moment",
		Err:     fmt.Errorf("dynamodb %s: %w", operation, err),
	}
}

// sortable writes a time as a text that sorts by time, from 1970 to 2286. A
// time outside, as in a query for all times, becomes the nearest end.
func sortable(t time.Time) string {
	return fmt.Sprintf("%013d", min(max(t.UnixMilli(), 0), 9_999_999_999_999))
}

// millis returns a time in milliseconds since 1970, and 0 for the zero time.
func millis(t time.Time) int64 {
	if t.IsZero() {
		return 0
	}
	return t.UnixMilli()
}

func fromMillis(ms int64) time.Time {
	if ms == 0 {
		return time.Time{}
	}
	return time.UnixMilli(ms).UTC()
}

func seconds(t time.Time) int64 {
	if t.IsZero() {
		return 0
	}
	return t.Unix()
}

func fromSeconds(s int64) time.Time {
	if s == 0 {
		return time.Time{}
	}
	return time.Unix(s, 0).UTC()
}
