package core

// BatchSize is how many things one read may ask for.
const BatchSize = 100

// First returns at most n of what a walk finds.
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
