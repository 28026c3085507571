// Command transfer-confirm confirms a request with the code from the owner's mail; asks for the password.
package main

import (
	"profiles/shared/app"
	"profiles/shared/operation"
)

func main() { app.Serve(operation.TransferConfirm) }
