// Command addon-list returns which add-ons a profile has.
package main

import (
	"profiles/shared/app"
	"profiles/shared/operation"
)

func main() { app.Serve(operation.AddonList) }
