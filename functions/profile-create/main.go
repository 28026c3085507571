// Command profile-create adds a profile to the account, up to the limit of its plan.
package main

import (
	"profiles/shared/app"
	"profiles/shared/operation"
)

func main() { app.Serve(operation.ProfileCreate) }
