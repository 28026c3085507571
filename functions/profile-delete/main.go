// Command profile-delete deletes an own profile for good; asks for the password.
package main

import (
	"profiles/shared/app"
	"profiles/shared/operation"
)

func main() { app.Serve(operation.ProfileDelete) }
