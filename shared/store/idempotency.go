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

// IdempotencyRecord says that a request with an Idempotency-Key was received.
// It is stored with the request's first commit, so that the table has both the
// effect and the record, or neither. The answer is added later. It is not safe
// for concurrent use.
type IdempotencyRecord struct {
	Scope, Key string    // the owner of the key, and the key
	MAC        []byte    // of the request; the same request has the same MAC
	Others     [][]byte  // MACs of the request under former keys, which a stored record may have
	Run        string    // names this delivery of the request
	Source     string    // fingerprint of the network address of this delivery
	Begun      time.Time // when this delivery came
	Ends       time.Time // when the key can be used again, to the second
	// Set says that this delivery has stored the record.
	Set bool
	// Taken says that another delivery has the key, so that the commit of this
	// one did not happen. Found is the stored record.
	Taken bool
	Found RecordLookup
}

// RecordLookup is what the table has for the key of an idempotency record.
type RecordLookup struct {
	State  RecordState
	Run    string
	Source string // that of the delivery that stored the record
	Ends   time.Time
	MAC    []byte // of the request that stored the record
	Answer []byte // sealed; nil until there is one
}

// RecordState says which request has a key.
type RecordState int

const (
	RecordFree         RecordState = iota // none, or its time is over
	RecordSameRequest                     // the same request
	RecordOtherRequest                    // another request
	RecordExhausted                       // the key came with too many other requests
)

// maxMismatches is how many other requests may come with a key. Without a
// bound, somebody who knows a request except for a password in it could find
// the password by trying.
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

// LookupRecord finds which request has the key of a record. A different request
// is counted in the same write, so that concurrent requests can test at most
// maxMismatches guesses together.
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
		if err := readable(out.Attributes); err != nil {
			return RecordLookup{}, err
		}
		var other recordItem
		err := attributevalue.UnmarshalMap(out.Attributes, &other)
		return RecordLookup{State: RecordOtherRequest, Source: other.Source}, err
	}
	var failed *types.ConditionalCheckFailedException
	if !errors.As(err, &failed) {
		return RecordLookup{}, failure("UpdateItem", err)
	}
	if err := readable(failed.Item); err != nil {
		return RecordLookup{}, err
	}
	var found recordItem
	if err := attributevalue.UnmarshalMap(failed.Item, &found); err != nil {
		return RecordLookup{}, err
	}
	switch {
	case found.TTL <= now.Unix(): // expired: the same as none
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
	"#ttl = :ttl, " + setNew

func (m *IdempotencyRecord) values() item {
	return recordKey(m).asNew(item{
		":mac":    bytes(m.MAC),
		":run":    text(m.Run),
		":source": text(m.Source),
		":none":   number(0),
		":ttl":    number(m.Ends.Unix()),
	})
}

// free is the condition that no request has the key. A record past its TTL
// counts as absent, because DynamoDB deletes it some time later.
func (m *IdempotencyRecord) free(now time.Time) condition {
	return condition{
		"attribute_not_exists(PK) OR #ttl <= :now",
		item{":now": number(now.Unix())},
		problem.ErrInProgress,
	}
}

// KeepAnswer stores the sealed answer of a request, and the record if it is not
// stored yet. It returns false if another delivery has the key.
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

// addRecord adds a record to a commit and reports whether it did. It does not
// if the record is stored already, or if the commit has maxActions steps; the
// next commit or KeepAnswer then stores it.
func (tx *Tx) addRecord(m *IdempotencyRecord) bool {
	if m == nil || m.Set || len(tx.steps) >= maxActions {
		return false
	}
	tx.update(recordKey(m), setRecord+" REMOVE #answer", m.values(), m.free(m.Begun))
	return true
}

// settleRecord returns the result of a commit with a record, given its error
// err. If the commit happened and only DynamoDB's answer was lost, the table
// has the record.
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
