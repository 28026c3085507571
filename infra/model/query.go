package model

import (
	"cmp"
	"context"
	"fmt"
	"hash/fnv"
	"slices"
	"sort"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
)

// mostPage is how many bytes a page reads: Developer Guide, "Paginating table
// query results".
const mostPage = 1 << 20

// page is what one request of a query or scan reads.
type page struct {
	scope
	filter, shown *parsed
	limit         int
	keys          []string // attributes of the key after a page
	items         []Item
	scanned       int
	bytes         int
	next          Item
}

// read adds an item to the page, and reports whether the page is full.
func (p *page) read(it Item) (full bool, err error) {
	p.scanned++
	p.bytes += sizeOf(it)
	ok, err := p.holds(p.filter, it)
	if err != nil {
		return false, err
	}
	if ok {
		p.items = append(p.items, p.project(it))
	}
	if full = p.scanned == p.limit || p.bytes >= mostPage; full {
		p.next = Item{}
		for _, name := range p.keys {
			p.next[name] = clone(it[name])
		}
	}
	return full, nil
}

func (p *page) project(it Item) Item {
	if p.shown == nil {
		return cloneItem(it)
	}
	out := Item{}
	for _, path := range p.shown.paths {
		if v := it[p.name(path[0])]; v != nil {
			out[p.name(path[0])] = clone(v)
		}
	}
	return out
}

// pageOf reads what a query and a scan have in common.
func pageOf(
	names map[string]string, values Item, key, filter, shown *string, limit *int32,
) (p *page, keys *parsed, err error) {
	p = new(page)
	for _, e := range []struct {
		kind string
		text *string
		into **parsed
	}{
		{"KeyCondition", key, &keys},
		{"Filter", filter, &p.filter},
		{"Projection", shown, &p.shown},
	} {
		if e.text == nil {
			continue
		}
		if *e.into, err = parse(e.kind, *e.text); err != nil {
			return nil, nil, err
		}
	}
	if p.shown != nil {
		for _, path := range p.shown.paths {
			if len(path) > 1 {
				return nil, nil, fmt.Errorf("the model has no projection to a part: %q", *shown)
			}
		}
	}
	if limit != nil {
		if p.limit = int(*limit); p.limit < 1 {
			return nil, nil, invalid("Limit must be greater than or equal to 1")
		}
	}
	p.scope, err = admitScope(names, values, keys, p.filter, p.shown)
	return p, keys, err
}

func (d *DB) query(ctx context.Context, in *dynamodb.QueryInput) (any, error) {
	p, keys, err := pageOf(
		in.ExpressionAttributeNames, in.ExpressionAttributeValues,
		in.KeyConditionExpression, in.FilterExpression, in.ProjectionExpression, in.Limit,
	)
	if err == nil && keys == nil {
		err = invalid("Either the KeyConditions or KeyConditionExpression parameter " +
			"must be specified in the request.")
	}
	if err != nil {
		return nil, err
	}
	out := new(dynamodb.QueryOutput)
	return out, travel(ctx, d.params.Read, func() error {
		d.mu.Lock()
		defer d.mu.Unlock()
		u, err := d.readRange(in, p, keys)
		if err != nil {
			return err
		}
		out.Items, out.LastEvaluatedKey = p.items, p.next
		out.Count, out.ScannedCount = int32(len(p.items)), int32(p.scanned)
		out.ConsumedCapacity, err = consumed(in.ReturnConsumedCapacity, in.TableName, u)
		return err
	})
}

// readRange fills the page of a query, and returns its cost.
func (d *DB) readRange(in *dynamodb.QueryInput, p *page, keys *parsed) (float64, error) {
	t, err := d.table(in.TableName)
	if err != nil {
		return 0, err
	}
	key, x, name := t.key, (*index)(nil), aws.ToString(in.IndexName)
	p.keys = []string{t.key.partition, t.key.sort}
	if in.IndexName != nil {
		if x = t.indexes[name]; x == nil {
			return 0, invalid("The table does not have the specified index: " + name)
		}
		if aws.ToBool(in.ConsistentRead) {
			return 0, invalid("Consistent reads are not supported on global secondary indexes")
		}
		key = x.key
		p.keys = append(p.keys, key.partition, key.sort)
	}
	span, err := p.spanOf(keys.condition, key)
	if err != nil {
		return 0, err
	}
	rows := t.rows(x, span.pk)
	low := sort.Search(rows.n, func(i int) bool { return span.from(rows.key(i)) })
	high := sort.Search(rows.n, func(i int) bool { return span.after(rows.key(i)) })
	back := in.ScanIndexForward != nil && !*in.ScanIndexForward
	if start := in.ExclusiveStartKey; start != nil {
		at, err := p.start(t, start)
		if err != nil {
			return 0, err
		}
		e := entry{sort: at.sk, of: at}
		if x != nil {
			e.sort = start[key.sort].(*vS).Value
		}
		if back {
			high = min(high, sort.Search(rows.n, func(i int) bool {
				return rows.at(i).order(e) >= 0
			}))
		} else {
			low = max(low, sort.Search(rows.n, func(i int) bool {
				return rows.at(i).order(e) > 0
			}))
		}
	}
	for i := low; i < high; i++ {
		at := i
		if back {
			at = high - 1 - (i - low)
		}
		full, err := p.read(rows.at(at).item)
		if err != nil {
			return 0, err
		}
		if full {
			break
		}
	}
	u := readUnits(p.bytes, in.ConsistentRead)
	if !d.takeReads(d.bucket(t, name, place{pk: span.pk}), u) {
		return 0, throttled()
	}
	return u, nil
}

// rows are what a partition of the table or of an index has, in order.
type rows struct {
	n   int
	key func(i int) string
	at  func(i int) entry
}

// rows returns those of the index x, or of the table itself if that is nil.
func (t *table) rows(x *index, pk string) rows {
	if x != nil {
		of := x.entries[pk]
		return rows{
			len(of),
			func(i int) string { return of[i].sort },
			func(i int) entry { return of[i] },
		}
	}
	p := t.partitions[pk]
	if p == nil {
		return rows{}
	}
	return rows{
		len(p.sorted),
		func(i int) string { return p.sorted[i] },
		func(i int) entry {
			sk := p.sorted[i]
			return entry{sk, place{pk, sk}, p.items[sk]}
		},
	}
}

// start reads the key after which a page begins.
func (p *page) start(t *table, from Item) (place, error) {
	for _, name := range p.keys {
		if _, ok := from[name].(*vS); !ok || len(from) != len(p.keys) {
			return place{}, invalid("The provided starting key is invalid")
		}
	}
	return place{from[t.key.partition].(*vS).Value, from[t.key.sort].(*vS).Value}, nil
}

// span is a range of sort keys. from and after are false and then true along
// the order: from at the first key in the range, after behind the last one.
type span struct {
	pk          string
	from, after func(string) bool
}

// spanOf reads a key condition: one value of the partition key, and at most one
// test of the sort key.
func (s scope) spanOf(n *node, key schema) (span, error) {
	unknown := invalid("Query key condition not supported")
	out := span{
		from:  func(string) bool { return true },
		after: func(string) bool { return false },
	}
	tests := []*node{n}
	if n.op == "AND" {
		tests = n.of
	}
	seen := map[string]bool{}
	for _, test := range tests {
		if len(test.args) < 2 || len(test.args[0].path) != 1 {
			return span{}, unknown
		}
		name := s.name(test.args[0].path[0])
		var to [2]string
		for i, a := range test.args[1:] {
			v, ok := s.values[a.value].(*vS)
			if !ok || i > 1 || v.Value == "" {
				return span{}, unknown
			}
			to[i] = v.Value
		}
		if seen[name] {
			return span{}, unknown
		}
		seen[name] = true
		switch {
		case name == key.partition && test.op == "=":
			out.pk = to[0]
		case name == key.sort:
			if err := out.bound(test.op, to[0], to[1]); err != nil {
				return span{}, err
			}
		default:
			return span{}, unknown
		}
	}
	if out.pk == "" {
		return span{}, invalid("Query condition missed key schema element: " + key.partition)
	}
	return out, nil
}

func (s *span) bound(op, a, b string) error {
	atLeast := func(k string) bool { return k >= a }
	above := func(k string) bool { return k > a }
	switch op {
	case "=":
		s.from, s.after = atLeast, above
	case "<":
		s.after = atLeast
	case "<=":
		s.after = above
	case ">":
		s.from = above
	case ">=":
		s.from = atLeast
	case "begins_with":
		s.from = atLeast
		s.after = func(k string) bool { return k > a && !strings.HasPrefix(k, a) }
	case "BETWEEN":
		if a > b {
			return invalid("Invalid KeyConditionExpression: The BETWEEN operator requires upper " +
				"bound to be greater than or equal to lower bound")
		}
		s.from, s.after = atLeast, func(k string) bool { return k > b }
	default:
		return invalid("Query key condition not supported")
	}
	return nil
}

func (d *DB) scan(ctx context.Context, in *dynamodb.ScanInput) (any, error) {
	p, _, err := pageOf(
		in.ExpressionAttributeNames, in.ExpressionAttributeValues,
		nil, in.FilterExpression, in.ProjectionExpression, in.Limit,
	)
	if err != nil {
		return nil, err
	}
	out := new(dynamodb.ScanOutput)
	return out, travel(ctx, d.params.Read, func() error {
		d.mu.Lock()
		defer d.mu.Unlock()
		t, err := d.table(in.TableName)
		if err != nil {
			return err
		}
		if err := t.readAll(in.ExclusiveStartKey, p); err != nil {
			return err
		}
		// A scan goes over all partitions, so that no single one limits it.
		u := readUnits(p.bytes, in.ConsistentRead)
		d.counts.RCU += u
		out.Items, out.LastEvaluatedKey = p.items, p.next
		out.Count, out.ScannedCount = int32(len(p.items)), int32(p.scanned)
		out.ConsumedCapacity, err = consumed(in.ReturnConsumedCapacity, in.TableName, u)
		return err
	})
}

// readAll fills the page of a scan. Partitions are in the order of a hash.
func (t *table) readAll(from Item, p *page) error {
	p.keys = []string{t.key.partition, t.key.sort}
	var start place
	if from != nil {
		var err error
		if start, err = p.start(t, from); err != nil {
			return err
		}
	}
	type spot struct {
		hash uint64
		pk   string
	}
	spotOf := func(pk string) spot {
		h := fnv.New64a()
		_, _ = h.Write([]byte(pk))
		return spot{h.Sum64(), pk}
	}
	order := func(a, b spot) int {
		return cmp.Or(cmp.Compare(a.hash, b.hash), cmp.Compare(a.pk, b.pk))
	}
	spots := make([]spot, 0, len(t.partitions))
	for pk := range t.partitions {
		if s := spotOf(pk); from == nil || order(s, spotOf(start.pk)) >= 0 {
			spots = append(spots, s)
		}
	}
	slices.SortFunc(spots, order)
	for _, s := range spots {
		part := t.partitions[s.pk]
		for _, sk := range part.sorted {
			if from != nil && s.pk == start.pk && sk <= start.sk {
				continue
			}
			if full, err := p.read(part.items[sk]); full || err != nil {
				return err
			}
		}
	}
	return nil
}
