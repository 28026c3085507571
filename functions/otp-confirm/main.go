// Command otp-confirm enables the second factor that is set up, with its first pin; answers with recovery codes for the first one.
package main

import (
	"profiles/shared/app"
	"profiles/shared/operation"
)

func main() { app.Serve(operation.OtpConfirm) }
