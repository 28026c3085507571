// Command mail-deliver sends mails as they enter the outbox.
package main

import (
	_ "time/tzdata" // the functions' image has no time zones

	"profiles/shared/app"
	"profiles/shared/mail"
	"profiles/shared/operation"
)

func main() { app.Serve(operation.MailDeliver, app.WithCourier(mail.FromEnvironment)) }
