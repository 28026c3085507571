// Command token-policy-set says how long tokens of an own profile may live.
package main

import (
	"profiles/shared/app"
	"profiles/shared/operation"
)

func main() { app.Serve(operation.TokenPolicySet) }
