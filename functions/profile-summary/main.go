// Command profile-summary returns a profile's limits, use and add-ons.
package main

import (
	"profiles/shared/app"
	"profiles/shared/operation"
)

func main() { app.Serve(operation.ProfileSummary) }
