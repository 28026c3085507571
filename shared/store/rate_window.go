package store

import (
	"context"
	"errors"
	"strconv"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
)

const (
	kindRateWindow Kind = "rate-window"
	kindCooldown   Kind = "cooldown"
)

// RateWindow is a counter of what a subject did in a span of time that ends at
// End.
type RateWindow struct {
	Subject string // such as "sign-in#source#" and a fingerprint
	End     time.Time
}

// WindowEnd returns the end of the window of length span that contains now.
func WindowEnd(now time.Time, span time.Duration) time.Time { return now.Truncate(span).Add(span) }

func rateWindowKey(subject string, end time.Time) key {
	return key{kindRateWindow, "R#" + subject + "#" + sortable(end), "R"}
}

// Count adds one to the window and returns the new count. Callers count before
// they act, so that concurrent callers cannot exceed a limit.
func (s *Store) Count(ctx context.Context, w RateWindow) (int, error) {
	expression := addOne
	out, err := s.write(ctx, &dynamodb.UpdateItemInput{
		Key:                       w.key().attributes(),
		UpdateExpression:          &expression,
		ExpressionAttributeNames:  namesIn(expression),
		ExpressionAttributeValues: w.values(item{":n": number(1)}),
		ReturnValues:              types.ReturnValueUpdatedNew,
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

// Attempts are the numbers of attempts in a window.
type Attempts struct {
	Counted int // with those under way; above the most: this one is not counted
	Wrong   int // of those, the ones that stay counted
}

// CountOnce counts id in the window, once even if it is repeated, and returns
// what the window then has. At most most ids are counted; for a further one
// Counted is most + 1. As with Count, callers count before they act.
func (s *Store) CountOnce(
	ctx context.Context, w RateWindow, id string, most int,
) (Attempts, error) {
	const expression = "ADD #ids :ids " + setWindow
	const room = "attribute_not_exists(#ids) OR size(#ids) < :most OR contains(#ids, :id)"
	out, err := s.write(ctx, &dynamodb.UpdateItemInput{
		Key:                 w.key().attributes(),
		UpdateExpression:    ptr(expression),
		ConditionExpression: ptr(room),
		ExpressionAttributeNames: namesIn(
			expression,
			room,
		),
		ExpressionAttributeValues: w.values(item{
			":ids": texts(id), ":id": text(id), ":most": number(int64(most)),
		}),
		ReturnValues:                        types.ReturnValueAllNew,
		ReturnValuesOnConditionCheckFailure: types.ReturnValuesOnConditionCheckFailureAllOld,
	})
	var full *types.ConditionalCheckFailedException
	if errors.As(err, &full) {
		return Attempts{most + 1, members(full.Item["wrong"])}, nil
	}
	if err != nil {
		return Attempts{}, failure("UpdateItem", err)
	}
	counted := members(out.Attributes["ids"])
	if counted == 0 {
		return Attempts{}, errors.New("a window without what it counts")
	}
	return Attempts{counted, members(out.Attributes["wrong"])}, nil
}

// members returns how many members a set of texts has.
func members(v types.AttributeValue) int {
	set, ok := v.(*types.AttributeValueMemberSS)
	if !ok {
		return 0
	}
	return len(set.Value)
}

// Refund takes back the count of an id, once even if it is repeated.
func (s *Store) Refund(ctx context.Context, w RateWindow, id string) error {
	_, err := s.updateOne(
		ctx,
		w.key(),
		"DELETE #ids :ids",
		"attribute_exists(PK)",
		item{":ids": texts(id)},
	)
	return err
}

// MarkWrong notes that an id that is counted stays counted, so that nobody
// waits for its refund.
func (s *Store) MarkWrong(ctx context.Context, w RateWindow, id string) error {
	_, err := s.updateOne(
		ctx,
		w.key(),
		"ADD #wrong :ids",
		"contains(#ids, :id)",
		item{":ids": texts(id), ":id": text(id)},
	)
	return err
}

const (
	addOne = "ADD #count :n " + setWindow
	// setWindow is the part of an update that sets the attributes of a new
	// window.
	setWindow = "SET #ttl = :ttl, " + setNew
)

func (w RateWindow) key() key { return rateWindowKey(w.Subject, w.End) }

// values adds those of setWindow to the values of an update.
func (w RateWindow) values(counted item) item {
	counted[":ttl"] = number(w.End.Add(time.Hour).Unix())
	return w.key().asNew(counted)
}

// Window adds what a window has counted to the batch.
func (b *Batch) Window(w RateWindow) *Found[int] {
	return want(b, w.key(), func(i struct {
		Count int `dynamodbav:"count"`
	}) int {
		return i.Count
	})
}

// Count adds one to a window. It fails with full if that would exceed limit.
func (tx *Tx) Count(w RateWindow, limit int, full error) {
	tx.update(
		w.key(),
		addOne,
		w.values(item{":n": number(1)}),
		condition{
			"attribute_not_exists(PK) OR #count < :limit",
			item{":limit": number(int64(limit))},
			full,
		},
	)
}

func cooldownKey(subject string) key { return key{kindCooldown, "R#" + subject, "R"} }

// Cooldown allows an action of a subject once in span. It fails with soon if
// the last one was less than span ago.
func (tx *Tx) Cooldown(subject string, span time.Duration, now time.Time, soon error) {
	end := now.Add(span)
	k := cooldownKey(subject)
	tx.update(
		k,
		"SET #until = :end, #ttl = :ttl, "+setNew,
		k.asNew(item{
			":end": number(millis(end)), ":ttl": number(end.Add(time.Hour).Unix()),
		}),
		condition{
			"attribute_not_exists(PK) OR #until <= :now",
			item{":now": number(millis(now))},
			soon,
		},
	)
}
