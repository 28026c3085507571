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

// RateWindow counts what a subject did in one span of time, which ends at End.
type RateWindow struct {
	Subject string // such as "sign-in#source#" and a fingerprint
	End     time.Time
}

// WindowEnd returns the end of the window of length span that now is in.
func WindowEnd(now time.Time, span time.Duration) time.Time { return now.Truncate(span).Add(span) }

func rateWindowKey(subject string, end time.Time) key {
	return key{kindRateWindow, "R#" + subject + "#" + sortable(end), "R"}
}

// Count adds one to the window and returns the new count. Counting comes before
// the act that is counted, so that any number of concurrent callers cannot
// exceed a limit.
func (s *Store) Count(ctx context.Context, w RateWindow) (int, error) {
	expression := addOne
	out, err := s.write(ctx, &dynamodb.UpdateItemInput{
		Key:              w.key().attributes(),
		UpdateExpression: &expression,
		ExpressionAttributeNames: namesIn(
			expression,
		),
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

// CountOnce counts id in the window, once however often that is sent, and
// returns how many are counted. No more than most are: an id beyond them is not
// counted and gets most + 1. As with Count, counting comes before the act.
func (s *Store) CountOnce(ctx context.Context, w RateWindow, id string, most int) (int, error) {
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
	_, err := s.updateOne(
		ctx,
		w.key(),
		"DELETE #ids :ids",
		"attribute_exists(PK)",
		item{":ids": texts(id)},
	)
	return err
}

const (
	addOne = "ADD #count :n " + setWindow
	// setWindow is the part of an update that a new window needs.
	setWindow = "SET #ttl = :ttl, " + setKind
)

func (w RateWindow) key() key { return rateWindowKey(w.Subject, w.End) }

// values adds those of setWindow to the values of an update.
func (w RateWindow) values(counted item) item {
	counted[":ttl"] = number(w.End.Add(time.Hour).Unix())
	return w.key().withKind(counted)
}

// Count adds one to a window unless that would exceed limit, which fails with
// full.
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

// Cooldown lets a subject do something once in a span of time, wherever that
// begins. It fails with soon before the last one's end.
func (tx *Tx) Cooldown(subject string, span time.Duration, now time.Time, soon error) {
	end := now.Add(span)
	k := cooldownKey(subject)
	tx.update(
		k,
		"SET #until = :end, #ttl = :ttl, "+setKind,
		k.withKind(item{
			":end": number(millis(end)), ":ttl": number(end.Add(time.Hour).Unix()),
		}),
		condition{
			"attribute_not_exists(PK) OR #until <= :now",
			item{":now": number(millis(now))},
			soon,
		},
	)
}
