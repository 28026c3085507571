// Command transfer-expire reminds of open transfers, completes those that waited, and ends those whose time has come.
package main

import (
	"profiles/shared/app"
	"profiles/shared/operation"
)

func main() { app.Serve(operation.TransferExpire) }
