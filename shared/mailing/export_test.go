package mailing

import "slices"

// Listed are the kinds that are about security, and those that are not.
func Listed() []Kind { return slices.Concat(security, ordinary) }
