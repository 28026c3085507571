// Command profile-edit changes a profile's name, logo and banner.
package main

import (
	"profiles/shared/app"
	"profiles/shared/operation"
)

func main() { app.Serve(operation.ProfileEdit) }
