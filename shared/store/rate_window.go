package store

import (
	"context"
	"errors"
	"strconv"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
)

// RateWindow counts what a subject did in one span of time, which ends at End.
type RateWindow struct {
	Subject string // such as "sign-in#source#" and a fingerprint
	End     time.Time
}

// WindowEnd returns the end of the window of length span that now is in.
func WindowEnd(now time.Time, span time.Duration) time.Time { return now.Truncate(span).Add(span) }

// Count adds one to the window and returns the new count. Counting comes before the act that is counted, so that any
// number of concurrent callers cannot exceed a limit.
func (s *Store) Count(ctx context.Context, w RateWindow) (int, error) {
	expression := addOne
	out, err := s.write(ctx, &dynamodb.UpdateItemInput{
		Key: rateWindowKey(w.Subject, w.End).attributes(), UpdateExpression: &expression,
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

// CountOnce counts id in the window, once however often that is sent, and
// returns how many are counted. No more than most are: an id beyond them is not
// counted and gets most + 1. As with Count, counting comes before the act.
func (s *Store) CountOnce(ctx context.Context, w RateWindow, id string, most int) (int, error) {
	const expression = "ADD #ids :ids SET #ttl = :ttl"
	const room = "attribute_not_exists(#ids) OR size(#ids) < :most OR contains(#ids, :id)"
	out, err := s.write(ctx, &dynamodb.UpdateItemInput{
		Key: rateWindowKey(w.Subject, w.End).attributes(), UpdateExpression: ptr(expression), ConditionExpression: ptr(room),
		ExpressionAttributeNames: namesIn(expression, room), ExpressionAttributeValues: item{
			":ids": texts(id), ":id": text(id), ":most": number(int64(most)), ":ttl": w.ttl(),
		},
		ReturnValues: types.ReturnValueUpdatedNew,
	})
	if errors.As(err, new(*types.ConditionalCheckFailedException)) {
		return most + 1, nil
	}
	if err != nil {
		return 0, failure("UpdateItem", err)
	}
	ids, ok := out.Attributes["ids"].(*types.AttributeValueMemberSS)
	if !ok {
		return 0, errors.New("a window without what it counts")
	}
	return len(ids.Value), nil
}

// Refund takes back what CountOnce counted, once however often that is sent.
func (s *Store) Refund(ctx context.Context, w RateWindow, id string) error {
	_, err := s.updateOne(ctx, rateWindowKey(w.Subject, w.End), "DELETE #ids :ids", "attribute_exists(PK)", item{":ids": texts(id)})
	return err
}

const addOne = "ADD #count :n SET #ttl = :ttl"

func (w RateWindow) values(n int64) item {
	return item{":n": number(n), ":ttl": w.ttl()}
}

func (w RateWindow) ttl() types.AttributeValue { return number(w.End.Add(time.Hour).Unix()) }

// Count adds one to a window unless that would exceed limit, which fails with full.
func (tx *Tx) Count(w RateWindow, limit int, full error) {
	tx.update(rateWindowKey(w.Subject, w.End), addOne, w.values(1),
		condition{"attribute_not_exists(PK) OR #count < :limit", item{":limit": number(int64(limit))}, full})
}

// Cooldown lets a subject do something once in a span of time, wherever that begins. It fails with soon before the last one's end.
func (tx *Tx) Cooldown(subject string, span time.Duration, now time.Time, soon error) {
	end := now.Add(span)
	tx.update(cooldownKey(subject), "SET #until = :end, #ttl = :ttl",
		item{":end": number(millis(end)), ":ttl": number(end.Add(time.Hour).Unix())},
		condition{"attribute_not_exists(PK) OR #until <= :now", item{":now": number(millis(now))}, soon})
}
