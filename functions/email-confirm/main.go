// Command email-confirm makes a new address that of the account, with the code from the mail to it.
package main

import (
	"profiles/shared/app"
	"profiles/shared/operation"
)

func main() { app.Serve(operation.EmailConfirm) }
