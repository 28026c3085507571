// Command account-confirm confirms the address of a sign-up with the code from the mail; makes the first profile.
package main

import (
	"profiles/shared/app"
	"profiles/shared/operation"
)

func main() { app.Serve(operation.AccountConfirm) }
