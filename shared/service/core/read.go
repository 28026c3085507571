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

// Parallel is flow.Parallel for an operation that puts use cases together.
func Parallel(ctx context.Context, reads ...func(context.Context) error) error {
	return flow.Parallel(ctx, reads...)
}
