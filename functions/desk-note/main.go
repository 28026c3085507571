// Command desk-note tells or asks the owner something by mail, or records the owner's answer.
package main

import (
	"profiles/shared/app"
	"profiles/shared/operation"
)

func main() { app.Serve(operation.DeskNote) }
