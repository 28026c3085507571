package store

import (
	"context"
	"errors"
	"fmt"
	"reflect"
	"slices"
	"sort"
	"strings"
	"sync"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/feature/dynamodb/attributevalue"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"profiles/shared/metric"
	"profiles/shared/problem"
)

// maxActions is DynamoDB's limit for one transaction.
const maxActions = 100

// Tx is a unit of work: its steps are committed together or not at all. Each
// step has a condition, and the error that a failure of the condition means. If
// several conditions fail, the error is that of the step that was added first.
type Tx struct {
	store  *Store
	steps  []types.TransactWriteItem
	errors []error
	audits []int // indexes of the steps that are audit entries
	beside []func()
	counts []counted
	broken error
}

// counted is what a commit adds to a metric.
type counted struct {
	metric.Metric
	value float64
}

// Begin returns an empty unit of work.
func (s *Store) Begin() *Tx { return &Tx{store: s} }

// condition is an expression with its values, and the error that its failure
// means.
type condition struct {
	expression string
	values     item
	failure    error
}

var (
	absent = condition{expression: "attribute_not_exists(PK)", failure: problem.ErrConflict}
	exists = condition{expression: "attribute_exists(PK)", failure: problem.ErrConflict}
)

// orAbsent also admits an item that does not exist.
func (c condition) orAbsent() condition {
	c.expression = "attribute_not_exists(PK) OR (" + c.expression + ")"
	return c
}

func (c condition) text() *string {
	if c.expression == "" {
		return nil
	}
	return &c.expression
}

// sameVersion is the condition that an item is still at the version that was
// read.
func sameVersion(version int64) condition {
	return condition{
		"attribute_exists(PK) AND #version = :was",
		item{":was": number(version)},
		problem.ErrConflict,
	}
}

// unchanged is the condition that all attributes of an item are as they were
// read. It works for items of any form.
func unchanged(it item) condition {
	c := condition{values: item{}, failure: problem.ErrConflict}
	var equal []string
	for _, name := range names(it) {
		equal = append(equal, "#"+name+" = :"+name)
		c.values[":"+name] = it[name]
	}
	c.expression = strings.Join(equal, " AND ")
	return c
}

func (tx *Tx) add(step types.TransactWriteItem, c condition) {
	tx.steps = append(tx.steps, step)
	tx.errors = append(tx.errors, c.failure)
}

func (tx *Tx) marshal(stored any) item {
	it, err := attributevalue.MarshalMap(stored)
	if err != nil && tx.broken == nil {
		tx.broken = err
	}
	return it
}

// value is one attribute in its stored form.
func (tx *Tx) value(v any) types.AttributeValue {
	av, err := attributevalue.Marshal(v)
	if err != nil && tx.broken == nil {
		tx.broken = err
	}
	return av
}

func (tx *Tx) put(stored any, c condition) {
	tx.add(types.TransactWriteItem{Put: &types.Put{
		TableName: &tx.store.table, Item: versioned(tx.marshal(stored)),
		ConditionExpression:       c.text(),
		ExpressionAttributeValues: c.values, ExpressionAttributeNames: namesIn(c.expression),
	}}, c)
}

func (tx *Tx) delete(k key, c condition) {
	tx.add(types.TransactWriteItem{Delete: &types.Delete{
		TableName: &tx.store.table, Key: k.attributes(), ConditionExpression: c.text(),
		ExpressionAttributeValues: c.values, ExpressionAttributeNames: namesIn(c.expression),
	}}, c)
}

func (tx *Tx) check(k key, c condition) {
	tx.add(types.TransactWriteItem{ConditionCheck: &types.ConditionCheck{
		TableName: &tx.store.table, Key: k.attributes(), ConditionExpression: c.text(),
		ExpressionAttributeValues: c.values, ExpressionAttributeNames: namesIn(c.expression),
	}}, c)
}

// update adds a step with an update expression. Its values and those of the
// condition must have different names.
func (tx *Tx) update(k key, expression string, values item, c condition) {
	all := item{}
	for name, v := range values {
		all[name] = v
	}
	for name, v := range c.values {
		all[name] = v
	}
	if len(all) == 0 {
		all = nil // DynamoDB refuses an empty map
	}
	tx.add(types.TransactWriteItem{Update: &types.Update{
		TableName: &tx.store.table, Key: k.attributes(), UpdateExpression: &expression,
		ConditionExpression: c.text(), ExpressionAttributeValues: all,
		ExpressionAttributeNames: namesIn(expression, c.expression),
	}}, c)
}

// optionalOf returns the optional attributes of the stored form I, by its tags.
// The kind is not among them, because it is never removed from an item.
func optionalOf[I any]() []string {
	names := optionalIn(reflect.TypeFor[I]())
	slices.Sort(names)
	return names
}

// optionalIn goes into embedded structs itself, because reflect hides fields
// with the same name, as those of key and due, which are different attributes
// of the table.
func optionalIn(form reflect.Type) (names []string) {
	for i := range form.NumField() {
		field := form.Field(i)
		name, may, _ := strings.Cut(field.Tag.Get("dynamodbav"), ",")
		switch {
		case field.Anonymous:
			names = append(names, optionalIn(field.Type)...)
		case may == "omitempty" && name != "itemKind":
			names = append(names, name)
		}
	}
	return names
}

// overwrite adds a step that sets all attributes of stored except those in
// except, and removes the attributes in optional that it does not have. What
// else the item has stays: attributes of a later version survive.
func (tx *Tx) overwrite(k key, stored any, optional []string, except []string, c condition) {
	it := tx.marshal(stored)
	if _, whole := it["PK"]; whole {
		versioned(it)
	}
	for _, name := range append(slices.Clone(except), "PK", "SK") {
		delete(it, name)
	}
	var set, remove []string
	values := item{}
	for name, v := range it {
		set = append(set, "#"+name+" = :"+name)
		values[":"+name] = v
	}
	for _, name := range optional {
		if _, has := it[name]; !has && !slices.Contains(except, name) {
			remove = append(remove, "#"+name)
		}
	}
	sort.Strings(set)
	expression := "SET " + strings.Join(set, ", ")
	if len(remove) > 0 {
		expression += " REMOVE " + strings.Join(remove, ", ")
	}
	tx.update(k, expression, values, c)
}

// namesIn returns the attribute names of the #names in expressions. All names
// are written so, because some are reserved words of DynamoDB.
func namesIn(expressions ...string) map[string]string {
	var names map[string]string
	for _, expression := range expressions {
		for _, word := range strings.FieldsFunc(expression, betweenNames) {
			if name, ok := strings.CutPrefix(word, "#"); ok {
				if names == nil {
					names = map[string]string{}
				}
				names[word] = name
			}
		}
	}
	return names
}

func betweenNames(r rune) bool { return strings.ContainsRune(" ,=<>()+-.", r) }

// Beside has Commit run do at the same time as the transaction, also if that
// fails. Commit returns when both have ended.
func (tx *Tx) Beside(do func()) { tx.beside = append(tx.beside, do) }

// Measure adds a value to a metric if the transaction commits.
func (tx *Tx) Measure(m metric.Metric, value float64) {
	tx.counts = append(tx.counts, counted{m, value})
}

// Origin is the request that has caused a commit. It is zero for the work of a
// schedule or a tool.
type Origin struct {
	Source  string // the network address that the request came from
	Request string // its id
	// Record is nil for a request that came without an Idempotency-Key.
	Record *IdempotencyRecord
}

// Commit writes the effect of a request: all steps or none. It adds the origin
// to the audit entries. The first commit of a request also writes its
// idempotency record. Without a step it does nothing.
//
// Errors: that of the step whose condition failed. If the transaction meets
// contention, or a lack of capacity for some items, it is sent again for a
// short while; after that the error is problem.ErrConflict, with CodeConflict
// or CodeUnavailable, and the caller can read and decide again. CodeUnavailable
// alone means that the table did nothing, and the same commit can be sent
// again.
func (tx *Tx) Commit(ctx context.Context, from Origin) error {
	var beside sync.WaitGroup
	for _, do := range tx.beside {
		beside.Go(do)
	}
	defer beside.Wait()
	if tx.broken != nil || len(tx.steps) == 0 {
		return tx.broken
	}
	tx.stamp(from)
	if len(tx.steps) > maxActions {
		return fmt.Errorf("a transaction of %d steps exceeds %d", len(tx.steps), maxActions)
	}
	recorded := tx.addRecord(from.Record)
	err := tx.commit(ctx)
	if recorded {
		err = tx.settleRecord(ctx, from.Record, err)
	}
	if err == nil {
		for _, c := range tx.counts {
			metric.Add(ctx, c.Metric, c.value)
		}
	}
	return err
}

// CommitAside writes bookkeeping: the work of a schedule or a tool, and what a
// request does besides its effect. It is Commit without the idempotency record,
// because bookkeeping may happen again when the request is sent again. Errors:
// those of Commit.
func (tx *Tx) CommitAside(ctx context.Context, from Origin) error {
	from.Record = nil
	return tx.Commit(ctx, from)
}

func (tx *Tx) commit(ctx context.Context) error {
	in := &dynamodb.TransactWriteItemsInput{TransactItems: tx.steps}
	err := retryOnContention(ctx, func() error {
		_, err := tx.store.client.TransactWriteItems(ctx, in)
		return err
	})
	if decided := tx.decision(err); err == nil || decided != nil {
		return decided
	}
	return contentionOf(err).failed("TransactWriteItems", err)
}

// decision returns the error of the first step whose condition failed; nil if
// none failed.
func (tx *Tx) decision(err error) error {
	var canceled *types.TransactionCanceledException
	if !errors.As(err, &canceled) {
		return nil
	}
	var first error
	for i, reason := range canceled.CancellationReasons {
		if aws.ToString(reason.Code) == "ConditionalCheckFailed" && i < len(tx.errors) {
			// The idempotency record is the last step but is checked first,
			// because any other failed condition may be the effect of the
			// first delivery.
			if first == nil || errors.Is(tx.errors[i], problem.ErrInProgress) {
				first = tx.errors[i]
			}
		}
	}
	return first
}
