// Command account-delete deletes the account that the token acts for; asks for fresh proof.
package main

import (
	"profiles/shared/app"
	"profiles/shared/operation"
)

func main() { app.Serve(operation.AccountDelete) }
