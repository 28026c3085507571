package model

import (
	"maps"
	"slices"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
)

// overlap fails for an update that has a path twice, or a path and one in it.
func (s scope) overlap(e *parsed) error {
	for i, a := range e.updates {
		for _, b := range e.updates[i+1:] {
			n := min(len(a.path), len(b.path))
			if slices.EqualFunc(a.path[:n], b.path[:n], func(x, y string) bool {
				return s.name(x) == s.name(y)
			}) {
				return invalid("Invalid UpdateExpression: Two document paths overlap with each " +
					"other; must remove or rewrite one of these paths")
			}
		}
	}
	return nil
}

// apply returns an item after an update, and the names of the attributes that
// this sets. old stays as it is; it is nil for an item that is made.
func (s scope) apply(e *parsed, old, key Item) (after Item, set []string, err error) {
	if old == nil {
		after = cloneItem(key)
	} else {
		after = maps.Clone(old)
	}
	for _, c := range e.updates {
		top := s.name(c.path[0])
		if len(c.path) > 1 && after[top] != nil {
			after[top] = clone(after[top]) // what is inside is changed in place
		}
		v, err := s.changed(c, old)
		if err != nil {
			return nil, nil, err
		}
		if err := s.put(after, c.path, v); err != nil {
			return nil, nil, err
		}
		if v != nil {
			set = append(set, top)
		}
	}
	return after, set, nil
}

// changed is the value that a part of an update gives to its path; nil removes
// it. All of them see the item as it was before the update.
func (s scope) changed(c change, old Item) (types.AttributeValue, error) {
	if c.clause == "REMOVE" {
		return nil, nil
	}
	to, err := s.value(old, c.to)
	if err != nil {
		return nil, err
	}
	if to == nil {
		return nil, invalid("The provided expression refers to an attribute " +
			"that does not exist in the item")
	}
	if c.clause == "SET" {
		return clone(to), nil
	}
	was := s.lookup(old, c.path)
	if n, ok := to.(*vN); ok && c.clause == "ADD" {
		if was == nil {
			return clone(to), nil
		}
		m, ok := was.(*vN)
		if !ok {
			return nil, mismatch()
		}
		sum, err := plus(m.Value, n.Value, false)
		return &vN{Value: sum}, err
	}
	of, kind := elements(to)
	if kind == "" {
		return nil, invalid("Invalid UpdateExpression: Incorrect operand type for operator " +
			"or function; operator: " + c.clause)
	}
	have, other := elements(was)
	if was != nil && other != kind {
		return nil, mismatch()
	}
	if c.clause == "DELETE" {
		left := slices.DeleteFunc(slices.Clone(have), func(x string) bool {
			return slices.Contains(of, x)
		})
		if len(left) == 0 {
			return nil, nil
		}
		return setOf(kind, left), nil
	}
	all := slices.Clone(have)
	for _, x := range of {
		if !slices.Contains(all, x) {
			all = append(all, x)
		}
	}
	return setOf(kind, all), nil
}

func mismatch() error {
	return invalid("An operand in the update expression has an incorrect data type")
}

// put sets or, with nil, removes what is at a path. The maps on the way must be
// there.
func (s scope) put(it Item, path []string, v types.AttributeValue) error {
	for _, part := range path[:len(path)-1] {
		m, ok := it[s.name(part)].(*vM)
		if !ok {
			return invalid("The document path provided in the update expression " +
				"is invalid for update")
		}
		it = m.Value
	}
	last := s.name(path[len(path)-1])
	if v == nil {
		delete(it, last)
	} else {
		it[last] = v
	}
	return nil
}
