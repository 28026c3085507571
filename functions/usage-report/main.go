// Command usage-report counts what a data plane has seen a profile use, and says which lines are admitted.
package main

import (
	"profiles/shared/app"
	"profiles/shared/operation"
)

func main() { app.Serve(operation.UsageReport) }
