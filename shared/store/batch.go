package store

import (
	"context"
	"errors"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/feature/dynamodb/attributevalue"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
)

// Found is the result of one read of a Batch. After Batch.Get, OK says whether
// the item exists.
type Found[T any] struct {
	Value T
	OK    bool
}

// Batch collects the items that a request needs and reads them in one round
// trip, consistently unless it is Late. An item that is added twice is read
// once.
type Batch struct {
	store *Store
	keys  []key
	into  map[place][]func(item) error
	// raw admits items of every version, for reads that do not interpret them.
	raw bool
	// late admits items as they were a moment ago, at half of the cost.
	late bool
}

// Batch returns an empty batch.
func (s *Store) Batch() *Batch {
	return &Batch{store: s, into: map[place][]func(item) error{}}
}

// Late makes the batch read items as they are or were a moment ago, at half of
// the cost, for a caller whose write has the condition that they are so.
func (b *Batch) Late() *Batch {
	b.late = true
	return b
}

// want adds a key with the conversion of its item. I is the stored form, T the
// type that callers see.
func want[I, T any](b *Batch, k key, value func(I) T) *Found[T] {
	found := new(Found[T])
	if b.into[k.place()] == nil {
		b.keys = append(b.keys, k)
	}
	b.into[k.place()] = append(b.into[k.place()], func(it item) error {
		var stored I
		if err := attributevalue.UnmarshalMap(it, &stored); err != nil {
			return err
		}
		found.Value, found.OK = value(stored), true
		return nil
	})
	return found
}

// wantItem adds a key, without a conversion of its item.
func wantItem(b *Batch, k key) *Found[item] {
	found := new(Found[item])
	if b.into[k.place()] == nil {
		b.keys = append(b.keys, k)
	}
	b.into[k.place()] = append(b.into[k.place()], func(it item) error {
		found.Value, found.OK = it, true
		return nil
	})
	return found
}

// Get reads all items of the batch. An empty batch makes no request.
func (b *Batch) Get(ctx context.Context) error {
	if len(b.keys) == 0 {
		return nil
	}
	keys := make([]item, len(b.keys))
	for i, k := range b.keys {
		keys[i] = k.attributes()
	}
	pending := map[string]types.KeysAndAttributes{
		b.store.table: {Keys: keys, ConsistentRead: aws.Bool(!b.late)},
	}
	for attempt := 1; len(pending) > 0; attempt++ {
		var out *dynamodb.BatchGetItemOutput
		if err := retryOnContention(ctx, func() (err error) {
			in := &dynamodb.BatchGetItemInput{RequestItems: pending}
			out, err = b.store.client.BatchGetItem(ctx, in)
			return err
		}); err != nil {
			return failure("BatchGetItem", err)
		}
		for _, it := range out.Responses[b.store.table] {
			if err := b.deliver(it); err != nil {
				return err
			}
		}
		// DynamoDB returns the keys for which it had no capacity.
		if pending = out.UnprocessedKeys; len(pending) > 0 {
			if attempt == maxAttempts {
				return failure("BatchGetItem", errors.New("keys stayed unprocessed"))
			}
			if err := cooldown(ctx, attempt); err != nil {
				return failure("BatchGetItem", err)
			}
		}
	}
	return nil
}

func (b *Batch) deliver(it item) error {
	if err := readable(it); err != nil && !b.raw {
		return err
	}
	var k place
	if err := attributevalue.UnmarshalMap(it, &k); err != nil {
		return err
	}
	for _, into := range b.into[k] {
		if err := into(it); err != nil {
			return err
		}
	}
	return nil
}
