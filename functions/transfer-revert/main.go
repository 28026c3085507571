// Command transfer-revert asks for a completed transfer back, or agrees to that; asks for the password.
package main

import (
	"profiles/shared/app"
	"profiles/shared/operation"
)

func main() { app.Serve(operation.TransferRevert) }
