package store

import (
	"errors"
	"fmt"

	"profiles/shared/problem"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/aws/smithy-go"
)

// Store is one table. It is safe for concurrent use.
type Store struct {
	client *dynamodb.Client
	table  string
}

// New returns the store in the named table. The client should keep the SDK's default retryer: every write here may be
// sent twice without harm.
func New(client *dynamodb.Client, table string) *Store {
	return &Store{client: client, table: table}
}

// item is what DynamoDB calls an item.
type item = map[string]types.AttributeValue

func (k key) attributes() item {
	return item{"PK": text(k.PK), "SK": text(k.SK)}
}

func text(s string) types.AttributeValue { return &types.AttributeValueMemberS{Value: s} }

func texts(s ...string) types.AttributeValue { return &types.AttributeValueMemberSS{Value: s} }

func number(n int64) types.AttributeValue {
	return &types.AttributeValueMemberN{Value: fmt.Sprint(n)}
}

func boolean(b bool) types.AttributeValue { return &types.AttributeValueMemberBOOL{Value: b} }

func bytes(b []byte) types.AttributeValue { return &types.AttributeValueMemberB{Value: b} }

// ErrInvalid is part of the error of a request that DynamoDB calls invalid, and
// would call so each time.
var ErrInvalid = errors.New("a request that is never carried out")

// failure gives an error of the SDK its code. What a repetition may heal is CodeUnavailable; a request that DynamoDB calls
// invalid is a defect here and stays CodeInternal.
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
		Code: problem.CodeUnavailable, Message: "The service is busy: send the same request again in a moment",
		Err: fmt.Errorf("dynamodb %s: %w", operation, err),
	}
}
