// Command plan-set changes the plan, as the subscription does.
package main

import (
	"profiles/shared/app"
	"profiles/shared/operation"
)

func main() { app.Serve(operation.PlanSet) }
