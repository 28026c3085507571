//go:build race

package service_test

import "flag"

// Walks go one step after the other, where the race detector has little to find and takes five times as long: under it there are fewer of them.
// The tests on the second engine run without it, and walk as often as rapid does by itself.
func init() { flag.Set("rapid.checks", "25") }
