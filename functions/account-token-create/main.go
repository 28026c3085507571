// Command account-token-create makes a token at sign-in: the password takes the place of a token.
package main

import (
	_ "time/tzdata" // the functions' image has no time zones

	"profiles/shared/app"
	"profiles/shared/operation"
)

func main() { app.Serve(operation.AccountTokenCreate) }
