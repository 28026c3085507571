package main

import (
	"fmt"
	"slices"
	"strings"

	"profiles/shared/operation"
)

// throttles are the limits of single routes: each that takes no credential has
// its own, so that a flood of it takes nothing from the others. The rest share
// those of the stage.
func throttles(operations []operation.Operation) string {
	var keys []string
	for _, o := range operations {
		if !o.Open() {
			continue
		}
		for _, r := range o.Declared() {
			keys = append(keys, routeKey(r))
		}
	}
	slices.Sort(keys)
	var b strings.Builder
	b.WriteString("      # Routes that take no credential: each has a limit of its own.\n" +
		"      RouteSettings:\n")
	for _, key := range keys {
		fmt.Fprintf(&b, "        %q: {ThrottlingRateLimit: !Ref OpenRequestRate, "+
			"ThrottlingBurstLimit: !Ref OpenRequestBurst}\n", key)
	}
	return b.String()
}

// routeKey is the name of a route at API Gateway.
func routeKey(r operation.Route) string {
	return strings.TrimSpace(r.Method + " " + r.Path)
}
