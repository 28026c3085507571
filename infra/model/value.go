package model

import (
	"bytes"
	"hash/maphash"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
)

// Item is an item as the SDK has it.
type Item = map[string]types.AttributeValue

type (
	vS    = types.AttributeValueMemberS
	vN    = types.AttributeValueMemberN
	vB    = types.AttributeValueMemberB
	vBOOL = types.AttributeValueMemberBOOL
	vNULL = types.AttributeValueMemberNULL
	vM    = types.AttributeValueMemberM
	vL    = types.AttributeValueMemberL
	vSS   = types.AttributeValueMemberSS
	vNS   = types.AttributeValueMemberNS
	vBS   = types.AttributeValueMemberBS
)

// deepest is how many levels of lists and maps a value may have: Developer
// Guide, "Quotas in Amazon DynamoDB", nested attribute depth.
const deepest = 32

// cloneItem is a copy that shares nothing with the original.
func cloneItem(it Item) Item {
	if it == nil {
		return nil
	}
	out := make(Item, len(it))
	for name, v := range it {
		out[name] = clone(v)
	}
	return out
}

func clone(v types.AttributeValue) types.AttributeValue {
	switch v := v.(type) {
	case *vS:
		return &vS{Value: v.Value}
	case *vN:
		return &vN{Value: v.Value}
	case *vB:
		return &vB{Value: bytes.Clone(v.Value)}
	case *vBOOL:
		return &vBOOL{Value: v.Value}
	case *vNULL:
		return &vNULL{Value: v.Value}
	case *vM:
		return &vM{Value: cloneItem(v.Value)}
	case *vL:
		l := make([]types.AttributeValue, len(v.Value))
		for i, x := range v.Value {
			l[i] = clone(x)
		}
		return &vL{Value: l}
	case *vSS:
		return &vSS{Value: slices.Clone(v.Value)}
	case *vNS:
		return &vNS{Value: slices.Clone(v.Value)}
	case *vBS:
		b := make([][]byte, len(v.Value))
		for i, x := range v.Value {
			b[i] = bytes.Clone(x)
		}
		return &vBS{Value: b}
	}
	return v
}

// admit returns a value as the table keeps it, a copy with canonical numbers.
// It fails for one that DynamoDB refuses.
func admit(v types.AttributeValue, depth int) (types.AttributeValue, error) {
	if depth > deepest {
		return nil, invalid("Nesting Levels have exceeded supported limits")
	}
	switch v := v.(type) {
	case *vS:
		if !utf8.ValidString(v.Value) {
			return nil, invalid("a string is not in UTF-8")
		}
	case *vN:
		n, err := canonical(v.Value)
		return &vN{Value: n}, err
	case *vM:
		m, err := admitItem(v.Value, depth+1)
		return &vM{Value: m}, err
	case *vL:
		l := make([]types.AttributeValue, len(v.Value))
		var err error
		for i, x := range v.Value {
			if l[i], err = admit(x, depth+1); err != nil {
				return nil, err
			}
		}
		return &vL{Value: l}, nil
	case *vNS:
		numbers := make([]string, len(v.Value))
		var err error
		for i, x := range v.Value {
			if numbers[i], err = canonical(x); err != nil {
				return nil, err
			}
		}
		return &vNS{Value: numbers}, aSet(numbers)
	case *vSS:
		if err := aSet(v.Value); err != nil {
			return nil, err
		}
	case *vBS:
		if err := aSet(byteTexts(v.Value)); err != nil {
			return nil, err
		}
	case nil:
		return nil, invalid("Supplied AttributeValue is empty, " +
			"must contain exactly one of the supported datatypes")
	}
	return clone(v), nil
}

func admitItem(it Item, depth int) (Item, error) {
	out := make(Item, len(it))
	for name, v := range it {
		kept, err := admit(v, depth)
		if err != nil {
			return nil, err
		}
		out[name] = kept
	}
	return out, nil
}

func aSet(of []string) error {
	if len(of) == 0 {
		return invalid("One or more parameter values were invalid: An set  may not be empty")
	}
	seen := make(map[string]bool, len(of))
	for _, x := range of {
		if seen[x] {
			return invalid("One or more parameter values were invalid: " +
				"Input collection contains duplicates")
		}
		seen[x] = true
	}
	return nil
}

func byteTexts(of [][]byte) []string {
	out := make([]string, len(of))
	for i, x := range of {
		out[i] = string(x)
	}
	return out
}

// compare returns the order of two values of one type that has an order; ok is
// false for others.
func compare(a, b types.AttributeValue) (order int, ok bool) {
	switch x := a.(type) {
	case *vN:
		if y, ok := b.(*vN); ok {
			return compareNumbers(x.Value, y.Value), true
		}
	case *vS:
		if y, ok := b.(*vS); ok {
			return strings.Compare(x.Value, y.Value), true
		}
	case *vB:
		if y, ok := b.(*vB); ok {
			return bytes.Compare(x.Value, y.Value), true
		}
	}
	return 0, false
}

// equal compares two values of any type; sets have no order.
func equal(a, b types.AttributeValue) bool {
	if order, ok := compare(a, b); ok {
		return order == 0
	}
	switch x := a.(type) {
	case *vBOOL:
		y, ok := b.(*vBOOL)
		return ok && x.Value == y.Value
	case *vNULL:
		_, ok := b.(*vNULL)
		return ok
	case *vM:
		y, ok := b.(*vM)
		if !ok || len(x.Value) != len(y.Value) {
			return false
		}
		for name, v := range x.Value {
			if w, has := y.Value[name]; !has || !equal(v, w) {
				return false
			}
		}
		return true
	case *vL:
		y, ok := b.(*vL)
		return ok && slices.EqualFunc(x.Value, y.Value, equal)
	}
	x, sort := elements(a)
	y, other := elements(b)
	return sort != "" && sort == other && len(x) == len(y) &&
		!slices.ContainsFunc(x, func(one string) bool { return !slices.Contains(y, one) })
}

// elements are those of a set, with the name of the set's type; no name for
// what is no set.
func elements(v types.AttributeValue) (of []string, kind string) {
	switch v := v.(type) {
	case *vSS:
		return v.Value, "SS"
	case *vNS:
		return v.Value, "NS"
	case *vBS:
		return byteTexts(v.Value), "BS"
	}
	return nil, ""
}

func setOf(kind string, of []string) types.AttributeValue {
	switch kind {
	case "SS":
		return &vSS{Value: of}
	case "NS":
		return &vNS{Value: of}
	}
	b := make([][]byte, len(of))
	for i, x := range of {
		b[i] = []byte(x)
	}
	return &vBS{Value: b}
}

// sizeOf is the size of an item in bytes: Developer Guide, "DynamoDB item sizes
// and formats".
func sizeOf(it Item) (n int) {
	for name, v := range it {
		n += len(name) + valueSize(v)
	}
	return n
}

func valueSize(v types.AttributeValue) (n int) {
	switch v := v.(type) {
	case *vS:
		return len(v.Value)
	case *vN:
		return numberSize(v.Value)
	case *vB:
		return len(v.Value)
	case *vBOOL, *vNULL:
		return 1
	case *vM:
		n = 3 + len(v.Value)
		return n + sizeOf(v.Value)
	case *vL:
		n = 3 + len(v.Value)
		for _, x := range v.Value {
			n += valueSize(x)
		}
		return n
	case *vNS:
		for _, x := range v.Value {
			n += numberSize(x)
		}
		return n
	}
	of, _ := elements(v)
	for _, x := range of {
		n += len(x)
	}
	return n
}

var seed = maphash.MakeSeed()

// mark is a sum of what a value has, the same for equal ones.
func mark(v types.AttributeValue) uint64 {
	switch v := v.(type) {
	case *vS:
		return maphash.String(seed, "S"+v.Value)
	case *vN:
		return maphash.String(seed, "N"+v.Value)
	case *vB:
		return maphash.Bytes(seed, v.Value) + 1
	case *vBOOL:
		return maphash.Comparable(seed, v.Value)
	case *vM:
		return markItem(v.Value) * 3
	case *vL:
		sum := uint64(5)
		for _, x := range v.Value {
			sum = sum*31 + mark(x)
		}
		return sum
	}
	sum := uint64(7)
	of, kind := elements(v)
	for _, x := range of {
		sum += maphash.String(seed, kind+x)
	}
	return sum
}

func markItem(it Item) (sum uint64) {
	for name, v := range it {
		sum += maphash.Comparable(seed, struct {
			name string
			of   uint64
		}{name, mark(v)})
	}
	return sum
}
