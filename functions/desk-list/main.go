// Command desk-list lists the open transfers for support agents, oldest first, with their age against the target.
package main

import (
	"profiles/shared/app"
	"profiles/shared/operation"
)

func main() { app.Serve(operation.DeskList) }
