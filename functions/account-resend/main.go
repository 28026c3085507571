// Command account-resend mails a new confirmation link to an address that waits for one.
package main

import (
	"profiles/shared/app"
	"profiles/shared/operation"
)

func main() { app.Serve(operation.AccountResend) }
