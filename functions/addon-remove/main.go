// Command addon-remove ends an add-on of an own profile with the cycle.
package main

import (
	"profiles/shared/app"
	"profiles/shared/operation"
)

func main() { app.Serve(operation.AddonRemove) }
