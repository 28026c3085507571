package core

import (
	"context"

	"profiles/shared/flow"
)

// BatchSize is the most items that one batch reads.
const BatchSize = 100

// First returns the first n values of a walk, or all if there are fewer.
func First[T any](walk func(func(T, error) bool), n int) (out []T, err error) {
	for v, err := range walk {
		if err != nil {
			return nil, err
		}
		if out = append(out, v); len(out) >= n {
			break
		}
	}
	return out, nil
}

// ScanPage is how many entries of a list one round trip reads that looks for
// entries which a filter selects.
const ScanPage = 250

// Page is a page of a list.
type Page[T any] struct {
	Rows    []T
	Scanned int // how many entries were searched
	// Last is the last entry that was searched. The next page begins behind it,
	// if there may be more.
	Last T
	More bool
}

// ReadPage reads a walk until want entries are selected, or most are searched;
// 0 is no bound. More is true when the search ended before the walk did: the
// entries that follow may be none that are selected.
func ReadPage[T any](
	walk func(func(T, error) bool), want, most int, selects func(T) bool,
) (p Page[T], err error) {
	for v, err := range walk {
		if err != nil {
			return p, err
		}
		if len(p.Rows) == want {
			p.More = true
			break
		}
		p.Last = v
		if p.Scanned++; selects(v) {
			p.Rows = append(p.Rows, v)
		}
		if p.Scanned == most {
			p.More = true
			break
		}
	}
	return p, nil
}

// Parallel is flow.Parallel for an operation that puts use cases together.
func Parallel(ctx context.Context, reads ...func(context.Context) error) error {
	return flow.Parallel(ctx, reads...)
}
