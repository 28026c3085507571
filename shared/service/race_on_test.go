//go:build race

package service_test

import "flag"

// Walks go one step after the other, where the race detector has little to find and takes five times as long: under it there are fewer of them.
func init() { flag.Set("rapid.checks", "25") }
