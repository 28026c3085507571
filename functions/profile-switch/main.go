// Command profile-switch moves the calling token to another profile of its account.
package main

import (
	"profiles/shared/app"
	"profiles/shared/operation"
)

func main() { app.Serve(operation.ProfileSwitch) }
