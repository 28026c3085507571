package model

import (
	"context"
	"fmt"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
)

// mostGets is how many items one BatchGetItem may name, and mostRead how many
// bytes it may bring: Developer Guide, "Quotas in Amazon DynamoDB". Keys beyond
// the bytes come back.
const (
	mostGets = 100
	mostRead = 16 << 20
)

// readUnits is what reading so many bytes costs.
func readUnits(bytes int, consistent *bool) float64 {
	u := units(bytes, readUnit)
	if aws.ToBool(consistent) {
		return u
	}
	return u / 2
}

// takeReads takes units from a partition. It reports false if there are none.
func (d *DB) takeReads(b *bucket, u float64) bool {
	if d.params.RCU > 0 {
		if b.reads < u {
			d.counts.Throttled++
			return false
		}
		b.reads -= u
	}
	d.counts.RCU += u
	return true
}

// consumed is the word of an answer about its cost, if the request asks for it.
func consumed(
	asked types.ReturnConsumedCapacity, name *string, units float64,
) (*types.ConsumedCapacity, error) {
	switch asked {
	case "", types.ReturnConsumedCapacityNone:
		return nil, nil
	case types.ReturnConsumedCapacityTotal:
		return &types.ConsumedCapacity{TableName: aws.String(*name), CapacityUnits: &units}, nil
	}
	return nil, fmt.Errorf("the model has no ReturnConsumedCapacity %s", asked)
}

// read returns an item as a read finds it.
func (t *table) read(at place, consistent *bool) Item {
	if aws.ToBool(consistent) {
		return t.get(at)
	}
	return t.getLate(at)
}

func (d *DB) get(ctx context.Context, in *dynamodb.GetItemInput) (any, error) {
	out := new(dynamodb.GetItemOutput)
	err := travel(ctx, d.params.Read, func() error {
		d.mu.Lock()
		defer d.mu.Unlock()
		t, err := d.table(in.TableName)
		if err != nil {
			return err
		}
		at, err := t.placeOf(in.Key, true)
		if err != nil {
			return err
		}
		it := t.read(at, in.ConsistentRead)
		u := readUnits(sizeOf(it), in.ConsistentRead)
		if !d.takeReads(d.bucket(t, "", at), u) {
			return throttled()
		}
		out.Item = cloneItem(it)
		out.ConsumedCapacity, err = consumed(in.ReturnConsumedCapacity, in.TableName, u)
		return err
	})
	return out, err
}

func (d *DB) batchGet(ctx context.Context, in *dynamodb.BatchGetItemInput) (any, error) {
	out := &dynamodb.BatchGetItemOutput{
		Responses:       map[string][]Item{},
		UnprocessedKeys: map[string]types.KeysAndAttributes{},
	}
	err := travel(ctx, d.params.Read, func() error {
		d.mu.Lock()
		defer d.mu.Unlock()
		wanted, err := d.wanted(in)
		if err != nil {
			return err
		}
		all, refused, bytes := 0, 0, 0
		for name, keys := range in.RequestItems {
			t := d.tables[name]
			spent := 0.0
			var back []Item
			for i, at := range wanted[name] {
				all++
				it := t.read(at, keys.ConsistentRead)
				u := readUnits(sizeOf(it), keys.ConsistentRead)
				full := bytes+sizeOf(it) > mostRead
				if full || !d.takeReads(d.bucket(t, "", at), u) {
					if !full {
						refused++
					}
					back = append(back, cloneItem(keys.Keys[i]))
					continue
				}
				bytes += sizeOf(it)
				spent += u
				if it != nil {
					out.Responses[name] = append(out.Responses[name], cloneItem(it))
				}
			}
			if back != nil {
				keys.Keys = back
				out.UnprocessedKeys[name] = keys
			}
			c, err := consumed(in.ReturnConsumedCapacity, &name, spent)
			if err != nil {
				return err
			}
			if c != nil {
				out.ConsumedCapacity = append(out.ConsumedCapacity, *c)
			}
		}
		if refused == all {
			return throttled()
		}
		return nil
	})
	return out, err
}

// wanted are the places that a BatchGetItem names, by tables.
func (d *DB) wanted(in *dynamodb.BatchGetItemInput) (map[string][]place, error) {
	out, n := map[string][]place{}, 0
	for name, keys := range in.RequestItems {
		t, err := d.table(&name)
		if err != nil {
			return nil, err
		}
		seen := make(map[place]bool, len(keys.Keys))
		for _, key := range keys.Keys {
			at, err := t.placeOf(key, true)
			if err != nil {
				return nil, err
			}
			if seen[at] {
				return nil, invalid("Provided list of item keys contains duplicates")
			}
			seen[at] = true
			out[name] = append(out[name], at)
			n++
		}
	}
	if n == 0 {
		return nil, invalid("1 validation error detected: RequestItems has no key")
	}
	if n > mostGets {
		return nil, invalid("Too many items requested for the BatchGetItem call")
	}
	return out, nil
}
