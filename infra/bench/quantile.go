package main

import (
	"cmp"
	"slices"
)

// quantile is the smallest of the values that at least the share q of them do not exceed; the values must not be empty.
func quantile[T cmp.Ordered](values []T, q float64) T {
	sorted := slices.Sorted(slices.Values(values))
	i := int(q * float64(len(sorted)))
	return sorted[min(i, len(sorted)-1)]
}
