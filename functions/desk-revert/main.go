// Command desk-revert is one agent's word for taking a completed transfer back; it takes two.
package main

import (
	"profiles/shared/app"
	"profiles/shared/operation"
)

func main() { app.Serve(operation.DeskRevert) }
