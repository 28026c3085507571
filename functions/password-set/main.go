// Command password-set sets a new password, with a code from the mail in place of the token, or with the current one.
package main

import (
	"profiles/shared/app"
	"profiles/shared/operation"
)

func main() { app.Serve(operation.PasswordSet) }
