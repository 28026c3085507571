//go:build race

package service_test

import "flag"

// Random walks are sequential, so the race detector finds little in them and
// makes them five times as slow. Fewer of them run under it.
func init() { flag.Set("rapid.checks", "25") }
