// Command mail-retry sends mails that are due and still unsent.
package main

import (
	_ "time/tzdata" // the functions' image has no time zones

	"profiles/shared/app"
	"profiles/shared/mail"
	"profiles/shared/operation"
)

func main() { app.Serve(operation.MailRetry, app.WithCourier(mail.FromEnvironment)) }
