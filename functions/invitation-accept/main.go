// Command invitation-accept accepts an invitation for the account that is signed in, which must hold the invited address.
package main

import (
	"profiles/shared/app"
	"profiles/shared/operation"
)

func main() { app.Serve(operation.InvitationAccept) }
