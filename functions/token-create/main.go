// Command token-create makes a token of a profile; asks for the password. The token is shown this once.
package main

import (
	_ "time/tzdata" // the functions' image has no time zones

	"profiles/shared/app"
	"profiles/shared/operation"
)

func main() { app.Serve(operation.TokenCreate) }
