// Command account-create signs a person up and mails the link that confirms the address.
package main

import (
	_ "time/tzdata" // the functions' image has no time zones

	"profiles/shared/app"
	"profiles/shared/operation"
)

func main() { app.Serve(operation.AccountCreate) }
