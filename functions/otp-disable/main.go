// Command otp-disable ends a second factor; asks for fresh proof.
package main

import (
	"profiles/shared/app"
	"profiles/shared/operation"
)

func main() { app.Serve(operation.OtpDisable) }
