// Command mail-retry sends mails that are due and still unsent.
package main

import (
	"profiles/shared/app"
	"profiles/shared/mail"
	"profiles/shared/operation"
)

func main() { app.Serve(operation.MailRetry, app.WithCourier(mail.FromEnvironment)) }
