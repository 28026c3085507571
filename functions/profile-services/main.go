// Command profile-services sets what an own profile has of the account's services.
package main

import (
	"profiles/shared/app"
	"profiles/shared/operation"
)

func main() { app.Serve(operation.ProfileServices) }
