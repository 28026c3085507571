// Command otp-request mails a pin to a person who signs in or proves something again, and whose account asks for pins by mail.
package main

import (
	"profiles/shared/app"
	"profiles/shared/operation"
)

func main() { app.Serve(operation.OtpRequest) }
