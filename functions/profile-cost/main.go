// Command profile-cost returns what an own profile costs in a month, by service.
package main

import (
	"profiles/shared/app"
	"profiles/shared/operation"
)

func main() { app.Serve(operation.ProfileCost) }
