// Command otp-recovery makes new recovery codes, shown this once, in place of those before; asks for fresh proof.
package main

import (
	"profiles/shared/app"
	"profiles/shared/operation"
)

func main() { app.Serve(operation.OtpRecovery) }
