// Command desk-reject rejects a transfer for the support desk, with a reason that both sides read.
package main

import (
	"profiles/shared/app"
	"profiles/shared/operation"
)

func main() { app.Serve(operation.DeskReject) }
