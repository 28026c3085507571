// Command account-cost returns what the account costs in a month, by profile and service, and what its renewal will cost.
package main

import (
	_ "time/tzdata" // the functions' image has no time zones

	"profiles/shared/app"
	"profiles/shared/operation"
)

func main() { app.Serve(operation.AccountCost) }
