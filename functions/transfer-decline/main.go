// Command transfer-decline declines an offered profile with the code from the mail; asks for the password.
package main

import (
	"profiles/shared/app"
	"profiles/shared/operation"
)

func main() { app.Serve(operation.TransferDecline) }
