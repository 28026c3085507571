package main

import (
	"cmp"
	"fmt"
	"io"
	"strconv"

	"profiles/infra/program"
)

// reach is how far from a taken default port a free one is looked for.
const reach = 100

// port returns the port to listen at, 0 for any free one. A port that the
// variable names is taken as it is, and must be free. Without it the default is
// used, or the next free port, which is said on log. taken are ports given away
// but not yet in use.
func port(name, value string, byDefault int, taken map[int]bool, log io.Writer) (int, error) {
	unusable := func(n int) error {
		if taken[n] {
			return fmt.Errorf("port %d is given away already", n)
		}
		return program.Listenable(n)
	}
	if value != "" {
		n, err := strconv.Atoi(value)
		switch {
		case err != nil || n < 0 || n > 65535:
			return 0, fmt.Errorf(
				"%s is %q: it must be a port from 1 to 65535, or 0 for any free one",
				name,
				value,
			)
		case n == 0:
			// The listener chooses a free port itself. If this function chose
			// one, another program could take it in the meantime.
			return 0, nil
		}
		if err := unusable(n); err != nil {
			return 0, fmt.Errorf(
				"%s is %d: %w; choose another one, or leave %s out",
				name,
				n,
				err,
				name,
			)
		}
		taken[n] = true
		return n, nil
	}
	var first error
	for n := byDefault; n < byDefault+reach; n++ {
		err := unusable(n)
		if err != nil {
			first = cmp.Or(first, err)
			continue
		}
		if first != nil {
			fmt.Fprintf(log, "%v: taking %d instead (make variable %s)\n", first, n, name)
		}
		taken[n] = true
		return n, nil
	}
	return 0, fmt.Errorf(
		"no port from %d to %d is free: set %s",
		byDefault,
		byDefault+reach-1,
		name,
	)
}
