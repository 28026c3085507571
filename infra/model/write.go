package model

import (
	"context"
	"fmt"
	"slices"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
)

// wish is a write of one item as a request has it, by itself or as a step of a
// transaction.
type wish struct {
	action            action
	table             *string
	key               Item // the item itself for a put
	update, condition *string
	names             map[string]string
	values            Item
	onFailure         types.ReturnValuesOnConditionCheckFailure
}

type action int

const (
	put action = iota
	update
	remove
	check
)

// step is a wish that the table could carry out.
type step struct {
	wish
	scope
	t                   *table
	at                  place
	item                Item // of a put
	updated, conditions *parsed
}

// admit checks all of a wish that does not depend on what is in the table. The
// lock must be held.
func (d *DB) admit(w wish) (s *step, err error) {
	s = &step{wish: w}
	if s.t, err = d.table(w.table); err != nil {
		return nil, err
	}
	if s.at, err = s.t.placeOf(w.key, w.action != put); err != nil {
		return nil, err
	}
	if w.condition != nil {
		if s.conditions, err = parse("Condition", *w.condition); err != nil {
			return nil, err
		}
	}
	if w.action == check && w.condition == nil {
		return nil, invalid("The expression can not be empty;")
	}
	if w.action == update {
		if w.update == nil {
			return nil, fmt.Errorf("the model has no update without an expression")
		}
		if s.updated, err = parse("Update", *w.update); err != nil {
			return nil, err
		}
	}
	if s.scope, err = admitScope(w.names, w.values, s.conditions, s.updated); err != nil {
		return nil, err
	}
	switch w.action {
	case put:
		if s.item, err = admitItem(w.key, 1); err != nil {
			return nil, err
		}
		return s, s.t.fits(s.item)
	case update:
		for _, c := range s.updated.updates {
			if n := s.name(c.path[0]); n == s.t.key.partition || n == s.t.key.sort {
				return nil, invalid("One or more parameter values were invalid: " +
					"Cannot update attribute " + n + ". This attribute is part of the key")
			}
		}
		return s, s.overlap(s.updated)
	}
	return s, nil
}

// outcome is what a step would do to its item.
type outcome struct {
	old, after Item
	set        []string // attributes that an update sets
	holds      bool
	units      float64                       // in the table
	index      map[string]map[string]float64 // in indexes, by their partitions
}

// decide returns what a step does to the item that is there now. It fails for
// an update that does not fit it.
func (s *step) decide() (o outcome, err error) {
	o.old = s.t.get(s.at)
	o.units = units(sizeOf(o.old), writeUnit)
	if o.holds, err = s.holds(s.conditions, o.old); err != nil || !o.holds {
		return o, err
	}
	switch s.action {
	case check:
		return o, nil
	case put:
		o.after = s.item
	case update:
		if o.after, o.set, err = s.apply(s.updated, o.old, s.key); err != nil {
			return o, err
		}
		if err = s.t.fits(o.after); err != nil {
			return o, err
		}
	}
	o.units = writeUnits(o.old, o.after)
	for name, x := range s.t.indexes {
		if by := x.indexWrites(s.t, s.at, o.old, o.after); by != nil {
			if o.index == nil {
				o.index = map[string]map[string]float64{}
			}
			o.index[name] = by
		}
	}
	return o, nil
}

// bill is the write units that a request needs of each partition.
type bill struct {
	of    map[*bucket]float64
	total float64
}

// charge adds an outcome to a bill, and returns the partitions that it needs.
// transacted says that it is a step of a transaction, which takes twice the
// units of a write.
func (d *DB) charge(b *bill, s *step, o outcome, transacted bool) (of []*bucket) {
	times, inIndex := 1.0, 1.0
	if transacted {
		times = 2
		if d.params.IndexTwice {
			inIndex = 2
		}
	}
	if b.of == nil {
		b.of = map[*bucket]float64{}
	}
	add := func(to *bucket, u float64) {
		b.of[to] += u
		b.total += u
		of = append(of, to)
	}
	add(d.bucket(s.t, "", s.at), o.units*times)
	for name, by := range o.index {
		for pk, u := range by {
			add(d.bucket(s.t, name, place{pk: pk}), u*inIndex)
		}
	}
	return of
}

// pay takes a share of a bill, or nothing if a partition has too little. It
// returns the partitions that have.
func (d *DB) pay(b *bill, share float64) (short []*bucket) {
	if d.params.WCU > 0 {
		for from, u := range b.of {
			if from.writes < u*share {
				short = append(short, from)
			}
		}
		if short != nil {
			d.counts.Throttled++
			return short
		}
		for from, u := range b.of {
			from.writes -= u * share
		}
	}
	d.counts.WCU += b.total * share
	return nil
}

// single carries out a write of one item, and returns what it did and its cost.
func (d *DB) single(ctx context.Context, w wish) (o outcome, spent float64, err error) {
	err = travel(ctx, d.params.Write, func() error {
		d.mu.Lock()
		defer d.mu.Unlock()
		s, err := d.admit(w)
		if err != nil {
			return err
		}
		o, err = s.decide()
		if err != nil {
			return err
		}
		var b bill
		d.charge(&b, s, o, false)
		if s.t.locks[s.at] != 0 {
			d.pay(&b, d.params.ConflictShare)
			d.counts.WriteConflicts++
			d.counts.Met[s.at.pk]++
			return &types.TransactionConflictException{
				Message: aws.String("Transaction is ongoing for the item"),
			}
		}
		if d.pay(&b, 1) != nil {
			return throttled()
		}
		spent = b.total
		if !o.holds {
			d.counts.Failed++
			return conditionFailed(o.old, w.onFailure)
		}
		s.t.set(s.at, o.after)
		return nil
	})
	return o, spent, err
}

func (d *DB) update(ctx context.Context, in *dynamodb.UpdateItemInput) (any, error) {
	o, spent, err := d.single(ctx, wish{
		update, in.TableName, in.Key, in.UpdateExpression, in.ConditionExpression,
		in.ExpressionAttributeNames, in.ExpressionAttributeValues,
		in.ReturnValuesOnConditionCheckFailure,
	})
	if err != nil {
		return nil, err
	}
	out := new(dynamodb.UpdateItemOutput)
	switch in.ReturnValues {
	case "", types.ReturnValueNone:
	case types.ReturnValueUpdatedNew:
		out.Attributes = Item{}
		for _, name := range o.set {
			out.Attributes[name] = clone(o.after[name])
		}
	case types.ReturnValueAllNew:
		out.Attributes = cloneItem(o.after)
	case types.ReturnValueAllOld:
		out.Attributes = cloneItem(o.old)
	default:
		return nil, fmt.Errorf("the model has no ReturnValues %s", in.ReturnValues)
	}
	out.ConsumedCapacity, err = consumed(in.ReturnConsumedCapacity, in.TableName, spent)
	return out, err
}

func (d *DB) put(ctx context.Context, in *dynamodb.PutItemInput) (any, error) {
	_, spent, err := d.single(ctx, wish{
		put, in.TableName, in.Item, nil, in.ConditionExpression,
		in.ExpressionAttributeNames, in.ExpressionAttributeValues,
		in.ReturnValuesOnConditionCheckFailure,
	})
	if err != nil {
		return nil, err
	}
	c, err := consumed(in.ReturnConsumedCapacity, in.TableName, spent)
	return &dynamodb.PutItemOutput{ConsumedCapacity: c}, err
}

func (d *DB) delete(ctx context.Context, in *dynamodb.DeleteItemInput) (any, error) {
	_, spent, err := d.single(ctx, wish{
		remove, in.TableName, in.Key, nil, in.ConditionExpression,
		in.ExpressionAttributeNames, in.ExpressionAttributeValues,
		in.ReturnValuesOnConditionCheckFailure,
	})
	if err != nil {
		return nil, err
	}
	c, err := consumed(in.ReturnConsumedCapacity, in.TableName, spent)
	return &dynamodb.DeleteItemOutput{ConsumedCapacity: c}, err
}

// mostWrites is how many items one BatchWriteItem may have: Developer Guide,
// "Quotas in Amazon DynamoDB".
const mostWrites = 25

// batchWrite writes items, each by itself. Those that are locked or lack
// capacity come back; AWS documents this for capacity.
func (d *DB) batchWrite(ctx context.Context, in *dynamodb.BatchWriteItemInput) (any, error) {
	out := &dynamodb.BatchWriteItemOutput{UnprocessedItems: map[string][]types.WriteRequest{}}
	err := travel(ctx, d.params.Write, func() error {
		d.mu.Lock()
		defer d.mu.Unlock()
		steps, n, err := d.admitBatch(in)
		if err != nil {
			return err
		}
		refused := 0
		for name, those := range steps {
			spent := 0.0
			for i, s := range those {
				o, err := s.decide()
				if err != nil {
					return err
				}
				var b bill
				d.charge(&b, s, o, false)
				if s.t.locks[s.at] != 0 || d.pay(&b, 1) != nil {
					refused++
					out.UnprocessedItems[name] = append(
						out.UnprocessedItems[name], in.RequestItems[name][i],
					)
					continue
				}
				spent += b.total
				s.t.set(s.at, o.after)
			}
			c, err := consumed(in.ReturnConsumedCapacity, &name, spent)
			if err != nil {
				return err
			}
			if c != nil {
				out.ConsumedCapacity = append(out.ConsumedCapacity, *c)
			}
		}
		if refused == n {
			return throttled()
		}
		return nil
	})
	return out, err
}

func (d *DB) admitBatch(in *dynamodb.BatchWriteItemInput) (map[string][]*step, int, error) {
	steps, n := map[string][]*step{}, 0
	for name, requests := range in.RequestItems {
		var seen []place
		for _, r := range requests {
			w := wish{table: &name}
			switch {
			case r.PutRequest != nil && r.DeleteRequest == nil:
				w.action, w.key = put, r.PutRequest.Item
			case r.DeleteRequest != nil && r.PutRequest == nil:
				w.action, w.key = remove, r.DeleteRequest.Key
			default:
				return nil, 0, invalid("Supplied WriteRequest must have one of put and delete")
			}
			s, err := d.admit(w)
			if err != nil {
				return nil, 0, err
			}
			if slices.Contains(seen, s.at) {
				return nil, 0, invalid("Provided list of item keys contains duplicates")
			}
			seen = append(seen, s.at)
			steps[name] = append(steps[name], s)
			n++
		}
	}
	if n == 0 {
		return nil, 0, invalid("1 validation error detected: RequestItems has no item")
	}
	if n > mostWrites {
		return nil, 0, invalid("Too many items requested for the BatchWriteItem call")
	}
	return steps, n, nil
}
