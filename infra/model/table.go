package model

import (
	"cmp"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
)

// Limits of keys and items: Developer Guide, "Quotas in Amazon DynamoDB".
const (
	longestPartition = 2048
	longestSort      = 1024
	largestItem      = 400 << 10
)

// place is the key of an item.
type place struct{ pk, sk string }

// table is one table. The lock of its model guards it.
type table struct {
	description types.TableDescription
	ttl         string
	key         schema
	indexes     map[string]*index
	partitions  map[string]*partition
	buckets     map[place]*bucket
	locks       map[place]uint64 // the transaction that holds an item
	late        time.Duration
	earlier     map[place][]version // what reads that are late may find
}

// version is an item as it was until a time; nil: there was none.
type version struct {
	item  Item
	until time.Time
}

// schema is the names of a key's attributes.
type schema struct{ partition, sort string }

// partition has the items of one partition key. Items are never changed, only
// replaced.
type partition struct {
	items  map[string]Item
	sorted []string
}

// index is a global secondary index with the keys only.
type index struct {
	key     schema
	entries map[string][]entry // by its partition key, in order
}

// entry is an item as an index has it.
type entry struct {
	sort string
	of   place
	item Item
}

func (e entry) order(f entry) int {
	return cmp.Or(
		cmp.Compare(e.sort, f.sort),
		cmp.Compare(e.of.pk, f.of.pk),
		cmp.Compare(e.of.sk, f.of.sk),
	)
}

// bucket is the capacity that a partition of the table or an index has left.
type bucket struct {
	writes, reads float64
	at            time.Time
}

// bucket returns the capacity of a partition as it is now. index is empty for
// the table itself.
func (d *DB) bucket(t *table, index string, at place) *bucket {
	if !d.params.Split || index != "" {
		at.sk = ""
	}
	at.pk = index + "\x00" + at.pk
	now := time.Now()
	b := t.buckets[at]
	if b == nil {
		b = &bucket{writes: d.params.WCU * d.params.Burst, reads: d.params.RCU * d.params.Burst}
		t.buckets[at] = b
	} else {
		seconds := now.Sub(b.at).Seconds()
		b.writes = min(b.writes+seconds*d.params.WCU, d.params.WCU*d.params.Burst)
		b.reads = min(b.reads+seconds*d.params.RCU, d.params.RCU*d.params.Burst)
	}
	b.at = now
	return b
}

func (t *table) get(at place) Item {
	if p := t.partitions[at.pk]; p != nil {
		return p.items[at.sk]
	}
	return nil
}

// getLate returns an item as it was at some time in the last while.
func (t *table) getLate(at place) Item {
	if t.late > 0 {
		seen := time.Now().Add(-rand.N(t.late))
		for _, v := range t.earlier[at] {
			if v.until.After(seen) {
				return v.item
			}
		}
	}
	return t.get(at)
}

// set puts an item, or removes it with nil.
func (t *table) set(at place, it Item) {
	p := t.partitions[at.pk]
	if p == nil {
		p = &partition{items: map[string]Item{}}
		t.partitions[at.pk] = p
	}
	old := p.items[at.sk]
	if now := time.Now(); t.late > 0 {
		kept := slices.DeleteFunc(t.earlier[at], func(v version) bool {
			return now.Sub(v.until) > t.late
		})
		t.earlier[at] = append(kept, version{old, now})
	}
	for _, x := range t.indexes {
		x.replace(t, at, old, it)
	}
	i, found := slices.BinarySearch(p.sorted, at.sk)
	switch {
	case it == nil && found:
		p.sorted = slices.Delete(p.sorted, i, i+1)
		delete(p.items, at.sk)
		if len(p.items) == 0 {
			delete(t.partitions, at.pk)
		}
	case it != nil:
		if !found {
			p.sorted = slices.Insert(p.sorted, i, at.sk)
		}
		p.items[at.sk] = it
	case len(p.items) == 0:
		delete(t.partitions, at.pk)
	}
}

// entry is what an index has of an item; ok is false for one that lacks a key
// of the index.
func (x *index) entry(t *table, at place, it Item) (pk string, e entry, ok bool) {
	partition, has := it[x.key.partition].(*vS)
	sort, also := it[x.key.sort].(*vS)
	if !has || !also {
		return "", entry{}, false
	}
	return partition.Value, entry{sort.Value, at, Item{
		t.key.partition: it[t.key.partition], t.key.sort: it[t.key.sort],
		x.key.partition: partition, x.key.sort: sort,
	}}, true
}

func (x *index) replace(t *table, at place, old, it Item) {
	was, gone, had := x.entry(t, at, old)
	is, now, has := x.entry(t, at, it)
	if had == has && was == is && gone.sort == now.sort {
		return
	}
	if had {
		entries := x.entries[was]
		if i, found := slices.BinarySearchFunc(entries, gone, entry.order); found {
			x.entries[was] = slices.Delete(entries, i, i+1)
		}
		if len(x.entries[was]) == 0 {
			delete(x.entries, was)
		}
	}
	if has {
		entries := x.entries[is]
		i, _ := slices.BinarySearchFunc(entries, now, entry.order)
		x.entries[is] = slices.Insert(entries, i, now)
	}
}

// units is how many units of a size bytes need.
func units(bytes, size int) float64 { return float64(max(1, (bytes+size-1)/size)) }

const (
	readUnit  = 4 << 10
	writeUnit = 1 << 10
)

// write is what a write costs in the table, without its indexes.
func writeUnits(old, it Item) float64 {
	return units(max(sizeOf(old), sizeOf(it)), writeUnit)
}

// indexWrites is what a write of an item costs in an index, by partitions of
// the index: one unit for each entry that it makes or removes (Developer Guide,
// "Provisioned throughput considerations for global secondary indexes").
func (x *index) indexWrites(t *table, at place, old, it Item) (by map[string]float64) {
	was, gone, had := x.entry(t, at, old)
	is, now, has := x.entry(t, at, it)
	if had == has && was == is && gone.sort == now.sort {
		return nil
	}
	by = map[string]float64{}
	if had {
		by[was] += units(sizeOf(gone.item), writeUnit)
	}
	if has {
		by[is] += units(sizeOf(now.item), writeUnit)
	}
	return by
}

// placeOf reads the key of an item, or of a request if exact.
func (t *table) placeOf(it Item, exact bool) (place, error) {
	if exact && len(it) != 2 {
		return place{}, invalid("The provided key element does not match the schema")
	}
	var out [2]string
	longest := [2]int{longestPartition, longestSort}
	for i, name := range []string{t.key.partition, t.key.sort} {
		v, has := it[name]
		s, text := v.(*vS)
		switch {
		case !has && exact:
			return place{}, invalid("The provided key element does not match the schema")
		case !has:
			return place{}, invalid("One or more parameter values were invalid: " +
				"Missing the key " + name + " in the item")
		case !text && exact:
			return place{}, invalid("The provided key element does not match the schema")
		case !text:
			return place{}, invalid("One or more parameter values were invalid: Type mismatch " +
				"for key " + name + " expected: S actual: " + typeOf(v))
		case s.Value == "":
			return place{}, emptyKey("Key", name)
		case len(s.Value) > longest[i]:
			return place{}, invalid(fmt.Sprintf(
				"One or more parameter values were invalid: Size of %s has exceeded the maximum "+
					"size limit of %d bytes", []string{"hashkey", "rangekey"}[i], longest[i],
			))
		}
		out[i] = s.Value
	}
	return place{out[0], out[1]}, nil
}

func emptyKey(what, name string) error {
	return invalid("One or more parameter values are not valid. The AttributeValue for a key " +
		"attribute cannot contain an empty string value. " + what + ": " + name)
}

// fits fails for an item that the table cannot have.
func (t *table) fits(it Item) error {
	for _, x := range t.indexes {
		for _, name := range []string{x.key.partition, x.key.sort} {
			switch v := it[name].(type) {
			case nil:
			case *vS:
				if v.Value == "" {
					return emptyKey("IndexKey", name)
				}
			default:
				return invalid("One or more parameter values were invalid: Type mismatch for " +
					"Index Key " + name + " Expected: S Actual: " + typeOf(v))
			}
		}
	}
	if sizeOf(it) > largestItem {
		return invalid("Item size has exceeded the maximum allowed size")
	}
	return nil
}

func typeOf(v types.AttributeValue) string {
	if v == nil {
		return ""
	}
	_, name, _ := strings.Cut(fmt.Sprintf("%T", v), "AttributeValueMember")
	return name
}
