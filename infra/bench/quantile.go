package main

import (
	"cmp"
	"math"
	"slices"
)

// quantile is the smallest of the values that is not below a share q of them;
// there must be values.
func quantile[T cmp.Ordered](values []T, q float64) T {
	sorted := slices.Sorted(slices.Values(values))
	return sorted[max(0, int(math.Ceil(q*float64(len(sorted))))-1)]
}

func median[T cmp.Ordered](values []T) T { return quantile(values, 0.5) }
