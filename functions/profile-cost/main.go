// Command profile-cost returns what an own profile costs in a month, by service.
package main

import (
	_ "time/tzdata" // the functions' image has no time zones

	"profiles/shared/app"
	"profiles/shared/operation"
)

func main() { app.Serve(operation.ProfileCost) }
