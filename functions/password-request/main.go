// Command password-request mails a code that sets a new password.
package main

import (
	"profiles/shared/app"
	"profiles/shared/operation"
)

func main() { app.Serve(operation.PasswordRequest) }
