// Command team-accept accepts an invitation with the code from the mail, for the account of the invited address.
package main

import (
	"profiles/shared/app"
	"profiles/shared/operation"
)

func main() { app.Serve(operation.TeamAccept) }
