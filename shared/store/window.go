package store

import (
	"context"
	"strconv"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
)

// Window counts what a subject did in one span of time, which ends at End.
type Window struct {
	Subject string // such as "sign-in#source#" and a fingerprint
	End     time.Time
}

// Count adds one to the window and returns the new count. Counting comes before the act that is counted, so that any
// number of concurrent callers cannot exceed a limit.
func (s *Store) Count(ctx context.Context, w Window) (int, error) {
	expression := addOne
	out, err := s.client.UpdateItem(ctx, &dynamodb.UpdateItemInput{
		TableName: &s.table, Key: windowKey(w.Subject, w.End).attributes(), UpdateExpression: &expression,
		ExpressionAttributeNames: namesIn(expression), ExpressionAttributeValues: w.values(1),
		ReturnValues: types.ReturnValueUpdatedNew,
	})
	if err != nil {
		return 0, failure("UpdateItem", err)
	}
	n, _ := out.Attributes["count"].(*types.AttributeValueMemberN)
	if n == nil {
		return 0, nil
	}
	return strconv.Atoi(n.Value)
}

const addOne = "ADD #count :n SET #ttl = :ttl"

func (w Window) values(n int64) item {
	return item{":n": number(n), ":ttl": number(w.End.Add(time.Hour).Unix())}
}

// Count adds one to a window unless that would exceed limit, which fails with full.
func (tx *Tx) Count(w Window, limit int, full error) {
	tx.update(windowKey(w.Subject, w.End), addOne, w.values(1),
		condition{"attribute_not_exists(PK) OR #count < :limit", item{":limit": number(int64(limit))}, full})
}

// Uncount takes one back from a window, when what was counted turned out to be welcome.
func (tx *Tx) Uncount(w Window) {
	tx.update(windowKey(w.Subject, w.End), addOne, w.values(-1), condition{})
}

// Pause lets a subject do something once in a span of time, wherever that begins. It fails with soon before the last one's end.
func (tx *Tx) Pause(subject string, span time.Duration, now time.Time, soon error) {
	end := now.Add(span)
	tx.update(pauseKey(subject), "SET #until = :end, #ttl = :ttl",
		item{":end": number(millis(end)), ":ttl": number(end.Add(time.Hour).Unix())},
		condition{"attribute_not_exists(PK) OR #until <= :now", item{":now": number(millis(now))}, soon})
}
