// Command addon-edit adds add-ons to an own profile, or ends them with the cycle.
package main

import (
	"profiles/shared/app"
	"profiles/shared/operation"
)

func main() { app.Serve(operation.AddonEdit) }
