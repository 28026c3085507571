package store

import (
	"context"
	"errors"
	"strconv"
	"time"

	"github.com/aws/aws-sdk-go-v2/feature/dynamodb/attributevalue"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"profiles/shared/problem"
)

const kindRecord Kind = "idempotency-record"

// IdempotencyRecord is the memory of a request that may come again. It enters
// the table with the first commit that the request reaches, so that the effect
// and the memory of it are there together or not at all; the answer follows. It
// is one request's, and not safe for concurrent use.
type IdempotencyRecord struct {
	Scope, Key string    // whose key it is, and the key
	MAC        []byte    // of the request: what is the same request has the same
	Others     [][]byte  // MACs that it may have been kept with before, under other keys
	Run        string    // tells this sending of the request from others
	Source     string    // fingerprint of where this sending came from
	Begun      time.Time // when this sending came
	Ends       time.Time // when the key is free again, to the second
	// Set says that the record is in the table, by this run.
	Set bool
	// Taken says that another sending was first, so that what this one wanted
	// to commit was not; Found is what the table knew of that one.
	Taken bool
	Found RecordLookup
}

// RecordLookup is what the table knows of the key of an idempotency record.
type RecordLookup struct {
	State  RecordState
	Run    string
	Source string // that the sending came from which had the key first
	Ends   time.Time
	MAC    []byte // of the request that came first
	Answer []byte // sealed; nil while it is not known
}

// RecordState says whose a key is.
type RecordState int

const (
	RecordFree         RecordState = iota // nobody's, or its time is over
	RecordSameRequest                     // of the same request
	RecordOtherRequest                    // of another request
	RecordExhausted                       // it came with too many other requests
)

// maxMismatches bounds how many other requests a key may come with: one that
// knows a request but for a password in it could guess that here.
const maxMismatches = 5

func recordKey(
	m *IdempotencyRecord,
) key {
	return key{kindRecord, "K#" + m.Scope + "#" + m.Key, "K"}
}

type recordItem struct {
	Run    string `dynamodbav:"run"`
	Source string `dynamodbav:"source"`
	MAC    []byte `dynamodbav:"mac"`
	Wrong  int    `dynamodbav:"wrong"`
	Answer []byte `dynamodbav:"answer"`
	TTL    int64  `dynamodbav:"ttl"`
}

// LookupRecord finds out which request has the key of a record. A request that
// is not the one the key came with first is counted in the same step, so that
// any number at once learn of at most five guesses whether they are right.
func (s *Store) LookupRecord(
	ctx context.Context,
	m *IdempotencyRecord,
	now time.Time,
) (RecordLookup, error) {
	const expression = "ADD #wrong :one"
	values := item{":one": number(1), ":now": number(now.Unix()), ":limit": number(maxMismatches)}
	other := "attribute_exists(PK) AND #ttl > :now AND #wrong < :limit"
	for i, mac := range append([][]byte{m.MAC}, m.Others...) {
		name := ":mac" + strconv.Itoa(i)
		values[name] = bytes(mac)
		other += " AND #mac <> " + name
	}
	out, err := s.write(ctx, &dynamodb.UpdateItemInput{
		Key: recordKey(m).attributes(), UpdateExpression: ptr(expression),
		ConditionExpression: ptr(other), ExpressionAttributeNames: namesIn(expression, other),
		ExpressionAttributeValues: values, ReturnValues: types.ReturnValueAllOld,
		ReturnValuesOnConditionCheckFailure: types.ReturnValuesOnConditionCheckFailureAllOld,
	})
	if err == nil {
		var other recordItem
		err := attributevalue.UnmarshalMap(out.Attributes, &other)
		return RecordLookup{State: RecordOtherRequest, Source: other.Source}, err
	}
	var failed *types.ConditionalCheckFailedException
	if !errors.As(err, &failed) {
		return RecordLookup{}, failure("UpdateItem", err)
	}
	var found recordItem
	if err := attributevalue.UnmarshalMap(failed.Item, &found); err != nil {
		return RecordLookup{}, err
	}
	switch {
	case found.TTL <= now.Unix(): // none, too
		return RecordLookup{}, nil
	case found.Wrong >= maxMismatches:
		return RecordLookup{State: RecordExhausted, Source: found.Source}, nil
	}
	return RecordLookup{
		State:  RecordSameRequest,
		Run:    found.Run,
		Source: found.Source,
		MAC:    found.MAC,
		Ends:   time.Unix(found.TTL, 0),
		Answer: found.Answer,
	}, nil
}

const setRecord = "SET #mac = :mac, #run = :run, #source = :source, #wrong = :none, " +
	"#ttl = :ttl, " + setKind

func (m *IdempotencyRecord) values() item {
	return recordKey(m).withKind(item{
		":mac":    bytes(m.MAC),
		":run":    text(m.Run),
		":source": text(m.Source),
		":none":   number(0),
		":ttl":    number(m.Ends.Unix()),
	})
}

// free is the condition that a key is nobody's. DynamoDB deletes what is past
// its time when it finds the time.
func (m *IdempotencyRecord) free(now time.Time) condition {
	return condition{
		"attribute_not_exists(PK) OR #ttl <= :now",
		item{":now": number(now.Unix())},
		problem.ErrInProgress,
	}
}

// KeepAnswer keeps the sealed answer of a request, with the record unless that
// is in the table by now. It reports false when another delivery has the key.
func (s *Store) KeepAnswer(
	ctx context.Context,
	m *IdempotencyRecord,
	answer []byte,
	now time.Time,
) (bool, error) {
	expression, values, c := setRecord+", #answer = :answer", m.values(), m.free(now)
	c.expression += " OR #run = :run"
	if m.Set {
		expression, values = "SET #answer = :answer", item{}
		c = condition{expression: "#run = :run", values: item{":run": text(m.Run)}}
	}
	values[":answer"] = bytes(answer)
	for name, v := range c.values {
		values[name] = v
	}
	_, err := s.write(ctx, &dynamodb.UpdateItemInput{
		Key: recordKey(m).attributes(), UpdateExpression: &expression,
		ConditionExpression: c.text(), ExpressionAttributeNames: namesIn(expression, c.expression),
		ExpressionAttributeValues: values,
	})
	if errors.As(err, new(*types.ConditionalCheckFailedException)) {
		return false, nil
	}
	m.Set = m.Set || err == nil
	return err == nil, failure("UpdateItem", err)
}

// addRecord adds a record to a commit, and reports whether it did. A record
// that is in the table already is not added. A commit that has no room for it
// goes without: the record comes with the next, or with the answer.
func (tx *Tx) addRecord(m *IdempotencyRecord) bool {
	if m == nil || m.Set || len(tx.steps) >= maxActions {
		return false
	}
	tx.update(recordKey(m), setRecord+" REMOVE #answer", m.values(), m.free(m.Begun))
	return true
}

// settleRecord decides what a commit with a record has come to, after err. When
// the commit was carried out and only its answer was lost, the table has the
// record.
func (tx *Tx) settleRecord(ctx context.Context, m *IdempotencyRecord, err error) error {
	switch {
	case err == nil:
		m.Set = true
	case errors.Is(err, problem.ErrInProgress) || problem.CodeOf(err) == problem.CodeUnavailable:
		found, unknown := tx.store.LookupRecord(ctx, m, m.Begun)
		if unknown == nil && found.State == RecordSameRequest && found.Run == m.Run {
			m.Set = true
			return nil
		}
		m.Taken, m.Found = errors.Is(err, problem.ErrInProgress), found
	}
	return err
}
