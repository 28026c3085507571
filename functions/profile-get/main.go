// Command profile-get returns a profile.
package main

import (
	"profiles/shared/app"
	"profiles/shared/operation"
)

func main() { app.Serve(operation.ProfileGet) }
