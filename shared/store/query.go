package store

import (
	"context"
	"iter"
	"sort"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/feature/dynamodb/attributevalue"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
)

// span is a range of sort keys in one partition, both ends included.
type span struct {
	pk, from, to string
	newestFirst  bool
	pageSize     int32 // 0: as much as fits into one answer
}

// Walk says how to go through the entries of a list that are ordered by time.
type Walk struct {
	NewestFirst bool
	PageSize    int    // how many entries one round trip reads; 0: a megabyte
	After       string // the position of an entry to go on behind; "": the beginning
}

// maxPageSize bounds what one round trip of a walk reads.
const maxPageSize = 1000

// over returns the span of all keys of a partition that begin with prefix. It
// ends in '#', or is empty for keys that begin with a digit.
func (w Walk) over(pk, prefix string) span {
	q := span{
		pk: pk, from: prefix, to: upTo(prefix),
		newestFirst: w.NewestFirst, pageSize: int32(min(w.PageSize, maxPageSize)),
	}
	if prefix == "" {
		q.from, q.to = "0", ":"
	}
	if w.After != "" {
		if last := prefix + positionKey(w.After); w.NewestFirst {
			q.to = ahead(last)
		} else {
			q.from = behind(last)
		}
	}
	return q
}

// query iterates over a span with consistent reads, a page at a time. It reads
// no further page when the caller stops.
func (s *Store) query(ctx context.Context, q span) iter.Seq2[item, error] {
	if q.from > q.to {
		// DynamoDB refuses a span whose end is before its start.
		return func(func(item, error) bool) {}
	}
	in := &dynamodb.QueryInput{
		TableName:              &s.table,
		ConsistentRead:         aws.Bool(true),
		ScanIndexForward:       aws.Bool(!q.newestFirst),
		KeyConditionExpression: aws.String("PK = :pk AND SK BETWEEN :from AND :to"),
		ExpressionAttributeValues: item{
			":pk":   text(q.pk),
			":from": text(q.from),
			":to":   text(q.to),
		},
	}
	if q.pageSize > 0 {
		in.Limit = &q.pageSize
	}
	return func(yield func(item, error) bool) {
		for it, err := range s.pages(ctx, in) {
			if err == nil {
				err = readable(it)
			}
			if !yield(it, err) || err != nil {
				return
			}
		}
	}
}

// pages iterates over the items of a query as they are, of any version.
func (s *Store) pages(ctx context.Context, in *dynamodb.QueryInput) iter.Seq2[item, error] {
	return func(yield func(item, error) bool) {
		for {
			var out *dynamodb.QueryOutput
			if err := retryOnContention(ctx, func() (err error) {
				out, err = s.client.Query(ctx, in)
				return err
			}); err != nil {
				yield(nil, failure("Query", err))
				return
			}
			for _, it := range out.Items {
				if !yield(it, nil) {
					return
				}
			}
			if out.LastEvaluatedKey == nil {
				return
			}
			in.ExclusiveStartKey = out.LastEvaluatedKey
		}
	}
}

// decode reads an item of the stored form I.
func decode[I, T any](it item, value func(I) T) (T, error) {
	var stored I
	if err := attributevalue.UnmarshalMap(it, &stored); err != nil {
		var zero T
		return zero, err
	}
	return value(stored), nil
}

// decoded converts items of the stored form I, and ends with an error at one
// that cannot be read.
func decoded[I, T any](items iter.Seq2[item, error], value func(I) T) iter.Seq2[T, error] {
	return func(yield func(T, error) bool) {
		for it, err := range items {
			var v T
			if err == nil {
				v, err = decode(it, value)
			}
			if !yield(v, err) || err != nil {
				return
			}
		}
	}
}

// upTo returns the end of the span of all keys that begin with prefix, which
// ends in '#'.
func upTo(prefix string) string { return strings.TrimSuffix(prefix, "#") + afterHash }

// position returns a sort key in the form of a cursor. It has no '#', which
// would end the query of a URL.
func position(sk string) string { return strings.Replace(sk, "#", "-", 1) }

// positionKey returns the sort key of a position; "" for none.
func positionKey(position string) string { return strings.Replace(position, "-", "#", 1) }

// behind returns a text that sorts after a key and before every key that
// follows it. Keys of one kind have the same length.
func behind(key string) string { return key + afterHash }

// ahead returns a text that sorts before a key and after every key before it.
// Keys have letters, digits, '#' and '-' only.
func ahead(key string) string {
	last := len(key) - 1
	return key[:last] + string(key[last]-1) + "~"
}

func sortKey(it item) string { return stringOf(it["SK"]) }

func stringOf(v types.AttributeValue) string {
	if s, ok := v.(*types.AttributeValueMemberS); ok {
		return s.Value
	}
	return ""
}

func names(it item) []string {
	out := make([]string, 0, len(it))
	for name := range it {
		out = append(out, name)
	}
	sort.Strings(out)
	return out
}
