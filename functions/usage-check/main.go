// Command usage-check returns to a data plane what a profile has used, and what of it is blocked.
package main

import (
	"profiles/shared/app"
	"profiles/shared/operation"
)

func main() { app.Serve(operation.UsageCheck) }
