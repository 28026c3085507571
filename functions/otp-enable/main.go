// Command otp-enable begins to set up a second factor: answers with an authenticator's otpauth URL, or mails the first pin; asks for fresh proof.
package main

import (
	"profiles/shared/app"
	"profiles/shared/operation"
)

func main() { app.Serve(operation.OtpEnable) }
