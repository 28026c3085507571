package main

import "testing"

func TestQuantile(t *testing.T) {
	t.Parallel()
	hundred := make([]int, 100)
	for i := range hundred {
		hundred[i] = 100 - i
	}
	for name, c := range map[string]struct {
		values []int
		q      float64
		want   int
	}{
		"the only value":         {[]int{7}, 0.99, 7},
		"the middle of three":    {[]int{9, 1, 5}, 0.5, 5},
		"the lower of two":       {[]int{2, 1}, 0.5, 1},
		"99 of 100 are not more": {hundred, 0.99, 99},
		"the smallest":           {hundred, 0, 1},
		"the largest":            {hundred, 1, 100},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if got := quantile(c.values, c.q); got != c.want {
				t.Errorf("got %d, want %d", got, c.want)
			}
		})
	}
}
