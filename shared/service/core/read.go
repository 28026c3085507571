package core

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
