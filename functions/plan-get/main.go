// Command plan-get returns the account's plan.
package main

import (
	"profiles/shared/app"
	"profiles/shared/operation"
)

func main() { app.Serve(operation.PlanGet) }
