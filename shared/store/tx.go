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

	"profiles/shared/problem"
)

// maxActions is DynamoDB's limit for one transaction.
const maxActions = 100

// Tx is a unit of work: everything it holds is committed together or not at
// all. Each step carries its condition and the error that a failed condition
// means; the first failed step, in the order in which they were added, names
// the error.
type Tx struct {
	store  *Store
	steps  []types.TransactWriteItem
	errors []error
	audits []int // which steps are audit entries
	beside []func()
	broken error
}

// Begin starts a unit of work.
func (s *Store) Begin() *Tx { return &Tx{store: s} }

// condition is an expression with its values and the error that its failure
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

// sameVersion is the condition of every change of a thing that was read before:
// nobody changed it since.
func sameVersion(version int64) condition {
	return condition{
		"attribute_exists(PK) AND #version = :was",
		item{":was": number(version)},
		problem.ErrConflict,
	}
}

// unchanged is the condition that an item is as it was read, of whatever form.
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
		TableName: &tx.store.table, Item: tx.marshal(stored), ConditionExpression: c.text(),
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

// update applies an update expression; its values and those of the condition
// must have different names.
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

// optionalOf are the attributes that the stored form I may be without, by its
// tags; the kind is never taken from an item.
func optionalOf[I any]() []string {
	names := optionalIn(reflect.TypeFor[I]())
	slices.Sort(names)
	return names
}

// optionalIn looks into embedded structs itself: fields of two that have one
// name, as those of key and due, hide each other in Go but not in the table.
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

// overwrite sets every attribute of the stored form except those named, and
// removes the optional ones it lacks.
func (tx *Tx) overwrite(k key, stored any, optional []string, except []string, c condition) {
	it := tx.marshal(stored)
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

// namesIn declares the #names of expressions, which keep attribute names clear
// of DynamoDB's reserved words.
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

// Beside runs do while the transaction is under way, and whatever becomes of
// it. Commit returns when both have ended.
func (tx *Tx) Beside(do func()) { tx.beside = append(tx.beside, do) }

// Origin is the request that has caused a commit. The zero Origin is that of
// the work of a schedule or a tool.
type Origin struct {
	Source  string // the network address that the request came from
	Request string // its id
	// Record is nil for a request that came without an Idempotency-Key.
	Record *IdempotencyRecord
}

// Commit writes the effect of a request: everything or nothing. The audit
// entries say where the request came from, and the first commit of a request
// writes its idempotency record too. A unit of work without a step is done.
//
// A failed condition returns the error of its step. Contention with other
// transactions, and lack of capacity for some of the items, is waited out for a
// short while and then returned as an error that is problem.ErrConflict, for
// the caller to read again and decide again; its code is CodeConflict or
// CodeUnavailable. A table that could do nothing at all is CodeUnavailable, and
// the same may be sent again.
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
	if tx.addRecord(from.Record) {
		return tx.settleRecord(ctx, from.Record, tx.commit(ctx))
	}
	return tx.commit(ctx)
}

// CommitAside writes bookkeeping, everything or nothing, as Commit does: the
// work of a schedule or a tool, and what a request does beside its effect. It
// leaves the idempotency record of the request alone, as bookkeeping may happen
// again when the request is sent again. Errors: those of Commit.
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

// decision is the error of the first step whose condition failed, nil when no
// condition did.
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
