// Command transfer-list lists the transfers that the account gives, receives or is offered, newest first.
package main

import (
	"profiles/shared/app"
	"profiles/shared/operation"
)

func main() { app.Serve(operation.TransferList) }
