// Command transfer-request offers an own profile to another account and opens a ticket at the support desk; asks for the password.
package main

import (
	"profiles/shared/app"
	"profiles/shared/operation"
)

func main() { app.Serve(operation.TransferRequest) }
